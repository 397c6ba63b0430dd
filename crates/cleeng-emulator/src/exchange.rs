//! One HTTP request being worked through: [`Exchange`].
//!
//! Calls run one after the other, each independent of the others (API sheet §1.2). A fault may end the work: then the
//! calls before it have taken effect, those after it never run, and the HTTP answer is not what it should be. Work on
//! the world is done in steps without waiting; a delay ends a step.

use std::collections::VecDeque;

use serde_json::Value;

use crate::fault::FaultRule;
use crate::fault::action::{Action, Extent, MemberFault, Mishap, Spoil};
use crate::json::Json;
use crate::json_rpc::envelope::{self, Envelope, Item};
use crate::json_rpc::failure::Failure;
use crate::json_rpc::method::Method;
use crate::json_rpc::render::escapes;
use crate::json_rpc::service::execute;
use crate::json_rpc::substitute::substitute;
use crate::quirk::Quirks;
use crate::record::{CallOutcome, CallRecord};
use crate::service::Tampering;
use crate::world::{StorageError, World};

mod answers;
mod called;
mod work;

use answers::Answers;
use called::Called;
pub(crate) use work::{Reply, Step, Work};

/// The body that stands for garbage.
pub(crate) const GARBAGE: &str =
    "<html><head><title>Welcome</title></head><body>Nothing to see here</body></html>";

/// The code of the error object of the `bare-error` fault: the old generic one (API sheet §1.3).
const BARE_ERROR: i64 = -32000;

/// An HTTP request with JSON-RPC calls, and what of it is done.
#[derive(Debug)]
pub(crate) struct Exchange {
    turns: VecDeque<Turn>,
    form: Form,
    answers: Answers,
    /// What is answered once all calls have run.
    ending: Option<Spoil>,
    /// Whether the rules that refuse a whole request have been looked at.
    is_admitted: bool,
    calls: Vec<CallRecord>,
}

/// The shape of the answer.
#[derive(Debug)]
enum Form {
    /// One answer.
    Single,
    /// An array of answers.
    Batch,
    /// This, whatever else.
    Fixed(Json),
}

/// One member of the body whose turn has not come.
#[derive(Debug)]
enum Turn {
    Call(Called),
    /// It is no call.
    Refused {
        offset: usize,
        id: Value,
        failure: Failure,
    },
}

impl Exchange {
    /// Reads a body of at most `cap` calls.
    pub(crate) fn new(body: &[u8], cap: usize) -> Self {
        let (items, form) = match envelope::open(body, cap) {
            Envelope::Single(item) => (vec![item], Form::Single),
            Envelope::Batch(items) => (items, Form::Batch),
            Envelope::Unreadable(failure) => (
                Vec::new(),
                Form::Fixed(envelope::answer(Json::Null, Err(failure))),
            ),
            Envelope::Oversized(failure) => (Vec::new(), Form::Fixed(envelope::error(failure))),
        };
        let turns = items.into_iter().enumerate();
        Self {
            turns: turns.map(|(offset, item)| turn(offset, item)).collect(),
            form,
            answers: Answers::default(),
            ending: None,
            is_admitted: false,
            calls: Vec::new(),
        }
    }

    fn run(&mut self, world: &mut World) -> Result<Step, StorageError> {
        world.check()?;
        if let Some(step) = self.refuse_whole(world) {
            return Ok(step);
        }
        while let Some(turn) = self.turns.pop_front() {
            match turn {
                Turn::Call(called) => {
                    if let Some(step) = self.take_turn(world, called)? {
                        return Ok(step);
                    }
                }
                Turn::Refused {
                    offset,
                    id,
                    failure,
                } => {
                    self.calls.push(called::refused(offset, failure.code));
                    let id = (&id, world.service.quirks.response_id);
                    self.answers.add(id, "", Err(failure), None);
                }
            }
        }
        let quirks = &world.service.quirks;
        Ok(Step::Done(match self.ending.take() {
            Some(spoil) => self.spoiled(&spoil, quirks),
            None => Reply::Body(self.body(quirks)),
        }))
    }

    /// Refuses the request before any call runs, if a rule says so.
    fn refuse_whole(&mut self, world: &mut World) -> Option<Step> {
        if self.is_admitted {
            return None;
        }
        self.is_admitted = true;
        let methods = self.turns.iter().filter_map(|turn| match turn {
            Turn::Call(called) => Some(called.call.method.as_str()),
            Turn::Refused { .. } => None,
        });
        let (refused, rule) = world.faults.draw_refusal(methods)?;
        let Mishap::Whole(spoil, _) = &rule.action().mishap else {
            return None;
        };
        let mut calls = 0;
        for turn in self.turns.drain(..) {
            if let Turn::Call(called) = turn {
                let fault = (calls == refused).then(|| rule.to_string());
                self.calls.push(called.not_run(fault));
                calls += 1;
            }
        }
        Some(Step::Done(self.spoiled(spoil, &world.service.quirks)))
    }

