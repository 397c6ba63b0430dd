//! The captured requests of the known client libraries (API sheet §8), and answers that each of them can read
//! (API sheet, "quirk box").

use serde_json::{Value, json};

use crate::client::{Answer, Bench, data};

async fn post(bench: &Bench, content_type: &str, body: &str) -> Answer {
    let headers = [("Content-Type", content_type)];
    bench
        .client
        .request("POST", "/3.0/json-rpc", &headers, body.as_bytes())
        .await
        .unwrap()
}

async fn php(bench: &Bench, body: &str) -> Value {
    let answer = post(bench, "application/x-www-form-urlencoded", body).await;
    assert_eq!(answer.status, 200, "PHP takes nothing but 200");
    answer.json()
}

async fn java(bench: &Bench, body: &str) -> Value {
    let answer = post(bench, "application/json", body).await;
    assert!(answer.status < 300, "JAVA takes what is below 300");
    answer.json()
}

/// What PHP asks of an answer: an array, an id to match by, an object or array as result.
#[track_caller]
fn check_php(answers: &Value, ids: &[&str]) {
    let answers = answers.as_array().unwrap();
    assert_eq!(answers.len(), ids.len());
    for (answer, id) in answers.iter().zip(ids) {
        assert_eq!(answer["id"], *id);
        assert_eq!(answer["error"], Value::Null);
        assert!(answer["result"].is_object());
    }
}

/// What JAVA asks: a text as id, error null, and members of the right sort in every offer.
#[track_caller]
fn check_java(answer: &Value, id: &str) {
    assert_eq!(answer["id"], id);
    assert_eq!(answer["error"], Value::Null);
    let result = &answer["result"];
    let offers = match (result.get("items"), result.get("vod")) {
        (Some(items), _) => {
            assert!(result["totalItemCount"].is_i64());
            items.as_array().unwrap().clone()
        }
        (None, Some(vod)) => vec![vod.clone()],
        (None, None) => vec![result.clone()],
    };
    for offer in &offers {
        check_java_offer(offer);
    }
}

#[track_caller]
fn check_java_offer(offer: &Value) {
    let is_event = offer["id"].as_str().unwrap().starts_with('E');
    for (name, value) in offer.as_object().unwrap() {
        let is_readable = match name.as_str() {
            "active" | "geoRestrictionEnabled" | "applyServiceFeeOnCustomer" | "membershipOnly" => {
                value.is_boolean()
            }
            "applicableTaxRate" if is_event => value.is_i64(),
            "price" | "applicableTaxRate" => {
                let number = value.as_str().map_or(value.to_string(), str::to_owned);
                value.is_null() || number.parse::<f64>().is_ok()
            }
            "expiresAt" => value.is_i64() || value.is_null(),
            "createdAt" | "updatedAt" | "averageRating" | "freeDays" | "freePeriods" => {
                value.is_i64()
            }
            "backgroundImageUrl" => value.is_object() || value.is_null() || *value == json!([]),
            "tags" | "accessToTags" | "geoRestrictionCountries" | "eventAssociation" => {
                value.is_array()
            }
            "socialCommissionRate" => value != "",
            _ => true,
        };
        assert!(is_readable, "{name}: {value}");
    }
}

