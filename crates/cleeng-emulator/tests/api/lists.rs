//! Lists (docs/cleeng-api.md §3).

use cleeng_emulator::{Clock, Config, Field, Kind, ManualClock, Offer, OfferId};
use serde_json::{Value, json};

use crate::client::{Bench, text};

/// Starts with these many passes, each a second older than the one before in the list.
async fn passes(count: u32) -> (Bench, Vec<String>) {
    let bench = Bench::start().await;
    let country = "US".parse().unwrap();
    let offers: Vec<_> = (0..count)
        .map(|index| {
            let id = OfferId::new('P', 900_000_000 - index, &country).unwrap();
            Offer::new(id, Kind::Pass).made_at(1_000_000 - i64::from(index))
        })
        .collect();
    let ids = offers.iter().map(|offer| offer.id().to_string()).collect();
    bench.emulator.seed_offers(offers).unwrap();
    (bench, ids)
}

async fn page(bench: &Bench, params: Value) -> (Vec<String>, i64) {
    let result = bench.client.ok("listPassOffers", params).await;
    let ids = crate::client::ids(&result["items"]);
    (ids, result["totalItemCount"].as_i64().unwrap())
}

#[tokio::test]
async fn pages_are_newest_first_with_the_total_of_all() {
    let (bench, ids) = passes(25).await;
    assert_eq!(page(&bench, json!({})).await, (ids[..20].to_vec(), 25));
    let second = json!({"offset": 20, "limit": 20});
    assert_eq!(page(&bench, second).await, (ids[20..].to_vec(), 25));
    let texts = json!({"offset": "3", "limit": "2"});
    assert_eq!(page(&bench, texts).await, (ids[3..5].to_vec(), 25));
    let beyond = json!({"offset": 99});
    assert_eq!(page(&bench, beyond).await, (Vec::new(), 25));
    assert_eq!(page(&bench, json!({"limit": 0})).await, (Vec::new(), 25));
}

#[tokio::test]
async fn limit_above_200_is_taken_for_200() {
    let (bench, ids) = passes(230).await;
    let (items, total) = page(&bench, json!({"limit": 5000})).await;
    assert_eq!((items.len(), total), (200, 230));
    assert_eq!(items, ids[..200]);
}

#[tokio::test]
async fn offers_of_one_second_come_by_id() {
    let clock = ManualClock::at(5);
    let bench = Bench::with(Config {
        clock: Clock::Manual(clock.clone()),
        ..Config::default()
    })
    .await;
    let mut same = Vec::new();
    for _ in 0..9 {
        same.push(text(&bench.create("Pass", json!({})).await["id"]));
    }
    same.sort();
    clock.advance(1);
    let newest = text(&bench.create("Pass", json!({})).await["id"]);
    let listed = page(&bench, json!({})).await.0;
    assert_eq!(listed[0], newest);
    assert_eq!(listed[1..], same);
}

#[tokio::test]
async fn active_criterion_has_many_forms() {
    let bench = Bench::start().await;
    let active = text(&bench.create("Pass", json!({})).await["id"]);
    let ended = text(&bench.create("Pass", json!({})).await["id"]);
    bench
        .client
        .ok("deactivatePassOffer", json!({"offerId": ended}))
        .await;
    for criteria in [
        json!({"criteria": {}}),
        json!({"criteria": []}),
        json!({"criteria": null}),
        json!({}),
        json!({"criteria": {"active": null}}),
        json!({"criteria": {"active": ""}}),
        json!({"criteria": {"active": true}}),
        json!({"criteria": {"active": 1}}),
        json!({"criteria": {"active": "1"}}),
        json!({"criteria": {"active": "true"}}),
    ] {
        let listed = page(&bench, criteria.clone()).await;
        assert_eq!(listed, (vec![active.clone()], 1), "{criteria}");
    }
    for form in [json!(false), json!(0), json!("0"), json!("false")] {
        let listed = page(&bench, json!({"criteria": {"active": form}})).await;
        assert_eq!(listed, (vec![ended.clone()], 1), "{form}");
    }
}

#[tokio::test]
async fn singles_and_rentals_are_filtered_by_video() {
    let bench = Bench::start().await;
    for kind in ["Single", "Rental"] {
        let wanted = text(&bench.create(kind, json!({"videoId": "7"})).await["id"]);
        bench.create(kind, json!({"videoId": "8"})).await;
        bench.create(kind, json!({})).await;
        let method = format!("list{kind}Offers");
        let listed = bench.client.listed(&method, json!({"videoId": "7"}));
        assert_eq!(listed.await, [wanted]);
        assert_eq!(bench.client.listed(&method, json!({})).await.len(), 3);
    }
}

