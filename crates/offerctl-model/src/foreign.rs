//! Words of strangers: [`Foreign`], and the form in which they are shown ([`escaped`]).
//!
//! What the service answers, what files are called and what is written in them may have line breaks that begin a line of
//! their own, marks that a terminal obeys, and characters that nobody sees. Shown is each of them as what it is.

use std::fmt::{self, Write as _};

use serde::{Deserialize, Serialize};
use unicode_normalization::char::compose;
use unicode_security::confusable_detection::skeleton;

/// A text that somebody else wrote: the service, or whoever names a file.
///
/// Displayed, it is [`escaped`]: it stays on its line, drives no terminal, and hides nothing. As data, in JSON, it is exact. There
/// is no way to the text itself but [`raw`](Self::raw), so an output cannot forget it:
///
/// ```
/// # use offerctl_model::foreign::Foreign;
/// let email = Foreign::from("shop@club.tv\n::error::taken over");
/// assert_eq!(format!("{email}"), r"shop@club.tv\n::error::taken over");
/// ```
///
/// ```compile_fail,E0308
/// # use offerctl_model::foreign::Foreign;
/// # let email = Foreign::from("shop@club.tv");
/// let text: &str = &email;
/// ```
///
/// ```compile_fail,E0277
/// # use offerctl_model::foreign::Foreign;
/// # let email = Foreign::from("shop@club.tv");
/// let text = String::from(email);
/// ```
///
/// ```compile_fail,E0277
/// # use offerctl_model::foreign::Foreign;
/// # let emails = [Foreign::from("shop@club.tv")];
/// let text: String = emails.iter().map(AsRef::<str>::as_ref).collect();
/// ```
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(transparent, inline))]
pub struct Foreign(Box<str>);

impl Foreign {
    /// The text as it is: to compare it, to send it, and as data. Never to show it.
    pub fn raw(&self) -> &str {
        &self.0
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<&str> for Foreign {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

impl From<Box<str>> for Foreign {
    fn from(text: Box<str>) -> Self {
        Self(text)
    }
}

impl From<String> for Foreign {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

impl fmt::Display for Foreign {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&escaped(&self.0))
    }
}

impl fmt::Debug for Foreign {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, formatter)
    }
}

/// Returns a text on one line in which nothing is hidden: line breaks and tabs as `\n` and `\t`, and as `<U+00A0>` whatever
/// else drives a terminal, has no width, looks like a blank, stands for a part of the letter before it, or looks like a letter of
/// its word and is none. What emoji and scripts need to be read stays.
pub fn escaped(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut before = None;
    // Whether the word that the character is in has ASCII letters, and where that word ends.
    let (mut is_ascii_word, mut end) = (false, 0);
    for (at, character) in text.char_indices() {
        if at >= end && character.is_alphanumeric() {
            let rest = &text[at..];
            let length = rest.find(|other: char| !other.is_alphanumeric());
            let word = &rest[..length.unwrap_or(rest.len())];
            is_ascii_word = word.contains(|other: char| other.is_ascii_alphabetic());
            end = at + word.len();
        }
        let poses = || at < end && is_ascii_word && poses_as_ascii(character);
        match character {
            ' '..='~' => shown.push(character),
            '\n' => shown.push_str("\\n"),
            '\r' => shown.push_str("\\r"),
            '\t' => shown.push_str("\\t"),
            _ if is_hidden(before, character) || poses() => push_code(&mut shown, character),
            _ => shown.push(character),
        }
        before = Some(character);
    }
    shown
}

/// Returns a line of a file [`escaped`], but for tabs, which indent.
pub fn escaped_line(line: &str) -> String {
    let parts: Vec<String> = line.split('\t').map(escaped).collect();
    parts.join("\t")
}

/// Quotes a word for a shell, where it needs that. What is hidden in it is shown, so that a pasted line does only what it
/// says.
pub fn shell_word(word: &str) -> String {
    let is_plain = |character: char| {
        character.is_ascii_alphanumeric()
            || "-_./:@%+,=".contains(character)
            || (cfg!(windows) && character == '\\')
    };
    if !word.is_empty() && word.chars().all(is_plain) {
        word.to_owned()
    } else if cfg!(windows) {
        format!("\"{}\"", escaped(word))
    } else {
        format!("'{}'", escaped(word).replace('\'', r"'\''"))
    }
}

/// Whether a text has a word in it that is long and mixed as tokens are (docs/cleeng-api.md §1.1), and as no name is.
pub fn looks_secret(text: &str) -> bool {
    const SHORTEST: usize = 32;
    let is_of_word = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    text.split(|c| !is_of_word(c)).any(|word| {
        let has = |is: fn(&char) -> bool| word.chars().any(|c| is(&c));
        word.len() >= SHORTEST
            && has(char::is_ascii_lowercase)
            && has(char::is_ascii_uppercase)
            && has(char::is_ascii_digit)
    })
}

/// Returns two texts so that they can be told apart: [`escaped`], and where they look alike then, with the code of
/// every character that is not ASCII.
pub fn told_apart(one: &str, other: &str) -> [String; 2] {
    let shown = [one, other].map(escaped);
    let [like_one, like_other] = shown
        .each_ref()
        .map(|text| skeleton(text).collect::<String>());
    if one == other || like_one != like_other {
        return shown;
    }
    [one, other].map(|text| {
        let mut spelt = String::with_capacity(text.len());
        for character in text.chars() {
            match character {
                ' '..='~' => spelt.push(character),
                _ => push_code(&mut spelt, character),
            }
        }
        spelt
    })
}

fn push_code(shown: &mut String, character: char) {
    write!(shown, "<U+{:04X}>", u32::from(character)).expect("writing to a text never fails");
}

