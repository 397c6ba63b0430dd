//! Patches, activations and deactivations (docs/cleeng-api.md §5.2, §5.5).

use cleeng_emulator::{Clock, Config, ManualClock};
use serde_json::{Value, json};

use super::create::with;
use super::{days, localization, path};
use crate::client::Bench;

/// Patches a fresh offer and checks one member of the answer, and that a second time nothing is done.
async fn check(kind: &str, before: Value, patch: Value, member: &str, expected: Value) {
    let bench = Bench::start().await;
    let made = bench.create_rest(kind, before).await;
    let patched = bench
        .client
        .offer("PATCH", &path(&made), Some(patch.clone()))
        .await;
    assert_eq!(patched[member], expected, "{kind} {patch}");
    assert_eq!(patched["version"], 2);
    assert_eq!(bench.client.offer("GET", &path(&made), None).await, patched);
    let again = bench.client.rest("PATCH", &path(&made), Some(&patch)).await;
    assert_eq!((again.status, again.text().as_str()), (204, ""), "{patch}");
}

#[tokio::test]
async fn what_can_be_changed_is_changed_and_a_second_time_is_204() {
    let none = || json!({});
    check(
        "pass",
        none(),
        json!({"title": "x".repeat(255)}),
        "title",
        json!("x".repeat(255)),
    )
    .await;
    check(
        "pass",
        none(),
        json!({"description": "d"}),
        "description",
        json!("d"),
    )
    .await;
    check(
        "pass",
        none(),
        json!({"tags": ["a", "b"]}),
        "tags",
        json!(["a", "b"]),
    )
    .await;
    check(
        "vod",
        json!({"tags": ["a"]}),
        json!({"tags": []}),
        "tags",
        json!([]),
    )
    .await;
    check("pass", none(), json!({"url": null}), "url", json!("")).await;
    check("pass", none(), json!({"url": ""}), "url", json!("")).await;
    let image = "https://example.com/image.jpg";
    check(
        "pass",
        none(),
        json!({"imageUrl": image}),
        "imageUrl",
        json!(image),
    )
    .await;
    check(
        "live",
        none(),
        json!({"giftable": true}),
        "giftable",
        json!(true),
    )
    .await;
    let properties = json!({"custom-attribute": "custom value"});
    check(
        "pass",
        json!({"externalProperties": {"old": "x"}}),
        json!({"externalProperties": properties}),
        "externalProperties",
        properties.clone(),
    )
    .await;
    check(
        "pass",
        json!({"externalProperties": {"old": "x"}}),
        json!({"externalProperties": null}),
        "externalProperties",
        json!({}),
    )
    .await;
    check(
        "pass",
        none(),
        json!({"appStoreProductIds": {"roku": "r"}}),
        "appStoreProductIds",
        json!({"roku": "r"}),
    )
    .await;
}

#[tokio::test]
async fn prices_change_in_amount_and_rules_but_keep_their_currency() {
    let rules = json!([{"from": 1, "to": 2, "amount": 5, "name": "Early Bird"}]);
    for (patch, expected) in [
        (
            json!({"amount": 10}),
            json!({"amount": 10, "currency": "EUR", "taxIncluded": true, "rules": []}),
        ),
        (
            json!({"rules": rules}),
            json!({"amount": 1, "currency": "EUR", "taxIncluded": true, "rules": rules}),
        ),
        (
            json!({"amount": 0, "rules": rules}),
            json!({"amount": 0, "currency": "EUR", "taxIncluded": true, "rules": rules}),
        ),
    ] {
        let before = json!({"price": {"amount": 1, "currency": "EUR"}});
        check("pass", before, json!({"price": patch}), "price", expected).await;
    }
}

#[tokio::test]
async fn objects_may_be_patched_in_part() {
    let geo = json!({"type": "whitelist", "countries": ["NL"]});
    check(
        "pass",
        json!({"geoRestriction": geo}),
        json!({"geoRestriction": {"type": "blacklist"}}),
        "geoRestriction",
        json!({"type": "blacklist", "countries": ["NL"]}),
    )
    .await;
    check(
        "pass",
        json!({"geoRestriction": geo}),
        json!({"geoRestriction": null}),
        "geoRestriction",
        Value::Null,
    )
    .await;
    check(
        "subscription",
        json!({"freeTrial": {"type": "day", "duration": 7}}),
        json!({"freeTrial": {"duration": 9}}),
        "freeTrial",
        json!({"type": "day", "duration": 9}),
    )
    .await;
    check(
        "subscription",
        json!({"freeTrial": {"type": "day", "duration": 7}}),
        json!({"freeTrial": {"type": "period", "duration": 1}}),
        "freeTrial",
        json!({"type": "period", "duration": 1}),
    )
    .await;
    check(
        "vod",
        json!({"entitlement": days(2)}),
        json!({"entitlement": {"duration": {"amount": 5}}}),
        "entitlement",
        days(5),
    )
    .await;
    check(
        "pass",
        json!({"entitlement": {"expirationPolicy": "fixed-date", "expiresAt": 5}}),
        json!({"entitlement": {"expiresAt": 6}}),
        "entitlement",
        json!({"expirationPolicy": "fixed-date", "expiresAt": 6}),
    )
    .await;
    check(
        "live",
        json!({}),
        json!({"event": {"endsAt": 2_000_000_009_i64}}),
        "event",
        json!({"startsAt": 1_999_999_990, "endsAt": 2_000_000_009_i64, "timezone": "America/New_York"}),
    )
    .await;
}

