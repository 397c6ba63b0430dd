//! Which values of an offer an apply sent: [`Sent`], and those beside what was last applied: [`Leftover`].
//!
//! What git no longer says is undone only if it was sent from here. A value that was merely found, because it was imported,
//! accepted from drift, or live already when a manifest began to say it, is never cleared.

use std::collections::{BTreeMap, BTreeSet};

use offerctl_model::content::{FieldPath, Fields};
use offerctl_model::country::Country;
use offerctl_model::field::Field;
use offerctl_model::offer_type::Api;
use serde::{Deserialize, Serialize};

/// Which of the values of an offer an apply sent, by the place where they are live: the offer itself, or one of its
/// countries. A value at the top of a manifest may be live in many places.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sent {
    /// The generation of the API that they were sent over. To the other one they are values that were only found.
    api: Api,
    /// The places by field, where `null` is the offer itself; all values, if it is not there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    only: Option<BTreeMap<Field, BTreeSet<Option<Country>>>>,
}

impl Sent {
    /// Returns that every value was sent, as by a create.
    pub fn everything(api: Api) -> Self {
        Self { api, only: None }
    }

    /// Returns that some of all values were sent; `None` if none was.
    pub(crate) fn some(
        api: Api,
        sent: &BTreeSet<FieldPath>,
        all: &BTreeSet<FieldPath>,
    ) -> Option<Self> {
        if sent.is_empty() {
            return None;
        }
        let mut only: BTreeMap<Field, BTreeSet<Option<Country>>> = BTreeMap::new();
        for path in sent {
            only.entry(path.field).or_default().insert(path.country);
        }
        let only = (sent != all).then_some(only);
        Some(Self { api, only })
    }

    /// Whether the value that is live at a place was sent over this generation of the API.
    pub(crate) fn includes(&self, api: Api, path: FieldPath) -> bool {
        let there = |only: &BTreeMap<Field, BTreeSet<Option<Country>>>| {
            let places = only.get(&path.field);
            places.is_some_and(|places| places.contains(&path.country))
        };
        self.api == api && self.only.as_ref().is_none_or(there)
    }
}

/// Values that an apply sent to a place where what was last applied does not have them: to a country that is no longer
/// sold to, or in a run that did not get to the last step of an offer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Leftover {
    /// The country; the offer itself if `None`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<Country>,
    /// The values.
    pub fields: Fields,
    /// Whether the request may have been lost, because its answer never came: they count as long as they are live.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub doubtful: bool,
}
