//! What it costs to make offers: [`Apply`].

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::ensure;

use super::catalogue::{Kinds, Shape, write_catalogue};
use super::cost::{Costs, Work};
use super::setup::Bench;
use super::shop::{Shop, Traffic};
use super::table::{Aim, Figure, Line};

/// How far the service is away.
pub(super) const DELAY: Duration = Duration::from_millis(50);

/// Requests side by side.
const CONCURRENCY: usize = 8;

/// Calls in a request.
const BATCH: usize = 25;

/// The first apply to an account reads its offers twice; how long it waits in between is no matter of speed.
const SETTLE: &str = "0.001";

/// What is applied.
pub(super) const SHAPE: Shape = Shape {
    offers: 1000,
    kinds: Kinds::Independent,
    localizations: 0,
    per_file: 100,
};

/// How many bytes a segment of the journal has, roughly, with 25 intents in it.
const SEGMENT: usize = 12_000;

pub(super) fn run(bench: &Bench) -> anyhow::Result<Vec<Line>> {
    let mut writes = Vec::new();
    let mut costs = Costs::default();
    let mut traffic = None;
    for _ in 0..bench.runs {
        let folder = tempfile::tempdir()?;
        writes.push(durable_write(folder.path())?);
        let apply = Apply::to_shop(bench, folder.path(), "", &[])?;
        costs.0.extend(apply.costs.0);
        traffic = Some(apply.traffic);
    }
    let Some(traffic) = traffic else {
        return Ok(Vec::new());
    };
    let write = Figure::time(writes);
    let requests = SHAPE.offers.div_ceil(BATCH);
    let waves = requests.div_ceil(CONCURRENCY);
    let bound = bound(waves, traffic.reads, write.median());
    let work = "`apply` of 1,000 creates, 50 ms of delay, concurrency 8, batch 25";
    let parts = format!(
        "{waves} waves + {} reads + {waves} durable writes of intents",
        traffic.reads
    );
    Ok(vec![
        Line::new(format!("{work}: wall"), costs.wall())
            .bound(parts, bound)
            .aim(Aim::Times(1.5)),
        Line::new("the same: CPU", costs.cpu()),
        Line::new("the same: peak memory", costs.memory()),
        Line::new("the same: HTTP requests", Figure::count(traffic.requests)).bound(
            "full batches + reads",
            Figure::count(requests as u64 + traffic.reads),
        ),
        Line::new("one durable write on this disk", write),
    ])
}

/// What no apply can be faster than: the intents of a wave are durable before its requests leave.
fn bound(waves: usize, reads: u64, write: f64) -> Figure {
    let trips = u32::try_from(waves as u64 + reads).unwrap_or(u32::MAX);
    let waves = u32::try_from(waves).unwrap_or(u32::MAX);
    Figure::time([DELAY * trips + Duration::from_secs_f64(write / 1000.0) * waves])
}

/// How long it takes until a segment is on the disk, written as the state is: beside its place, and renamed.
fn durable_write(folder: &Path) -> anyhow::Result<Duration> {
    const TIMES: u32 = 40;
    let folder = folder.join("durable");
    fs::create_dir(&folder)?;
    let text = "x".repeat(SEGMENT);
    let start = Instant::now();
    for number in 0..TIMES {
        let beside = folder.join("beside");
        let mut file = File::create(&beside)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&beside, folder.join(number.to_string()))?;
        File::open(&folder)?.sync_all()?;
    }
    Ok(start.elapsed() / TIMES)
}

/// One apply to an account without offers.
pub(super) struct Apply {
    pub(super) costs: Costs,
    pub(super) traffic: Traffic,
}

impl Apply {
    /// Writes the catalogue and applies it; `more` are lines of the environment.
    pub(super) fn to_shop(
        bench: &Bench,
        folder: &Path,
        more: &str,
        variables: &[(&'static str, String)],
    ) -> anyhow::Result<Self> {
        let shop = Shop::open(DELAY, Vec::new())?;
        let environment = format!(
            "endpoint: {}\n    limits: {{concurrency: {CONCURRENCY}, batch: {BATCH}, settleSeconds: {SETTLE}}}\n{more}",
            shop.url()
        );
        write_catalogue(folder, SHAPE, &environment)?;
        let arguments = ["apply", "--auto-approve", "--quiet"];
        let work = Work {
            variables: variables.to_vec(),
            ..Work::new(folder, &bench.program, &arguments)
        };
        let cost = work.cost(&bench.task)?;
        ensure!(
            shop.offers().len() == SHAPE.offers,
            "the catalogue was not applied"
        );
        let traffic = shop.take_requests();
        shop.close();
        Ok(Self {
            costs: Costs(vec![cost]),
            traffic,
        })
    }
}
