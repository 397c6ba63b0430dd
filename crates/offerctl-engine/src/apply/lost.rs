//! Creates of this run whose outcome is not known: [`Lost`].
//!
//! Of some the answer was lost: nothing of their listing group is made until that is settled, and the lists are read at once. Others
//! were in a request that was refused as a whole. Most likely they were not made, so they are *put aside* while everything
//! else goes on, and the lists are read once, when whatever was made after all has to show.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use offerctl_model::offer_type::OfferType;
use offerctl_reconcile::plan::StepId;
use offerctl_reconcile::state::IntentId;
use tokio::time::Instant;

/// Types whose lists may show one another's offers; see [`OfferType::kin`].
pub(super) type Kin = &'static [OfferType];

/// The creates that are under way, and those whose answers were lost, by listing group.
#[derive(Debug)]
pub(super) struct Lost {
    /// How long what was made may take to show.
    window: Duration,
    under_way: BTreeMap<Kin, usize>,
    /// When the last connection of a create ended, whatever came of it: equal creates may have taken each other's answers, so
    /// what is lost may be what that one made.
    ended: BTreeMap<Kin, Instant>,
    /// Those of which something was lost.
    open: BTreeSet<Kin>,
    looking: BTreeSet<Kin>,
    /// Those of which something is put aside.
    aside: BTreeSet<Kin>,
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
    /// Nothing is lost; what is made shows within a window.
    pub(super) fn new(window: Duration) -> Self {
        Self {
            window,
            under_way: BTreeMap::new(),
            ended: BTreeMap::new(),
            open: BTreeSet::new(),
            looking: BTreeSet::new(),
            aside: BTreeSet::new(),
            steps: BTreeMap::new(),
            given_up: BTreeSet::new(),
        }
    }

    /// A create is about to be sent.
    pub(super) fn sent(&mut self, offer_type: OfferType) {
        *self.under_way.entry(offer_type.kin()).or_default() += 1;
    }

    /// The connection of a create has ended.
    pub(super) fn ended(&mut self, offer_type: OfferType, at: Instant) {
        let last = self.ended.entry(offer_type.kin()).or_insert(at);
        *last = at.max(*last);
        if let Some(number) = self.under_way.get_mut(offer_type.kin()) {
            *number = number.saturating_sub(1);
        }
    }

    /// Nobody knows what became of a create.
    pub(super) fn lose(&mut self, offer_type: OfferType, (intent, step): (IntentId, StepId)) {
        let why = Why::Lost;
        self.steps.insert(intent, Waiting { step, why });
        self.open.insert(offer_type.kin());
    }

    /// A create was refused in a way that proves nothing.
    pub(super) fn put_aside(&mut self, offer_type: OfferType, (intent, step): (IntentId, StepId)) {
        let why = Why::PutAside;
        self.steps.insert(intent, Waiting { step, why });
        self.aside.insert(offer_type.kin());
    }

    /// When all that was made on connections that have ended has to show.
    fn shows_by(&self, kin: Kin) -> Instant {
        let ended = self.ended.get(&kin).copied();
        ended.unwrap_or_else(Instant::now) + self.window
    }

    /// The listing groups that can be looked into now, because nothing of them is being made; each is given out once, with the
    /// moment until which something may show up.
    pub(super) fn take_ready(&mut self, now: Instant) -> Vec<(Kin, Instant)> {
        let is_due = |kin: &Kin| {
            self.open.contains(kin) || self.shows_by(kin) <= now && !self.is_under_way(kin)
        };
        let (due, aside) = self.aside.iter().partition(|kin| is_due(kin));
        self.aside = aside;
        self.open.extend::<BTreeSet<Kin>>(due);
        let ready = self
            .open
            .iter()
            .filter(|kin| !self.looking.contains(*kin) && !self.is_under_way(kin));
        let ready: Vec<(Kin, Instant)> = ready.map(|kin| (*kin, self.shows_by(kin))).collect();
        self.looking.extend(ready.iter().map(|(kin, _)| *kin));
        ready
    }

    /// Whether anything is put aside.
    pub(super) fn has_put_aside(&self) -> bool {
        !self.aside.is_empty()
    }

    /// When there is something to be looked for next, if only time stands in the way of it.
    pub(super) fn next_look(&self) -> Option<Instant> {
        let waiting = self.aside.iter().filter(|kin| !self.is_under_way(kin));
        waiting.map(|kin| self.shows_by(kin)).min()
    }

    fn is_under_way(&self, kin: &Kin) -> bool {
        self.under_way.get(kin).is_some_and(|number| *number > 0)
    }

    /// The look into a listing group was too early: it is to be looked into again.
    pub(super) fn look_again(&mut self, kin: Kin) {
        self.looking.remove(kin);
    }

    /// The look into a listing group is over.
    pub(super) fn looked(&mut self, kin: Kin) {
        self.looking.remove(kin);
        self.open.remove(kin);
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

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW: Duration = Duration::from_mins(1);

    fn intent(text: &str) -> IntentId {
        IntentId(text.to_owned())
    }

    #[test]
    fn the_window_begins_when_the_last_create_of_the_listing_group_ended() {
        let start = Instant::now();
        let later = start + Duration::from_secs(5);
        let mut lost = Lost::new(WINDOW);
        for _ in 0..2 {
            lost.sent(OfferType::Single);
        }
        lost.ended(OfferType::Single, start);
        lost.lose(OfferType::Single, (intent("one"), StepId(0)));
        assert!(lost.take_ready(start).is_empty(), "one is under way");
        // Its answer came, and may be that of an equal one.
        lost.ended(OfferType::Vod, later);
        let ready = lost.take_ready(later);
        assert_eq!(ready, [(OfferType::Single.kin(), later + WINDOW)]);
        assert!(lost.take_ready(later).is_empty(), "it is given out once");
    }

    #[test]
    fn what_is_put_aside_is_looked_for_when_everything_has_to_show() {
        let start = Instant::now();
        let mut lost = Lost::new(WINDOW);
        lost.sent(OfferType::Pass);
        lost.ended(OfferType::Pass, start);
        lost.put_aside(OfferType::Pass, (intent("one"), StepId(0)));
        assert!(lost.take_ready(start).is_empty());
        assert_eq!(lost.next_look(), Some(start + WINDOW));
        lost.sent(OfferType::Pass);
        assert_eq!(lost.next_look(), None, "more than time is waited for");
        assert!(lost.take_ready(start + WINDOW * 2).is_empty());
        let last = start + WINDOW;
        lost.ended(OfferType::Pass, last);
        assert_eq!(lost.next_look(), Some(last + WINDOW));
        let ready = lost.take_ready(last + WINDOW);
        assert_eq!(ready, [(OfferType::Pass.kin(), last + WINDOW)]);
    }
}
