//! Reads that are repeated until they succeed: [`read_all`].

use std::time::Duration;

use futures_util::stream::{FuturesUnordered, StreamExt};

use crate::budget::{Budget, CLOSED};
use crate::random::fraction;
use crate::remote::{Answers, RemoteError};

/// How often one read is sent before it counts as failed.
const ATTEMPTS: u32 = 8;

/// The wait before the second attempt; it doubles from then on.
const FIRST_WAIT: Duration = Duration::from_millis(100);

/// The longest wait between two attempts that the service did not ask for.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// Sends reads side by side, `batch` to a request, and repeats those that may succeed later.
///
/// The results are in the order of the calls.
pub(crate) async fn read_all<C, T, F>(
    budget: &Budget,
    calls: &[C],
    batch: usize,
    send: F,
) -> Answers<T>
where
    C: Clone,
    F: AsyncFn(&[C]) -> Answers<T>,
{
    let mut answers: Vec<Option<Result<T, RemoteError>>> = calls.iter().map(|_| None).collect();
    let mut requests: FuturesUnordered<_> = calls
        .chunks(batch.max(1))
        .scan(0, |start, chunk| {
            let first = *start;
            *start += chunk.len();
            Some((first, chunk))
        })
        .map(|(first, chunk)| {
            let send = &send;
            async move { (first, read_chunk(budget, chunk, send).await) }
        })
        .collect();
    while let Some((first, found)) = requests.next().await {
        for (index, answer) in found.into_iter().enumerate() {
            answers[first + index] = Some(answer);
        }
    }
    answers
        .into_iter()
        .map(|answer| {
            answer.unwrap_or_else(|| Err(RemoteError::unsupported("the call was not sent")))
        })
        .collect()
}

async fn read_chunk<C, T, F>(budget: &Budget, calls: &[C], send: &F) -> Answers<T>
where
    C: Clone,
    F: AsyncFn(&[C]) -> Answers<T>,
{
    let mut answers: Vec<Option<Result<T, RemoteError>>> = calls.iter().map(|_| None).collect();
    let mut open: Vec<usize> = (0..calls.len()).collect();
    let mut wait = FIRST_WAIT;
    for attempt in 1..=ATTEMPTS {
        let to_send: Vec<C> = open.iter().map(|index| calls[*index].clone()).collect();
        let mut turn = budget.begin().await;
        if budget.is_closed() {
            break;
        }
        let mut found = send(&to_send).await;
        while turn.goes_again(&found).await {
            found = send(&to_send).await;
        }
        drop(turn);
        budget.pause_as_asked(&found);
        let mut again = Vec::new();
        for (index, answer) in open.iter().copied().zip(found) {
            let error = answer.as_ref().err();
            if error.is_some_and(RemoteError::is_retryable) && attempt < ATTEMPTS {
                again.push(index);
            }
            answers[index] = Some(answer);
        }
        if again.is_empty() {
            break;
        }
        tracing::debug!(calls = again.len(), attempt, "reading again after an error");
        open = again;
        tokio::time::sleep(wait.mul_f64(0.5 + fraction())).await;
        wait = (wait * 2).min(LONGEST_WAIT);
    }
    let unanswered = || {
        Err(if budget.is_closed() {
            RemoteError::too_many(CLOSED)
        } else {
            RemoteError::unsupported("the service answered fewer calls than were sent")
        })
    };
    answers
        .into_iter()
        .map(|answer| answer.unwrap_or_else(unanswered))
        .collect()
}
