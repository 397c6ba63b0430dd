//! The schema of `offerctl.yaml`, made from the table of its keys.

use schemars::{Schema, json_schema};
use serde_json::{Map, Number, Value as Json, json};

use crate::project::table::{Choice, Key, Kind, PROJECT, Section, seconds};

/// Makes the schema, with one definition for each section and each choice.
pub(super) fn schema() -> Schema {
    let mut definitions = Map::new();
    let file = section(&PROJECT, &mut definitions);
    let mut schema = json_schema!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": PROJECT.title,
        "definitions": definitions,
    });
    if let Json::Object(file) = file {
        schema.ensure_object().extend(file);
    }
    schema
}

fn section(section: &Section, definitions: &mut Map<String, Json>) -> Json {
    let mut properties = Map::new();
    for key in section.keys {
        let mut property = kind(&key.kind, definitions);
        if !key.is_required() {
            property = or_null(property);
        }
        property["description"] = json!(key.doc());
        properties.insert(key.name.to_owned(), property);
    }
    let required = section.keys.iter().filter(|key| key.is_required());
    let required: Vec<&str> = required.map(|key| key.name).collect();
    let mut schema = json!({
        "description": section.doc,
        "type": "object",
        "additionalProperties": false,
        "properties": properties,
    });
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    schema
}

/// Lets a key say nothing, which counts as not there.
fn or_null(schema: Json) -> Json {
    match schema.get("type").cloned() {
        Some(of_type) => {
            let mut schema = schema;
            schema["type"] = json!([of_type, "null"]);
            schema
        }
        None => json!({ "anyOf": [schema, { "type": "null" }] }),
    }
}

fn kind(of: &Kind, definitions: &mut Map<String, Json>) -> Json {
    match *of {
        Kind::Version => {
            json!({ "type": "integer", "format": "uint32", "minimum": 0, "const": 1 })
        }
        Kind::Text(_) => json!({ "type": "string" }),
        Kind::List(_, of) => json!({ "type": "array", "items": kind(of, definitions) }),
        Kind::Map(_, of) => {
            json!({ "type": "object", "additionalProperties": kind(of, definitions) })
        }
        Kind::Integer { min, max } => {
            let mut schema = json!({ "type": "integer", "format": "uint32", "minimum": min });
            if max < u64::from(u32::MAX) {
                schema["maximum"] = json!(max);
            }
            schema
        }
        Kind::Seconds { min, max } => {
            let (min, max) = (number(min), number(max));
            json!({ "type": "number", "format": "double", "minimum": min, "maximum": max })
        }
        Kind::Price => json!({ "type": "number", "format": "double" }),
        Kind::Percent => json!({ "type": "string", "pattern": r"^[0-9]+(\.[0-9]+)? ?%$" }),
        Kind::Flag => json!({ "type": "boolean" }),
        Kind::Country => json!({ "type": "string", "pattern": "^[A-Z]{2}$" }),
        Kind::Currency => json!({ "type": "string", "pattern": "^[A-Z]{3}$" }),
        Kind::Choice(of) => reference(of.title, choice(of), definitions),
        Kind::Section(_, of) => reference(of.title, section(of, definitions), definitions),
        Kind::Approvals => {
            definitions.insert("approval".to_owned(), super::allow::approval());
            json!({ "type": "array", "items": { "$ref": "#/definitions/approval" } })
        }
        Kind::OneOf(of) => reference(of.title, one_of(of, definitions), definitions),
    }
}

/// Defines something and refers to it.
fn reference(title: &str, definition: Json, definitions: &mut Map<String, Json>) -> Json {
    definitions.insert(title.to_owned(), definition);
    json!({ "$ref": format!("#/definitions/{title}") })
}

/// Milliseconds as a number of seconds.
fn number(milliseconds: u32) -> Option<Number> {
    seconds(milliseconds).to_string().parse().ok()
}

fn choice(choice: &Choice) -> Json {
    let words = choice.words.iter();
    let words =
        words.map(|(word, doc)| json!({ "type": "string", "const": word, "description": doc }));
    json!({ "description": choice.doc, "oneOf": words.collect::<Vec<_>>() })
}

fn one_of(section: &Section, definitions: &mut Map<String, Json>) -> Json {
    let mut alternative = |key: &Key| {
        json!({
            "description": key.doc(),
            "type": "object",
            "additionalProperties": false,
            "required": [key.name],
            "properties": { key.name: kind(&key.kind, definitions) },
        })
    };
    let alternatives: Vec<Json> = section.keys.iter().map(&mut alternative).collect();
    json!({ "description": section.doc, "oneOf": alternatives })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::read;
    use crate::source::SourceFile;
    use crate::span::FileId;

    #[test]
    fn what_the_schema_bounds_is_read_up_to_there() {
        let schema = Json::from(schema());
        let mut checked = 0;
        for (section, title) in [("limits", "LimitsEntry"), ("guards", "GuardsEntry")] {
            let properties = &schema["definitions"][title]["properties"];
            for (key, property) in properties.as_object().unwrap() {
                let bounds = ["minimum", "maximum"].map(|bound| property.get(bound));
                for bound in bounds.into_iter().flatten() {
                    let entry = format!("{section}: {{{key}: {bound}}}");
                    let text = format!(
                        "version: 1\nenvironments: {{a: {{endpoint: emulator, {entry}}}}}\n"
                    );
                    let source = SourceFile::new(FileId(0), "offerctl.yaml".to_owned(), text);
                    assert!(read(&source).1.is_empty(), "{entry}");
                    checked += 1;
                }
            }
        }
        assert_eq!(checked, 15);
    }
}
