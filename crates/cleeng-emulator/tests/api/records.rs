//! The record of what was asked.

use std::time::Duration;

use cleeng_emulator::{AnswerRecord, CallOutcome, Config};
use serde_json::{Value, json};

use crate::client::{Bench, TOKEN, call, data};

#[tokio::test]
async fn calls_are_recorded_with_what_came_of_them() {
    let bench = Bench::start().await;
    let create = (
        "createPassOffer",
        json!({"offerData": data("Pass", json!({}))}),
    );
    bench
        .client
        .batch(&[
            create,
            ("createPassOffer", json!({"offerData": {}})),
            ("listPassOffers", json!({})),
            ("nonsense", json!({})),
        ])
        .await;
    let requests = bench.emulator.requests();
    assert_eq!((requests.http_requests(), requests.call_count()), (1, 4));
    assert_eq!(requests.write_calls(), 2);
    let request = requests.iter().next().unwrap();
    assert!(request.is_batch);
    assert_eq!(
        (request.verb.as_str(), request.path.as_str()),
        ("POST", "/3.0/json-rpc")
    );
    assert_eq!(request.answer, AnswerRecord::Status(200));
    let outcomes: Vec<_> = request
        .calls
        .iter()
        .map(|call| (call.offset, call.outcome, call.took_effect))
        .collect();
    assert_eq!(
        outcomes,
        [
            (0, CallOutcome::Succeeded, true),
            (1, CallOutcome::Failed(8), false),
            (2, CallOutcome::Succeeded, false),
            (3, CallOutcome::Failed(-32601), false),
        ]
    );
    let id = bench.emulator.offers()[0].id().to_string();
    assert_eq!(request.calls[0].written, [id]);
    assert_eq!(request.calls[0].params["offerData"]["title"], "t");
}

#[tokio::test]
async fn members_that_nobody_knows_are_told_by_path() {
    let bench = Bench::start().await;
    let patch = json!({"active": false, "tags": ["x"]});
    let params = json!({"offerData": data("Pass", patch), "dryRun": true});
    bench.client.ok("createPassOffer", params).await;
    let params = json!({"criteria": {"active": true, "title": "x"}, "videoId": "7"});
    bench.client.ok("listPassOffers", params).await;
    let params = json!({
        "offerData": data("Pass", json!({})),
        "localizedData": [{"country": "US", "currency": "USD", "period": "week"}],
    });
    bench
        .client
        .ok("createMultiCurrencyPassOffer", params)
        .await;
    let requests = bench.emulator.requests();
    let unknown: Vec<_> = requests
        .calls()
        .map(|call| call.unknown_members.clone())
        .collect();
    assert_eq!(
        unknown,
        [
            vec!["dryRun", "offerData.active", "offerData.tags"],
            vec!["videoId", "criteria.title"],
            vec!["localizedData[0].period"],
        ]
    );
}

#[tokio::test]
async fn token_is_nowhere_in_the_record() {
    let bench = Bench::start().await;
    let patch = json!({"description": format!("x {TOKEN}"), "token": TOKEN});
    let params = json!({"offerData": data("Pass", patch)});
    bench.client.call("createPassOffer", params).await;
    bench.client.post(TOKEN).await;
    let answer = bench
        .client
        .request("GET", "/_emulator/requests", &[], b"")
        .await
        .unwrap();
    assert!(answer.text().contains("createPassOffer"));
    assert!(!answer.text().contains(TOKEN));
    assert!(!format!("{:?}", bench.emulator.requests()).contains(TOKEN));
}

#[tokio::test]
async fn record_can_be_read_and_emptied_over_http() {
    let bench = Bench::start().await;
    bench.create("Pass", json!({})).await;
    let get = async || {
        let answer = bench.client.request("GET", "/_emulator/requests", &[], b"");
        answer.await.unwrap().json()
    };
    let record = get().await;
    assert_eq!(record["httpCount"], 1);
    assert_eq!(record["writeCount"], 1);
    assert_eq!(record["peakConcurrency"], 1);
    let call = &record["http"][0]["calls"][0];
    assert_eq!(call["method"], "createPassOffer");
    assert_eq!(call["outcome"], "succeeded");
    assert_eq!(call["tookEffect"], true);
    assert_eq!(call["fault"], Value::Null);
    let answer = bench
        .client
        .request("POST", "/_emulator/reset-requests", &[], b"")
        .await
        .unwrap();
    assert_eq!(answer.status, 204);
    assert_eq!(get().await["httpCount"], 0);
    assert_eq!(bench.emulator.requests().http_requests(), 0);
}

#[tokio::test]
async fn requests_that_are_no_calls_are_recorded_too() {
    let bench = Bench::start().await;
    bench.client.request("GET", "/3.0/json-rpc", &[], b"").await;
    bench.client.request("POST", "/elsewhere", &[], b"").await;
    bench.client.post("garbage").await;
    bench.client.post("[7]").await;
    let requests = bench.emulator.requests();
    let answers: Vec<_> = requests
        .iter()
        .map(|request| (request.answer, request.calls.len()))
        .collect();
    assert_eq!(
        answers,
        [
            (AnswerRecord::Status(405), 0),
            (AnswerRecord::Status(404), 0),
            (AnswerRecord::Status(200), 0),
            (AnswerRecord::Status(200), 1),
        ]
    );
}

#[tokio::test]
async fn peak_concurrency_is_that_of_http_requests() {
    let bench = Bench::with(Config {
        latency: Duration::from_millis(500),
        ..Config::default()
    })
    .await;
    let body = call("listPassOffers", json!({})).to_string();
    let post = || bench.client.post(&body);
    tokio::join!(post(), post(), post());
    post().await;
    assert_eq!(bench.emulator.requests().peak_concurrency(), 3);
    bench.emulator.reset_requests();
    assert_eq!(bench.emulator.requests().peak_concurrency(), 0);
}
