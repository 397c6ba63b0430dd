//! A service that repeats the token, in whatever spelling, brings nothing of it into any output.

use cleeng_emulator::Field;

use crate::hostile::{impatient_shop_at, serve};
use crate::support::{Api, Draft, Run, Shop, TOKEN, both};

fn each(text: &str, spell: impl Fn(u8) -> String) -> String {
    text.bytes().map(spell).collect()
}

fn percent(text: &str) -> String {
    each(text, |byte| format!("%{byte:02x}"))
}

fn hex(text: &str) -> String {
    each(text, |byte| format!("{byte:02x}"))
}

fn base64(text: &str) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut encoded = String::new();
    for bytes in text.as_bytes().chunks(3) {
        let mut group = [0; 3];
        group[..bytes.len()].copy_from_slice(bytes);
        let bits = u32::from_be_bytes([0, group[0], group[1], group[2]]);
        for place in 0..=bytes.len() {
            let six = bits >> (18 - 6 * place) & 63;
            encoded.push(char::from(ALPHABET[six as usize]));
        }
    }
    encoded
}

fn spellings() -> Vec<(&'static str, String)> {
    let token = TOKEN;
    vec![
        ("as it is", token.to_owned()),
        ("without its first character", token[1..].to_owned()),
        ("without its first seven", token[7..].to_owned()),
        ("without its end", token[..token.len() - 6].to_owned()),
        ("capital", token.to_uppercase()),
        ("of mixed case", token.replace("canary-t", "CaNaRy-T")),
        ("percent-encoded", percent(token)),
        ("percent-encoded twice", percent(&percent(token))),
        (
            "percent-encoded three times",
            percent(&percent(&percent(token))),
        ),
        ("entities", each(token, |byte| format!("&#{byte};"))),
        (
            "hexadecimal entities",
            each(token, |byte| format!("&#x{byte:X};")),
        ),
        (
            "escapes of JSON",
            each(token, |byte| format!("\\u{byte:04x}")),
        ),
        (
            "escapes of JSON in JSON",
            each(token, |byte| format!("\\\\u{byte:04x}")),
        ),
        ("base64", base64(token)),
        ("base64 behind one", base64(&format!("x{token}yz"))),
        ("base64 behind two", base64(&format!("{{\"{token}\"}}"))),
        (
            "base64 for addresses",
            base64(token).replace('+', "-").replace('/', "_"),
        ),
        ("hexadecimal", hex(token)),
        (
            "hexadecimal at an odd place",
            format!("0{}", hex(&token.to_uppercase())),
        ),
    ]
}

/// What would be enough to learn some of the token: twelve characters of the spelling, or ten of the token itself.
#[track_caller]
fn shows_nothing(text: &str, spelt: &str, how: &str) {
    let text = text.to_lowercase();
    for (secret, length) in [(TOKEN, 10), (spelt, 12.max(spelt.len() / TOKEN.len() * 10))] {
        let secret = secret.to_lowercase();
        let found = secret.as_bytes().windows(length).find(|part| {
            let part = std::str::from_utf8(part).unwrap();
            text.contains(part)
        });
        let found = found.map(|part| String::from_utf8_lossy(part).into_owned());
        assert_eq!(found, None, "{how}: {text}");
    }
}

#[track_caller]
fn says_nothing(run: &Run, spelt: &str, how: &str) {
    shows_nothing(&run.out, spelt, how);
    shows_nothing(&run.err, spelt, how);
}

#[test]
fn in_an_error_of_the_service() {
    let heads = [
        "HTTP/1.1 403 Forbidden\r\nconnection: close\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n",
    ];
    for (how, spelt) in spellings() {
        // As text it may be no JSON, and as JSON it may have lost its backslashes: both are wanted.
        let quoted = serde_json::to_string(&spelt).unwrap();
        let bodies = [
            format!("no entry for '{spelt}'"),
            format!(r#"{{"message": "no entry for {spelt}"}}"#),
            format!(r#"[{{"id": "1", "error": {{"code": 3, "message": {quoted}}}}}]"#),
            format!(r#"{{"jsonrpc": "2.0", "id": {quoted}, "result": {quoted}}}"#),
        ];
        for (number, body) in bodies.into_iter().enumerate() {
            let raw = serve(heads[number / 2], body.into_bytes().leak(), 1);
            let shop = impatient_shop_at(&raw);
            let line = ["-vvv plan", "apply -y --format json"][number % 2];
            says_nothing(&shop.run(line).exits(1), &spelt, how);
        }
    }
}

both!(in_the_texts_of_an_offer);

fn in_the_texts_of_an_offer(api: Api) {
    let shop = Shop::of(api);
    let names: Vec<String> = (0..spellings().len())
        .map(|n| format!("film-{n}"))
        .collect();
    let drafts = names
        .iter()
        .map(|name| Draft::new("single", name).with("description", "Good"));
    shop.declare(&drafts.collect::<Vec<_>>());
    shop.apply();
    for (name, (_, spelt)) in names.iter().zip(spellings()) {
        shop.edit(&format!("Title of {name}"), |offer| {
            for field in [Field::Title, Field::Description, Field::Url] {
                offer.set(field, format!("https://shop.example/?{spelt}").as_str());
            }
        });
    }
    for line in [
        "-vvv plan --format json",
        "plan --steps",
        "plan --out saved.json --markdown-into plan.md",
        "show saved.json",
        "drift",
        "doctor",
        "state list --format json",
        "import --into offers/imported --adopt --dry-run --format json",
        "apply -y",
    ] {
        let run = shop.run(line);
        assert!(run.code < 64, "{run:?}");
        for (how, spelt) in spellings() {
            says_nothing(&run, &spelt, how);
        }
    }
    for (path, content) in shop.files() {
        for (how, spelt) in spellings() {
            let text = String::from_utf8_lossy(&content);
            shows_nothing(&text, &spelt, &format!("{how} in {}", path.display()));
        }
    }
}
