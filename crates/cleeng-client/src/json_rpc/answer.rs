//! Which part of an answer belongs to which call: [`assign`].
//!
//! Calls are numbered from 1 within a request, and the service repeats the number in its answer,
//! as a text (docs/cleeng-api.md §1.1). That number alone decides, not the order. What cannot be matched is
//! an error of the calls concerned, and of no others; nothing is guessed, since the caller takes
//! an error that was matched for a proof that nothing happened.

use std::{fmt, ops::Range};

use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer},
};
use serde_json::value::RawValue;

use crate::error::{ApiError, DecodeError, ErrorKind};
use crate::excerpt::excerpt;
use crate::number;
use crate::token::Token;
use crate::wire::{self, Scalar, Wire as _};

/// How a request was sent, which is how it should be answered (docs/cleeng-api.md §1.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// One call by itself.
    Object,
    /// An array of calls.
    Array,
}

/// Where the results of the calls are in the body, in the order of the calls; or why one has none.
pub(super) type Assigned = Vec<Result<Range<usize>, ErrorKind>>;

/// Finds the result of every call in a body. `Err` is a failure that all calls share.
///
/// A single call's answer is also taken in an array, and the answer to an array of one call also
/// without the array, if it bears the call's number and is a result. An *error* in the place of an
/// array is nobody's: that is how the service answers when a batch as a whole went wrong
/// (docs/cleeng-api.md §1.2).
pub(super) fn assign(
    body: &str,
    form: Form,
    calls: usize,
    token: &Token,
) -> Result<Assigned, ErrorKind> {
    let expected = match form {
        Form::Object => "an answer",
        Form::Array => "an array of answers",
    };
    if body.trim_start().starts_with('[') {
        let members: Vec<Member<'_>> = serde_json::from_str(body)
            .map_err(|error| unreadable(expected, &error, body, token))?;
        return Ok(assign_members(body, &members, calls, token));
    }
    let member: Member<'_> =
        serde_json::from_str(body).map_err(|error| unreadable(expected, &error, body, token))?;
    let Member::Object(object) = member else {
        return Err(mistaken(expected, "it is no object", body, token));
    };
    if calls == 1 && object.call() == Some(1) {
        return match (object.outcome(body, token), form) {
            (Err(ErrorKind::Refused(error)), Form::Array) => Err(ErrorKind::Unassigned(error)),
            (outcome, _) => Ok(vec![outcome]),
        };
    }
    if let Some(error) = object.error {
        return Err(ErrorKind::Unassigned(api_error(error.get(), token)));
    }
    if object.code.is_some() || object.message.is_some() {
        return Err(ErrorKind::Unassigned(api_error(body, token)));
    }
    match form {
        Form::Object => Err(ErrorKind::Missing),
        Form::Array => Err(mistaken(expected, "it is an object", body, token)),
    }
}

fn assign_members(body: &str, members: &[Member<'_>], calls: usize, token: &Token) -> Assigned {
    let mut assigned: Vec<Option<Result<Range<usize>, ErrorKind>>> = Vec::new();
    assigned.resize_with(calls, || None);
    let mut stray = None;
    for member in members {
        let Member::Object(object) = member else {
            continue;
        };
        let place = object
            .call()
            .and_then(|call| assigned.get_mut(call.checked_sub(1)?));
        match place {
            Some(Some(taken)) => *taken = Err(ErrorKind::Repeated),
            Some(place) => *place = Some(object.outcome(body, token)),
            None => {
                if let Some(error) = object.error {
                    stray.get_or_insert_with(|| api_error(error.get(), token));
                }
            }
        }
    }
    assigned
        .into_iter()
        .map(|place| {
            place.unwrap_or_else(|| {
                // An error without a number may be about this call, and may not.
                Err(stray
                    .clone()
                    .map_or(ErrorKind::Missing, ErrorKind::Unassigned))
            })
        })
        .collect()
}

/// Makes the error for a text that is not what it should be.
pub(super) fn unreadable(
    expected: &str,
    error: &serde_json::Error,
    text: &str,
    token: &Token,
) -> ErrorKind {
    mistaken(expected, &error.to_string(), text, token)
}

pub(super) fn mistaken(expected: &str, detail: &str, text: &str, token: &Token) -> ErrorKind {
    ErrorKind::Unreadable(DecodeError::new(expected, detail, text, token))
}

/// Reads an error object; anything else that stands for an error is its message.
fn api_error(json: &str, token: &Token) -> ApiError {
    #[derive(Deserialize)]
    struct Members<'a> {
        #[serde(borrow)]
        code: Option<&'a RawValue>,
        #[serde(borrow)]
        message: Option<&'a RawValue>,
    }

    let members: Option<Members<'_>> =
        wire::object(&mut serde_json::Deserializer::from_str(json)).ok();
    let code = members.as_ref().and_then(|members| integer(members.code?));
    let message = members
        .and_then(|members| String::read(members.message?.get()).ok()?)
        .unwrap_or_else(|| json.to_owned());
    ApiError {
        code,
        message: excerpt(&message, token),
    }
}

/// Reads a whole number in any of its forms: `1`, `"1"`, `1.0`.
fn integer(value: &RawValue) -> Option<i64> {
    match Scalar::parse(value.get())? {
        Scalar::Number(text) => number::parse_integer(text),
        Scalar::Text(text) => number::parse_integer(text.trim()),
        Scalar::Null | Scalar::Bool(_) | Scalar::Compound(_) => None,
    }
}

/// One member of an answer's array, or the answer to a call by itself.
enum Member<'a> {
    Object(Object<'a>),
    /// What is no answer to anything. It must not spoil its neighbours.
    Other,
}

/// The members of an answer that matter, and of the bare error object as well.
#[derive(Deserialize)]
struct Object<'a> {
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    #[serde(borrow)]
    result: Option<&'a RawValue>,
    #[serde(borrow)]
    error: Option<&'a RawValue>,
    #[serde(borrow)]
    code: Option<&'a RawValue>,
    #[serde(borrow)]
    message: Option<&'a RawValue>,
}

impl Object<'_> {
    /// Returns the number of the call that this answers.
    fn call(&self) -> Option<usize> {
        usize::try_from(integer(self.id?)?).ok()
    }

    fn outcome(&self, body: &str, token: &Token) -> Result<Range<usize>, ErrorKind> {
        match (self.result, self.error) {
            (Some(result), None) => Ok(range(body, result.get())),
            (None, Some(error)) => Err(ErrorKind::Refused(api_error(error.get(), token))),
            (Some(_), Some(error)) => Err(ErrorKind::Contradictory(api_error(error.get(), token))),
            (None, None) => Err(ErrorKind::Empty),
        }
    }
}

/// Returns where a part of a text stands in it.
fn range(text: &str, part: &str) -> Range<usize> {
    let start = part.as_ptr().addr() - text.as_ptr().addr();
    start..start + part.len()
}

impl<'de: 'a, 'a> Deserialize<'de> for Member<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(MemberVisitor)
    }
}

struct MemberVisitor;

impl<'de> Visitor<'de> for MemberVisitor {
    type Value = Member<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an answer")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        Object::deserialize(MapAccessDeserializer::new(map)).map(Member::Object)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Member::Other)
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Member::Other)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Member::Other)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(Member::Other)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(Member::Other)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Member::Other)
    }

    fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
        Ok(Member::Other)
    }
}

#[cfg(test)]
mod tests;
