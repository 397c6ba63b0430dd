//! Answers of REST that are well formed and wrong: another offer's body, and effects behind answers that get lost.

use std::time::Duration;

use cleeng_emulator::{AnswerRecord, CallOutcome, Field};
use serde_json::{Value, json};
use tokio::time::timeout;

use super::create::with;
use super::{body, localization, path};
use crate::client::{Answer, Bench, TOKEN, eventually, text};

fn marked(title: &str) -> Value {
    let marker = json!({"offerctl": format!("club/{title}")});
    json!({"title": title, "externalProperties": marker})
}

async fn post(bench: &Bench, patch: Value) -> Option<Answer> {
    let headers = [("X-Publisher-Token", TOKEN), ("If-None-Match", "\"0\"")];
    let body = body("pass", patch).to_string();
    bench
        .client
        .request("POST", "/3.1/offers", &headers, body.as_bytes())
        .await
}

#[tokio::test]
async fn create_may_be_answered_with_the_body_of_another_offer() {
    for (rule, expected, made) in [
        ("createOffer=body-of-another", "young", 4),
        ("createOffer=body-of-another,before", "young", 3),
        ("createOffer=body-of:oldest", "old", 4),
        ("createOffer=body-of:youngest,before", "young", 3),
    ] {
        let bench = Bench::start().await;
        bench.create_rest("pass", marked("old")).await;
        let young = bench.create_rest("pass", marked("young")).await;
        let change = json!({"description": "second version"});
        bench
            .client
            .offer("PATCH", &path(&young), Some(change))
            .await;
        bench.create_rest("vod", marked("vod")).await;
        bench.fault(rule);
        let answer = post(&bench, marked("new")).await.unwrap();
        let told = answer.json();
        let read = bench.client.offer("GET", &path(&told), None).await;
        assert_eq!((answer.status, &told), (201, &read), "{rule}");
        assert_eq!(told["title"], expected, "{rule}");
        let marker = &told["externalProperties"]["offerctl"];
        assert_eq!(marker, &json!(format!("club/{expected}")), "{rule}");
        assert_eq!(answer.headers["etag"], format!("\"{}\"", told["version"]));
        assert_eq!(bench.emulator.offers().len(), made, "{rule}");
        let requests = bench.emulator.requests();
        let call = requests.calls_of("createOffer").last().unwrap();
        assert_eq!(call.took_effect, made == 4, "{rule}");
        let is_not_run = call.outcome == CallOutcome::NotRun;
        assert_eq!(is_not_run, made == 3, "{rule}");
    }
}

#[tokio::test]
async fn every_write_may_be_answered_with_another_offer() {
    for moment in ["", ",before"] {
        let bench = Bench::start().await;
        let rows = json!({"localizations": [localization("FR", "EUR", 9.0)]});
        let own = bench.create_rest("pass", rows).await;
        let other = bench.create_rest("pass", marked("other")).await;
        bench.create_rest("vod", marked("youngest")).await;
        bench.fault(&format!("*=body-of-another{moment}"));
        let id = path(&own);
        let row = format!("{id}/localizations");
        for (verb, path, body) in [
            ("PATCH", id.clone(), json!({"title": "new"})),
            ("POST", format!("{id}/activate"), json!({})),
            ("POST", row.clone(), localization("DE", "EUR", 9.0)),
            ("PATCH", format!("{row}/FR"), json!({"title": "neuf"})),
            ("POST", format!("{row}/FR/deactivate"), json!({})),
            ("POST", format!("{row}/FR/activate"), json!({})),
            ("POST", format!("{id}/deactivate"), json!({})),
        ] {
            let told = bench.client.offer(verb, &path, Some(body)).await;
            assert_eq!(told, other, "{verb} {path}{moment}");
        }
        let stored = bench.emulator.offers();
        let is_changed = stored[0].text(Field::Title) == Some("new");
        assert_eq!(is_changed, moment.is_empty());
    }
}

#[tokio::test]
async fn named_offer_may_be_told_whatever_its_type() {
    let bench = Bench::start().await;
    let vod = bench.create_rest("vod", marked("vod")).await;
    bench.create_rest("pass", marked("pass")).await;
    bench.fault(&format!("createOffer=body-of:{}", text(&vod["longId"])));
    let answer = post(&bench, marked("new")).await.unwrap();
    assert_eq!(answer.json(), vod);
}

