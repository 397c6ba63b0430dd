//! What the first apply of a schedule begins with: [`Base`].

use std::collections::BTreeMap;

use anyhow::ensure;
use cleeng_emulator::{Config, Data, Emulator, Quirk};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use super::api::Api;
use super::judge::{Known, judge, known};
use super::program::{Place, Program, Waits, apply, write_project};
use super::schedule::{Schedule, writes};
use super::shop::{Shop, Stage};
use crate::folder::copy;

/// How long what was made may take to show: more than twice as long as the emulator ever lets it take.
pub(super) const SETTLE_SECONDS: f64 = 0.4;

/// The same where requests may take too long.
const SETTLE_SECONDS_LATE: f64 = 0.6;

/// The catalogue that is to be applied, and the account that it is applied to.
pub(super) struct Base {
    pub(super) shop: Shop,
    pub(super) known: Known,
    /// The account and the state; nothing of either if the account is empty.
    files: Option<TempDir>,
}

/// The beginnings of all schedules.
pub(super) struct Bases(BTreeMap<(Api, bool), Base>);

/// What one schedule works on.
pub(super) struct Scene {
    pub(super) folder: TempDir,
    pub(super) emulator: Emulator,
    pub(super) runtime: Runtime,
}

impl Bases {
    /// Makes the beginnings, and looks whether each can be applied as long as nothing goes wrong.
    pub(super) fn prepare(program: Program<'_>) -> anyhow::Result<Self> {
        let mut bases = BTreeMap::new();
        for api in Api::ALL {
            for fresh in [true, false] {
                let base = if fresh {
                    Base::fresh(api)
                } else {
                    Base::changed(api, program)?
                };
                base.try_out(fresh, program)?;
                bases.insert((api, fresh), base);
            }
        }
        Ok(Self(bases))
    }

    /// The beginning of a schedule.
    pub(super) fn of(&self, schedule: &Schedule) -> &Base {
        &self.0[&(schedule.api, schedule.fresh)]
    }
}

impl Base {
    /// An empty account.
    fn fresh(api: Api) -> Self {
        Self {
            shop: Shop::at(api, Stage::Fresh),
            known: Known::new(),
            files: None,
        }
    }

    /// An account with the catalogue as it was before some edits.
    fn changed(api: Api, program: Program<'_>) -> anyhow::Result<Self> {
        let stages: &[Stage] = match api {
            Api::JsonRpc => &[Stage::Fresh],
            Api::Rest => &[Stage::Fresh, Stage::Rested],
        };
        let files = tempfile::tempdir()?;
        let runtime = runtime()?;
        let config = Config {
            data: Data::File(files.path().join("account.jsonl")),
            ..Config::default()
        };
        let emulator = runtime.block_on(Emulator::start(config))?;
        for stage in stages {
            let shop = Shop::at(api, *stage);
            write_project(files.path(), &Place::beside(&emulator), &shop, waits(None))?;
            let told = apply(program, files.path())?;
            ensure!(
                told.code == Some(0),
                "{stage:?} of {api:?} cannot be made:\n{}",
                told.text
            );
        }
        let known = known(&emulator.offers());
        runtime.block_on(emulator.shutdown());
        Ok(Self {
            shop: Shop::at(api, Stage::CHANGED),
            known,
            files: Some(files),
        })
    }

    /// An emulator and a project of its own for a schedule.
    pub(super) fn scene(&self, quirks: &[&str], timeout: Option<f64>) -> anyhow::Result<Scene> {
        let folder = tempfile::tempdir()?;
        if let Some(files) = &self.files {
            copy(files.path(), folder.path())?;
        }
        let runtime = runtime()?;
        let quirks: Result<Vec<Quirk>, _> = quirks.iter().map(|quirk| quirk.parse()).collect();
        let config = Config {
            data: match &self.files {
                None => Data::Memory,
                Some(_) => Data::File(folder.path().join("account.jsonl")),
            },
            quirks: quirks?.into_iter().collect(),
            ..Config::default()
        };
        let emulator = runtime.block_on(Emulator::start(config))?;
        let place = Place::beside(&emulator);
        write_project(folder.path(), &place, &self.shop, waits(timeout))?;
        Ok(Scene {
            folder,
            emulator,
            runtime,
        })
    }

    /// Applies as nothing goes wrong: it must end right, and with just the writes that schedules go by.
    fn try_out(&self, fresh: bool, program: Program<'_>) -> anyhow::Result<()> {
        let Scene {
            folder,
            emulator,
            runtime,
        } = self.scene(&[], None)?;
        let told = apply(program, folder.path())?;
        let found = judge(
            &emulator.offers(),
            (&self.shop, &self.known),
            &std::collections::BTreeSet::new(),
        );
        ensure!(
            told.code == Some(0) && found.twice.is_empty() && found.other.is_empty(),
            "without any fault: exit {:?}, {found:?}\n{}",
            told.code,
            told.text
        );
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        let requests = emulator.requests();
        for call in requests.calls().filter(|call| call.is_write()) {
            *counts.entry(call.method.clone()).or_default() += 1;
        }
        let mut left = counts.values().sum::<usize>();
        for (verb, count) in writes(self.shop.api, fresh) {
            let is_meant = |method: &str| match verb.strip_suffix('*') {
                Some(start) => method.starts_with(start),
                None => method == *verb,
            };
            let meant = counts.iter().filter(|(method, _)| is_meant(method));
            let found = meant.map(|(_, count)| count).sum::<usize>();
            left -= found;
            ensure!(
                found == *count,
                "{verb} was called {found} times, not {count}: {counts:?}"
            );
        }
        ensure!(left == 0, "nobody counts on all of {counts:?}");
        runtime.block_on(emulator.shutdown());
        Ok(())
    }
}

fn waits(timeout: Option<f64>) -> Waits {
    let settle = if timeout.is_some() {
        SETTLE_SECONDS_LATE
    } else {
        SETTLE_SECONDS
    };
    Waits {
        settle,
        timeout,
        one_by_one: false,
    }
}

pub(super) fn runtime() -> anyhow::Result<Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()?)
}
