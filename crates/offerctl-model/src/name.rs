//! What things are called: [`Name`] is ours, [`OfferId`] is Cleeng's.

use std::borrow::Borrow;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::foreign::{escaped, shell_word};

/// The name of an offer in the project: `[a-z0-9][a-z0-9-]{0,62}`, unique over all manifests.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Name(Box<str>);

/// Why a text is not a [`Name`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a name: use 1 to 63 of a-z, 0-9 and -, not beginning with -")]
pub struct NameError(String);

impl Name {
    /// The longest name, in bytes.
    pub const MAX_LENGTH: usize = 63;

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Turns any text into the nearest valid name, for suggestions; `None` if nothing of it can be kept.
    pub fn suggest(text: &str) -> Option<Self> {
        let mut suggestion = String::new();
        for character in text.trim().to_lowercase().chars() {
            let valid = character.is_ascii_lowercase() || character.is_ascii_digit();
            if valid {
                suggestion.push(character);
            } else if !suggestion.is_empty() && !suggestion.ends_with('-') {
                suggestion.push('-');
            }
        }
        suggestion.truncate(Self::MAX_LENGTH);
        suggestion.trim_end_matches('-').parse().ok()
    }
}

impl FromStr for Name {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let valid = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let fits = (1..=Self::MAX_LENGTH).contains(&text.len());
        if fits && !text.starts_with('-') && text.bytes().all(valid) {
            Ok(Self(text.into()))
        } else {
            Err(NameError(text.chars().take(80).collect()))
        }
    }
}

impl TryFrom<String> for Name {
    type Error = NameError;

    fn try_from(text: String) -> Result<Self, NameError> {
        text.parse()
    }
}

impl From<Name> for String {
    fn from(name: Name) -> Self {
        name.0.into()
    }
}

impl Borrow<str> for Name {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.0)
    }
}

/// The id that Cleeng gave to an offer, with or without its country: `P123123123_US` or `S740060915`.
///
/// A localized offer has one id per country that share the part before the `_`, its *stem*.
/// Two ids name the same offer when their stems are equal (docs/cleeng-api.md §4).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OfferId(Box<str>);

impl OfferId {
    /// Takes an id as the service wrote it; nothing is refused.
    pub fn new(text: &str) -> Self {
        Self(text.into())
    }

    /// Returns the id only if it has the documented form (docs/cleeng-api.md §2.0).
    pub fn parse(text: &str) -> Option<Self> {
        let (stem, country) = text
            .split_once('_')
            .map_or((text, None), |(stem, country)| (stem, Some(country)));
        let digits = stem.strip_prefix(['S', 'P', 'E', 'A', 'R'])?;
        let digits_fit = digits.len() == 9
            && digits.bytes().all(|byte| byte.is_ascii_digit())
            && !digits.starts_with('0');
        let country_fits = country.is_none_or(|code| {
            code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_uppercase())
        });
        (digits_fit && country_fits).then(|| Self::new(text))
    }

    /// The id as it is: to compare it, to send it, and as data. Never to show it.
    pub fn raw(&self) -> &str {
        &self.0
    }

    /// The id as a word of a command line.
    pub fn argument(&self) -> String {
        shell_word(&self.0)
    }

    /// The part that all localizations of an offer share.
    pub fn stem(&self) -> &str {
        self.split().0
    }

    /// The country at the end of the id, if there is one.
    pub fn country(&self) -> Option<&str> {
        self.split().1
    }

    /// The id without its country.
    #[must_use]
    pub fn to_stem(&self) -> Self {
        Self::new(self.stem())
    }

    /// The first letter, which tells the type or narrows it down.
    pub fn letter(&self) -> Option<char> {
        self.0.chars().next()
    }

    /// Whether both ids name the same offer.
    pub fn same_offer(&self, other: &Self) -> bool {
        self.stem() == other.stem()
    }

    fn split(&self) -> (&str, Option<&str>) {
        // Historic ids end in odd suffixes such as `C1`, so the suffix is not held to be a country code.
        match self.0.as_bytes() {
            [_, .., b'_', first, second] if *first != b'_' && *second != b'_' => {
                let (stem, suffix) = self.0.split_at(self.0.len() - 3);
                (stem, Some(&suffix[1..]))
            }
            _ => (&self.0, None),
        }
    }
}

impl fmt::Display for OfferId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Whatever a service calls an id is one.
        formatter.pad(&escaped(&self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_keep_to_their_alphabet_and_length() {
        for good in ["a", "0", "finance-monthly", "a-", &"x".repeat(63)] {
            assert!(good.parse::<Name>().is_ok(), "{good}");
        }
        for bad in ["", "-a", "Finance", "a_b", "a b", "é", &"x".repeat(64)] {
            assert!(bad.parse::<Name>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_suggested_name_is_valid_and_near() {
        assert_eq!(
            Name::suggest("Finance Monthly!").unwrap().as_str(),
            "finance-monthly"
        );
        assert_eq!(
            Name::suggest("finance_monthly").unwrap().as_str(),
            "finance-monthly"
        );
        assert_eq!(Name::suggest("日本"), None);
    }

    #[test]
    fn only_two_bytes_after_the_last_underscore_are_a_suffix() {
        for (text, stem, suffix) in [
            ("S1_US", "S1", Some("US")),
            ("S1_2_US", "S1_2", Some("US")),
            ("S1_\u{e9}", "S1", Some("\u{e9}")),
            ("S1__", "S1__", None),
            ("S1___", "S1___", None),
            ("S1__U", "S1__U", None),
            ("S1_U", "S1_U", None),
            ("S1_USA", "S1_USA", None),
            ("_US", "_US", None),
            ("US", "US", None),
            ("", "", None),
        ] {
            let id = OfferId::new(text);
            assert_eq!((id.stem(), id.country()), (stem, suffix), "{text}");
        }
    }

    #[test]
    fn ids_are_one_offer_when_their_stems_are_equal() {
        let localized = OfferId::new("S740060915_FR");
        assert_eq!(localized.stem(), "S740060915");
        assert_eq!(localized.country(), Some("FR"));
        assert!(localized.same_offer(&OfferId::new("S740060915")));
        assert!(localized.same_offer(&OfferId::new("S740060915_US")));
        assert!(!localized.same_offer(&OfferId::new("S740060916_FR")));
        assert_eq!(OfferId::new("S403133281_C1").stem(), "S403133281");
    }

    #[test]
    fn written_ids_keep_to_the_documented_form() {
        for good in ["S740060915", "P123123123_US", "E575167459_PL"] {
            assert!(OfferId::parse(good).is_some(), "{good}");
        }
        for bad in [
            "V740060915",
            "S040060915",
            "S74006091",
            "S740060915_us",
            "S740060915_USA",
            "",
            "S740060915_",
        ] {
            assert!(OfferId::parse(bad).is_none(), "{bad}");
        }
    }
}
