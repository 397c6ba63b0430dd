//! What both generations have in common between the types of the wire and those of core.

pub(crate) mod form;
pub(crate) mod gather;

use cleeng_client::ErrorKind;

use crate::obstacle::Obstacle;
use crate::remote::{Refusal, RemoteError, Retry};

/// What the client says about a call that failed.
pub(crate) fn remote_error(error: &cleeng_client::Error) -> RemoteError {
    let mut message = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        message.push_str(": ");
        message.push_str(&cause.to_string());
        source = cause.source();
    }
    RemoteError {
        message: message.into(),
        refusal: if error.is_proven_refused() && error.status_error().is_some() {
            Refusal::Assumed
        } else if error.is_proven_refused() {
            Refusal::Proven
        } else if error.is_claimed_refused() {
            Refusal::Claimed
        } else {
            Refusal::None
        },
        retry: if error.is_too_many_requests() {
            Retry::WhenLessBusy
        } else if matches!(error.kind(), ErrorKind::TooLong { .. }) {
            Retry::InParts
        } else if error.is_retryable() {
            Retry::Later
        } else {
            Retry::No
        },
        retry_after: error.retry_after(),
        obstacle: Obstacle::of(error),
    }
}