#[tokio::test]
async fn php_requests_are_served_in_arrays_with_escaped_slashes() {
    let bench = Bench::start().await;
    let created = php(&bench, r#"[{"method":"createSubscriptionOffer","params":{"publisherToken":"TOK","offerData":{"title":"…","price":19,"url":"http:\/\/x.y\/z","period":"month","accessToTags":["Finance"]}},"jsonrpc":"2.0","id":1}]"#).await;
    check_php(&created, &["1"]);
    assert_eq!(created[0]["result"]["url"], "http://x.y/z");
    assert_eq!(created[0]["result"]["price"], 19);

    let listed = php(&bench, r#"[{"method":"listSubscriptionOffers","params":{"publisherToken":"TOK","criteria":[],"offset":0,"limit":20},"jsonrpc":"2.0","id":1}]"#).await;
    check_php(&listed, &["1"]);
    assert_eq!(listed[0]["result"]["totalItemCount"], 1);
    assert_eq!(listed[0]["result"]["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn php_reads_cancels_and_localizes() {
    let bench = Bench::start().await;
    let single = bench.create("Single", json!({})).await;
    let event = bench.create("Event", json!({})).await;
    let got = php(
        &bench,
        &format!(
            r#"[{{"method":"getSingleOffer","params":{{"offerId":{}}},"jsonrpc":"2.0","id":1}}]"#,
            single["id"]
        ),
    )
    .await;
    check_php(&got, &["1"]);
    let ended = php(&bench, &format!(r#"[{{"method":"cancelEventOffer","params":{{"publisherToken":"TOK","offerId":{}}},"jsonrpc":"2.0","id":1}}]"#, event["id"])).await;
    check_php(&ended, &["1"]);
    assert_eq!(ended[0]["result"]["active"], false);

    // As captured: well-formed, but not a whole offer.
    let localized = php(&bench, r#"[{"method":"createMultiCurrencyPassOffer","params":{"publisherToken":"TOK","offerData":{"price":1},"localizedData":[{"country":"US"}]},"jsonrpc":"2.0","id":1}]"#).await;
    assert_eq!(localized[0]["error"]["code"], 8);
    assert_eq!(localized[0]["id"], "1");
}

#[tokio::test]
async fn php_batches_of_25_are_served() {
    let bench = Bench::start().await;
    let calls: Vec<_> = (1..=25)
        .map(|id| json!({"method": "listPassOffers", "params": {"publisherToken": "TOK", "criteria": []}, "jsonrpc": "2.0", "id": id}))
        .collect();
    let answers = php(&bench, &json!(calls).to_string()).await;
    let ids: Vec<_> = (1..=25).map(|id| id.to_string()).collect();
    let ids: Vec<_> = ids.iter().map(String::as_str).collect();
    check_php(&answers, &ids);
}

#[tokio::test]
async fn java_creates_with_primitives_always_there() {
    let bench = Bench::start().await;
    let subscription = java(&bench, r#"{"method":"createSubscriptionOffer","params":{"publisherToken":"TOK","offerData":{"period":"week","freePeriods":0,"freeDays":9,"accessToTags":["Sport"],"price":12.34,"title":"title","url":"http://www.someurl.com","description":"description","geoRestrictionEnabled":true,"geoRestrictionType":"whitelist","geoRestrictionCountries":["PL","DE"]}},"jsonrpc":"2.0","id":"1"}"#).await;
    check_java(&subscription, "1");
    assert_eq!(subscription["result"]["active"], true);
    assert_eq!(subscription["result"]["averageRating"], 4);
    assert_eq!(subscription["result"]["freeDays"], 9);

    let pass = java(&bench, r#"{"method":"createPassOffer","params":{"publisherToken":"TOK","offerData":{"period":"month","expiresAt":0,"price":12.34,"title":"title","url":"http://www.someurl.com","geoRestrictionEnabled":false}},"jsonrpc":"2.0","id":"1"}"#).await;
    check_java(&pass, "1");

    let both = java(&bench, r#"{"method":"createPassOffer","params":{"publisherToken":"TOK","offerData":{"period":"month","expiresAt":1900000000,"price":12.34,"title":"title","url":"http://www.someurl.com"}},"jsonrpc":"2.0","id":"1"}"#).await;
    assert_eq!(both["result"], Value::Null);
    assert_eq!(both["error"]["code"], 8);

    let rental = java(&bench, r#"{"method":"createRentalOffer","params":{"publisherToken":"TOK","offerData":{"period":48,"videoId":"7777","contentExternalId":"2","contentExternalData":"some","tags":["Sport"],"price":12.34,"title":"title","url":"http://u.com","description":"d"}},"jsonrpc":"2.0","id":"1"}"#).await;
    check_java(&rental, "1");
    assert_eq!(rental["result"]["contentExternalData"], "some");
}

#[tokio::test]
async fn java_updates_events_and_reads_vods() {
    let bench = Bench::start().await;
    let event = bench.create("Event", json!({})).await;
    let updated = java(&bench, &format!(r#"{{"method":"updateEventOffer","params":{{"offerId":{},"publisherToken":"TOK","offerData":{{"backgroundImageUrl":"http://img","currency":"GBP","playerCode":"9A","playerCodeHead":"90","startTime":1999999990,"endTime":1999999999,"timeZone":"America/New_York","videoId":"7777","viewerEstimate":"2","teaser":"teaser","applyServiceFeeOnCustomer":true,"tags":["Sport"],"price":12.34,"title":"title"}}}},"jsonrpc":"2.0","id":"1"}}"#, event["id"])).await;
    check_java(&updated, "1");
    assert_eq!(updated["result"]["teaser"], "teaser");
    assert_eq!(updated["result"]["title"], "title");

    let vod = bench.create("Vod", json!({"rentalPeriod": "7"})).await;
    let got = java(&bench, &format!(r#"{{"method":"getVodOffer","params":{{"publisherToken":"TOK","offerIdString":{}}},"jsonrpc":"2.0","id":"1"}}"#, vod["id"])).await;
    check_java(&got, "1");
    assert_eq!(got["result"]["vod"]["rentalPeriod"], 7);
}

#[tokio::test]
async fn java_batches_have_text_ids_from_0() {
    let bench = Bench::start().await;
    let create = json!({"method": "createSubscriptionOffer", "params": {"publisherToken": "TOK", "offerData": data("Subscription", json!({}))}, "jsonrpc": "2.0", "id": "0"});
    let list = r#"{"method":"listSubscriptionOffers","params":{"publisherToken":"TOK","criteria":{"active":true},"offset":0,"limit":10},"jsonrpc":"2.0","id":"1"}"#;
    let answers = java(&bench, &format!("[{create},{list}]")).await;
    check_java(&answers[0], "0");
    check_java(&answers[1], "1");
    assert_eq!(answers[1]["result"]["totalItemCount"], 1);
}

#[tokio::test]
async fn every_list_of_every_type_can_be_read_by_java() {
    let bench = Bench::start().await;
    for kind in ["Single", "Rental", "Subscription", "Pass", "Event", "Vod"] {
        bench.create(kind, json!({})).await;
        let body = json!({"method": format!("list{kind}Offers"), "params": {"publisherToken": "TOK"}, "id": "1"});
        let answer = java(&bench, &body.to_string()).await;
        check_java(&answer, "1");
        assert_eq!(answer["result"]["totalItemCount"], 1);
    }
}

#[tokio::test]
async fn node_and_csharp_send_bare_objects() {
    let bench = Bench::start().await;
    let subscription = bench.create("Subscription", json!({})).await;
    let node = format!(
        r#"{{"jsonrpc":"2.0","id":"1","method":"updateSubscriptionOffer","params":{{"offerData":{{"title":"x"}},"offerId":{},"publisherToken":"TOK"}}}}"#,
        subscription["id"]
    );
    let answer = post(&bench, "application/json", &node).await.json();
    assert_eq!(
        (&answer["id"], &answer["error"]),
        (&json!("1"), &Value::Null)
    );
    assert_eq!(answer["result"]["title"], "x");

    let guid = "5c0f7c1e-6a0b-4f0e-9d6e-1c1d2e3f4a5b";
    let csharp = json!({"method": "listSubscriptionOffers", "params": {"publisherToken": "TOK", "criteria": {"active": "true"}, "offset": 0, "limit": 25}, "jsonrpc": "2.0", "id": guid});
    let answer = post(&bench, "text/plain; charset=utf-8", &csharp.to_string()).await;
    assert_eq!(answer.json()["id"], guid);
}

#[tokio::test]
async fn misspelt_version_member_is_served() {
    let bench = Bench::start().await;
    let pass = bench.create("Pass", json!({})).await;
    let body = format!(
        r#"{{"method":"getPassOffer","params":{{"offerId":{}}},"json-rpc":"2.0","id":1}}"#,
        pass["id"]
    );
    let answer = post(&bench, "application/x-www-form-urlencoded", &body).await;
    assert_eq!(answer.json()["result"]["id"], pass["id"]);
}

#[tokio::test]
async fn documented_create_pass_sample_has_the_documented_members_in_order() {
    let bench = Bench::start().await;
    let body = r#"{"method":"createPassOffer","params":{"publisherToken":"Xlrx-SjTLVMCsaRsOf2q2hvWKOlrF57yHknDRRRMX-13Fz-x","offerData":{"price":"12","period":"month","title":"Get access to every article about finance for whole month!","url":"http://mywebsite.com/articles/about/finance","description":"Whole month you have unlimited access to every article about finance.","accessToTags":["finance"]}},"jsonrpc":"2.0","id":1}"#;
    let answer = bench.client.post(body).await.unwrap().text();
    let mut rest = answer.as_str();
    for member in [
        "id",
        "publisherEmail",
        "title",
        "description",
        "url",
        "currency",
        "country",
        "active",
        "createdAt",
        "updatedAt",
        "price",
        "applicableTaxRate",
        "period",
        "accessToTags",
    ] {
        let name = format!("\"{member}\":");
        let place = rest
            .find(&name)
            .unwrap_or_else(|| panic!("{member} in {rest}"));
        rest = &rest[place + name.len()..];
    }
}
