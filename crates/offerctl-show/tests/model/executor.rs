//! What the runners do: a copy of `offerctl-engine`, step by step (`apply/run.rs`, `apply/lost.rs`, `settle.rs`).
//!
//! What a runner knows and decides, it knows and decides by the core. What it makes of answers is in `answers.rs`.

use super::action::{Carries, When, Write};
use super::facts::{News, Verdict, Verdicts};
use super::service::hang_up;
use super::steps::{Model, spend};
use super::world::{
    Call, CallAt, Change, Executor, Halted, Maker, Offer, Phase, Runner, Step, World,
};

impl Model {
    pub(super) fn load(&self, world: &mut World, runner: u8) {
        world.lock = Some(runner);
        world.broken_open = None;
        world.applied = None;
        self.fence(world, Some(runner));
        let stored = world.stored;
        let open = self.facts.is_open(stored);
        let runner = &mut world.runners[usize::from(runner)];
        *runner = Runner {
            phase: if open { Phase::Locked } else { Phase::Settled },
            memory: stored,
            current: true,
            may_store: true,
            ..Runner::idle(runner.steps.len())
        };
    }

    /// Who takes a lock over, or away, stores a document: what others store or append from now on is refused.
    pub(super) fn fence(&self, world: &mut World, by: Option<u8>) {
        if self.case.executor == Executor::NoFence {
            return;
        }
        for (number, runner) in (0..).zip(&mut world.runners) {
            let is_other = by != Some(number);
            runner.current &= !is_other;
            runner.may_store &= !is_other;
        }
    }

    /// Makes news durable and then lets the runner know them; what is wrong ends the sending.
    pub(super) fn append(
        &mut self,
        world: &mut World,
        runner: u8,
        (news, write): (&[News], Write),
    ) -> Option<bool> {
        let place = usize::from(runner);
        if news.is_empty() {
            // There is nothing that could fail.
            return (write == Write::Works).then_some(true);
        }
        if !world.runners[place].current {
            // Somebody else has written where this would be written.
            world.runners[place].halted = Some(Halted::NotWritten);
            return (write == Write::Works).then_some(false);
        }
        let after = self.facts.learn(world.runners[place].memory, news);
        if write != Write::Works {
            spend(&mut world.budget.faults)?;
        }
        if write != Write::Fails {
            world.stored = after;
            for (other, runner) in world.runners.iter_mut().enumerate() {
                runner.current &= other == place && write == Write::Works;
            }
        }
        let runner = &mut world.runners[place];
        if write == Write::Works {
            runner.memory = after;
            runner.wrote = true;
        } else {
            runner.halted = Some(Halted::NotWritten);
        }
        Some(write == Write::Works)
    }

    /// What the state learns from the verdicts on all open creates; `None` if it is too early to say.
    fn verdicts(
        &mut self,
        world: &mut World,
        runner: u8,
        when: When,
    ) -> Option<(Vec<News>, Verdicts)> {
        let memory = world.runners[usize::from(runner)].memory;
        let verdicts = if self.case.executor == Executor::NoSettling {
            (when == When::AfterWindow).then_some(())?;
            let intents = self.facts.state(memory).intents.keys();
            intents
                .map(|intent| (intent.0.parse().unwrap(), Verdict::NotMade))
                .collect()
        } else {
            self.facts.settle(memory, &world.offers)
        };
        let all_made = verdicts
            .iter()
            .all(|(_, verdict)| matches!(verdict, Verdict::Made(_)));
        // An early look that finds everything is one that need not be told from a later one.
        (all_made == (when == When::Early)).then_some(())?;
        let mut news = Vec::new();
        for (intent, verdict) in &verdicts {
            let name = self.facts.name_of_intent(memory, *intent);
            match verdict {
                Verdict::Made(offer) => news.push(News::Bound {
                    name,
                    offer: *offer,
                    intent: *intent,
                }),
                Verdict::NotMade => news.push(News::NotMade { intent: *intent }),
                Verdict::Undecidable => world.undecided = true,
            }
        }
        Some((news, verdicts))
    }

    pub(super) fn settle_pending(
        &mut self,
        world: &mut World,
        runner: u8,
        when: When,
    ) -> Option<()> {
        // The window begins now, after the end of every connection of an earlier run.
        let blind = self.case.executor == Executor::NoSettling;
        let ours = |offer: &Offer| offer.maker.is_us();
        (when == When::Early || blind || self.has_passed(world, runner, ours)).then_some(())?;
        let (news, _) = self.verdicts(world, runner, when)?;
        if self.append(world, runner, (&news, Write::Works))? {
            world.runners[usize::from(runner)].phase = Phase::Settled;
        } else {
            stop(world, runner);
        }
        Some(())
    }

