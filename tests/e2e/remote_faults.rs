//! State in a bucket, with somebody between the runner and the store who delays, drops, repeats and answers for it.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bucket_emulator::{Deed, Passing, Store};

use crate::lock::{each_once, films, until_written};
use crate::remote_state::{Remote, on_sale_for, priced, repricing};
use crate::support::{Api, Between, Bucket, ask, both};

/// A name, and what befalls a request.
type Named = (&'static str, fn() -> Deed);

/// Every deed, by its name.
const DEEDS: [Named; 12] = [
    ("delayed before", || Deed::Delay {
        before: Duration::from_millis(400),
        after: Duration::ZERO,
    }),
    ("delayed after", || Deed::Delay {
        before: Duration::ZERO,
        after: Duration::from_millis(400),
    }),
    ("dropped", || Deed::Drop),
    ("dropped after its effect", || Deed::DropAnswer),
    ("takes effect late", || {
        Deed::Late(Duration::from_millis(300))
    }),
    ("repeated", || Deed::Repeat),
    ("500", || answer(500, false)),
    ("503 after its effect", || answer(503, true)),
    ("429", || answer(429, false)),
    ("409 after its effect", || answer(409, true)),
    ("412", || answer(412, false)),
    ("412 after its effect", || answer(412, true)),
];

fn answer(status: u16, is_done: bool) -> Deed {
    Deed::Answer { status, is_done }
}

/// Applies with each deed befalling the write with this number of what lies below a path; it must end as if nothing had been.
fn every_deed_at(path: &'static str, number: u64) {
    for (name, deed) in DEEDS {
        let mut remote = Remote::new();
        let between = Between::here_and(&remote.bucket);
        let count = AtomicU64::new(0);
        let struck = Arc::new(AtomicBool::new(false));
        let strikes = Arc::clone(&struck);
        between.proxy.judge(move |passing: &Passing| {
            let is_it = passing.method == "PUT" && passing.path.contains(path);
            if is_it && count.fetch_add(1, Ordering::SeqCst) + 1 == number {
                strikes.store(true, Ordering::SeqCst);
                return deed();
            }
            Deed::Pass
        });
        remote.set("AWS_ENDPOINT_URL", &between.url());
        remote.shop.declare(&films(2));
        let run = remote.run("apply -y");
        assert_eq!(run.code, 0, "{name}: {run:?}");
        assert!(
            struck.load(Ordering::SeqCst),
            "{name} never befell anything"
        );
        each_once(&remote.shop, 2);
        remote.expect_free();
        // What takes effect late has done so by now.
        std::thread::sleep(Duration::from_millis(300));
        remote.expect_no_changes();
    }
}

#[test]
fn nothing_that_befalls_the_lock_while_it_is_taken_does_harm() {
    every_deed_at("lock.json", 1);
}

#[test]
fn nothing_that_befalls_a_segment_does_harm() {
    every_deed_at("journal/", 1);
}

#[test]
fn nothing_that_befalls_the_document_does_harm() {
    every_deed_at("state.json", 2);
}

// A runner that the store does not hear any more goes on, while another takes over.
both!(a_run_that_is_cut_off_from_its_store_changes_nothing_more);

fn a_run_that_is_cut_off_from_its_store_changes_nothing_more(api: Api) {
    let mut remote = repricing(api, 900);
    let between = Between::here_and(&remote.bucket);
    let is_cut = Arc::new(AtomicBool::new(false));
    let cut = Arc::clone(&is_cut);
    between.proxy.judge(move |_| {
        if cut.load(Ordering::SeqCst) {
            Deed::Drop
        } else {
            Deed::Pass
        }
    });
    remote.set("AWS_ENDPOINT_URL", &between.url());
    let cut_off = remote.start("apply -y");
    until_written(&remote.shop, 1);
    is_cut.store(true, Ordering::SeqCst);
    remote.shop.declare(&priced("2.60"));
    let direct = format!("http://127.0.0.1:{}", remote.bucket.port());
    remote.set("AWS_ENDPOINT_URL", &direct);
    remote.run("apply -y --lock-timeout 60").exits(0);
    on_sale_for(&remote, "2.60");
    let run = cut_off.end();
    assert!([1, 5].contains(&run.code), "{run:?}");
    on_sale_for(&remote, "2.60");
    remote.expect_no_changes();
}

/// What a store says to a conversation in which every kind of request and condition occurs.
fn conversation(port: u16, bucket: &str) -> Vec<String> {
    let told = Mutex::new(Vec::new());
    let say = |what: &str, key: &str, method: &str, headers: &[(&str, &str)], body: &str| {
        let answer = ask(port, method, (bucket, key), headers, body.as_bytes());
        let has = |name: &str| answer.header(name).is_some();
        let seen = if method == "GET" && !key.contains('?') && answer.status == 200 {
            let text = String::from_utf8(answer.body.clone()).unwrap();
            let named = [has("etag"), has("last-modified"), has("date")];
            format!("{text} {named:?}")
        } else {
            String::new()
        };
        told.lock()
            .unwrap()
            .push(format!("{what}: {} {seen}", answer.status));
        answer
    };
    let absent = ("If-None-Match", "*");
    say("nothing is there", "a/1", "GET", &[], "");
    say(
        "an update of nothing",
        "a/1",
        "PUT",
        &[("If-Match", "\"0\"")],
        "one",
    );
    let one = say("the first", "a/1", "PUT", &[absent], "one");
    let tag = one.header("etag").unwrap().to_owned();
    say("read", "a/1", "GET", &[], "");
    say("the first once more", "a/1", "PUT", &[absent], "two");
    say("read again", "a/1", "GET", &[], "");
    let two = say("an update", "a/1", "PUT", &[("If-Match", &tag)], "two");
    say(
        "the same update",
        "a/1",
        "PUT",
        &[("If-Match", &tag)],
        "three",
    );
    say("read once more", "a/1", "GET", &[], "");
    let again = say("whatever is there", "a/1", "PUT", &[], "one");
    assert_ne!(one.header("etag"), two.header("etag"));
    assert_eq!(one.header("etag"), again.header("etag"));
    say("another", "a/b/2", "PUT", &[absent], "x");
    say("elsewhere", "c/3", "PUT", &[absent], "x");
    let listed = say("the list", "?list-type=2&prefix=a%2F", "GET", &[], "");
    let text = String::from_utf8(listed.body).unwrap();
    let keys = text.split("<Key>").skip(1);
    let keys: Vec<&str> = keys
        .map(|rest| rest.split("</Key>").next().unwrap())
        .collect();
    assert_eq!(keys, ["a/1", "a/b/2"]);
    say("gone", "a/1", "DELETE", &[], "");
    say("gone already", "a/1", "DELETE", &[], "");
    say("read what is gone", "a/1", "GET", &[], "");
    told.into_inner().unwrap()
}

/// The store that torture uses is a stand-in. What it says is what another implementation of S3 says.
#[test]
fn the_stand_in_for_a_store_says_what_another_implementation_says() {
    let bucket = Bucket::new();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let store = runtime.block_on(Store::start()).unwrap();
    let address: SocketAddr = store.address();
    let other = conversation(bucket.port(), &bucket.name);
    assert_eq!(conversation(address.port(), "torture"), other);
}
