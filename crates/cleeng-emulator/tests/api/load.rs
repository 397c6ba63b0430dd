//! Large catalogues: neither creating nor listing may grow with the square of their size.

use std::time::{Duration, Instant};

use cleeng_emulator::{Field, Kind, Offer, OfferId};
use rust_decimal::Decimal;
use serde_json::json;

use crate::client::{Bench, data, ids};

fn passes(count: u32) -> Vec<Offer> {
    let country = "US".parse().unwrap();
    (0..count)
        .map(|index| {
            Offer::new(
                OfferId::new('P', 100_000_000 + index, &country).unwrap(),
                Kind::Pass,
            )
            .with(Field::Title, format!("pass {index}"))
            .with(Field::Url, "http://u.com")
            .with(Field::Price, Decimal::from(9))
            .with(Field::Period, "month")
            .made_at(i64::from(index / 10))
        })
        .collect()
}

#[tokio::test]
async fn hundred_thousand_offers_are_listed_whole_in_batches() {
    let bench = Bench::start().await;
    bench.emulator.seed_offers(passes(100_000)).unwrap();
    let start = Instant::now();
    let mut seen = std::collections::BTreeSet::new();
    for batch in 0..20 {
        let calls: Vec<_> = (0..25)
            .map(|page| {
                let offset = (batch * 25 + page) * 200;
                ("listPassOffers", json!({"offset": offset, "limit": 200}))
            })
            .collect();
        for answer in bench.client.batch(&calls).await {
            assert_eq!(answer["result"]["totalItemCount"], 100_000);
            seen.extend(ids(&answer["result"]["items"]));
        }
    }
    assert_eq!(seen.len(), 100_000);
    // A bound for a debug build on a busy machine: quadratic work would take many times as long.
    assert!(
        start.elapsed() < Duration::from_mins(1),
        "{:?}",
        start.elapsed()
    );
}

#[tokio::test]
async fn ten_thousand_offers_are_created_in_batches() {
    let bench = Bench::start().await;
    let create = (
        "createPassOffer",
        json!({"offerData": data("Pass", json!({}))}),
    );
    let calls = vec![create; 100];
    let start = Instant::now();
    for _ in 0..100 {
        bench.client.batch(&calls).await;
    }
    assert_eq!(bench.emulator.offers().len(), 10_000);
    // As above: a copy of the store for each create would take minutes.
    assert!(
        start.elapsed() < Duration::from_mins(1),
        "{:?}",
        start.elapsed()
    );
}

#[tokio::test]
async fn many_clients_at_once_lose_nothing() {
    let bench = Bench::start().await;
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let client = bench.client;
        tasks.spawn(async move {
            let params = json!({"offerData": data("Pass", json!({}))});
            client.ok("createPassOffer", params).await["id"].clone()
        });
    }
    let ids = tasks.join_all().await;
    let unique: std::collections::BTreeSet<_> = ids.iter().map(ToString::to_string).collect();
    assert_eq!(unique.len(), 50);
    assert_eq!(bench.emulator.requests().write_calls(), 50);
}

#[tokio::test]
async fn twenty_thousand_offers_are_listed_whole_over_rest() {
    let bench = Bench::start().await;
    bench.emulator.seed_offers(passes(20_000)).unwrap();
    let start = Instant::now();
    let mut seen = std::collections::BTreeSet::new();
    for page in 0..200 {
        let path = format!("offers?limit=100&offset={}", page * 100);
        let answer = bench.client.rest("GET", &path, None).await;
        seen.extend(ids(&answer.json()));
    }
    assert_eq!(seen.len(), 20_000);
    // As above: a catalogue put in order for each page would take many times as long.
    assert!(
        start.elapsed() < Duration::from_mins(1),
        "{:?}",
        start.elapsed()
    );
}
