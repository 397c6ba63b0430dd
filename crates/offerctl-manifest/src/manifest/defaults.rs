//! The `defaults` of a file, merged under every offer of it.

use std::collections::{BTreeMap, BTreeSet};

use offerctl_model::content::FieldPath;
use offerctl_model::field::Field;
use offerctl_model::offer_type::OfferType;

use super::lifecycle::{DISTINCT_FROM, Lifecycle};
use super::offer::{self, Body};
use super::places::Part;
use super::scope::Scope;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, did_you_mean};
use crate::yaml::{Data, MERGE_HELP, MERGE_KEY, NodeId, Reader, Tree, Yaml, cut};

/// The keys of `defaults` that are no fields.
const OWN_KEYS: [&str; 4] = ["localizations", "dependsOn", "only", "lifecycle"];

/// The `defaults` of a file, read for each type of offer when one of that type comes.
pub(super) struct Defaults<'y> {
    yaml: Option<&'y Yaml<'y>>,
    by_type: BTreeMap<OfferType, Body>,
}

impl<'y> Defaults<'y> {
    /// Checks the keys; the values are read with the types that have them.
    pub(super) fn new(
        tree: &Tree<'_>,
        yaml: Option<&'y Yaml<'y>>,
        diagnostics: &mut Diagnostics,
    ) -> Self {
        let mut reader = Reader::new(tree, diagnostics);
        // What is no mapping is reported once, and then it is as if nothing stood there.
        let entries = yaml.and_then(|yaml| reader.mapping(yaml, "a mapping with fields of offers"));
        for (key, node, value) in entries.unwrap_or_default() {
            if &**key == "localizations" {
                check_localizations(&mut reader, value);
            } else if &**key == "lifecycle" {
                refuse_live_offers(&mut reader, value);
            } else if !OWN_KEYS.contains(&&**key) && !is_field(key) {
                unknown_default(&mut reader, *node, key);
            }
        }
        Self {
            yaml: yaml.filter(|_| entries.is_some()),
            by_type: BTreeMap::new(),
        }
    }

    /// What they say for offers of a type; `None` if the file has no defaults.
    pub(super) fn of_type(
        &mut self,
        tree: &Tree<'_>,
        offer_type: OfferType,
        diagnostics: &mut Diagnostics,
    ) -> Option<&Body> {
        let yaml = self.yaml?;
        Some(self.by_type.entry(offer_type).or_insert_with(|| {
            let mut reader = Reader::new(tree, diagnostics);
            // Keys that only other types have are theirs.
            let of = (offer_type, Scope::Defaults);
            offer::body(&mut reader, yaml, of, &|_, _, _, _| {})
        }))
    }

    /// Reports defaults that no offer of the file can use.
    pub(super) fn report_unused(
        &self,
        tree: &Tree<'_>,
        types: &BTreeSet<OfferType>,
        diagnostics: &mut Diagnostics,
    ) {
        let Some(Yaml {
            data: Data::Mapping(entries),
            ..
        }) = self.yaml
        else {
            return;
        };
        for (key, node, _) in entries {
            let of_types = Field::types_with(key);
            if !of_types.is_empty()
                && of_types
                    .iter()
                    .all(|offer_type| !types.contains(offer_type))
            {
                let message = format!("no offer of this file has a `{}`", cut(key));
                diagnostics
                    .push(Diagnostic::warning(Code::UnusedDefault, message).at(tree.span(*node)));
            }
        }
    }
}

/// Whether any type of offer has a field of this name.
fn is_field(key: &str) -> bool {
    !Field::types_with(key).is_empty() && !key.contains('.')
}

/// Refuses to say of all offers that they are not this or that live one.
fn refuse_live_offers(reader: &mut Reader<'_>, yaml: &Yaml<'_>) {
    let Data::Mapping(entries) = &yaml.data else {
        return;
    };
    for (key, node, _) in entries {
        if &**key == DISTINCT_FROM {
            let message = format!("`{key}` belongs to each offer, not to `defaults`");
            reader.error(*node, Code::UnknownKey, message);
        }
    }
}

