//! What stands around calls and answers: [`Envelope`] (docs/cleeng-api.md §1.1 and §1.2).
//!
//! A body is one call or an array of them, and is answered likewise. `jsonrpc` is not asked for, since a client in
//! production misspells it; the id of an answer is the id of its call as a text.

use serde_json::{Map, Value};

use crate::json::Json;
use crate::json_rpc::failure::Failure;
use crate::quirk::ResponseId;

/// What a body holds.
#[derive(Debug)]
pub(crate) enum Envelope {
    /// One call.
    Single(Item),
    /// An array of calls.
    Batch(Vec<Item>),
    /// Nothing that can be answered call by call: answered with one error.
    Unreadable(Failure),
    /// More calls than allowed: answered with a bare error object, the only shape that a client is known to expect
    /// for a batch that failed as a whole (docs/cleeng-api.md §1.2).
    Oversized(Failure),
}

/// One member of a batch, or the only one.
#[derive(Debug)]
pub(crate) struct Item {
    /// The id as it was sent; null if there was none.
    pub(crate) id: Value,
    /// The call, or why it is none.
    pub(crate) call: Result<Call, Failure>,
}

/// One call.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) method: String,
    pub(crate) params: Value,
}

/// Reads a body of at most `cap` calls.
pub(crate) fn open(body: &[u8], cap: usize) -> Envelope {
    match serde_json::from_slice(body) {
        Err(_) => Envelope::Unreadable(Failure::unparsable()),
        Ok(Value::Array(items)) if items.is_empty() => {
            Envelope::Unreadable(Failure::not_a_request("The batch is empty"))
        }
        Ok(Value::Array(items)) if items.len() > cap => Envelope::Oversized(
            Failure::not_a_request(format!("The batch has more than {cap} calls")),
        ),
        Ok(Value::Array(items)) => Envelope::Batch(items.into_iter().map(item).collect()),
        Ok(Value::Object(members)) => Envelope::Single(item(Value::Object(members))),
        Ok(Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) => {
            Envelope::Unreadable(Failure::not_a_request(
                "The request is neither an object nor an array",
            ))
        }
    }
}

fn item(value: Value) -> Item {
    let Value::Object(mut members) = value else {
        return Item {
            id: Value::Null,
            call: Err(Failure::not_a_request("The call is not an object")),
        };
    };
    let id = members.remove("id").unwrap_or(Value::Null);
    let call = match members.remove("method") {
        Some(Value::String(method)) if !method.is_empty() => Ok(Call {
            method,
            params: members
                .remove("params")
                .unwrap_or_else(|| Value::Object(Map::new())),
        }),
        _ => Err(Failure::not_a_request("The call has no method")),
    };
    Item { id, call }
}

/// Returns the answer to one call, its members in the documented order (docs/cleeng-api.md §1.1).
pub(crate) fn answer(id: Json, result: Result<Json, Failure>) -> Json {
    match result {
        Ok(result) => Json::object([
            ("result", result),
            ("id", id),
            ("error", Json::Null),
            ("jsonrpc", Json::text("2.0")),
        ]),
        Err(failure) => Json::object([
            ("result", Json::Null),
            ("error", error(failure)),
            ("id", id),
            ("jsonrpc", Json::text("2.0")),
        ]),
    }
}

/// Returns an error object, the way it stands in an answer or, for a whole batch, by itself.
pub(crate) fn error(failure: Failure) -> Json {
    Json::object([
        ("code", Json::Integer(failure.code)),
        ("message", Json::Text(failure.message)),
        ("data", Json::object([])),
    ])
}

/// Returns the id of an answer. An id that is neither text nor number is answered as null, like a missing one.
pub(crate) fn answer_id(id: &Value, form: ResponseId) -> Json {
    match id {
        Value::String(text) => match (form, text.parse()) {
            (ResponseId::Number, Ok(number)) => Json::Integer(number),
            (ResponseId::Number, Err(_)) | (ResponseId::Text, _) => Json::text(text),
        },
        Value::Number(number) => match form {
            ResponseId::Number => Json::from(id),
            ResponseId::Text => Json::Text(number.to_string()),
        },
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => Json::Null,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check_unreadable(body: &str, code: i64) {
        match open(body.as_bytes(), 2) {
            Envelope::Unreadable(failure) | Envelope::Oversized(failure) => {
                assert_eq!(failure.code, code);
            }
            readable @ (Envelope::Single(_) | Envelope::Batch(_)) => {
                panic!("readable: {readable:?}")
            }
        }
    }

    #[test]
    fn bodies_that_are_no_json_are_parse_errors() {
        for body in ["", "{", "method=getPassOffer", "[1,]", "\u{feff}{}"] {
            check_unreadable(body, -32700);
        }
    }

    #[test]
    fn deep_nesting_is_a_parse_error() {
        check_unreadable(&"[".repeat(200_000), -32700);
        check_unreadable(&format!("{}{}", "[".repeat(500), "]".repeat(500)), -32700);
    }

    #[test]
    fn values_that_are_no_requests_are_refused() {
        for body in ["1", "null", "\"getPassOffer\"", "[]"] {
            check_unreadable(body, -32600);
        }
    }

    #[test]
    fn batch_over_the_cap_is_refused_as_a_whole() {
        assert!(matches!(open(b"[{},{},{}]", 2), Envelope::Oversized(_)));
        assert!(matches!(open(b"[{},{}]", 2), Envelope::Batch(items) if items.len() == 2));
    }

    #[test]
    fn members_that_are_no_calls_are_refused_one_by_one() {
        let Envelope::Batch(items) = open(br#"[1,{"id":7},{"method":"x","id":8}]"#, 9) else {
            panic!("no batch");
        };
        let codes: Vec<_> = items
            .iter()
            .map(|item| item.call.as_ref().map_err(|failure| failure.code).err())
            .collect();
        assert_eq!(codes, [Some(-32600), Some(-32600), None]);
        assert_eq!(items[1].id, json!(7));
    }

    #[test]
    fn ids_are_answered_as_texts_unless_asked_otherwise() {
        for (id, text, number) in [
            (json!(1), Json::text("1"), Json::Integer(1)),
            (json!("1"), Json::text("1"), Json::Integer(1)),
            (json!("a-b"), Json::text("a-b"), Json::text("a-b")),
            (json!(null), Json::Null, Json::Null),
            (json!([1]), Json::Null, Json::Null),
        ] {
            assert_eq!(answer_id(&id, ResponseId::Text), text);
            assert_eq!(answer_id(&id, ResponseId::Number), number);
        }
    }
}
