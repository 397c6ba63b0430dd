//! Ids of offers, and where new ones, also those of groups of seasons, come from: [`OfferId`] and [`IdSource`].

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use crate::code::Country;
use crate::season::SeasonGroupId;

/// The id of one offer: a letter, nine digits of which the first is not 0, `_` and a country (docs/cleeng-api.md §2.0).
///
/// The part before `_` is the stem, which all localizations of an offer share (docs/cleeng-api.md §4).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OfferId(String);

/// The text is not the id of an offer.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{text}` is not an offer id such as `S740060915_FR`")]
pub struct ParseOfferIdError {
    /// What was given.
    pub text: String,
}

/// Length of the letter and the nine digits before the `_`.
const STEM_LENGTH: usize = 10;

impl OfferId {
    /// Returns the id of that letter, number and country.
    ///
    /// The letter is one of `S`, `P`, `E`, `A`, `R`; the number lies between 100,000,000 and 999,999,999.
    pub fn new(letter: char, number: u32, country: &Country) -> Result<Self, ParseOfferIdError> {
        format!("{letter}{number}_{country}").parse()
    }

    /// Returns the id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the part before the `_`, which localizations share.
    pub fn stem(&self) -> &str {
        &self.0[..STEM_LENGTH]
    }

    /// Returns the country after the `_`, as text.
    pub fn country(&self) -> &str {
        &self.0[STEM_LENGTH + 1..]
    }

    /// Returns the letter that the id begins with.
    pub fn letter(&self) -> char {
        char::from(self.0.as_bytes()[0])
    }

    /// Returns the id of the localization for another country under the same stem.
    pub(crate) fn in_country(stem: &str, country: &Country) -> Result<Self, ParseOfferIdError> {
        format!("{stem}_{country}").parse()
    }
}

impl FromStr for OfferId {
    type Err = ParseOfferIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bytes = text.as_bytes();
        let well_formed = bytes.len() == STEM_LENGTH + 3
            && b"SPEAR".contains(&bytes[0])
            && (b'1'..=b'9').contains(&bytes[1])
            && bytes[2..STEM_LENGTH].iter().all(u8::is_ascii_digit)
            && bytes[STEM_LENGTH] == b'_'
            && bytes[STEM_LENGTH + 1..].iter().all(u8::is_ascii_uppercase);
        if well_formed {
            Ok(Self(text.to_owned()))
        } else {
            Err(ParseOfferIdError {
                text: text.to_owned(),
            })
        }
    }
}

impl fmt::Display for OfferId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Source of the nine digits of new ids: the same seed gives the same sequence.
#[derive(Debug)]
pub(crate) struct IdSource(fastrand::Rng);

impl IdSource {
    /// Returns a source that starts from the seed, or from the system's randomness.
    pub(crate) fn new(seed: Option<u64>) -> Self {
        Self(seed.map_or_else(fastrand::Rng::new, fastrand::Rng::with_seed))
    }

    /// Returns a stem that `is_taken` does not know.
    pub(crate) fn stem(&mut self, letter: char, is_taken: impl Fn(&str) -> bool) -> String {
        loop {
            let stem = format!("{letter}{}", self.0.u32(100_000_000..=999_999_999));
            if !is_taken(&stem) {
                return stem;
            }
        }
    }

    /// Returns the id of a new group of seasons, which `is_taken` does not know.
    pub(crate) fn season_group(
        &mut self,
        is_taken: impl Fn(&SeasonGroupId) -> bool,
    ) -> SeasonGroupId {
        loop {
            let id = SeasonGroupId::from_random_bits(self.0.u128(..));
            if !is_taken(&id) {
                return id;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn id_shows_its_parts() {
        let id: OfferId = "S740060915_FR".parse().unwrap();
        assert_eq!(
            (id.letter(), id.stem(), id.country()),
            ('S', "S740060915", "FR")
        );
    }

    #[test]
    fn texts_of_another_form_are_refused() {
        for text in [
            "",
            "S740060915",
            "V740060915_FR",
            "S040060915_FR",
            "S74006091_FR",
            "S740060915_fr",
            "S740060915_C1",
            "S740060915-FR",
            "S740060915_FRA",
            "Š40060915_FR",
        ] {
            assert!(text.parse::<OfferId>().is_err(), "{text}");
        }
    }

    #[test]
    fn same_seed_gives_the_same_ids() {
        let ids = |seed| {
            let mut source = IdSource::new(Some(seed));
            std::array::from_fn::<_, 5, _>(|_| source.stem('P', |_| false))
        };
        assert_eq!(ids(7), ids(7));
        assert_ne!(ids(7), ids(8));
    }

    #[test]
    fn taken_stem_is_passed_over() {
        let first = IdSource::new(Some(1)).stem('P', |_| false);
        assert_ne!(
            IdSource::new(Some(1)).stem('P', |stem| stem == first),
            first
        );
    }
}
