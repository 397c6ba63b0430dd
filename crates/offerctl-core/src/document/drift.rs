//! Drift as a document.

use schemars::JsonSchema;
use serde::Serialize;

use super::plan::FieldDocument;
use super::{FORMAT_VERSION, Headline};
use crate::drift::{Drift, DriftKind};
use crate::offer_type::OfferType;

/// What `offerctl drift --format json` prints.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "offerctl drift", deny_unknown_fields)]
pub struct DriftDocument {
    /// The version of this format: 1.
    pub format_version: u32,
    /// The name of the environment.
    pub environment: String,
    /// What kind of endpoint the environment has.
    pub endpoint: String,
    /// The e-mail address of the account, as its offers show it.
    pub account: Option<String>,
    /// How many bound offers were looked at.
    pub checked: usize,
    /// The bound offers that are not as they were last applied.
    pub drift: Vec<DriftedOffer>,
}

/// A bound offer that is not as it was last applied.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
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
    /// The fields that differ: `before` is what was applied, `after` what is live.
    pub fields: Vec<FieldDocument>,
}

impl DriftDocument {
    /// Returns the document of what was found.
    pub fn new(found: &[Drift], checked: usize, headline: &Headline) -> Self {
        let drift = found.iter().map(|drift| DriftedOffer {
            name: drift.name.to_string(),
            offer_type: drift.offer_type,
            id: drift.id.to_string(),
            kind: drift.kind,
            updated_at: drift.updated_at.map(|moment| moment.to_string()),
            fields: drift.fields.iter().map(FieldDocument::new).collect(),
        });
        Self {
            format_version: FORMAT_VERSION,
            environment: headline.environment.clone(),
            endpoint: headline.endpoint.clone(),
            account: headline.account.clone(),
            checked,
            drift: drift.collect(),
        }
    }
}
