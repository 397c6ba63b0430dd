//! Several runners whose state is in one bucket, each with manifests of its own.
//!
//! ```text
//!   runner 0 ─▶ proxies ─┐
//!   runner 1 ─▶ proxies ─┼─▶ the emulator, the store
//!   runner 2 ─▶ proxies ─┘
//! ```
//!
//! The law: whoever is stopped, killed, cut off or unlocked, nothing is made twice, and after everything has ended the
//! catalogue is what the manifests of the last runner say that ended with exit 0 — the last in the order in which they had the
//! lock. If the last that had the lock did not end so, one more apply has to get there.

mod schedule;
mod wire;

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use bucket_emulator::{Proxy, Store};
use cleeng_emulator::{Config, Data, Emulator, FaultRule};
use serde_json::Value;
use tempfile::TempDir;
use tokio::runtime::Runtime;

use self::schedule::{Blow, Editions, Start, Totals};
use self::wire::{PATIENCE, Runner, Wire};
use super::api::Api;
use super::base::{SETTLE_SECONDS, runtime};
use super::judge::{Known, judge, known};
use super::program::{PREFIX, Place, Program, Waits, unlock, write_project};
use super::run::Ended;
use super::shop::{Shop, Stage};
use crate::folder::copy;

pub(super) use self::schedule::{Schedule, schedules};

/// How long a runner waits for the lock.
const LOCK_TIMEOUT: f64 = 20.0;

/// How long a request may take: half the time to live of a lock is the most.
const TIMEOUT: f64 = 0.5;

/// How often it is applied after everything, before it has to be right.
const RUNS: usize = 3;

/// The bucket of every schedule: each has a store of its own.
const BUCKET: &str = "torture";

/// What all schedules of a kind begin with.
struct Base {
    known: Known,
    /// The account.
    files: TempDir,
    objects: BTreeMap<String, Vec<u8>>,
    /// How many requests a runner sends while nothing goes wrong, side by side and one by one.
    totals: [Totals; 2],
}

/// The beginnings of all schedules.
pub(super) struct Bases(BTreeMap<(Api, bool), Base>);

impl Bases {
    /// Makes the beginnings, and looks whether each can be applied as long as nothing goes wrong.
    pub(super) fn prepare(program: Program<'_>) -> anyhow::Result<Self> {
        let mut bases = BTreeMap::new();
        for api in Api::ALL {
            for fresh in [true, false] {
                let mut base = Base {
                    known: Known::new(),
                    files: tempfile::tempdir()?,
                    objects: BTreeMap::new(),
                    totals: [Totals { any: 1, store: 1 }; 2],
                };
                if !fresh {
                    base.grow(api, program)?;
                }
                for one_by_one in [false, true] {
                    base.try_out((api, one_by_one), program)?;
                }
                bases.insert((api, fresh), base);
            }
        }
        Ok(Self(bases))
    }

    /// How many requests a runner sends while nothing goes wrong.
    pub(super) fn totals(&self, api: Api, [fresh, one_by_one]: [bool; 2]) -> Totals {
        self.0[&(api, fresh)].totals[usize::from(one_by_one)]
    }
}

impl Base {
    /// Makes the catalogue as it was before.
    fn grow(&mut self, api: Api, program: Program<'_>) -> anyhow::Result<()> {
        let stages: &[Stage] = match api {
            Api::JsonRpc => &[Stage::Fresh],
            Api::Rest => &[Stage::Fresh, Stage::Rested],
        };
        for stage in stages {
            let shop = Shop::at(api, *stage);
            let scene = Scene::new(self, program)?;
            let mut runner = scene.runner(&shop, Vec::new(), Ways::plain(false))?;
            runner.start(program, 0.0)?;
            runner.finish()?;
            self.known = known(&scene.emulator.offers());
            self.objects = scene.store.objects(BUCKET);
            let Scene {
                files,
                emulator,
                runtime,
                ..
            } = scene;
            runtime.block_on(emulator.shutdown());
            self.files = files;
        }
        Ok(())
    }

