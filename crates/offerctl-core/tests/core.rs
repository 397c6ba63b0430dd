//! The tests of the core from outside: one program, a module per subject.

mod check;
mod conflicts;
mod diff;
mod guard;
mod matching;
mod plan;
mod scenarios;
mod support;
