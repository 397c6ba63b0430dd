//! What a doctor found, as a document.

use offerctl_reconcile::doctor::{Check, Verdict};
use serde::Serialize;

use super::version::FORMAT_VERSION;

/// What `offerctl doctor --format json` prints.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DoctorDocument {
    /// The version of this format: 1.
    pub format_version: u32,
    /// The environment.
    pub environment: String,
    /// Whether nothing failed.
    pub healthy: bool,
    /// What was looked at.
    pub checks: Vec<Check>,
}

impl DoctorDocument {
    /// Returns the document of some checks.
    pub fn new(environment: &str, checks: Vec<Check>) -> Self {
        Self {
            format_version: FORMAT_VERSION,
            environment: environment.to_owned(),
            healthy: checks.iter().all(|check| check.verdict != Verdict::Failed),
            checks,
        }
    }
}