    /// Applies as nothing goes wrong, and counts the requests.
    fn try_out(
        &mut self,
        (api, one_by_one): (Api, bool),
        program: Program<'_>,
    ) -> anyhow::Result<()> {
        let scene = Scene::new(self, program)?;
        let shop = Shop::at(api, Stage::edition(1));
        let mut runner = scene.runner(&shop, Vec::new(), Ways::plain(one_by_one))?;
        runner.start(program, 0.0)?;
        runner.finish()?;
        let found = judge(
            &scene.emulator.offers(),
            (&shop, &self.known),
            &BTreeSet::new(),
        );
        ensure!(
            found.twice.is_empty() && found.other.is_empty(),
            "without any accident: {found:?}"
        );
        self.totals[usize::from(one_by_one)] = runner.wire.counts();
        Ok(())
    }
}

/// How a runner goes, and how the service answers it.
#[derive(Debug, Clone, Copy)]
struct Ways {
    /// How many seconds what was made may take to show.
    settle: f64,
    one_by_one: bool,
    /// How many milliseconds later each answer of the service comes.
    slowness: u64,
}

impl Ways {
    fn plain(one_by_one: bool) -> Self {
        Self {
            settle: SETTLE_SECONDS,
            one_by_one,
            slowness: 0,
        }
    }
}

/// What one schedule works on.
struct Scene<'p> {
    program: Program<'p>,
    files: TempDir,
    store: Store,
    emulator: Emulator,
    runtime: Runtime,
}

impl<'p> Scene<'p> {
    fn new(base: &Base, program: Program<'p>) -> anyhow::Result<Self> {
        let files = tempfile::tempdir()?;
        copy(base.files.path(), files.path())?;
        let runtime = runtime()?;
        let config = Config {
            data: Data::File(files.path().join("account.jsonl")),
            ..Config::default()
        };
        let emulator = runtime.block_on(Emulator::start(config))?;
        let store = runtime.block_on(Store::start())?;
        store.seed(BUCKET, &base.objects);
        Ok(Self {
            program,
            files,
            store,
            emulator,
            runtime,
        })
    }

    /// A runner with manifests of its own.
    fn runner(&self, shop: &Shop, blows: Vec<Blow>, ways: Ways) -> anyhow::Result<Runner> {
        let folder = tempfile::tempdir()?;
        let wire = Wire::new(blows, Duration::from_millis(ways.slowness));
        let service = self.runtime.block_on(Proxy::start(self.emulator.addr()))?;
        service.judge(wire.to_service());
        let store = self.runtime.block_on(Proxy::start(self.store.address()))?;
        store.judge(wire.to_store());
        let place = Place {
            service: format!("http://{}", service.address()),
            bucket: Some((BUCKET.to_owned(), store.address())),
        };
        let waits = Waits {
            settle: ways.settle,
            timeout: Some(TIMEOUT),
            one_by_one: ways.one_by_one,
        };
        write_project(folder.path(), &place, shop, waits)?;
        Ok(Runner::new(folder, place, (wire, [service, store])))
    }

    /// The processes that had the lock, in the order in which they had it.
    fn holders(&self) -> Vec<u32> {
        let mut epochs: Vec<(Value, u32)> = Vec::new();
        for bytes in self.store.written(BUCKET, &format!("{PREFIX}/lock.json")) {
            let Ok(lock) = serde_json::from_slice::<Value>(&bytes) else {
                continue;
            };
            let pid = lock["holder"]["pid"].as_u64();
            let Some(pid) = pid.and_then(|pid| u32::try_from(pid).ok()) else {
                continue;
            };
            let epoch = lock["epoch"]["id"].clone();
            if epochs.last().is_none_or(|(last, _)| *last != epoch) {
                epochs.push((epoch, pid));
            }
        }
        epochs.into_iter().map(|(_, pid)| pid).collect()
    }
}

