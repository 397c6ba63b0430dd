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
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Headline {
    /// The name of the environment.
    pub environment: String,
    /// What kind of endpoint it has.
    pub endpoint: String,
    /// The account, as its offers show it; `None` as long as it has none.
    pub account: Option<String>,
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