#[tokio::test]
async fn without_another_offer_the_request_works_as_usual() {
    for rule in ["createOffer=body-of-another", "*=body-of:oldest,before"] {
        let bench = Bench::start().await;
        bench.fault(rule);
        let made = bench.create_rest("pass", marked("new")).await;
        assert_eq!(made["title"], "new", "{rule}");
        assert_eq!(bench.emulator.offers().len(), 1, "{rule}");
    }
}

#[tokio::test]
async fn answer_may_have_nothing_but_an_id() {
    let bench = Bench::start().await;
    let first = bench.create_rest("pass", marked("first")).await;
    bench.fault("createOffer#1=answer-only:id");
    bench.fault("createOffer#2=body-of:oldest,answer-only:id");
    bench.fault("getOffer=answer-only:id");
    let told = bench.create_rest("pass", marked("new")).await;
    let stored = bench.emulator.offers();
    assert_eq!(told, json!({"id": stored[1].id().stem()}));
    let told = bench.create_rest("pass", marked("newer")).await;
    assert_eq!(told, json!({"id": first["id"]}));
    let got = bench.client.offer("GET", &path(&first), None).await;
    assert_eq!(got, json!({"id": first["id"]}));
}

#[tokio::test]
async fn service_that_answers_with_ids_answers_with_that_of_another_offer() {
    let bench = with(&["rest-create-answers=id", "rest-create-status=200"]).await;
    let first = bench.create_rest("pass", marked("first")).await;
    bench.fault("createOffer=body-of-another");
    let answer = post(&bench, marked("new")).await.unwrap();
    assert_eq!((answer.status, answer.json()), (200, first));
}

#[tokio::test]
async fn marker_may_get_lost_behind_an_answer_that_gets_lost() {
    for (action, status) in [
        ("cut,after", None),
        ("status:503,after", Some(503)),
        ("status:429,after:all", Some(429)),
        ("error:500,after", Some(500)),
        ("body-of-another", Some(201)),
        ("silence,after", None),
    ] {
        let bench = Bench::start().await;
        bench.create_rest("pass", marked("first")).await;
        let ignored = "ignore:externalProperties,ignore:description";
        bench.fault(&format!("createOffer={action},{ignored},late:60000"));
        let mut patch = marked("new");
        patch["description"] = "lost".into();
        let answer = match timeout(Duration::from_secs(2), post(&bench, patch)).await {
            Ok(answer) => answer.map(|answer| answer.status),
            Err(_) => None,
        };
        assert_eq!(answer, status, "{action}");
        let stored = bench.emulator.offers();
        assert_eq!(stored[1].text(Field::Title), Some("new"), "{action}");
        for field in [Field::ExternalProperties, Field::Description] {
            assert_eq!(stored[1].get(field), None, "{action}");
        }
        let items = bench.client.rest("GET", "offers", None).await.json();
        assert_eq!(items.as_array().unwrap().len(), 1, "{action}");
    }
}

#[tokio::test]
async fn marker_may_be_stored_as_another_behind_a_lost_answer() {
    let bench = Bench::start().await;
    bench.fault("createOffer=cut,after,store:externalProperties={\"offerctl\":\"other/x\"}");
    assert!(post(&bench, marked("new")).await.is_none());
    let items = bench.client.rest("GET", "offers", None).await.json();
    assert_eq!(items[0]["externalProperties"]["offerctl"], "other/x");
}

#[tokio::test]
async fn busy_service_may_say_when_to_come_back() {
    for (rule, count) in [
        ("*=status:503,retry-after:86400", 0),
        ("*=status:503,retry-after:86400,after", 1),
        ("*=status:429,retry-after:7,after:all", 1),
    ] {
        let bench = Bench::start().await;
        bench.fault(rule);
        let answer = post(&bench, json!({})).await.unwrap();
        let told = format!(
            "*=status:{},retry-after:{}",
            answer.status, answer.headers["retry-after"]
        );
        assert!(rule.starts_with(&told), "{told}");
        assert_eq!(bench.emulator.offers().len(), count, "{rule}");
    }
}

#[tokio::test]
async fn silent_service_answers_nothing_and_keeps_the_connection() {
    for (rule, count) in [("*=silence", 0), ("*=silence,after:all", 1)] {
        let bench = Bench::start().await;
        bench.fault(rule);
        let waited = timeout(Duration::from_millis(300), post(&bench, json!({}))).await;
        assert!(waited.is_err(), "{rule}");
        assert_eq!(bench.emulator.offers().len(), count, "{rule}");
        let answer = || bench.emulator.requests().iter().next().unwrap().answer;
        eventually(async || answer() == AnswerRecord::Abandoned).await;
        bench.emulator.shutdown().await;
    }
}
