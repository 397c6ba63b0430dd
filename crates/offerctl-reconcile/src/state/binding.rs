//! Which live offer a name stands for, or stood for: [`Binding`].

use std::collections::BTreeSet;
use std::sync::Arc;

use offerctl_model::content::Content;
use offerctl_model::name::{Name, OfferId};
use offerctl_model::offer_type::OfferType;
use serde::{Deserialize, Serialize};

use super::sent::{Leftover, Sent};

/// A name and the live offer that it stands for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Binding {
    /// The id; the stem if the offer is localized.
    pub id: OfferId,
    /// The type.
    #[serde(rename = "type")]
    pub offer_type: OfferType,
    /// Whether the manifest protected it when it was last applied.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub protect: bool,
    /// The offers that it needed when it was last applied.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub needs: BTreeSet<Name>,
    /// What was last applied; `None` if it was adopted and never applied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub applied: Option<Content>,
    /// Which of those values an apply sent; none, if they were only found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent: Option<Sent>,
    /// Values that were sent besides, each to a place of its own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub leftovers: Vec<Leftover>,
    /// Offers that this one replaced and that are still to be deactivated.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub retiring: Vec<Retiring>,
}

impl Binding {
    /// What the offer said, for when it ceases to be ours; `None` if nothing was ever applied.
    pub(super) fn into_last(self) -> Option<Last> {
        Some(Last {
            applied: self.applied?,
            sent: self.sent,
            leftovers: self.leftovers,
        })
    }

    /// Notes values that were sent to one place of the offer.
    pub(super) fn leave(&mut self, values: Leftover) {
        let mut known = self.leftovers.iter_mut();
        let same = |known: &&mut Leftover| {
            known.country == values.country && known.doubtful == values.doubtful
        };
        let Some(known) = known.find(same) else {
            self.leftovers.push(values);
            return;
        };
        for (field, value) in values.fields.iter() {
            known.fields.set(field, value.clone());
        }
    }
}

/// What the state says of an offer once a step has succeeded; the id is that of the step's outcome.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Record {
    /// Whether the manifest protects it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub protect: bool,
    /// The offers that it needs.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub needs: BTreeSet<Name>,
    /// What was applied; `None` if a later step applies it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub applied: Option<Arc<Content>>,
    /// Which of those values an apply sent; none, if they were only found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent: Option<Sent>,
    /// Values that were sent besides, each to a place of its own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub leftovers: Vec<Leftover>,
    /// Offers that it replaces, to be deactivated by a later step.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub retiring: Vec<Retiring>,
}

impl Record {
    /// The binding of the live offer with this id.
    pub fn binding(&self, id: OfferId, offer_type: OfferType) -> Binding {
        let Self {
            protect,
            needs,
            applied,
            sent,
            leftovers,
            retiring,
        } = self.clone();
        let applied = applied.map(Arc::unwrap_or_clone);
        Binding {
            id,
            offer_type,
            protect,
            needs,
            applied,
            sent,
            leftovers,
            retiring,
        }
    }
}

/// An offer that was replaced and is still to be deactivated.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retiring {
    /// The id.
    pub id: OfferId,
    /// The type.
    #[serde(rename = "type")]
    pub offer_type: OfferType,
}

/// An offer that was ours.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tombstone {
    /// The name that it had.
    pub name: Name,
    /// The type.
    #[serde(rename = "type")]
    pub offer_type: OfferType,
    /// Why it is no longer ours.
    pub reason: Gone,
    /// What was last applied, and which of it an apply sent: what the offer says when it is sold again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<Box<Last>>,
    /// Counts up: what went later has a higher number. Zero if a version wrote it that did not count.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub order: u64,
}

/// What an offer said when it ceased to be ours.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Last {
    /// What was last applied.
    pub applied: Content,
    /// Which of those values an apply sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent: Option<Sent>,
    /// Values that were sent besides.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub leftovers: Vec<Leftover>,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands over a reference"
)]
fn is_zero(order: &u64) -> bool {
    *order == 0
}

/// Why an offer is no longer ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Gone {
    /// We deactivated it, because it was no longer declared.
    Deactivated,
    /// We deactivated it, because another one has taken its place.
    Replaced,
    /// Its binding was dropped.
    Forgotten,
}
