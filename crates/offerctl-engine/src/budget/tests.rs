//! How a service is waited for.

use super::wait::FIRST_PAUSE;
use super::*;

fn limits(concurrency: usize, requests_per_second: Option<u32>) -> Limits {
    Limits {
        concurrency,
        requests_per_second,
        ..Limits::default()
    }
}

#[tokio::test(start_paused = true)]
async fn requests_begin_at_the_rate() {
    let budget = Budget::new(&limits(8, Some(10)));
    let start = Instant::now();
    for _ in 0..5 {
        drop(budget.begin().await);
    }
    assert!(start.elapsed() >= Duration::from_millis(400));
    assert!(start.elapsed() < Duration::from_millis(500));
}

#[tokio::test(start_paused = true)]
async fn no_more_requests_are_under_way_than_allowed() {
    let budget = Budget::new(&limits(1, None));
    let first = budget.begin().await;
    let second = tokio::time::timeout(Duration::from_secs(1), budget.begin()).await;
    assert!(second.is_err());
    drop(first);
    drop(budget.begin().await);
}

#[tokio::test(start_paused = true)]
async fn a_pause_holds_every_request_back() {
    let budget = Budget::new(&limits(8, None));
    budget.pause(Duration::from_secs(3));
    let start = Instant::now();
    drop(budget.begin().await);
    assert!(start.elapsed() >= Duration::from_secs(3));
    budget.pause(Duration::from_secs(100_000));
    drop(budget.begin().await);
    assert_eq!(
        start.elapsed().as_secs(),
        303,
        "no longer than the patience"
    );
    budget.pause(Duration::MAX);
}

type Answered = [Result<(), RemoteError>; 1];

/// Whether a request that was answered like this goes again.
async fn goes_again(turn: &mut Turn<'_>, answered: Answered) -> bool {
    turn.goes_again(&answered).await
}

const THROUGH: Answered = [Ok(())];

fn too_many(retry_after: Option<Duration>) -> Answered {
    [Err(RemoteError {
        retry: Retry::WhenLessBusy,
        retry_after,
        ..RemoteError::unsupported("too many requests")
    })]
}

#[tokio::test(start_paused = true)]
async fn a_refusal_lets_one_go_at_a_time_until_some_got_through() {
    let budget = Budget::new(&limits(8, None));
    let mut refused = budget.begin().await;
    let asked = Some(Duration::from_secs(3));
    let start = Instant::now();
    assert!(goes_again(&mut refused, too_many(asked)).await);
    assert!(start.elapsed() >= Duration::from_secs(3));
    let second = tokio::time::timeout(Duration::from_secs(1), budget.begin()).await;
    assert!(second.is_err(), "two at once");
    assert!(!goes_again(&mut refused, THROUGH).await);
    drop(refused);
    for _ in 1..PASSED {
        let mut turn = budget.begin().await;
        assert!(!goes_again(&mut turn, THROUGH).await);
    }
    let two = (budget.begin().await, budget.begin().await);
    let third = tokio::time::timeout(Duration::from_secs(1), budget.begin()).await;
    assert!(third.is_err(), "three at once");
    drop(two);
}

fn patient(milliseconds: u64) -> Budget {
    Budget::new(&Limits {
        patience_milliseconds: milliseconds,
        ..limits(8, None)
    })
}

#[tokio::test(start_paused = true)]
async fn a_service_that_lets_nothing_through_is_waited_for_as_long_as_said_and_no_longer() {
    let second = Some(Duration::from_secs(1));
    for (patience, first, then, least) in [
        (5_000, None, None, 4_900),
        (5_000, second, second, 5_000),
        // A wait that would end after the patience is not begun.
        (5_500, second, second, 5_000),
        (5_000, None, second, 3_900),
        (1_000, None, None, 900),
        (1_000, second, second, 1_000),
        (1, None, None, 0),
    ] {
        let budget = patient(patience);
        let mut turn = budget.begin().await;
        let start = Instant::now();
        let mut asked = first;
        while goes_again(&mut turn, too_many(asked)).await {
            asked = then;
        }
        let took = start.elapsed().as_millis();
        assert!((least..=5_100).contains(&took), "{patience}: {took} ms");
        assert!(took <= u128::from(patience) + 10, "{patience}: {took} ms");
        let reason = budget.closed().unwrap();
        let limit = format!("{} s", Duration::from_millis(patience).as_secs_f64());
        assert!(reason.contains(&limit), "{reason}");
        assert!(reason.contains("patienceSeconds"), "{reason}");
        assert!(reason.contains("429"), "{reason}");
    }
}