/// Carries out one schedule, and judges what came of it.
pub(super) fn carry_out(
    schedule: &Schedule,
    bases: &Bases,
    program: Program<'_>,
) -> anyhow::Result<Ended> {
    let base = &bases.0[&(schedule.api, schedule.fresh)];
    let scene = Scene::new(base, program)?;
    let stage = if schedule.editions == Editions::OfPrices {
        let shop = Shop::at(schedule.api, Stage::prices(0));
        let mut runner = scene.runner(&shop, Vec::new(), Ways::plain(false))?;
        runner.start(program, 0.0)?;
        runner.finish()?;
        scene.emulator.reset_requests();
        Stage::prices
    } else {
        Stage::edition
    };
    for fault in &schedule.faults {
        scene.emulator.add_fault(FaultRule::parse(fault)?);
    }
    let count = 1 + schedule.others.len();
    let shops: Vec<Shop> = (1..=count)
        .map(|number| Shop::at(schedule.api, stage(number)))
        .collect();
    let mut runners = Vec::new();
    for (number, shop) in shops.iter().enumerate() {
        let blows = schedule.blows.iter().filter(|blow| blow.runner == number);
        let ways = Ways {
            settle: schedule.settle,
            one_by_one: schedule.one_by_one,
            slowness: schedule.slowness,
        };
        runners.push(scene.runner(shop, blows.copied().collect(), ways)?);
    }
    let mut race = Race {
        schedule,
        scene: &scene,
        runners,
        unlocks: Vec::new(),
    };
    race.go()?;
    let ended = race.ended(&shops, base);
    drop(race);
    let Scene {
        emulator, runtime, ..
    } = scene;
    runtime.block_on(emulator.shutdown());
    ended
}

struct Race<'a> {
    schedule: &'a Schedule,
    scene: &'a Scene<'a>,
    runners: Vec<Runner>,
    /// What those said who took the lock away.
    unlocks: Vec<String>,
}

