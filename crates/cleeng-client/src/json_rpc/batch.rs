//! Several calls in one request: [`Batch`].

use std::{
    fmt,
    marker::PhantomData,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use reqwest::header::HeaderMap;

use super::answer::Form;
use super::exchange::{Connection, Encode, RawResult};
use super::method::{Method, ReadMethod, WriteMethod};
use crate::error::{Error, ErrorKind, Failure};
use crate::transport::Answer;

/// Calls of any types that travel together (docs/cleeng-api.md §1.2).
///
/// ```no_run
/// use cleeng_client::json_rpc::{ListPassOffers, ListVodOffers, Reader};
///
/// # async fn example(reader: Reader) -> Result<(), cleeng_client::Error> {
/// let mut batch = reader.batch();
/// let passes = batch.add(ListPassOffers::new().limit(200));
/// let vods = batch.add(ListVodOffers::new().limit(200));
/// let answers = batch.send().await;
/// let passes = answers.take(passes)?;
/// let vods = answers.take(vods)?;
/// # Ok(()) }
/// ```
///
/// A batch is not a transaction: each call succeeds or fails by itself. A batch with more calls
/// than one request takes ([`Config::calls_per_request`](crate::Config::calls_per_request)) is sent
/// as several requests, one after the other; after one in which any call was left without a proper
/// answer (a result, or a refusal of its own) the rest is not sent, and fails as
/// [`Skipped`](ErrorKind::Skipped). An empty batch sends nothing.
///
/// The type says what may be added: [`Reading`] comes from a
/// [`Reader`](super::Reader), [`Writing`] from a [`Writer`](super::Writer).
#[must_use = "nothing is sent before `send`"]
pub struct Batch<A> {
    connection: Arc<Connection>,
    number: u64,
    calls: Vec<Box<dyn Encode>>,
    access: PhantomData<A>,
}

/// Marks a batch of calls that change nothing.
#[derive(Clone, Copy, Debug)]
pub enum Reading {}

/// Marks a batch of calls that change something.
#[derive(Clone, Copy, Debug)]
pub enum Writing {}

impl Batch<Reading> {
    /// Adds a call; the ticket fetches its result from the answers.
    pub fn add<M: ReadMethod>(&mut self, method: M) -> Ticket<M> {
        self.push(method)
    }
}

impl Batch<Writing> {
    /// Adds a call; the ticket fetches its result from the answers.
    pub fn add<M: WriteMethod>(&mut self, method: M) -> Ticket<M> {
        self.push(method)
    }
}

impl<A> Batch<A> {
    pub(super) fn new(connection: Arc<Connection>) -> Self {
        // The number tells the tickets of one batch from those of another; nothing else uses it.
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        Self {
            connection,
            number: NUMBER.fetch_add(1, Ordering::Relaxed),
            calls: Vec::new(),
            access: PhantomData,
        }
    }

    pub(super) fn push<M: Method>(&mut self, method: M) -> Ticket<M> {
        self.calls.push(Box::new(method));
        Ticket {
            batch: self.number,
            index: self.calls.len() - 1,
            method: PhantomData,
        }
    }

    /// Returns how many calls were added.
    pub fn len(&self) -> usize {
        self.calls.len()
    }

    /// Returns whether no call was added.
    pub fn is_empty(&self) -> bool {
        self.calls.is_empty()
    }

    /// Sends the calls, each at most once.
    ///
    /// If the future is dropped before it is ready, nothing is known of the calls that it sent.
    pub async fn send(self) -> Answers {
        let mut results = Vec::with_capacity(self.calls.len());
        let mut requests = self.calls.chunks(self.connection.calls_per_request());
        for calls in requests.by_ref() {
            let answered = self.connection.exchange(calls, Form::Array).await;
            let proper = answered.iter().all(is_proper);
            results.extend(answered);
            if !proper {
                break;
            }
        }
        let skipped = Arc::new(Failure {
            http_status: None,
            kind: ErrorKind::Skipped,
        });
        for call in requests.flatten() {
            results.push(Err(Error::new(call.operation(), Arc::clone(&skipped))));
        }
        Answers {
            connection: self.connection,
            batch: self.number,
            results,
        }
    }
}

impl<A> Batch<A> {
    /// Reads a body as the answer to the calls, as if they had been sent in one request. Nothing is
    /// sent.
    ///
    /// For bodies that come from elsewhere: samples, recordings, and what fuzzing makes of them.
    ///
    /// ```
    /// use cleeng_client::{Config, Endpoint, Token, json_rpc::{GetPassOffer, Reader}};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let endpoint: Endpoint = "http://127.0.0.1:9".parse()?;
    /// let reader = Reader::new(&Config::new(endpoint, Token::new("the-token")?))?;
    /// let mut batch = reader.batch();
    /// let ticket = batch.add(GetPassOffer::new("P123123123_US"));
    /// let body = br#"[{"id":"1","result":{"id":"P123123123_US","price":"12.00"}}]"#;
    /// let pass = batch.read(body.to_vec()).take(ticket)?;
    /// assert_eq!(pass.id.as_str(), "P123123123_US");
    /// # Ok(()) }
    /// ```
    pub fn read(self, body: Vec<u8>) -> Answers {
        let answer = Answer::new(200, HeaderMap::new(), body, self.connection.token());
        let results = self.connection.read(&self.calls, Form::Array, answer);
        Answers {
            connection: self.connection,
            batch: self.number,
            results,
        }
    }
}

/// Returns whether the service said what became of a call.
fn is_proper(result: &Result<RawResult, Error>) -> bool {
    match result {
        Ok(_) => true,
        Err(error) => matches!(error.kind(), ErrorKind::Refused(_)),
    }
}

impl<A> fmt::Debug for Batch<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let operations: Vec<_> = self.calls.iter().map(|call| call.operation()).collect();
        f.debug_struct("Batch")
            .field("calls", &operations)
            .finish_non_exhaustive()
    }
}

