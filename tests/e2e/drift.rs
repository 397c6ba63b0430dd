//! Drift as people, scripts and a monitoring see it.

mod accept;
mod metrics;

use cleeng_emulator::{Field, FieldValue};
use serde_json::{Value as Json, json};

use crate::support::{Api, Draft, STATE, Shop, both};

pub(crate) fn single(name: &str) -> Draft {
    Draft::new("single", name)
}

pub(crate) fn amount(text: &str) -> FieldValue {
    FieldValue::Amount(text.parse().unwrap())
}

pub(crate) fn applied(api: Api, drafts: &[Draft]) -> Shop {
    let shop = Shop::of(api);
    shop.declare(drafts);
    let _run = shop.apply();
    shop
}

/// A shop in which an offer drifted in each of the four ways, and one did not.
pub(crate) fn drifted(api: Api) -> Shop {
    let shop = applied(api, &["changed", "off", "gone", "back", "same"].map(single));
    let back = shop.id("Title of back");
    shop.declare(&["changed", "off", "gone", "same"].map(single));
    let _run = shop.apply();
    shop.emulator()
        .edit(&back, |offer| offer.set_active(true))
        .unwrap();
    shop.edit("Title of changed", |offer| {
        offer.set(Field::Price, amount("12.50"));
        offer.set_updated_at(1_999_999_990);
    });
    shop.edit("Title of off", |offer| offer.set_active(false));
    // An id that the account never had stands for one that it no longer lists.
    let mut state = shop.state();
    state["offers"]["gone"]["id"] = json!("A123456789_US");
    shop.write(STATE, &state.to_string());
    shop.requests();
    shop
}

both!(every_kind_is_told_with_what_to_do);

fn every_kind_is_told_with_what_to_do(api: Api) {
    let shop = drifted(api);
    let run = shop.run("drift").exits(2);
    for words in [
        "~ changed by hand changed (single) ",
        "last changed 2033-05-18T03:33:10Z",
        "price  applied 10.00 USD, now 12.50 USD (+25.0 %)",
        "to take it into git: offerctl drift --accept changed",
        "to put it back: offerctl apply",
        "- deactivated by hand off (single) ",
        "! missing gone (single) A123456789_US",
        "+ revived by hand back (single) ",
        "Drift: 1 changed, 1 deactivated, 1 missing, 1 revived; 4 bound offers in all.\n",
    ] {
        assert!(run.out.contains(words), "no {words:?} in {run:?}");
    }
    assert!(!run.out.contains("same ("), "{run:?}");
    assert_eq!(shop.writes(), 0);
}

both!(document_fits_its_schema_and_has_every_kind);

fn document_fits_its_schema_and_has_every_kind(api: Api) {
    let shop = drifted(api);
    let document = shop.run("drift --format json").exits(2).json();
    shop.fits("drift", &document);
    assert_eq!(
        document["summary"],
        json!({"changed": 1, "deactivated": 1, "missing": 1, "revived": 1})
    );
    let offers = document["drift"].as_array().unwrap();
    let kinds: Vec<(&Json, &Json)> = offers
        .iter()
        .map(|offer| (&offer["name"], &offer["kind"]))
        .collect();
    assert_eq!(
        kinds,
        [
            (&json!("back"), &json!("revived")),
            (&json!("changed"), &json!("changed")),
            (&json!("gone"), &json!("missing")),
            (&json!("off"), &json!("deactivated")),
        ]
    );
    assert_eq!(offers[1]["updatedAt"], "2033-05-18T03:33:10Z");
    assert_eq!(
        offers[1]["fields"],
        json!([{
            "path": "price", "cause": "drifted",
            "before": {"amount": "10.00", "currency": "USD"},
            "after": {"amount": "12.50", "currency": "USD"},
        }])
    );
    for offer in offers {
        assert!(!offer["help"].as_array().unwrap().is_empty(), "{offer:#}");
    }
}

