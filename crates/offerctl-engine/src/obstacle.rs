//! Why a service brings no result, by what a person should look at: [`Obstacle`].

use cleeng_client::{ApiError, Error, ErrorKind};

/// What stands between a call and its result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Obstacle {
    /// No connection could be made: the address or the network is wrong, or nobody listens.
    NoConnection,
    /// The connection was made, and no answer came in time.
    NoAnswer,
    /// The service does not accept the token.
    TokenRefused,
    /// The service has too many requests (HTTP 429).
    TooManyRequests,
    /// What answers does not answer as the API does: the address or the generation may be wrong.
    NotTheApi,
    /// The service, or something on the way to it, fails.
    Failing,
    /// The answers came, and do not add up.
    Incomplete,
    /// Something about this very call.
    Other,
}

impl Obstacle {
    /// Returns what a failed call met with.
    ///
    /// | what happened | obstacle |
    /// |---|---|
    /// | no connection | [`NoConnection`](Self::NoConnection) |
    /// | the time for the request was up | [`NoAnswer`](Self::NoAnswer) |
    /// | HTTP 401 or 403; an error with the code for invalid tokens | [`TokenRefused`](Self::TokenRefused) |
    /// | HTTP 429 | [`TooManyRequests`](Self::TooManyRequests) |
    /// | HTTP 3xx, 404, 405, 410 or 501; an answer that cannot be read | [`NotTheApi`](Self::NotTheApi) |
    /// | HTTP 408, 425 or 5xx; a connection that broke; an answer without, or with two, results | [`Failing`](Self::Failing) |
    /// | everything else | [`Other`](Self::Other) |
    pub fn of(error: &Error) -> Self {
        if let Some(error) = error.status_error() {
            return Self::of_status(error.status);
        }
        if let Some(error) = error.api_error() {
            return match error.code {
                Some(ApiError::TOKEN_INVALID) => Self::TokenRefused,
                _ => Self::Other,
            };
        }
        let kind = error.kind();
        if matches!(kind, ErrorKind::Connect(_)) {
            Self::NoConnection
        } else if matches!(kind, ErrorKind::Timeout(_)) {
            Self::NoAnswer
        } else if matches!(kind, ErrorKind::Unreadable(_)) {
            Self::NotTheApi
        } else if matches!(
            kind,
            ErrorKind::Interrupted(_) | ErrorKind::Missing | ErrorKind::Repeated | ErrorKind::Empty
        ) {
            Self::Failing
        } else {
            Self::Other
        }
    }

    fn of_status(status: u16) -> Self {
        match status {
            401 | 403 => Self::TokenRefused,
            429 => Self::TooManyRequests,
            300..=399 | 404 | 405 | 410 | 501 => Self::NotTheApi,
            408 | 425 | 500..=599 => Self::Failing,
            _ => Self::Other,
        }
    }

    /// Returns whether the host said nothing at all, so that whatever else it is asked meets with the same.
    pub fn is_silence(self) -> bool {
        matches!(self, Self::NoConnection | Self::NoAnswer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_says_what_to_look_at() {
        for (statuses, expect) in [
            (&[401, 403][..], Obstacle::TokenRefused),
            (&[429], Obstacle::TooManyRequests),
            (
                &[301, 302, 304, 308, 404, 405, 410, 501],
                Obstacle::NotTheApi,
            ),
            (&[408, 425, 500, 502, 503, 504, 520, 599], Obstacle::Failing),
            (
                &[100, 204, 400, 402, 407, 409, 413, 418, 422, 431],
                Obstacle::Other,
            ),
        ] {
            for status in statuses {
                assert_eq!(Obstacle::of_status(*status), expect, "{status}");
            }
        }
    }
}
