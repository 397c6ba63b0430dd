//! Answers that are well formed and wrong: another offer's body, another call's result, a status after the effect.

use std::time::Duration;

use cleeng_emulator::{AnswerRecord, CallOutcome, Config, FaultRule};
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};

use crate::client::{Bench, batch, call, data, eventually, ids, text, unwrapped};

fn create(title: &str) -> (&'static str, Value) {
    (
        "createPassOffer",
        json!({"offerData": data("Pass", json!({"title": title}))}),
    )
}

fn titles(bench: &Bench) -> Vec<String> {
    let offers = bench.emulator.offers();
    let title = |offer: &cleeng_emulator::Offer| {
        let title = offer.text(cleeng_emulator::Field::Title);
        title.unwrap_or_default().to_owned()
    };
    offers.iter().map(title).collect()
}

/// Makes a batch of creates with these titles under a rule, and returns id and title of each answer.
async fn answered(rule: &str, calls: &[&str]) -> (Vec<(String, String)>, Bench) {
    let bench = Bench::start().await;
    bench.fault(rule);
    let calls: Vec<_> = calls.iter().map(|title| create(title)).collect();
    let answers = bench.client.batch(&calls).await;
    let answers = answers.iter();
    let told = answers.map(|answer| (text(&answer["id"]), text(&answer["result"]["title"])));
    (told.collect(), bench)
}

#[tokio::test]
async fn results_go_round_while_ids_stay() {
    for rule in ["create*=rotated", "create*#2=rotated", "*#1=rotated:all"] {
        let (told, bench) = answered(rule, &["a", "b", "c"]).await;
        let expected = [("1", "b"), ("2", "c"), ("3", "a")];
        let expected = expected.map(|(id, title)| (id.to_owned(), title.to_owned()));
        assert_eq!(told, expected, "{rule}");
        assert_eq!(titles(&bench), ["a", "b", "c"], "{rule}");
        let requests = bench.emulator.requests();
        assert!(requests.calls().all(|call| call.took_effect));
    }
}

#[tokio::test]
async fn results_of_other_calls_go_round_only_if_asked() {
    for (rule, expected) in [
        ("*#1=rotated", ["list", "b", "a"]),
        ("*#1=rotated:all", ["a", "b", "list"]),
    ] {
        let bench = Bench::start().await;
        bench.fault(rule);
        let calls = [("listPassOffers", json!({})), create("a"), create("b")];
        let answers = bench.client.batch(&calls).await;
        let told = answers
            .iter()
            .map(|answer| answer["result"]["title"].as_str().unwrap_or("list"));
        assert_eq!(told.collect::<Vec<_>>(), expected, "{rule}");
    }
}

#[tokio::test]
async fn call_may_get_the_result_of_the_first() {
    let (told, bench) = answered("create*#3=answered-as-first", &["a", "b", "c"]).await;
    let told: Vec<_> = told.iter().map(|(_, title)| title.as_str()).collect();
    assert_eq!(told, ["a", "b", "a"]);
    assert_eq!(titles(&bench), ["a", "b", "c"]);
}

#[tokio::test]
async fn write_may_be_answered_with_the_body_of_another_offer() {
    for (rule, expected, made) in [
        ("create*=body-of-another", "young", 3),
        ("create*=body-of-another,before", "young", 2),
        ("create*=body-of:youngest", "young", 3),
        ("create*=body-of:oldest", "old", 3),
        ("create*=body-of:oldest,before", "old", 2),
    ] {
        let bench = Bench::start().await;
        bench.create("Pass", json!({"title": "old"})).await;
        bench.create("Pass", json!({"title": "young"})).await;
        bench
            .create("Subscription", json!({"title": "other"}))
            .await;
        bench.fault(rule);
        let told = bench.create("Pass", json!({"title": "new"})).await;
        let id = json!({"offerId": told["id"]});
        assert_eq!(told, bench.client.ok("getPassOffer", id).await, "{rule}");
        assert_eq!(told["title"], expected, "{rule}");
        let passes = titles(&bench).len() - 1;
        assert_eq!(passes, made, "{rule}");
        let requests = bench.emulator.requests();
        let call = requests.calls_of("createPassOffer").last().unwrap();
        assert_eq!(call.took_effect, made == 3, "{rule}");
        assert_eq!(call.fault.as_deref(), Some(rule));
        let outcome = match made {
            3 => CallOutcome::Succeeded,
            _ => CallOutcome::NotRun,
        };
        assert_eq!(call.outcome, outcome, "{rule}");
    }
}

