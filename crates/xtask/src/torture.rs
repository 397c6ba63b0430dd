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

mod api;
mod base;
mod by_hand;
mod judge;
mod program;
mod run;
mod runners;
mod schedule;
mod shop;
mod tally;

use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use anyhow::{Context, bail, ensure};
use cleeng_emulator::FaultRule;

use self::api::Api;
use self::base::Bases;
use self::program::Program;
use self::run::{Ended, carry_out};
use self::schedule::{Schedule, schedules};
use self::tally::{Show, Tally};
use crate::process::{built, cargo};

/// What `cargo xtask torture` takes.
#[derive(Debug, Clone, clap::Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "a command has as many flags as it has"
)]
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
    /// Use a program that is built already
    #[arg(long, value_name = "FILE", conflicts_with = "release")]
    program: Option<PathBuf>,
    /// Two or three runners whose state is in a bucket
    #[arg(long)]
    bucket: bool,
    /// Break the program on purpose and expect that this is found out: release builds cannot be broken
    #[arg(long, conflicts_with = "release")]
    sabotage: bool,
}

/// A way to break the program, the generations over which that has to be found out, and the class of schedules in which it is
/// looked for, if not in all.
type Sabotage = (&'static str, &'static [Api], Option<&'static str>);

/// The ways to break the program on purpose, and where that must be found out; see `offerctl_engine::sabotage`.
const SABOTAGES: [Sabotage; 6] = [
    ("blind-retry", &Api::ALL, None),
    ("no-settling", &Api::ALL, None),
    ("late-intent", &Api::ALL, None),
    ("believed-answers", &Api::ALL, None),
    ("refused-batch", &[Api::JsonRpc], None),
    ("no-version", &[Api::Rest], None),
];

/// The same for runners whose state is in a bucket. Over REST the version of an offer refuses what a stale holder sends.
const SABOTAGES_OF_RUNNERS: [Sabotage; 2] = [
    ("no-fence", &Api::ALL, Some("a late document")),
    (
        "stale-updates",
        &[Api::JsonRpc],
        Some("a change that waits"),
    ),
];

/// How many violations are enough to know that a broken program is found out: the rest would only tell how easily.
const ENOUGH: usize = 1;

/// Carries out schedules, and fails if any breaks the law.
pub(crate) fn run(args: &TortureArgs) -> anyhow::Result<()> {
    let (_folder, binary) = program(args)?;
    let program = Program {
        binary: &binary,
        sabotage: None,
    };
    let bases = if args.bucket {
        Beginnings::Several(runners::Bases::prepare(program)?)
    } else {
        Beginnings::Alone(Bases::prepare(program)?)
    };
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
    let ways: &[Sabotage] = if args.bucket {
        &SABOTAGES_OF_RUNNERS
    } else {
        &SABOTAGES
    };
    for (way, apis, class) in ways {
        let args = &TortureArgs {
            class: class.map(str::to_owned).or_else(|| args.class.clone()),
            ..args.clone()
        };
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

fn program(args: &TortureArgs) -> anyhow::Result<(tempfile::TempDir, PathBuf)> {
    let built = match &args.program {
        Some(program) => program.clone(),
        None => build(args.release)?,
    };
    // A copy, because other builds may put another program into its place.
    let folder = tempfile::tempdir()?;
    let copy = folder.path().join("offerctl");
    std::fs::copy(&built, &copy).with_context(|| format!("failed to copy {}", built.display()))?;
    Ok((folder, copy))
}

fn build(release: bool) -> anyhow::Result<PathBuf> {
    let mut words = vec!["build", "--quiet", "--package", "offerctl"];
    words.extend(release.then_some("--release"));
    cargo(&words, &[])?;
    Ok(built(if release { "release" } else { "debug" }, "offerctl"))
}

/// What schedules begin with.
enum Beginnings {
    /// One place for the state, beside the manifests.
    Alone(Bases),
    /// A bucket that several runners share.
    Several(runners::Bases),
}

/// A schedule of either kind.
#[derive(Debug)]
enum Drawn {
    Alone(Schedule),
    Several(runners::Schedule),
}

impl Drawn {
    fn kind(&self) -> (Api, &'static str) {
        match self {
            Self::Alone(schedule) => (schedule.api, schedule.class),
            Self::Several(schedule) => (schedule.api, schedule.class),
        }
    }

    /// The rules of the emulator.
    fn faults(&self) -> &[String] {
        match self {
            Self::Alone(schedule) => &schedule.faults,
            Self::Several(schedule) => &schedule.faults,
        }
    }
}

impl Beginnings {
    fn draw(&self, args: &TortureArgs) -> Vec<Drawn> {
        let (count, seed) = (args.schedules, args.seed);
        match self {
            Self::Alone(_) => {
                let drawn = schedules(count, seed).into_iter();
                drawn.map(Drawn::Alone).collect()
            }
            Self::Several(bases) => {
                let totals = |api, ways| bases.totals(api, ways);
                let drawn = runners::schedules(count, seed, totals).into_iter();
                drawn.map(Drawn::Several).collect()
            }
        }
    }

    fn carry_out(&self, drawn: &Drawn, program: Program<'_>) -> anyhow::Result<Ended> {
        match (self, drawn) {
            (Self::Alone(bases), Drawn::Alone(schedule)) => carry_out(schedule, bases, program),
            (Self::Several(bases), Drawn::Several(schedule)) => {
                runners::carry_out(schedule, bases, program)
            }
            (Self::Alone(_), Drawn::Several(_)) | (Self::Several(_), Drawn::Alone(_)) => {
                bail!("a schedule of another kind")
            }
        }
    }
}

fn torture(
    args: &TortureArgs,
    (program, bases): (Program<'_>, &Beginnings),
    api: Option<Api>,
) -> anyhow::Result<Tally> {
    let mut all: Vec<(usize, Drawn)> = bases.draw(args).into_iter().enumerate().collect();
    for rule in all.iter().flat_map(|(_, drawn)| drawn.faults()) {
        FaultRule::parse(rule).with_context(|| format!("a schedule has the rule {rule}"))?;
    }
    all.retain(|(number, drawn)| {
        let (of, class) = drawn.kind();
        args.only.is_none_or(|only| only == *number)
            && api.is_none_or(|api| api == of)
            && args.class.as_ref().is_none_or(|wanted| wanted == class)
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
                    let Some((number, drawn)) = all.get(index) else {
                        break;
                    };
                    let ended = bases.carry_out(drawn, program);
                    if program.sabotage.is_some()
                        && let Err(error) = &ended
                    {
                        // That the harness fails shows nothing about the program.
                        println!("schedule {number} could not be carried out: {error:#}");
                        continue;
                    }
                    let mut tally = tally.lock().expect("nobody panics while he counts");
                    tally.add((*number, drawn.kind(), drawn), &ended, show);
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
