//! JSON Schemas of what people write, so that editors complete and explain it.

mod allow;
mod manifest;
mod project;

use schemars::Schema;

/// Returns the schema of files with offers.
pub fn manifest() -> Schema {
    manifest::schema()
}

/// Returns the schema of `offerctl.yaml`.
pub fn project() -> Schema {
    project::schema()
}
