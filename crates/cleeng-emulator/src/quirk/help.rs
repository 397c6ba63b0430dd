//! What a help text says of a switch: [`QuirkHelp`].

use std::fmt;

/// One switch as it is printed in a help text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuirkHelp {
    /// The name before the `=`.
    pub name: &'static str,
    /// The values that it takes, the default first.
    pub values: &'static [&'static str],
    /// What it changes, as a phrase.
    pub about: &'static str,
}

impl fmt::Display for QuirkHelp {
    /// Writes one line: `active=bool|number|string|words: form of …`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let values: Vec<_> = self
            .values
            .iter()
            .copied()
            .filter(|value| !value.is_empty())
            .collect();
        write!(
            formatter,
            "{}={}: {}",
            self.name,
            values.join("|"),
            self.about.trim()
        )
    }
}
