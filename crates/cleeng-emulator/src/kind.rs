//! The six offer types: [`Kind`].

use std::fmt;

/// One of Cleeng's six offer types (docs/cleeng-api.md §2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// One purchase of one piece of content (docs/cleeng-api.md §2.1).
    Single,
    /// Access to one piece of content for some hours (docs/cleeng-api.md §2.2).
    Rental,
    /// Recurring access to tagged content (docs/cleeng-api.md §2.3).
    Subscription,
    /// Access to tagged content for a period or until a date (docs/cleeng-api.md §2.4).
    Pass,
    /// A live event (docs/cleeng-api.md §2.5).
    Event,
    /// A video, bought or rented (docs/cleeng-api.md §2.6).
    Vod,
}

impl Kind {
    /// Every type, in the order in which they are declared.
    pub const ALL: [Self; 6] = [
        Self::Single,
        Self::Rental,
        Self::Subscription,
        Self::Pass,
        Self::Event,
        Self::Vod,
    ];

    /// Returns the name in lower case, as it stands in data files and records.
    pub fn name(self) -> &'static str {
        match self {
            Self::Single => "single",
            Self::Rental => "rental",
            Self::Subscription => "subscription",
            Self::Pass => "pass",
            Self::Event => "event",
            Self::Vod => "vod",
        }
    }

    /// Returns the type of that name, if there is one.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Returns the first letter of the ids of this type (docs/cleeng-api.md §2.0).
    ///
    /// A VOD has no letter of its own: with a rental period it gets that of a rental, else that of a single. That rule
    /// is inferred from samples; it makes A and R ambiguous between the types.
    pub fn letter(self, has_rental_period: bool) -> char {
        match self {
            Self::Rental => 'R',
            Self::Subscription => 'S',
            Self::Pass => 'P',
            Self::Event => 'E',
            Self::Vod if has_rental_period => 'R',
            Self::Single | Self::Vod => 'A',
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back_to_their_type() {
        for kind in Kind::ALL {
            assert_eq!(Kind::from_name(kind.name()), Some(kind));
        }
        assert_eq!(Kind::from_name("bundle"), None);
    }

    #[test]
    fn vod_letter_depends_on_the_rental_period() {
        assert_eq!(Kind::Vod.letter(true), 'R');
        assert_eq!(Kind::Vod.letter(false), 'A');
        assert_eq!(Kind::Pass.letter(true), 'P');
    }
}
