//! What a test can do past the API.

use std::error::Error as _;

use cleeng_emulator::{
    Account, Config, EditError, Emulator, Field, FieldValue, Kind, Offer, OfferId, StartError,
};
use rust_decimal::Decimal;
use serde_json::json;

use crate::client::{Bench, eventually, text};

#[tokio::test]
async fn offers_are_seen_as_they_are_stored() {
    let bench = Bench::start().await;
    let created = bench.create("Pass", json!({"price": "12.50"})).await;
    let offers = bench.emulator.offers();
    let [offer] = offers.as_slice() else {
        panic!("{offers:?}")
    };
    assert_eq!(offer.id().as_str(), text(&created["id"]));
    assert_eq!(offer.kind(), Kind::Pass);
    assert!(offer.is_active() && !offer.is_localized());
    let price = FieldValue::Amount(Decimal::new(125, 1));
    assert_eq!(offer.get(Field::Price), Some(&price));
    assert_eq!(bench.emulator.offer(offer.id()).as_ref(), Some(offer));
}

#[tokio::test]
async fn somebody_edits_an_offer_by_hand() {
    let bench = Bench::start().await;
    let id = text(&bench.create("Pass", json!({})).await["id"]);
    let named = json!({"offerId": id});
    bench.client.ok("deactivatePassOffer", named.clone()).await;
    let id: OfferId = id.parse().unwrap();
    let edited = bench.emulator.edit(&id, |offer| {
        offer.set(Field::Price, Decimal::from(500));
        offer.clear(Field::Description);
        offer.set_active(true);
    });
    assert!(edited.unwrap().is_active());
    let shown = bench.client.ok("getPassOffer", named).await;
    assert_eq!(
        (&shown["price"], &shown["active"]),
        (&json!(500), &json!(true))
    );
    assert_eq!(
        bench.client.listed("listPassOffers", json!({})).await.len(),
        1
    );
    assert_eq!(bench.emulator.requests().write_calls(), 2);
}

#[tokio::test]
async fn edits_that_cannot_be_made_are_refused() {
    let bench = Bench::start().await;
    let id: OfferId = "P123456789_US".parse().unwrap();
    let error = bench.emulator.edit(&id, |_| {}).unwrap_err();
    assert!(matches!(&error, EditError::NotFound(missing) if *missing == id));
    let offer = Offer::new(id.clone(), Kind::Pass);
    bench.emulator.seed_offers(vec![offer.clone()]).unwrap();
    let again = bench.emulator.seed_offers(vec![offer.clone()]);
    assert!(matches!(again.unwrap_err(), EditError::Exists(_)));
    let other = Offer::new("P123456780_US".parse().unwrap(), Kind::Pass);
    let twice = bench
        .emulator
        .seed_offers(vec![other.clone(), other.clone()]);
    assert!(matches!(twice.unwrap_err(), EditError::Exists(_)));
    let swapped = bench.emulator.edit(&id, |offer| *offer = other);
    assert!(matches!(swapped.unwrap_err(), EditError::OtherOffer(_)));
    assert_eq!(bench.emulator.offers(), [offer]);
}

#[tokio::test]
async fn same_seed_makes_the_same_ids() {
    let create = async || {
        let bench = Bench::start().await;
        let mut ids = Vec::new();
        for _ in 0..3 {
            ids.push(bench.create("Pass", json!({})).await["id"].clone());
        }
        ids
    };
    assert_eq!(create().await, create().await);
}

#[tokio::test]
async fn address_in_use_and_bad_accounts_do_not_start() {
    let bench = Bench::start().await;
    let listen = bench.emulator.addr();
    assert_eq!(bench.emulator.url(), format!("http://{listen}"));
    let error = Emulator::start(Config {
        listen,
        ..Config::default()
    })
    .await
    .unwrap_err();
    assert_eq!(error.to_string(), format!("cannot listen on {listen}"));
    assert!(error.source().is_some());
    let account = Account {
        tax_rate: Decimal::NEGATIVE_ONE,
        ..Account::default()
    };
    let error = Emulator::start(Config {
        account,
        ..Config::default()
    })
    .await
    .unwrap_err();
    assert!(matches!(error, StartError::TaxRate(_)));
}

#[tokio::test]
async fn dropped_emulator_no_longer_listens() {
    let bench = Bench::start().await;
    let addr = bench.emulator.addr();
    drop(bench);
    eventually(async || tokio::net::TcpStream::connect(addr).await.is_err()).await;
}
