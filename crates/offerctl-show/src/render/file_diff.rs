//! How a file changes, line by line: [`file_diff`].

use similar::TextDiff;

/// Returns a unified diff, as `diff -u` and git show one; empty if nothing changes.
pub fn file_diff(path: &str, before: &str, after: &str) -> String {
    let (before, after) = (shown(before), shown(after));
    let diff = TextDiff::from_lines(&before, &after);
    let mut unified = diff.unified_diff();
    unified.header(path, path).to_string()
}

/// What a terminal would obey is only shown.
fn shown(text: &str) -> String {
    let obeyed = |character: char| character.is_control() && !matches!(character, '\n' | '\t');
    text.replace("\r\n", "\n").replace(obeyed, "\u{fffd}")
}