/// Three libraries have the method, and no page documents it (docs/cleeng-api.md §3).
#[tokio::test]
async fn ids_of_the_offers_for_a_video_are_listed_whatever_their_type() {
    let clock = ManualClock::at(5);
    let bench = Bench::with(Config {
        clock: Clock::Manual(clock.clone()),
        ..Config::default()
    })
    .await;
    let mut expected = Vec::new();
    for kind in ["Single", "Rental", "Event", "Vod"] {
        bench.create(kind, json!({"videoId": "8"})).await;
        let wanted = bench.create(kind, json!({"videoId": "7"})).await;
        expected.insert(0, wanted["id"].clone());
        clock.advance(1);
    }
    let ended = json!({"offerId": bench.create("Single", json!({"videoId": "7"})).await["id"]});
    bench.client.ok("deactivateSingleOffer", ended).await;
    let list = async |video: Value| {
        let params = json!({"videoId": video});
        bench.client.ok("listOfferIdsByVideoId", params).await
    };
    assert_eq!(list(json!("7")).await, json!({"offerIds": expected}));
    assert_eq!(list(json!(7)).await, json!({"offerIds": expected}));
    assert_eq!(list(json!("9")).await, json!({"offerIds": []}));
}

#[tokio::test]
async fn list_of_ids_needs_a_video_and_a_token() {
    let bench = Bench::start().await;
    let method = "listOfferIdsByVideoId";
    for params in [json!({}), json!({"videoId": null}), json!({"videoId": ""})] {
        assert_eq!(bench.client.code(method, params).await, -32602);
    }
    let call = json!({"method": method, "params": {"videoId": "7"}, "id": 1});
    assert_eq!(bench.client.json(&call).await["error"]["code"], 3);
    let more = json!({"videoId": "7", "criteria": {}});
    bench.client.ok(method, more).await;
    let requests = bench.emulator.requests();
    let last = requests.calls_of(method).last().unwrap();
    assert_eq!(last.unknown_members, ["criteria"]);
    assert_eq!(requests.write_calls(), 0);
    bench.fault("listOfferIdsByVideoId=error:13");
    let params = json!({"videoId": "7"});
    assert_eq!(bench.client.code(method, params).await, 13);
}

#[tokio::test]
async fn offers_are_filtered_by_associate() {
    let bench = Bench::start().await;
    let mail = "partner@example.com";
    let wanted = text(&bench.create("Pass", json!({"associateEmail": mail})).await["id"]);
    bench.create("Pass", json!({})).await;
    let criteria = json!({"criteria": {"associateEmail": mail}});
    assert_eq!(page(&bench, criteria).await, (vec![wanted], 1));
}

#[tokio::test]
async fn each_type_has_its_own_list() {
    let bench = Bench::start().await;
    let single = text(&bench.create("Single", json!({})).await["id"]);
    let vod = text(&bench.create("Vod", json!({})).await["id"]);
    let rented = text(&bench.create("Vod", json!({"rentalPeriod": 7})).await["id"]);
    let client = bench.client;
    assert_eq!(client.listed("listSingleOffers", json!({})).await, [single]);
    assert!(
        client
            .listed("listRentalOffers", json!({}))
            .await
            .is_empty()
    );
    let mut vods = client.listed("listVodOffers", json!({})).await;
    let mut expected = vec![vod, rented];
    vods.sort();
    expected.sort();
    assert_eq!(vods, expected);
}

#[tokio::test]
async fn item_is_what_a_get_shows_with_the_tax_rate() {
    let bench = Bench::start().await;
    let mut single = bench.create("Single", json!({"tags": ["a"]})).await;
    let list = bench.client.ok("listSingleOffers", json!({})).await;
    single["applicableTaxRate"] = json!("0.00");
    assert_eq!(list["items"][0], single);
}

#[tokio::test]
async fn offer_put_in_by_hand_is_listed_like_any_other() {
    let bench = Bench::start().await;
    let offer = Offer::new("S740060915_FR".parse().unwrap(), Kind::Subscription)
        .with(Field::Title, "by hand")
        .in_currency("EUR".parse().unwrap());
    bench.emulator.seed_offers(vec![offer]).unwrap();
    let list = bench.client.ok("listSubscriptionOffers", json!({})).await;
    assert_eq!(list["items"][0]["title"], "by hand");
    assert_eq!(list["items"][0]["country"], "FR");
    assert_eq!(list["items"][0]["currency"], "EUR");
}
