//! The events that a VOD comes with: [`EventRef`].

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::name::{Name, OfferId};

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
