//! How text looks, and how wide it is: [`Style`] and [`Page`].

use offerctl_reconcile::headline::Headline;

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
pub(super) enum Tone {
    Good,
    Change,
    Bad,
    Strong,
    Faint,
}

impl Style {
    pub(super) fn paint(self, tone: Tone, text: &str) -> String {
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
pub(super) fn push_line(text: &mut String, line: std::fmt::Arguments<'_>) {
    use std::fmt::Write;

    writeln!(text, "{line}").expect("writing to a text never fails");
}

/// The first line of every plan and report.
pub(super) fn headline_text(headline: &Headline, style: Style) -> String {
    let Headline {
        environment,
        endpoint,
        ..
    } = headline;
    let account = headline.account_words(ToString::to_string);
    format!(
        "{} ({endpoint}, {account})\n",
        style.paint(Tone::Strong, environment)
    )
}
