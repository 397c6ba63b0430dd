//! What was last applied: [`State`], which offers are bound to which names.
//!
//! State is a memory, not the truth: losing it is survivable, because matching finds most offers again.

mod document;
mod journal;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

pub use self::document::{FORMAT_VERSION, StateDocument, StateError};
pub use self::journal::{Entry, JOURNAL_VERSION, Segment};
use crate::content::Content;
use crate::live::Live;
use crate::name::{Name, OfferId};
use crate::offer_type::OfferType;
use crate::project::Account;
use crate::value::Moment;

/// How long a create that was settled as never made is looked out for: 24 hours.
const WATCHED_SECONDS: i64 = 24 * 60 * 60;

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

/// What a run found before it made anything: the baseline by which new offers are told from old ones.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Run {
    /// When it began.
    pub since: Moment,
    /// The stems of the ids that each type had, once the lock was held.
    pub baseline: BTreeMap<OfferType, BTreeSet<OfferId>>,
}

/// The id of an intent: unique among all runs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct IntentId(pub String);

/// A create that was about to be sent, and whose outcome is not known.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Intent {
    /// The run that sent it.
    pub run: String,
    /// The name that the offer was to have.
    pub name: Name,
    /// Its type.
    #[serde(rename = "type")]
    pub offer_type: OfferType,
    /// What it was to say, with the ids of events in the place of their names.
    pub content: Content,
    /// What the state says of the offer once it is known to have been made; `applied` is left out where it is `content`.
    #[serde(default)]
    pub record: Record,
    /// When it was written down.
    pub since: Moment,
}

impl Intent {
    /// Returns what the state says once the offer with this id is known to be what was made.
    pub fn binding(&self, id: OfferId) -> Binding {
        let applied = self.record.applied.clone();
        let record = Record {
            applied: Some(applied.unwrap_or_else(|| Arc::new(self.content.clone()))),
            ..self.record.clone()
        };
        record.binding(id, self.offer_type)
    }

    /// Whether what was sent may still show up, long after it was given up, so that it is looked out for.
    pub fn is_watched(&self, now: Moment) -> bool {
        now <= self.since.after(WATCHED_SECONDS)
    }
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
    pub fn account_shown(&self, email: Option<String>, live: &Live) -> Option<Account> {
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

    /// What is to be written down so that these offers are bound, with the account if it shows itself for the first time.
    ///
    /// Nothing at all, if they all are bound just so.
    pub fn to_bind(
        &self,
        bindings: impl IntoIterator<Item = (Name, Binding)>,
        live: &Live,
    ) -> Vec<Entry> {
        let news = bindings
            .into_iter()
            .filter(|(name, binding)| self.bindings.get(name) != Some(binding));
        let mut entries: Vec<Entry> = news
            .map(|(name, binding)| Entry::Bound {
                name,
                binding,
                intent: None,
            })
            .collect();
        if !entries.is_empty() {
            let account = self.account_shown(live.publisher_email().map(str::to_owned), live);
            entries.extend(account.map(|account| Entry::Account { account }));
        }
        entries
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
