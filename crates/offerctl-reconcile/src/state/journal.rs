//! What happens to a state between two times that it is stored whole: [`Entry`].
//!
//! A run appends entries as it goes, so that a kill at any moment loses nothing that mattered: the state is the
//! last document and, after it, the entries in their order.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use offerctl_manifest::project::Account;
use offerctl_model::foreign::Foreign;
use offerctl_model::name::{Name, OfferId};
use offerctl_model::offer_type::OfferType;
use serde::{Deserialize, Serialize};

use super::approval::Use;
use super::binding::{Binding, Gone, Retiring};
use super::intent::{Intent, IntentId, Run};
use super::memory::State;
use super::sent::Leftover;
use crate::live::Live;

/// The version of the entries that this program writes. It reads the first as well.
pub const JOURNAL_VERSION: u32 = 2;

/// Some entries that were stored at once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Segment {
    /// The version of the format.
    pub format_version: u32,
    /// The environment that the state belongs to.
    pub environment: String,
    /// The entries, in their order.
    pub entries: Vec<Entry>,
}

/// One thing that happened to a state.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(
    tag = "entry",
    rename_all = "camelCase",
    rename_all_fields = "camelCase",
    deny_unknown_fields
)]
pub enum Entry {
    /// A saved plan was used up.
    Consumed {
        /// Its nonce.
        nonce: String,
    },
    /// The account showed itself.
    Account {
        /// As it did.
        account: Account,
    },
    /// A binding goes on under another name.
    Moved {
        /// The name before.
        from: Name,
        /// The name now.
        to: Name,
    },
    /// A run began that is going to make offers.
    Began {
        /// Its id.
        run: String,
        /// What it found.
        found: Run,
    },
    /// A create is about to be sent.
    Intended {
        /// The id of the intent.
        id: IntentId,
        /// What is about to be made.
        intent: Intent,
    },
    /// A create is proven not to have been made.
    Refused {
        /// The id of the intent.
        id: IntentId,
    },
    /// A create is taken as never made, by evidence and not by proof: it is looked out for.
    NotMade {
        /// The id of the intent.
        id: IntentId,
    },
    /// A name has a live offer.
    Bound {
        /// The name.
        name: Name,
        /// The live offer, and what was applied to it.
        binding: Binding,
        /// The create that made it, if one did.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        intent: Option<IntentId>,
    },
    /// A step of an offer is about to be sent, or one that is not its last was carried out.
    Sent {
        /// The name of the offer.
        name: Name,
        /// What was sent, and where to.
        values: Leftover,
    },
    /// An approval is about to be used, or was used.
    Approved {
        /// For what.
        used: Use,
    },
    /// Files declare offers that the state has no file of, or another one.
    Declared {
        /// The files by the names of the offers.
        files: BTreeMap<Name, Arc<Foreign>>,
    },
    /// An offer that was replaced is out of the shop.
    Retired {
        /// The name that it had.
        name: Name,
        /// The offer.
        old: Retiring,
    },
    /// A name has no live offer any more.
    Gone {
        /// The name.
        name: Name,
        /// The offer that it had.
        id: OfferId,
        /// The type of that offer.
        #[serde(rename = "type")]
        offer_type: OfferType,
        /// Why.
        reason: Gone,
    },
}

impl State {
    /// Lets something happen.
    pub fn apply(&mut self, entry: Entry) {
        match entry {
            Entry::Consumed { nonce } => {
                self.consumed.insert(nonce);
            }
            Entry::Account { account } => self.account = account,
            Entry::Moved { from, to } => self.follow(&BTreeMap::from([(from, to)])),
            Entry::Began { run, found } => {
                self.runs.insert(run, found);
            }
            Entry::Intended { id, intent } => {
                self.intents.insert(id, intent);
            }
            Entry::Refused { id } => {
                self.intents.remove(&id);
            }
            Entry::NotMade { id } => {
                if let Some(intent) = self.intents.remove(&id) {
                    self.watched.insert(id, intent);
                }
            }
            Entry::Bound {
                name,
                binding,
                intent,
            } => {
                if let Some(intent) = intent.and_then(|id| self.intents.remove(&id)) {
                    self.last_made = self.last_made.max(Some(intent.since));
                    // What made the offer was approved, whenever that is found out.
                    for used in intent.uses {
                        self.remember_use(Use { done: true, ..used });
                    }
                }
                self.bind(name, binding);
            }
            Entry::Sent { name, values } => {
                if let Some(binding) = self.bindings.get_mut(&name) {
                    binding.leave(values);
                }
            }
            Entry::Approved { used } => self.remember_use(used),
            Entry::Declared { mut files } => self.files.append(&mut files),
            Entry::Retired { name, old } => {
                if let Some(binding) = self.bindings.get_mut(&name) {
                    binding
                        .retiring
                        .retain(|retiring| !retiring.id.same_offer(&old.id));
                }
                self.bury(&name, &old.id, old.offer_type, Gone::Replaced);
            }
            Entry::Gone {
                name,
                id,
                offer_type,
                reason,
            } => {
                let binding = self.bindings.remove(&name);
                self.bury(&name, &id, offer_type, reason);
                // What we took out of the shop may be sold again.
                if reason == Gone::Deactivated
                    && let Some(tombstone) = self.tombstones.get_mut(&id.to_stem())
                {
                    tombstone.last = binding.and_then(Binding::into_last).map(Box::new);
                }
            }
        }
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
            let account = self.account_shown(live.publisher_email().cloned(), live);
            entries.extend(account.map(|account| Entry::Account { account }));
        }
        entries
    }

    /// Drops what is no longer needed: runs whose creates are all settled and no longer looked out for, and the files of
    /// offers that are bound no more.
    pub fn tidy(&mut self) {
        let intents = self.intents.values().chain(self.watched.values());
        let open: BTreeSet<&String> = intents.map(|intent| &intent.run).collect();
        let settled: Vec<String> = self
            .runs
            .keys()
            .filter(|run| !open.contains(run))
            .cloned()
            .collect();
        for run in settled {
            self.runs.remove(&run);
        }
        let intents = self.intents.values();
        let open: BTreeSet<&Name> = intents.map(|intent| &intent.name).collect();
        let bindings = &self.bindings;
        self.files
            .retain(|name, _| bindings.contains_key(name) || open.contains(name));
    }
}