#[tokio::test]
async fn parts_of_what_is_not_there_are_422() {
    let bench = Bench::start().await;
    let made = bench.create_rest("subscription", json!({})).await;
    for patch in [
        json!({"geoRestriction": {"type": "blacklist"}}),
        json!({"geoRestriction": {"countries": ["NL"]}}),
        json!({"freeTrial": {"duration": 9}}),
    ] {
        let (status, message) = bench.client.refusal("PATCH", &path(&made), patch).await;
        assert_eq!(status, 422, "{message}");
    }
}

#[tokio::test]
async fn what_the_patch_leaves_out_stays() {
    let bench = Bench::start().await;
    let before = json!({"tags": ["a"], "sessionsLimit": 3, "description": "d"});
    let mut expected = bench.create_rest("pass", before).await;
    let patch = json!({"title": "new"});
    let patched = bench
        .client
        .offer("PATCH", &path(&expected), Some(patch))
        .await;
    expected["title"] = json!("new");
    expected["version"] = json!(2);
    expected["updatedAt"] = patched["updatedAt"].clone();
    assert_eq!(patched, expected);
}

#[tokio::test]
async fn time_of_the_last_change_moves_only_with_a_change() {
    let clock = ManualClock::at(100);
    let bench = Bench::with(Config {
        clock: Clock::Manual(clock.clone()),
        ..Config::default()
    })
    .await;
    let made = bench.create_rest("pass", json!({})).await;
    clock.advance(50);
    let same = json!({"title": "t"});
    let answer = bench.client.rest("PATCH", &path(&made), Some(&same)).await;
    assert_eq!(answer.status, 204);
    let read = bench.client.offer("GET", &path(&made), None).await;
    assert_eq!(read["updatedAt"], 100);
    let patched = bench
        .client
        .offer("PATCH", &path(&made), Some(json!({"title": "u"})))
        .await;
    assert_eq!(
        (&patched["createdAt"], &patched["updatedAt"]),
        (&json!(100), &json!(150))
    );
    let requests = bench.emulator.requests();
    let effects: Vec<_> = requests
        .calls_of("patchOffer")
        .map(|call| call.took_effect)
        .collect();
    assert_eq!(effects, [false, true]);
}

#[tokio::test]
async fn offers_go_and_come_back() {
    let bench = Bench::start().await;
    let made = bench.create_rest("live", json!({})).await;
    let deactivate = format!("{}/deactivate", path(&made));
    let activate = format!("{}/activate", path(&made));
    let status = async |path: &str| bench.client.rest("POST", path, None).await.status;
    assert_eq!(status(&activate).await, 204);
    let ended = bench.client.offer("POST", &deactivate, None).await;
    assert_eq!(
        (&ended["active"], &ended["version"]),
        (&json!(false), &json!(2))
    );
    assert_eq!(status(&deactivate).await, 204);
    let back = bench.client.offer("POST", &activate, None).await;
    assert_eq!(
        (&back["active"], &back["version"]),
        (&json!(true), &json!(3))
    );
    let requests = bench.emulator.requests();
    assert_eq!(requests.write_calls(), 5);
    let words: Vec<_> = requests.calls().map(|call| call.method.clone()).collect();
    assert_eq!(
        words,
        [
            "createOffer",
            "activateOffer",
            "deactivateOffer",
            "deactivateOffer",
            "activateOffer"
        ]
    );
}

#[tokio::test]
async fn deactivation_ends_the_localizations_and_activation_leaves_them() {
    for (quirk, is_left) in [
        ("rest-deactivation=whole", false),
        ("rest-deactivation=alone", true),
    ] {
        let bench = with(&[quirk]).await;
        let patch = json!({"localizations": [localization("FR", "EUR", 9.0)]});
        let made = bench.create_rest("pass", patch).await;
        let post = |action: &str| {
            let path = format!("{}/{action}", path(&made));
            bench.client.offer("POST", &path, None)
        };
        let ended = post("deactivate").await;
        assert_eq!(ended["localizations"][0]["active"], is_left, "{quirk}");
        let back = post("activate").await;
        assert_eq!(back["active"], true);
        assert_eq!(back["localizations"][0]["active"], is_left, "{quirk}");
    }
}

#[tokio::test]
async fn policy_of_an_entitlement_stays_unless_a_switch_lets_it_go() {
    let patch = json!({"entitlement": {"expiresAt": 1_999_999_999}});
    for (quirk, status) in [
        ("rest-expiration-policy=fixed", 422),
        ("rest-expiration-policy=follows", 200),
    ] {
        let bench = with(&[quirk]).await;
        let made = bench.create_rest("pass", json!({})).await;
        let answer = bench.client.rest("PATCH", &path(&made), Some(&patch)).await;
        assert_eq!(answer.status, status, "{quirk}");
    }
}
