//! Reading one offer of a file.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use offerctl_model::content::{Content, FieldPath, Fields, Localization, Localizations};
use offerctl_model::country::Country;
use offerctl_model::field::Field;
use offerctl_model::money::Currency;
use offerctl_model::name::Name;
use offerctl_model::offer_type::OfferType;
use offerctl_model::value::EventRef;

use super::declaration::{Manifest, Overrides};
use super::lifecycle::{DISTINCT_FROM, Lifecycle};
use super::places::{LiveId, Part, Places, Reference};
use super::scope::Scope;
use super::value;
use crate::diagnostic::{Code, did_you_mean};
use crate::span::Span;
use crate::yaml::{Data, MERGE_HELP, MERGE_KEY, NodeId, Reader, Yaml, cut};

/// The keys of an offer that are no fields of it.
const OWN_KEYS: [&str; 8] = [
    "type",
    "localizations",
    "dependsOn",
    "only",
    "ids",
    "movedFrom",
    "lifecycle",
    "environments",
];

/// What an offer, the `defaults` of a file, or an offer for one environment says.
#[derive(Clone)]
pub(super) struct Body {
    pub(super) content: Content,
    /// Fields that are `null` though they cannot be cleared, because something else takes their place.
    pub(super) unset: BTreeSet<Field>,
    /// Keys that are no fields and are `null`, so that nothing of the defaults takes their place.
    pub(super) nothing: BTreeSet<&'static str>,
    pub(super) depends_on: Option<Vec<Reference>>,
    pub(super) events: Vec<Reference>,
    pub(super) only: Option<BTreeSet<String>>,
    pub(super) ids: BTreeMap<String, LiveId>,
    pub(super) moved_from: Option<Name>,
    pub(super) lifecycle: Lifecycle,
    pub(super) places: Places,
    /// What differs in some environments.
    pub(super) environments: Vec<ForEnvironment>,
    /// Countries that leave their currency to what lies under them: the `defaults`, or, for one environment, the offer.
    pub(super) without_currency: BTreeMap<Country, (Fields, NodeId)>,
    /// Countries that are `null`: the offer, or an environment, does not have them.
    pub(super) without: BTreeMap<Country, NodeId>,
}

/// What an offer says for one environment, before it is put over what it says for all.
#[derive(Clone)]
pub(super) struct ForEnvironment {
    pub(super) name: String,
    /// The place of the name.
    pub(super) span: Span,
    pub(super) body: Body,
}

/// Reads the entries of an offer whose type is known.
///
/// `outside` says what to do with a key that this type does not have: `defaults` skip it, an offer reports it.
pub(super) fn body(
    reader: &mut Reader<'_>,
    yaml: &Yaml<'_>,
    (offer_type, scope): (OfferType, Scope),
    outside: Outside<'_>,
) -> Body {
    let mut body = Body {
        content: Content::default(),
        unset: BTreeSet::new(),
        nothing: BTreeSet::new(),
        depends_on: None,
        events: Vec::new(),
        only: None,
        ids: BTreeMap::new(),
        moved_from: None,
        lifecycle: Lifecycle::default(),
        // Every part is at least a key and a value.
        places: Places::with_capacity(reader.span(yaml.node).file, reader.size(yaml.node) / 2),
        environments: Vec::new(),
        without_currency: BTreeMap::new(),
        without: BTreeMap::new(),
    };
    let entries = reader
        .mapping(yaml, "a mapping with the fields of an offer")
        .unwrap_or_default();
    for (key, key_node, yaml) in entries {
        let span = reader.span(yaml.node);
        if yaml.data == Data::Null {
            body.nothing
                .extend(OWN_KEYS.into_iter().find(|own| **own == **key));
        }
        if scope == Scope::Environment && refuse_for_environment(reader, *key_node, key) {
            continue;
        }
        match &**key {
            "type" => body.places.set(Part::Type, span),
            "localizations" => {
                let of = (offer_type, scope, outside);
                body.content.localizations = localizations(reader, yaml, of, &mut body);
            }
            "dependsOn" => {
                body.places.set(Part::DependsOn, span);
                body.depends_on = Some(references(reader, yaml));
            }
            "only" => {
                body.places.set(Part::Only, span);
                body.only = environments(reader, yaml);
            }
            "ids" => {
                body.places.set(Part::Ids, span);
                body.ids = ids(reader, yaml, offer_type);
            }
            "movedFrom" => {
                body.places.set(Part::MovedFrom, span);
                body.moved_from = value::name(reader, yaml);
            }
            "lifecycle" => {
                body.places.set(Part::Lifecycle, span);
                body.lifecycle = Lifecycle::read(reader, yaml, (offer_type, scope));
                if let Data::Mapping(entries) = &yaml.data
                    && let Some((_, _, ids)) =
                        entries.iter().find(|(key, _, _)| key == DISTINCT_FROM)
                {
                    body.places.set(Part::DistinctFrom, reader.span(ids.node));
                }
            }
            // In `defaults` it was refused with all that does not belong there.
            "environments" if scope == Scope::Defaults => {}
            "environments" => body.environments = for_environments(reader, yaml, offer_type),
            key => match Field::of_type(key, offer_type) {
                Some(Field::PriceRules) | None => {
                    let place = match scope {
                        Scope::Environment => Place::Environment,
                        Scope::Offer | Scope::Defaults => Place::Top,
                    };
                    outside(reader, *key_node, key, place);
                }
                Some(field) => {
                    let of = (FieldPath::top(field), offer_type);
                    read_field(reader, yaml, of, &mut body);
                }
            },
        }
    }
    body
}

