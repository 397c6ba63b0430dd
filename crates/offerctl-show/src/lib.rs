//! What people and scripts read: plans, reports, drift and diagnostics as text, Markdown and JSON.
//!
//! Nothing here decides anything, and nothing prints: the command line does.

pub mod document;
pub mod render;
pub mod schema;
