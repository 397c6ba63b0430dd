//! The two ways in: [`Reader`], which cannot write, and [`Writer`].

use std::sync::Arc;

use super::answer::Form;
use super::batch::{Batch, Reading, Writing};
use super::exchange::Connection;
use super::method::{Method, ReadMethod, WriteMethod};
use crate::config::{Config, ConfigError};
use crate::error::Error;

/// Reads offers. It has no method that writes, and nothing leads from it to a [`Writer`]: what
/// holds a reader cannot change the account, by itself or in a batch. What compiles with a writer
/// does not compile with it:
///
/// ```
/// # use cleeng_client::OfferId;
/// # use cleeng_client::json_rpc::{Deactivate, Single, Writer};
/// async fn deactivate(client: &Writer, id: OfferId) {
///     let _answer = client.call(Deactivate::<Single>::new(id)).await;
/// }
/// ```
///
/// ```compile_fail,E0277
/// # use cleeng_client::OfferId;
/// # use cleeng_client::json_rpc::{Deactivate, Reader, Single};
/// async fn deactivate(client: &Reader, id: OfferId) {
///     let _answer = client.call(Deactivate::<Single>::new(id)).await;
/// }
/// ```
///
/// ```
/// # use cleeng_client::OfferId;
/// # use cleeng_client::json_rpc::{Deactivate, Single, Writer};
/// async fn deactivate(client: &Writer, id: OfferId) {
///     let _ticket = client.batch().add(Deactivate::<Single>::new(id));
/// }
/// ```
///
/// ```compile_fail,E0277
/// # use cleeng_client::OfferId;
/// # use cleeng_client::json_rpc::{Deactivate, Reader, Single};
/// async fn deactivate(client: &Reader, id: OfferId) {
///     let _ticket = client.batch().add(Deactivate::<Single>::new(id));
/// }
/// ```
///
/// It is cheap to clone; the clones share their connections. Requests may run side by side, as
/// many as the caller likes: nothing here limits, delays or repeats them.
#[derive(Clone, Debug)]
pub struct Reader {
    connection: Arc<Connection>,
}

impl Reader {
    /// Sets up a reader. Nothing is sent yet.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] if the certificates of the system, or those given, cannot be used.
    pub fn new(config: &Config) -> Result<Self, ConfigError> {
        Connection::new(config).map(|connection| Self {
            connection: Arc::new(connection.for_reading()),
        })
    }

    /// Calls one method, in a request of its own.
    ///
    /// # Errors
    ///
    /// See [`Error`]; [`Error::is_retryable`] says whether to try again.
    pub async fn call<M: ReadMethod>(&self, method: M) -> Result<M::Output, Error> {
        call(&self.connection, method).await
    }

    /// Calls one method several times, in one [`Batch`]. The results are in the order of the calls.
    pub async fn call_many<M: ReadMethod>(&self, methods: Vec<M>) -> Vec<Result<M::Output, Error>> {
        call_many(self.batch(), methods).await
    }

    /// Begins a batch of calls that change nothing.
    pub fn batch(&self) -> Batch<Reading> {
        Batch::new(Arc::clone(&self.connection))
    }
}

/// Changes offers: creates, updates, deactivates them.
///
/// Each call is sent at most once. Of one that failed, [`Error::is_proven_refused`] says whether
/// it can have taken effect.
///
/// It is cheap to clone; the clones share their connections.
#[derive(Clone, Debug)]
pub struct Writer {
    connection: Arc<Connection>,
}

impl Writer {
    /// Sets up a writer. Nothing is sent yet.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] if the certificates of the system, or those given, cannot be used.
    pub fn new(config: &Config) -> Result<Self, ConfigError> {
        Connection::new(config).map(|connection| Self {
            connection: Arc::new(connection),
        })
    }

    /// Returns a reader of the same account, over the same connections.
    pub fn reader(&self) -> Reader {
        Reader {
            connection: Arc::new(self.connection.for_reading()),
        }
    }

    /// Calls one method, in a request of its own.
    ///
    /// # Errors
    ///
    /// See [`Error`]; [`Error::is_proven_refused`] says whether it can have taken effect.
    pub async fn call<M: WriteMethod>(&self, method: M) -> Result<M::Output, Error> {
        call(&self.connection, method).await
    }

    /// Calls one method several times, in one [`Batch`]. The results are in the order of the calls.
    pub async fn call_many<M: WriteMethod>(
        &self,
        methods: Vec<M>,
    ) -> Vec<Result<M::Output, Error>> {
        call_many(self.batch(), methods).await
    }

    /// Begins a batch of calls that change something.
    pub fn batch(&self) -> Batch<Writing> {
        Batch::new(Arc::clone(&self.connection))
    }
}

async fn call<M: Method>(connection: &Connection, method: M) -> Result<M::Output, Error> {
    let results = connection.exchange(&[Box::new(method)], Form::Object).await;
    let result = results
        .into_iter()
        .next()
        .expect("an exchange returns a result for each call");
    connection.decode::<M>(&result?)
}

async fn call_many<A, M: Method>(
    mut batch: Batch<A>,
    methods: Vec<M>,
) -> Vec<Result<M::Output, Error>> {
    let tickets: Vec<_> = methods
        .into_iter()
        .map(|method| batch.push(method))
        .collect();
    let answers = batch.send().await;
    tickets
        .into_iter()
        .map(|ticket| answers.take(ticket))
        .collect()
}
