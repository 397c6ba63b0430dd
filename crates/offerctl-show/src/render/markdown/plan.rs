//! What a page shows: [`MarkdownPlan`].

use offerctl_manifest::source::Sources;
use offerctl_reconcile::guard::Findings;
use offerctl_reconcile::headline::Headline;
use offerctl_reconcile::plan::Plan;

/// A plan with all that is shown of it.
#[derive(Debug, Clone, Copy)]
pub struct MarkdownPlan<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// The hash of what it does.
    pub plan_id: &'a str,
    /// The name of the project, if it has one: two repositories may comment on one account.
    pub project: Option<&'a str>,
    /// Where it would be applied.
    pub headline: &'a Headline,
    /// What the guards found.
    pub findings: &'a Findings,
    /// The files, for places in them.
    pub sources: &'a Sources,
    /// Conflicts that a saved plan counts without keeping them.
    pub lost_conflicts: usize,
}
