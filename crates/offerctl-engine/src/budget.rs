//! One request budget for all that a run sends: [`Budget`].
//!
//! A service that answers with HTTP 429 gets one request at a time from then on, no sooner than it says, and only when
//! some have got through more of them. So a storm of refusals costs little more than the requests that are let through.
//!
//! A service that lets nothing through is waited for as long as `patienceSeconds` says, and no longer: what asks for a
//! wait that ends later than that closes the budget at once.

mod wait;

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use offerctl_manifest::project::Limits;
use tokio::sync::{Notify, Semaphore, SemaphorePermit};
use tokio::time::{Instant, sleep_until};

use self::wait::{Asked, Busy, Storm};
use crate::answer::{Refusal, RemoteError, Retry};
use crate::obstacle::Obstacle;

pub(crate) use self::wait::in_seconds;

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
    /// The most offers that are read.
    max_offers: usize,
    /// Longer than any request takes.
    idle: Duration,
    gate: Mutex<Gate>,
    /// A request is through, more may go, or none may any more.
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
    /// Why nothing more is sent to the service, if that is so.
    closed: Option<String>,
    /// The longest wait that people were told of.
    told: Option<Duration>,
    /// What a request last failed with.
    trouble: Option<(String, Obstacle)>,
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
            max_offers: limits.max_offers,
            idle: patience + 2 * Duration::from_millis(limits.timeout_milliseconds),
            gate: Mutex::new(Gate {
                next: now,
                paused_until: now,
                width: concurrency,
                under_way: 0,
                passed: 0,
                storm: None,
                closed: None,
                told: None,
                trouble: None,
            }),
            changed: Notify::new(),
        }
    }

    /// How long a service is waited for that lets nothing through, and how long reading the catalogue may take.
    pub(crate) fn patience(&self) -> Duration {
        self.patience
    }

    /// The most offers that are read.
    pub(crate) fn max_offers(&self) -> usize {
        self.max_offers
    }

    /// Waits until a request may begin; at once, if no request may any more ([`Budget::is_closed`]).
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

    /// Lets no request begin for a while, but never for longer than the patience.
    pub fn pause(&self, wait: Duration) {
        let until = Instant::now() + wait.min(self.patience);
        let mut gate = self.gate();
        gate.paused_until = gate.paused_until.max(until);
    }

    /// Lets no request begin for as long as an answer asks for, if what it answers may go again.
    pub(crate) fn pause_as_asked<T>(&self, answers: &[Result<T, RemoteError>]) {
        let errors = answers.iter().filter_map(|answer| answer.as_ref().err());
        let again = errors.filter(|error| error.is_retryable());
        if let Some(error) = again.max_by_key(|error| error.retry_after) {
            self.asked_to_wait(error);
        }
    }

    /// Whether nothing more is to be sent to the service: it has let nothing through for as long as it is waited for, or
    /// asks for a longer wait.
    pub(crate) fn is_closed(&self) -> bool {
        self.gate().closed.is_some()
    }

    /// Why nothing more is to be sent to the service, if that is so.
    pub(crate) fn closed(&self) -> Option<String> {
        self.gate().closed.clone()
    }

    /// Notes what a request failed with, or that none has yet.
    pub(crate) fn note_trouble(&self, trouble: Option<(String, Obstacle)>) {
        self.gate().trouble = trouble;
    }

    /// What a request last failed with.
    pub(crate) fn trouble(&self) -> Option<(String, Obstacle)> {
        self.gate().trouble.clone()
    }

    async fn slot(&self) -> Slot<'_> {
        loop {
            // It is told of what changes from here on.
            let changed = self.changed.notified();
            let earliest = {
                let mut gate = self.gate();
                let now = Instant::now();
                let earliest = gate.next.max(gate.paused_until);
                if gate.closed.is_some() {
                    gate.under_way += 1;
                    return Slot(self);
                }
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
                Some(earliest) => tokio::select! {
                    () = sleep_until(earliest) => {}
                    () = changed => {}
                },
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

    /// Notes that a request was refused because there are too many.
    fn refused(&self, asked: Option<Duration>) {
        let now = Instant::now();
        let mut gate = self.gate();
        gate.width = 1;
        gate.passed = 0;
        gate.trouble = Some((Busy::TooMany.to_string(), Obstacle::TooManyRequests));
        let asked = Asked {
            wait: asked.unwrap_or_default(),
            by: Busy::TooMany,
        };
        let Some(mut storm) = self.wait_or_close(&mut gate, &asked) else {
            return;
        };
        // Those that were under way with one that was refused tell nothing new.
        if gate.paused_until <= now {
            let left = storm.left(self.patience, now);
            gate.paused_until = now + storm.next_pause().max(asked.wait).min(left);
        } else {
            gate.paused_until = gate.paused_until.max(now + asked.wait);
        }
        gate.storm = Some(storm);
    }

    /// Notes that a service that failed otherwise asks to wait.
    fn asked_to_wait(&self, error: &RemoteError) {
        let Some(wait) = error.retry_after.filter(|wait| !wait.is_zero()) else {
            return;
        };
        let by = match error.retry {
            Retry::WhenLessBusy => Busy::TooMany,
            Retry::No | Retry::Later | Retry::InParts => Busy::Failed(error.message.to_string()),
        };
        let mut gate = self.gate();
        let asked = Asked { wait, by };
        if let Some(storm) = self.wait_or_close(&mut gate, &asked) {
            gate.storm = Some(storm);
            gate.paused_until = gate.paused_until.max(Instant::now() + wait);
        }
    }

    /// Returns the storm that a wait belongs to and tells people of the wait; `None` if nothing is waited for any more.
    fn wait_or_close(&self, gate: &mut Gate, asked: &Asked) -> Option<Storm> {
        if gate.closed.is_some() {
            return None;
        }
        let now = Instant::now();
        // While nothing is sent, nobody waits for the service: what was before is another storm.
        let is_old = now.saturating_duration_since(gate.paused_until) > self.idle;
        let storm = gate.storm.filter(|_| !is_old);
        let storm = storm.unwrap_or_else(|| Storm::new(now));
        let left = storm.left(self.patience, now);
        if let Some(reason) = asked.is_too_long((left, self.patience)) {
            gate.closed = Some(reason);
            self.changed.notify_waiters();
            return None;
        }
        if gate.told.is_none_or(|told| asked.wait > told) {
            gate.told = Some(asked.wait);
            tracing::warn!("{asked}");
        }
        Some(storm)
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
                error.is_none_or(|error| matches!(error.retry, Retry::No | Retry::InParts))
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
mod tests;
