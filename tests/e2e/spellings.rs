//! One value, however it is written: a manifest that only looks different changes nothing.

use cleeng_emulator::{Field, FieldValue};

use crate::support::{Draft, Shop, TYPES};

/// Applies a field in its first spelling, and expects that no other spelling makes a difference.
#[track_caller]
fn check(draft: &Draft, field: &str, spellings: &[&str]) {
    let shop = Shop::new();
    shop.declare(&[draft.clone().with(field, spellings[0])]);
    let _run = shop.apply();
    let id = shop.plan()["planId"].clone();
    for spelling in spellings {
        shop.declare(&[draft.clone().with(field, spelling)]);
        shop.expect_no_changes();
        assert_eq!(shop.plan()["planId"], id, "{field}: {spelling}");
    }
}

fn pass() -> Draft {
    Draft::new("pass", "news")
}

fn event() -> Draft {
    Draft::new("event", "final")
}

#[test]
fn price_is_the_same_in_every_spelling() {
    let spellings = ["12", "\"12.00\"", "12.0", "12.00", "'12'", "\"12.0\""];
    for kind in TYPES {
        check(&Draft::new(kind, "thing"), "price", &spellings);
    }
}

#[test]
fn price_of_a_country_is_the_same_in_every_spelling() {
    let rows = ["9", "9.0", "9.00", "\"9\"", "'9.00'"]
        .map(|price| format!("{{US: {{currency: USD}}, FR: {{currency: EUR, price: {price}}}}}"));
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    check(&pass(), "localizations", &rows);
}

#[test]
fn price_is_never_read_as_a_float() {
    let shop = Shop::new();
    // 0.1 + 0.2 and its kind: none of them is a binary fraction.
    let prices = ["0.15", "0.29", "1.10", "17.99", "33.33", "70.07", "99.99"];
    let drafts: Vec<Draft> = prices
        .iter()
        .enumerate()
        .map(|(index, price)| Draft::new("single", &format!("n{index}")).with("price", price))
        .collect();
    shop.declare(&drafts);
    let _run = shop.apply();
    shop.expect_no_changes();
    for offer in shop.emulator().offers() {
        let index: usize = offer.text(Field::Title).unwrap()[10..].parse().unwrap();
        let expected = FieldValue::Amount(prices[index].parse().unwrap());
        assert_eq!(offer.get(Field::Price), Some(&expected));
    }
}

#[test]
fn tags_and_countries_are_sets() {
    check(
        &pass(),
        "accessToTags",
        &["[a, b, c]", "[c, b, a]", "[b, \"c\", 'a']"],
    );
    check(
        &pass(),
        "geoRestriction",
        &[
            "{type: whitelist, countries: [US, CA, NO]}",
            "{countries: [NO, \"US\", CA], type: whitelist}",
        ],
    );
}

#[test]
fn list_of_a_blank_tag_is_an_empty_list() {
    let shop = Shop::with_quirks(&["empty-tags=blank"]);
    shop.declare(&[pass().with("accessToTags", "[]")]);
    let _run = shop.apply();
    shop.expect_no_changes();
    shop.declare(&[pass().with("accessToTags", "null")]);
    shop.expect_no_changes();
}

#[test]
fn empty_and_nothing_are_the_same() {
    check(&pass(), "description", &["\"\"", "null", "~", ""]);
    check(&pass(), "geoRestriction", &["null", "~", ""]);
    check(
        &Draft::new("subscription", "all"),
        "freeDays",
        &["0", "null"],
    );
}

#[test]
fn moment_is_the_same_in_every_spelling() {
    let spellings = [
        "2031-06-01T20:00:00+02:00",
        "2031-06-01T18:00:00Z",
        "\"2031-06-01T13:00:00-05:00\"",
        "2031-06-01 20:00:00+02:00",
        "1938103200",
        "\"1938103200\"",
    ];
    check(&event(), "startTime", &spellings);
}

#[test]
fn text_is_the_same_quoted_folded_and_plain() {
    let spellings = [
        "One line of words",
        "\"One line of words\"",
        "'One line of words'",
        "\"One \\x6cine of words\"",
        ">-\n      One line\n      of words",
        "|-\n      One line of words",
    ];
    check(&pass(), "description", &spellings);
}

#[test]
fn norway_is_a_country() {
    let shop = Shop::new();
    shop.declare(&[
        pass().localized(),
        event().with("geoRestriction", "{type: whitelist, countries: [NO, SE]}"),
    ]);
    let _run = shop.apply();
    shop.expect_no_changes();
    let offers = shop.emulator().offers();
    assert!(
        offers.iter().any(|offer| offer.id().country() == "NO"),
        "{offers:?}"
    );
}
