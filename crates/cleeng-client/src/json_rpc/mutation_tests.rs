//! Answers that nobody would send: the samples, damaged in every way that comes to mind.
//!
//! Nothing may panic, and nothing without an id may pass for an offer.

use std::{fs, path::Path};

use super::{
    answer::{Form, assign},
    *,
};
use crate::{Token, excerpt::excerpt};

/// Damaged answers per sample.
const ROUNDS: usize = 1000;

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
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(bound.max(1)).unwrap()).unwrap()
    }
}

fn damage(text: &str, numbers: &mut Numbers) -> String {
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

/// Reads a text as the answer to each method in turn. Returns whether any of it was an answer.
fn read_as_everything(json: &str) -> bool {
    fn read<M: Method>(json: &str) -> bool {
        serde_json::from_str::<M::Output>(json).is_ok()
    }
    let mut any = false;
    macro_rules! read {
        ($($method:ident<$($kind:ident)*>),*) => { $($(any |= read::<$method<$kind>>(json);)*)* };
    }
    read!(
        Get<Single Rental Subscription Pass Event Vod>,
        List<Single Rental Subscription Pass Event Vod>,
        CreateMultiCurrency<Single Rental Subscription Pass>
    );
    any
}

/// Returns the sample answers.
fn samples() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/api");
    fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_string_lossy().ends_with(".answer.json"))
        .map(|path| fs::read_to_string(path).unwrap())
        .collect()
}

#[test]
fn damaged_answers_do_not_panic() {
    let token = Token::new("canary-token").unwrap();
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
    let mut assigned = 0;
    for sample in samples() {
        for _ in 0..ROUNDS {
            let text = damage(&sample, &mut numbers);
            let calls = 1 + numbers.below(2);
            let form = [Form::Object, Form::Array][numbers.below(2)];
            for range in assign(&text, form, calls, &token).into_iter().flatten() {
                assigned += usize::from(range.is_ok_and(|range| text.get(range).is_some()));
            }
            assert!(excerpt(&text, &token).len() < 1100);
        }
    }
    assert!(assigned > ROUNDS, "too much damage: {assigned}");
}

#[test]
fn damaged_results_do_not_panic() {
    let token = Token::new("canary-token").unwrap();
    let mut numbers = Numbers(0x2545_f491_4f6c_dd1d);
    let (mut results, mut read) = (0, 0);
    for sample in samples() {
        for range in assign(&sample, Form::Object, 1, &token)
            .into_iter()
            .flatten()
        {
            let Ok(range) = range else {
                continue;
            };
            results += 1;
            assert!(read_as_everything(&sample[range.clone()]), "{sample}");
            for _ in 0..ROUNDS {
                let result = damage(&sample[range.clone()], &mut numbers);
                read += usize::from(read_as_everything(&result));
            }
        }
    }
    // The damage must be light enough for a good part to get through to the fields.
    assert!(results > 15, "{results}");
    assert!(read > results * ROUNDS / 10, "too much damage: {read}");
}

#[test]
fn deep_results_cost_no_stack() {
    let deep = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
    for json in [
        deep.clone(),
        format!(r#"{{"id":"P1_US","accessToTags":{deep}}}"#),
        format!(r#"{{"id":"P1_US","backgroundImageUrl":{deep}}}"#),
        format!(r#"{{"vod":{deep}}}"#),
        format!(r#"{{"items":{deep},"totalItemCount":1}}"#),
    ] {
        read_as_everything(&json);
    }
    let unknown = format!(r#"{{"id":"P1_US","unknown":{deep}}}"#);
    assert!(read_as_everything(&unknown));
}
