//! The schema of manifests, made from the table of fields.

use offerctl_model::content::FieldPath;
use offerctl_model::field::{Field, Kind, Member};
use offerctl_model::money::JSON_RPC_CURRENCIES;
use offerctl_model::name::Name;
use offerctl_model::offer_type::{Api, OfferType};
use schemars::{Schema, json_schema};
use serde_json::{Map, Value as Json, json};

use crate::manifest::null::is_never_possible;

/// Makes the schema: one definition per type, so that an editor completes just the fields of that type.
pub(super) fn schema() -> Schema {
    let mut definitions = shared_definitions();
    let mut alternatives = Vec::new();
    for offer_type in OfferType::ALL {
        definitions.insert(offer_type.as_str().to_owned(), offer(offer_type));
        definitions.insert(
            format!("{offer_type}InEnvironment"),
            in_environment(offer_type),
        );
        alternatives.push(json!({ "$ref": format!("#/definitions/{offer_type}") }));
        if has_localizations(offer_type) {
            definitions.insert(
                format!("{offer_type}Localization"),
                localization(offer_type, Scope::Offer),
            );
            definitions.insert(
                format!("{offer_type}LocalizationInEnvironment"),
                localization(offer_type, Scope::Environment),
            );
        }
    }
    definitions.insert("defaults".to_owned(), defaults());
    let row = localization(OfferType::Subscription, Scope::Defaults);
    definitions.insert("defaultsLocalization".to_owned(), row);
    definitions.insert("approval".to_owned(), super::allow::approval());
    let mut schema = json_schema!({
        "title": "offerctl manifest",
        "description": "Offers at Cleeng, as offerctl applies them.",
        "type": "object",
        "required": ["version", "offers"],
        "additionalProperties": false,
        "properties": {
            "version": { "description": "The version of the file: 1.", "const": 1 },
            "defaults": { "$ref": "#/definitions/defaults" },
            "allow": {
                "description": "Changes that guards would refuse and that are approved, for the offers of this file.",
                "type": ["array", "null"],
                "items": { "$ref": "#/definitions/approval" },
            },
            "offers": {
                "description": "The offers by their names, which are unique in the whole project.",
                "type": ["object", "null"],
                "propertyNames": { "pattern": format!("^[a-z0-9][a-z0-9-]{{0,{}}}$", Name::MAX_LENGTH - 1) },
                "additionalProperties": { "oneOf": alternatives },
            },
        },
    });
    schema.insert(
        "$schema".to_owned(),
        json!("http://json-schema.org/draft-07/schema#"),
    );
    schema.insert("definitions".to_owned(), Json::Object(definitions));
    schema
}

fn has_localizations(offer_type: OfferType) -> bool {
    Api::ALL
        .into_iter()
        .any(|api| Field::Price.is_localizable(api, offer_type))
}

/// Whether something is said under every offer of a file, in one, or in one for one environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scope {
    Defaults,
    Offer,
    Environment,
}

fn properties_of(offer_type: OfferType) -> Map<String, Json> {
    let mut properties = Map::new();
    for field in fields(|field| Field::of_type(field.name(), offer_type) == Some(field)) {
        properties.insert(field.name().to_owned(), property(field, Some(offer_type)));
    }
    properties
}

/// What an offer may say for one environment.
fn in_environment(offer_type: OfferType) -> Json {
    let mut properties = properties_of(offer_type);
    if has_localizations(offer_type) {
        let mut localizations = localizations(&format!("{offer_type}LocalizationInEnvironment"));
        localizations["description"] = json!(
            "Countries whose values differ in this environment, merged value by value; null for a country that it does not have."
        );
        properties.insert("localizations".to_owned(), localizations);
    }
    properties.insert(
        "lifecycle".to_owned(),
        json!({ "$ref": "#/definitions/lifecycle" }),
    );
    json!({
        "description": "What differs in one environment.",
        "type": "object",
        "additionalProperties": false,
        "properties": properties,
    })
}

