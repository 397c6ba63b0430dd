//! Web pages are kept out: only requests to this machine, and none of a page unless its origin is allowed.

use cleeng_emulator::Config;
use serde_json::json;

use crate::client::{Answer, Bench, TOKEN, call, data};

const PAGE: &str = "https://app.example";

/// An emulator that lets pages of one origin in.
async fn open() -> Bench {
    Bench::with(Config {
        allowed_origins: vec![PAGE.parse().unwrap()],
        ..Config::default()
    })
    .await
}

/// Posts a create with these headers.
async fn create(bench: &Bench, headers: &[(&str, &str)]) -> Answer {
    let params = json!({"offerData": data("Pass", json!({}))});
    let body = call("createPassOffer", params).to_string();
    let path = "/3.0/json-rpc";
    let answer = bench.client.request("POST", path, headers, body.as_bytes());
    answer.await.unwrap()
}

async fn check_refused(bench: &Bench, headers: &[(&str, &str)], status: u16, words: &str) {
    let answer = create(bench, headers).await;
    assert_eq!(answer.status, status, "{headers:?}");
    assert_eq!(answer.headers["content-type"], "text/plain; charset=utf-8");
    assert!(answer.text().contains(words), "{}", answer.text());
    let is_readable = answer.headers.contains_key("access-control-allow-origin");
    assert!(!is_readable, "{headers:?}");
}

#[tokio::test]
async fn only_requests_to_this_machine_are_served() {
    let bench = Bench::start().await;
    let addr = bench.emulator.addr().to_string();
    for host in [
        &*addr,
        "localhost",
        "localhost:1",
        "127.0.0.1",
        "[::1]:8787",
    ] {
        assert_eq!(
            create(&bench, &[("Host", host)]).await.status,
            200,
            "{host}"
        );
    }
    let made = bench.emulator.offers().len();
    for host in [
        "evil.example",
        "evil.example:8787",
        "localhost.evil.example",
    ] {
        let words = format!("does not serve requests to the host `{host}`");
        check_refused(&bench, &[("Host", host)], 421, &words).await;
    }
    let twice = [("Host", "localhost"), ("Host", "evil.example")];
    check_refused(&bench, &twice, 421, "`evil.example`").await;
    assert_eq!(bench.emulator.offers().len(), made);
}

#[tokio::test]
async fn address_of_a_proxy_request_is_its_host() {
    let bench = Bench::start().await;
    for (host, status) in [("evil.example", 421), ("localhost:8787", 200)] {
        let body = call("listPassOffers", json!({})).to_string();
        let path = format!("http://{host}/3.0/json-rpc");
        let answer = bench.client.request("POST", &path, &[], body.as_bytes());
        assert_eq!(answer.await.unwrap().status, status, "{host}");
    }
}

#[tokio::test]
async fn requests_of_pages_are_refused_whatever_they_say_that_they_hold() {
    let bench = Bench::start().await;
    for content_type in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/json",
    ] {
        for origin in [PAGE, "null", "http://localhost:3000", "http://127.0.0.1"] {
            let headers = [("Content-Type", content_type), ("Origin", origin)];
            let words = format!("start it with `--allow-origin {origin}`");
            check_refused(&bench, &headers, 403, &words).await;
        }
    }
    assert!(bench.emulator.offers().is_empty());
    // PHP's library posts JSON under the name of a form, and no page sent it.
    let headers = [("Content-Type", "application/x-www-form-urlencoded")];
    assert_eq!(create(&bench, &headers).await.status, 200);
}

#[tokio::test]
async fn refused_requests_reach_nothing() {
    let bench = Bench::start().await;
    for (verb, path) in [
        ("GET", "/3.1/offers"),
        ("POST", "/3.1/offers"),
        ("GET", "/_emulator/requests"),
        ("POST", "/_emulator/reset-requests"),
        ("OPTIONS", "/3.0/json-rpc"),
        ("GET", "/nowhere"),
    ] {
        let headers = [("Origin", PAGE), ("X-Publisher-Token", TOKEN)];
        let answer = bench.client.request(verb, path, &headers, b"{}").await;
        assert_eq!(answer.unwrap().status, 403, "{verb} {path}");
    }
    assert_eq!(bench.emulator.requests().http_requests(), 0);
}

