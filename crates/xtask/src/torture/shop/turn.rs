//! What becomes of an offer in the change of a catalogue: [`Turn`].

use super::super::api::Api;

/// What becomes of an offer, beside a price that may move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    /// It goes.
    Removed,
    /// It was taken off sale, and is declared again.
    PutBack,
    /// It gets one more country.
    CountryAdded,
    /// It was plain, and gets countries.
    Localized,
    /// Its price moves in one country only.
    CountryDearer,
    /// It loses a country.
    CountryRemoved,
    /// It lost a country, and gets it back.
    CountryPutBack,
    /// It changes what cannot change: another takes its place.
    Replaced,
}

/// Plain offers of all types; over REST two of them are localized.
const REMOVED: &[usize] = &[5, 11, 17, 22, 27, 33];

/// Over REST, offers of all types; those that another table has are localized, but for the one that becomes so.
const OVER_REST: &[(Turn, &[usize])] = &[
    (Turn::PutBack, &[9, 14, 23, 37]),
    (Turn::CountryAdded, &[1, 20, 38, 56]),
    (Turn::Localized, &[8]),
    (Turn::CountryDearer, &[2, 21, 39]),
    (Turn::CountryRemoved, &[3, 36, 57]),
    (Turn::CountryPutBack, &[4, 18, 40, 58]),
    (Turn::Replaced, &[6, 12, 24, 54]),
];

impl Turn {
    /// What becomes of the offer with a number, if it is anything.
    pub(super) fn of(api: Api, number: usize) -> Option<Self> {
        if REMOVED.contains(&number) {
            return Some(Self::Removed);
        }
        if api == Api::JsonRpc {
            return None;
        }
        let mut turns = OVER_REST.iter();
        let found = turns.find(|(_, numbers)| numbers.contains(&number));
        found.map(|(turn, _)| *turn)
    }
}
