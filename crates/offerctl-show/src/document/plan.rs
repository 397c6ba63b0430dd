//! The plan as a document.

use offerctl_manifest::source::Sources;
use offerctl_manifest::span::Span;
use offerctl_model::field::Field;
use offerctl_model::foreign::Foreign;
use offerctl_model::money::Currency;
use offerctl_model::offer_type::OfferType;
use offerctl_model::value::{GeoRestriction, Value};
use offerctl_reconcile::diff::{Cause, FieldChange};
use offerctl_reconcile::guard::{Finding, Findings, group};
use offerctl_reconcile::headline::Headline;
use offerctl_reconcile::live::Completeness;
use offerctl_reconcile::lookalike::Lookalikes;
use offerctl_reconcile::plan::{Action, Change, Plan, Sold, Unmanaged};
use serde::Serialize;
use serde_json::{Value as Json, json};

use super::approval::{ApprovalDocument, GroupDocument, of_offers, unused};
use super::version::FORMAT_VERSION;

/// A plan, as `offerctl plan --format json` prints it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[cfg_attr(
    feature = "schema",
    schemars(title = "offerctl plan", deny_unknown_fields)
)]
pub struct PlanDocument {
    /// The version of this format: 1.
    pub format_version: u32,
    /// A hash of the operations and of the live offers that they touch. Moving or reformatting manifests keeps it.
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
    /// How many offers each action happens to.
    pub summary: PlanSummary,
    /// The offers that change, by name.
    pub changes: Vec<ChangeDocument>,
    /// What a person has to decide before anything is applied.
    pub conflicts: Vec<ProblemDocument>,
    /// What the guards refuse.
    pub refusals: Vec<ProblemDocument>,
    /// The same with refusals of one kind together, as people read them: with one entry of `allow` that approves all of them.
    pub refusal_groups: Vec<GroupDocument>,
    /// What the guards warn of; nothing is refused for it.
    pub warnings: Vec<ProblemDocument>,
    /// Names whose create was sent in an earlier run and whose outcome is not known yet.
    pub pending: Vec<String>,
    /// Active live offers that belong to no name. They are never touched.
    pub unmanaged: Vec<Unmanaged>,
    /// Offers on sale with the same type, title, countries and prices: probably one of them was made by mistake.
    pub lookalikes: Vec<Lookalikes>,
    /// Approvals in git that are valid and approve nothing in this plan.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "schema", schemars(default))]
    pub unused_approvals: Vec<ApprovalDocument>,
}

/// How many offers each action happens to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(deny_unknown_fields))]
pub struct PlanSummary {
    /// New offers.
    pub create: usize,
    /// Offers whose fields change.
    pub update: usize,
    /// Offers that are replaced by new ones.
    pub replace: usize,
    /// Offers that go.
    pub deactivate: usize,
    /// Offers that come back.
    pub activate: usize,
    /// Live offers that are bound to a name without a change.
    pub adopt: usize,
    /// Offers that stay as they are.
    pub unchanged: usize,
    /// Offers that a person has to decide about.
    pub conflicts: usize,
}

/// What happens to one offer.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(deny_unknown_fields))]
pub struct ChangeDocument {
    /// Its name.
    pub name: String,
    /// Its type.
    #[serde(rename = "type")]
    pub offer_type: OfferType,
    /// What happens.
    pub action: Action,
    /// Whether the offer was not bound before.
    pub adopted: bool,
    /// The live offer; null for a create.
    pub id: Option<String>,
    /// Why a replacement is one, and why an offer that was deactivated here is made anew.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What is sold, if the offer goes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sold: Option<Sold>,
    /// What approves in git that guards let the change pass.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "schema", schemars(default))]
    pub approvals: Vec<ApprovalDocument>,
    /// The fields that change.
    pub fields: Vec<FieldDocument>,
}

/// How one field changes.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(deny_unknown_fields))]
pub struct FieldDocument {
    /// The field, such as `price` or `localizations.FR.price`.
    pub path: String,
    /// The live value; null if there is none. Prices are objects with `amount` and `currency`.
    pub before: Json,
    /// The declared value.
    pub after: Json,
    /// What was last applied, if it is neither of the two, because it was changed by hand and in git.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub applied: Option<Json>,
    /// What led to the difference.
    pub cause: Cause,
    /// False if the live value cannot be read back: then `before` is what was last applied.
    #[serde(skip_serializing_if = "Clone::clone")]
    #[cfg_attr(feature = "schema", schemars(default = "yes"))]
    pub readable: bool,
}

#[cfg(feature = "schema")]
fn yes() -> bool {
    true
}

/// A conflict, a refusal or a warning.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(deny_unknown_fields))]
pub struct ProblemDocument {
    /// The kind, such as `near-match` or `price-change`.
    pub code: String,
    /// The offer; null if it is about the whole plan.
    pub name: Option<String>,
    /// What is wrong.
    pub message: String,
    /// The way out.
    pub help: String,
    /// The file, relative to the project, if the offer is declared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The line in that file, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
}

