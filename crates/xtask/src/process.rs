//! Running cargo, and finding the repository.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, ensure};

/// The root of the repository.
pub(crate) fn root() -> PathBuf {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    here.ancestors()
        .nth(2)
        .map_or_else(|| here.clone(), std::path::Path::to_path_buf)
}

/// Runs cargo in the root of the repository; fails if it does.
pub(crate) fn cargo(arguments: &[&str], variables: &[(&str, &str)]) -> anyhow::Result<()> {
    println!("$ cargo {}", arguments.join(" "));
    let status = Command::new(env!("CARGO"))
        .args(arguments)
        .envs(variables.iter().copied())
        .current_dir(root())
        .status()
        .context("failed to run cargo")?;
    ensure!(status.success(), "`cargo {}` failed", arguments.join(" "));
    Ok(())
}
