//! What differs between two accounts, as a document.

use std::collections::BTreeMap;

use offerctl_model::foreign::Foreign;
use offerctl_reconcile::compare::{Compared, Different, FieldDifference, Presence, Subject};
use offerctl_reconcile::headline::Headline;
use serde::Serialize;
use serde_json::Value as Json;

use super::plan::value_document;
use super::version::FORMAT_VERSION;

/// What `offerctl diff --format json` prints. What is by environment has the names of the two as keys.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[cfg_attr(
    feature = "schema",
    schemars(title = "offerctl diff", deny_unknown_fields)
)]
pub struct DiffDocument {
    /// The version of this format: 1.
    pub format_version: u32,
    /// The two environments, in the order of the command line.
    pub environments: Vec<DiffEnvironment>,
    /// How much differs.
    pub summary: DiffSummary,
    /// What differs: offers with names first, by name.
    pub differences: Vec<DifferentDocument>,
}

/// One of the two environments.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(deny_unknown_fields))]
pub struct DiffEnvironment {
    /// Its name.
    pub name: String,
    /// What kind of endpoint it has.
    pub endpoint: String,
    /// The e-mail address of the account, as its offers show it.
    pub account: Option<Foreign>,
    /// How many offers on sale belong to no name.
    pub unmanaged: usize,
    /// Names of which a person has to decide first which live offer they stand for; they are not compared.
    pub undecided: Vec<String>,
}

/// How much differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", schemars(deny_unknown_fields))]
pub struct DiffSummary {
    /// Offers with a name that are the same in both.
    pub alike: usize,
    /// Offers that are on sale in both and differ.
    pub different: usize,
    /// Offers that are on sale in the first environment only.
    pub only_in_first: usize,
    /// Offers that are on sale in the second environment only.
    pub only_in_second: usize,
    /// How many of all of these differ in a way that the manifests do not say.
    pub unexpected: usize,
}

/// An offer that is not the same in both.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", schemars(deny_unknown_fields))]
pub struct DifferentDocument {
    /// Its name; null for an unmanaged offer.
    pub name: Option<String>,
    /// The title that an unmanaged offer is known by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<Foreign>,
    /// The environments that have it on sale.
    pub on_sale: Vec<String>,
    /// Its type by environment.
    pub types: BTreeMap<String, String>,
    /// Its id by environment.
    pub ids: BTreeMap<String, String>,
    /// Whether the manifests say everything that differs.
    pub declared: bool,
    /// The values that differ.
    pub fields: Vec<DifferentField>,
}

/// A value that is not the same in both.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(deny_unknown_fields))]
pub struct DifferentField {
    /// The field, such as `price` or `localizations.FR.price`.
    pub path: String,
    /// The value by environment; null if there is none. Prices are objects with `amount` and `currency`.
    pub values: BTreeMap<String, Json>,
    /// Whether both are as the manifests say them.
    pub declared: bool,
}

impl DiffDocument {
    /// Returns the document of what was found.
    pub fn new(compared: &Compared, headlines: &[Headline; 2]) -> Self {
        let names = [0, 1].map(|index| headlines[index].environment.as_str());
        let environment = |index: usize| {
            let Headline {
                environment,
                endpoint,
                account,
                ..
            } = &headlines[index];
            let undecided = compared.undecided[index].iter();
            DiffEnvironment {
                name: environment.clone(),
                endpoint: endpoint.clone(),
                account: account.clone(),
                unmanaged: compared.unmanaged[index],
                undecided: undecided.map(ToString::to_string).collect(),
            }
        };
        let differences = compared.different.iter();
        Self {
            format_version: FORMAT_VERSION,
            environments: vec![environment(0), environment(1)],
            summary: DiffSummary::of(compared),
            differences: differences
                .map(|found| DifferentDocument::new(found, names))
                .collect(),
        }
    }
}

impl DiffSummary {
    /// Counts what was found.
    pub fn of(compared: &Compared) -> Self {
        let only_in = |index: usize| {
            let only = |found: &&Different| {
                found.presence[index].is_on_sale() && !found.presence[1 - index].is_on_sale()
            };
            compared.different.iter().filter(only).count()
        };
        let different = compared.different.iter();
        Self {
            alike: compared.alike,
            different: different.filter(|found| found.is_in_both()).count(),
            only_in_first: only_in(0),
            only_in_second: only_in(1),
            unexpected: compared.unexpected(),
        }
    }
}

impl DifferentDocument {
    fn new(found: &Different, names: [&str; 2]) -> Self {
        let (name, title) = match &found.subject {
            Subject::Name(name) => (Some(name.to_string()), None),
            Subject::Title(title) => (None, Some(title.clone())),
        };
        let sides = || names.into_iter().zip(&found.presence);
        let offers = sides().filter_map(|(name, presence)| Some((name, presence.offer()?)));
        let (types, ids) = offers
            .map(|(name, (offer_type, id))| {
                let name = name.to_owned();
                (
                    (name.clone(), offer_type.to_string()),
                    (name, id.to_string()),
                )
            })
            .unzip();
        let on_sale = sides().filter(|(_, presence)| Presence::is_on_sale(presence));
        Self {
            name,
            title,
            on_sale: on_sale.map(|(name, _)| name.to_owned()).collect(),
            types,
            ids,
            declared: found.is_declared(),
            fields: found
                .fields
                .iter()
                .map(|field| DifferentField::new(field, names))
                .collect(),
        }
    }
}

impl DifferentField {
    fn new(found: &FieldDifference, names: [&str; 2]) -> Self {
        let value = |index: usize| {
            let value = found.values[index].as_ref().map_or(Json::Null, |value| {
                value_document(found.path.field, value, found.currencies[index])
            });
            (names[index].to_owned(), value)
        };
        Self {
            path: found.path.to_string(),
            values: [value(0), value(1)].into(),
            declared: found.declared,
        }
    }
}
