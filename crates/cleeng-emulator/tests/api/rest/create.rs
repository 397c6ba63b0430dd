//! Creates: what a new offer of each type looks like, and how it is read back (docs/cleeng-api.md §5.3, §5.4).

use cleeng_emulator::{Account, Clock, Config, Field, ManualClock, Quirk, Quirks};
use serde_json::{Value, json};

use super::{body, days, event, localization, path, season_group};
use crate::client::{Bench, text};

pub(crate) async fn with(quirks: &[&str]) -> Bench {
    let quirks: Quirks = quirks
        .iter()
        .map(|quirk| Quirk::parse(quirk).unwrap())
        .collect();
    Bench::with(Config {
        quirks,
        ..Config::default()
    })
    .await
}

#[tokio::test]
async fn new_offer_has_every_member_in_the_order_of_the_sheet() {
    let bench = Bench::with(Config {
        clock: Clock::Manual(ManualClock::at(1_700_000_000)),
        ..Config::default()
    })
    .await;
    let answer = bench
        .client
        .rest("POST", "offers", Some(&body("subscription", json!({}))))
        .await;
    assert_eq!(answer.status, 201);
    assert_eq!(answer.headers["content-type"], "application/json");
    let offer = answer.json();
    let id = text(&offer["id"]);
    assert_eq!(
        offer,
        json!({
            "id": id, "longId": format!("{id}_US"), "type": "subscription", "title": "t",
            "description": "", "url": "http://u.com", "imageUrl": "", "tags": [], "active": true,
            "price": {"amount": 12.34, "currency": "USD", "taxIncluded": true, "rules": []},
            "billingCycle": {"periodUnit": "month", "amount": 1}, "freeTrial": null, "pause": null,
            "geoRestriction": null, "externalProperties": {}, "appStoreProductIds": {},
            "giftable": false, "sessionsLimit": null, "hasLandingPage": false, "localizations": [],
            "createdAt": 1_700_000_000, "updatedAt": 1_700_000_000, "version": 1,
        })
    );
    let body = answer.text();
    let places = ["\"id\"", "\"longId\"", "\"price\"", "\"version\""].map(|name| body.find(name));
    assert!(places.is_sorted(), "{body}");
}

#[tokio::test]
async fn offer_is_read_as_it_was_created() {
    let bench = Bench::start().await;
    for kind in ["subscription", "pass", "live", "vod"] {
        let made = bench.create_rest(kind, json!({})).await;
        assert_eq!(made["type"], kind);
        let read = bench.client.offer("GET", &path(&made), None).await;
        assert_eq!(read, made);
    }
}

#[tokio::test]
async fn ids_begin_with_the_letter_of_the_type() {
    let bench = Bench::start().await;
    let fixed = json!({"expirationPolicy": "fixed-date", "expiresAt": 1_999_999_999});
    for (kind, patch, letter) in [
        ("subscription", json!({}), 'S'),
        ("pass", json!({}), 'P'),
        ("live", json!({}), 'E'),
        ("vod", json!({}), 'R'),
        ("vod", json!({"entitlement": fixed}), 'A'),
    ] {
        let id = text(&bench.create_rest(kind, patch).await["id"]);
        assert!(id.starts_with(letter) && id.len() == 10, "{kind} {id}");
    }
}

