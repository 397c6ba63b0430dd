//! Creates that were about to be sent: [`Intent`], and the [`Run`] that sent them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use offerctl_model::content::Content;
use offerctl_model::name::{Name, OfferId};
use offerctl_model::offer_type::OfferType;
use offerctl_model::value::Moment;
use serde::{Deserialize, Serialize};

use super::approval::Use;
use super::binding::{Binding, Record};

/// How long a create that was settled as never made is looked out for: 24 hours.
const WATCHED_SECONDS: i64 = 24 * 60 * 60;

/// What a run found before it made anything: the baseline by which new offers are told from old ones.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Run {
    /// When it began.
    pub since: Moment,
    /// The stems of the ids that each type had, once the lock was held.
    pub baseline: BTreeMap<OfferType, BTreeSet<OfferId>>,
}

/// The id of an intent: unique among all runs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct IntentId(pub String);

/// A create that was about to be sent, and whose outcome is not known.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Intent {
    /// The run that sent it.
    pub run: String,
    /// The name that the offer was to have.
    pub name: Name,
    /// Its type.
    #[serde(rename = "type")]
    pub offer_type: OfferType,
    /// What it was to say, with the ids of events in the place of their names.
    pub content: Content,
    /// What the state says of the offer once it is known to have been made; `applied` is left out where it is `content`.
    #[serde(default)]
    pub record: Record,
    /// The approvals that are used once it is known to have been made.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub uses: Vec<Use>,
    /// When it was written down.
    pub since: Moment,
}

impl Intent {
    /// Returns what the state says once the offer with this id is known to be what was made.
    pub fn binding(&self, id: OfferId) -> Binding {
        let applied = self.record.applied.clone();
        let record = Record {
            applied: Some(applied.unwrap_or_else(|| Arc::new(self.content.clone()))),
            ..self.record.clone()
        };
        record.binding(id, self.offer_type)
    }

    /// Whether what was sent may still show up, long after it was given up, so that it is looked out for.
    pub fn is_watched(&self, now: Moment) -> bool {
        now <= self.since.after(WATCHED_SECONDS)
    }
}
