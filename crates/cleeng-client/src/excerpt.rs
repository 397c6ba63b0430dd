//! What an error may show of an answer: [`excerpt`].
//!
//! Answers can contain the publisher token (a service that echoes the request is enough), control
//! characters that a terminal would obey, and any amount of text. An excerpt has none of the three.

use crate::token::Token;

/// How much of an answer an error shows, in bytes: enough for a message and the start of an HTML
/// page, little enough for a log line.
const MAX_LEN: usize = 1024;

/// Fewest characters of a token that are replaced where the text ends or goes on otherwise, as in
/// an answer that was cut. Shorter runs occur by chance.
const MIN_PREFIX: usize = 8;

/// Returns the start of a text, at most 1 KiB of it, without the token and without control characters.
///
/// The token is replaced by `***` in every spelling in which an answer is likely to repeat it:
/// as it is, with JSON's escapes (`\/`, `\u002f`, also escaped twice) and percent-encoded (also
/// twice), and so is its beginning where the rest was cut off.
pub(crate) fn excerpt(text: &str, token: &Token) -> String {
    let token = token.expose().as_bytes();
    let bytes = text.as_bytes();
    let mut shown = String::new();
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        if shown.len() >= MAX_LEN {
            shown.push('…');
            break;
        }
        if let Some(len) = echo_len(&bytes[at..], token) {
            shown.push_str("***");
            at += len;
        } else {
            if c.is_control() {
                shown.extend(c.escape_default());
            } else {
                shown.push(c);
            }
            at += c.len_utf8();
        }
    }
    shown
}

/// The shortest token that is taken out of answers that can be read; real ones are longer, and shorter texts stand in data by
/// chance.
const MIN_TOKEN: usize = 16;

/// Returns a body with `***` in the place of the token.
///
/// A service, or a proxy before it, that repeats what it was sent would bring the token into titles and ids, and so into
/// whatever shows an offer.
pub(crate) fn without_token(body: Vec<u8>, token: &Token) -> Vec<u8> {
    let token = token.expose().as_bytes();
    if token.len() < MIN_TOKEN {
        return body;
    }
    let finder = memchr::memmem::Finder::new(token);
    let mut found = finder.find_iter(&body).peekable();
    if found.peek().is_none() {
        drop(found);
        return body;
    }
    let mut rest = Vec::with_capacity(body.len());
    let mut at = 0;
    for place in found {
        rest.extend_from_slice(&body[at..place]);
        rest.extend_from_slice(b"***");
        at = place + token.len();
    }
    rest.extend_from_slice(&body[at..]);
    rest
}

/// Returns how many bytes at the start of a text spell the token, or enough of its beginning.
///
/// Every character of the token can be spelt in several ways, so this follows all of them at
/// once: `ends` are the places that the characters so far can reach.
fn echo_len(text: &[u8], token: &[u8]) -> Option<usize> {
    let mut ends = vec![0];
    for (matched, &wanted) in token.iter().enumerate() {
        let mut next = Vec::new();
        for &end in &ends {
            spellings(&text[end..], wanted, |len| next.push(end + len));
        }
        next.sort_unstable();
        next.dedup();
        if next.is_empty() {
            return if matched >= MIN_PREFIX {
                ends.last().copied()
            } else {
                None
            };
        }
        ends = next;
    }
    ends.last().copied()
}

/// Reports the length of every spelling of one character at the start of a text.
fn spellings(text: &[u8], wanted: u8, mut found: impl FnMut(usize)) {
    // An escape inside a text that is escaped again has up to three backslashes.
    for skipped in 0..=3 {
        if text.get(skipped) == Some(&wanted) {
            found(skipped + 1);
        }
        if text.get(skipped) != Some(&b'\\') {
            break;
        }
        if text.get(skipped + 1) == Some(&b'u') && hex(text, skipped + 2, 4) == Some(wanted.into())
        {
            found(skipped + 6);
        }
    }
    if text.first() == Some(&b'%') {
        let digits = if text.get(1..3) == Some(b"25") { 3 } else { 1 };
        for start in [1, digits] {
            if hex(text, start, 2) == Some(wanted.into()) {
                found(start + 2);
            }
        }
    }
}