    /// Runs one call; returns a step if the work ends or pauses here.
    fn take_turn(
        &mut self,
        world: &mut World,
        called: Called,
    ) -> Result<Option<Step>, StorageError> {
        // A call that was put off has had its fault.
        let rule = match called.put_off_by {
            Some(_) => None,
            None => world.faults.draw(&called.call.method),
        };
        let action = rule.as_ref().map(FaultRule::action);
        let mishap = action.map(|action| &action.mishap);
        let fault = rule.as_ref().map(FaultRule::to_string);
        match mishap.filter(|mishap| mishap.comes_before()) {
            None => {}
            Some(Mishap::Result(other, _)) => {
                let shown = substitute(&world.service, &called.call, other, (None, &[]));
                // Without another offer there is nothing to answer with: it runs.
                if let Some(result) = shown {
                    self.calls.push(called.not_run(fault));
                    self.add_answer(&called, Ok(result), None, &world.service.quirks);
                    return Ok(None);
                }
            }
            Some(mishap) => {
                let quirks = &world.service.quirks;
                return Ok(self.fail_before(called, (mishap, fault), quirks));
            }
        }

        let method = Method::from_name(&called.call.method);
        if method.is_some_and(|method| method.operation.is_write()) {
            world.before_write()?;
        }
        let execution = execute(&mut world.service, &called.call, tampering(action));
        self.calls.push(called.ran(&execution, mishap, fault));
        let result = match mishap {
            Some(Mishap::Error(code, _)) => Err(injected(*code)),
            Some(Mishap::Result(other, _)) => execution.result.map(|result| {
                let own = (Some(result), execution.written.as_slice());
                substitute(&world.service, &called.call, other, own).unwrap_or(Json::Null)
            }),
            _ => execution.result,
        };
        let quirks = &world.service.quirks;
        let member = match mishap {
            Some(Mishap::Member(member)) => Some(*member),
            _ => None,
        };
        self.add_answer(&called, result, member, quirks);

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
        called: Called,
        (mishap, fault): (&Mishap, Option<String>),
        quirks: &Quirks,
    ) -> Option<Step> {
        match mishap {
            Mishap::Delay(delay, _) => {
                let put_off_by = fault;
                self.turns.push_front(Turn::Call(Called {
                    put_off_by,
                    ..called
                }));
                return Some(Step::Pause(*delay));
            }
            Mishap::Whole(spoil, _) => {
                self.calls.push(called.not_run(fault));
                return Some(self.end_early(spoil, quirks));
            }
            Mishap::Error(code, _) => {
                self.calls.push(CallRecord {
                    outcome: CallOutcome::Failed(*code),
                    ..called.not_run(fault)
                });
                self.add_answer(&called, Err(injected(*code)), None, quirks);
            }
            Mishap::Result(..) | Mishap::Member(_) | Mishap::List(_) | Mishap::Write => {
                self.calls.push(called.not_run(fault));
            }
        }
        None
    }

    fn add_answer(
        &mut self,
        called: &Called,
        result: Result<Json, Failure>,
        fault: Option<MemberFault>,
        quirks: &Quirks,
    ) {
        let id = (&called.id, quirks.response_id);
        self.answers.add(id, &called.call.method, result, fault);
    }

    /// Notes all calls that are left as not run.
    fn skip_rest(&mut self) {
        for turn in self.turns.drain(..) {
            if let Turn::Call(called) = turn {
                self.calls.push(called.not_run(None));
            }
        }
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
            Spoil::Truncate => {
                if self.answers.is_empty() {
                    // Something must be there to break off.
                    let id = (&Value::Null, quirks.response_id);
                    self.answers.add(id, "", Err(injected(BARE_ERROR)), None);
                }
                Reply::Truncated {
                    status: 200,
                    body: self.body(quirks),
                }
            }
            Spoil::BareError => {
                Reply::Body(envelope::error(injected(BARE_ERROR)).to_string(escapes(quirks)))
            }
        }
    }

    /// Returns the body of the answer. A single call whose answer went missing has an empty one; one whose answer is
    /// there twice has an array.
    fn body(&mut self, quirks: &Quirks) -> String {
        let answers = self.answers.take();
        let escapes = escapes(quirks);
        match &self.form {
            Form::Fixed(json) => json.to_string(escapes),
            Form::Single if answers.is_empty() => String::new(),
            Form::Single if answers.len() == 1 => answers[0].to_string(escapes),
            Form::Single | Form::Batch => Json::List(answers).to_string(escapes),
        }
    }
}

impl Work for Exchange {
    fn is_batch(&self) -> bool {
        match self.form {
            Form::Batch => true,
            Form::Single | Form::Fixed(_) => false,
        }
    }

    fn take_calls(&mut self) -> Vec<CallRecord> {
        std::mem::take(&mut self.calls)
    }

    fn advance(&mut self, world: &mut World) -> Step {
        let outcome = self
            .run(world)
            .and_then(|step| world.after_writes().map(|()| step));
        match outcome {
            Ok(step) => step,
            Err(error) => {
                self.skip_rest();
                Step::Done(Reply::Unavailable(explain(&error)))
            }
        }
    }
}

fn turn(offset: usize, Item { id, call }: Item) -> Turn {
    match call {
        Ok(call) => Turn::Call(Called {
            offset,
            id,
            call,
            put_off_by: None,
        }),
        Err(failure) => Turn::Refused {
            offset,
            id,
            failure,
        },
    }
}

/// Returns how the call itself is to go wrong.
pub(crate) fn tampering(action: Option<&Action>) -> Tampering<'_> {
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

fn injected(code: i64) -> Failure {
    Failure::new(code, format!("A fault rule asked for error {code}"))
}

/// Returns an error with all its causes.
pub(crate) fn explain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests;
