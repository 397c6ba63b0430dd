//! Localized values that are to be empty where the offer has a value: a new offer has them at once.

use cleeng_emulator::{Field, FieldValue, Offer};

use crate::support::{Api, Draft, LOCALIZED, Shop, TYPES};

/// A field, a value of it, the forms that empty it, and where the emulator keeps it.
struct Case {
    field: &'static str,
    value: &'static str,
    empty: &'static [&'static str],
    kept: Field,
}

const TEXT: &[&str] = &["null", "''"];
const NUMBER: &[&str] = &["null", "0"];

const EARLY: &str = "{amount: 10.00, rules: [{from: 2031-06-01T00:00:00Z, to: 2031-07-01T00:00:00Z, amount: 8.00, name: Early}]}";

const fn case(
    field: &'static str,
    value: &'static str,
    empty: &'static [&'static str],
    kept: Field,
) -> Case {
    Case {
        field,
        value,
        empty,
        kept,
    }
}

/// The fields of a type that a country can have empty, in a generation of the API (docs/cleeng-api.md §4, §5.5).
fn cases(kind: &str, api: Api) -> Vec<Case> {
    let geo = "{type: whitelist, countries: [US, FR]}";
    let mut cases = vec![
        case("description", "Words", TEXT, Field::Description),
        case(
            "geoRestriction",
            geo,
            &["null"],
            Field::GeoRestrictionEnabled,
        ),
    ];
    if kind == "subscription" {
        cases.extend([
            case("freeDays", "7", NUMBER, Field::FreeDays),
            case("freePeriods", "1", NUMBER, Field::FreePeriods),
        ]);
    }
    match (kind, api) {
        ("subscription", Api::JsonRpc) => {
            let forms = &["null", "[]"];
            cases.push(case("accessToTags", "[a, b]", forms, Field::AccessToTags));
        }
        ("subscription", Api::Rest) => {
            let trial = "{type: day, duration: 7}";
            cases.push(case("freeTrial", trial, &["null"], Field::FreeDays));
        }
        ("single" | "rental", Api::JsonRpc) => cases.extend([
            case("videoId", "v-1", TEXT, Field::VideoId),
            case("contentExternalId", "c-1", TEXT, Field::ContentExternalId),
            case(
                "contentExternalData",
                "data",
                TEXT,
                Field::ContentExternalData,
            ),
        ]),
        _ => {}
    }
    if api == Api::Rest {
        let forms = &["{amount: 9.00, rules: null}", "{amount: 9.00, rules: []}"];
        cases.push(case("price", EARLY, forms, Field::PriceRules));
    }
    cases
}

/// An offer with a value at the top, and nothing of it in one country.
fn draft(kind: &str, case: &Case, (name, country, empty): (&str, &str, &str)) -> Draft {
    let line = |row: &str| {
        if row == country {
            format!(", {}: {empty}", case.field)
        } else {
            String::new()
        }
    };
    let price = if case.field == "price" {
        ""
    } else {
        ", price: 9.00"
    };
    let rows = format!(
        "{{US: {{currency: USD{}}}, FR: {{currency: EUR{price}{}}}}}",
        line("US"),
        line("FR")
    );
    Draft::new(kind, name)
        .with(case.field, case.value)
        .with("localizations", &rows)
}

fn holds(row: &Offer, field: Field) -> bool {
    match row.get(field) {
        None | Some(FieldValue::Flag(false) | FieldValue::Integer(0)) => false,
        Some(FieldValue::Text(text)) => !text.is_empty(),
        Some(FieldValue::List(items)) => !items.is_empty(),
        Some(_) => true,
    }
}

#[track_caller]
fn check(api: Api, kind: &str) {
    let shop = Shop::of(api);
    let mut drafts = Vec::new();
    let mut expected = Vec::new();
    for case in cases(kind, api) {
        for (index, empty) in case.empty.iter().enumerate() {
            // The rules of a price are amounts of money, which the other country cannot take in its currency.
            let countries: &[&str] = if case.field == "price" {
                &["FR"]
            } else {
                &["FR", "US"]
            };
            for country in countries {
                let name = format!("{}-{index}-{}", case.field, country).to_lowercase();
                drafts.push(draft(kind, &case, (&name, country, empty)));
                expected.push((format!("Title of {name}"), *country, case.kept));
            }
        }
    }
    shop.declare(&drafts);
    let _run = shop.apply();
    let rows = shop.emulator().offers();
    for (title, country, field) in expected {
        let rows = rows
            .iter()
            .filter(|row| row.text(Field::Title) == Some(&title));
        let found: Vec<(&str, bool)> = rows
            .map(|row| (row.id().country(), holds(row, field)))
            .collect();
        assert_eq!(found.len(), 2, "{title}: {found:?}");
        for (of_row, holds) in found {
            assert_eq!(
                holds,
                of_row != country,
                "{kind}, {title}, {of_row}: {field}"
            );
        }
    }
    shop.expect_no_changes();
}

#[test]
fn empty_values_of_a_country_are_there_from_the_start_over_json_rpc() {
    for kind in LOCALIZED {
        check(Api::JsonRpc, kind);
    }
}

#[test]
fn empty_values_of_a_country_are_there_from_the_start_over_rest() {
    for kind in TYPES {
        check(Api::Rest, kind);
    }
}

#[test]
fn a_country_that_comes_takes_nothing_that_is_to_be_empty_over_rest() {
    for case in cases("subscription", Api::Rest) {
        for empty in case.empty {
            let shop = Shop::of(Api::Rest);
            let whole = draft("subscription", &case, ("thing", "FR", empty));
            shop.declare(&[whole.clone().with("localizations", "{US: {currency: USD}}")]);
            let _run = shop.apply();
            shop.declare(&[whole]);
            let _run = shop.apply();
            let rows = shop.emulator().offers();
            let french = rows.iter().find(|row| row.id().country() == "FR").unwrap();
            assert!(!holds(french, case.kept), "{}: {empty}", case.field);
            shop.expect_no_changes();
        }
    }
}
