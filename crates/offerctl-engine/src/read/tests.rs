//! How often a read is sent, and what ends it.

use std::sync::Mutex;

use offerctl_manifest::project::Limits;
use tokio::time::Instant;

use super::*;

fn failing(retry: Retry, retry_after: Option<Duration>) -> RemoteError {
    RemoteError {
        retry,
        retry_after,
        ..RemoteError::unsupported("it failed")
    }
}

/// Reads once; returns the error, how often it was sent, and how long it took.
async fn check(limits: &Limits, error: RemoteError) -> (String, usize, Duration) {
    let budget = Budget::new(limits);
    let sent = Mutex::new(0);
    let start = Instant::now();
    let mut answers: Answers<()> = read_all(&budget, &[()], 1, async |calls: &[()]| {
        *sent.lock().unwrap() += 1;
        calls.iter().map(|()| Err(error.clone())).collect()
    })
    .await;
    let found = answers.remove(0).unwrap_err().message;
    let sent = *sent.lock().unwrap();
    (found.to_string(), sent, start.elapsed())
}

#[tokio::test(start_paused = true)]
async fn a_read_that_fails_is_sent_three_times() {
    let limits = Limits::default();
    let (error, sent, took) = check(&limits, failing(Retry::Later, None)).await;
    assert_eq!((error.as_str(), sent), ("it failed", 3));
    assert!(took < Duration::from_secs(1), "{took:?}");
    for retry in [Retry::No, Retry::InParts] {
        let (error, sent, _) = check(&limits, failing(retry, None)).await;
        assert_eq!((error.as_str(), sent), ("it failed", 1));
    }
}

#[tokio::test(start_paused = true)]
async fn a_read_waits_as_it_is_asked_to() {
    let limits = Limits::default();
    let asked = Some(Duration::from_secs(10));
    let (_, sent, took) = check(&limits, failing(Retry::Later, asked)).await;
    assert_eq!((sent, took.as_secs()), (3, 20));
}

#[tokio::test(start_paused = true)]
async fn a_read_that_would_have_to_wait_too_long_is_not_sent_again() {
    let limits = Limits::default();
    for retry in [Retry::Later, Retry::WhenLessBusy] {
        let asked = Some(Duration::from_hours(24));
        let (error, sent, took) = check(&limits, failing(retry, asked)).await;
        assert_eq!((sent, took), (1, Duration::ZERO), "{retry:?}");
        let numbers = ["86400 s", "300 s"];
        assert!(numbers.iter().all(|it| error.contains(it)), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn too_many_requests_are_waited_for_within_the_patience() {
    for patience in [1_000, 60_000] {
        let limits = Limits {
            patience_milliseconds: patience,
            ..Limits::default()
        };
        let (error, sent, took) = check(&limits, failing(Retry::WhenLessBusy, None)).await;
        assert!(sent > 3, "{sent}");
        assert!(took.as_millis() <= u128::from(patience) + 10, "{took:?}");
        assert!(error.contains("429"), "{error}");
    }
}
