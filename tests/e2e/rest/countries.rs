//! Countries come and go one by one, and offers go and come back.

use cleeng_emulator::Field;

use super::{amount, applied, conflict, expect_writes, film, nothing_is_left, other, settles};
use crate::support::{Api, Draft, Shop, TYPES};

fn world(countries: &[&str]) -> Draft {
    Draft::new("subscription", "world")
        .with("localizations", &format!("{{{}}}", countries.join(", ")))
}

const US: &str = "US: {currency: USD}";
const FR: &str = "FR: {currency: EUR, price: 9.00}";
const NO: &str = "NO: {currency: NOK, price: 99.00}";
const SE: &str = "SE: {currency: SEK, price: 99.00}";

/// What says that a country is meant to go.
fn leaving(countries: &str) -> String {
    format!("{{removeCountries: {{countries: [{countries}], reason: licence, until: 2099-12-31}}}}")
}

/// The countries in which an offer is sold.
fn sold(shop: &Shop, title: &str) -> Vec<String> {
    let rows = shop.active(title);
    let mut countries: Vec<String> = rows
        .iter()
        .map(|row| row.id().country().to_owned())
        .collect();
    countries.sort();
    countries
}

#[test]
fn a_country_that_comes_is_one_request() {
    let shop = applied(&[world(&[US, FR])]);
    shop.declare(&[world(&[US, FR, NO])]);
    let plan = shop.plan();
    let fields = plan["changes"][0]["fields"].as_array().unwrap();
    let price = fields
        .iter()
        .find(|field| field["path"] == "localizations.NO.price")
        .unwrap();
    let expected = serde_json::json!({"amount": "99.00", "currency": "NOK"});
    assert_eq!(price["after"], expected, "{plan:#}");
    assert!(price["before"].is_null(), "{plan:#}");
    let _run = shop.apply();
    expect_writes(&shop, &["createLocalization NO"]);
    nothing_is_left(&shop);
    assert_eq!(sold(&shop, "Title of world"), ["FR", "NO", "US"]);
}

#[test]
fn a_plain_offer_gets_countries() {
    for home in [&[US, FR][..], &[FR]] {
        let shop = applied(&[Draft::new("subscription", "world")]);
        shop.declare(&[world(home)]);
        let _run = shop.apply();
        expect_writes(&shop, &["createLocalization FR"]);
        nothing_is_left(&shop);
        assert_eq!(sold(&shop, "Title of world"), ["FR", "US"]);
    }
}

#[test]
fn what_changes_in_a_country_is_sent_to_that_country() {
    let shop = applied(&[world(&[US, FR, NO])]);
    shop.declare(&[world(&[
        US,
        "FR: {currency: EUR, price: 8.00, title: Le monde}",
        NO,
    ])]);
    let _run = shop.apply();
    expect_writes(&shop, &["patchLocalization FR"]);
    nothing_is_left(&shop);
    // What stands at the top is the offer itself, and each country that says nothing else.
    shop.declare(&[
        world(&[US, "FR: {currency: EUR, price: 8.00, title: Le monde}", NO])
            .with("description", "New"),
    ]);
    let _run = shop.apply();
    expect_writes(
        &shop,
        &["patchOffer", "patchLocalization FR", "patchLocalization NO"],
    );
    nothing_is_left(&shop);
}

#[test]
fn a_country_goes_only_if_it_is_meant_and_comes_back_as_it_was() {
    let shop = applied(&[world(&[US, FR, NO])]);
    shop.declare(&[world(&[US, FR])]);
    let plan = shop.run("plan --format json").exits(3).json();
    assert_eq!(plan["refusals"][0]["code"], "country-lost", "{plan:#}");
    shop.run("apply -y").exits(3);
    expect_writes(&shop, &[]);
    shop.declare(&[world(&[US, FR]).with("lifecycle", &leaving("NO"))]);
    let _run = shop.apply();
    expect_writes(&shop, &["deactivateLocalization NO"]);
    nothing_is_left(&shop);
    assert_eq!(sold(&shop, "Title of world"), ["FR", "US"]);
    shop.declare(&[world(&[US, FR, NO])]);
    let _run = shop.apply();
    expect_writes(&shop, &["activateLocalization NO"]);
    nothing_is_left(&shop);
    assert_eq!(sold(&shop, "Title of world"), ["FR", "NO", "US"]);
}

#[test]
fn a_country_that_comes_back_has_its_new_price_before_it_is_sold() {
    let shop = applied(&[world(&[US, FR, NO])]);
    shop.declare(&[world(&[US, FR]).with("lifecycle", &leaving("NO"))]);
    settles(&shop);
    shop.requests();
    shop.declare(&[world(&[US, FR, "NO: {currency: NOK, price: 89.00}"])]);
    let _run = shop.apply();
    expect_writes(&shop, &["patchLocalization NO", "activateLocalization NO"]);
    nothing_is_left(&shop);
}

