//! `cargo xtask ci`: what a commit has to pass.

use crate::process::cargo;
use crate::{docs, schemas};

/// Runs all checks; the first that fails ends the run.
pub(crate) fn run() -> anyhow::Result<()> {
    let strict = [("RUSTFLAGS", "-D warnings")];
    cargo(&["fmt", "--all", "--check"], &[])?;
    cargo(&["clippy", "--workspace", "--all-targets"], &strict)?;
    cargo(&["test", "--workspace"], &[("INSTA_UPDATE", "no")])?;
    cargo(
        &["doc", "--workspace", "--no-deps"],
        &[("RUSTDOCFLAGS", "-D warnings")],
    )?;
    schemas::run(true)?;
    docs::run(true)
}
