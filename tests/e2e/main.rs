//! End-to-end tests: the real binary against the real emulator.
//!
//! Only what needs the whole is here: wiring, exit codes, files, faults, signals. Rules are tested in core.

mod fields;
mod localized_fields;
mod main_job;
mod support;
