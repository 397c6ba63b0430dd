//! What comes of a call: [`Answers`], or [`RemoteError`] with what it says about the call.

use std::time::Duration;

use offerctl_model::foreign::Foreign;
use offerctl_model::name::OfferId;

use crate::obstacle::Obstacle;

/// One result per call, in their order.
pub type Answers<T> = Vec<Result<T, RemoteError>>;

/// Why a call brought no result.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct RemoteError {
    /// What happened, with its causes.
    pub message: Foreign,
    /// What it says about whether the service acted on the call.
    pub refusal: Refusal,
    /// Whether there is sense in sending the same call again.
    pub retry: Retry,
    /// How long the service asks to wait.
    pub retry_after: Option<Duration>,
    /// What a person should look at.
    pub obstacle: Obstacle,
}

/// What a failure says about whether the service acted on a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// It is proven that it did not.
    Proven,
    /// The service says that it did not, by the HTTP status of a request with this call alone: that is taken as proof, and
    /// what was to be made is looked out for all the same.
    Assumed,
    /// The service says that it did not, but of a request with several calls, as a whole: some of them may have been carried
    /// out before.
    Claimed,
    /// It says nothing: the service may have acted.
    None,
}

/// Whether there is sense in sending a call again that brought no result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// It would bring none again.
    No,
    /// It may well succeed a little later.
    Later,
    /// The service has too many requests at the moment (HTTP 429): when it has fewer.
    WhenLessBusy,
    /// The answer is longer than is read: it may succeed with fewer calls in a request, and only for reads.
    InParts,
}

impl RemoteError {
    /// Whether the same call may well succeed later.
    pub fn is_retryable(&self) -> bool {
        matches!(self.retry, Retry::Later | Retry::WhenLessBusy)
    }

    /// An error for an answer that is about another offer than the one that was asked about: it says nothing.
    pub(crate) fn about_another(id: &OfferId, shown: &OfferId) -> Self {
        Self {
            message: format!("the service answered with {shown} in the place of {id}").into(),
            refusal: Refusal::None,
            retry: Retry::Later,
            retry_after: None,
            obstacle: Obstacle::NotTheApi,
        }
    }

    /// Whether it is proven that the service did not act on the call.
    pub fn is_proven_refused(&self) -> bool {
        matches!(self.refusal, Refusal::Proven | Refusal::Assumed)
    }

    /// An error for calls that a generation of the API does not have.
    pub fn unsupported(what: &str) -> Self {
        Self {
            message: what.into(),
            refusal: Refusal::Proven,
            retry: Retry::No,
            retry_after: None,
            obstacle: Obstacle::Other,
        }
    }

    /// An error for calls that are not sent, since the service has had too many for too long.
    pub fn too_many(why: &str) -> Self {
        Self {
            obstacle: Obstacle::TooManyRequests,
            ..Self::unsupported(why)
        }
    }
}
