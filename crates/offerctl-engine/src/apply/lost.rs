//! Creates of this run whose outcome is not known: [`Lost`].
//!
//! Of some the answer was lost: nothing of their kin is made until that is settled, and the lists are read at once. Others
//! were in a request that was refused as a whole. Most likely they were not made, so they are *put aside* while everything
//! else goes on, and the lists are read once, when whatever was made after all has to show.

use std::collections::{BTreeMap, BTreeSet};

use offerctl_core::offer_type::OfferType;
use offerctl_core::plan::StepId;
use offerctl_core::state::IntentId;
use tokio::time::Instant;

/// Types whose lists may show one another's offers; see [`OfferType::kin`].
pub(super) type Kin = &'static [OfferType];

/// The creates that are under way, and those whose answers were lost, by kin.
#[derive(Debug, Default)]
pub(super) struct Lost {
    under_way: BTreeMap<Kin, usize>,
    /// Until when what was lost may still show up.
    until: BTreeMap<Kin, Instant>,
    looking: BTreeSet<Kin>,
    /// When to look for what was put aside.
    aside: BTreeMap<Kin, Instant>,
    /// The steps that wait to be settled.
    steps: BTreeMap<IntentId, Waiting>,
    /// The steps that were taken as never made once.
    given_up: BTreeSet<StepId>,
}

/// A step that waits to be settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Waiting {
    pub(super) step: StepId,
    pub(super) why: Why,
}

/// Why the outcome of a create is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Why {
    /// Its answer was lost, or was that of another offer.
    Lost,
    /// Its request was refused as a whole.
    PutAside,
}

impl Lost {
    /// A create is about to be sent.
    pub(super) fn sent(&mut self, offer_type: OfferType) {
        *self.under_way.entry(offer_type.kin()).or_default() += 1;
    }

    /// The connection of a create has ended.
    pub(super) fn ended(&mut self, offer_type: OfferType) {
        if let Some(number) = self.under_way.get_mut(offer_type.kin()) {
            *number = number.saturating_sub(1);
        }
    }

    /// Nobody knows what became of a create; it may show up until then.
    pub(super) fn lose(
        &mut self,
        offer_type: OfferType,
        (intent, step): (IntentId, StepId),
        until: Instant,
    ) {
        let why = Why::Lost;
        self.steps.insert(intent, Waiting { step, why });
        later(&mut self.until, offer_type.kin(), until);
    }

    /// A create was refused in a way that proves nothing; it has to show by then if it was made.
    pub(super) fn put_aside(
        &mut self,
        offer_type: OfferType,
        (intent, step): (IntentId, StepId),
        until: Instant,
    ) {
        let why = Why::PutAside;
        self.steps.insert(intent, Waiting { step, why });
        later(&mut self.aside, offer_type.kin(), until);
    }

    /// The kins that can be looked into now, because nothing of them is being made; each is given out once.
    pub(super) fn take_ready(&mut self, now: Instant) -> Vec<(Kin, Instant)> {
        let due = self.aside.iter().filter(|(kin, until)| {
            self.until.contains_key(*kin) || **until <= now && !self.is_under_way(kin)
        });
        let due: Vec<(Kin, Instant)> = due.map(|(kin, until)| (*kin, *until)).collect();
        for (kin, until) in due {
            self.aside.remove(&kin);
            later(&mut self.until, kin, until);
        }
        let ready = self
            .until
            .iter()
            .filter(|(kin, _)| !self.looking.contains(*kin) && !self.is_under_way(kin));
        let ready: Vec<(Kin, Instant)> = ready.map(|(kin, until)| (*kin, *until)).collect();
        self.looking.extend(ready.iter().map(|(kin, _)| *kin));
        ready
    }

    /// Whether anything is put aside.
    pub(super) fn has_put_aside(&self) -> bool {
        !self.aside.is_empty()
    }

    /// When there is something to be looked for next, if only time stands in the way of it.
    pub(super) fn next_look(&self) -> Option<Instant> {
        let waiting = self.aside.iter().filter(|(kin, _)| !self.is_under_way(kin));
        waiting.map(|(_, until)| *until).min()
    }

    fn is_under_way(&self, kin: &Kin) -> bool {
        self.under_way.get(kin).is_some_and(|number| *number > 0)
    }

    /// The look into a kin was too early: it is to be looked into again.
    pub(super) fn look_again(&mut self, kin: Kin) {
        self.looking.remove(kin);
    }

    /// The look into a kin is over.
    pub(super) fn looked(&mut self, kin: Kin) {
        self.looking.remove(kin);
        self.until.remove(kin);
    }

    /// Takes the step of an intent that is settled, or that cannot be.
    pub(super) fn take_step(&mut self, intent: &IntentId) -> Option<Waiting> {
        self.steps.remove(intent)
    }

    /// Takes all steps that still wait.
    pub(super) fn take_steps(&mut self) -> BTreeMap<IntentId, Waiting> {
        std::mem::take(&mut self.steps)
    }

    /// Whether a step that was never made may be sent once more.
    pub(super) fn may_go_again(&mut self, step: StepId) -> bool {
        self.given_up.insert(step)
    }
}

/// Notes a moment for a kin, unless a later one is noted already.
fn later(moments: &mut BTreeMap<Kin, Instant>, kin: Kin, until: Instant) {
    let entry = moments.entry(kin).or_insert(until);
    *entry = until.max(*entry);
}
