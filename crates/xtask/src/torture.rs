//! `cargo xtask torture`: the real binary against the emulator, with something going wrong at every point.
//!
//! ```text
//!   a schedule ─▶ apply, with its faults, kills, rivals, edits by hand ─▶ apply ─▶ apply ─▶ judged
//! ```
//!
//! The law, for both generations of the API: in the end the live catalogue is what the manifests say, without a
//! duplicate, an orphan or a lost country, and one more apply has nothing to do; or the apply said that it cannot tell
//! (exit 6), or that a person has to decide (exit 3), where the schedule allows it, and made nothing twice all the same.
//! Nobody else's offers are touched. Over REST there is more: what carries our marker is ours, so that exit 6 is right only
//! where a marker was not kept or somebody made an offer that looks like ours, and exit 3 only for what somebody did by hand;
//! and no write goes over a change that no plan saw.
//!
//! What is assumed of the service (`ARCHITECTURE.md`, "Why a duplicate cannot happen") is assumed here as well: a schedule in
//! which a request with a single create is refused although that was made counts for nothing.

mod base;
mod by_hand;
mod judge;
mod program;
mod run;
mod schedule;
mod shop;
mod tally;

use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use anyhow::{Context, bail, ensure};

use self::base::Bases;
use self::program::Program;
use self::run::carry_out;
use self::schedule::{Api, Schedule, schedules};
use self::tally::{Show, Tally};
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
    /// Only the schedules of this generation of the API
    #[arg(long)]
    api: Option<Api>,
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

/// The ways to break the program on purpose, and where that must be found out; see `offerctl_engine::sabotage`.
const SABOTAGES: [(&str, &[Api]); 6] = [
    ("blind-retry", &Api::ALL),
    ("no-settling", &Api::ALL),
    ("late-intent", &Api::ALL),
    ("believed-answers", &Api::ALL),
    ("refused-batch", &[Api::JsonRpc]),
    ("no-version", &[Api::Rest]),
];

/// How many violations are enough to know that a broken program is found out.
const ENOUGH: usize = 5;

/// Carries out schedules, and fails if any breaks the law.
pub(crate) fn run(args: &TortureArgs) -> anyhow::Result<()> {
    let more: &[&str] = if args.sabotage {
        &["--features", "sabotage"]
    } else {
        &[]
    };
    let (_folder, binary) = build(args.release, more)?;
    let program = Program {
        binary: &binary,
        sabotage: None,
    };
    let bases = Bases::prepare(program)?;
    if !args.sabotage {
        let tally = torture(args, (program, &bases), args.api)?;
        print!("{}", tally.table());
        ensure!(
            tally.violations == 0,
            "{} schedules broke the law",
            tally.violations
        );
        return Ok(());
    }
    for (way, apis) in SABOTAGES {
        let program = Program {
            sabotage: Some(way),
            ..program
        };
        let wanted = |api: &&Api| args.api.is_none_or(|only| only == **api);
        for api in apis.iter().filter(wanted) {
            let tally = torture(args, (program, &bases), Some(*api))?;
            println!(
                "{way} over {}: {} of {} schedules broke the law",
                api.word(),
                tally.violations,
                tally.total()
            );
            ensure!(
                tally.violations > 0,
                "a program with `{way}` passes: the harness is blind"
            );
        }
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
    (program, bases): (Program<'_>, &Bases),
    api: Option<Api>,
) -> anyhow::Result<Tally> {
    let mut all: Vec<(usize, Schedule)> = schedules(args.schedules, args.seed)
        .into_iter()
        .enumerate()
        .collect();
    all.retain(|(number, schedule)| {
        args.only.is_none_or(|only| only == *number)
            && api.is_none_or(|api| api == schedule.api)
            && args
                .class
                .as_ref()
                .is_none_or(|class| class == schedule.class)
    });
    if all.is_empty() {
        bail!("there is no such schedule");
    }
    let show = if program.sabotage.is_some() {
        Show::Nothing
    } else {
        Show::Violations
    };
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
                    let ended = carry_out(schedule, bases, program);
                    let mut tally = tally.lock().expect("nobody panics while he counts");
                    tally.add((*number, schedule), &ended, show);
                    if program.sabotage.is_some() && tally.violations >= ENOUGH {
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