#[test]
fn everything_at_once_is_in_order_and_each_request_knows_the_version_before_it() {
    let shop = applied(&[world(&[US, FR, NO, SE])]);
    shop.declare(&[world(&[US, FR, NO]).with("lifecycle", &leaving("SE"))]);
    settles(&shop);
    shop.requests();
    let dk = "DK: {currency: DKK, price: 79.00}";
    let fr = "FR: {currency: EUR, price: 8.00}";
    shop.declare(&[world(&[US, fr, SE, dk])
        .with("price", "11.00")
        .with("lifecycle", &leaving("NO"))]);
    let _run = shop.apply();
    let requests = shop.emulator().requests();
    expect_writes(
        &shop,
        &[
            "patchOffer",
            "patchLocalization FR",
            "deactivateLocalization NO",
            "createLocalization DK",
            "activateLocalization SE",
        ],
    );
    let tags: Vec<u64> = super::writes(&requests)
        .iter()
        .map(|call| {
            call.params["ifMatch"]
                .as_str()
                .unwrap()
                .trim_matches('"')
                .parse()
                .unwrap()
        })
        .collect();
    assert!(tags.is_sorted_by(|one, next| one + 1 == *next), "{tags:?}");
    nothing_is_left(&shop);
    assert_eq!(sold(&shop, "Title of world"), ["DK", "FR", "SE", "US"]);
}

#[test]
fn a_country_that_somebody_took_off_or_added_is_put_right() {
    let shop = applied(&[world(&[US, FR, NO])]);
    let rows = shop.active("Title of world");
    let norway = rows.iter().find(|row| row.id().country() == "NO").unwrap();
    let _row = shop
        .emulator()
        .edit(norway.id(), |row| row.set_active(false))
        .unwrap();
    shop.run("drift").exits(2);
    shop.requests();
    let _run = shop.apply();
    expect_writes(&shop, &["activateLocalization NO"]);
    nothing_is_left(&shop);
}

#[test]
fn every_type_is_localized() {
    for kind in TYPES {
        let shop = applied(&[Draft::new(kind, "tour").localized()]);
        nothing_is_left(&shop);
        assert_eq!(sold(&shop, "Title of tour"), ["FR", "NO", "US"], "{kind}");
        shop.declare(&[Draft::new(kind, "tour")
            .localized()
            .with("title", "Renamed")]);
        settles(&shop);
        assert_eq!(shop.active("Renamed").len(), 3, "{kind}");
    }
}

#[test]
fn localizations_that_the_manifest_no_longer_says_are_a_conflict() {
    let shop = applied(&[world(&[US, FR])]);
    shop.declare(&[Draft::new("subscription", "world")]);
    assert_eq!(conflict(&shop), "localizations-undeclared");
    // The way out that it names.
    let own = "localizations: {US: {currency: USD}}";
    shop.run("plan").exits(3).says(own);
    shop.declare(&[world(&[US]).with("lifecycle", &leaving("FR"))]);
    settles(&shop);
    assert_eq!(sold(&shop, "Title of world"), ["US"]);
}

#[test]
fn a_localized_offer_needs_the_country_of_the_account() {
    let shop = Shop::of(Api::Rest);
    shop.configure("    account: {currency: USD}\n");
    shop.declare(&[world(&[US, FR])]);
    assert_eq!(conflict(&shop), "home-unknown");
    // Any offer of the account shows it.
    shop.declare(&[other()]);
    let _run = shop.apply();
    shop.declare(&[other(), world(&[US, FR])]);
    settles(&shop);
}

#[test]
fn what_was_deactivated_is_put_back_on_sale_under_the_same_id() {
    for draft in [film(), film().localized()] {
        let shop = applied(&[draft.clone(), other()]);
        let ids = || -> Vec<String> {
            let rows = shop.active("Title of film");
            rows.iter().map(|row| row.id().to_string()).collect()
        };
        let before = ids();
        shop.declare(&[other()]);
        let _run = shop.apply();
        expect_writes(&shop, &["deactivateOffer"]);
        assert!(ids().is_empty());
        nothing_is_left(&shop);
        shop.declare(&[draft.clone(), other()]);
        let plan = shop.plan();
        assert_eq!(plan["summary"]["activate"], 1, "{plan:#}");
        settles(&shop);
        assert_eq!(ids(), before);
        assert_eq!(shop.requests().calls_of("createOffer").count(), 0);
    }
}

#[test]
fn what_comes_back_has_its_new_values_before_it_is_sold() {
    let shop = applied(&[film(), other()]);
    shop.declare(&[other()]);
    let _run = shop.apply();
    shop.requests();
    shop.declare(&[film().with("price", "12.00"), other()]);
    let _run = shop.apply();
    expect_writes(&shop, &["patchOffer", "activateOffer"]);
    nothing_is_left(&shop);
}

#[test]
fn what_somebody_deactivated_is_put_back_on_sale() {
    let shop = applied(&[film(), other()]);
    let id = shop.edit("Title of film", |offer| {
        offer.set(Field::Price, amount("12.00"));
        offer.set_active(false);
    });
    shop.run("drift").exits(2);
    shop.requests();
    let plan = shop.plan();
    assert_eq!(plan["changes"][0]["action"], "activate", "{plan:#}");
    let _run = shop.apply();
    expect_writes(&shop, &["patchOffer", "activateOffer"]);
    assert_eq!(shop.id("Title of film"), id);
    nothing_is_left(&shop);
}
