//! Cleeng's offer API as a local server: an independent witness against which a client of that API is tested.
//!
//! [`Emulator::start`] takes a [`Config`] and serves the 39 JSON-RPC 3.0 methods on offers at `POST /3.0/json-rpc`, and the
//! REST operations on offers and season groups of Core 3.1 below `/3.1/offers`: two generations of one API, over the same
//! offers. What is emulated, and how sure that is, stands in `docs/cleeng-api.md`, whose sections the
//! documentation here refers to; nothing was ever compared with the running service. Where the sources contradict each
//! other there are [`Quirks`], and what can go wrong on the way is a [`FaultRule`].
//!
//! # Structure
//!
//! Neutral between the generations of the API are the offers (`offer`, `field`, `kind`, `id`, `code`, `span`), their store
//! (`store`), the groups of seasons (`season`), the data file (`file`), the faults (`fault`), the switches (`quirk`) and the
//! record of what was asked (`record`). Everything that only the JSON-RPC generation says is below `json_rpc`: envelope, methods, the table of
//! fields, rendering; what only REST says is below `rest`. `exchange` works through one HTTP request of either generation,
//! `world` is what all of them share, `server` speaks HTTP.

mod account;
mod clock;
mod code;
mod config;
mod emulator;
mod exchange;
mod fault;
mod field;
mod file;
mod id;
mod json;
mod json_rpc;
mod kind;
mod offer;
mod origin;
pub mod quirk;
mod record;
mod rest;
mod season;
mod server;
mod service;
mod span;
mod store;
mod throttle;
mod world;

pub use account::{Account, Token};
pub use clock::{Clock, ManualClock};
pub use code::{Country, Currency, ParseCodeError};
pub use config::{Compression, Config, Data, ParseProfileError, Profile};
pub use emulator::{EditError, Emulator, StartError};
pub use fault::{FAULT_GRAMMAR, FaultRule, ParseFaultError};
pub use field::{Field, FieldValue, PriceRule};
pub use file::{DataFileError, DataFileErrorKind};
pub use id::{OfferId, ParseOfferIdError};
pub use kind::Kind;
pub use offer::Offer;
pub use origin::{Origin, ParseOriginError};
pub use quirk::{ParseQuirkError, Quirk, QuirkHelp, Quirks};
pub use record::{AnswerRecord, CallOutcome, CallRecord, RequestRecord, Requests};
pub use season::{ParseSeasonGroupIdError, Season, SeasonGroup, SeasonGroupId};
pub use span::{Span, SpanUnit};
pub use throttle::{ParseThrottleError, Throttle};
