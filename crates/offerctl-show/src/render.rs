//! Text for people: plans, reports, drift and diagnostics.
//!
//! Everything is readable without colour: colour repeats what the words already say.

mod accept;
mod annotation;
mod approval;
mod compare;
mod diagnostics;
mod doctor;
mod drift;
mod drift_markdown;
mod file_diff;
mod flow;
mod import;
mod lookalikes;
mod markdown;
mod metrics;
mod page;
mod plan;
mod problem;
mod prose;
mod report;
mod sets;
mod text_diff;

pub use self::accept::{accepted_text, refusals_text};
pub use self::annotation::Annotation;
pub use self::compare::compared_text;
pub use self::diagnostics::diagnostics_text;
pub use self::doctor::doctor_text;
pub use self::drift::drift_text;
pub use self::drift_markdown::drift_markdown;
pub use self::file_diff::file_diff;
pub use self::import::{imported_text, rebuilt_text};
pub use self::markdown::{
    COMMENT_LIMIT, JOB_SUMMARY_LIMIT, LEAST_LIMIT, MarkdownPlan, plan_markdown, plan_marker,
};
pub use self::metrics::drift_metrics;
pub use self::page::{Page, Style};
pub use self::plan::{plan_text, steps_text};
pub use self::report::{outcome_line, report_text, settling_lines};
