//! Development tasks: `cargo xtask help` lists them. Everything here needs nothing but cargo.

#![expect(clippy::print_stdout, reason = "tasks talk to whoever runs them")]

mod bench;
mod ci;
mod docs;
mod folder;
mod fuzz;
mod process;
mod schemas;
#[cfg(test)]
mod tidy;
mod tools;
mod torture;

use clap::{Parser, Subcommand};

/// Development tasks of offerctl
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Args {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Check everything that a commit has to pass: this is what CI runs
    Ci,
    /// Run the large samples of what `ci` runs a small one of; takes hours
    Nightly,
    /// Install the programs that checks need and that take minutes to compile
    Tools,
    /// Write the JSON Schemas into schemas/
    Schemas {
        /// Only say whether they are fresh
        #[arg(long)]
        check: bool,
    },
    /// Write the generated parts of the README
    Docs {
        /// Only say whether they are fresh
        #[arg(long)]
        check: bool,
    },
    /// Measure speed and memory, as ratios of one run
    Bench(bench::BenchArgs),
    /// Feed generated files, states, plans and answers to everything that reads them
    Fuzz {
        /// How many inputs each target gets
        #[arg(long, default_value_t = 100_000)]
        runs: u64,
        /// The targets; all, if none is named
        targets: Vec<String>,
    },
    /// Parse files and do nothing with them: what the bench compares with
    #[command(hide = true)]
    Pass(bench::PassArgs),
    /// Run a command and print what it cost
    #[command(hide = true)]
    Measure {
        /// The command
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        command: Vec<String>,
    },
    /// Let everything go wrong while a catalogue is applied, and judge what comes of it
    Torture(torture::TortureArgs),
    /// Run the tests and accept what the snapshots say now
    Bless,
}

fn main() -> anyhow::Result<()> {
    match Args::parse().task {
        Task::Ci => ci::ci(),
        Task::Nightly => ci::nightly(),
        Task::Tools => tools::install(),
        Task::Schemas { check } => schemas::run(check),
        Task::Docs { check } => docs::run(check),
        Task::Bench(args) => bench::run(&args),
        Task::Fuzz { runs, targets } => fuzz::run(runs, &targets),
        Task::Pass(args) => bench::pass(&args),
        Task::Measure { command } => bench::measure(&command),
        Task::Torture(args) => torture::run(&args),
        Task::Bless => process::cargo(
            &["test", "--workspace"],
            &[("INSTA_UPDATE", "always"), ("INSTA_FORCE_PASS", "1")],
        ),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn every_task_is_in_contributing() {
        let page = std::fs::read_to_string(process::root().join("CONTRIBUTING.md")).unwrap();
        let args = Args::command();
        let tasks = args.get_subcommands().filter(|task| !task.is_hide_set());
        for task in tasks.map(clap::Command::get_name) {
            assert!(
                page.contains(&format!("| `cargo xtask {task}")),
                "CONTRIBUTING.md does not list `cargo xtask {task}`"
            );
        }
    }
}
