//! Which names and live offers belong together: [`Matching`], pair by pair: [`Match`].

use std::collections::{BTreeMap, BTreeSet};

use offerctl_model::name::{Name, OfferId};
use offerctl_model::offer_type::OfferType;

use crate::conflict::Conflict;
use crate::live::{LiveOffer, View};

/// A declared offer and the live one that it stands for.
#[derive(Debug, Clone, PartialEq)]
pub struct Match<'a> {
    /// The live offer.
    pub live: &'a LiveOffer,
    /// The type that the live offer has for us.
    pub offer_type: OfferType,
    /// The rule that found it.
    pub rule: Rule,
}

impl<'a> Match<'a> {
    /// The id of the live offer.
    pub fn id(&self) -> &'a OfferId {
        &self.live.id
    }

    /// The live offer as the type that it has for us shows it.
    pub fn view(&self) -> Option<&'a View> {
        self.live.view(self.offer_type)
    }
}

/// The rule by which a live offer was found.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "camelCase")]
pub enum Rule {
    /// The state binds it.
    Binding,
    /// The manifest names its id.
    Ids,
    /// It carries our marker.
    Marker,
    /// It had that name before we deactivated it.
    Tombstone,
    /// It is equal in all declared fields.
    Equal,
    /// It has the same type, title and url.
    TitleAndUrl,
}

impl Rule {
    /// Whether the offer was not ours before.
    pub fn adopts(self) -> bool {
        self != Self::Binding
    }
}

/// What belongs together.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Matching<'a> {
    /// Declared names with their live offers.
    pub matches: BTreeMap<Name, Match<'a>>,
    /// Names whose binding moves to another name: old to new.
    pub moves: BTreeMap<Name, Name>,
    /// Bound names that are no longer declared.
    pub orphans: BTreeSet<Name>,
    /// Declared names that have no live offer and may not get one before a person decided.
    pub blocked: BTreeSet<Name>,
    /// Declared names whose create was sent, and nobody knows yet whether it was made.
    pub pending: BTreeSet<Name>,
    /// What a person has to decide.
    pub conflicts: Vec<Conflict>,
    /// Active live offers that belong to no name.
    pub unmanaged: Vec<OfferId>,
}

impl Matching<'_> {
    /// The id of the live offer of a declared name.
    pub fn id_of(&self, name: &Name) -> Option<OfferId> {
        self.matches.get(name).map(|found| found.id().clone())
    }
}
