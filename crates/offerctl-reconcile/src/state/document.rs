//! The file format of the state: [`StateDocument`].

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use offerctl_manifest::project::Account;
use offerctl_model::foreign::Foreign;
use offerctl_model::name::{Name, OfferId};
use offerctl_model::value::Moment;
use serde::{Deserialize, Serialize};

use super::approval::Use;
use super::binding::{Binding, Tombstone};
use super::intent::{Intent, IntentId, Run};
use super::memory::State;

/// The version that this program writes. It reads the first as well, whose values count as found and never sent.
pub const FORMAT_VERSION: u32 = 2;

/// The state as it is stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct StateDocument {
    /// The version of the format.
    pub format_version: u32,
    /// The environment that the state belongs to.
    pub environment: String,
    /// Counts the writes, so that nobody overwrites what somebody else wrote.
    pub serial: u64,
    /// The account, as it showed itself at the first apply.
    #[serde(default)]
    pub account: Account,
    /// The offers by name.
    pub offers: BTreeMap<Name, Binding>,
    /// The offers that are no longer ours.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tombstones: BTreeMap<OfferId, Tombstone>,
    /// Creates whose outcome is not known.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub intents: BTreeMap<IntentId, Intent>,
    /// Creates that were settled as never made, and are looked out for.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub watched: BTreeMap<IntentId, Intent>,
    /// When the last create was sent that made an offer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_made: Option<Moment>,
    /// What the runs found that sent those creates.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub runs: BTreeMap<String, Run>,
    /// The nonces of the saved plans that were applied.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub consumed_plans: BTreeSet<String>,
    /// The approvals that were used.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub approvals: Vec<Use>,
    /// The files that declared the offers, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub files: BTreeMap<Name, Arc<Foreign>>,
}

/// Why a state cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// A newer program wrote it.
    #[error("the state has format version {found}, this program reads up to {FORMAT_VERSION}")]
    Newer {
        /// The version that was found.
        found: u64,
    },
    /// It belongs to another environment.
    #[error("the state belongs to the environment `{found}`, not to `{expected}`")]
    OtherEnvironment {
        /// The environment that was asked for.
        expected: String,
        /// The one in the file.
        found: String,
    },
    /// It is not what this program writes.
    #[error("the state cannot be read")]
    Broken(#[source] serde_json::Error),
}

impl StateDocument {
    /// Returns the document of a state.
    pub fn new(environment: &str, serial: u64, state: &State) -> Self {
        let State {
            account,
            bindings,
            tombstones,
            intents,
            watched,
            last_made,
            runs,
            consumed,
            approvals,
            files,
        } = state.clone();
        Self {
            format_version: FORMAT_VERSION,
            environment: environment.to_owned(),
            serial,
            account,
            offers: bindings,
            tombstones,
            intents,
            watched,
            last_made,
            runs,
            consumed_plans: consumed,
            approvals: approvals.into_values().collect(),
            files,
        }
    }

