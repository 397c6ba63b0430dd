//! Carrying out one schedule: [`carry_out`].

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use cleeng_emulator::{Config, Data, Emulator, FaultRule, Field, FieldValue, Kind, Offer};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use super::judge::judge;
use super::schedule::{ByHand, Kill, LATE, Schedule};
use super::shop::Shop;

/// How long what was made may take to show: more than twice as long as the emulator ever lets it take.
const SETTLE_SECONDS: f64 = 0.4;

/// The same where requests may take too long.
const SETTLE_SECONDS_LATE: f64 = 0.6;

/// The longest that an apply may take before something hangs.
const PATIENCE: Duration = Duration::from_mins(1);

/// What the first apply begins with.
pub(super) struct Base {
    shop: Shop,
    /// The account and the state; nothing of either if the account is empty.
    files: Option<TempDir>,
}

/// How a schedule ended.
#[derive(Debug)]
pub(super) enum Ended {
    /// As it should, after so many applies.
    Right { runs: usize },
    /// With exit 6, and nothing was made twice.
    Undecided,
    /// With exit 3, and nothing was made twice.
    Refused,
    /// The law is broken.
    Wrong(String),
}

impl Base {
    /// An empty account.
    pub(super) fn fresh() -> Self {
        Self {
            shop: Shop::fresh(),
            files: None,
        }
    }

    /// An account with the catalogue as it was before some edits.
    pub(super) fn changed(binary: &Path) -> anyhow::Result<Self> {
        let files = tempfile::tempdir()?;
        let runtime = runtime()?;
        let config = Config {
            data: Data::File(files.path().join("account.jsonl")),
            ..Config::default()
        };
        let emulator = runtime.block_on(Emulator::start(config))?;
        write_project(
            files.path(),
            &emulator,
            &Shop::fresh(),
            SETTLE_SECONDS,
            None,
        )?;
        let output = start(binary, files.path(), None, 0.0)?.wait_with_output()?;
        ensure!(
            output.status.success(),
            "the catalogue cannot be made:\n{}",
            said(&output)
        );
        runtime.block_on(emulator.shutdown());
        Ok(Self {
            shop: Shop::changed(),
            files: Some(files),
        })
    }
}

fn runtime() -> anyhow::Result<Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()?)
}

/// Carries out one schedule, and judges what came of it.
pub(super) fn carry_out(
    schedule: &Schedule,
    bases: &[Base; 2],
    binary: &Path,
    sabotage: Option<&'static str>,
) -> anyhow::Result<Ended> {
    let base = &bases[usize::from(!schedule.fresh)];
    let folder = tempfile::tempdir()?;
    if let Some(files) = &base.files {
        copy(files.path(), folder.path())?;
    }
    let runtime = runtime()?;
    let config = Config {
        data: match &base.files {
            None => Data::Memory,
            Some(_) => Data::File(folder.path().join("account.jsonl")),
        },
        ..Config::default()
    };
    let emulator = runtime.block_on(Emulator::start(config))?;
    let settle = if schedule.timeout.is_some() {
        SETTLE_SECONDS_LATE
    } else {
        SETTLE_SECONDS
    };
    write_project(
        folder.path(),
        &emulator,
        &base.shop,
        settle,
        schedule.timeout,
    )?;
    for fault in &schedule.faults {
        emulator.add_fault(FaultRule::parse(fault)?);
    }
    let run = Run {
        schedule,
        folder: folder.path(),
        binary,
        emulator: &emulator,
        shop: &base.shop,
        sabotage,
        strangers: BTreeSet::new(),
    };
    let ended = run.go();
    runtime.block_on(emulator.shutdown());
    ended
}

struct Run<'a> {
    schedule: &'a Schedule,
    folder: &'a Path,
    binary: &'a Path,
    emulator: &'a Emulator,
    shop: &'a Shop,
    sabotage: Option<&'static str>,
    strangers: BTreeSet<String>,
}

