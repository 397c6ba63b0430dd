//! The value of a field: [`Value`], in the one form in which values are compared.

mod json;
mod moment;

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

pub(crate) use self::json::record;
pub use self::json::{FieldValueSeed, json_value};
pub use self::moment::{Moment, MomentError};
use crate::country::Country;
use crate::field::Kind;
use crate::money::{Amount, Currency};
use crate::name::{Name, OfferId};

/// The tag that stands for all content (API sheet §2.3).
pub(crate) const EVERY_TAG: &str = "(all)";

/// The value of a field.
///
/// Two values that mean the same are equal: `12` and `12.00`, a set of tags in any order, a switched-off geo
/// restriction however it was spelled.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Value {
    /// Any text, and every word out of a few.
    Text(Box<str>),
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
    Tags(Box<[Box<str>]>),
    /// A geo restriction; `None` sells everywhere.
    Geo(Option<Box<GeoRestriction>>),
    /// A set of events.
    Events(Box<[EventRef]>),
    /// Texts by keys, sorted.
    Texts(Box<[(Box<str>, Box<str>)]>),
    /// Members by their names in the order of the table; none at all if the record was cleared.
    Record(Box<[(&'static str, Self)]>),
    /// A list of records.
    Records(Box<[Self]>),
}

impl Value {
    /// Returns a text.
    pub fn text(text: impl Into<Box<str>>) -> Self {
        Self::Text(text.into())
    }

    /// Returns a set of tags; the empty text is no tag (API sheet §2.0: `[""]` is `[]`).
    pub fn tags<T: Into<Box<str>>>(tags: impl IntoIterator<Item = T>) -> Self {
        let tags: BTreeSet<Box<str>> = tags.into_iter().map(Into::into).collect();
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

/// In which countries an offer is sold.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GeoRestriction {
    /// Whether the countries are the only ones or the excluded ones.
    #[serde(rename = "type")]
    pub mode: GeoMode,
    /// The countries.
    pub countries: BTreeSet<Country>,
}

/// What the countries of a [`GeoRestriction`] are.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum GeoMode {
    /// The only ones where the offer is sold.
    Whitelist,
    /// The ones where it is not sold.
    Blacklist,
}

impl GeoMode {
    /// The vendor's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Whitelist => "whitelist",
            Self::Blacklist => "blacklist",
        }
    }
}

/// An event that a VOD comes with.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum EventRef {
    /// An offer of the project.
    Offer(Name),
    /// An event that the project does not manage, or one that was looked up.
    Id(OfferId),
}

impl EventRef {
    /// What stands before an id, so that it is never taken for a name.
    pub const ID_PREFIX: &str = "id:";
}

/// The text is neither the name of an offer nor `id:` with an id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is neither the name of an offer nor `id:` with the id of an event")]
pub struct EventRefError(String);

impl FromStr for EventRef {
    type Err = EventRefError;

    fn from_str(text: &str) -> Result<Self, EventRefError> {
        let reference = match text.strip_prefix(Self::ID_PREFIX) {
            Some(id) if !id.is_empty() => Some(Self::Id(OfferId::new(id))),
            Some(_) => None,
            None => text.parse().ok().map(Self::Offer),
        };
        reference.ok_or_else(|| EventRefError(text.chars().take(80).collect()))
    }
}

impl TryFrom<String> for EventRef {
    type Error = EventRefError;

    fn try_from(text: String) -> Result<Self, EventRefError> {
        text.parse()
    }
}

impl From<EventRef> for String {
    fn from(reference: EventRef) -> Self {
        reference.to_string()
    }
}

impl fmt::Display for EventRef {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Offer(name) => name.fmt(formatter),
            Self::Id(id) => write!(formatter, "{}{id}", Self::ID_PREFIX),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field::Field;

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
    fn events_are_names_or_ids() {
        assert_eq!(
            "final".parse::<EventRef>(),
            Ok(EventRef::Offer("final".parse().unwrap()))
        );
        assert_eq!(
            "id:E1_US".parse::<EventRef>(),
            Ok(EventRef::Id(OfferId::new("E1_US")))
        );
        assert_eq!(
            "id:E1_US".parse::<EventRef>().unwrap().to_string(),
            "id:E1_US"
        );
        for bad in ["id:", "E123456789_US", ""] {
            assert!(bad.parse::<EventRef>().is_err(), "{bad}");
        }
    }
}
