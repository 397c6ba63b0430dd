//! One HTTP request being worked through: [`Exchange`].
//!
//! Calls run one after the other, each independent of the others (API sheet §1.2). A fault may end the work: then the
//! calls before it have taken effect, those after it never run, and the HTTP answer is not what it should be. Work on
//! the world is done in steps without waiting; a delay ends a step.

use std::collections::VecDeque;
use std::time::Duration;

use serde_json::Value;

use crate::fault::FaultRule;
use crate::fault::action::{Action, MemberFault, Moment, Spoil};
use crate::json::Json;
use crate::json_rpc::envelope::{self, Envelope, Item};
use crate::json_rpc::failure::Failure;
use crate::json_rpc::method::Method;
use crate::json_rpc::render::escapes;
use crate::json_rpc::service::execute;
use crate::quirk::Quirks;
use crate::record::{CallOutcome, CallRecord};
use crate::service::Tampering;
use crate::world::{StorageError, World};

mod called;

use called::Called;

/// The body that stands for garbage.
pub(crate) const GARBAGE: &str =
    "<html><head><title>Welcome</title></head><body>Nothing to see here</body></html>";

/// The code of the error object of the `bare-error` fault: the old generic one (API sheet §1.3).
const BARE_ERROR: i64 = -32000;

/// How an HTTP request is to be answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reply {
    /// Status 200 and this body.
    Body(String),
    /// This status with these headers and this JSON, which is empty where the status has no body.
    Answer {
        status: u16,
        headers: Vec<(&'static str, String)>,
        body: String,
    },
    /// Another status, with a short text.
    Status {
        code: u16,
        retry_after: Option<u64>,
        location: Option<String>,
    },
    /// The first half of this body, then the end of the connection.
    Truncated { status: u16, body: String },
    /// The end of the connection.
    Cut,
    /// The data file does not let anything be served.
    Unavailable(String),
}

/// How far the work has come.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// It goes on after a pause.
    Pause(Duration),
    /// It is done.
    Done(Reply),
}

/// The work that one HTTP request is, in steps between which the world is free for others.
pub(crate) trait Work: Send + 'static {
    /// Works on until a pause or the end, and leaves every change in the data file.
    fn advance(&mut self, world: &mut World) -> Step;

    /// Whether the body was an array of calls.
    fn is_batch(&self) -> bool;

    /// Returns the records of the calls done since this was last asked.
    fn take_calls(&mut self) -> Vec<CallRecord>;
}

/// An HTTP request with JSON-RPC calls, and what of it is done.
#[derive(Debug)]
pub(crate) struct Exchange {
    turns: VecDeque<Turn>,
    form: Form,
    answers: Vec<Json>,
    is_reversed: bool,
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
            answers: Vec::new(),
            is_reversed: false,
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
                    self.add_answer(&id, Err(failure), None, &world.service.quirks);
                }
            }
        }
        let body = self.body(&world.service.quirks);
        Ok(Step::Done(Reply::Body(body)))
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
        let Action::Whole(spoil, ..) = rule.action() else {
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
        let fault = rule.as_ref().map(FaultRule::to_string);

        if let Some(Action::Delay(delay, Moment::Before)) = action {
            let put_off_by = fault;
            self.turns.push_front(Turn::Call(Called {
                put_off_by,
                ..called
            }));
            return Ok(Some(Step::Pause(*delay)));
        }
        if let Some(Action::Whole(spoil, Moment::Before, _)) = action {
            self.calls.push(called.not_run(fault));
            return Ok(Some(self.end_early(spoil, &world.service.quirks)));
        }
        if let Some(Action::Member(MemberFault::Missing(Moment::Before))) = action {
            self.calls.push(called.not_run(fault));
            return Ok(None);
        }
        if let Some(Action::Error(code, Moment::Before)) = action {
            self.calls.push(CallRecord {
                outcome: CallOutcome::Failed(*code),
                ..called.not_run(fault)
            });
            let failure = Err(injected(*code));
            self.add_answer(&called.id, failure, None, &world.service.quirks);
            return Ok(None);
        }

        let method = Method::from_name(&called.call.method);
        if method.is_some_and(|method| method.operation.is_write()) {
            world.before_write()?;
        }
        let execution = execute(&mut world.service, &called.call, tampering(action));
        self.calls.push(called.ran(&execution, action, fault));
        let result = match action {
            Some(Action::Error(code, Moment::After)) => Err(injected(*code)),
            _ => execution.result,
        };
        self.add_answer(&called.id, result, action, &world.service.quirks);

        Ok(match action {
            Some(Action::Whole(spoil, ..)) => Some(self.end_early(spoil, &world.service.quirks)),
            Some(Action::Delay(delay, _)) => Some(Step::Pause(*delay)),
            _ => None,
        })
    }

    fn add_answer(
        &mut self,
        id: &Value,
        result: Result<Json, Failure>,
        action: Option<&Action>,
        quirks: &Quirks,
    ) {
        let mut id = envelope::answer_id(id, quirks.response_id);
        let member = match action {
            Some(Action::Member(member)) => Some(member),
            _ => None,
        };
        if member == Some(&MemberFault::WrongId) {
            id = wrong_id(&id);
        }
        let answer = envelope::answer(id, result);
        match member {
            Some(MemberFault::Missing(_)) => {}
            Some(MemberFault::Double) => self.answers.extend([answer.clone(), answer]),
            Some(MemberFault::Shuffled) => {
                self.is_reversed = true;
                self.answers.push(answer);
            }
            Some(MemberFault::WrongId) | None => self.answers.push(answer),
        }
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
            Spoil::Garbage => Reply::Body(GARBAGE.to_owned()),
            Spoil::Truncate => {
                if self.answers.is_empty() {
                    // Something must be there to break off.
                    let answer = envelope::answer(Json::Null, Err(injected(BARE_ERROR)));
                    self.answers.push(answer);
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
        let mut answers = std::mem::take(&mut self.answers);
        if self.is_reversed {
            answers.reverse();
        }
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
pub(crate) fn tampering(action: Option<&Action>) -> Option<Tampering<'_>> {
    match action {
        Some(Action::List(fault)) => Some(Tampering::List(fault)),
        Some(Action::Write(fault) | Action::Whole(_, _, Some(fault))) => {
            Some(Tampering::Write(fault))
        }
        _ => None,
    }
}

fn wrong_id(id: &Json) -> Json {
    match id {
        Json::Text(text) => Json::Text(format!("{text}-wrong")),
        Json::Null
        | Json::Bool(_)
        | Json::Integer(_)
        | Json::Number(_)
        | Json::Digits(_)
        | Json::List(_)
        | Json::Object(_) => Json::text("wrong"),
    }
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
