//! From the texts that people write to what one environment should have.
//!
//! ```text
//!   files ─▶ source ─▶ yaml ─▶ manifest ─▶ desired
//!                         └──▶ project ──────┘
//! ```
//!
//! A text becomes [`manifest::Manifest`]s with every mistake noted at its place as a [`diagnostic::Diagnostic`];
//! [`desired::resolve`] makes them into what one environment should have, and refuses whatever could make a plan fail.
//! Nothing here does I/O, has a clock, or is random: the same texts give the same bytes.

pub mod desired;
pub mod diagnostic;
pub mod format;
pub mod manifest;

pub mod project;
#[cfg(feature = "schema")]
pub mod schema;
pub mod source;
pub mod span;
pub mod yaml;
