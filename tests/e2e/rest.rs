//! What only Core API 3.1 has: countries one by one, replacements, our marker, versions, and a list without a total.

mod countries;
mod lists;
mod lost;
mod marker;
mod moving;
mod quirks;
mod replacing;
mod seasons;
mod versions;
mod whole;

use std::collections::BTreeMap;

use cleeng_emulator::{CallRecord, Field, FieldValue, Requests};
use serde_json::Value as Json;

use crate::support::{Api, Draft, Shop};

/// A shop over REST with offers applied, and nothing in its record.
fn applied(drafts: &[Draft]) -> Shop {
    let shop = Shop::of(Api::Rest);
    shop.declare(drafts);
    let _run = shop.apply();
    shop.requests();
    shop
}

fn film() -> Draft {
    Draft::new("single", "film")
}

fn other() -> Draft {
    Draft::new("single", "other")
}

/// An amount of money, for a change by hand.
fn amount(text: &str) -> FieldValue {
    crate::drift::amount(text)
}

/// The calls that write, in order.
fn writes(requests: &Requests) -> Vec<&CallRecord> {
    requests.calls().filter(|call| call.is_write()).collect()
}

/// Expects that the shop was asked for these writes since the last look, each as `WORD` or `WORD COUNTRY`, and that each
/// to an offer that was there said the version that it was to have.
#[track_caller]
fn expect_writes(shop: &Shop, expected: &[&str]) {
    let requests = shop.requests();
    let found: Vec<String> = writes(&requests).into_iter().map(words).collect();
    assert_eq!(found, expected);
    for call in writes(&requests) {
        let is_create = call.method == "createOffer";
        assert_eq!(call.params["ifMatch"].is_string(), !is_create, "{call:#?}");
    }
}

fn words(call: &CallRecord) -> String {
    let in_body = &call.params["body"]["countryCode"];
    let country = [&call.params["countryCode"], in_body]
        .into_iter()
        .find_map(Json::as_str);
    let country = country.filter(|_| call.method.ends_with("Localization"));
    country.map_or_else(
        || call.method.clone(),
        |country| format!("{} {country}", call.method),
    )
}

/// Applies, and expects that nothing is left to do.
#[track_caller]
fn settles(shop: &Shop) {
    let _run = shop.apply();
    nothing_is_left(shop);
}

#[track_caller]
fn nothing_is_left(shop: &Shop) {
    let requests = shop.requests();
    shop.expect_no_changes();
    shop.run("drift").exits(0);
    let _looked = (requests, shop.requests());
}

/// The one code of the conflicts of a plan that writes nothing.
#[track_caller]
fn conflict(shop: &Shop) -> String {
    shop.requests();
    let plan = shop.run("plan --format json").exits(3).json();
    shop.fits("plan", &plan);
    let conflicts = plan["conflicts"].as_array().unwrap();
    assert_eq!(conflicts.len(), 1, "{plan:#}");
    shop.run("apply -y").exits(3);
    assert_eq!(shop.writes(), 0);
    conflicts[0]["code"].as_str().unwrap().to_owned()
}

/// The publisher's own texts on the one offer that is on sale under a title, our marker among them.
#[track_caller]
fn properties(shop: &Shop, title: &str) -> BTreeMap<String, String> {
    let id = shop.id(title);
    match shop
        .emulator()
        .offer(&id)
        .unwrap()
        .get(Field::ExternalProperties)
    {
        Some(FieldValue::Map(texts)) => texts.clone(),
        _ => BTreeMap::new(),
    }
}

fn map(texts: &[(&str, &str)]) -> BTreeMap<String, String> {
    let texts = texts.iter();
    texts
        .map(|(key, text)| ((*key).to_owned(), (*text).to_owned()))
        .collect()
}

/// Everything that was known is gone.
fn lose_state(shop: &Shop) {
    std::fs::remove_dir_all(shop.path(".offerctl")).unwrap();
}
