//! HTTP around the API: paths, verbs, sizes, compression.

use std::io::Read as _;
use std::time::Duration;

use cleeng_emulator::{Compression, Config};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::Instant;

use crate::client::{Bench, call, eventually};

#[tokio::test]
async fn both_documented_paths_are_served() {
    let bench = Bench::start().await;
    let body = call("listPassOffers", json!({})).to_string();
    for path in ["/3.0/json-rpc", "/api/3.0/json-rpc"] {
        let answer = bench.client.request("POST", path, &[], body.as_bytes());
        assert_eq!(answer.await.unwrap().status, 200);
    }
}

#[tokio::test]
async fn other_paths_and_verbs_are_404_and_405() {
    let bench = Bench::start().await;
    for (verb, path, status) in [
        ("POST", "/", 404),
        ("POST", "/3.1/campaigns", 404),
        ("DELETE", "/3.1/offers/S123456789", 405),
        ("GET", "/3.0/json-rpc", 405),
        ("PUT", "/api/3.0/json-rpc", 405),
        ("DELETE", "/3.0/json-rpc", 405),
        ("POST", "/_emulator/requests", 405),
    ] {
        let answer = bench.client.request(verb, path, &[], b"{}").await.unwrap();
        assert_eq!(answer.status, status, "{verb} {path}");
    }
}

#[tokio::test]
async fn any_content_type_is_served() {
    let bench = Bench::start().await;
    let body = call("listPassOffers", json!({})).to_string();
    for content_type in [
        "application/x-www-form-urlencoded",
        "application/json",
        "text/plain; charset=utf-8",
        "nonsense",
    ] {
        let headers = [("Content-Type", content_type)];
        let answer = bench
            .client
            .request("POST", "/3.0/json-rpc", &headers, body.as_bytes())
            .await
            .unwrap();
        assert_eq!(answer.json()["error"], json!(null), "{content_type}");
    }
}

#[tokio::test]
async fn body_over_the_limit_is_413() {
    let bench = Bench::with(Config {
        body_limit: 1000,
        ..Config::default()
    })
    .await;
    let answer = bench.client.post(&"x".repeat(1001)).await.unwrap();
    assert_eq!(answer.status, 413);
    assert_eq!(
        bench
            .client
            .post(&"x".repeat(20_000_000))
            .await
            .unwrap()
            .status,
        413
    );
    assert_eq!(
        bench.client.post(&"x".repeat(1000)).await.unwrap().status,
        200
    );
}

#[tokio::test]
async fn long_answers_are_compressed_for_those_who_accept_it() {
    let title = "x".repeat(70);
    for (compression, headers, expected) in [
        (
            Compression::Gzip,
            &[("Accept-Encoding", "gzip")][..],
            Some("gzip"),
        ),
        (Compression::Gzip, &[], None),
        (Compression::Off, &[("Accept-Encoding", "gzip")], None),
    ] {
        let bench = Bench::with(Config {
            compression,
            ..Config::default()
        })
        .await;
        for _ in 0..5 {
            bench.create("Pass", json!({"title": title})).await;
        }
        let body = call("listPassOffers", json!({})).to_string();
        let answer = bench
            .client
            .request("POST", "/3.0/json-rpc", headers, body.as_bytes())
            .await
            .unwrap();
        let encoding = answer.headers.get("content-encoding").map(String::as_str);
        assert_eq!(encoding, expected);
        let mut text = answer.body.clone();
        if encoding.is_some() {
            text.clear();
            let mut decoder = flate2::read::GzDecoder::new(&answer.body[..]);
            decoder.read_to_end(&mut text).unwrap();
        }
        let list: serde_json::Value = serde_json::from_slice(&text).unwrap();
        assert_eq!(list["result"]["totalItemCount"], 5);
    }
}

#[tokio::test]
async fn connection_serves_one_request_after_the_other() {
    let bench = Bench::start().await;
    let mut stream = TcpStream::connect(bench.emulator.addr()).await.unwrap();
    let body = call("listPassOffers", json!({})).to_string();
    let request = format!(
        "POST /3.0/json-rpc HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    for _ in 0..3 {
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut buffer = [0; 4096];
        let length = stream.read(&mut buffer).await.unwrap();
        assert!(buffer[..length].starts_with(b"HTTP/1.1 200 OK"));
    }
    assert_eq!(bench.emulator.requests().http_requests(), 3);
}

#[tokio::test]
async fn latency_is_paid_by_every_request() {
    let latency = Duration::from_millis(200);
    let bench = Bench::with(Config {
        latency,
        ..Config::default()
    })
    .await;
    let start = Instant::now();
    let calls: Vec<_> = (0..10).map(|_| ("listPassOffers", json!({}))).collect();
    bench.client.batch(&calls).await;
    assert!(start.elapsed() >= latency);
    assert!(start.elapsed() < latency * 5);
}

#[tokio::test]
async fn requests_beyond_the_throttle_are_refused_and_recorded() {
    let bench = Bench::with(Config {
        throttle: Some("1/3".parse().unwrap()),
        ..Config::default()
    })
    .await;
    let body = call("listPassOffers", json!({})).to_string();
    let mut statuses = Vec::new();
    for _ in 0..6 {
        statuses.push(bench.client.post(&body).await.unwrap().status);
    }
    assert_eq!(statuses, [429, 429, 200, 429, 429, 200]);
    let requests = bench.emulator.requests();
    assert_eq!((requests.http_requests(), requests.call_count()), (6, 2));

    let bench = Bench::with(Config {
        throttle: Some("1/s".parse().unwrap()),
        ..Config::default()
    })
    .await;
    assert_eq!(bench.client.post(&body).await.unwrap().status, 200);
    let refused = bench.client.post(&body).await.unwrap();
    assert_eq!(refused.status, 429);
    assert_eq!(refused.headers["retry-after"], "1");
}

#[tokio::test]
async fn shutdown_answers_what_is_in_work_and_then_refuses() {
    let bench = Bench::with(Config {
        latency: Duration::from_millis(300),
        ..Config::default()
    })
    .await;
    let addr = bench.emulator.addr();
    let client = bench.client;
    let request = async {
        client
            .post(&call("listPassOffers", json!({})).to_string())
            .await
    };
    let shutdown = async {
        eventually(async || bench.emulator.requests().http_requests() == 1).await;
        bench.emulator.shutdown().await;
    };
    let (answer, ()) = tokio::join!(request, shutdown);
    assert_eq!(answer.unwrap().status, 200);
    assert!(TcpStream::connect(addr).await.is_err());
}
