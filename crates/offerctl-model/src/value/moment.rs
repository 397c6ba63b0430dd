//! Moments: [`Moment`].

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A moment, to the second, as the API counts them: unix seconds (docs/cleeng-api.md §2.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Moment(i64);

/// Why a text is not a [`Moment`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MomentError {
    /// It has no offset from UTC, so it could be many moments.
    #[error("the time has no offset from UTC")]
    NoOffset,
    /// It has a part of a second, which the API cannot keep.
    #[error("the time has a fraction of a second")]
    Fraction,
    /// It is in milliseconds, as JavaScript counts.
    #[error("the time seems to be in milliseconds")]
    Milliseconds,
    /// It is nothing that is known.
    #[error("not a time")]
    Form,
}

impl Moment {
    /// The beginning of unix time.
    pub const EPOCH: Self = Self(0);

    /// The last second of the year 9999, after which nothing is written as RFC 3339.
    const LAST: i64 = 253_402_207_200;

    /// Takes unix seconds; `None` if they are negative or after the year 9999.
    pub fn from_unix(seconds: i64) -> Option<Self> {
        (0..=Self::LAST).contains(&seconds).then_some(Self(seconds))
    }

    /// Unix seconds.
    pub fn unix(self) -> i64 {
        self.0
    }

    /// Writes RFC 3339 with the offset that a time zone has at this moment; `None` if there is no such zone.
    pub fn in_zone(self, zone: &str) -> Option<String> {
        let zone = jiff::tz::TimeZone::get(zone).ok()?;
        let timestamp = jiff::Timestamp::from_second(self.0).ok()?;
        Some(
            timestamp
                .display_with_offset(zone.to_offset(timestamp))
                .to_string(),
        )
    }

    /// Writes RFC 3339 with the offset of a time that is written so; `None` if it has none.
    pub fn with_offset_of(self, text: &str) -> Option<String> {
        let timestamp = jiff::Timestamp::from_second(self.0).ok()?;
        let pieces = jiff::fmt::temporal::Pieces::parse(text).ok()?;
        let offset = pieces.to_numeric_offset()?;
        Some(timestamp.display_with_offset(offset).to_string())
    }

    /// The moment this many seconds later.
    #[must_use]
    pub fn after(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds).clamp(0, Self::LAST))
    }
}

impl FromStr for Moment {
    type Err = MomentError;

    fn from_str(text: &str) -> Result<Self, MomentError> {
        if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
            let seconds = text.parse::<i64>().map_err(|_| MomentError::Form)?;
            return Self::from_unix(seconds).ok_or(MomentError::Milliseconds);
        }
        let Ok(timestamp) = text.parse::<jiff::Timestamp>() else {
            let local = text.parse::<jiff::civil::DateTime>().is_ok()
                || text.parse::<jiff::civil::Date>().is_ok();
            return Err(if local {
                MomentError::NoOffset
            } else {
                MomentError::Form
            });
        };
        if timestamp.subsec_nanosecond() != 0 {
            return Err(MomentError::Fraction);
        }
        Self::from_unix(timestamp.as_second()).ok_or(MomentError::Form)
    }
}

impl fmt::Display for Moment {
    /// Writes RFC 3339 in UTC.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_second(self.0) {
            Ok(timestamp) => formatter.pad(&timestamp.to_string()),
            Err(_) => write!(formatter, "{}", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_moment_has_many_spellings() {
        let unix: Moment = "1999999990".parse().unwrap();
        assert_eq!("2033-05-18T03:33:10Z".parse::<Moment>().unwrap(), unix);
        assert_eq!("2033-05-18T05:33:10+02:00".parse::<Moment>().unwrap(), unix);
        assert_eq!(unix.to_string(), "2033-05-18T03:33:10Z");
    }

    #[test]
    fn what_is_no_single_moment_is_refused() {
        let error = |text: &str| text.parse::<Moment>().unwrap_err();
        assert_eq!(error("2033-05-18T03:33:10"), MomentError::NoOffset);
        assert_eq!(error("2033-05-18"), MomentError::NoOffset);
        assert_eq!(error("2033-05-18T03:33:10.5Z"), MomentError::Fraction);
        assert_eq!(error("1999999990000"), MomentError::Milliseconds);
        for text in ["", "soon", "-1", "12:00", "1e9", "99999999999999999999"] {
            assert_eq!(error(text), MomentError::Form, "{text}");
        }
    }

    #[test]
    fn the_last_moment_can_be_written() {
        let last = Moment::from_unix(Moment::LAST).unwrap();
        assert_eq!(last.to_string().parse::<Moment>().unwrap(), last);
        assert_eq!(last.after(i64::MAX), last);
    }
}
