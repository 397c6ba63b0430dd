//! The report as JSON: what other programs read after an apply.

use serde_json::{Value as Json, json};

use crate::support::{Api, Draft, Shop, both};

/// Applies, and returns the report, checked against its schema and against itself.
#[track_caller]
fn check(shop: &Shop, line: &str, code: i32) -> Json {
    let report = shop
        .run(&format!("{line} --format json"))
        .exits(code)
        .json();
    shop.fits("report", &report);
    let outcomes = report["outcomes"].as_array().unwrap();
    for verdict in ["succeeded", "failed", "unknown", "skipped"] {
        let count = outcomes
            .iter()
            .filter(|outcome| outcome["outcome"] == verdict)
            .count();
        assert_eq!(report["summary"][verdict], count, "{report:#}");
    }
    for outcome in outcomes {
        let failed = outcome["outcome"] != "succeeded";
        let error = outcome["error"].as_str().unwrap_or_default();
        assert_eq!(
            failed,
            !error.is_empty(),
            "an error where it did not succeed: {report:#}"
        );
        assert!(
            outcome.as_object().unwrap().contains_key("id"),
            "{report:#}"
        );
    }
    report
}

fn single(name: &str) -> Draft {
    Draft::new("single", name)
}

fn outcomes(report: &Json) -> Vec<(&str, &str, &str)> {
    report["outcomes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|outcome| {
            let text = |key: &str| outcome[key].as_str().unwrap();
            (text("name"), text("action"), text("outcome"))
        })
        .collect()
}

both!(success_is_told_with_the_ids);

fn success_is_told_with_the_ids(api: Api) {
    let shop = Shop::of(api);
    shop.declare(&[single("film"), single("news").localized()]);
    let id = shop.plan()["planId"].clone();
    let report = check(&shop, "apply -y", 0);
    assert_eq!(
        (&report["planId"], &report["environment"]),
        (&id, &json!("shop"))
    );
    assert_eq!(report["interrupted"], false);
    assert_eq!(
        outcomes(&report),
        [
            ("film", "create", "succeeded"),
            ("news", "create", "succeeded")
        ]
    );
    let film = report["outcomes"][0]["id"].as_str().unwrap();
    assert_eq!(film, shop.id("Title of film").as_str());
    let news = report["outcomes"][1]["id"].as_str().unwrap();
    assert_eq!(
        news,
        shop.active("Title of news")[0].id().stem(),
        "the stem of a localized offer"
    );
}

both!(nothing_to_do_is_an_empty_report);

fn nothing_to_do_is_an_empty_report(api: Api) {
    let shop = Shop::of(api);
    shop.declare(&[single("film")]);
    let _run = shop.apply();
    let report = check(&shop, "apply -y", 0);
    assert_eq!(report["outcomes"], json!([]));
}

both!(every_action_is_told);

fn every_action_is_told(api: Api) {
    let shop = Shop::of(api);
    let replaceable =
        |kind: &str| Draft::new(kind, "replaced").with("lifecycle", "{onImmutableChange: replace}");
    shop.declare(&[
        single("changed"),
        single("goes"),
        single("adopted"),
        replaceable("single"),
    ]);
    let _run = shop.apply();
    shop.run("state forget adopted").exits(0);
    shop.declare(&[
        single("changed").with("title", "New"),
        single("adopted"),
        single("comes"),
        replaceable("pass"),
    ]);
    let report = check(&shop, "apply -y --allow-deactivations 2", 0);
    assert_eq!(
        outcomes(&report),
        [
            ("adopted", "adopt", "succeeded"),
            ("changed", "update", "succeeded"),
            ("comes", "create", "succeeded"),
            ("goes", "deactivate", "succeeded"),
            ("replaced", "replace", "succeeded"),
        ]
    );
}

both!(failure_tells_what_the_service_said);