/// Refuses what must be the same in all environments; returns whether it did.
fn refuse_for_environment(reader: &mut Reader<'_>, node: NodeId, key: &str) -> bool {
    let help = match key {
        "type" => "make two offers, each with `only`",
        "only" | "dependsOn" | "movedFrom" => "write it at the top of the offer",
        "ids" => "`ids` at the top of the offer names the environment of each id",
        "environments" => "write each environment at the top of the offer's `environments`",
        _ => return false,
    };
    let message = format!("`{key}` cannot differ per environment");
    reader.error_with_help(node, Code::UnknownKey, message, help);
    true
}

/// Reads what differs in some environments.
fn for_environments(
    reader: &mut Reader<'_>,
    yaml: &Yaml<'_>,
    offer_type: OfferType,
) -> Vec<ForEnvironment> {
    if yaml.data == Data::Null {
        return Vec::new();
    }
    let wanted = "a mapping from environments to values, such as production: {price: 14.00}";
    let unknown = |reader: &mut Reader<'_>, node, key: &str, place| {
        unknown_field(reader, node, key, (offer_type, place));
    };
    let entries = reader.mapping(yaml, wanted).unwrap_or_default();
    let read = entries.iter().map(|(name, node, yaml)| ForEnvironment {
        name: name.to_string(),
        span: reader.span(*node),
        body: body(reader, yaml, (offer_type, Scope::Environment), &unknown),
    });
    read.collect()
}

fn read_field(
    reader: &mut Reader<'_>,
    yaml: &Yaml<'_>,
    (path, offer_type): (FieldPath, OfferType),
    body: &mut Body,
) {
    let field = path.field;
    // `period: null` beside `expiresAt` takes the period of the defaults away.
    let replaceable = matches!(
        field,
        Field::Period | Field::ExpiresAt | Field::BillingCycle | Field::Entitlement
    );
    if replaceable && yaml.data == Data::Null {
        body.unset.insert(field);
        return;
    }
    if field == Field::EventAssociation {
        body.events = event_references(reader, yaml);
    }
    let into = (&mut body.content.fields, &mut body.places);
    read_into(reader, yaml, (path, offer_type), into);
}

/// Notes where a field stands, and whether it is `null`.
fn note(reader: &Reader<'_>, yaml: &Yaml<'_>, path: FieldPath, places: &mut Places) {
    let span = reader.span(yaml.node);
    if yaml.data == Data::Null {
        places.set_null(Part::Field(path), span);
    } else {
        places.set(Part::Field(path), span);
    }
}

/// Reads a value into its fields; `price: {amount: 12.00, rules: […]}` is two.
fn read_into(
    reader: &mut Reader<'_>,
    yaml: &Yaml<'_>,
    (path, offer_type): (FieldPath, OfferType),
    (fields, places): (&mut Fields, &mut Places),
) {
    note(reader, yaml, path, places);
    let mut read = |reader: &mut Reader<'_>, yaml: &Yaml<'_>, path: FieldPath| {
        if let Some(value) = value::field(reader, yaml, (path, offer_type)) {
            fields.set(path.field, value);
        }
    };
    if path.field == Field::Price
        && let Data::Mapping(_) = yaml.data
    {
        let Some(mut entries) = reader.entries(yaml, "a price") else {
            return;
        };
        if let Some(amount) = entries.require(reader, "amount") {
            note(reader, amount, path, places);
            read(reader, amount, path);
        }
        if let Some(rules) = entries.written("rules") {
            let path = FieldPath {
                field: Field::PriceRules,
                ..path
            };
            note(reader, rules, path, places);
            read(reader, rules, path);
        }
        entries.finish(reader);
        return;
    }
    read(reader, yaml, path);
}