fn hex(text: &[u8], start: usize, len: usize) -> Option<u32> {
    let digits = std::str::from_utf8(text.get(start..start + len)?).ok()?;
    // `from_str_radix` would take a sign as well.
    if !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    u32::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "canary-0/1\"2\\3+4=5-canary";

    fn check(text: &str, expect: &str) {
        assert_eq!(excerpt(text, &Token::new(TOKEN).unwrap()), expect);
    }

    #[test]
    fn the_token_goes_out_of_a_body_and_nothing_else_does() {
        let token = Token::new("canary-token-canary").unwrap();
        for (body, expect) in [
            ("", ""),
            (r#"{"price": "canary"}"#, r#"{"price": "canary"}"#),
            ("canary-token-canary", "***"),
            (
                "a canary-token-canary-token-canary z",
                "a ***-token-canary z",
            ),
            ("canary-token-canarycanary-token-canary1", "******1"),
        ] {
            let body = without_token(body.as_bytes().to_vec(), &token);
            assert_eq!(String::from_utf8(body).unwrap(), expect);
        }
        let short = Token::new("12").unwrap();
        let body = without_token(b"{\"price\": 12.12}".to_vec(), &short);
        assert_eq!(body, b"{\"price\": 12.12}");
    }

    #[test]
    fn a_text_without_the_token_stays() {
        check("price is invalid – 12 €", "price is invalid – 12 €");
        check("", "");
        check("canary", "canary");
    }

    #[test]
    fn the_token_goes_wherever_it_stands() {
        check(&format!("<{TOKEN}>{TOKEN}"), "<***>***");
        check(&format!("canary-{TOKEN}"), "canary-***");
    }

    #[test]
    fn every_spelling_of_the_token_goes() {
        let json = serde_json::to_string(TOKEN).unwrap();
        check(&json, "\"***\"");
        check(&json.replace('/', "\\/"), "\"***\"");
        let twice = serde_json::to_string(&json).unwrap();
        assert!(!excerpt(&twice, &Token::new(TOKEN).unwrap()).contains("canary"));
        let spell = |form: fn(u8) -> String| TOKEN.bytes().map(form).collect::<Vec<_>>().concat();
        let unicode = spell(|b| format!("\\u{b:04X}"));
        check(&unicode, "***");
        let percent = spell(|b| format!("%{b:02x}"));
        check(&percent, "***");
        check(&percent.replace('%', "%25"), "***");
        let reserved = TOKEN
            .replace('/', "%2F")
            .replace('"', "%22")
            .replace('\\', "%5C")
            .replace('+', "%2B")
            .replace('=', "%3D");
        check(&reserved, "***");
    }

    #[test]
    fn the_beginning_of_a_token_goes_too() {
        check("token: canary-0/1\"2", "token: ***");
        check("token: canary-0/1 is cut", "token: *** is cut");
        check("canary-", "canary-");
    }

    #[test]
    fn a_token_of_backslashes_or_percents_goes() {
        let token = Token::new("\\\\\\\\%%25%25\\").unwrap();
        for text in [
            token.expose().to_owned(),
            serde_json::to_string(token.expose()).unwrap(),
        ] {
            let shown = excerpt(&text, &token);
            assert!(shown.contains("***"), "{shown}");
            assert!(!shown.contains('%'), "{shown}");
        }
    }

    #[test]
    fn control_characters_are_escaped() {
        check("a\u{1b}[31mb\r\n\u{9b}", "a\\u{1b}[31mb\\r\\n\\u{9b}");
    }

    #[test]
    fn a_long_text_is_cut_after_the_token_is_gone() {
        let text = format!("{}{TOKEN} tail", "x".repeat(MAX_LEN - 5));
        let shown = excerpt(&text, &Token::new(TOKEN).unwrap());
        assert!(shown.ends_with("x*** t…"), "{shown}");
        let text = "é".repeat(MAX_LEN);
        let shown = excerpt(&text, &Token::new(TOKEN).unwrap());
        assert!(shown.len() <= MAX_LEN + 8);
    }

    #[test]
    fn a_hostile_text_costs_little() {
        let token = Token::new("\\".repeat(200)).unwrap();
        let text = format!("{}x", "\\".repeat(199)).repeat(50);
        excerpt(&text, &token);
    }
}
