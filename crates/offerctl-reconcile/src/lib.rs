//! What is done about the difference between what is desired and what is live.
//!
//! ```text
//!   desired ─┐
//!   live ────┼─▶ matching ─▶ diff ─▶ plan ─▶ check ─▶ guard
//!   state ───┘
//! ```
//!
//! [`plan::plan`] is total; [`check::check`] looks at its result again; [`guard::review`] says what must not be applied;
//! [`settle`] says what became of a create whose answer was lost. Nothing here does I/O, has a clock, or is random: the same
//! inputs give the same bytes.

pub mod accept;
pub mod approval;
pub mod check;
pub mod compare;
pub mod conflict;
pub mod detail;
pub mod diff;
pub mod doctor;
pub mod drift;
pub mod fingerprint;
mod fold;
pub mod guard;
mod hash;
pub mod headline;
pub mod import;
pub mod live;
pub mod lookalike;
mod looks;
pub mod matching;
mod notation;
pub mod plan;
pub mod rebuild;
pub mod report;
pub mod saved;
pub mod settle;
mod shown_amount;
pub mod state;
