//! Making a state anew from what is declared and what is live: [`rebuild`].
//!
//! It is matching, with nothing remembered: a name gets the live offer that it would adopt. What matching cannot
//! decide stays open, with the commands that settle it.

use std::collections::{BTreeMap, BTreeSet};

use offerctl_manifest::desired::{Desired, Offer};
use offerctl_model::name::{Name, OfferId};
use offerctl_model::offer_type::OfferType;

use crate::conflict::{Conflict, ConflictCode};
use crate::live::Live;
use crate::matching::Rule;
use crate::plan::{Action, Change, Plan, plan, record as found_record};
use crate::state::{Binding, State};

/// What a state can be told anew.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rebuilt {
    /// Names that are bound already, with whether the account still lists their offers.
    pub known: BTreeMap<Name, Known>,
    /// Names whose live offers were found.
    pub found: BTreeMap<Name, Found>,
    /// What a person has to decide.
    pub open: Vec<Conflict>,
    /// Declared names that nothing live is like.
    pub absent: BTreeMap<Name, OfferType>,
}

/// A binding that the state has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// The live offer.
    pub id: OfferId,
    /// Its type.
    pub offer_type: OfferType,
    /// Whether the account lists it.
    pub is_listed: bool,
}

/// A live offer that was found, and by what.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// What the state is to learn.
    pub binding: Binding,
    /// The evidence.
    pub rule: Rule,
    /// Whether the live offer is not as the manifest says, so that a plan changes it.
    pub differs: bool,
}

impl Rule {
    /// The evidence in words.
    pub fn evidence(self) -> &'static str {
        match self {
            Self::Binding => "the state binds it",
            Self::Ids => "the manifest names its id",
            Self::Marker => "it carries our marker",
            Self::Tombstone => "we deactivated it under this name",
            Self::Equal => "it alone is equal in all declared fields",
            Self::TitleAndUrl => "it alone has the type, title and url",
        }
    }
}

/// How many declared names have live offers although the state binds none at all: it may have been lost, and then it is
/// rebuilt before anything else.
pub fn matches_without_state(plan: &Plan, state: &State) -> usize {
    if !state.bindings.is_empty() {
        return 0;
    }
    let adopted = plan
        .changes
        .iter()
        .filter(|change| change.adopted.is_some());
    let is_match = |conflict: &&Conflict| {
        matches!(
            conflict.code,
            ConflictCode::AdoptChanges | ConflictCode::Ambiguous | ConflictCode::MarkerTwice
        )
    };
    let undecided = plan.conflicts.iter().filter(is_match);
    let names: BTreeSet<&Name> = adopted
        .map(|change| &change.name)
        .chain(undecided.map(|conflict| &conflict.name))
        .collect();
    names.len()
}

/// Finds the live offers of names that the state does not bind.
pub fn rebuild(desired: &Desired, live: &Live, state: &State) -> Rebuilt {
    let known = state.bindings.iter().map(|(name, binding)| {
        let known = Known {
            id: binding.id.clone(),
            offer_type: binding.offer_type,
            is_listed: live.get(&binding.id).is_some(),
        };
        (name.clone(), known)
    });
    let mut rebuilt = Rebuilt {
        known: known.collect(),
        ..Rebuilt::default()
    };
    let plan = plan(desired, live, state);
    for change in &plan.changes {
        if let Some(found) = adoption(change, desired) {
            rebuilt.found.insert(change.name.clone(), found);
        } else if change.action == Action::Create {
            rebuilt
                .absent
                .insert(change.name.clone(), change.offer_type);
        }
    }
    rebuilt.open = plan.conflicts;
    rebuilt
}

/// The binding that an adoption in a plan leads to.
pub(crate) fn adoption(change: &Change, desired: &Desired) -> Option<Found> {
    let rule = change.adopted?;
    let id = change.id.as_ref()?;
    let offer = desired.get(&change.name)?;
    let differs = change.action != Action::Adopt;
    let mut binding = binding((id, change.offer_type), offer, None);
    if differs {
        // Nothing was applied that could have drifted.
        binding.applied = None;
    }
    Some(Found {
        binding,
        rule,
        differs,
    })
}

/// What the state says of an offer that is as its manifest says.
pub(crate) fn binding(
    (id, offer_type): (&OfferId, OfferType),
    offer: &Offer,
    known: Option<&Binding>,
) -> Binding {
    let retiring = known.map(|known| known.retiring.clone());
    let record = found_record(offer, retiring.unwrap_or_default());
    record.binding(id.clone(), offer_type)
}
