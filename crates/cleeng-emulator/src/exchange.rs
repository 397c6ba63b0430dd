//! One HTTP request being worked through: [`Exchange`].
//!
//! A JSON-RPC body holds any number of calls, a REST request is one. Calls run one after the other, each independent of
//! the others (docs/cleeng-api.md §1.2). A fault may end the work: then the calls before it have taken effect, those after
//! it never run, and the HTTP answer is not what it should be. Work on the world is done in steps without waiting; a delay
//! ends a step. How calls are found in a request and how they are answered is the matter of a [`Generation`].

use std::collections::VecDeque;
use std::mem;

use crate::fault::FaultRule;
use crate::fault::action::{Action, Extent, Extract, MemberFault, Mishap, ResultFault, Spoil};
use crate::id::OfferId;
use crate::quirk::Quirks;
use crate::record::{CallOutcome, CallRecord};
use crate::service::{Service, Tampering, Written};
use crate::world::{StorageError, World};

mod generation;
#[cfg(test)]
pub(crate) mod odd;
mod reply;
mod turn;

pub(crate) use generation::Generation;
pub(crate) use reply::{Reply, Step};
pub(crate) use turn::Turn;

/// The body that stands for garbage.
const GARBAGE: &str =
    "<html><head><title>Welcome</title></head><body>Nothing to see here</body></html>";

/// An HTTP request with its calls, and what of it is done.
#[derive(Debug)]
pub(crate) struct Exchange<G: Generation> {
    turns: VecDeque<Turn<G>>,
    answers: G,
    /// What is answered once all calls have run.
    ending: Option<Spoil>,
    /// Whether the rules that refuse a whole request have been looked at.
    is_admitted: bool,
    calls: Vec<CallRecord>,
}

impl<G: Generation> Exchange<G> {
    /// Returns the work that these calls are.
    pub(crate) fn of(turns: impl IntoIterator<Item = Turn<G>>, answers: G) -> Self {
        Self {
            turns: turns.into_iter().collect(),
            answers,
            ending: None,
            is_admitted: false,
            calls: Vec::new(),
        }
    }

    /// Whether the body was an array of calls.
    pub(crate) fn is_batch(&self) -> bool {
        self.answers.is_batch()
    }

    /// Returns the records of the calls done since this was last asked.
    pub(crate) fn take_calls(&mut self) -> Vec<CallRecord> {
        mem::take(&mut self.calls)
    }

    /// Works on until a pause or the end, and leaves every change in the data file.
    pub(crate) fn advance(&mut self, world: &mut World) -> Step {
        let outcome = self
            .run(world)
            .and_then(|step| world.after_writes().map(|()| step));
        match outcome {
            Ok(step) => step,
            Err(error) => {
                if G::RECORDS_UNSERVED {
                    self.skip_rest();
                }
                Step::Done(Reply::Unavailable(explain(&error)))
            }
        }
    }

    fn run(&mut self, world: &mut World) -> Result<Step, StorageError> {
        world.check()?;
        if let Some(step) = self.refuse_whole(world) {
            return Ok(step);
        }
        while let Some(mut turn) = self.turns.pop_front() {
            if let Some(failure) = turn.refusal.take() {
                let record = turn.not_run(None);
                let result = (Err(failure), None);
                self.answer(&turn, record, result, &world.service.quirks);
            } else if let Some(step) = self.take_turn(world, turn)? {
                return Ok(step);
            }
        }
        let quirks = &world.service.quirks;
        Ok(Step::Done(match self.ending.take() {
            Some(spoil) => self.spoiled(&spoil, quirks),
            None => self.answers.reply(quirks),
        }))
    }

    /// Refuses the request before any call runs, if a rule says so.
    fn refuse_whole(&mut self, world: &mut World) -> Option<Step> {
        if self.is_admitted {
            return None;
        }
        self.is_admitted = true;
        let methods = self.turns.iter().filter(|turn| turn.refusal.is_none());
        let methods = methods.map(|turn| G::method(&turn.call));
        let (refused, rule) = world.faults.draw_refusal(methods)?;
        let Mishap::Whole(spoil, _) = &rule.action().mishap else {
            return None;
        };
        let rule_of = |place| (place == refused).then(|| rule.to_string());
        self.skip(rule_of);
        Some(Step::Done(self.spoiled(spoil, &world.service.quirks)))
    }

