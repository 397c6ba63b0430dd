//! What moved away from what was last applied: [`drift`].
//!
//! Drift is about the account alone: what git says by now does not matter, and offers that belong to no name
//! are not drift.

use crate::content::FieldPath;
use crate::diff::{Cause, Comparison, FieldChange, difference};
use crate::live::Live;
use crate::name::{Name, OfferId};
use crate::offer_type::{Api, OfferType};
use crate::state::{Gone, State};
use crate::value::Moment;

/// How a bound offer is no longer what was last applied.
#[derive(Debug, Clone, PartialEq)]
pub struct Drift {
    /// Its name.
    pub name: Name,
    /// Its type.
    pub offer_type: OfferType,
    /// The live offer.
    pub id: OfferId,
    /// What happened.
    pub kind: DriftKind,
    /// When the live offer was last changed, if the service says so.
    pub updated_at: Option<Moment>,
    /// The fields that differ: before is what was applied, after what is live.
    pub fields: Vec<FieldChange>,
}

/// What happened to a bound offer.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    serde::Serialize,
    serde::Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum DriftKind {
    /// Fields of it were changed.
    Changed,
    /// It was taken out of the shop.
    Deactivated,
    /// It is in no list.
    Missing,
    /// We had taken it out of the shop, and it is back.
    Revived,
}

impl DriftKind {
    /// The word that is printed.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Changed => "changed",
            Self::Deactivated => "deactivated",
            Self::Missing => "missing",
            Self::Revived => "revived",
        }
    }
}

/// Returns the bound offers that are not as they were last applied, by name.
pub fn drift(api: Api, live: &Live, state: &State) -> Vec<Drift> {
    let mut found = Vec::new();
    for (name, binding) in &state.bindings {
        let view = live
            .get(&binding.id)
            .and_then(|offer| offer.view(binding.offer_type));
        let entry = |kind| Drift {
            name: name.clone(),
            offer_type: binding.offer_type,
            id: binding.id.clone(),
            kind,
            updated_at: view
                .and_then(|view| view.rows.iter().filter_map(|row| row.updated_at).max()),
            fields: Vec::new(),
        };
        let Some(view) = view else {
            found.push(entry(DriftKind::Missing));
            continue;
        };
        let resolve = |name: &Name| state.bindings.get(name).map(|binding| binding.id.clone());
        let fields = binding.applied.as_ref().map_or_else(Vec::new, |applied| {
            let comparison = Comparison {
                api,
                offer_type: binding.offer_type,
                desired: applied,
                view,
                applied: Some(applied),
                resolve: &resolve,
            };
            let mut fields: Vec<FieldChange> = difference(comparison)
                .fields
                .into_iter()
                .map(turned)
                .collect();
            fields.extend(vanished_rows(applied, view));
            fields
        });
        if !view.active {
            found.push(Drift {
                fields,
                ..entry(DriftKind::Deactivated)
            });
        } else if !fields.is_empty() {
            found.push(Drift {
                fields,
                ..entry(DriftKind::Changed)
            });
        }
    }
    for (id, tombstone) in &state.tombstones {
        let view = live
            .get(id)
            .and_then(|offer| offer.view(tombstone.offer_type));
        if let Some(view) = view
            && view.active
            && tombstone.reason == Gone::Deactivated
        {
            found.push(Drift {
                name: tombstone.name.clone(),
                offer_type: tombstone.offer_type,
                id: id.clone(),
                kind: DriftKind::Revived,
                updated_at: view.rows.iter().filter_map(|row| row.updated_at).max(),
                fields: Vec::new(),
            });
        }
    }
    found.sort_by(|left, right| (&left.name, &left.id).cmp(&(&right.name, &right.id)));
    found
}

/// A plan goes from live to declared; drift went from applied to live.
fn turned(change: FieldChange) -> FieldChange {
    FieldChange {
        before: change.after,
        after: change.before,
        cause: Cause::Drifted,
        ..change
    }
}

/// Prices of countries that are no longer there, or that came by themselves.
fn vanished_rows(applied: &crate::content::Content, view: &crate::live::View) -> Vec<FieldChange> {
    let Some(rows) = &applied.localizations else {
        return Vec::new();
    };
    let field = crate::field::Field::Price;
    let gone = rows
        .iter()
        .filter(|(country, _)| view.row(**country).is_none())
        .map(|(country, row)| FieldChange {
            path: FieldPath::localized(*country, field),
            before: applied.effective(*country, field).cloned(),
            after: None,
            applied: None,
            currency: Some(row.currency),
            cause: Cause::Drifted,
            readable: true,
        });
    let come = view.rows.iter().filter_map(|row| {
        let country = row.country.filter(|country| !rows.contains_key(country))?;
        Some(FieldChange {
            path: FieldPath::localized(country, field),
            before: None,
            after: row.fields.get(field).cloned(),
            applied: None,
            currency: row.currency,
            cause: Cause::Drifted,
            readable: true,
        })
    });
    gone.chain(come).collect()
}