fn offer(offer_type: OfferType) -> Json {
    let mut properties = Map::new();
    properties.insert(
        "type".to_owned(),
        json!({ "description": describe(offer_type), "const": offer_type.as_str() }),
    );
    properties.extend(properties_of(offer_type));
    properties.insert(
        "environments".to_owned(),
        json!({
            "description": "What differs in some environments, such as {production: {price: 14.00}}.",
            "type": ["object", "null"],
            "additionalProperties": { "$ref": format!("#/definitions/{offer_type}InEnvironment") },
        }),
    );
    properties.extend(own_properties());
    if has_localizations(offer_type) {
        properties.insert(
            "localizations".to_owned(),
            localizations(&format!("{offer_type}Localization")),
        );
    }
    json!({
        "description": describe(offer_type),
        "type": "object",
        "required": ["type"],
        "additionalProperties": false,
        "properties": properties,
    })
}

fn describe(offer_type: OfferType) -> &'static str {
    match offer_type {
        OfferType::Subscription => "Recurring access, billed every period.",
        OfferType::Pass => "Access for a period, or until a date, paid once.",
        OfferType::Single => "One piece of content, bought for good.",
        OfferType::Rental => "One piece of content for a number of hours.",
        OfferType::Event => "A live event.",
        OfferType::Vod => "A video on demand, bought or rented, possibly together with an event.",
    }
}

/// The fields for which something holds; `price.rules` stands inside `price`, and our marker in no manifest.
fn fields(holds: impl Fn(Field) -> bool) -> impl Iterator<Item = Field> {
    Field::all()
        .filter(|field| !matches!(field, Field::PriceRules | Field::Marker))
        .filter(move |field| holds(*field))
}

fn localization(offer_type: OfferType, scope: Scope) -> Json {
    let localizable = |field: Field| {
        Api::ALL
            .into_iter()
            .any(|api| field.is_localizable(api, offer_type))
    };
    let mut properties = Map::new();
    properties.insert(
        "currency".to_owned(),
        json!({
            "description": "Currency of the prices of this country. Cannot be changed later.",
            "$ref": "#/definitions/currency",
        }),
    );
    for field in fields(localizable) {
        properties.insert(field.name().to_owned(), property(field, Some(offer_type)));
    }
    let (description, may_inherit) = match scope {
        Scope::Defaults => ("What differs for one country.", false),
        Scope::Offer => (
            "What differs for one country; one that `defaults` have keeps its currency, and null takes it out.",
            true,
        ),
        Scope::Environment => (
            "What differs for one country in one environment; a country that the offer has elsewhere keeps its currency, and null takes it out.",
            true,
        ),
    };
    let mut row = json!({
        "description": description,
        "type": if may_inherit { json!(["object", "null"]) } else { json!("object") },
        "additionalProperties": false,
        "properties": properties,
    });
    if !may_inherit {
        row["required"] = json!(["currency"]);
    }
    row
}

fn localizations(definition: &str) -> Json {
    json!({
        "description": "Countries with a price of their own. The values at the top are the defaults of each.",
        "type": ["object", "null"],
        "propertyNames": { "pattern": "^[A-Z]{2}$" },
        "additionalProperties": { "$ref": format!("#/definitions/{definition}") },
    })
}

/// What may stand in `defaults`: every field of any type.
fn defaults() -> Json {
    let mut properties = Map::new();
    for field in fields(|_| true) {
        let alternative = property(field, None);
        match properties.remove(field.name()) {
            // `period` is a word for some types and a number for rentals.
            Some(first) => properties.insert(
                field.name().to_owned(),
                json!({ "anyOf": [first, alternative] }),
            ),
            None => properties.insert(field.name().to_owned(), alternative),
        };
    }
    let own = own_properties()
        .into_iter()
        .filter(|(key, _)| !matches!(key.as_str(), "ids" | "movedFrom"));
    properties.extend(own);
    properties.insert(
        "localizations".to_owned(),
        localizations("defaultsLocalization"),
    );
    json!({
        "description": "Values that are merged under every offer of this file, each into the types that have the field.",
        "type": ["object", "null"],
        "additionalProperties": false,
        "properties": properties,
    })
}