/// Reports a key that offers of this type, or their localizations, do not have.
pub(super) fn unknown_field(
    reader: &mut Reader<'_>,
    node: NodeId,
    key: &str,
    (offer_type, place): (OfferType, Place),
) {
    let others = Field::types_with(key);
    if !others.is_empty() && !key.contains('.') {
        let others = others
            .iter()
            .map(|other| other.as_str())
            .collect::<Vec<_>>()
            .join(", ");
        let message = format!("offers of type {offer_type} have no `{key}`");
        reader.error_with_help(
            node,
            Code::UnknownKey,
            message,
            format!("these have it: {others}"),
        );
        return;
    }
    let mut known: Vec<&str> = Field::all()
        .filter(|field| Field::of_type(field.name(), offer_type) == Some(*field))
        .map(Field::name)
        .filter(|name| !name.contains('.'))
        .collect();
    match place {
        Place::Localization if OWN_KEYS.contains(&key) => {
            let message = format!("`{key}` cannot differ per country");
            let help = "write it at the top of the offer";
            reader.error_with_help(node, Code::UnknownKey, message, help);
            return;
        }
        Place::Top => known.extend(OWN_KEYS),
        Place::Environment => known.extend(["localizations", "lifecycle"]),
        Place::Localization => known.push("currency"),
    }
    let message = format!(
        "`{}` is no field of an offer of type {offer_type}",
        cut(key)
    );
    let meant = did_you_mean(key, known.iter().copied());
    let help = match meant {
        Some(meant) => format!("did you mean `{meant}`?"),
        None if key == MERGE_KEY => MERGE_HELP.to_owned(),
        None => format!("its fields are {}", known.join(", ")),
    };
    reader.unknown_entry((node, key, meant), message, help);
}

/// Where a key of an offer stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// At the top of the offer.
    Top,
    /// At the top of what it says for one environment.
    Environment,
    /// In one of its localizations.
    Localization,
}

