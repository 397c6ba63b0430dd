//! What a run makes of a service that answers with something else than the truth.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use offerctl_manifest::project::{Account, Limits};
use offerctl_model::country::Country;
use offerctl_model::money::Currency;
use offerctl_model::name::OfferId;
use offerctl_model::offer_type::OfferType;
use offerctl_model::value::Moment;
use offerctl_reconcile::live::{Live, Row};
use offerctl_reconcile::plan::Plan;
use offerctl_reconcile::report::{Report, Verdict};
use offerctl_reconcile::state::State;
use tokio::sync::watch;
use tokio::time::{Instant, sleep};

use super::hold_tests::{Script, creates};
use super::{Applied, Task, apply};
use crate::budget::Budget;
use crate::fetch::FetchError;
use crate::remote::{
    Answers, GetCall, Means, Purpose, Refusal, RemoteError, RemoteRead, RemoteWrite, Retry,
    ShownOffer, ShownRow, WriteCall,
};
use crate::store::Journal;

const SETTLE: Duration = Duration::from_mins(1);

/// What a service does with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lie {
    /// It does what is asked, and says so.
    No,
    /// It refuses the request with HTTP 429, and does so many of the calls all the same.
    BusyAfter(usize),
    /// It refuses the request with HTTP 422, and does nothing.
    Invalid,
    /// It does everything, and exchanges the results in a circle.
    Rotated,
    /// It does everything, and answers each call with the first result.
    SameResult,
    /// It does everything, and answers each call with an offer that was there before.
    Old,
    /// It does nothing, and answers each call with an offer that was there before.
    OldAndNothing,
    /// It does everything, and answers with ids that nobody has seen, and with nothing of what was sent.
    Unknown,
}

/// A shop of singles.
struct Service {
    lies: Vec<Lie>,
    offers: Mutex<Vec<Row>>,
    /// How many calls each writing request had, and when it came.
    requests: Mutex<Vec<(usize, Duration)>>,
    looks: Mutex<usize>,
    began: Instant,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap()
}

fn shown(rows: Vec<Row>) -> ShownOffer {
    let rows = rows.into_iter();
    let active = Some(true);
    ShownOffer::of_rows(rows.map(|row| ShownRow { row, active }).collect())
}

impl Service {
    fn make(&self, call: &WriteCall) -> Row {
        let WriteCall::Create { content, .. } = call else {
            panic!("{call:?}");
        };
        let mut offers = lock(&self.offers);
        let row = row(offers.len(), content.fields.clone());
        offers.push(row.clone());
        row
    }

    fn answer(&self, calls: &[WriteCall], lie: Lie) -> Answers<ShownOffer> {
        let old = || lock(&self.offers)[0].clone();
        let refused = |retry| RemoteError {
            message: "refused".into(),
            refusal: if calls.len() > 1 {
                Refusal::Claimed
            } else {
                Refusal::Proven
            },
            retry,
            ..RemoteError::unsupported("")
        };
        let done = match lie {
            Lie::BusyAfter(done) => done,
            Lie::Invalid | Lie::OldAndNothing => 0,
            Lie::No | Lie::Rotated | Lie::SameResult | Lie::Old | Lie::Unknown => calls.len(),
        };
        let made: Vec<Row> = calls
            .iter()
            .take(done)
            .map(|call| self.make(call))
            .collect();
        let answers = calls.iter().enumerate().map(|(index, _)| match lie {
            Lie::No => Ok(made[index].clone()),
            Lie::BusyAfter(_) => Err(refused(Retry::WhenLessBusy)),
            Lie::Invalid => Err(refused(Retry::No)),
            Lie::Rotated => Ok(made[(index + 1) % made.len()].clone()),
            Lie::SameResult => Ok(made[0].clone()),
            Lie::Old | Lie::OldAndNothing => Ok(old()),
            Lie::Unknown => Ok(row(900 + index, offerctl_model::content::Fields::new())),
        });
        answers
            .map(|answer| answer.map(|row| shown(vec![row])))
            .collect()
    }
}

