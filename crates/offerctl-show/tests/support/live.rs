//! Builds [`Live`] from lines such as `pass P100000001_US title=News url=https://club.tv price=12`.

use offerctl_model::content::Fields;
use offerctl_model::country::Country;
use offerctl_model::field::{Field, Kind};
use offerctl_model::money::Currency;
use offerctl_model::name::OfferId;
use offerctl_model::offer_type::OfferType;
use offerctl_model::value::{FieldValueSeed, Value};
use offerctl_reconcile::live::{Live, Row};
use serde::de::DeserializeSeed;

use crate::support::desired::PROJECT;

/// Builds an account; each line is a row.
///
/// After type and id stand `inactive`, `dormant` (over REST: a country that is not sold to), `marker=NAME` or `marker=PROJECT/NAME`, `currency=USD`, `country=US` (by default that of the id),
/// `tax=0.23`, `email=…`, and fields by their names. Texts with blanks stand in quotes, tags and events have
/// commas between them, and records are JSON.
#[track_caller]
pub(crate) fn live(text: &str) -> Live {
    let mut live = Live::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        add(&mut live, line);
    }
    live
}

/// Adds one row.
#[track_caller]
pub(crate) fn add(live: &mut Live, line: &str) {
    let words = words(line);
    let [offer_type, id, rest @ ..] = words.as_slice() else {
        panic!("`{line}` has no type and id");
    };
    let offer_type = OfferType::from_name(offer_type).expect("a type of offer");
    let id = OfferId::new(id);
    let mut row = Row {
        country: id.country().and_then(Country::new),
        id: id.clone(),
        currency: Currency::new("USD"),
        tax_rate: None,
        publisher_email: Some("sales@club.tv".into()),
        created_at: None,
        updated_at: None,
        fields: Fields::new(),
    };
    let (mut active, mut dormant) = (true, false);
    for word in rest {
        match word.split_once('=') {
            None if word == "inactive" => active = false,
            None if word == "dormant" => dormant = true,
            None => panic!("`{word}` in `{line}`"),
            Some(("marker", text)) => {
                let text = if text.contains('/') {
                    text.to_owned()
                } else {
                    format!("{PROJECT}/{text}")
                };
                row.fields.set(Field::Marker, Value::text(text));
            }
            Some(("currency", "none")) => row.currency = None,
            Some(("currency", code)) => row.currency = Some(Currency::new(code).unwrap()),
            Some(("country", code)) => row.country = Some(Country::new(code).unwrap()),
            Some(("tax", rate)) => row.tax_rate = Some(rate.parse().unwrap()),
            Some(("email", "none")) => row.publisher_email = None,
            Some(("email", email)) => row.publisher_email = Some(email.into()),
            Some((name, text)) => {
                let field = if name == "price.rules" {
                    Field::PriceRules
                } else {
                    Field::of_type(name, offer_type).unwrap_or_else(|| panic!("`{name}`"))
                };
                row.fields.set(field, value(field, text));
            }
        }
    }
    if dormant {
        let view = live
            .get_mut(&id)
            .and_then(|offer| offer.view_mut(offer_type));
        view.expect("the offer itself comes first")
            .dormant
            .push(row);
        return;
    }
    live.add(offer_type, active, row);
}

fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for character in line.chars() {
        match character {
            '"' if !line.contains(['{', '[']) => quoted = !quoted,
            ' ' if !quoted => words.push(String::new()),
            other => words.last_mut().unwrap().push(other),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

fn value(field: Field, text: &str) -> Value {
    let list = || text.split(',').filter(|item| !item.is_empty());
    match field.kind() {
        Kind::Tags => Value::tags(list()),
        Kind::Events => Value::events(list().map(|item| item.parse().unwrap())),
        Kind::GeoRestriction if text == "none" => Value::Geo(None),
        Kind::Text | Kind::Url | Kind::Choice(_) | Kind::Period | Kind::TimeZone => {
            Value::text(text)
        }
        Kind::Price | Kind::Rate => Value::Amount(text.parse().unwrap()),
        Kind::Currency => Value::Currency(Currency::new(text).unwrap()),
        kind @ (Kind::GeoRestriction
        | Kind::Integer { .. }
        | Kind::Flag
        | Kind::Time
        | Kind::TextMap
        | Kind::Texts(_)
        | Kind::Record(_)
        | Kind::Records(_)) => {
            let json: serde_json::Value = serde_json::from_str(text).unwrap();
            FieldValueSeed(kind).deserialize(json).unwrap()
        }
    }
}
