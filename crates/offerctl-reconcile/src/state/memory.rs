//! What is known of an environment from former runs: [`State`].

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use offerctl_manifest::manifest::Date;
use offerctl_manifest::project::Account;
use offerctl_model::foreign::Foreign;
use offerctl_model::name::{Name, OfferId};
use offerctl_model::offer_type::OfferType;
use offerctl_model::value::Moment;

use super::approval::{Use, UseKey};
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
    /// The approvals that were used, so that none is used twice for one offer and country.
    pub approvals: BTreeMap<UseKey, Use>,
    /// The files that declared the offers when they were last applied, by name: approvals in a file act on its offers only.
    pub files: BTreeMap<Name, Arc<Foreign>>,
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
            approvals: _,
            files: _,
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

    /// The id of the offer that a name stands for, or else of one that it stood for and that is no longer ours.
    pub fn id_behind(&self, name: &Name) -> Option<OfferId> {
        if let Some(binding) = self.bindings.get(name) {
            return Some(binding.id.clone());
        }
        let mut buried = self.tombstones.iter();
        let found = buried.find(|(_, tombstone)| tombstone.name == *name);
        found.map(|(id, _)| id.clone())
    }

    /// Lets bindings go on under other names.
    pub fn follow(&mut self, moves: &BTreeMap<Name, Name>) {
        for (from, to) in moves {
            if let Some(binding) = self.bindings.remove(from) {
                self.bindings.insert(to.clone(), binding);
            }
            if let Some(file) = self.files.remove(from) {
                self.files.insert(to.clone(), file);
            }
            self.rename_uses(from, to);
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

    /// Stops looking out for creates that were given up too long ago to show up any more, and forgets the uses of approvals
    /// that ended long ago; says whether there were any.
    pub fn expire(&mut self, now: Moment) -> bool {
        let before = self.watched.len();
        self.watched.retain(|_, intent| intent.is_watched(now));
        let is_over = self.drop_old_uses(Date::of(now));
        self.watched.len() < before || is_over
    }

    /// Remembers that an approval was used, or that it may have been. What is known to have succeeded stays known.
    pub fn remember_use(&mut self, used: Use) {
        let key = used.key();
        if self.approvals.get(&key).is_none_or(|known| !known.done) {
            self.approvals.insert(key, used);
        }
    }

    /// An offer with a new name has used what it used under the old one.
    fn rename_uses(&mut self, from: &Name, to: &Name) {
        let of_old = |used: &&Use| used.offer == *from;
        let moved: Vec<Use> = self.approvals.values().filter(of_old).cloned().collect();
        for mut used in moved {
            self.approvals.remove(&used.key());
            used.offer = to.clone();
            self.remember_use(used);
        }
    }

    fn drop_old_uses(&mut self, today: Date) -> bool {
        let before = self.approvals.len();
        self.approvals.retain(|_, used| !used.is_over(today));
        self.approvals.len() < before
    }

    /// Marks an offer as no longer ours.
    pub fn bury(&mut self, name: &Name, id: &OfferId, offer_type: OfferType, reason: Gone) {
        let last = self.tombstones.values().map(|tombstone| tombstone.order);
        let order = last.max().unwrap_or_default() + 1;
        self.tombstones.insert(
            id.to_stem(),
            Tombstone {
                name: name.clone(),
                offer_type,
                reason,
                last: None,
                order,
            },
        );
    }

    /// Binds a name; an offer that is ours has no tombstone.
    pub fn bind(&mut self, name: Name, binding: Binding) {
        self.tombstones.remove(&binding.id.to_stem());
        self.bindings.insert(name, binding);
    }
}