/// Checks the keys of localizations; all else is checked with the types that have them.
fn check_localizations(reader: &mut Reader<'_>, yaml: &Yaml<'_>) {
    let Data::Mapping(rows) = &yaml.data else {
        return;
    };
    for (_, _, row) in rows {
        let Data::Mapping(entries) = &row.data else {
            continue;
        };
        for (key, node, _) in entries {
            if &**key != "currency" && !is_field(key) {
                unknown_default(reader, *node, key);
            }
        }
    }
}

fn unknown_default(reader: &mut Reader<'_>, node: NodeId, key: &str) {
    if matches!(key, "type" | "ids" | "movedFrom" | "environments") {
        let message = format!("`{key}` belongs to each offer, not to `defaults`");
        reader.error(node, Code::UnknownKey, message);
        return;
    }
    let names = Field::all()
        .map(Field::name)
        .filter(|name| !name.contains('.'))
        .chain(OWN_KEYS);
    let message = format!("`{}` is no field of any offer", cut(key));
    let meant = did_you_mean(key, names);
    let help = match meant {
        Some(meant) => format!("did you mean `{meant}`?"),
        None if key == MERGE_KEY => MERGE_HELP.to_owned(),
        None => String::new(),
    };
    reader.unknown_entry((node, key, meant), message, help);
}

/// Puts the defaults under an offer.
pub(super) fn merge_under(offer: &mut Body, defaults: &Body) {
    let declared: BTreeSet<Field> = offer
        .content
        .fields
        .iter()
        .map(|(field, _)| field)
        .collect();
    let gives_way = |field| gives_way(field, &declared);
    for field in Field::all() {
        let part = Part::Field(FieldPath::top(field));
        if offer.places.has(part) || offer.unset.contains(&field) || gives_way(field) {
            continue;
        }
        // A value that could not be read is not missing: it has its own diagnostic.
        offer.places.fill_from(&defaults.places, part);
        if let Some(value) = defaults.content.fields.get(field) {
            offer.content.fields.set(field, value.clone());
            if field == Field::EventAssociation {
                offer.events.clone_from(&defaults.events);
            }
        }
    }
    if !offer.nothing.contains("localizations") {
        merge_localizations(offer, defaults);
    }
    if offer.depends_on.is_none() {
        offer.depends_on.clone_from(&defaults.depends_on);
        offer.places.fill_from(&defaults.places, Part::DependsOn);
    }
    if offer.only.is_none() && !offer.nothing.contains("only") {
        offer.only.clone_from(&defaults.only);
        offer.places.fill_from(&defaults.places, Part::Only);
    }
    if !offer.nothing.contains("lifecycle") {
        Lifecycle::fill_from(&mut offer.lifecycle, &defaults.lifecycle);
        offer.places.fill_from(&defaults.places, Part::Lifecycle);
    }
}

/// Whether an offer that declares these fields has no place for the field, because one of them excludes it.
pub(super) fn gives_way(field: Field, declared: &BTreeSet<Field>) -> bool {
    declared.contains(&field) || field.alternatives().any(|other| declared.contains(&other))
}

/// Country by country and field by field, so that an offer can change one price of a shared list.
fn merge_localizations(offer: &mut Body, defaults: &Body) {
    let Some(localizations) = &defaults.content.localizations else {
        return;
    };
    let own = offer.content.localizations.get_or_insert_default();
    for (country, localization) in localizations {
        if offer.without.contains_key(country) {
            continue;
        }
        let row = own
            .entry(*country)
            .or_insert_with(|| offerctl_model::content::Localization {
                currency: localization.currency,
                fields: offerctl_model::content::Fields::new(),
            });
        let declared: BTreeSet<Field> = row.fields.iter().map(|(field, _)| field).collect();
        for (field, value) in localization.fields.iter() {
            let part = Part::Field(FieldPath::localized(*country, field));
            let open = row.fields.get(field).is_none() && !offer.places.has(part);
            if open && !gives_way(field, &declared) {
                row.fields.set(field, value.clone());
                offer.places.fill_from(&defaults.places, part);
            }
        }
        let is_of_row =
            |part: &Part| matches!(part, Part::Field(path) if path.country == Some(*country));
        for part in defaults.places.nulls().filter(is_of_row) {
            offer.places.fill_from(&defaults.places, part);
        }
        offer
            .places
            .fill_from(&defaults.places, Part::Localization(*country));
        offer
            .places
            .fill_from(&defaults.places, Part::LocalizationCurrency(*country));
    }
}
