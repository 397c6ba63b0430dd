//! Refusals: statuses, the shape of their bodies, and every rule (docs/cleeng-api.md §5.1, §5.4, §5.5).

use cleeng_emulator::{Account, CallOutcome, Config, Token};
use serde_json::{Value, json};

use super::create::with;
use super::{body, days, localization, path};
use crate::client::{Bench, TOKEN};

/// Checks the status of creates with one member more, other or less.
async fn check_creates(status: u16, cases: &[(&str, Value)]) {
    let bench = Bench::start().await;
    for (kind, patch) in cases {
        let (found, message) = bench
            .client
            .refusal("POST", "offers", body(kind, patch.clone()))
            .await;
        assert_eq!(found, status, "{kind} {patch} {message}");
        assert!(!message.is_empty());
    }
    assert!(bench.emulator.offers().is_empty());
}

/// Checks the status of patches of a fresh offer.
async fn check_patches(status: u16, cases: &[(&str, Value)]) {
    let bench = Bench::start().await;
    for (kind, patch) in cases {
        let made = bench.create_rest(kind, json!({})).await;
        let (found, message) = bench
            .client
            .refusal("PATCH", &path(&made), patch.clone())
            .await;
        assert_eq!(found, status, "{kind} {patch} {message}");
        assert_eq!(bench.client.offer("GET", &path(&made), None).await, made);
    }
}

#[tokio::test]
async fn token_is_wanted_everywhere() {
    let bench = Bench::with(Config {
        account: Account {
            token: Some(Token::new(TOKEN)),
            ..Account::default()
        },
        ..Config::default()
    })
    .await;
    let create = body("pass", json!({})).to_string();
    for (verb, path) in [
        ("GET", "/3.1/offers"),
        ("GET", "/3.1/offers/S123456789"),
        ("POST", "/3.1/offers"),
        ("PATCH", "/3.1/offers/S123456789/localizations/FR"),
    ] {
        for headers in [
            &[][..],
            &[("X-Publisher-Token", "wrong")],
            &[("X-Publisher-Token", "")],
        ] {
            let answer = bench
                .client
                .request(verb, path, headers, create.as_bytes())
                .await
                .unwrap();
            assert_eq!(answer.status, 401, "{verb} {path}");
            assert_eq!(
                answer.json(),
                json!({"message": "Publisher token is invalid"})
            );
        }
    }
    assert!(bench.emulator.offers().is_empty());
    bench.create_rest("pass", json!({})).await;
}

#[tokio::test]
async fn token_is_in_no_record() {
    let bench = Bench::start().await;
    bench
        .create_rest("pass", json!({"title": format!("x {TOKEN} y")}))
        .await;
    let record = bench
        .client
        .request("GET", "/_emulator/requests", &[], b"")
        .await;
    let record = record.unwrap().text();
    assert!(record.contains("createOffer") && !record.contains(TOKEN));
}

#[tokio::test]
async fn ids_are_short_and_known() {
    let bench = Bench::start().await;
    for (id, status, message) in [
        ("S123456789", 404, "Offer not found"),
        ("S123456789_USA", 400, "Parameter 'id' has invalid value"),
        ("V123456789", 400, "Parameter 'id' has invalid value"),
        ("S023456789", 400, "Parameter 'id' has invalid value"),
        ("%00", 400, "Parameter 'id' has invalid value"),
    ] {
        for (verb, tail) in [
            ("GET", ""),
            ("PATCH", ""),
            ("POST", "/activate"),
            ("POST", "/localizations"),
        ] {
            let path = format!("offers/{id}{tail}");
            let found = bench
                .client
                .refusal(verb, &path, json!({"title": "x"}))
                .await;
            assert_eq!(found, (status, message.to_owned()), "{verb} {path}");
        }
    }
}

