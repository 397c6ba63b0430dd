//! The file format of saved plans: [`SavedPlanFile`].

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use offerctl_manifest::manifest::{Approval, Lifecycle};
use offerctl_model::content::{Content, FieldPath};
use offerctl_model::country::Country;
use offerctl_model::field::Field;
use offerctl_model::foreign::Foreign;
use offerctl_model::money::Currency;
use offerctl_model::name::{Name, OfferId};
use offerctl_model::offer_type::{Api, OfferType};
use offerctl_model::value::{FieldValueSeed, Value, json_value};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value as Json;

use super::plan::SavedPlan;
use crate::diff::{Cause, FieldChange};
use crate::fingerprint::hash;
use crate::live::Completeness;
use crate::matching::Rule;
use crate::plan::{Action, Change, Facts, Group, LostCountries, Plan, Sold, Step, Unmanaged};
use crate::state::Binding;

/// The version that this program writes, and the only one that it applies.
pub const FORMAT_VERSION: u64 = 2;

/// What tells a saved plan from other JSON.
const KIND: &str = "offerctl saved plan";

/// Why a file is not a saved plan that can be used.
#[derive(Debug, thiserror::Error)]
pub enum SavedPlanError {
    /// It is no saved plan at all.
    #[error("the file is not a saved plan")]
    NotAPlan(#[source] Option<serde_json::Error>),
    /// Another version of this program wrote it.
    #[error(
        "the saved plan has format version {found}, this program applies version {FORMAT_VERSION} only"
    )]
    OtherVersion {
        /// The version that was found.
        found: u64,
    },
    /// Its bytes are not the ones that were written.
    #[error("the saved plan was changed after it was written")]
    Changed,
}

/// A saved plan as it is stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SavedPlanFile {
    kind: String,
    format_version: u64,
    plan_id: String,
    nonce: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    project: Option<String>,
    environment: String,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    take_over_from: BTreeSet<String>,
    endpoint: String,
    account: Option<Foreign>,
    #[serde(default, skip_serializing_if = "Completeness::is_proven")]
    completeness: Completeness,
    api: Api,
    changes: Vec<SavedChange>,
    steps: Vec<Step>,
    groups: Vec<Group>,
    moves: BTreeMap<Name, Name>,
    refresh: BTreeMap<Name, Binding>,
    pending: BTreeMap<Name, OfferType>,
    unmanaged: Vec<Unmanaged>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    approvals: Vec<Approval>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    files: BTreeMap<Name, Arc<Foreign>>,
    facts: Facts,
    conflicts: usize,
    fingerprints: BTreeMap<OfferId, String>,
    bindings: BTreeMap<Name, Option<OfferId>>,
    details: BTreeSet<(OfferType, OfferId)>,
    /// A hash of all of the above.
    digest: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct SavedChange {
    name: Name,
    #[serde(rename = "type")]
    offer_type: OfferType,
    action: Action,
    adopted: Option<Rule>,
    declared: bool,
    id: Option<OfferId>,
    fields: Vec<SavedField>,
    reason: Option<String>,
    lifecycle: Lifecycle,
    applied: Option<Arc<Content>>,
    lost: Vec<LostCountries>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    file: Option<Arc<Foreign>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sold: Option<Sold>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct SavedField {
    country: Option<Country>,
    field: Field,
    /// `null` is the value of a restriction that is off; a value that is not there is left out.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "present"
    )]
    before: Option<Json>,
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "present"
    )]
    after: Option<Json>,
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "present"
    )]
    last_applied: Option<Json>,
    currency: Option<Currency>,
    cause: Cause,
    readable: bool,
}

fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Json>, D::Error> {
    Json::deserialize(deserializer).map(Some)
}

impl SavedPlanFile {
    /// Returns the file of a saved plan.
    pub fn new(saved: &SavedPlan) -> Self {
        let SavedPlan {
            nonce,
            project,
            environment,
            take_over_from,
            endpoint,
            account,
            completeness,
            plan_id,
            plan,
            fingerprints,
            bindings,
            details,
        } = saved.clone();
        let Plan {
            api,
            changes,
            steps,
            groups,
            conflicts,
            pending,
            unmanaged,
            notes: _,
            moves,
            refresh,
            approvals,
            files,
            facts,
        } = plan;
        let mut file = Self {
            kind: KIND.to_owned(),
            format_version: FORMAT_VERSION,
            plan_id,
            nonce,
            project,
            environment,
            take_over_from,
            endpoint,
            account,
            completeness,
            api,
            changes: changes.into_iter().map(SavedChange::new).collect(),
            steps,
            groups,
            moves,
            refresh,
            pending,
            unmanaged,
            approvals,
            files,
            facts,
            conflicts: conflicts.len(),
            fingerprints,
            bindings,
            details,
            digest: String::new(),
        };
        file.digest = file.digest();
        file
    }

