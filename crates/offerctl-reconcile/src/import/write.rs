//! Offers as the text of a file, laid out as a person would: [`file_text`].

use std::collections::BTreeMap;
use std::fmt::{self, Write};

use offerctl_manifest::yaml::{Quotes, Surroundings, literal};
use offerctl_model::content::{Content, Fields};
use offerctl_model::field::Field;
use offerctl_model::foreign::Foreign;
use offerctl_model::money::Currency;
use offerctl_model::name::{Name, OfferId};
use offerctl_model::offer_type::OfferType;
use offerctl_model::value::Value;

use crate::notation::{Look, Node, notation};

/// The most columns of a line that could be written on several.
const WIDTH: usize = 100;

/// How many offers have to say the same before it is said once for all of them.
const SHARED: usize = 3;

/// One offer that is to be written.
#[derive(Debug, Clone)]
pub(super) struct Entry<'a> {
    pub(super) name: &'a Name,
    pub(super) offer_type: OfferType,
    pub(super) content: &'a Content,
    /// The id by which it is found again, with the environment.
    pub(super) id: Option<(&'a str, &'a OfferId)>,
    /// The environments that have it, if not all do.
    pub(super) only: Option<&'a [&'a str]>,
    /// The currency of plain prices.
    pub(super) currency: Option<Currency>,
}

