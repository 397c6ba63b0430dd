//! What a run costs: requests, calls in a request, requests at once, requests in a second.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::time::{Duration, Instant};

use cleeng_emulator::{CallRecord, Compression, Config, Field, Kind, Offer, Quirk, Requests};

use crate::support::{Api, Draft, Shop, both};

fn films(count: usize) -> Vec<Draft> {
    (0..count)
        .map(|index| Draft::new("single", &format!("film-{index}")))
        .collect()
}

/// Puts offers that equal the drafts of these numbers into an account.
fn seed(shop: &Shop, count: usize) {
    let offers = (0..count).map(|index| {
        let price: rust_decimal::Decimal = "10.00".parse().unwrap();
        let id = format!("A7{index:08}_US").parse().unwrap();
        Offer::new(id, Kind::Single)
            .with(Field::Title, format!("Title of film-{index}"))
            .with(Field::Url, format!("https://club.tv/film-{index}"))
            .with(Field::Price, price)
    });
    shop.emulator().seed_offers(offers.collect()).unwrap();
}

/// Sets limits in place of those before.
fn limit(shop: &Shop, limits: &str) {
    shop.configure("");
    shop.limit(limits);
}

fn largest(requests: &Requests) -> usize {
    requests
        .iter()
        .map(|request| request.calls.len())
        .max()
        .unwrap_or(0)
}

#[test]
fn a_small_catalogue_costs_one_request() {
    let shop = Shop::new();
    let drafts = [
        Draft::new("single", "film"),
        Draft::new("pass", "news"),
        Draft::new("subscription", "world").localized(),
    ];
    shop.declare(&drafts);
    let _run = shop.apply();
    for line in [
        "plan",
        "apply --auto-approve",
        "drift",
        "apply --dry-run",
        "plan --out plan.json",
    ] {
        shop.requests();
        shop.run(line).exits(0);
        assert_eq!(shop.requests().http_requests(), 1, "{line}");
    }
    for line in ["validate", "state list", "show plan.json", "schema plan"] {
        shop.run(line).exits(0);
        assert_eq!(shop.requests().http_requests(), 0, "{line}");
    }
}

#[test]
fn a_few_creates_travel_together() {
    let shop = Shop::new();
    shop.declare(&films(20));
    let _run = shop.apply();
    let requests = shop.requests();
    let writes = requests
        .iter()
        .filter(|request| request.calls.iter().any(CallRecord::is_write));
    assert_eq!(writes.count(), 1, "{requests:#?}");
    assert!(requests.http_requests() <= 3);
}

#[test]
fn a_large_catalogue_costs_a_few_rounds_and_no_request_for_an_offer() {
    const COUNT: usize = 10_000;
    let shop = Shop::new();
    seed(&shop, COUNT);
    shop.declare(&films(COUNT));
    shop.requests();
    let plan = shop.plan();
    assert_eq!(plan["summary"]["adopt"], COUNT, "{}", plan["summary"]);
    let requests = shop.requests();
    // One request for the first pages, and then eight at once: four rounds are at most 25 requests.
    assert!(
        requests.http_requests() <= 25,
        "{} requests",
        requests.http_requests()
    );
    assert!(
        requests.call_count() <= 12 + 60,
        "{}",
        requests.call_count()
    );
    assert!(
        requests.calls().all(|call| call.method.starts_with("list")),
        "no offer is read by itself"
    );
    assert!(largest(&requests) <= 25);
}

#[test]
fn pages_are_read_side_by_side() {
    let shop = Shop::with_emulator(Config {
        latency: Duration::from_millis(300),
        ..Config::default()
    });
    seed(&shop, 3_000);
    shop.declare(&films(1));
    shop.requests();
    shop.run("plan").exits(0);
    let requests = shop.requests();
    assert!(
        requests.peak_concurrency() >= 4,
        "{} at once",
        requests.peak_concurrency()
    );
}

#[test]
fn fields_that_lists_leave_out_cost_one_more_round() {
    let shop = Shop::with_emulator(Config {
        quirks: [Quirk::parse("list-omits=videoId").unwrap()]
            .into_iter()
            .collect(),
        ..Config::default()
    });
    let drafts: Vec<Draft> = films(60)
        .into_iter()
        .map(|draft| draft.with("videoId", "v-1"))
        .collect();
    shop.declare(&drafts);
    let _run = shop.apply();
    shop.requests();
    shop.run("plan --detailed-exitcode").exits(0);
    let requests = shop.requests();
    assert!(
        requests.http_requests() <= 1 + 3,
        "{}",
        requests.http_requests()
    );
    assert_eq!(requests.calls_of("getSingleOffer").count(), 60);
}

