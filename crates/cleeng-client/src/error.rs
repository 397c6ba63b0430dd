//! Why a call brought no result, and what that says about the service: [`Error`].

mod detail;

use std::{fmt, sync::Arc, time::Duration};

pub use self::detail::{ApiError, DecodeError, StatusError, TransportError};

/// Why one call brought no result.
///
/// It is cheap to clone, since one broken answer fails every call of a batch alike. Nothing in it
/// (`Display`, `Debug`, its sources) contains the publisher token.
#[derive(Clone, Debug)]
pub struct Error {
    operation: &'static str,
    failure: Arc<Failure>,
    /// Whether it is the failure of a request with other calls.
    is_shared: bool,
}

/// What happened to a request, or to one call in it.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) http_status: Option<u16>,
    pub(crate) kind: ErrorKind,
}

/// What happened, in the order in which a call can fail.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The request could not be written as JSON; nothing was sent.
    #[error("the request could not be written")]
    Encode(#[source] serde_json::Error),
    /// An earlier request of the same batch brought no proper answer, so this call was never sent.
    #[error("it was not sent, since an earlier request of its batch brought no proper answer")]
    Skipped,
    /// The [`Gate`](crate::Gate) was shut when the request was to be written: no byte of its body was, so that it was never whole
    /// and nothing can have been carried out.
    #[error("it was held back, since it was no longer certain that it may be sent")]
    Withheld,
    /// No connection came about: the name was not found, the connection was refused or timed out,
    /// TLS failed, or a proxy refused the tunnel. Nothing was sent.
    #[error("no connection to the service could be made")]
    Connect(#[source] TransportError),
    /// The time for the whole request was up; the service may or may not have acted.
    #[error("no answer came in time")]
    Timeout(#[source] TransportError),
    /// The connection broke after the request may have been sent, or while the answer came.
    #[error("the connection broke before the answer was complete")]
    Interrupted(#[source] TransportError),
    /// The answer has a HTTP status that brings no result: another than 2xx, over REST than 200,
    /// 201 and 204. Redirects are not followed, so 3xx is one of these.
    #[error("the service answered with {0}")]
    Status(StatusError),
    /// The offer is no longer the version that the write named (`If-Match`): HTTP status 412 to a
    /// request with a condition. A write whose condition fails is not carried out (RFC 9110
    /// §13.1.1). The same status without a condition is [`ErrorKind::Status`].
    #[error("the offer was changed in the meantime: {0}")]
    VersionMismatch(StatusError),
    /// The answer is longer than the client is willing to read.
    #[error("the answer is longer than {limit} bytes")]
    TooLong {
        /// The limit, in bytes ([`Config::max_answer_bytes`](crate::Config::max_answer_bytes)).
        limit: usize,
    },
    /// The answer is not what the API promises.
    #[error("the answer could not be read: {0}")]
    Unreadable(DecodeError),
    /// The service answered with an error object that belongs to no call: where it should have
    /// sent an array, or with an id that is none of ours.
    #[error("the service answered with an error for no call in particular: {0}")]
    Unassigned(ApiError),
    /// The answer has no member for this call.
    #[error("the answer has no member for this call")]
    Missing,
    /// The answer has several members for this call.
    #[error("the answer has several members for this call")]
    Repeated,
    /// The call's member has both a result and an error.
    #[error("the answer has both a result and an error: {0}")]
    Contradictory(ApiError),
    /// The call's member has neither a result nor an error.
    #[error("the answer has neither a result nor an error")]
    Empty,
    /// The service refused this call: its own member of the answer is an error.
    #[error("the service refused it: {0}")]
    Refused(ApiError),
    /// The ticket is not of this batch. Only a mistake in the calling program brings this about.
    #[error("the ticket belongs to another batch")]
    ForeignTicket,
}

impl Error {
    pub(crate) fn new(operation: &'static str, failure: impl Into<Arc<Failure>>) -> Self {
        Self {
            operation,
            failure: failure.into(),
            is_shared: false,
        }
    }

    /// The failure of a request that carried other calls as well.
    pub(crate) fn shared(self) -> Self {
        Self {
            is_shared: true,
            ..self
        }
    }

    /// Returns what was called, as the service spells it: `createPassOffer`, over REST
    /// `PATCH /offers/{offerId}`.
    pub fn operation(&self) -> &'static str {
        self.operation
    }

    /// Returns what happened.
    pub fn kind(&self) -> &ErrorKind {
        &self.failure.kind
    }

    /// Returns the HTTP status, if an answer began to arrive.
    pub fn http_status(&self) -> Option<u16> {
        self.failure.http_status
    }

    /// Returns the error object that the service sent, if it sent one.
    ///
    /// Whose it is depends on [`Error::kind`]: only in [`ErrorKind::Refused`] does it answer this call.
    pub fn api_error(&self) -> Option<&ApiError> {
        match self.kind() {
            ErrorKind::Refused(error)
            | ErrorKind::Unassigned(error)
            | ErrorKind::Contradictory(error) => Some(error),
            ErrorKind::Encode(_)
            | ErrorKind::Skipped
            | ErrorKind::Withheld
            | ErrorKind::Connect(_)
            | ErrorKind::Timeout(_)
            | ErrorKind::Interrupted(_)
            | ErrorKind::Status(_)
            | ErrorKind::VersionMismatch(_)
            | ErrorKind::TooLong { .. }
            | ErrorKind::Unreadable(_)
            | ErrorKind::Missing
            | ErrorKind::Repeated
            | ErrorKind::Empty
            | ErrorKind::ForeignTicket => None,
        }
    }

    /// Returns the answer whose HTTP status says that there is no result, if it is one.
    pub fn status_error(&self) -> Option<&StatusError> {
        if let ErrorKind::Status(error) | ErrorKind::VersionMismatch(error) = self.kind() {
            Some(error)
        } else {
            None
        }
    }

    /// Returns whether a conditional write came too late: the offer was changed in the meantime.
    pub fn is_version_mismatch(&self) -> bool {
        matches!(self.kind(), ErrorKind::VersionMismatch(_))
    }

    /// Whether the service has too many requests at the moment (HTTP 429; docs/cleeng-api.md §1.4).
    pub fn is_too_many_requests(&self) -> bool {
        self.status_error().is_some_and(|error| error.status == 429)
    }

    /// Returns how long the service asks to wait, if it says so (`Retry-After`).
    ///
    /// It can be any length, also a year: whoever waits sets the bound.
    pub fn retry_after(&self) -> Option<Duration> {
        self.status_error()?.retry_after
    }

    /// Returns whether it is proven that the service did not act on the call.
    ///
    /// | what happened | proven |
    /// |---|---|
    /// | never sent: [`Encode`](ErrorKind::Encode), [`Skipped`](ErrorKind::Skipped), [`Withheld`](ErrorKind::Withheld), [`Connect`](ErrorKind::Connect) | yes |
    /// | HTTP status 400, 401, 403, 404, 413, 422, 429 to a request with this call alone | yes |
    /// | the same to a request with several calls: some may have been carried out before it was refused ([`Error::is_claimed_refused`]) | no |
    /// | HTTP status 412 to a write with a condition: [`VersionMismatch`](ErrorKind::VersionMismatch) | yes |
    /// | the call's own member is an error with a code from 1 to 16, −32600, −32601, −32602 or −32700 | yes |
    /// | any other status: 3xx, 408, 412 without a condition, 5xx, … | no |
    /// | any other code, or none: −32000, −32603, 999, … | no |
    /// | a time-out or a broken connection after the connection stood | no |
    /// | an answer that is too long, unreadable, missing, repeated, contradictory or empty | no |
    /// | an error object that belongs to no call, or one in the place of the array | no |
    ///
    /// Where this says no, a write may have taken effect. A create must then be looked for, never
    /// repeated blindly: the API has no idempotency key (docs/cleeng-api.md §1.4).
    pub fn is_proven_refused(&self) -> bool {
        match self.kind() {
            ErrorKind::Encode(_)
            | ErrorKind::Skipped
            | ErrorKind::Withheld
            | ErrorKind::Connect(_)
            | ErrorKind::VersionMismatch(_) => true,
            ErrorKind::Status(error) => !self.is_shared && is_refusing(error.status),
            ErrorKind::Refused(error) => error.code.is_some_and(is_refusal),
            ErrorKind::Timeout(_)
            | ErrorKind::Interrupted(_)
            | ErrorKind::TooLong { .. }
            | ErrorKind::Unreadable(_)
            | ErrorKind::Unassigned(_)
            | ErrorKind::Missing
            | ErrorKind::Repeated
            | ErrorKind::Contradictory(_)
            | ErrorKind::Empty
            | ErrorKind::ForeignTicket => false,
        }
    }

    /// Returns whether the service says that it did not act on a request with several calls: it
    /// refused the request as a whole, by its HTTP status.
    ///
    /// That proves nothing of a call: a limit of requests may be counted call by call, and be
    /// reached in the middle.
    pub fn is_claimed_refused(&self) -> bool {
        self.is_shared
            && matches!(self.kind(), ErrorKind::Status(error) if is_refusing(error.status))
    }

    /// Returns whether the same read may well succeed when it is sent again, a little later.
    ///
    /// For reads only: a write that is not [proven refused](Self::is_proven_refused) must be
    /// looked for first.
    ///
    /// | what happened | retry |
    /// |---|---|
    /// | no connection, a time-out, a broken connection, a call that was skipped or held back | yes |
    /// | HTTP status 408, 425, 429, 500, 502, 503, 504 and 520 to 599 | yes |
    /// | any other status | no |
    /// | an answer that is unreadable, missing, repeated, contradictory or empty | yes |
    /// | an error of the call's own, or of no call: code −32603, or no code | yes |
    /// | any other code: the same call would be refused again | no |
    /// | a request that cannot be written, an answer that is too long, a foreign ticket | no |
    pub fn is_retryable(&self) -> bool {
        match self.kind() {
            ErrorKind::Skipped
            | ErrorKind::Withheld
            | ErrorKind::Connect(_)
            | ErrorKind::Timeout(_)
            | ErrorKind::Interrupted(_)
            | ErrorKind::Unreadable(_)
            | ErrorKind::Missing
            | ErrorKind::Repeated
            | ErrorKind::Contradictory(_)
            | ErrorKind::Empty => true,
            ErrorKind::Status(error) => {
                matches!(error.status, 408 | 425 | 429 | 500 | 502..=504 | 520..=599)
            }
            ErrorKind::Refused(error) | ErrorKind::Unassigned(error) => {
                matches!(error.code, None | Some(INTERNAL_ERROR))
            }
            ErrorKind::Encode(_)
            | ErrorKind::VersionMismatch(_)
            | ErrorKind::TooLong { .. }
            | ErrorKind::ForeignTicket => false,
        }
    }
}

/// JSON-RPC's "internal error".
const INTERNAL_ERROR: i64 = -32603;

/// Statuses that say that a request was not carried out.
fn is_refusing(status: u16) -> bool {
    matches!(status, 400 | 401 | 403 | 404 | 413 | 422 | 429)
}

/// Codes that say that a call was not carried out: the documented ones and JSON-RPC's own for a
/// request that is no request (docs/cleeng-api.md §1.3).
fn is_refusal(code: i64) -> bool {
    matches!(code, 1..=16 | -32600 | -32601 | -32602 | -32700)
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` failed", self.operation)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(self.kind())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(kind: ErrorKind) -> Error {
        Error::new(
            "createPassOffer",
            Failure {
                http_status: Some(200),
                kind,
            },
        )
    }

    fn api_error(code: Option<i64>) -> ApiError {
        ApiError {
            code,
            message: "Offer P1_US does not exist.".to_owned(),
        }
    }

    fn status(status: u16) -> ErrorKind {
        ErrorKind::Status(status_error(status, ""))
    }

    fn status_error(status: u16, body: &str) -> StatusError {
        let token = crate::Token::new("canary-token").unwrap();
        StatusError::new(
            status,
            Some(Duration::from_secs(3)),
            body.as_bytes(),
            &token,
        )
    }

    fn check(kind: ErrorKind, proven_refused: bool, retryable: bool) {
        let error = error(kind);
        assert_eq!(error.is_proven_refused(), proven_refused, "{error:?}");
        assert_eq!(error.is_retryable(), retryable, "{error:?}");
    }

    #[test]
    fn every_status_is_judged() {
        for code in [400, 401, 403, 404, 413, 422] {
            check(status(code), true, false);
        }
        check(status(429), true, true);
        for code in [408, 425, 500, 502, 503, 504, 520, 524, 599] {
            check(status(code), false, true);
        }
        for code in [
            100, 204, 301, 302, 304, 307, 308, 402, 405, 407, 409, 410, 412, 418, 421, 431, 501,
            505, 511,
        ] {
            check(status(code), false, false);
        }
    }

    #[test]
    fn every_code_is_judged() {
        for code in (1..=16).chain([-32600, -32601, -32602, -32700]) {
            check(ErrorKind::Refused(api_error(Some(code))), true, false);
        }
        for code in [0, 17, 999, -1, -32000, -32099, i64::MIN, i64::MAX] {
            check(ErrorKind::Refused(api_error(Some(code))), false, false);
        }
        check(ErrorKind::Refused(api_error(Some(-32603))), false, true);
        check(ErrorKind::Refused(api_error(None)), false, true);
    }

    #[test]
    fn an_error_that_belongs_to_no_call_proves_nothing() {
        for code in [Some(3), Some(8), Some(-32700), None] {
            assert!(!error(ErrorKind::Unassigned(api_error(code))).is_proven_refused());
            assert!(!error(ErrorKind::Contradictory(api_error(code))).is_proven_refused());
        }
    }

    #[test]
    fn a_broken_answer_proves_nothing() {
        check(ErrorKind::Missing, false, true);
        check(ErrorKind::Repeated, false, true);
        check(ErrorKind::Empty, false, true);
        check(ErrorKind::TooLong { limit: 1 }, false, false);
        check(ErrorKind::ForeignTicket, false, false);
    }

    #[test]
    fn a_call_that_was_not_sent_is_proven_refused() {
        check(ErrorKind::Skipped, true, true);
        check(ErrorKind::Withheld, true, true);
    }

    #[test]
    fn an_error_says_what_it_knows() {
        let error = error(ErrorKind::Refused(api_error(Some(4))));
        assert_eq!(error.operation(), "createPassOffer");
        assert_eq!(error.http_status(), Some(200));
        assert_eq!(error.api_error(), Some(&api_error(Some(4))));
        assert_eq!(error.retry_after(), None);
        assert_eq!(error.to_string(), "`createPassOffer` failed");
        assert_eq!(
            error.kind().to_string(),
            "the service refused it: Offer P1_US does not exist. (code 4)"
        );
    }

    #[test]
    fn a_condition_that_failed_proves_that_nothing_was_done() {
        let mismatch = || ErrorKind::VersionMismatch(status_error(412, ""));
        check(mismatch(), true, false);
        assert!(error(mismatch()).is_version_mismatch());
        assert!(!error(status(412)).is_version_mismatch());
        assert_eq!(
            mismatch().to_string(),
            "the offer was changed in the meantime: HTTP status 412"
        );
    }

    /// What a person reads of a body, and the message that is found in it.
    fn check_body(body: &str, shown: &str, message: Option<&str>) {
        let error = status_error(422, body);
        assert_eq!(error.to_string(), format!("HTTP status 422{shown}"));
        assert_eq!(error.message.as_deref(), message, "{body}");
    }

    #[test]
    fn a_message_is_shown_alone_where_it_is_alone() {
        check_body(
            r#"{"message":"Season group 'NFL' already exists"}"#,
            ": Season group 'NFL' already exists",
            Some("Season group 'NFL' already exists"),
        );
        check_body(
            r#"{"success":false,"message":"caf\u00e9"}"#,
            r#": `{"success":false,"message":"caf\u00e9"}`"#,
            Some("caf\u{e9}"),
        );
        check_body(
            r#" {"message":"a\u001bb"} "#,
            r": a\u{1b}b",
            Some(r"a\u{1b}b"),
        );
        let withheld = "(not shown: it repeats the publisher token)";
        check_body(
            r#" {"message":"a canary-token"} "#,
            &format!(": {withheld}"),
            Some(withheld),
        );
    }

    #[test]
    fn a_body_without_a_message_is_shown_as_it_is() {
        check_body("", "", None);
        check_body(" some page\n", ": `some page`", None);
        for body in [
            r#"{"message":null}"#,
            r#"{"message":" "}"#,
            r#"{"message":["a"]}"#,
            r#"{"message":"a"} {}"#,
            r#"{"message":"a""#,
            r#"["message"]"#,
            r#"{"code":3}"#,
            "null",
        ] {
            check_body(body, &format!(": `{body}`"), None);
        }
    }

    #[test]
    fn only_a_status_asks_to_wait() {
        assert_eq!(
            error(status(429)).retry_after(),
            Some(Duration::from_secs(3))
        );
        assert_eq!(
            error(status(429)).kind().to_string(),
            "the service answered with HTTP status 429"
        );
    }
}
