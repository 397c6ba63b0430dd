//! What a run sends while its lock is not held firmly, its state cannot be written, or a create is open; and what it makes
//! durable before.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::{BoxFuture, ready};
use offerctl_manifest::desired::resolve;
use offerctl_manifest::project::{Account, Limits};
use offerctl_model::foreign::Foreign;
use offerctl_model::name::OfferId;
use offerctl_model::offer_type::OfferType;
use offerctl_model::value::Moment;
use offerctl_reconcile::live::Live;
use offerctl_reconcile::plan::{Group, GroupId, Operation, Plan, StepId, plan};
use offerctl_reconcile::report::{OfferOutcome, Verdict};
use offerctl_reconcile::state::{Segment, State, StateDocument};
use tokio::sync::watch;
use tokio::time::{Instant, sleep};

use super::{Applied, Task, apply};
use crate::budget::Budget;
use crate::fetch::FetchError;
use crate::load::load;
use crate::obstacle::Obstacle;
use crate::remote::{
    Answers, GetCall, Means, Purpose, Refusal, RemoteError, RemoteRead, RemoteWrite, Retry,
    ShownOffer, WriteCall,
};
use crate::store::{
    Hold, Holder, Journal, LockError, Loss, Position, Probe, StateStore, StoreError, Stored, Watch,
};

/// What a service does with a request.
#[derive(Debug, Clone, Copy)]
enum Reply {
    Refused,
    /// It cannot be reached.
    Unreachable,
    /// It has too many requests.
    Busy,
    /// The answer is lost.
    Lost,
}

impl Reply {
    fn error(self) -> RemoteError {
        let (refusal, retry) = match self {
            Self::Refused => (Refusal::Proven, Retry::No),
            Self::Unreachable => (Refusal::Proven, Retry::Later),
            Self::Busy => (Refusal::Proven, Retry::WhenLessBusy),
            Self::Lost => (Refusal::None, Retry::Later),
        };
        RemoteError {
            message: format!("{self:?}").into(),
            refusal,
            retry,
            retry_after: None,
            obstacle: Obstacle::Other,
        }
    }
}

/// A service that does nothing, and counts what it is asked: one reply a request, the last one for ever.
struct Counting {
    replies: Vec<Reply>,
    last: Reply,
    requests: AtomicUsize,
}

impl RemoteRead for Counting {
    async fn read(
        &self,
        _means: Means<'_>,
        _types: &[OfferType],
        _purpose: Purpose<'_>,
    ) -> Result<Live, FetchError> {
        Err(FetchError::Catalogue("unreadable".to_owned()))
    }

    async fn get(&self, calls: &[GetCall]) -> Answers<ShownOffer> {
        let refused = |_| Err(Reply::Refused.error());
        calls.iter().map(refused).collect()
    }
}

impl RemoteWrite for Counting {
    async fn write(&self, calls: &[WriteCall]) -> Answers<ShownOffer> {
        let number = self.requests.fetch_add(1, Ordering::SeqCst);
        sleep(Duration::from_millis(10)).await;
        let reply = self.replies.get(number).copied().unwrap_or(self.last);
        calls.iter().map(|_| Err(reply.error())).collect()
    }
}

/// A store that keeps nothing, and whose lock is as firm as is said: one word a segment, the last one for ever.
pub(super) struct Script {
    holds: Vec<(Duration, Hold)>,
    last: Hold,
    since: Instant,
    /// How many segments can be made durable.
    room: usize,
    segments: AtomicUsize,
}

impl Script {
    /// A store whose lock is firm, and that always has room.
    pub(super) fn firm() -> Arc<Self> {
        Arc::new(Self {
            holds: Vec::new(),
            last: Hold::Firm,
            since: Instant::now(),
            room: usize::MAX,
            segments: AtomicUsize::new(0),
        })
    }
}

struct Asked(Arc<Script>);

impl Watch for Asked {
    fn hold(&self) -> Hold {
        let age = self.0.since.elapsed();
        let hold = self.0.holds.iter().find(|(until, _)| age < *until);
        hold.map_or(self.0.last, |(_, hold)| *hold)
    }

