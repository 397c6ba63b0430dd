//! Country and currency codes: [`Country`] and [`Currency`].
//!
//! Both are codes of fixed length in upper-case letters. The API documents no list of countries ("any 2-letter code",
//! docs/cleeng-api.md §4), so that the form is all that is checked; the list of currencies that a request may name is a rule of
//! the JSON-RPC generation and lives there.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// An ISO 3166-1 alpha-2 country code by its form: two upper-case letters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Country(String);

/// An ISO 4217 currency code by its form: three upper-case letters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency(String);

/// The text is not a code of the expected form.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{text}` is not a code of {letters} upper-case letters")]
pub struct ParseCodeError {
    /// What was given.
    pub text: String,
    /// How many letters such a code has.
    pub letters: usize,
}

impl Country {
    /// Returns the code of the default account's country.
    pub(crate) fn united_states() -> Self {
        Self("US".to_owned())
    }

    /// Returns the code as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Currency {
    /// Returns the code of the default account's currency.
    pub(crate) fn us_dollar() -> Self {
        Self("USD".to_owned())
    }

    /// Returns the code as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Country {
    type Err = ParseCodeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        parse(text, 2).map(Self)
    }
}

impl FromStr for Currency {
    type Err = ParseCodeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        parse(text, 3).map(Self)
    }
}

impl fmt::Display for Country {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

fn parse(text: &str, letters: usize) -> Result<String, ParseCodeError> {
    if text.len() == letters && text.bytes().all(|byte| byte.is_ascii_uppercase()) {
        Ok(text.to_owned())
    } else {
        Err(ParseCodeError {
            text: text.to_owned(),
            letters,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_the_right_form_are_taken() {
        assert_eq!("NO".parse::<Country>().unwrap().as_str(), "NO");
        assert_eq!("XOF".parse::<Currency>().unwrap().as_str(), "XOF");
    }

    #[test]
    fn codes_of_another_form_are_refused() {
        for text in ["", "N", "no", "N1", "NOR", "ÅÅ"] {
            assert!(text.parse::<Country>().is_err(), "{text}");
        }
        assert!("usd".parse::<Currency>().is_err());
    }
}
