//! What is wrong, beside the line where it stands: [`Annotation`], a workflow command of GitHub.

use std::fmt;

use offerctl_manifest::diagnostic::{Diagnostic, Severity};
use offerctl_manifest::source::Sources;
use offerctl_manifest::span::Position;
use offerctl_model::foreign::escaped;
use offerctl_reconcile::guard::Findings;
use offerctl_reconcile::plan::Plan;

use super::problem::{ProblemKind, problems};

/// Something that a CI shows beside a line. Its `Display` is the line that GitHub reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Annotation {
    /// How bad it is.
    pub severity: Severity,
    /// The file and the place in it; `None` if it is about no file.
    pub place: Option<(String, Position)>,
    /// The kind, such as `price-format`.
    pub title: String,
    /// What is wrong, and what to do.
    pub message: String,
}

impl Annotation {
    /// Returns the annotation of a diagnostic; `folder` stands before the paths of files.
    pub fn of_diagnostic(
        diagnostic: &Diagnostic,
        environments: &[String],
        sources: &Sources,
        folder: &str,
    ) -> Self {
        let mut message = diagnostic.message.clone();
        if !environments.is_empty() {
            message.push_str(" (environment ");
            message.push_str(&environments.join(", "));
            message.push(')');
        }
        Self {
            severity: diagnostic.severity,
            place: sources.place(diagnostic.span, folder),
            title: diagnostic.code.as_str().to_owned(),
            message: with_help(message, diagnostic.help.as_deref()),
        }
    }

    /// Returns the annotations of whatever stands in the way of a plan, and has a place in a file.
    pub fn of_plan(plan: &Plan, findings: &Findings, sources: &Sources, folder: &str) -> Vec<Self> {
        let found = ProblemKind::ALL
            .into_iter()
            .flat_map(|kind| problems(plan, findings, kind));
        found
            .filter_map(|problem| {
                Some(Self {
                    severity: match problem.kind {
                        ProblemKind::Conflict | ProblemKind::Refusal => Severity::Error,
                        ProblemKind::Warning => Severity::Warning,
                    },
                    place: Some(sources.place(problem.span, folder)?),
                    title: problem.code.to_owned(),
                    message: with_help(problem.message, Some(&problem.help)),
                })
            })
            .collect()
    }
}

fn with_help(mut message: String, help: Option<&str>) -> String {
    if let Some(help) = help {
        message.push_str("\nhelp: ");
        message.push_str(help);
    }
    message
}

impl fmt::Display for Annotation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            severity,
            place,
            title,
            message,
        } = self;
        write!(formatter, "::{} ", severity.as_str())?;
        if let Some((file, Position { line, column })) = place {
            write!(
                formatter,
                "file={},line={line},col={column},",
                property(file)
            )?;
        }
        write!(formatter, "title={}::{}", property(title), data(message))
    }
}

/// The text of a workflow command, escaped as GitHub's own toolkit does; of what else a terminal would obey and nobody
/// would see in it, only line breaks are our own.
fn data(text: &str) -> String {
    let lines = text.split('\n');
    let lines: Vec<String> = lines
        .map(|line| escaped(line).replace('%', "%25"))
        .collect();
    lines.join("%0A")
}

/// A property of a workflow command, which must not end itself or begin the next one.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn annotation(path: &str, message: &str) -> String {
        let place = Some((
            path.to_owned(),
            Position {
                line: 5,
                column: 12,
            },
        ));
        let annotation = Annotation {
            severity: Severity::Error,
            place,
            title: "price-format".to_owned(),
            message: message.to_owned(),
        };
        annotation.to_string()
    }

    #[test]
    fn an_annotation_is_one_line_with_its_place() {
        assert_eq!(
            annotation("offers/a.yaml", "100% wrong: a, b\nhelp: c"),
            "::error file=offers/a.yaml,line=5,col=12,title=price-format::100%25 wrong: a, b%0Ahelp: c"
        );
    }

    #[test]
    fn a_file_cannot_pass_for_another_property_or_command() {
        assert_eq!(
            annotation("a,line=1::b\r\n::set-env%0A", "x"),
            "::error file=a%2Cline=1%3A%3Ab\\r%0A%3A%3Aset-env%250A,line=5,col=12,title=price-format::x"
        );
    }
}