    fn confirm(&self) -> BoxFuture<'_, Hold> {
        Box::pin(ready(self.hold()))
    }

    fn loss(&self) -> Option<Loss> {
        (self.hold() == Hold::Lost).then_some(Loss::TakenAway)
    }
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
        Probe::new(Asked(Self::clone(self)))
    }

    fn outlives_its_lock(&self) -> bool {
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
        if self.segments.load(Ordering::SeqCst) == self.room {
            return Err(StoreError::Medium {
                action: "write",
                place: self.place(),
                source: "no room".into(),
            });
        }
        self.segments.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }

    async fn save(&self, _lock: &mut (), _document: &StateDocument) -> Result<(), StoreError> {
        Ok(())
    }
}

/// Two creates that wait for nothing.
fn two_creates() -> Plan {
    let plan = creates(&["one", "two"]);
    assert_eq!(plan.steps.len(), 2);
    plan
}

/// Creates of singles with these names, each with a title, a price and an address of its own.
pub(super) fn creates(names: &[&str]) -> Plan {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join(".git")).unwrap();
    std::fs::create_dir(folder.path().join("offers")).unwrap();
    let offer = |(number, name): (usize, &&str)| {
        format!(
            "  {name}: {{type: single, title: {name}, price: {}.00, url: \"https://club.tv/{name}\"}}\n",
            number + 1
        )
    };
    let offers: Vec<String> = names.iter().enumerate().map(offer).collect();
    let text = format!("version: 1\noffers:\n{}", offers.concat());
    std::fs::write(folder.path().join("offers/all.yaml"), text).unwrap();
    let loaded = load(folder.path()).unwrap();
    let environment = loaded.project.environments.values().next().unwrap();
    let (desired, diagnostics) = resolve(&loaded.manifests, &loaded.project, environment);
    assert!(!diagnostics.has_errors(), "{diagnostics:?}");
    plan(&desired, &Live::default(), &State::default())
}

/// What came of a plan.
struct Ran {
    /// How many requests were sent.
    requests: usize,
    outcomes: Vec<OfferOutcome>,
    problem: Option<StoreError>,
    /// How many creates the state has open.
    open: usize,
    took: Duration,
    /// How many segments were made durable.
    segments: usize,
}

/// How a plan is carried out: a call in a request.
struct Setting<'a> {
    plan: Plan,
    concurrency: usize,
    holds: &'a [(u64, Hold)],
    last_hold: Hold,
    room: usize,
    replies: &'a [Reply],
    last_reply: Reply,
}

impl Default for Setting<'_> {
    fn default() -> Self {
        Self {
            plan: two_creates(),
            concurrency: 1,
            holds: &[],
            last_hold: Hold::Firm,
            room: usize::MAX,
            replies: &[],
            last_reply: Reply::Refused,
        }
    }
}

/// Applies two creates, a request each, one after the other, while the lock is held like this.
async fn run(holds: &[(u64, Hold)], last_hold: Hold) -> Ran {
    let setting = Setting {
        holds,
        last_hold,
        ..Setting::default()
    };
    let ran = setting.run().await;
    assert_eq!(ran.open, 0, "what was not sent is not open");
    ran
}

impl Setting<'_> {
    async fn run(self) -> Ran {
        let holds = self
            .holds
            .iter()
            .map(|(seconds, hold)| (Duration::from_secs(*seconds), *hold));
        let store = Arc::new(Script {
            holds: holds.collect(),
            last: self.last_hold,
            since: Instant::now(),
            room: self.room,
            segments: AtomicUsize::new(0),
        });
        let mut journal = Journal::of_test(&store).await;
        let remote = Counting {
            replies: self.replies.to_vec(),
            last: self.last_reply,
            requests: AtomicUsize::new(0),
        };
        let limits = Limits {
            batch: 1,
            concurrency: self.concurrency,
            ..Limits::default()
        };
        let (_sender, stop) = watch::channel(false);
        let task = Task {
            plan: &self.plan,
            approved: &[],
            live: &Live::default(),
            account: &Account::default(),
            limits: &limits,
            nonce: None,
            now: || Moment::EPOCH,
            observer: &|_| {},
            stop,
        };
        let start = Instant::now();
        let budget = Budget::new(&limits);
        let Applied { report, problem } = apply(task, &remote, &budget, &mut journal).await;
        Ran {
            requests: remote.requests.load(Ordering::SeqCst),
            outcomes: report.outcomes,
            problem,
            open: journal.state().intents.len(),
            took: start.elapsed(),
            segments: store.segments.load(Ordering::SeqCst),
        }
    }
}

