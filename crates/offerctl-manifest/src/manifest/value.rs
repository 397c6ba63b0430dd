//! Reading the values of fields, each by its [`Kind`], and the names and ids of offers.

use std::collections::BTreeSet;

use offerctl_model::content::FieldPath;
use offerctl_model::country::Country;
use offerctl_model::field::{Field, Kind, Member};
use offerctl_model::foreign::Foreign;
use offerctl_model::money::{Amount, AmountError, Currency};
use offerctl_model::name::{Name, NameError, OfferId};
use offerctl_model::offer_type::{Api, OfferType};
use offerctl_model::value::{
    EventRef, GeoMode, GeoRestriction, Moment, MomentError, Value, record,
};

use super::null::{cleared, is_never_possible};
use crate::diagnostic::Code;
use crate::yaml::{Data, NodeId, Reader, Yaml, cut};

/// Reads the value of a field; `null` clears it. What `null` cannot clear is a mistake where the field is known, which each
/// environment finds out for its generation of the API.
pub(super) fn field(
    reader: &mut Reader<'_>,
    yaml: &Yaml<'_>,
    (path, offer_type): (FieldPath, OfferType),
) -> Option<Value> {
    if yaml.data != Data::Null {
        return value(reader, yaml, path.field.kind());
    }
    if is_never_possible(path, offer_type) {
        let message = never_empty(path.field);
        reader.error_with_help(yaml.node, Code::Null, message, NEVER_EMPTY_HELP);
    }
    cleared(path.field)
}

/// What is wrong with `null` for a field that always has a value.
pub(crate) fn never_empty(field: Field) -> String {
    format!("`{field}` cannot be cleared")
}

/// What to do about it.
pub(crate) const NEVER_EMPTY_HELP: &str = "give it a value, or leave the key out";

fn value(reader: &mut Reader<'_>, yaml: &Yaml<'_>, kind: Kind) -> Option<Value> {
    match kind {
        Kind::Text | Kind::Url | Kind::Period | Kind::TimeZone => {
            reader.scalar(yaml, "a text").map(Value::text)
        }
        Kind::Choice(choices) => reader.choice(yaml, Code::Choice, choices).map(Value::text),
        Kind::Price => price(reader, yaml).map(Value::Amount),
        Kind::Rate => amount(reader, yaml, "a decimal number").map(Value::Amount),
        Kind::Currency => currency(reader, yaml).map(Value::Currency),
        Kind::Integer { min, max } => reader
            .integer(yaml, min.into(), max.into())
            .map(Value::Integer),
        Kind::Flag => reader.flag(yaml).map(Value::Flag),
        Kind::Time => time(reader, yaml).map(Value::Time),
        Kind::Tags => tags(reader, yaml),
        Kind::GeoRestriction => geo_restriction(reader, yaml),
        Kind::Events => events(reader, yaml),
        Kind::TextMap => texts(reader, yaml, None),
        Kind::Texts(keys) => texts(reader, yaml, Some(keys)),
        Kind::Record(members) => record_of(reader, yaml, members),
        Kind::Records(members) => {
            let items = reader.list(yaml, "a list")?;
            Some(Value::Records(
                items
                    .iter()
                    .filter_map(|item| record_of(reader, item, members))
                    .collect(),
            ))
        }
    }
}

/// Reads a price from its text.
pub(crate) fn price(reader: &mut Reader<'_>, yaml: &Yaml<'_>) -> Option<Amount> {
    amount(reader, yaml, "a price such as 12.00")
}

fn amount(reader: &mut Reader<'_>, yaml: &Yaml<'_>, wanted: &str) -> Option<Amount> {
    let text = reader.scalar(yaml, wanted)?;
    let error = match text.parse() {
        Ok(amount) => return Some(amount),
        Err(error) => error,
    };
    let message = format!("`{}` is not {wanted}: {error}", cut(text));
    let help = match &error {
        AmountError::Comma {
            suggestion: Some(suggestion),
        } => format!("did you mean `{suggestion}`?"),
        AmountError::Comma { suggestion: None } => {
            "write thousands without a separator, and decimals after a point".to_owned()
        }
        AmountError::WithCurrency => {
            "write the number alone: the currency is that of the account, or of the localization"
                .to_owned()
        }
        AmountError::Negative | AmountError::Form | AmountError::TooLong => {
            "write digits, and decimals after a point, such as `12.00`".to_owned()
        }
    };
    reader.error_with_help(yaml.node, Code::PriceFormat, message, help);
    None
}

