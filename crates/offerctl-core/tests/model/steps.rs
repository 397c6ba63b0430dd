//! What can happen next, and what comes of it: [`Model`].
//!
//! The executor here does what `offerctl-engine` does, step by step (`apply/run.rs`, `apply/lost.rs`, `settle.rs`); what
//! it knows and decides, it knows and decides by the core.

use super::facts::{Facts, News, Verdict, Verdicts};
use super::world::{
    Action, Answer, Call, CallAt, Case, Executor, Halted, Maker, Offer, Phase, Runner, Step, When,
    World, Write,
};

/// A case, and the core.
pub(crate) struct Model {
    pub(crate) case: Case,
    pub(crate) facts: Facts,
}

impl Model {
    pub(crate) fn new(case: Case) -> Self {
        Self {
            facts: Facts::new(&case),
            case,
        }
    }

    pub(crate) fn first(&self) -> World {
        let runner = Runner::idle(self.case.names.len());
        World {
            offers: Vec::new(),
            calls: Vec::new(),
            stored: super::facts::StateId::default(),
            lock: None,
            runners: vec![runner; usize::from(self.case.runners)],
            budget: self.case.budget,
            next_intent: 0,
            edited: false,
            broken: false,
            undecided: false,
        }
    }

    /// All that can happen next.
    pub(crate) fn next(&mut self, world: &World) -> Vec<(Action, World)> {
        let candidates = self.candidates(world);
        let possible = candidates
            .into_iter()
            .filter_map(|action| Some((action, self.step(world, action)?)));
        possible.collect()
    }

    /// Something that can happen next, by a number that chooses.
    pub(crate) fn one_of_next(&mut self, world: &World, choice: usize) -> Option<(Action, World)> {
        let candidates = self.candidates(world);
        let first = choice % candidates.len().max(1);
        let (before, from) = candidates.split_at(first);
        from.iter()
            .chain(before)
            .find_map(|action| Some((*action, self.step(world, *action)?)))
    }

    /// All that might happen next, some of which cannot.
    fn candidates(&self, world: &World) -> Vec<Action> {
        let mut actions = Vec::new();
        for (call, at) in world.calls.iter().enumerate() {
            match at.at {
                CallAt::Sent if at.request.is_some() => {
                    actions.extend([Action::Execute(call), Action::Refuse(call)]);
                }
                CallAt::Sent => actions.extend([
                    Action::Execute(call),
                    Action::Drop(call),
                    Action::LateCall(call),
                ]),
                CallAt::Made(_) | CallAt::Refused => {}
            }
        }
        for (number, offer) in world.offers.iter().enumerate() {
            let rows = (0..2).filter(|row| self.facts.all_rows() & !offer.rows & (1 << row) != 0);
            actions.extend(rows.map(|row| Action::Show(number, row)));
            actions.push(Action::LateOffer(number));
        }
        for (number, runner) in (0..).zip(&world.runners) {
            let when = [When::Early, When::AfterWindow];
            let write = [Write::Works, Write::Fails, Write::FailsLate];
            match runner.phase {
                Phase::Idle => {
                    actions.extend([Action::Start(number), Action::TakeOver(number)]);
                    continue;
                }
                Phase::Locked => actions.extend(when.map(|when| Action::Settle(number, when))),
                Phase::Settled => actions.push(Action::Plan(number)),
                Phase::Running => {
                    actions.extend([Action::Send(number), Action::SendStale(number)]);
                    for write in write {
                        actions.extend([
                            Action::Prepare(number, write),
                            Action::Finish(number, write),
                        ]);
                        actions.extend(when.map(|when| Action::Look(number, when, write)));
                        for request in runner.requests_under_way() {
                            actions.push(Action::TakeIn(number, request, write));
                        }
                    }
                    let all: u8 = (1 << self.case.names.len()) - 1;
                    for request in runner.requests_under_way() {
                        let carried = carried_by(runner, request);
                        let parts = (0..=all).filter(|part| part & !carried == 0);
                        actions.extend(parts.map(|part| Action::End(request, part)));
                    }
                }
            }
            actions.extend([
                Action::ReadFails(number),
                Action::Crash(number),
                Action::Interrupt(number),
                Action::Stall(number),
                Action::Wake(number),
            ]);
        }
        let mut contents = self.case.names.clone();
        contents.dedup();
        for content in contents {
            actions.extend([Action::HandEqual(content), Action::HandNear(content)]);
        }
        actions
    }

