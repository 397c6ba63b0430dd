//! How the calls in a JSON-RPC body are found and answered: [`JsonRpcExchange`].

use serde_json::Value;

use crate::exchange::{Exchange, Generation, Reply, Turn};
use crate::fault::action::MemberFault;
use crate::id::OfferId;
use crate::json::{Escapes, Json};
use crate::json_rpc::envelope::{self, Call, Envelope, Item};
use crate::json_rpc::failure::Failure;
use crate::json_rpc::method::Method;
use crate::json_rpc::service;
use crate::json_rpc::substitute;
use crate::quirk::Quirks;
use crate::service::{Service, Tampering, Written};
use crate::store::another::Which;

mod answers;

use answers::Answers;

/// The code of the error object of the `bare-error` fault: the old generic one (docs/cleeng-api.md §1.3).
const BARE_ERROR: i64 = -32000;

/// The work that a request with JSON-RPC calls is.
pub(crate) type JsonRpcExchange = Exchange<JsonRpc>;

/// The answers to the calls of one body.
#[derive(Debug)]
pub(crate) struct JsonRpc {
    form: Form,
    answers: Answers,
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

/// A call with its id, which is null if there was none.
#[derive(Debug)]
pub(crate) struct Called {
    id: Value,
    call: Call,
}

impl JsonRpcExchange {
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
        let answers = Answers::default();
        Self::of(
            turns.map(|(offset, item)| turn(offset, item)),
            JsonRpc { form, answers },
        )
    }
}

fn turn(offset: usize, Item { id, call }: Item) -> Turn<JsonRpc> {
    let (call, refusal) = match call {
        Ok(call) => (call, None),
        Err(failure) => {
            let (method, params) = (String::new(), Value::Null);
            (Call { method, params }, Some(failure))
        }
    };
    Turn::new(offset, Called { id, call }, refusal)
}

impl Generation for JsonRpc {
    type Call = Called;
    type Answer = Json;
    type Failure = Failure;

    const RECORDS_UNSERVED: bool = true;

    fn method(Called { call, .. }: &Called) -> &str {
        &call.method
    }

    fn params(Called { call, .. }: &Called) -> Value {
        call.params.clone()
    }

    fn is_write(Called { call, .. }: &Called) -> bool {
        Method::from_name(&call.method).is_some_and(|method| method.operation.is_write())
    }

    fn run(
        service: &mut Service,
        Called { call, .. }: &Called,
        tampering: Tampering<'_>,
        unknown: &mut Vec<String>,
    ) -> Result<Written<Json>, Failure> {
        service::execute(service, call, tampering, unknown)
    }

    fn another(
        service: &Service,
        Called { call, .. }: &Called,
        written: &[OfferId],
        which: &Which,
    ) -> Option<Json> {
        substitute::another(service, call, written, which)
    }

    fn only_id(result: Json) -> Json {
        substitute::only_id(result)
    }

    fn injected(code: i64) -> Failure {
        Failure::new(code, format!("A fault rule asked for error {code}"))
    }

    fn code(failure: &Failure, _quirks: &Quirks) -> i64 {
        failure.code
    }

    fn is_batch(&self) -> bool {
        match self.form {
            Form::Batch => true,
            Form::Single | Form::Fixed(_) => false,
        }
    }

    fn add(
        &mut self,
        Called { id, call }: &Called,
        result: Result<Json, Failure>,
        fault: Option<MemberFault>,
        quirks: &Quirks,
    ) {
        let id = (id, quirks.response_id);
        self.answers.add(id, &call.method, result, fault);
    }

    fn reply(&mut self, quirks: &Quirks) -> Reply {
        Reply::Body(self.body(quirks))
    }

    fn truncated(&mut self, quirks: &Quirks) -> Reply {
        if self.answers.is_empty() {
            // Something must be there to break off.
            let id = (&Value::Null, quirks.response_id);
            let error = Self::injected(BARE_ERROR);
            self.answers.add(id, "", Err(error), None);
        }
        Reply::Truncated {
            status: 200,
            body: self.body(quirks),
        }
    }

    fn bare_error(quirks: &Quirks) -> Reply {
        let error = envelope::error(Self::injected(BARE_ERROR));
        Reply::Body(error.to_string(Escapes::of(quirks)))
    }
}

impl JsonRpc {
    /// Returns the body of the answer. A single call whose answer went missing has an empty one; one whose answer is
    /// there twice has an array.
    fn body(&mut self, quirks: &Quirks) -> String {
        let answers = self.answers.take();
        let escapes = Escapes::of(quirks);
        match &self.form {
            Form::Fixed(json) => json.to_string(escapes),
            Form::Single if answers.is_empty() => String::new(),
            Form::Single if answers.len() == 1 => answers[0].to_string(escapes),
            Form::Single | Form::Batch => Json::List(answers).to_string(escapes),
        }
    }
}

#[cfg(test)]
mod tests;
