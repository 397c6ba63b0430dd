//! How documents are written: [`to_text`], [`unhidden`].

use std::fmt::Write;

use serde::Serialize;

use crate::foreign::is_invisible;

/// Writes a document as it is printed: indented, with a line break at the end. Texts are exact; what a terminal would obey and what nobody
/// would see in them has JSON's escapes.
///
/// # Panics
///
/// Never: documents have only texts for keys.
pub fn to_text(document: &impl Serialize) -> String {
    let mut text =
        serde_json::to_string_pretty(document).expect("a document has only texts for keys");
    text.push('\n');
    unhidden(text)
}

/// Returns a text of JSON in which nothing is hidden, and that says the same.
pub fn unhidden(text: String) -> String {
    let is_hidden = |character: char| {
        let ends_line = matches!(character, '\u{2028}' | '\u{2029}');
        // The line breaks between the members are the document's own.
        character != '\n' && (character.is_control() || ends_line || is_invisible(character))
    };
    if text.is_ascii() && !text.contains('\u{7f}') || !text.contains(is_hidden) {
        return text;
    }
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if is_hidden(character) {
            let mut units = [0; 2];
            for unit in character.encode_utf16(&mut units) {
                write!(shown, "\\u{unit:04x}").expect("writing to a text never fails");
            }
        } else {
            shown.push(character);
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_exact_and_nothing_in_them_is_obeyed_or_hidden() {
        let text = "a\u{1b}\u{7f}\u{9b}\n\u{202e}\u{200d}\u{2028}\u{e0041}é\u{a0}";
        let written = to_text(&[text]);
        assert_eq!(
            written,
            "[\n  \"a\\u001b\\u007f\\u009b\\n\\u202e\\u200d\\u2028\\udb40\\udc41é\u{a0}\"\n]\n"
        );
        assert_eq!(
            serde_json::from_str::<[String; 1]>(&written).unwrap(),
            [text]
        );
    }
}