/// What every offer has beside its fields.
fn own_properties() -> Map<String, Json> {
    let names = |description: &str| {
        json!({
            "description": description,
            "type": ["array", "null"],
            "items": { "$ref": "#/definitions/name" },
            "uniqueItems": true,
        })
    };
    let mut properties = Map::new();
    properties.insert(
        "dependsOn".to_owned(),
        names("Offers that must be there before this one, and that are not taken out of the shop before it."),
    );
    properties.insert(
        "only".to_owned(),
        json!({
            "description": "The environments that have this offer; all, if left out.",
            "type": ["array", "null"],
            "items": { "type": "string" },
        }),
    );
    properties.insert(
        "ids".to_owned(),
        json!({
            "description": "The live offer to adopt, by environment, such as {production: P123123123_US}.",
            "type": ["object", "null"],
            "additionalProperties": { "type": "string", "pattern": "^[SPEAR][1-9][0-9]{8}(_[A-Z]{2})?$" },
        }),
    );
    properties.insert(
        "movedFrom".to_owned(),
        json!({ "description": "The name of the offer before it was renamed.", "$ref": "#/definitions/name" }),
    );
    properties.insert(
        "lifecycle".to_owned(),
        json!({ "$ref": "#/definitions/lifecycle" }),
    );
    properties
}

fn property(field: Field, offer_type: Option<OfferType>) -> Json {
    let mut schema = kind(field.kind());
    if field == Field::Price {
        let rules = kind(Field::PriceRules.kind());
        let rules = json!({ "anyOf": [rules, { "type": "null" }] });
        schema = json!({ "anyOf": [schema, {
            "type": "object",
            "required": ["amount"],
            "additionalProperties": false,
            "properties": {
                "amount": schema,
                "rules": described(rules, Field::PriceRules.doc()),
            },
        }] });
    }
    if let (Kind::Period, Some(offer_type)) = (field.kind(), offer_type) {
        schema = json!({ "enum": Field::periods(offer_type, true) });
    }
    let of_types =
        offer_type.map_or_else(|| OfferType::ALL.to_vec(), |offer_type| vec![offer_type]);
    let shortest = |field: Field| {
        let lengths = Api::ALL.into_iter().flat_map(|api| {
            of_types
                .clone()
                .into_iter()
                .filter(move |of_type| field.exists_in(api, *of_type))
                .map(move |of_type| field.max_length(api, of_type))
        });
        // A text is only refused by the schema if no generation takes it.
        lengths
            .collect::<Option<Vec<usize>>>()
            .and_then(|lengths| lengths.into_iter().max())
    };
    if let (Kind::Text, Some(length)) = (field.kind(), shortest(field)) {
        schema["maxLength"] = json!(length);
    }
    let clearable =
        offerctl_model::value::Value::cleared(field.kind()).is_some() && !field.is_essential();
    // `period: null` takes the period of the defaults away.
    let unsettable = matches!(
        field,
        Field::Period | Field::ExpiresAt | Field::BillingCycle | Field::Entitlement
    );
    // Where a generation of the API does not have the field, `null` says nothing there.
    let unsaid = |of_type: &OfferType| {
        Field::of_type(field.name(), *of_type) == Some(field)
            && !is_never_possible(FieldPath::top(field), *of_type)
    };
    if clearable || unsettable || of_types.iter().any(unsaid) {
        schema = json!({ "anyOf": [schema, { "type": "null" }] });
    }
    described(schema, field.doc())
}