/// Reads a percentage such as `30%`.
pub(crate) fn percent(reader: &mut Reader<'_>, yaml: &Yaml<'_>) -> Option<Amount> {
    let text = reader.scalar(yaml, "a percentage such as 30%")?;
    let found = text
        .strip_suffix('%')
        .and_then(|number| number.trim_end().parse().ok());
    if found.is_none() {
        let message = format!("`{}` is not a percentage", cut(text));
        let help = "write it with its sign, such as `30%`";
        reader.error_with_help(yaml.node, Code::Config, message, help);
    }
    found
}

/// Reads a country; what looks like a misread `NO` is an error that says so.
pub(crate) fn country(reader: &mut Reader<'_>, yaml: &Yaml<'_>) -> Option<Country> {
    let text = reader.scalar(yaml, "a country code")?;
    country_code(reader, yaml.node, text)
}

/// Reads a country from a text that stands at a node, such as the key of a localization.
pub(super) fn country_code(reader: &mut Reader<'_>, node: NodeId, text: &str) -> Option<Country> {
    let found = Country::new(text).filter(|country| country.is_assigned());
    if found.is_none() {
        let message = format!("`{}` is not a country code of ISO 3166-1", cut(text));
        let help = match Country::suggest(text) {
            Some(meant) if meant.as_str() == "NO" => {
                "did you mean `NO`, Norway? Write it in capitals, best in quotes".to_owned()
            }
            Some(meant) => format!("did you mean `{meant}`?"),
            None => "write two capitals, such as `FR`".to_owned(),
        };
        reader.error_with_help(node, Code::Country, message, help);
    }
    found
}

/// Reads a currency by the form of its code; which currencies an API knows is checked for each environment.
pub(crate) fn currency(reader: &mut Reader<'_>, yaml: &Yaml<'_>) -> Option<Currency> {
    let text = reader.scalar(yaml, "a currency code")?;
    let found = Currency::new(text);
    if found.is_none() {
        let message = format!("`{}` is not a currency code", cut(text));
        let help = match Currency::new(&text.to_ascii_uppercase()) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => "write three capitals, such as `EUR`".to_owned(),
        };
        reader.error_with_help(yaml.node, Code::Currency, message, help);
    }
    found
}

/// Reports a localization without a currency.
pub(super) fn no_currency(reader: &mut Reader<'_>, node: NodeId, country: Country) {
    let help = "each localization needs its currency, such as `currency: EUR`";
    let message = format!("`{country}` has no `currency`");
    reader.error_with_help(node, Code::MissingField, message, help);
}

fn time(reader: &mut Reader<'_>, yaml: &Yaml<'_>) -> Option<Moment> {
    let text = reader.scalar(yaml, "a time")?;
    let found = text.parse();
    if let Err(error) = &found {
        let help = match error {
            MomentError::NoOffset => {
                "add the offset from UTC, as in `2026-06-01T20:00:00+02:00`, or `Z`"
            }
            MomentError::Milliseconds => {
                "unix times count seconds: leave the last three digits out"
            }
            MomentError::Fraction | MomentError::Form => {
                "write it as `2026-06-01T20:00:00+02:00`, or as unix seconds"
            }
        };
        reader.error_with_help(
            yaml.node,
            Code::Time,
            format!("`{}`: {error}", cut(text)),
            help,
        );
    }
    found.ok()
}

