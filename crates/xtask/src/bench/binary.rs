//! How large the program is, and whether it needs anything beside itself.

use std::fs;

use anyhow::{Context, ensure};

use super::setup::Bench;
use super::table::{Aim, Figure, Line};
use crate::process::{cargo, target};

/// The target whose C library is linked into the program.
const STATIC: &str = "x86_64-unknown-linux-musl";

pub(super) fn run(bench: &Bench) -> anyhow::Result<Vec<Line>> {
    let bytes = fs::metadata(&bench.program)?.len();
    let mut lines = vec![
        Line::new("shipped binary for this machine", Figure::bytes(bytes)).aim(Aim::Under(20.0)),
    ];
    let build = [
        "build",
        "--profile",
        "dist",
        "--quiet",
        "--package",
        "offerctl",
    ];
    if let Err(error) = cargo(&[&build[..], &["--target", STATIC]].concat(), &[]) {
        println!("the static binary cannot be built here: {error:#}");
        println!("it needs `rustup target add {STATIC}`, and a C compiler for it such as musl-gcc");
        return Ok(lines);
    }
    let file = fs::read(target().join(STATIC).join("dist/offerctl"))?;
    ensure!(
        !has_interpreter(&file)?,
        "the static binary asks for a loader"
    );
    lines.push(
        Line::new(
            format!("shipped binary for `{STATIC}`, one static file"),
            Figure::bytes(file.len() as u64),
        )
        .aim(Aim::Under(20.0)),
    );
    Ok(lines)
}

/// Whether a 64-bit ELF file names a loader, which every file that needs libraries does.
fn has_interpreter(file: &[u8]) -> anyhow::Result<bool> {
    const INTERPRETER: u32 = 3;
    ensure!(
        file.starts_with(b"\x7fELF\x02\x01"),
        "no ELF file of 64 bits"
    );
    let number = |at: usize, length: usize| -> anyhow::Result<usize> {
        let bytes = file.get(at..at + length).context("the ELF file is cut")?;
        let number = bytes
            .iter()
            .rev()
            .fold(0, |sum, byte| sum << 8 | u64::from(*byte));
        Ok(usize::try_from(number)?)
    };
    let (start, size, count) = (number(32, 8)?, number(54, 2)?, number(56, 2)?);
    for header in 0..count {
        if number(start + header * size, 4)? == INTERPRETER as usize {
            return Ok(true);
        }
    }
    Ok(false)
}