    /// Reads a document; refuses one of a newer program, of another environment, or a broken one.
    pub fn parse(bytes: &[u8], environment: &str) -> Result<Self, StateError> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Header {
            format_version: u64,
        }
        // A newer document may have anything in it: only its version is looked at first.
        let header: Header = serde_json::from_slice(bytes).map_err(StateError::Broken)?;
        if header.format_version > u64::from(FORMAT_VERSION) {
            return Err(StateError::Newer {
                found: header.format_version,
            });
        }
        let document: Self = serde_json::from_slice(bytes).map_err(StateError::Broken)?;
        if document.environment != environment {
            let expected = environment.to_owned();
            return Err(StateError::OtherEnvironment {
                expected,
                found: document.environment,
            });
        }
        Ok(document)
    }

    /// The bytes that are stored: readable, and the same for the same state.
    ///
    /// # Panics
    ///
    /// Never: a state has only texts for keys.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = serde_json::to_vec_pretty(self).expect("a state has only texts for keys");
        bytes.push(b'\n');
        bytes
    }

    /// The state without its file format.
    pub fn into_state(self) -> State {
        let Self {
            format_version: _,
            environment: _,
            serial: _,
            account,
            offers,
            tombstones,
            intents,
            watched,
            last_made,
            runs,
            consumed_plans,
            approvals,
            files,
        } = self;
        State {
            account,
            bindings: offers,
            tombstones,
            intents,
            watched,
            last_made,
            runs,
            consumed: consumed_plans,
            approvals: approvals
                .into_iter()
                .map(|used| (used.key(), used))
                .collect(),
            files,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::{Gone, Sent};
    use offerctl_model::content::{Content, Fields};
    use offerctl_model::field::Field;
    use offerctl_model::offer_type::{Api, OfferType};
    use offerctl_model::value::Value;

    fn state() -> State {
        let mut state = State::default();
        let fields = Fields::from_iter([
            (Field::Title, Value::text("News")),
            (Field::Price, Value::Amount("12".parse().unwrap())),
        ]);
        let binding = Binding {
            id: OfferId::new("P123456789_US"),
            offer_type: OfferType::Pass,
            protect: true,
            needs: BTreeSet::from(["report".parse().unwrap()]),
            applied: Some(Content {
                fields,
                localizations: None,
            }),
            sent: Some(Sent::everything(Api::JsonRpc)),
            leftovers: Vec::new(),
            retiring: Vec::new(),
        };
        state.bind("news".parse().unwrap(), binding);
        state.bury(
            &"old".parse().unwrap(),
            &OfferId::new("P222222222_US"),
            OfferType::Pass,
            Gone::Deactivated,
        );
        state.consumed.insert("nonce".to_owned());
        state
    }

    #[test]
    fn a_state_survives_its_file() {
        let document = StateDocument::new("local", 7, &state());
        let bytes = document.to_bytes();
        let read = StateDocument::parse(&bytes, "local").unwrap();
        assert_eq!(read.serial, 7);
        assert_eq!(read.to_bytes(), bytes);
        assert_eq!(read.into_state(), state());
    }

    #[test]
    fn what_does_not_fit_is_refused_with_its_reason() {
        let bytes = StateDocument::new("local", 7, &state()).to_bytes();
        assert!(matches!(
            StateDocument::parse(&bytes, "production"),
            Err(StateError::OtherEnvironment { .. })
        ));
        assert!(matches!(
            StateDocument::parse(&bytes[..bytes.len() / 2], "local"),
            Err(StateError::Broken(_))
        ));
        let newer = br#"{"formatVersion": 3, "surprise": true}"#;
        assert!(matches!(
            StateDocument::parse(newer, "local"),
            Err(StateError::Newer { found: 3 })
        ));
    }

    #[test]
    fn a_bound_offer_has_no_tombstone() {
        let mut state = state();
        let id = OfferId::new("P123456789_US");
        state.bury(
            &"news".parse().unwrap(),
            &id,
            OfferType::Pass,
            Gone::Forgotten,
        );
        let binding = state.bindings.values().next().unwrap().clone();
        state.bind("again".parse().unwrap(), binding);
        assert!(!state.tombstones.contains_key(&id.to_stem()));
    }

    #[test]
    fn a_tombstone_of_an_earlier_version_has_no_order_and_goes_before_all_others() {
        let mut state = state();
        let id = |number: u32| OfferId::new(&format!("P12345678{number}_US"));
        let bury = |state: &mut State, number, reason| {
            state.bury(
                &"news".parse().unwrap(),
                &id(number),
                OfferType::Pass,
                reason,
            );
        };
        bury(&mut state, 1, Gone::Deactivated);
        let bytes = StateDocument::new("local", 1, &state).to_bytes();
        let text = String::from_utf8(bytes).unwrap();
        let mut document: serde_json::Value = serde_json::from_str(&text).unwrap();
        let buried = document["tombstones"]["P123456781"]
            .as_object_mut()
            .unwrap();
        assert!(buried.remove("order").is_some());
        let old = StateDocument::parse(document.to_string().as_bytes(), "local").unwrap();
        let mut state = old.into_state();
        bury(&mut state, 2, Gone::Replaced);
        bury(&mut state, 3, Gone::Deactivated);
        let orders = [1, 2, 3].map(|number| state.tombstones[&id(number).to_stem()].order);
        assert!(orders.is_sorted_by(|one, other| one < other), "{orders:?}");
        assert_eq!(orders[0], 0);
    }
}
