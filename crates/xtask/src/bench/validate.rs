//! How fast files are read and checked.

use super::catalogue::{Kinds, Shape, write_catalogue};
use super::cost::Work;
use super::setup::Bench;
use super::table::{Aim, Figure, Line};

pub(super) fn run(bench: &Bench) -> anyhow::Result<Vec<Line>> {
    let folder = tempfile::tempdir()?;
    let shape = Shape {
        offers: 10_000,
        kinds: Kinds::Localizable,
        localizations: 50,
        per_file: 100,
    };
    let bytes = write_catalogue(folder.path(), shape, "endpoint: emulator")?;
    let path = folder.path().to_string_lossy().into_owned();
    let pass = Work::new(folder.path(), &bench.task, &["pass", &path]);
    let validate = Work::new(folder.path(), &bench.program, &["validate"]);
    let [pass, validate] = bench.costs([&pass, &validate])?;
    let work = "`validate`, 10,000 offers × 50 countries";
    Ok(vec![
        Line::new(format!("{work}: CPU"), validate.cpu())
            .bound("CPU of a bare event pass", pass.cpu())
            .aim(Aim::Times(2.5)),
        Line::new(format!("{work}: wall"), validate.wall())
            .bound("wall of a bare event pass", pass.wall())
            .aim(Aim::Times(1.5)),
        Line::new(format!("{work}: peak memory"), validate.memory())
            .bound("bytes of the files", Figure::bytes(bytes))
            .aim(Aim::Times(5.0)),
    ])
}
