//! Faults of writes: late visibility and values that do not stick.

use cleeng_emulator::Field;
use serde_json::{Value, json};

use crate::client::{Bench, call, data, eventually, text};

/// A day: nothing of it shows during a test.
const NEVER: &str = "late:86400000";

async fn titles(bench: &Bench) -> Vec<String> {
    let list = bench.client.ok("listPassOffers", json!({})).await;
    let items = list["items"].as_array().unwrap();
    items.iter().map(|item| text(&item["title"])).collect()
}

async fn title(bench: &Bench, id: &Value) -> String {
    text(&stored(bench, id).await["title"])
}

/// Counts the active and the inactive passes that lists show.
async fn counts(bench: &Bench) -> [i64; 2] {
    let mut counts = [0; 2];
    for (count, active) in counts.iter_mut().zip([true, false]) {
        let criteria = json!({"criteria": {"active": active}});
        let list = bench.client.ok("listPassOffers", criteria).await;
        *count = list["totalItemCount"].as_i64().unwrap();
    }
    counts
}

#[tokio::test]
async fn created_offer_is_listed_late_but_read_at_once() {
    let bench = Bench::start().await;
    bench.fault(&format!("create*#1={NEVER}"));
    let pass = bench.create("Pass", json!({"title": "late"})).await;
    bench.create("Pass", json!({"title": "in time"})).await;
    assert_eq!(titles(&bench).await, ["in time"]);
    assert_eq!(title(&bench, &pass["id"]).await, "late");
}

#[tokio::test]
async fn created_offer_may_be_read_late_too() {
    let bench = Bench::start().await;
    bench.fault(&format!("create*={NEVER},gets"));
    let single = bench.create("Single", json!({"videoId": "7"})).await;
    for id in [json!({"offerId": single["id"]}), json!({"videoId": "7"})] {
        assert_eq!(bench.client.code("getSingleOffer", id).await, 4);
    }
}

#[tokio::test]
async fn late_offer_shows_when_its_time_has_come() {
    let bench = Bench::start().await;
    bench.fault("create*=late:50,gets");
    let pass = bench.create("Pass", json!({})).await;
    let id = json!({"offerId": pass["id"]});
    eventually(async || titles(&bench).await.len() == 1).await;
    assert_eq!(bench.client.code("getPassOffer", id).await, 0);
}

#[tokio::test]
async fn countries_but_the_first_may_show_late() {
    let bench = Bench::start().await;
    bench.fault(&format!("createMulti*={NEVER},rows"));
    let rows = ["US", "FR", "DE"].map(|country| json!({"country": country, "currency": "USD"}));
    let params = json!({"offerData": data("Pass", json!({})), "localizedData": rows});
    let method = "createMultiCurrencyPassOffer";
    let offers = bench.client.ok(method, params).await["offers"].clone();
    assert_eq!(offers.as_array().unwrap().len(), 3);
    let listed = bench.client.listed("listPassOffers", json!({})).await;
    assert_eq!(listed, [text(&offers[0]["id"])]);
}

#[tokio::test]
async fn creation_without_an_answer_may_show_late() {
    let bench = Bench::start().await;
    bench.fault("createPassOffer#1=cut,after,late:50,gets");
    bench.fault(&format!("createPassOffer#2=status:500,after,{NEVER}"));
    let params = json!({"offerData": data("Pass", json!({}))});
    let create = call("createPassOffer", params).to_string();
    assert!(bench.client.post(&create).await.is_none());
    assert_eq!(bench.client.post(&create).await.unwrap().status, 500);
    assert_eq!(bench.emulator.offers().len(), 2);
    eventually(async || titles(&bench).await.len() == 1).await;
}

#[tokio::test]
async fn changed_offer_shows_its_old_self_for_a_while() {
    let bench = Bench::start().await;
    let id = bench.create("Pass", json!({"title": "old"})).await["id"].clone();
    bench.fault(&format!("updatePassOffer={NEVER},gets"));
    for title in ["middle", "new"] {
        let update = json!({"offerId": id, "offerData": {"title": title}});
        let answer = bench.client.ok("updatePassOffer", update).await;
        assert_eq!(answer["title"], title);
    }
    assert_eq!(titles(&bench).await, ["old"]);
    assert_eq!(title(&bench, &id).await, "old");
}

