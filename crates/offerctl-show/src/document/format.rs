//! What was formatted, as a document.

use serde::Serialize;

/// What `offerctl fmt --format json` prints.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[cfg_attr(
    feature = "schema",
    schemars(title = "offerctl fmt", deny_unknown_fields)
)]
pub struct FormatDocument {
    /// The version of this format: 1.
    pub format_version: u32,
    /// The files that were written, or that would be with `--check`.
    pub changed: Vec<String>,
}
