//! Faults of HTTP answers and of members of batches, before and after the effect.

use std::time::Duration;

use cleeng_emulator::{AnswerRecord, CallOutcome};
use serde_json::{Value, json};
use tokio::time::{Instant, timeout};

use crate::client::{Answer, Bench, batch, call, data, eventually};

fn create() -> (&'static str, Value) {
    (
        "createPassOffer",
        json!({"offerData": data("Pass", json!({}))}),
    )
}

async fn post_create(bench: &Bench) -> Option<Answer> {
    let (method, params) = create();
    bench.client.post(&call(method, params).to_string()).await
}

/// Starts with one rule, makes one create, and returns the answer and how many offers there are.
async fn befallen(rule: &str) -> (Option<Answer>, usize, Bench) {
    let bench = Bench::start().await;
    bench.fault(rule);
    let answer = post_create(&bench).await;
    let count = bench.emulator.offers().len();
    (answer, count, bench)
}

#[tokio::test]
async fn status_comes_before_or_after_the_effect() {
    for (rule, status, count) in [
        ("createPassOffer=status:503", 503, 0),
        ("create*=status:500,after", 500, 1),
        ("*=status:401", 401, 0),
        ("*=status:204,after", 204, 1),
    ] {
        let (answer, made, bench) = befallen(rule).await;
        assert_eq!((answer.unwrap().status, made), (status, count), "{rule}");
        let requests = bench.emulator.requests();
        let call = requests.calls().next().unwrap();
        assert_eq!(call.fault.as_deref(), Some(rule));
        assert_eq!(call.took_effect, count == 1);
    }
}

#[tokio::test]
async fn too_many_requests_say_when_to_come_back() {
    let (answer, _, _bench) = befallen("*=status:429,retry-after:3").await;
    let answer = answer.unwrap();
    assert_eq!(
        (answer.status, answer.headers["retry-after"].as_str()),
        (429, "3")
    );
}

#[tokio::test]
async fn redirect_leads_somewhere() {
    for (rule, location) in [
        ("*=status:302", "/moved"),
        (
            "*=status:307,location:http://127.0.0.1:1/x",
            "http://127.0.0.1:1/x",
        ),
    ] {
        let (answer, count, _bench) = befallen(rule).await;
        let answer = answer.unwrap();
        assert_eq!((answer.headers["location"].as_str(), count), (location, 0));
    }
}

#[tokio::test]
async fn cut_connection_has_no_answer_at_all() {
    for (rule, count) in [("*=cut", 0), ("*=cut,before", 0), ("*=cut,after", 1)] {
        let (answer, made, bench) = befallen(rule).await;
        assert!(answer.is_none(), "{rule}");
        assert_eq!(made, count, "{rule}");
        let requests = bench.emulator.requests();
        assert_eq!(requests.iter().next().unwrap().answer, AnswerRecord::Cut);
        bench.emulator.clear_faults();
        assert_eq!(post_create(&bench).await.unwrap().status, 200);
    }
}

#[tokio::test]
async fn garbage_is_no_json() {
    for (rule, count) in [("*=garbage", 0), ("*=garbage,after", 1)] {
        let (answer, made, _bench) = befallen(rule).await;
        let answer = answer.unwrap();
        assert_eq!((answer.status, made), (200, count));
        assert!(serde_json::from_slice::<Value>(&answer.body).is_err());
    }
}

#[tokio::test]
async fn truncated_body_breaks_off_in_the_middle() {
    for (rule, count) in [("*=truncate", 0), ("*=truncate,after", 1)] {
        let (answer, made, bench) = befallen(rule).await;
        let answer = answer.unwrap();
        assert_eq!((answer.status, made), (200, count));
        assert!(answer.is_truncated() && !answer.body.is_empty(), "{rule}");
        let requests = bench.emulator.requests();
        let record = requests.iter().next().unwrap();
        assert_eq!(record.answer, AnswerRecord::Truncated(200));
    }
}

#[tokio::test]
async fn fault_in_the_middle_of_a_batch_parts_it() {
    for (action, effects) in [
        ("status:503", 2),
        ("status:503,after", 3),
        ("cut", 2),
        ("cut,after", 3),
        ("truncate", 2),
        ("bare-error,after", 3),
    ] {
        let bench = Bench::start().await;
        bench.fault(&format!("create*#3={action}"));
        let calls = batch(&vec![create(); 5]).to_string();
        bench.client.post(&calls).await;
        assert_eq!(bench.emulator.offers().len(), effects, "{action}");
        let requests = bench.emulator.requests();
        let outcomes: Vec<_> = requests
            .calls()
            .map(|call| {
                (
                    call.offset,
                    call.outcome == CallOutcome::Succeeded,
                    call.took_effect,
                )
            })
            .collect();
        let expected = (0..5).map(|index| (index, index < effects, index < effects));
        assert_eq!(outcomes, expected.collect::<Vec<_>>(), "{action}");
    }
}

#[tokio::test]
async fn batch_may_be_answered_with_a_bare_error_object() {
    let bench = Bench::start().await;
    bench.fault("*#2=bare-error");
    let calls = batch(&vec![create(); 3]);
    let answer = bench.client.json(&calls).await;
    assert_eq!(answer["code"], -32000);
    assert_eq!(bench.emulator.offers().len(), 1);
}

