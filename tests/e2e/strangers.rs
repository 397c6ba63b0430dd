//! What strangers write stands in no output as it is: the service, files and their names, in every command and format.

use std::collections::BTreeMap;

use cleeng_emulator::{Account, Config, Field, FieldValue, Kind, Offer};

use crate::hostile::{impatient_shop_at, serve};
use crate::lock::{Going, until};
use crate::support::{Api, Draft, Fake, Run, Shop, Shown, both};

/// A text that takes a line of its own, drives a terminal, turns its line, and hides.
const HOSTILE: &str = "x\n::error::taken over\r\u{1b}[2J\u{7}\u{9b}\u{202e}\u{61c}\u{200b}\u{2060}\u{feff}\u{2028}\u{2029}\u{e0041}\u{a0}y";

/// What of it a manifest may have.
const UNSEEN: &str = "x\u{202e}\u{61c}\u{200b}\u{2060}\u{feff}\u{2028}\u{2029}\u{e0041}\u{a0}y";

/// A command, and the lines with it.
type Lines = (&'static str, &'static [&'static str]);

/// What is run of each command. A command that is not here fails the test: what it prints has to be read as well.
const LINES: &[Lines] = &[
    ("init", &["init other"]),
    ("validate", &["validate"]),
    (
        "plan",
        &[
            "plan",
            "plan --steps",
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
    (
        "import",
        &[
            "import --into offers/imported --adopt",
            "import --into offers",
        ],
    ),
    ("schema", &["schema manifest"]),
    ("completions", &["completions bash"]),
    ("man", &["man"]),
    // Runs until it is stopped.
    ("emulator", &["emulator --help"]),
];

/// The names of all commands, as the help lists them.
fn commands(run: &dyn Fn(&str) -> Run, of: &str) -> Vec<String> {
    let help = run(&format!("{of} --help")).exits(0).out;
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
    let is_log_data = run.line.contains("--log-format json");
    for (text, is_exact) in [(&run.out, is_data), (&run.err, is_log_data)] {
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
    walk_through(&|line| shop.run(line), &|| {
        std::fs::read_to_string(shop.path("plan.md")).unwrap_or_default()
    })
}

/// The same for what runs lines, and has what a plan wrote for people.
#[track_caller]
fn walk_through(
    run: &dyn Fn(&str) -> Run,
    markdown: &dyn Fn() -> String,
) -> BTreeMap<&'static str, usize> {
    let mut names = commands(run, "");
    names.extend(commands(run, "state"));
    names.retain(|name| name != "state");
    for name in &names {
        assert!(
            LINES.iter().any(|(known, _)| known == name),
            "{name} is not in the list"
        );
    }
    for (name, _) in LINES {
        assert!(
            names.iter().any(|known| known == name),
            "{name} is no command"
        );
    }
    say(run, markdown, (LINES, &FORMATS))
}

/// The forms of output, and of the log beside them.
const FORMATS: [(&str, &str); 5] = [
    ("text", "-vvv"),
    ("json", "-vvv --log-format json"),
    ("github", ""),
    ("gitlab", ""),
    ("markdown", ""),
];

/// Runs the lines that talk to the service, in the forms in which texts are made in different places.
fn talk(run: &dyn Fn(&str) -> Run, markdown: &dyn Fn() -> String) {
    const TALKING: [&str; 8] = [
        "plan",
        "show",
        "drift",
        "doctor",
        "diff",
        "state rebuild",
        "apply",
        "import",
    ];
    let lines = LINES.iter().filter(|(name, _)| TALKING.contains(name));
    let lines: Vec<_> = lines.copied().collect();
    let _said = say(run, markdown, (&lines, &FORMATS[..3]));
}

#[track_caller]
fn say(
    run: &dyn Fn(&str) -> Run,
    markdown: &dyn Fn() -> String,
    (lines, formats): (&[Lines], &[(&str, &str)]),
) -> BTreeMap<&'static str, usize> {
    let mut said = BTreeMap::new();
    for (name, lines) in lines {
        for line in *lines {
            for (format, log) in formats {
                let run = run(&format!("{line} --format {format} {log}"));
                // 101 is a panic.
                assert!(run.code < 100, "{run:?}");
                let is_data = matches!(*format, "json" | "gitlab")
                    || matches!(*name, "state show" | "state export" | "schema");
                is_harmless(&run, is_data);
                *said.entry(*name).or_default() += usize::from(run.out.contains("taken over"));
                let mut written = run;
                written.out = markdown();
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
    let error = serde_json::json!({ "code": 3, "message": HOSTILE });
    for (status, body) in [
        ("403 Forbidden", serde_json::json!({ "message": HOSTILE })),
        ("200 OK", serde_json::json!([{ "id": "1", "error": error }])),
        (
            "200 OK",
            serde_json::json!({ "id": HOSTILE, "result": HOSTILE }),
        ),
        ("200 OK", serde_json::json!(HOSTILE)),
    ] {
        let head = format!(
            "HTTP/1.1 {status}\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n"
        );
        let raw = serve(head.leak(), body.to_string().into_bytes().leak(), 1);
        let shop = impatient_shop_at(&raw);
        talk(&|line| shop.run(line), &String::new);
    }
}

/// A service whose offers have these words behind their ids, or behind each of their texts.
fn stranger(api: Api, only_id: bool) -> Fake {
    Fake::start(api, "patienceSeconds: 1", move |asked| {
        let is_of_inactive = asked.active == Some(false);
        let passes = if is_of_inactive {
            Vec::new()
        } else {
            vec![0, 1]
        };
        Shown {
            passes,
            words: HOSTILE.to_owned(),
            only_id,
            ..Shown::default()
        }
        .into()
    })
}

fn declare_pass(fake: &Fake, price: &str) {
    let offer = format!(
        "version: 1\noffers:\n  film: {{type: pass, title: Pass 0, price: {price}, period: month, \
         url: \"https://x.example/0\", accessToTags: [x]}}\n"
    );
    fake.write("offers/a.yaml", &offer);
}

both!(whatever_the_service_calls_an_offer_is_shown_and_not_obeyed);

fn whatever_the_service_calls_an_offer_is_shown_and_not_obeyed(api: Api) {
    for only_id in [false, true] {
        let fake = stranger(api, only_id);
        declare_pass(&fake, "5.00");
        talk(&|line| fake.run_within(60, line), &|| fake.read("plan.md"));
    }
}

/// What other programs read is written into files: outputs and the summary of a step, comments, reports, metrics.
#[test]
fn no_file_for_other_programs_has_a_strangers_line() {
    let fake = stranger(Api::JsonRpc, true);
    declare_pass(&fake, "5.00");
    fake.run_within(60, "apply -y").exits(0).says("adopt film");
    declare_pass(&fake, "6.00");
    let files = [
        "output.txt",
        "summary.md",
        "plan.md",
        "drift.md",
        "drift.prom",
        "report.json",
    ];
    for line in [
        "plan --github --markdown-into plan.md --gitlab-report-into report.json",
        "drift --markdown-into drift.md --metrics-into drift.prom",
    ] {
        let run = fake.run_with(
            &[
                ("GITHUB_OUTPUT", "output.txt"),
                ("GITHUB_STEP_SUMMARY", "summary.md"),
            ],
            line,
        );
        is_harmless(&run, false);
    }
    let mut read = 0;
    for file in files {
        let out = fake.read(file);
        read += usize::from(!out.is_empty());
        let (line, err) = (file.to_owned(), String::new());
        is_harmless(
            &Run {
                line,
                code: 0,
                out,
                err,
            },
            false,
        );
    }
    assert!(read >= 4, "{read} of these files were written");
}

/// Who holds the lock writes what he wants into it.
#[cfg(unix)]
#[test]
fn what_the_holder_of_a_lock_says_is_shown_and_not_obeyed() {
    let shop = Shop::new();
    shop.declare(&[Draft::new("single", "film")]);
    shop.apply();
    shop.fault("list*#1=delay:60000");
    let mut first = shop.command("apply -y");
    first
        .env("USER", HOSTILE.replace('\0', ""))
        .env("LOGNAME", HOSTILE);
    let going = Going::of(first, "apply -y");
    until("it has the lock", || {
        std::fs::read_to_string(shop.path(".offerctl/shop/lock"))
            .is_ok_and(|text| text.contains("taken"))
    });
    for line in [
        "apply -y",
        "state unlock",
        "doctor",
        "state adopt film A700000001_US",
    ] {
        for format in ["text", "json"] {
            let run = shop.run(&format!("{line} --format {format}"));
            is_harmless(&run, format == "json");
        }
    }
    going.signal("-KILL");
    let _run = going.end();
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
    let read = || {
        for line in ["validate", "plan", "fmt --check", "fmt --diff", "doctor"] {
            for (format, log) in FORMATS {
                let run = shop.run(&format!("{line} --format {format} {log}"));
                is_harmless(&run, matches!(format, "json" | "gitlab"));
            }
        }
    };
    let hostile = serde_json::to_string(HOSTILE).unwrap();
    let name = HOSTILE.replace('\0', "");
    shop.write(
        &format!("offers/{name}.yaml"),
        &format!(
            "version: 1\noffers:\n  film:\n    type: {hostile}\n    {hostile}: 1\n  {hostile}: 3\n"
        ),
    );
    read();
    shop.write("offers/broken.yaml", &format!("version: 1\n{UNSEEN}: [\n"));
    read();
    shop.configure(&format!("    {hostile}: {hostile}\n"));
    read();
}