    /// Whether all that has to happen within the window has happened.
    fn has_passed(&self, world: &World, runner: u8, of: impl Fn(&Offer) -> bool) -> bool {
        let all = self.facts.all_rows();
        let taken_over = world.lock != Some(runner);
        let mut calls = world.calls.iter();
        calls.all(|call| call.request.is_some() || call.at != CallAt::Sent || call.late)
            && world
                .offers
                .iter()
                .filter(|offer| of(offer))
                .all(|offer| offer.rows == all || offer.late)
            // One that stood still so long reads nothing before it looks at its lock.
            && !taken_over
    }

    pub(super) fn plan(&mut self, world: &mut World, number: u8) {
        let place = usize::from(number);
        let planned = self.facts.plan(world.runners[place].memory, &world.offers);
        if planned.is_refused {
            stop(world, number);
            return;
        }
        if planned.learned != world.runners[place].memory {
            if !world.runners[place].current {
                stop(world, number);
                return;
            }
            world.stored = planned.learned;
            world.runners[place].memory = planned.learned;
            world.runners[place].wrote = true;
            for (other, runner) in world.runners.iter_mut().enumerate() {
                runner.current &= other == place;
            }
        }
        let frozen = self.facts.is_open(world.runners[place].memory);
        let listed = (0..)
            .zip(&world.offers)
            .filter(|(_, offer)| offer.rows != 0);
        let baseline = listed.fold(0, |baseline, (id, _)| baseline | 1_u32 << id);
        let runner = &mut world.runners[place];
        runner.phase = Phase::Running;
        runner.frozen = frozen;
        if self.case.changes && world.price != price_of(number) {
            runner.change = Change::Ready;
        }
        runner.baseline = baseline;
        for name in planned.creates {
            runner.steps[usize::from(name)] = Step::Ready;
        }
    }

    pub(super) fn prepare(
        &mut self,
        world: &mut World,
        number: u8,
        (carries, write): (Carries, Write),
    ) -> Option<()> {
        let place = usize::from(number);
        let runner = &world.runners[place];
        let unsent = runner.has(|step| matches!(step, Step::Intended { .. }));
        let busy = runner.requests_under_way().len() >= self.case.side_by_side;
        (!unsent && !busy && !runner.frozen && runner.halted.is_none()).then_some(())?;
        let names = self.next_names(runner, carries);
        (!names.is_empty()).then_some(())?;
        let request = world.next_intent;
        let intended: Vec<(u8, u8)> = (request..).zip(names).collect();
        let mut news = Vec::new();
        if runner.run.is_none() {
            let baseline = runner.baseline;
            news.push(News::Began {
                run: request,
                baseline,
            });
        }
        let run = runner.run.unwrap_or(request);
        if self.case.executor != Executor::LateIntent {
            let intended = intended.iter();
            news.extend(intended.map(|(intent, name)| News::Intended {
                intent: *intent,
                run,
                name: *name,
            }));
        }
        let works = self.append(world, number, (&news, write))?;
        let runner = &mut world.runners[place];
        if works {
            runner.run = Some(run);
        }
        for (intent, name) in intended {
            world.next_intent = intent + 1;
            runner.steps[usize::from(name)] = if works {
                Step::Intended { intent, request }
            } else {
                Step::Over
            };
        }
        Some(())
    }

    /// The names whose creates go together in the next request.
    ///
    /// After how many refusals a create goes by itself is not counted here: from the first on it may.
    fn next_names(&self, runner: &Runner, carries: Carries) -> Vec<u8> {
        let ready = (0..).zip(&runner.steps);
        let ready = ready.filter(|(_, step)| matches!(step, Step::Ready));
        let ready = ready.map(|(name, _)| name);
        match carries {
            Carries::AsManyAsFit => ready.take(self.case.batch).collect(),
            Carries::One => {
                let refused = |name: &u8| runner.refused & (1 << name) != 0;
                ready.filter(refused).take(1).collect()
            }
        }
    }

