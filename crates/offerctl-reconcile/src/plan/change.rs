//! What happens to one offer: [`Change`].

use std::sync::Arc;

use offerctl_manifest::manifest::Lifecycle;
use offerctl_manifest::span::Span;
use offerctl_model::content::Content;
use offerctl_model::foreign::Foreign;
use offerctl_model::name::{Name, OfferId};
use offerctl_model::offer_type::OfferType;
use serde::{Deserialize, Serialize};

use super::lost::LostCountries;
use super::sold::Sold;
use crate::diff::FieldChange;
use crate::matching::Rule;

/// What happens to one offer.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// Its name.
    pub name: Name,
    /// Its type; for a replacement, the new one.
    pub offer_type: OfferType,
    /// What happens.
    pub action: Action,
    /// The rule that found the live offer, if it was not ours before.
    pub adopted: Option<Rule>,
    /// The live offer; `None` for a create.
    pub id: Option<OfferId>,
    /// What differs.
    pub fields: Vec<FieldChange>,
    /// Why a replacement is one, and why an offer that we took off sale is made anew.
    pub reason: Option<String>,
    /// What may happen to it, as the manifest says, or as it was last applied if it is no longer declared.
    pub lifecycle: Lifecycle,
    /// What was last applied, which a price may always go back to.
    pub applied: Option<Arc<Content>>,
    /// The countries that are no longer sold to.
    pub lost: Vec<LostCountries>,
    /// The file that declares it, or that declared it as far as the state knows.
    pub file: Option<Arc<Foreign>>,
    /// What is sold, if it goes.
    pub sold: Option<Sold>,
    /// The place in the manifests, if the offer is declared.
    pub span: Option<Span>,
}

/// What happens to an offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// It is made.
    Create,
    /// Some of its fields are changed.
    Update,
    /// A new one is made, and then the old one deactivated.
    Replace,
    /// It can no longer be bought.
    Deactivate,
    /// It can be bought again.
    Activate,
    /// It is bound to its name, and nothing is sent.
    Adopt,
    /// Its binding is dropped, and nothing is sent.
    Forget,
}

impl Action {
    /// Every action.
    pub const ALL: [Self; 7] = [
        Self::Create,
        Self::Update,
        Self::Replace,
        Self::Deactivate,
        Self::Activate,
        Self::Adopt,
        Self::Forget,
    ];

    /// The word that is printed.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Replace => "replace",
            Self::Deactivate => "deactivate",
            Self::Activate => "activate",
            Self::Adopt => "adopt",
            Self::Forget => "forget",
        }
    }

    /// The symbol that stands before the word.
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Create | Self::Activate => "+",
            Self::Update => "~",
            Self::Replace => "-/+",
            Self::Deactivate | Self::Forget => "-",
            Self::Adopt => "→",
        }
    }
}
