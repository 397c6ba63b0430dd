//! The requests of the known client libraries (docs/cleeng-api.md §8), out of `tests/sdk`, and answers that each of them can
//! read (docs/cleeng-api.md §2.0).
//!
//! A file has scenarios, each for an emulator of its own. A step sends a body as it stands there, byte for byte, but for
//! `$NAME`, which is the id that an earlier step called so. What it expects stands under JSON pointers into the answer.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use cleeng_emulator::{Config, Quirk};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::client::{Answer, Bench};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Script {
    #[serde(rename = "about")]
    _about: String,
    content_type: String,
    scenarios: Vec<Scenario>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Scenario {
    name: String,
    #[serde(default)]
    quirks: Vec<String>,
    steps: Vec<Step>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Step {
    send: Box<RawValue>,
    /// What the id in the answer is called from then on.
    #[serde(rename = "as")]
    name: Option<String>,
    /// The code of the error that is expected.
    fails: Option<i64>,
    #[serde(default)]
    expect: BTreeMap<String, Value>,
}

/// A client library.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Library {
    Php,
    Java,
    Node,
    CSharp,
}

/// The ids that steps have named.
#[derive(Default)]
struct Names(BTreeMap<String, String>);

impl Names {
    fn fill_in(&self, text: &str) -> String {
        let names = self.0.iter();
        names.fold(text.to_owned(), |text, (name, id)| {
            text.replace(&format!("${name}"), id)
        })
    }
}

/// Walks through the scenarios of a library.
async fn walk(library: Library) {
    let file = match library {
        Library::Php => "php.json",
        Library::Java => "java.json",
        Library::Node => "node.json",
        Library::CSharp => "csharp.json",
    };
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/sdk")
        .join(file);
    let script: Script = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    for scenario in &script.scenarios {
        let quirks = scenario.quirks.iter();
        let bench = Bench::with(Config {
            quirks: quirks.map(|quirk| Quirk::parse(quirk).unwrap()).collect(),
            ..Config::default()
        })
        .await;
        let mut names = Names::default();
        for (index, step) in scenario.steps.iter().enumerate() {
            let body = names.fill_in(step.send.get());
            let answer = post(&bench, &script.content_type, &body).await;
            let place = format!("{library:?}, {}, step {index}", scenario.name);
            let told = check(library, &body, &answer, step.fails, &place);
            for (pointer, expected) in &step.expect {
                let found = told.pointer(pointer).unwrap_or(&Value::Null);
                let expected = names.fill_in(&expected.to_string());
                assert_eq!(found.to_string(), expected, "{place}: {pointer} of {told}");
            }
            if let Some(name) = &step.name {
                let first = told.get(0).unwrap_or(&told);
                names.0.insert(name.clone(), id_of(&first["result"]));
            }
        }
        let requests = bench.emulator.requests();
        let unheard = requests.calls().flat_map(|call| &call.unknown_members);
        // The C# library sends a flag that no page documents.
        let unheard: Vec<_> = unheard
            .filter(|path| *path != "offerData.membershipOnly" && *path != "videoId")
            .collect();
        assert!(unheard.is_empty(), "{}: {unheard:?}", scenario.name);
    }
}

async fn post(bench: &Bench, content_type: &str, body: &str) -> Answer {
    let headers = [("Content-Type", content_type)];
    bench
        .client
        .request("POST", "/3.0/json-rpc", &headers, body.as_bytes())
        .await
        .unwrap()
}

/// Returns the id in a result of any shape but that of a list.
#[track_caller]
fn id_of(result: &Value) -> String {
    let candidates = [
        &result["vod"]["id"],
        &result["multiCurrencyOfferId"],
        &result["id"],
    ];
    let id = candidates.into_iter().find_map(Value::as_str);
    id.unwrap_or_else(|| panic!("no id in {result}")).to_owned()
}

/// Checks what the library asks of the answer to a request, and returns the answer.
#[track_caller]
fn check(
    library: Library,
    request: &str,
    answer: &Answer,
    fails: Option<i64>,
    place: &str,
) -> Value {
    // The Java library takes everything below 300, the others nothing but 200, also for errors.
    assert_eq!(answer.status, 200, "{place}");
    let request: Value = serde_json::from_str(request).unwrap();
    let told = answer.json();
    let is_array = request.is_array();
    assert_eq!(told.is_array(), is_array, "{place}: {told}");
    let (calls, answers) = match (request.as_array(), told.as_array()) {
        (Some(calls), Some(answers)) => (calls.as_slice(), answers.as_slice()),
        _ => (std::slice::from_ref(&request), std::slice::from_ref(&told)),
    };
    assert_eq!(calls.len(), answers.len(), "{place}");
    for (call, answer) in calls.iter().zip(answers) {
        check_answer(library, call, answer, fails, place);
    }
    told
}

