//! Which offers an approval is about: [`Pattern`].

use std::fmt;
use std::str::FromStr;

use offerctl_model::name::Name;
use serde::{Deserialize, Serialize};

use crate::yaml::cut;

/// The sign that stands for any characters, or for none.
const ANY: char = '*';

/// The name of an offer, or a text with `*` in it that stands for any characters of a name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Pattern(Box<str>);

/// The text is neither a name nor a pattern that any name could match.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is neither the name of an offer nor a pattern of names")]
pub struct PatternError(String);

impl Pattern {
    /// Returns whether the pattern stands for this name.
    pub fn matches(&self, name: &Name) -> bool {
        matches(&self.0, name.as_str())
    }

    /// Returns whether it has a `*` in it.
    pub fn is_wild(&self) -> bool {
        self.0.contains(ANY)
    }

    /// Returns the pattern as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Compares from the left; each `*` takes as little as lets the rest match.
fn matches(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split(ANY);
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = name.strip_prefix(first) else {
        return false;
    };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else {
        return rest.is_empty();
    };
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

impl FromStr for Pattern {
    type Err = PatternError;

    fn from_str(text: &str) -> Result<Self, PatternError> {
        // The shortest name that the pattern could match: a `*` at the beginning needs a character.
        let mut shortest = text.replace(ANY, "");
        if text.starts_with(ANY) && (shortest.is_empty() || shortest.starts_with('-')) {
            shortest.insert(0, 'a');
        }
        if shortest.parse::<Name>().is_ok() && !text.contains("**") {
            Ok(Self(text.into()))
        } else {
            Err(PatternError(cut(text)))
        }
    }
}

impl TryFrom<String> for Pattern {
    type Error = PatternError;

    fn try_from(text: String) -> Result<Self, PatternError> {
        text.parse()
    }
}

impl From<Pattern> for String {
    fn from(pattern: Pattern) -> Self {
        pattern.0.into()
    }
}

impl From<&Name> for Pattern {
    fn from(name: &Name) -> Self {
        Self(name.as_str().into())
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_characters_and_nothing_else_does() {
        let check = |pattern: &str, name: &str| {
            let pattern: Pattern = pattern.parse().unwrap();
            pattern.matches(&name.parse().unwrap())
        };
        for (pattern, name) in [
            ("films-a", "films-a"),
            ("films-*", "films-"),
            ("films-*", "films-a-b"),
            ("*", "a"),
            ("*-hd", "films-hd"),
            ("*-hd", "a-hd-hd"),
            ("a*b*c", "abc"),
            ("a*b*c", "axbxbxc"),
            ("a*a", "aa"),
        ] {
            assert!(check(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in [
            ("films-a", "films-ab"),
            ("films-*", "film-a"),
            ("*-hd", "hd"),
            ("a*a", "a"),
            ("a*b*c", "acb"),
            ("a*bc*c", "abc"),
        ] {
            assert!(!check(pattern, name), "{pattern} {name}");
        }
    }

    #[test]
    fn what_no_name_can_match_is_no_pattern() {
        for text in [
            "", "Films", "films?", "-films", "-*", "a**b", "films *", "a/b",
        ] {
            assert!(text.parse::<Pattern>().is_err(), "{text}");
        }
        let long = "a".repeat(64);
        assert!(format!("{long}*").parse::<Pattern>().is_err());
        let longest = "a".repeat(63);
        assert!(format!("{longest}*").parse::<Pattern>().is_ok());
        assert!("*".parse::<Pattern>().is_ok() && "*-hd".parse::<Pattern>().is_ok());
    }
}
