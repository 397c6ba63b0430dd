//! A service that has too many requests: it is waited for, with hardly a request more than it takes.

use std::time::{Duration, Instant};

use cleeng_emulator::{AnswerRecord, Config, Requests};

use crate::lock::start;
use crate::support::{Api, Draft, Shop, both};

fn films(count: usize) -> Vec<Draft> {
    (0..count)
        .map(|index| Draft::new("single", &format!("film-{index}")))
        .collect()
}

fn throttled(api: Api, throttle: &str) -> Shop {
    let config = Config {
        throttle: Some(throttle.parse().unwrap()),
        ..Config::default()
    };
    Shop::of_emulator(api, config)
}

/// How many requests were let through, and how many were refused.
fn passed_and_refused(requests: &Requests) -> (usize, usize) {
    let refused = requests
        .iter()
        .filter(|request| request.answer == AnswerRecord::Status(429))
        .count();
    (requests.iter().count() - refused, refused)
}

both!(a_limit_of_requests_per_second_is_found_with_few_refusals);

fn a_limit_of_requests_per_second_is_found_with_few_refusals(api: Api) {
    let count = 60;
    let shop = throttled(api, "20/s");
    shop.limit("batch: 1");
    shop.declare(&films(count));
    let run = shop.run("apply --auto-approve").exits(0);
    let told = run.err.matches("too many requests").count();
    assert_eq!(told, 1, "{run:?}");
    let (passed, refused) = passed_and_refused(&shop.requests());
    assert!(passed > count, "{passed}");
    assert!(refused > 0, "nothing was too much");
    assert!(refused <= passed / 2, "{refused} beside {passed}");
    assert_eq!(shop.emulator().offers().len(), count);
    shop.expect_no_changes();
}

#[test]
fn a_service_that_refuses_nine_of_ten_gets_hardly_more_than_the_tenth_needs() {
    let shop = throttled(Api::JsonRpc, "1/10");
    shop.declare(&films(5));
    shop.run("apply --auto-approve").exits(0);
    let (passed, refused) = passed_and_refused(&shop.requests());
    // Two readings, a look after each of three refusals, and then each create by itself, where a refusal is proof.
    assert!(passed <= 2 + 3 + 5 + 1, "{passed}");
    assert!(refused <= 9 * passed + 9, "{refused} beside {passed}");
    assert_eq!(shop.emulator().offers().len(), 5);
}

both!(a_signal_ends_the_wait_for_a_service_that_lets_nothing_through);

fn a_signal_ends_the_wait_for_a_service_that_lets_nothing_through(api: Api) {
    let shop = Shop::of(api);
    shop.declare(&films(2));
    shop.fault("create*=status:429,retry-after:100");
    // The first apply reads twice, over REST two lists each time.
    let reads = match api {
        Api::JsonRpc => 2,
        Api::Rest => 4,
    };
    let going = start(&shop, "apply --auto-approve --format json");
    let deadline = Instant::now() + Duration::from_secs(20);
    while shop.emulator().requests().http_requests() <= reads {
        assert!(Instant::now() < deadline, "nothing was written");
        std::thread::sleep(Duration::from_millis(20));
    }
    going.signal("-TERM");
    let signalled = Instant::now();
    // A refusal of both creates at once does not prove that neither was made; over REST each went alone.
    let (code, unknown) = match api {
        Api::JsonRpc => (6, 2),
        Api::Rest => (1, 0),
    };
    let run = going.end().exits(code);
    assert!(signalled.elapsed() < Duration::from_secs(20), "{run:?}");
    assert_eq!(run.json()["interrupted"], true, "{run:?}");
    assert_eq!(run.json()["summary"]["unknown"], unknown, "{run:?}");
    assert!(shop.emulator().offers().is_empty());
    shop.emulator().clear_faults();
    shop.run("apply --auto-approve").exits(0);
    assert_eq!(shop.emulator().offers().len(), 2);
}

both!(a_service_that_never_lets_anything_through_is_an_error_in_the_end);

fn a_service_that_never_lets_anything_through_is_an_error_in_the_end(api: Api) {
    let shop = Shop::of(api);
    shop.limit("patienceSeconds: 2");
    shop.declare(&films(1));
    shop.fault("create*=status:429");
    let began = Instant::now();
    let run = shop.run("apply --auto-approve").exits(1);
    assert!(began.elapsed() >= Duration::from_secs(2));
    assert!(run.out.contains("429"), "{run:?}");
    assert!(shop.emulator().offers().is_empty());
    shop.fault("list*=status:429");
    let run = shop.run("plan").exits(1);
    assert!(run.err.contains("429"), "{run:?}");
    shop.emulator().clear_faults();
    let _run = shop.apply();
    assert_eq!(shop.emulator().offers().len(), 1);
}
