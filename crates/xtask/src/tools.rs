//! `cargo xtask tools`: programs that checks need and that take minutes to compile.
//!
//! They are installed once, into a folder of this user outside of `target/`, and found again by later runs.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::Context;

use crate::process::cargo;

/// The version of cargo-deny that `deny.toml` is written for.
const CARGO_DENY: &str = "0.20.2";

/// Installs all of them.
pub(crate) fn install() -> anyhow::Result<()> {
    println!("{}", cargo_deny()?.display());
    Ok(())
}

/// Returns the path of cargo-deny: that of this user, or one that is installed now.
pub(crate) fn cargo_deny() -> anyhow::Result<PathBuf> {
    let own = PathBuf::from("cargo-deny");
    let runs = |program: &PathBuf| {
        Command::new(program)
            .arg("--version")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    };
    if runs(&own) {
        return Ok(own);
    }
    let folder = folder()?;
    let program = folder.join("bin").join("cargo-deny");
    if !runs(&program) {
        let root = folder.to_string_lossy().into_owned();
        cargo(
            &[
                "install",
                "--quiet",
                "--locked",
                "--root",
                &root,
                "cargo-deny",
                "--version",
                CARGO_DENY,
            ],
            &[],
        )?;
    }
    Ok(program)
}

/// `OFFERCTL_TOOLS`, or a folder in this user's cache.
fn folder() -> anyhow::Result<PathBuf> {
    let variable = |name| std::env::var_os(name).map(PathBuf::from);
    variable("OFFERCTL_TOOLS")
        .or_else(|| Some(variable("XDG_CACHE_HOME")?.join("offerctl-tools")))
        .or_else(|| Some(variable("HOME")?.join(".cache/offerctl-tools")))
        .context("neither OFFERCTL_TOOLS nor HOME says where tools are kept")
}
