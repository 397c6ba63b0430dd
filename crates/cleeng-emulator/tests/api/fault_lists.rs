//! Faults of lists.

use cleeng_emulator::{Kind, Offer, OfferId};
use serde_json::{Value, json};

use crate::client::{Bench, ids};

/// Starts with five active passes `P…5` to `P…1` in this order, and an inactive one, `P…0`.
async fn bench() -> Bench {
    let bench = Bench::start().await;
    let offers = (0..6_u32).map(|index| {
        let id = OfferId::new('P', 100_000_000 + index, &"US".parse().unwrap()).unwrap();
        let offer = Offer::new(id, Kind::Pass).made_at(i64::from(index));
        if index == 0 { offer.inactive() } else { offer }
    });
    bench.emulator.seed_offers(offers.collect()).unwrap();
    bench
}

/// Lists under a rule and checks the last digits of the stems, and the total.
async fn check(rule: &str, params: Value, expected: &str, total: i64) {
    let bench = bench().await;
    bench.fault(rule);
    let list = bench.client.ok("listPassOffers", params.clone()).await;
    let shown: String = ids(&list["items"])
        .iter()
        .map(|id| id[9..10].to_owned())
        .collect();
    assert_eq!(shown, expected, "{rule} {params}");
    assert_eq!(list["totalItemCount"], total, "{rule} {params}");
}

#[tokio::test]
async fn short_list_claims_the_right_total() {
    check("list*=short", json!({}), "5432", 5).await;
    check("list*=short:3", json!({}), "54", 5).await;
    check("list*=short:9", json!({}), "", 5).await;
}

#[tokio::test]
async fn shifted_page_repeats_the_last_item_of_the_page_before() {
    let second = json!({"offset": 2, "limit": 2});
    check("list*#9=shifted", second.clone(), "32", 5).await;
    check("list*=shifted", second, "43", 5).await;
    check("list*=shifted", json!({"limit": 2}), "54", 5).await;
}

#[tokio::test]
async fn repeated_item_takes_the_place_of_the_last() {
    check("list*=repeated", json!({}), "54325", 5).await;
    check("list*=repeated", json!({"limit": 1}), "55", 5).await;
}

#[tokio::test]
async fn empty_list_claims_that_there_is_nothing() {
    check("list*=empty", json!({}), "", 0).await;
}

#[tokio::test]
async fn total_is_wrong_by_what_is_asked() {
    check("list*=total:2", json!({}), "54321", 7).await;
    check("list*=total:-1", json!({}), "54321", 4).await;
    check("list*=total:-99", json!({}), "54321", 0).await;
}

#[tokio::test]
async fn deaf_list_shows_the_active_ones_whatever_is_asked() {
    let asked = |form: Value| json!({"criteria": {"active": form}});
    for form in [json!(false), json!(0), json!("0"), json!("false")] {
        check("list*#9=deaf", asked(form.clone()), "0", 1).await;
        check("list*=deaf", asked(form), "54321", 5).await;
    }
    check("list*=deaf:booleans", asked(json!(false)), "54321", 5).await;
    for form in [json!(0), json!("0"), json!("false")] {
        check("list*=deaf:booleans", asked(form), "0", 1).await;
    }
}
