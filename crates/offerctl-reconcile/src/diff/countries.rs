//! Which countries an offer gets and loses: [`Difference::add_countries`].
//!
//! Over REST each localization is put on sale and taken off by itself, and none is ever deleted (docs/cleeng-api.md §5.2): a
//! country that comes back is activated, with the values that it had and those that it should have.

use offerctl_model::content::{FieldPath, Fields, Localization};
use offerctl_model::country::Country;
use offerctl_model::field::Field;

use super::change::{Cause, Difference, FieldChange};
use super::comparison::{Comparison, Place};
use crate::live::Row;

impl Difference {
    /// Adds the countries that only one side has; nothing if the manifest does not say which there are.
    pub fn add_countries(&mut self, comparison: Comparison<'_>) {
        let Comparison {
            api,
            offer_type,
            desired,
            view,
            ..
        } = comparison;
        let Some(declared) = &desired.localizations else {
            return;
        };
        let applied = |country: Country| {
            let applied = comparison.applied?;
            let mut countries = applied.countries_with(view.home).into_iter();
            Some(countries.any(|known| known == country))
        };
        for (country, localization) in declared {
            if view.home == Some(*country) || view.row(*country).is_some() {
                continue;
            }
            let fields = desired.localized_fields(*country, api, offer_type);
            let cause = match applied(*country) {
                None => Cause::Adopted,
                Some(true) => Cause::Drifted,
                Some(false) => Cause::Edited,
            };
            for (field, value) in fields.iter() {
                let currency = (field == Field::Price).then_some(localization.currency);
                self.fields.push(FieldChange {
                    path: FieldPath::localized(*country, field),
                    after: Some(value.clone()),
                    currency,
                    ..moved_price(*country, cause)
                });
            }
            if let Some(row) = view.dormant_row(*country) {
                self.revive(comparison, (*country, row), fields);
            } else {
                let currency = localization.currency;
                let sent = fields.iter().map(|(field, _)| field);
                let sent = sent.map(|field| FieldPath::localized(*country, field));
                self.sent.extend(sent);
                let localization = Localization { currency, fields };
                self.countries.added.insert(*country, localization);
            }
        }
        for row in &view.rows {
            let Some(country) = row
                .country
                .filter(|country| view.home != Some(*country) && !declared.contains_key(country))
            else {
                continue;
            };
            let cause = match applied(country) {
                None => Cause::Adopted,
                Some(true) => Cause::Edited,
                Some(false) => Cause::Drifted,
            };
            self.fields.push(FieldChange {
                before: row.fields.get(Field::Price).cloned(),
                currency: row.currency,
                ..moved_price(country, cause)
            });
            self.countries.removed.insert(country);
        }
        self.fields
            .sort_by_key(|change| (change.path.field, change.path.country));
    }
}

impl Difference {
    /// Takes a country up again that is off sale, with what differs in it; what was sent to it once and is no longer
    /// declared goes.
    fn revive(
        &mut self,
        comparison: Comparison<'_>,
        (country, row): (Country, &Row),
        mut fields: Fields,
    ) {
        for field in comparison.fields_of(Some(country), true) {
            let Some(wanted) = comparison.wanted(Some(country), field) else {
                fields.remove(field);
                continue;
            };
            let is_own = comparison.place(country, field) == Place::Row;
            if !wanted.undeclared || !is_own {
                continue;
            }
            let path = FieldPath::localized(country, field);
            self.fields.extend(comparison.compare(row, path, &wanted));
            fields.set(field, wanted.value.into_owned());
        }
        for (field, value) in comparison.differing(row, &fields).iter() {
            self.set((Some(country), field), value.clone());
        }
        self.countries.revived.insert(country);
    }
}

fn moved_price(country: Country, cause: Cause) -> FieldChange {
    FieldChange {
        path: FieldPath::localized(country, Field::Price),
        before: None,
        after: None,
        applied: None,
        currency: None,
        cause,
        readable: true,
    }
}

impl Comparison<'_> {
    /// The values that a row does not have.
    fn differing(&self, row: &Row, fields: &Fields) -> Fields {
        let differs = |(field, value): &(Field, &offerctl_model::value::Value)| match row
            .fields
            .get(*field)
        {
            Some(live) => !self.is_equal(row, *field, (value, live)),
            None => !value.is_cleared(),
        };
        let differing = fields.iter().filter(differs);
        differing
            .map(|(field, value)| (field, value.clone()))
            .collect()
    }
}
