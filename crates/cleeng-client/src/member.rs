//! What an answer says of one field: [`Member`].

use serde::{Serialize, Serializer};

/// Tells a field that an answer leaves out from one that is there without a value.
///
/// The difference matters to whoever compares an answer with something: an absent member says
/// nothing about the offer (lists leave some fields out), a [`Member::Null`] says that the offer
/// has no such value. What counts as "no value" depends on the field's type, since the service
/// writes it in several ways (docs/cleeng-api.md §2.0):
///
/// | type | read as [`Member::Null`] |
/// |---|---|
/// | every type | `null` |
/// | numbers | also `""` |
/// | images | also `""`, `[]` and an object without any size |
///
/// An empty text is a value (`""`), and so is an empty list; `[""]` is the empty list.
///
/// In the bodies of the REST API it tells what a change leaves alone ([`Member::Absent`], not
/// sent) from what it clears ([`Member::Null`], sent as `null`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Member<T> {
    /// The answer has no such member. It must not be taken for "empty".
    #[default]
    Absent,
    /// The member is there and has no value.
    Null,
    /// The member's value.
    Value(T),
}

impl<T> Member<T> {
    /// Returns the value, if there is one.
    pub fn value(&self) -> Option<&T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Absent | Self::Null => None,
        }
    }

    /// Returns the value itself, if there is one.
    pub fn into_value(self) -> Option<T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Absent | Self::Null => None,
        }
    }

    /// Returns whether the answer left this member out.
    pub fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    /// Applies a function to the value and keeps the two other cases as they are.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Member<U> {
        match self {
            Self::Absent => Member::Absent,
            Self::Null => Member::Null,
            Self::Value(value) => Member::Value(change(value)),
        }
    }

    /// Borrows the value and keeps the two other cases as they are.
    pub fn as_ref(&self) -> Member<&T> {
        match self {
            Self::Absent => Member::Absent,
            Self::Null => Member::Null,
            Self::Value(value) => Member::Value(value),
        }
    }
}

impl<T> From<T> for Member<T> {
    fn from(value: T) -> Self {
        Self::Value(value)
    }
}

/// Writes the value, or `null`. Whoever holds an absent member leaves it out (`Member::is_absent`).
impl<T: Serialize> Serialize for Member<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Absent | Self::Null => serializer.serialize_none(),
            Self::Value(value) => value.serialize(serializer),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_value_has_a_value() {
        assert_eq!(Member::Value(1).value(), Some(&1));
        assert_eq!(Member::<i32>::Null.value(), None);
        assert_eq!(Member::<i32>::Absent.into_value(), None);
        assert_eq!(Member::from(2).into_value(), Some(2));
    }

    #[test]
    fn absent_and_null_stay_apart_under_map() {
        assert_eq!(Member::<i32>::Absent.map(|n| n.to_string()), Member::Absent);
        assert_eq!(Member::<i32>::Null.map(|n| n.to_string()), Member::Null);
        assert_eq!(Member::Value(3).as_ref().map(|n| n + 1), Member::Value(4));
        assert!(Member::<i32>::default().is_absent());
        assert!(!Member::<i32>::Null.is_absent());
    }
}
