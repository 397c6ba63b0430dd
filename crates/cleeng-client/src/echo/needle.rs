//! In which forms a token is looked for: [`needles`].

use base64::Engine as _;
use base64::engine::general_purpose::{GeneralPurpose, STANDARD, URL_SAFE};

/// The shortest run of an encoded token that is looked for: shorter ones stand in data by chance.
const SHORTEST_ENCODED: usize = 8;

/// The shortest token that is looked for.
const SHORTEST_TOKEN: usize = 4;

/// Returns the spellings of a token in which no character stands for itself, and the token, each with the length in which a
/// run of `run` characters of the token shows in it.
pub(super) fn needles(token: &[u8], run: usize) -> Vec<(Vec<u8>, usize)> {
    let run = run.min(token.len());
    if run < SHORTEST_TOKEN {
        return Vec::new();
    }
    let mut needles = vec![(token.to_vec(), run)];
    for token in in_each_case(token) {
        let encoded = (0..3)
            .flat_map(|before| {
                [&STANDARD, &URL_SAFE].map(|alphabet| base64(alphabet, &token, before))
            })
            .map(|encoded| (encoded, base64_run(run)))
            .chain([
                (joined(&token, "", hexadecimal), 2 * run),
                (joined(&token, ":", hexadecimal), 3 * run - 1),
                (joined(&token, ",", |byte| byte.to_string()), 3 * run - 1),
            ]);
        needles.extend(encoded.filter(|(_, run)| *run >= SHORTEST_ENCODED));
    }
    needles.extend(
        nested(token, run)
            .into_iter()
            .filter(|(_, run)| *run >= SHORTEST_ENCODED),
    );
    needles
}

/// What two encodings make of a token.
fn nested(token: &[u8], run: usize) -> Vec<(Vec<u8>, usize)> {
    let wide: Vec<u8> = token.iter().flat_map(|byte| [*byte, 0]).collect();
    let hex = joined(token, "", hexadecimal);
    let mut inner = vec![(wide, 2 * run - 1), (hex, 2 * run)];
    let in_base64 = |before| (base64(&STANDARD, token, before), base64_run(run));
    inner.extend((0..3).map(in_base64));
    let mut nested = Vec::new();
    for (text, run) in inner {
        nested.push((joined(&text, "", hexadecimal), 2 * run));
        for before in 0..3 {
            nested.push((base64(&STANDARD, &text, before), base64_run(run)));
        }
    }
    nested
}

fn in_each_case(token: &[u8]) -> [Vec<u8>; 4] {
    let swapped = token.iter().map(|byte| {
        if byte.is_ascii_lowercase() {
            byte.to_ascii_uppercase()
        } else {
            byte.to_ascii_lowercase()
        }
    });
    [
        token.to_vec(),
        token.to_ascii_lowercase(),
        token.to_ascii_uppercase(),
        swapped.collect(),
    ]
}

/// What base64 makes of a token behind so many other bytes, without the characters that also depend on its neighbours.
fn base64(alphabet: &GeneralPurpose, token: &[u8], before: usize) -> Vec<u8> {
    let mut bytes = vec![0; before];
    bytes.extend_from_slice(token);
    let encoded = alphabet.encode(&bytes);
    let start = (8 * before).div_ceil(6);
    let end = 8 * bytes.len() / 6;
    encoded.as_bytes()[start..end].to_vec()
}

/// How many characters of base64 a run has wherever it begins: up to four bits belong to a neighbour's character at either end.
const fn base64_run(run: usize) -> usize {
    (8 * run).saturating_sub(8) / 6
}

fn hexadecimal(byte: u8) -> String {
    format!("{byte:02x}")
}

fn joined(token: &[u8], between: &str, spell: impl Fn(u8) -> String) -> Vec<u8> {
    let spelt: Vec<String> = token.iter().copied().map(spell).collect();
    spelt.join(between).into_bytes()
}
