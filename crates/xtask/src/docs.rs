//! `cargo xtask docs`: the parts of the README and of `docs/` that the program itself knows.
//!
//! A part stands between `<!-- generated: NAME -->` and `<!-- end -->`. NAME is a command line of offerctl whose output is
//! put there, or `scene NAME`: something of the scene that [`scene::play`] plays, or `fields`: the table of
//! [`fields::table`].

mod fields;
mod scene;

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, ensure};

use crate::process::{built, cargo, root};

const BEGIN: &str = "<!-- generated: ";
const END: &str = "<!-- end -->";

/// Builds the program, and writes the generated parts, or says whether they are what would be written.
pub(crate) fn run(check: bool) -> anyhow::Result<()> {
    cargo(&["build", "--quiet", "--package", "offerctl"], &[])?;
    write(check)
}

/// The same with the program that is built already.
pub(crate) fn write(check: bool) -> anyhow::Result<()> {
    let shown = scene::play(&built("debug", "offerctl"))?;
    let mut stale = Vec::new();
    for path in pages()? {
        let found = fs::read_to_string(&path)
            .with_context(|| format!("failed to read {}", path.display()))?;
        let wanted = fill(&found, &shown)?;
        if wanted == found {
            continue;
        }
        let name = path.strip_prefix(root())?.display().to_string();
        if check {
            let diff = similar::TextDiff::from_lines(&found, &wanted);
            println!("{}", diff.unified_diff().header(&name, "offerctl"));
            stale.push(name);
        } else {
            fs::write(&path, wanted).with_context(|| format!("failed to write {name}"))?;
        }
    }
    ensure!(
        stale.is_empty(),
        "not fresh: {}; run `cargo xtask docs`",
        stale.join(", ")
    );
    Ok(())
}

/// The README and the pages.
fn pages() -> anyhow::Result<Vec<PathBuf>> {
    let mut pages = vec![root().join("README.md")];
    for entry in fs::read_dir(root().join("docs")).context("failed to read docs/")? {
        let path = entry?.path();
        if path.extension().is_some_and(|found| found == "md") {
            pages.push(path);
        }
    }
    pages.sort();
    Ok(pages)
}

fn fill(text: &str, shown: &BTreeMap<&str, String>) -> anyhow::Result<String> {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(BEGIN) {
        let (name, after) = after
            .split_once(" -->")
            .context("a generated part has no name")?;
        let (_, after) = after
            .split_once(END)
            .with_context(|| format!("the part `{name}` has no end"))?;
        let part = match name.strip_prefix("scene ") {
            Some(name) => shown
                .get(name)
                .cloned()
                .with_context(|| format!("the scene shows no `{name}`"))?,
            None if name == "fields" => fields::table(),
            None => output(name)?,
        };
        filled.push_str(before);
        filled.push_str(&[BEGIN, name, " -->\n", &part, END].concat());
        rest = after;
    }
    filled.push_str(rest);
    Ok(filled)
}

fn output(line: &str) -> anyhow::Result<String> {
    let program = built("debug", "offerctl");
    let output = Command::new(&program)
        .args(line.split_whitespace())
        .env_clear()
        .env("COLUMNS", "100")
        .output()
        .with_context(|| format!("failed to run {}", program.display()))?;
    ensure!(output.status.success(), "`offerctl {line}` failed");
    let text = String::from_utf8(output.stdout).context("the output is not UTF-8")?;
    Ok(format!("```text\n{}\n```\n", text.trim_end()))
}
