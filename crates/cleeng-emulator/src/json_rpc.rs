//! The JSON-RPC 3.0 generation of the API: everything that only it says.

mod answer;
pub(crate) mod change;
mod envelope;
pub(crate) mod exchange;
mod failure;
mod list;
mod member;
pub(crate) mod method;
mod multi_currency;
mod offer_ids;
mod parameter;
mod render;
mod rule;
mod service;
pub(crate) mod shape;
mod substitute;
mod write;
mod zeros;