#[tokio::test]
async fn injected_error_befalls_one_call_only() {
    for (action, effects) in [("error:-32000", 2), ("error:8,after", 3)] {
        let bench = Bench::start().await;
        bench.fault(&format!("*#2={action}"));
        let answers = bench.client.batch(&vec![create(); 3]).await;
        let failed: Vec<_> = answers
            .iter()
            .map(|answer| answer["error"].is_object())
            .collect();
        assert_eq!(failed, [false, true, false]);
        assert_eq!(bench.emulator.offers().len(), effects);
    }
}

/// Makes a batch of three creates under a rule about the second, and returns the ids of the answers.
async fn ids_under(action: &str) -> (Vec<String>, usize) {
    let bench = Bench::start().await;
    bench.fault(&format!("*#2={action}"));
    let answers = bench.client.batch(&vec![create(); 3]).await;
    let ids = answers
        .iter()
        .map(|answer| answer["id"].as_str().unwrap().to_owned())
        .collect();
    (ids, bench.emulator.offers().len())
}

#[tokio::test]
async fn members_of_a_batch_go_missing_or_come_wrong() {
    for (action, ids, effects) in [
        ("missing", &["1", "3"][..], 3),
        ("missing,before", &["1", "3"], 2),
        ("double", &["1", "2", "2", "3"], 3),
        ("wrong-id", &["1", "2-wrong", "3"], 3),
        ("shuffled", &["3", "2", "1"], 3),
    ] {
        let (answered, made) = ids_under(action).await;
        assert_eq!(answered, ids, "{action}");
        assert_eq!(made, effects, "{action}");
    }
}

#[tokio::test]
async fn single_call_may_be_answered_with_nothing_or_twice() {
    let (answer, _, _bench) = befallen("*=missing").await;
    assert!(answer.unwrap().body.is_empty());
    let (answer, _, _bench) = befallen("*=double").await;
    assert_eq!(answer.unwrap().json().as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn delay_comes_before_or_after_the_effect() {
    let delay = Duration::from_secs(1);
    for (rule, count) in [("*=delay:1000", 0), ("*=delay:1000,after", 1)] {
        let bench = Bench::start().await;
        bench.fault(rule);
        let start = Instant::now();
        let meanwhile = async {
            eventually(async || bench.emulator.requests().http_requests() == 1).await;
            eventually(async || bench.emulator.offers().len() == count).await;
            assert!(start.elapsed() < delay, "{rule}");
        };
        let (answer, ()) = tokio::join!(post_create(&bench), meanwhile);
        assert_eq!(answer.unwrap().status, 200);
        assert!(start.elapsed() >= delay);
        assert_eq!(bench.emulator.offers().len(), 1);
    }
}

#[tokio::test]
async fn delay_in_a_batch_keeps_what_came_before_it() {
    let bench = Bench::start().await;
    bench.fault("create*#3=delay:500");
    let calls = vec![create(); 4];
    let meanwhile = eventually(async || bench.emulator.offers().len() == 2);
    let (answers, ()) = tokio::join!(bench.client.batch(&calls), meanwhile);
    let ids: Vec<_> = answers.iter().map(|answer| &answer["id"]).collect();
    assert_eq!(ids, ["1", "2", "3", "4"]);
    assert_eq!(bench.emulator.offers().len(), 4);
    let requests = bench.emulator.requests();
    let faults: Vec<_> = requests.calls().map(|call| call.fault.as_deref()).collect();
    assert_eq!(faults, [None, None, Some("create*#3=delay:500"), None]);
}

#[tokio::test]
async fn delayed_call_takes_effect_although_its_client_is_gone() {
    let bench = Bench::start().await;
    bench.fault("*#1=delay:1000");
    let gone = timeout(Duration::from_millis(200), post_create(&bench)).await;
    assert!(gone.is_err());
    assert!(bench.emulator.offers().is_empty());
    eventually(async || bench.emulator.offers().len() == 1).await;
    let requests = bench.emulator.requests();
    let record = requests.iter().next().unwrap();
    assert_eq!(record.answer, AnswerRecord::Abandoned);
    assert!(record.calls[0].took_effect);
}

#[tokio::test]
async fn other_requests_are_served_during_a_delay() {
    let bench = Bench::start().await;
    bench.fault("createPassOffer=delay:60000");
    tokio::select! {
        biased;
        _ = post_create(&bench) => panic!("it was to wait"),
        () = async {
            eventually(async || bench.emulator.requests().http_requests() == 1).await;
            bench.client.ok("listPassOffers", json!({})).await;
        } => {}
    }
}

#[tokio::test]
async fn rules_count_calls_over_requests_and_the_first_that_covers_wins() {
    let bench = Bench::start().await;
    bench.fault("create*#2=status:500");
    bench.fault("createPassOffer#2-3=status:501");
    bench.fault("createPassOffer#5+=status:502");
    let mut statuses = Vec::new();
    for _ in 0..6 {
        statuses.push(post_create(&bench).await.unwrap().status);
        bench.client.ok("listPassOffers", json!({})).await;
    }
    assert_eq!(statuses, [200, 500, 501, 200, 502, 502]);
}

#[tokio::test]
async fn status_that_refuses_a_request_lets_no_call_of_it_run() {
    let bench = Bench::start().await;
    bench.fault("createPassOffer#3=status:429");
    let calls = batch(&[create(), create(), create()]).to_string();
    let refused = bench.client.post(&calls).await.unwrap();
    assert_eq!(refused.status, 429);
    let made = bench.emulator.offers().len();
    assert_eq!(made, 0, "not even by the earlier calls");
    let again = bench.client.post(&calls).await.unwrap();
    assert_eq!((again.status, bench.emulator.offers().len()), (200, 3));
}
