//! The main job: the example, as a newcomer types it.

use std::path::Path;

use crate::support::{Run, offerctl};

/// A copy of the example, so that the repository stays clean.
fn example() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    copy(
        &root.join("offers.example"),
        &folder.path().join("offers.example"),
    );
    folder
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap();
        if name == ".offerctl" {
            continue;
        }
        if path.is_dir() {
            copy(&path, &to.join(name));
        } else {
            std::fs::copy(&path, to.join(name)).unwrap();
        }
    }
}

fn run(folder: &tempfile::TempDir, line: &str) -> Run {
    let line = format!("-C offers.example {line}");
    Run::of(offerctl(folder.path()).args(line.split_whitespace()), &line)
}

#[test]
fn the_example_is_applied_and_the_second_time_nothing_is_to_do() {
    let folder = example();
    run(&folder, "validate")
        .exits(0)
        .says("Valid: 11 offers in 3 files");
    run(&folder, "apply --auto-approve")
        .exits(0)
        .says("Applied: 11 succeeded, 0 failed, 0 unknown, 0 skipped.");
    let state = folder
        .path()
        .join("offers.example/.offerctl/local/state.json");
    let data = folder
        .path()
        .join("offers.example/.offerctl/local/emulator.jsonl");
    let before = [&state, &data].map(|path| std::fs::read(path).unwrap());
    run(&folder, "apply --auto-approve")
        .exits(0)
        .says("No changes.");
    assert_eq!(
        [&state, &data].map(|path| std::fs::read(path).unwrap()),
        before,
        "nothing was written"
    );
    run(&folder, "plan --detailed-exitcode")
        .exits(0)
        .says("Plan: 0 to create, 0 to change, 0 to deactivate.");
    run(&folder, "drift").exits(0).says("No drift.");
}