#[tokio::test]
async fn pages_of_an_allowed_origin_are_served_and_read_the_answers() {
    let bench = open().await;
    let answer = create(&bench, &[("Origin", PAGE)]).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.headers["access-control-allow-origin"], PAGE);
    assert_eq!(answer.headers["vary"], "origin");
    let readable = &answer.headers["access-control-expose-headers"];
    assert!(readable.contains("x-total-count") && readable.contains("etag"));
    let twice = [("Origin", PAGE), ("Origin", "https://evil.example")];
    for headers in [
        &[("Origin", "https://evil.example")][..],
        &[("Origin", "https://app.example.evil.example")],
        &[("Origin", "http://app.example")],
        &[("Origin", "https://app.example:444")],
        &twice,
    ] {
        assert_eq!(create(&bench, headers).await.status, 403, "{headers:?}");
    }
    let elsewhere = [("Origin", PAGE), ("Host", "evil.example")];
    assert_eq!(create(&bench, &elsewhere).await.status, 421);
    let program = create(&bench, &[]).await;
    let is_marked = program.headers.contains_key("access-control-allow-origin");
    assert!(program.status == 200 && !is_marked);
}

#[tokio::test]
async fn errors_can_be_read_by_allowed_pages_as_well() {
    let bench = open().await;
    bench.fault("createPassOffer=status:503");
    let answer = create(&bench, &[("Origin", PAGE)]).await;
    assert_eq!(answer.status, 503);
    assert_eq!(answer.headers["access-control-allow-origin"], PAGE);
    let headers = [("Origin", PAGE)];
    let lost = bench.client.request("GET", "/nowhere", &headers, b"").await;
    let lost = lost.unwrap();
    assert_eq!(lost.status, 404);
    assert_eq!(lost.headers["access-control-allow-origin"], PAGE);
}

#[tokio::test]
async fn browsers_that_ask_first_are_told_what_an_allowed_page_may_send() {
    let bench = open().await;
    let ask = async |origin: &str, more: &[(&str, &str)]| {
        let question = [
            ("Origin", origin),
            ("Access-Control-Request-Method", "PATCH"),
            ("Access-Control-Request-Headers", "x-publisher-token"),
        ];
        let headers = [&question, more].concat();
        let path = "/3.1/offers/S123456789";
        let answer = bench.client.request("OPTIONS", path, &headers, b"").await;
        answer.unwrap()
    };
    let answer = ask(PAGE, &[]).await;
    assert_eq!(answer.status, 204);
    assert_eq!(answer.headers["access-control-allow-origin"], PAGE);
    let verbs = &answer.headers["access-control-allow-methods"];
    assert!(
        ["GET", "POST", "PATCH", "DELETE"]
            .iter()
            .all(|verb| verbs.contains(verb))
    );
    let headers = &answer.headers["access-control-allow-headers"];
    assert!(headers.contains("x-publisher-token") && headers.contains("content-type"));
    let private = "access-control-allow-private-network";
    assert!(!answer.headers.contains_key(private));
    let asked = [("Access-Control-Request-Private-Network", "true")];
    assert_eq!(ask(PAGE, &asked).await.headers[private], "true");

    let refused = ask("https://evil.example", &[]).await;
    assert_eq!(refused.status, 403);
    assert!(!refused.headers.contains_key("access-control-allow-origin"));
    assert_eq!(bench.emulator.requests().http_requests(), 0);

    // Without the question it is a verb that the API does not have.
    let headers = [("Origin", PAGE)];
    let plain = bench
        .client
        .request("OPTIONS", "/3.1/offers", &headers, b"");
    assert_eq!(plain.await.unwrap().status, 405);
}

#[tokio::test]
async fn request_without_a_host_is_refused() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let bench = Bench::start().await;
    let addr = bench.emulator.addr();
    let mut stream = tokio::net::TcpStream::connect(addr).await.unwrap();
    let request = b"GET /_emulator/requests HTTP/1.0\r\n\r\n";
    stream.write_all(request).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.0 400"), "{answer}");
    assert!(answer.contains("send `Host: localhost`"), "{answer}");
}
