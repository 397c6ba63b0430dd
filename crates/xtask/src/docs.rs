//! `cargo xtask docs`: the parts of the README that the program itself knows.
//!
//! A part stands between `<!-- generated: NAME -->` and `<!-- end -->`; NAME is a command line of offerctl whose
//! output is put there.

use std::fs;
use std::process::Command;

use anyhow::{Context, bail, ensure};

use crate::process::{cargo, root};

const BEGIN: &str = "<!-- generated: ";
const END: &str = "<!-- end -->";

/// Writes the generated parts, or says whether they are what would be written.
pub(crate) fn run(check: bool) -> anyhow::Result<()> {
    cargo(&["build", "--quiet", "--package", "offerctl"], &[])?;
    let path = root().join("README.md");
    let found = fs::read_to_string(&path).context("failed to read the README")?;
    let wanted = fill(&found)?;
    if wanted == found {
        return Ok(());
    }
    if check {
        let diff = similar::TextDiff::from_lines(&found, &wanted);
        println!("{}", diff.unified_diff().header("README.md", "offerctl"));
        bail!("the README is not fresh: run `cargo xtask docs`");
    }
    fs::write(&path, wanted).context("failed to write the README")
}

fn fill(text: &str) -> anyhow::Result<String> {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(BEGIN) {
        let (name, after) = after
            .split_once(" -->")
            .context("a generated part has no name")?;
        let (_, after) = after
            .split_once(END)
            .with_context(|| format!("the part `{name}` has no end"))?;
        filled.push_str(before);
        filled.push_str(&[BEGIN, name, " -->\n", &part(name)?, END].concat());
        rest = after;
    }
    filled.push_str(rest);
    Ok(filled)
}

fn part(name: &str) -> anyhow::Result<String> {
    let target = std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| root().join("target"), std::path::PathBuf::from);
    let program = target
        .join("debug")
        .join(format!("offerctl{}", std::env::consts::EXE_SUFFIX));
    let output = Command::new(&program)
        .args(name.split_whitespace())
        .env_clear()
        .env("COLUMNS", "100")
        .output()
        .with_context(|| format!("failed to run {}", program.display()))?;
    ensure!(output.status.success(), "`offerctl {name}` failed");
    let text = String::from_utf8(output.stdout).context("the output is not UTF-8")?;
    Ok(format!("```text\n{}\n```\n", text.trim_end()))
}
