//! The JSON that scripts read: one type per document, each with its version.

mod approval;
mod compare;
mod diagnostics;
mod doctor;
mod drift;
mod format;
mod gitlab;
mod import;
mod plan;
mod report;
mod version;

pub use self::approval::{ApprovalDocument, GroupDocument};
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
pub use self::report::{OutcomeDocument, ReportDocument};
pub use self::version::FORMAT_VERSION;