impl Race<'_> {
    /// Lets the runners run until all have ended.
    fn go(&mut self) -> anyhow::Result<()> {
        let began = Instant::now();
        // When so many blows had been struck.
        let mut struck: Vec<Instant> = Vec::new();
        self.runners[0].start(self.scene.program, LOCK_TIMEOUT)?;
        loop {
            ensure!(began.elapsed() < PATIENCE, "a runner hangs");
            let now: usize = self
                .runners
                .iter()
                .map(|runner| runner.wire.now().struck)
                .sum();
            while struck.len() < now {
                struck.push(Instant::now());
            }
            self.start_others(began, &struck)?;
            self.unlock()?;
            let mut going = Vec::new();
            for runner in &mut self.runners {
                going.push(runner.is_going()?);
            }
            let stopped: Vec<bool> = self.runners.iter().map(Runner::is_stopped).collect();
            let is_awake = |index: usize| going[index] && !stopped[index];
            let waiting = self
                .runners
                .iter()
                .filter(|runner| !runner.is_started())
                .count();
            let all_ended = !(0..going.len()).any(is_awake) && waiting == 0;
            for runner in &self.runners {
                runner.wake(all_ended);
            }
            if all_ended && !going.contains(&true) {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// Starts the next runner, if its time has come.
    fn start_others(&mut self, began: Instant, struck: &[Instant]) -> anyhow::Result<()> {
        let waits = |runner: &&mut Runner| !runner.is_started();
        let is_out = |runner: &&Runner| runner.is_stopped() || runner.told.is_some();
        let out = self.runners.iter().filter(is_out).count();
        let starts = self.schedule.others.iter().enumerate();
        let mut others = self.runners[1..].iter_mut().zip(starts);
        if let Some((runner, (index, start))) = others.find(|(runner, _)| waits(runner)) {
            let is_due = match *start {
                Start::After(milliseconds) => {
                    began.elapsed() >= Duration::from_millis(milliseconds)
                }
                Start::Struck(count, milliseconds) => {
                    // Nobody is left who could be struck.
                    let nobody_left = out == index + 1;
                    let since = struck.get(count - 1).copied();
                    let due = Duration::from_millis(milliseconds);
                    nobody_left || since.is_some_and(|since| since.elapsed() >= due)
                }
            };
            if is_due {
                runner.start(self.scene.program, LOCK_TIMEOUT)?;
            }
        }
        Ok(())
    }

    /// Takes the lock away, where somebody is to.
    fn unlock(&mut self) -> anyhow::Result<()> {
        for runner in &self.runners {
            if std::mem::take(&mut runner.wire.now().is_to_unlock) {
                let (bucket, _) = runner.place.bucket.clone().context("there is one")?;
                let place = Place {
                    service: self.scene.emulator.url(),
                    bucket: Some((bucket, self.scene.store.address())),
                };
                let output = unlock(self.scene.program, runner.folder.path(), &place)?;
                let said = String::from_utf8_lossy(&output.stderr);
                self.unlocks
                    .push(format!("{:?}: {said}", output.status.code()));
            }
        }
        Ok(())
    }

    /// Judges what came of it.
    fn ended(&self, shops: &[Shop], base: &Base) -> anyhow::Result<Ended> {
        let scene = self.scene;
        let holders = scene.holders();
        let pids: Vec<Option<u32>> = self.runners.iter().map(|runner| runner.pid).collect();
        let number = |pid: &u32| pids.iter().position(|known| *known == Some(*pid));
        let order: Vec<usize> = holders.iter().filter_map(number).collect();
        let code = |index: usize| self.runners[index].told.as_ref().and_then(|told| told.code);
        let mut told: Vec<String> = self.story(&order);
        let late = Duration::from_millis(self.schedule.late);
        for index in 0..self.runners.len() {
            if code(index) == Some(0) && !order.contains(&index) {
                return Ok(wrong("exit 0 without ever having had the lock", &told));
            }
        }
        let last = order.last().copied();
        let is_done = last.is_some_and(|last| code(last) == Some(0));
        let number = last.unwrap_or(self.runners.len() - 1);
        let shop = &shops[number];
        let look = || {
            judge(
                &scene.emulator.offers(),
                (shop, &base.known),
                &BTreeSet::new(),
            )
        };
        let mut runs = 1;
        let found = look();
        if !found.twice.is_empty() {
            return Ok(wrong(&format!("made twice: {:?}", found.twice), &told));
        }
        if is_done && !found.other.is_empty() {
            let problem = format!("not what runner {number} applied last: {:?}", found.other);
            return Ok(wrong(&problem, &told));
        }
        scene.emulator.clear_faults();
        let mut is_done = is_done;
        while !is_done {
            runs += 1;
            if runs > RUNS {
                return Ok(wrong("it is not right after all", &told));
            }
            std::thread::sleep(late);
            let (code, text, _) = self.once_more(shop)?;
            told.push(format!("--- once more: exit {code:?}\n{text}"));
            is_done = code == Some(0);
        }
        let found = look();
        if !found.twice.is_empty() || !found.other.is_empty() {
            return Ok(wrong(&format!("{found:?}"), &told));
        }
        std::thread::sleep(late);
        let (code, text, writes) = self.once_more(shop)?;
        if code != Some(0) || writes > 0 {
            told.push(format!(
                "--- at last: exit {code:?}, {writes} writes\n{text}"
            ));
            return Ok(wrong("one more apply has something to do", &told));
        }
        let found = look();
        if !found.twice.is_empty() || !found.other.is_empty() {
            return Ok(wrong(&format!("after all: {found:?}"), &told));
        }
        Ok(Ended::Right { runs })
    }

    /// Applies plainly; what it ended with, and how many calls wrote.
    fn once_more(&self, shop: &Shop) -> anyhow::Result<(Option<i32>, String, u64)> {
        self.scene.emulator.reset_requests();
        let mut runner = self.scene.runner(
            shop,
            Vec::new(),
            Ways {
                settle: self.schedule.settle,
                ..Ways::plain(false)
            },
        )?;
        runner.start(self.scene.program, LOCK_TIMEOUT)?;
        let told = runner.end()?;
        let writes = self.scene.emulator.requests().write_calls();
        Ok((told.code, told.text, writes))
    }

    /// What happened, in words.
    fn story(&self, order: &[usize]) -> Vec<String> {
        let mut told = vec![format!("they had the lock in the order {order:?}")];
        told.extend(
            self.unlocks
                .iter()
                .map(|said| format!("--- unlock: {said}")),
        );
        for (index, runner) in self.runners.iter().enumerate() {
            let Some(ended) = &runner.told else {
                continue;
            };
            let Totals { any, store } = runner.wire.counts();
            told.push(format!(
                "--- runner {index}, exit {:?}, {any} requests, {store} to the store\n{}",
                ended.code, ended.text
            ));
        }
        told
    }
}

fn wrong(problem: &str, told: &[String]) -> Ended {
    Ended::Wrong(format!("{problem}\n{}", told.join("\n")))
}
