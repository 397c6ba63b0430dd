//! Nested objects are sent whole: a service that replaces what it is sent loses nothing.

use crate::support::{Api, Draft, Shop};

/// The bodies of the changes that were sent since the record was emptied.
fn patches(shop: &Shop) -> Vec<String> {
    let requests = shop.requests();
    let calls = requests.calls();
    calls
        .filter(|call| call.method.starts_with("patch"))
        .map(|call| call.params.to_string())
        .collect()
}

#[test]
fn a_new_end_of_an_event_is_sent_with_its_start_and_time_zone() {
    let shop = Shop::of(Api::Rest);
    let event = Draft::new("event", "final");
    shop.declare(std::slice::from_ref(&event));
    let _run = shop.apply();
    shop.emulator().reset_requests();
    shop.declare(&[event.with("endTime", "2031-06-01T23:00:00Z")]);
    let _run = shop.apply();
    let [patch] = &patches(&shop)[..] else {
        panic!("one change");
    };
    for member in ["startsAt", "endsAt", "timezone"] {
        assert!(patch.contains(member), "{patch}");
    }
    shop.expect_no_changes();
}

#[test]
fn a_new_price_is_sent_with_its_rules() {
    let shop = Shop::of(Api::Rest);
    let rules =
        "[{from: 2031-06-01T20:00:00Z, to: 2031-06-02T20:00:00Z, amount: 9.00, name: Sale}]";
    let priced = |amount: &str| {
        let price = format!("{{amount: {amount}, rules: {rules}}}");
        Draft::new("pass", "news").with("price", &price)
    };
    shop.declare(&[priced("12.00")]);
    let _run = shop.apply();
    shop.emulator().reset_requests();
    shop.declare(&[priced("11.00")]);
    let _run = shop.apply();
    let [patch] = &patches(&shop)[..] else {
        panic!("one change");
    };
    assert!(patch.contains("Sale") && patch.contains("11"), "{patch}");
    shop.expect_no_changes();
}
