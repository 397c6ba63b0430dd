//! The service of either generation: [`Reader`] and [`Writer`].

use std::sync::{Arc, OnceLock};

use cleeng_client::{Config, ConfigError, Gate};
use offerctl_model::name::OfferId;
use offerctl_model::offer_type::{Api, OfferType};
use offerctl_reconcile::live::Live;

use crate::fetch::FetchError;
use crate::json_rpc::{JsonRpcReader, JsonRpcWriter};
use crate::remote::{
    Answers, GetCall, HasReader, Means, Purpose, RemoteRead, RemoteWrite, ShownOffer, WriteCall,
};
use crate::rest::{RestReader, RestWriter};
use crate::sabotage;
use crate::store::Probe;

/// Reads, and has no way to write, by itself or where something is asked for that writes. What compiles with a [`Writer`]
/// does not compile with it:
///
/// ```
/// # use offerctl_engine::remote::{RemoteWrite, WriteCall};
/// # use offerctl_engine::service::Writer;
/// async fn plan(remote: &Writer, calls: &[WriteCall]) {
///     let _answers = RemoteWrite::write(remote, calls).await;
/// }
/// ```
///
/// ```compile_fail,E0277
/// # use offerctl_engine::remote::{RemoteWrite, WriteCall};
/// # use offerctl_engine::service::Reader;
/// async fn plan(remote: &Reader, calls: &[WriteCall]) {
///     let _answers = RemoteWrite::write(remote, calls).await;
/// }
/// ```
///
/// ```
/// # use offerctl_engine::remote::RemoteWrite;
/// # use offerctl_engine::service::Writer;
/// # fn apply(_remote: &impl RemoteWrite) {}
/// fn drift(remote: &Writer) {
///     apply(remote);
/// }
/// ```
///
/// ```compile_fail,E0277
/// # use offerctl_engine::remote::RemoteWrite;
/// # use offerctl_engine::service::Reader;
/// # fn apply(_remote: &impl RemoteWrite) {}
/// fn drift(remote: &Reader) {
///     apply(remote);
/// }
/// ```
#[derive(Debug, Clone)]
pub enum Reader {
    /// Over JSON-RPC.
    JsonRpc(JsonRpcReader),
    /// Over REST.
    Rest(RestReader),
}

/// Reads and writes.
#[derive(Debug, Clone)]
pub struct Writer {
    /// The reader of the writer below, with which it shares the versions that it knows.
    reader: Reader,
    generation: Generation,
    latch: Latch,
}

/// The lock that writes need to leave, once there is one.
#[derive(Debug, Clone, Default)]
struct Latch(Arc<OnceLock<Probe>>);

impl Latch {
    fn gate(&self) -> Gate {
        let latch = Arc::clone(&self.0);
        let ignores_lock = sabotage::is("stale-updates");
        Gate::new(move || ignores_lock || latch.get().is_none_or(Probe::lets_leave))
    }
}

#[derive(Debug, Clone)]
enum Generation {
    JsonRpc(JsonRpcWriter),
    Rest(RestWriter),
}

impl Reader {
    /// Makes a client that reads.
    pub fn new(api: Api, config: &Config) -> Result<Self, ConfigError> {
        match api {
            Api::JsonRpc => JsonRpcReader::new(config).map(Self::JsonRpc),
            Api::Rest => RestReader::new(config).map(Self::Rest),
        }
    }
}

impl Writer {
    /// Makes a client that reads and writes.
    pub fn new(api: Api, config: &Config) -> Result<Self, ConfigError> {
        let latch = Latch::default();
        let config = &config.clone().gate(latch.gate());
        Ok(match api {
            Api::JsonRpc => {
                let writer = JsonRpcWriter::new(config)?;
                Self {
                    reader: Reader::JsonRpc(writer.reader().clone()),
                    generation: Generation::JsonRpc(writer),
                    latch,
                }
            }
            Api::Rest => {
                let writer = RestWriter::new(config)?;
                Self {
                    reader: Reader::Rest(writer.reader().clone()),
                    generation: Generation::Rest(writer),
                    latch,
                }
            }
        })
    }
}

impl RemoteRead for Reader {
    async fn read(
        &self,
        means: Means<'_>,
        types: &[OfferType],
        purpose: Purpose<'_>,
    ) -> Result<Live, FetchError> {
        match self {
            Self::JsonRpc(reader) => reader.read(means, types, purpose).await,
            Self::Rest(reader) => reader.read(means, types, purpose).await,
        }
    }

    fn shows_whole_offers(&self) -> bool {
        match self {
            Self::JsonRpc(reader) => reader.shows_whole_offers(),
            Self::Rest(reader) => reader.shows_whole_offers(),
        }
    }

    async fn get(&self, calls: &[GetCall]) -> Answers<ShownOffer> {
        match self {
            Self::JsonRpc(reader) => reader.get(calls).await,
            Self::Rest(reader) => reader.get(calls).await,
        }
    }
}

impl HasReader for Writer {
    type Reader = Reader;

    fn reader(&self) -> &Reader {
        &self.reader
    }
}

impl RemoteWrite for Writer {
    async fn write(&self, calls: &[WriteCall]) -> Answers<ShownOffer> {
        match &self.generation {
            Generation::JsonRpc(writer) => writer.write(calls).await,
            Generation::Rest(writer) => writer.write(calls).await,
        }
    }

    fn guard(&self, probe: &Probe) {
        // One writer serves one run.
        let _first = self.latch.0.set(probe.clone());
    }

    fn found_done(&self, id: &OfferId) {
        match &self.generation {
            Generation::JsonRpc(writer) => writer.found_done(id),
            Generation::Rest(writer) => writer.found_done(id),
        }
    }
}

#[cfg(test)]
mod guard_tests;
