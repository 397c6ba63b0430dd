//! The service of either generation: [`Reader`] and [`Writer`].

use cleeng_client::{Config, ConfigError};
use offerctl_core::live::Live;
use offerctl_core::name::OfferId;
use offerctl_core::offer_type::{Api, OfferType};

use crate::fetch::FetchError;
use crate::json_rpc::{JsonRpcReader, JsonRpcWriter};
use crate::remote::{
    Answers, GetCall, Means, Purpose, RemoteRead, RemoteWrite, ShownOffer, WriteCall,
};
use crate::rest::{RestReader, RestWriter};

/// Reads, and has no way to write.
#[derive(Debug, Clone)]
pub enum Reader {
    /// Over JSON-RPC.
    JsonRpc(JsonRpcReader),
    /// Over REST.
    Rest(RestReader),
}

/// Reads and writes.
#[derive(Debug, Clone)]
pub enum Writer {
    /// Over JSON-RPC.
    JsonRpc(JsonRpcWriter),
    /// Over REST.
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
        match api {
            Api::JsonRpc => JsonRpcWriter::new(config).map(Self::JsonRpc),
            Api::Rest => RestWriter::new(config).map(Self::Rest),
        }
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

impl RemoteRead for Writer {
    async fn read(
        &self,
        means: Means<'_>,
        types: &[OfferType],
        purpose: Purpose<'_>,
    ) -> Result<Live, FetchError> {
        match self {
            Self::JsonRpc(writer) => writer.read(means, types, purpose).await,
            Self::Rest(writer) => writer.read(means, types, purpose).await,
        }
    }

    fn shows_whole_offers(&self) -> bool {
        match self {
            Self::JsonRpc(writer) => writer.shows_whole_offers(),
            Self::Rest(writer) => writer.shows_whole_offers(),
        }
    }

    async fn get(&self, calls: &[GetCall]) -> Answers<ShownOffer> {
        match self {
            Self::JsonRpc(writer) => writer.get(calls).await,
            Self::Rest(writer) => writer.get(calls).await,
        }
    }
}

impl RemoteWrite for Writer {
    async fn write(&self, calls: &[WriteCall]) -> Answers<ShownOffer> {
        match self {
            Self::JsonRpc(writer) => writer.write(calls).await,
            Self::Rest(writer) => writer.write(calls).await,
        }
    }
    fn found_done(&self, id: &OfferId) {
        match self {
            Self::JsonRpc(writer) => writer.found_done(id),
            Self::Rest(writer) => writer.found_done(id),
        }
    }
}