impl Run<'_> {
    fn go(mut self) -> anyhow::Result<Ended> {
        let mut log = vec![self.first()?];
        self.emulator.clear_faults();
        let mut runs = 1;
        while log.last().is_none_or(|(code, _)| *code != Some(0)) && runs < 3 {
            let output = start(self.binary, self.folder, self.sabotage, 0.0)?.wait_with_output()?;
            log.push((output.status.code(), said(&output)));
            runs += 1;
        }
        let (code, _) = log[log.len() - 1];
        let findings = judge(
            &self.emulator.offers(),
            &self.shop.expected,
            &self.strangers,
        );
        let told = || {
            let runs = log
                .iter()
                .map(|(code, said)| format!("--- exit {code:?}\n{said}"));
            runs.collect::<Vec<_>>().join("\n")
        };
        if !findings.twice.is_empty() {
            return Ok(Ended::Wrong(format!(
                "made twice: {:?}\n{}",
                findings.twice,
                told()
            )));
        }
        match code {
            Some(0) if findings.other.is_empty() => {}
            Some(6) if self.schedule.may_end.undecided => return Ok(Ended::Undecided),
            Some(3) if self.schedule.may_end.refused => return Ok(Ended::Refused),
            // What people did after the last apply is nobody's fault.
            Some(0) if !self.schedule.by_hand.is_empty() && runs == 1 => {}
            _ => {
                return Ok(Ended::Wrong(format!(
                    "exit {code:?}, {:?}\n{}",
                    findings.other,
                    told()
                )));
            }
        }
        self.is_quiet(runs, told)
    }

    /// One more apply must have nothing to do.
    fn is_quiet(&self, runs: usize, told: impl Fn() -> String) -> anyhow::Result<Ended> {
        // What an update changed may still show late, and would be written once more.
        std::thread::sleep(Duration::from_millis(LATE));
        self.emulator.reset_requests();
        let output = start(self.binary, self.folder, self.sabotage, 0.0)?.wait_with_output()?;
        let writes = self.emulator.requests().write_calls();
        let by_hand = !self.schedule.by_hand.is_empty();
        match output.status.code() {
            Some(0) if writes == 0 => Ok(Ended::Right { runs }),
            Some(0) if by_hand => Ok(Ended::Right { runs: runs + 1 }),
            Some(3) if self.schedule.may_end.refused => Ok(Ended::Refused),
            code => Ok(Ended::Wrong(format!(
                "one more apply ended with {code:?} and sent {writes} writes:\n{}\n{}",
                said(&output),
                told()
            ))),
        }
    }

    /// The apply with which everything goes wrong; its exit code, and what it said.
    fn first(&mut self) -> anyhow::Result<(Option<i32>, String)> {
        let began = Instant::now();
        let mut child = start(self.binary, self.folder, self.sabotage, 5.0)?;
        let mut rival = None;
        let mut by_hand = self.schedule.by_hand.clone();
        by_hand.sort_by_key(|(after, _)| *after);
        let mut by_hand = by_hand.into_iter().peekable();
        loop {
            let elapsed = began.elapsed();
            ensure!(elapsed < PATIENCE, "the apply hangs");
            if let Some((after, wait)) = self.schedule.rival
                && rival.is_none()
                && elapsed >= Duration::from_millis(after)
            {
                rival = Some(start(self.binary, self.folder, self.sabotage, wait)?);
            }
            while let Some((_, edit)) =
                by_hand.next_if(|(after, _)| elapsed >= Duration::from_millis(*after))
            {
                self.edit(edit)?;
            }
            if self.strikes(elapsed) {
                child.kill()?;
            }
            if child.try_wait()?.is_some() {
                break;
            }
            std::thread::sleep(Duration::from_micros(300));
        }
        let mut ended = {
            let output = child.wait_with_output()?;
            (output.status.code(), said(&output))
        };
        if let Some(rival) = rival {
            let output = rival.wait_with_output()?;
            let code = output.status.code();
            ended.1 = format!(
                "{}\n--- the rival, exit {code:?}\n{}",
                ended.1,
                said(&output)
            );
            // Whoever came last has seen more.
            if code != Some(75) {
                ended.0 = code;
            }
        }
        for (_, edit) in by_hand {
            self.edit(edit)?;
        }
        Ok(ended)
    }

    fn strikes(&self, elapsed: Duration) -> bool {
        match self.schedule.kill {
            None => false,
            Some(Kill::After(milliseconds)) => elapsed >= Duration::from_millis(milliseconds),
            Some(Kill::AfterSegments(number)) => {
                let entries = fs::read_dir(self.folder.join(".offerctl/shop/journal"));
                entries.is_ok_and(|entries| entries.count() >= number)
            }
            Some(Kill::AfterWrites(number)) => {
                let requests = self.emulator.requests();
                requests.calls().filter(|call| call.is_write()).count() >= number.max(1)
            }
        }
    }

    fn edit(&mut self, edit: ByHand) -> anyhow::Result<()> {
        let stranger = |title: &str, kind: Kind| {
            let letter = kind.letter(false);
            let id = format!("{letter}99{:07}_US", fastrand::u32(0..9_999_999)).parse();
            let offer = Offer::new(id.context("an id")?, kind)
                .with(Field::Title, title)
                .with(Field::Url, "https://club.example/by-hand");
            anyhow::Ok(offer.with(Field::Price, FieldValue::Amount("77".parse()?)))
        };
        let ours = |number: usize| {
            let title = format!("Offer {number}");
            let offers = self.emulator.offers();
            offers
                .into_iter()
                .find(|offer| offer.text(Field::Title) == Some(&title))
        };
        match edit {
            ByHand::Stranger | ByHand::Copy(_) => {
                let title = match edit {
                    ByHand::Copy(number) => format!("Offer {number}"),
                    ByHand::Stranger | ByHand::Deactivate(_) | ByHand::Reprice(_) => {
                        format!("Stranger {}", fastrand::u32(..))
                    }
                };
                let offer = stranger(&title, Kind::Single)?;
                self.strangers.insert(offer.id().stem().to_owned());
                self.emulator.seed_offers(vec![offer])?;
            }
            ByHand::Deactivate(number) => {
                if let Some(offer) = ours(number) {
                    let _offer = self
                        .emulator
                        .edit(offer.id(), |offer| offer.set_active(false))?;
                }
            }
            ByHand::Reprice(number) => {
                if let Some(offer) = ours(number) {
                    let price = FieldValue::Amount("10.99".parse()?);
                    let _offer = self
                        .emulator
                        .edit(offer.id(), |offer| offer.set(Field::Price, price))?;
                }
            }
        }
        Ok(())
    }
}

