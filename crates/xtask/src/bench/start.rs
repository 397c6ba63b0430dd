//! How long the program takes when there is little to do.

use std::path::Path;
use std::time::Duration;

use super::catalogue::{Kinds, Shape, write_catalogue};
use super::cost::Work;
use super::setup::Bench;
use super::shop::Shop;
use super::table::{Aim, Line};

pub(super) fn run(bench: &Bench) -> anyhow::Result<Vec<Line>> {
    let version = Work::new(Path::new("."), &bench.program, &["--version"]);
    let shop = Shop::open(Duration::ZERO, Vec::new())?;
    let folder = tempfile::tempdir()?;
    let shape = Shape {
        offers: 20,
        kinds: Kinds::All,
        localizations: 0,
        per_file: 20,
    };
    write_catalogue(folder.path(), shape, &format!("endpoint: {}", shop.url()))?;
    let plan = Work::new(folder.path(), &bench.program, &["plan"]);
    let [version, plan] = bench.costs([&version, &plan])?;
    shop.close();
    Ok(vec![
        Line::new("`--version`: wall", version.wall()).aim(Aim::Under(10.0)),
        Line::new(
            "`plan` of 20 offers against the emulator: wall",
            plan.wall(),
        )
        .aim(Aim::Under(60.0)),
        Line::new("the same: peak memory", plan.memory()),
    ])
}