    /// The bytes that are stored.
    pub fn to_bytes(&self) -> Vec<u8> {
        offerctl_model::json::to_text(self).into_bytes()
    }

    /// Reads a file; refuses one that is not, byte for byte, what was written.
    pub fn parse(bytes: &[u8]) -> Result<Self, SavedPlanError> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Header {
            kind: Option<String>,
            format_version: u64,
        }
        let header: Header =
            serde_json::from_slice(bytes).map_err(|error| SavedPlanError::NotAPlan(Some(error)))?;
        if header.kind.as_deref() != Some(KIND) {
            return Err(SavedPlanError::NotAPlan(None));
        }
        if header.format_version != FORMAT_VERSION {
            return Err(SavedPlanError::OtherVersion {
                found: header.format_version,
            });
        }
        let file: Self = serde_json::from_slice(bytes).map_err(|_| SavedPlanError::Changed)?;
        if file.digest != file.digest() || file.to_bytes() != bytes {
            return Err(SavedPlanError::Changed);
        }
        Ok(file)
    }

    /// Whether a person has to decide something before anything can be applied.
    pub fn conflicts(&self) -> usize {
        self.conflicts
    }

    /// The plan without its file format.
    pub fn into_saved(self) -> Result<SavedPlan, SavedPlanError> {
        let changes: Result<Vec<Change>, _> = self
            .changes
            .into_iter()
            .map(SavedChange::into_change)
            .collect();
        let plan = Plan {
            api: self.api,
            changes: changes.map_err(|error| SavedPlanError::NotAPlan(Some(error)))?,
            steps: self.steps,
            groups: self.groups,
            conflicts: Vec::new(),
            pending: self.pending,
            unmanaged: self.unmanaged,
            notes: Vec::new(),
            moves: self.moves,
            refresh: self.refresh,
            approvals: self.approvals,
            files: self.files,
            facts: self.facts,
        };
        Ok(SavedPlan {
            nonce: self.nonce,
            project: self.project,
            environment: self.environment,
            take_over_from: self.take_over_from,
            endpoint: self.endpoint,
            account: self.account,
            completeness: self.completeness,
            plan_id: self.plan_id,
            plan,
            fingerprints: self.fingerprints,
            bindings: self.bindings,
            details: self.details,
        })
    }

    fn digest(&self) -> String {
        let undigested = Self {
            digest: String::new(),
            ..self.clone()
        };
        hash(&serde_json::to_value(undigested).unwrap_or(Json::Null))
    }
}

impl SavedChange {
    fn new(change: Change) -> Self {
        let Change {
            name,
            offer_type,
            action,
            adopted,
            id,
            fields,
            reason,
            lifecycle,
            applied,
            lost,
            file,
            sold,
            span,
        } = change;
        let fields = fields.into_iter().map(SavedField::new).collect();
        let declared = span.is_some();
        Self {
            name,
            offer_type,
            action,
            adopted,
            declared,
            id,
            fields,
            reason,
            lifecycle,
            applied,
            lost,
            file,
            sold,
        }
    }

    fn into_change(self) -> Result<Change, serde_json::Error> {
        let Self {
            name,
            offer_type,
            action,
            adopted,
            declared,
            id,
            fields,
            reason,
            lifecycle,
            applied,
            lost,
            file,
            sold,
        } = self;
        let fields: Result<Vec<FieldChange>, _> =
            fields.into_iter().map(SavedField::into_change).collect();
        // A saved plan has no files: whether the offer is declared is all that is left of its place.
        let span = declared.then_some(offerctl_manifest::span::Span {
            file: offerctl_manifest::span::FileId(u32::MAX),
            start: 0,
            length: 0,
        });
        Ok(Change {
            name,
            offer_type,
            action,
            adopted,
            id,
            fields: fields?,
            reason,
            lifecycle,
            applied,
            lost,
            file,
            sold,
            span,
        })
    }
}

impl SavedField {
    fn new(change: FieldChange) -> Self {
        let FieldChange {
            path: FieldPath { country, field },
            before,
            after,
            applied,
            currency,
            cause,
            readable,
        } = change;
        let json = |value: Option<Value>| value.as_ref().map(json_value);
        Self {
            country,
            field,
            before: json(before),
            after: json(after),
            last_applied: json(applied),
            currency,
            cause,
            readable,
        }
    }

    fn into_change(self) -> Result<FieldChange, serde_json::Error> {
        use serde::de::DeserializeSeed;

        let Self {
            country,
            field,
            before,
            after,
            last_applied,
            currency,
            cause,
            readable,
        } = self;
        let read = |json: Option<Json>| {
            json.map(|json| FieldValueSeed(field.kind()).deserialize(json))
                .transpose()
        };
        let path = FieldPath { country, field };
        Ok(FieldChange {
            path,
            before: read(before)?,
            after: read(after)?,
            applied: read(last_applied)?,
            currency,
            cause,
            readable,
        })
    }
}
