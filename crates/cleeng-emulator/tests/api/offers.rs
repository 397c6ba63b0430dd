//! The life of one offer of each type (docs/cleeng-api.md §2).

use cleeng_emulator::{Account, Clock, Config, ManualClock, Token};
use serde_json::{Value, json};

use crate::client::{Bench, call, data, text, unwrapped};

/// Every type with the methods that end it and the parameter that names it.
const TYPES: [(&str, &str, &str); 6] = [
    ("Single", "deactivateSingleOffer", "offerId"),
    ("Rental", "deactivateRentalOffer", "offerId"),
    ("Subscription", "deactivateSubscriptionOffer", "offerId"),
    ("Pass", "deactivatePassOffer", "offerId"),
    ("Event", "cancelEventOffer", "offerId"),
    ("Vod", "deactivateVodOffer", "offerIdString"),
];

fn clocked() -> (ManualClock, Config) {
    let clock = ManualClock::at(1_384_263_564);
    let config = Config {
        clock: Clock::Manual(clock.clone()),
        ..Config::default()
    };
    (clock, config)
}

#[tokio::test]
async fn every_type_lives_from_create_to_deactivate() {
    let (clock, config) = clocked();
    let bench = Bench::with(config).await;
    for (kind, deactivate, parameter) in TYPES {
        let client = bench.client;
        let get = format!("get{kind}Offer");
        let list = format!("list{kind}Offers");
        let created = bench.create(kind, json!({"title": "first"})).await;
        let id = text(&created["id"]);
        let named = json!({parameter: id});
        let born = created["createdAt"].clone();
        assert_eq!(created["title"], "first");
        assert_eq!(created["updatedAt"], born);
        assert_eq!(unwrapped(client.ok(&get, named.clone()).await), created);
        assert_eq!(
            client.listed(&list, json!({})).await,
            std::slice::from_ref(&id)
        );

        clock.advance(7);
        let update = json!({parameter: id, "offerData": {"title": "second"}});
        let updated = unwrapped(client.ok(&format!("update{kind}Offer"), update).await);
        assert_eq!(updated["title"], "second");
        assert_eq!(updated["url"], created["url"]);
        assert_eq!(updated["price"], created["price"]);
        assert_eq!(updated["createdAt"], born);
        assert_eq!(
            updated["updatedAt"].as_i64(),
            born.as_i64().map(|born| born + 7)
        );

        let ended = client.ok(deactivate, named.clone()).await;
        assert_eq!(ended["id"], id);
        clock.advance(7);
        let again = client.ok(deactivate, named.clone()).await;
        assert_eq!(again, ended);
        assert!(client.listed(&list, json!({})).await.is_empty());
        let inactive = json!({"criteria": {"active": false}});
        assert_eq!(client.listed(&list, inactive).await, [id]);
        let still = unwrapped(client.ok(&get, named).await);
        assert_eq!(still["title"], "second");
        if kind != "Vod" {
            assert_eq!(created["active"], true, "{kind}");
            assert_eq!(ended["active"], false, "{kind}");
            assert_eq!(still["active"], false, "{kind}");
        }
    }
}

#[tokio::test]
async fn inactive_offer_can_be_updated_and_stays_inactive() {
    let bench = Bench::start().await;
    let id = bench.create("Pass", json!({})).await["id"].clone();
    let client = bench.client;
    client
        .ok("deactivatePassOffer", json!({"offerId": id}))
        .await;
    let update = json!({"offerId": id, "offerData": {"title": "new", "active": true}});
    let updated = client.ok("updatePassOffer", update).await;
    assert_eq!(updated["title"], "new");
    assert_eq!(updated["active"], false);
}

