//! What can be done about drift: [`ways_out`].

use offerctl_manifest::desired::project_named_by;
use offerctl_model::field::Field;
use offerctl_model::name::Name;
use offerctl_model::offer_type::Api;
use offerctl_model::value::Value;

use super::offer::{Drift, DriftKind};

/// Something that a person can do about drift.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct WayOut {
    /// What it leads to, as a clause: `take it into git`.
    pub purpose: &'static str,
    /// What to do; `NAME` and `ID` stand for those of the offer.
    pub action: &'static str,
}

impl WayOut {
    /// What to do about this very offer.
    pub fn action_for(&self, drift: &Drift) -> String {
        self.action
            .replace("NAME", drift.name.as_str())
            .replace("ID", &drift.id.to_string())
    }

    /// What to do about these offers with one command; `None` if each needs its own.
    pub fn action_for_all(&self, names: &[&Name]) -> Option<String> {
        if !self.action.contains("NAME") {
            return Some(self.action.to_owned());
        }
        let names: Vec<&str> = names.iter().map(|name| name.as_str()).collect();
        let all = matches!(self.action, ACCEPT).then(|| names.join(" "));
        all.map(|names| self.action.replace("NAME", &names))
    }
}

const ACCEPT: &str = "offerctl drift --accept NAME";

const fn way(purpose: &'static str, action: &'static str) -> WayOut {
    WayOut { purpose, action }
}

/// Whether another project has marked the offer as its own.
fn is_taken_over(drift: &Drift) -> bool {
    let project = |value: &Option<Value>| match value {
        Some(Value::Text(marker)) => project_named_by(marker.raw()).map(str::to_owned),
        _ => None,
    };
    let mut fields = drift.fields.iter();
    fields.any(|change| {
        let projects = [project(&change.before), project(&change.after)];
        change.path.field == Field::Marker
            && matches!(&projects, [Some(one), Some(other)] if one != other)
    })
}

/// Returns what can be done about the drift of an offer: the same for all offers that drifted alike.
pub fn ways_out(drift: &Drift, api: Api) -> Vec<WayOut> {
    match (drift.kind, api) {
        // Neither can a manifest follow by itself, nor can an apply over JSON-RPC add or remove a country.
        (DriftKind::Changed, _) if !drift.moved_countries.is_empty() => vec![
            way(
                "let it be",
                "write `localizations` of NAME as they are live, then offerctl plan",
            ),
            way("undo it", "in Cleeng's dashboard"),
        ],
        (DriftKind::Changed, _) if is_taken_over(drift) => vec![
            way(
                "leave it to the project that marked it",
                "remove NAME from the manifests, then offerctl state forget NAME",
            ),
            way(
                "take it back",
                "offerctl apply --take-over-from PROJECT, which is the project that its marker names",
            ),
        ],
        (DriftKind::Changed, _) => vec![
            way("take it into git", ACCEPT),
            way("put it back", "offerctl apply"),
        ],
        (DriftKind::Deactivated, Api::JsonRpc) => vec![
            way(
                "let it be",
                "remove NAME from the manifests, then offerctl apply",
            ),
            way(
                "sell it again as a new offer",
                "offerctl state forget NAME, then offerctl apply",
            ),
        ],
        (DriftKind::Deactivated, Api::Rest) => vec![
            way(
                "let it be",
                "remove NAME from the manifests, then offerctl apply",
            ),
            way("put it back", "offerctl apply"),
        ],
        (DriftKind::Missing, _) => vec![
            way(
                "bind another offer",
                "offerctl state forget NAME, then offerctl state adopt NAME with its id",
            ),
            way(
                "make it anew",
                "offerctl state forget NAME, then offerctl apply",
            ),
        ],
        (DriftKind::Revived, _) => vec![
            way(
                "manage it again",
                "declare NAME in a manifest, then offerctl state adopt NAME ID",
            ),
            way(
                "take it out of the shop",
                "deactivate ID in Cleeng's dashboard",
            ),
        ],
    }
}
