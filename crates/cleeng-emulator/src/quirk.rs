//! Where the sources contradict each other or stay silent: [`Quirks`], one switch for each such point.
//!
//! A switch is written `name=value`. The defaults can be read by every client library that is known (
//! docs/cleeng-api.md §2.0), and follow the documented samples where those agree, or else the libraries' types and, over REST,
//! the most similar list that is documented (docs/cleeng-api.md §11). One answer is left out: the only library that calls
//! `deactivateVodOffer` expects its own request there, with the image as a text (`image=string`).

use std::str::FromStr;

use thiserror::Error;

mod help;
mod macros;
mod table;

pub use help::QuirkHelp;
pub use table::*;

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

impl Quirk {
    /// Reads a switch from `name=value`.
    pub fn parse(text: &str) -> Result<Self, ParseQuirkError> {
        let (name, value) = text
            .split_once('=')
            .ok_or_else(|| ParseQuirkError::NoValue(text.to_owned()))?;
        let known = Self::ALL.iter().find(|help| help.name == name);
        let help = known.ok_or_else(|| ParseQuirkError::UnknownName {
            name: name.to_owned(),
        })?;
        Self::of(name, value).ok_or_else(|| ParseQuirkError::UnknownValue {
            name: help.name,
            value: value.to_owned(),
            values: help.values,
        })
    }
}

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