/// Webhooks carry the long id, and the paths of writes are documented with the short one (docs/cleeng-api.md §5.2, §11).
#[tokio::test]
async fn gets_take_long_ids_and_writes_may() {
    for (quirk, gets, writes) in [
        ("rest-long-id=gets", 200, 400),
        ("rest-long-id=accepted", 200, 200),
        ("rest-long-id=refused", 400, 400),
    ] {
        let bench = with(&[quirk]).await;
        let made = bench.create_rest("pass", json!({})).await;
        assert_eq!(bench.client.offer("GET", &path(&made), None).await, made);
        let long = format!("offers/{}", made["longId"].as_str().unwrap());
        let got = bench.client.rest("GET", &long, None).await;
        assert_eq!(got.status, gets, "{quirk}");
        assert!(gets == 400 || got.json() == made, "{quirk}");
        let title = json!({"title": "new"});
        let localized = localization("FR", "EUR", 9.0);
        for (verb, tail, body) in [
            ("PATCH", "", &title),
            ("POST", "/localizations", &localized),
            ("PATCH", "/localizations/FR", &title),
            ("POST", "/deactivate", &title),
            ("POST", "/activate", &title),
        ] {
            let path = format!("{long}{tail}");
            let written = bench.client.rest(verb, &path, Some(body)).await;
            assert_eq!(written.status, writes, "{quirk} {verb} {tail}");
        }
        for id in ["P1_US", "P123456789_usa", "_US"] {
            let path = format!("offers/{id}");
            assert_eq!(bench.client.refusal("GET", &path, json!({})).await.0, 400);
        }
    }
}

#[tokio::test]
async fn bodies_that_are_no_objects_are_400() {
    let bench = Bench::start().await;
    let headers = [("X-Publisher-Token", TOKEN)];
    for body in ["", "{", "[]", "null", "1", "\"x\"", "{}x"] {
        let answer = bench
            .client
            .request("POST", "/3.1/offers", &headers, body.as_bytes())
            .await
            .unwrap();
        assert_eq!(answer.status, 400, "{body}");
        let message = answer.json()["message"].as_str().unwrap().to_owned();
        assert!(message.starts_with("Input validation failed: the body is no "));
    }
}

#[tokio::test]
async fn paths_and_verbs_that_lead_nowhere_have_messages_too() {
    let bench = Bench::start().await;
    for (verb, path, status) in [
        ("GET", "nothing", 404),
        ("DELETE", "offers/S123456789", 405),
        ("PUT", "offers/S123456789", 405),
        ("GET", "offers/S123456789/localizations", 405),
    ] {
        let (found, message) = bench.client.refusal(verb, path, json!({})).await;
        assert_eq!(found, status, "{verb} {path}");
        assert!(!message.is_empty());
    }
    assert_eq!(bench.emulator.requests().call_count(), 0);
}

#[tokio::test]
async fn refusal_is_recorded_with_its_status() {
    let bench = Bench::start().await;
    bench.client.refusal("POST", "offers", json!({})).await;
    let requests = bench.emulator.requests();
    let call = requests.calls_of("createOffer").next().unwrap();
    assert_eq!(call.outcome, CallOutcome::Failed(400));
    assert!(!call.took_effect);
}

