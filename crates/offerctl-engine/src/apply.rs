//! Carrying out a plan: [`apply`].
//!
//! ```text
//!   ready steps ──▶ a request of up to `batch` calls ──▶ answers ──▶ compared with what was asked ──▶ state
//!       ▲                │ the intents of its creates are durable before it leaves           │
//!       └────────────────┴───────────── steps that waited for these ◀────────────────────────┘
//! ```
//!
//! Requests go side by side as far as the graph and the budget allow. Steps that share a request never depend on
//! one another. What is proven not to have been done may be tried again. An answer is judged before it is believed
//! (`offerctl_reconcile::settle::answer`). After a create whose outcome is not known nothing of its listing group is made, until evidence
//! tells what became of it (`crate::settle`); only what evidence says was never made is sent once more. Creates whose request
//! was refused as a whole wait aside for that, while everything else goes on. What cannot be decided stays in the state as it is.

mod brake;
mod exchange;
#[cfg(test)]
mod hold_tests;
#[cfg(test)]
mod lie_tests;
mod lost;
mod run;
mod schedule;
mod task;
mod verify;

use std::cell::Cell;

use offerctl_reconcile::report::Report;

use self::run::Run;
use crate::budget::Budget;
use crate::remote::RemoteWrite;
use crate::store::{Journal, StateStore, StoreError};

pub use self::task::{Event, Task};

/// What became of a plan.
#[derive(Debug)]
pub struct Applied {
    /// What became of each offer.
    pub report: Report,
    /// Why the state could not be written, if it could not; then nothing was sent after it.
    pub problem: Option<StoreError>,
}

/// Carries out a plan. Always returns a report: partial failure is an ordinary result.
pub async fn apply<R: RemoteWrite, S: StateStore>(
    task: Task<'_>,
    remote: &R,
    budget: &Budget,
    journal: &mut Journal<'_, S>,
) -> Applied {
    let stopped = Cell::new(false);
    let mut run = Run::new(&task, remote, budget, journal);
    let problem = run.carry_out(&stopped).await.err();
    let outcomes = run.into_outcomes(if stopped.get() {
        "the apply was interrupted"
    } else {
        "not tried"
    });
    let problem = match problem {
        Some(problem) => Some(problem),
        None => journal.compact().await.err(),
    };
    Applied {
        report: Report::new(task.plan, &outcomes, stopped.get()),
        problem,
    }
}
