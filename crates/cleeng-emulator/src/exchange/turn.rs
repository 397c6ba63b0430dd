//! One call whose turn it is, and its record: [`Turn`].

use super::generation::Generation;
use crate::record::{CallOutcome, CallRecord};

/// A call that waits for its turn, or whose turn it is.
#[derive(Debug)]
pub(crate) struct Turn<G: Generation> {
    pub(super) offset: usize,
    pub(super) call: G::Call,
    /// Why it cannot be called at all, if it cannot.
    pub(super) refusal: Option<G::Failure>,
    /// The delay by which it was put off, as its rule was given.
    pub(super) put_off_by: Option<String>,
}

impl<G: Generation> Turn<G> {
    /// Returns the turn of the call at that place in its request. One with a refusal is none: it does not run, and no
    /// fault befalls it.
    pub(crate) fn new(offset: usize, call: G::Call, refusal: Option<G::Failure>) -> Self {
        Self {
            offset,
            call,
            refusal,
            put_off_by: None,
        }
    }

    /// Returns the record of the call as one that does not run.
    pub(super) fn not_run(&self, fault: Option<String>) -> CallRecord {
        CallRecord {
            offset: self.offset,
            method: G::method(&self.call).to_owned(),
            params: G::params(&self.call),
            outcome: CallOutcome::NotRun,
            took_effect: false,
            written: Vec::new(),
            unknown_members: Vec::new(),
            fault: fault.or_else(|| self.put_off_by.clone()),
        }
    }
}
