//! Requests of every kind, most of them broken: nothing may panic, and every answer is an offer, a list or a message.

use std::time::{Duration, Instant};

use axum::http::{HeaderMap, HeaderValue};
use serde_json::json;

use super::*;
use crate::config::Config;
use crate::exchange::Step;
use crate::exchange::odd::{one_of_each_kind, put_odd_value};
use crate::kind::Kind;
use crate::offer::Offer;
use crate::quirk::Quirk;
use crate::season::{Season, SeasonGroup};
use crate::world::World;

/// Values that are likely to hurt.
const ODD_VALUES: &[&str] = &[
    "null",
    "true",
    "\"\"",
    "[]",
    "{}",
    "[null]",
    "[[[]]]",
    "-1",
    "0",
    "0.1",
    "1e308",
    "1e28",
    "9223372036854775807",
    "18446744073709551615",
    "79228162514264337593543950335",
    "0.00000000000000000000000000000000001",
    "\"\\ud83c\\udfac\"",
    "\"\\u0000\"",
    "\"FR\"",
    "\"(all)\"",
    "\"http://é.éé\"",
    "\"http://a.\"",
    "{\"amount\":1}",
    "{\"periodUnit\":\"hour\",\"amount\":4294967295}",
];

/// A group with a season to come, and one without seasons.
const GROUP: &str = "0bdb7589-762c-40bf-b501-a0f02b59d76d";
const EMPTY_GROUP: &str = "1bdb7589-762c-40bf-b501-a0f02b59d76d";

fn world(quirk: Option<&str>) -> World {
    let mut world = World::new(&Config {
        seed: Some(1),
        ..Config::default()
    })
    .unwrap();
    if let Some(quirk) = quirk {
        world.service.quirks.set(Quirk::parse(quirk).unwrap());
    }
    world.put(one_of_each_kind()).unwrap();
    let rows = ["S740060915_FR", "S740060915_GB"]
        .map(|id| Offer::new(id.parse().unwrap(), Kind::Subscription).localized());
    world.put(rows).unwrap();
    let season = Season {
        id: 1,
        start_date: 3_900_000_000,
        end_date: 4_900_000_000,
    };
    let groups = [(GROUP, vec![season]), (EMPTY_GROUP, Vec::new())];
    let groups = groups.map(|(id, seasons)| SeasonGroup {
        id: id.parse().unwrap(),
        name: id.to_owned(),
        seasons,
    });
    world.put_season_groups(groups.to_vec()).unwrap();
    world
}

/// A verb, a path and a body of every operation, on every type.
fn corpus() -> Vec<(&'static str, String, Value)> {
    let price = json!({"amount": 1.5, "currency": "EUR", "rules": [{"from": 1, "to": 2, "amount": 1, "name": "n"}]});
    let trial = json!({"type": "day", "duration": 7});
    let duration = json!({"periodUnit": "hour", "amount": 48});
    let country = json!({
        "title": "t", "countryCode": "NO", "price": price,
        "geoRestriction": {"type": "whitelist", "countries": ["NO"]},
    });
    let common = json!({
        "title": "t", "description": "d", "tags": ["a"], "url": "http://u.com", "imageUrl": "i",
        "externalProperties": {"a": "b"}, "appStoreProductIds": {"roku": "r"}, "giftable": true,
        "geoRestriction": {"type": "whitelist", "countries": ["NO"]},
    });
    let with = |own: Value| {
        let mut body = common.clone();
        for (name, value) in own.as_object().unwrap() {
            body[name] = value.clone();
        }
        body
    };
    let event = json!({"startsAt": 1, "endsAt": 2, "timezone": "UTC"});
    let entitlement = json!({"expirationPolicy": "duration", "duration": duration});
    let season = json!({"periodUnit": "season", "amount": 1});
    let creates = [
        json!({
            "type": "subscription", "price": price, "billingCycle": season, "seasonGroupId": GROUP,
            "pause": {"maxBillingCycles": 1}, "sessionsLimit": 1,
        }),
        json!({"type": "pass", "price": price, "entitlement": entitlement, "localizations": [country]}),
        json!({"type": "vod", "price": price, "entitlement": entitlement}),
        json!({"type": "live", "price": price, "event": event}),
    ];
    let amount = json!({"price": {"amount": 2}});
    let patches = [
        ("A111111111", amount.clone()),
        ("R111111111", json!({"entitlement": {"duration": duration}})),
        ("S111111111", json!({"freeTrial": trial})),
        ("P111111111", json!({"entitlement": {"expiresAt": 5}})),
        ("E111111111", json!({"event": event})),
        ("S740060915", amount.clone()),
    ];
    let mut all = vec![("GET", "offers".to_owned(), Value::Null)];
    let dates = json!({"startDate": 4_000_000_000_i64, "endDate": 5_000_000_000_i64});
    let named = json!({"name": "n"});
    let on_groups = [
        ("GET", "", Value::Null),
        ("POST", "", named.clone()),
        ("GET", "/GROUP", Value::Null),
        ("PATCH", "/GROUP", named),
        ("POST", "/GROUP/seasons", dates.clone()),
        ("PATCH", "/GROUP/seasons/1", dates),
        ("DELETE", "/GROUP/seasons/1", Value::Null),
        ("DELETE", "/EMPTY", Value::Null),
    ];
    all.extend(on_groups.map(|(verb, tail, body)| {
        let tail = tail.replace("GROUP", GROUP).replace("EMPTY", EMPTY_GROUP);
        (verb, format!("offers/season-groups{tail}"), body)
    }));
    all.extend(creates.map(|own| ("POST", "offers".to_owned(), with(own))));
    all.extend(patches.map(|(id, own)| ("PATCH", format!("offers/{id}"), with(own))));
    for id in ["S740060915", "A222222222"] {
        all.push(("GET", format!("offers/{id}"), Value::Null));
        all.push(("POST", format!("offers/{id}/deactivate"), Value::Null));
        all.push(("POST", format!("offers/{id}/activate"), Value::Null));
        all.push((
            "POST",
            format!("offers/{id}/localizations"),
            country.clone(),
        ));
        let row = format!("offers/{id}/localizations/GB");
        all.push(("PATCH", row.clone(), amount.clone()));
        all.push(("POST", format!("{row}/deactivate"), Value::Null));
        all.push(("POST", format!("{row}/activate"), Value::Null));
    }
    all
}

