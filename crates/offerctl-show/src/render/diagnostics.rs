//! Diagnostics in words, with the lines that they are about.

use std::collections::BTreeSet;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use offerctl_manifest::diagnostic::{Diagnostic, Diagnostics, Severity};
use offerctl_manifest::source::{SourceFile, Sources};
use offerctl_manifest::span::{FileId, Span};
use offerctl_model::foreign::{escaped, escaped_line, looks_secret};
use offerctl_model::words::plural;

use super::page::{Style, push_line};

/// How many diagnostics are shown; a file full of mistakes has more than anybody reads.
const SHOWN: usize = 200;

/// The longest line that is shown with its text.
const LONGEST_LINE: usize = 400;

/// Writes diagnostics for people, in their order; `environments` says where each is wrong, if not everywhere.
pub fn diagnostics_text(
    diagnostics: &Diagnostics,
    sources: &Sources,
    environments: impl Fn(&Diagnostic) -> Vec<String>,
    style: Style,
) -> String {
    let renderer = match style {
        Style::Plain => Renderer::plain(),
        Style::Color => Renderer::styled(),
    };
    let concealed = concealed_lines(diagnostics, sources);
    let mut text = String::new();
    for diagnostic in diagnostics.iter().take(SHOWN) {
        let names = environments(diagnostic);
        let message = escaped(&diagnostic.message);
        let title = if names.is_empty() {
            message
        } else {
            format!("{message} (environment {})", names.join(", "))
        };
        let report = report(diagnostic, &title, sources, &concealed);
        text.push_str(&renderer.render(&[report]));
        text.push_str("\n\n");
    }
    if diagnostics.len() > SHOWN {
        push_line(
            &mut text,
            format_args!(
                "… and {} more",
                plural(diagnostics.len() - SHOWN, "problem")
            ),
        );
    }
    text
}

/// The lines that must not be shown, whatever else is wrong in them.
fn concealed_lines(diagnostics: &Diagnostics, sources: &Sources) -> BTreeSet<(FileId, usize)> {
    let concealed = diagnostics.iter().filter(|diagnostic| diagnostic.concealed);
    let spans = concealed.filter_map(|diagnostic| diagnostic.span);
    spans
        .filter_map(|span| {
            Some((
                span.file,
                sources.file(span.file)?.position(span.start).line,
            ))
        })
        .collect()
}

/// Whether a secret may stand in a line, if somebody wrote it there by mistake: behind a key that names one, or as the
/// user of an address.
fn may_hold_secret(line: &str) -> bool {
    let has_user = line.match_indices("://").any(|(start, _)| {
        let address = line[start..].split([' ', '"', '\'']);
        address.take(1).any(|address| address.contains('@'))
    });
    if has_user || looks_secret(line) {
        return true;
    }
    let line = line.to_lowercase();
    let names = ["token", "secret", "password"];
    names.iter().any(|name| {
        line.match_indices(name).any(|(start, _)| {
            let behind = line[start + name.len()..].trim_start_matches(['"', '\'', ' ']);
            behind.starts_with(':')
        })
    })
}

fn report<'a>(
    diagnostic: &'a Diagnostic,
    title: &'a str,
    sources: &'a Sources,
    concealed: &BTreeSet<(FileId, usize)>,
) -> Group<'a> {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let mut group = Group::with_title(level.primary_title(title).id(diagnostic.code.as_str()));
    if let Some((span, file)) = diagnostic
        .span
        .and_then(|span| Some((span, sources.file(span.file)?)))
    {
        let excerpt = excerpt(file, span).filter(|excerpt| {
            !diagnostic.concealed
                && !concealed.contains(&(span.file, excerpt.line))
                && !may_hold_secret(&excerpt.text)
        });
        group = if let Some(Excerpt { text, line, range }) = excerpt {
            let snippet = Snippet::source(text)
                .line_start(line)
                .path(file.path.to_string());
            group.element(snippet.annotation(AnnotationKind::Primary.span(range)))
        } else {
            let position = file.position(span.start);
            let origin = Origin::path(file.path.to_string()).line(position.line);
            group.element(origin.char_column(position.column))
        };
    }
    if let Some((span, words)) = &diagnostic.related {
        group = group.element(Level::NOTE.message(format!("{words}: {}", sources.describe(*span))));
    }
    if let Some(help) = &diagnostic.help {
        group = group.element(Level::HELP.message(escaped(help)));
    }
    group
}

/// The line of a place as it is shown, and the place in it.
struct Excerpt {
    text: String,
    line: usize,
    range: std::ops::Range<usize>,
}

/// Returns the line of a place; `None` if it is too long to be shown.
fn excerpt(file: &SourceFile, span: Span) -> Option<Excerpt> {
    let start = file.boundary(span.start);
    let end = file
        .boundary(span.start.saturating_add(span.length))
        .max(start);
    let line_start = file.text[..start]
        .rfind('\n')
        .map_or(0, |newline| newline + 1);
    let line_end = file.text[start..]
        .find('\n')
        .map_or(file.text.len(), |newline| start + newline);
    let text = file.text[line_start..line_end].trim_end_matches('\r');
    if text.len() > LONGEST_LINE {
        return None;
    }
    let within = |at: usize| (at - line_start).min(text.len());
    let mut line = escaped_line(&text[..within(start)]);
    let from = line.len();
    line += &escaped_line(&text[within(start)..within(end)]);
    let range = from..line.len();
    line += &escaped_line(&text[within(end)..]);
    Some(Excerpt {
        text: line,
        line: file.position(span.start).line,
        range,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn render(text: &str) -> String {
        let (source, problem) = SourceFile::from_bytes(
            FileId(0),
            "offers/news.yaml".to_owned(),
            text.as_bytes().to_vec(),
        );
        assert!(problem.is_none());
        let file = offerctl_manifest::manifest::read(&source);
        diagnostics_text(
            &file.diagnostics,
            &Sources::new(vec![source]),
            |_| Vec::new(),
            Style::Plain,
        )
    }

    #[test]
    fn a_diagnostic_shows_its_line_and_what_to_write_instead() {
        let text = render("version: 1\noffers:\n  news:\n    type: pass\n    price: 9,99");
        insta::assert_snapshot!(text, @"
        error[price-format]: `9,99` is not a price such as 12.00: a comma is not a decimal point
         --> offers/news.yaml:5:12
          |
        5 |     price: 9,99
          |            ^^^^
          |
          = help: did you mean `9.99`?
        ");
    }

    #[test]
    fn a_very_long_line_is_not_shown() {
        let text = render(&format!(
            "version: 1\noffers: {{news: {{type: pass, title: \"{}\", price: 9,99}}}}",
            "x".repeat(5000)
        ));
        assert!(text.len() < 400, "{text}");
        assert!(text.contains("offers/news.yaml:2:50"), "{text}");
    }
}