/// A service that fails and asks to wait.
fn unavailable(retry_after: Duration) -> Answered {
    [Err(RemoteError {
        retry: Retry::Later,
        retry_after: Some(retry_after),
        refusal: Refusal::None,
        ..RemoteError::unsupported("HTTP status 503")
    })]
}

#[tokio::test(start_paused = true)]
async fn what_asks_for_a_longer_wait_than_the_patience_is_not_waited_for_at_all() {
    for seconds in [301, 86_400, u64::MAX] {
        let asked = Duration::from_secs(seconds);
        let start = Instant::now();

        let busy = patient(300_000);
        let mut turn = busy.begin().await;
        assert!(!goes_again(&mut turn, too_many(Some(asked))).await);
        let expected = format!(
            "the service asks to wait {seconds} s (HTTP 429), longer than patienceSeconds allows (300 s)"
        );
        assert_eq!(busy.closed().unwrap(), expected);

        let down = patient(300_000);
        let waiting = down.begin();
        down.pause_as_asked(&unavailable(asked));
        let expected = format!(
            "the service asks to wait {seconds} s, longer than patienceSeconds allows (300 s): HTTP status 503"
        );
        assert_eq!(down.closed().unwrap(), expected);
        drop(waiting.await);

        assert_eq!(start.elapsed(), Duration::ZERO);
    }
}

#[tokio::test(start_paused = true)]
async fn what_waits_for_its_turn_hears_at_once_that_there_is_none() {
    let budget = patient(300_000);
    budget.pause_as_asked(&unavailable(Duration::from_mins(4)));
    let start = Instant::now();
    let (_turn, ()) = futures_util::future::join(budget.begin(), async {
        tokio::time::sleep(Duration::from_secs(10)).await;
        budget.pause_as_asked(&unavailable(Duration::from_mins(5)));
    })
    .await;
    assert_eq!(start.elapsed(), Duration::from_secs(10));
    let reason = budget.closed().unwrap();
    assert!(
        reason.contains("300 s") && reason.contains("290 s is left"),
        "{reason}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_storm_in_which_requests_get_through_has_no_end() {
    let budget = patient(5_000);
    let start = Instant::now();
    let second = Some(Duration::from_secs(1));
    while start.elapsed() < Duration::from_mins(10) {
        let mut turn = budget.begin().await;
        for _ in 0..4 {
            assert!(goes_again(&mut turn, too_many(second)).await);
        }
        assert!(!goes_again(&mut turn, THROUGH).await);
        assert!(!budget.is_closed());
    }
}

#[tokio::test(start_paused = true)]
async fn a_service_is_waited_for_only_while_something_is_sent_to_it() {
    let limits = limits(8, None);
    let budget = Budget::new(&limits);
    let mut turn = budget.begin().await;
    assert!(goes_again(&mut turn, too_many(None)).await);
    drop(turn);
    let idle = limits.patience_milliseconds + 2 * limits.timeout_milliseconds;
    tokio::time::sleep(Duration::from_millis(idle + 1_000)).await;
    let mut turn = budget.begin().await;
    assert!(goes_again(&mut turn, too_many(None)).await);
}

#[tokio::test(start_paused = true)]
async fn what_may_have_been_done_does_not_go_again() {
    let budget = Budget::new(&limits(8, None));
    let mut turn = budget.begin().await;
    let mut answered = too_many(None);
    answered[0].as_mut().unwrap_err().refusal = Refusal::None;
    assert!(!goes_again(&mut turn, answered).await);
}

#[tokio::test(start_paused = true)]
async fn what_is_refused_together_counts_once() {
    let budget = Budget::new(&limits(8, None));
    let mut turns = Vec::new();
    for _ in 0..8 {
        turns.push(budget.begin().await);
    }
    let start = Instant::now();
    let again = turns.iter_mut().map(async |turn| {
        let goes_again = goes_again(turn, too_many(None)).await;
        turn.slot = None;
        goes_again
    });
    let again = futures_util::future::join_all(again).await;
    assert!(again.iter().all(|goes_again| *goes_again));
    assert!(start.elapsed() < FIRST_PAUSE * 2);
}
