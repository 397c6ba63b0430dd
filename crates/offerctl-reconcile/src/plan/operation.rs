//! What is done to an offer: [`Operation`], and its place among others: [`Step`].

use offerctl_model::foreign::Foreign;
use std::collections::BTreeMap;
use std::sync::Arc;

use offerctl_model::content::{Content, Fields, Localization};
use offerctl_model::country::Country;
use offerctl_model::name::{Name, OfferId};
use offerctl_model::offer_type::OfferType;
use serde::{Deserialize, Serialize};

use crate::state::{Leftover, Record};

/// What is done to an offer. Nothing is left to decide but the ids of offers that earlier steps make.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(
    tag = "operation",
    rename_all = "camelCase",
    rename_all_fields = "camelCase",
    deny_unknown_fields
)]
pub enum Operation {
    /// Binds a live offer to the name; nothing is sent.
    Bind {
        /// The live offer.
        id: OfferId,
    },
    /// Makes an offer.
    Create {
        /// What it says.
        content: Arc<Content>,
        /// The country in which the offer itself is sold, if it is localized over REST.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        home: Option<Country>,
    },
    /// Changes fields of an offer.
    Update {
        /// The live offer.
        id: OfferId,
        /// Whether it is localized, which has a method of its own.
        localized: bool,
        /// The values to send once.
        #[serde(default, skip_serializing_if = "Fields::is_empty")]
        base: Fields,
        /// The values to send per country.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        rows: BTreeMap<Country, Fields>,
    },
    /// Changes fields of an offer in one country.
    UpdateCountry {
        /// The live offer.
        id: OfferId,
        /// The country.
        country: Country,
        /// The values to send.
        fields: Fields,
    },
    /// Sells an offer in one more country.
    AddCountry {
        /// The live offer.
        id: OfferId,
        /// The country.
        country: Country,
        /// All that it says there.
        localization: Localization,
    },
    /// Lets an offer be bought again in one country.
    ActivateCountry {
        /// The live offer.
        id: OfferId,
        /// The country.
        country: Country,
    },
    /// Takes an offer out of the shop of one country.
    DeactivateCountry {
        /// The live offer.
        id: OfferId,
        /// The country.
        country: Country,
    },
    /// Lets an offer be bought again.
    Activate {
        /// The live offer.
        id: OfferId,
    },
    /// Takes an offer out of the shop.
    Deactivate {
        /// The live offer.
        id: OfferId,
        /// Whether it goes because another has taken its place.
        replaced: bool,
    },
    /// Drops the binding; nothing is sent.
    Forget {
        /// The live offer.
        id: OfferId,
    },
}

impl Operation {
    /// Whether carrying it out makes a new offer.
    pub fn is_create(&self) -> bool {
        matches!(self, Self::Create { .. })
    }

    /// Whether carrying it out sends a write to the service.
    pub fn is_sent(&self) -> bool {
        match self {
            Self::Bind { .. } | Self::Forget { .. } => false,
            Self::Create { .. }
            | Self::Update { .. }
            | Self::UpdateCountry { .. }
            | Self::AddCountry { .. }
            | Self::ActivateCountry { .. }
            | Self::DeactivateCountry { .. }
            | Self::Activate { .. }
            | Self::Deactivate { .. } => true,
        }
    }

    /// The live offer that it touches.
    pub fn id(&self) -> Option<&OfferId> {
        match self {
            Self::Create { .. } => None,
            Self::Bind { id }
            | Self::Update { id, .. }
            | Self::UpdateCountry { id, .. }
            | Self::AddCountry { id, .. }
            | Self::ActivateCountry { id, .. }
            | Self::DeactivateCountry { id, .. }
            | Self::Activate { id }
            | Self::Deactivate { id, .. }
            | Self::Forget { id } => Some(id),
        }
    }

    /// The word for it.
    pub fn verb(&self) -> &'static str {
        match self {
            Self::Bind { .. } => "bind",
            Self::Create { .. } => "create",
            Self::Update { .. } | Self::UpdateCountry { .. } => "update",
            Self::AddCountry { .. } => "localize",
            Self::Activate { .. } | Self::ActivateCountry { .. } => "activate",
            Self::Deactivate { .. } | Self::DeactivateCountry { .. } => "deactivate",
            Self::Forget { .. } => "forget",
        }
    }

    /// The country that it is about, if it is about one alone.
    pub fn country(&self) -> Option<Country> {
        match self {
            Self::UpdateCountry { country, .. }
            | Self::AddCountry { country, .. }
            | Self::ActivateCountry { country, .. }
            | Self::DeactivateCountry { country, .. } => Some(*country),
            Self::Bind { .. }
            | Self::Create { .. }
            | Self::Update { .. }
            | Self::Activate { .. }
            | Self::Deactivate { .. }
            | Self::Forget { .. } => None,
        }
    }
}

/// Steps that others wait for, whether or not they succeed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// What they have in common: a tag, or `(all)`.
    pub tag: Foreign,
    /// The steps.
    pub members: Vec<StepId>,
}

/// One operation on one offer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Step {
    /// The name of the offer.
    pub name: Name,
    /// The type of the live offer that it works on.
    #[serde(rename = "type")]
    pub offer_type: OfferType,
    /// What is done.
    pub operation: Operation,
    /// The steps that must have succeeded: without them, this one is skipped.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<StepId>,
    /// The groups that must be through, whatever became of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub after: Vec<GroupId>,
    /// What the state says of the offer once the step has succeeded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<Record>,
    /// The values that it sends because they differ. The state notes them before the request leaves, and once more when the step
    /// has succeeded, if it is not the last of its offer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub leaves: Vec<Leftover>,
}

/// The place of a step in [`Plan::steps`](super::Plan::steps).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StepId(pub u32);

/// The place of a group in [`Plan::groups`](super::Plan::groups).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct GroupId(pub u32);
