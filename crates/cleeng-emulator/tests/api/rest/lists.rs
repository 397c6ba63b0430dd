//! Lists in every form that a client must be ready for (docs/cleeng-api.md §5.2, §9).

use serde_json::json;

use super::create::with;
use super::{localization, path};
use crate::client::{Answer, Bench, ids};

/// A bench with so many active passes, and their ids, newest first. The clock need not move: ids break the tie.
async fn filled(quirks: &[&str], count: usize) -> (Bench, Vec<String>) {
    let bench = with(quirks).await;
    for _ in 0..count {
        bench.create_rest("pass", json!({})).await;
    }
    let mut offers = bench.emulator.offers();
    offers.sort_by(|left, right| {
        let age = right.created_at().cmp(&left.created_at());
        age.then(left.id().cmp(right.id()))
    });
    let ids = offers.iter().map(|offer| offer.id().stem().to_owned());
    (bench, ids.collect())
}

async fn list(bench: &Bench, query: &str) -> Answer {
    bench
        .client
        .rest("GET", &format!("offers{query}"), None)
        .await
}

async fn listed(bench: &Bench, query: &str) -> Vec<String> {
    let answer = list(bench, query).await;
    assert_eq!(answer.status, 200, "{query}");
    ids(&answer.json())
}

#[tokio::test]
async fn list_is_an_array_of_all_offers_as_a_get_shows_them_with_their_number() {
    let bench = Bench::start().await;
    let patch = json!({"localizations": [localization("FR", "EUR", 9.0)]});
    let pass = bench.create_rest("pass", patch).await;
    let vod = bench.create_rest("vod", json!({})).await;
    let end = format!("{}/deactivate", path(&vod));
    let vod = bench.client.offer("POST", &end, None).await;
    let answer = list(&bench, "").await;
    assert_eq!(answer.headers["x-total-count"], "2");
    assert!(!answer.headers.contains_key("link"));
    let mut items = answer.json().as_array().unwrap().clone();
    let mut expected = vec![pass, vod];
    for offers in [&mut items, &mut expected] {
        offers.sort_by_key(|offer| offer["id"].as_str().unwrap().to_owned());
    }
    assert_eq!(items, expected);
    let requests = bench.emulator.requests();
    assert!(!requests.calls_of("listOffers").next().unwrap().is_write());
}

#[tokio::test]
async fn list_is_filtered_by_activity() {
    for (quirk, default) in [
        ("rest-list-default=all", 3),
        ("rest-list-default=active", 2),
    ] {
        let (bench, ids) = filled(&[quirk], 3).await;
        let end = format!("offers/{}/deactivate", ids[0]);
        bench.client.offer("POST", &end, None).await;
        for (query, count) in [
            ("", default),
            ("?active=", default),
            ("?active=true", 2),
            ("?active=1", 2),
            ("?active=false", 1),
            ("?active=0", 1),
        ] {
            assert_eq!(listed(&bench, query).await.len(), count, "{quirk} {query}");
        }
        assert_eq!(list(&bench, "?active=maybe").await.status, 400);
    }
}

#[tokio::test]
async fn filter_may_be_ignored() {
    let (bench, ids) = filled(&["rest-active-filter=ignored"], 2).await;
    assert_eq!(listed(&bench, "?active=false").await, ids);
    let requests = bench.emulator.requests();
    let call = requests.calls_of("listOffers").next().unwrap();
    assert_eq!(call.unknown_members, ["query.active"]);
    assert_eq!(call.params["query"], json!({"active": "false"}));
}

#[tokio::test]
async fn list_takes_its_shape() {
    for (quirk, name) in [("rest-list=items", "items"), ("rest-list=data", "data")] {
        let (bench, expected) = filled(&[quirk, "rest-total=body"], 2).await;
        let body = list(&bench, "").await.json();
        assert_eq!(ids(&body[name]), expected);
        assert_eq!(body["totalItemCount"], 2);
        let has_success = body.get("success") == Some(&json!(true));
        assert_eq!(has_success, name == "data");
    }
}

#[tokio::test]
async fn total_stands_where_the_switch_says() {
    for (quirk, in_header, in_body) in [
        ("rest-total=none", false, false),
        ("rest-total=header", true, false),
        ("rest-total=body", false, true),
        ("rest-total=both", true, true),
    ] {
        let (bench, _) = filled(&[quirk, "rest-list=items"], 3).await;
        let answer = list(&bench, "?limit=2").await;
        let total = answer.headers.get("x-total-count").map(String::as_str);
        assert_eq!(total, in_header.then_some("3"), "{quirk}");
        let body = answer.json();
        assert_eq!(
            body.get("totalItemCount"),
            in_body.then_some(&json!(3)),
            "{quirk}"
        );
        assert_eq!(body["items"].as_array().unwrap().len(), 2);
    }
}

#[tokio::test]
async fn pages_go_by_offset_by_default() {
    let (bench, ids) = filled(&[], 5).await;
    assert_eq!(listed(&bench, "").await, ids);
    assert_eq!(listed(&bench, "?limit=2").await, ids[..2]);
    assert_eq!(listed(&bench, "?limit=2&offset=2").await, ids[2..4]);
    assert_eq!(listed(&bench, "?limit=2&offset=4").await, ids[4..]);
    assert!(listed(&bench, "?limit=2&offset=6").await.is_empty());
    assert_eq!(listed(&bench, "?page=2&limit=2").await, ids[..2]);
    for query in [
        "?limit=0",
        "?limit=x",
        "?limit=-1",
        "?offset=-1",
        "?limit=101",
    ] {
        assert_eq!(list(&bench, query).await.status, 400, "{query}");
    }
}

