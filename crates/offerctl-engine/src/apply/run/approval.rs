//! When an approval is used up: with the step that it is for.
//!
//! Before a request leaves, the state learns that the approval may be used by it, and from which price. Once the step has
//! succeeded, it learns that it was. What a kill leaves in between is told by the price: if that is still the same, nothing was done
//! and the approval stands; if not, it was used. A create has its approvals in its intent.

use offerctl_reconcile::plan::StepId;
use offerctl_reconcile::state::{Entry, Use};

use super::Run;
use crate::store::StateStore;

impl<R, S: StateStore> Run<'_, '_, R, S> {
    /// What the state remembers of the approvals of a step.
    pub(super) fn uses(&self, id: StepId, done: bool) -> Vec<Use> {
        let granted = self.approved.get(&id).into_iter().flatten();
        let now = (self.task.now)();
        granted
            .filter_map(|granted| granted.to_use(self.task.plan, (now, done)))
            .collect()
    }

    /// What the state learns before a step is sent; nothing if it knows, because the step was sent before.
    pub(super) fn about_to_use(&self, id: StepId) -> Vec<Entry> {
        let known = &self.journal.state().approvals;
        let is_news = |used: &Use| {
            let before = known.get(&used.key());
            before.is_none_or(|before| before.before != used.before)
        };
        let uses = self.uses(id, false).into_iter().filter(is_news);
        uses.map(|used| Entry::Approved { used }).collect()
    }

    /// What the state learns when a step has succeeded.
    pub(super) fn used(&self, id: StepId) -> Vec<Entry> {
        let uses = self.uses(id, true).into_iter();
        uses.map(|used| Entry::Approved { used }).collect()
    }
}
