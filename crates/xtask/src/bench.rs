//! `cargo xtask bench`: speed and memory, as ratios and counts of one run.
//!
//! No figure here passes or fails anything: machines differ. What bounds a figure stands beside it, and with `--write`
//! both go into `docs/performance.md`.

mod apply;
mod binary;
mod build;
mod catalogue;
mod cost;
mod page;
mod pass;
mod peers;
mod plan;
mod setup;
mod shop;
mod start;
mod state;
mod storm;
mod table;
mod validate;

use anyhow::ensure;

use self::setup::Bench;
use self::table::{Line, markdown};
use crate::process::{built, cargo};

pub(crate) use self::cost::measure;
pub(crate) use self::pass::{PassArgs, pass};

/// What is measured, and how.
#[derive(Debug, clap::Args)]
pub(crate) struct BenchArgs {
    /// How often each figure is measured; the median is shown
    #[arg(long, default_value_t = 5)]
    runs: usize,
    /// Measure only the parts whose name has this word in it: start, binary, validate, plan, apply, storm, state, peers, build
    ///
    /// `peers` and `build` are measured only if they are named: the first needs other programs, the second compiles
    /// everything several times.
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
const PARTS: [Part; 9] = [
    ("start", start::run),
    ("binary", binary::run),
    ("validate", validate::run),
    ("plan", plan::run),
    ("apply", apply::run),
    ("storm", storm::run),
    ("state", state::run),
    ("peers", peers::run),
    ("build", build::run),
];

/// Measures, and prints a table of each part.
pub(crate) fn run(args: &BenchArgs) -> anyhow::Result<()> {
    let bench = Bench {
        runs: args.runs.max(1),
        program: built("dist", "offerctl"),
        task: built("dist", "xtask"),
    };
    let wanted = |name: &str| match &args.only {
        Some(word) => name.contains(word.as_str()),
        None => name != "build" && (name != "peers" || args.peers),
    };
    let parts: Vec<&Part> = PARTS.iter().filter(|(name, _)| wanted(name)).collect();
    ensure!(!parts.is_empty(), "no part of the bench has that name");
    // Building by itself needs no program.
    if parts.iter().any(|(name, _)| *name != "build") {
        let packages = ["--package", "offerctl", "--package", "xtask"];
        cargo(
            &[&["build", "--profile", "dist", "--quiet"], &packages[..]].concat(),
            &[],
        )?;
    }
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
