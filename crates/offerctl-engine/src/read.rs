//! Reads that are repeated until they succeed: [`read_all`], and [`read_request`] for the calls of one request.

use std::time::Duration;

use futures_util::stream::{FuturesUnordered, StreamExt};

use crate::answer::{Answers, RemoteError, Retry};
use crate::budget::Budget;
use crate::random::fraction;

/// How often one read is sent before it counts as failed: what fails three times in a row is not a passing fault, and
/// whoever waits wants to know.
const ATTEMPTS: u32 = 3;

/// The wait before the second attempt; it doubles from then on.
const FIRST_WAIT: Duration = Duration::from_millis(100);

/// How many requests for further pages go out at once where the budget allows it: so far a reading goes ahead of what
/// it has taken in, whatever a total promises.
pub(crate) const SIDE_BY_SIDE: usize = 8;

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
            async move { (first, read_request(budget, chunk, send).await) }
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

/// Sends reads in one request, and repeats those that may succeed later; in parts, if the answer is too long.
pub(crate) async fn read_request<C, T, F>(budget: &Budget, calls: &[C], send: &F) -> Answers<T>
where
    C: Clone,
    F: AsyncFn(&[C]) -> Answers<T>,
{
    let answers = read_whole(budget, calls, send).await;
    let is_too_long = |answer: &Result<T, RemoteError>| {
        let error = answer.as_ref().err();
        error.is_some_and(|error| error.retry == Retry::InParts)
    };
    if calls.len() < 2 || !answers.iter().all(is_too_long) {
        return answers;
    }
    let (front, back) = calls.split_at(calls.len() / 2);
    let mut answers = Box::pin(read_request(budget, front, send)).await;
    answers.extend(Box::pin(read_request(budget, back, send)).await);
    answers
}

async fn read_whole<C, T, F>(budget: &Budget, calls: &[C], send: &F) -> Answers<T>
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
            if let Some(error) = error.filter(|error| error.is_retryable()) {
                again.push(index);
                budget.note_trouble(Some((error.message.to_string(), error.obstacle)));
            }
            answers[index] = Some(answer);
        }
        if again.is_empty() || attempt == ATTEMPTS || budget.is_closed() {
            break;
        }
        tracing::debug!(calls = again.len(), attempt, "reading again after an error");
        open = again;
        tokio::time::sleep(wait.mul_f64(0.5 + fraction())).await;
        wait *= 2;
    }
    let closed = budget.closed();
    answers
        .into_iter()
        .map(|answer| judged(answer, closed.as_deref()))
        .collect()
}

/// The answer to a call, if the budget is closed for this reason.
fn judged<T>(
    answer: Option<Result<T, RemoteError>>,
    closed: Option<&str>,
) -> Result<T, RemoteError> {
    match (answer, closed) {
        // What may be repeated is not because nothing is sent any more: so that is why it failed.
        (None, Some(reason)) => Err(RemoteError::too_many(reason)),
        (Some(Err(error)), Some(reason)) if error.is_retryable() => {
            Err(RemoteError::too_many(reason))
        }
        (Some(answer), _) => answer,
        (None, None) => Err(RemoteError::unsupported(
            "the service answered fewer calls than were sent",
        )),
    }
}

#[cfg(test)]
mod tests;
