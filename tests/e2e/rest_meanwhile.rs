//! Over REST: what people and lists do while a plan is carried out.

use std::time::{Duration, Instant};

use cleeng_emulator::{Field, FieldValue};

use crate::lock::start;
use crate::support::Shop;

/// Far longer than anything here takes, also on a machine that does other things as well.
const AGES: Duration = Duration::from_mins(1);

/// A shop over REST.
fn rest(quirks: &[&str]) -> Shop {
    let shop = Shop::with_quirks(quirks);
    shop.configure("    api: rest\n    account: {country: US, currency: USD}\n");
    shop
}

/// Two passes, of which the second needs the first.
fn passes(price: &str) -> String {
    let pass = |name: &str, more: &str| {
        format!(
            "  {name}:\n    {{type: pass, title: {name}, url: 'https://club.tv/{name}', price: {price}, period: month{more}}}\n"
        )
    };
    pass("first", "") + &pass("second", ", dependsOn: [first]")
}

fn price(shop: &Shop, title: &str) -> Option<FieldValue> {
    shop.active(title)[0].get(Field::Price).cloned()
}

#[test]
fn a_lost_answer_leads_no_write_over_a_change_that_no_plan_saw() {
    let shop = rest(&[]);
    shop.offers(&passes("10.00")).apply();
    shop.offers(&passes("11.00"));
    shop.requests();
    shop.fault("patchOffer#1=delay:400");
    shop.fault("patchOffer#2=status:408,after");
    let line = "apply --auto-approve";
    let apply = start(&shop, line);
    let began = Instant::now();
    while !shop
        .emulator()
        .requests()
        .iter()
        .any(|request| request.verb == "PATCH")
    {
        assert!(began.elapsed() < AGES, "nothing is changed");
    }
    let by_hand = || FieldValue::Amount("9.00".parse().unwrap());
    shop.edit("second", |offer| offer.set(Field::Price, by_hand()));
    apply.end().exits(5).says("second");
    assert_eq!(price(&shop, "second"), Some(by_hand()));
    // The next plan has seen it.
    shop.apply();
    assert_eq!(
        price(&shop, "second"),
        Some(FieldValue::Amount("11.00".parse().unwrap()))
    );
    shop.expect_no_changes();
}

#[test]
fn a_service_that_knows_no_offset_is_not_read_for_ever() {
    let shop = rest(&["rest-paging=page"]);
    shop.offers(&passes("10.00")).apply();
    // The first page has an offer twice, so that it is not the page that comes again and again.
    shop.fault("listOffers#1=repeated");
    shop.expect_no_changes();
}
