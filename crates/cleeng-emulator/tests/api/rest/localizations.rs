//! Localizations (docs/cleeng-api.md §5.2 to §5.5).

use serde_json::{Value, json};

use super::{localization, path};
use crate::client::Bench;

/// A bench with a subscription that is sold in France for euros.
async fn localized() -> (Bench, Value) {
    let bench = Bench::start().await;
    let patch = json!({
        "tags": ["a"], "localizations": [localization("FR", "EUR", 9.0)],
    });
    let offer = bench.create_rest("subscription", patch).await;
    (bench, offer)
}

#[tokio::test]
async fn country_is_added_with_200_and_the_whole_offer() {
    let bench = Bench::start().await;
    let made = bench.create_rest("live", json!({})).await;
    let mut body = localization("NO", "NOK", 99.0);
    body["description"] = json!("på norsk");
    body["geoRestriction"] = json!({"type": "blacklist", "countries": ["SE"]});
    body["price"]["rules"] = json!([{"from": 1, "to": 2, "amount": 5, "name": "n"}]);
    let add = format!("{}/localizations", path(&made));
    let answer = bench.client.rest("POST", &add, Some(&body)).await;
    assert_eq!(answer.status, 200);
    let offer = answer.json();
    assert_eq!(offer["id"], made["id"]);
    assert_eq!(offer["version"], 2);
    let row = &offer["localizations"][0];
    assert_eq!(row["description"], "på norsk");
    assert_eq!(row["price"]["rules"], body["price"]["rules"]);
    assert_eq!(row["geoRestriction"], body["geoRestriction"]);
    assert_eq!(bench.client.offer("GET", &path(&made), None).await, offer);
    let requests = bench.emulator.requests();
    let call = requests.calls_of("createLocalization").next().unwrap();
    assert_eq!(call.params["offerId"], made["id"]);
    assert_eq!(call.params["body"], body);
    assert_eq!(call.written.len(), 1);
}

#[tokio::test]
async fn country_that_is_there_is_422_active_or_not() {
    let (bench, offer) = localized().await;
    let add = format!("{}/localizations", path(&offer));
    let deactivate = format!("{add}/FR/deactivate");
    for country in ["FR", "US"] {
        let body = localization(country, "EUR", 1.0);
        let (status, message) = bench.client.refusal("POST", &add, body).await;
        assert_eq!(status, 422);
        assert_eq!(
            message,
            format!("Localization for country '{country}' already exists")
        );
    }
    bench.client.offer("POST", &deactivate, None).await;
    let body = localization("FR", "EUR", 1.0);
    assert_eq!(bench.client.refusal("POST", &add, body).await.0, 422);
}

#[tokio::test]
async fn localization_changes_by_itself() {
    let (bench, offer) = localized().await;
    let row = format!("{}/localizations/FR", path(&offer));
    let patch = json!({
        "title": "Tout", "description": "tout le sport", "price": {"amount": 8.99},
        "freeTrial": {"type": "day", "duration": 3},
    });
    let patched = bench.client.offer("PATCH", &row, Some(patch.clone())).await;
    let shown = &patched["localizations"][0];
    assert_eq!(
        (&shown["title"], &shown["price"]["amount"]),
        (&json!("Tout"), &json!(8.99))
    );
    assert_eq!(shown["price"]["currency"], "EUR");
    assert_eq!(shown["freeTrial"], patch["freeTrial"]);
    assert_eq!(
        (&patched["title"], &patched["price"]["amount"]),
        (&json!("t"), &json!(12.34))
    );
    assert_eq!(patched["freeTrial"], Value::Null);
    assert_eq!(patched["version"], 2);
    assert_eq!(
        bench.client.rest("PATCH", &row, Some(&patch)).await.status,
        204
    );
}

#[tokio::test]
async fn offer_changes_without_its_localizations() {
    let (bench, offer) = localized().await;
    let patch = json!({"title": "new", "price": {"amount": 1}});
    let patched = bench
        .client
        .offer("PATCH", &path(&offer), Some(patch))
        .await;
    assert_eq!(patched["localizations"], offer["localizations"]);
}

