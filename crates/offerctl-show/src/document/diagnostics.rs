//! What is wrong with manifests, as a document.

use offerctl_manifest::diagnostic::{Diagnostic, Diagnostics};
use offerctl_manifest::source::Sources;
use serde::Serialize;

use super::version::FORMAT_VERSION;

/// What `offerctl validate --format json` prints.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[cfg_attr(
    feature = "schema",
    schemars(title = "offerctl validation", deny_unknown_fields)
)]
pub struct ValidationDocument {
    /// The version of this format: 1.
    pub format_version: u32,
    /// Whether nothing is wrong.
    pub valid: bool,
    /// How many files were read.
    pub files: usize,
    /// How many offers they declare.
    pub offers: usize,
    /// The environments that were checked, with what they have.
    pub environments: Vec<EnvironmentDiagnostics>,
    /// What is wrong, by file and place.
    pub diagnostics: Vec<DiagnosticDocument>,
}

/// An environment that was checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(deny_unknown_fields))]
pub struct EnvironmentDiagnostics {
    /// Its name.
    pub name: String,
    /// Whether nothing is wrong for it.
    pub valid: bool,
    /// How many offers it has.
    pub offers: usize,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(deny_unknown_fields))]
pub struct DiagnosticDocument {
    /// The file, relative to the project; null if it is in none.
    pub file: Option<String>,
    /// The line, from 1.
    pub line: Option<usize>,
    /// The column, from 1, in characters.
    pub column: Option<usize>,
    /// `error` or `warning`.
    pub severity: String,
    /// The kind, such as `unknown-key`.
    pub code: String,
    /// What is wrong.
    pub message: String,
    /// What to write instead.
    pub help: Option<String>,
    /// The environments in which it is wrong; empty if in all.
    pub environments: Vec<String>,
}

impl DiagnosticDocument {
    /// Returns the document of a diagnostic.
    pub fn new(diagnostic: &Diagnostic, environments: &[String], sources: &Sources) -> Self {
        let place = diagnostic.span.and_then(|span| {
            let file = sources.file(span.file)?;
            Some((file.path.raw().to_owned(), file.position(span.start)))
        });
        Self {
            file: place.as_ref().map(|(path, _)| path.clone()),
            line: place.as_ref().map(|(_, position)| position.line),
            column: place.as_ref().map(|(_, position)| position.column),
            severity: diagnostic.severity.as_str().to_owned(),
            code: diagnostic.code.as_str().to_owned(),
            message: diagnostic.message.clone(),
            help: diagnostic.help.clone(),
            environments: environments.to_vec(),
        }
    }
}

impl ValidationDocument {
    /// Returns the document of files that hold for every environment or for none.
    pub fn new(files: usize, offers: usize, diagnostics: &Diagnostics, sources: &Sources) -> Self {
        Self {
            format_version: FORMAT_VERSION,
            valid: !diagnostics.has_errors(),
            files,
            offers,
            environments: Vec::new(),
            diagnostics: diagnostics
                .iter()
                .map(|found| DiagnosticDocument::new(found, &[], sources))
                .collect(),
        }
    }
}
