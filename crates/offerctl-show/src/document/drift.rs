//! Drift as a document.

use offerctl_model::foreign::Foreign;
use offerctl_model::offer_type::{Api, OfferType};
use offerctl_model::value::Value;
use offerctl_reconcile::accept::Accepted;
use offerctl_reconcile::drift::{Drift, DriftKind, ways_out};
use offerctl_reconcile::headline::Headline;
use offerctl_reconcile::live::Completeness;
use serde::Serialize;
use serde_json::Value as Json;

use super::plan::{FieldDocument, value_document};
use super::version::FORMAT_VERSION;

/// What `offerctl drift --format json` prints.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[cfg_attr(
    feature = "schema",
    schemars(title = "offerctl drift", deny_unknown_fields)
)]
pub struct DriftDocument {
    /// The version of this format: 1.
    pub format_version: u32,
    /// The name of the environment.
    pub environment: String,
    /// What kind of endpoint the environment has.
    pub endpoint: String,
    /// The e-mail address of the account, as its offers show it.
    pub account: Option<Foreign>,
    /// `assumed` if the service does not say how many offers there are, so that nobody knows whether all were read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub completeness: Option<Completeness>,
    /// How many bound offers were looked at.
    pub checked: usize,
    /// How many offers drifted in each way.
    pub summary: DriftSummary,
    /// The offers that are not as they were last applied, by name.
    pub drift: Vec<DriftedOffer>,
    /// What `--accept` wrote into the manifests; not there without that flag.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accepted: Option<Vec<AcceptedDocument>>,
}

/// A value that was written into a manifest.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(deny_unknown_fields))]
pub struct AcceptedDocument {
    /// The offer.
    pub name: String,
    /// The file, relative to the project.
    pub file: String,
    /// The line in that file, from 1.
    pub line: usize,
    /// The field, such as `price` or `localizations.FR.price`.
    pub path: String,
    /// What the manifest said; null if nothing. Prices are objects with `amount` and `currency`.
    pub before: Json,
    /// What it says now, and what is live.
    pub after: Json,
}

/// How many offers drifted in each way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(deny_unknown_fields))]
pub struct DriftSummary {
    /// Bound offers with other values.
    pub changed: usize,
    /// Bound offers that were taken out of the shop by hand.
    pub deactivated: usize,
    /// Bound offers that are in no list.
    pub missing: usize,
    /// Offers that an apply had deactivated, and that are back in the shop.
    pub revived: usize,
}

/// An offer that is not as it was last applied.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", schemars(deny_unknown_fields))]
pub struct DriftedOffer {
    /// Its name.
    pub name: String,
    /// Its type.
    #[serde(rename = "type")]
    pub offer_type: OfferType,
    /// The live offer.
    pub id: String,
    /// What happened.
    pub kind: DriftKind,
    /// When the live offer was last changed, if the service says so.
    pub updated_at: Option<String>,
    /// The fields that differ: `before` is what was applied, `after` what is live. A price of a country that went
    /// has no `after`, one of a country that came no `before`.
    pub fields: Vec<FieldDocument>,
    /// What can be done about it.
    pub help: Vec<String>,
}

impl DriftDocument {
    /// Returns the document of what was found.
    pub fn new(found: &[Drift], checked: usize, api: Api, headline: &Headline) -> Self {
        let drift = found.iter().map(|drift| DriftedOffer {
            name: drift.name.to_string(),
            offer_type: drift.offer_type,
            id: drift.id.to_string(),
            kind: drift.kind,
            updated_at: drift.updated_at.map(|moment| moment.to_string()),
            fields: drift.fields.iter().map(FieldDocument::new).collect(),
            help: ways_out(drift, api)
                .iter()
                .map(|way| format!("to {}: {}", way.purpose, way.action_for(drift)))
                .collect(),
        });
        Self {
            format_version: FORMAT_VERSION,
            environment: headline.environment.clone(),
            endpoint: headline.endpoint.clone(),
            account: headline.account.clone(),
            completeness: headline.assumed(),
            checked,
            summary: DriftSummary::of(found),
            drift: drift.collect(),
            accepted: None,
        }
    }

    /// Adds what was written into the manifests.
    #[must_use]
    pub fn with_accepted(mut self, accepted: &Accepted) -> Self {
        let values = accepted.values.iter().filter_map(|value| {
            let file = accepted.sources.file(value.span.file)?;
            let document = |found: &Value| value_document(value.path.field, found, value.currency);
            Some(AcceptedDocument {
                name: value.name.to_string(),
                file: file.path.raw().to_owned(),
                line: file.position(value.span.start).line,
                path: value.path.to_string(),
                before: value.before.as_ref().map_or(Json::Null, document),
                after: value.after.as_ref().map_or(Json::Null, document),
            })
        });
        self.accepted = Some(values.collect());
        self
    }
}

impl DriftSummary {
    /// Counts what was found.
    pub fn of(found: &[Drift]) -> Self {
        let count = |kind| found.iter().filter(|drift| drift.kind == kind).count();
        Self {
            changed: count(DriftKind::Changed),
            deactivated: count(DriftKind::Deactivated),
            missing: count(DriftKind::Missing),
            revived: count(DriftKind::Revived),
        }
    }

    /// How many drifted in this way.
    pub fn count(&self, kind: DriftKind) -> usize {
        match kind {
            DriftKind::Changed => self.changed,
            DriftKind::Deactivated => self.deactivated,
            DriftKind::Missing => self.missing,
            DriftKind::Revived => self.revived,
        }
    }
}
