//! The store against a bucket in memory that can misbehave.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::time::SystemTime;

use async_trait::async_trait;
use futures_util::future::ready;
use futures_util::stream::BoxStream;
use futures_util::{FutureExt, StreamExt};
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{
    CopyOptions, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore,
    ObjectStoreExt, PutMode, PutMultipartOptions, PutOptions, PutPayload, PutResult,
};
use offerctl_reconcile::state::{Entry, State};
use tokio::time::{Instant, sleep};

use super::clock::ServerClock;
use super::failure::Secrets;
use super::*;
use crate::store::{Hold, Journal, Loss};

const TIMES: Times = Times {
    to_live: Duration::from_mins(1),
    request: Duration::from_secs(30),
};

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    /// The write takes effect, and its answer is lost.
    Answer,
    /// The write is lost.
    Request,
}

/// The name of an object, and what it becomes; it is deleted if that is nothing.
type Write = (&'static str, Option<Vec<u8>>);

/// A bucket that does what it should, but for what it is told.
#[derive(Debug)]
struct Bucket {
    inner: Arc<InMemory>,
    /// Everything fails.
    is_down: AtomicBool,
    /// Conditions are taken and not looked at.
    ignores_conditions: bool,
    /// How many writes go well before one does not; negative if all do.
    until_fault: AtomicI64,
    fault: Fault,
    /// What somebody else does while the journal is listed.
    meanwhile: std::sync::Mutex<Vec<Write>>,
    /// How long an answer to a read is on its way, in seconds.
    slowness: AtomicU64,
    /// What lists do not show yet.
    unlisted: std::sync::Mutex<Option<&'static str>>,
    /// The bucket is gone.
    is_gone: AtomicBool,
    /// How much earlier than everything else the lock was written, by what reads say, in seconds.
    lock_age: AtomicU64,
    /// How far the times of objects are behind the time of answers, in seconds.
    clock_lag: AtomicU64,
    /// Where reads note the time of the store, as answers over HTTP do.
    clock: ServerClock,
}

impl Bucket {
    fn new() -> Self {
        Self {
            inner: Arc::new(InMemory::new()),
            is_down: AtomicBool::new(false),
            ignores_conditions: false,
            until_fault: AtomicI64::new(-1),
            fault: Fault::Answer,
            meanwhile: std::sync::Mutex::default(),
            slowness: AtomicU64::new(0),
            unlisted: std::sync::Mutex::default(),
            is_gone: AtomicBool::new(false),
            lock_age: AtomicU64::new(0),
            clock_lag: AtomicU64::new(0),
            clock: ServerClock::default(),
        }
    }

    fn check(&self) -> object_store::Result<()> {
        if self.is_down.load(Ordering::SeqCst) {
            return Err(lost());
        }
        Ok(())
    }
}

fn lost() -> object_store::Error {
    object_store::Error::Generic {
        store: "test",
        source: "connection reset".into(),
    }
}

impl std::fmt::Display for Bucket {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Bucket")
    }
}

#[async_trait]
impl ObjectStore for Bucket {
    async fn put_opts(
        &self,
        location: &Path,
        payload: PutPayload,
        mut options: PutOptions,
    ) -> object_store::Result<PutResult> {
        self.check()?;
        if self.ignores_conditions {
            options.mode = PutMode::Overwrite;
        }
        let is_faulty = self.until_fault.fetch_sub(1, Ordering::SeqCst) == 0;
        if is_faulty && self.fault == Fault::Request {
            return Err(lost());
        }
        let put = self.inner.put_opts(location, payload, options).await;
        if is_faulty { Err(lost()) } else { put }
    }

    async fn put_multipart_opts(
        &self,
        location: &Path,
        options: PutMultipartOptions,
    ) -> object_store::Result<Box<dyn MultipartUpload>> {
        self.inner.put_multipart_opts(location, options).await
    }

