//! Every field of localized offers, once for all countries and once for one of them.

use cleeng_emulator::{Field, FieldValue, Offer};
use serde_json::{Value as Json, json};

use crate::support::{Draft, LOCALIZED, Shop};

/// A localized offer in which a field is said at the top or for France.
fn draft(kind: &str, top: &[(&str, &str)], france: &str) -> Draft {
    let draft = Draft::new(kind, "thing").with(
        "localizations",
        &format!("{{US: {{currency: USD}}, FR: {{currency: EUR, price: 9.00{france}}}}}"),
    );
    top.iter()
        .fold(draft, |draft, (field, value)| draft.with(field, value))
}

/// Plans and applies a change of one field, and expects just that in the plan and in these countries.
#[track_caller]
fn check(shop: &Shop, changed: &Draft, paths: &[&str], values: (Json, Json), countries: &[&str]) {
    let before = rows(shop);
    shop.declare(std::slice::from_ref(changed));
    let plan = shop.plan();
    let fields: Vec<Json> = paths
        .iter()
        .map(|path| json!({"path": path, "before": values.0, "after": values.1, "cause": "edited"}))
        .collect();
    assert_eq!(plan["changes"].as_array().unwrap().len(), 1, "{plan:#}");
    assert_eq!(plan["changes"][0]["action"], "update", "{plan:#}");
    assert_eq!(plan["changes"][0]["fields"], json!(fields), "{plan:#}");
    let _run = shop.apply();
    let after = rows(shop);
    for (before, after) in before.iter().zip(&after) {
        assert_eq!(before.id(), after.id());
        let differs = before.fields() != after.fields();
        let expected = countries.contains(&after.id().country());
        assert_eq!(differs, expected, "{before:?}\n{after:?}");
    }
    shop.expect_no_changes();
}

fn rows(shop: &Shop) -> Vec<Offer> {
    let mut rows = shop.emulator().offers();
    rows.sort_by(|one, other| one.id().cmp(other.id()));
    rows
}

fn begin(kind: &str, top: &[(&str, &str)], france: &str) -> Shop {
    let shop = Shop::new();
    shop.declare(&[draft(kind, top, france)]);
    let _run = shop.apply();
    shop.expect_no_changes();
    assert_eq!(rows(&shop).len(), 2, "one row a country");
    shop
}

/// A field that every localization of the type may say itself.
#[track_caller]
fn check_field(kind: &str, field: &str, first: (&str, Json), second: (&str, Json)) {
    let line = |value: &str| format!(", {field}: {value}");
    let path = format!("localizations.FR.{field}");
    // For all countries.
    let shop = begin(kind, &[(field, first.0)], "");
    let values = (first.1.clone(), second.1.clone());
    let changed = draft(kind, &[(field, second.0)], "");
    check(&shop, &changed, &[field], values, &["FR", "US"]);
    // For one country only.
    let shop = begin(kind, &[(field, first.0)], &line(first.0));
    let values = (first.1.clone(), second.1.clone());
    let changed = draft(kind, &[(field, first.0)], &line(second.0));
    check(&shop, &changed, &[&path], values, &["FR"]);
    // For the others only, since France speaks for itself.
    let values = (first.1, second.1.clone());
    let changed = draft(kind, &[(field, second.0)], &line(second.0));
    let path = format!("localizations.US.{field}");
    check(&shop, &changed, &[&path], values, &["US"]);
}

fn text(kind: &str, field: &str) {
    check_field(kind, field, ("One", json!("One")), ("Two", json!("Two")));
}

#[test]
fn title_changes_for_all_and_for_one_country() {
    for kind in LOCALIZED {
        text(kind, "title");
    }
}

#[test]
fn url_changes_for_all_and_for_one_country() {
    for kind in LOCALIZED {
        let [one, two] = ["https://a.tv/1", "https://a.tv/2"];
        check_field(kind, "url", (one, json!(one)), (two, json!(two)));
    }
}

#[test]
fn description_changes_for_all_and_for_one_country() {
    for kind in LOCALIZED {
        text(kind, "description");
    }
}

#[test]
fn content_fields_change_for_all_and_for_one_country() {
    for kind in ["single", "rental"] {
        for field in ["videoId", "contentExternalId", "contentExternalData"] {
            text(kind, field);
        }
    }
}

#[test]
fn trial_changes_for_all_and_for_one_country() {
    check_field(
        "subscription",
        "freeDays",
        ("7", json!(7)),
        ("14", json!(14)),
    );
    check_field(
        "subscription",
        "freePeriods",
        ("1", json!(1)),
        ("2", json!(2)),
    );
}

#[test]
fn period_of_a_subscription_changes_for_all_and_for_one_country() {
    check_field(
        "subscription",
        "period",
        ("month", json!("month")),
        ("year", json!("year")),
    );
}

#[test]
fn access_of_a_subscription_changes_for_all_and_for_one_country() {
    check_field(
        "subscription",
        "accessToTags",
        ("[a]", json!(["a"])),
        ("[a, b]", json!(["a", "b"])),
    );
}

