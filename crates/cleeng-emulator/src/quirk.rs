//! Where the sources contradict each other or stay silent: [`Quirks`], one switch for each such point.
//!
//! A switch is written `name=value`. The defaults can be read by every client library that is known (API sheet, "quirk
//! box"), and follow the documented samples where those agree. One answer is left out: the only library that calls
//! `deactivateVodOffer` expects its own request there, with the image as a text (`image=string`).

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

mod macros;
mod table;

pub use table::*;

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

/// The text is no switch.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ParseQuirkError {
    /// There is no `=` in it.
    #[error("`{0}` is not of the form `name=value`")]
    NoValue(String),
    /// There is no such switch.
    #[error("there is no quirk `{name}`; there are {}", names())]
    UnknownName {
        /// What was given.
        name: String,
    },
    /// The switch has no such value.
    #[error("quirk `{name}` has no value `{value}`; it has {}", values.join(", "))]
    UnknownValue {
        /// The switch.
        name: &'static str,
        /// What was given.
        value: String,
        /// What could have been given.
        values: &'static [&'static str],
    },
}

/// The one switch whose values are names.
const LIST_OMITS: &str = "list-omits";

impl FromStr for Quirk {
    type Err = ParseQuirkError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl FromIterator<Quirk> for Quirks {
    fn from_iter<T: IntoIterator<Item = Quirk>>(quirks: T) -> Self {
        let mut all = Self::default();
        for quirk in quirks {
            all.set(quirk);
        }
        all
    }
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

impl Quirks {
    /// Whether items of lists lack the member of that name.
    pub(crate) fn omits_in_lists(&self, member: &str) -> bool {
        self.list_omits
            .iter()
            .any(|pattern| match pattern.strip_suffix('*') {
                Some(start) => member.starts_with(start),
                None => member == pattern,
            })
    }
}

fn names() -> String {
    Quirk::ALL
        .iter()
        .map(|help| help.name)
        .collect::<Vec<_>>()
        .join(", ")
}

#[cfg(test)]
mod tests;
