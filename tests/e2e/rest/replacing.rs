//! What no API can change: another offer takes the place of the first, if that is meant.

use super::{applied, conflict, expect_writes, film, lose_state, nothing_is_left, other};
use crate::support::{Draft, Shop};

const REPLACE: &str = "{onImmutableChange: replace}";

fn news() -> Draft {
    Draft::new("subscription", "news")
}

/// What cannot be changed, with two values of it.
const IMMUTABLE: [(&str, &str, &str); 5] = [
    ("period", "month", "year"),
    ("currency", "USD", "EUR"),
    ("sessionsLimit", "2", "3"),
    ("pause", "{maxBillingCycles: 1}", "{maxBillingCycles: 2}"),
    (
        "billingCycle",
        "{periodUnit: day, amount: 10}",
        "{periodUnit: day, amount: 20}",
    ),
];

/// The subscription with a value that cannot be changed.
fn with(field: &str, value: &str) -> Draft {
    let draft = news().with(field, value);
    if field == "billingCycle" {
        draft.without("period")
    } else {
        draft
    }
}

#[test]
fn what_cannot_be_changed_is_replaced_if_it_is_meant() {
    for (field, before, after) in IMMUTABLE {
        let shop = applied(&[with(field, before), other()]);
        let old = shop.id("Title of news");
        shop.declare(&[with(field, after), other()]);
        let plan = shop.run("plan --format json").exits(3).json();
        assert_eq!(plan["refusals"][0]["code"], "replacement", "{plan:#}");
        shop.run("apply -y").exits(3);
        expect_writes(&shop, &[]);
        shop.declare(&[with(field, after).with("lifecycle", REPLACE), other()]);
        let plan = shop.run("plan --format json").exits(0).json();
        shop.fits("plan", &plan);
        let change = &plan["changes"][0];
        assert_eq!(change["action"], "replace", "{field}: {plan:#}");
        assert_eq!(change["id"], old.as_str());
        let text = shop.run("plan").exits(0).out;
        assert!(
            text.contains("-/+") && text.contains("subscribers"),
            "{text}"
        );
        let _run = shop.apply();
        expect_writes(&shop, &["createOffer", "deactivateOffer"]);
        let new = shop.id("Title of news");
        assert_ne!(new, old, "{field}");
        nothing_is_left(&shop);
        // Both carry the marker; the one that is sold is ours.
        lose_state(&shop);
        let plan = shop.plan();
        assert_eq!(plan["summary"]["adopt"], 2, "{field}: {plan:#}");
        let _run = shop.apply();
        expect_writes(&shop, &[]);
        assert_eq!(shop.state()["offers"]["news"]["id"], new.as_str());
    }
}

#[test]
fn the_currency_of_a_country_is_replaced_with_the_offer() {
    let shop = applied(&[news().localized(), other()]);
    let rows = "{US: {currency: USD}, FR: {currency: USD, price: 9.00}, NO: {currency: NOK, price: 99.00}}";
    let changed = news().with("localizations", rows);
    shop.declare(&[changed.clone(), other()]);
    shop.run("plan").exits(3).says("replacement");
    shop.declare(&[changed.with("lifecycle", REPLACE), other()]);
    let _run = shop.apply();
    expect_writes(&shop, &["createOffer", "deactivateOffer"]);
    nothing_is_left(&shop);
    assert_eq!(shop.active("Title of news").len(), 3);
}

#[test]
fn what_may_change_is_no_replacement() {
    for (kind, field, before, after) in [
        ("pass", "period", "month", "year"),
        ("rental", "period", "48", "72"),
        ("vod", "rentalPeriod", "48", "72"),
        (
            "single",
            "entitlement",
            "{duration: {periodUnit: year, amount: 1}}",
            "{duration: {periodUnit: year, amount: 2}}",
        ),
        ("subscription", "freeDays", "7", "14"),
        (
            "subscription",
            "freeTrial",
            "{type: day, duration: 7}",
            "{type: period, duration: 1}",
        ),
        ("event", "timeZone", "Europe/Oslo", "Europe/Paris"),
        ("pass", "giftable", "false", "true"),
        (
            "pass",
            "imageUrl",
            "https://club.tv/a.png",
            "https://club.tv/b.png",
        ),
        (
            "pass",
            "appStoreProductIds",
            "{apple: a}",
            "{apple: a, roku: b}",
        ),
        ("pass", "externalProperties", "{crm: a}", "{crm: b}"),
    ] {
        let shop = applied(&[Draft::new(kind, "one").with(field, before)]);
        nothing_is_left(&shop);
        shop.declare(&[Draft::new(kind, "one").with(field, after)]);
        let _run = shop.apply();
        expect_writes(&shop, &["patchOffer"]);
        nothing_is_left(&shop);
    }
}

#[test]
fn a_single_that_becomes_a_rental_or_a_vod_stays_the_same_offer() {
    let shop = applied(&[film()]);
    let id = shop.id("Title of film");
    for kind in ["rental", "vod", "single"] {
        shop.declare(&[Draft::new(kind, "film")]);
        let _run = shop.apply();
        nothing_is_left(&shop);
        assert_eq!(shop.id("Title of film"), id, "{kind}");
        assert_eq!(shop.state()["offers"]["film"]["type"], kind);
    }
}

/// A replacement that got no further than the new offer.
fn half_replaced() -> Shop {
    let shop = applied(&[news(), other()]);
    shop.declare(&[
        news().with("period", "year").with("lifecycle", REPLACE),
        other(),
    ]);
    shop.fault("deactivateOffer=error:422");
    shop.run("apply -y").exits(5);
    shop.emulator().clear_faults();
    expect_writes(&shop, &["createOffer", "deactivateOffer"]);
    assert_eq!(shop.active("Title of news").len(), 2);
    shop
}

#[test]
fn a_replacement_that_broke_off_is_finished_the_next_time() {
    let shop = half_replaced();
    let _run = shop.apply();
    expect_writes(&shop, &["deactivateOffer"]);
    nothing_is_left(&shop);
    assert_eq!(shop.active("Title of news").len(), 1);
}

#[test]
fn two_on_sale_with_one_marker_and_no_state_are_for_a_person_to_tell() {
    let shop = half_replaced();
    lose_state(&shop);
    assert_eq!(conflict(&shop), "marker-twice");
}