    pub(super) fn look(
        &mut self,
        world: &mut World,
        number: u8,
        (when, write): (When, Write),
    ) -> Option<()> {
        let place = usize::from(number);
        let runner = &world.runners[place];
        let waits = runner.has(|step| step.waits_for_a_look());
        // What is about to be sent counts as under way from when its intent is durable.
        let unsent = runner.has(|step| matches!(step, Step::Intended { .. }))
            && self.case.executor != Executor::HastyLook;
        let busy = unsent || !runner.requests_under_way().is_empty();
        (waits && !busy && runner.halted.is_none()).then_some(())?;
        // The window begins when the last connection of a create has ended. An offer that is bound need not be listed.
        let ours = |offer: &Offer| offer.maker == Maker::Lost;
        (when == When::Early || self.has_passed(world, number, ours)).then_some(())?;
        let (news, verdicts) = self.verdicts(world, number, when)?;
        if !self.append(world, number, (&news, write))? {
            return Some(());
        }
        let open = self.facts.is_open(world.runners[place].memory);
        let runner = &mut world.runners[place];
        for (intent, verdict) in verdicts {
            let of_intent = (0..)
                .zip(&mut runner.steps)
                .find(|(_, step)| step.looks_for() == Some(intent));
            let Some((name, step)) = of_intent else {
                continue;
            };
            let was_lost = matches!(step, Step::Lost { .. });
            let again = !was_lost || runner.given_up & (1 << name) == 0;
            *step = if verdict == Verdict::NotMade && again {
                Step::Ready
            } else {
                Step::Over
            };
            if verdict == Verdict::NotMade && was_lost {
                runner.given_up |= 1 << name;
            }
        }
        runner.frozen = open;
        Some(())
    }

    pub(super) fn finish(&mut self, world: &mut World, number: u8, write: Write) -> Option<()> {
        let place = usize::from(number);
        let runner = &world.runners[place];
        let unsent = runner.has(|step| matches!(step, Step::Intended { .. }));
        let waits = runner.has(|step| step.waits_for_a_look());
        let ready = runner.has(|step| matches!(step, Step::Ready));
        let busy = !runner.requests_under_way().is_empty();
        let through =
            !busy && !unsent && (runner.halted.is_some() || !waits && (runner.frozen || !ready));
        let changed = match runner.change {
            Change::Over => true,
            Change::Ready => runner.halted.is_some(),
            Change::UnderWay => false,
        };
        (through && changed).then_some(())?;
        let is_right = runner.halted.is_none() && !runner.frozen;
        // The condition of a document is the document before it: what was only appended since does not refuse it.
        let hides = self.case.executor == Executor::NoFence && runner.may_store && runner.wrote;
        let runner = &mut world.runners[place];
        runner.current |= hides;
        let runner = &world.runners[place];
        let news: &[News] = if runner.wrote && runner.halted != Some(Halted::NotWritten) {
            &[News::Tidied]
        } else {
            &[]
        };
        let is_stored = self.append(world, number, (news, write))?;
        let is_ours = world.lock == Some(number);
        stop(world, number);
        if is_stored && is_ours && is_right {
            world.applied = Some(number);
        }
        Some(())
    }
}

/// Before anything is sent the run ends; later, what waits for a look is left open, and nothing is made any more.
pub(super) fn fail_to_read(world: &mut World, number: u8) -> Option<()> {
    let runner = &mut world.runners[usize::from(number)];
    let open = runner.has(|step| step.waits_for_a_look()) && runner.requests_under_way().is_empty();
    match runner.phase {
        Phase::Running if open && runner.halted.is_none() => {
            let steps = runner.steps.iter_mut();
            for step in steps.filter(|step| step.waits_for_a_look()) {
                *step = Step::Over;
            }
            runner.frozen = true;
        }
        Phase::Locked | Phase::Settled => stop(world, number),
        Phase::Idle | Phase::Running => return None,
    }
    spend(&mut world.budget.faults)
}

/// The price that a runner sets; there is another one before.
pub(super) fn price_of(runner: u8) -> u8 {
    runner + 1
}

pub(super) fn send(world: &mut World, runner: u8) -> Option<()> {
    let mut sent = false;
    let steps = &mut world.runners[usize::from(runner)].steps;
    for (name, step) in (0..).zip(steps) {
        if let Step::Intended { intent, request } = *step {
            sent = true;
            *step = Step::UnderWay { intent, request };
            world.calls.push(Call {
                name,
                intent,
                request: Some(request),
                at: CallAt::Sent,
                late: false,
            });
        }
    }
    sent.then_some(())
}

/// A runner is no more; its lock is free if it still had it.
pub(super) fn stop(world: &mut World, number: u8) {
    let former = world.runners[usize::from(number)].clone();
    hang_up(world, &former);
    if world.lock == Some(number) {
        world.lock = None;
    }
    let runner = &mut world.runners[usize::from(number)];
    *runner = Runner::idle(runner.steps.len());
}
