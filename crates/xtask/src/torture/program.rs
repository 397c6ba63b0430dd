//! The program that is put to the test: [`start`], and what it said: [`Told`].

use std::fmt::Write;
use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use anyhow::Context;
use cleeng_emulator::Emulator;
use serde_json::Value;

use super::api::Api;
use super::shop::Shop;

/// The program, and how it is broken on purpose.
#[derive(Debug, Clone, Copy)]
pub(super) struct Program<'a> {
    pub(super) binary: &'a Path,
    pub(super) sabotage: Option<&'static str>,
}

/// Where a runner finds the service and its state.
#[derive(Debug, Clone)]
pub(super) struct Place {
    /// The address of the service.
    pub(super) service: String,
    /// The bucket and the address of its store; the state is in the folder of the project without it.
    pub(super) bucket: Option<(String, SocketAddr)>,
}

impl Place {
    /// A service, with the state in the folder of the project.
    pub(super) fn beside(emulator: &Emulator) -> Self {
        Self {
            service: emulator.url(),
            bucket: None,
        }
    }

    /// The variables that lead to the bucket, and say how long a lock lives.
    fn variables(&self) -> Vec<(&'static str, String)> {
        let Some((_, store)) = &self.bucket else {
            return Vec::new();
        };
        vec![
            ("AWS_ENDPOINT_URL", format!("http://{store}")),
            ("AWS_REGION", "us-east-1".to_owned()),
            ("AWS_ALLOW_HTTP", "true".to_owned()),
            ("AWS_ACCESS_KEY_ID", "torture".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "torture".to_owned()),
            ("OFFERCTL_LOCK_TTL", LOCK_TTL.as_secs_f64().to_string()),
        ]
    }
}

/// The folder of the state in its bucket.
pub(super) const PREFIX: &str = "offers/shop";

/// How long a lock in a bucket lives without renewal.
pub(super) const LOCK_TTL: Duration = Duration::from_secs(1);

/// How long a run waits for what was made to show, and for an answer; and how much it does at once.
#[derive(Debug, Clone, Copy)]
pub(super) struct Waits {
    pub(super) settle: f64,
    pub(super) timeout: Option<f64>,
    /// Whether requests go out one by one, each with one call.
    pub(super) one_by_one: bool,
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
    place: &Place,
    shop: &Shop,
    waits: Waits,
) -> anyhow::Result<()> {
    let (batch, concurrency) = if waits.one_by_one { (1, 1) } else { (9, 4) };
    let mut config = format!(
        "version: 1\nproject: torture\nenvironments:\n  shop:\n    endpoint: {}\n    api: {}\n    limits: {{settleSeconds: {}, batch: {batch}, concurrency: {concurrency}, maxOffers: 1000",
        place.service,
        shop.api.word(),
        waits.settle,
    );
    if let Some(seconds) = waits.timeout {
        let _written = write!(config, ", timeoutSeconds: {seconds}");
    }
    config.push_str("}\n");
    if let Some((bucket, _)) = &place.bucket {
        let _written = writeln!(config, "    state: s3://{bucket}/{PREFIX}");
    }
    if shop.api == Api::Rest {
        config.push_str("    account: {country: US, currency: USD}\n");
    }
    // A replacement is a deactivation as well; of two runners, one may take back what the other made.
    let deactivations = match (&place.bucket, shop.api) {
        (Some(_), _) => Some(40),
        (None, Api::Rest) => Some(12),
        (None, Api::JsonRpc) => None,
    };
    if let Some(most) = deactivations {
        let _written = writeln!(config, "    guards: {{maxDeactivations: {most}}}");
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
    let mut command = apply_command(program, folder, lock_timeout);
    command.spawn().context("failed to start offerctl")
}

/// Starts an apply whose state is in a bucket.
pub(super) fn start_at(
    program: Program<'_>,
    folder: &Path,
    (place, lock_timeout): (&Place, f64),
) -> anyhow::Result<Child> {
    let mut command = apply_command(program, folder, lock_timeout);
    command.envs(place.variables());
    command.spawn().context("failed to start offerctl")
}

/// Takes the lock away from whoever holds it.
pub(super) fn unlock(program: Program<'_>, folder: &Path, place: &Place) -> anyhow::Result<Output> {
    let mut command = command(program, folder);
    command.args(["state", "unlock", "--auto-approve"]);
    command.envs(place.variables());
    command.output().context("failed to start offerctl")
}

fn apply_command(program: Program<'_>, folder: &Path, lock_timeout: f64) -> Command {
    let mut command = command(program, folder);
    command.args([
        "apply",
        "--auto-approve",
        "--format",
        "json",
        if is_logged() { "-vvv" } else { "--quiet" },
        "--lock-timeout",
        &lock_timeout.to_string(),
    ]);
    command
}

fn command(program: Program<'_>, folder: &Path) -> Command {
    let mut command = Command::new(program.binary);
    command
        .current_dir(folder)
        .env_clear()
        .env("HOME", folder)
        .env("CLEENG_PUBLISHER_TOKEN", "torture")
        .envs(program.sabotage.map(|way| ("OFFERCTL_SABOTAGE", way)))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
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
