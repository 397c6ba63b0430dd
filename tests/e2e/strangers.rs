//! What strangers write stands in no output as it is: the service, files and their names, in every command and format.

use std::collections::BTreeMap;

use cleeng_emulator::{Account, Config, Field, FieldValue, Kind, Offer};

use crate::hostile::{serve, shop_at};
use crate::support::{Draft, Run, Shop};

/// A text that takes a line of its own, drives a terminal, turns its line, and hides.
const HOSTILE: &str = "x\n::error::taken over\r\u{1b}[2J\u{7}\u{9b}\u{202e}\u{61c}\u{200b}\u{2060}\u{feff}\u{2028}\u{2029}\u{e0041}\u{a0}y";

/// What of it a manifest may have.
const UNSEEN: &str = "x\u{202e}\u{61c}\u{200b}\u{2060}\u{feff}\u{2028}\u{2029}\u{e0041}\u{a0}y";

/// What is run of each command. A command that is not here fails the test: what it prints has to be read as well.
const LINES: &[(&str, &[&str])] = &[
    ("init", &["init other"]),
    ("validate", &["validate"]),
    (
        "plan",
        &[
            "plan",
            "plan --diff",
            "plan --out saved.json --markdown-into plan.md",
        ],
    ),
    ("show", &["show saved.json"]),
    ("drift", &["drift"]),
    ("doctor", &["doctor"]),
    ("diff", &["diff -e shop -e there"]),
    ("fmt", &["fmt --check", "fmt --diff"]),
    ("state list", &["state list"]),
    ("state show", &["state show film"]),
    ("state pending", &["state pending"]),
    ("state export", &["state export"]),
    ("state unlock", &["state unlock"]),
    ("state rebuild", &["state rebuild"]),
    (
        "state adopt",
        &[
            "state adopt other A700000001_US",
            "state adopt film A700000001_US",
        ],
    ),
    ("state mv", &["state mv film other"]),
    ("state forget", &["state forget other"]),
    (
        "apply",
        &[
            "apply --dry-run",
            "apply",
            "apply -y",
            "apply -y saved.json",
        ],
    ),
    ("import", &["import --into imported"]),
    ("schema", &["schema manifest"]),
    ("completions", &["completions bash"]),
    ("man", &["man"]),
    // Runs until it is stopped.
    ("emulator", &["emulator --help"]),
];

/// The names of all commands, as the help lists them.
fn commands(shop: &Shop, of: &str) -> Vec<String> {
    let help = shop.run(&format!("{of} --help")).exits(0).out;
    let listed = help
        .lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty());
    let names = listed.filter_map(|line| line.strip_prefix("  ")?.split(' ').next());
    names
        .filter(|name| !name.is_empty() && *name != "help")
        .map(|name| format!("{of} {name}").trim().to_owned())
        .collect()
}

#[track_caller]
fn is_harmless(run: &Run, is_data: bool) {
    for (text, is_exact) in [(&run.out, is_data), (&run.err, false)] {
        let found = text.chars().find(|character| {
            let hostile = HOSTILE.contains(*character) && !matches!(character, ' '..='~' | '\n');
            hostile && (character.is_control() || !is_exact)
        });
        assert_eq!(found, None, "{run:?}");
        let taken = text.lines().find(|line| line.starts_with("::error::taken"));
        assert_eq!(taken, None, "{run:?}");
    }
}

/// Runs every command in every form.
#[track_caller]
fn walk(shop: &Shop) -> BTreeMap<&'static str, usize> {
    let mut names = commands(shop, "");
    names.extend(commands(shop, "state"));
    names.retain(|name| name != "state");
    let mut said = BTreeMap::new();
    for name in &names {
        assert!(
            LINES.iter().any(|(known, _)| known == name),
            "{name} is not in the list"
        );
    }
    for (name, lines) in LINES {
        assert!(
            names.iter().any(|known| known == name),
            "{name} is no command"
        );
        for line in *lines {
            for format in ["text", "json", "markdown", "github", "gitlab"] {
                let run = shop.run(&format!("{line} --format {format}"));
                // 101 is a panic.
                assert!(run.code < 100, "{run:?}");
                let is_data = matches!(format, "json" | "gitlab")
                    || matches!(*name, "state show" | "state export" | "schema");
                is_harmless(&run, is_data);
                *said.entry(*name).or_default() += usize::from(run.out.contains("taken over"));
                let mut written = run;
                written.out = std::fs::read_to_string(shop.path("plan.md")).unwrap_or_default();
                is_harmless(&written, false);
            }
        }
    }
    said
}

/// Every text that an offer can have, hostile.
fn poison(offer: &mut Offer) {
    for field in Field::ALL {
        if matches!(offer.get(*field), Some(FieldValue::Text(_))) {
            offer.set(*field, HOSTILE);
        }
    }
}

#[test]
fn what_the_service_has_is_shown_and_not_obeyed() {
    let shop = Shop::with_emulator(Config {
        account: Account {
            publisher_email: HOSTILE.to_owned(),
            ..Account::default()
        },
        ..Config::default()
    });
    let drafts = [
        Draft::new("single", "film").with("description", "Good"),
        Draft::new("pass", "gold"),
    ];
    shop.declare(&drafts);
    shop.apply();
    for title in ["Title of film", "Title of gold"] {
        shop.edit(title, poison);
    }
    let mut stranger = Offer::new("A700000001_US".parse().unwrap(), Kind::Single);
    for field in [
        Field::Title,
        Field::Url,
        Field::Description,
        Field::VideoId,
        Field::ContentExternalId,
    ] {
        stranger.set(field, HOSTILE);
    }
    shop.emulator().seed_offers(vec![stranger]).unwrap();
    let config = shop.read("offerctl.yaml");
    let there = config.split_once("  shop:").unwrap().1.to_owned();
    shop.write(
        "offerctl.yaml",
        &format!("defaultEnvironment: shop\n{config}  there:{there}"),
    );
    let said = walk(&shop);
    for command in ["plan", "show", "drift", "doctor", "apply"] {
        assert!(said[command] > 0, "{command} shows nothing of it: {said:?}");
    }
}

#[test]
fn what_the_service_says_is_shown_and_not_obeyed() {
    let head =
        "HTTP/1.1 403 Forbidden\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n";
    let body = serde_json::json!({ "message": HOSTILE }).to_string();
    let raw = serve(head, body.into_bytes().leak(), 1);
    walk(&shop_at(&raw));
}

#[cfg(unix)]
#[test]
fn what_files_say_and_are_called_is_shown_and_not_obeyed() {
    let shop = Shop::new();
    shop.declare(&[Draft::new("single", "film")]);
    shop.apply();
    let title = serde_json::to_string(UNSEEN).unwrap();
    shop.declare(&[Draft::new("single", "film")
        .with("title", &title)
        .with("tags", &format!("[{title}]"))]);
    walk(&shop);
    let hostile = serde_json::to_string(HOSTILE).unwrap();
    let name = HOSTILE.replace('\0', "");
    shop.write(
        &format!("offers/{name}.yaml"),
        &format!(
            "version: 1\noffers:\n  film:\n    type: {hostile}\n    {hostile}: 1\n  {hostile}: 3\n"
        ),
    );
    walk(&shop);
    shop.write("offers/broken.yaml", &format!("version: 1\n{UNSEEN}: [\n"));
    walk(&shop);
    shop.configure(&format!("    {hostile}: {hostile}\n"));
    walk(&shop);
}
