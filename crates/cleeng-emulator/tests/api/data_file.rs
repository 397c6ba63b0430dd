//! A catalogue in a file: restarts, kills, and what never touches it.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use cleeng_emulator::{
    Account, Config, Data, DataFileErrorKind, Emulator, Field, StartError, Token,
};
use serde_json::json;
use tempfile::TempDir;

use crate::client::{Bench, Client, batch, data, eventually};

/// Tells the test binary to be the process that is killed.
const CHILD: &str = "CLEENG_EMULATOR_CHILD_DATA";

fn folder() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("local/offers.jsonl");
    (folder, path)
}

async fn bench(path: &Path) -> Bench {
    Bench::with(Config {
        data: Data::File(path.to_owned()),
        ..Config::default()
    })
    .await
}

fn lines(path: &Path) -> usize {
    fs::read_to_string(path).unwrap().lines().count()
}

#[tokio::test]
async fn reading_alone_creates_no_file() {
    let (folder, path) = folder();
    let bench = bench(&path).await;
    bench.client.ok("listPassOffers", json!({})).await;
    bench
        .client
        .code("getPassOffer", json!({"offerId": "P1"}))
        .await;
    bench.emulator.shutdown().await;
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn offers_survive_a_restart() {
    let (_folder, path) = folder();
    let first = bench(&path).await;
    let pass = first.create("Pass", json!({"title": "été"})).await;
    let ended = first.create("Pass", json!({})).await;
    let named = json!({"offerId": ended["id"]});
    first.client.ok("deactivatePassOffer", named).await;
    let rows = json!([{"country": "US", "currency": "USD"}, {"country": "FR", "currency": "EUR"}]);
    let params = json!({"offerData": data("Subscription", json!({})), "localizedData": rows});
    let method = "createMultiCurrencySubscriptionOffer";
    let localized = first.client.ok(method, params).await;
    let before = first.emulator.offers();
    first.emulator.shutdown().await;

    let second = bench(&path).await;
    assert_eq!(second.emulator.offers(), before);
    let same = json!({"offerId": pass["id"]});
    assert_eq!(second.client.ok("getPassOffer", same).await, pass);
    let update = json!({
        "multiCurrencyOfferId": localized["multiCurrencyOfferId"],
        "localizedData": [{"country": "US", "price": 20}],
    });
    let method = "updateMultiCurrencySubscriptionOffer";
    assert_eq!(
        second.client.ok(method, update).await["offers"][1]["price"],
        20
    );
}

#[tokio::test]
async fn request_is_one_append_of_what_it_changed() {
    let (_folder, path) = folder();
    let bench = bench(&path).await;
    let create = (
        "createPassOffer",
        json!({"offerData": data("Pass", json!({}))}),
    );
    bench.client.batch(&vec![create; 10]).await;
    assert_eq!(lines(&path), 1 + 10);
    bench.client.ok("listPassOffers", json!({})).await;
    bench.client.code("createPassOffer", json!({})).await;
    assert_eq!(lines(&path), 1 + 10);
}

#[tokio::test]
async fn change_before_a_cut_is_in_the_file() {
    let (_folder, path) = folder();
    let bench = bench(&path).await;
    bench.fault("createPassOffer#2=cut,after");
    let create = (
        "createPassOffer",
        json!({"offerData": data("Pass", json!({}))}),
    );
    let calls = batch(&vec![create; 3]).to_string();
    assert!(bench.client.post(&calls).await.is_none());
    assert_eq!(lines(&path), 1 + 2);
}

#[tokio::test]
async fn first_write_after_a_restart_compacts_and_later_ones_append() {
    let (_folder, path) = folder();
    let first = bench(&path).await;
    let id = first.create("Pass", json!({})).await["id"].clone();
    for price in 1..=9 {
        let update = json!({"offerId": id, "offerData": {"price": price}});
        first.client.ok("updatePassOffer", update).await;
    }
    first.emulator.shutdown().await;
    assert_eq!(lines(&path), 1 + 10);
    let second = bench(&path).await;
    second.client.ok("listPassOffers", json!({})).await;
    assert_eq!(lines(&path), 1 + 10);
    second.create("Pass", json!({})).await;
    assert_eq!(lines(&path), 1 + 2);
    second.create("Pass", json!({})).await;
    assert_eq!(lines(&path), 1 + 3);
}

#[tokio::test]
async fn file_keeps_the_account_but_never_the_token() {
    let (_folder, path) = folder();
    let account = Account {
        publisher_email: "sales@club.tv".to_owned(),
        country: "PL".parse().unwrap(),
        currency: "EUR".parse().unwrap(),
        token: Some(Token::new(crate::client::TOKEN)),
        ..Account::default()
    };
    let config = |account| Config {
        account,
        data: Data::File(path.clone()),
        ..Config::default()
    };
    let first = Bench::with(config(account.clone())).await;
    first.create("Pass", json!({})).await;
    first.emulator.shutdown().await;
    assert!(
        !fs::read_to_string(&path)
            .unwrap()
            .contains(crate::client::TOKEN)
    );
    let second = Bench::with(config(Account::default())).await;
    let kept = second.emulator.account();
    assert_eq!(
        kept,
        Account {
            token: None,
            ..account
        }
    );
}

#[tokio::test]
async fn second_emulator_may_read_but_not_write() {
    let (_folder, path) = folder();
    let writer = bench(&path).await;
    writer.create("Pass", json!({})).await;
    let other = bench(&path).await;
    assert_eq!(
        other.client.listed("listPassOffers", json!({})).await.len(),
        1
    );
    let create = json!({"offerData": data("Pass", json!({}))});
    let body = crate::client::call("createPassOffer", create).to_string();
    let answer = other.client.post(&body).await.unwrap();
    assert_eq!(answer.status, 503);
    assert!(answer.text().contains("another process is writing to it"));
    writer.create("Pass", json!({})).await;
    writer.emulator.shutdown().await;
    // What the first wrote in the meantime is read before anything is written over it. A child that another test forks right
    // now has the lock, too, until it runs its own program.
    eventually(async || other.client.post(&body).await.unwrap().status == 200).await;
    assert_eq!(other.emulator.offers().len(), 3);
    assert_eq!(lines(&path), 1 + 3);
}

/// Makes a create that is put off by a fault, and goes away before it is answered.
async fn abandon_create(bench: &Bench, delay: &str) {
    bench.emulator.reset_requests();
    bench.fault(&format!("createPassOffer={delay}"));
    let create = json!({"offerData": data("Pass", json!({}))});
    let body = crate::client::call("createPassOffer", create).to_string();
    tokio::select! {
        _ = bench.client.post(&body) => panic!("it was to wait"),
        () = eventually(async || bench.emulator.requests().http_requests() == 1) => {}
    }
}

#[tokio::test]
async fn shutdown_waits_for_work_whose_client_is_gone() {
    let (_folder, path) = folder();
    let first = bench(&path).await;
    abandon_create(&first, "delay:500").await;
    first.emulator.shutdown().await;
    assert_eq!(bench(&path).await.emulator.offers().len(), 1);
}

#[tokio::test]
async fn dropped_emulator_lets_go_of_its_file_whatever_is_in_work() {
    let (_folder, path) = folder();
    let first = bench(&path).await;
    first.create("Pass", json!({})).await;
    abandon_create(&first, "delay:86400000").await;
    drop(first);
    let second = bench(&path).await;
    let create = json!({"offerData": data("Pass", json!({}))});
    let body = crate::client::call("createPassOffer", create).to_string();
    eventually(async || second.client.post(&body).await.unwrap().status == 200).await;
    assert_eq!(second.emulator.offers().len(), 2);
}

#[tokio::test]
async fn unreadable_file_does_not_start_and_stays_as_it_is() {
    let (folder, _) = folder();
    let path = folder.path().join("notes.txt");
    fs::write(&path, "buy milk\n").unwrap();
    let error = Emulator::start(Config {
        data: Data::File(path.clone()),
        ..Config::default()
    })
    .await
    .unwrap_err();
    let StartError::Data(error) = error else {
        panic!("{error}")
    };
    assert!(matches!(
        error.kind,
        DataFileErrorKind::Garbage { line: 1, .. }
    ));
    assert_eq!(fs::read_to_string(&path).unwrap(), "buy milk\n");
}

#[tokio::test]
async fn edits_and_seeds_are_kept_too() {
    let (_folder, path) = folder();
    let first = bench(&path).await;
    let id = "P123456789_US".parse().unwrap();
    let offer = cleeng_emulator::Offer::new(id, cleeng_emulator::Kind::Pass);
    let id = offer.id().clone();
    first.emulator.seed_offers(vec![offer]).unwrap();
    let edit = first
        .emulator
        .edit(&id, |offer| offer.set(Field::Title, "x"));
    edit.unwrap();
    let before = first.emulator.offers();
    first.emulator.shutdown().await;
    assert_eq!(bench(&path).await.emulator.offers(), before);
}

/// Not a test of its own: the process that `kill_at_any_moment_loses_nothing_that_was_answered` kills.
#[tokio::test]
async fn child_that_writes_until_it_is_killed() {
    let Ok(path) = std::env::var(CHILD) else {
        return;
    };
    let bench = bench(Path::new(&path)).await;
    let create = (
        "createPassOffer",
        json!({"offerData": data("Pass", json!({}))}),
    );
    let calls = vec![create; 5];
    loop {
        let answers = bench.client.batch(&calls).await;
        println!("answered {}", answers.len());
    }
}

#[tokio::test]
async fn kill_at_any_moment_loses_nothing_that_was_answered() {
    let (_folder, path) = folder();
    let mut total = 0;
    for round in 1..=5 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "data_file::child_that_writes_until_it_is_killed"])
            .arg("--nocapture")
            .env(CHILD, &path)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut answered = 0;
        while answered < round * 25 {
            let line = output.next().unwrap().unwrap();
            if line.starts_with("answered ") {
                answered += 5;
            }
        }
        child.kill().unwrap();
        child.wait().unwrap();
        // Answers that were printed but not read yet were given, too.
        answered += 5 * output
            .filter(|line| line.as_ref().unwrap().starts_with("answered"))
            .count();
        let emulator = Emulator::start(Config {
            data: Data::File(path.clone()),
            ..Config::default()
        })
        .await
        .unwrap();
        let offers = emulator.offers().len();
        assert!(offers >= total + answered, "{offers} {total} {answered}");
        assert!(offers <= total + answered + 2 * 5);
        total = offers;
        let list = Client::of(&emulator).ok("listPassOffers", json!({})).await;
        assert_eq!(list["totalItemCount"], total);
    }
}
