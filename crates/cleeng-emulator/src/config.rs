//! How an emulator is set up: [`Config`].

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use thiserror::Error;

use crate::account::Account;
use crate::clock::Clock;
use crate::fault::FaultRule;
use crate::origin::Origin;
use crate::quirk::Quirks;
use crate::throttle::Throttle;

/// Everything that can be chosen at the start.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where to listen; port 0 takes a free one. Only requests to this machine are served, and to this address.
    pub listen: SocketAddr,
    /// The origins whose web pages may send requests. Without one, requests of web pages are refused.
    pub allowed_origins: Vec<Origin>,
    /// The account to play. A data file that exists brings its own, but for the token.
    pub account: Account,
    /// Where the catalogue is kept.
    pub data: Data,
    /// Which methods work.
    pub profile: Profile,
    /// How to answer where the sources leave it open.
    pub quirks: Quirks,
    /// What is to go wrong.
    pub faults: Vec<FaultRule>,
    /// Most calls of a batch. 25 are known to be safe; the service's own cap is not documented (docs/cleeng-api.md §1.2).
    pub batch_cap: usize,
    /// Most bytes of a body; more is answered with HTTP 413.
    pub body_limit: usize,
    /// How long every HTTP request takes at least.
    pub latency: Duration,
    /// Which requests are let through; all, if `None`.
    pub throttle: Option<Throttle>,
    /// The time of new and changed offers.
    pub clock: Clock,
    /// What the ids of new offers are made from; `None` takes the system's randomness.
    pub seed: Option<u64>,
    /// Whether answers are compressed for clients that accept it.
    pub compression: Compression,
}

/// Where the catalogue is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Data {
    /// In memory, for as long as the emulator runs.
    #[default]
    Memory,
    /// In a file, which the first write creates.
    File(PathBuf),
}

/// Which of the documented methods work.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Profile {
    /// All of them.
    #[default]
    Classic,
    /// All but those documented as "deprecated and no longer available" (docs/cleeng-api.md §0):
    /// updatePassOffer, updateEventOffer, deactivateSubscriptionOffer, deactivateRentalOffer, updateVodOffer and
    /// deactivateVodOffer. They fail with code -32601, that of unknown methods: what the service answers is not known.
    Current,
}

/// The name is of no profile.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{0}` is no profile; there are classic, current")]
pub struct ParseProfileError(pub String);

/// Whether answers are compressed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Compression {
    /// With gzip, where the request accepts it.
    #[default]
    Gzip,
    /// Never.
    Off,
}

impl std::str::FromStr for Profile {
    type Err = ParseProfileError;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match name {
            "classic" => Ok(Self::Classic),
            "current" => Ok(Self::Current),
            _ => Err(ParseProfileError(name.to_owned())),
        }
    }
}

impl Default for Config {
    /// Returns a setup on a free port of the loopback, in memory, without faults.
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            allowed_origins: Vec::new(),
            account: Account::default(),
            data: Data::default(),
            profile: Profile::default(),
            quirks: Quirks::default(),
            faults: Vec::new(),
            batch_cap: 100,
            body_limit: 10 * 1024 * 1024,
            latency: Duration::ZERO,
            throttle: None,
            clock: Clock::default(),
            seed: None,
            compression: Compression::default(),
        }
    }
}
