//! Writing single values: [`text_scalar`].
//!
//! Whether a text can stand without quotes is asked of the two parsers that will read it, and of a list of what
//! other readers of YAML take for something else than a text.

use std::fmt::Write;

use offerctl_model::foreign::is_invisible;

use super::data::{Data, Entry};
use super::tree::Tree;
use crate::diagnostic::Diagnostics;
use crate::source::SourceFile;
use crate::span::FileId;

/// Where a value stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Surroundings {
    /// On lines of its own, where indentation has a meaning.
    Block,
    /// Between brackets.
    Flow,
}

/// How a value is written that could be written in several ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quotes {
    /// Without quotes, where that means the same to every reader.
    AsNeeded,
    /// Between `'`, unless it needs escapes.
    Single,
    /// Between `"`.
    Double,
}

/// Writes a text on one line, so that every reader of YAML takes it for this text.
pub fn text_scalar(text: &str, quotes: Quotes, surroundings: Surroundings) -> String {
    let escapes = text.chars().any(needs_escape);
    match quotes {
        Quotes::Single if !escapes => single_quoted(text),
        Quotes::AsNeeded
            if !escapes && !means_something_else(text) && stands_plain(text, surroundings) =>
        {
            text.to_owned()
        }
        Quotes::AsNeeded | Quotes::Single | Quotes::Double => double_quoted(text),
    }
}

/// Writes a text of several lines on lines of its own, each indented by so many spaces; `None` if it cannot be written
/// so, and be seen as what it is.
pub fn literal(text: &str, indent: usize) -> Option<String> {
    let is_seen = |character: char| character == '\n' || !needs_escape(character);
    let lines = text.strip_suffix('\n').unwrap_or(text);
    let blank_end = |line: &str| line.ends_with([' ', '\t']);
    if !lines.contains('\n')
        || !text.chars().all(is_seen)
        || lines.starts_with([' ', '\n', '\t'])
        || lines.ends_with('\n')
        || lines.lines().any(blank_end)
    {
        return None;
    }
    let mut written = String::from(if text.ends_with('\n') { "|" } else { "|-" });
    for line in lines.split('\n') {
        written.push('\n');
        if !line.is_empty() {
            written.extend(std::iter::repeat_n(' ', indent));
            written.push_str(line);
        }
    }
    let whole = format!("{}k: {written}\n", " ".repeat(indent.saturating_sub(2)));
    let read = entries(whole);
    let first = read.as_ref().and_then(|entries| entries.first());
    let data = first.map(|(_, _, value)| &value.data);
    matches!(data, Some(Data::Scalar(found)) if *found == text).then_some(written)
}

/// Writes a word or number that is no text to other readers either, such as `12.00` or `month`.
pub fn word_scalar(word: &str, quotes: Quotes) -> String {
    match quotes {
        Quotes::AsNeeded => word.to_owned(),
        Quotes::Single => single_quoted(word),
        Quotes::Double => double_quoted(word),
    }
}

fn single_quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

fn double_quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            character if needs_escape(character) => {
                let code = u32::from(character);
                let written = match code {
                    0..=0xff => write!(quoted, "\\x{code:02x}"),
                    0x100..=0xffff => write!(quoted, "\\u{code:04x}"),
                    _ => write!(quoted, "\\U{code:08x}"),
                };
                written.expect("writing to a text never fails");
            }
            character => quoted.push(character),
        }
    }
    quoted.push('"');
    quoted
}

/// Whether a character cannot stand as it is, or would not be seen as what it is in a review.
fn needs_escape(character: char) -> bool {
    // Scripts and emoji need these, and people who write them see whether they are right.
    let joins = matches!(character, '\u{200c}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}');
    // Line breaks to some readers.
    let breaks = matches!(character, '\u{2028}' | '\u{2029}' | '\u{fffe}' | '\u{ffff}');
    character.is_control() || breaks || is_invisible(character) && !joins
}

/// Whether both parsers read the text back as it is when it has no quotes.
fn stands_plain(text: &str, surroundings: Surroundings) -> bool {
    let line = match surroundings {
        Surroundings::Block => format!("k: {text} # c\n"),
        Surroundings::Flow => format!("k: [{text}, {text} , {{m: {text}}}, x]\n"),
    };
    let is_text = |data: &Data<'_>| matches!(data, Data::Scalar(found) if *found == text);
    match entries(line).unwrap_or_default().as_slice() {
        [(_, _, value)] => match (&value.data, surroundings) {
            (Data::Sequence(items), Surroundings::Flow) => match items.as_slice() {
                [first, second, third, _] => {
                    let inner = match &third.data {
                        Data::Mapping(members) => members.len() == 1 && is_text(&members[0].2.data),
                        Data::Null | Data::Scalar(_) | Data::Sequence(_) => false,
                    };
                    is_text(&first.data) && is_text(&second.data) && inner
                }
                _ => false,
            },
            (data, Surroundings::Block) => is_text(data),
            (Data::Null | Data::Scalar(_) | Data::Mapping(_), Surroundings::Flow) => false,
        },
        _ => false,
    }
}