fn failure_tells_what_the_service_said(api: Api) {
    let shop = Shop::of(api);
    shop.declare(&[single("film"), Draft::new("pass", "news")]);
    shop.one_by_one();
    let (fault, call, code) = match api {
        Api::JsonRpc => ("createPassOffer=error:8", "createPassOffer", "8"),
        Api::Rest => ("createOffer#2=error:422", "POST /offers", "422"),
    };
    shop.fault(fault);
    let report = check(&shop, "apply -y", 5);
    assert_eq!(
        outcomes(&report),
        [
            ("film", "create", "succeeded"),
            ("news", "create", "failed")
        ]
    );
    let error = report["outcomes"][1]["error"].as_str().unwrap();
    assert!(error.contains(call) && error.contains(code), "{error}");
    assert_eq!(report["outcomes"][1]["id"], Json::Null);
}

both!(skipped_names_what_it_waited_for);

fn skipped_names_what_it_waited_for(api: Api) {
    let shop = Shop::of(api);
    shop.declare(&[single("film"), single("extra").with("dependsOn", "[film]")]);
    shop.fault(&format!(
        "{}#1={}",
        api.call("createSingleOffer"),
        api.refusal()
    ));
    let report = check(&shop, "apply -y", 1);
    assert_eq!(
        outcomes(&report),
        [("extra", "create", "skipped"), ("film", "create", "failed")]
    );
    assert!(
        report["outcomes"][0]["error"]
            .as_str()
            .unwrap()
            .contains("film")
    );
}

both!(unknown_outcome_is_told_as_such);

fn unknown_outcome_is_told_as_such(api: Api) {
    let shop = Shop::of(api);
    shop.declare(&[single("film").localized()]);
    shop.lose_create(1);
    let report = check(&shop, "apply -y", 6);
    assert_eq!(outcomes(&report), [("film", "create", "unknown")]);
    assert_eq!(report["outcomes"][0]["id"], Json::Null);
}

both!(refusal_is_told_in_place_of_outcomes);

fn refusal_is_told_in_place_of_outcomes(api: Api) {
    let shop = Shop::of(api);
    shop.declare(&[single("film")]);
    let _run = shop.apply();
    shop.requests();
    shop.declare(&[single("film").with("price", "3.00")]);
    let report = check(&shop, "apply -y", 3);
    assert_eq!(report["outcomes"], json!([]));
    assert_eq!(report["refusals"].as_array().unwrap().len(), 1);
    assert_eq!(shop.writes(), 0);
}

both!(saved_plan_is_reported_under_its_id);

fn saved_plan_is_reported_under_its_id(api: Api) {
    let shop = Shop::of(api);
    shop.declare(&[single("film")]);
    shop.run("plan --out plan.json").exits(0);
    let id = shop.plan()["planId"].clone();
    let report = check(&shop, "apply plan.json", 0);
    assert_eq!(report["planId"], id);
    assert_eq!(outcomes(&report), [("film", "create", "succeeded")]);
}

both!(drift_document_fits_its_schema);

fn drift_document_fits_its_schema(api: Api) {
    let shop = Shop::of(api);
    shop.declare(&[single("film"), single("gone"), single("same")]);
    let _run = shop.apply();
    shop.edit("Title of gone", |offer| offer.set_active(false));
    shop.edit("Title of film", |offer| {
        offer.set(cleeng_emulator::Field::Title, "By hand");
    });
    let drift = shop.run("drift --format json").exits(2).json();
    shop.fits("drift", &drift);
    let kinds: Vec<(&Json, &Json)> = drift["drift"]
        .as_array()
        .unwrap()
        .iter()
        .map(|offer| (&offer["name"], &offer["kind"]))
        .collect();
    assert_eq!(
        kinds,
        [
            (&json!("film"), &json!("changed")),
            (&json!("gone"), &json!("deactivated"))
        ]
    );
    let field = &drift["drift"][0]["fields"][0];
    assert_eq!(
        (&field["before"], &field["after"]),
        (&json!("Title of film"), &json!("By hand"))
    );
}

both!(validation_document_fits_its_schema);

fn validation_document_fits_its_schema(api: Api) {
    let shop = Shop::of(api);
    shop.declare(&[single("film")]);
    let valid = shop.run("validate --format json").exits(0).json();
    shop.fits("validation", &valid);
    assert_eq!(
        (&valid["valid"], &valid["offers"]),
        (&json!(true), &json!(1))
    );
    shop.declare(&[single("film").with("price", "12,00")]);
    let invalid = shop.run("validate --format json").exits(65).json();
    shop.fits("validation", &invalid);
    assert_eq!(invalid["valid"], false);
}
