//! Faults of lists.

use std::collections::BTreeSet;

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

#[tokio::test]
async fn total_may_be_anything() {
    for total in [
        "0",
        "5",
        "1000000000",
        "9223372036854775808",
        "18446744073709551615",
    ] {
        let bench = bench().await;
        bench.fault(&format!("list*=total-is:{total}"));
        let list = bench.client.ok("listPassOffers", json!({})).await;
        assert_eq!(ids(&list["items"]).len(), 5);
        assert_eq!(list["totalItemCount"].to_string(), total);
    }
}

#[tokio::test]
async fn total_may_be_another_on_each_page() {
    for (offset, total) in [(0, 5), (2, 6), (4, 7)] {
        let params = json!({"offset": offset, "limit": 2});
        let shown = ["54", "32", "1"][offset / 2];
        check("list*=total-moves:1", params, shown, total).await;
    }
    check(
        "list*=total-moves:-9",
        json!({"offset": 2, "limit": 2}),
        "32",
        0,
    )
    .await;
}

#[tokio::test]
async fn total_may_be_left_out() {
    let bench = bench().await;
    bench.fault("list*=no-total");
    let list = bench.client.ok("listPassOffers", json!({})).await;
    assert_eq!(ids(&list["items"]).len(), 5);
    assert_eq!(list.get("totalItemCount"), None);
}

#[tokio::test]
async fn list_may_never_end() {
    let bench = bench().await;
    bench.fault("list*=endless");
    let mut seen = BTreeSet::new();
    for page in 0..5 {
        let params = json!({"offset": page * 50, "limit": 50});
        let list = bench.client.ok("listPassOffers", params).await;
        let shown = ids(&list["items"]);
        assert_eq!(shown.len(), 50, "page {page}");
        seen.extend(shown);
        let total = list["totalItemCount"].as_i64().unwrap();
        assert!(total > (page + 1) * 50, "page {page}: {total}");
    }
    assert_eq!(seen.len(), 250);
    let stored = bench.emulator.offers();
    assert_eq!(stored.len(), 6);
    assert!(stored.iter().all(|offer| {
        // Those of the other list are not in this one.
        seen.contains(offer.id().as_str()) == offer.is_active()
    }));
}

#[tokio::test]
async fn every_list_may_go_on_with_valid_offers() {
    let bench = Bench::start().await;
    let mut seen = BTreeSet::new();
    bench.fault("list*=endless,no-total");
    for kind in Kind::ALL {
        let name = kind.name();
        let name = format!("{}{}", name[..1].to_uppercase(), &name[1..]);
        let own = bench.create(&name, json!({})).await;
        for active in [true, false] {
            let params = json!({"criteria": {"active": active}});
            let list = bench.client.ok(&format!("list{name}Offers"), params).await;
            assert_eq!(list.get("totalItemCount"), None);
            let items = list["items"].as_array().unwrap();
            assert_eq!(items.len(), 20, "{kind}");
            for item in items {
                assert_eq!(
                    item.as_object().unwrap().keys().collect::<Vec<_>>().len(),
                    items[0].as_object().unwrap().len(),
                    "{item} {own}"
                );
            }
            seen.extend(ids(&list["items"]));
        }
    }
    assert_eq!(seen.len(), 12 * 20);
}

#[tokio::test]
async fn endless_list_may_show_its_offers_again_and_again() {
    let page = |offset: usize| json!({"offset": offset, "limit": 4});
    check("list*=endless:same", page(0), "5432", 5).await;
    check("list*=endless:same", page(4), "1543", 9).await;
    check("list*=endless:same", page(8), "2154", 13).await;
    check("list*=endless:same,total-is:5", page(8), "2154", 5).await;
    let bench = Bench::start().await;
    bench.fault("list*=endless:same");
    let list = bench.client.ok("listEventOffers", page(4)).await;
    let shown = ids(&list["items"]);
    assert_eq!(shown, [shown[0].as_str(); 4]);
}
