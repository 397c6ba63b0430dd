//! Which steps can go now: [`Schedule`].

use std::collections::BTreeSet;

use offerctl_reconcile::plan::{Plan, Step, StepId};
use offerctl_reconcile::report::Outcome;
use offerctl_reconcile::state::State;

use super::brake::Brake;

/// The steps of a plan, and what became of them so far.
#[derive(Debug)]
pub(super) struct Schedule<'p> {
    plan: &'p Plan,
    /// How many steps and groups each step still waits for.
    waits: Vec<usize>,
    /// Who needs a step.
    needed_by: Vec<Vec<usize>>,
    /// The groups that a step is a member of.
    member_of: Vec<Vec<usize>>,
    /// How many members of a group are still open.
    open_members: Vec<usize>,
    /// Who waits for a group.
    awaited_by: Vec<Vec<usize>>,
    ready: BTreeSet<usize>,
    outcomes: Vec<Option<Outcome>>,
    brake: Brake,
}

impl<'p> Schedule<'p> {
    fn new(plan: &'p Plan, brake: Brake) -> Self {
        let steps = plan.steps.len();
        let mut schedule = Self {
            plan,
            waits: vec![0; steps],
            needed_by: vec![Vec::new(); steps],
            member_of: vec![Vec::new(); steps],
            open_members: plan
                .groups
                .iter()
                .map(|group| group.members.len())
                .collect(),
            awaited_by: vec![Vec::new(); plan.groups.len()],
            ready: BTreeSet::new(),
            outcomes: vec![None; steps],
            brake,
        };
        for (group, members) in plan.groups.iter().enumerate() {
            for member in &members.members {
                schedule.member_of[index(*member)].push(group);
            }
        }
        for (step, id) in plan.steps.iter().zip(0..) {
            for need in &step.needs {
                schedule.needed_by[index(*need)].push(id);
            }
            for group in &step.after {
                schedule.awaited_by[group.0 as usize].push(id);
            }
            schedule.waits[id] = step.needs.len() + step.after.len();
            if schedule.waits[id] == 0 {
                schedule.ready.insert(id);
            }
        }
        schedule
    }

    /// Begins with the kins frozen of which an earlier run left a create open.
    pub(super) fn with_open(plan: &'p Plan, state: &State, brake: Brake) -> Self {
        for intent in state.intents.values() {
            let reason = format!(
                "nobody knows whether `{}` was made by an earlier run, so nothing of its type is",
                intent.name
            );
            brake.freeze(intent.offer_type.kin(), &reason);
        }
        Self::new(plan, brake)
    }

