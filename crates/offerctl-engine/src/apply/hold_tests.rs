//! What a run sends while its lock is not held firmly, and what it makes durable before.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use offerctl_core::desired::resolve;
use offerctl_core::live::Live;
use offerctl_core::offer_type::OfferType;
use offerctl_core::plan::{Plan, plan};
use offerctl_core::project::{Account, Limits};
use offerctl_core::report::{OfferOutcome, Verdict};
use offerctl_core::state::{Segment, State, StateDocument};
use offerctl_core::value::Moment;
use tokio::sync::watch;
use tokio::time::{Instant, sleep};

use super::{Applied, Task, apply};
use crate::budget::Budget;
use crate::fetch::FetchError;
use crate::load::load;
use crate::remote::{
    Answers, GetCall, Means, Purpose, RemoteError, RemoteRead, RemoteWrite, ShownOffer, WriteCall,
};
use crate::store::{
    Hold, Holder, Journal, LockError, Position, Probe, StateStore, StoreError, Stored,
};

const PATIENCE: Duration = Duration::from_mins(1);

/// A service that refuses whatever it is asked, and counts.
#[derive(Default)]
struct Counting {
    creates: AtomicUsize,
}

fn refused() -> RemoteError {
    RemoteError::unsupported("refused")
}

impl RemoteRead for Counting {
    async fn read(
        &self,
        _means: Means<'_>,
        _types: &[OfferType],
        _purpose: Purpose<'_>,
    ) -> Result<Live, FetchError> {
        Err(FetchError::Catalogue(refused().message))
    }

    async fn get(&self, calls: &[GetCall]) -> Answers<ShownOffer> {
        calls.iter().map(|_| Err(refused())).collect()
    }
}

impl RemoteWrite for Counting {
    async fn write(&self, calls: &[WriteCall]) -> Answers<ShownOffer> {
        self.creates.fetch_add(calls.len(), Ordering::SeqCst);
        calls.iter().map(|_| Err(refused())).collect()
    }
}

/// A store that keeps nothing, and whose lock is as firm as is said: one word a segment, the last one for ever.
struct Script {
    holds: Vec<(Duration, Hold)>,
    last: Hold,
    since: Instant,
    segments: AtomicUsize,
}

impl StateStore for Arc<Script> {
    type Lock = ();

    fn place(&self) -> String {
        "a script".to_owned()
    }

    async fn load(&self) -> Result<Stored, StoreError> {
        Ok(Stored::default())
    }

    async fn lock(&self, _holder: Holder, _wait: Duration) -> Result<(), LockError> {
        Ok(())
    }

    fn probe(&self, _lock: &()) -> Probe {
        let script = Self::clone(self);
        Probe::new(PATIENCE, move || {
            let age = script.since.elapsed();
            let hold = script.holds.iter().find(|(until, _)| age < *until);
            hold.map_or(script.last, |(_, hold)| *hold)
        })
    }

    fn compacts_at_open(&self) -> bool {
        false
    }

    async fn let_go(&self) -> Result<(), StoreError> {
        Ok(())
    }

    async fn append(
        &self,
        _lock: &mut (),
        _at: Position,
        _segment: &Segment,
    ) -> Result<(), StoreError> {
        self.segments.fetch_add(1, Ordering::SeqCst);
        sleep(Duration::from_secs(2)).await;
        Ok(())
    }

    async fn save(&self, _lock: &mut (), _document: &StateDocument) -> Result<(), StoreError> {
        Ok(())
    }
}

/// Two creates that wait for nothing.
fn two_creates() -> Plan {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join(".git")).unwrap();
    std::fs::create_dir(folder.path().join("offers")).unwrap();
    let offer = |name: &str| {
        format!(
            "  {name}: {{type: single, title: {name}, price: 1.00, url: \"https://club.tv/{name}\"}}\n"
        )
    };
    let text = format!("version: 1\noffers:\n{}{}", offer("one"), offer("two"));
    std::fs::write(folder.path().join("offers/all.yaml"), text).unwrap();
    let loaded = load(folder.path()).unwrap();
    let environment = loaded.project.environments.values().next().unwrap();
    let (desired, diagnostics) = resolve(&loaded.manifests, &loaded.project, environment);
    assert!(!diagnostics.has_errors(), "{diagnostics:?}");
    let plan = plan(&desired, &Live::default(), &State::default());
    assert_eq!(plan.steps.len(), 2);
    plan
}

