//! A plan before it is shown or applied: [`Prepared`].

use std::collections::BTreeSet;

use offerctl_engine::budget::Budget;
use offerctl_engine::remote::RemoteRead;
use offerctl_manifest::desired::Desired;
use offerctl_manifest::manifest::Date;
use offerctl_model::name::OfferId;
use offerctl_model::offer_type::OfferType;
use offerctl_reconcile::check::check;
use offerctl_reconcile::detail::wanted_details;
use offerctl_reconcile::fingerprint::plan_id;
use offerctl_reconcile::guard::{Findings, Policy, review};
use offerctl_reconcile::headline::Headline;
use offerctl_reconcile::live::Live;
use offerctl_reconcile::plan::{Plan, plan};
use offerctl_reconcile::state::State;
use offerctl_show::document::PlanDocument;
use offerctl_show::render::{MarkdownPlan, plan_text};

use crate::context::{Context, now};
use crate::error::CliError;
use crate::exit::Exit;
use crate::ui::Ui;

/// A plan with all that is shown of it.
#[derive(Debug)]
pub(crate) struct Prepared {
    /// The name of the project, if it has one.
    pub(crate) project: Option<String>,
    /// The other projects whose offers may be taken over.
    pub(crate) take_over_from: BTreeSet<String>,
    pub(crate) plan: Plan,
    pub(crate) plan_id: String,
    pub(crate) headline: Headline,
    pub(crate) findings: Findings,
    pub(crate) live: Live,
    /// The rows that were read by themselves.
    pub(crate) details: Vec<(OfferType, OfferId)>,
}

/// Reads the live catalogue and plans against it.
pub(crate) async fn prepare<R: RemoteRead>(
    context: &Context,
    (desired, state): (&Desired, &State),
    remote: (&R, &Budget),
    allow_deactivations: Option<usize>,
    ui: &Ui,
) -> Result<Prepared, CliError> {
    let wanted = |live: &Live| wanted_details(desired, live, state);
    let (live, details) = context.read_live(remote, state, wanted, ui).await?;
    let plan = plan(desired, &live, state);
    let violations = check(&plan, desired, &live, state);
    if let Some(violation) = violations.first() {
        // A plan with conflicts is never used; only one that could be must be right.
        if plan.conflicts.is_empty() {
            let message = format!(
                "this is a bug in offerctl: the plan does not hold up, {violation}; nothing was written"
            );
            return Err(CliError::new(Exit::Error, message)
                .hint("please report it with the output of `plan --steps`"));
        }
    }
    let policy = Policy {
        guards: &context.environment.guards,
        account: &context.environment.account,
        account_of_another: context.account_of_another(&live, state).await,
        today: Date::of(now()),
        allow_deactivations,
        uses: &state.approvals,
        found_manifests: Some(context.loaded.manifest_files > 0),
    };
    let findings = review(&plan, &policy);
    Ok(Prepared {
        project: context.loaded.project.name.clone(),
        take_over_from: desired.take_over_from.clone(),
        plan_id: plan_id(&context.environment.name, &plan, &live),
        headline: context.headline(&live, state),
        plan,
        findings,
        live,
        details,
    })
}

impl Prepared {
    /// Whether anything keeps the plan from being applied.
    pub(crate) fn is_refused(&self) -> bool {
        !self.findings.refusals.is_empty() || !self.plan.conflicts.is_empty()
    }

    /// The plan for scripts.
    pub(crate) fn document(&self, context: &Context) -> PlanDocument {
        PlanDocument::new(
            &self.plan,
            &self.plan_id,
            &self.headline,
            &self.findings,
            &context.loaded.sources,
        )
    }

    /// The plan for a comment, before it is written.
    pub(crate) fn markdown<'a>(&'a self, context: &'a Context) -> MarkdownPlan<'a> {
        MarkdownPlan {
            plan: &self.plan,
            plan_id: &self.plan_id,
            project: self.project.as_deref(),
            headline: &self.headline,
            findings: &self.findings,
            sources: &context.loaded.sources,
            lost_conflicts: 0,
        }
    }

    /// The plan for people.
    pub(crate) fn text(&self, context: &Context, ui: &Ui) -> String {
        plan_text(
            &self.plan,
            &self.headline,
            &self.findings,
            &context.loaded.sources,
            ui.page(),
        )
    }
}
