//! The pure heart of `offerctl`: from manifests to a plan.
//!
//! ```text
//!   files ─▶ manifest ─▶ desired ─┐
//!                        live ────┼─▶ matching ─▶ diff ─▶ plan ─▶ check ─▶ guard ─▶ render, document
//!                        state ───┘
//! ```
//!
//! Nothing here does I/O, has a clock, or is random: the same inputs give the same bytes. A text becomes
//! [`manifest::Manifest`]s with every mistake noted at its place; [`desired::resolve`] makes them into what one
//! environment should have and refuses whatever could make a plan fail; [`plan::plan`] is total;
//! [`check::check`] looks at its result again; [`guard::review`] says what must not be applied.

pub mod accept;
pub mod check;
mod codes;
pub mod compare;
pub mod conflict;
pub mod content;
pub mod country;
pub mod desired;
pub mod detail;
pub mod diagnostic;
pub mod diff;
pub mod doctor;
pub mod document;
pub mod drift;
pub mod field;
pub mod fingerprint;
mod fold;
pub mod format;
pub mod guard;
pub mod import;
pub mod live;
pub mod lookalike;
pub mod manifest;
pub mod matching;
pub mod money;
pub mod name;
mod notation;
pub mod offer_type;
pub mod plan;
pub mod project;
pub mod rebuild;
pub mod render;
pub mod report;
pub mod saved;
pub mod schema;
pub mod settle;
pub mod source;
pub mod state;
pub mod value;
pub mod yaml;
