//! The JSON-RPC 3.0 generation of the API: everything that only it says.

pub(crate) mod change;
pub(crate) mod envelope;
pub(crate) mod failure;
mod list;
mod member;
pub(crate) mod method;
mod multi_currency;
pub(crate) mod render;
mod rule;
pub(crate) mod service;
pub(crate) mod shape;
pub(crate) mod substitute;
mod write;
