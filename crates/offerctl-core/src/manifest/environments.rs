//! What an offer says for one environment only: [`Overrides`].
//!
//! An override is put over the offer, and the `defaults` of the file under both, just as if the offer had been written
//! out for that environment. So all that is known of an offer is known of an [`Override`], and whoever asks for an
//! environment gets a whole manifest, by [`Manifest::in_environment`].

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::defaults::{gives_way, merge_under};
use super::offer::{Body, ForEnvironment, no_currency};
use super::{Lifecycle, Manifest, Part, Places, Reference};
use crate::content::{Content, FieldPath, Fields, Localization};
use crate::country::Country;
use crate::diagnostic::Code;
use crate::field::Field;
use crate::money::Currency;
use crate::source::Span;
use crate::yaml::{NodeId, Reader};

/// What differs in some environments, by their names. Nothing at all takes no memory.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Overrides(Option<Arc<BTreeMap<String, Override>>>);

/// What an offer says in one environment: its own entries, those of the offer, and those of `defaults`.
#[derive(Debug, Clone, PartialEq)]
pub struct Override {
    /// What it says there; texts may have variables in them.
    pub content: Arc<Content>,
    /// The events of the project that it names there.
    pub events: Vec<Reference>,
    /// What may happen to it there.
    pub lifecycle: Lifecycle,
    /// Where all of this stands.
    pub places: Arc<Places>,
    /// Where the name of the environment stands.
    pub span: Span,
}

impl Overrides {
    /// All of them, by environment.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Override)> {
        let all = self.0.iter().flat_map(|all| all.iter());
        all.map(|(name, found)| (name.as_str(), found))
    }

    /// Whether the offer is the same everywhere.
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// What differs in an environment.
    pub fn get(&self, environment: &str) -> Option<&Override> {
        self.0.as_ref()?.get(environment)
    }
}

impl Manifest {
    /// The manifest as it is for an environment that it says something else for; `None` if it does not.
    pub fn in_environment(&self, environment: &str) -> Option<Self> {
        let Override {
            content,
            events,
            lifecycle,
            places,
            span: _,
        } = self.overrides.get(environment)?;
        Some(Self {
            name: self.name.clone(),
            offer_type: self.offer_type,
            content: Arc::clone(content),
            depends_on: self.depends_on.clone(),
            events: events.clone(),
            only: self.only.clone(),
            ids: self.ids.clone(),
            moved_from: self.moved_from.clone(),
            lifecycle: lifecycle.clone(),
            overrides: Overrides::default(),
            places: Arc::clone(places),
        })
    }

    /// Whether the part stands in what the manifest says for this environment only.
    pub(crate) fn is_overridden(&self, environment: &str, part: Part) -> bool {
        let found = self.overrides.get(environment);
        let there = found.and_then(|found| found.places.get(part));
        there.is_some() && there != self.places.get(part)
    }
}

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
    Overrides(Some(Arc::new(overrides)))
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
    }
    body.without.extend(&own.without);
    let rows = own.content.localizations.iter().flatten();
    for (country, row) in rows {
        put_row_over(&mut body, own, (*country, &row.fields, row.currency));
    }
    for (country, (fields, node)) in &own.without_currency {
        match inherited_row(offer, *country, defaults) {
            Inherited::Row(row) => {
                put_row_over(&mut body, own, (*country, fields, row.currency));
            }
            Inherited::Unreadable => {}
            Inherited::Nothing => no_currency(reader, *node, *country),
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
    if let Some(place) = own.places.get(Part::Lifecycle) {
        body.places.set(Part::Lifecycle, place);
    }
    body
}

fn put_fields_over(body: &mut Body, own: &Body) {
    let declared: BTreeSet<Field> = Field::all()
        .filter(|field| own.places.has(Part::Field(FieldPath::top(*field))))
        .collect();
    for field in Field::all() {
        let part = Part::Field(FieldPath::top(field));
        if let Some(place) = own.places.get(part) {
            body.places.set(part, place);
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

/// What the offer or the defaults have for a country.
enum Inherited {
    Row(Localization),
    /// It stands there, and has a diagnostic of its own.
    Unreadable,
    Nothing,
}

/// The row that the offer or the defaults have for a country.
fn inherited_row(offer: &Body, country: Country, defaults: Option<&Body>) -> Inherited {
    let defaults = defaults.filter(|_| !offer.nothing.contains("localizations"));
    [Some(offer), defaults]
        .into_iter()
        .flatten()
        .find_map(|body| {
            let rows = body.content.localizations.as_ref();
            let row = rows.and_then(|rows| rows.get(&country));
            let written = body.places.has(Part::Localization(country));
            match row {
                Some(row) => Some(Inherited::Row(row.clone())),
                None => written.then_some(Inherited::Unreadable),
            }
        })
        .unwrap_or(Inherited::Nothing)
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
        if let Some(place) = own.places.get(part) {
            body.places.set(part, place);
        }
    }
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
        if let Some(place) = own.places.get(part) {
            body.places.set(part, place);
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
        if let Inherited::Nothing = inherited_row(offer, *country, defaults) {
            let message = format!("`{country}` is taken out, but the offer does not have it");
            let help = "remove the line, or write what the country is to have";
            reader.error_with_help(*node, Code::WrongShape, message, help);
        }
    }
    let last: Option<&NodeId> = without.values().last();
    if let (Some(node), Some(rows)) = (last, &over.content.localizations)
        && rows.is_empty()
    {
        let message = "no country is left in this environment";
        let help = "write `localizations: null` for an offer without localizations";
        reader.error_with_help(*node, Code::WrongShape, message, help);
    }
}
