//! A bound offer that drifted: [`Drift`].

use std::collections::BTreeSet;

use offerctl_model::country::Country;
use offerctl_model::name::{Name, OfferId};
use offerctl_model::offer_type::OfferType;
use offerctl_model::value::Moment;

use crate::diff::FieldChange;

/// How a bound offer is no longer what was last applied.
#[derive(Debug, Clone, PartialEq)]
pub struct Drift {
    /// Its name.
    pub name: Name,
    /// Its type.
    pub offer_type: OfferType,
    /// The live offer.
    pub id: OfferId,
    /// What happened.
    pub kind: DriftKind,
    /// When the live offer was last changed, if the service says so.
    pub updated_at: Option<Moment>,
    /// The fields that differ: before is what was applied, after what is live.
    pub fields: Vec<FieldChange>,
    /// The countries that came to it, or went from it; among the fields are their prices.
    pub moved_countries: BTreeSet<Country>,
}

/// What happened to a bound offer.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum DriftKind {
    /// Fields of it were changed.
    Changed,
    /// It was taken out of the shop.
    Deactivated,
    /// It is in no list.
    Missing,
    /// We had taken it out of the shop, and it is back.
    Revived,
}

impl DriftKind {
    /// Every kind, in the order in which they are shown.
    pub const ALL: [Self; 4] = [
        Self::Changed,
        Self::Deactivated,
        Self::Missing,
        Self::Revived,
    ];

    /// The word that is printed.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Changed => "changed",
            Self::Deactivated => "deactivated",
            Self::Missing => "missing",
            Self::Revived => "revived",
        }
    }
}