#[tokio::test]
async fn form_of_a_create_is_checked() {
    let whole = json!({"from": 1, "to": 2, "amount": 5, "name": "n"});
    let rule = |member: &str, value: Value| {
        let mut rule = whole.clone();
        rule[member] = value;
        json!({"price": {"amount": 1, "rules": [rule]}})
    };
    let long = "x".repeat(256);
    check_creates(
        400,
        &[
            ("pass", json!({"type": null})),
            ("pass", json!({"type": "single"})),
            ("pass", json!({"title": null})),
            ("pass", json!({"title": ""})),
            ("pass", json!({"title": 7})),
            ("pass", json!({"title": "x".repeat(71)})),
            ("pass", json!({"description": long})),
            ("pass", json!({"price": null})),
            ("pass", json!({"price": 5})),
            ("pass", json!({"price": {}})),
            ("pass", json!({"price": {"amount": "5"}})),
            ("pass", json!({"price": {"amount": -0.01}})),
            ("pass", json!({"price": {"amount": 5, "currency": "XXY"}})),
            ("pass", json!({"price": {"amount": 5, "currency": "TRL"}})),
            ("pass", json!({"price": {"amount": 5, "taxIncluded": 1}})),
            ("pass", json!({"price": {"amount": 5, "tax": 1}})),
            ("pass", rule("amount", json!(0))),
            ("pass", rule("name", json!(""))),
            ("pass", rule("from", json!("1"))),
            ("pass", rule("more", json!(1))),
            ("pass", json!({"tags": "a"})),
            ("pass", json!({"tags": [""]})),
            ("pass", json!({"tags": ["(all)"]})),
            ("subscription", json!({"tags": ["ok", "(all)"]})),
            ("vod", json!({"tags": ["é"]})),
            ("vod", json!({"tags": ["x".repeat(65)]})),
            ("vod", json!({"tags": ["a", "a"]})),
            ("vod", json!({"url": "u.com"})),
            ("vod", json!({"url": "mailto:a@b.cd"})),
            ("vod", json!({"url": "http://localhost/x"})),
            ("vod", json!({"url": "http://a.b"})),
            ("vod", json!({"url": "http://u.com/a b"})),
            ("vod", json!({"url": format!("http://u.com/{}", "x".repeat(188))})),
            ("vod", json!({"imageUrl": long})),
            ("pass", json!({"geoRestriction": {"type": "whitelist"}})),
            ("pass", json!({"geoRestriction": {"type": "grey", "countries": ["NL"]}})),
            ("pass", json!({"geoRestriction": {"type": "whitelist", "countries": ["nl"]}})),
            ("pass", json!({"geoRestriction": {"type": "whitelist", "countries": []}})),
            ("pass", json!({"externalProperties": {"a": 1}})),
            ("pass", json!({"externalProperties": []})),
            ("pass", json!({"appStoreProductIds": {"nokia": "x"}})),
            ("pass", json!({"giftable": "true"})),
            ("pass", json!({"sessionsLimit": 0})),
            ("subscription", json!({"pause": {}})),
            ("subscription", json!({"freeTrial": {"type": "week", "duration": 1}})),
            ("subscription", json!({"freeTrial": {"type": "day", "duration": -1}})),
            ("subscription", json!({"freeTrial": {"type": "day"}})),
            ("subscription", json!({"billingCycle": {"periodUnit": "hour", "amount": 1}})),
            ("subscription", json!({"billingCycle": {"periodUnit": "week", "amount": 0}})),
            ("subscription", json!({"billingCycle": {"periodUnit": "week"}})),
            ("pass", json!({"entitlement": {"expirationPolicy": "duration"}})),
            ("pass", json!({"entitlement": {"expirationPolicy": "fixed-date"}})),
            ("pass", json!({"entitlement": {"duration": {"periodUnit": "day", "amount": 1}}})),
            ("pass", json!({"entitlement": {"expirationPolicy": "fixed-date", "expiresAt": 5, "duration": {}}})),
            ("live", json!({"event": {"startsAt": 1, "endsAt": 2}})),
            ("live", json!({"event": {"startsAt": "1", "endsAt": 2, "timezone": "UTC"}})),
            ("pass", json!({"localizations": {}})),
            ("pass", json!({"localizations": [{"countryCode": "FR"}]})),
            // Names of the other generation, and what is made by the service.
            ("pass", json!({"accessToTags": ["a"]})),
            ("pass", json!({"period": "month"})),
            ("pass", json!({"active": true})),
            ("pass", json!({"id": "P123456789"})),
        ],
    )
    .await;
}

