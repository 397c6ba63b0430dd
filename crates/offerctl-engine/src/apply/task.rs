//! What is carried out, and how: [`Task`].

use offerctl_manifest::project::{Account, Limits};
use offerctl_model::value::Moment;
use offerctl_reconcile::guard::Granted;
use offerctl_reconcile::live::Live;
use offerctl_reconcile::plan::{Plan, Step};
use offerctl_reconcile::report::Outcome;
use tokio::sync::watch;

/// What happens while a plan is carried out.
#[derive(Debug, Clone, Copy)]
pub enum Event<'a> {
    /// A step was sent.
    Started(&'a Step),
    /// A step is through.
    Finished(&'a Step, &'a Outcome),
}

/// What is carried out, and how.
pub struct Task<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// What would be refused if it were not approved in git: each approval is used up with the step that it is for.
    pub approved: &'a [Granted],
    /// The account as it was read under the lock.
    pub live: &'a Live,
    /// What the account must be.
    pub account: &'a Account,
    /// How fast to go.
    pub limits: &'a Limits,
    /// The nonce of the saved plan, if it is one.
    pub nonce: Option<&'a str>,
    /// Tells the time.
    pub now: fn() -> Moment,
    /// Hears what happens.
    pub observer: &'a dyn Fn(Event<'_>),
    /// Becomes true when nothing new may be sent.
    pub stop: watch::Receiver<bool>,
}

impl std::fmt::Debug for Task<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Task")
            .field("plan", self.plan)
            .finish_non_exhaustive()
    }
}
