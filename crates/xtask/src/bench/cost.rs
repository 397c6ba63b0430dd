//! What a process costs: [`Cost`].

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use nix::sys::resource::{UsageWho, getrusage};

use super::shop::TOKEN;
use super::table::{Figure, Unit};

/// What a process cost.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cost {
    pub(super) wall: Duration,
    pub(super) cpu: Duration,
    /// The most memory at once, in bytes.
    pub(super) memory: u64,
}

/// Runs a command, and prints its exit code, wall time and CPU time in microseconds, and peak memory in kilobytes.
///
/// The operating system counts the memory of all children of a process together, so this process has only one.
pub(crate) fn measure(command: &[String]) -> anyhow::Result<()> {
    let (program, arguments) = command.split_first().context("there is no command")?;
    let start = Instant::now();
    let status = Command::new(program)
        .args(arguments)
        .env("CLEENG_PUBLISHER_TOKEN", TOKEN)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .status()
        .with_context(|| format!("failed to run {program}"))?;
    let wall = start.elapsed().as_micros();
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let (user, system) = (usage.user_time(), usage.system_time());
    let cpu = (user.tv_sec() + system.tv_sec()) * 1_000_000 + user.tv_usec() + system.tv_usec();
    println!(
        "{} {wall} {cpu} {}",
        status.code().unwrap_or(-1),
        usage.max_rss()
    );
    Ok(())
}

/// A command to be measured.
#[derive(Debug, Clone)]
pub(super) struct Work<'a> {
    pub(super) folder: &'a Path,
    pub(super) program: &'a Path,
    pub(super) arguments: Vec<&'a str>,
    pub(super) variables: Vec<(&'static str, String)>,
}

impl<'a> Work<'a> {
    pub(super) fn new(folder: &'a Path, program: &'a Path, arguments: &[&'a str]) -> Self {
        Self {
            folder,
            program,
            arguments: arguments.to_vec(),
            variables: Vec::new(),
        }
    }

    /// Runs it in a process of its own that measures it.
    pub(super) fn cost(&self, task: &Path) -> anyhow::Result<Cost> {
        let output = Command::new(task)
            .arg("measure")
            .arg(self.program)
            .args(&self.arguments)
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .current_dir(self.folder)
            .stderr(Stdio::inherit())
            .output()
            .context("failed to measure")?;
        let text = String::from_utf8(output.stdout)?;
        let figures: Vec<i64> = text
            .split_whitespace()
            .map(str::parse)
            .collect::<Result<_, _>>()
            .with_context(|| text.clone())?;
        let [code, wall, cpu, kilobytes] = figures[..] else {
            anyhow::bail!("`{text}` is no measurement")
        };
        ensure!(
            code == 0,
            "{} {} exited with {code}",
            self.program.display(),
            self.arguments.join(" ")
        );
        Ok(Cost {
            wall: Duration::from_micros(wall.try_into()?),
            cpu: Duration::from_micros(cpu.try_into()?),
            memory: u64::try_from(kilobytes)? * 1024,
        })
    }
}

/// What several runs cost.
#[derive(Debug, Clone, Default)]
pub(super) struct Costs(pub(super) Vec<Cost>);

impl Costs {
    pub(super) fn wall(&self) -> Figure {
        Figure::time(self.0.iter().map(|cost| cost.wall))
    }

    pub(super) fn cpu(&self) -> Figure {
        Figure::time(self.0.iter().map(|cost| cost.cpu))
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "nobody counts so many bytes here"
    )]
    pub(super) fn memory(&self) -> Figure {
        Figure::new(
            Unit::Megabytes,
            self.0.iter().map(|cost| cost.memory as f64 / 1e6),
        )
    }
}