#[tokio::test]
async fn ids_have_the_letter_of_their_type_and_the_country_of_the_account() {
    let bench = Bench::with(Config {
        account: Account {
            country: "PL".parse().unwrap(),
            currency: "EUR".parse().unwrap(),
            ..Account::default()
        },
        ..Config::default()
    })
    .await;
    for (kind, letter) in [
        ("Single", 'A'),
        ("Rental", 'R'),
        ("Subscription", 'S'),
        ("Pass", 'P'),
        ("Event", 'E'),
        ("Vod", 'A'),
    ] {
        let id = text(&bench.create(kind, json!({})).await["id"]);
        assert!(id.starts_with(letter) && id.ends_with("_PL"), "{id}");
    }
    let rented = bench.create("Vod", json!({"rentalPeriod": "7"})).await;
    assert!(text(&rented["id"]).starts_with('R'));
    let pass = bench.create("Pass", json!({})).await;
    assert_eq!(
        (&pass["country"], &pass["currency"]),
        (&json!("PL"), &json!("EUR"))
    );
}

#[tokio::test]
async fn unknown_ids_and_ids_of_another_type_do_not_exist() {
    let bench = Bench::start().await;
    let pass = bench.create("Pass", json!({})).await;
    let vod = bench.create("Vod", json!({})).await;
    let client = bench.client;
    let stem = &text(&pass["id"])[..10];
    for (method, params) in [
        ("getPassOffer", json!({"offerId": "P000"})),
        ("getPassOffer", json!({"offerId": 17})),
        ("getPassOffer", json!({"offerId": stem})),
        ("getSubscriptionOffer", json!({"offerId": pass["id"]})),
        ("updateSubscriptionOffer", json!({"offerId": pass["id"]})),
        (
            "deactivateSubscriptionOffer",
            json!({"offerId": pass["id"]}),
        ),
        ("getSingleOffer", json!({"offerId": vod["id"]})),
        ("deactivateSingleOffer", json!({"offerId": vod["id"]})),
        ("getVodOffer", json!({"offerIdString": pass["id"]})),
        ("getSingleOffer", json!({"videoId": "nothing"})),
    ] {
        assert_eq!(
            client.code(method, params.clone()).await,
            4,
            "{method} {params}"
        );
    }
    let nameless = client.call("getVodOffer", json!({})).await;
    assert_eq!(nameless["error"]["code"], -32602);
    assert_eq!(nameless["error"]["message"], "offerIdString is missing");
}

/// The documentation and most libraries say `offerIdString`, one library says `offerId` (docs/cleeng-api.md §1.1).
#[tokio::test]
async fn vods_are_found_by_either_name_of_the_parameter() {
    let bench = Bench::start().await;
    let vod = bench.create("Vod", json!({})).await;
    let pass = bench.create("Pass", json!({})).await;
    for name in ["offerIdString", "offerId"] {
        let id = || json!({name: vod["id"]});
        let got = bench.client.ok("getVodOffer", id()).await;
        assert_eq!(got["vod"]["id"], vod["id"], "{name}");
        let mut update = id();
        update["offerData"] = json!({"title": name});
        let updated = bench.client.ok("updateVodOffer", update).await;
        assert_eq!(updated["vod"]["title"], name);
        let ended = bench.client.ok("deactivateVodOffer", id()).await;
        assert_eq!(ended["id"], vod["id"], "{name}");
    }
    let calls = bench.emulator.requests();
    assert!(calls.calls().all(|call| call.unknown_members.is_empty()));
    let other = json!({"offerIdString": pass["id"]});
    assert_eq!(bench.client.code("getPassOffer", other).await, -32602);
}

#[tokio::test]
async fn writes_and_lists_need_the_token_and_public_reads_do_not() {
    let bench = Bench::with(Config {
        account: Account {
            token: Some(Token::new(crate::client::TOKEN)),
            ..Account::default()
        },
        ..Config::default()
    })
    .await;
    for (kind, deactivate, parameter) in TYPES {
        let id = bench.create(kind, json!({})).await["id"].clone();
        for (method, needs_token) in [
            (format!("get{kind}Offer"), kind == "Vod"),
            (format!("list{kind}Offers"), true),
            (format!("create{kind}Offer"), true),
            (format!("update{kind}Offer"), true),
            (deactivate.to_owned(), true),
        ] {
            for token in [json!(null), json!(""), json!("wrong"), json!(7)] {
                let mut call = call(&method, json!({parameter: id}));
                call["params"]["publisherToken"] = token;
                let code = bench.client.json(&call).await["error"]["code"].clone();
                let expected = if needs_token { json!(3) } else { Value::Null };
                assert_eq!(code, expected, "{method}");
            }
        }
    }
}