fn row(number: usize, fields: offerctl_model::content::Fields) -> Row {
    Row {
        id: OfferId::new(&format!("A{}_US", 100_000_000 + number)),
        country: Country::new("US"),
        currency: Currency::new("USD"),
        tax_rate: None,
        publisher_email: Some("sales@club.tv".into()),
        created_at: None,
        updated_at: None,
        fields,
    }
}

impl RemoteRead for Service {
    async fn read(
        &self,
        _means: Means<'_>,
        _types: &[OfferType],
        _purpose: Purpose<'_>,
    ) -> Result<Live, FetchError> {
        *lock(&self.looks) += 1;
        Ok(live(&lock(&self.offers)))
    }

    async fn get(&self, calls: &[GetCall]) -> Answers<ShownOffer> {
        let offers = lock(&self.offers);
        let find = |call: &GetCall| {
            let row = offers.iter().find(|row| row.id.same_offer(&call.id));
            let row = row.ok_or_else(|| RemoteError::unsupported("there is none"));
            row.map(|row| shown(vec![row.clone()]))
        };
        calls.iter().map(find).collect()
    }
}

impl RemoteWrite for Service {
    async fn write(&self, calls: &[WriteCall]) -> Answers<ShownOffer> {
        let number = {
            let mut requests = lock(&self.requests);
            requests.push((calls.len(), self.began.elapsed()));
            requests.len() - 1
        };
        sleep(Duration::from_millis(10)).await;
        let lie = self.lies.get(number).copied().unwrap_or(Lie::No);
        self.answer(calls, lie)
    }
}

fn live(offers: &[Row]) -> Live {
    let mut live = Live::new();
    for row in offers {
        live.add(OfferType::Single, true, row.clone());
    }
    live
}

/// What came of applying creates to a shop with one offer.
struct Ran {
    report: Report,
    state: State,
    /// How often each title is on sale, but for the one that was there before.
    titles: BTreeMap<String, usize>,
    requests: Vec<(usize, Duration)>,
    looks: usize,
}

impl Ran {
    /// Everything was made once, and bound to what was made for it.
    #[track_caller]
    fn is_right(&self, names: &[&str]) {
        let once: BTreeMap<String, usize> =
            names.iter().map(|name| ((*name).to_owned(), 1)).collect();
        assert_eq!(self.titles, once);
        for outcome in &self.report.outcomes {
            assert_eq!(outcome.verdict, Verdict::Succeeded, "{outcome:?}");
        }
        assert!(self.state.intents.is_empty());
        assert_eq!(self.state.bindings.len(), names.len());
    }
}

async fn run(names: &[&str], lies: &[Lie]) -> Ran {
    run_plan(&creates(names), lies, 8).await
}

async fn run_plan(plan: &Plan, lies: &[Lie], concurrency: usize) -> Ran {
    let mut old = row(0, offerctl_model::content::Fields::new());
    old.fields.set(
        offerctl_model::field::Field::Title,
        offerctl_model::value::Value::text("old"),
    );
    let service = Service {
        lies: lies.to_vec(),
        offers: Mutex::new(vec![old.clone()]),
        requests: Mutex::default(),
        looks: Mutex::default(),
        began: Instant::now(),
    };
    let store = Script::firm();
    let mut journal = Journal::of_test(&store).await;
    let limits = Limits {
        concurrency,
        settle_milliseconds: u64::try_from(SETTLE.as_millis()).unwrap(),
        patience_milliseconds: 600_000,
        ..Limits::default()
    };
    let (_sender, stop) = watch::channel(false);
    let task = Task {
        plan,
        approved: &[],
        live: &live(std::slice::from_ref(&old)),
        account: &Account::default(),
        limits: &limits,
        nonce: None,
        now: || Moment::EPOCH,
        observer: &|_| {},
        stop,
    };
    let budget = Budget::new(&limits);
    let Applied { report, problem } = apply(task, &service, &budget, &mut journal).await;
    assert!(problem.is_none(), "{problem:?}");
    let offers = lock(&service.offers);
    assert_eq!(offers[0], old, "it belongs to no name here");
    let mut titles = BTreeMap::new();
    for row in &offers[1..] {
        let title = row.fields.text(offerctl_model::field::Field::Title);
        *titles.entry(title.unwrap().to_string()).or_default() += 1;
    }
    let state = journal.state().clone();
    for (name, binding) in &state.bindings {
        let row = offers.iter().find(|row| row.id == binding.id).unwrap();
        let title = row.fields.text(offerctl_model::field::Field::Title);
        assert_eq!(title, Some(&name.as_str().into()), "bound to another offer");
    }
    Ran {
        report,
        state,
        titles,
        requests: lock(&service.requests).clone(),
        looks: *lock(&service.looks),
    }
}

