//! One request budget for all that a run sends: [`Budget`].
//!
//! A service that answers with HTTP 429 gets one request at a time from then on, no sooner than it says, and only when
//! some have got through more of them. So a storm of refusals costs little more than the requests that are let through.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use offerctl_core::project::Limits;
use tokio::sync::{Notify, Semaphore, SemaphorePermit};
use tokio::time::{Instant, sleep_until};

use crate::random::fraction;
use crate::remote::{Refusal, RemoteError, Retry};

/// The longest that a `Retry-After` is obeyed: who asks for more is asked again after this.
const LONGEST_PAUSE: Duration = Duration::from_mins(2);

/// The pause after the first refusal of a service that does not say how long it is to be; it grows by half from then on.
const FIRST_PAUSE: Duration = Duration::from_millis(100);

/// The longest pause that the service did not ask for.
const LONGEST_OWN_PAUSE: Duration = Duration::from_secs(1);

/// How many pauses of the length that the service asks for are made before it counts as closed.
const PAUSES: u32 = 12;

/// Why nothing more is sent to a service that lets nothing through; see [`Budget::is_closed`].
pub(crate) const CLOSED: &str =
    "the service has too many requests (HTTP 429), and was waited for long enough";

/// How many requests have to get through before twice as many go side by side again.
const PASSED: usize = 10;

/// How many requests may be under way, and when they may begin.
#[derive(Debug)]
pub struct Budget {
    permits: Semaphore,
    concurrency: usize,
    /// The time between the beginnings of two requests.
    interval: Option<Duration>,
    /// How long a service is waited for that lets nothing through.
    patience: Duration,
    /// Longer than any request takes.
    idle: Duration,
    gate: Mutex<Gate>,
    /// A request is through, or more may go.
    changed: Notify,
}

#[derive(Debug)]
struct Gate {
    /// Before this, no request begins: the rate says so.
    next: Instant,
    /// Before this, no request begins: the service says so.
    paused_until: Instant,
    /// How many requests go side by side.
    width: usize,
    under_way: usize,
    /// How many got through since the width last changed.
    passed: usize,
    storm: Option<Storm>,
    /// Whether the service was waited for long enough, so that nothing more is sent to it.
    closed: bool,
    /// Whether people were told that requests are refused: once is enough.
    told: bool,
}

/// Requests are refused, and none has got through since.
#[derive(Debug, Clone, Copy)]
struct Storm {
    began: Instant,
    /// The longest that the service has asked to wait.
    asked: Duration,
    pause: Duration,
}

/// The turn of a request: it counts as under way until this is dropped.
#[derive(Debug)]
pub struct Turn<'b> {
    budget: &'b Budget,
    _permit: SemaphorePermit<'b>,
    slot: Option<Slot<'b>>,
}

#[derive(Debug)]
struct Slot<'b>(&'b Budget);

impl Drop for Slot<'_> {
    fn drop(&mut self) {
        self.0.gate().under_way -= 1;
        self.0.changed.notify_waiters();
    }
}

impl Budget {
    /// Returns a budget within the limits of an environment.
    pub fn new(limits: &Limits) -> Self {
        let now = Instant::now();
        let concurrency = limits.concurrency.max(1);
        let patience = Duration::from_millis(limits.patience_milliseconds);
        Self {
            permits: Semaphore::new(concurrency),
            concurrency,
            interval: limits
                .requests_per_second
                .map(|rate| Duration::from_secs(1) / rate.max(1)),
            patience,
            idle: patience + 2 * Duration::from_millis(limits.timeout_milliseconds),
            gate: Mutex::new(Gate {
                next: now,
                paused_until: now,
                width: concurrency,
                under_way: 0,
                passed: 0,
                storm: None,
                closed: false,
                told: false,
            }),
            changed: Notify::new(),
        }
    }

