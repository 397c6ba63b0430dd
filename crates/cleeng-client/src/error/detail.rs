//! What an error carries: the service's own words, cut and without the token, and the HTTP library's.

use std::{borrow::Cow, collections::BTreeMap, fmt, time::Duration};

use serde_json::value::RawValue;

use crate::excerpt::excerpt;
use crate::token::Token;
use crate::wire::{self, Wire as _};

/// An error object of the service: `{"code": 4, "message": "Offer … does not exist."}` (docs/cleeng-api.md §1.3).
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

/// An answer with a HTTP status that brings no result.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StatusError {
    /// The HTTP status.
    pub status: u16,
    /// How long the service asks to wait.
    pub retry_after: Option<Duration>,
    /// The message, if the body is an error of the REST API: `{"message": "…"}`, with whatever
    /// else (docs/cleeng-api.md §5.1). At most 1 KiB of it, without the token. It is for people; the
    /// service may word it otherwise tomorrow.
    pub message: Option<String>,
    /// The start of the body: at most 1 KiB, without the token. Empty if there is none.
    pub body: String,
    /// Whether the body says nothing but the message.
    message_is_all: bool,
}

impl StatusError {
    pub(crate) fn new(
        status: u16,
        retry_after: Option<Duration>,
        body: &[u8],
        token: &Token,
    ) -> Self {
        let body = String::from_utf8_lossy(body);
        let (message, message_is_all) = match message(&body) {
            Some((message, is_all)) => (Some(excerpt(message.trim(), token)), is_all),
            None => (None, false),
        };
        Self {
            status,
            retry_after,
            message,
            body: excerpt(body.trim(), token),
            message_is_all,
        }
    }
}

/// Reads the message of an error object, and whether it is the object's only member.
fn message(body: &str) -> Option<(String, bool)> {
    let mut reader = serde_json::Deserializer::from_str(body);
    let members: BTreeMap<Cow<'_, str>, &RawValue> = wire::object(&mut reader).ok()?;
    reader.end().ok()?;
    let message = String::read(members.get("message")?.get()).ok()??;
    (!message.trim().is_empty()).then_some((message, members.len() == 1))
}

impl fmt::Display for StatusError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HTTP status {}", self.status)?;
        match &self.message {
            Some(message) if self.message_is_all => write!(f, ": {message}"),
            Some(_) | None => write!(f, "{}", ShowExcerpt(&self.body)),
        }
    }
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

impl DecodeError {
    /// Describes a text that is not what it should be. The detail may quote the text.
    pub(crate) fn new(expected: &str, detail: &str, text: &str, token: &Token) -> Self {
        Self {
            expected: expected.to_owned(),
            detail: excerpt(detail, token),
            body: excerpt(text, token),
        }
    }
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
struct ShowExcerpt<'a>(&'a str);

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
