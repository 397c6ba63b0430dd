//! One call whose turn it is, and its record: [`Called`].

use serde_json::Value;

use crate::fault::action::Mishap;
use crate::json_rpc::envelope::Call;
use crate::json_rpc::service::Execution;
use crate::record::{CallOutcome, CallRecord};

/// A call that waits for its turn, or whose turn it is.
#[derive(Debug)]
pub(super) struct Called {
    pub(super) offset: usize,
    pub(super) id: Value,
    pub(super) call: Call,
    /// The delay by which it was put off, as its rule was given.
    pub(super) put_off_by: Option<String>,
}

impl Called {
    /// Returns the record of the call as one that does not run.
    pub(super) fn not_run(&self, fault: Option<String>) -> CallRecord {
        CallRecord {
            offset: self.offset,
            method: self.call.method.clone(),
            params: self.call.params.clone(),
            outcome: CallOutcome::NotRun,
            took_effect: false,
            written: Vec::new(),
            unknown_members: Vec::new(),
            fault: fault.or_else(|| self.put_off_by.clone()),
        }
    }

    /// Returns the record of the call with what came of it.
    pub(super) fn ran(
        &self,
        execution: &Execution,
        mishap: Option<&Mishap>,
        fault: Option<String>,
    ) -> CallRecord {
        let outcome = match (mishap, &execution.result) {
            (Some(Mishap::Error(code, _)), _) => CallOutcome::Failed(*code),
            (_, Err(failure)) => CallOutcome::Failed(failure.code),
            (_, Ok(_)) => CallOutcome::Succeeded,
        };
        CallRecord {
            outcome,
            took_effect: !execution.written.is_empty(),
            written: execution.written.iter().map(ToString::to_string).collect(),
            unknown_members: execution.unknown.clone(),
            ..self.not_run(fault)
        }
    }
}

/// Returns the record of a member of a batch that is no call.
pub(super) fn refused(offset: usize, code: i64) -> CallRecord {
    CallRecord {
        offset,
        method: String::new(),
        params: Value::Null,
        outcome: CallOutcome::Failed(code),
        took_effect: false,
        written: Vec::new(),
        unknown_members: Vec::new(),
        fault: None,
    }
}
