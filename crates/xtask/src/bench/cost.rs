//! What a process costs: [`Cost`].

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use nix::sys::resource::{UsageWho, getrusage};

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
        .env("CLEENG_PUBLISHER_TOKEN", super::TOKEN)
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

/// Runs a command in a process of its own that measures it.
pub(super) fn of(
    task: &Path,
    folder: &Path,
    program: &Path,
    arguments: &[&str],
    exit: i32,
) -> anyhow::Result<Cost> {
    let output = Command::new(task)
        .arg("measure")
        .arg(program)
        .args(arguments)
        .current_dir(folder)
        .stderr(Stdio::inherit())
        .output()
        .context("failed to measure")?;
    let text = String::from_utf8(output.stdout)?;
    let figures: Vec<u64> = text
        .split_whitespace()
        .map(str::parse)
        .collect::<Result<_, _>>()
        .with_context(|| text.clone())?;
    let [code, wall, cpu, kilobytes] = figures[..] else {
        anyhow::bail!("`{text}` is no measurement")
    };
    ensure!(
        i32::try_from(code) == Ok(exit),
        "{} {} exited with {code}",
        program.display(),
        arguments.join(" ")
    );
    Ok(Cost {
        wall: Duration::from_micros(wall),
        cpu: Duration::from_micros(cpu),
        memory: kilobytes * 1024,
    })
}

/// The median of each figure.
pub(super) fn median(costs: &[Cost]) -> Cost {
    fn middle<T: Copy + Ord>(costs: &[Cost], figure: impl Fn(&Cost) -> T) -> T {
        let mut figures: Vec<T> = costs.iter().map(figure).collect();
        figures.sort();
        figures[figures.len() / 2]
    }
    Cost {
        wall: middle(costs, |cost| cost.wall),
        cpu: middle(costs, |cost| cost.cpu),
        memory: middle(costs, |cost| cost.memory),
    }
}