    /// Waits until a request may begin.
    ///
    /// # Panics
    ///
    /// Never: the semaphore is not closed.
    pub async fn begin(&self) -> Turn<'_> {
        let permit = self
            .permits
            .acquire()
            .await
            .expect("the semaphore is never closed");
        Turn {
            budget: self,
            _permit: permit,
            slot: Some(self.slot().await),
        }
    }

    /// Lets no request begin for a while, because the service asked for it.
    pub fn pause(&self, wait: Duration) {
        let until = Instant::now() + wait.min(LONGEST_PAUSE);
        let mut gate = self.gate();
        gate.paused_until = gate.paused_until.max(until);
    }

    /// Lets no request begin for as long as an answer asks for, if what it answers may go again.
    pub(crate) fn pause_as_asked<T>(&self, answers: &[Result<T, RemoteError>]) {
        let errors = answers.iter().filter_map(|answer| answer.as_ref().err());
        let again = errors.filter(|error| error.is_retryable() && !self.is_closed());
        if let Some(asked) = again.filter_map(|error| error.retry_after).max() {
            self.pause(asked);
        }
    }

    /// Whether the service has let nothing through for so long that nothing more is to be sent to it.
    pub(crate) fn is_closed(&self) -> bool {
        self.gate().closed
    }

    async fn slot(&self) -> Slot<'_> {
        loop {
            // It is told of what changes from here on.
            let changed = self.changed.notified();
            let earliest = {
                let mut gate = self.gate();
                let now = Instant::now();
                let earliest = gate.next.max(gate.paused_until);
                if gate.under_way >= gate.width {
                    None
                } else if earliest <= now {
                    gate.next = now + self.interval.unwrap_or_default();
                    gate.under_way += 1;
                    return Slot(self);
                } else {
                    Some(earliest)
                }
            };
            match earliest {
                Some(earliest) => sleep_until(earliest).await,
                None => changed.await,
            }
        }
    }

    fn passed(&self) {
        let mut gate = self.gate();
        gate.storm = None;
        if gate.width == self.concurrency {
            return;
        }
        gate.passed += 1;
        if gate.passed >= PASSED {
            gate.passed = 0;
            gate.width = (gate.width * 2).min(self.concurrency);
            self.changed.notify_waiters();
        }
    }

    /// Notes that a request was refused.
    fn refused(&self, asked: Option<Duration>) {
        let now = Instant::now();
        let asked = asked.unwrap_or_default().min(LONGEST_PAUSE);
        let mut gate = self.gate();
        gate.width = 1;
        gate.passed = 0;
        if !std::mem::replace(&mut gate.told, true) {
            tracing::warn!("the service has too many requests (HTTP 429), waiting for it");
        }
        // While nothing is sent, nobody waits for the service: what was before is another storm.
        let is_old = now.saturating_duration_since(gate.paused_until) > self.idle;
        let storm = gate.storm.filter(|_| !is_old).unwrap_or(Storm {
            began: now,
            asked,
            pause: FIRST_PAUSE,
        });
        let storm = Storm {
            asked: storm.asked.max(asked),
            ..storm
        };
        gate.storm = Some(storm);
        if now >= storm.began + self.patience.max(storm.asked * PAUSES) {
            gate.closed = true;
            return;
        }
        // Those that were under way with one that was refused tell nothing new.
        if gate.paused_until <= now {
            let pause = storm.pause.mul_f64(0.75 + fraction() / 2.0).max(asked);
            gate.paused_until = now + pause;
            gate.storm = Some(Storm {
                pause: storm.pause.mul_f64(1.5).min(LONGEST_OWN_PAUSE),
                ..storm
            });
        } else {
            gate.paused_until = gate.paused_until.max(now + asked);
        }
    }

    fn gate(&self) -> MutexGuard<'_, Gate> {
        // Nothing panics while it holds the gate.
        self.gate.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Turn<'_> {
    /// Takes in what came of the request, and tells whether it is to be sent again.
    ///
    /// A request of which the service had too many is, and this waits until it may be: unless the service was waited
    /// for long enough, see [`Budget::is_closed`].
    pub(crate) async fn goes_again<T>(&mut self, answers: &[Result<T, RemoteError>]) -> bool {
        if !self.take_in(answers) {
            return false;
        }
        self.slot = None;
        self.slot = Some(self.budget.slot().await);
        !self.budget.is_closed()
    }

    /// Takes in what came of the request, and tells whether the service had too many requests, and is waited for.
    pub(crate) fn take_in<T>(&self, answers: &[Result<T, RemoteError>]) -> bool {
        let is_busy = |answer: &Result<T, RemoteError>| {
            // What may have been done is not sent again, whatever a later look at it met with.
            let error = answer.as_ref().err();
            error.is_some_and(|error| {
                error.retry == Retry::WhenLessBusy && error.refusal != Refusal::None
            })
        };
        if answers.is_empty() || !answers.iter().all(is_busy) {
            // A time-out or a broken connection tells nothing about how busy it is.
            let is_answer = |answer: &Result<T, RemoteError>| {
                let error = answer.as_ref().err();
                error.is_none_or(|error| error.retry == Retry::No)
            };
            if answers.iter().any(is_answer) {
                self.budget.passed();
            }
            return false;
        }
        let refusals = answers.iter().filter_map(|answer| answer.as_ref().err());
        self.budget
            .refused(refusals.filter_map(|error| error.retry_after).max());
        !self.budget.is_closed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(concurrency: usize, requests_per_second: Option<u32>) -> Limits {
        Limits {
            concurrency,
            requests_per_second,
            ..Limits::default()
        }
    }

    #[tokio::test(start_paused = true)]
    async fn requests_begin_at_the_rate() {
        let budget = Budget::new(&limits(8, Some(10)));
        let start = Instant::now();
        for _ in 0..5 {
            drop(budget.begin().await);
        }
        assert!(start.elapsed() >= Duration::from_millis(400));
        assert!(start.elapsed() < Duration::from_millis(500));
    }

    #[tokio::test(start_paused = true)]
    async fn no_more_requests_are_under_way_than_allowed() {
        let budget = Budget::new(&limits(1, None));
        let first = budget.begin().await;
        let second = tokio::time::timeout(Duration::from_secs(1), budget.begin()).await;
        assert!(second.is_err());
        drop(first);
        drop(budget.begin().await);
    }

    #[tokio::test(start_paused = true)]
    async fn a_pause_holds_every_request_back() {
        let budget = Budget::new(&limits(8, None));
        budget.pause(Duration::from_secs(3));
        let start = Instant::now();
        drop(budget.begin().await);
        assert!(start.elapsed() >= Duration::from_secs(3));
        budget.pause(Duration::from_secs(100_000));
        drop(budget.begin().await);
        assert!(start.elapsed() < Duration::from_secs(200));
    }

    type Answered = [Result<(), RemoteError>; 1];

    /// Whether a request that was answered like this goes again.
    async fn goes_again(turn: &mut Turn<'_>, answered: Answered) -> bool {
        turn.goes_again(&answered).await
    }

    const THROUGH: Answered = [Ok(())];

    fn too_many(retry_after: Option<Duration>) -> Answered {
        [Err(RemoteError {
            retry: Retry::WhenLessBusy,
            retry_after,
            ..RemoteError::unsupported("too many requests")
        })]
    }

    #[tokio::test(start_paused = true)]
    async fn a_refusal_lets_one_go_at_a_time_until_some_got_through() {
        let budget = Budget::new(&limits(8, None));
        let mut refused = budget.begin().await;
        let asked = Some(Duration::from_secs(3));
        let start = Instant::now();
        assert!(goes_again(&mut refused, too_many(asked)).await);
        assert!(start.elapsed() >= Duration::from_secs(3));
        let second = tokio::time::timeout(Duration::from_secs(1), budget.begin()).await;
        assert!(second.is_err(), "two at once");
        assert!(!goes_again(&mut refused, THROUGH).await);
        drop(refused);
        for _ in 1..PASSED {
            let mut turn = budget.begin().await;
            assert!(!goes_again(&mut turn, THROUGH).await);
        }
        let two = (budget.begin().await, budget.begin().await);
        let third = tokio::time::timeout(Duration::from_secs(1), budget.begin()).await;
        assert!(third.is_err(), "three at once");
        drop(two);
    }

    #[tokio::test(start_paused = true)]
    async fn a_service_that_lets_nothing_through_is_waited_for_as_long_as_said_and_no_longer() {
        let second = Some(Duration::from_secs(1));
        for (first, then, least, most) in [
            (None, None, 5, 8),
            (second, second, 12, 14),
            // What it asks for later counts as well.
            (None, second, 12, 14),
        ] {
            let budget = Budget::new(&Limits {
                patience_milliseconds: 5_000,
                ..limits(8, None)
            });
            let mut turn = budget.begin().await;
            let start = Instant::now();
            let mut sent = 1;
            let mut asked = first;
            while goes_again(&mut turn, too_many(asked)).await {
                asked = then;
                sent += 1;
            }
            assert!(budget.is_closed());
            let took = start.elapsed().as_secs();
            assert!((least..=most).contains(&took), "{took} s");
            assert!((8..=20).contains(&sent), "{sent} requests");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_service_is_waited_for_only_while_something_is_sent_to_it() {
        let limits = limits(8, None);
        let budget = Budget::new(&limits);
        let mut turn = budget.begin().await;
        assert!(goes_again(&mut turn, too_many(None)).await);
        drop(turn);
        let idle = limits.patience_milliseconds + 2 * limits.timeout_milliseconds;
        tokio::time::sleep(Duration::from_millis(idle + 1_000)).await;
        let mut turn = budget.begin().await;
        assert!(goes_again(&mut turn, too_many(None)).await);
    }

    #[tokio::test(start_paused = true)]
    async fn what_may_have_been_done_does_not_go_again() {
        let budget = Budget::new(&limits(8, None));
        let mut turn = budget.begin().await;
        let mut answered = too_many(None);
        answered[0].as_mut().unwrap_err().refusal = Refusal::None;
        assert!(!goes_again(&mut turn, answered).await);
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_refused_together_counts_once() {
        let budget = Budget::new(&limits(8, None));
        let mut turns = Vec::new();
        for _ in 0..8 {
            turns.push(budget.begin().await);
        }
        let start = Instant::now();
        let again = turns.iter_mut().map(async |turn| {
            let goes_again = goes_again(turn, too_many(None)).await;
            turn.slot = None;
            goes_again
        });
        let again = futures_util::future::join_all(again).await;
        assert!(again.iter().all(|goes_again| *goes_again));
        assert!(start.elapsed() < FIRST_PAUSE * 2);
    }
}
