//! Lengths of time in units of the calendar: [`Span`].

/// So many units, such as three months (docs/cleeng-api.md §5.3, `billingCycle` and `entitlement.duration`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// How many.
    pub amount: u32,
    /// Of what.
    pub unit: SpanUnit,
}

/// What a length of time is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpanUnit {
    /// Hours; of an access only.
    Hour,
    /// Days.
    Day,
    /// Weeks.
    Week,
    /// Months.
    Month,
    /// Years.
    Year,
    /// Seasons; of a billing cycle only.
    Season,
}

/// The words of JSON-RPC with what they mean (docs/cleeng-api.md §5.6).
const WORDS: [(&str, Span); 7] = [
    ("day", Span::new(1, SpanUnit::Day)),
    ("week", Span::new(1, SpanUnit::Week)),
    ("2weeks", Span::new(2, SpanUnit::Week)),
    ("month", Span::new(1, SpanUnit::Month)),
    ("3months", Span::new(3, SpanUnit::Month)),
    ("6months", Span::new(6, SpanUnit::Month)),
    ("year", Span::new(1, SpanUnit::Year)),
];

impl Span {
    /// Returns so many units.
    pub const fn new(amount: u32, unit: SpanUnit) -> Self {
        Self { amount, unit }
    }

    /// Returns what a word of JSON-RPC means.
    pub(crate) fn from_word(word: &str) -> Option<Self> {
        WORDS
            .iter()
            .find(|(known, _)| *known == word)
            .map(|(_, span)| *span)
    }

    /// Returns the word that JSON-RPC has for it, if it has one.
    pub(crate) fn word(self) -> Option<&'static str> {
        WORDS
            .iter()
            .find(|(_, span)| *span == self)
            .map(|(word, _)| *word)
    }

    /// Returns how many hours it lasts, if that is always the same.
    pub(crate) fn hours(self) -> Option<i64> {
        let hours = match self.unit {
            SpanUnit::Hour => 1,
            SpanUnit::Day => 24,
            SpanUnit::Week => 7 * 24,
            SpanUnit::Month | SpanUnit::Year | SpanUnit::Season => return None,
        };
        Some(i64::from(self.amount) * hours)
    }
}

impl SpanUnit {
    /// Every unit, from the shortest on.
    const ALL: [Self; 6] = [
        Self::Hour,
        Self::Day,
        Self::Week,
        Self::Month,
        Self::Year,
        Self::Season,
    ];

    /// Returns the name that the unit has in REST and in data files.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Year => "year",
            Self::Season => "season",
        }
    }

    /// Returns the unit of that name, if there is one.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|unit| unit.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_lead_back_to_their_span() {
        for (word, span) in WORDS {
            assert_eq!(Span::from_word(word), Some(span));
            assert_eq!(span.word(), Some(word));
        }
        assert_eq!(Span::new(12, SpanUnit::Month).word(), None);
    }

    #[test]
    fn names_lead_back_to_their_unit() {
        for unit in SpanUnit::ALL {
            assert_eq!(SpanUnit::from_name(unit.name()), Some(unit));
        }
    }

    #[test]
    fn months_have_no_hours() {
        assert_eq!(Span::new(2, SpanUnit::Day).hours(), Some(48));
        assert_eq!(Span::new(1, SpanUnit::Month).hours(), None);
    }
}
