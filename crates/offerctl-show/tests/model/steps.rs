//! What can happen next, and what comes of it: [`Model`].
//!
//! What the runners do is in `executor.rs`, what the service does in `service.rs`.

use super::action::{Action, Carries, When, Write};
use super::catalogue::OTHER;
use super::executor::{fail_to_read, price_of, send, stop};
use super::facts::{Facts, StateId};
use super::service::{end, hang_up, refuse_whole};
use super::world::{
    CallAt, Case, Change, Executor, Halted, Maker, Offer, Phase, Runner, Step, World,
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
        // There is something to lie about.
        let before = (self.case.budget.lies > 0).then(|| self.made_by(Maker::Other, OTHER));
        World {
            offers: before.into_iter().collect(),
            calls: Vec::new(),
            stored: StateId::default(),
            lock: None,
            broken_open: None,
            price: 0,
            changes: Vec::new(),
            applied: None,
            runners: vec![runner; usize::from(self.case.runners)],
            budget: self.case.budget,
            next_intent: 0,
            edited: false,
            unmarked: false,
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
                    actions.push(Action::ExecuteUnmarked(call));
                }
                CallAt::Sent => actions.extend([
                    Action::Execute(call),
                    Action::ExecuteUnmarked(call),
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
                    actions.extend([Action::Forget(number), Action::Change(number)]);
                    for write in write {
                        actions.extend([
                            Action::Prepare(number, Carries::AsManyAsFit, write),
                            Action::Prepare(number, Carries::One, write),
                            Action::Finish(number, write),
                        ]);
                        actions.extend(when.map(|when| Action::Look(number, when, write)));
                        for request in runner.requests_under_way() {
                            actions.push(Action::TakeIn(number, request, write));
                        }
                    }
                    for request in runner.requests_under_way() {
                        let ends = Self::ends(world, request).into_iter();
                        actions.extend(ends.map(|told| Action::End(request, told)));
                        actions.push(Action::RefuseWhole(request));
                    }
                }
            }
            actions.extend([
                Action::Ask(number),
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
        actions.extend([Action::HandOther, Action::Unlock]);
        let changes = 0..world.changes.len();
        actions.extend(changes.flat_map(|of| [Action::EndChange(of), Action::DropChange(of)]));
        actions.retain(|action| action.is_affordable(world.budget));
        actions
    }

    /// What comes of something; `None` if it cannot happen now.
    pub(crate) fn step(&mut self, before: &World, action: Action) -> Option<World> {
        let mut world = before.clone();
        match action {
            Action::Start(runner) => {
                let free = world.lock.is_none() && is_idle(&world, runner);
                (free && self.is_quiet(&world)).then_some(())?;
                // What was sent before an unlock has ended.
                if let Some(former) = world.broken_open {
                    let former = world.runners[usize::from(former)].clone();
                    hang_up(&mut world, &former);
                }
                self.load(&mut world, runner);
            }
            Action::TakeOver(runner) => {
                let holder = world.lock?;
                let stale = world.runners[usize::from(holder)].stale;
                let ended = world.changes.is_empty();
                (stale && ended && is_idle(&world, runner)).then_some(())?;
                // What the holder sent, it sent before its heartbeat was half as old as the lock may get.
                let former = world.runners[usize::from(holder)].clone();
                hang_up(&mut world, &former);
                self.load(&mut world, runner);
            }
            Action::Settle(runner, when) => self.settle_pending(&mut world, runner, when)?,
            Action::Plan(runner) => self.plan(&mut world, runner),
            Action::Prepare(runner, carries, write) => {
                self.prepare(&mut world, runner, (carries, write))?;
            }
            Action::Send(runner) => {
                self.may_send(&world, runner).then_some(())?;
                send(&mut world, runner)?;
                world.runners[usize::from(runner)].allowed = false;
            }
            Action::Ask(number) => {
                let is_ours = world.lock == Some(number);
                let runner = &mut world.runners[usize::from(number)];
                let has_something = runner.has(|step| matches!(step, Step::Intended { .. }))
                    || runner.change == Change::Ready && runner.halted.is_none();
                let asks = self.is_contended() && !runner.allowed && !runner.stale;
                (asks && (has_something || !is_ours)).then_some(())?;
                if is_ours {
                    runner.allowed = true;
                } else {
                    // Somebody else has it, or nobody.
                    stop(&mut world, number);
                }
            }
            Action::Forget(number) => {
                let runner = &mut world.runners[usize::from(number)];
                (runner.allowed && self.case.executor != Executor::AsksOnce).then_some(())?;
                runner.allowed = false;
            }
            Action::Unlock => {
                let holder = world.lock.take()?;
                spend(&mut world.budget.unlocks)?;
                world.broken_open = Some(holder);
                self.fence(&mut world, None);
            }
            Action::Change(number) => {
                let asks = self.case.executor != Executor::StaleChanges;
                (!asks || self.may_send(&world, number)).then_some(())?;
                let runner = &mut world.runners[usize::from(number)];
                (runner.change == Change::Ready && runner.halted.is_none()).then_some(())?;
                runner.change = Change::UnderWay;
                runner.allowed = false;
                world.changes.push(number);
            }
            Action::EndChange(of) => {
                let number = world.changes.remove(of);
                world.price = price_of(number);
                let runner = &mut world.runners[usize::from(number)];
                if runner.change == Change::UnderWay {
                    runner.change = Change::Over;
                }
            }
            Action::DropChange(of) => {
                let number = world.changes[of];
                // Only one whose runner is no more: the others hear of it, and go on as if it had never been.
                let gone = world.runners[usize::from(number)].change != Change::UnderWay;
                gone.then_some(())?;
                world.changes.remove(of);
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
            Action::ExecuteUnmarked(call) => self.execute_unmarked(&mut world, call)?,
            Action::Refuse(call) => {
                spend(&mut world.budget.faults)?;
                world.calls[call].at = CallAt::Refused;
            }
            Action::Drop(call) => {
                world.calls.remove(call);
            }
            Action::End(request, told) => end(&mut world, request, told)?,
            Action::RefuseWhole(request) => refuse_whole(&mut world, request)?,
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
                let runner = &mut world.runners[usize::from(runner)];
                runner.stale = true;
                runner.allowed &= self.case.executor == Executor::AsksOnce;
            }
            Action::Wake(runner) => {
                world.runners[usize::from(runner)].stale.then_some(())?;
                if world.lock == Some(runner) {
                    world.runners[usize::from(runner)].stale = false;
                } else {
                    stop(&mut world, runner);
                }
            }
            Action::HandEqual(content) => self.edit(&mut world, Maker::HandEqual, content)?,
            Action::HandNear(content) => self.edit(&mut world, Maker::HandNear, content)?,
            Action::HandOther => self.edit(&mut world, Maker::Other, OTHER)?,
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

    /// Whether a lock can be lost, so that a runner has to ask whose it is.
    fn is_contended(&self) -> bool {
        self.case.runners > 1 || self.case.budget.unlocks > 0
    }

    /// Whether a runner may send something: the store has just said that the lock is its own.
    fn may_send(&self, world: &World, number: u8) -> bool {
        let runner = &world.runners[usize::from(number)];
        let stale = runner.stale && self.case.executor != Executor::AsksOnce;
        !stale && (runner.allowed || !self.is_contended())
    }

    /// Whether nothing is under way any more of who had the lock before it was free, nor may leave still.
    fn is_quiet(&self, world: &World) -> bool {
        if self.case.executor == Executor::NoQuiet {
            return true;
        }
        let may_send = world.broken_open.is_some_and(|former| {
            let former = &world.runners[usize::from(former)];
            // For ever allowed is for ever late: nobody waits so long.
            former.allowed && self.case.executor != Executor::AsksOnce
        });
        !may_send && world.changes.is_empty()
    }

    /// A person makes an offer.
    fn edit(&self, world: &mut World, maker: Maker, content: u8) -> Option<()> {
        spend(&mut world.budget.edits)?;
        world.edited = true;
        world.offers.push(self.made_by(maker, content));
        Some(())
    }

    fn made_by(&self, maker: Maker, content: u8) -> Offer {
        Offer {
            content,
            maker,
            mark: None,
            rows: self.facts.all_rows(),
            late: false,
        }
    }
}

fn is_idle(world: &World, runner: u8) -> bool {
    world.runners[usize::from(runner)].phase == Phase::Idle
}

pub(super) fn spend(budget: &mut u8) -> Option<()> {
    *budget = budget.checked_sub(1)?;
    Some(())
}