fn skipped_because(outcomes: &[OfferOutcome], words: &str) -> bool {
    outcomes.iter().all(|outcome| {
        let error = outcome.error.as_ref().map_or("", Foreign::raw);
        outcome.verdict == Verdict::Skipped && error.contains(words)
    })
}

#[tokio::test(start_paused = true)]
async fn a_firm_hold_sends_everything() {
    let Ran { requests, .. } = run(&[], Hold::Firm).await;
    assert_eq!(requests, 2);
}

#[tokio::test(start_paused = true)]
async fn a_stale_hold_sends_nothing_until_it_is_firm_again() {
    let Ran { requests, took, .. } = run(&[(40, Hold::Stale)], Hold::Firm).await;
    assert_eq!(requests, 2);
    assert!(took >= Duration::from_secs(40));
}

/// Changes of offers that are there, a request each.
fn two_deactivations() -> Plan {
    let mut plan = two_creates();
    for step in &mut plan.steps {
        step.operation = Operation::Deactivate {
            id: OfferId::new("A123456789_US"),
            replaced: false,
        };
        step.record = None;
    }
    plan
}

#[tokio::test(start_paused = true)]
async fn a_stale_hold_sends_no_change_either_and_a_lost_one_ends_the_run() {
    for plan in [two_creates(), two_deactivations()] {
        let setting = Setting {
            plan,
            holds: &[(60, Hold::Stale)],
            last_hold: Hold::Lost,
            ..Setting::default()
        };
        let Ran {
            requests,
            outcomes,
            took,
            ..
        } = setting.run().await;
        assert_eq!(requests, 0);
        assert!(skipped_because(&outcomes, "was taken away"), "{outcomes:?}");
        let minute = Duration::from_mins(1);
        assert!(took >= minute && took < minute * 2);
    }
}

#[tokio::test(start_paused = true)]
async fn a_hold_that_goes_stale_while_the_intent_is_stored_sends_nothing_then() {
    // The intent of the first create takes from 0 s to 2 s.
    let holds = [(1, Hold::Firm), (20, Hold::Stale)];
    let Ran { requests, took, .. } = run(&holds, Hold::Firm).await;
    assert_eq!(requests, 2);
    assert!(took >= Duration::from_secs(20));
}

#[tokio::test(start_paused = true)]
async fn a_lock_that_was_lost_ends_the_run_before_the_next_request() {
    let Ran {
        requests, outcomes, ..
    } = run(&[], Hold::Lost).await;
    assert_eq!(requests, 0);
    assert!(skipped_because(&outcomes, "was taken away"), "{outcomes:?}");
    let Ran {
        requests, outcomes, ..
    } = run(&[(1, Hold::Firm)], Hold::Lost).await;
    assert_eq!(requests, 0);
    assert!(skipped_because(&outcomes, "was taken away"), "{outcomes:?}");
}

#[tokio::test(start_paused = true)]
async fn requests_that_go_together_are_made_durable_together() {
    for (concurrency, segments) in [(1, 3), (2, 2)] {
        let setting = Setting {
            concurrency,
            ..Setting::default()
        };
        let ran = setting.run().await;
        assert_eq!((ran.requests, ran.segments), (2, segments));
    }
}

/// The verdicts, and why.
fn told(outcomes: &[OfferOutcome]) -> Vec<(Verdict, &str)> {
    let told = outcomes.iter().map(|outcome| {
        let error = outcome.error.as_ref().map_or("", Foreign::raw);
        (outcome.verdict, error)
    });
    told.collect()
}