#[tokio::test]
async fn localizations_have_their_own_activity() {
    let (bench, offer) = localized().await;
    let row = format!("{}/localizations/FR", path(&offer));
    let post = async |action: &str| {
        let path = format!("{row}/{action}");
        bench.client.rest("POST", &path, None).await
    };
    assert_eq!(post("activate").await.status, 204);
    let ended = post("deactivate").await.json();
    assert_eq!(
        (&ended["active"], &ended["localizations"][0]["active"]),
        (&json!(true), &json!(false))
    );
    assert_eq!(post("deactivate").await.status, 204);
    let back = post("activate").await.json();
    assert_eq!(back["localizations"][0]["active"], true);
    let requests = bench.emulator.requests();
    assert_eq!(requests.calls_of("activateLocalization").count(), 2);
    assert_eq!(requests.calls_of("deactivateLocalization").count(), 2);
    assert_eq!(requests.write_calls(), 5);
}

#[tokio::test]
async fn localization_of_an_inactive_offer_cannot_be_activated() {
    let (bench, offer) = localized().await;
    let end = format!("{}/deactivate", path(&offer));
    bench.client.offer("POST", &end, None).await;
    let revive = format!("{}/localizations/FR/activate", path(&offer));
    let (status, message) = bench.client.refusal("POST", &revive, json!({})).await;
    assert_eq!(
        (status, message.as_str()),
        (422, "Cannot activate localization of an inactive offer")
    );
    // A country that is added meanwhile is as inactive as its offer.
    let add = format!("{}/localizations", path(&offer));
    let added = bench
        .client
        .offer("POST", &add, Some(localization("NO", "NOK", 99.0)))
        .await;
    assert_eq!(added["localizations"][1]["active"], false);
    let start = format!("{}/activate", path(&offer));
    bench.client.offer("POST", &start, None).await;
    let revived = bench.client.offer("POST", &revive, None).await;
    assert_eq!(revived["localizations"][0]["active"], true);
    assert_eq!(revived["localizations"][1]["active"], false);
}

#[tokio::test]
async fn country_that_is_not_there_is_404() {
    let (bench, offer) = localized().await;
    for (verb, tail, body) in [
        ("PATCH", "NO", json!({"title": "x"})),
        // That of the offer itself is no localization.
        ("PATCH", "US", json!({"title": "x"})),
        ("POST", "NO/activate", json!({})),
        ("POST", "fr/deactivate", json!({})),
    ] {
        let path = format!("{}/localizations/{tail}", path(&offer));
        let (status, message) = bench.client.refusal(verb, &path, body).await;
        assert_eq!((status, message.as_str()), (404, "Localization not found"));
    }
}

#[tokio::test]
async fn wrong_localizations_are_refused() {
    let (bench, offer) = localized().await;
    let add = format!("{}/localizations", path(&offer));
    for (member, value, status) in [
        ("countryCode", json!("no"), 400),
        ("countryCode", Value::Null, 400),
        ("title", Value::Null, 400),
        ("title", json!(""), 400),
        ("title", json!("x".repeat(256)), 400),
        ("price", json!({"amount": 1}), 400),
        ("price", json!({"currency": "EUR"}), 400),
        ("price", json!({"amount": 1, "currency": "euro"}), 400),
        ("price", json!({"amount": 1.001, "currency": "EUR"}), 422),
        ("price", json!({"amount": 1.5, "currency": "JPY"}), 422),
        ("url", json!("http://u.com"), 400),
        ("active", json!(true), 400),
    ] {
        let mut body = localization("NO", "NOK", 99.0);
        if value.is_null() {
            body.as_object_mut().unwrap().remove(member);
        } else {
            body[member] = value;
        }
        let (found, message) = bench.client.refusal("POST", &add, body.clone()).await;
        assert_eq!(found, status, "{body} {message}");
    }
    let row = format!("{add}/FR");
    for (patch, status) in [
        (json!({}), 400),
        (json!({"countryCode": "NO"}), 400),
        (json!({"tags": ["a"]}), 400),
        (json!({"price": {"currency": "USD"}}), 400),
        (json!({"price": {"amount": 1.234}}), 422),
    ] {
        let (found, message) = bench.client.refusal("PATCH", &row, patch.clone()).await;
        assert_eq!(found, status, "{patch} {message}");
    }
    assert_eq!(bench.client.offer("GET", &path(&offer), None).await, offer);
}
