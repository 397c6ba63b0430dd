//! Lists of REST that lie about their length: totals, links that lead nowhere new, pages without end.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::create::with;
use crate::client::{Answer, Bench, ids, text};

async fn bench(quirks: &[&str]) -> Bench {
    let bench = with(quirks).await;
    for _ in 0..3 {
        bench.create_rest("pass", json!({})).await;
    }
    bench
}

async fn page(bench: &Bench, query: &str) -> Answer {
    bench
        .client
        .rest("GET", &format!("offers{query}"), None)
        .await
}

fn next(answer: &Answer) -> Option<String> {
    let link = answer.headers.get("link")?;
    let address = link.strip_prefix('<')?.strip_suffix(">; rel=\"next\"")?;
    Some(address.to_owned())
}

/// Follows relative links for so many pages, and returns the addresses and the ids of all pages.
async fn follow(bench: &Bench, query: &str, pages: usize) -> (Vec<String>, Vec<String>) {
    let mut addresses = vec![format!("/3.1/offers{query}")];
    let mut shown = Vec::new();
    for _ in 0..pages {
        let address = addresses.last().unwrap();
        let query = address.strip_prefix("/3.1/offers").unwrap();
        let answer = page(bench, query).await;
        shown.extend(ids(&answer.json()));
        match next(&answer) {
            Some(next) => addresses.push(next),
            None => break,
        }
    }
    (addresses, shown)
}

#[tokio::test]
async fn total_may_be_anything_wherever_it_is_told() {
    for total in [
        "0",
        "1000000000",
        "9223372036854775807",
        "18446744073709551615",
    ] {
        let bench = bench(&["rest-total=both", "rest-list=items"]).await;
        bench.fault(&format!("listOffers=total-is:{total}"));
        let answer = page(&bench, "").await;
        assert_eq!(answer.headers["x-total-count"], total);
        assert_eq!(answer.json()["totalItemCount"].to_string(), total);
        assert_eq!(ids(&answer.json()["items"]).len(), 3);
    }
}

#[tokio::test]
async fn total_may_move_from_page_to_page_or_be_left_out() {
    let bench = bench(&["rest-total=both", "rest-list=data"]).await;
    bench.fault("listOffers#1-3=total-moves:2");
    bench.fault("listOffers=no-total");
    let told = async |offset: usize| {
        let answer = page(&bench, &format!("?limit=1&offset={offset}")).await;
        let header = answer.headers.get("x-total-count").cloned();
        let member = answer.json().get("totalItemCount").map(Value::to_string);
        assert_eq!(header, member);
        header.unwrap_or_default()
    };
    assert_eq!(told(0).await, "3");
    assert_eq!(told(1).await, "5");
    assert_eq!(told(2).await, "7");
    assert_eq!(told(2).await, "");
}

#[tokio::test]
async fn link_may_lead_to_its_own_page() {
    let bench = bench(&[]).await;
    bench.fault("listOffers=link:self");
    for query in ["", "?limit=2&offset=1&active=true"] {
        let answer = page(&bench, query).await;
        assert_eq!(next(&answer), Some(format!("/3.1/offers{query}")));
    }
}

#[tokio::test]
async fn links_may_lead_in_a_circle() {
    for (quirk, first) in [("offset", "offset=0"), ("page", "page=1")] {
        let bench = bench(&[&format!("rest-paging={quirk}")]).await;
        bench.fault("listOffers=link:first");
        let start = format!("?limit=2&{first}");
        let (addresses, shown) = follow(&bench, &start, 4).await;
        assert_eq!(addresses[0], addresses[2], "{addresses:?}");
        assert_eq!(addresses[1], addresses[3], "{addresses:?}");
        assert_ne!(addresses[0], addresses[1]);
        assert_eq!(shown[..3], shown[3..]);
    }
}

#[tokio::test]
async fn links_may_lead_on_for_ever() {
    for paging in ["offset", "page", "whole", "first"] {
        let bench = bench(&["rest-page-items=100", &format!("rest-paging={paging}")]).await;
        bench.fault("listOffers=link:endless");
        let (addresses, shown) = follow(&bench, "", 5).await;
        let different: BTreeSet<_> = addresses.iter().collect();
        assert_eq!(different.len(), 6, "{addresses:?}");
        let different: BTreeSet<_> = shown.iter().collect();
        assert_eq!(different.len(), shown.len(), "{paging}");
        assert!(shown.len() >= 500, "{paging}: {}", shown.len());
        assert_eq!(bench.emulator.offers().len(), 3);
    }
}

#[tokio::test]
async fn pages_without_end_may_show_the_same_offers() {
    for paging in ["offset", "page", "whole", "first"] {
        let bench = bench(&["rest-page-items=100", &format!("rest-paging={paging}")]).await;
        bench.fault("listOffers=link:endless,endless:same");
        let (addresses, shown) = follow(&bench, "", 4).await;
        let different: BTreeSet<_> = addresses.iter().collect();
        assert_eq!(different.len(), 5, "{addresses:?}");
        let different: BTreeSet<_> = shown.iter().collect();
        assert_eq!((different.len(), shown.len() > 300), (3, true), "{paging}");
    }
}

#[tokio::test]
async fn link_may_lead_elsewhere() {
    for (place, expected) in [
        (
            "elsewhere",
            "http://elsewhere.invalid/3.1/offers?limit=2&offset=2",
        ),
        (
            "http://127.0.0.1:9",
            "http://127.0.0.1:9/3.1/offers?limit=2&offset=2",
        ),
        ("https://h.invalid/x?y=1", "https://h.invalid/x?y=1"),
    ] {
        let bench = bench(&[]).await;
        bench.fault(&format!("listOffers=link:{place}"));
        let answer = page(&bench, "?limit=2").await;
        assert_eq!(next(&answer).as_deref(), Some(expected));
    }
}

#[tokio::test]
async fn list_may_never_end_with_or_without_a_total() {
    for (quirk, has_total) in [("rest-total=header", true), ("rest-total=none", false)] {
        let bench = bench(&[quirk]).await;
        bench.fault("listOffers=endless");
        let mut seen = BTreeSet::new();
        for place in 0..3_usize {
            let query = format!("?limit=50&offset={}&active=true", place * 50);
            let answer = page(&bench, &query).await;
            let items = answer.json();
            assert_eq!(items.as_array().unwrap().len(), 50);
            for item in items.as_array().unwrap() {
                assert_eq!(item["type"], "pass");
                assert!(item["entitlement"].is_object(), "{item}");
                assert_eq!(item["active"], true);
                seen.insert(text(&item["id"]));
            }
            let total = answer.headers.get("x-total-count");
            let total = total.map(|total| total.parse::<usize>().unwrap());
            assert_eq!(total.is_some(), has_total);
            assert!(total.is_none_or(|total| total > (place + 1) * 50));
        }
        assert_eq!(seen.len(), 150);
        let inactive = page(&bench, "?active=false").await.json();
        assert!(seen.is_disjoint(&ids(&inactive).into_iter().collect()));
    }
}
