//! How long a service asks to wait: the `Retry-After` header.

use std::time::{Duration, SystemTime};

/// Reads a `Retry-After` header: seconds, or the date at which to come back.
///
/// A date is measured from the answer's own `Date`, so that a clock that is wrong here does no
/// harm; without one, from `now`. A date that has passed means "at once". What is neither is
/// ignored.
pub(crate) fn parse(
    retry_after: Option<&str>,
    date: Option<&str>,
    now: SystemTime,
) -> Option<Duration> {
    let text = retry_after?.trim();
    if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
        // More seconds than a number holds are as good as the largest number.
        return Some(Duration::from_secs(text.parse().unwrap_or(u64::MAX)));
    }
    let at = httpdate::parse_http_date(text).ok()?;
    let sent = date
        .and_then(|date| httpdate::parse_http_date(date.trim()).ok())
        .unwrap_or(now);
    Some(at.duration_since(sent).unwrap_or(Duration::ZERO))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checks against a local clock that stands at 2015-05-15 15:34:21.
    fn check(retry_after: &str, date: Option<&str>, expect: Option<u64>) {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_431_704_061);
        assert_eq!(
            parse(Some(retry_after), date, now),
            expect.map(Duration::from_secs),
            "{retry_after}"
        );
    }

    #[test]
    fn seconds_are_seconds() {
        check("120", None, Some(120));
        check(" 0 ", None, Some(0));
        check("99999999999999999999", None, Some(u64::MAX));
    }

    #[test]
    fn a_date_counts_from_the_answers_date() {
        check(
            "Fri, 15 May 2015 15:35:21 GMT",
            Some("Fri, 15 May 2015 15:35:11 GMT"),
            Some(10),
        );
    }

    #[test]
    fn a_date_counts_from_the_clock_where_the_answer_has_none() {
        check("Fri, 15 May 2015 15:35:21 GMT", None, Some(60));
        check("Fri, 15 May 2015 15:35:21 GMT", Some("today"), Some(60));
    }

    #[test]
    fn a_date_in_the_past_is_now() {
        check("Fri, 15 May 2015 15:34:20 GMT", None, Some(0));
    }

    #[test]
    fn anything_else_is_ignored() {
        for text in ["", "soon", "-1", "1.5", "+3"] {
            check(text, None, None);
        }
        assert_eq!(parse(None, None, SystemTime::UNIX_EPOCH), None);
    }
}