fn described(mut schema: Json, description: &str) -> Json {
    if schema.get("$ref").is_some() {
        // Draft 7 ignores what stands beside a reference.
        schema = json!({ "allOf": [schema] });
    }
    schema["description"] = json!(description);
    schema
}

fn kind(kind: Kind) -> Json {
    let reference = |name: &str| json!({ "$ref": format!("#/definitions/{name}") });
    match kind {
        // Plain YAML scalars such as 007 or true are texts here, but an editor reads them as something else.
        Kind::Text => json!({ "type": ["string", "number", "boolean"] }),
        Kind::TimeZone => {
            json!({ "type": "string", "examples": ["Europe/Oslo", "America/New_York"] })
        }
        Kind::Url => json!({ "type": "string" }),
        Kind::Choice(choices) => json!({ "enum": choices }),
        Kind::Period => {
            let mut all: Vec<&str> = OfferType::ALL
                .iter()
                .flat_map(|of_type| Field::periods(*of_type, true))
                .copied()
                .collect();
            all.sort_unstable();
            all.dedup();
            json!({ "enum": all })
        }
        Kind::Price | Kind::Rate => reference("price"),
        Kind::Currency => reference("currency"),
        Kind::Integer { min, max } if max == u32::MAX => {
            json!({ "type": "integer", "minimum": min })
        }
        Kind::Integer { min, max } => json!({ "type": "integer", "minimum": min, "maximum": max }),
        Kind::Flag => json!({ "type": "boolean" }),
        Kind::Time => reference("time"),
        Kind::Tags => reference("tags"),
        Kind::GeoRestriction => reference("geoRestriction"),
        Kind::Events => json!({
            "type": "array",
            "items": { "type": "string", "pattern": "^([a-z0-9][a-z0-9-]{0,62}|id:E[1-9][0-9]{8}(_[A-Z]{2})?)$" },
            "uniqueItems": true,
        }),
        Kind::TextMap => {
            json!({ "type": "object", "additionalProperties": { "type": ["string", "number", "boolean"] } })
        }
        Kind::Texts(keys) => {
            let properties: Map<String, Json> = keys
                .iter()
                .map(|key| ((*key).to_owned(), json!({ "type": ["string", "number"] })))
                .collect();
            json!({ "type": "object", "additionalProperties": false, "properties": properties })
        }
        Kind::Record(members) => record(members),
        Kind::Records(members) => json!({ "type": "array", "items": record(members) }),
    }
}

fn record(members: &[Member]) -> Json {
    let properties: Map<String, Json> = members
        .iter()
        .map(|member| (member.name.to_owned(), kind(member.kind)))
        .collect();
    let required: Vec<&str> = members
        .iter()
        .filter(|member| member.required)
        .map(|member| member.name)
        .collect();
    json!({ "type": "object", "additionalProperties": false, "required": required, "properties": properties })
}

/// The names of fields that `lifecycle.ignore` takes.
fn ignorable() -> Vec<&'static str> {
    let mut names: Vec<&str> = Field::all()
        .filter(|field| !Field::types_with(field.name()).is_empty())
        .map(Field::name)
        .collect();
    names.dedup();
    names
}