    /// What comes of something; `None` if it cannot happen now.
    pub(crate) fn step(&mut self, before: &World, action: Action) -> Option<World> {
        let mut world = before.clone();
        match action {
            Action::Start(runner) => {
                let free = world.lock.is_none() && is_idle(&world, runner);
                free.then(|| self.load(&mut world, runner))?;
            }
            Action::TakeOver(runner) => {
                let holder = world.lock?;
                let stale = world.runners[usize::from(holder)].stale;
                (stale && is_idle(&world, runner)).then_some(())?;
                // What the holder sent, it sent before its heartbeat was half as old as the lock may get.
                hang_up(&mut world, holder);
                self.load(&mut world, runner);
            }
            Action::Settle(runner, when) => self.settle_pending(&mut world, runner, when)?,
            Action::Plan(runner) => self.plan(&mut world, runner),
            Action::Prepare(runner, write) => self.prepare(&mut world, runner, write)?,
            Action::Send(runner) => {
                (!world.runners[usize::from(runner)].stale).then_some(())?;
                send(&mut world, runner)?;
            }
            Action::SendStale(runner) => {
                let taken = world.lock != Some(runner) && world.runners[usize::from(runner)].stale;
                taken.then_some(())?;
                spend(&mut world.budget.late)?;
                world.broken = true;
                send(&mut world, runner)?;
            }
            Action::TakeIn(runner, request, write) => {
                self.take_in(&mut world, (runner, request), write)?;
            }
            Action::Look(runner, when, write) => self.look(&mut world, runner, (when, write))?,
            Action::Finish(runner, write) => self.finish(&mut world, runner, write)?,
            Action::Execute(call) => self.execute(&mut world, call),
            Action::Refuse(call) => {
                spend(&mut world.budget.faults)?;
                world.calls[call].at = CallAt::Refused;
            }
            Action::Drop(call) => {
                world.calls.remove(call);
            }
            Action::End(request, lost) => end(&mut world, request, lost)?,
            Action::Show(offer, row) => world.offers[offer].rows |= 1 << row,
            Action::ReadFails(runner) => fail_to_read(&mut world, runner)?,
            Action::Crash(runner) => {
                spend(&mut world.budget.crashes)?;
                stop(&mut world, runner);
            }
            Action::Interrupt(number) => {
                let runner = &mut world.runners[usize::from(number)];
                // Elsewhere it is as good as a kill.
                let runs = runner.phase == Phase::Running && runner.halted.is_none();
                runs.then_some(())?;
                runner.halted = Some(Halted::Interrupted);
                spend(&mut world.budget.crashes)?;
            }
            Action::Stall(runner) => {
                let goes = world.lock == Some(runner) && !world.runners[usize::from(runner)].stale;
                (goes && world.runners.len() > 1).then_some(())?;
                spend(&mut world.budget.stalls)?;
                world.runners[usize::from(runner)].stale = true;
            }
            Action::Wake(runner) => {
                world.runners[usize::from(runner)].stale.then_some(())?;
                if world.lock == Some(runner) {
                    world.runners[usize::from(runner)].stale = false;
                } else {
                    stop(&mut world, runner);
                }
            }
            Action::HandEqual(content) | Action::HandNear(content) => {
                spend(&mut world.budget.edits)?;
                world.edited = true;
                let equal = matches!(action, Action::HandEqual(_));
                world.offers.push(Offer {
                    content,
                    maker: if equal {
                        Maker::HandEqual
                    } else {
                        Maker::HandNear
                    },
                    rows: self.facts.all_rows(),
                    late: false,
                });
            }
            Action::LateCall(call) => {
                (!world.calls[call].late).then_some(())?;
                spend(&mut world.budget.late)?;
                world.calls[call].late = true;
                world.broken = true;
            }
            Action::LateOffer(offer) => {
                let offer = &mut world.offers[offer];
                let hidden = offer.rows != self.facts.all_rows();
                (hidden && !offer.late && offer.maker == Maker::Lost).then_some(())?;
                spend(&mut world.budget.late)?;
                offer.late = true;
                world.broken = true;
            }
        }
        Some(world)
    }

    fn load(&self, world: &mut World, runner: u8) {
        world.lock = Some(runner);
        let stored = world.stored;
        let open = self.facts.is_open(stored);
        let runner = &mut world.runners[usize::from(runner)];
        *runner = Runner {
            phase: if open { Phase::Locked } else { Phase::Settled },
            memory: stored,
            current: true,
            ..Runner::idle(runner.steps.len())
        };
    }