fn run(world: &mut World, (verb, path): (&str, &str), body: Vec<u8>) -> Reply {
    let mut headers = HeaderMap::new();
    headers.insert("x-publisher-token", HeaderValue::from_static("TOK"));
    let query = Some("limit=2&offset=1&page=1");
    let request = Request::read((verb, path), query, &headers, body.into());
    let mut exchange = RestExchange::new(request);
    loop {
        match exchange.advance(world) {
            Step::Pause(_) => {}
            Step::Done(reply) => return reply,
        }
    }
}

#[track_caller]
fn check_readable(reply: &Reply, request: &str) {
    let Reply::Answer { status, body, .. } = reply else {
        panic!("{reply:?} to {request}");
    };
    if *status == 204 {
        assert!(body.is_empty());
        return;
    }
    let answer: Value = serde_json::from_str(body).unwrap();
    let is_known = match status {
        200 | 201 => answer["id"].is_string() || answer.is_array() || answer.is_object(),
        400..500 => answer["message"].is_string(),
        _ => false,
    };
    assert!(is_known, "{status} {answer} to {request}");
}

#[test]
fn corpus_is_taken_as_it_is() {
    for (verb, path, body) in corpus() {
        let mut world = world(Some("rest-expiration-policy=follows"));
        let reply = run(&mut world, (verb, &path), body.to_string().into_bytes());
        let Reply::Answer { status, body, .. } = reply else {
            panic!("{reply:?}");
        };
        // The one that has no localizations answers 404 for them.
        let is_fine = [200, 201, 204].contains(&status)
            || (path.contains("A222222222") && [404, 422].contains(&status));
        assert!(is_fine, "{verb} {path} {status} {body}");
    }
}

#[test]
fn every_quirk_leaves_every_answer_readable() {
    for help in Quirk::ALL {
        for value in help.values {
            let mut world = world(Some(&format!("{}={value}", help.name)));
            for (verb, path, body) in corpus() {
                let reply = run(&mut world, (verb, &path), body.to_string().into_bytes());
                check_readable(&reply, &path);
            }
        }
    }
}

/// Checks that a write that was taken is what is read, and that nothing is left to do when it is sent again.
fn check_effect(world: &mut World, (verb, path): (&str, &str), body: &[u8], reply: &Reply) {
    let Reply::Answer {
        status, body: text, ..
    } = reply
    else {
        return;
    };
    let is_about_an_offer = !path.starts_with("offers/season-groups");
    if verb == "GET" || ![200, 201].contains(status) || !is_about_an_offer {
        return;
    }
    let answer: Value = serde_json::from_str(text).unwrap();
    let own = format!("offers/{}", answer["id"].as_str().unwrap());
    let Reply::Answer { body: read, .. } = run(world, ("GET", &own), Vec::new()) else {
        panic!("{own} is gone");
    };
    assert_eq!(read, *text);
    let is_create = path == "offers" || path.ends_with("/localizations");
    if !is_create {
        let again = run(world, (verb, path), body.to_vec());
        let is_done = matches!(again, Reply::Answer { status: 204, .. });
        assert!(is_done, "{verb} {path} {again:?}");
    }
}

