//! Bodies of every kind, most of them broken: nothing may panic, and every answer is JSON.

use std::time::{Duration, Instant};

use serde_json::json;

use super::JsonRpcExchange as Exchange;
use super::{Method, Reply, Value};
use crate::config::Config;
use crate::exchange::Step;
use crate::exchange::odd::{one_of_each_kind, put_odd_value};
use crate::json_rpc::method::Operation;
use crate::kind::Kind;
use crate::offer::Offer;
use crate::quirk::Quirk;
use crate::world::World;

/// Values that are likely to hurt.
const ODD_VALUES: &[&str] = &[
    "null",
    "true",
    "\"\"",
    "[]",
    "{}",
    "[\"\"]",
    "[null]",
    "[[[]]]",
    "-1",
    "0",
    "0.1",
    "1e308",
    "-1e-308",
    "9223372036854775807",
    "18446744073709551615",
    "79228162514264337593543950335",
    "99999999999999999999999999999999999999",
    "0.00000000000000000000000000000000001",
    "\"79228162514264337593543950335\"",
    "\"1e28\"",
    "\"1e-28\"",
    "\"1e2147483648\"",
    "\"-0\"",
    "\"+.e\"",
    "\"\\ud83c\\udfac\"",
    "\"\\u0000\"",
    "\"S740060915_FR\"",
    "\"S740060915\"",
    "\"_\"",
    "\"é\"",
    "{\"country\":\"FR\",\"currency\":\"EUR\"}",
];

/// Pieces that are likely to change what a body means.
const PIECES: &[&str] = &[
    "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u", "\\ud800", "e9", "-", ".", "null", "\u{0}",
    "\u{7f}", "é", "🎬",
];

fn world() -> World {
    let mut world = World::new(&Config {
        seed: Some(1),
        batch_cap: 10,
        ..Config::default()
    })
    .unwrap();
    world.put(one_of_each_kind()).unwrap();
    let row = Offer::new("S740060915_FR".parse().unwrap(), Kind::Subscription).localized();
    world.put([row]).unwrap();
    world
}

/// A call of every method, with every field that there is.
fn corpus() -> Vec<Value> {
    let data = json!({
        "price": 12.34, "title": "t", "url": "http://u.com", "description": "d", "period": "month",
        "expiresAt": 0, "videoId": "7", "contentExternalId": "2", "contentExternalData": "x",
        "tags": ["a"], "accessToTags": ["b"], "freePeriods": 0, "freeDays": "9",
        "startTime": 1, "endTime": 2, "timeZone": "UTC", "teaser": "x", "currency": "USD",
        "viewerEstimate": 2, "applyServiceFeeOnCustomer": true, "rentalPeriod": "7",
        "eventAssociation": ["E111111111_US"], "geoRestrictionEnabled": true,
        "geoRestrictionType": "whitelist", "geoRestrictionCountries": ["PL"],
        "backgroundImageUrl": "http://img",
    });
    Method::names()
        .map(|name| {
            let Some(method) = Method::from_name(name) else {
                let params = json!({"publisherToken": "TOK", "videoId": "7"});
                return json!({"method": name, "params": params, "id": 1});
            };
            let mut data = data.clone();
            if method.kind == Kind::Rental {
                data["period"] = 48.into();
            }
            let mut params = json!({
                "publisherToken": "TOK", "offerData": data, "criteria": {"active": true},
                "offset": 0, "limit": "20", "multiCurrencyOfferId": "S740060915",
                "localizedData": [{"country": "FR", "currency": "EUR", "price": 5}],
            });
            let letter = method.kind.letter(false);
            let number = if method.kind == Kind::Vod {
                "222222222"
            } else {
                "111111111"
            };
            if method.operation != Operation::List {
                params[method.id_parameters()[0]] = format!("{letter}{number}_US").into();
            }
            json!({"method": name, "params": params, "id": 1})
        })
        .collect()
}

fn run(world: &mut World, body: &[u8]) -> Reply {
    let mut exchange = Exchange::new(body, 10);
    loop {
        match exchange.advance(world) {
            Step::Pause(_) => {}
            Step::Done(reply) => return reply,
        }
    }
}

#[track_caller]
fn check_readable(reply: &Reply, request: &[u8]) {
    let Reply::Body(body) = reply else {
        panic!("{reply:?} to {}", String::from_utf8_lossy(request));
    };
    let answer: Value = serde_json::from_str(body).unwrap();
    let answers = match answer.as_array() {
        Some(answers) => answers,
        None => std::slice::from_ref(&answer),
    };
    for answer in answers {
        let is_error = answer["error"]["code"].is_i64() || answer["code"].is_i64();
        assert!(is_error || answer["result"].is_object(), "{answer}");
    }
}

/// Changes some bytes.
fn scramble(body: &mut Vec<u8>, random: &mut fastrand::Rng) {
    for _ in 0..random.usize(1..6) {
        let place = random.usize(..=body.len());
        let end = random.usize(place..=body.len().min(place + 20));
        match random.u8(..4) {
            0 => drop(body.drain(place..end)),
            1 => {
                let piece = random.choice(PIECES).unwrap();
                body.splice(place..place, piece.bytes());
            }
            2 => {
                let again = body[place..end].to_vec();
                body.splice(place..place, again);
            }
            _ => {
                if let Some(byte) = body.get_mut(place) {
                    *byte ^= 1 << random.u8(..8);
                }
            }
        }
    }
}

#[test]
fn every_method_answers_its_own_request() {
    let mut world = world();
    for call in corpus() {
        let body = call.to_string();
        check_readable(&run(&mut world, body.as_bytes()), body.as_bytes());
    }
}

#[test]
fn every_quirk_leaves_every_answer_readable() {
    let corpus = corpus();
    for help in Quirk::ALL {
        for value in help.values {
            let mut world = world();
            let quirk = Quirk::parse(&format!("{}={value}", help.name)).unwrap();
            world.service.quirks.set(quirk);
            for call in &corpus {
                let body = call.to_string();
                check_readable(&run(&mut world, body.as_bytes()), body.as_bytes());
            }
        }
    }
}

#[test]
fn mutated_bodies_are_answered_and_nothing_panics() {
    let corpus = corpus();
    let random = &mut fastrand::Rng::with_seed(20_261_121);
    let start = Instant::now();
    let mut world = world();
    for round in 0..20_000 {
        // A fresh catalogue now and then keeps it small.
        if round % 1_000 == 0 {
            world = self::world();
        }
        let mut call = random.choice(&corpus).unwrap().clone();
        for _ in 0..random.usize(..3) {
            put_odd_value(ODD_VALUES, &mut call, random);
        }
        let mut body = if random.u8(..4) == 0 {
            json!([call, random.choice(&corpus)]).to_string()
        } else {
            call.to_string()
        }
        .into_bytes();
        if random.bool() {
            scramble(&mut body, random);
        }
        check_readable(&run(&mut world, &body), &body);
    }
    // A bound for a debug build on a busy machine; it takes about a second.
    assert!(start.elapsed() < Duration::from_mins(1));
}
