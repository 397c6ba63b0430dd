//! Text for people: plans, reports, drift and diagnostics.
//!
//! Everything is readable without colour: colour repeats what the words already say.

mod accept;
mod annotation;
mod compare;
mod diagnostics;
mod doctor;
mod drift;
mod drift_markdown;
mod file_diff;
mod flow;
mod import;
mod markdown;
mod metrics;
mod plan;
mod problem;
mod prose;
mod report;
mod sets;
mod text_diff;
mod value;

pub use self::accept::{accepted_text, refusals_text};
pub use self::annotation::Annotation;
pub(crate) use self::annotation::place;
pub use self::compare::compared_text;
pub use self::diagnostics::diagnostics_text;
pub use self::doctor::doctor_text;
pub use self::drift::drift_text;
pub use self::drift_markdown::drift_markdown;
pub use self::file_diff::file_diff;
pub use self::import::{Written, imported_text, rebuilt_text};
pub use self::markdown::{
    COMMENT_LIMIT, JOB_SUMMARY_LIMIT, LEAST_LIMIT, MarkdownPlan, plan_markdown, plan_marker,
};
pub use self::metrics::drift_metrics;
pub use self::plan::{plan_text, steps_text};
pub use self::report::{outcome_line, report_text, settling_lines};
pub use self::value::{escaped, value_text};

use crate::document::Headline;

/// How text looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Nothing but characters.
    Plain,
    /// With ANSI colours.
    Color,
}

/// How a page of text looks, and how wide it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// How it looks.
    pub style: Style,
    /// The columns of a line; only what cannot be broken, such as a command to copy, is longer.
    pub width: usize,
}

impl Page {
    /// The columns of a page where nobody knows better, so that what is piped is always the same.
    pub const WIDTH: usize = 80;

    /// A page as wide as pipes have it.
    pub fn new(style: Style) -> Self {
        Self {
            style,
            width: Self::WIDTH,
        }
    }
}

/// What a piece of text is about, which decides its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tone {
    Good,
    Change,
    Bad,
    Strong,
    Faint,
}

impl Style {
    fn paint(self, tone: Tone, text: &str) -> String {
        let code = match tone {
            Tone::Good => "32",
            Tone::Change => "33",
            Tone::Bad => "31",
            Tone::Strong => "1",
            Tone::Faint => "2",
        };
        match self {
            Self::Plain => text.to_owned(),
            Self::Color => format!("\u{1b}[{code}m{text}\u{1b}[0m"),
        }
    }
}

/// Adds a line to a text.
fn push_line(text: &mut String, line: std::fmt::Arguments<'_>) {
    use std::fmt::Write;

    writeln!(text, "{line}").expect("writing to a text never fails");
}

/// The first line of every plan and report.
fn headline_text(headline: &Headline, style: Style) -> String {
    let Headline {
        environment,
        endpoint,
        ..
    } = headline;
    let account = headline.account_words(str::to_owned);
    format!(
        "{} ({endpoint}, {account})\n",
        style.paint(Tone::Strong, environment)
    )
}

/// A count with its noun: `1 offer`, `2 offers`.
pub fn plural(count: usize, noun: &str) -> String {
    if count == 1 {
        format!("1 {noun}")
    } else {
        format!("{count} {noun}s")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_singular() {
        assert_eq!(plural(0, "offer"), "0 offers");
        assert_eq!(plural(1, "offer"), "1 offer");
        assert_eq!(plural(2, "offer"), "2 offers");
    }
}
