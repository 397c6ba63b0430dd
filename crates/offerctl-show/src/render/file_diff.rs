//! How a file changes, line by line: [`file_diff`].

use offerctl_model::foreign::{Foreign, escaped_line};
use similar::TextDiff;

/// Returns a unified diff, as `diff -u` and git show one; empty if nothing changes.
pub fn file_diff(path: &Foreign, before: &str, after: &str) -> String {
    let (before, after) = (shown(before), shown(after));
    let diff = TextDiff::from_lines(&before, &after);
    let mut unified = diff.unified_diff();
    let path = path.to_string();
    unified.header(&path, &path).to_string()
}

/// What a terminal would obey, and what nobody would see, is only shown.
fn shown(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    let lines: Vec<String> = text.split('\n').map(escaped_line).collect();
    lines.join("\n")
}
