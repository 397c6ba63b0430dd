//! The example values of the vendor's description of the API, as they stand in `tests/fixtures/api`.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::{path, season_group};
use crate::client::Bench;

fn fixture(name: &str) -> Value {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/api");
    serde_json::from_str(&fs::read_to_string(folder.join(name)).unwrap()).unwrap()
}

#[tokio::test]
async fn patch_of_the_examples_is_taken_by_the_types_that_it_is_for() {
    let bench = Bench::start().await;
    let whole = fixture("rest-patch-offer-whole.request.json");
    for (kind, foreign) in [
        (
            "subscription",
            &["event", "entitlement", "seasonGroupId"][..],
        ),
        ("pass", &["event", "freeTrial", "seasonGroupId"]),
        ("live", &["entitlement", "freeTrial", "seasonGroupId"]),
    ] {
        let mut patch = whole.clone();
        for member in foreign {
            patch.as_object_mut().unwrap().remove(*member);
        }
        if kind == "pass" {
            // One of the two: they are ends of different policies.
            patch["entitlement"]
                .as_object_mut()
                .unwrap()
                .remove("expiresAt");
        }
        let made = bench.create_rest(kind, json!({})).await;
        let patched = bench
            .client
            .offer("PATCH", &path(&made), Some(patch.clone()))
            .await;
        for (name, value) in patch.as_object().unwrap() {
            let shown = &patched[name];
            match name.as_str() {
                "price" => {
                    assert_eq!(shown["amount"], value["amount"]);
                    assert_eq!(shown["rules"], value["rules"]);
                }
                "entitlement" => assert_eq!(shown["duration"], value["duration"]),
                _ => assert_eq!(shown, value, "{kind} {name}"),
            }
        }
    }
}

#[tokio::test]
async fn localization_of_the_examples_is_taken() {
    let bench = Bench::start().await;
    let made = bench.create_rest("subscription", json!({})).await;
    let body = fixture("rest-create-localization.request.json");
    let add = format!("{}/localizations", path(&made));
    let offer = bench.client.offer("POST", &add, Some(body.clone())).await;
    let row = &offer["localizations"][0];
    for member in [
        "title",
        "description",
        "countryCode",
        "geoRestriction",
        "freeTrial",
    ] {
        assert_eq!(row[member], body[member], "{member}");
    }
    assert_eq!(row["price"]["rules"], body["price"]["rules"]);
    assert_eq!(row["price"]["currency"], "EUR");
}

/// Every member that the document lists for an offer, or for its parts, and no other.
#[tokio::test]
async fn answers_have_the_members_of_the_document() {
    let known = fixture("rest-offer.members.json");
    let names = |list: &Value| -> Vec<String> {
        let mut names: Vec<_> = list
            .as_array()
            .unwrap()
            .iter()
            .map(crate::client::text)
            .collect();
        names.sort();
        names
    };
    let bench = Bench::start().await;
    let country = fixture("rest-create-localization.request.json");
    let patch = json!({
        "billingCycle": {"periodUnit": "season", "amount": 1},
        "seasonGroupId": season_group(&bench), "localizations": [country],
    });
    let mut shown = Vec::new();
    for (kind, patch) in [
        ("subscription", patch),
        ("pass", json!({})),
        ("live", json!({})),
    ] {
        let offer = bench.create_rest(kind, patch).await;
        shown.extend(offer.as_object().unwrap().keys().cloned());
        if let Some(row) = offer["localizations"].get(0) {
            let members: Vec<_> = row.as_object().unwrap().keys().cloned().collect();
            assert_eq!(members, names(&known["localization"]));
            let members: Vec<_> = row["price"].as_object().unwrap().keys().cloned().collect();
            assert_eq!(members, names(&known["price"]));
        }
    }
    shown.sort();
    shown.dedup();
    assert_eq!(shown, names(&known["offer"]));
}
