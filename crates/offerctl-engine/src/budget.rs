//! One request budget for all that a run sends: [`Budget`].

use std::sync::Mutex;
use std::time::Duration;

use offerctl_core::project::Limits;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::Instant;

/// The longest that a `Retry-After` is obeyed; a service that asks for more is not waited for.
const LONGEST_PAUSE: Duration = Duration::from_mins(2);

/// How many requests may be under way, and how many may begin in a second.
#[derive(Debug)]
pub struct Budget {
    permits: Semaphore,
    /// The time between the beginnings of two requests.
    interval: Option<Duration>,
    gate: Mutex<Gate>,
}

#[derive(Debug)]
struct Gate {
    /// Before this, no request begins: the rate says so.
    next: Instant,
    /// Before this, no request begins: the service says so.
    paused_until: Instant,
}

impl Budget {
    /// Returns a budget within the limits of an environment.
    pub fn new(limits: &Limits) -> Self {
        let now = Instant::now();
        Self {
            permits: Semaphore::new(limits.concurrency.max(1)),
            interval: limits
                .requests_per_second
                .map(|rate| Duration::from_secs(1) / rate.max(1)),
            gate: Mutex::new(Gate {
                next: now,
                paused_until: now,
            }),
        }
    }

    /// Waits until a request may begin; it counts as under way until the permit is dropped.
    ///
    /// # Panics
    ///
    /// Never: the semaphore is not closed, and nothing panics while it holds the gate.
    pub async fn begin(&self) -> SemaphorePermit<'_> {
        let permit = self
            .permits
            .acquire()
            .await
            .expect("the semaphore is never closed");
        loop {
            let begin = {
                let mut gate = self
                    .gate
                    .lock()
                    .expect("nothing panics while it holds the gate");
                let now = Instant::now();
                let earliest = gate.next.max(gate.paused_until);
                if earliest <= now {
                    gate.next = now + self.interval.unwrap_or_default();
                    return permit;
                }
                earliest
            };
            tokio::time::sleep_until(begin).await;
        }
    }

    /// Lets no request begin for a while, because the service asked for it.
    ///
    /// # Panics
    ///
    /// Never: nothing panics while it holds the gate.
    pub fn pause(&self, wait: Duration) {
        let until = Instant::now() + wait.min(LONGEST_PAUSE);
        let mut gate = self
            .gate
            .lock()
            .expect("nothing panics while it holds the gate");
        gate.paused_until = gate.paused_until.max(until);
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
}
