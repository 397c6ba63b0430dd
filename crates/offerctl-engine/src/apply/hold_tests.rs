//! What a run sends while its lock is not held firmly.

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

/// Applies two creates while the lock is held like this, and returns how many were sent, and what was reported.
async fn run(holds: &[(u64, Hold)], last: Hold) -> (usize, Vec<OfferOutcome>, Duration) {
    let plan = two_creates();
    let holds = holds
        .iter()
        .map(|(seconds, hold)| (Duration::from_secs(*seconds), *hold));
    let store = Arc::new(Script {
        holds: holds.collect(),
        last,
        since: Instant::now(),
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
        concurrency: 1,
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
    let creates = remote.creates.load(Ordering::SeqCst);
    (creates, report.outcomes, start.elapsed())
}

fn skipped_because(outcomes: &[OfferOutcome], words: &str) -> bool {
    outcomes.iter().all(|outcome| {
        let error = outcome.error.as_deref().unwrap_or_default();
        outcome.verdict == Verdict::Skipped && error.contains(words)
    })
}

#[tokio::test(start_paused = true)]
async fn a_firm_hold_sends_everything() {
    let (creates, _, _) = run(&[], Hold::Firm).await;
    assert_eq!(creates, 2);
}

#[tokio::test(start_paused = true)]
async fn a_stale_hold_sends_no_create_until_it_is_firm_again() {
    let (creates, _, took) = run(&[(40, Hold::Stale)], Hold::Firm).await;
    assert_eq!(creates, 2);
    assert!(took >= Duration::from_secs(40));
}

#[tokio::test(start_paused = true)]
async fn a_hold_that_stays_stale_makes_nothing_and_says_why() {
    let (creates, outcomes, took) = run(&[], Hold::Stale).await;
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
    let (creates, _, took) = run(&holds, Hold::Firm).await;
    assert_eq!(creates, 2);
    assert!(took >= Duration::from_secs(20));
}

#[tokio::test(start_paused = true)]
async fn a_lock_that_was_lost_ends_the_run_before_the_next_request() {
    let (creates, outcomes, _) = run(&[], Hold::Lost).await;
    assert_eq!(creates, 0);
    assert!(skipped_because(&outcomes, "was taken away"), "{outcomes:?}");
    let (creates, outcomes, _) = run(&[(1, Hold::Firm)], Hold::Lost).await;
    assert_eq!(creates, 0);
    assert!(skipped_because(&outcomes, "was taken away"), "{outcomes:?}");
}
