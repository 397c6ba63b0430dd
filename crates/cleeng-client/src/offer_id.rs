//! The two identifiers of an offer: [`OfferId`] and [`MultiCurrencyOfferId`].

use std::fmt;

use serde::{Serialize, Serializer};

/// Names one offer, as the service writes it: `S740060915_FR`.
///
/// A letter for the type, nine digits, an underscore and two letters for the country (
/// docs/cleeng-api.md §2.0). Nothing of that is checked here: old accounts have ids of other shapes, and an id is
/// only ever handed back to the service that made it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OfferId(String);

impl OfferId {
    /// Returns the id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the part before the country, which all localized versions of an offer share.
    ///
    /// ```
    /// use cleeng_client::OfferId;
    ///
    /// assert_eq!(OfferId::from("S740060915_FR").stem(), "S740060915");
    /// assert_eq!(OfferId::from("S740060915").stem(), "S740060915");
    /// ```
    pub fn stem(&self) -> &str {
        self.0.split_once('_').map_or(&self.0, |(stem, _)| stem)
    }

    /// Returns the country at the end of the id, if the id has one.
    ///
    /// ```
    /// use cleeng_client::OfferId;
    ///
    /// assert_eq!(OfferId::from("S740060915_FR").country(), Some("FR"));
    /// assert_eq!(OfferId::from("S740060915").country(), None);
    /// ```
    pub fn country(&self) -> Option<&str> {
        self.0.split_once('_').map(|(_, country)| country)
    }
}

/// Names a multi-currency offer: the stem that its localized offers share, `S740060915`
/// (docs/cleeng-api.md §4).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MultiCurrencyOfferId(String);

impl MultiCurrencyOfferId {
    /// Returns the id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

macro_rules! identifier {
    ($($name:ident),*) => {$(
        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(text)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.to_owned())
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }
    )*};
}

identifier!(OfferId, MultiCurrencyOfferId);