#[test]
fn document_is_written_into_a_file_as_well() {
    let shop = drifted(Api::JsonRpc);
    let printed = shop
        .run("drift --format json --json-into drift.json")
        .exits(2);
    assert_eq!(shop.read("drift.json"), printed.out);
    let text = shop.run("drift -q --json-into drift.json").exits(2);
    assert_eq!(shop.read("drift.json"), printed.out);
    assert!(
        text.out.starts_with("shop (") && text.err.is_empty(),
        "{text:?}"
    );
}

both!(prices_of_countries_are_one_table);

fn prices_of_countries_are_one_table(api: Api) {
    let shop = applied(api, &[Draft::new("pass", "news").localized()]);
    for (country, price) in [("FR", "11.00"), ("NO", "89.00")] {
        let rows = shop.active("Title of news");
        let row = rows.iter().find(|row| row.id().country() == country);
        shop.emulator()
            .edit(row.unwrap().id(), |offer| {
                offer.set(Field::Price, amount(price));
            })
            .unwrap();
    }
    let run = shop.run("drift").exits(2);
    let table = "    price of  applied    now\n          FR  9.00 EUR   11.00 EUR (+22.2 %)\n          NO  99.00 NOK  89.00 NOK (−10.1 %)\n";
    assert!(run.out.contains(table), "{run:?}");
}

#[test]
fn strange_titles_cannot_drive_a_terminal() {
    let shop = applied(Api::JsonRpc, &[single("film")]);
    shop.edit("Title of film", |offer| {
        offer.set(Field::Title, "a\u{1b}[31mb\u{202e}c\nError: x");
    });
    let run = shop.run("drift").exits(2);
    assert!(!run.out.contains(['\u{1b}', '\u{202e}']), "{run:?}");
    assert_eq!(
        run.out
            .lines()
            .filter(|line| line.starts_with("Error"))
            .count(),
        0
    );
}

both!(all_the_same_is_no_drift);

fn all_the_same_is_no_drift(api: Api) {
    let shop = applied(api, &[single("film")]);
    shop.requests();
    shop.run("drift")
        .exits(0)
        .says("No drift. 1 bound offer is as last applied.\n");
    let document = shop.run("drift --format json").exits(0).json();
    shop.fits("drift", &document);
    assert_eq!(document["drift"], json!([]));
    assert_eq!(shop.writes(), 0);
}

#[test]
fn one_issue_is_written_and_says_when_it_can_be_closed() {
    let shop = drifted(Api::JsonRpc);
    shop.edit("Title of changed", |offer| {
        offer.set(
            Field::Title,
            "@everyone | <!-- x --> [y](https://evil.example)\n# z",
        );
    });
    shop.run("drift --markdown-into issue.md").exits(2);
    let issue = shop.read("issue.md");
    assert!(
        issue.starts_with("<!-- offerctl:drift:test/shop -->\n## Drift in `shop`\n"),
        "{issue}"
    );
    for words in [
        "**1** changed, **1** deactivated, **1** missing, **1** revived of 4 bound offers",
        "### `~` changed by hand: `changed` (single) `A",
        "  price\n-   applied 10.00 USD\n+   now     12.50 USD (+25.0 %)\n",
        "- to take it into git: `offerctl drift --accept changed`",
    ] {
        assert!(issue.contains(words), "no {words:?} in {issue}");
    }
    // The words of strangers stand in a block of code, where nobody is called and nothing is a link or a heading.
    let outside: String = issue.split("```").step_by(2).collect();
    for bad in ["@everyone", "https://evil", "<!-- x", "\n# z", "]("] {
        assert!(!outside.contains(bad), "{bad:?} in {outside}");
    }
    assert!(!issue.contains("\n# z"), "{issue}");
    assert_eq!(shop.run("drift --format markdown").exits(2).out, issue);

    let shop = applied(Api::JsonRpc, &[single("film")]);
    shop.run("drift --markdown-into issue.md").exits(0);
    let issue = shop.read("issue.md");
    assert!(
        issue.starts_with("<!-- offerctl:drift:test/shop -->\n"),
        "{issue}"
    );
    assert!(issue.contains("**No drift.**"), "{issue}");
}
