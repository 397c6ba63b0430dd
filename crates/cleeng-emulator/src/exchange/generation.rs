//! What the generations of the API differ in while a request is worked through: [`Generation`].

use std::fmt::Debug;

use serde_json::Value;

use super::reply::Reply;
use crate::fault::action::MemberFault;
use crate::id::OfferId;
use crate::quirk::Quirks;
use crate::service::{Service, Tampering, Written};
use crate::store::another::Which;

/// A generation of the API; a value of it holds the answers to the calls of one request.
pub(crate) trait Generation: Debug + Send + 'static {
    /// What one call asks for.
    type Call: Debug + Send;
    /// What a call that succeeds is answered with.
    type Answer;
    /// Why a call is refused.
    type Failure: Debug + Send;

    /// Whether the record tells of calls that are left because the data file does not let them be served.
    const RECORDS_UNSERVED: bool;

    /// Returns the name of what is called, as fault rules have it.
    fn method(call: &Self::Call) -> &str;

    /// Returns the parameters as the record keeps them.
    fn params(call: &Self::Call) -> Value;

    /// Whether the call is one that writes.
    fn is_write(call: &Self::Call) -> bool;

    /// Carries out a call; what it says that nobody listens to goes to `unknown`.
    fn run(
        service: &mut Service,
        call: &Self::Call,
        tampering: Tampering<'_>,
        unknown: &mut Vec<String>,
    ) -> Result<Written<Self::Answer>, Self::Failure>;

    /// Returns the answer that a call, which wrote these offers, would have if it were about another offer: the one that
    /// is asked for, if possible of the same type. None, if there is no other offer.
    fn another(
        service: &Service,
        call: &Self::Call,
        written: &[OfferId],
        which: &Which,
    ) -> Option<Self::Answer>;

    /// Leaves nothing of an answer but the id.
    fn only_id(answer: Self::Answer) -> Self::Answer;

    /// Returns the failure of that code for which a fault rule asked.
    fn injected(code: i64) -> Self::Failure;

    /// Returns the code of a failure as the record keeps it.
    fn code(failure: &Self::Failure, quirks: &Quirks) -> i64;

    /// Whether the body is an array of calls.
    fn is_batch(&self) -> bool;

    /// Answers a call; the answer may go wrong among the others.
    fn add(
        &mut self,
        call: &Self::Call,
        result: Result<Self::Answer, Self::Failure>,
        fault: Option<MemberFault>,
        quirks: &Quirks,
    );

    /// Returns the reply with all answers so far.
    fn reply(&mut self, quirks: &Quirks) -> Reply;

    /// Returns that reply as one that breaks off.
    fn truncated(&mut self, quirks: &Quirks) -> Reply;

    /// Returns the reply that is an error object by itself.
    fn bare_error(quirks: &Quirks) -> Reply;
}
