//! One REST request being worked through: [`RestExchange`].
//!
//! It is one call, so that a fault befalls either all of it or nothing. What cannot befall it is what is about batches.

use std::time::Duration;

use crate::exchange::{GARBAGE, Reply, Step, Work, explain, tampering};
use crate::fault::FaultRule;
use crate::fault::action::{Mishap, Spoil};
use crate::json::Json;
use crate::json_rpc::render::escapes;
use crate::quirk::Quirks;
use crate::record::{CallOutcome, CallRecord};
use crate::rest::failure::{Failure, message};
use crate::rest::request::Request;
use crate::rest::service::{Answer, Execution, execute};
use crate::rest::substitute::substitute;
use crate::world::{StorageError, World};

/// A request and how far it has come.
#[derive(Debug)]
pub(crate) struct RestExchange {
    stage: Stage,
    calls: Vec<CallRecord>,
}

#[derive(Debug)]
enum Stage {
    /// Its turn has not come.
    Waiting {
        request: Request,
        /// The delay by which it was put off, as its rule was given.
        put_off_by: Option<String>,
    },
    /// It leads nowhere.
    Lost(Failure),
    /// All that is left is to answer.
    Answered(Reply),
}

impl RestExchange {
    /// Returns the work that a request is, or the refusal of one that leads nowhere.
    pub(crate) fn new(request: Result<Request, Failure>) -> Self {
        let stage = match request {
            Ok(request) => Stage::Waiting {
                request,
                put_off_by: None,
            },
            Err(failure) => Stage::Lost(failure),
        };
        Self {
            stage,
            calls: Vec::new(),
        }
    }

    fn run(&mut self, world: &mut World) -> Result<Step, StorageError> {
        world.check()?;
        let stage = std::mem::replace(&mut self.stage, Stage::Answered(Reply::Cut));
        match stage {
            Stage::Waiting {
                request,
                put_off_by,
            } => self.take_turn(world, request, put_off_by),
            Stage::Lost(failure) => Ok(Step::Done(refusal(&failure, &world.service.quirks))),
            Stage::Answered(reply) => Ok(Step::Done(reply)),
        }
    }

    fn take_turn(
        &mut self,
        world: &mut World,
        request: Request,
        put_off_by: Option<String>,
    ) -> Result<Step, StorageError> {
        let operation = request.target.operation;
        // A request that was put off has had its fault.
        let rule = match put_off_by {
            Some(_) => None,
            None => world.faults.draw(operation.word()),
        };
        let action = rule.as_ref().map(FaultRule::action);
        let fault = put_off_by.or_else(|| rule.as_ref().map(FaultRule::to_string));
        let mishap = action.map(|action| &action.mishap);
        match mishap.filter(|mishap| mishap.comes_before()) {
            None => {}
            Some(Mishap::Result(other, _)) => {
                // Without another offer there is nothing to answer with: it runs.
                let shown = substitute(&world.service, &request, other, (None, &[]));
                if let Some(answer) = shown {
                    self.calls.push(not_run(&request, fault));
                    return Ok(Step::Done(reply(answer, &world.service.quirks)));
                }
            }
            Some(mishap) => {
                let quirks = &world.service.quirks;
                return Ok(self.fail_before(request, (mishap, fault), quirks));
            }
        }

        if operation.is_write() {
            world.before_write()?;
        }
        let execution = execute(&mut world.service, &request, tampering(action));
        let quirks = &world.service.quirks;
        self.calls
            .push(ran(&request, &execution, (mishap, fault), quirks));
        let result = match mishap {
            Some(Mishap::Result(other, _)) => execution.result.map(|answer| {
                let own = (Some(answer.clone()), execution.written.as_slice());
                substitute(&world.service, &request, other, own).unwrap_or(answer)
            }),
            _ => execution.result,
        };
        let reply = match result {
            Ok(answer) => reply(answer, quirks),
            Err(failure) => refusal(&failure, quirks),
        };
        Ok(match mishap {
            Some(Mishap::Error(code, _)) => Step::Done(injected(*code, quirks)),
            Some(Mishap::Whole(spoil, _)) => Step::Done(spoiled(spoil, reply)),
            Some(Mishap::Delay(delay, _)) => self.answer_after(*delay, reply),
            _ => Step::Done(reply),
        })
    }