#[test]
fn mutated_bodies_are_answered_and_nothing_panics() {
    let corpus = corpus();
    let random = &mut fastrand::Rng::with_seed(20_261_121);
    let start = Instant::now();
    let mut world = world(None);
    for round in 0..20_000 {
        // A fresh catalogue now and then keeps it small.
        if round % 1_000 == 0 {
            world = self::world(None);
        }
        let (verb, path, mut body) = random.choice(&corpus).unwrap().clone();
        for _ in 0..random.usize(..3) {
            put_odd_value(ODD_VALUES, &mut body, random);
        }
        let mut bytes = body.to_string().into_bytes();
        if random.u8(..4) == 0 {
            let place = random.usize(..bytes.len());
            bytes[place] ^= 1 << random.u8(..8);
        }
        let request = format!("{verb} {path} {}", String::from_utf8_lossy(&bytes));
        let reply = run(&mut world, (verb, &path), bytes.clone());
        check_readable(&reply, &request);
        check_effect(&mut world, (verb, &path), &bytes, &reply);
    }
    // A bound for a debug build on a busy machine; it takes about a second.
    assert!(start.elapsed() < Duration::from_mins(1));
}

/// Every stem of the catalogue that [`world`] returns.
const STEMS: [&str; 7] = [
    "A111111111",
    "R111111111",
    "S111111111",
    "P111111111",
    "E111111111",
    "A222222222",
    "S740060915",
];

/// A write of the other generation: of that method, with that letter and number.
fn json_rpc(random: &mut fastrand::Rng) -> Vec<u8> {
    let (method, id) = *random
        .choice(&[
            ("updateSingleOffer", "A111111111_US"),
            ("updateRentalOffer", "R111111111_US"),
            ("updateSubscriptionOffer", "S111111111_US"),
            ("updatePassOffer", "P111111111_US"),
            ("updateEventOffer", "E111111111_US"),
            ("updateVodOffer", "A222222222_US"),
            ("deactivatePassOffer", "P111111111_US"),
            ("updateMultiCurrencySubscriptionOffer", "S740060915"),
        ])
        .unwrap();
    let data = [
        json!({"title": "x"}),
        json!({"price": 5}),
        json!({"period": "week", "accessToTags": ["(all)"]}),
        json!({"period": 12, "rentalPeriod": 7}),
        json!({"expiresAt": 1_900_000_000, "startTime": 5, "endTime": 9}),
        json!({"freeDays": 3, "freePeriods": 1, "rentalPeriod": 0}),
        json!({"geoRestrictionEnabled": false, "geoRestrictionType": "whitelist"}),
        json!({"geoRestrictionEnabled": true, "description": ""}),
    ];
    let params = json!({
        "publisherToken": "TOK", "offerId": id, "offerIdString": id, "multiCurrencyOfferId": id,
        "offerData": random.choice(&data),
    });
    let call = json!({"method": method, "params": params, "id": 1});
    call.to_string().into_bytes()
}

#[test]
fn version_moves_with_every_change_that_either_generation_makes() {
    let corpus = corpus();
    let random = &mut fastrand::Rng::with_seed(7);
    let mut world = world(None);
    let mut seen = [const { None }; STEMS.len()];
    let mut changes = 0;
    for round in 0..3_000 {
        if round % 2 == 0 {
            let mut exchange =
                crate::json_rpc::exchange::JsonRpcExchange::new(&json_rpc(random), 1);
            assert!(matches!(exchange.advance(&mut world), Step::Done(_)));
        } else {
            let (verb, path, mut body) = random.choice(&corpus).unwrap().clone();
            if random.bool() {
                put_odd_value(ODD_VALUES, &mut body, random);
            }
            run(&mut world, (verb, &path), body.to_string().into_bytes());
        }
        for (stem, before) in STEMS.iter().zip(&mut seen) {
            let reply = run(&mut world, ("GET", &format!("offers/{stem}")), Vec::new());
            let Reply::Answer {
                status: 200, body, ..
            } = reply
            else {
                panic!("{stem}: {reply:?}");
            };
            let now: Value = serde_json::from_str(&body).unwrap();
            if let Some(before) = before.replace(now.clone())
                && before != now
            {
                assert!(
                    now["version"].as_u64() > before["version"].as_u64(),
                    "{before} {now}"
                );
                changes += 1;
            }
        }
    }
    assert!(changes > 500, "{changes}");
}
