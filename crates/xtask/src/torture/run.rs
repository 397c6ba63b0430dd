//! Carrying out one schedule: [`carry_out`].

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::ensure;
use cleeng_emulator::{AnswerRecord, Emulator, FaultRule, RequestRecord};

use super::api::Api;
use super::base::{Base, Bases, Scene};
use super::by_hand::{Hands, unconditional};
use super::judge::judge;
use super::program::{Program, Told, apply, start};
use super::schedule::{Kill, LATE, Schedule, When};

/// The longest that an apply may take before something hangs.
const PATIENCE: Duration = Duration::from_mins(1);

/// How often it is applied before it has to be right.
const RUNS: usize = 3;

/// How a schedule ended.
#[derive(Debug)]
pub(super) enum Ended {
    /// As it should, after so many applies.
    Right { runs: usize },
    /// With exit 6, and nothing was made twice.
    Undecided,
    /// With exit 3, and nothing was made twice.
    Refused,
    /// The service did more than is assumed of it.
    Beyond,
    /// The law is broken.
    Wrong(String),
}

/// Carries out one schedule, and judges what came of it.
pub(super) fn carry_out(
    schedule: &Schedule,
    bases: &Bases,
    program: Program<'_>,
) -> anyhow::Result<Ended> {
    let base = bases.of(schedule);
    let scene = base.scene(&schedule.quirks, schedule.timeout)?;
    let Scene {
        folder,
        emulator,
        runtime,
    } = scene;
    for fault in &schedule.faults {
        emulator.add_fault(FaultRule::parse(fault)?);
    }
    let run = Run {
        schedule,
        folder: folder.path(),
        program,
        emulator: &emulator,
        base,
        hands: Hands::new(&emulator, &base.shop),
        told: Vec::new(),
        problems: Vec::new(),
        is_beyond: false,
        counted: None,
    };
    let ended = run.go();
    runtime.block_on(emulator.shutdown());
    ended
}

struct Run<'a> {
    schedule: &'a Schedule,
    folder: &'a Path,
    program: Program<'a>,
    emulator: &'a Emulator,
    base: &'a Base,
    hands: Hands<'a>,
    /// What the applies so far ended with, and how many calls of each wrote.
    told: Vec<(Told, u64)>,
    /// What broke the law on the way.
    problems: Vec<String>,
    /// Whether the service did more than is assumed of it.
    is_beyond: bool,
    /// When the calls were counted that a kill waits for.
    counted: Option<Duration>,
}

