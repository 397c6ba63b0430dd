//! The emulator over real HTTP, one module for each thing that is promised.

#![expect(
    clippy::unwrap_used,
    reason = "clippy sees only the test functions themselves as tests"
)]

mod client;
mod control;
mod data_file;
mod door;
mod envelope;
mod fault_answers;
mod fault_lies;
mod fault_lists;
mod fault_writes;
mod http;
mod lists;
mod load;
mod multi_currency;
mod offers;
mod profiles;
mod quirks;
mod records;
mod rest;
mod sdk;
mod validation;