#[test]
fn geo_restriction_changes_for_one_country() {
    for kind in ["single", "rental"] {
        check_field(
            kind,
            "geoRestriction",
            (
                "{type: whitelist, countries: [US]}",
                json!({"type": "whitelist", "countries": ["US"]}),
            ),
            (
                "{type: whitelist, countries: [US, NO]}",
                json!({"type": "whitelist", "countries": ["NO", "US"]}),
            ),
        );
    }
}

/// A field that is one for all countries.
#[track_caller]
fn check_top(kind: &str, field: &str, first: (&str, Json), second: (&str, Json)) {
    let shop = begin(kind, &[(field, first.0)], "");
    let changed = draft(kind, &[(field, second.0)], "");
    check(
        &shop,
        &changed,
        &[field],
        (first.1, second.1),
        &["FR", "US"],
    );
}

#[test]
fn fields_that_no_country_says_itself_change_for_all() {
    check_top(
        "pass",
        "period",
        ("month", json!("month")),
        ("year", json!("year")),
    );
    check_top("rental", "period", ("12", json!(12)), ("48", json!(48)));
    for kind in ["single", "rental"] {
        check_top(kind, "tags", ("[a]", json!(["a"])), ("[b]", json!(["b"])));
    }
    check_top(
        "pass",
        "accessToTags",
        ("[a]", json!(["a"])),
        ("[b]", json!(["b"])),
    );
}

#[test]
fn price_of_one_country_changes_in_its_currency() {
    for kind in LOCALIZED {
        let shop = begin(kind, &[], "");
        let changed = draft(kind, &[], "").with(
            "localizations",
            "{US: {currency: USD}, FR: {currency: EUR, price: 8.50}}",
        );
        let money = |amount: &str| json!({"amount": amount, "currency": "EUR"});
        let values = (money("9.00"), money("8.50"));
        check(
            &shop,
            &changed,
            &["localizations.FR.price"],
            values,
            &["FR"],
        );
    }
}

#[test]
fn price_at_the_top_changes_where_no_country_says_its_own() {
    for kind in LOCALIZED {
        let shop = begin(kind, &[], "");
        shop.declare(&[draft(kind, &[("price", "11.00")], "")]);
        let plan = shop.plan();
        let fields = &plan["changes"][0]["fields"];
        assert_eq!(fields.as_array().unwrap().len(), 1, "{plan:#}");
        assert_eq!(
            fields[0]["after"],
            json!({"amount": "11.00", "currency": "USD"})
        );
        let _run = shop.apply();
        shop.expect_no_changes();
        let prices: Vec<_> = rows(&shop)
            .iter()
            .map(|row| row.get(Field::Price).cloned())
            .collect();
        let amount = |text: &str| Some(FieldValue::Amount(text.parse().unwrap()));
        assert_eq!(
            prices,
            [amount("9.00"), amount("11.00")],
            "France, United States"
        );
    }
}

#[test]
fn description_of_all_countries_is_cleared() {
    for kind in LOCALIZED {
        let shop = begin(kind, &[("description", "One")], "");
        let changed = draft(kind, &[("description", "null")], "");
        let values = (json!("One"), json!(""));
        check(&shop, &changed, &["description"], values, &["FR", "US"]);
    }
}

#[test]
fn description_of_one_country_is_cleared() {
    for kind in LOCALIZED {
        let shop = begin(kind, &[("description", "One")], ", description: Un");
        let changed = draft(kind, &[("description", "One")], ", description: null");
        let values = (json!("Un"), json!(""));
        check(
            &shop,
            &changed,
            &["localizations.FR.description"],
            values,
            &["FR"],
        );
    }
}

#[test]
fn country_that_stops_speaking_for_itself_takes_the_common_value() {
    for kind in LOCALIZED {
        let shop = begin(kind, &[("title", "One")], ", title: Un");
        shop.declare(&[draft(kind, &[("title", "One")], "")]);
        let _run = shop.apply();
        shop.expect_no_changes();
        for row in rows(&shop) {
            assert_eq!(row.text(Field::Title), Some("One"), "{row:?}");
        }
    }
}

#[test]
fn country_changed_by_hand_is_drift_and_is_put_back() {
    for kind in LOCALIZED {
        let shop = begin(kind, &[], "");
        let row = rows(&shop)[0].id().clone();
        assert_eq!(row.country(), "FR");
        let edited = shop
            .emulator()
            .edit(&row, |offer| offer.set(Field::Title, "By hand"));
        assert!(edited.is_ok());
        let run = shop.run("drift --format json").exits(2);
        let drift = &run.json()["drift"];
        assert_eq!(drift.as_array().unwrap().len(), 1, "{run:?}");
        let plan = shop.plan();
        let field = &plan["changes"][0]["fields"][0];
        assert_eq!(field["before"], "By hand", "{plan:#}");
        assert_eq!(field["after"], "Title of thing", "{plan:#}");
        assert_eq!(field["cause"], "drifted", "{plan:#}");
        let _run = shop.apply();
        shop.expect_no_changes();
        assert_eq!(rows(&shop)[0].text(Field::Title), Some("Title of thing"));
    }
}