    /// Runs one call; returns a step if the work ends or pauses here.
    fn take_turn(
        &mut self,
        world: &mut World,
        turn: Turn<G>,
    ) -> Result<Option<Step>, StorageError> {
        // A call that was put off has had its fault.
        let rule = match turn.put_off_by {
            Some(_) => None,
            None => world.faults.draw(G::method(&turn.call)),
        };
        let action = rule.as_ref().map(FaultRule::action);
        let mishap = action.map(|action| &action.mishap);
        let fault = rule.as_ref().map(FaultRule::to_string);
        match mishap.filter(|mishap| mishap.comes_before()) {
            None => {}
            Some(Mishap::Result(other, _)) => {
                // Without another offer there is nothing to answer with: it runs.
                if let Some(answer) = another::<G>(&world.service, &turn.call, &[], other) {
                    self.calls.push(turn.not_run(fault));
                    let (call, result) = (&turn.call, Ok(extract::<G>(answer, other)));
                    self.answers.add(call, result, None, &world.service.quirks);
                    return Ok(None);
                }
            }
            Some(mishap) => {
                let quirks = &world.service.quirks;
                return Ok(self.fail_before(turn, (mishap, fault), quirks));
            }
        }

        if G::is_write(&turn.call) {
            world.before_write()?;
        }
        let mut unknown = Vec::new();
        let service = &mut world.service;
        let outcome = G::run(service, &turn.call, tampering(action), &mut unknown);
        let (result, written, season_group) = match outcome {
            Ok(Written {
                answer,
                ids,
                season_group,
            }) => (Ok(answer), ids, season_group),
            Err(failure) => (Err(failure), Vec::new(), None),
        };
        let result = match mishap {
            Some(Mishap::Error(code, _)) => Err(G::injected(*code)),
            Some(Mishap::Result(other, _)) => result.map(|own| {
                let shown = another::<G>(&world.service, &turn.call, &written, other);
                extract::<G>(shown.unwrap_or(own), other)
            }),
            _ => result,
        };
        let season_group = season_group.iter().map(ToString::to_string);
        let written: Vec<String> = written
            .iter()
            .map(ToString::to_string)
            .chain(season_group)
            .collect();
        let record = CallRecord {
            took_effect: !written.is_empty(),
            written,
            unknown_members: unknown,
            ..turn.not_run(fault)
        };
        let quirks = &world.service.quirks;
        let member = match mishap {
            Some(Mishap::Member(member)) => Some(*member),
            _ => None,
        };
        self.answer(&turn, record, (result, member), quirks);

        Ok(match mishap {
            Some(Mishap::Whole(spoil, Extent::AfterAll)) => {
                self.ending.get_or_insert_with(|| spoil.clone());
                None
            }
            Some(Mishap::Whole(spoil, Extent::Before | Extent::After)) => {
                Some(self.end_early(spoil, quirks))
            }
            Some(Mishap::Delay(delay, _)) => Some(Step::Pause(*delay)),
            _ => None,
        })
    }

    /// Lets a fault come before the call; returns a step if the work ends or pauses here.
    fn fail_before(
        &mut self,
        turn: Turn<G>,
        (mishap, fault): (&Mishap, Option<String>),
        quirks: &Quirks,
    ) -> Option<Step> {
        match mishap {
            Mishap::Delay(delay, _) => {
                let put_off_by = fault;
                self.turns.push_front(Turn { put_off_by, ..turn });
                return Some(Step::Pause(*delay));
            }
            Mishap::Whole(spoil, _) => {
                self.calls.push(turn.not_run(fault));
                return Some(self.end_early(spoil, quirks));
            }
            Mishap::Error(code, _) => {
                let record = turn.not_run(fault);
                self.answer(&turn, record, (Err(G::injected(*code)), None), quirks);
            }
            Mishap::Result(..) | Mishap::Member(_) | Mishap::List(_) | Mishap::Write => {
                self.calls.push(turn.not_run(fault));
            }
        }
        None
    }

    /// Answers a call, and notes in its record what came of it.
    fn answer(
        &mut self,
        turn: &Turn<G>,
        record: CallRecord,
        (result, fault): (Result<G::Answer, G::Failure>, Option<MemberFault>),
        quirks: &Quirks,
    ) {
        let outcome = match &result {
            Ok(_) => CallOutcome::Succeeded,
            Err(failure) => CallOutcome::Failed(G::code(failure, quirks)),
        };
        self.calls.push(CallRecord { outcome, ..record });
        self.answers.add(&turn.call, result, fault, quirks);
    }

    /// Notes all calls that are left as not run, each with the fault that befell it.
    fn skip(&mut self, fault: impl Fn(usize) -> Option<String>) {
        let turns = self.turns.drain(..);
        let left = turns.filter(|turn| turn.refusal.is_none()).enumerate();
        let records = left.map(|(place, turn)| turn.not_run(fault(place)));
        self.calls.extend(records);
    }

    fn skip_rest(&mut self) {
        self.skip(|_| None);
    }

    fn end_early(&mut self, spoil: &Spoil, quirks: &Quirks) -> Step {
        self.skip_rest();
        Step::Done(self.spoiled(spoil, quirks))
    }

    fn spoiled(&mut self, spoil: &Spoil, quirks: &Quirks) -> Reply {
        match spoil {
            Spoil::Status {
                code,
                retry_after,
                location,
            } => Reply::Status {
                code: *code,
                retry_after: *retry_after,
                location: location.clone(),
            },
            Spoil::Cut => Reply::Cut,
            Spoil::Silence => Reply::Silence,
            Spoil::Garbage => Reply::Body(GARBAGE.to_owned()),
            Spoil::Truncate => self.answers.truncated(quirks),
            Spoil::BareError => G::bare_error(quirks),
        }
    }
}

/// Returns the answer about another offer that a fault wants for a call, which wrote these offers.
fn another<G: Generation>(
    service: &Service,
    call: &G::Call,
    written: &[OfferId],
    fault: &ResultFault,
) -> Option<G::Answer> {
    G::another(service, call, written, fault.of.as_ref()?)
}

/// Returns as much of an answer as a fault leaves.
fn extract<G: Generation>(answer: G::Answer, fault: &ResultFault) -> G::Answer {
    match fault.extract {
        Extract::Whole => answer,
        Extract::Id => G::only_id(answer),
    }
}

/// Returns how the call itself is to go wrong.
fn tampering(action: Option<&Action>) -> Tampering<'_> {
    let Some(Action { mishap, writes }) = action else {
        return Tampering::default();
    };
    let lists = match mishap {
        Mishap::List(faults) => faults.as_slice(),
        Mishap::Whole(..)
        | Mishap::Delay(..)
        | Mishap::Error(..)
        | Mishap::Member(_)
        | Mishap::Result(..)
        | Mishap::Write => &[],
    };
    Tampering { lists, writes }
}

/// Returns an error with all its causes.
fn explain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