/// Writes a file with these offers, in this order.
pub(super) fn file_text(header: &[String], entries: &[Entry<'_>]) -> String {
    let mut text = String::new();
    for line in header {
        text.push_str("# ");
        text.push_str(line);
        text.push('\n');
    }
    text.push_str("version: 1\n");
    let defaults = defaults(entries);
    if !defaults.is_empty() {
        text.push_str("defaults:\n");
        for (field, value) in defaults.iter() {
            if let Some(node) = notation(field.kind(), value, (None, None)) {
                line(&mut text, 2, field.name(), &node);
            }
        }
    }
    text.push_str("\noffers:\n");
    for (index, entry) in entries.iter().enumerate() {
        if index > 0 {
            text.push('\n');
        }
        offer(&mut text, entry, &defaults);
    }
    text
}

/// Fields that belong to one offer, however many others have the same value.
fn is_its_own(field: Field) -> bool {
    matches!(
        field,
        Field::Title
            | Field::Description
            | Field::Price
            | Field::PriceRules
            | Field::Currency
            | Field::Period
            | Field::RentalHours
            | Field::BillingCycle
            | Field::ExpiresAt
            | Field::Entitlement
            | Field::FreeDays
            | Field::FreePeriods
            | Field::FreeTrial
            | Field::StartTime
            | Field::EndTime
            | Field::RentalPeriod
            | Field::ContentExternalId
            | Field::VideoId
            | Field::EventAssociation
    )
}

/// Values that most offers of the file have, of fields that all of them have.
fn defaults(entries: &[Entry<'_>]) -> Fields {
    let mut counts: BTreeMap<(Field, &Value), usize> = BTreeMap::new();
    let mut having: BTreeMap<Field, usize> = BTreeMap::new();
    for entry in entries {
        for (field, value) in entry.content.fields.iter() {
            *counts.entry((field, value)).or_default() += 1;
            *having.entry(field).or_default() += 1;
        }
    }
    let shared = counts.into_iter().filter(|((field, _), count)| {
        !is_its_own(*field)
            && having.get(field) == Some(&entries.len())
            && *count >= SHARED
            && *count * 2 > entries.len()
    });
    shared
        .map(|((field, value), _)| (field, value.clone()))
        .collect()
}

fn offer(text: &mut String, entry: &Entry<'_>, defaults: &Fields) {
    push(
        text,
        format_args!("  {}:\n    type: {}\n", entry.name, entry.offer_type),
    );
    if let Some((environment, id)) = entry.id {
        let ids = Node::Mapping(vec![(
            environment.to_owned(),
            Node::Text(id.raw().to_owned()),
        )]);
        line(text, 4, "ids", &ids);
    }
    if let Some(only) = entry.only {
        let environments = only.iter().map(|name| Node::Text((*name).to_owned()));
        line(text, 4, "only", &Node::List(environments.collect()));
    }
    let content = entry.content;
    let zone = content.fields.text(Field::TimeZone).map(Foreign::raw);
    let currency = top_currency(entry);
    let own = content
        .fields
        .iter()
        .filter(|(field, value)| defaults.get(*field) != Some(*value));
    let price = content.fields.get(Field::Price);
    for (key, node) in nodes(own, price, (currency, zone)) {
        line(text, 4, &key, &node);
    }
    let Some(rows) = &content.localizations else {
        return;
    };
    text.push_str("    localizations:\n");
    for (country, row) in rows {
        let mut entries = vec![("currency".to_owned(), Node::Word(row.currency.to_string()))];
        // The price stands beside its currency.
        let is_price = |field: Field| matches!(field, Field::Price | Field::PriceRules);
        let price = row.fields.iter().filter(|(field, _)| is_price(*field));
        let others = row.fields.iter().filter(|(field, _)| !is_price(*field));
        let in_all = content.effective(*country, Field::Price);
        entries.extend(nodes(
            price.chain(others),
            in_all,
            (Some(row.currency), zone),
        ));
        line(text, 6, country.as_str(), &Node::Mapping(entries));
    }
}

/// Fields as entries of a mapping; prices that hold for a time stand beside the price, which they cannot do without.
fn nodes<'f>(
    fields: impl Iterator<Item = (Field, &'f Value)>,
    price: Option<&Value>,
    (currency, zone): (Option<Currency>, Option<&str>),
) -> Vec<(String, Node)> {
    let node = |field: Field, value: &Value| notation(field.kind(), value, (currency, zone));
    let mut nodes: Vec<(String, Node)> = Vec::new();
    let key = Field::Price.name();
    for (field, value) in fields {
        let Some(found) = node(field, value) else {
            continue;
        };
        if field != Field::PriceRules {
            nodes.push((field.name().to_owned(), found));
            continue;
        }
        let Some(amount) = price.and_then(|price| node(Field::Price, price)) else {
            continue;
        };
        let entries = vec![("amount".to_owned(), amount), ("rules".to_owned(), found)];
        let with_rules = Node::Mapping(entries);
        match nodes.iter_mut().find(|(found, _)| found == key) {
            Some((_, price)) => *price = with_rules,
            None => nodes.push((key.to_owned(), with_rules)),
        }
    }
    nodes
}

/// The currency that the price at the top counts in.
fn top_currency(entry: &Entry<'_>) -> Option<Currency> {
    let Some(rows) = &entry.content.localizations else {
        return match entry.content.fields.get(Field::Currency) {
            Some(Value::Currency(currency)) => Some(*currency),
            _ => entry.currency,
        };
    };
    let inherits = rows
        .values()
        .find(|row| row.fields.get(Field::Price).is_none());
    inherits.map(|row| row.currency)
}

/// Writes an entry of a mapping: on one line if it fits there, or else on several.
fn line(text: &mut String, indent: usize, key: &str, node: &Node) {
    let margin = " ".repeat(indent);
    let look = Look {
        old: None,
        quotes: Quotes::AsNeeded,
        surroundings: Surroundings::Block,
    };
    if let Node::Text(value) = node
        && let Some(literal) = literal(value, indent + 2)
    {
        push(text, format_args!("{margin}{key}: {literal}\n"));
        return;
    }
    let inline = node.inline(look);
    let fits =
        indent + key.len() + 2 + unicode_width::UnicodeWidthStr::width(inline.as_str()) <= WIDTH;
    match node {
        Node::List(items) if !fits && !items.is_empty() => {
            push(text, format_args!("{margin}{key}:\n"));
            for item in items {
                item_line(text, indent + 2, item, look);
            }
        }
        Node::Mapping(entries) if !fits && !entries.is_empty() => {
            push(text, format_args!("{margin}{key}:\n"));
            for (key, node) in entries {
                line(text, indent + 2, &quoted_key(key), node);
            }
        }
        Node::Null
        | Node::Word(_)
        | Node::Text(_)
        | Node::Price(..)
        | Node::Time(..)
        | Node::List(_)
        | Node::Mapping(_) => push(text, format_args!("{margin}{key}: {inline}\n")),
    }
}

/// Writes an entry of a list: a record that does not fit on a line has one for each member.
fn item_line(text: &mut String, indent: usize, item: &Node, look: Look<'_>) {
    let margin = " ".repeat(indent);
    let inline = item.inline(look);
    let fits = indent + 2 + unicode_width::UnicodeWidthStr::width(inline.as_str()) <= WIDTH;
    match item {
        Node::Mapping(entries) if !fits && !entries.is_empty() => {
            let mut block = String::new();
            for (key, node) in entries {
                line(&mut block, indent + 2, &quoted_key(key), node);
            }
            // The sign of the entry takes the place of two blanks.
            push(text, format_args!("{margin}- {}", &block[indent + 2..]));
        }
        Node::Null
        | Node::Word(_)
        | Node::Text(_)
        | Node::Price(..)
        | Node::Time(..)
        | Node::List(_)
        | Node::Mapping(_) => push(text, format_args!("{margin}- {inline}\n")),
    }
}

fn push(text: &mut String, words: fmt::Arguments<'_>) {
    text.write_fmt(words)
        .expect("writing to a text never fails");
}

/// A key as it has to be written.
fn quoted_key(key: &str) -> String {
    offerctl_manifest::yaml::text_scalar(key, Quotes::AsNeeded, Surroundings::Flow)
}
