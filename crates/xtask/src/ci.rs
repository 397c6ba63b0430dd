//! `cargo xtask ci`: what CI runs, and what a commit has to pass; `cargo xtask nightly`: the same kinds of checks with
//! samples that take hours.

use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};

use crate::folder::copy;
use crate::process::{built, cargo, root, run};
use crate::{docs, schemas, tools};

/// One kind of check.
type Step = (&'static str, fn() -> anyhow::Result<()>);

/// What a commit has to pass: first what most often fails, last what only runs.
const STEPS: [Step; 11] = [
    ("formatting", formatting),
    ("clippy", clippy),
    ("the README's test command", tests),
    ("documentation", documentation),
    ("schemas and generated documentation are fresh", fresh),
    ("licences, bans and sources of dependencies", dependencies),
    (
        "the main job, twice: the second time there is nothing left to do",
        main_job,
    ),
    ("a sample of every fuzz target", || {
        task(&["fuzz", "--runs", "2000"])
    }),
    (
        "everything goes wrong, and nothing is created twice",
        || torture(&["--schedules", "500"]),
    ),
    (
        "the same with two and three runners, whose state is in one bucket",
        || torture(&["--bucket", "--schedules", "120"]),
    ),
    ("a program that is broken on purpose is found out", || {
        torture(&["--sabotage", "--schedules", "600"])?;
        torture(&["--sabotage", "--bucket", "--schedules", "2000"])
    }),
];

/// Runs all checks; the first that fails ends the run.
pub(crate) fn ci() -> anyhow::Result<()> {
    carry_out(&STEPS)
}

/// The large samples of what [`ci`] runs a small one of.
const LARGE: [Step; 6] = [
    ("every fuzz target", || task(&["fuzz", "--runs", "1000000"])),
    ("the widest cases of the model", || {
        cargo(
            &[
                "test",
                "--release",
                "--package",
                "offerctl-show",
                "--test",
                "pure",
                "--",
                "--ignored",
                "wide",
            ],
            &[],
        )
    }),
    ("torture", || {
        task(&["torture", "--release", "--schedules", "5000"])
    }),
    ("torture with a bucket", || {
        task(&["torture", "--release", "--bucket", "--schedules", "3000"])
    }),
    ("sabotage", || {
        task(&["torture", "--sabotage", "--schedules", "2000"])
    }),
    ("sabotage with a bucket", || {
        task(&["torture", "--sabotage", "--bucket", "--schedules", "4000"])
    }),
];

/// Runs the large samples.
pub(crate) fn nightly() -> anyhow::Result<()> {
    carry_out(&LARGE)
}

fn carry_out(steps: &[Step]) -> anyhow::Result<()> {
    let mut took: Vec<(&str, Duration)> = Vec::new();
    for (title, check) in steps {
        println!("== {title}");
        let start = Instant::now();
        check().with_context(|| format!("failed: {title}"))?;
        took.push((title, start.elapsed()));
    }
    println!("== all passed");
    for (title, time) in &took {
        println!("{:>5} s  {title}", time.as_secs());
    }
    let total: Duration = took.iter().map(|(_, time)| *time).sum();
    println!("{:>5} s  in all", total.as_secs());
    Ok(())
}

fn formatting() -> anyhow::Result<()> {
    cargo(&["fmt", "--all", "--check"], &[])?;
    cargo(
        &["fmt", "--manifest-path", "tests/fuzz/Cargo.toml", "--check"],
        &[],
    )
}

fn clippy() -> anyhow::Result<()> {
    // Given to clippy and not in RUSTFLAGS, for which all dependencies would be checked once more.
    cargo(
        &[
            "clippy",
            "--workspace",
            "--all-targets",
            "--",
            "-D",
            "warnings",
        ],
        &[],
    )
}

fn tests() -> anyhow::Result<()> {
    cargo(&["test", "--workspace"], &[("INSTA_UPDATE", "no")])
}

fn documentation() -> anyhow::Result<()> {
    cargo(
        &["doc", "--workspace", "--no-deps"],
        &[("RUSTDOCFLAGS", "-D warnings")],
    )
}

/// The tests have built the program; by itself it would be built once more, with the features of fewer packages.
fn fresh() -> anyhow::Result<()> {
    schemas::run(true)?;
    docs::write(true)
}

fn dependencies() -> anyhow::Result<()> {
    let program = tools::cargo_deny()?;
    run(Command::new(program)
        .args(["--all-features", "check", "bans", "licenses", "sources"])
        .current_dir(root()))
}

/// What the README says, on a copy of the example, so that nothing is left behind.
fn main_job() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let example = folder.path().join("offers.example");
    fs::create_dir(&example)?;
    copy(&root().join("offers.example"), &example)?;
    // A developer who has tried the example has a state in it.
    let state = example.join(".offerctl");
    if state.exists() {
        fs::remove_dir_all(state)?;
    }
    let example = example.to_string_lossy().into_owned();
    let offerctl = ["run", "--release", "--", "-C", &example];
    cargo(&[&offerctl[..], &["apply", "--auto-approve"]].concat(), &[])?;
    cargo(
        &[&offerctl[..], &["plan", "--detailed-exitcode"]].concat(),
        &[],
    )
}

/// Runs another task.
fn task(arguments: &[&str]) -> anyhow::Result<()> {
    println!("$ cargo xtask {}", arguments.join(" "));
    run(Command::new(std::env::current_exe()?)
        .args(arguments)
        .current_dir(root()))
}

/// Tortures the program that the tests were run with, so that it is built once. Only such a build can be broken on purpose.
fn torture(arguments: &[&str]) -> anyhow::Result<()> {
    let program = built("debug", "offerctl");
    ensure!(program.is_file(), "{} is not built", program.display());
    let program = program.to_string_lossy().into_owned();
    task(&[&["torture", "--program", &program], arguments].concat())
}