#[tokio::test]
async fn changed_offer_shows_its_new_self_when_the_time_has_come() {
    let bench = Bench::start().await;
    let id = bench.create("Pass", json!({"title": "old"})).await["id"].clone();
    bench.fault("updatePassOffer=late:50,gets");
    let update = json!({"offerId": id, "offerData": {"title": "new"}});
    bench.client.ok("updatePassOffer", update).await;
    eventually(async || titles(&bench).await == ["new"]).await;
    assert_eq!(title(&bench, &id).await, "new");
}

#[tokio::test]
async fn deactivated_offer_stays_in_the_active_list_for_a_while() {
    let bench = Bench::start().await;
    for rule in [
        format!("deactivate*#1={NEVER}"),
        "deactivate*#1=late:50".to_owned(),
    ] {
        let pass = bench.create("Pass", json!({})).await;
        bench.fault(&rule);
        let id = json!({"offerId": pass["id"]});
        bench.client.ok("deactivatePassOffer", id).await;
    }
    eventually(async || counts(&bench).await == [1, 1]).await;
}

async fn update(bench: &Bench, id: &Value, price: &str) -> Value {
    let params = json!({"offerId": id, "offerData": {"price": price, "title": "new"}});
    bench.client.ok("updatePassOffer", params).await
}

async fn stored(bench: &Bench, id: &Value) -> Value {
    bench
        .client
        .ok("getPassOffer", json!({"offerId": id}))
        .await
}

#[tokio::test]
async fn price_may_not_stick() {
    let bench = Bench::start().await;
    let id = bench.create("Pass", json!({"price": 12})).await["id"].clone();
    bench.fault("updatePassOffer#1=ignore:price");
    let answer = update(&bench, &id, "15").await;
    assert_eq!(
        (&answer["price"], &answer["title"]),
        (&json!(12), &json!("new"))
    );
    assert_eq!(stored(&bench, &id).await["price"], 12);
    assert_eq!(update(&bench, &id, "15").await["price"], 15);
}

#[tokio::test]
async fn another_value_may_be_stored() {
    let bench = Bench::start().await;
    bench.fault("createPassOffer=store:price=99.5");
    let pass = bench.create("Pass", json!({"price": 12})).await;
    assert_eq!(pass["price"], 99.5);
    assert_eq!(stored(&bench, &pass["id"]).await["price"], 99.5);
}

#[tokio::test]
async fn answer_may_tell_another_value_than_was_stored() {
    let bench = Bench::start().await;
    let id = bench.create("Pass", json!({"price": 12})).await["id"].clone();
    bench.fault("updatePassOffer=answer:price=1.23");
    assert_eq!(update(&bench, &id, "15").await["price"], 1.23);
    assert_eq!(stored(&bench, &id).await["price"], 15);
}

#[tokio::test]
async fn answers_of_vods_and_localizations_are_falsified_inside() {
    let bench = Bench::start().await;
    bench.fault("create*=answer:title=false title");
    assert_eq!(bench.create("Vod", json!({})).await["title"], "false title");
    let rows = json!([{"country": "US", "currency": "USD"}, {"country": "FR", "currency": "EUR"}]);
    let params = json!({"offerData": data("Pass", json!({})), "localizedData": rows});
    let method = "createMultiCurrencyPassOffer";
    let offers = bench.client.ok(method, params).await["offers"].clone();
    for offer in offers.as_array().unwrap() {
        assert_eq!(offer["title"], "false title");
    }
    let stored = bench.emulator.offers();
    assert!(
        stored
            .iter()
            .all(|offer| offer.text(Field::Title) == Some("t"))
    );
}

#[tokio::test]
async fn tampering_does_not_make_invalid_data_valid() {
    let bench = Bench::start().await;
    bench.fault("createSingleOffer=ignore:price");
    let params = json!({"offerData": data("Single", json!({"price": 100}))});
    assert_eq!(bench.client.code("createSingleOffer", params).await, 8);
}
