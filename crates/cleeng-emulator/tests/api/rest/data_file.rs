//! Offers of REST in a data file, and files from before it.

use std::fs;

use cleeng_emulator::{Config, Data};
use serde_json::json;

use super::{localization, path, season_group};
use crate::client::Bench;

async fn bench(path: &std::path::Path) -> Bench {
    Bench::with(Config {
        data: Data::File(path.to_owned()),
        ..Config::default()
    })
    .await
}

#[tokio::test]
async fn offers_survive_a_restart_with_all_that_they_say() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("offers.jsonl");
    let first = bench(&file).await;
    let group = season_group(&first);
    let made = first
        .create_rest(
            "subscription",
            json!({
                "billingCycle": {"periodUnit": "season", "amount": 1},
                "seasonGroupId": group,
                "externalProperties": {"a": "b"}, "appStoreProductIds": {"roku": "r"},
                "imageUrl": "http://i.com/i", "giftable": true, "sessionsLimit": 3,
                "pause": {"maxBillingCycles": 2}, "freeTrial": {"type": "period", "duration": 1},
                "price": {
                    "amount": 10.5, "taxIncluded": false,
                    "rules": [{"from": 1, "to": 2, "amount": 4.99, "name": "été"}],
                },
                "localizations": [localization("FR", "EUR", 9.0)],
            }),
        )
        .await;
    let patch = json!({"title": "new"});
    let patched = first.client.offer("PATCH", &path(&made), Some(patch)).await;
    assert_eq!(patched["version"], 2);
    let before = first.emulator.offers();
    first.emulator.shutdown().await;

    let second = bench(&file).await;
    assert_eq!(second.emulator.offers(), before);
    assert_eq!(
        second.client.offer("GET", &path(&made), None).await,
        patched
    );
    let end = format!("{}/deactivate", path(&made));
    assert_eq!(second.client.offer("POST", &end, None).await["version"], 3);
}

#[tokio::test]
async fn request_that_does_nothing_writes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("offers.jsonl");
    let bench = bench(&file).await;
    let made = bench.create_rest("pass", json!({})).await;
    let lines = || fs::read_to_string(&file).unwrap().lines().count();
    assert_eq!(lines(), 1 + 1);
    let same = json!({"title": "t"});
    let answer = bench.client.rest("PATCH", &path(&made), Some(&same)).await;
    assert_eq!((answer.status, lines()), (204, 2));
}

#[tokio::test]
async fn effect_before_a_cut_is_in_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("offers.jsonl");
    let bench = bench(&file).await;
    let made = bench.create_rest("pass", json!({})).await;
    bench.fault("patchOffer=cut,after");
    let headers = [("X-Publisher-Token", "TOK")];
    let path = format!("/3.1/{}", path(&made));
    let answer = bench
        .client
        .request("PATCH", &path, &headers, b"{\"title\":\"new\"}");
    assert!(answer.await.is_none());
    assert!(fs::read_to_string(&file).unwrap().contains("\"new\""));
}

#[tokio::test]
async fn file_of_the_first_format_is_read_and_then_rewritten() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("offers.jsonl");
    let account = json!({
        "publisherEmail": "a@b.c", "country": "PL", "currency": "PLN", "taxRate": "0.23",
    });
    let header = json!({"format": "cleeng-emulator", "version": 1, "account": account});
    let offer = json!({
        "id": "P123456789_PL", "kind": "pass", "active": true, "localized": false,
        "currency": "PLN", "createdAt": 5, "updatedAt": 6,
        "fields": {"title": {"text": "old"}, "price": {"amount": "12.00"}, "period": {"text": "week"}},
    });
    fs::write(&file, format!("{header}\n{offer}\n")).unwrap();
    let bench = bench(&file).await;
    let read = bench.client.offer("GET", "offers/P123456789", None).await;
    assert_eq!(
        (&read["title"], &read["version"]),
        (&json!("old"), &json!(1))
    );
    assert_eq!(read["price"]["amount"], 12);
    let before = fs::read_to_string(&file).unwrap();
    assert_eq!(before, format!("{header}\n{offer}\n"));
    let patch = json!({"imageUrl": "http://i.com/i"});
    bench
        .client
        .offer("PATCH", "offers/P123456789", Some(patch))
        .await;
    let text = fs::read_to_string(&file).unwrap();
    let header = text.lines().next().unwrap();
    assert!(header.contains("\"version\":3"), "{header}");
    assert_eq!(text.lines().count(), 1 + 2);
}
