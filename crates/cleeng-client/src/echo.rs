//! Whether a text repeats the publisher token: [`Echo`].
//!
//! A service, or a proxy before it, that repeats what it was sent brings the token into its answers: whole or cut, in
//! another case, and in whatever encoding the place asks for. So a text is looked at as it is and with what can be undone
//! undone, for ten characters of the token in a row, and for the same ten in the encodings that hide single characters
//! (base64, hexadecimal and decimal numbers).

mod decode;
mod needle;

use std::collections::HashSet;
use std::fmt;

use self::decode::decoded;
use self::needle::needles;

/// How many characters of the token in a row repeat it; of a shorter token, all of them.
const RUN: usize = 10;

/// How often an encoding is undone: thrice percent-encoded inside JSON inside JSON is five.
const DEPTH: usize = 6;

/// How many bytes at once are looked up in the table of [`Echo`].
const GRAM: usize = 4;

/// The distance of the places that are looked up: each run has a gram that begins at one of them.
const STEP: usize = RUN - GRAM + 1;

/// The size of the table in bits: a random gram is in it once in some hundred times.
const TABLE_BITS: usize = 1 << 18;

/// What a token is recognized by. It holds hashes and not the token.
pub(crate) struct Echo {
    /// A bit for each four bytes in a row of anything that spells the token.
    grams: Vec<u64>,
    /// The hashes of all runs, by their length.
    runs: Vec<(usize, HashSet<u64>)>,
    step: usize,
}

impl Echo {
    pub(crate) fn new(token: &str) -> Self {
        let mut echo = Self {
            grams: vec![0; TABLE_BITS / 64],
            runs: Vec::new(),
            step: STEP,
        };
        for (text, run) in needles(token.as_bytes(), RUN) {
            echo.step = echo.step.min(run - GRAM + 1);
            echo.learn(&folded(&text), run);
        }
        echo
    }

    fn learn(&mut self, text: &[u8], run: usize) {
        for gram in text.windows(GRAM) {
            let (word, bit) = slot(gram);
            self.grams[word] |= bit;
        }
        let hashes = text.windows(run).map(hash);
        match self.runs.iter_mut().find(|(length, _)| *length == run) {
            Some((_, known)) => known.extend(hashes),
            None => self.runs.push((run, hashes.collect())),
        }
    }

    /// Whether a text has ten characters of the token in a row, in any usual encoding and any case.
    pub(crate) fn is_in(&self, text: &[u8]) -> bool {
        if self.is_plainly_in(text) {
            return true;
        }
        let mut text = decoded(text);
        for _ in 1..DEPTH {
            if self.is_plainly_in(&text) {
                return true;
            }
            let next = decoded(&text);
            if next.len() == text.len() {
                return false;
            }
            text = next;
        }
        self.is_plainly_in(&text)
    }

    fn is_plainly_in(&self, text: &[u8]) -> bool {
        let places = (0..text.len().saturating_sub(GRAM - 1)).step_by(self.step);
        places.into_iter().any(|place| {
            let mut gram = [0; GRAM];
            gram.copy_from_slice(&text[place..place + GRAM]);
            let (word, bit) = slot(&gram.map(fold));
            self.grams[word] & bit != 0 && self.is_around(text, place)
        })
    }

    /// Whether a run stands around a place.
    fn is_around(&self, text: &[u8], place: usize) -> bool {
        self.runs.iter().any(|(length, known)| {
            let first = (place + GRAM).saturating_sub(*length);
            let last = (place + length).min(text.len());
            let around = folded(&text[first..last]);
            around
                .windows(*length)
                .any(|run| known.contains(&hash(run)))
        })
    }
}

impl fmt::Debug for Echo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Echo(***)")
    }
}

/// Makes equal what differs in case, and in the alphabet of base64.
const fn fold(byte: u8) -> u8 {
    match byte {
        b'-' => b'+',
        b'_' => b'/',
        _ => byte.to_ascii_lowercase(),
    }
}

fn folded(text: &[u8]) -> Vec<u8> {
    text.iter().copied().map(fold).collect()
}

/// The place of a gram in the table.
fn slot(gram: &[u8]) -> (usize, u64) {
    let number = gram
        .iter()
        .fold(0_u32, |number, byte| number << 8 | u32::from(*byte));
    let mixed = number.wrapping_mul(0x9E37_79B1) >> (32 - TABLE_BITS.trailing_zeros());
    (mixed as usize / 64, 1 << (mixed % 64))
}

/// FNV-1a.
fn hash(run: &[u8]) -> u64 {
    run.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests;
