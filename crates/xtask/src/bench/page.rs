//! The tables in `docs/performance.md`.
//!
//! A table stands between `<!-- measured: NAME -->` and `<!-- end -->`, NAME being that of a part of the bench. What
//! stands around it is written by hand.

use std::fs;

use anyhow::{Context, ensure};

use crate::process::root;

const BEGIN: &str = "<!-- measured: ";
const END: &str = "<!-- end -->";

/// Puts a table in the place of the one of that name.
pub(super) fn write(name: &str, table: &str) -> anyhow::Result<()> {
    let path = root().join("docs/performance.md");
    let text = fs::read_to_string(&path).context("failed to read docs/performance.md")?;
    fs::write(&path, put(&text, name, table)?).context("failed to write docs/performance.md")
}

fn put(text: &str, name: &str, table: &str) -> anyhow::Result<String> {
    let begin = format!("{BEGIN}{name} -->\n");
    let (before, rest) = text
        .split_once(&begin)
        .with_context(|| format!("docs/performance.md has no place for `{name}`"))?;
    let (old, after) = rest
        .split_once(END)
        .with_context(|| format!("the table `{name}` has no end"))?;
    ensure!(!old.contains(BEGIN), "the table `{name}` has no end");
    Ok([before, &begin, table, END, after].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_table_of_that_name_is_replaced() {
        let page =
            "a\n<!-- measured: x -->\nold\n<!-- end -->\nb\n<!-- measured: y -->\n<!-- end -->\n";
        assert_eq!(
            put(page, "x", "new\n").unwrap(),
            "a\n<!-- measured: x -->\nnew\n<!-- end -->\nb\n<!-- measured: y -->\n<!-- end -->\n"
        );
        assert!(put(page, "z", "new\n").is_err());
        assert!(
            put(
                "<!-- measured: x -->\n<!-- measured: y -->\n<!-- end -->",
                "x",
                ""
            )
            .is_err()
        );
    }
}
