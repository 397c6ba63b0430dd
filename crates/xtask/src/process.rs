//! Running cargo and other programs, and finding the repository.

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
    run(Command::new(env!("CARGO"))
        .args(arguments)
        .envs(variables.iter().copied())
        .current_dir(root()))
    .with_context(|| format!("`cargo {}` failed", arguments.join(" ")))
}

/// Runs a program; fails if it does.
pub(crate) fn run(command: &mut Command) -> anyhow::Result<()> {
    let status = command
        .status()
        .with_context(|| format!("failed to run {}", command.get_program().display()))?;
    ensure!(status.success(), "it ended with {status}");
    Ok(())
}

/// Where cargo puts a program that it has built with a profile, whose folder is named for it (`debug` for the one of tests).
pub(crate) fn built(folder: &str, program: &str) -> PathBuf {
    target()
        .join(folder)
        .join(format!("{program}{}", std::env::consts::EXE_SUFFIX))
}

/// The folder that cargo builds into.
pub(crate) fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}