#[tokio::test(start_paused = true)]
async fn a_create_that_waits_for_the_service_is_not_sent_after_one_whose_answer_was_lost() {
    let setting = Setting {
        concurrency: 2,
        replies: &[Reply::Busy, Reply::Lost],
        ..Setting::default()
    };
    let Ran {
        requests,
        outcomes,
        open,
        ..
    } = setting.run().await;
    assert_eq!(requests, 2, "{outcomes:?}");
    assert_eq!(open, 1);
    let told = told(&outcomes);
    let unknown = told
        .iter()
        .filter(|(verdict, _)| *verdict == Verdict::Unknown);
    assert_eq!(unknown.count(), 1, "{told:?}");
    let is_held_back = |(verdict, why): &(Verdict, &str)| {
        *verdict == Verdict::Skipped && why.contains("nobody knows yet")
    };
    assert!(told.iter().any(is_held_back), "{told:?}");
}

#[tokio::test(start_paused = true)]
async fn what_waits_for_the_service_is_not_sent_once_the_state_cannot_be_written() {
    let setting = Setting {
        concurrency: 2,
        room: 1,
        replies: &[Reply::Busy, Reply::Refused],
        ..Setting::default()
    };
    let Ran {
        requests,
        outcomes,
        problem,
        ..
    } = setting.run().await;
    assert_eq!(requests, 2, "{outcomes:?}");
    assert!(problem.is_some());
    let told = told(&outcomes);
    assert!(told.contains(&(Verdict::Failed, "Refused")), "{told:?}");
    let skipped = (Verdict::Skipped, "the state could not be written");
    assert!(told.contains(&skipped), "{told:?}");
}

#[tokio::test(start_paused = true)]
async fn a_service_that_lets_nothing_through_is_asked_no_more_for_anything() {
    let setting = Setting {
        last_reply: Reply::Busy,
        ..Setting::default()
    };
    let Ran {
        outcomes,
        open,
        took,
        ..
    } = setting.run().await;
    let told = told(&outcomes);
    assert_eq!(told[0], (Verdict::Failed, "Busy"));
    assert_eq!(told[1].0, Verdict::Skipped, "{told:?}");
    assert!(told[1].1.contains("429"), "{told:?}");
    assert_eq!(open, 0);
    assert!(took < Duration::from_secs(315), "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn what_was_certainly_not_done_is_not_unknown_when_it_is_refused_in_the_end() {
    for (last_reply, error) in [(Reply::Busy, "Busy"), (Reply::Refused, "Refused")] {
        let setting = Setting {
            plan: two_deactivations(),
            replies: &[Reply::Unreachable],
            last_reply,
            ..Setting::default()
        };
        let Ran { outcomes, .. } = setting.run().await;
        assert_eq!(told(&outcomes)[0], (Verdict::Failed, error));
    }
}

/// A binding that waits until a create is through, whatever becomes of that.
fn create_and_binding() -> Plan {
    let mut plan = two_creates();
    plan.groups.push(Group {
        tag: "news".into(),
        members: vec![StepId(0)],
    });
    plan.steps[1].operation = Operation::Bind {
        id: OfferId::new("A123456789_US"),
    };
    plan.steps[1].after = vec![GroupId(0)];
    plan
}

#[tokio::test(start_paused = true)]
async fn a_binding_is_made_after_a_create_that_could_not_be_sent() {
    let mut plan = create_and_binding();
    let record = plan.steps[0].record.as_mut().unwrap();
    record.needs.insert("nowhere".parse().unwrap());
    let setting = Setting {
        plan,
        ..Setting::default()
    };
    let Ran {
        requests, outcomes, ..
    } = setting.run().await;
    assert_eq!(requests, 0);
    let told = told(&outcomes);
    assert_eq!(told[0].0, Verdict::Skipped, "{told:?}");
    assert_eq!(told[1].0, Verdict::Succeeded, "{told:?}");
}

#[tokio::test(start_paused = true)]
async fn what_is_under_way_is_waited_for_when_a_binding_cannot_be_stored() {
    let mut plan = create_and_binding();
    let mut other = plan.steps[0].clone();
    other.name = "other".parse().unwrap();
    plan.steps.push(other);
    let setting = Setting {
        plan,
        concurrency: 2,
        room: 1,
        replies: &[Reply::Refused, Reply::Busy],
        ..Setting::default()
    };
    let ran = setting.run().await;
    assert!(ran.problem.is_some());
    // It is known of both that they were not made.
    assert_eq!((ran.requests, ran.open), (2, 0));
}
