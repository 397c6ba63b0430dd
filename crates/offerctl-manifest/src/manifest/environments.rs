//! What an offer says for one environment only, made into a whole: [`overrides`].
//!
//! An override is put over the offer, and the `defaults` of the file under both, just as if the offer had been written
//! out for that environment. So all that is known of an offer is known of an [`Override`], and whoever asks for an
//! environment gets a whole manifest, by [`Manifest::in_environment`](super::declaration::Manifest::in_environment).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use offerctl_model::content::{FieldPath, Fields, Localization};
use offerctl_model::country::Country;
use offerctl_model::field::Field;
use offerctl_model::money::Currency;

use super::countries::{Inherited, inherited, nothing_to_take_out, report_none_left};
use super::declaration::{Override, Overrides};
use super::defaults::{gives_way, merge_under};
use super::lifecycle::Lifecycle;
use super::offer::{Body, ForEnvironment};
use super::places::Part;
use super::value;
use crate::span::Span;
use crate::yaml::Reader;

/// Makes the overrides of an offer, whose own entries are read and have no defaults under them yet.
pub(super) fn overrides(
    reader: &mut Reader<'_>,
    body: &mut Body,
    defaults: Option<&Body>,
    name: Span,
) -> Overrides {
    let environments = std::mem::take(&mut body.environments);
    if environments.is_empty() {
        return Overrides::default();
    }
    let mut overrides = BTreeMap::new();
    for environment in environments {
        let mut over = put_over(reader, body, &environment, defaults);
        if let Some(defaults) = defaults {
            merge_under(&mut over, defaults);
        }
        check_countries(reader, body, &environment, (&over, defaults));
        over.places.set(Part::Name, name);
        over.places.shrink();
        over.content.fields.shrink();
        let found = Override {
            content: Arc::new(over.content),
            events: over.events,
            lifecycle: over.lifecycle,
            places: Arc::new(over.places),
            span: environment.span,
        };
        overrides.insert(environment.name, found);
    }
    Overrides::new(overrides)
}

/// The offer as it would be if what it says for an environment were all that it says of these things.
fn put_over(
    reader: &mut Reader<'_>,
    offer: &Body,
    environment: &ForEnvironment,
    defaults: Option<&Body>,
) -> Body {
    let own = &environment.body;
    let mut body = offer.clone();
    put_fields_over(&mut body, own);
    if own.nothing.contains("localizations") {
        for country in countries(&body) {
            remove_country(&mut body, country);
        }
        body.content.localizations = None;
        body.nothing.insert("localizations");
    }
    for country in own.without.keys() {
        remove_country(&mut body, *country);
        let part = Part::Localization(*country);
        body.places.copy_from(&own.places, part);
    }
    body.without.extend(&own.without);
    let rows = own.content.localizations.iter().flatten();
    for (country, row) in rows {
        put_row_over(&mut body, own, (*country, &row.fields, row.currency));
    }
    for (country, (fields, node)) in &own.without_currency {
        match inherited(*country, under(offer, defaults)) {
            Inherited::Row(currency) => {
                put_row_over(&mut body, own, (*country, fields, currency));
            }
            Inherited::Unreadable => {}
            Inherited::Nothing => value::no_currency(reader, *node, *country),
        }
    }
    if own.nothing.contains("lifecycle") {
        body.lifecycle = Lifecycle::default();
        body.places.remove(Part::Lifecycle);
        body.nothing.insert("lifecycle");
    }
    let lifecycle = own.lifecycle.clone();
    let under = std::mem::replace(&mut body.lifecycle, lifecycle);
    body.lifecycle.fill_from(&under);
    for part in [Part::Lifecycle, Part::DistinctFrom] {
        if let Some(place) = own.places.get(part) {
            body.places.set(part, place);
        }
    }
    body
}

fn put_fields_over(body: &mut Body, own: &Body) {
    let declared: BTreeSet<Field> = Field::all()
        .filter(|field| own.places.has(Part::Field(FieldPath::top(*field))))
        .collect();
    for field in Field::all() {
        let part = Part::Field(FieldPath::top(field));
        if own.places.has(part) {
            body.places.copy_from(&own.places, part);
            body.unset.remove(&field);
            // A value that could not be read has its own diagnostic.
            match own.content.fields.get(field) {
                Some(value) => body.content.fields.set(field, value.clone()),
                None => body.content.fields.remove(field),
            };
            if field == Field::EventAssociation {
                body.events.clone_from(&own.events);
            }
        } else if own.unset.contains(&field) || gives_way(field, &declared) {
            body.content.fields.remove(field);
            body.places.remove(part);
            if own.unset.contains(&field) {
                body.unset.insert(field);
            }
        }
    }
}

/// Puts the values of a country over those that the offer has for it, in a currency.
fn put_row_over(
    body: &mut Body,
    own: &Body,
    (country, fields, currency): (Country, &Fields, Currency),
) {
    for part in [
        Part::Localization(country),
        Part::LocalizationCurrency(country),
    ] {
        body.places.copy_from(&own.places, part);
    }
    body.without.remove(&country);
    let rows = body.content.localizations.get_or_insert_default();
    let row = rows.entry(country).or_insert_with(|| Localization {
        currency,
        fields: Fields::new(),
    });
    row.currency = currency;
    let declared: BTreeSet<Field> = Field::all()
        .filter(|field| {
            let path = FieldPath::localized(country, *field);
            own.places.has(Part::Field(path))
        })
        .collect();
    for field in Field::all() {
        let part = Part::Field(FieldPath::localized(country, field));
        if own.places.has(part) {
            body.places.copy_from(&own.places, part);
            match fields.get(field) {
                Some(value) => row.fields.set(field, value.clone()),
                None => row.fields.remove(field),
            };
        } else if gives_way(field, &declared) {
            row.fields.remove(field);
            body.places.remove(part);
        }
    }
}

fn countries(body: &Body) -> Vec<Country> {
    let mut written = Vec::new();
    for part in body.places.parts() {
        if let Part::Localization(country) = part {
            written.push(country);
        }
    }
    written
}

fn remove_country(body: &mut Body, country: Country) {
    let of_country = |part: &Part| {
        matches!(part, Part::Localization(found) | Part::LocalizationCurrency(found) if *found == country)
            || matches!(part, Part::Field(path) if path.country == Some(country))
    };
    let gone: Vec<Part> = body.places.parts().filter(of_country).collect();
    for part in gone {
        body.places.remove(part);
    }
    if let Some(rows) = &mut body.content.localizations {
        rows.remove(&country);
    }
}

/// Reports countries that an environment takes out and that are not there, and an offer that is left without any.
fn check_countries(
    reader: &mut Reader<'_>,
    offer: &Body,
    environment: &ForEnvironment,
    (over, defaults): (&Body, Option<&Body>),
) {
    let without = &environment.body.without;
    for (country, node) in without {
        let is_out = offer.without.contains_key(country);
        let under = inherited(*country, under(offer, defaults));
        if let (false, Inherited::Nothing) = (is_out, under) {
            nothing_to_take_out(reader, *node, *country);
        }
    }
    let last = without.values().last();
    let message = "no country is left in this environment";
    report_none_left(reader, last, (over, message));
}

/// What lies under the rows of an environment.
fn under<'b>(offer: &'b Body, defaults: Option<&'b Body>) -> impl Iterator<Item = &'b Body> {
    let defaults = defaults.filter(|_| !offer.nothing.contains("localizations"));
    std::iter::once(offer).chain(defaults)
}