#[track_caller]
fn check_answer(library: Library, call: &Value, answer: &Value, fails: Option<i64>, place: &str) {
    let sent = &call["id"];
    let id = sent
        .as_str()
        .map_or_else(|| sent.to_string(), str::to_owned);
    assert_eq!(answer["id"], id, "{place}: the id, as a text");
    if let Some(code) = fails {
        assert_eq!(answer["error"]["code"], code, "{place}: {answer}");
        assert!(answer["error"]["message"].is_string(), "{place}");
        assert_eq!(answer["result"], Value::Null, "{place}");
        return;
    }
    assert_eq!(answer["error"], Value::Null, "{place}: absent or null");
    let result = &answer["result"];
    assert!(result.is_object(), "{place}: PHP takes null for an error");
    let method = call["method"].as_str().unwrap();
    if let Some(ids) = result.get("offerIds") {
        let ids = ids.as_array().unwrap();
        assert!(ids.iter().all(Value::is_string), "{place}");
        return;
    }
    let is_vod = method.contains("Vod");
    let is_wrapped = is_vod
        && ["create", "update", "get"]
            .iter()
            .any(|verb| method.starts_with(verb));
    assert_eq!(result.get("vod").is_some(), is_wrapped, "{place}");
    if method.starts_with("list") {
        assert!(result["totalItemCount"].is_i64(), "{place}");
    }
    let offers = match (result.get("items"), result.get("offers"), result.get("vod")) {
        (Some(offers), ..) | (None, Some(offers), _) => offers.as_array().unwrap().clone(),
        (None, None, Some(vod)) => vec![vod.clone()],
        (None, None, None) => vec![result.clone()],
    };
    assert_eq!(
        method.starts_with("list"),
        result.get("items").is_some(),
        "{place}"
    );
    for offer in &offers {
        check_offer(offer, is_vod, place);
        if library == Library::CSharp {
            let image = &offer["backgroundImageUrl"];
            assert!(image.is_object() || image.is_null(), "{place}: {image}");
        }
    }
}

/// Checks the sorts of values that the types of the Java and C# libraries can be read from.
#[track_caller]
fn check_offer(offer: &Value, is_vod: bool, place: &str) {
    let id = offer["id"].as_str();
    let id = id.unwrap_or_else(|| panic!("{place}: no id in {offer}"));
    let is_event = id.starts_with('E');
    // No documented list of the members of a VOD has it.
    assert_eq!(offer["active"].is_boolean(), !is_vod, "{place}: {offer}");
    for (name, value) in offer.as_object().unwrap() {
        let is_number = || {
            value
                .as_str()
                .is_some_and(|text| text.parse::<f64>().is_ok())
        };
        let is_readable = match name.as_str() {
            "active" | "geoRestrictionEnabled" | "applyServiceFeeOnCustomer" | "membershipOnly" => {
                value.is_boolean()
            }
            "price" if is_vod => is_number(),
            "price" => value.is_number(),
            "applicableTaxRate" if is_event => value.is_i64(),
            "applicableTaxRate" => is_number(),
            "expiresAt" => value.is_i64() || value.is_null(),
            "createdAt" | "updatedAt" | "averageRating" | "freeDays" | "freePeriods"
            | "startTime" | "endTime" => value.is_i64(),
            "background" | "country" | "currency" => value.is_string(),
            "backgroundImageUrl" => value.is_object() || value.is_null() || *value == json!([]),
            "tags" | "accessToTags" | "geoRestrictionCountries" | "eventAssociation" => {
                value.is_array()
            }
            "socialCommissionRate" => value != "",
            _ => true,
        };
        assert!(is_readable, "{place}: {name}: {value}");
    }
}

#[tokio::test]
async fn php_is_served_in_arrays_whatever_content_type_it_claims() {
    walk(Library::Php).await;
}

#[tokio::test]
async fn java_reads_typed_offers_and_its_ids_as_texts() {
    walk(Library::Java).await;
}

#[tokio::test]
async fn node_is_served_in_objects() {
    walk(Library::Node).await;
}

#[tokio::test]
async fn csharp_reads_typed_offers_and_may_leave_numbers_out() {
    walk(Library::CSharp).await;
}

#[tokio::test]
async fn every_list_of_every_type_can_be_read_by_all_libraries() {
    let bench = Bench::start().await;
    for kind in ["Single", "Rental", "Subscription", "Pass", "Event", "Vod"] {
        bench.create(kind, json!({})).await;
        let params = json!({"publisherToken": "TOK"});
        let body = json!({"method": format!("list{kind}Offers"), "params": params, "id": "1"});
        let body = body.to_string();
        let answer = post(&bench, "application/json", &body).await;
        let told = check(Library::CSharp, &body, &answer, None, kind);
        assert_eq!(told["result"]["totalItemCount"], 1);
    }
}

#[tokio::test]
async fn batch_of_php_goes_on_after_a_call_that_failed() {
    let bench = Bench::start().await;
    let body = r#"[{"method":"createSingleOffer","params":{"publisherToken":"TOK","offerData":{"title":"good","price":1,"url":"http:\/\/x"}},"jsonrpc":"2.0","id":1},{"method":"createSingleOffer","params":{"publisherToken":"TOK","offerData":{"title":"bad"}},"jsonrpc":"2.0","id":2},{"method":"listSingleOffers","params":{"publisherToken":"TOK","criteria":[],"offset":0,"limit":5},"jsonrpc":"2.0","id":3}]"#;
    let answer = post(&bench, "application/x-www-form-urlencoded", body).await;
    let answers = answer.json();
    assert_eq!(answers[0]["result"]["title"], "good");
    assert_eq!(answers[1]["error"]["code"], 8);
    assert_eq!(answers[1]["id"], "2");
    assert_eq!(answers[2]["result"]["totalItemCount"], 1);
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
