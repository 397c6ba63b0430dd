//! How long a newcomer waits: the two commands of the README, each in a fresh clone with nothing built.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::setup::Bench;
use super::table::{Aim, Figure, Line};
use crate::process::{root, run as run_program};

/// A command, and how many seconds it may take on two cores.
const COMMANDS: [(&str, &[&str], f64); 2] = [
    (
        "cargo run --release -- -C offers.example apply --auto-approve",
        &[
            "run",
            "--release",
            "--quiet",
            "--",
            "-C",
            "offers.example",
            "apply",
            "--auto-approve",
        ],
        150_000.0,
    ),
    (
        "cargo test --workspace",
        &["test", "--workspace", "--quiet"],
        480_000.0,
    ),
];

/// Each is measured twice: once may be an accident, and three times takes half an hour.
const RUNS: usize = 2;

pub(super) fn run(_bench: &Bench) -> anyhow::Result<Vec<Line>> {
    let mut lines = Vec::new();
    for (command, arguments, seconds) in COMMANDS {
        let times: Vec<Duration> = (0..RUNS)
            .map(|_| in_a_fresh_clone(arguments))
            .collect::<anyhow::Result<_>>()?;
        lines.push(
            Line::new(
                format!("`{command}` in a fresh clone: wall"),
                Figure::time(times),
            )
            .aim(Aim::Under(seconds)),
        );
    }
    Ok(lines)
}

fn in_a_fresh_clone(arguments: &[&str]) -> anyhow::Result<Duration> {
    let folder = tempfile::tempdir()?;
    let clone = folder.path().join("offerctl");
    run_program(
        Command::new("git")
            .args(["clone", "--quiet"])
            .arg(root())
            .arg(&clone),
    )?;
    let start = Instant::now();
    run_program(
        Command::new("cargo")
            .args(arguments)
            .env_remove("CARGO_TARGET_DIR")
            .stdout(Stdio::null())
            .current_dir(&clone),
    )?;
    Ok(start.elapsed())
}