#[tokio::test]
async fn body_of_a_named_offer_is_answered_to_updates_too() {
    let bench = Bench::start().await;
    let first = bench.create("Pass", json!({"title": "first"})).await;
    let second = bench.create("Pass", json!({"title": "second"})).await;
    let id = text(&first["id"]);
    bench.fault(&format!("updatePassOffer#1=body-of:{}", &id[..10]));
    bench.fault("updatePassOffer#2=body-of-another,before");
    let update = |title: &str| json!({"offerId": second["id"], "offerData": {"title": title}});
    let told = bench.client.ok("updatePassOffer", update("x")).await;
    assert_eq!((&told, titles(&bench)[1].as_str()), (&first, "x"));
    let told = bench.client.ok("updatePassOffer", update("y")).await;
    assert_eq!((&told, titles(&bench)[1].as_str()), (&first, "x"));
}

#[tokio::test]
async fn offer_of_another_type_is_told_where_there_is_no_other() {
    let bench = Bench::start().await;
    bench
        .create("Subscription", json!({"title": "other"}))
        .await;
    bench.fault("create*=body-of-another");
    let told = bench.client.ok(
        "createVodOffer",
        json!({"offerData": data("Vod", json!({}))}),
    );
    let told = told.await;
    assert_eq!(told["title"], "other");
    assert!(text(&told["id"]).starts_with('S'));
}

#[tokio::test]
async fn without_another_offer_the_call_works_as_usual() {
    for rule in ["create*=body-of-another", "create*=body-of-another,before"] {
        let bench = Bench::start().await;
        bench.fault(rule);
        let told = bench.create("Pass", json!({"title": "new"})).await;
        assert_eq!((&told["title"], titles(&bench).len()), (&json!("new"), 1));
        let requests = bench.emulator.requests();
        assert!(requests.calls().next().unwrap().took_effect, "{rule}");
    }
}

#[tokio::test]
async fn refused_write_is_refused_also_under_a_lie() {
    let bench = Bench::start().await;
    bench.create("Pass", json!({})).await;
    bench.fault("create*=body-of-another");
    let invalid = json!({"offerData": data("Pass", json!({"price": "much"}))});
    assert_eq!(bench.client.code("createPassOffer", invalid).await, 8);
}

#[tokio::test]
async fn offers_with_localizations_are_told_whole() {
    let bench = Bench::start().await;
    bench.create("Pass", json!({"title": "plain"})).await;
    let rows = json!([{"country": "US", "currency": "USD"}, {"country": "FR", "currency": "EUR"}]);
    let localized = |title: &str| json!({"offerData": data("Pass", json!({"title": title})), "localizedData": rows});
    let method = "createMultiCurrencyPassOffer";
    let first = bench.client.ok(method, localized("first")).await;
    bench.fault("create*=body-of-another");
    let told = bench.client.ok(method, localized("second")).await;
    let stem = &told["multiCurrencyOfferId"];
    assert_eq!(stem, &first["multiCurrencyOfferId"]);
    let countries: Vec<_> = ids(&told["offers"])
        .iter()
        .map(|id| id[11..].to_owned())
        .collect();
    assert_eq!(countries, ["FR", "US"]);
    assert_eq!(bench.create("Pass", json!({})).await["title"], "plain");
}

#[tokio::test]
async fn answer_may_have_nothing_but_an_id() {
    let bench = Bench::start().await;
    bench.fault("*=answer-only:id");
    for kind in ["Pass", "Vod"] {
        let told = bench.create(kind, json!({})).await;
        let made = bench.emulator.offers();
        let id = made.last().unwrap().id().as_str();
        assert_eq!(told, json!({"id": id}));
        let name = if kind == "Vod" {
            "offerIdString"
        } else {
            "offerId"
        };
        let got = bench
            .client
            .ok(&format!("get{kind}Offer"), json!({name: id}));
        assert_eq!(unwrapped(got.await), json!({"id": id}));
    }
    let rows = json!([{"country": "FR", "currency": "EUR"}]);
    let params = json!({"offerData": data("Pass", json!({})), "localizedData": rows});
    let told = bench
        .client
        .ok("createMultiCurrencyPassOffer", params)
        .await;
    let made = bench.emulator.offers();
    let stem = made.last().unwrap().id().stem();
    assert_eq!(told, json!({"multiCurrencyOfferId": stem}));
}

#[tokio::test]
async fn answer_may_have_nothing_but_the_id_of_another_offer() {
    let bench = Bench::start().await;
    let first = bench.create("Pass", json!({})).await;
    bench.fault("create*=body-of-another,answer-only:id");
    let told = bench.create("Pass", json!({})).await;
    assert_eq!(told, json!({"id": first["id"]}));
    assert_eq!(titles(&bench).len(), 2);
}