fn tags(reader: &mut Reader<'_>, yaml: &Yaml<'_>) -> Option<Value> {
    let items = reader.list(yaml, "a list of tags")?;
    let mut tags: BTreeSet<&str> = BTreeSet::new();
    for item in items {
        let Some(tag) = reader.scalar(item, "a tag") else {
            continue;
        };
        if tag.is_empty() {
            reader.error_with_help(
                item.node,
                Code::Tag,
                "the tag is empty",
                "write `[]` for no tags at all",
            );
        } else if tag.trim() != tag {
            let message = format!("the tag `{}` has spaces at its ends", cut(tag));
            reader.error_with_help(
                item.node,
                Code::Tag,
                message,
                format!("did you mean `{}`?", cut(tag.trim())),
            );
        } else if !tags.insert(tag) {
            reader.error(
                item.node,
                Code::DuplicateEntry,
                format!("the tag `{}` stands twice in the list", cut(tag)),
            );
        }
    }
    Some(Value::tags(tags))
}

fn geo_restriction(reader: &mut Reader<'_>, yaml: &Yaml<'_>) -> Option<Value> {
    let wanted = "a mapping such as {type: whitelist, countries: [US, CA]}, or null";
    let mut entries = reader.entries(yaml, wanted)?;
    let mode = entries
        .require(reader, "type")
        .and_then(|yaml| reader.choice(yaml, Code::Choice, &["whitelist", "blacklist"]))
        .map(|word| {
            if word == "whitelist" {
                GeoMode::Whitelist
            } else {
                GeoMode::Blacklist
            }
        });
    let listed = entries.require(reader, "countries");
    let countries = listed.and_then(|yaml| countries(reader, yaml));
    entries.finish(reader);
    let (mode, countries) = (mode?, countries?);
    if countries.is_empty() {
        let node = listed.map_or(yaml.node, |yaml| yaml.node);
        let message = format!("a {} without any country", mode.as_str());
        reader.error_with_help(
            node,
            Code::Country,
            message,
            "list the countries, or write `geoRestriction: null`",
        );
        return None;
    }
    Some(Value::Geo(Some(Box::new(GeoRestriction {
        mode,
        countries,
    }))))
}

pub(super) fn countries(reader: &mut Reader<'_>, yaml: &Yaml<'_>) -> Option<BTreeSet<Country>> {
    let items = reader.list(yaml, "a list of countries")?;
    let mut countries = BTreeSet::new();
    let mut complete = true;
    for item in items {
        match country(reader, item) {
            None => complete = false,
            Some(country) if !countries.insert(country) => {
                reader.error(
                    item.node,
                    Code::DuplicateEntry,
                    format!("`{country}` stands twice in the list"),
                );
            }
            Some(_) => {}
        }
    }
    complete.then_some(countries)
}

fn events(reader: &mut Reader<'_>, yaml: &Yaml<'_>) -> Option<Value> {
    let items = reader.list(yaml, "a list of events")?;
    let mut events = BTreeSet::new();
    for item in items {
        let Some(text) = reader.scalar(item, "an event") else {
            continue;
        };
        let Some(event) = event(reader, item, text) else {
            continue;
        };
        if !events.insert(event) {
            reader.error(
                item.node,
                Code::DuplicateEntry,
                format!("`{}` stands twice in the list", cut(text)),
            );
        }
    }
    Some(Value::events(events))
}

/// Reads the name of an offer of the project, or `id:` with the id of an event.
pub(super) fn event(reader: &mut Reader<'_>, yaml: &Yaml<'_>, text: &str) -> Option<EventRef> {
    if let Some(id) = text.strip_prefix(EventRef::ID_PREFIX) {
        let id = offer_id(reader, yaml, id, OfferType::Event)?;
        // Events have one letter in both generations.
        if let Some((message, help)) = wrong_letter(&id, OfferType::Event, Api::JsonRpc) {
            reader.error_with_help(yaml.node, Code::OfferId, message, help);
            return None;
        }
        return Some(EventRef::Id(id));
    }
    match text.parse::<Name>() {
        Ok(name) => Some(EventRef::Offer(name)),
        Err(error) => {
            let help = match OfferId::parse(text) {
                Some(id) => format!("write an id as `id:{id}`"),
                None => "name an offer of this project, or an id as `id:E123456789_US`".to_owned(),
            };
            reader.error_with_help(yaml.node, Code::Name, error.to_string(), help);
            None
        }
    }
}