/// What may happen to an offer, with the overrides of guards.
fn lifecycle(country: &Json) -> Json {
    let reason = json!({ "type": "string", "minLength": 1, "description": "Why." });
    let date = json!({ "type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$", "description": "The last day, in UTC." });
    let one_or_many =
        |schema: Json| json!({ "anyOf": [schema, { "type": "array", "items": schema }] });
    let price_change = json!({
        "type": "object",
        "required": ["to", "reason", "until"],
        "additionalProperties": false,
        "properties": {
            "to": { "description": "The very price that is meant.", "allOf": [{ "$ref": "#/definitions/price" }] },
            "country": { "description": "The localization whose price it is.", "type": "string", "pattern": "^[A-Z]{2}$" },
            "reason": reason,
            "until": date,
        },
    });
    let remove_countries = json!({
        "type": "object",
        "required": ["countries", "reason", "until"],
        "additionalProperties": false,
        "properties": {
            "countries": {
                "description": "The countries that may go; \"*\" for all that a first whitelist does not name.",
                "type": "array",
                "items": { "anyOf": [country, { "const": crate::manifest::EVERY_OTHER_COUNTRY }] },
            },
            "reason": reason,
            "until": date,
        },
    });
    let copy_of = json!({
        "type": "object",
        "required": ["offer", "reason", "until"],
        "additionalProperties": false,
        "properties": {
            "offer": { "description": "The other offer.", "allOf": [{ "$ref": "#/definitions/name" }] },
            "reason": reason,
            "until": date,
        },
    });
    json!({
        "description": "What may happen to the offer, and which refusals are overridden for it.",
        "type": ["object", "null"],
        "additionalProperties": false,
        "properties": {
            "protect": { "description": "Never deactivate or replace the offer.", "type": "boolean" },
            "onImmutableChange": {
                "description": "What happens when something changes that cannot change, such as the type.",
                "enum": ["refuse", "replace"],
            },
            "priceChange": described(one_or_many(price_change), "Price moves that are meant, however large."),
            "removeCountries": described(one_or_many(remove_countries), "Countries that are meant to go."),
            "copyOf": described(copy_of, "An offer that this one is meant to be like in title, address, price and term."),
            "ignore": {
                "description": "Fields that offerctl sends when it creates the offer, and leaves alone afterwards: neither compared nor cleared.",
                "type": "array",
                "items": { "enum": ignorable() },
                "uniqueItems": true,
            },
            "distinctFrom": {
                "description": "Live offers that this one is not, by id, however alike they look.",
                "type": "array",
                "uniqueItems": true,
                "items": { "type": "string", "pattern": "^[SPEAR][1-9][0-9]{8}(_[A-Z]{2})?$" },
            },
        },
    })
}

fn shared_definitions() -> Map<String, Json> {
    let country = json!({ "type": "string", "pattern": "^[A-Z]{2}$" });
    let definitions = json!({
        "name": {
            "type": "string",
            "description": "The name of an offer: a-z, 0-9 and -, up to 63 characters.",
            "pattern": "^[a-z0-9][a-z0-9-]{0,62}$",
        },
        "price": {
            "description": "A plain decimal number such as 12.00.",
            "anyOf": [{ "type": "number", "minimum": 0 }, { "type": "string", "pattern": r"^(0|[1-9][0-9]*)(\.[0-9]+)?$" }],
        },
        "currency": {
            "description": "A currency code such as EUR. JSON-RPC knows twelve, REST those of ISO 4217.",
            "type": "string",
            "pattern": "^[A-Z]{3}$",
            "examples": JSON_RPC_CURRENCIES,
        },
        "time": {
            "description": "RFC 3339 with an offset, such as 2026-06-01T20:00:00+02:00, or unix seconds.",
            "anyOf": [
                { "type": "string", "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}([Zz]|[+-][0-9]{2}:?[0-9]{2})(\[.*\])?$" },
                { "type": "integer", "minimum": 0 },
                { "type": "string", "pattern": "^[0-9]+$" },
            ],
        },
        "tags": {
            "type": "array",
            "items": { "type": ["string", "number", "boolean"], "minLength": 1 },
            "uniqueItems": true,
        },
        "geoRestriction": {
            "type": "object",
            "required": ["type", "countries"],
            "additionalProperties": false,
            "properties": {
                "type": {
                    "description": "whitelist: sold only in these countries; blacklist: not sold in them.",
                    "enum": ["whitelist", "blacklist"],
                },
                "countries": { "type": "array", "items": country, "minItems": 1, "uniqueItems": true },
            },
        },
        "lifecycle": lifecycle(&country),
    });
    if let Json::Object(definitions) = definitions {
        definitions
    } else {
        Map::new()
    }
}
