//! The emulator's idea of the time: [`Clock`].

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// Where the emulator reads `createdAt` and `updatedAt` from, in unix seconds.
///
/// Delays and late visibility of faults always follow the real time: they are about waiting, not about dates.
#[derive(Clone, Debug, Default)]
pub enum Clock {
    /// The system's time.
    #[default]
    System,
    /// A time that only moves when it is told to.
    Manual(ManualClock),
}

/// A clock set by hand; clones show the same time.
#[derive(Clone, Debug)]
pub struct ManualClock(Arc<AtomicI64>);

impl Clock {
    /// Returns the current time in unix seconds.
    pub fn now(&self) -> i64 {
        match self {
            Self::System => SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .map_or(0, |since| {
                    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
                }),
            Self::Manual(clock) => clock.now(),
        }
    }
}

impl ManualClock {
    /// Returns a clock that stands at `now`, in unix seconds.
    pub fn at(now: i64) -> Self {
        Self(Arc::new(AtomicI64::new(now)))
    }

    /// Returns the time at which it stands, in unix seconds.
    pub fn now(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }

    /// Moves the clock by that many seconds.
    pub fn advance(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn manual_clock_moves_for_all_its_clones() {
        let manual = ManualClock::at(1_000);
        let clock = Clock::Manual(manual.clone());
        manual.advance(5);
        assert_eq!(clock.now(), 1_005);
    }

    #[test]
    fn system_clock_is_past_the_year_2020() {
        assert!(Clock::System.now() > 1_577_836_800);
    }
}
