//! `cargo xtask bench`: speed and memory, as ratios and counts of one run.
//!
//! No figure here passes or fails anything: machines differ. What bounds a figure stands beside it, and with `--write`
//! both go into `docs/performance.md`.

mod apply;
mod binary;
mod catalogue;
mod cost;
mod page;
mod pass;
mod peers;
mod plan;
mod shop;
mod start;
mod state;
mod storm;
mod table;
mod validate;

use std::path::PathBuf;

use anyhow::ensure;

use self::cost::{Costs, Work};
use self::table::{Line, markdown};
use crate::process::{cargo, root};

pub(crate) use self::cost::measure;
pub(crate) use self::pass::{PassArgs, pass};

/// The token that the emulator takes: it takes any.
const TOKEN: &str = "bench";

/// What is measured, and how.
#[derive(Debug, clap::Args)]
pub(crate) struct BenchArgs {
    /// How often each figure is measured; the median is shown
    #[arg(long, default_value_t = 5)]
    runs: usize,
    /// Measure only the parts whose name has this word in it: start, binary, validate, plan, apply, storm, state, peers
    #[arg(long, value_name = "WORD")]
    only: Option<String>,
    /// Write the tables into docs/performance.md
    #[arg(long)]
    write: bool,
    /// Measure the same work with Terraform and octoDNS too, where they are on this machine
    #[arg(long)]
    peers: bool,
}

/// One part of the bench: its name and what it measures.
type Part = (&'static str, fn(&Bench) -> anyhow::Result<Vec<Line>>);

/// The parts, the shortest first.
const PARTS: [Part; 8] = [
    ("start", start::run),
    ("binary", binary::run),
    ("validate", validate::run),
    ("plan", plan::run),
    ("apply", apply::run),
    ("storm", storm::run),
    ("state", state::run),
    ("peers", peers::run),
];

/// Measures, and prints a table of each part.
pub(crate) fn run(args: &BenchArgs) -> anyhow::Result<()> {
    let packages = ["--package", "offerctl", "--package", "xtask"];
    cargo(
        &[&["build", "--release", "--quiet"], &packages[..]].concat(),
        &[],
    )?;
    let bench = Bench {
        runs: args.runs.max(1),
        program: program("offerctl"),
        task: program("xtask"),
    };
    let wanted = |name: &str| match &args.only {
        Some(word) => name.contains(word.as_str()),
        None => name != "peers" || args.peers,
    };
    let parts: Vec<&Part> = PARTS.iter().filter(|(name, _)| wanted(name)).collect();
    ensure!(!parts.is_empty(), "no part of the bench has that name");
    let mut missed = 0;
    for (name, measure) in parts {
        println!("\n## {name}\n");
        let lines = measure(&bench)?;
        let table = format!("{}\n\n{}", bench.conditions(), markdown(&lines));
        println!("{table}");
        missed += lines
            .iter()
            .filter(|line| line.is_met() == Some(false))
            .count();
        if args.write {
            page::write(name, &table)?;
        }
    }
    println!("{missed} aims are missed.");
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
    /// Runs some works in turn, several times, so that what else the machine does falls on all of them.
    fn costs<const WORKS: usize>(
        &self,
        works: [&Work<'_>; WORKS],
    ) -> anyhow::Result<[Costs; WORKS]> {
        self.costs_of(self.runs, works)
    }

    fn costs_of<const WORKS: usize>(
        &self,
        runs: usize,
        works: [&Work<'_>; WORKS],
    ) -> anyhow::Result<[Costs; WORKS]> {
        let mut costs = [const { Costs(Vec::new()) }; WORKS];
        for _ in 0..runs {
            for (work, costs) in works.iter().zip(&mut costs) {
                costs.0.push(work.cost(&self.task)?);
            }
        }
        Ok(costs)
    }

    /// What a reader has to know of the machine, and of how busy it was.
    fn conditions(&self) -> String {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
        let load = match load.split(' ').next() {
            Some(load) if !load.is_empty() => format!(", load {load} at the end"),
            Some(_) | None => String::new(),
        };
        format!(
            "{cores} cores, {}-{}, {} runs{load}.",
            std::env::consts::OS,
            std::env::consts::ARCH,
            self.runs
        )
    }
}
