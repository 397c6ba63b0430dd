//! Bodies, ids and batches (docs/cleeng-api.md §1.1 and §1.2).

use cleeng_emulator::Config;
use serde_json::{Value, json};

use crate::client::{Bench, batch, call, text};

#[tokio::test]
async fn success_has_its_members_in_the_documented_order() {
    let bench = Bench::start().await;
    let body = call("listPassOffers", json!({})).to_string();
    let answer = bench.client.post(&body).await.unwrap();
    assert_eq!(answer.headers["content-type"], "application/json");
    assert_eq!(
        answer.text(),
        r#"{"result":{"items":[],"totalItemCount":0},"id":"1","error":null,"jsonrpc":"2.0"}"#
    );
}

#[tokio::test]
async fn error_comes_with_status_200_and_its_members_in_the_documented_order() {
    let bench = Bench::start().await;
    let body = call("getPassOffer", json!({"offerId": "P123456789_US"})).to_string();
    let answer = bench.client.post(&body).await.unwrap();
    assert_eq!(answer.status, 200);
    assert_eq!(
        answer.text(),
        r#"{"result":null,"error":{"code":4,"message":"Offer P123456789_US does not exist.","data":{}},"id":"1","jsonrpc":"2.0"}"#
    );
}

#[tokio::test]
async fn every_form_of_id_is_answered_as_a_text() {
    let bench = Bench::start().await;
    for (id, expected) in [
        (json!(1), json!("1")),
        (json!("1"), json!("1")),
        (json!("0"), json!("0")),
        (json!("9f1c-guid"), json!("9f1c-guid")),
        (json!(null), json!(null)),
        (json!({"a": 1}), json!(null)),
    ] {
        let mut call = call("listPassOffers", json!({}));
        call["id"] = id;
        assert_eq!(bench.client.json(&call).await["id"], expected);
    }
    let mut call = call("listPassOffers", json!({}));
    call.as_object_mut().unwrap().remove("id");
    assert_eq!(bench.client.json(&call).await["id"], Value::Null);
}

#[tokio::test]
async fn unusual_bodies_are_answered_with_json_rpc_errors() {
    let bench = Bench::start().await;
    for (body, code) in [
        ("", -32700),
        ("{\"method\":", -32700),
        ("method=listPassOffers", -32700),
        ("null", -32600),
        ("42", -32600),
        ("[]", -32600),
        ("{}", -32600),
        ("{\"method\":7}", -32600),
        ("{\"method\":\"getCustomer\",\"params\":{}}", -32601),
        ("{\"method\":\"deactivateEventOffer\"}", -32601),
        ("{\"method\":\"getPassOffer\",\"params\":[1]}", -32602),
        ("{\"method\":\"getPassOffer\",\"params\":\"x\"}", -32602),
        ("{\"method\":\"getPassOffer\"}", -32602),
        ("{\"method\":\"getPassOffer\",\"params\":[]}", -32602),
        (
            "{\"method\":\"getPassOffer\",\"params\":{\"offerId\":{}}}",
            -32602,
        ),
    ] {
        let answer = bench.client.post(body).await.unwrap();
        assert_eq!(answer.status, 200, "{body}");
        assert_eq!(answer.json()["error"]["code"], code, "{body}");
    }
}

#[tokio::test]
async fn wrong_shapes_inside_the_parameters_are_refused_without_effect() {
    let bench = Bench::start().await;
    for (method, params) in [
        ("createPassOffer", json!({"offerData": "x"})),
        ("createPassOffer", json!({"offerData": [1]})),
        ("listPassOffers", json!({"criteria": "active"})),
        ("listPassOffers", json!({"criteria": {"active": "maybe"}})),
        ("listPassOffers", json!({"offset": -1})),
        ("listPassOffers", json!({"limit": "many"})),
        ("createMultiCurrencyPassOffer", json!({"offerData": 1})),
        (
            "createMultiCurrencyPassOffer",
            json!({"offerData": crate::client::data("Pass", json!({})), "localizedData": {"US": {}}}),
        ),
        ("updateMultiCurrencyPassOffer", json!({"offerData": {}})),
    ] {
        assert_eq!(
            bench.client.code(method, params.clone()).await,
            -32602,
            "{method} {params}"
        );
    }
    assert!(bench.emulator.offers().is_empty());
}

#[tokio::test]
async fn batch_is_answered_in_order_and_each_call_stands_alone() {
    let bench = Bench::start().await;
    let good = json!({"offerData": crate::client::data("Pass", json!({}))});
    let body = json!([
        call("createPassOffer", good.clone()),
        {"id": 2},
        17,
        call("createPassOffer", json!({"offerData": {}})),
        call("nonsense", json!({})),
        call("createPassOffer", good),
        call("listPassOffers", json!({})),
    ]);
    let answers = bench.client.json(&body).await;
    let codes: Vec<_> = answers
        .as_array()
        .unwrap()
        .iter()
        .map(|answer| answer["error"]["code"].as_i64().unwrap_or(0))
        .collect();
    assert_eq!(codes, [0, -32600, -32600, 8, -32601, 0, 0]);
    assert_eq!(answers[1]["id"], "2");
    assert_eq!(answers[6]["result"]["totalItemCount"], 2);
}

#[tokio::test]
async fn batch_of_one_is_answered_with_an_array() {
    let bench = Bench::start().await;
    let answers = bench.client.batch(&[("listPassOffers", json!({}))]).await;
    assert_eq!(answers.len(), 1);
}

#[tokio::test]
async fn later_call_of_a_batch_sees_what_an_earlier_one_did() {
    let bench = Bench::start().await;
    let pass = bench.create("Pass", json!({})).await;
    let id = json!({"offerId": pass["id"]});
    let answers = bench
        .client
        .batch(&[("deactivatePassOffer", id.clone()), ("getPassOffer", id)])
        .await;
    assert_eq!(answers[1]["result"]["active"], false);
}

#[tokio::test]
async fn batch_over_the_cap_is_a_bare_error_object_without_effect() {
    let bench = Bench::with(Config {
        batch_cap: 3,
        ..Config::default()
    })
    .await;
    let create = (
        "createPassOffer",
        json!({"offerData": crate::client::data("Pass", json!({}))}),
    );
    let four = batch(&[create.clone(), create.clone(), create.clone(), create]);
    let answer = bench.client.json(&four).await;
    assert_eq!(answer["code"], -32600);
    assert_eq!(text(&answer["message"]), "The batch has more than 3 calls");
    assert_eq!(answer["data"], json!({}));
    assert_eq!(answer.get("jsonrpc"), None);
    assert!(bench.emulator.offers().is_empty());
}

#[tokio::test]
async fn hundred_calls_are_allowed_by_default() {
    let bench = Bench::start().await;
    let calls: Vec<_> = (0..100).map(|_| ("listPassOffers", json!({}))).collect();
    assert_eq!(bench.client.batch(&calls).await.len(), 100);
}