#[tokio::test]
async fn account_without_a_token_accepts_any_but_none() {
    let bench = Bench::start().await;
    let mut call = call("listPassOffers", json!({}));
    for (token, code) in [(json!("TOK"), Value::Null), (json!(""), json!(3))] {
        call["params"]["publisherToken"] = token;
        assert_eq!(bench.client.json(&call).await["error"]["code"], code);
    }
}

#[tokio::test]
async fn singles_and_rentals_are_found_by_video_the_newest_active_one_first() {
    let (clock, config) = clocked();
    let bench = Bench::with(config).await;
    for kind in ["Single", "Rental"] {
        let mut created = Vec::new();
        for _ in 0..3 {
            created.push(bench.create(kind, json!({"videoId": "7777"})).await["id"].clone());
            clock.advance(1);
        }
        let get = format!("get{kind}Offer");
        let deactivate = format!("deactivate{kind}Offer");
        let by_video = json!({"videoId": "7777"});
        let client = bench.client;
        assert_eq!(client.ok(&get, by_video.clone()).await["id"], created[2]);
        for expected in [&created[2], &created[1], &created[0]] {
            let ended = client.ok(&deactivate, by_video.clone()).await;
            assert_eq!(ended["id"], *expected);
        }
        assert_eq!(client.ok(&get, by_video).await["id"], created[2]);
    }
}

#[tokio::test]
async fn events_are_cancelled_by_video_but_not_read_by_it() {
    let bench = Bench::start().await;
    let event = bench.create("Event", json!({"videoId": "9"})).await;
    let by_video = json!({"videoId": "9"});
    assert_eq!(
        bench.client.code("getEventOffer", by_video.clone()).await,
        -32602
    );
    let ended = bench.client.ok("cancelEventOffer", by_video).await;
    assert_eq!(ended["id"], event["id"]);
}