/// Whether a reader would not see a character that stands after another one for what it is.
fn is_hidden(before: Option<char>, character: char) -> bool {
    // The blank of Japanese and Chinese is as wide as a letter.
    let looks_blank = character.is_whitespace() && !matches!(character, ' ' | '\u{3000}');
    let is_part = || before.is_some_and(|before| compose(before, character).is_some());
    character.is_control()
        || looks_blank
        || is_invisible(character) && !is_needed(before, character)
        || is_part()
}

/// Returns whether a character takes no room: default ignorable code points and controls that are no blanks.
pub fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    ) || character.is_control() && !character.is_whitespace()
}

/// Whether an invisible character is needed to read what it stands in: joiners in scripts that join their letters and in
/// emoji, and the mark that makes an emoji of a sign.
fn is_needed(before: Option<char>, character: char) -> bool {
    let Some(before) = before else { return false };
    let joins = matches!(
        before,
        '\u{620}'..='\u{1fff}' | '\u{a800}'..='\u{abff}' | '\u{10a00}'..='\u{11fff}'
    );
    let is_sign = matches!(
        before,
        '\u{a9}' | '\u{ae}' | '\u{203c}' | '\u{2049}' | '\u{20e3}' | '\u{2100}'..='\u{2bff}' | '\u{3030}' | '\u{303d}'
            | '\u{3297}' | '\u{3299}' | '\u{fe0f}' | '\u{1f000}'..='\u{1faff}'
    );
    match character {
        '\u{200c}' => joins,
        '\u{200d}' => joins || is_sign,
        '\u{fe0e}' | '\u{fe0f}' => is_sign || matches!(before, '0'..='9' | '#' | '*'),
        _ => false,
    }
}

/// Whether a character looks like an ASCII letter or digit and is none. Letters of the Latin script are what they are.
fn poses_as_ascii(character: char) -> bool {
    let is_latin = matches!(
        character,
        '\u{aa}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}' | '\u{2c60}'..='\u{2c7f}' | '\u{a720}'..='\u{a7ff}'
    );
    let mut buffer = [0; 4];
    let mut looks = skeleton(character.encode_utf8(&mut buffer));
    !character.is_ascii()
        && !is_latin
        && looks
            .next()
            .is_some_and(|first| first.is_ascii_alphanumeric())
        && looks.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(unix)]
    fn what_a_shell_would_read_otherwise_is_quoted() {
        for (word, expect) in [
            ("a b", "'a b'"),
            ("it's", r"'it'\''s'"),
            ("$HOME", "'$HOME'"),
            ("a;b", "'a;b'"),
            ("~", "'~'"),
            ("\u{fc}", "'\u{fc}'"),
            ("", "''"),
            ("a\n;b", r"'a\n;b'"),
        ] {
            assert_eq!(shell_word(word), expect);
        }
    }

    #[test]
    fn what_is_read_as_it_is_stays() {
        for text in [
            "",
            "Gold pass – 12 €, “all in”",
            "Café, Fırsat, Größe, Łódź, Ελληνικά, Новости, עברית, العربية",
            "日本TV　映画",
            "नमस्ते क्\u{200d}ष می\u{200c}خواهم",
            "👨\u{200d}👩\u{200d}👧 ❤\u{fe0f} 1\u{fe0f}\u{20e3} ©\u{fe0f}",
            "5 µm, 3 kΩ",
        ] {
            assert_eq!(escaped(text), text);
        }
    }

    #[test]
    fn what_is_not_seen_is_shown() {
        for (text, shown) in [
            ("a\u{1b}[31mb\nc\u{202e}d", "a<U+001B>[31mb\\nc<U+202E>d"),
            ("a\r\n\tb\u{9b}\u{0}", "a\\r\\n\\tb<U+009B><U+0000>"),
            ("Gold\u{a0}pass", "Gold<U+00A0>pass"),
            ("Gold\u{2028}pass\u{2029}", "Gold<U+2028>pass<U+2029>"),
            ("Go\u{200b}ld\u{feff}", "Go<U+200B>ld<U+FEFF>"),
            ("Go\u{ad}ld\u{34f}\u{61c}", "Go<U+00AD>ld<U+034F><U+061C>"),
            ("Go\u{2060}ld\u{e0041}", "Go<U+2060>ld<U+E0041>"),
            ("Go\u{200d}ld\u{fe0f}", "Go<U+200D>ld<U+FE0F>"),
            ("Cafe\u{301}", "Cafe<U+0301>"),
            ("G\u{43e}ld Новости", "G<U+043E>ld Новости"),
            ("Ｇold 𝐆old", "<U+FF27>old <U+1D406>old"),
        ] {
            assert_eq!(escaped(text), shown, "{text:?}");
            assert_eq!(escaped(shown), shown);
        }
    }

    #[test]
    fn two_texts_are_told_apart() {
        for (one, other, shown) in [
            ("Gold", "Silver", ["Gold", "Silver"]),
            (
                "\u{421}\u{43e}\u{441}\u{43e}",
                "Coco",
                ["<U+0421><U+043E><U+0441><U+043E>", "Coco"],
            ),
            ("a\\n", "a\n", ["a\\n", "a<U+000A>"]),
            ("Caf\u{e9}", "Cafe\u{301}", ["Caf\u{e9}", "Cafe<U+0301>"]),
            (
                "Gold pass",
                "Gold\u{a0}pass",
                ["Gold pass", "Gold<U+00A0>pass"],
            ),
        ] {
            assert_eq!(told_apart(one, other), shown);
            let [one, other] = [other, one];
            assert_eq!(told_apart(one, other), [shown[1], shown[0]]);
        }
    }
}
