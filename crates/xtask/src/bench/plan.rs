//! What a plan costs when nothing changed.

use std::path::Path;
use std::time::Duration;

use anyhow::ensure;

use super::catalogue::{Kinds, Shape, write_catalogue, write_project};
use super::cost::{Costs, Work};
use super::setup::Bench;
use super::shop::{Shop, Traffic};
use super::table::{Aim, Figure, Line, Unit};

/// How far a slow service is away.
const DELAY: Duration = Duration::from_millis(50);

/// Delays so long that what the machines do in the meantime does not count.
const LONG_DELAYS: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(2)];

/// The large catalogue takes so long that it is not measured more often.
const RUNS_OF_LARGE: usize = 3;

pub(super) fn run(bench: &Bench) -> anyhow::Result<Vec<Line>> {
    let small = Catalogue::live(bench, 10_000)?;
    let mut lines = small.compare_with_parsers(bench)?;
    let plan = small.plan(bench, bench.runs)?;
    lines.push(Line::new("the same: peak memory", plan.costs.memory()).aim(Aim::Under(150.0)));
    lines.push(Line::new("the same: wall", plan.costs.wall()));
    lines.push(Line::new(
        "the same: HTTP requests",
        Figure::count(plan.traffic.requests),
    ));
    lines.push(Line::new(
        "the same: calls in them",
        Figure::count(plan.traffic.calls),
    ));
    lines.extend(small.far_away(bench)?);
    small.shop.close();

    let large = Catalogue::live(bench, 100_000)?;
    let of_large = large.plan(bench, bench.runs.min(RUNS_OF_LARGE))?;
    large.shop.close();
    let work = "`plan`, no change, 100,000 live offers";
    lines.push(
        Line::new(format!("{work}: CPU"), of_large.costs.cpu())
            .bound("with 10,000", plan.costs.cpu())
            .aim(Aim::Times(11.0)),
    );
    lines.push(
        Line::new("the same: wall", of_large.costs.wall()).bound("with 10,000", plan.costs.wall()),
    );
    lines.push(Line::new("the same: peak memory", of_large.costs.memory()).aim(Aim::Under(1000.0)));
    lines.push(Line::new(
        "the same: HTTP requests",
        Figure::count(of_large.traffic.requests),
    ));
    Ok(lines)
}

/// A catalogue that was applied.
struct Catalogue {
    folder: tempfile::TempDir,
    shop: Shop,
}

struct Planned {
    costs: Costs,
    /// Of one plan.
    traffic: Traffic,
}

impl Catalogue {
    fn live(bench: &Bench, offers: usize) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let shape = Shape {
            offers,
            kinds: Kinds::All,
            localizations: 0,
            per_file: 100,
        };
        let shop = Shop::open(Duration::ZERO, Vec::new())?;
        write_catalogue(folder.path(), shape, &endpoint(&shop))?;
        let apply = ["apply", "--auto-approve", "--quiet"];
        Work::new(folder.path(), &bench.program, &apply).cost(&bench.task)?;
        ensure!(
            shop.offers().len() == offers,
            "the catalogue was not applied"
        );
        Ok(Self { folder, shop })
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn work<'a>(&'a self, bench: &'a Bench) -> Work<'a> {
        // Changes would exit with 2, and be no measurement.
        let plan = ["plan", "--detailed-exitcode"];
        Work::new(self.path(), &bench.program, &plan)
    }

    fn plan(&self, bench: &Bench, runs: usize) -> anyhow::Result<Planned> {
        self.shop.take_requests();
        let warm = self.work(bench).cost(&bench.task)?;
        let traffic = self.shop.take_requests();
        let [mut costs] = bench.costs_of(runs.saturating_sub(1), [&self.work(bench)])?;
        costs.0.push(warm);
        Ok(Planned { costs, traffic })
    }

    fn compare_with_parsers(&self, bench: &Bench) -> anyhow::Result<Vec<Line>> {
        let answers = tempfile::tempdir()?;
        self.shop.write_pages(answers.path())?;
        let folder = self.path().to_string_lossy().into_owned();
        let pages = answers.path().to_string_lossy().into_owned();
        let bare = ["pass", &folder, "--answers", &pages];
        let full = ["pass", &folder, "--answers", &pages, "--manifests"];
        let bare = Work::new(self.path(), &bench.task, &bare);
        let full = Work::new(self.path(), &bench.task, &full);
        let [plan, full, bare] = bench.costs([&self.work(bench), &full, &bare])?;
        let work = "`plan`, no change, 10,000 live offers: CPU";
        Ok(vec![
            Line::new(work, plan.cpu())
                .bound(
                    "CPU of reading the manifests and decoding the JSON",
                    full.cpu(),
                )
                .aim(Aim::Times(2.0)),
            Line::new("the same, beside the bare parsers", plan.cpu())
                .bound("CPU of a bare event pass and decoding the JSON", bare.cpu()),
        ])
    }

    /// The same against a service that is further away.
    fn far_away(&self, bench: &Bench) -> anyhow::Result<Vec<Line>> {
        let wall = |delay: Duration, runs: usize| -> anyhow::Result<Figure> {
            let shop = Shop::open(delay, self.shop.offers())?;
            write_project(self.path(), &endpoint(&shop))?;
            let [costs] = bench.costs_of(runs, [&self.work(bench)])?;
            shop.close();
            Ok(costs.wall())
        };
        let near = wall(DELAY, bench.runs)?;
        let [less, more] = LONG_DELAYS;
        let slower = wall(more, 1)?.median() - wall(less, 1)?.median();
        let longer = Figure::time([more, less]).spread();
        let trips = slower / longer;
        Ok(vec![
            Line::new(
                "`plan`, no change, 10,000 live offers, 50 ms of delay: wall",
                near,
            ),
            Line::new(
                "the same: round trips one after another",
                Figure::new(Unit::Count, [(trips * 10.0).round() / 10.0]),
            )
            .aim(Aim::AtMost(3.0)),
        ])
    }
}

fn endpoint(shop: &Shop) -> String {
    format!("endpoint: {}", shop.url())
}
