//! Why a call was refused: [`Failure`], with the code and the message of the error object.
//!
//! The codes 3 and 4 are documented; 8 was observed once, for contradictory offer data (docs/cleeng-api.md §1.3), and stands for
//! every invalid offer data here. The negative ones are JSON-RPC's own: Cleeng documents none of them.

use thiserror::Error;

/// The error object of one answer.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{message}")]
pub(crate) struct Failure {
    pub(crate) code: i64,
    pub(crate) message: String,
}

impl Failure {
    pub(crate) fn new(code: i64, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
        }
    }

    /// The body is no JSON.
    pub(crate) fn unparsable() -> Self {
        Self::new(-32700, "Parse error")
    }

    /// The value is no request.
    pub(crate) fn not_a_request(message: impl Into<String>) -> Self {
        Self::new(-32600, message)
    }

    /// There is no such method, or no longer.
    pub(crate) fn no_method(message: impl Into<String>) -> Self {
        Self::new(-32601, message)
    }

    /// The parameters have the wrong shape.
    pub(crate) fn bad_params(message: impl Into<String>) -> Self {
        Self::new(-32602, message)
    }

    /// The token is missing or wrong; the documented text.
    pub(crate) fn bad_token() -> Self {
        Self::new(3, "Publisher token is invalid")
    }

    /// There is no such offer of this type; the documented text.
    pub(crate) fn no_offer(id: &str) -> Self {
        Self::new(4, format!("Offer {id} does not exist."))
    }

    /// The offer data is invalid.
    pub(crate) fn bad_offer(message: impl Into<String>) -> Self {
        Self::new(8, message)
    }
}
