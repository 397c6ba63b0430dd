//! Which live offer a name stands for, or stood for: [`Binding`].

use std::collections::BTreeSet;
use std::sync::Arc;

use offerctl_model::content::Content;
use offerctl_model::name::{Name, OfferId};
use offerctl_model::offer_type::OfferType;
use serde::{Deserialize, Serialize};

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
    /// Offers that this one replaced and that are still to be deactivated.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub retiring: Vec<Retiring>,
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
            retiring,
        } = self.clone();
        let applied = applied.map(Arc::unwrap_or_clone);
        Binding {
            id,
            offer_type,
            protect,
            needs,
            applied,
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tombstone {
    /// The name that it had.
    pub name: Name,
    /// The type.
    #[serde(rename = "type")]
    pub offer_type: OfferType,
    /// Why it is no longer ours.
    pub reason: Gone,
}

/// Why an offer is no longer ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Gone {
    /// We deactivated it.
    Deactivated,
    /// Its binding was dropped.
    Forgotten,
}
