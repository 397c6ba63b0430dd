//! What moved away from what was last applied: [`drift`].
//!
//! Drift is about the account alone: what git says by now does not matter, and offers that belong to no name
//! are not drift.

mod offer;
mod ways_out;

use std::borrow::Cow;
use std::collections::BTreeSet;

use offerctl_model::content::{Content, FieldPath};
use offerctl_model::country::Country;
use offerctl_model::field::Field;
use offerctl_model::money::Currency;
use offerctl_model::name::OfferId;
use offerctl_model::offer_type::{Api, OfferType};
use offerctl_model::value::{Moment, Value};

pub use self::offer::{Drift, DriftKind};
pub use self::ways_out::{WayOut, ways_out};
use crate::diff::{Cause, Comparison, FieldChange, Undo, difference};
use crate::live::{Live, View};
use crate::state::{Binding, Gone, State};

/// Returns the bound offers that are not as they were last applied, by name.
pub fn drift(api: Api, live: &Live, state: &State) -> Vec<Drift> {
    let mut found = Vec::new();
    let currency = live.account_currency(state.account.currency);
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
            moved_countries: BTreeSet::new(),
        };
        let Some(view) = view else {
            found.push(entry(DriftKind::Missing));
            continue;
        };
        let applied = binding.applied.as_ref();
        let mut moved: Vec<FieldChange> =
            applied.map_or_else(Vec::new, |applied| moved_rows(applied, (&binding.id, view)));
        // A country that a run opened before it was cut off is no drift.
        let is_left = |country| binding.leftovers.iter().any(|left| left.country == country);
        moved.retain(|moved| moved.before.is_some() || !is_left(moved.path.country));
        let moved_countries = moved.iter().filter_map(|price| price.path.country);
        let moved_countries = moved_countries.collect();
        let mut fields = applied.map_or_else(Vec::new, |applied| {
            let known = (binding, applied);
            moved_values((api, state), (currency, live.read_at()), known, view)
        });
        fields.extend(moved);
        fields.sort_by_key(|field| (field.path.field, field.path.country));
        let kind = match (view.active, fields.is_empty()) {
            (true, true) => continue,
            (true, false) => DriftKind::Changed,
            (false, _) => DriftKind::Deactivated,
        };
        found.push(Drift {
            fields,
            moved_countries,
            ..entry(kind)
        });
    }
    for (id, tombstone) in &state.tombstones {
        let view = live
            .get(id)
            .and_then(|offer| offer.view(tombstone.offer_type));
        if let Some(view) = view
            && view.active
            && tombstone.reason != Gone::Forgotten
        {
            found.push(Drift {
                name: tombstone.name.clone(),
                offer_type: tombstone.offer_type,
                id: id.clone(),
                kind: DriftKind::Revived,
                updated_at: view.rows.iter().filter_map(|row| row.updated_at).max(),
                fields: Vec::new(),
                moved_countries: BTreeSet::new(),
            });
        }
    }
    found.sort_by(|left, right| (&left.name, &left.id).cmp(&(&right.name, &right.id)));
    found
}

/// Values that are not what was applied, in the rows that there were.
fn moved_values(
    (api, state): (Api, &State),
    (currency, now): (Option<Currency>, Option<Moment>),
    (binding, applied): (&Binding, &Content),
    view: &View,
) -> Vec<FieldChange> {
    let own = own_rows(applied, (&binding.id, view));
    let comparison = Comparison {
        api,
        offer_type: binding.offer_type,
        desired: applied,
        view: &own,
        applied: Some(applied),
        resolve: &|name| state.id_behind(name),
        undo: Undo::default(),
        now,
    };
    let mut difference = difference(comparison);
    difference.fill_in_currency(currency);
    let shown = difference.fields.into_iter();
    let shown = shown.filter(|change| can_show(api, binding.offer_type, change.path));
    // What a run sent before it was cut off was changed by no hand.
    let is_ours = |change: &FieldChange| {
        let FieldPath { country, field } = change.path;
        let place = country.map_or(Some(FieldPath::top(field)), |country| {
            comparison.live_place(country, field)
        });
        let is_live = |place: FieldPath| {
            let mut here = binding.leftovers.iter();
            here.any(|left| {
                let value = left
                    .fields
                    .get(field)
                    .filter(|_| left.country == place.country);
                value.is_some_and(|value| comparison.may_be_live(place.country, field, value))
            })
        };
        place.is_some_and(is_live)
    };
    let shown = shown.filter(|change| !is_ours(change));
    let fields = shown.map(turned);
    fields.chain(moved_currencies(applied, view)).collect()
}

/// Whether an offer can show a field at all: what was applied over the other generation of the API may have no place in
/// this one, which says nothing about the offer.
fn can_show(api: Api, offer_type: OfferType, FieldPath { field, country }: FieldPath) -> bool {
    match (api, country) {
        (Api::Rest, Some(_)) => field.is_localizable(api, offer_type),
        (Api::Rest, None) => field == Field::Marker || field.exists_in(api, offer_type),
        (Api::JsonRpc, _) => {
            field.exists_in(api, offer_type) || field.is_localizable(api, offer_type)
        }
    }
}

/// The rows that an offer had when it was applied: of a plain offer that got countries, its own.
pub(crate) fn own_rows<'v>(applied: &Content, (id, view): (&OfferId, &'v View)) -> Cow<'v, View> {
    let own = view.rows.iter().find(|row| row.id == *id);
    match own {
        Some(row) if !applied.is_localized() && view.has_localizations() => Cow::Owned(View {
            home: view.home,
            ..View::of_rows(view.active, vec![row.clone()])
        }),
        Some(_) | None => Cow::Borrowed(view),
    }
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

/// Localizations whose prices are in another currency now.
fn moved_currencies(applied: &Content, view: &View) -> Vec<FieldChange> {
    let rows = applied.localizations.iter().flatten();
    rows.filter_map(|(country, row)| {
        let live = view.row(*country)?.currency?;
        (live != row.currency).then(|| FieldChange {
            path: FieldPath::localized(*country, Field::Currency),
            before: Some(Value::Currency(row.currency)),
            after: Some(Value::Currency(live)),
            applied: None,
            currency: None,
            cause: Cause::Drifted,
            readable: true,
        })
    })
    .collect()
}

/// Prices of countries that are no longer there, or that came by themselves.
fn moved_rows(applied: &Content, (id, view): (&OfferId, &View)) -> Vec<FieldChange> {
    let price = |country: Country| FieldChange {
        path: FieldPath::localized(country, Field::Price),
        before: None,
        after: None,
        applied: None,
        currency: None,
        cause: Cause::Drifted,
        readable: true,
    };
    let gone = applied.localizations.iter().flatten();
    let gone = gone.filter(|(country, _)| view.row(**country).is_none());
    let gone = gone.map(|(country, row)| FieldChange {
        before: applied.effective(*country, Field::Price).cloned(),
        currency: Some(row.currency),
        ..price(*country)
    });
    let known = |country: Country| match &applied.localizations {
        Some(rows) => rows.contains_key(&country) || view.home == Some(country),
        // A plain offer has one row, which has the country of its id.
        None => !view.has_localizations() || id.country() == Some(country.as_str()),
    };
    let come = view.rows.iter().filter_map(|row| {
        let country = row.country.filter(|country| !known(*country))?;
        Some(FieldChange {
            after: row.fields.get(Field::Price).cloned(),
            currency: row.currency,
            ..price(country)
        })
    });
    gone.chain(come).collect()
}
