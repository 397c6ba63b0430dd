//! What a fault does: [`Action`], the value that a rule's text after its first `=` stands for.

use std::time::Duration;

use serde_json::Value;

use crate::fault::list::ListFault;
use crate::field::{Field, FieldValue};
use crate::json_rpc::method::{Method, Operation};
use crate::rest::operation::Operation as RestOperation;
use crate::store::another::Which;
use crate::store::late::Scope;

/// What happens to a call, or to the HTTP request that carries it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Action {
    pub(crate) mishap: Mishap,
    /// How the write itself goes wrong where the call takes effect.
    pub(crate) writes: Vec<WriteFault>,
}

/// What goes wrong, but for how a write goes wrong.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Mishap {
    /// The whole HTTP answer is replaced.
    Whole(Spoil, Extent),
    /// The work pauses.
    Delay(Duration, Moment),
    /// The call is answered with this error code.
    Error(i64, Moment),
    /// The answer to the call goes wrong within the batch.
    Member(MemberFault),
    /// The call is answered with another result.
    Result(ResultFault, Moment),
    /// The list goes wrong.
    List(Vec<ListFault>),
    /// Nothing else: only the write goes wrong.
    Write,
}

/// The statuses with which a service refuses a request before it looks at the calls in it.
const REFUSALS: [u16; 7] = [400, 401, 403, 404, 413, 422, 429];

/// Whether the call takes effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moment {
    /// The fault comes before it.
    Before,
    /// The fault comes after it.
    After,
}

/// How much of a request takes effect before its answer is replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extent {
    /// The earlier calls.
    Before,
    /// The earlier calls and this one.
    After,
    /// All calls.
    AfterAll,
}

/// What is answered instead of the answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Spoil {
    Status {
        code: u16,
        retry_after: Option<u64>,
        location: Option<String>,
    },
    Cut,
    Garbage,
    Truncate,
    BareError,
    /// Nothing: the connection stays open.
    Silence,
}

/// How the answer to one call goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MemberFault {
    Missing(Moment),
    Double,
    WrongId,
    Shuffled,
    Rotated(Circle),
    AsFirst,
}

/// Which calls of a batch exchange their results.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Circle {
    Creates,
    All,
}

/// What result a call is answered with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ResultFault {
    /// The offer that is shown, if it is another one.
    pub(crate) of: Option<Which>,
    pub(crate) extract: Extract,
}

/// How much of a result is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extract {
    Whole,
    Id,
}

/// Which of the localizations that a write makes show late.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    All,
    /// All but the first.
    Others,
}

/// How a write goes wrong.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum WriteFault {
    Late {
        delay: Duration,
        scope: Scope,
        part: Part,
    },
    Ignore(Field),
    Store {
        field: Field,
        value: FieldValue,
    },
    Answer {
        member: String,
        value: Value,
    },
}

impl Mishap {
    /// Whether it comes before the call takes effect.
    pub(crate) fn comes_before(&self) -> bool {
        match self {
            Self::Whole(_, extent) => *extent == Extent::Before,
            Self::Delay(_, moment)
            | Self::Error(_, moment)
            | Self::Member(MemberFault::Missing(moment))
            | Self::Result(_, moment) => *moment == Moment::Before,
            Self::Member(
                MemberFault::Double
                | MemberFault::WrongId
                | MemberFault::Shuffled
                | MemberFault::Rotated(_)
                | MemberFault::AsFirst,
            )
            | Self::List(_)
            | Self::Write => false,
        }
    }
}

impl Action {
    /// Whether it stands for a service that refuses the whole request: no call in it runs, not even an earlier one.
    pub(crate) fn refuses_whole(&self) -> bool {
        matches!(
            &self.mishap,
            Mishap::Whole(Spoil::Status { code, .. }, Extent::Before) if REFUSALS.contains(code)
        )
    }

    /// Whether calls of that method can go wrong like this: lists and writes have faults of their own.
    pub(crate) fn can_befall(&self, method: &str) -> bool {
        let operation = Method::from_name(method).map(|method| method.operation);
        let rest = RestOperation::from_word(method);
        let is_write = operation.is_some_and(Operation::is_write)
            || rest.is_some_and(RestOperation::is_write_to_an_offer);
        let is_get = operation == Some(Operation::Get) || rest == Some(RestOperation::Get);
        match &self.mishap {
            Mishap::Whole(Spoil::BareError, _) | Mishap::Member(_) => rest.is_none(),
            Mishap::Error(code, _) => rest.is_none() || (400..600).contains(code),
            Mishap::Whole(..) | Mishap::Delay(..) => true,
            Mishap::Result(ResultFault { of: None, .. }, _) => is_write || is_get,
            Mishap::Result(ResultFault { of: Some(_), .. }, _) | Mishap::Write => is_write,
            Mishap::List(faults) => {
                rest == Some(RestOperation::List)
                    || (operation == Some(Operation::List)
                        && !faults.iter().any(ListFault::is_of_rest))
            }
        }
    }
}
