//! Creates whose answers were lost in this run: [`Lost`].

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
    /// The steps that wait to be settled.
    steps: BTreeMap<IntentId, StepId>,
    /// The steps that were taken as never made once.
    given_up: BTreeSet<StepId>,
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
        self.steps.insert(intent, step);
        let entry = self.until.entry(offer_type.kin()).or_insert(until);
        *entry = until.max(*entry);
    }

    /// The kins that can be looked into now, because nothing of them is being made; each is given out once.
    pub(super) fn take_ready(&mut self) -> Vec<(Kin, Instant)> {
        let ready = self.until.iter().filter(|(kin, _)| {
            !self.looking.contains(*kin)
                && self.under_way.get(*kin).is_none_or(|number| *number == 0)
        });
        let ready: Vec<(Kin, Instant)> = ready.map(|(kin, until)| (*kin, *until)).collect();
        self.looking.extend(ready.iter().map(|(kin, _)| *kin));
        ready
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
    pub(super) fn take_step(&mut self, intent: &IntentId) -> Option<StepId> {
        self.steps.remove(intent)
    }

    /// Takes all steps that still wait.
    pub(super) fn take_steps(&mut self) -> BTreeMap<IntentId, StepId> {
        std::mem::take(&mut self.steps)
    }

    /// Whether a step that was never made may be sent once more.
    pub(super) fn may_go_again(&mut self, step: StepId) -> bool {
        self.given_up.insert(step)
    }
}