#[tokio::test]
async fn everything_that_can_be_said_comes_back() {
    let bench = Bench::start().await;
    let group = season_group(&bench);
    let rules =
        json!([{"from": 1_764_590_400, "to": 1_777_636_800, "amount": 5, "name": "Early Bird"}]);
    let common = json!({
        "description": "d", "tags": ["sport", "featured event", "live-event:2025"],
        "imageUrl": "https://example.com/image.jpg",
        "geoRestriction": {"type": "whitelist", "countries": ["NL", "NO"]},
        "externalProperties": {"offerctl": "club/gold", "custom-attribute": ""},
        "appStoreProductIds": {"apple": "a", "vizio": "v"},
        "giftable": true, "sessionsLimit": 10,
        "price": {"amount": 10.5, "currency": "EUR", "taxIncluded": false, "rules": rules},
    });
    let own = [
        (
            "subscription",
            json!({
                "billingCycle": {"periodUnit": "season", "amount": 1}, "pause": {"maxBillingCycles": 3},
                "freeTrial": {"type": "period", "duration": 2},
                "seasonGroupId": group,
            }),
        ),
        ("pass", json!({"entitlement": days(1)})),
        ("live", json!({"event": event()})),
        ("vod", json!({"entitlement": days(3)})),
    ];
    for (kind, own) in own {
        let mut patch = common.clone();
        for (name, value) in own.as_object().unwrap() {
            patch[name] = value.clone();
        }
        let made = bench.create_rest(kind, patch.clone()).await;
        for (name, value) in patch.as_object().unwrap() {
            assert_eq!(made[name], *value, "{kind} {name}");
        }
        assert_eq!(bench.client.offer("GET", &path(&made), None).await, made);
    }
}

#[tokio::test]
async fn terms_of_every_unit_come_back() {
    let bench = Bench::start().await;
    for unit in ["day", "week", "month", "year"] {
        for amount in [1, 2, 3, 6] {
            let cycle = json!({"periodUnit": unit, "amount": amount});
            let made = bench.create_rest("subscription", json!({"billingCycle": cycle}));
            assert_eq!(made.await["billingCycle"], cycle);
        }
    }
    for kind in ["pass", "vod"] {
        for unit in ["hour", "day", "week", "month", "year"] {
            for amount in [1, 48] {
                let duration = json!({"periodUnit": unit, "amount": amount});
                let term = json!({"expirationPolicy": "duration", "duration": duration});
                let made = bench.create_rest(kind, json!({"entitlement": term})).await;
                assert_eq!(made["entitlement"], term, "{kind}");
            }
        }
    }
}

#[tokio::test]
async fn kinds_of_trials_come_back_and_none_is_null() {
    let bench = Bench::start().await;
    let trial = async |trial: Value| {
        let patch = json!({"freeTrial": trial});
        bench.create_rest("subscription", patch).await["freeTrial"].clone()
    };
    for kind in ["day", "period"] {
        let wanted = json!({"type": kind, "duration": 7});
        assert_eq!(trial(wanted.clone()).await, wanted);
    }
    let none = json!({"type": "day", "duration": 0});
    assert_eq!(trial(none).await, Value::Null);
}

#[tokio::test]
async fn free_offers_and_dear_ones_are_taken() {
    let bench = Bench::start().await;
    for amount in [json!(0), json!(0.01), json!(1999.99)] {
        let made = bench.create_rest("pass", json!({"price": {"amount": amount}}));
        assert_eq!(made.await["price"]["amount"], amount);
    }
}

#[tokio::test]
async fn currency_is_that_of_the_account_unless_it_is_named() {
    let bench = Bench::with(Config {
        account: Account {
            currency: "PLN".parse().unwrap(),
            country: "PL".parse().unwrap(),
            ..Account::default()
        },
        ..Config::default()
    })
    .await;
    let made = bench.create_rest("pass", json!({})).await;
    assert_eq!(made["price"]["currency"], "PLN");
    assert!(text(&made["longId"]).ends_with("_PL"));
    let price = json!({"amount": 500, "currency": "JPY"});
    let made = bench.create_rest("pass", json!({"price": price})).await;
    assert_eq!(made["price"]["currency"], "JPY");
}

