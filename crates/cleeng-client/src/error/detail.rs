//! What an error carries: the service's own words, cut and without the token, and the HTTP library's.

use std::{fmt, time::Duration};

/// An error object of the service: `{"code": 4, "message": "Offer … does not exist."}` (API sheet §1.3).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ApiError {
    /// The code, if there is one and it is a whole number (also as text: `"8"`).
    pub code: Option<i64>,
    /// The message: at most 1 KiB of it, without the token. It is for people; the service may
    /// word it otherwise tomorrow.
    pub message: String,
}

impl ApiError {
    /// The publisher token is missing or invalid.
    pub const TOKEN_INVALID: i64 = 3;
    /// There is no such offer.
    pub const OFFER_UNKNOWN: i64 = 4;
    /// The method is for enterprise accounts only.
    pub const ENTERPRISE_ONLY: i64 = 5;
    /// The data of the offer are invalid. It is in no table, but was observed for a pass with both
    /// a period and an expiry.
    pub const DATA_INVALID: i64 = 8;
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.code {
            Some(code) => write!(f, "{} (code {code})", self.message),
            None => write!(f, "{} (no code)", self.message),
        }
    }
}

/// An answer with another HTTP status than 2xx.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StatusError {
    /// The HTTP status.
    pub status: u16,
    /// How long the service asks to wait.
    pub retry_after: Option<Duration>,
    /// The start of the body: at most 1 KiB, without the token. Empty if there is none.
    pub body: String,
}

/// An answer that is not what was expected.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DecodeError {
    /// The type that it should have been.
    pub expected: String,
    /// What is wrong with it, without the token.
    pub detail: String,
    /// The start of it: at most 1 KiB, without the token.
    pub body: String,
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "expected `{}`, {}{}",
            self.expected,
            self.detail,
            ShowExcerpt(&self.body)
        )
    }
}

/// Shows an excerpt after a message, if there is one.
pub(super) struct ShowExcerpt<'a>(pub(super) &'a str);

impl fmt::Display for ShowExcerpt<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return Ok(());
        }
        write!(f, ": `{}`", self.0)
    }
}

/// What the HTTP library says about a connection. Its sources tell more.
pub struct TransportError(reqwest::Error);

impl TransportError {
    /// Wraps an error without the address, which whoever set the endpoint knows.
    pub(crate) fn new(error: reqwest::Error) -> Self {
        Self(error.without_url())
    }
}

impl fmt::Debug for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl std::error::Error for TransportError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source()
    }
}