/// Reads the name of an offer.
pub(super) fn name(reader: &mut Reader<'_>, yaml: &Yaml<'_>) -> Option<Name> {
    let text = reader.scalar(yaml, "the name of an offer")?;
    match text.parse() {
        Ok(name) => Some(name),
        Err(error) => {
            invalid_name(reader, yaml.node, text, &error);
            None
        }
    }
}

/// Reports a text that is no name.
pub(super) fn invalid_name(reader: &mut Reader<'_>, node: NodeId, text: &str, error: &NameError) {
    match Name::suggest(text) {
        Some(meant) => reader.error_with_help(
            node,
            Code::Name,
            error.to_string(),
            format!("did you mean `{meant}`?"),
        ),
        None => reader.error(node, Code::Name, error.to_string()),
    }
}

/// Reads an id that must have the form of Cleeng's. Which letters the type has is for each generation of the API to say.
pub(super) fn offer_id(
    reader: &mut Reader<'_>,
    yaml: &Yaml<'_>,
    text: &str,
    offer_type: OfferType,
) -> Option<OfferId> {
    let id = OfferId::parse(text);
    if id.is_none() {
        let message = format!("`{}` is not an offer id", cut(text));
        let help = id_help(offer_type);
        reader.error_with_help(yaml.node, Code::OfferId, message, help);
    }
    id
}

/// What is wrong with the letter of an id as that of an offer of the type, and what to write.
pub(crate) fn wrong_letter(
    id: &OfferId,
    offer_type: OfferType,
    api: Api,
) -> Option<(String, String)> {
    let letters = offer_type.id_letters(api);
    if id.letter().is_some_and(|letter| letters.contains(&letter)) {
        return None;
    }
    let letters: Vec<String> = letters.iter().map(char::to_string).collect();
    let letters = letters.join(" or ");
    let message = format!(
        "`{id}` is not the id of an offer of type {offer_type}: those begin with {letters}"
    );
    Some((message, id_help(offer_type)))
}

fn id_help(offer_type: OfferType) -> String {
    // The usual letter is the same in both generations.
    let letter = offer_type.id_letters(Api::JsonRpc)[0];
    format!("ids of this type look like `{letter}123456789_US`")
}

fn texts(reader: &mut Reader<'_>, yaml: &Yaml<'_>, keys: Option<&[&str]>) -> Option<Value> {
    let entries = reader.mapping(yaml, "a mapping of texts")?;
    let mut texts: Vec<(Foreign, Foreign)> = Vec::new();
    for (key, node, value) in entries {
        if let Some(keys) = keys
            && !keys.contains(&&**key)
        {
            reader.unknown_key(*node, key, keys);
        } else if let Some(text) = reader.scalar(value, "a text") {
            texts.push((key.as_ref().into(), text.into()));
        }
    }
    texts.sort();
    Some(Value::Texts(texts.into()))
}

fn record_of(
    reader: &mut Reader<'_>,
    yaml: &Yaml<'_>,
    members: &'static [Member],
) -> Option<Value> {
    let names = members
        .iter()
        .map(|member| format!("`{}`", member.name))
        .collect::<Vec<_>>()
        .join(", ");
    let mut entries = reader.entries(yaml, &format!("a mapping with {names}"))?;
    let mut found = Vec::new();
    let mut complete = true;
    for Member {
        name,
        kind,
        required,
    } in members
    {
        let yaml = if *required {
            entries.require(reader, name)
        } else {
            entries.get(name)
        };
        match yaml.map(|yaml| value(reader, yaml, *kind)) {
            Some(Some(value)) => found.push((*name, value)),
            Some(None) => complete = false,
            None => complete &= !required,
        }
    }
    entries.finish(reader);
    complete.then(|| record(members, found))
}
