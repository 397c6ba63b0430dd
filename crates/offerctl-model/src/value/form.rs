//! The one form in which values are compared: [`Value`].

use std::collections::BTreeSet;

use super::event::EventRef;
use super::geo::GeoRestriction;
use super::moment::Moment;
use crate::field::{Field, Kind, Removal};
use crate::foreign::Foreign;
use crate::money::{Amount, Currency};

/// The tag that stands for all content (docs/cleeng-api.md §2.3).
pub const EVERY_TAG: &str = "(all)";

/// The value of a field.
///
/// Two values that mean the same are equal: `12` and `12.00`, a set of tags in any order, a switched-off geo
/// restriction however it was spelled.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Value {
    /// Any text, and every word out of a few.
    Text(Foreign),
    /// A whole number.
    Integer(u64),
    /// `true` or `false`.
    Flag(bool),
    /// A price without its currency, or another decimal number.
    Amount(Amount),
    /// A currency.
    Currency(Currency),
    /// A moment.
    Time(Moment),
    /// A set of tags.
    Tags(Box<[Foreign]>),
    /// A geo restriction; `None` sells everywhere.
    Geo(Option<Box<GeoRestriction>>),
    /// A set of events.
    Events(Box<[EventRef]>),
    /// Texts by keys, sorted.
    Texts(Box<[(Foreign, Foreign)]>),
    /// Members by their names in the order of the table; none at all if the record was cleared.
    Record(Box<[(&'static str, Self)]>),
    /// A list of records.
    Records(Box<[Self]>),
}

impl Value {
    /// Returns a text.
    pub fn text(text: impl Into<Foreign>) -> Self {
        Self::Text(text.into())
    }

    /// Returns a set of tags; the empty text is no tag (docs/cleeng-api.md §2.0: `[""]` is `[]`).
    pub fn tags<T: Into<Foreign>>(tags: impl IntoIterator<Item = T>) -> Self {
        let tags: BTreeSet<Foreign> = tags.into_iter().map(Into::into).collect();
        let tags = tags.into_iter().filter(|tag| !tag.is_empty());
        Self::Tags(tags.collect())
    }

    /// Returns a set of events.
    pub fn events(events: impl IntoIterator<Item = EventRef>) -> Self {
        let events: BTreeSet<EventRef> = events.into_iter().collect();
        Self::Events(events.into_iter().collect())
    }

    /// Returns what a cleared field of this kind holds, or `None` if it cannot be cleared.
    pub fn cleared(kind: Kind) -> Option<Self> {
        match kind {
            Kind::Text | Kind::Url | Kind::Choice(_) => Some(Self::text("")),
            Kind::Integer { min: 0, .. } => Some(Self::Integer(0)),
            Kind::Flag => Some(Self::Flag(false)),
            Kind::Tags => Some(Self::Tags(Box::default())),
            Kind::GeoRestriction => Some(Self::Geo(None)),
            Kind::Events => Some(Self::Events(Box::default())),
            Kind::TextMap | Kind::Texts(_) => Some(Self::Texts(Box::default())),
            Kind::Record(_) => Some(Self::Record(Box::default())),
            Kind::Records(_) => Some(Self::Records(Box::default())),
            Kind::Rate => Some(Self::Amount(Amount::ZERO)),
            Kind::Integer { .. }
            | Kind::Period
            | Kind::Price
            | Kind::Currency
            | Kind::Time
            | Kind::TimeZone => None,
        }
    }

    /// Returns the value that a field goes back to once nobody declares it any more, or `None` if it has no empty value.
    pub fn undone(field: Field) -> Option<Self> {
        match field.removal() {
            Removal::Clears | Removal::Refused => Self::cleared(field.kind()),
            Removal::Stays => None,
        }
    }

    /// Whether the value says nothing: what a field holds that was never set.
    pub fn is_cleared(&self) -> bool {
        match self {
            Self::Text(text) => text.is_empty(),
            Self::Integer(number) => *number == 0,
            Self::Flag(flag) => !flag,
            Self::Tags(tags) => tags.is_empty(),
            Self::Geo(restriction) => restriction.is_none(),
            Self::Events(events) => events.is_empty(),
            Self::Texts(texts) => texts.is_empty(),
            Self::Record(members) => members.is_empty(),
            Self::Records(records) => records.is_empty(),
            Self::Amount(amount) => *amount == Amount::ZERO,
            Self::Currency(_) | Self::Time(_) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field::Visibility;

    #[test]
    fn tags_are_a_set_and_the_empty_tag_is_none() {
        assert_eq!(Value::tags(["b", "a", "b"]), Value::tags(["a", "b"]));
        assert_eq!(Value::tags([""]), Value::Tags(Box::default()));
    }

    #[test]
    fn what_clears_a_field_is_cleared() {
        for field in Field::all() {
            if let Some(value) = Value::cleared(field.kind()) {
                assert!(value.is_cleared(), "{field}");
            }
        }
        assert_eq!(Value::cleared(Kind::Price), None);
    }

    #[test]
    fn what_is_undone_has_an_empty_value_and_what_an_offer_needs_stays() {
        for field in Field::all() {
            let stays = field.removal() == Removal::Stays;
            assert_eq!(Value::undone(field).is_none(), stays, "{field}");
            assert!(stays || !field.is_essential(), "{field}");
            if field.visibility() == Visibility::WriteOnly {
                assert_eq!(field.removal(), Removal::Refused, "{field}");
            }
        }
    }
}
