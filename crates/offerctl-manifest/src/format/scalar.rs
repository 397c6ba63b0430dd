//! How single values are written: [`one_line`] and [`lines`].

use super::entry::Text;
use crate::diagnostic::Diagnostics;
use crate::source::SourceFile;
use crate::span::FileId;
use crate::yaml::{Data, Quotes, Surroundings, Tree, text_scalar};

/// Returns a value as it stands on one line.
pub(super) fn one_line(text: &Text, surroundings: Surroundings) -> String {
    match text {
        Text::Plain(written) => written.clone(),
        Text::Quoted { text, quote } => quoted(text, *quote, surroundings),
        Text::Lines { text, .. } | Text::Block { text, .. } => quoted(text, '"', surroundings),
    }
}

/// Returns a value as it stands in a block: the first line stands behind its key, the others below, without their
/// indentation.
pub(super) fn lines(text: &Text) -> Vec<String> {
    let wanted = match text {
        Text::Plain(_) | Text::Quoted { .. } => None,
        Text::Lines { text, lines } => Some((text, lines.clone())),
        Text::Block { text, sign, lines } => Some((text, block(text, *sign, lines))),
    };
    match wanted {
        Some((text, lines)) if says(&lines, text) => lines,
        Some(_) | None => vec![one_line(text, Surroundings::Block)],
    }
}

/// The lines of a block with its first one.
fn block(text: &str, sign: char, lines: &[String]) -> Vec<String> {
    let first = lines.iter().find(|line| !line.is_empty());
    // What begins with blanks does not tell how deep the block is indented.
    let deep = lines
        .iter()
        .take_while(|line| line.trim_start_matches(' ').is_empty())
        .any(|line| !line.is_empty())
        || first.is_some_and(|line| line.starts_with([' ', '\t']));
    let indent = if deep { "2" } else { "" };
    let breaks = text.len() - text.trim_end_matches('\n').len();
    let chomp = match breaks {
        0 => "-",
        1 => "",
        _ => "+",
    };
    let mut block = vec![format!("{sign}{indent}{chomp}")];
    block.extend_from_slice(lines);
    block.extend((1..breaks).map(|_| String::new()));
    block
}

/// Whether these lines say the text when they are read.
fn says(lines: &[String], text: &str) -> bool {
    let mut written = String::from("k: ");
    for (index, line) in lines.iter().enumerate() {
        if index > 0 && !line.is_empty() {
            written.push_str("  ");
        }
        written.push_str(line);
        written.push('\n');
    }
    written.push_str("l: m\n");
    let name = "scalar".to_owned();
    let (source, _) = SourceFile::from_bytes(FileId(0), name, written.into_bytes());
    let mut diagnostics = Diagnostics::new();
    let Some(tree) = Tree::scan(&source, &mut diagnostics) else {
        return false;
    };
    let read = tree.decode(tree.root(), &mut diagnostics);
    let Some(Data::Mapping(entries)) = read.map(|yaml| yaml.data) else {
        return false;
    };
    diagnostics.is_empty()
        && entries.len() == 2
        && matches!(&entries[0].2.data, Data::Scalar(found) if **found == *text)
}

/// Writes a text that had quotes, without them where nobody needs them.
///
/// Around signs that have a meaning in YAML elsewhere quotes stay, even where they could go: whoever writes on has not
/// to think of them. Single quotes stay where double ones would need backslashes.
fn quoted(text: &str, quote: char, surroundings: Surroundings) -> String {
    if text.chars().all(is_plain) {
        return text_scalar(text, Quotes::AsNeeded, surroundings);
    }
    let quotes = if quote == '\'' && text.contains(['"', '\\']) {
        Quotes::Single
    } else {
        Quotes::Double
    };
    text_scalar(text, quotes, surroundings)
}

/// Whether a character is just part of a text to everybody.
fn is_plain(character: char) -> bool {
    character.is_alphanumeric() || !character.is_ascii() || " _-.,;/'’!?+".contains(character)
}
