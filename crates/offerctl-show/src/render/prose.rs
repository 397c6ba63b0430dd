//! Our own sentences, taken apart into what may be broken and what is copied as it is: [`words`].

/// A part of a sentence between two places where a line may end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Word<'a> {
    /// A word, with its punctuation.
    Plain(&'a str),
    /// Something that is typed or written as it stands: a command, a flag with its value, a line of YAML.
    Literal(&'a str),
}

impl<'a> Word<'a> {
    /// The text as it stands in the sentence.
    pub(super) fn as_str(self) -> &'a str {
        match self {
            Self::Plain(text) | Self::Literal(text) => text,
        }
    }
}

/// Returns the words of a sentence in their order.
///
/// What stands in backquotes or braces stays in one piece, with the key before the braces, and so does a flag with its
/// value: whoever copies them must not copy a line break.
pub(super) fn words(sentence: &str) -> Vec<Word<'_>> {
    let mut words: Vec<Word<'_>> = Vec::new();
    let mut rest = sentence.trim_start();
    while !rest.is_empty() {
        let (length, is_literal) = next(rest);
        let (word, behind) = rest.split_at(length);
        words.push(if is_literal {
            Word::Literal(word)
        } else {
            Word::Plain(word)
        });
        rest = behind.trim_start();
    }
    words
}

/// The length of the first word, and whether it is to be copied as it is.
fn next(text: &str) -> (usize, bool) {
    let mut length = 0;
    let mut is_literal = text.starts_with("--");
    loop {
        let rest = &text[length..];
        let Some(character) = rest.chars().next() else {
            return (length, is_literal);
        };
        let closed = match character {
            '`' => rest[1..].find('`').map(|end| end + 2),
            '{' => block(rest),
            _ => None,
        };
        if let Some(closed) = closed {
            is_literal = true;
            length += closed;
        } else if character.is_whitespace() {
            let behind = rest.trim_start();
            let goes_on = match &text[..length] {
                flag if flag.starts_with("--") && !flag.contains(char::is_whitespace) => {
                    !behind.starts_with("--") && !flag.ends_with([',', ';', ':'])
                }
                // An item of a list of YAML is pasted with its sign.
                key => {
                    (key == "-" || key.ends_with(':'))
                        && behind.starts_with('{')
                        && block(behind).is_some()
                }
            };
            if !goes_on || behind.is_empty() {
                return (length, is_literal);
            }
            length += rest.len() - behind.len();
        } else {
            length += character.len_utf8();
        }
    }
}

/// The length of a text in braces, if they are closed.
fn block(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (index, character) in text.char_indices() {
        match character {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(index + 1);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(sentence: &str, expected: &[Word<'_>]) {
        assert_eq!(words(sentence), expected);
    }

    #[test]
    fn what_is_copied_stays_in_one_piece() {
        use Word::{Literal, Plain};
        check(
            "run `offerctl state adopt a P1`, then apply",
            &[
                Plain("run"),
                Literal("`offerctl state adopt a P1`,"),
                Plain("then"),
                Plain("apply"),
            ],
        );
        check(
            "type --allow-deactivations 3 again",
            &[
                Plain("type"),
                Literal("--allow-deactivations 3"),
                Plain("again"),
            ],
        );
        check(
            "write: priceChange: {to: 3.00, x: [a, {b: c}]} there",
            &[
                Plain("write:"),
                Literal("priceChange: {to: 3.00, x: [a, {b: c}]}"),
                Plain("there"),
            ],
        );
    }

    #[test]
    fn what_is_not_closed_is_words() {
        use Word::Plain;
        check(
            "a `b {c d} e",
            &[Plain("a"), Plain("`b"), Word::Literal("{c d}"), Plain("e")],
        );
        check("a: {b c", &[Plain("a:"), Plain("{b"), Plain("c")]);
        check("  ", &[]);
    }
}