impl Run<'_> {
    fn go(mut self) -> anyhow::Result<Ended> {
        let first = self.first()?;
        self.note(first);
        self.emulator.clear_faults();
        while self.told.len() < RUNS && !self.is_through() {
            // Applies are faster than what shows late: an update that was built on what is no longer so is refused.
            if self.told.len() + 1 == RUNS {
                std::thread::sleep(Duration::from_millis(LATE));
            }
            self.apply()?;
        }
        if let Some(wrong) = self.verdict() {
            return Ok(wrong);
        }
        // What an update changed may still show late, and would be written once more.
        std::thread::sleep(Duration::from_millis(LATE));
        let runs = self.runs();
        let needs_nothing = self.told.len() > runs;
        if !needs_nothing {
            self.apply()?;
            let (told, writes) = &self.told[self.told.len() - 1];
            if told.code != Some(0) || *writes > 0 {
                let problem = format!("one more apply sent {writes} writes");
                return Ok(self.wrong(&problem));
            }
        }
        Ok(Ended::Right { runs })
    }

    /// Whether the last apply did all, and saw what people did.
    fn is_through(&self) -> bool {
        let saw_all = self.schedule.by_hand.is_empty() || self.told.len() > 1;
        saw_all && self.code() == Some(0)
    }

    fn code(&self) -> Option<i32> {
        self.told.last().and_then(|(told, _)| told.code)
    }

    /// How many applies had anything to do.
    fn runs(&self) -> usize {
        let idle = |(told, writes): &&(Told, u64)| told.code == Some(0) && *writes == 0;
        let idle = self.told.iter().rev().take_while(idle).count();
        (self.told.len() - idle).max(1)
    }

    fn apply(&mut self) -> anyhow::Result<()> {
        let told = apply(self.program, self.folder)?;
        self.note(told);
        Ok(())
    }

    /// Notes what an apply ended with, and what it asked of the service.
    fn note(&mut self, told: Told) {
        let requests = self.emulator.requests();
        let writes = requests.write_calls();
        self.is_beyond |= requests.iter().any(is_beyond);
        if self.schedule.api == Api::Rest {
            self.problems.extend(unconditional(&requests));
            if self.told.is_empty() {
                self.problems.extend(self.hands.overwritten(&requests));
            }
        }
        if told.code == Some(3) && writes > 0 && self.schedule.rival.is_none() {
            self.problems
                .push(format!("exit 3, and {writes} calls wrote"));
        }
        self.told.push((told, writes));
        self.emulator.reset_requests();
    }

    /// How it ended, unless it is right so far.
    fn verdict(&self) -> Option<Ended> {
        if self.is_beyond {
            return Some(Ended::Beyond);
        }
        let findings = judge(
            &self.emulator.offers(),
            (&self.base.shop, &self.base.known),
            &self.hands.strangers(),
        );
        if !findings.twice.is_empty() {
            return Some(self.wrong(&format!("made twice: {:?}", findings.twice)));
        }
        let code = self.code();
        let disturbed = self.hands.disturbed(code == Some(0));
        if !self.problems.is_empty() || !disturbed.is_empty() {
            return Some(self.wrong(&format!("{:?}, {disturbed:?}", self.problems)));
        }
        let may_end = self.schedule.may_end;
        match code {
            Some(0) if findings.other.is_empty() => None,
            Some(6) if may_end.undecided => Some(Ended::Undecided),
            Some(3) if may_end.refused && self.is_explained() => Some(Ended::Refused),
            _ => Some(self.wrong(&format!("{:?}", findings.other))),
        }
    }

    /// Whether every reason for which the last apply was refused is one that people gave.
    fn is_explained(&self) -> bool {
        let Some((told, _)) = self.told.last() else {
            return false;
        };
        let mut problems = told.problems.iter();
        self.schedule.api == Api::JsonRpc
            || !told.problems.is_empty()
                && problems.all(|(code, name)| self.hands.explains(code, name))
    }

    fn wrong(&self, problem: &str) -> Ended {
        let runs = self.told.iter().map(|(told, writes)| {
            format!(
                "--- exit {:?}, {writes} calls that write\n{}",
                told.code, told.text
            )
        });
        let runs: Vec<String> = runs.collect();
        Ended::Wrong(format!("{problem}\n{}", runs.join("\n")))
    }

    /// The apply with which everything goes wrong.
    fn first(&mut self) -> anyhow::Result<Told> {
        let began = Instant::now();
        let mut child = start(self.program, self.folder, 5.0)?;
        let mut rival = None;
        let mut by_hand = self.schedule.by_hand.clone();
        loop {
            let elapsed = began.elapsed();
            ensure!(elapsed < PATIENCE, "the apply hangs");
            if let Some((after, wait)) = self.schedule.rival
                && rival.is_none()
                && elapsed >= Duration::from_millis(after)
            {
                rival = Some(start(self.program, self.folder, wait)?);
            }
            let is_due = |(when, _): &mut (When, _)| match *when {
                When::After(milliseconds) => elapsed >= Duration::from_millis(milliseconds),
                When::AfterWrites(number) => self.writes("") >= number,
            };
            let due: Vec<_> = by_hand.extract_if(.., is_due).collect();
            for (_, edit) in due {
                self.hands.edit(edit)?;
            }
            if self.strikes(elapsed) {
                child.kill()?;
            }
            if child.try_wait()?.is_some() {
                break;
            }
            std::thread::sleep(Duration::from_micros(300));
        }
        let mut told = Told::of(&child.wait_with_output()?);
        if let Some(rival) = rival {
            let later = Told::of(&rival.wait_with_output()?);
            told.text = format!(
                "{}\n--- the rival, exit {:?}\n{}",
                told.text, later.code, later.text
            );
            // Whoever came last has seen more.
            if later.code != Some(75) {
                told.code = later.code;
            }
        }
        for (_, edit) in by_hand {
            self.hands.edit(edit)?;
        }
        Ok(told)
    }

    fn strikes(&mut self, elapsed: Duration) -> bool {
        match self.schedule.kill {
            None => false,
            Some(Kill::After(milliseconds)) => elapsed >= Duration::from_millis(milliseconds),
            Some(Kill::AfterSegments(number)) => {
                let entries = fs::read_dir(self.folder.join(".offerctl/shop/journal"));
                entries.is_ok_and(|entries| entries.count() >= number)
            }
            Some(Kill::AfterWrites(verb, number, later)) => {
                if self.counted.is_none() && self.writes(verb) >= number.max(1) {
                    self.counted = Some(elapsed);
                }
                let since = self.counted.map(|counted| elapsed.saturating_sub(counted));
                since.is_some_and(|since| since >= Duration::from_millis(later))
            }
        }
    }

    /// How many writing calls were carried out whose names begin like this.
    fn writes(&self, verb: &str) -> usize {
        let requests = self.emulator.requests();
        let calls = requests.calls();
        calls
            .filter(|call| call.is_write() && call.method.starts_with(verb))
            .count()
    }
}

/// Whether a request with a single create was refused by its HTTP status although the offer was made.
fn is_beyond(request: &RequestRecord) -> bool {
    let [call] = request.calls.as_slice() else {
        return false;
    };
    let refused = |code: &u16| matches!(code, 400 | 401 | 403 | 404 | 413 | 422 | 429);
    let is_refused = matches!(&request.answer, AnswerRecord::Status(code) if refused(code));
    let is_create = call.method.starts_with("create") && call.method != "createLocalization";
    is_refused && call.took_effect && is_create
}
