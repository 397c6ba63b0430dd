//! What differs between an offer as git says it and as it is live: [`difference`].

mod change;
mod comparison;
mod countries;
mod objects;
mod same;
mod undo;
mod wanted;

use std::collections::BTreeMap;

use offerctl_model::content::FieldPath;
use offerctl_model::country::Country;
use offerctl_model::field::Field;

pub use self::change::{Cause, CountryMoves, Difference, FieldChange};
pub(crate) use self::comparison::Agreement;
use self::comparison::Place;
pub use self::comparison::{Comparison, Resolver};
pub use self::wanted::Undo;

/// Compares every declared field with the live one, and both with what was last applied.
///
/// Fields that the manifest does not say are looked at only if a former apply sent them (see [`Undo`]). Rows of countries that only one side has are not
/// compared: whoever plans decides about them.
pub fn difference(comparison: Comparison<'_>) -> Difference {
    if comparison.desired.is_localized() {
        localized_difference(comparison)
    } else {
        plain_difference(comparison)
    }
}

fn plain_difference(comparison: Comparison<'_>) -> Difference {
    let mut difference = Difference::default();
    let Some(row) = comparison.view.rows.first() else {
        return difference;
    };
    for field in comparison.fields_of(None, comparison.remembers()) {
        let Some(wanted) = comparison.wanted(None, field) else {
            continue;
        };
        let path = FieldPath::top(field);
        if let Some(change) = comparison.compare(row, path, &wanted) {
            difference.set((None, field), wanted.value.into_owned());
            difference.fields.push(change);
        }
    }
    difference
}

fn localized_difference(comparison: Comparison<'_>) -> Difference {
    let mut difference = Difference::default();
    // What differs by field, with the rows that have it from the top of the manifest.
    let mut changes: BTreeMap<Field, Vec<FieldChange>> = BTreeMap::new();
    let mut rows_compared = 0;
    let remembers = comparison.remembers();
    for country in comparison.desired.countries_with(comparison.view.home) {
        let Some(row) = comparison.view.row(country) else {
            continue;
        };
        rows_compared += 1;
        for field in comparison.fields_of(Some(country), remembers) {
            let place = comparison.place(country, field);
            if place == Place::Elsewhere {
                continue;
            }
            let Some(wanted) = comparison.wanted(Some(country), field) else {
                continue;
            };
            let path = FieldPath::localized(country, field);
            if let Some(change) = comparison.compare(row, path, &wanted) {
                let country = (place == Place::Row).then_some(country);
                difference.set((country, field), wanted.value.into_owned());
                changes.entry(field).or_default().push(change);
            }
        }
    }
    for (field, mut changes) in changes {
        let own = |country: Country| {
            let row = comparison
                .desired
                .localizations
                .as_ref()
                .and_then(|rows| rows.get(&country));
            row.is_some_and(|row| row.fields.get(field).is_some())
        };
        let of_top = |change: &FieldChange| {
            let country = change.path.country;
            country.is_some_and(|country| !own(country))
        };
        let alike = changes.len() == rows_compared
            && changes.iter().all(of_top)
            && changes.windows(2).all(|pair| {
                pair[0].before == pair[1].before
                    && pair[0].cause == pair[1].cause
                    && pair[0].applied == pair[1].applied
            });
        // What only the offer itself has is said once, in every case.
        let said_once = comparison.view.home.is_some()
            && !field.is_localizable(comparison.api, comparison.offer_type);
        if said_once || alike && field != Field::Price {
            changes.truncate(1);
            changes[0].path = FieldPath::top(field);
        } else if let Some(at_home) = changes
            .iter_mut()
            .find(|change| change.path.country == comparison.view.home && of_top(change))
        {
            at_home.path = FieldPath::top(field);
        }
        difference.fields.append(&mut changes);
    }
    difference
}
