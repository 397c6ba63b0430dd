//! The corpus of mistakes: every file of `tests/scenarios/diagnostics` has just the diagnostics that it says.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::Path;

use offerctl_manifest::diagnostic::{Code, Diagnostic, Diagnostics};
use offerctl_manifest::manifest;
use offerctl_manifest::source::{MAX_FILE_BYTES, SourceFile, Sources};
use offerctl_manifest::span::FileId;
use offerctl_show::render::{Style, diagnostics_text};

use crate::support::scenario::{self, Place, Scenario};

/// Codes that no scenario can show, with the reason.
const NOT_IN_FILES: [(Code, &str); 3] = [
    (
        Code::ApprovalExpired,
        "what day it is says the program, not the file",
    ),
    (
        Code::FileSize,
        "a file that is too large does not belong into a repository: made by a test below",
    ),
    (
        Code::Unreadable,
        "files are read by the engine, which reports what it cannot read",
    ),
];

/// What stands in scenarios for a secret, and must stand in no output.
const SECRET: &str = "qW3rTy-canary-qW3rTy";

fn text(diagnostics: &Diagnostics, sources: &Sources) -> String {
    diagnostics_text(diagnostics, sources, |_| Vec::new(), Style::Plain)
}

fn found(scenario: &Scenario) -> Vec<Place> {
    let (sources, diagnostics) = scenario.run();
    diagnostics
        .iter()
        .map(|diagnostic| scenario::place(diagnostic, &sources))
        .collect()
}