/// Like the most similar list that is documented (docs/cleeng-api.md §11).
#[tokio::test]
async fn page_has_20_offers_unless_it_is_asked_for_up_to_100() {
    let (bench, ids) = filled(&[], 101).await;
    for (query, length) in [
        ("", 20),
        ("?offset=90", 11),
        ("?limit=1", 1),
        ("?limit=100", 100),
    ] {
        let answer = list(&bench, query).await;
        assert_eq!(answer.json().as_array().unwrap().len(), length, "{query}");
        assert_eq!(answer.headers["x-total-count"], "101", "{query}");
    }
    assert_eq!(listed(&bench, "?offset=20").await, ids[20..40]);
    for limit in ["0", "101"] {
        let query = format!("?limit={limit}");
        assert_eq!(list(&bench, &query).await.status, 400, "{query}");
    }
}

#[tokio::test]
async fn pages_may_go_by_number_and_their_length_by_other_names() {
    for (param, name) in [
        ("rest-page-param=limit", "limit"),
        ("rest-page-param=pageLimit", "pageLimit"),
        ("rest-page-param=pageSize", "pageSize"),
        ("rest-page-param=perPage", "perPage"),
    ] {
        let (bench, ids) = filled(&["rest-paging=page", param], 5).await;
        assert_eq!(listed(&bench, &format!("?{name}=2")).await, ids[..2]);
        assert_eq!(listed(&bench, &format!("?{name}=2&page=3")).await, ids[4..]);
        assert!(
            listed(&bench, &format!("?{name}=2&page=4"))
                .await
                .is_empty()
        );
        assert_eq!(listed(&bench, "?offset=2&other=2").await, ids);
        assert_eq!(list(&bench, "?page=0").await.status, 400);
        let requests = bench.emulator.requests();
        let call = requests.calls_of("listOffers").nth(3).unwrap();
        assert_eq!(call.unknown_members, ["query.offset", "query.other"]);
    }
}

#[tokio::test]
async fn lengths_of_pages_may_be_small_and_bounded() {
    let (bench, ids) = filled(&["rest-page-items=2", "rest-page-most=3"], 5).await;
    assert_eq!(listed(&bench, "").await, ids[..2]);
    assert_eq!(listed(&bench, "?limit=3").await, ids[..3]);
    assert_eq!(list(&bench, "?limit=4").await.status, 400);
    let quirks = ["rest-page-most=3", "rest-page-over=clamped"];
    let (bench, ids) = filled(&quirks, 5).await;
    assert_eq!(listed(&bench, "?limit=4").await, ids[..3]);
    assert_eq!(listed(&bench, "").await, ids[..3]);
    let (bench, ids) = filled(&["rest-page-param=none", "rest-page-items=2"], 3).await;
    assert_eq!(listed(&bench, "?limit=3&offset=1").await, ids[1..]);
}

#[tokio::test]
async fn list_may_know_no_pages_or_show_only_the_first() {
    let (bench, ids) = filled(&["rest-paging=whole", "rest-page-items=2"], 3).await;
    assert_eq!(listed(&bench, "?limit=1&offset=2&page=9").await, ids);
    let (bench, ids) = filled(&["rest-paging=first", "rest-page-items=2"], 3).await;
    for query in ["", "?limit=3", "?page=2", "?offset=2"] {
        assert_eq!(listed(&bench, query).await, ids[..2], "{query}");
    }
}

#[tokio::test]
async fn links_lead_from_page_to_page() {
    for paging in ["rest-paging=offset", "rest-paging=page"] {
        let (bench, expected) = filled(&["rest-link=next", paging], 5).await;
        let mut path = "/3.1/offers?active=true&limit=2".to_owned();
        let mut found = Vec::new();
        let mut pages = 0;
        loop {
            let answer = bench.client.rest("GET", &path["/3.1/".len()..], None).await;
            found.extend(ids(&answer.json()));
            pages += 1;
            let Some(link) = answer.headers.get("link") else {
                break;
            };
            let next = link.strip_suffix(">; rel=\"next\"").unwrap();
            path = next.strip_prefix('<').unwrap().to_owned();
            assert!(
                path.contains("active=true") && path.contains("limit=2"),
                "{path}"
            );
        }
        assert_eq!((found, pages), (expected, 3), "{paging}");
    }
}

#[tokio::test]
async fn items_may_lack_members_that_gets_show() {
    let bench = with(&["list-omits=localizations,external*"]).await;
    let made = bench.create_rest("pass", json!({})).await;
    assert!(made.get("localizations").is_some());
    let items = list(&bench, "").await.json();
    let missing = |name: &str| items[0].get(name).is_none();
    assert!(missing("localizations") && missing("externalProperties"));
    assert!(!missing("price"));
}

#[tokio::test]
async fn list_follows_every_change() {
    let (bench, ids) = filled(&[], 3).await;
    assert_eq!(listed(&bench, "?active=true").await, ids);
    let end = format!("offers/{}/deactivate", ids[1]);
    bench.client.offer("POST", &end, None).await;
    let left = vec![ids[0].clone(), ids[2].clone()];
    assert_eq!(listed(&bench, "?active=true").await, left);
    assert_eq!(listed(&bench, "?active=false").await, ids[1..2]);
    let id = format!("{}_US", ids[0]).parse().unwrap();
    let edit = |offer: &mut cleeng_emulator::Offer| offer.set_active(false);
    bench.emulator.edit(&id, edit).unwrap();
    assert_eq!(listed(&bench, "?active=true").await, ids[2..]);
}
