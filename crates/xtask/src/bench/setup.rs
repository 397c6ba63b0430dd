//! What the measurements are made with: [`Bench`].

use std::path::PathBuf;

use super::cost::{Costs, Work};

/// The programs that are measured, and how often.
pub(super) struct Bench {
    pub(super) runs: usize,
    pub(super) program: PathBuf,
    pub(super) task: PathBuf,
}

impl Bench {
    /// Runs some works in turn, several times, so that what else the machine does falls on all of them.
    pub(super) fn costs<const WORKS: usize>(
        &self,
        works: [&Work<'_>; WORKS],
    ) -> anyhow::Result<[Costs; WORKS]> {
        self.costs_of(self.runs, works)
    }

    pub(super) fn costs_of<const WORKS: usize>(
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
    pub(super) fn conditions(&self) -> String {
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
