//! The list of REST may not tell how much of it there is: what is assumed is said, and never a wrong plan.

use super::{lose_state, other};
use crate::support::{Api, Draft, Shop};

/// More offers than a page has.
fn films(count: usize) -> Vec<Draft> {
    (0..count)
        .map(|number| Draft::new("single", &format!("film-{number}")))
        .collect()
}

/// A shop with more offers than fit on one of its pages.
fn paged(quirks: &[&str]) -> Shop {
    let all = [
        &[
            "rest-page-most=3",
            "rest-page-items=2",
            "rest-page-over=clamped",
        ],
        quirks,
    ]
    .concat();
    let shop = Shop::of_quirks(Api::Rest, &all);
    shop.declare(&films(8));
    let _run = shop.apply();
    shop.requests();
    shop
}

/// Expects that plan, drift and report say whether the list is only assumed to be whole.
#[track_caller]
fn says(quirks: &[&str], completeness: Option<&str>) {
    let shop = Shop::of_quirks(Api::Rest, quirks);
    shop.declare(&[other()]);
    let expected = completeness.map_or(serde_json::Value::Null, Into::into);
    for (schema, line) in [
        ("plan", "plan"),
        ("report", "apply -y"),
        ("drift", "drift"),
        ("plan", "plan"),
    ] {
        let document = shop.run(&format!("{line} --format json")).exits(0).json();
        shop.fits(schema, &document);
        assert_eq!(
            document["completeness"], expected,
            "{quirks:?} {line}: {document:#}"
        );
        let text = shop.run(line).exits(0).out;
        assert_eq!(
            text.contains("completeness assumed"),
            completeness.is_some(),
            "{quirks:?} {line}: {text}"
        );
    }
    let doctor = shop.run("doctor").exits(0).out;
    assert_eq!(
        doctor.contains("only assumed to be complete"),
        completeness.is_some(),
        "{doctor}"
    );
}

#[test]
fn a_list_without_a_total_is_assumed_to_be_whole_and_that_is_said() {
    says(&["rest-total=none"], Some("assumed"));
    says(&["rest-total=none", "rest-link=next"], Some("assumed"));
}

#[test]
fn a_list_with_its_total_is_whole() {
    says(&[], None);
    says(&["rest-link=next"], None);
    says(&["rest-total=body", "rest-list=data"], None);
}

#[test]
fn a_saved_plan_keeps_whether_the_list_was_assumed_to_be_whole() {
    let shop = Shop::of_quirks(Api::Rest, &["rest-total=none"]);
    shop.declare(&[other()]);
    shop.run("plan --out plan.json").exits(0);
    let shown = shop.run("show plan.json --format json").exits(0).json();
    assert_eq!(shown["completeness"], "assumed", "{shown:#}");
    let report = shop.run("apply plan.json --format json").exits(0).json();
    assert_eq!(report["completeness"], "assumed");
}

/// Lists without a total, with one, and with links alone.
const FORMS: [&[&str]; 3] = [
    &["rest-total=none"],
    &[],
    &["rest-total=none", "rest-link=next"],
];

/// Ways for a list to go wrong.
const FAULTS: [&str; 9] = [
    "short",
    "short:2",
    "short:100",
    "shifted",
    "repeated",
    "empty",
    "deaf",
    "deaf:booleans",
    "total:1",
];

/// Expects the right plan or none.
#[track_caller]
fn right_or_none(shop: &Shop, fault: &str, right: &str) {
    shop.emulator().clear_faults();
    shop.fault(fault);
    shop.requests();
    let run = shop.run("plan");
    let is_right = run.code == 0 && run.out.contains(right);
    let is_none = run.code == 1 && run.err.contains("nothing was written");
    assert!(is_right || is_none, "{fault}: {run:?}");
    assert_eq!(shop.writes(), 0);
}

#[test]
fn what_is_bound_is_never_missed_whatever_is_wrong_with_the_list() {
    for quirks in FORMS {
        let shop = paged(quirks);
        for fault in FAULTS {
            for calls in ["", "#1-2", "#4-6"] {
                // A total of nothing is an account without offers, which a guard refuses.
                if fault != "empty" || !quirks.is_empty() {
                    let fault = format!("listOffers{calls}={fault}");
                    right_or_none(&shop, &fault, "No changes.");
                }
            }
        }
        shop.emulator().clear_faults();
        shop.fault("listOffers=short");
        let drift = shop.run("drift");
        assert!([0, 1].contains(&drift.code), "{drift:?}");
    }
}

#[test]
fn a_list_that_is_wrong_once_is_found_out_without_a_state_as_well() {
    let right = "Plan: 0 to create, 0 to change, 0 to deactivate, 8 to adopt.";
    for quirks in FORMS {
        let shop = paged(quirks);
        lose_state(&shop);
        for fault in FAULTS {
            for call in [1, 2, 3, 5] {
                // A total of nothing is an account without offers.
                if fault != "empty" || !quirks.is_empty() {
                    right_or_none(&shop, &format!("listOffers#{call}={fault}"), right);
                }
            }
        }
    }
}

#[test]
fn a_list_that_keeps_its_total_to_itself_on_some_pages_is_found_out() {
    let shop = paged(&[]);
    lose_state(&shop);
    for fault in ["short", "shifted", "repeated", "total:1", "total:-1"] {
        shop.emulator().clear_faults();
        shop.fault(&format!("listOffers={fault}"));
        let run = shop.run("apply -y").exits(1);
        assert!(run.err.contains("nothing was written"), "{fault}: {run:?}");
        assert_eq!(shop.writes(), 0, "{fault}");
    }
}

#[test]
fn the_same_page_whatever_is_asked_is_all_there_is_or_an_error() {
    for (count, code) in [(1, 0), (3, 0), (7, 0), (14, 0), (15, 1), (16, 1)] {
        let shop = Shop::of_quirks(
            Api::Rest,
            &[
                "rest-paging=first",
                "rest-page-param=none",
                "rest-page-items=15",
                "rest-total=none",
            ],
        );
        // What is there was made when the list could still be read.
        shop.declare(&films(count));
        let first = shop.run("apply -y");
        shop.requests();
        let run = shop.run("plan --detailed-exitcode");
        assert_eq!(run.code, code, "{count}: {first:?}\n{run:?}");
        assert_eq!(
            run.out.contains("No changes."),
            code == 0,
            "{count}: {run:?}"
        );
        shop.run("drift").exits(code);
        assert_eq!(shop.writes(), 0);
    }
}
