//! Laws of whatever can be planned: [`check`].

use offerctl_manifest::desired::Desired;
use offerctl_manifest::project::{Account, GuardPolicy};
use offerctl_manifest::source::Sources;
use offerctl_model::json::to_text;
use offerctl_reconcile::check;
use offerctl_reconcile::drift::drift;
use offerctl_reconcile::fingerprint::plan_id;
use offerctl_reconcile::guard::{Policy, review};
use offerctl_reconcile::headline::Headline;
use offerctl_reconcile::live::Live;
use offerctl_reconcile::plan::{Plan, plan};
use offerctl_reconcile::saved::{SavedPlan, SavedPlanFile};
use offerctl_reconcile::state::State;
use offerctl_show::document::PlanDocument;
use offerctl_show::render::{
    LEAST_LIMIT, MarkdownPlan, Page, Style, drift_markdown, drift_text, plan_markdown, plan_text,
    steps_text,
};

pub(crate) fn headline() -> Headline {
    Headline {
        environment: "local".to_owned(),
        endpoint: "emulator".to_owned(),
        account: None,
        ..Headline::default()
    }
}

/// Plans, shows, guards and saves; the checker must find nothing, and what is saved must come back.
pub(crate) fn check(desired: &Desired, live: &Live, state: &State) -> Plan {
    let plan = plan(desired, live, state);
    assert_eq!(check::check(&plan, desired, live, state), []);
    show(&plan, &plan_id("local", &plan, live));
    let drifted = drift(desired.api(), live, state);
    let api = desired.api();
    let _ = drift_text(&drifted, 1, api, &headline(), Style::Plain);
    let _ = drift_markdown(&drifted, (1, api), None, &headline());
    let saved = SavedPlan::new(
        "nonce".to_owned(),
        &headline(),
        plan.clone(),
        (live, state),
        &[],
    );
    let read = SavedPlanFile::parse(&seal(&saved)).and_then(SavedPlanFile::into_saved);
    let read = read.expect("a plan that was saved can be read");
    assert_eq!(read.plan.steps, plan.steps);
    assert_eq!(read.plan.refresh, plan.refresh);
    assert_eq!(read.fingerprints, saved.fingerprints);
    let fields = |plan: &Plan| -> Vec<_> {
        plan.changes
            .iter()
            .map(|change| change.fields.clone())
            .collect()
    };
    assert_eq!(fields(&read.plan), fields(&plan));
    if plan.conflicts.is_empty() && state.intents.is_empty() && state.consumed.is_empty() {
        assert_eq!(saved.misfits(live, state), Vec::<String>::new());
    }
    plan
}

/// Renders a plan in every form.
pub(crate) fn show(plan: &Plan, id: &str) {
    let policy = Policy {
        guards: &GuardPolicy::default(),
        account: &Account::default(),
        account_of_another: None,
        today: "2026-06-15".parse().expect("it is a date"),
        allow_deactivations: None,
        uses: &std::collections::BTreeMap::new(),
        found_manifests: None,
    };
    let findings = review(plan, &policy);
    let sources = Sources::default();
    let shown = MarkdownPlan {
        plan,
        plan_id: id,
        project: None,
        headline: &headline(),
        findings: &findings,
        sources: &sources,
        lost_conflicts: 0,
    };
    assert!(plan_markdown(&shown, LEAST_LIMIT).len() <= LEAST_LIMIT);
    let _ = plan_text(
        plan,
        &headline(),
        &findings,
        &sources,
        Page::new(Style::Color),
    );
    let _ = steps_text(plan, Page::new(Style::Plain));
    let _ = to_text(&PlanDocument::new(
        plan,
        id,
        &headline(),
        &findings,
        &sources,
    ));
}

pub(crate) fn seal(saved: &SavedPlan) -> Vec<u8> {
    SavedPlanFile::new(saved).to_bytes()
}