#[tokio::test]
async fn localizations_are_made_with_their_offer() {
    let bench = Bench::start().await;
    let patch = json!({
        "description": "d", "freeTrial": {"type": "day", "duration": 7},
        "localizations": [localization("NO", "NOK", 99.0), localization("FR", "EUR", 9.5)],
    });
    let made = bench.create_rest("subscription", patch).await;
    let id = text(&made["id"]);
    assert_eq!(
        made["localizations"],
        json!([
            {
                "id": format!("{id}_FR"), "title": "t in FR", "description": "d", "active": true,
                "price": {"amount": 9.5, "currency": "EUR", "taxIncluded": true, "rules": []},
                "countryCode": "FR", "geoRestriction": null,
                "freeTrial": {"type": "day", "duration": 7},
            },
            {
                "id": format!("{id}_NO"), "title": "t in NO", "description": "d", "active": true,
                "price": {"amount": 99, "currency": "NOK", "taxIncluded": true, "rules": []},
                "countryCode": "NO", "geoRestriction": null,
                "freeTrial": {"type": "day", "duration": 7},
            },
        ])
    );
    assert_eq!(made["version"], 1);
    let requests = bench.emulator.requests();
    let call = requests.calls_of("createOffer").next().unwrap();
    assert_eq!(call.written.len(), 3);
}

#[tokio::test]
async fn same_body_twice_makes_two_offers() {
    let bench = Bench::start().await;
    let first = bench.create_rest("pass", json!({})).await;
    let second = bench.create_rest("pass", json!({})).await;
    assert_ne!(first["id"], second["id"]);
    assert_eq!(bench.emulator.offers().len(), 2);
    assert_eq!(bench.emulator.requests().write_calls(), 2);
}

#[tokio::test]
async fn store_holds_what_only_this_api_has() {
    let bench = Bench::start().await;
    let patch = json!({"externalProperties": {"a": "b"}, "imageUrl": "http://i.com/i"});
    let made = bench.create_rest("vod", patch).await;
    let id = text(&made["longId"]).parse().unwrap();
    let offer = bench.emulator.offer(&id).unwrap();
    assert_eq!(offer.text(Field::ImageUrl), Some("http://i.com/i"));
    let edited = bench
        .emulator
        .edit(&id, |offer| offer.clear(Field::ExternalProperties))
        .unwrap();
    assert_eq!(edited.version(), 2);
    let read = bench.client.offer("GET", &path(&made), None).await;
    assert_eq!(read["externalProperties"], json!({}));
    assert_eq!(read["version"], 2);
}

#[tokio::test]
async fn status_and_empty_members_take_their_form() {
    for (quirk, status) in [
        ("rest-create-status=201", 201),
        ("rest-create-status=200", 200),
    ] {
        let bench = with(&[quirk]).await;
        let made = bench
            .client
            .rest("POST", "offers", Some(&body("pass", json!({}))))
            .await;
        assert_eq!(made.status, status);
    }
    for (quirk, text, map) in [
        ("rest-empty=blank", Some(json!("")), Some(json!({}))),
        ("rest-empty=absent", None, None),
        ("rest-empty=null", Some(Value::Null), Some(Value::Null)),
    ] {
        let made = with(&[quirk]).await.create_rest("pass", json!({})).await;
        assert_eq!(made.get("imageUrl"), text.as_ref(), "{quirk}");
        assert_eq!(made.get("externalProperties"), map.as_ref(), "{quirk}");
    }
}

#[tokio::test]
async fn create_may_answer_with_the_id_alone() {
    let bench = with(&["rest-create-answers=id"]).await;
    let made = bench.create_rest("pass", json!({})).await;
    assert_eq!(made.as_object().unwrap().len(), 1);
    let read = bench.client.offer("GET", &path(&made), None).await;
    assert_eq!(read["title"], "t");
}

#[tokio::test]
async fn currency_of_a_create_may_be_wanted_or_not() {
    let bare = body("pass", json!({}));
    let named = body("pass", json!({"price": {"amount": 1, "currency": "EUR"}}));
    for (quirk, bare_status, named_status) in [
        ("rest-create-currency=optional", 201, 201),
        ("rest-create-currency=required", 400, 201),
        ("rest-create-currency=refused", 201, 400),
    ] {
        let bench = with(&[quirk]).await;
        let status =
            async |body: &Value| bench.client.rest("POST", "offers", Some(body)).await.status;
        assert_eq!(status(&bare).await, bare_status, "{quirk}");
        assert_eq!(status(&named).await, named_status, "{quirk}");
    }
}
