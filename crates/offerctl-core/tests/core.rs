//! The tests of the core from outside: one program, a module per subject.

mod scenarios;
mod support;
