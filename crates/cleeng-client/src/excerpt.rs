//! What may be shown of an answer: [`excerpt`] and [`without_token`].
//!
//! Answers can contain the publisher token (a service that echoes the request is enough), control
//! characters that a terminal would obey, and any amount of text. An excerpt has none of the three.

use std::ops::Range;

use crate::token::Token;

/// How much of an answer an error shows, in bytes: enough for a message and the start of an HTML
/// page, little enough for a log line.
const MAX_LEN: usize = 1024;

/// What is shown of an answer that repeats the token.
const WITHHELD: &str = "(not shown: it repeats the publisher token)";

/// Returns the start of a text, at most 1 KiB of it, without control characters; or nothing of it, if it repeats the token
/// in any spelling: a part that is left may be enough to guess the rest.
pub(crate) fn excerpt(text: &str, token: &Token) -> String {
    let mut shown = String::new();
    let mut end = text.len();
    for (at, c) in text.char_indices() {
        if shown.len() >= MAX_LEN {
            shown.push('…');
            end = at;
            break;
        }
        if c.is_control() {
            shown.extend(c.escape_default());
        } else {
            shown.push(c);
        }
    }
    if token.is_repeated_in(&text[..end]) {
        return WITHHELD.to_owned();
    }
    shown
}

/// Returns a body with `***` in the place of each text of JSON that repeats the token in any spelling.
///
/// A service, or a proxy before it, that repeats what it was sent would bring the token into titles and ids, and so into
/// whatever shows an offer.
pub(crate) fn without_token(body: Vec<u8>, token: &Token) -> Vec<u8> {
    if !token.is_secret_in(&body) {
        return body;
    }
    let mut shown = Vec::new();
    // How much of the body is in what is shown.
    let (mut taken, mut at) = (0, 0);
    while let Some(text) = next_text(&body, at) {
        at = text.end + 1;
        if token.is_repeated_in(&body[text.clone()]) {
            shown.extend_from_slice(&body[taken..text.start]);
            shown.extend_from_slice(b"***");
            taken = text.end;
        }
    }
    if taken == 0 {
        return body;
    }
    shown.extend_from_slice(&body[taken..]);
    shown
}

/// Finds the next text of JSON, without its quotation marks. The last one may lack its end.
fn next_text(body: &[u8], from: usize) -> Option<Range<usize>> {
    let start = from + memchr::memchr(b'"', body.get(from..)?)? + 1;
    let mut end = start;
    loop {
        end += memchr::memchr2(b'"', b'\\', body.get(end..)?)?;
        if body[end] == b'"' {
            return Some(start..end);
        }
        end += 2;
    }
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
            (
                r#"{"title": "a canary-token-canary z", "price": 1.0}"#,
                r#"{"title": "***", "price": 1.0}"#,
            ),
            (
                r#"{"a\"canary-token-canary": ["\\", "anary-TOKEN-", "x"]}"#,
                r#"{"***": ["\\", "***", "x"]}"#,
            ),
            (
                r#"{"title": "Y2FuYXJ5LXRva2VuLWNhbmFyeQ==", "url": "%2563%2561%256eary%2dtoken-c"}"#,
                r#"{"title": "***", "url": "***"}"#,
            ),
            // What is no JSON is no data.
            ("canary-token-canary", "canary-token-canary"),
            ("\"canary-token-canary", "\"canary-token-canary"),
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
    fn nothing_of_a_text_with_the_token_is_shown() {
        check(&format!("<{TOKEN}>"), WITHHELD);
        check("token: canary-0/1\"2", WITHHELD);
        check("token: canary-0/ is cut", "token: canary-0/ is cut");
    }

    #[test]
    fn control_characters_are_escaped() {
        check("a\u{1b}[31mb\r\n\u{9b}", "a\\u{1b}[31mb\\r\\n\\u{9b}");
    }

    #[test]
    fn what_is_cut_off_is_not_looked_at() {
        let token = Token::new(TOKEN).unwrap();
        let shown = excerpt(&format!("{}{TOKEN}", "x".repeat(MAX_LEN - 9)), &token);
        assert!(shown.ends_with("xcanary-0/…"), "{shown}");
        let shown = excerpt(&format!("{}{TOKEN}", "x".repeat(MAX_LEN - 10)), &token);
        assert_eq!(shown, WITHHELD);
        let shown = excerpt(&"é".repeat(MAX_LEN), &token);
        assert!(shown.len() <= MAX_LEN + 8);
    }

    #[test]
    fn a_hostile_text_costs_little() {
        let token = Token::new("\\".repeat(200)).unwrap();
        let text = format!("{}x", "\\".repeat(199)).repeat(50);
        excerpt(&text, &token);
    }
}
