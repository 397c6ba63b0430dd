//! Faults of REST requests: every action that can befall them.

use std::time::Duration;

use cleeng_emulator::{AnswerRecord, CallOutcome, FaultRule};
use serde_json::{Value, json};
use tokio::time::Instant;

use super::{body, localization, path};
use crate::client::{Answer, Bench, TOKEN, eventually};

async fn post(bench: &Bench) -> Option<Answer> {
    let headers = [("X-Publisher-Token", TOKEN)];
    let body = body("pass", json!({})).to_string();
    bench
        .client
        .request("POST", "/3.1/offers", &headers, body.as_bytes())
        .await
}

#[tokio::test]
async fn answers_go_wrong_before_or_after_the_effect() {
    for (rule, status, count) in [
        ("createOffer=status:503", Some(503), 0),
        ("createOffer=status:500,after", Some(500), 1),
        ("create*=status:422", Some(422), 0),
        ("*=cut", None, 0),
        ("*=cut,after", None, 1),
        ("createOffer=garbage", Some(200), 0),
        ("createOffer=garbage,after", Some(200), 1),
        ("createOffer=error:500", Some(500), 0),
        ("createOffer=error:409,after", Some(409), 1),
    ] {
        let bench = Bench::start().await;
        bench.fault(rule);
        let answer = post(&bench).await;
        assert_eq!(answer.map(|answer| answer.status), status, "{rule}");
        assert_eq!(bench.emulator.offers().len(), count, "{rule}");
        let requests = bench.emulator.requests();
        let call = requests.calls_of("createOffer").next().unwrap();
        assert_eq!(call.fault.as_deref(), Some(rule));
        assert_eq!(call.took_effect, count == 1);
        assert_eq!(requests.write_calls(), 1);
        let answered = requests.iter().next().unwrap().answer;
        assert_eq!(
            answered,
            status.map_or(AnswerRecord::Cut, AnswerRecord::Status)
        );
    }
}

#[tokio::test]
async fn errors_have_the_body_of_errors_and_statuses_have_not() {
    let bench = Bench::start().await;
    bench.fault("createOffer#1=error:422");
    bench.fault("createOffer#2=status:502");
    let error = post(&bench).await.unwrap();
    assert_eq!(
        error.json(),
        json!({"message": "A fault rule asked for error 422"})
    );
    let status = post(&bench).await.unwrap();
    assert!(serde_json::from_slice::<Value>(&status.body).is_err());
    let requests = bench.emulator.requests();
    let outcomes: Vec<_> = requests.calls().map(|call| call.outcome).collect();
    assert_eq!(outcomes, [CallOutcome::Failed(422), CallOutcome::NotRun]);
}

#[tokio::test]
async fn too_many_requests_say_when_to_come_back() {
    let bench = Bench::start().await;
    bench.fault("listOffers#1=status:429,retry-after:3");
    let answer = bench.client.rest("GET", "offers", None).await;
    assert_eq!(
        (answer.status, answer.headers["retry-after"].as_str()),
        (429, "3")
    );
    assert_eq!(bench.client.rest("GET", "offers", None).await.status, 200);
}

#[tokio::test]
async fn body_breaks_off_in_the_middle() {
    for (rule, status, count) in [("*=truncate", 200, 0), ("*=truncate,after", 201, 1)] {
        let bench = Bench::start().await;
        bench.fault(rule);
        let answer = post(&bench).await.unwrap();
        assert!(answer.is_truncated() && !answer.body.is_empty(), "{rule}");
        assert_eq!(
            (answer.status, bench.emulator.offers().len()),
            (status, count)
        );
        let requests = bench.emulator.requests();
        let answered = requests.iter().next().unwrap().answer;
        assert_eq!(answered, AnswerRecord::Truncated(status));
    }
}