/// Runs what is wrong with each scenario of a folder through `problem`, and fails with all that it returns.
#[track_caller]
fn all_are_right(folder: &str, problem: impl Fn(&Scenario) -> Option<String>) {
    let mut wrong = String::new();
    for scenario in scenario::all(folder) {
        if let Some(problem) = problem(&scenario) {
            let (sources, diagnostics) = scenario.run();
            let text = text(&diagnostics, &sources);
            writeln!(wrong, "{}: {problem}\n{text}", scenario.name).unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn every_mistake_is_found_at_its_place_and_nothing_else_is() {
    all_are_right("diagnostics", |scenario| {
        let (found, expected) = (found(scenario), &scenario.expected);
        (found != *expected).then(|| format!("expected {expected:?}, found {found:?}"))
    });
}

#[test]
fn nothing_is_wrong_with_valid_files() {
    all_are_right("valid", |scenario| {
        let found = found(scenario);
        (!found.is_empty() || !scenario.expected.is_empty()).then(|| format!("found {found:?}"))
    });
}

#[test]
fn every_scenario_is_named_after_a_code_that_it_shows() {
    let codes: BTreeSet<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    for scenario in scenario::all("diagnostics") {
        let name = &scenario.name;
        assert!(
            scenario
                .files
                .iter()
                .all(|(path, _)| Path::new(path).extension() == Some("yaml".as_ref())),
            "{name}: a file would be forgotten"
        );
        let named = scenario
            .expected
            .iter()
            .filter(|(_, code, _, _)| name.starts_with(&format!("{code}-")));
        assert!(
            named.count() > 0,
            "{name} does not expect what it is named after"
        );
        for (_, code, _, _) in &scenario.expected {
            assert!(codes.contains(&**code), "{name}: there is no code {code}");
        }
    }
}

#[test]
fn every_code_has_a_scenario() {
    let shown: BTreeSet<String> = scenario::all("diagnostics")
        .into_iter()
        .flat_map(|scenario| scenario.expected)
        .map(|(_, code, _, _)| code)
        .collect();
    for code in Code::ALL {
        let excepted = NOT_IN_FILES.iter().any(|(other, _)| other == code);
        assert_ne!(shown.contains(code.as_str()), excepted, "{code}");
    }
}

/// Codes whose message says all that is to be said.
fn needs_help(diagnostic: &Diagnostic) -> bool {
    !matches!(
        diagnostic.code,
        Code::Config
            | Code::Currency
            | Code::Cycle
            | Code::DanglingReference
            | Code::DuplicateEntry
            | Code::MissingField
            | Code::MovedFrom
            | Code::Name
            | Code::Null
            | Code::ReferenceType
            | Code::TextEmpty
            | Code::UnknownKey
            | Code::UnusedDefault
            | Code::WrongShape
            | Code::YamlAlias
            | Code::YamlDepth
            | Code::YamlSyntax
    )
}

#[test]
fn every_diagnostic_says_what_is_wrong_and_most_say_what_to_write() {
    all_are_right("diagnostics", |scenario| {
        let (_, diagnostics) = scenario.run();
        let said = |text: &str| !text.trim().is_empty() && !text.ends_with('.');
        diagnostics.iter().find_map(|diagnostic| {
            let message = &diagnostic.message;
            match &diagnostic.help {
                _ if !said(message) => Some(format!("message `{message}`")),
                Some(help) if !said(help) => Some(format!("help `{help}`")),
                None if needs_help(diagnostic) => Some("no help".to_owned()),
                Some(_) | None => None,
            }
        })
    });
}

#[test]
fn a_secret_in_a_file_is_in_no_output() {
    let secrets = scenario::all("diagnostics").into_iter().filter(|scenario| {
        let holds = |bytes: &[u8]| String::from_utf8_lossy(bytes).contains(SECRET);
        scenario.files.iter().any(|(_, bytes)| holds(bytes))
    });
    let mut count = 0;
    for scenario in secrets {
        count += 1;
        let (sources, diagnostics) = scenario.run();
        let shown = text(&diagnostics, &sources) + &format!("{diagnostics:?}");
        assert!(!shown.contains(SECRET), "{}\n{shown}", scenario.name);
        assert!(shown.contains(&scenario.name), "the place is shown");
    }
    assert!(count > 10, "only {count} scenarios have the secret in them");
}

#[test]
fn a_misspelling_is_told_what_was_meant() {
    let helps: BTreeSet<String> = scenario::all("diagnostics")
        .iter()
        .flat_map(|scenario| scenario.run().1)
        .filter_map(|diagnostic| diagnostic.help)
        .collect();
    for help in [
        "did you mean `9.99`?",
        "did you mean `Europe/Oslo`?",
        "did you mean `GB`?",
        "did you mean `NO`, Norway? Write it in capitals, best in quotes",
        "did you mean `description`?",
        "did you mean `finance-monthly`?",
        "did you mean `finance-report`?",
        "did you mean `freeDays`?",
        "did you mean `price`?",
        "did you mean `subscription`? The types are subscription, pass, single, rental, event, vod",
        "did you mean `whitelist`? Possible are `whitelist`, `blacklist`",
        "did you mean `${vars.site}`?",
        "these have it: subscription",
        "write an id as `id:E123456789_US`",
    ] {
        assert!(helps.contains(help), "{help}");
    }
}

/// Reads the bytes of one file, and returns the codes of what is wrong with it.
fn codes(bytes: Vec<u8>) -> Vec<Code> {
    let (source, problem) = SourceFile::from_bytes(FileId(0), "big.yaml".to_owned(), bytes);
    let mut diagnostics: Vec<Diagnostic> = problem.into_iter().collect();
    if diagnostics.is_empty() {
        diagnostics.extend(manifest::read(&source).diagnostics);
    }
    diagnostics
        .into_iter()
        .map(|diagnostic| diagnostic.code)
        .collect()
}

#[test]
fn hostile_files_are_refused_with_one_diagnostic() {
    let mut bomb = "version: 1\na0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..12 {
        let aliases = vec![format!("*a{}", level - 1); 10].join(", ");
        writeln!(bomb, "a{level}: &a{level} [{aliases}]").unwrap();
    }
    let mut utf16 = vec![0xff, 0xfe];
    utf16.extend("version: 1\n".encode_utf16().flat_map(u16::to_le_bytes));
    for (bytes, code) in [
        (vec![b'#'; MAX_FILE_BYTES + 1], Code::FileSize),
        ("[".repeat(200_000).into_bytes(), Code::YamlDepth),
        ("{a: ".repeat(50_000).into_bytes(), Code::YamlDepth),
        ("- ".repeat(100_000).into_bytes(), Code::YamlDepth),
        (bomb.into_bytes(), Code::YamlAlias),
        (utf16, Code::Utf8),
        (b"version: 1\noffers: {}\n# \xff\n".to_vec(), Code::Utf8),
        (vec![0; 1000], Code::YamlSyntax),
    ] {
        let start = String::from_utf8_lossy(&bytes[..20]).into_owned();
        assert_eq!(codes(bytes), [code], "{start:?}");
    }
}

#[test]
fn a_part_with_more_values_than_any_offer_has_is_refused() {
    let many = |count: usize| "x, ".repeat(count);
    let offer = format!(
        "version: 1\noffers:\n  a: {{type: pass, t: [{}]}}\n",
        many(200_000)
    );
    assert_eq!(codes(offer.into_bytes()), [Code::FileSize]);
    let aliased = format!(
        "version: 1\ndefaults: &d {{title: x}}\noffers:\n  a: *d\nz: [{}]\n",
        many(1_000_000)
    );
    assert!(codes(aliased.into_bytes()).contains(&Code::FileSize));
}
