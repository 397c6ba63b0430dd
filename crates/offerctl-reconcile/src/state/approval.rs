//! Which approvals of `allow:` were used: [`Use`].
//!
//! An approval is used once per offer and country. Otherwise `max: 60%` would allow 60 % on every run: each price would
//! start from where the last one ended.

use std::fmt;

use offerctl_manifest::manifest::{Approval, Approved, Date};
use offerctl_model::country::Country;
use offerctl_model::money::{Amount, Currency};
use offerctl_model::name::Name;
use offerctl_model::value::Moment;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::hash::hash;
use crate::shown_amount;

/// How many days after the last day of an approval its uses are still kept: as long as a clock may be wrong.
const KEPT_DAYS: i32 = 7;

/// How many characters of a hash tell approvals apart.
const ID_LENGTH: usize = 16;

/// What an approval says, its reason and its last day, as a hash.
///
/// The offers, countries and environments that it names are no part of it, nor is its place: an entry that is moved, or gets
/// one more offer, is still the one that other offers have used.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ApprovalId(String);

impl ApprovalId {
    /// Returns the id of an approval.
    pub fn of(approval: &Approval) -> Self {
        let what = match &approval.what {
            Approved::PriceChange {
                max,
                direction,
                countries: _,
            } => json!([max, direction]),
            Approved::PriceRange {
                countries: _,
                currency,
                min,
                max,
            } => json!([currency, min, max]),
            Approved::Clears { field } => json!([field.name()]),
            Approved::Deactivations
            | Approved::RemoveCountries { .. }
            | Approved::Replacements
            | Approved::Adopt => json!([]),
        };
        let kind = approval.what.kind();
        let mut id = hash(&json!([kind, what, approval.reason, approval.until]));
        id.truncate(ID_LENGTH);
        Self(id)
    }
}

impl fmt::Display for ApprovalId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.0)
    }
}

/// What an approval can be used for once: an offer, and the country whose price or sale it is about, if there is one.
pub type UseKey = (ApprovalId, Name, Option<Country>);

/// An approval that was used for an offer and country.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Use {
    /// The approval.
    pub approval: ApprovalId,
    /// The offer.
    pub offer: Name,
    /// The country, if the change was about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<Country>,
    /// The price that it started from, if the change was one of a price.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "shown_amount::some"
    )]
    pub before: Option<Amount>,
    /// The currency of that price, if it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<Currency>,
    /// The last day of the approval.
    pub until: Date,
    /// When the request was sent.
    pub since: Moment,
    /// Whether the step that it approved has succeeded. If not, it may have, or not: the price that it started from tells.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub done: bool,
}

impl Use {
    /// Returns what cannot be approved again.
    pub fn key(&self) -> UseKey {
        (self.approval.clone(), self.offer.clone(), self.country)
    }

    /// Returns whether it keeps the approval from being used for a change that starts from a price.
    ///
    /// A request that may have been lost took effect if the price is another by now, and is sent again if it is not.
    pub fn stands_against(&self, before: Option<Amount>) -> bool {
        self.done || (self.before.is_some() && self.before != before)
    }

    /// Returns whether it is no longer needed: the approval ended long ago.
    pub fn is_over(&self, today: Date) -> bool {
        self.until.days_later(KEPT_DAYS) < today
    }
}
