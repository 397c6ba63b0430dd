//! How a REST request, which is one call, is answered: [`RestExchange`].
//!
//! A fault befalls either all of it or nothing. What cannot befall it is what is about batches.

use std::mem;

use serde_json::Value;

use crate::exchange::{Exchange, Generation, Reply, Turn};
use crate::fault::action::MemberFault;
use crate::id::OfferId;
use crate::json::Escapes;
use crate::quirk::Quirks;
use crate::rest::answer::Answer;
use crate::rest::failure::{Failure, message};
use crate::rest::request::Request;
use crate::rest::service;
use crate::rest::substitute;
use crate::service::{Service, Tampering, Written};
use crate::store::another::Which;

/// The work that a REST request is.
pub(crate) type RestExchange = Exchange<Rest>;

/// The answer to a request.
#[derive(Debug)]
pub(crate) enum Rest {
    /// There is none, unless a fault brings one.
    Nothing,
    /// The request leads nowhere.
    Lost(Failure),
    /// This.
    Answered(Reply),
}

impl RestExchange {
    /// Returns the work that a request is, or the refusal of one that leads nowhere.
    pub(crate) fn new(request: Result<Request, Failure>) -> Self {
        match request {
            Ok(request) => Self::of([Turn::new(0, request, None)], Rest::Nothing),
            Err(failure) => Self::of([], Rest::Lost(failure)),
        }
    }
}

impl Generation for Rest {
    type Call = Request;
    type Answer = Answer;
    type Failure = Failure;

    const RECORDS_UNSERVED: bool = false;

    fn method(request: &Request) -> &str {
        request.target.operation.word()
    }

    fn params(request: &Request) -> Value {
        request.params()
    }

    fn is_write(request: &Request) -> bool {
        request.target.operation.is_write()
    }

    fn run(
        service: &mut Service,
        request: &Request,
        tampering: Tampering<'_>,
        unknown: &mut Vec<String>,
    ) -> Result<Written<Answer>, Failure> {
        service::execute(service, request, tampering, unknown)
    }

    fn another(
        service: &Service,
        request: &Request,
        written: &[OfferId],
        which: &Which,
    ) -> Option<Answer> {
        substitute::another(service, request, written, which)
    }

    fn only_id(answer: Answer) -> Answer {
        Answer {
            body: answer.body.map(substitute::only_id),
            ..answer
        }
    }

    fn injected(code: i64) -> Failure {
        Failure::Injected(code)
    }

    fn code(failure: &Failure, quirks: &Quirks) -> i64 {
        failure.status(quirks).into()
    }

    fn is_batch(&self) -> bool {
        false
    }

    fn add(
        &mut self,
        _request: &Request,
        result: Result<Answer, Failure>,
        _fault: Option<MemberFault>,
        quirks: &Quirks,
    ) {
        *self = Self::Answered(match result {
            Ok(answer) => reply(answer, quirks),
            Err(failure) => refusal(&failure, quirks),
        });
    }

    fn reply(&mut self, quirks: &Quirks) -> Reply {
        match mem::replace(self, Self::Nothing) {
            Self::Nothing => {
                let body = Some(message("A fault rule asked for this"));
                let headers = Vec::new();
                let nothing = Answer {
                    status: 200,
                    headers,
                    body,
                };
                reply(nothing, quirks)
            }
            Self::Lost(failure) => refusal(&failure, quirks),
            Self::Answered(reply) => reply,
        }
    }

    fn truncated(&mut self, quirks: &Quirks) -> Reply {
        // A body without bytes cannot break off.
        if let Reply::Answer { status, body, .. } = self.reply(quirks)
            && !body.is_empty()
        {
            Reply::Truncated { status, body }
        } else {
            Reply::Cut
        }
    }

    fn bare_error(_quirks: &Quirks) -> Reply {
        // No rule lets an object by itself befall a request that is no batch.
        Reply::Cut
    }
}

fn reply(answer: Answer, quirks: &Quirks) -> Reply {
    let body = answer.body.as_ref();
    Reply::Answer {
        status: answer.status,
        headers: answer.headers,
        body: body.map_or_else(String::new, |body| body.to_string(Escapes::of(quirks))),
    }
}

fn refusal(failure: &Failure, quirks: &Quirks) -> Reply {
    reply(
        Answer {
            status: failure.status(quirks),
            headers: Vec::new(),
            body: Some(failure.body()),
        },
        quirks,
    )
}

#[cfg(test)]
mod tests;
