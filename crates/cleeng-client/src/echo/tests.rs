//! How a token can be spelt, and that each spelling is found.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE};

use super::*;

/// Forty-eight characters, as Cleeng's tokens have.
const TOKEN: &str = "Qk3_canary-7Zr9xT2LmW8vB-sE5hN1pYcD0jF6uKgA4oI_X";

/// A token of a service that is not Cleeng's.
const ODD: &str = "canary-0/1\"2\\3+4=5&%-canary";

fn spelt(text: &str, spell: impl Fn(u8) -> String) -> String {
    text.bytes().map(spell).collect()
}

fn percent(text: &str) -> String {
    spelt(text, |byte| format!("%{byte:02X}"))
}

fn percent_where_needed(text: &str) -> String {
    spelt(text, |byte| {
        if byte.is_ascii_alphanumeric() {
            char::from(byte).to_string()
        } else {
            format!("%{byte:02x}")
        }
    })
}

fn in_a_column(text: &str) -> String {
    let lines: Vec<&str> = text
        .as_bytes()
        .chunks(7)
        .map(|part| std::str::from_utf8(part).unwrap())
        .collect();
    lines.join("\r\n  ")
}

/// A way to write a text.
type Spelling = (&'static str, fn(&str) -> String);

const SPELLINGS: [Spelling; 30] = [
    ("as it is", str::to_owned),
    ("without its start", |text| text[3..].to_owned()),
    ("without its end", |text| text[..text.len() - 5].to_owned()),
    ("ten of its characters", |text| text[9..19].to_owned()),
    ("small", str::to_ascii_lowercase),
    ("capital", str::to_ascii_uppercase),
    ("percent-encoded", percent),
    ("percent-encoded twice", |text| percent(&percent(text))),
    ("percent-encoded three times", |text| {
        percent(&percent(&percent(text)))
    }),
    ("percent-encoded where needed", percent_where_needed),
    ("percent-encoded where needed, three times", |text| {
        percent_where_needed(&percent_where_needed(&percent_where_needed(text)))
    }),
    ("percent-encoded by an old script", |text| {
        spelt(text, |byte| format!("%u{byte:04x}"))
    }),
    ("quoted-printable", |text| {
        spelt(text, |byte| format!("={byte:02X}"))
    }),
    ("decimal entities", |text| {
        spelt(text, |byte| format!("&#{byte};"))
    }),
    ("hexadecimal entities", |text| {
        spelt(text, |byte| format!("&#x{byte:x};"))
    }),
    ("entities with zeros and without an end", |text| {
        spelt(text, |byte| format!("&#x{byte:06X}"))
    }),
    ("named entities", |text| {
        text.replace('&', "&amp;")
            .replace('_', "&lowbar;")
            .replace('-', "&hyphen;")
            .replace('"', "&quot;")
            .replace('/', "&sol;")
    }),
    ("escapes of JSON", |text| {
        spelt(text, |byte| format!("\\u{byte:04x}"))
    }),
    ("JSON in JSON", |text| {
        let json = serde_json::to_string(text).unwrap();
        serde_json::to_string(&json.replace('/', "\\/")).unwrap()
    }),
    ("escapes of JSON in JSON", |text| {
        spelt(text, |byte| format!("\\\\u{byte:04X}"))
    }),
    ("escapes of JavaScript", |text| {
        spelt(text, |byte| format!("\\u{{{byte:x}}}"))
    }),
    ("escapes of C", |text| {
        spelt(text, |byte| format!("\\x{byte:02x}"))
    }),
    ("base64", |text| STANDARD.encode(text)),
    ("base64 behind something", |text| {
        STANDARD_NO_PAD.encode(format!("a{text}bc"))
    }),
    ("base64 for addresses, of capitals", |text| {
        URL_SAFE.encode(format!("ab{}", text.to_ascii_uppercase()))
    }),
    ("base64 in lines, in JSON", |text| {
        let lines = in_a_column(&STANDARD.encode(format!("id:{text}")));
        serde_json::to_string(&lines).unwrap()
    }),
    ("hexadecimal", |text| {
        spelt(text, |byte| format!("{byte:02x}"))
    }),
    ("hexadecimal with colons", |text| {
        format!("0:{}", spelt(text, |byte| format!("{byte:02X}:")))
    }),
    ("decimal", |text| {
        format!("[{}0]", spelt(text, |byte| format!("{byte}, ")))
    }),
    ("in lines", in_a_column),
];

/// Ways in which numbers and letters are set apart.
const SET_APART: [Spelling; 10] = [
    ("hexadecimal with dashes", |text| {
        spelt(text, |byte| format!("{byte:02x}-"))
    }),
    ("hexadecimal as in programs", |text| {
        spelt(text, |byte| format!("0x{byte:02X}, "))
    }),
    ("code points", |text| {
        spelt(text, |byte| format!("U+{byte:04X} "))
    }),
    ("of a style sheet", |text| {
        spelt(text, |byte| format!("\\{byte:06x}"))
    }),
    ("octal", |text| spelt(text, |byte| format!("\\{byte:03o}"))),
    ("decimal with semicolons", |text| {
        spelt(text, |byte| format!("{byte}; "))
    }),
    ("base64 twice", |text| {
        STANDARD.encode(STANDARD.encode(format!("a{text}")))
    }),
    ("base64 of hexadecimal", |text| {
        STANDARD.encode(spelt(text, |byte| format!("{byte:02x}")))
    }),
    ("base64 of two bytes each", |text| {
        let wide: Vec<u8> = text.bytes().flat_map(|byte| [byte, 0]).collect();
        STANDARD.encode(wide)
    }),
    ("hexadecimal of base64", |text| {
        spelt(&STANDARD.encode(text), |byte| format!("{byte:02x}"))
    }),
];

#[test]
fn what_is_set_apart_is_found() {
    let echo = Echo::new(TOKEN);
    for (name, spell) in SET_APART {
        for text in [spell(TOKEN), format!("no entry for {}", spell(&TOKEN[5..]))] {
            assert!(echo.is_in(text.as_bytes()), "{name}: {text}");
        }
    }
    let letters = spelt(TOKEN, |byte| format!("'{}', ", char::from(byte)));
    assert!(echo.is_in(letters.as_bytes()), "{letters}");
}

/// Each in a body of its own: none is found because of another.
#[test]
fn every_spelling_is_found_in_a_body() {
    let echo = Echo::new(TOKEN);
    let blanks = spelt(TOKEN, |byte| format!("{} ", char::from(byte)));
    let hidden = spelt(TOKEN, |byte| format!("{}\u{200b}", char::from(byte)));
    let hex = spelt(TOKEN, |byte| format!("{byte:02x} "));
    let more = [blanks, hidden, hex];
    let spelt = SPELLINGS.iter().map(|(_, spell)| spell(TOKEN));
    for text in spelt.chain(more) {
        let body = serde_json::json!([{ "title": format!("T {text}"), "price": 1 }]).to_string();
        assert!(echo.is_in_body(body.as_bytes()), "{body}");
    }
}

#[test]
fn every_spelling_is_found_wherever_it_stands() {
    for token in [TOKEN, ODD] {
        let echo = Echo::new(token);
        for (name, spell) in SPELLINGS {
            for before in 0..9 {
                let text = format!("{} {}<", "x".repeat(before), spell(token));
                assert!(echo.is_in(text.as_bytes()), "{name}: {text}");
                let escaped = serde_json::to_string(&text).unwrap();
                assert!(echo.is_in(escaped.as_bytes()), "{name}: {escaped}");
            }
        }
    }
}

#[test]
fn every_run_of_ten_is_found_in_every_spelling_and_no_run_of_nine() {
    let echo = Echo::new(TOKEN);
    for start in (0..=TOKEN.len() - 10).step_by(3) {
        let (ten, nine) = (&TOKEN[start..start + 10], &TOKEN[start..start + 9]);
        for (name, spell) in SPELLINGS.iter().filter(|(name, _)| {
            // They take a part of the text away.
            ![
                "without its start",
                "without its end",
                "ten of its characters",
            ]
            .contains(name)
        }) {
            for before in ["", "a", "ab"] {
                let text = spell(&format!("{before}{ten}?"));
                assert!(echo.is_in(text.as_bytes()), "{name}: {text}");
            }
        }
        let text = format!("?{nine}?");
        assert!(!echo.is_in(text.as_bytes()), "{text}");
    }
}

#[test]
fn other_texts_do_not_repeat_it() {
    let echo = Echo::new(TOKEN);
    for text in [
        "",
        "abc",
        "The offer `S123321123_US` does not exist.",
        r#"{"title":"100% \"live\" &amp; d\u00e9j\u00e0 vu","url":"https:\/\/shop.example\/a?b=c&d=e"}"#,
        "63:61:6e:61:72:79",
        "Qk3_canar-Y7Zr9xT2-LmW8vBsE5",
        "deadbeefdeadbeefdeadbeefdeadbeefdeadbeef",
        "YSBwZXJmZWN0bHkgaGFybWxlc3MgdGV4dCBvZiBubyBpbnRlcmVzdA==",
    ] {
        assert!(!echo.is_in(text.as_bytes()), "{text}");
    }
}

#[test]
fn a_short_token_is_looked_for_as_a_whole() {
    let echo = Echo::new("local7");
    assert!(echo.is_in(b"the token LOCAL7 is invalid"));
    assert!(!echo.is_in(b"the token local is invalid"));
    let echo = Echo::new("abc");
    assert!(!echo.is_in(b"abc"));
}
