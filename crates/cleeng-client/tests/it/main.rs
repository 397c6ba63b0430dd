//! What the client sends and makes of what comes back, over real connections to servers on this
//! machine that answer as they are told.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod answers;
mod batches;
mod captures;
mod connections;
mod failures;
mod fields;
mod forms;
mod proxies;
mod requests;
mod rest;
mod secrecy;
mod server;