    async fn get_opts(
        &self,
        location: &Path,
        options: GetOptions,
    ) -> object_store::Result<GetResult> {
        self.check()?;
        let got = self.inner.get_opts(location, options).await;
        sleep(Duration::from_secs(self.slowness.load(Ordering::SeqCst))).await;
        if self.is_gone.load(Ordering::SeqCst) {
            return Err(object_store::Error::NotFound {
                path: location.to_string(),
                source: "no such bucket".into(),
            });
        }
        let mut got = got?;
        let is_lock = location.filename() == Some("lock.json");
        let lock_age = if is_lock {
            self.lock_age.load(Ordering::SeqCst)
        } else {
            0
        };
        let behind = lock_age + self.clock_lag.load(Ordering::SeqCst);
        got.meta.last_modified -= Duration::from_secs(behind);
        if behind > 0 {
            self.clock.note(SystemTime::now());
        }
        Ok(got)
    }

    fn delete_stream(
        &self,
        locations: BoxStream<'static, object_store::Result<Path>>,
    ) -> BoxStream<'static, object_store::Result<Path>> {
        self.inner.delete_stream(locations)
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, object_store::Result<ObjectMeta>> {
        for (name, bytes) in std::mem::take(&mut *self.meanwhile.lock().unwrap()) {
            write(&self.inner, name, bytes.as_deref());
        }
        if self.is_gone.load(Ordering::SeqCst) {
            let text =
                "Server returned non-2xx status code: 404 Not Found: <Code>NoSuchBucket</Code>";
            let gone = object_store::Error::Generic {
                store: "test",
                source: text.into(),
            };
            return futures_util::stream::iter([Err(gone)]).boxed();
        }
        let unlisted = *self.unlisted.lock().unwrap();
        let shown = move |meta: &ObjectMeta| unlisted != meta.location.filename();
        let listed = self.inner.list(prefix);
        let listed = listed.filter(move |meta| ready(meta.as_ref().map_or(true, shown)));
        listed.boxed()
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> object_store::Result<ListResult> {
        self.inner.list_with_delimiter(prefix).await
    }

    async fn copy_opts(
        &self,
        from: &Path,
        to: &Path,
        options: CopyOptions,
    ) -> object_store::Result<()> {
        self.inner.copy_opts(from, to, options).await
    }
}

/// Writes or deletes an object past everything.
fn write(bucket: &InMemory, name: &str, bytes: Option<&[u8]>) {
    let path = Path::from(format!("offers/shop/{name}"));
    match bytes {
        Some(bytes) => {
            let put = bucket.put(&path, PutPayload::from(bytes.to_vec()));
            put.now_or_never().unwrap().unwrap();
        }
        None => bucket.delete(&path).now_or_never().unwrap().unwrap(),
    }
}

/// Reads an object past everything.
fn read(bucket: &InMemory, name: &str) -> Option<Vec<u8>> {
    let path = Path::from(format!("offers/shop/{name}"));
    let got = bucket.get(&path).now_or_never().unwrap().ok()?;
    Some(got.bytes().now_or_never().unwrap().unwrap().to_vec())
}

fn lock_object(bucket: &InMemory) -> serde_json::Value {
    serde_json::from_slice(&read(bucket, "lock.json").unwrap()).unwrap()
}

fn store(bucket: &Arc<Bucket>) -> BucketStore {
    let objects = Objects {
        store: Arc::<Bucket>::clone(bucket),
        prefix: Path::from("offers/shop"),
        place: "s3://bucket/offers/shop".to_owned(),
        secrets: Secrets::default(),
        clock: bucket.clock.clone(),
    };
    BucketStore::new(objects, "shop", TIMES)
}

/// Two stores of the same bucket, each with faults of its own.
fn two() -> (Arc<Bucket>, BucketStore, BucketStore) {
    let mine = Arc::new(Bucket::new());
    let yours = Arc::new(Bucket {
        inner: Arc::clone(&mine.inner),
        ..Bucket::new()
    });
    let (one, other) = (store(&mine), store(&yours));
    (mine, one, other)
}

fn consumed(nonce: &str) -> Vec<Entry> {
    vec![Entry::Consumed {
        nonce: nonce.to_owned(),
    }]
}

async fn open<'s>(store: &'s BucketStore, who: &str) -> Journal<'s, BucketStore> {
    Journal::open(store, "shop", Holder::of_test(who), Duration::ZERO)
        .await
        .unwrap()
}