    /// Makes news durable and then lets the runner know them; what is wrong ends the sending.
    fn append(
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

    fn settle_pending(&mut self, world: &mut World, runner: u8, when: When) -> Option<()> {
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

    fn plan(&mut self, world: &mut World, runner: u8) {
        let place = usize::from(runner);
        let planned = self.facts.plan(world.runners[place].memory, &world.offers);
        if planned.is_refused {
            stop(world, runner);
            return;
        }
        if planned.learned != world.runners[place].memory {
            if !world.runners[place].current {
                stop(world, runner);
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
        runner.baseline = baseline;
        for name in planned.creates {
            runner.steps[usize::from(name)] = Step::Ready;
        }
    }

    fn prepare(&mut self, world: &mut World, number: u8, write: Write) -> Option<()> {
        let place = usize::from(number);
        let runner = &world.runners[place];
        let unsent = runner.has(|step| matches!(step, Step::Intended { .. }));
        let busy = runner.requests_under_way().len() >= self.case.side_by_side;
        (!unsent && !busy && !runner.frozen && runner.halted.is_none()).then_some(())?;
        let ready = (0..).zip(&runner.steps);
        let ready = ready.filter(|(_, step)| matches!(step, Step::Ready));
        let names: Vec<u8> = ready.map(|(name, _)| name).take(self.case.batch).collect();
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

    fn execute(&self, world: &mut World, number: usize) {
        let call = &mut world.calls[number];
        let lost = call.request.is_none();
        // What comes too late comes after the window: it does not hurry.
        let id = u8::try_from(world.offers.len()).unwrap();
        let offer = Offer {
            content: self.case.names[usize::from(call.name)],
            maker: if lost { Maker::Lost } else { Maker::Answered },
            rows: 0,
            late: call.late,
        };
        call.at = CallAt::Made(id);
        world.offers.push(offer);
        if lost {
            world.calls.remove(number);
        }
    }

    fn take_in(
        &mut self,
        world: &mut World,
        (number, request): (u8, u8),
        write: Write,
    ) -> Option<()> {
        let place = usize::from(number);
        let runner = &world.runners[place];
        let returned: Vec<(u8, u8, Answer)> = (0..)
            .zip(&runner.steps)
            .filter_map(|(name, step)| match *step {
                Step::Returned {
                    intent,
                    request: of,
                    answer,
                } if of == request => Some((name, intent, answer)),
                Step::Over
                | Step::Ready
                | Step::Intended { .. }
                | Step::UnderWay { .. }
                | Step::Returned { .. }
                | Step::Lost { .. } => None,
            })
            .collect();
        (!returned.is_empty()).then_some(())?;
        let blind = matches!(
            self.case.executor,
            Executor::BlindRetry | Executor::NoSettling
        );
        let mut news = Vec::new();
        for (name, intent, answer) in &returned {
            let (name, intent) = (*name, *intent);
            if self.case.executor == Executor::LateIntent
                && let Some(run) = runner.run
            {
                news.push(News::Intended { intent, run, name });
            }
            match *answer {
                Answer::Done(offer) => news.push(News::Bound {
                    name,
                    offer,
                    intent,
                }),
                Answer::Refused => news.push(News::Refused { intent }),
                Answer::Unknown if blind => news.push(News::NotMade { intent }),
                Answer::Unknown => {}
            }
        }
        self.append(world, number, (&news, write))?;
        let runner = &mut world.runners[place];
        for (name, intent, answer) in returned {
            runner.steps[usize::from(name)] = match answer {
                Answer::Done(_) => Step::Over,
                Answer::Refused => Step::Ready,
                Answer::Unknown if blind => Step::Ready,
                Answer::Unknown => {
                    runner.frozen = true;
                    Step::Lost { intent }
                }
            };
        }
        Some(())
    }

    fn look(&mut self, world: &mut World, number: u8, (when, write): (When, Write)) -> Option<()> {
        let place = usize::from(number);
        let runner = &world.runners[place];
        let lost = runner.has(|step| matches!(step, Step::Lost { .. }));
        // What is about to be sent counts as under way from when its intent is durable.
        let unsent = runner.has(|step| matches!(step, Step::Intended { .. }))
            && self.case.executor != Executor::HastyLook;
        let busy = unsent || !runner.requests_under_way().is_empty();
        (lost && !busy && runner.halted.is_none()).then_some(())?;
        // The window begins when the connection of the last lost one has ended.
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
                .find(|(_, step)| matches!(step, Step::Lost { intent: lost } if *lost == intent));
            let Some((name, step)) = of_intent else {
                continue;
            };
            let again = runner.given_up & (1 << name) == 0;
            *step = if verdict == Verdict::NotMade && again {
                Step::Ready
            } else {
                Step::Over
            };
            if verdict == Verdict::NotMade {
                runner.given_up |= 1 << name;
            }
        }
        runner.frozen = open;
        Some(())
    }

    fn finish(&mut self, world: &mut World, number: u8, write: Write) -> Option<()> {
        let place = usize::from(number);
        let runner = &world.runners[place];
        let unsent = runner.has(|step| matches!(step, Step::Intended { .. }));
        let lost = runner.has(|step| matches!(step, Step::Lost { .. }));
        let ready = runner.has(|step| matches!(step, Step::Ready));
        let busy = !runner.requests_under_way().is_empty();
        let through =
            !busy && !unsent && (runner.halted.is_some() || !lost && (runner.frozen || !ready));
        through.then_some(())?;
        let news: &[News] = if runner.wrote && runner.halted != Some(Halted::NotWritten) {
            &[News::Tidied]
        } else {
            &[]
        };
        self.append(world, number, (news, write))?;
        stop(world, number);
        Some(())
    }
}

fn is_idle(world: &World, runner: u8) -> bool {
    world.runners[usize::from(runner)].phase == Phase::Idle
}

fn spend(budget: &mut u8) -> Option<()> {
    *budget = budget.checked_sub(1)?;
    Some(())
}

/// Before anything is sent the run ends; later, what was lost is left open.
fn fail_to_read(world: &mut World, number: u8) -> Option<()> {
    let runner = &mut world.runners[usize::from(number)];
    let open = runner.has(|step| matches!(step, Step::Lost { .. }))
        && runner.requests_under_way().is_empty();
    match runner.phase {
        Phase::Running if open && runner.halted.is_none() => {
            let lost = runner.steps.iter_mut();
            for step in lost.filter(|step| matches!(step, Step::Lost { .. })) {
                *step = Step::Over;
            }
        }
        Phase::Locked | Phase::Settled => stop(world, number),
        Phase::Idle | Phase::Running => return None,
    }
    spend(&mut world.budget.faults)
}

/// The names in a request that a runner has under way, as bits.
fn carried_by(runner: &Runner, request: u8) -> u8 {
    let steps = (0..).zip(&runner.steps);
    let carried = steps
        .filter(|(_, step)| matches!(step, Step::UnderWay { request: of, .. } if *of == request));
    carried.fold(0, |bits, (name, _)| bits | 1_u8 << name)
}

fn send(world: &mut World, runner: u8) -> Option<()> {
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

/// A request is over: what was made or refused may be answered, everything else is lost.
fn end(world: &mut World, request: u8, lost: u8) -> Option<()> {
    let of_request = |call: &&Call| call.request == Some(request);
    let calls: Vec<Call> = world.calls.iter().filter(of_request).copied().collect();
    (!calls.is_empty()).then_some(())?;
    let unanswered = calls.iter().filter(|call| call.at == CallAt::Sent);
    let unanswered = unanswered.fold(0, |bits, call| bits | 1_u8 << call.name);
    // What has not taken effect has no answer.
    (unanswered & !lost == 0).then_some(())?;
    if lost != 0 {
        spend(&mut world.budget.faults)?;
    }
    for call in calls {
        let is_lost = lost & (1 << call.name) != 0;
        let answer = match call.at {
            _ if is_lost => Answer::Unknown,
            CallAt::Sent => Answer::Unknown,
            CallAt::Made(offer) => Answer::Done(offer),
            CallAt::Refused => Answer::Refused,
        };
        for step in world
            .runners
            .iter_mut()
            .flat_map(|runner| &mut runner.steps)
        {
            if matches!(step, Step::UnderWay { intent, .. } if *intent == call.intent) {
                *step = Step::Returned {
                    intent: call.intent,
                    request,
                    answer,
                };
            }
        }
        if let (true, CallAt::Made(offer)) = (is_lost, call.at) {
            world.offers[usize::from(offer)].maker = Maker::Lost;
        }
    }
    world.calls.retain_mut(|call| {
        if call.request != Some(request) {
            return true;
        }
        call.request = None;
        call.at == CallAt::Sent
    });
    Some(())
}

/// All connections of a runner end without an answer.
fn hang_up(world: &mut World, runner: u8) {
    let requests = world.runners[usize::from(runner)].requests_under_way();
    let faults = world.budget.faults;
    for request in requests {
        world.budget.faults = 1;
        // Nothing is under way of a request whose answers are there.
        let _over = end(world, request, u8::MAX);
    }
    world.budget.faults = faults;
}

/// A runner is no more; its lock is free if it still had it.
fn stop(world: &mut World, number: u8) {
    hang_up(world, number);
    if world.lock == Some(number) {
        world.lock = None;
    }
    let runner = &mut world.runners[usize::from(number)];
    *runner = Runner::idle(runner.steps.len());
}
