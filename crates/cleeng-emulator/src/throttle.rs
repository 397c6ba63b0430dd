//! A service that gets too many requests: [`Throttle`].

use std::num::NonZeroU32;
use std::str::FromStr;
use std::time::{Duration, Instant};

use thiserror::Error;

/// Which requests are let through; the others are answered with HTTP 429, and nothing of them takes effect.
///
/// The service documents neither a number nor a window (docs/cleeng-api.md §1.4), so these are the two that are hard on clients
/// in different ways.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Throttle {
    /// So many in each second. The others are told with `Retry-After` to come back a second later.
    PerSecond(NonZeroU32),
    /// One out of so many, the last of them. The others are not told when to come back.
    OneIn(NonZeroU32),
}

/// The text is no throttle.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "`{0}` is no throttle; write 10/s for ten requests in each second, or 1/10 for every tenth"
)]
pub struct ParseThrottleError(pub String);

impl FromStr for Throttle {
    type Err = ParseThrottleError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let throttle = match text.split_once('/') {
            Some(("1", count)) if count != "s" => count.parse().map(Self::OneIn),
            Some((count, "s")) => count.parse().map(Self::PerSecond),
            _ => return Err(ParseThrottleError(text.to_owned())),
        };
        throttle.map_err(|_| ParseThrottleError(text.to_owned()))
    }
}

/// How long a second is, for who counts requests.
const SECOND: Duration = Duration::from_secs(1);

/// Counts requests.
#[derive(Debug)]
pub(crate) struct Turnstile {
    throttle: Option<Throttle>,
    /// When the second began that is counted.
    since: Instant,
    count: u32,
}

/// A request is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooMany {
    /// When to come back, in seconds.
    pub(crate) retry_after: Option<u64>,
}

impl Turnstile {
    pub(crate) fn new(throttle: Option<Throttle>) -> Self {
        Self {
            throttle,
            since: Instant::now(),
            count: 0,
        }
    }

    /// Counts a request.
    pub(crate) fn pass(&mut self, now: Instant) -> Result<(), TooMany> {
        let (may, retry_after) = match self.throttle {
            None => (true, None),
            Some(Throttle::PerSecond(most)) => {
                if now.duration_since(self.since) >= SECOND {
                    (self.since, self.count) = (now, 0);
                }
                self.count = self.count.saturating_add(1);
                (self.count <= most.get(), Some(SECOND.as_secs()))
            }
            Some(Throttle::OneIn(every)) => {
                self.count = (self.count + 1) % every.get();
                (self.count == 0, None)
            }
        };
        if may {
            Ok(())
        } else {
            Err(TooMany { retry_after })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(throttle: &str, milliseconds: &[u64], passed: &[bool]) {
        let start = Instant::now();
        let mut turnstile = Turnstile {
            throttle: Some(throttle.parse().unwrap()),
            since: start,
            count: 0,
        };
        let found: Vec<bool> = milliseconds
            .iter()
            .map(|after| {
                let now = start + Duration::from_millis(*after);
                turnstile.pass(now).is_ok()
            })
            .collect();
        assert_eq!(found, passed);
    }

    #[test]
    fn so_many_pass_in_each_second() {
        check(
            "2/s",
            &[0, 10, 20, 990, 1000, 1001, 1002],
            &[true, true, false, false, true, true, false],
        );
    }

    #[test]
    fn every_so_manyeth_passes() {
        check(
            "1/3",
            &[0; 7],
            &[false, false, true, false, false, true, false],
        );
        check("1/1", &[0; 3], &[true; 3]);
    }

    #[test]
    fn anything_else_is_no_throttle() {
        for text in [
            "", "10", "s", "0/s", "-1/s", "1/0", "2/10", "1/", "/s", "10/m",
        ] {
            assert!(text.parse::<Throttle>().is_err(), "{text}");
        }
    }
}