/// Stands for one call of a batch, and fetches its result once.
#[derive(Debug)]
#[must_use = "it is the only way to the result of its call"]
pub struct Ticket<M> {
    batch: u64,
    index: usize,
    method: PhantomData<fn() -> M>,
}

/// What became of the calls of a batch.
#[must_use = "a call may have failed"]
pub struct Answers {
    connection: Arc<Connection>,
    batch: u64,
    results: Vec<Result<RawResult, Error>>,
}

impl Answers {
    /// Returns how long the result of a call is, in bytes; 0 if it has none.
    pub fn bytes_of<M>(&self, ticket: &Ticket<M>) -> usize {
        match self.results.get(ticket.index) {
            Some(Ok(result)) if ticket.batch == self.batch => result.bytes(),
            _ => 0,
        }
    }

    /// Returns the result of a call.
    ///
    /// # Errors
    ///
    /// What became of the call, if it has no result that can be read; see [`Error`].
    #[expect(clippy::needless_pass_by_value, reason = "a ticket is used up")]
    pub fn take<M: Method>(&self, ticket: Ticket<M>) -> Result<M::Output, Error> {
        let Ticket {
            batch,
            index,
            method: _,
        } = ticket;
        match self.results.get(index) {
            Some(result) if batch == self.batch => match result {
                Ok(result) => self.connection.decode::<M>(result),
                Err(error) => Err(error.clone()),
            },
            _ => Err(Error::new(
                M::NAME,
                Failure {
                    http_status: None,
                    kind: ErrorKind::ForeignTicket,
                },
            )),
        }
    }
}

impl fmt::Debug for Answers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let failed = self.results.iter().filter(|result| result.is_err()).count();
        f.debug_struct("Answers")
            .field("results", &(self.results.len() - failed))
            .field("errors", &failed)
            .finish_non_exhaustive()
    }
}
