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
        .says("Valid: 12 offers in 3 files");
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

#[test]
fn the_example_is_applied_over_the_current_api_as_well() {
    let folder = example();
    run(&folder, "-e local-rest apply --auto-approve")
        .exits(0)
        .says("Applied: 7 succeeded, 0 failed, 0 unknown, 0 skipped.");
    run(&folder, "-e local-rest plan --detailed-exitcode")
        .exits(0)
        .says("No changes.");
    run(&folder, "-e local-rest drift")
        .exits(0)
        .says("No drift.");
}

/// The offers of the example that only JSON-RPC can say, each with what is wrong with it over REST.
const JSON_RPC_ONLY: [(&str, &str, &str); 5] = [
    ("all-access-monthly", "tag", "the tag `(all)`"),
    ("cup-final-2027", "api-field", "`teaser`"),
    ("cup-final-2027-replay", "api-field", "`eventAssociation`"),
    ("making-of-northern-light", "missing-field", "`entitlement`"),
    ("northern-light-keep", "api-field", "`contentExternalId`"),
];

#[test]
fn what_the_example_keeps_from_the_current_api_cannot_be_said_there() {
    const ONLY: &str = "    only: [local, sandbox, production]\n";
    let folder = example();
    let offers = folder.path().join("offers.example/offers");
    let mut kept = Vec::new();
    for entry in std::fs::read_dir(&offers).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let mut name = "";
        for line in text.lines() {
            let is_name = line.starts_with("  ") && !line.starts_with("   ");
            if let Some(found) = line.trim().strip_suffix(':').filter(|_| is_name) {
                name = found;
            }
            if format!("{line}\n") == ONLY {
                kept.push(name.to_owned());
            }
        }
        std::fs::write(&path, text.replace(ONLY, "")).unwrap();
    }
    kept.sort();
    assert_eq!(kept, JSON_RPC_ONLY.map(|(name, _, _)| name));
    run(&folder, "-e local validate").exits(0);
    let found = run(&folder, "-e local-rest validate --format json");
    let document: serde_json::Value = serde_json::from_str(&found.exits(65).out).unwrap();
    let diagnostics = document["diagnostics"].as_array().unwrap();
    for (name, code, words) in JSON_RPC_ONLY {
        let explains = |diagnostic: &&serde_json::Value| {
            let message = diagnostic["message"].as_str().unwrap();
            diagnostic["code"] == code && message.contains(words)
        };
        assert!(
            diagnostics.iter().any(|found| explains(&found)),
            "{name}: {document:#}"
        );
    }
}
