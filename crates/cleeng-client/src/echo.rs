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

use self::decode::{decoded, reduced};
use self::needle::needles;

/// How many characters of the token in a row repeat it; of a shorter token, all of them.
const RUN: usize = 10;

/// How often an encoding is undone: thrice percent-encoded inside JSON inside JSON is five.
const DEPTH: usize = 6;

/// How many bytes at once are looked up in the table of [`Echo`].
const GRAM: usize = 8;

/// The distance of the places that are looked up: each run has a gram that begins at one of them.
const STEP: usize = RUN - GRAM + 1;

/// The size of the table in bits, as a power of two: with two bits for a gram, one in ten thousand others is in it.
const TABLE_BITS: u32 = 18;

/// What a token is recognized by. It holds hashes and not the token.
pub(crate) struct Echo {
    /// Two bits for each eight bytes in a row of anything that spells the token. Empty if the token is too short for that:
    /// then every place of a text is looked at.
    grams: Vec<u64>,
    /// The hashes of all runs, by their length.
    runs: Vec<(usize, HashSet<u64>)>,
}

impl Echo {
    pub(crate) fn new(token: &str) -> Self {
        let has_grams = token.len() >= RUN;
        let mut echo = Self {
            grams: vec![0; if has_grams { 1 << TABLE_BITS >> 6 } else { 0 }],
            runs: Vec::new(),
        };
        for (text, run) in needles(token.as_bytes(), RUN) {
            echo.learn(&folded(&text), run);
        }
        echo
    }

    fn learn(&mut self, text: &[u8], run: usize) {
        if !self.grams.is_empty() {
            for gram in text.windows(GRAM).filter_map(gram_of) {
                for (word, bit) in bits(gram) {
                    self.grams[word] |= bit;
                }
            }
        }
        let hashes = text.windows(run).map(hash);
        match self.runs.iter_mut().find(|(length, _)| *length == run) {
            Some((_, known)) => known.extend(hashes),
            None => self.runs.push((run, hashes.collect())),
        }
    }

    /// Whether a text has ten characters of the token in a row, in any usual encoding and any case.
    pub(crate) fn is_in(&self, text: &[u8]) -> bool {
        self.is_in_body(text) || reduced(text).iter().any(|view| self.is_plainly_in(view))
    }

    /// The same for a body, which is large: how numbers and letters are set apart is not looked at.
    pub(crate) fn is_in_body(&self, text: &[u8]) -> bool {
        if self.is_plainly_in(text) {
            return true;
        }
        let mut view = decoded(text);
        for _ in 1..DEPTH {
            if self.is_plainly_in(&view.text) {
                return true;
            }
            if !view.has_undone {
                return false;
            }
            view = decoded(&view.text);
        }
        self.is_plainly_in(&view.text)
    }

    fn is_plainly_in(&self, text: &[u8]) -> bool {
        if self.grams.is_empty() {
            return self.has_run(text);
        }
        let places = (0..text.len()).step_by(STEP);
        places.into_iter().any(|place| {
            let gram = gram_of(&text[place..]);
            let is_known = |gram| {
                let mut bits = bits(gram).into_iter();
                bits.all(|(word, bit)| self.grams[word] & bit != 0)
            };
            gram.is_some_and(is_known) && self.is_around(text, place)
        })
    }

    /// Whether a run stands around a place.
    fn is_around(&self, text: &[u8], place: usize) -> bool {
        let longest = self.runs.iter().map(|(length, _)| *length).max();
        let longest = longest.unwrap_or_default();
        let first = (place + GRAM).saturating_sub(longest);
        self.has_run(&text[first..(place + longest).min(text.len())])
    }

    fn has_run(&self, text: &[u8]) -> bool {
        let text = folded(text);
        let mut runs = self.runs.iter();
        runs.any(|(length, known)| text.windows(*length).any(|run| known.contains(&hash(run))))
    }
}

impl fmt::Debug for Echo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Echo(***)")
    }
}

/// What makes equal what differs in case, in each byte. It also makes equal what nobody mistakes for one another.
const FOLD: u8 = 0x20;

fn folded(text: &[u8]) -> Vec<u8> {
    text.iter().map(|byte| byte | FOLD).collect()
}

/// The first bytes of a text, folded, as a number.
fn gram_of(text: &[u8]) -> Option<u64> {
    let bytes = text.first_chunk::<GRAM>()?;
    Some(u64::from_le_bytes(*bytes) | u64::from_le_bytes([FOLD; GRAM]))
}

/// The places of a gram in the table.
fn bits(gram: u64) -> [(usize, u64); 2] {
    let mixed = gram.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    [mixed >> (64 - TABLE_BITS), mixed >> (64 - 2 * TABLE_BITS)].map(|place| {
        let place = place & ((1 << TABLE_BITS) - 1);
        let word = usize::try_from(place >> 6).unwrap_or_default();
        (word, 1 << (place & 63))
    })
}

/// FNV-1a.
fn hash(run: &[u8]) -> u64 {
    run.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests;
