//! The corpus of mistakes through the binary: what `validate` prints, in both forms, and what it exits with.
//!
//! `tests/scenarios/README.md` says how the files instruct a test.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value as Json;

use crate::support::{Run, Shop, offerctl};

/// What stands in scenarios for a secret, and must stand in no output.
const SECRET: &str = "qW3rTy-canary-qW3rTy";

/// A diagnostic as a scenario expects it: file, code, line and column.
type Place = (String, String, u64, u64);

/// Files that are read together.
struct Scenario {
    name: String,
    files: Vec<(String, Vec<u8>)>,
    expected: Vec<Place>,
    is_project: bool,
    project: String,
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let found = std::fs::read_dir(folder).unwrap();
    let mut paths: Vec<PathBuf> = found.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap().to_str().unwrap().to_owned()
}

fn read(path: &Path, endpoint: &str) -> Scenario {
    let name = file_name(path);
    let is_project = name.ends_with(".project.yaml");
    let paths = if path.is_dir() {
        entries(path)
    } else {
        vec![path.to_owned()]
    };
    let mut files = Vec::new();
    let mut expected = Vec::new();
    let mut environment = vec![format!("endpoint: \"{endpoint}\"")];
    let mut vars = Vec::new();
    for path in paths {
        let bytes = std::fs::read(&path).unwrap();
        let name = if is_project {
            "offerctl.yaml".to_owned()
        } else {
            file_name(&path)
        };
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let comments = text
            .lines()
            .map_while(|line| line.trim_start_matches('\u{feff}').strip_prefix('#'));
        for comment in comments {
            match comment.trim().split_once(": ") {
                Some(("expect", words)) => {
                    let (code, place) = words.split_once(' ').unwrap();
                    let (line, column) = place.split_once(':').unwrap();
                    let [line, column] = [line, column].map(|number| number.parse().unwrap());
                    expected.push((name.clone(), code.to_owned(), line, column));
                }
                Some(("api", api)) => environment.push(format!("api: {api}")),
                Some(("account-currency", code)) => {
                    environment.push(format!("account: {{currency: {code}}}"));
                }
                Some(("var", words)) => {
                    let (name, value) = words.split_once('=').unwrap();
                    vars.push(format!("{name}: {}", Json::from(value)));
                }
                Some(_) | None => {}
            }
        }
        files.push((name, bytes));
    }
    if !vars.is_empty() {
        environment.push(format!("vars: {{{}}}", vars.join(", ")));
    }
    let environment = environment.join(", ");
    Scenario {
        name,
        files,
        expected,
        is_project,
        project: format!(
            "version: 1\nproject: club-tv\nmanifests: [\"*.yaml\"]\nenvironments:\n  local: {{{environment}}}\n  production: {{{environment}}}\n"
        ),
    }
}

/// What is wrong with what the binary says of a scenario.
fn problems(scenario: &Scenario) -> Result<(), String> {
    let folder = tempfile::tempdir().unwrap();
    if !scenario.is_project {
        std::fs::write(folder.path().join("offerctl.yaml"), &scenario.project).unwrap();
    }
    for (name, bytes) in &scenario.files {
        std::fs::write(folder.path().join(name), bytes).unwrap();
    }
    // A project scenario has environments of its own, or none that could be named.
    let line = if scenario.is_project {
        "validate"
    } else {
        "validate -e local"
    };
    let run = |more: &str| {
        let line = format!("{line}{more}");
        Run::of(offerctl(folder.path()).args(line.split_whitespace()), &line)
    };
    let (json, text) = (run(" --format json"), run(""));
    let document: Json =
        serde_json::from_str(&json.out).map_err(|error| format!("{error}: {json:?}"))?;
    let diagnostics = document["diagnostics"].as_array().unwrap();
    let mut found = Vec::new();
    for diagnostic in diagnostics {
        let word = |name: &str| diagnostic[name].as_str().unwrap_or_default().to_owned();
        let number = |name: &str| diagnostic[name].as_u64().unwrap_or_default();
        found.push((word("file"), word("code"), number("line"), number("column")));
        let head = format!("{}[{}]", word("severity"), word("code"));
        let place = format!(
            "--> {}:{}:{}",
            word("file"),
            number("line"),
            number("column")
        );
        if !text.err.contains(&head) || !text.err.contains(&place) {
            return Err(format!("no {head}{place} in {text:?}"));
        }
    }
    if found != scenario.expected {
        return Err(format!("expected {:?}, found {json:?}", scenario.expected));
    }
    let fails = diagnostics
        .iter()
        .any(|diagnostic| diagnostic["severity"] == "error");
    let code = if fails { 65 } else { 0 };
    if [json.code, text.code] != [code; 2] || document["valid"] != !fails {
        return Err(format!("not {code}: {json:?} {text:?}"));
    }
    if [&json, &text]
        .iter()
        .any(|run| run.out.contains(SECRET) || run.err.contains(SECRET))
    {
        return Err(format!("the secret shows: {json:?} {text:?}"));
    }
    Ok(())
}

/// Runs every scenario of a folder; a few processes at a time.
#[track_caller]
fn check(folder: &str) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../tests/scenarios")
        .join(folder);
    let shop = Shop::new();
    let scenarios: Vec<Scenario> = entries(&root)
        .iter()
        .map(|path| read(path, &shop.emulator().url()))
        .collect();
    let next = AtomicUsize::new(0);
    let wrong = Mutex::new(String::new());
    std::thread::scope(|scope| {
        for _ in 0..3 {
            let _worker = scope.spawn(|| {
                while let Some(scenario) = scenarios.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if let Err(problem) = problems(scenario) {
                        writeln!(wrong.lock().unwrap(), "{}: {problem}", scenario.name).unwrap();
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{wrong}");
    assert!(scenarios.len() > 20, "only {} scenarios", scenarios.len());
    assert_eq!(shop.requests().http_requests(), 0);
}

#[test]
fn every_mistake_is_told_with_its_place_in_both_forms() {
    check("diagnostics");
}

#[test]
fn nothing_is_said_of_valid_files() {
    check("valid");
}

#[test]
fn mistakes_of_all_files_are_told_in_one_run() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/scenarios/diagnostics");
    let shop = Shop::new();
    let mut codes = std::collections::BTreeSet::new();
    for path in entries(&root).iter().step_by(7) {
        let scenario = read(path, "emulator");
        if !path.is_file() || scenario.is_project {
            continue;
        }
        shop.write(
            &format!("offers/{}", scenario.name),
            &String::from_utf8_lossy(&scenario.files[0].1),
        );
        // What depends on the environment, or on other offers, may read otherwise in this project.
        let syntax = ["yaml-", "unknown-key", "duplicate-key", "wrong-shape"];
        codes.extend(
            scenario
                .expected
                .into_iter()
                .filter(|(_, code, _, _)| syntax.iter().any(|part| code.starts_with(part)))
                .map(|(file, code, line, column)| (format!("offers/{file}"), code, line, column)),
        );
    }
    assert!(codes.len() > 10, "{codes:?}");
    let document = shop.run("validate --format json").exits(65).json();
    shop.fits("validation", &document);
    for (file, code, line, column) in codes {
        let found = document["diagnostics"]
            .as_array()
            .unwrap()
            .iter()
            .any(|it| {
                it["file"] == file.as_str()
                    && it["code"] == code.as_str()
                    && it["line"] == line
                    && it["column"] == column
            });
        assert!(found, "no {code} at {file}:{line}:{column}");
    }
    for line in ["plan", "apply --auto-approve"] {
        shop.run(line).exits(65);
    }
    assert_eq!(shop.requests().http_requests(), 0);
}