const THREE: [&str; 3] = ["one", "two", "three"];

#[tokio::test(start_paused = true)]
async fn an_honest_service_is_believed() {
    let ran = run(&THREE, &[]).await;
    ran.is_right(&THREE);
    assert_eq!((ran.requests.len(), ran.looks), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn a_refusal_of_several_creates_proves_nothing() {
    for done in 0..=3 {
        let ran = run(&THREE, &[Lie::BusyAfter(done)]).await;
        ran.is_right(&THREE);
        assert_eq!(ran.looks, 1, "one look serves all");
        let sizes: Vec<usize> = ran.requests.iter().map(|(calls, _)| *calls).collect();
        assert_eq!(
            sizes,
            if done == 3 {
                vec![3]
            } else {
                vec![3, 3 - done]
            }
        );
        if let Some((_, at)) = ran.requests.get(1) {
            assert!(
                *at >= SETTLE,
                "what was made late has to show first: {at:?}"
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn after_the_third_refusal_each_create_goes_by_itself() {
    let busy = Lie::BusyAfter(0);
    let ran = run(&THREE, &[busy, busy, busy]).await;
    ran.is_right(&THREE);
    assert_eq!(ran.looks, 3);
    let sizes: Vec<usize> = ran.requests.iter().map(|(calls, _)| *calls).collect();
    assert_eq!(sizes, [3, 3, 3, 1, 1, 1]);
}

#[tokio::test(start_paused = true)]
async fn what_would_be_refused_again_goes_by_itself_at_once() {
    let ran = run(&THREE, &[Lie::Invalid]).await;
    ran.is_right(&THREE);
    let sizes: Vec<usize> = ran.requests.iter().map(|(calls, _)| *calls).collect();
    assert_eq!(sizes, [3, 1, 1, 1]);
}

#[tokio::test(start_paused = true)]
async fn other_work_goes_on_while_creates_are_put_aside() {
    let names: Vec<String> = (0..60).map(|number| format!("offer-{number}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let ran = run_plan(&creates(&names), &[Lie::BusyAfter(7)], 1).await;
    ran.is_right(&names);
    let sizes: Vec<usize> = ran.requests.iter().map(|(calls, _)| *calls).collect();
    assert_eq!(sizes, [25, 25, 10, 18]);
    assert!(ran.requests[2].1 < SETTLE);
    assert_eq!(ran.looks, 1);
}

#[tokio::test(start_paused = true)]
async fn results_of_other_calls_are_not_believed() {
    for lie in [Lie::Rotated, Lie::SameResult, Lie::Old, Lie::Unknown] {
        let ran = run(&THREE, &[lie]).await;
        ran.is_right(&THREE);
        assert_eq!(ran.requests.len(), 1, "{lie:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_create_that_was_answered_with_another_offer_and_never_made_is_sent_again() {
    let ran = run(&THREE, &[Lie::OldAndNothing]).await;
    ran.is_right(&THREE);
    assert_eq!(ran.requests.len(), 2);
    assert!(ran.requests[1].1 >= SETTLE);
    // It lies for ever: nothing is bound, and nothing is made.
    let ran = run(&THREE, &[Lie::OldAndNothing; 9]).await;
    assert!(ran.titles.is_empty() && ran.state.bindings.is_empty());
    assert!(ran.requests.len() <= 6, "{:?}", ran.requests);
}