/// A hold whose process was killed: nobody renews or releases it.
async fn killed(store: &BucketStore) {
    drop(open(store, "dead").await);
}

async fn nonces(store: &BucketStore) -> Vec<String> {
    store
        .load()
        .await
        .unwrap()
        .state
        .consumed
        .into_iter()
        .collect()
}

#[tokio::test(start_paused = true)]
async fn what_was_appended_is_there_after_a_kill_and_becomes_a_document_at_the_next_start() {
    let (bucket, store, _) = two();
    assert_eq!(store.load().await.unwrap(), Stored::default());
    let mut journal = open(&store, "me").await;
    journal.append(consumed("a")).await.unwrap();
    journal.append(consumed("b")).await.unwrap();
    drop(journal);
    let stored = store.load().await.unwrap();
    assert_eq!((stored.serial, stored.segments), (1, 2));
    store.let_go().await.unwrap();
    let mut journal = open(&store, "me").await;
    assert_eq!(store.load().await.unwrap().serial, 2);
    assert!(read(&bucket.inner, "journal/00000001-000001.json").is_none());
    journal.append(consumed("c")).await.unwrap();
    assert!(read(&bucket.inner, "journal/00000002-000001.json").is_some());
    assert_eq!(nonces(&store).await, ["a", "b", "c"]);
}

#[tokio::test(start_paused = true)]
async fn only_one_holds_the_lock_and_others_learn_who_until_it_is_released() {
    let (bucket, one, other) = two();
    let journal = open(&one, "me").await;
    let second = Journal::open(&other, "shop", Holder::of_test("you"), Duration::ZERO).await;
    let Err(LockError::Held(Some(found))) = second else {
        panic!("{second:?}")
    };
    assert_eq!(found.who, "me");
    assert!(found.expiry.is_some());
    drop(journal);
    one.let_go().await.unwrap();
    assert!(lock_object(&bucket.inner)["holder"].is_null());
    assert!(other.lockholder().await.unwrap().is_none());
    drop(open(&other, "you").await);
    assert_eq!(lock_object(&bucket.inner)["epoch"]["number"], 2);
}

#[tokio::test(start_paused = true)]
async fn a_holder_that_lives_is_never_taken_over() {
    let (_, one, other) = two();
    let journal = open(&one, "me").await;
    let second = Journal::open(
        &other,
        "shop",
        Holder::of_test("you"),
        Duration::from_mins(30),
    )
    .await;
    assert!(matches!(second, Err(LockError::Held(_))), "{second:?}");
    assert_eq!(journal.probe().hold(), Hold::Firm);
}

#[tokio::test(start_paused = true)]
async fn a_dead_holder_is_taken_over_after_its_time_to_live_by_the_own_stopwatch() {
    let (bucket, one, other) = two();
    killed(&one).await;
    let start = Instant::now();
    let early = Journal::open(
        &other,
        "shop",
        Holder::of_test("you"),
        Duration::from_secs(50),
    )
    .await;
    assert!(matches!(early, Err(LockError::Held(_))), "{early:?}");
    let wait = Duration::from_mins(5);
    let second = Journal::open(&other, "shop", Holder::of_test("you"), wait).await;
    assert!(second.is_ok(), "{second:?}");
    assert!(start.elapsed() < Duration::from_secs(115));
    assert_eq!(lock_object(&bucket.inner)["epoch"]["number"], 2);
    // The former holder cannot let go of what is no longer its own.
    one.let_go().await.unwrap();
    assert_eq!(lock_object(&bucket.inner)["holder"]["who"], "you");
}