/// What came of two creates.
struct Ran {
    /// How many were sent.
    creates: usize,
    outcomes: Vec<OfferOutcome>,
    took: Duration,
    /// How many segments were made durable.
    segments: usize,
}

/// Applies two creates, a request each, one after the other, while the lock is held like this.
async fn run(holds: &[(u64, Hold)], last: Hold) -> Ran {
    run_with(1, holds, last).await
}

async fn run_with(concurrency: usize, holds: &[(u64, Hold)], last: Hold) -> Ran {
    let plan = two_creates();
    let holds = holds
        .iter()
        .map(|(seconds, hold)| (Duration::from_secs(*seconds), *hold));
    let store = Arc::new(Script {
        holds: holds.collect(),
        last,
        since: Instant::now(),
        segments: AtomicUsize::new(0),
    });
    let holder = Holder {
        who: "me".to_owned(),
        host: "here".to_owned(),
        pid: 1,
        since: String::new(),
        expiry: None,
    };
    let mut journal = Journal::open(&store, "local", holder, Duration::ZERO)
        .await
        .unwrap();
    let remote = Counting::default();
    let limits = Limits {
        batch: 1,
        concurrency,
        ..Limits::default()
    };
    let (_sender, stop) = watch::channel(false);
    let task = Task {
        plan: &plan,
        live: &Live::default(),
        account: &Account::default(),
        limits: &limits,
        nonce: None,
        now: || Moment::EPOCH,
        observer: &|_| {},
        stop,
    };
    let start = Instant::now();
    let Applied { report, .. } = apply(task, &remote, &Budget::new(&limits), &mut journal).await;
    assert!(
        journal.state().intents.is_empty(),
        "what was not sent is not open"
    );
    Ran {
        creates: remote.creates.load(Ordering::SeqCst),
        outcomes: report.outcomes,
        took: start.elapsed(),
        segments: store.segments.load(Ordering::SeqCst),
    }
}

fn skipped_because(outcomes: &[OfferOutcome], words: &str) -> bool {
    outcomes.iter().all(|outcome| {
        let error = outcome.error.as_deref().unwrap_or_default();
        outcome.verdict == Verdict::Skipped && error.contains(words)
    })
}

#[tokio::test(start_paused = true)]
async fn a_firm_hold_sends_everything() {
    let Ran { creates, .. } = run(&[], Hold::Firm).await;
    assert_eq!(creates, 2);
}

#[tokio::test(start_paused = true)]
async fn a_stale_hold_sends_no_create_until_it_is_firm_again() {
    let Ran { creates, took, .. } = run(&[(40, Hold::Stale)], Hold::Firm).await;
    assert_eq!(creates, 2);
    assert!(took >= Duration::from_secs(40));
}

#[tokio::test(start_paused = true)]
async fn a_hold_that_stays_stale_makes_nothing_and_says_why() {
    let Ran {
        creates,
        outcomes,
        took,
        ..
    } = run(&[], Hold::Stale).await;
    assert_eq!(creates, 0);
    assert!(
        skipped_because(&outcomes, "could not be renewed"),
        "{outcomes:?}"
    );
    assert!(took >= PATIENCE && took < PATIENCE * 2);
}

#[tokio::test(start_paused = true)]
async fn a_hold_that_goes_stale_while_the_intent_is_stored_sends_nothing_then() {
    // The intent of the first create takes from 0 s to 2 s.
    let holds = [(1, Hold::Firm), (20, Hold::Stale)];
    let Ran { creates, took, .. } = run(&holds, Hold::Firm).await;
    assert_eq!(creates, 2);
    assert!(took >= Duration::from_secs(20));
}

#[tokio::test(start_paused = true)]
async fn a_lock_that_was_lost_ends_the_run_before_the_next_request() {
    let Ran {
        creates, outcomes, ..
    } = run(&[], Hold::Lost).await;
    assert_eq!(creates, 0);
    assert!(skipped_because(&outcomes, "was taken away"), "{outcomes:?}");
    let Ran {
        creates, outcomes, ..
    } = run(&[(1, Hold::Firm)], Hold::Lost).await;
    assert_eq!(creates, 0);
    assert!(skipped_because(&outcomes, "was taken away"), "{outcomes:?}");
}

#[tokio::test(start_paused = true)]
async fn requests_that_go_together_are_made_durable_together() {
    let ran = run_with(1, &[], Hold::Firm).await;
    assert_eq!((ran.creates, ran.segments), (2, 3));
    let ran = run_with(2, &[], Hold::Firm).await;
    assert_eq!((ran.creates, ran.segments), (2, 2));
}