    /// Lets a fault come before the request.
    fn fail_before(
        &mut self,
        request: Request,
        (mishap, fault): (&Mishap, Option<String>),
        quirks: &Quirks,
    ) -> Step {
        if let Mishap::Delay(delay, _) = mishap {
            self.stage = Stage::Waiting {
                request,
                put_off_by: fault,
            };
            return Step::Pause(*delay);
        }
        let record = not_run(&request, fault);
        if let Mishap::Error(code, _) = mishap {
            self.calls.push(CallRecord {
                outcome: CallOutcome::Failed(*code),
                ..record
            });
            return Step::Done(injected(*code, quirks));
        }
        self.calls.push(record);
        let nothing = Reply::Answer {
            status: 200,
            headers: Vec::new(),
            body: message("A fault rule asked for this").to_string(escapes(quirks)),
        };
        Step::Done(match mishap {
            Mishap::Whole(spoil, _) => spoiled(spoil, nothing),
            Mishap::Delay(..)
            | Mishap::Error(..)
            | Mishap::Member(_)
            | Mishap::Result(..)
            | Mishap::List(_)
            | Mishap::Write => nothing,
        })
    }

    fn answer_after(&mut self, delay: Duration, reply: Reply) -> Step {
        self.stage = Stage::Answered(reply);
        Step::Pause(delay)
    }
}

impl Work for RestExchange {
    fn is_batch(&self) -> bool {
        false
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
            Err(error) => Step::Done(Reply::Unavailable(explain(&error))),
        }
    }
}

fn not_run(request: &Request, fault: Option<String>) -> CallRecord {
    CallRecord {
        offset: 0,
        method: request.target.operation.word().to_owned(),
        params: request.params(),
        outcome: CallOutcome::NotRun,
        took_effect: false,
        written: Vec::new(),
        unknown_members: Vec::new(),
        fault,
    }
}

fn ran(
    request: &Request,
    execution: &Execution,
    (mishap, fault): (Option<&Mishap>, Option<String>),
    quirks: &Quirks,
) -> CallRecord {
    let outcome = match (mishap, &execution.result) {
        (Some(Mishap::Error(code, _)), _) => CallOutcome::Failed(*code),
        (_, Err(failure)) => CallOutcome::Failed(failure.status(quirks).into()),
        (_, Ok(_)) => CallOutcome::Succeeded,
    };
    CallRecord {
        outcome,
        took_effect: !execution.written.is_empty(),
        written: execution.written.iter().map(ToString::to_string).collect(),
        unknown_members: execution.unknown.clone(),
        ..not_run(request, fault)
    }
}

fn reply(answer: Answer, quirks: &Quirks) -> Reply {
    let body = answer.body.as_ref();
    Reply::Answer {
        status: answer.status,
        headers: answer.headers,
        body: body.map_or_else(String::new, |body: &Json| body.to_string(escapes(quirks))),
    }
}

fn refusal(failure: &Failure, quirks: &Quirks) -> Reply {
    Reply::Answer {
        status: failure.status(quirks),
        headers: Vec::new(),
        body: failure.body().to_string(escapes(quirks)),
    }
}

fn injected(code: i64, quirks: &Quirks) -> Reply {
    Reply::Answer {
        status: u16::try_from(code).unwrap_or(500),
        headers: Vec::new(),
        body: message(format!("A fault rule asked for error {code}")).to_string(escapes(quirks)),
    }
}

/// Returns what is answered instead of a reply.
fn spoiled(spoil: &Spoil, reply: Reply) -> Reply {
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
        // No rule lets an object by itself befall a request that is no batch.
        Spoil::Cut | Spoil::BareError => Reply::Cut,
        Spoil::Silence => Reply::Silence,
        Spoil::Garbage => Reply::Body(GARBAGE.to_owned()),
        Spoil::Truncate => {
            // A body without bytes cannot break off.
            if let Reply::Answer { status, body, .. } = reply
                && !body.is_empty()
            {
                Reply::Truncated { status, body }
            } else {
                Reply::Cut
            }
        }
    }
}

#[cfg(test)]
mod tests;