#[tokio::test]
async fn request_waits_before_or_after_its_effect() {
    for rule in ["createOffer=delay:150", "createOffer=delay:150,after"] {
        let bench = Bench::start().await;
        bench.fault(rule);
        let start = Instant::now();
        assert_eq!(post(&bench).await.unwrap().status, 201);
        assert!(start.elapsed() >= Duration::from_millis(150));
        let requests = bench.emulator.requests();
        let call = requests.calls().next().unwrap();
        assert_eq!(
            (call.fault.as_deref(), call.took_effect),
            (Some(rule), true)
        );
        assert_eq!(requests.call_count(), 1);
    }
}

#[tokio::test]
async fn every_operation_is_met_by_its_word() {
    let bench = Bench::start().await;
    let patch = json!({"localizations": [localization("FR", "EUR", 9.0)]});
    let made = bench.create_rest("pass", patch).await;
    let id = path(&made);
    let row = format!("{id}/localizations/FR");
    for (word, verb, path) in [
        ("listOffers", "GET", "offers".to_owned()),
        ("getOffer", "GET", id.clone()),
        ("createOffer", "POST", "offers".to_owned()),
        ("patchOffer", "PATCH", id.clone()),
        ("activateOffer", "POST", format!("{id}/activate")),
        ("deactivateOffer", "POST", format!("{id}/deactivate")),
        ("createLocalization", "POST", format!("{id}/localizations")),
        ("patchLocalization", "PATCH", row.clone()),
        ("activateLocalization", "POST", format!("{row}/activate")),
        (
            "deactivateLocalization",
            "POST",
            format!("{row}/deactivate"),
        ),
    ] {
        bench.fault(&format!("{word}=status:418"));
        let answer = bench.client.rest(verb, &path, Some(&json!({}))).await;
        assert_eq!(answer.status, 418, "{word}");
    }
}

#[tokio::test]
async fn rules_count_the_operations_that_they_name() {
    let bench = Bench::start().await;
    bench.fault("patchOffer#2=status:500");
    let made = bench.create_rest("pass", json!({})).await;
    let mut statuses = Vec::new();
    for title in ["a", "b", "c"] {
        let patch = json!({"title": title});
        let answer = bench.client.rest("PATCH", &path(&made), Some(&patch)).await;
        bench.client.rest("GET", &path(&made), None).await;
        statuses.push(answer.status);
    }
    assert_eq!(statuses, [200, 500, 200]);
}

#[tokio::test]
async fn faults_of_batches_do_not_befall_rest() {
    for rule in [
        "createOffer=double",
        "listOffers=bare-error",
        "patchOffer=missing",
        "getOffer=error:8",
    ] {
        assert!(FaultRule::parse(rule).is_err(), "{rule}");
    }
    let bench = Bench::start().await;
    bench.fault("*=double");
    bench.fault("*=error:8");
    assert_eq!(post(&bench).await.unwrap().status, 201);
}

#[tokio::test]
async fn lists_go_wrong() {
    for (action, expected, total) in [
        ("short", vec![0, 1], "3"),
        ("short:2", vec![0], "3"),
        ("empty", vec![], "0"),
        ("repeated", vec![0, 1, 0], "3"),
        ("total:-1", vec![0, 1, 2], "2"),
        ("shifted", vec![0, 1, 2], "3"),
    ] {
        let bench = super::create::with(&["rest-total=header"]).await;
        for _ in 0..3 {
            bench.create_rest("pass", json!({})).await;
        }
        let list = async |query: &str| {
            bench
                .client
                .rest("GET", &format!("offers{query}"), None)
                .await
        };
        let right = crate::client::ids(&list("").await.json());
        bench.fault(&format!("listOffers={action}"));
        let answer = list("").await;
        let expected: Vec<_> = expected.iter().map(|index| right[*index].clone()).collect();
        assert_eq!(crate::client::ids(&answer.json()), expected, "{action}");
        assert_eq!(answer.headers["x-total-count"], total, "{action}");
        if action == "shifted" {
            let second = list("?limit=1&offset=1").await.json();
            assert_eq!(second[0]["id"], right[0]);
        }
    }
}