/// What to do with a key that a type does not have.
pub(super) type Outside<'a> = &'a dyn Fn(&mut Reader<'_>, NodeId, &str, Place);

fn localizations(
    reader: &mut Reader<'_>,
    yaml: &Yaml<'_>,
    (offer_type, scope, outside): (OfferType, Scope, Outside<'_>),
    body: &mut Body,
) -> Option<Localizations> {
    if yaml.data == Data::Null {
        return None;
    }
    let entries = reader.mapping(
        yaml,
        "a mapping from countries to values, such as FR: {currency: EUR, price: 9.00}",
    )?;
    // Made at once, a map has full nodes: half the memory of one that is filled entry by entry.
    let mut localizations = Vec::with_capacity(entries.len());
    for (key, node, yaml) in entries {
        let Some(country) = value::country_code(reader, *node, key) else {
            continue;
        };
        let places = &mut body.places;
        let may_inherit = scope != Scope::Defaults;
        if may_inherit && yaml.data == Data::Null {
            places.set_null(Part::Localization(country), reader.span(*node));
            body.without.insert(country, *node);
            continue;
        }
        places.set(Part::Localization(country), reader.span(*node));
        let of = (offer_type, country, outside);
        let Some((fields, currency)) = localization(reader, yaml, of, places) else {
            continue;
        };
        match currency {
            Some(Some(currency)) => {
                localizations.push((country, Localization { currency, fields }));
            }
            // A currency that could not be read has its own diagnostic.
            Some(None) => {}
            None if may_inherit => {
                body.without_currency.insert(country, (fields, yaml.node));
            }
            None => value::no_currency(reader, yaml.node, country),
        }
    }
    if entries.is_empty() {
        let help = "leave `localizations` out, or list the countries";
        reader.error_with_help(
            yaml.node,
            Code::WrongShape,
            "there are no localizations in it",
            help,
        );
        return None;
    }
    Some(localizations.into_iter().collect())
}

/// The fields of a localization, and its currency: `Some(None)` if it could not be read.
type Row = (Fields, Option<Option<Currency>>);

fn localization(
    reader: &mut Reader<'_>,
    yaml: &Yaml<'_>,
    (offer_type, country, outside): (OfferType, Country, Outside<'_>),
    places: &mut Places,
) -> Option<Row> {
    let mut fields = Fields::new();
    let mut currency = None;
    for (key, node, yaml) in
        reader.mapping(yaml, "a mapping such as {currency: EUR, price: 9.00}")?
    {
        if &**key == "currency" {
            places.set(Part::LocalizationCurrency(country), reader.span(yaml.node));
            currency = Some(value::currency(reader, yaml));
            continue;
        }
        match Field::of_type(key, offer_type) {
            Some(Field::PriceRules) | None => outside(reader, *node, key, Place::Localization),
            Some(field) => {
                let path = FieldPath::localized(country, field);
                let of = (path, offer_type);
                read_into(reader, yaml, of, (&mut fields, places));
            }
        }
    }
    // A copy is as large as it has to be. Shrinking would leave holes that nothing fits into, one for each of
    // perhaps a million rows.
    Some((fields.clone(), currency))
}

fn references(reader: &mut Reader<'_>, yaml: &Yaml<'_>) -> Vec<Reference> {
    if yaml.data == Data::Null {
        return Vec::new();
    }
    let mut found: Vec<Reference> = Vec::new();
    for item in reader
        .list(yaml, "a list of names of offers")
        .unwrap_or_default()
    {
        let Some(name) = value::name(reader, item) else {
            continue;
        };
        if found.iter().any(|reference| reference.name == name) {
            reader.error(
                item.node,
                Code::DuplicateEntry,
                format!("`{name}` stands twice in the list"),
            );
        } else {
            found.push(Reference {
                name,
                span: reader.span(item.node),
            });
        }
    }
    found
}

/// The places of the offers that `eventAssociation` names; mistakes in it are noted when the field is read.
fn event_references(reader: &Reader<'_>, yaml: &Yaml<'_>) -> Vec<Reference> {
    let Data::Sequence(items) = &yaml.data else {
        return Vec::new();
    };
    let reference = |item: &Yaml<'_>| {
        let Data::Scalar(text) = &item.data else {
            return None;
        };
        match text.parse() {
            Ok(EventRef::Offer(name)) => Some(Reference {
                name,
                span: reader.span(item.node),
            }),
            Ok(EventRef::Id(_)) | Err(_) => None,
        }
    };
    items.iter().filter_map(reference).collect()
}

fn environments(reader: &mut Reader<'_>, yaml: &Yaml<'_>) -> Option<BTreeSet<String>> {
    if yaml.data == Data::Null {
        return None;
    }
    let mut environments = BTreeSet::new();
    for item in reader.list(yaml, "a list of environments")? {
        let Some(name) = reader.scalar(item, "an environment") else {
            continue;
        };
        if !environments.insert(name.to_owned()) {
            let message = format!("`{}` stands twice in the list", cut(name));
            reader.error(item.node, Code::DuplicateEntry, message);
        }
    }
    Some(environments)
}

fn ids(
    reader: &mut Reader<'_>,
    yaml: &Yaml<'_>,
    offer_type: OfferType,
) -> BTreeMap<String, LiveId> {
    let mut ids = BTreeMap::new();
    if yaml.data == Data::Null {
        return ids;
    }
    for (environment, _, yaml) in reader
        .mapping(yaml, "a mapping from environments to ids")
        .unwrap_or_default()
    {
        let Some(text) = reader.scalar(yaml, "an offer id") else {
            continue;
        };
        if let Some(id) = value::offer_id(reader, yaml, text, offer_type) {
            let span = reader.span(yaml.node);
            ids.insert(environment.to_string(), LiveId { id, span });
        }
    }
    ids
}

impl Body {
    /// Makes a manifest of it.
    pub(super) fn into_manifest(
        mut self,
        name: Name,
        offer_type: OfferType,
        name_span: Span,
    ) -> Manifest {
        self.places.set(Part::Name, name_span);
        self.places.shrink();
        self.content.fields.shrink();
        Manifest {
            name,
            offer_type,
            content: Arc::new(self.content),
            depends_on: self.depends_on.unwrap_or_default(),
            events: self.events,
            only: self.only,
            ids: self.ids,
            moved_from: self.moved_from,
            lifecycle: self.lifecycle,
            overrides: Overrides::default(),
            file: Arc::default(),
            places: Arc::new(self.places),
        }
    }
}
