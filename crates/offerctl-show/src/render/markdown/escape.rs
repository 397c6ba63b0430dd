//! Words of strangers in Markdown: [`code`], [`prose`] and [`Fence`].
//!
//! A backslash or an entity keeps Markdown from taking a character for its own, but not GitHub and GitLab from finding
//! people, issues and commits in what came out of it: they look at the text that is shown. Only in code they do not look.
//! So every word that could be more than a word becomes code.

use offerctl_model::foreign::escaped;

use crate::render::prose::{Word, words};

/// A text as code on one line. It must not stand in a table: there a `|` ends the cell, also in code.
pub(crate) fn code(text: &str) -> String {
    let text = escaped(text);
    if text.trim().is_empty() {
        return "(empty)".to_owned();
    }
    let fence = "`".repeat(longest_run(&text) + 1);
    // One blank on each side goes again, if there is one on both.
    let is_edged = |edge: Option<char>| matches!(edge, Some('`' | ' '));
    let pad = if is_edged(text.chars().next()) || is_edged(text.chars().next_back()) {
        " "
    } else {
        ""
    };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// A sentence of ours that may have words of a stranger in it: what is not surely a plain word becomes code.
pub(super) fn prose(sentence: &str) -> String {
    let sentence = escaped(sentence);
    let words: Vec<String> = words(&sentence).into_iter().map(word).collect();
    words.join(" ")
}

fn word(word: Word<'_>) -> String {
    let text = word.as_str();
    let (text, tail) = text.split_at(text.trim_end_matches([',', ';', '.', ':', ')']).len());
    let (head, text) = match text.strip_prefix('(') {
        Some(rest) => ("(", rest),
        None => ("", text),
    };
    match text
        .strip_prefix('`')
        .and_then(|text| text.strip_suffix('`'))
    {
        Some(inner) if !inner.contains('`') && !inner.trim().is_empty() => {
            format!("{head}{}{tail}", code(inner))
        }
        _ if text.is_empty() || is_plain(text) => format!("{head}{text}{tail}"),
        _ => format!("{head}{}{tail}", code(text)),
    }
}

/// Whether a word is nothing but a word, wherever it stands in a line: no mark-up, no address, no reference to people,
/// issues, commits or milestones.
fn is_plain(word: &str) -> bool {
    let is_number = word.strip_prefix(['+', '\u{2212}']).unwrap_or(word);
    let is_number = is_number
        .chars()
        .all(|character| character.is_ascii_digit() || character == '.');
    let is_letters = word
        .chars()
        .all(|character| character.is_alphabetic() || character == '\'');
    let may_be_commit = word.len() >= 6 && word.chars().all(|c| c.is_ascii_hexdigit());
    let is_sign = matches!(word, "%" | "→" | "…" | "\u{2212}");
    let is_percent = word
        .strip_suffix('%')
        .is_some_and(|number| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()));
    let parts = || word.split('-');
    // `ABC-12` may be an issue of whatever tracker a repository knows.
    let is_hyphenated = word.contains('-')
        && parts().all(|part| !part.is_empty() && part.chars().all(char::is_lowercase));
    (is_number && word.len() < 24 && !may_be_commit
        || is_letters && !may_be_commit
        || is_hyphenated
        || is_sign
        || is_percent)
        && !word.starts_with("www")
}

fn longest_run(text: &str) -> usize {
    let runs = text.split(|character| character != '`');
    runs.map(str::len).max().unwrap_or(0)
}

/// A block of code around texts; longer than every run of backquotes in them, so that none can end it.
#[derive(Debug, Clone)]
pub(crate) struct Fence(String);

impl Fence {
    pub(crate) fn around(texts: &[String]) -> Self {
        let longest = texts.iter().map(|text| longest_run(text)).max();
        Self("`".repeat(longest.unwrap_or(0).max(2) + 1))
    }

    /// The first line, with the language.
    pub(crate) fn open(&self, language: &str) -> String {
        format!("{}{language}\n", self.0)
    }

    /// The last line.
    pub(crate) fn close(&self) -> String {
        format!("{}\n", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backquotes_cannot_end_code() {
        assert_eq!(code("a`b"), "``a`b``");
        assert_eq!(code("`a``"), "``` `a`` ```");
        assert_eq!(code("  "), "(empty)");
        assert_eq!(code("a\nb"), "`a\\nb`");
        assert_eq!(Fence::around(&["````".to_owned()]).close(), "`````\n");
        assert_eq!(Fence::around(&[]).open("diff"), "```diff\n");
    }

    #[test]
    fn our_words_stay_words_and_others_become_code() {
        assert_eq!(
            prose(
                "the price of `film` moves from 10.00 USD to 3.00 USD (−70.0 %), more than the 50% allowed"
            ),
            "the price of `film` moves from 10.00 USD to 3.00 USD (−70.0 %), more than the 50% allowed"
        );
        assert_eq!(
            prose("write: priceChange: {to: 3.00, reason: …}"),
            "write: `priceChange: {to: 3.00, reason: …}`"
        );
        for text in [
            "@user",
            "#12",
            "!12",
            "~label",
            "%milestone",
            "$1",
            "GH-1",
            "ABC-12",
            "deadbeef",
            "www.club.tv",
            "https://club.tv",
            "a@b.tv",
            "*a*",
            "<b>",
            "[a](b",
            "/close",
            "a_b",
            "1234567",
            ":smile",
            "\\",
            "P100000001_US",
        ] {
            assert_eq!(prose(text), code(text), "{text}");
        }
        assert_eq!(prose("`@user"), "`` `@user ``");
    }
}
