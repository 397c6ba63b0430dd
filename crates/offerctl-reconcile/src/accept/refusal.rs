//! Why nothing is accepted: [`AcceptError`], and of one value: [`Refusal`].

use offerctl_manifest::span::Span;
use offerctl_model::country::Country;
use offerctl_model::name::Name;
use offerctl_model::offer_type::Api;
use offerctl_model::words::plural;

use super::situation::Situation;
use crate::drift::{Drift, DriftKind, ways_out};

/// Why nothing was accepted.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum AcceptError {
    /// Names that nothing is bound to.
    #[error("there is no offer {}", .0.iter().map(|unknown| format!("`{}`", unknown.name)).collect::<Vec<_>>().join(", "))]
    Unknown(Vec<UnknownName>),
    /// What cannot be written, or should not be.
    #[error("{} cannot be accepted", plural(.0.len(), "value"))]
    Refused(Vec<Refusal>),
    /// The new files do not say what was meant: a mistake of this program.
    #[error("this is a bug in offerctl: the new manifests do not hold up, {0}")]
    Unproven(String),
}

/// A name that nothing is bound to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownName {
    /// What was asked for.
    pub name: String,
    /// What was probably meant.
    pub meant: Option<String>,
}

/// Why a value is not accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The offer.
    pub name: Name,
    /// What is wrong.
    pub message: String,
    /// The way out.
    pub help: String,
    /// The place in the manifests, if the offer is declared.
    pub span: Option<Span>,
}

/// Why a value is not accepted, and the way out.
pub(super) type Reason = (String, String);

/// Why the drift of an offer as a whole is nothing that a manifest could say.
pub(super) fn refuse_kind(situation: Situation<'_>, drift: &Drift) -> Option<Reason> {
    let words = match drift.kind {
        DriftKind::Changed => return None,
        DriftKind::Deactivated => "it was deactivated by hand, which is no value",
        DriftKind::Missing => "the account does not list it any more",
        DriftKind::Revived => "it was deactivated here and is on sale again",
    };
    Some((words.to_owned(), ways(drift, situation.environment.api)))
}

/// Why the countries of an offer are nothing that a manifest could follow by itself.
pub(super) fn refuse_countries(drift: &Drift, api: Api, countries: &[Country]) -> Reason {
    let countries: Vec<String> = countries.iter().map(ToString::to_string).collect();
    let words = format!(
        "its countries changed by hand ({}): a localization is neither made nor removed by itself",
        countries.join(", ")
    );
    (words, ways(drift, api))
}

fn ways(drift: &Drift, api: Api) -> String {
    let ways: Vec<String> = ways_out(drift, api)
        .iter()
        .map(|way| format!("to {}: {}", way.purpose, way.action_for(drift)))
        .collect();
    ways.join("; ")
}