fn write_project(
    folder: &Path,
    emulator: &Emulator,
    shop: &Shop,
    settle: f64,
    timeout: Option<f64>,
) -> anyhow::Result<()> {
    let timeout = timeout.map_or_else(String::new, |seconds| {
        format!(", timeoutSeconds: {seconds}")
    });
    let config = format!(
        "version: 1\nproject: torture\nenvironments:\n  shop:\n    endpoint: {}\n    limits: {{settleSeconds: {settle}, batch: 9, concurrency: 4{timeout}}}\n",
        emulator.url()
    );
    fs::write(folder.join("offerctl.yaml"), config)?;
    fs::create_dir_all(folder.join("offers"))?;
    fs::write(folder.join("offers/all.yaml"), &shop.manifest)?;
    Ok(())
}

fn start(
    binary: &Path,
    folder: &Path,
    sabotage: Option<&str>,
    lock_timeout: f64,
) -> anyhow::Result<Child> {
    let mut command = Command::new(binary);
    command
        .current_dir(folder)
        .args([
            "apply",
            "--auto-approve",
            if std::env::var_os("TORTURE_LOG").is_some() {
                "-vvv"
            } else {
                "--quiet"
            },
            "--lock-timeout",
            &lock_timeout.to_string(),
        ])
        .env_clear()
        .env("HOME", folder)
        .env("CLEENG_PUBLISHER_TOKEN", "torture")
        .envs(sabotage.map(|way| ("OFFERCTL_SABOTAGE", way)))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command.spawn().context("failed to start offerctl")
}

/// The end of what a run printed.
fn said(output: &Output) -> String {
    let text = |bytes: &[u8]| {
        let text = String::from_utf8_lossy(bytes).into_owned();
        let lines: Vec<&str> = text
            .lines()
            .filter(|line| !line.starts_with("+ create") || line.contains("failed"))
            .collect();
        let shown = if std::env::var_os("TORTURE_LOG").is_some() {
            lines.len()
        } else {
            30
        };
        lines[lines.len().saturating_sub(shown)..].join("\n")
    };
    format!("{}\n{}", text(&output.stdout), text(&output.stderr))
}

fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            fs::create_dir_all(&target)?;
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