#[tokio::test]
async fn list_may_be_deaf_to_activity() {
    for (rule, of_words, of_digits) in [
        ("listOffers=deaf", 1, 1),
        ("listOffers=deaf:booleans", 1, 0),
    ] {
        let bench = Bench::start().await;
        bench.create_rest("pass", json!({})).await;
        bench.fault(rule);
        for (query, count) in [
            ("offers?active=false", of_words),
            ("offers?active=0", of_digits),
        ] {
            let items = bench.client.rest("GET", query, None).await.json();
            assert_eq!(items.as_array().unwrap().len(), count, "{rule} {query}");
        }
    }
}

#[tokio::test]
async fn change_may_show_late_in_lists_or_everywhere() {
    for (rule, is_got) in [
        ("createOffer=late:60000", true),
        ("createOffer=cut,after,late:60000,gets", false),
    ] {
        let bench = Bench::start().await;
        bench.fault(rule);
        post(&bench).await;
        let items = bench.client.rest("GET", "offers", None).await.json();
        assert_eq!(items, json!([]), "{rule}");
        let id = bench.emulator.offers()[0].id().stem().to_owned();
        let got = bench
            .client
            .rest("GET", &format!("offers/{id}"), None)
            .await;
        assert_eq!(got.status == 200, is_got, "{rule}");
    }
}

#[tokio::test]
async fn late_change_shows_in_time() {
    let bench = Bench::start().await;
    let made = bench.create_rest("pass", json!({})).await;
    bench.fault("patchOffer=late:200,gets");
    let patched = bench
        .client
        .offer("PATCH", &path(&made), Some(json!({"title": "new"})))
        .await;
    assert_eq!(patched["title"], "new");
    assert_eq!(bench.client.offer("GET", &path(&made), None).await, made);
    eventually(async || bench.client.offer("GET", &path(&made), None).await == patched).await;
}

#[tokio::test]
async fn localizations_may_show_later_than_their_offer() {
    let bench = Bench::start().await;
    bench.fault("createOffer=late:60000,gets,rows");
    let patch = json!({"localizations": [localization("FR", "EUR", 9.0)]});
    let made = bench.create_rest("pass", patch).await;
    assert_eq!(made["localizations"].as_array().unwrap().len(), 1);
    let got = bench.client.offer("GET", &path(&made), None).await;
    assert_eq!(got["localizations"], json!([]));
    let items = bench.client.rest("GET", "offers", None).await.json();
    assert_eq!(items[0]["localizations"], json!([]));
}

#[tokio::test]
async fn writes_may_store_or_say_something_else() {
    for (rule, member, stored, said) in [
        ("patchOffer=ignore:title", "title", json!("t"), json!("t")),
        (
            "patchOffer=store:title=other",
            "title",
            json!("other"),
            json!("other"),
        ),
        (
            "patchOffer=answer:title=other",
            "title",
            json!("new"),
            json!("other"),
        ),
        ("patchOffer=ignore:tags", "tags", json!([]), json!([])),
        (
            "patchOffer=store:accessToTags=[\"z\"]",
            "tags",
            json!(["z"]),
            json!(["z"]),
        ),
    ] {
        let bench = Bench::start().await;
        let made = bench.create_rest("pass", json!({})).await;
        bench.fault(rule);
        let patch = json!({"title": "new", "tags": ["a"]});
        let patched = bench.client.offer("PATCH", &path(&made), Some(patch)).await;
        assert_eq!(patched[member], said, "{rule}");
        let read = bench.client.offer("GET", &path(&made), None).await;
        assert_eq!(read[member], stored, "{rule}");
    }
}

#[tokio::test]
async fn price_of_a_new_offer_may_be_another() {
    let bench = Bench::start().await;
    bench.fault("createOffer=store:price=99.99");
    let made = bench.create_rest("vod", json!({})).await;
    assert_eq!(made["price"]["amount"], 99.99);
}
