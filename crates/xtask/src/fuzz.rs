//! `cargo xtask fuzz`: builds the fuzz targets with coverage, and runs them from their committed corpus.
//!
//! libFuzzer's instrumentation is made of code generation flags that the stable compiler takes. Everything here is
//! repeatable: the seed is fixed, and what a run finds does not change the corpus that it began with.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, bail, ensure};

use crate::process::root;

/// The targets, in the order in which they run.
const TARGETS: [&str; 6] = ["manifests", "config", "state", "plan", "answers", "pages"];

/// What makes the compiler count which code an input reaches.
const FLAGS: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table --cfg fuzzing";

/// The longest an input may take, in seconds, and the most memory a target may need, in megabytes.
const LIMITS: [&str; 2] = ["-timeout=3", "-rss_limit_mb=500"];

/// What a target did.
struct Figures {
    inputs: u64,
    past_the_parser: u64,
    seconds: f64,
    memory: u64,
    /// How long the slowest input took, in milliseconds.
    slowest: u64,
}

/// Runs some targets, or all of them if none is named; fails at the first input that breaks a law.
pub(crate) fn run(runs: u64, targets: &[String]) -> anyhow::Result<()> {
    for target in targets {
        ensure!(
            TARGETS.contains(&target.as_str()),
            "there is no target `{target}`; there are {}",
            TARGETS.join(", ")
        );
    }
    let programs = build()?;
    let head = [
        "target",
        "inputs",
        "past parser",
        "seconds",
        "peak MB",
        "slowest ms",
    ];
    println!(
        "{:<10} {:>9} {:>12} {:>9} {:>8} {:>10}",
        head[0], head[1], head[2], head[3], head[4], head[5]
    );
    for target in TARGETS {
        if !targets.is_empty() && !targets.iter().any(|named| named == target) {
            continue;
        }
        let figures = fuzz(&programs, target, runs)?;
        println!(
            "{target:<10} {:>9} {:>10.1} % {:>9.1} {:>8} {:>10}",
            figures.inputs,
            percent(&figures),
            figures.seconds,
            figures.memory,
            figures.slowest
        );
        ensure!(
            figures.past_the_parser * 3 >= figures.inputs,
            "fewer than a third of the inputs of `{target}` got past the parser"
        );
    }
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "it is shown with one decimal")]
fn percent(figures: &Figures) -> f64 {
    100.0 * figures.past_the_parser as f64 / figures.inputs.max(1) as f64
}

/// Builds all targets; returns the folder that they are in.
fn build() -> anyhow::Result<PathBuf> {
    let host = host()?;
    let folder = root().join("target/fuzz");
    // With a target named, build scripts and macros are built without the flags, which they could not be linked with.
    let status = Command::new(env!("CARGO"))
        .args([
            "build",
            "--release",
            "--quiet",
            "--locked",
            "--target",
            &host,
        ])
        .arg("--manifest-path")
        .arg(root().join("tests/fuzz/Cargo.toml"))
        .arg("--target-dir")
        .arg(&folder)
        .env("RUSTFLAGS", FLAGS)
        .current_dir(root())
        .status()
        .context("failed to run cargo")?;
    ensure!(status.success(), "the fuzz targets cannot be built");
    Ok(folder.join(host).join("release"))
}

fn host() -> anyhow::Result<String> {
    let output = Command::new("rustc").arg("-vV").output()?;
    let text = String::from_utf8(output.stdout)?;
    let line = text.lines().find_map(|line| line.strip_prefix("host: "));
    line.map(str::to_owned)
        .context("rustc does not say its host")
}

fn fuzz(programs: &Path, target: &str, runs: u64) -> anyhow::Result<Figures> {
    let corpus = root().join("tests/fuzz/corpus").join(target);
    let found = tempfile::tempdir()?;
    let broken = root().join("target/fuzz").join(format!("{target}-"));
    let start = Instant::now();
    let output = Command::new(programs.join(target))
        .arg(format!("-runs={runs}"))
        .args(["-seed=1", "-max_len=4096", "-mutate_depth=2", "-entropic=0"])
        .args(LIMITS)
        .args(["-print_final_stats=1", "-verbosity=0"])
        .arg(format!("-artifact_prefix={}", broken.display()))
        .arg(found.path())
        .arg(&corpus)
        .env("RUST_BACKTRACE", "1")
        .env(
            "OFFERCTL_FUZZ_SLOWEST_INTO",
            root().join("target/fuzz").join(format!("{target}-slowest")),
        )
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .output()
        .with_context(|| format!("failed to run the target `{target}`"))?;
    let seconds = start.elapsed().as_secs_f64();
    let text = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        bail!("`{target}` broke:\n{text}");
    }
    let figure = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name));
        let number = line.and_then(|line| line.trim().parse::<u64>().ok());
        number.with_context(|| format!("`{target}` does not say `{name}`:\n{text}"))
    };
    Ok(Figures {
        inputs: figure("tally::inputs:")?,
        past_the_parser: figure("tally::past_the_parser:")?,
        seconds,
        memory: figure("stat::peak_rss_mb:")?,
        slowest: figure("tally::slowest_ms:")?,
    })
}