#[tokio::test]
async fn rules_of_a_create_are_checked() {
    let season = json!({"periodUnit": "season", "amount": 1});
    let group = "0bdb7589-762c-40bf-b501-a0f02b59d76d";
    let rule = json!({"from": 2, "to": 1, "amount": 5, "name": "n"});
    check_creates(
        422,
        &[
            ("subscription", json!({"billingCycle": null})),
            ("pass", json!({"entitlement": null})),
            ("vod", json!({"entitlement": null})),
            ("live", json!({"event": null})),
            ("pass", json!({"billingCycle": {"periodUnit": "week", "amount": 1}})),
            ("subscription", json!({"entitlement": days(1)})),
            ("vod", json!({"event": super::event()})),
            ("pass", json!({"freeTrial": {"type": "day", "duration": 1}})),
            ("pass", json!({"pause": {"maxBillingCycles": 1}})),
            ("pass", json!({"seasonGroupId": group})),
            ("subscription", json!({"seasonGroupId": group})),
            ("subscription", json!({"billingCycle": season})),
            ("live", json!({"event": {"startsAt": 2, "endsAt": 1, "timezone": "UTC"}})),
            ("pass", json!({"price": {"amount": 1.001}})),
            ("pass", json!({"price": {"amount": 1.5, "currency": "JPY"}})),
            ("pass", json!({"price": {"amount": 1.0001, "currency": "KWD"}})),
            ("pass", json!({"price": {"amount": 1, "rules": [rule]}})),
            (
                "pass",
                json!({"localizations": [localization("FR", "EUR", 1.0), localization("FR", "EUR", 2.0)]}),
            ),
            ("pass", json!({"localizations": [localization("US", "USD", 1.0)]})),
        ],
    )
    .await;
}

#[tokio::test]
async fn form_of_a_patch_is_checked() {
    check_patches(
        400,
        &[
            ("pass", json!({})),
            ("pass", json!({"title": ""})),
            ("pass", json!({"title": null})),
            ("pass", json!({"title": "x".repeat(256)})),
            ("pass", json!({"price": {}})),
            ("pass", json!({"price": {"amount": 1, "currency": "USD"}})),
            ("pass", json!({"price": {"taxIncluded": false}})),
            ("pass", json!({"tags": ["(all)"]})),
            ("pass", json!({"entitlement": {}})),
            (
                "pass",
                json!({"entitlement": {"expirationPolicy": "fixed-date"}}),
            ),
            ("live", json!({"event": {}})),
            ("pass", json!({"sessionsLimit": 3})),
            ("subscription", json!({"pause": null})),
            (
                "subscription",
                json!({"billingCycle": {"periodUnit": "week", "amount": 1}}),
            ),
            ("subscription", json!({"type": "pass"})),
            ("subscription", json!({"active": false})),
            ("subscription", json!({"localizations": []})),
            ("subscription", json!({"version": 1})),
            ("subscription", json!({"titel": "x"})),
        ],
    )
    .await;
}

#[tokio::test]
async fn rules_of_a_patch_are_checked() {
    check_patches(
        422,
        &[
            ("pass", json!({"price": {"amount": 1.999}})),
            ("subscription", json!({"entitlement": {"expiresAt": 5}})),
            ("pass", json!({"event": {"endsAt": 5}})),
            ("live", json!({"event": {"endsAt": 5}})),
            ("vod", json!({"freeTrial": null})),
            (
                "vod",
                json!({"seasonGroupId": "0bdb7589-762c-40bf-b501-a0f02b59d76d"}),
            ),
        ],
    )
    .await;
}

#[tokio::test]
async fn messages_name_the_member() {
    let bench = Bench::start().await;
    let message = async |patch: Value| {
        let body = body("subscription", patch);
        bench.client.refusal("POST", "offers", body).await.1
    };
    assert_eq!(
        message(json!({"tags": ["(all)"]})).await,
        "Input validation failed: tags holds `(all)`, which does not match ^[a-zA-Z0-9_\\-: ]+$"
    );
    assert_eq!(
        message(json!({"price": {"amount": 1, "net": 2}})).await,
        "Input validation failed: price.net is not allowed"
    );
    assert_eq!(
        message(json!({"localizations": [{"title": "x"}]})).await,
        "Input validation failed: localizations[0].countryCode is required"
    );
    assert_eq!(
        message(json!({"price": {"amount": 1.555}})).await,
        "price.amount has more than the 2 decimals of USD"
    );
}

#[tokio::test]
async fn wrong_form_may_be_422() {
    let bench = with(&["rest-invalid=422"]).await;
    let (status, message) = bench
        .client
        .refusal("POST", "offers", body("pass", json!({"more": 1})))
        .await;
    assert_eq!(status, 422);
    assert_eq!(message, "Input validation failed: more is not allowed");
}
