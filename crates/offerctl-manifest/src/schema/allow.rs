//! The schema of an entry of `allow`, which manifests and `offerctl.yaml` share.

use offerctl_model::field::Field;
use serde_json::{Map, Value as Json, json};

use crate::manifest::EVERY_OTHER_COUNTRY;

/// Makes the schema: one alternative for each kind.
pub(super) fn approval() -> Json {
    let country = json!({ "type": "string", "pattern": "^[A-Z]{2}$" });
    let countries = |description: &str, item: Json| json!({ "description": description, "type": "array", "items": item, "minItems": 1, "uniqueItems": true });
    let price = |description: &str| {
        json!({
            "description": description,
            "anyOf": [{ "type": "number", "minimum": 0 }, { "type": "string", "pattern": r"^(0|[1-9][0-9]*)(\.[0-9]+)?$" }],
        })
    };
    let localizations = countries(
        "The localizations whose prices these are. By default all prices.",
        country.clone(),
    );
    let lost = json!({ "anyOf": [country, { "const": EVERY_OTHER_COUNTRY }] });
    let mut fields: Vec<&str> = Field::all()
        .filter(|field| *field != Field::Marker)
        .map(Field::name)
        .collect();
    fields.sort_unstable();
    fields.dedup();
    let alternatives = [
        kind(
            "priceChange",
            "Prices that move further than `maxPriceChange`.",
            &["max"],
            json!({
                "max": { "description": "How far, in percent of the price before, such as 60%.", "type": "string", "pattern": r"^[0-9]+(\.[0-9]+)? ?%$" },
                "direction": { "description": "Where to. By default both ways.", "enum": ["up", "down"] },
                "countries": localizations,
            }),
        ),
        kind(
            "priceRange",
            "Prices out of the range in `guards.price`. Give `min`, `max` or both.",
            &["currency"],
            json!({
                "currency": { "description": "The currency of the prices.", "type": "string", "pattern": "^[A-Z]{3}$" },
                "min": price("The lowest price."),
                "max": price("The highest price."),
                "countries": localizations,
            }),
        ),
        kind(
            "deactivations",
            "Offers that are deactivated, and do not count for `maxDeactivations`.",
            &[],
            json!({}),
        ),
        kind(
            "removeCountries",
            "Countries that offers are no longer sold in.",
            &["countries"],
            json!({ "countries": countries(
                "The countries that may go; \"*\" for all that a first whitelist does not name.",
                lost,
            ) }),
        ),
        kind(
            "replacements",
            "Offers that are replaced by new ones.",
            &[],
            json!({}),
        ),
        kind(
            "adopt",
            "Names that adopt the live offer with their title and url.",
            &[],
            json!({}),
        ),
        kind(
            "clears",
            "Offers that lose the value of a field that is no longer declared.",
            &["field"],
            json!({ "field": { "description": "The field.", "enum": fields } }),
        ),
    ];
    json!({
        "description": "A change that a guard would refuse and that is approved, once for each offer and country.",
        "oneOf": alternatives,
    })
}

/// An entry that approves one kind of change.
fn kind(name: &str, description: &str, required: &[&str], own: Json) -> Json {
    let mut properties = Map::new();
    properties.insert(
        "offers".to_owned(),
        json!({
            "description": "Names of offers, or patterns such as films-*.",
            "type": "array",
            "items": { "type": "string", "pattern": r"^[a-z0-9*][a-z0-9*-]*$" },
            "minItems": 1,
            "uniqueItems": true,
        }),
    );
    if let Json::Object(own) = own {
        properties.extend(own);
    }
    properties.insert(
        "environments".to_owned(),
        json!({
            "description": "The environments in which it holds. By default all.",
            "type": "array",
            "items": { "type": "string" },
            "minItems": 1,
            "uniqueItems": true,
        }),
    );
    let required: Vec<&str> = ["offers"]
        .into_iter()
        .chain(required.iter().copied())
        .collect();
    json!({
        "type": "object",
        "required": [name, "reason", "until"],
        "additionalProperties": false,
        "properties": {
            name: {
                "description": description,
                "type": "object",
                "required": required,
                "additionalProperties": false,
                "properties": properties,
            },
            "reason": { "type": "string", "minLength": 1, "description": "Why." },
            "until": { "type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$", "description": "The last day, in UTC." },
        },
    })
}