#[tokio::test]
async fn whole_answer_may_go_wrong_after_every_effect() {
    for action in [
        "status:429",
        "status:429,retry-after:1",
        "status:503",
        "status:400",
        "cut",
        "garbage",
        "truncate",
        "bare-error",
    ] {
        let bench = Bench::start().await;
        let rule = format!("create*#2={action},after:all");
        bench.fault(&rule);
        let calls = ["a", "b", "c", "d"].map(create);
        let answer = bench.client.post(&batch(&calls).to_string()).await;
        assert_eq!(titles(&bench), ["a", "b", "c", "d"], "{action}");
        if action == "cut" {
            assert!(answer.is_none());
        } else {
            let answer = answer.unwrap();
            let is_whole = serde_json::from_slice::<Vec<Value>>(&answer.body).is_ok();
            assert!(!is_whole, "{action}");
            if let Some(code) = action.strip_prefix("status:") {
                assert_eq!(answer.status.to_string(), code[..3]);
            }
        }
        let requests = bench.emulator.requests();
        let faults: Vec<_> = requests.calls().map(|call| call.fault.as_deref()).collect();
        assert_eq!(faults, [None, Some(rule.as_str()), None, None]);
        assert!(requests.calls().all(|call| call.took_effect), "{action}");
    }
}

#[tokio::test]
async fn later_fault_may_still_end_a_request_that_was_to_take_effect_whole() {
    let bench = Bench::start().await;
    bench.fault("create*#1=status:429,after:all");
    bench.fault("create*#3=cut");
    let calls = ["a", "b", "c", "d"].map(create);
    let answer = bench.client.post(&batch(&calls).to_string()).await;
    assert!(answer.is_none());
    assert_eq!(titles(&bench), ["a", "b"]);
}

#[tokio::test]
async fn effect_of_every_call_may_show_late_behind_a_status() {
    let bench = Bench::start().await;
    bench.fault("create*=status:429,after:all,late:60000");
    let calls = ["a", "b"].map(create);
    let answer = bench.client.post(&batch(&calls).to_string()).await;
    assert_eq!(answer.unwrap().status, 429);
    assert_eq!(titles(&bench), ["a", "b"]);
    let listed = bench.client.listed("listPassOffers", json!({})).await;
    assert!(listed.is_empty());
}

#[tokio::test]
async fn value_may_get_lost_behind_an_answer_that_gets_lost() {
    for action in ["cut,after", "status:503,after:all", "missing"] {
        let bench = Bench::start().await;
        let pass = bench.create("Pass", json!({"price": 12})).await;
        bench.fault(&format!("update*={action},ignore:price,late:60000"));
        let params = json!({"offerId": pass["id"], "offerData": {"price": 15, "title": "new"}});
        let body = call("updatePassOffer", params).to_string();
        bench.client.post(&body).await;
        let id = json!({"offerId": pass["id"]});
        let got = bench.client.ok("getPassOffer", id).await;
        let values = (&got["price"], &got["title"]);
        assert_eq!(values, (&json!(12), &json!("new")), "{action}");
        let list = bench.client.ok("listPassOffers", json!({})).await;
        assert_eq!(list["items"][0]["title"], "t", "{action}");
    }
}

#[tokio::test]
async fn busy_service_may_say_when_to_come_back() {
    for rule in [
        "*=status:503,retry-after:86400",
        "*=status:503,retry-after:86400,after:all",
    ] {
        let bench = Bench::start().await;
        bench.fault(rule);
        let (method, params) = create("a");
        let answer = bench.client.post(&call(method, params).to_string()).await;
        let answer = answer.unwrap();
        let retry_after = answer.headers["retry-after"].as_str();
        assert_eq!((answer.status, retry_after), (503, "86400"), "{rule}");
    }
}

#[tokio::test]
async fn silent_service_answers_nothing_and_keeps_the_connection() {
    for (rule, count) in [("*=silence", 0), ("*=silence,after", 1)] {
        let bench = Bench::start().await;
        bench.fault(rule);
        let (method, params) = create("a");
        let body = call(method, params).to_string();
        let waited = timeout(Duration::from_millis(300), bench.client.post(&body)).await;
        assert!(waited.is_err(), "{rule}");
        assert_eq!(titles(&bench).len(), count, "{rule}");
        let answer = || bench.emulator.requests().iter().next().unwrap().answer;
        eventually(async || answer() == AnswerRecord::Abandoned).await;
        bench.emulator.clear_faults();
        assert_eq!(bench.client.code(method, create("b").1).await, 0);
    }
}

#[tokio::test]
async fn silence_does_not_keep_the_emulator_from_stopping() {
    let Bench { emulator, client } = Bench::with(Config::default()).await;
    emulator.add_fault(FaultRule::parse("*=silence").unwrap());
    let (method, params) = create("a");
    let body = call(method, params).to_string();
    let mut waiting = JoinSet::new();
    waiting.spawn(async move { client.post(&body).await });
    eventually(async || emulator.requests().call_count() == 1).await;
    let start = Instant::now();
    emulator.shutdown().await;
    assert!(start.elapsed() < Duration::from_secs(3));
    assert!(waiting.join_next().await.unwrap().unwrap().is_none());
}
