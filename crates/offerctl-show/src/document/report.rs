//! The report of an apply as a document.

use offerctl_model::foreign::Foreign;
use offerctl_model::offer_type::OfferType;
use offerctl_reconcile::headline::Headline;
use offerctl_reconcile::live::Completeness;
use offerctl_reconcile::plan::Action;
use offerctl_reconcile::report::{OfferOutcome, Report, ReportSummary, Verdict};
use serde::Serialize;

use super::plan::{PlanDocument, ProblemDocument};
use super::version::FORMAT_VERSION;

/// What an apply did, as `offerctl apply --format json` prints it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[cfg_attr(
    feature = "schema",
    schemars(title = "offerctl report", deny_unknown_fields)
)]
pub struct ReportDocument {
    /// The version of this format: 1.
    pub format_version: u32,
    /// The plan that was applied.
    pub plan_id: String,
    /// The name of the environment.
    pub environment: String,
    /// What kind of endpoint the environment has.
    pub endpoint: String,
    /// The e-mail address of the account, as its offers show it.
    pub account: Option<Foreign>,
    /// `assumed` if the service does not say how many offers there are, so that nobody knows whether all were read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub completeness: Option<Completeness>,
    /// What became of each offer of the plan.
    pub outcomes: Vec<OutcomeDocument>,
    /// How many offers have which outcome.
    pub summary: ReportSummary,
    /// Whether the apply was interrupted before it was through.
    pub interrupted: bool,
    /// What a person has to decide: with any of these, nothing was applied.
    pub conflicts: Vec<ProblemDocument>,
    /// What the guards refused: with any of these, nothing was applied.
    pub refusals: Vec<ProblemDocument>,
}

/// What became of one offer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(deny_unknown_fields))]
pub struct OutcomeDocument {
    /// Its name.
    pub name: String,
    /// Its type.
    #[serde(rename = "type")]
    pub offer_type: OfferType,
    /// What was to happen.
    pub action: Action,
    /// The live offer, as far as it is known.
    pub id: Option<String>,
    /// What became of it.
    pub outcome: Verdict,
    /// Why it failed, is unknown or was skipped.
    pub error: Option<Foreign>,
    /// For a create whose outcome is unknown, the commands that settle it: one of them is right.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "schema", schemars(default))]
    pub commands: Vec<String>,
}

impl ReportDocument {
    /// Returns the document of a report.
    pub fn new(report: &Report, plan_id: &str, headline: &Headline) -> Self {
        Self {
            format_version: FORMAT_VERSION,
            plan_id: plan_id.to_owned(),
            environment: headline.environment.clone(),
            endpoint: headline.endpoint.clone(),
            account: headline.account.clone(),
            completeness: headline.assumed(),
            outcomes: report.outcomes.iter().map(OutcomeDocument::new).collect(),
            summary: report.summary(),
            interrupted: report.interrupted,
            conflicts: Vec::new(),
            refusals: Vec::new(),
        }
    }

    /// Returns the document of an apply that was refused before anything was done.
    pub fn refused(plan: &PlanDocument) -> Self {
        Self {
            format_version: FORMAT_VERSION,
            plan_id: plan.plan_id.clone(),
            environment: plan.environment.clone(),
            endpoint: plan.endpoint.clone(),
            account: plan.account.clone(),
            completeness: plan.completeness,
            outcomes: Vec::new(),
            summary: ReportSummary::default(),
            interrupted: false,
            conflicts: plan.conflicts.clone(),
            refusals: plan.refusals.clone(),
        }
    }
}

impl OutcomeDocument {
    fn new(outcome: &OfferOutcome) -> Self {
        let OfferOutcome {
            name,
            offer_type,
            action,
            id,
            verdict,
            error,
            commands,
        } = outcome;
        Self {
            name: name.to_string(),
            offer_type: *offer_type,
            action: *action,
            id: id.as_ref().map(ToString::to_string),
            outcome: *verdict,
            error: error.clone(),
            commands: commands.clone(),
        }
    }
}
