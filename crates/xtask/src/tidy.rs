//! Rules of the house that no lint knows, as tests.

mod circles;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process::root;

fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() && name != "target" && !name.starts_with('.') {
                open.push(path);
            } else if path.extension().is_some_and(|found| found == extension) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn rust_files() -> Vec<(PathBuf, String)> {
    let folders = ["crates", "tests"].map(|name| root().join(name));
    let paths = folders.iter().flat_map(|folder| files(folder, "rs"));
    paths
        .map(|path| (path.clone(), fs::read_to_string(&path).unwrap()))
        .collect()
}

#[test]
fn every_file_begins_with_what_it_is_for() {
    let silent: Vec<PathBuf> = rust_files()
        .into_iter()
        .filter(|(_, text)| !text.starts_with("//!"))
        .map(|(path, _)| path)
        .collect();
    assert_eq!(silent, Vec::<PathBuf>::new());
}

#[test]
fn no_module_is_a_mod_rs() {
    let found: Vec<PathBuf> = rust_files()
        .into_iter()
        .map(|(path, _)| path)
        .filter(|path| path.ends_with("mod.rs"))
        .collect();
    assert_eq!(found, Vec::<PathBuf>::new());
}

#[test]
fn nothing_is_left_to_do_without_an_issue() {
    // Spelled apart, so that this file does not find itself.
    let words = [
        ["TO", "DO"].concat(),
        ["FIX", "ME"].concat(),
        ["todo", "!("].concat(),
        ["unimplemented", "!("].concat(),
    ];
    for (path, text) in rust_files() {
        for (number, line) in (1..).zip(text.lines()) {
            let left = words.iter().any(|word| line.contains(word.as_str())) && !line.contains('#');
            assert!(!left, "{}:{number}: {line}", path.display());
        }
    }
}

/// Where what strangers wrote is taken as it is, in the crates that make output: as data, to be cut or compared, and never to
/// show it. Whatever else shows it has the form of [`Display`](std::fmt::Display), which escapes.
const RAW: [&str; 12] = [
    "crates/offerctl-show/src/document/diagnostics.rs",
    "crates/offerctl-show/src/document/drift.rs",
    "crates/offerctl-show/src/document/plan.rs",
    "crates/offerctl-show/src/render/drift.rs",
    "crates/offerctl-show/src/render/drift_markdown.rs",
    "crates/offerctl-show/src/render/markdown.rs",
    "crates/offerctl-show/src/render/sets.rs",
    "crates/offerctl-show/src/render/text_diff.rs",
    "crates/offerctl/src/command/drift/accept.rs",
    "crates/offerctl/src/command/fmt.rs",
    "crates/offerctl/src/command/import.rs",
    "crates/offerctl/src/remote.rs",
];

#[test]
fn strangers_words_are_taken_raw_in_few_places() {
    let makes_output = |path: &str| {
        path.starts_with("crates/offerctl-show/src/") || path.starts_with("crates/offerctl/src/")
    };
    let mut found = BTreeSet::new();
    for (path, text) in rust_files() {
        let path = path
            .strip_prefix(root())
            .unwrap()
            .to_string_lossy()
            .replace('\\', "/");
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        if makes_output(&path) && code.contains("raw()") {
            found.insert(path);
        }
    }
    let known: BTreeSet<String> = RAW.iter().map(|path| (*path).to_owned()).collect();
    assert_eq!(found, known);
}

/// The arrows between the crates; there are no others (the house plan in ARCHITECTURE.md).
#[test]
fn crates_depend_only_along_the_arrows() {
    let allowed: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::from([
        ("offerctl-model", BTreeSet::new()),
        ("offerctl-manifest", BTreeSet::from(["offerctl-model"])),
        (
            "offerctl-reconcile",
            BTreeSet::from(["offerctl-manifest", "offerctl-model"]),
        ),
        (
            "offerctl-show",
            BTreeSet::from(["offerctl-reconcile", "offerctl-manifest", "offerctl-model"]),
        ),
        ("cleeng-client", BTreeSet::new()),
        ("cleeng-emulator", BTreeSet::new()),
        ("bucket-emulator", BTreeSet::new()),
        (
            "offerctl-engine",
            BTreeSet::from([
                "offerctl-reconcile",
                "offerctl-manifest",
                "offerctl-model",
                "cleeng-client",
            ]),
        ),
        (
            "offerctl",
            BTreeSet::from([
                "offerctl-engine",
                "offerctl-show",
                "offerctl-reconcile",
                "offerctl-manifest",
                "offerctl-model",
                "cleeng-client",
                "cleeng-emulator",
            ]),
        ),
        (
            "xtask",
            BTreeSet::from([
                "offerctl-show",
                "offerctl-manifest",
                "offerctl-model",
                "cleeng-emulator",
                "bucket-emulator",
            ]),
        ),
    ]);
    let output = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--format-version",
            "1",
            "--no-deps",
            "--offline",
        ])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    assert_eq!(packages.len(), allowed.len());
    for package in packages {
        let name = package["name"].as_str().unwrap();
        let own: BTreeSet<&str> = package["dependencies"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|dependency| dependency["kind"].is_null())
            .map(|dependency| dependency["name"].as_str().unwrap())
            .filter(|dependency| allowed.contains_key(dependency))
            .collect();
        assert_eq!(own, allowed[name], "{name}");
    }
}

