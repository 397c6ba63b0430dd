//! `cargo xtask bench`: speed and memory, as ratios and counts of one run.
//!
//! No figure here passes or fails anything: machines differ. What bounds a figure stands beside it.

mod catalogue;
mod cost;
mod state;

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, ensure};
use cleeng_emulator::{Config, Emulator};

use self::catalogue::{Shape, write_catalogue};
use self::cost::{Cost, median};
use crate::process::{cargo, root};

pub(crate) use self::cost::measure;

/// The token that the emulator takes: it takes any.
const TOKEN: &str = "bench";

/// Measures everything and prints a table.
pub(crate) fn run(runs: usize) -> anyhow::Result<()> {
    cargo(
        &[
            "build",
            "--release",
            "--quiet",
            "--package",
            "offerctl",
            "--package",
            "xtask",
        ],
        &[],
    )?;
    let bench = Bench {
        runs: runs.max(1),
        program: program("offerctl"),
        task: program("xtask"),
    };
    println!("{:<58} {:>10} {:>12}   aim", "work", "figure", "");
    bench.version()?;
    bench.validate()?;
    bench.plan()?;
    state::run(&bench.program)
}

/// Measures only what the state costs.
pub(crate) fn run_state() -> anyhow::Result<()> {
    cargo(
        &["build", "--release", "--quiet", "--package", "offerctl"],
        &[],
    )?;
    state::run(&program("offerctl"))
}

/// Parses every file below a folder and throws the events away.
pub(crate) fn yaml_pass(folder: &Path) -> anyhow::Result<()> {
    let mut events = 0;
    for path in catalogue::yaml_files(folder)? {
        events += offerctl_core::yaml::scan_events(&std::fs::read_to_string(path)?);
    }
    println!("{events} events");
    Ok(())
}

fn program(name: &str) -> PathBuf {
    let target =
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
    target
        .join("release")
        .join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
}

struct Bench {
    runs: usize,
    program: PathBuf,
    task: PathBuf,
}

impl Bench {
    /// Runs a command several times; returns the median of each figure.
    fn cost(
        &self,
        folder: &Path,
        program: &Path,
        arguments: &[&str],
        exit: i32,
    ) -> anyhow::Result<Cost> {
        let costs: anyhow::Result<Vec<Cost>> = (0..self.runs)
            .map(|_| cost::of(&self.task, folder, program, arguments, exit))
            .collect();
        Ok(median(&costs?))
    }

    fn version(&self) -> anyhow::Result<()> {
        let cost = self.cost(Path::new("."), &self.program, &["--version"], 0)?;
        row("--version", &milliseconds(cost.wall), "", "under 10 ms");
        Ok(())
    }

    fn validate(&self) -> anyhow::Result<()> {
        let folder = tempfile::tempdir()?;
        let shape = Shape {
            offers: 10_000,
            localizations: 5,
            per_file: 100,
        };
        let bytes = write_catalogue(folder.path(), shape, "endpoint: emulator")?;
        let name = "validate 10,000 offers × 5 localizations";
        let validate = self.cost(folder.path(), &self.program, &["validate"], 0)?;
        let path = folder.path().to_string_lossy().into_owned();
        let pass = self.cost(folder.path(), &self.task, &["yaml-pass", &path], 0)?;
        row(&format!("{name}: bytes"), &megabytes(bytes), "", "");
        row(&format!("{name}: CPU"), &milliseconds(validate.cpu), "", "");
        row(
            "  a bare pass of the YAML parser over the same bytes: CPU",
            &milliseconds(pass.cpu),
            "",
            "",
        );
        row(
            "  ratio of the two",
            &ratio(validate.cpu, pass.cpu),
            "",
            "at most 2.5",
        );
        row(
            &format!("{name}: wall"),
            &milliseconds(validate.wall),
            "",
            "",
        );
        row(
            &format!("{name}: peak memory"),
            &megabytes(validate.memory),
            "",
            "under 150 MB",
        );
        Ok(())
    }

    fn plan(&self) -> anyhow::Result<()> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()?;
        let emulator = runtime.block_on(Emulator::start(Config::default()))?;
        let folder = tempfile::tempdir()?;
        let shape = Shape {
            offers: 10_000,
            localizations: 0,
            per_file: 100,
        };
        write_catalogue(
            folder.path(),
            shape,
            &format!("endpoint: {}", emulator.url()),
        )?;
        let apply = cost::of(
            &self.task,
            folder.path(),
            &self.program,
            &["apply", "--auto-approve", "--quiet"],
            0,
        )?;
        ensure!(
            emulator.offers().len() == shape.offers,
            "the catalogue was not applied"
        );
        row(
            "apply 10,000 creates: wall",
            &milliseconds(apply.wall),
            "",
            "",
        );
        emulator.reset_requests();
        let cost = self
            .cost(
                folder.path(),
                &self.program,
                &["plan", "--detailed-exitcode"],
                0,
            )
            .context("failed to plan")?;
        let requests = emulator.requests().http_requests() / self.runs as u64;
        row(
            "plan, no change, 10,000 live offers: wall",
            &milliseconds(cost.wall),
            "",
            "under 1500 ms",
        );
        row(
            "plan, no change, 10,000 live offers: CPU",
            &milliseconds(cost.cpu),
            "",
            "",
        );
        row(
            "plan, no change, 10,000 live offers: peak memory",
            &megabytes(cost.memory),
            "",
            "under 200 MB",
        );
        row(
            "plan, no change, 10,000 live offers: HTTP requests",
            &requests.to_string(),
            "",
            "",
        );
        runtime.block_on(emulator.shutdown());
        Ok(())
    }
}

fn row(work: &str, figure: &str, more: &str, aim: &str) {
    println!("{work:<58} {figure:>10} {more:>12}   {aim}");
}

fn milliseconds(duration: Duration) -> String {
    format!("{:.1} ms", duration.as_secs_f64() * 1000.0)
}

fn megabytes(bytes: u64) -> String {
    format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000)
}

fn ratio(one: Duration, other: Duration) -> String {
    format!("{:.2}", one.as_secs_f64() / other.as_secs_f64())
}
