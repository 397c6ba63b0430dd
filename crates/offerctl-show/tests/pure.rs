//! The tests of the pure crates from outside: one program, a module per subject.

#![expect(
    clippy::unwrap_used,
    clippy::format_collect,
    clippy::too_many_lines,
    reason = "these are tests: tables of cases are long"
)]

mod accept;
mod answer;
mod approvals;
mod check;
mod codes;
mod compare;
mod conflicts;
mod diff;
mod drift;
mod environments;
mod format;
mod guard;
mod laws;
mod matching;
mod model;
mod nulls;
mod plan;
mod render;
mod rest;
mod scenarios;
mod settle;
mod support;
mod undo;
mod who;
