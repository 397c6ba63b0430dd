//! The JSON that scripts read: one type per document, each with its version.

mod compare;
mod diagnostics;
mod doctor;
mod drift;
mod format;
mod gitlab;
mod import;
mod plan;
mod report;

use serde::Serialize;

use crate::live::Completeness;

pub use self::compare::{
    DiffDocument, DiffEnvironment, DiffSummary, DifferentDocument, DifferentField,
};
pub use self::diagnostics::{DiagnosticDocument, EnvironmentDiagnostics, ValidationDocument};
pub use self::doctor::DoctorDocument;
pub use self::drift::{AcceptedDocument, DriftDocument, DriftSummary, DriftedOffer};
pub use self::format::FormatDocument;
pub use self::gitlab::{
    CodeQualityIssue, CodeQualityLines, CodeQualityLocation, TerraformReport, code_quality,
};
pub use self::import::{
    AdoptedOffer, FileDocument, FoundOffer, ImportDocument, KnownOffer, LeftDocument,
    OfferDocument, OpenName, RebuiltDocument,
};
pub use self::plan::{
    ChangeDocument, FieldDocument, PlanDocument, PlanSummary, ProblemDocument, value_document,
};
pub use self::report::{OutcomeDocument, ReportDocument, ReportSummary};

/// The version of every document so far.
pub const FORMAT_VERSION: u32 = 1;

/// Where something is going on: the headline of every plan and report.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Headline {
    /// The name of the environment.
    pub environment: String,
    /// What kind of endpoint it has.
    pub endpoint: String,
    /// The account, as its offers show it; `None` as long as it has none.
    pub account: Option<String>,
    /// Whether the account shows any offer. Over REST offers do not say whose they are.
    pub has_offers: bool,
    /// Whether the catalogue that was read is certainly whole.
    pub completeness: Completeness,
}

impl Headline {
    /// The account in words; `name` writes what it is called.
    pub(crate) fn account_words(&self, name: impl Fn(&str) -> String) -> String {
        let account = match &self.account {
            Some(account) => format!("account {}", name(account)),
            None if self.has_offers => "account not told".to_owned(),
            None => "account without offers".to_owned(),
        };
        match self.completeness {
            Completeness::Proven => account,
            Completeness::Assumed => account + ", completeness assumed",
        }
    }

    /// What documents say of the completeness: nothing, if it is proven.
    fn assumed(&self) -> Option<Completeness> {
        (self.completeness == Completeness::Assumed).then_some(self.completeness)
    }
}

/// Writes a document as it is printed: indented, with a line break at the end.
///
/// # Panics
///
/// Never: documents have only texts for keys.
pub fn to_text(document: &impl Serialize) -> String {
    let mut text =
        serde_json::to_string_pretty(document).expect("a document has only texts for keys");
    text.push('\n');
    text
}