#[tokio::test]
async fn prices_come_back_to_the_cent_whatever_their_form() {
    let bench = Bench::start().await;
    for (sent, shown) in [
        (json!(12.34), "12.34"),
        (json!("12.34"), "12.34"),
        (json!("12"), "12"),
        (json!(0.14), "0.14"),
        (json!(99.99), "99.99"),
        (json!("19.90"), "19.9"),
    ] {
        let body = call(
            "createSubscriptionOffer",
            json!({"offerData": data("Subscription", json!({"price": sent}))}),
        );
        let answer = bench.client.post(&body.to_string()).await.unwrap().text();
        assert!(answer.contains(&format!(r#""price":{shown},"#)), "{answer}");
    }
}

#[tokio::test]
async fn pass_changes_between_period_and_expiry() {
    let bench = Bench::start().await;
    let pass = bench.create("Pass", json!({"expiresAt": 0})).await;
    assert_eq!(
        (pass.get("expiresAt"), &pass["period"]),
        (None, &json!("month"))
    );
    let update = async |data: Value| {
        let params = json!({"offerId": pass["id"], "offerData": data});
        bench.client.ok("updatePassOffer", params).await
    };
    let dated = update(json!({"expiresAt": 1_900_000_000})).await;
    assert_eq!(dated["expiresAt"], 1_900_000_000);
    assert_eq!(dated.get("period"), None);
    let untouched = update(json!({"title": "x", "expiresAt": 0})).await;
    assert_eq!(untouched["expiresAt"], 1_900_000_000);
    let again = update(json!({"period": "week"})).await;
    assert_eq!(
        (again.get("expiresAt"), &again["period"]),
        (None, &json!("week"))
    );
    let params = json!({"offerId": pass["id"], "offerData": {"period": "month", "expiresAt": 1_900_000_000}});
    assert_eq!(bench.client.code("updatePassOffer", params).await, 8);
}

#[tokio::test]
async fn empty_values_clear_optional_fields() {
    let bench = Bench::start().await;
    let full = bench
        .create(
            "Subscription",
            json!({
                "description": "d", "freeDays": 9, "accessToTags": ["Sport"],
                "geoRestrictionEnabled": true, "geoRestrictionType": "whitelist",
                "geoRestrictionCountries": ["PL", "DE"],
            }),
        )
        .await;
    assert_eq!(full["geoRestrictionCountries"], json!(["PL", "DE"]));
    let cleared = json!({
        "description": "", "freeDays": 0, "accessToTags": [""], "geoRestrictionEnabled": "0",
        "geoRestrictionType": "", "geoRestrictionCountries": [],
    });
    let params = json!({"offerId": full["id"], "offerData": cleared});
    let empty = bench.client.ok("updateSubscriptionOffer", params).await;
    assert_eq!(empty["description"], "");
    assert_eq!(empty["freeDays"], 0);
    assert_eq!(empty["accessToTags"], json!([]));
    assert_eq!(empty["geoRestrictionEnabled"], false);
    assert_eq!(empty["geoRestrictionType"], "");
    assert_eq!(empty["geoRestrictionCountries"], json!([]));
}

#[tokio::test]
async fn event_has_its_own_currency_and_shows_its_image_in_three_sizes() {
    let bench = Bench::start().await;
    let event = bench
        .create(
            "Event",
            json!({"currency": "GBP", "backgroundImageUrl": "http://img", "viewerEstimate": "2"}),
        )
        .await;
    assert_eq!(event["currency"], "GBP");
    assert_eq!(event["viewerEstimate"], "2");
    assert_eq!(
        event["backgroundImageUrl"],
        json!({"small": "http://img", "medium": "http://img", "large": "http://img"})
    );
    let params = json!({"offerId": event["id"], "offerData": {"currency": "EUR"}});
    let updated = bench.client.ok("updateEventOffer", params).await;
    assert_eq!(updated["currency"], "EUR");
    let free = bench.create("Event", json!({"price": null})).await;
    assert_eq!(
        (&free["price"], &free["currency"]),
        (&Value::Null, &json!("USD"))
    );
}

#[tokio::test]
async fn vod_is_wrapped_and_its_price_has_four_decimals() {
    let bench = Bench::start().await;
    let params = json!({"offerData": data("Vod", json!({"price": 13}))});
    let created = bench.client.ok("createVodOffer", params).await;
    let vod = &created["vod"];
    assert_eq!(vod["price"], "13.0000");
    assert_eq!(vod["rentalPeriod"], 0);
    assert_eq!(vod["membershipOnly"], false);
    let id = json!({"offerIdString": vod["id"]});
    assert_eq!(bench.client.ok("getVodOffer", id.clone()).await, created);
    let list = bench.client.ok("listVodOffers", json!({})).await;
    assert_eq!(list["items"][0]["id"], vod["id"]);
    let ended = bench.client.ok("deactivateVodOffer", id).await;
    assert_eq!(ended["id"], vod["id"]);
}

#[tokio::test]
async fn vod_needs_the_events_that_it_names() {
    let bench = Bench::start().await;
    let event = bench.create("Event", json!({})).await;
    let pass = bench.create("Pass", json!({})).await;
    let associated = bench
        .create("Vod", json!({"eventAssociation": [event["id"]]}))
        .await;
    assert_eq!(associated["eventAssociation"], json!([event["id"]]));
    for stranger in [json!("E123456789_US"), pass["id"].clone()] {
        let bad = json!({"eventAssociation": [stranger]});
        let create = json!({"offerData": data("Vod", bad.clone())});
        assert_eq!(bench.client.code("createVodOffer", create).await, 8);
        let update = json!({"offerIdString": associated["id"], "offerData": bad});
        assert_eq!(bench.client.code("updateVodOffer", update).await, 8);
    }
}