/// Reads a text that is a mapping, as a file is read; `None` if anything is wrong with it.
fn entries(text: String) -> Option<Vec<Entry<'static>>> {
    let (source, problem) =
        SourceFile::from_bytes(FileId(0), "scalar".to_owned(), text.into_bytes());
    let mut diagnostics = Diagnostics::new();
    let tree = Tree::scan(&source, &mut diagnostics)?;
    let decoded = tree.decode(tree.root(), &mut diagnostics)?.into_owned();
    match decoded.data {
        Data::Mapping(entries) if problem.is_none() && diagnostics.is_empty() => Some(entries),
        Data::Null | Data::Scalar(_) | Data::Sequence(_) | Data::Mapping(_) => None,
    }
}

/// Whether some reader of YAML takes the bare text for a number, a flag, a time, or nothing.
fn means_something_else(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let word = matches!(
        lower.as_str(),
        "" | "~" | "null" | "y" | "n" | "yes" | "no" | "on" | "off" | "true" | "false" | "=" | "<<"
    );
    let number = lower.trim_start_matches(['+', '-']);
    let special = matches!(number, ".inf" | ".nan" | "inf" | "nan" | "infinity");
    // Decimal, hexadecimal, octal, with an exponent, grouped, base 60, and dates all begin with a digit, or with a
    // point before one, and have nothing else in them.
    let digits_first = number
        .trim_start_matches('.')
        .starts_with(|character: char| character.is_ascii_digit());
    let numeric = digits_first
        && number.chars().all(|character| {
            character.is_ascii_hexdigit()
                || matches!(
                    character,
                    '.' | '_' | ':' | '+' | '-' | 'x' | 'o' | 't' | 'z' | ' ' | ','
                )
        });
    word || special || numeric
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(text: &str) -> String {
        text_scalar(text, Quotes::AsNeeded, Surroundings::Block)
    }

    fn flow(text: &str) -> String {
        text_scalar(text, Quotes::AsNeeded, Surroundings::Flow)
    }

    #[test]
    fn plain_texts_have_no_quotes() {
        for text in [
            "News",
            "Every finance article for a month",
            "Café — 🎬 films",
            "2weeks of sports",
            "-5 degrees",
            "a:b",
            "it's",
            "say \"hi\"",
            "50% off!",
            "a#b",
            "(all)",
            "日本",
        ] {
            assert_eq!(block(text), text);
            assert_eq!(flow(text), text);
        }
        assert_eq!(block("https://club.tv/a?b=c&d"), "https://club.tv/a?b=c&d");
    }

    #[test]
    fn what_readers_take_for_something_else_has_quotes() {
        for text in [
            "NO",
            "no",
            "Yes",
            "off",
            "true",
            "null",
            "~",
            "",
            "1e3",
            "007",
            "12",
            "12.00",
            "0x1F",
            "1_000",
            "12:30",
            "2026-06-01",
            "2026-06-01T20:00:00Z",
            ".5",
            "+1",
            "-1",
            ".inf",
            "NaN",
            "=",
            "<<",
            "1,000",
        ] {
            assert_eq!(block(text), format!("\"{text}\""), "{text}");
        }
    }

    #[test]
    fn what_yaml_would_read_otherwise_has_quotes() {
        for text in [
            "a: b", "ends:", "a #b", "#a", "- a", "? a", "&a", "*a", "!a", "|", ">", "'a'", "%a",
            "@a", "`a`", "[a", "{a}", "a ", " a",
        ] {
            assert_eq!(block(text), format!("\"{text}\""), "{text}");
        }
        for text in ["a, b", "a]", "a}", "[a"] {
            assert_eq!(flow(text), format!("\"{text}\""), "{text}");
        }
        assert_eq!(block("a, b]"), "a, b]");
        assert_eq!(block("\"a\""), "\"\\\"a\\\"\"");
    }

    #[test]
    fn texts_of_several_lines_have_lines_of_their_own() {
        let literal = |text: &str| literal(text, 4);
        assert_eq!(
            literal("a\n  b: c # d\n\ne").unwrap(),
            "|-\n    a\n      b: c # d\n\n    e"
        );
        assert_eq!(literal("a\nb\n").unwrap(), "|\n    a\n    b");
        for text in [
            "a",
            "a\n",
            " a\nb",
            "\na\nb",
            "a \nb",
            "a\nb\n\n",
            "a\r\nb",
            "a\n\u{200b}",
            "a\n\tb\u{7}",
        ] {
            assert_eq!(literal(text), None, "{text:?}");
        }
    }

    #[test]
    fn what_cannot_be_seen_is_escaped() {
        assert_eq!(
            block("a\n\tb\r\u{7}\u{85}\u{202e}\u{feff}\\\""),
            "\"a\\n\\tb\\r\\x07\\x85\\u202e\\ufeff\\\\\\\"\""
        );
    }

    #[test]
    fn quotes_of_the_author_stay() {
        let single = |text: &str| text_scalar(text, Quotes::Single, Surroundings::Block);
        assert_eq!(single("it's"), "'it''s'");
        assert_eq!(single("a\nb"), "\"a\\nb\"");
        assert_eq!(
            text_scalar("a", Quotes::Double, Surroundings::Block),
            "\"a\""
        );
        assert_eq!(word_scalar("12.00", Quotes::Single), "'12.00'");
    }
}
