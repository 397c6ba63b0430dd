//! What GitLab shows beside a merge request: [`CodeQualityIssue`] and [`TerraformReport`], in GitLab's own formats.

use std::collections::BTreeMap;

use offerctl_manifest::diagnostic::{Diagnostic, Severity};
use offerctl_manifest::project::FILE_NAME;
use offerctl_manifest::source::Sources;
use offerctl_reconcile::fingerprint::hash;
use offerctl_reconcile::plan::{Action, Plan};
use serde::Serialize;
use serde_json::json;

/// One entry of a report for `artifacts:reports:codequality`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CodeQualityIssue {
    /// What is wrong.
    pub description: String,
    /// The kind, such as `price-format`.
    pub check_name: String,
    /// What tells that it is the same thing in two reports: lines may move in between.
    pub fingerprint: String,
    /// `major` or `minor`.
    pub severity: &'static str,
    /// Where it is.
    pub location: CodeQualityLocation,
}

/// Where something is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CodeQualityLocation {
    /// The file, seen from the root of the repository.
    pub path: String,
    /// The lines.
    pub lines: CodeQualityLines,
}

/// The lines of something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CodeQualityLines {
    /// The first one, from 1.
    pub begin: usize,
}

/// Returns the report of diagnostics; `folder` stands before the paths of files.
///
/// GitLab wants a place for everything: what has none is shown at the beginning of the project file.
pub fn code_quality<'a>(
    diagnostics: impl IntoIterator<Item = &'a Diagnostic>,
    sources: &Sources,
    folder: &str,
) -> Vec<CodeQualityIssue> {
    let mut seen: BTreeMap<(String, &str, &str), usize> = BTreeMap::new();
    let mut issues = Vec::new();
    for diagnostic in diagnostics {
        let (path, begin) = match sources.place(diagnostic.span, folder) {
            Some((path, position)) => (path, position.line),
            None if folder.is_empty() => (FILE_NAME.to_owned(), 1),
            None => (format!("{folder}/{FILE_NAME}"), 1),
        };
        let code = diagnostic.code.as_str();
        let number = seen
            .entry((path.clone(), code, &diagnostic.message))
            .or_default();
        *number += 1;
        let mut description = diagnostic.message.clone();
        if let Some(help) = &diagnostic.help {
            description.push_str("; ");
            description.push_str(help);
        }
        issues.push(CodeQualityIssue {
            description,
            check_name: code.to_owned(),
            fingerprint: hash(&json!([path, code, diagnostic.message, number])),
            severity: match diagnostic.severity {
                Severity::Error => "major",
                Severity::Warning => "minor",
            },
            location: CodeQualityLocation {
                path,
                lines: CodeQualityLines { begin },
            },
        });
    }
    issues
}

/// A report for `artifacts:reports:terraform`: how much a plan would do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct TerraformReport {
    /// Offers that are made, replacements included.
    pub create: usize,
    /// Offers that are changed, or can be bought again.
    pub update: usize,
    /// Offers that go, replaced ones included.
    pub delete: usize,
}

impl TerraformReport {
    /// Counts the changes of a plan.
    pub fn of(plan: &Plan) -> Self {
        let count = |action| plan.count(action);
        Self {
            create: count(Action::Create) + count(Action::Replace),
            update: count(Action::Update) + count(Action::Activate),
            delete: count(Action::Deactivate) + count(Action::Replace),
        }
    }
}
