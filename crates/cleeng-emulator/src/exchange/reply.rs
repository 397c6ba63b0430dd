//! How far the work on a request has come, and what it ends with: [`Step`], [`Reply`].

use std::time::Duration;

/// How an HTTP request is to be answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reply {
    /// Status 200 and this body.
    Body(String),
    /// This status with these headers and this JSON, which is empty where the status has no body.
    Answer {
        status: u16,
        headers: Vec<(&'static str, String)>,
        body: String,
    },
    /// Another status, with a short text.
    Status {
        code: u16,
        retry_after: Option<u64>,
        location: Option<String>,
    },
    /// The first half of this body, then the end of the connection.
    Truncated { status: u16, body: String },
    /// The end of the connection.
    Cut,
    /// Nothing, for as long as the client waits.
    Silence,
    /// The data file does not let anything be served.
    Unavailable(String),
}

/// How far the work has come.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// It goes on after a pause.
    Pause(Duration),
    /// It is done.
    Done(Reply),
}
