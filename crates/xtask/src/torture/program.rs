//! The program that is put to the test: [`start`], and what it said: [`Told`].

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use anyhow::Context;
use cleeng_emulator::Emulator;
use serde_json::Value;

use super::schedule::Api;
use super::shop::Shop;

/// The program, and how it is broken on purpose.
#[derive(Debug, Clone, Copy)]
pub(super) struct Program<'a> {
    pub(super) binary: &'a Path,
    pub(super) sabotage: Option<&'static str>,
}

/// How long a run waits for what was made to show, and for an answer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Waits {
    pub(super) settle: f64,
    pub(super) timeout: Option<f64>,
}

/// What a run ended with.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) code: Option<i32>,
    /// The conflicts and refusals of its report, by code and name.
    pub(super) problems: Vec<(String, String)>,
    /// What it printed, as far as it is worth reading.
    pub(super) text: String,
}

/// Writes offerctl.yaml and the manifests into a folder.
pub(super) fn write_project(
    folder: &Path,
    emulator: &Emulator,
    shop: &Shop,
    Waits { settle, timeout }: Waits,
) -> anyhow::Result<()> {
    let mut config = format!(
        "version: 1\nproject: torture\nenvironments:\n  shop:\n    endpoint: {}\n    api: {}\n    limits: {{settleSeconds: {settle}, batch: 9, concurrency: 4, maxOffers: 1000",
        emulator.url(),
        shop.api.word()
    );
    if let Some(seconds) = timeout {
        let _written = write!(config, ", timeoutSeconds: {seconds}");
    }
    config.push_str("}\n");
    if shop.api == Api::Rest {
        // A replacement is a deactivation as well.
        config.push_str(
            "    account: {country: US, currency: USD}\n    guards: {maxDeactivations: 12}\n",
        );
    }
    fs::write(folder.join("offerctl.yaml"), config)?;
    fs::create_dir_all(folder.join("offers"))?;
    fs::write(folder.join("offers/all.yaml"), &shop.manifest)?;
    Ok(())
}

/// Starts an apply.
pub(super) fn start(
    program: Program<'_>,
    folder: &Path,
    lock_timeout: f64,
) -> anyhow::Result<Child> {
    let mut command = Command::new(program.binary);
    command
        .current_dir(folder)
        .args([
            "apply",
            "--auto-approve",
            "--format",
            "json",
            if is_logged() { "-vvv" } else { "--quiet" },
            "--lock-timeout",
            &lock_timeout.to_string(),
        ])
        .env_clear()
        .env("HOME", folder)
        .env("CLEENG_PUBLISHER_TOKEN", "torture")
        .envs(program.sabotage.map(|way| ("OFFERCTL_SABOTAGE", way)))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command.spawn().context("failed to start offerctl")
}

/// Applies, and waits for the end of it.
pub(super) fn apply(program: Program<'_>, folder: &Path) -> anyhow::Result<Told> {
    let output = start(program, folder, 0.0)?.wait_with_output()?;
    Ok(Told::of(&output))
}

/// Whether all that the program logs is to be shown.
fn is_logged() -> bool {
    std::env::var_os("TORTURE_LOG").is_some()
}

impl Told {
    /// What a run printed.
    pub(super) fn of(output: &Output) -> Self {
        let report: Option<Value> = serde_json::from_slice(&output.stdout).ok();
        let mut text = String::new();
        match &report {
            Some(report) => describe(report, &mut text),
            None => text.push_str(&String::from_utf8_lossy(&output.stdout)),
        }
        let said = String::from_utf8_lossy(&output.stderr);
        let lines: Vec<&str> = said.lines().collect();
        let shown = if is_logged() { lines.len() } else { 30 };
        text.push_str(&lines[lines.len().saturating_sub(shown)..].join("\n"));
        Self {
            code: output.status.code(),
            problems: report.as_ref().map(problems).unwrap_or_default(),
            text,
        }
    }
}

fn items<'v>(report: &'v Value, key: &str) -> &'v [Value] {
    report[key].as_array().map_or(&[], Vec::as_slice)
}

fn problems(report: &Value) -> Vec<(String, String)> {
    let text = |problem: &Value, key: &str| problem[key].as_str().unwrap_or_default().to_owned();
    items(report, "conflicts")
        .iter()
        .chain(items(report, "refusals"))
        .map(|problem| (text(problem, "code"), text(problem, "name")))
        .collect()
}

/// What a report says beside what went well.
fn describe(report: &Value, text: &mut String) {
    let open = |outcome: &&Value| outcome["outcome"] != "succeeded";
    let outcomes = items(report, "outcomes").iter().filter(open);
    let problems = items(report, "conflicts")
        .iter()
        .chain(items(report, "refusals"));
    for entry in outcomes.chain(problems) {
        let _written = writeln!(text, "{entry}");
    }
    let _written = writeln!(text, "{}", report["summary"]);
}