impl PlanDocument {
    /// Returns the document of a plan.
    pub fn new(
        plan: &Plan,
        plan_id: &str,
        headline: &Headline,
        findings: &Findings,
        sources: &Sources,
    ) -> Self {
        let conflicts = plan.conflicts.iter().map(|conflict| {
            let problem = ProblemDocument {
                code: conflict.code.as_str().to_owned(),
                name: Some(conflict.name.to_string()),
                message: conflict.message.clone(),
                help: conflict.help.clone(),
                file: None,
                line: None,
            };
            problem.at(conflict.span, sources)
        });
        let problem = |found: &Finding| {
            let problem = ProblemDocument {
                code: found.code.as_str().to_owned(),
                name: found.name.as_ref().map(ToString::to_string),
                message: found.message.clone(),
                help: found.help.clone(),
                file: None,
                line: None,
            };
            problem.at(found.span, sources)
        };
        Self {
            format_version: FORMAT_VERSION,
            plan_id: plan_id.to_owned(),
            environment: headline.environment.clone(),
            endpoint: headline.endpoint.clone(),
            account: headline.account.clone(),
            completeness: headline.assumed(),
            summary: PlanSummary::of(plan),
            changes: changes(plan, findings),
            conflicts: conflicts.collect(),
            refusals: findings.refusals.iter().map(problem).collect(),
            refusal_groups: group(&findings.refusals)
                .into_iter()
                .map(|group| GroupDocument::new(group, sources))
                .collect(),
            warnings: findings.warnings.iter().map(problem).collect(),
            pending: plan.pending.keys().map(ToString::to_string).collect(),
            unmanaged: plan.unmanaged.clone(),
            lookalikes: plan.lookalikes().cloned().collect(),
            unused_approvals: unused(plan, findings),
        }
    }
}

impl PlanSummary {
    /// Counts the changes of a plan.
    pub fn of(plan: &Plan) -> Self {
        Self {
            create: plan.count(Action::Create),
            update: plan.count(Action::Update),
            replace: plan.count(Action::Replace),
            deactivate: plan.count(Action::Deactivate),
            activate: plan.count(Action::Activate),
            adopt: plan.count(Action::Adopt),
            unchanged: plan.facts.unchanged,
            conflicts: plan.conflicts.len(),
        }
    }
}

fn changes(plan: &Plan, findings: &Findings) -> Vec<ChangeDocument> {
    let mut approvals = of_offers(plan, findings);
    let all = plan.changes.iter();
    all.map(|change| {
        let approvals = approvals.remove(&change.name).unwrap_or_default();
        ChangeDocument::new(change, approvals)
    })
    .collect()
}

impl ChangeDocument {
    fn new(change: &Change, approvals: Vec<ApprovalDocument>) -> Self {
        Self {
            sold: change.sold.clone(),
            approvals,
            name: change.name.to_string(),
            offer_type: change.offer_type,
            action: change.action,
            adopted: change.adopted.is_some(),
            id: change.id.as_ref().map(ToString::to_string),
            reason: change.reason.clone(),
            fields: change.fields.iter().map(FieldDocument::new).collect(),
        }
    }
}

impl FieldDocument {
    pub(super) fn new(change: &FieldChange) -> Self {
        let document = |value: &Option<Value>| {
            value.as_ref().map_or(Json::Null, |value| {
                value_document(change.path.field, value, change.currency)
            })
        };
        Self {
            path: change.path.to_string(),
            before: document(&change.before),
            after: document(&change.after),
            applied: change.applied.is_some().then(|| document(&change.applied)),
            cause: change.cause,
            readable: change.readable,
        }
    }
}

impl ProblemDocument {
    fn at(mut self, span: Option<Span>, sources: &Sources) -> Self {
        if let Some(span) = span
            && let Some(file) = sources.file(span.file)
        {
            self.file = Some(file.path.raw().to_owned());
            self.line = Some(file.position(span.start).line);
        }
        self
    }
}

/// Writes a value for scripts: prices with their currency, times as RFC 3339.
pub fn value_document(field: Field, value: &Value, currency: Option<Currency>) -> Json {
    match value {
        Value::Amount(amount) if field == Field::Price => {
            json!({ "amount": amount.in_digits_of(currency), "currency": currency.map(|currency| currency.to_string()) })
        }
        Value::Time(moment) => json!(moment.to_string()),
        Value::Geo(restriction) => restriction.as_ref().map_or(Json::Null, |restriction| {
            let GeoRestriction { mode, countries } = &**restriction;
            json!({ "type": mode.as_str(), "countries": countries })
        }),
        Value::Record(members) => Json::Object(
            members
                .iter()
                .map(|(name, value)| ((*name).to_owned(), value_document(field, value, currency)))
                .collect(),
        ),
        Value::Records(records) => Json::Array(
            records
                .iter()
                .map(|record| value_document(field, record, currency))
                .collect(),
        ),
        Value::Text(_)
        | Value::Integer(_)
        | Value::Flag(_)
        | Value::Amount(_)
        | Value::Currency(_)
        | Value::Tags(_)
        | Value::Events(_)
        | Value::Texts(_) => offerctl_model::value::json_value(value),
    }
}
