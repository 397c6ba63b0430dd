//! The tests of the core from outside: one program, a module per subject.

mod conflicts;
mod diff;
mod matching;
mod scenarios;
mod support;