/// A profile takes over what the one that it inherits from says of single packages.
#[test]
fn all_that_is_shipped_is_optimised() {
    let text = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let packages = |profile: &str| -> Vec<(String, String)> {
        let lines = text
            .lines()
            .skip_while(|line| *line != format!("[profile.{profile}.package]"));
        let lines = lines.skip(1).take_while(|line| !line.starts_with('['));
        let settings = lines.filter_map(|line| line.split_once(".opt-level = "));
        settings
            .map(|(name, level)| (name.to_owned(), level.to_owned()))
            .collect()
    };
    let [built, shipped] = ["release", "dist"].map(packages);
    assert!(built.len() > 5, "{built:?}");
    let wanted: Vec<_> = built
        .into_iter()
        .map(|(name, _)| (name, "3".to_owned()))
        .collect();
    assert_eq!(wanted, shipped);
}

/// The crates without I/O, clock and randomness.
const PURE: [&str; 4] = [
    "crates/offerctl-model/src",
    "crates/offerctl-manifest/src",
    "crates/offerctl-reconcile/src",
    "crates/offerctl-show/src",
];

#[test]
fn the_pure_crates_do_no_input_and_no_output() {
    let banned = [
        "std::fs::",
        "std::net::",
        "std::process::",
        "std::env::",
        "tokio::",
        "reqwest::",
        "SystemTime::now",
    ];
    let folders = PURE.map(|name| root().join(name));
    for path in folders.iter().flat_map(|folder| files(folder, "rs")) {
        let text = fs::read_to_string(&path).unwrap();
        for word in banned {
            assert!(!text.contains(word), "{} has {word}", path.display());
        }
    }
}

/// A client that writes is asked for by commands that write. That a reader cannot write is tested by the examples of
/// `offerctl_engine::service::Reader`, which do not compile.
#[test]
fn commands_that_only_read_ask_for_no_writer() {
    let commands = root().join("crates/offerctl/src/command");
    for name in [
        "validate", "plan", "drift", "diff", "show", "import", "doctor",
    ] {
        let own = [commands.join(format!("{name}.rs"))];
        let folder = commands.join(name);
        let more = if folder.is_dir() {
            files(&folder, "rs")
        } else {
            Vec::new()
        };
        for path in own.into_iter().chain(more) {
            let text = fs::read_to_string(&path).unwrap();
            for word in [".writer()", "Writer", "RemoteWrite", ".lock("] {
                assert!(!text.contains(word), "{} has {word}", path.display());
            }
        }
    }
}

/// Whatever fails there is told in full, and whatever takes long is shown: no command can forget it.
#[test]
fn the_service_is_read_in_one_place() {
    let source = root().join("crates/offerctl/src");
    let place = ["context/reading.rs", "remote.rs", "service.rs"].map(|name| source.join(name));
    for path in files(&source, "rs") {
        if place.contains(&path) {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        for word in [
            "FetchError",
            "Fetcher",
            "fetch::fetch",
            "fetch_details",
            "fetch_expecting",
            "settle::preview",
            "settle::settle_pending",
            "Connection::open(",
        ] {
            assert!(!text.contains(word), "{} has {word}", path.display());
        }
    }
}

#[test]
fn only_one_file_of_the_program_prints() {
    let printing = [
        "println!(",
        "print!(",
        "eprintln!(",
        "eprint!(",
        "io::stdout()",
        "io::stderr()",
    ];
    for (path, text) in rust_files() {
        let name = path
            .strip_prefix(root())
            .unwrap()
            .to_string_lossy()
            .into_owned();
        let free = name.starts_with("crates/xtask")
            || name.contains("/tests/")
            || name.starts_with("tests/");
        if free || name == "crates/offerctl/src/ui.rs" {
            continue;
        }
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        let code: Vec<&str> = code
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"))
            .collect();
        for word in printing {
            assert!(
                !code.iter().any(|line| line.contains(word)),
                "{name} has {word}"
            );
        }
    }
}

#[test]
fn every_example_manifest_is_valid_under_its_schema_line() {
    for path in files(&root().join("offers.example"), "yaml") {
        let text = fs::read_to_string(&path).unwrap();
        let line = text.lines().next().unwrap();
        let schema = line
            .strip_prefix("# yaml-language-server: $schema=")
            .unwrap_or_else(|| panic!("{}", path.display()));
        assert!(
            path.parent().unwrap().join(schema).is_file(),
            "{} names {schema}",
            path.display()
        );
    }
}

/// A fact about Cleeng's API is cited by its section of `docs/cleeng-api.md`.
#[test]
fn every_section_that_is_cited_exists() {
    const PAGE: &str = "docs/cleeng-api.md";
    let page = fs::read_to_string(root().join(PAGE)).unwrap();
    let sections: BTreeSet<&str> = page
        .lines()
        .filter_map(|line| line.strip_prefix("## ").or(line.strip_prefix("### ")))
        .map(|heading| heading.split(' ').next().unwrap_or_default())
        .map(|number| number.trim_end_matches('.'))
        .collect();
    let mut cited = 0;
    for (path, text) in rust_files() {
        for (number, line) in (1..).zip(text.lines()) {
            let place = format!("{}:{number}", path.display());
            assert!(
                !line.contains(&["API", " sheet"].concat()),
                "{place}: name the section of {PAGE}"
            );
            let Some((_, after)) = line.split_once(&format!("{PAGE} §")) else {
                continue;
            };
            let end = after
                .find(|character: char| !character.is_ascii_digit() && character != '.')
                .unwrap_or(after.len());
            let section = after[..end].trim_end_matches('.');
            assert!(sections.contains(section), "{place}: no section {section}");
            cited += 1;
        }
    }
    assert!(cited > 300, "only {cited} places cite {PAGE}");
}
