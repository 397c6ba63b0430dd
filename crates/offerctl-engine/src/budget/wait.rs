//! How long a service that lets nothing through is waited for: [`Storm`] and [`Asked`].

use std::fmt;
use std::time::Duration;

use tokio::time::Instant;

use crate::random::fraction;

/// The pause after the first refusal of a service that does not say how long it is to be; it grows by half from then on.
pub(super) const FIRST_PAUSE: Duration = Duration::from_millis(100);

/// The longest pause that the service did not ask for.
const LONGEST_OWN_PAUSE: Duration = Duration::from_secs(1);

/// The service lets nothing through, and has not since this began.
#[derive(Debug, Clone, Copy)]
pub(super) struct Storm {
    began: Instant,
    pause: Duration,
}

impl Storm {
    /// Begins now.
    pub(super) fn new(now: Instant) -> Self {
        Self {
            began: now,
            pause: FIRST_PAUSE,
        }
    }

    /// How much is left of the patience.
    pub(super) fn left(&self, patience: Duration, now: Instant) -> Duration {
        patience.saturating_sub(now.saturating_duration_since(self.began))
    }

    /// A pause that the service did not ask for; the next one is longer.
    pub(super) fn next_pause(&mut self) -> Duration {
        let pause = self.pause.mul_f64(0.75 + fraction() / 2.0);
        self.pause = self.pause.mul_f64(1.5).min(LONGEST_OWN_PAUSE);
        pause
    }
}

/// Why a service is waited for.
#[derive(Debug, Clone)]
pub(super) enum Busy {
    /// It has too many requests.
    TooMany,
    /// It failed otherwise, as this message says.
    Failed(String),
}

impl fmt::Display for Busy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::TooMany => "the service has too many requests (HTTP 429)",
            Self::Failed(_) => "the service is not available",
        })
    }
}

/// A wait that the service asks for; zero if it does not say how long.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) wait: Duration,
    pub(super) by: Busy,
}

impl Asked {
    /// Why this is not waited for, if it takes more than what is left of the patience.
    pub(super) fn is_too_long(&self, (left, patience): (Duration, Duration)) -> Option<String> {
        if !left.is_zero() && self.wait <= left {
            return None;
        }
        let (wait, limit) = (in_seconds(self.wait), in_seconds(patience));
        let limit = if self.wait <= patience && !left.is_zero() {
            format!("{limit}, of which {} is left", in_seconds(left))
        } else {
            limit
        };
        Some(match (&self.by, self.wait.is_zero() || left.is_zero()) {
            (Busy::TooMany, true) => format!(
                "the service has too many requests (HTTP 429), and let nothing through within {limit} (patienceSeconds)"
            ),
            (Busy::TooMany, false) => format!(
                "the service asks to wait {wait} (HTTP 429), longer than patienceSeconds allows ({limit})"
            ),
            (Busy::Failed(message), true) => format!(
                "the service let nothing through within {limit} (patienceSeconds): {message}"
            ),
            (Busy::Failed(message), false) => format!(
                "the service asks to wait {wait}, longer than patienceSeconds allows ({limit}): {message}"
            ),
        })
    }
}

impl fmt::Display for Asked {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.wait.is_zero() {
            write!(formatter, "{}; waiting for it", self.by)
        } else {
            let wait = in_seconds(self.wait);
            write!(formatter, "{}; waiting {wait} as it asks", self.by)
        }
    }
}

/// A length of time as people read it: `12 s`, `0.25 s`.
pub(crate) fn in_seconds(time: Duration) -> String {
    let millis = time.subsec_millis();
    if millis == 0 || time.as_secs() >= 60 {
        return format!("{} s", time.as_secs());
    }
    let text = format!("{}.{millis:03}", time.as_secs());
    format!("{} s", text.trim_end_matches('0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_of_time_is_short() {
        for (millis, expect) in [
            (0, "0 s"),
            (250, "0.25 s"),
            (1_000, "1 s"),
            (1_500, "1.5 s"),
            (59_999, "59.999 s"),
            (300_400, "300 s"),
        ] {
            assert_eq!(in_seconds(Duration::from_millis(millis)), expect);
        }
    }
}
