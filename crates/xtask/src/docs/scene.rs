//! What the pages in `docs/` show of a pull request and its merge: [`play`].
//!
//! The catalogue of `offers.example` is on sale at an embedded emulator; a branch changes a price and takes an offer out.
//! Ids and times come of a seed, so that the same program prints the same.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, ensure};
use cleeng_emulator::{Account, Clock, Config, Data, Emulator, ManualClock};

use crate::process::root;

const MANIFESTS: [&str; 3] = [
    "offers/access.yaml",
    "offers/films.yaml",
    "offers/live.yaml",
];

/// What the branch changes: the file, what it says, what it says then.
const EDITS: [(&str, &str, &str); 2] = [
    (
        "offers/films.yaml",
        "    price: 3.99\n",
        "    price: 4.49\n",
    ),
    (
        "offers/films.yaml",
        "
  making-of-northern-light:
    type: single
    # It comes with the film that only the older API can say.
    only: [local, sandbox, production]
    title: The making of Northern Light
    url: \"${vars.site}/films/northern-light/making-of\"
    price: 2.49
    # Nobody sells the extra before the film.
    dependsOn: [northern-light-keep]
",
        "",
    ),
];

struct Stage<'a> {
    folder: &'a Path,
    program: &'a Path,
}

/// Plays it, and returns what is shown of it under each name.
pub(super) fn play(program: &Path) -> anyhow::Result<BTreeMap<&'static str, String>> {
    let folder = tempfile::tempdir().context("failed to make a folder")?;
    let stage = Stage {
        folder: folder.path(),
        program,
    };
    stage.open()?;
    let mut shown = BTreeMap::new();
    shown.insert("diff", stage.branch()?);
    let plan = stage.run(
        &[
            "plan",
            "--detailed-exitcode",
            "--markdown-into",
            "plan.md",
            "--out",
            "plan.json",
        ],
        2,
    )?;
    shown.insert("plan", block("text", &plan));
    shown.insert("comment", block("markdown", &stage.read("plan.md")?));
    let apply = ["apply", "plan.json", "--confirm", "production"];
    shown.insert("apply", block("text", &stage.run(&apply, 0)?));
    shown.insert("apply-again", block("text", &stage.run(&apply, 4)?));
    Ok(shown)
}

fn block(language: &str, text: &str) -> String {
    // Longer than any fence inside.
    format!("~~~~~{language}\n{}\n~~~~~\n", text.trim_end())
}

impl Stage<'_> {
    /// Puts the catalogue on sale.
    fn open(&self) -> anyhow::Result<()> {
        fs::create_dir(self.folder.join("offers"))?;
        for path in MANIFESTS {
            fs::copy(
                root().join("offers.example").join(path),
                self.folder.join(path),
            )
            .with_context(|| format!("failed to copy {path}"))?;
        }
        let data = self.folder.join(".offerctl/production/emulator.jsonl");
        fs::create_dir_all(data.parent().context("it has a parent")?)?;
        let account = Account {
            publisher_email: "shop@nordlys.example".to_owned(),
            ..Account::default()
        };
        let config = Config {
            account,
            data: Data::File(data),
            clock: Clock::Manual(ManualClock::at(1_767_225_600)),
            seed: Some(1),
            ..Config::default()
        };
        let runtime = tokio::runtime::Runtime::new()?;
        let emulator = runtime.block_on(Emulator::start(config))?;
        self.configure(&emulator.url())?;
        self.run(&["apply", "--auto-approve", "--confirm", "production"], 0)?;
        runtime.block_on(emulator.shutdown());
        self.configure("emulator")
    }

    fn configure(&self, endpoint: &str) -> anyhow::Result<()> {
        let text = format!(
            "version: 1\nproject: nordlys-tv\ndefaultEnvironment: production\nenvironments:\n  local: {{endpoint: emulator}}\n  local-rest: {{endpoint: emulator, api: rest}}\n  sandbox: {{endpoint: emulator}}\n  production:\n    endpoint: {endpoint}\n    \
             vars: {{site: \"https://www.nordlys.example\"}}\n    limits: {{concurrency: 1, settleSeconds: 0.2}}\n    \
             confirm: true\n"
        );
        fs::write(self.folder.join("offerctl.yaml"), text).context("failed to write offerctl.yaml")
    }

    /// Edits the manifests, and returns the difference as git shows it.
    fn branch(&self) -> anyhow::Result<String> {
        let mut diff = String::new();
        for path in MANIFESTS {
            let before = self.read(path)?;
            let edits = EDITS.iter().filter(|(of, ..)| *of == path);
            let after = edits.fold(before.clone(), |text, (_, from, to)| text.replace(from, to));
            if after != before {
                let lines = similar::TextDiff::from_lines(&before, &after);
                diff += &lines
                    .unified_diff()
                    .header(&format!("a/{path}"), &format!("b/{path}"))
                    .to_string();
            }
            fs::write(self.folder.join(path), after)?;
        }
        for (path, from, _) in EDITS {
            ensure!(
                diff.contains(from.lines().last().unwrap_or_default()),
                "{path} has no `{from}` to be edited"
            );
        }
        Ok(block("diff", &diff))
    }

    fn read(&self, path: &str) -> anyhow::Result<String> {
        fs::read_to_string(self.folder.join(path)).with_context(|| format!("failed to read {path}"))
    }

    /// Runs offerctl, and returns what it prints on a terminal.
    fn run(&self, arguments: &[&str], code: i32) -> anyhow::Result<String> {
        let output = Command::new(self.program)
            .args(arguments)
            .current_dir(self.folder)
            .env_clear()
            .env("HOME", self.folder)
            .env("COLUMNS", "100")
            .env("CLEENG_PUBLISHER_TOKEN", "any")
            .output()
            .with_context(|| format!("failed to run {}", self.program.display()))?;
        let text = [output.stdout, output.stderr].concat();
        let text = String::from_utf8(text).context("the output is not UTF-8")?;
        ensure!(
            output.status.code() == Some(code),
            "`{arguments:?}` ended with {}: {text}",
            output.status
        );
        Ok(text)
    }
}