#[test]
fn a_request_has_no_more_calls_than_the_limit() {
    for (limits, most) in [("batch: 25", 25), ("batch: 7", 7), ("batch: 1", 1)] {
        let shop = Shop::new();
        limit(&shop, limits);
        shop.declare(&films(60));
        let _run = shop.apply();
        let requests = shop.requests();
        assert!(largest(&requests) <= most, "{limits}");
        assert_eq!(requests.write_calls(), 60);
        assert_eq!(shop.emulator().offers().len(), 60);
        shop.expect_no_changes();
    }
    let shop = Shop::new();
    shop.declare(&films(60));
    let _run = shop.apply();
    assert_eq!(
        largest(&shop.requests()),
        25,
        "the default is what is known to work"
    );
}

#[test]
fn a_batch_beyond_what_is_known_to_work_is_invalid() {
    let shop = Shop::new();
    shop.declare(&films(1));
    for limits in [
        "batch: 26",
        "batch: 0",
        "concurrency: 0",
        "requestsPerSecond: 0",
        "timeoutSeconds: 0",
    ] {
        limit(&shop, limits);
        shop.run("validate").exits(65);
    }
}

both!(no_more_requests_are_under_way_than_the_limit);

fn no_more_requests_are_under_way_than_the_limit(api: Api) {
    for concurrency in [1, 2, 4] {
        let shop = Shop::of_emulator(
            api,
            Config {
                latency: Duration::from_millis(40),
                ..Config::default()
            },
        );
        limit(&shop, &format!("batch: 2, concurrency: {concurrency}"));
        seed(&shop, 10);
        // Those that are there are nobody's: over REST they lack what a manifest has to say.
        shop.declare(&films(30)[10..]);
        let _run = shop.apply();
        let peak = shop.requests().peak_concurrency();
        assert!(peak <= concurrency, "{peak} at once of {concurrency}");
        assert_eq!(shop.emulator().offers().len(), 30);
    }
}

#[test]
fn no_more_requests_begin_in_a_second_than_the_limit() {
    let shop = Shop::new();
    limit(&shop, "batch: 1, requestsPerSecond: 10");
    shop.declare(&films(8));
    let start = Instant::now();
    let _run = shop.apply();
    let elapsed = start.elapsed();
    let requests = shop.requests().http_requests();
    // Twelve lists and eight creates, the first of them at once.
    assert!(requests >= 20, "{requests}");
    let least = Duration::from_millis(100) * (u32::try_from(requests).unwrap() - 1);
    assert!(elapsed >= least, "{requests} requests in {elapsed:?}");
}

both!(a_pause_that_the_service_asks_for_is_made);

fn a_pause_that_the_service_asks_for_is_made(api: Api) {
    let shop = Shop::of(api);
    shop.declare(&films(1));
    let list = api.call("listSingleOffers");
    shop.fault(&format!("{list}#1=status:429,retry-after:2"));
    let start = Instant::now();
    shop.run("plan").exits(0);
    assert!(start.elapsed() >= Duration::from_secs(2));
    // Over REST the active ones and the inactive ones are two lists.
    let expected = match api {
        Api::JsonRpc => 2,
        Api::Rest => 3,
    };
    assert_eq!(shop.requests().http_requests(), expected);
}

#[test]
fn answers_may_be_compressed_or_not() {
    for compression in [Compression::Gzip, Compression::Off] {
        let shop = Shop::with_emulator(Config {
            compression,
            ..Config::default()
        });
        seed(&shop, 300);
        shop.declare(&films(301));
        let _run = shop.apply();
        shop.expect_no_changes();
    }
}

/// Takes one request, and returns its head.
fn head_of_a_request() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let shop = Shop::new();
    shop.declare(&films(1));
    let config = shop.read("offerctl.yaml");
    let address = format!("http://{}", listener.local_addr().unwrap());
    shop.write(
        "offerctl.yaml",
        &config.replace(&shop.emulator().url(), &address),
    );
    std::thread::scope(|scope| {
        let taken = scope.spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut head = Vec::new();
            let mut byte = [0];
            while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap() > 0 {
                head.push(byte[0]);
            }
            let refusal =
                "HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
            stream.write_all(refusal.as_bytes()).unwrap();
            // What is left of the request is read, so that the answer is not lost by a reset.
            stream
                .set_read_timeout(Some(Duration::from_millis(500)))
                .unwrap();
            let mut rest = Vec::new();
            let _ended = stream.read_to_end(&mut rest);
            String::from_utf8(head).unwrap()
        });
        shop.run("plan").exits(1);
        taken.join().unwrap()
    })
}

#[test]
fn a_request_asks_for_compression_and_says_who_asks() {
    let head = head_of_a_request().to_lowercase();
    assert!(
        head.starts_with("post /3.0/json-rpc http/1.1\r\n"),
        "{head}"
    );
    assert!(
        head.lines()
            .any(|line| line.starts_with("accept-encoding:") && line.contains("gzip")),
        "{head}"
    );
    assert!(
        head.lines()
            .any(|line| line.starts_with("user-agent:") && line.contains("cleeng-client")),
        "{head}"
    );
    assert!(!head.contains(crate::support::TOKEN), "{head}");
}
