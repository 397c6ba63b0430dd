//! Damaged answers for the tests: the samples, broken in every way that comes to mind.

use std::{fs, path::Path};

/// Damaged answers per sample.
pub(crate) const ROUNDS: usize = 1000;

/// Values that stand where others are expected.
const VALUES: [&str; 26] = [
    "null",
    "true",
    "false",
    "0",
    "1",
    "-1",
    "1.0",
    "1e400",
    "-1e-400",
    "99999999999999999999999999999999999999999",
    "0.1000000000000000055511151231257827021181583404541015625",
    "\"\"",
    "\"1\"",
    "\" \"",
    "\"true\"",
    "\"1e9\"",
    "\"\\ud800\"",
    "\"\\u0000\"",
    "\"\u{fffd}\u{1f4a9}\"",
    "[]",
    "[\"\"]",
    "[null,1,[]]",
    "{}",
    "{\"vod\":{\"vod\":{}}}",
    "{\"id\":{\"id\":1}}",
    "[[[[[[[[[[[[[[[[",
];

/// A generator of numbers that are the same in every run (xorshift).
pub(crate) struct Numbers(pub(crate) u64);

impl Numbers {
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(bound.max(1)).unwrap()).unwrap()
    }
}

/// Returns a text with one or two things broken.
pub(crate) fn damage(text: &str, numbers: &mut Numbers) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for _ in 0..=numbers.below(2) {
        let at = numbers.below(bytes.len());
        let to = (at + numbers.below(20)).min(bytes.len());
        match numbers.below(10) {
            0 => bytes.truncate(at),
            1 => drop(bytes.drain(at..to)),
            2 => {
                let part = bytes[at..to].to_vec();
                bytes.splice(at..at, part);
            }
            3 if !bytes.is_empty() => {
                bytes[at] = u8::try_from(numbers.below(256)).unwrap();
            }
            4 if !bytes.is_empty() => {
                bytes[at] = b"{}[]\",:\\0-e."[numbers.below(12)];
            }
            _ => replace_value(&mut bytes, numbers),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Puts another value after one of the colons.
fn replace_value(bytes: &mut Vec<u8>, numbers: &mut Numbers) {
    let starts: Vec<_> = (0..bytes.len()).filter(|&i| bytes[i] == b':').collect();
    let Some(&start) = starts.get(numbers.below(starts.len())) else {
        return;
    };
    let len = bytes[start..]
        .iter()
        .position(|b| matches!(b, b',' | b'}' | b'\n'))
        .unwrap_or(1);
    let value = VALUES[numbers.below(VALUES.len())];
    bytes.splice(start + 1..start + len.max(1), value.bytes());
}

/// Which samples: those of REST are named `rest-…`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Api {
    JsonRpc,
    Rest,
}

/// Returns the sample answers of an API.
pub(crate) fn samples(api: Api) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/api");
    fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| {
            let name = entry.file_name().into_string().unwrap();
            name.ends_with(".answer.json") && name.starts_with("rest-") == (api == Api::Rest)
        })
        .map(|entry| fs::read_to_string(entry.path()).unwrap())
        .collect()
}