#[tokio::test(start_paused = true)]
async fn a_dead_holder_is_taken_over_at_first_sight_by_the_clock_of_the_store() {
    let (yours, other, one) = two();
    killed(&one).await;
    for (seconds, is_free) in [(30, false), (60, false), (62, true)] {
        yours.lock_age.store(seconds, Ordering::SeqCst);
        let second = Journal::open(&other, "shop", Holder::of_test("you"), Duration::ZERO).await;
        assert_eq!(second.is_ok(), is_free, "{seconds} s: {second:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_store_with_two_clocks_takes_over_nobody_at_first_sight() {
    let (yours, other, one) = two();
    let mine = open(&one, "me").await;
    yours.clock_lag.store(3600, Ordering::SeqCst);
    let second = Journal::open(&other, "shop", Holder::of_test("you"), Duration::ZERO).await;
    assert!(matches!(second, Err(LockError::Held(_))), "{second:?}");
    // The stopwatch counts all the same.
    drop(mine);
    let wait = Duration::from_secs(90);
    let second = Journal::open(&other, "shop", Holder::of_test("you"), wait).await;
    assert!(second.is_ok(), "{second:?}");
}

#[tokio::test(start_paused = true)]
async fn what_is_no_lock_of_ours_is_named_and_left_alone() {
    let newer = br#"{"formatVersion": 2, "lease": "x"}"#.as_slice();
    for (object, words) in [
        (
            b"{\"formatVersion\": 1, \"ep".as_slice(),
            "something else wrote it",
        ),
        (b"", "something else wrote it"),
        (
            br#"{"ID": "a", "Operation": "OperationTypeApply"}"#,
            "something else wrote it",
        ),
        (newer, "a newer offerctl wrote it"),
    ] {
        let (bucket, one, _) = two();
        write(&bucket.inner, "lock.json", Some(object));
        let opened = Journal::open(&one, "shop", Holder::of_test("me"), Duration::ZERO).await;
        let error = opened.unwrap_err().to_string();
        assert!(
            error.contains("`lock.json`") && error.contains(words),
            "{error}"
        );
        assert!(one.lockholder().await.is_err());
        assert_eq!(read(&bucket.inner, "lock.json").as_deref(), Some(object));
        assert_eq!(read(&bucket.inner, "state.json"), None);
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_stranger_has_in_the_folder_of_the_segments_is_left_alone() {
    let (bucket, one, _) = two();
    let foreign = [
        "journal/README.md",
        "journal/00000000-backup.json",
        "journal/0-1.json",
        "journal/backup/00000001-000003.json",
    ];
    for name in foreign {
        write(&bucket.inner, name, Some(b"mine"));
    }
    let mut journal = open(&one, "me").await;
    journal.append(consumed("a")).await.unwrap();
    assert_eq!(nonces(&one).await, ["a"]);
    journal.compact().await.unwrap();
    for name in foreign {
        assert!(read(&bucket.inner, name).is_some(), "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_segment_that_is_not_listed_yet_is_read_all_the_same() {
    let (bucket, one, _) = two();
    let mut journal = open(&one, "me").await;
    for nonce in ["a", "b", "c"] {
        journal.append(consumed(nonce)).await.unwrap();
    }
    for name in [
        "00000001-000003.json",
        "00000001-000002.json",
        "00000001-000001.json",
    ] {
        *bucket.unlisted.lock().unwrap() = Some(name);
        assert_eq!(nonces(&one).await, ["a", "b", "c"], "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_store_is_asked_right_before_a_request_whose_lock_it_is() {
    let (_, one, other) = two();
    let mine = open(&one, "me").await;
    let probe = mine.probe();
    sleep(Duration::from_secs(2)).await;
    assert_eq!(probe.confirm().await, Hold::Firm);
    sleep(Duration::from_secs(2)).await;
    let lockholder = other.lockholder().await.unwrap().unwrap();
    assert!(other.unlock(&lockholder).await.unwrap());
    assert_eq!(probe.hold(), Hold::Firm, "nobody has told it yet");
    assert_eq!(probe.confirm().await, Hold::Lost);
    assert_eq!(probe.hold(), Hold::Lost);
}

#[tokio::test(start_paused = true)]
async fn an_answer_of_the_store_counts_from_when_it_was_asked() {
    let (bucket, one, _) = two();
    let mine = open(&one, "me").await;
    for (seconds, hold) in [(5, Hold::Firm), (9, Hold::Stale)] {
        sleep(Duration::from_secs(2)).await;
        bucket.slowness.store(seconds, Ordering::SeqCst);
        assert_eq!(mine.probe().confirm().await, hold, "{seconds} s");
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_of_the_store_lets_something_leave_for_an_eighth_of_the_time_to_live() {
    let (_, one, other) = two();
    let mine = open(&one, "me").await;
    let probe = mine.probe();
    sleep(Duration::from_secs(2)).await;
    assert_eq!(probe.confirm().await, Hold::Firm);
    for (seconds, lets) in [(7, true), (1, false)] {
        sleep(Duration::from_secs(seconds)).await;
        assert_eq!(probe.hold(), Hold::Firm);
        assert_eq!(probe.lets_leave(), lets, "{seconds} s later");
    }
    assert_eq!(probe.confirm().await, Hold::Firm);
    assert!(probe.lets_leave());
    sleep(Duration::from_secs(2)).await;
    let lockholder = other.lockholder().await.unwrap().unwrap();
    assert!(other.unlock(&lockholder).await.unwrap());
    assert_eq!(probe.confirm().await, Hold::Lost);
    assert!(!probe.lets_leave());
}

#[tokio::test(start_paused = true)]
async fn past_half_the_time_to_live_a_renewal_is_needed_and_past_the_whole_the_lock_is_lost() {
    let (bucket, one, _) = two();
    let mut mine = open(&one, "me").await;
    bucket.is_down.store(true, Ordering::SeqCst);
    sleep(Duration::from_secs(35)).await;
    assert_eq!(mine.probe().hold(), Hold::Stale);
    assert_eq!(mine.probe().confirm().await, Hold::Stale);
    bucket.is_down.store(false, Ordering::SeqCst);
    assert_eq!(mine.probe().confirm().await, Hold::Firm);
    assert_eq!(mine.probe().hold(), Hold::Firm);
    bucket.is_down.store(true, Ordering::SeqCst);
    sleep(Duration::from_secs(61)).await;
    bucket.is_down.store(false, Ordering::SeqCst);
    assert_eq!(mine.probe().confirm().await, Hold::Lost);
    sleep(Duration::from_secs(30)).await;
    assert_eq!(mine.probe().hold(), Hold::Lost, "for ever");
    let error = mine.append(consumed("a")).await.unwrap_err().to_string();
    assert!(error.contains("could not be renewed for 60 s"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn after_an_unlock_nobody_takes_the_lock_until_what_was_sent_must_have_ended() {
    let (_, one, other) = two();
    let mine = open(&one, "me").await;
    let lockholder = other.lockholder().await.unwrap().unwrap();
    assert_eq!(lockholder.quiet_after(), Duration::from_millis(37_500));
    let start = Instant::now();
    assert!(other.unlock(&lockholder).await.unwrap());
    drop(open(&other, "you").await);
    assert!(start.elapsed() >= Duration::from_millis(37_500));
    assert!(start.elapsed() < Duration::from_secs(45));
    drop(mine);
    // What was let go of properly is free at once.
    other.let_go().await.unwrap();
    let start = Instant::now();
    drop(open(&one, "me").await);
    assert!(start.elapsed() < Duration::from_secs(1));
}

#[tokio::test(start_paused = true)]
async fn taking_a_lock_over_and_away_stores_a_document_also_where_nothing_is_found() {
    let (_, one, other) = two();
    let mine = open(&one, "me").await;
    let serial = one.load().await.unwrap().serial;
    let lockholder = other.lockholder().await.unwrap().unwrap();
    assert!(other.unlock(&lockholder).await.unwrap());
    assert_eq!(one.load().await.unwrap().serial, serial + 1);
    drop(mine);
    let yours = open(&other, "you").await;
    assert_eq!(one.load().await.unwrap().serial, serial + 2);
    drop(yours);
}

#[tokio::test(start_paused = true)]
async fn a_document_that_is_repeated_is_not_stored_once_the_lock_is_anothers() {
    let (yours, other, _) = two();
    let bucket = Arc::new(Bucket {
        inner: Arc::clone(&yours.inner),
        fault: Fault::Request,
        ..Bucket::new()
    });
    let one = store(&bucket);
    let mut mine = open(&one, "me").await;
    mine.append(consumed("a")).await.unwrap();
    // The first attempt is lost, and before the second the lock is taken away.
    bucket.until_fault.store(0, Ordering::SeqCst);
    let slow = async {
        bucket.slowness.store(3, Ordering::SeqCst);
        mine.compact().await
    };
    let unlocked = async {
        sleep(Duration::from_secs(8)).await;
        let lockholder = other.lockholder().await.unwrap().unwrap();
        assert!(other.unlock(&lockholder).await.unwrap());
    };
    let (compacted, ()) = futures_util::join!(slow, unlocked);
    let error = compacted.unwrap_err().to_string();
    assert!(
        error.contains("was taken away") || error.contains("changed by somebody else"),
        "{error}"
    );
    assert_eq!(nonces(&other).await, ["a"]);
}

#[tokio::test(start_paused = true)]
async fn a_bucket_that_vanishes_is_said_to_be_gone_and_not_the_lock() {
    let (bucket, one, _) = two();
    let mut mine = open(&one, "me").await;
    bucket.is_gone.store(true, Ordering::SeqCst);
    let error = mine.append(consumed("a")).await.unwrap_err();
    assert!(matches!(error, StoreError::Medium { .. }), "{error:?}");
}

#[tokio::test(start_paused = true)]
async fn a_lock_object_that_was_deleted_is_said_to_be_gone() {
    let (bucket, one, _) = two();
    let mut mine = open(&one, "me").await;
    write(&bucket.inner, "lock.json", None);
    let error = mine.append(consumed("a")).await.unwrap_err();
    let is_gone = matches!(
        error,
        StoreError::LockLost {
            loss: Loss::Gone,
            ..
        }
    );
    assert!(is_gone, "{error:?}");
}

#[test]
fn who_holds_a_lock_cannot_drive_a_terminal() {
    let mut holder = Holder::of_test("me\u{1b}[2J\nall is well");
    holder.host = "a\u{202e}b".to_owned();
    let text = holder.to_string();
    assert!(!text.contains(['\u{1b}', '\n', '\u{202e}']), "{text}");
}

#[tokio::test(start_paused = true)]
async fn a_hold_that_cannot_be_renewed_goes_stale_and_firm_again() {
    let (bucket, one, _) = two();
    let mut journal = open(&one, "me").await;
    bucket.is_down.store(true, Ordering::SeqCst);
    sleep(Duration::from_secs(25)).await;
    assert_eq!(journal.probe().hold(), Hold::Firm);
    sleep(Duration::from_secs(10)).await;
    assert_eq!(journal.probe().hold(), Hold::Stale);
    bucket.is_down.store(false, Ordering::SeqCst);
    sleep(Duration::from_secs(20)).await;
    assert_eq!(journal.probe().hold(), Hold::Firm);
    journal.append(consumed("a")).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_holder_that_was_taken_over_writes_nothing_more() {
    let (bucket, one, other) = two();
    let mut mine = open(&one, "me").await;
    mine.append(consumed("a")).await.unwrap();
    bucket.is_down.store(true, Ordering::SeqCst);
    let mut yours = Journal::open(
        &other,
        "shop",
        Holder::of_test("you"),
        Duration::from_mins(5),
    )
    .await
    .unwrap();
    yours.append(consumed("b")).await.unwrap();
    // It comes back before its next heartbeat, and does not know yet.
    bucket.is_down.store(false, Ordering::SeqCst);
    let appended = mine.append(consumed("mine")).await;
    let Err(StoreError::LockLost {
        loss: Loss::Expired(_),
        ..
    }) = appended
    else {
        panic!("{appended:?}")
    };
    assert_eq!(mine.probe().hold(), Hold::Lost);
    assert!(mine.append(consumed("mine")).await.is_err());
    assert!(mine.compact().await.is_err());
    drop(mine);
    one.let_go().await.unwrap();
    yours.append(consumed("c")).await.unwrap();
    yours.compact().await.unwrap();
    assert_eq!(nonces(&other).await, ["a", "b", "c"]);
    assert_eq!(lock_object(&bucket.inner)["holder"]["who"], "you");
}

#[tokio::test(start_paused = true)]
async fn the_heartbeat_notices_that_the_lock_was_taken_away() {
    let (_, one, other) = two();
    let mut mine = open(&one, "me").await;
    let lockholder = other.lockholder().await.unwrap().unwrap();
    assert_eq!(lockholder.holder().unwrap().who, "me");
    assert!(other.unlock(&lockholder).await.unwrap());
    assert!(!other.unlock(&lockholder).await.unwrap());
    sleep(Duration::from_secs(20)).await;
    assert_eq!(mine.probe().hold(), Hold::Lost);
    let appended = mine.append(consumed("a")).await;
    assert!(
        matches!(
            appended,
            Err(StoreError::LockLost {
                loss: Loss::TakenAway,
                ..
            })
        ),
        "{appended:?}"
    );
    assert_eq!(nonces(&other).await, Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn a_heartbeat_in_between_does_not_keep_the_lock_from_being_taken_away() {
    let (bucket, one, _) = two();
    let far = Arc::new(Bucket {
        inner: Arc::clone(&bucket.inner),
        ..Bucket::new()
    });
    let other = store(&far);
    let mine = open(&one, "me").await;
    let lockholder = other.lockholder().await.unwrap().unwrap();
    sleep(Duration::from_secs(10)).await;
    // The holder renews after 15 seconds: between this look and the write that depends on it.
    far.slowness.store(6, Ordering::SeqCst);
    assert!(other.unlock(&lockholder).await.unwrap());
    drop(mine);
    assert!(other.lockholder().await.unwrap().is_none());
}

#[tokio::test(start_paused = true)]
async fn a_document_of_a_former_holder_does_not_replace_a_newer_one() {
    let (_, one, other) = two();
    let mut mine = open(&one, "me").await;
    mine.append(consumed("a")).await.unwrap();
    let lockholder = other.lockholder().await.unwrap().unwrap();
    assert!(other.unlock(&lockholder).await.unwrap());
    let yours = open(&other, "you").await;
    // As if it had asked for its lock just before that was taken.
    let before = mine.state().clone();
    let document = StateDocument::new("shop", 3, &before);
    let found = one.objects.get(DOCUMENT).await.unwrap();
    assert!(found.is_some());
    let put = one
        .objects
        .put(DOCUMENT, &document.to_bytes(), &Condition::Absent)
        .await
        .unwrap();
    // The very same document is taken as written: nothing differs.
    assert!(matches!(put, Put::Done(_)), "{put:?}");
    let other_state = StateDocument::new("shop", 2, &State::default());
    let put = one
        .objects
        .put(DOCUMENT, &other_state.to_bytes(), &Condition::Absent)
        .await
        .unwrap();
    assert!(matches!(put, Put::Refused(_)), "{put:?}");
    drop(yours);
    assert_eq!(nonces(&other).await, ["a"]);
}

/// Runs everything once while the n-th write goes wrong.
async fn with_fault(nth: i64, fault: Fault) {
    let bucket = Arc::new(Bucket {
        until_fault: AtomicI64::new(nth),
        fault,
        ..Bucket::new()
    });
    let store = store(&bucket);
    let mut journal = open(&store, "me").await;
    for nonce in ["a", "b"] {
        journal.append(consumed(nonce)).await.unwrap();
    }
    journal.compact().await.unwrap();
    journal.append(consumed("c")).await.unwrap();
    journal.compact().await.unwrap();
    drop(journal);
    store.let_go().await.unwrap();
    assert!(bucket.until_fault.load(Ordering::SeqCst) < 0, "write {nth}");
    let stored = store.load().await.unwrap();
    assert_eq!((stored.serial, stored.segments), (3, 0), "write {nth}");
    assert_eq!(nonces(&store).await, ["a", "b", "c"], "write {nth}");
    assert!(lock_object(&bucket.inner)["holder"].is_null());
}

#[tokio::test(start_paused = true)]
async fn a_write_whose_answer_is_lost_is_known_again() {
    // Four writes for the lock, then a document, two segments, a document, a segment, a document, and the release.
    for nth in 0..11 {
        with_fault(nth, Fault::Answer).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_write_that_is_lost_is_repeated() {
    for nth in 0..11 {
        with_fault(nth, Fault::Request).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_store_that_ignores_conditions_is_refused() {
    let bucket = Arc::new(Bucket {
        ignores_conditions: true,
        ..Bucket::new()
    });
    let store = store(&bucket);
    let opened = Journal::open(&store, "shop", Holder::of_test("me"), Duration::ZERO).await;
    assert!(
        matches!(
            opened,
            Err(LockError::Store(StoreError::Unconditional { .. }))
        ),
        "{opened:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_reader_that_meets_a_document_being_replaced_looks_again() {
    let (bucket, one, other) = two();
    let mut journal = open(&one, "me").await;
    journal.append(consumed("a")).await.unwrap();
    let document = StateDocument::new("shop", 2, journal.state()).to_bytes();
    *bucket.meanwhile.lock().unwrap() = vec![
        ("state.json", Some(document)),
        ("journal/00000001-000001.json", None),
    ];
    let stored = one.load().await.unwrap();
    assert_eq!((stored.serial, stored.segments), (2, 0));
    assert_eq!(nonces(&other).await, ["a"]);
}

#[tokio::test(start_paused = true)]
async fn damage_is_an_error_and_never_an_empty_state() {
    let (bucket, one, _) = two();
    let mut journal = open(&one, "me").await;
    for nonce in ["a", "b"] {
        journal.append(consumed(nonce)).await.unwrap();
    }
    let first = "journal/00000001-000001.json";
    let whole = read(&bucket.inner, first).unwrap();
    write(&bucket.inner, first, None);
    assert!(matches!(one.load().await, Err(StoreError::Gap { .. })));
    write(&bucket.inner, first, Some(&whole[..whole.len() / 2]));
    assert!(matches!(one.load().await, Err(StoreError::Unusable { .. })));
    write(&bucket.inner, first, Some(&whole));
    journal.compact().await.unwrap();
    let whole = read(&bucket.inner, "state.json").unwrap();
    for cut in [0, whole.len() / 2] {
        write(&bucket.inner, "state.json", Some(&whole[..cut]));
        assert!(matches!(one.load().await, Err(StoreError::Unusable { .. })));
    }
}

#[test]
fn addresses_are_those_of_buckets() {
    let open = |address: &str| {
        let settings = Settings(
            [
                ("AWS_ACCESS_KEY_ID", "id"),
                ("AWS_SECRET_ACCESS_KEY", "secret"),
                ("AZURE_STORAGE_ACCOUNT", "account"),
                ("AZURE_STORAGE_KEY", "c2VjcmV0"),
                ("GOOGLE_SKIP_SIGNATURE", "true"),
            ]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into(),
        );
        BucketStore::open(address, "shop", &settings, (TIMES.to_live, TIMES.request)).map(|store| {
            let prefix = store.objects.prefix.to_string();
            (store.objects.store.to_string(), prefix)
        })
    };
    for (address, store, prefix) in [
        ("s3://bucket/offers/shop", "AmazonS3(bucket)", "offers/shop"),
        ("s3://bucket", "AmazonS3(bucket)", ""),
        ("gs://bucket/a/", "GoogleCloudStorage(bucket)", "a"),
        (
            "az://container/a",
            "MicrosoftAzure { account: account, container: container }",
            "a",
        ),
        (
            "https://bucket.s3.eu-west-1.amazonaws.com/a",
            "AmazonS3(bucket)",
            "a",
        ),
        (
            "https://account.blob.core.windows.net/container/a",
            "MicrosoftAzure { account: account, container: container }",
            "a",
        ),
    ] {
        let opened = open(address).unwrap();
        assert_eq!(opened, (store.to_owned(), prefix.to_owned()), "{address}");
    }
    for address in [
        "ftp://host/a",
        "file:///a",
        "memory:///",
        "https://example.com/a",
        "s3://",
    ] {
        assert!(open(address).is_err(), "{address}");
    }
}
