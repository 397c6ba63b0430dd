//! What is known of an environment from former runs: [`State`].

use std::collections::{BTreeMap, BTreeSet};

use offerctl_manifest::project::Account;
use offerctl_model::foreign::Foreign;
use offerctl_model::name::{Name, OfferId};
use offerctl_model::offer_type::OfferType;
use offerctl_model::value::Moment;

use super::binding::{Binding, Gone, Tombstone};
use super::intent::{Intent, IntentId, Run};
use crate::live::Live;

/// What is known of an environment from former runs.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct State {
    /// The account, as it showed itself at the first apply.
    pub account: Account,
    /// The offers by name.
    pub bindings: BTreeMap<Name, Binding>,
    /// The offers that are no longer ours, by the stems of their ids: they do not stand in the way of new ones.
    pub tombstones: BTreeMap<OfferId, Tombstone>,
    /// Creates whose outcome is not known, by intent.
    pub intents: BTreeMap<IntentId, Intent>,
    /// Creates that were settled as never made, by intent: one that shows up late was made twice.
    pub watched: BTreeMap<IntentId, Intent>,
    /// When the last create was sent that is known to have made an offer: the lists may not show it yet.
    ///
    /// It is the moment of its intent. When its connection ended is not stored, so what has to show by then is waited
    /// for less long, by as much as the request waited for its turn and for its answer.
    pub last_made: Option<Moment>,
    /// The runs that sent those creates, by their ids.
    pub runs: BTreeMap<String, Run>,
    /// The saved plans that were applied, so that none is applied twice.
    pub consumed: BTreeSet<String>,
}

impl State {
    /// Returns whether any apply is known to have written to the account. Where none is, the state may be a new one in the
    /// place of one that was lost, so offers that were made a moment ago may be known to nobody.
    pub fn knows_an_apply(&self) -> bool {
        let Self {
            account: _,
            bindings,
            tombstones,
            intents,
            watched,
            last_made,
            runs,
            consumed,
        } = self;
        let mut bindings = bindings.values();
        bindings.any(|binding| binding.applied.is_some())
            || last_made.is_some()
            || !(tombstones.is_empty()
                && intents.is_empty()
                && watched.is_empty()
                && runs.is_empty()
                && consumed.is_empty())
    }

    /// The ids of all offers that some name has, is about to lose, or had.
    pub(crate) fn claimed_ids(&self) -> impl Iterator<Item = &OfferId> {
        let bound = self.bindings.values().flat_map(|binding| {
            let retiring = binding.retiring.iter().map(|retiring| &retiring.id);
            std::iter::once(&binding.id).chain(retiring)
        });
        bound.chain(self.tombstones.keys())
    }

    /// The name that an offer is bound to.
    pub fn name_of(&self, id: &OfferId) -> Option<&Name> {
        self.bindings
            .iter()
            .find(|(_, binding)| binding.id.same_offer(id))
            .map(|(name, _)| name)
    }

    /// Lets bindings go on under other names.
    pub fn follow(&mut self, moves: &BTreeMap<Name, Name>) {
        for (from, to) in moves {
            if let Some(binding) = self.bindings.remove(from) {
                self.bindings.insert(to.clone(), binding);
            }
            for intent in self.intents.values_mut().chain(self.watched.values_mut()) {
                if intent.name == *from {
                    intent.name = to.clone();
                }
            }
        }
    }

    /// The account with what it shows of itself for the first time; `None` if there is nothing to learn.
    ///
    /// `email` is the one address that its offers are published by.
    pub fn account_shown(&self, email: Option<Foreign>, live: &Live) -> Option<Account> {
        let known = &self.account;
        if known.publisher_email.is_some() || email.is_none() {
            return None;
        }
        let shown = live.account_currencies();
        let only = shown.first().copied().filter(|_| shown.len() == 1);
        Some(Account {
            publisher_email: email,
            currency: only.or(known.currency),
            ..known.clone()
        })
    }

    /// Stops looking out for creates that were given up too long ago to show up any more; says whether there were any.
    pub fn expire(&mut self, now: Moment) -> bool {
        let before = self.watched.len();
        self.watched.retain(|_, intent| intent.is_watched(now));
        self.watched.len() < before
    }

    /// Marks an offer as no longer ours.
    pub fn bury(&mut self, name: &Name, id: &OfferId, offer_type: OfferType, reason: Gone) {
        self.tombstones.insert(
            id.to_stem(),
            Tombstone {
                name: name.clone(),
                offer_type,
                reason,
            },
        );
    }

    /// Binds a name; an offer that is ours has no tombstone.
    pub fn bind(&mut self, name: Name, binding: Binding) {
        self.tombstones.remove(&binding.id.to_stem());
        self.bindings.insert(name, binding);
    }
}