    /// The step with a number.
    pub(super) fn step(&self, id: StepId) -> &'p Step {
        &self.plan.steps[index(id)]
    }

    /// Takes steps that can go now, up to a number, for which something holds; never one of a frozen type.
    ///
    /// They wait for nothing that is not through, so no two of them depend on each other.
    pub(super) fn take(
        &mut self,
        count: usize,
        fits: impl Fn(StepId, &Step) -> bool,
    ) -> Vec<StepId> {
        let goes = |id: &usize| {
            let step = &self.plan.steps[*id];
            fits(step_id(*id), step) && !self.is_frozen(step)
        };
        let found: Vec<usize> = self
            .ready
            .iter()
            .copied()
            .filter(goes)
            .take(count)
            .collect();
        for id in &found {
            self.ready.remove(id);
        }
        found.into_iter().map(step_id).collect()
    }

    /// Whether some step could go now for which something holds.
    pub(super) fn is_ready(&self, fits: impl Fn(&Step) -> bool) -> bool {
        let steps = self.ready.iter().map(|id| &self.plan.steps[*id]);
        let mut steps = steps.filter(|step| !self.is_frozen(step));
        steps.any(fits)
    }

    /// Puts a step back, to be taken again.
    pub(super) fn put_back(&mut self, id: StepId) {
        self.ready.insert(index(id));
    }

    /// Notes what became of a step; lets those go that waited for it, or skips them.
    pub(super) fn finish(&mut self, id: StepId, outcome: Outcome) {
        let mut open = vec![(index(id), outcome)];
        while let Some((id, outcome)) = open.pop() {
            if self.outcomes[id].is_some() {
                continue;
            }
            let succeeded = matches!(outcome, Outcome::Succeeded(_));
            self.outcomes[id] = Some(outcome);
            for waiter in std::mem::take(&mut self.needed_by[id]) {
                if succeeded {
                    self.release(waiter);
                } else {
                    let reason = format!("`{}` is not as it should be", self.plan.steps[id].name);
                    self.ready.remove(&waiter);
                    open.push((waiter, Outcome::Skipped(reason)));
                }
            }
            for group in std::mem::take(&mut self.member_of[id]) {
                self.open_members[group] -= 1;
                if self.open_members[group] == 0 {
                    for waiter in std::mem::take(&mut self.awaited_by[group]) {
                        self.release(waiter);
                    }
                }
            }
        }
    }

    fn release(&mut self, waiter: usize) {
        self.waits[waiter] -= 1;
        if self.waits[waiter] == 0 && self.outcomes[waiter].is_none() {
            self.ready.insert(waiter);
        }
    }

    /// Whether a step may not go because nothing of its type may be made.
    fn is_frozen(&self, step: &Step) -> bool {
        step.operation.is_create() && self.brake.is_frozen(step.offer_type)
    }

    /// What became of all steps; what was never tried is skipped, for the reason given.
    pub(super) fn into_outcomes(mut self, reason: &str) -> Vec<Option<Outcome>> {
        for (id, step) in self.plan.steps.iter().enumerate() {
            if self.outcomes[id].is_none() {
                let frozen = self
                    .brake
                    .frozen(step.offer_type)
                    .filter(|_| step.operation.is_create());
                let reason = frozen.unwrap_or_else(|| reason.to_owned());
                self.outcomes[id] = Some(Outcome::Skipped(reason));
            }
        }
        self.outcomes
    }
}

fn index(id: StepId) -> usize {
    id.0 as usize
}

fn step_id(index: usize) -> StepId {
    StepId(u32::try_from(index).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use offerctl_manifest::desired::Desired;
    use offerctl_model::content::{Content, Fields};
    use offerctl_model::offer_type::OfferType;
    use offerctl_model::value::Moment;
    use offerctl_reconcile::live::Live;
    use offerctl_reconcile::plan::{Operation, plan};
    use offerctl_reconcile::state::{Intent, IntentId, Record};

    use super::*;

    fn content() -> Content {
        Content {
            fields: Fields::new(),
            localizations: None,
        }
    }

    /// A create of every type, each under the name of its type.
    fn creates() -> Plan {
        let mut plan = plan(&Desired::default(), &Live::default(), &State::default());
        plan.steps.extend(OfferType::ALL.map(|offer_type| Step {
            name: offer_type.as_str().parse().unwrap(),
            offer_type,
            operation: Operation::Create {
                content: Arc::new(content()),
                home: None,
            },
            needs: Vec::new(),
            after: Vec::new(),
            record: None,
            leaves: Vec::new(),
        }));
        plan
    }

    /// The names of the creates that can go while one of a type is open.
    fn ready(open: OfferType) -> String {
        let plan = creates();
        let intent = Intent {
            run: "run".to_owned(),
            name: "open".parse().unwrap(),
            offer_type: open,
            content: content(),
            record: Record::default(),
            uses: Vec::new(),
            since: Moment::EPOCH,
        };
        let state = State {
            intents: BTreeMap::from([(IntentId("open".to_owned()), intent)]),
            ..State::default()
        };
        let mut schedule = Schedule::with_open(&plan, &state, Brake::default());
        let taken = schedule.take(usize::MAX, |_, _| true);
        let names = taken.into_iter().map(|id| schedule.step(id).name.as_str());
        names.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn an_open_create_holds_back_all_types_that_may_show_it() {
        assert_eq!(
            ready(OfferType::Pass),
            "subscription single rental event vod"
        );
        assert_eq!(ready(OfferType::Single), "subscription pass event");
        assert_eq!(ready(OfferType::Vod), "subscription pass event");
    }
}
