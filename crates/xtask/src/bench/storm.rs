//! What a service costs that has too many requests.

use std::time::Duration;

use anyhow::ensure;

use super::catalogue::{Kinds, Shape, write_catalogue};
use super::cost::{Cost, Work};
use super::setup::Bench;
use super::shop::{Shop, Traffic};
use super::table::{Aim, Figure, Line};

/// How many requests are let through in each second.
const RATE: u64 = 10;

/// One request out of so many is let through.
const EVERY: u64 = 10;

pub(super) fn run(bench: &Bench) -> anyhow::Result<Vec<Line>> {
    let (cost, traffic) = apply(bench, 1000, &format!("{RATE}/s"))?;
    let passed = traffic.requests - traffic.refused;
    let work = format!("`apply` of 1,000 creates, {RATE} requests let through in a second");
    let mut lines = vec![
        Line::new(
            format!("{work}: HTTP requests"),
            Figure::count(traffic.requests),
        )
        .bound("those that were let through", Figure::count(passed))
        .aim(Aim::Times(2.0)),
        Line::new("the same: wall", Figure::time([cost.wall])).bound(
            "that rate",
            Figure::time([Duration::from_secs(passed.div_ceil(RATE) - 1)]),
        ),
    ];
    let (cost, traffic) = apply(bench, 20, &format!("1/{EVERY}"))?;
    let passed = traffic.requests - traffic.refused;
    let work = format!("`apply` of 20 creates, 1 request of {EVERY} let through");
    lines.extend([
        Line::new(
            format!("{work}: HTTP requests"),
            Figure::count(traffic.requests),
        )
        .bound(
            format!("{EVERY} for each that was let through"),
            Figure::count(passed * EVERY),
        )
        .aim(Aim::Times(2.0)),
        Line::new("the same: wall", Figure::time([cost.wall])),
    ]);
    Ok(lines)
}

/// Applies a catalogue to a shop that lets only some requests through.
fn apply(bench: &Bench, offers: usize, throttle: &str) -> anyhow::Result<(Cost, Traffic)> {
    let folder = tempfile::tempdir()?;
    let shop = Shop::throttled(throttle.parse()?)?;
    let shape = Shape {
        offers,
        kinds: Kinds::Independent,
        localizations: 0,
        per_file: 100,
    };
    write_catalogue(folder.path(), shape, &format!("endpoint: {}", shop.url()))?;
    let arguments = ["apply", "--auto-approve", "--quiet"];
    let cost = Work::new(folder.path(), &bench.program, &arguments).cost(&bench.task)?;
    ensure!(
        shop.offers().len() == offers,
        "the catalogue was not applied"
    );
    let traffic = shop.take_requests();
    shop.close();
    Ok((cost, traffic))
}
