//! Why a request was refused: [`Failure`], with its status and the one documented member of its body, `message`
//! (docs/cleeng-api.md §5.1).

use thiserror::Error;

use crate::json::Json;
use crate::quirk::{Quirks, RestInvalid};

/// Why a request was refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub(crate) enum Failure {
    /// The body is no JSON object, or the query cannot be read.
    #[error("Input validation failed: {0}")]
    Malformed(String),
    /// The value of that name in the path is none; the documented text.
    #[error("Parameter '{0}' has invalid value")]
    BadParameter(&'static str),
    /// The token is missing or wrong. The text is that of the JSON-RPC generation; REST's own is not documented.
    #[error("Publisher token is invalid")]
    Unauthorized,
    /// There is no such offer, localization or season group. The documented text for the last, made fit for the others.
    #[error("{0} not found")]
    NotFound(String),
    /// The group has no season of that id; the documented text.
    #[error("Season with id {0} does not exists")]
    NoSeason(u32),
    /// There is nothing under the path.
    #[error("Not found")]
    NoPath,
    /// The path does not know the verb.
    #[error("Method not allowed")]
    NoVerb,
    /// The version is not the one that the request names.
    #[error("Version mismatch")]
    Stale,
    /// The body does not have the documented form; the documented text, with the reason.
    #[error("Input validation failed: {0}")]
    Invalid(String),
    /// A rule that looks at more than the form forbids it.
    #[error("{0}")]
    Refused(String),
    /// A fault rule wants this status.
    #[error("A fault rule asked for error {0}")]
    Injected(i64),
}

impl Failure {
    /// The id in the path is none.
    pub(crate) const BAD_ID: Self = Self::BadParameter("id");

    /// Returns the HTTP status. Which one a body of the wrong form gets is not documented.
    pub(crate) fn status(&self, quirks: &Quirks) -> u16 {
        match self {
            Self::Malformed(_) | Self::BadParameter(_) => 400,
            Self::Unauthorized => 401,
            Self::NotFound(_) | Self::NoSeason(_) | Self::NoPath => 404,
            Self::NoVerb => 405,
            Self::Stale => 412,
            Self::Invalid(_) => match quirks.rest_invalid {
                RestInvalid::Unprocessable => 422,
                RestInvalid::BadRequest => 400,
            },
            Self::Refused(_) => 422,
            Self::Injected(code) => u16::try_from(*code).unwrap_or(500),
        }
    }

    /// Returns the body.
    pub(crate) fn body(&self) -> Json {
        message(self.to_string())
    }
}

/// Returns the body of an error.
pub(crate) fn message(text: impl Into<String>) -> Json {
    Json::object([("message", Json::text(text))])
}
