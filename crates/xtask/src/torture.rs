//! `cargo xtask torture`: the real binary against the emulator, with something going wrong at every point.
//!
//! ```text
//!   a schedule ─▶ apply, with its faults, kills, rivals, edits by hand ─▶ apply ─▶ apply ─▶ judged
//! ```
//!
//! The law: in the end the live catalogue is what the manifests say, without a duplicate, an orphan or a lost
//! country; or the apply said that it cannot tell (exit 6), or that a person has to decide (exit 3), where the
//! schedule allows it, and made nothing twice all the same.

mod judge;
mod run;
mod schedule;
mod shop;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use anyhow::{Context, bail, ensure};

use self::run::{Base, Ended, carry_out};
use self::schedule::{Schedule, schedules};
use crate::process::{cargo, root};

/// What `cargo xtask torture` takes.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct TortureArgs {
    /// How many schedules are carried out
    #[arg(long, default_value_t = 2000)]
    schedules: usize,
    /// What they are drawn from: the same seed gives the same schedules
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many are carried out side by side
    #[arg(long, default_value_t = 6)]
    jobs: usize,
    /// Only the schedules of this class
    #[arg(long)]
    class: Option<String>,
    /// Only the schedule with this number
    #[arg(long)]
    only: Option<usize>,
    /// Use the release build
    #[arg(long)]
    release: bool,
    /// Break the program on purpose and expect that this is found out
    #[arg(long)]
    sabotage: bool,
}

/// The ways to break the program on purpose; see `offerctl_engine::sabotage`.
const SABOTAGES: [&str; 3] = ["blind-retry", "no-settling", "late-intent"];

/// Carries out schedules, and fails if any breaks the law.
pub(crate) fn run(args: &TortureArgs) -> anyhow::Result<()> {
    if !args.sabotage {
        let (_folder, binary) = build(args.release, &[])?;
        let tally = torture(args, &binary, None)?;
        print!("{}", tally.table());
        ensure!(
            tally.violations == 0,
            "{} schedules broke the law",
            tally.violations
        );
        return Ok(());
    }
    let (_folder, binary) = build(args.release, &["--features", "sabotage"])?;
    for way in SABOTAGES {
        let tally = torture(args, &binary, Some(way))?;
        println!(
            "{way}: {} of {} schedules broke the law",
            tally.violations,
            tally.total()
        );
        ensure!(
            tally.violations > 0,
            "a program with `{way}` passes: the harness is blind"
        );
    }
    Ok(())
}

fn build(release: bool, more: &[&str]) -> anyhow::Result<(tempfile::TempDir, PathBuf)> {
    let mut words = vec!["build", "--quiet", "--package", "offerctl"];
    words.extend(release.then_some("--release"));
    words.extend(more);
    cargo(&words, &[])?;
    let target =
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
    let built = target
        .join(if release { "release" } else { "debug" })
        .join("offerctl");
    // A copy, because other builds may put another program into its place.
    let folder = tempfile::tempdir()?;
    let copy = folder.path().join("offerctl");
    std::fs::copy(&built, &copy).with_context(|| format!("failed to copy {}", built.display()))?;
    Ok((folder, copy))
}

fn torture(
    args: &TortureArgs,
    binary: &std::path::Path,
    sabotage: Option<&'static str>,
) -> anyhow::Result<Tally> {
    let bases = [Base::fresh(), Base::changed(binary)?];
    let mut all: Vec<(usize, Schedule)> = schedules(args.schedules, args.seed)
        .into_iter()
        .enumerate()
        .collect();
    all.retain(|(number, schedule)| {
        args.only.is_none_or(|only| only == *number)
            && args
                .class
                .as_ref()
                .is_none_or(|class| class == schedule.class)
    });
    if all.is_empty() {
        bail!("there is no such schedule");
    }
    let (next, tally, began) = (
        AtomicUsize::new(0),
        Mutex::new(Tally::default()),
        Instant::now(),
    );
    std::thread::scope(|scope| {
        for _ in 0..args.jobs.max(1) {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some((number, schedule)) = all.get(index) else {
                        break;
                    };
                    let ended = carry_out(schedule, &bases, binary, sabotage);
                    let mut tally = tally.lock().expect("nobody panics while he counts");
                    tally.add(*number, schedule, &ended, sabotage.is_some());
                    // One violation is enough to know that a broken program is found out.
                    if sabotage.is_some() && tally.violations >= 5 {
                        next.store(all.len(), Ordering::Relaxed);
                    }
                }
            });
        }
    });
    let mut tally = tally.into_inner().expect("nobody panics while he counts");
    tally.seconds = began.elapsed().as_secs();
    tally.seed = args.seed;
    Ok(tally)
}

/// What became of all schedules.
#[derive(Debug, Default)]
struct Tally {
    seed: u64,
    seconds: u64,
    classes: BTreeMap<&'static str, Counts>,
    violations: usize,
}

#[derive(Debug, Default)]
struct Counts {
    schedules: usize,
    /// The first apply did all.
    at_once: usize,
    /// A plain apply after it did.
    after_one: usize,
    after_two: usize,
    /// It ended with exit 6, and nothing was made twice.
    undecided: usize,
    /// It ended with exit 3, and nothing was made twice.
    refused: usize,
    violations: usize,
}

impl Tally {
    fn add(
        &mut self,
        number: usize,
        schedule: &Schedule,
        ended: &anyhow::Result<Ended>,
        quiet: bool,
    ) {
        let counts = self.classes.entry(schedule.class).or_default();
        counts.schedules += 1;
        let problem = match ended {
            Ok(Ended::Right { runs: 1 }) => {
                counts.at_once += 1;
                None
            }
            Ok(Ended::Right { runs: 2 }) => {
                counts.after_one += 1;
                None
            }
            Ok(Ended::Right { .. }) => {
                counts.after_two += 1;
                None
            }
            Ok(Ended::Undecided) => {
                counts.undecided += 1;
                None
            }
            Ok(Ended::Refused) => {
                counts.refused += 1;
                None
            }
            Ok(Ended::Wrong(problem)) => Some(problem.clone()),
            Err(error) => Some(format!("{error:#}")),
        };
        let Some(problem) = problem else { return };
        counts.violations += 1;
        self.violations += 1;
        if !quiet {
            println!("schedule {number} broke the law: {schedule:?}\n{problem}\n");
        }
    }

    fn total(&self) -> usize {
        self.classes.values().map(|counts| counts.schedules).sum()
    }

    /// The counts as a table in Markdown.
    fn table(&self) -> String {
        let mut lines = vec![
            format!("{} schedules drawn from seed {}, in {} s:", self.total(), self.seed, self.seconds),
            String::new(),
            "| class | schedules | right at once | after one more apply | after two | exit 6 | exit 3 | law broken |".to_owned(),
            "|---|---|---|---|---|---|---|---|".to_owned(),
        ];
        for (class, counts) in &self.classes {
            let Counts {
                schedules,
                at_once,
                after_one,
                after_two,
                undecided,
                refused,
                violations,
            } = counts;
            lines.push(format!(
                "| {class} | {schedules} | {at_once} | {after_one} | {after_two} | {undecided} | {refused} | {violations} |"
            ));
        }
        lines.push(String::new());
        lines.join("\n")
    }
}
