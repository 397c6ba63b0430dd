//! Changes that leave most of a text as it is: [`mutate`].
//!
//! What libFuzzer does by itself, bytes here and there, seldom leaves YAML or JSON that can be parsed. So most changes
//! are made between tokens: another value, another key, a line more or less.

use std::ops::Range;

/// Values that stand where others are expected; those that fit into JSON as they are come first.
const VALUES: &[&str] = &[
    "null",
    "true",
    "false",
    "0",
    "1",
    "-1",
    "7",
    "48",
    "12.00",
    "9.99",
    "99.99",
    "1e3",
    "1.0",
    "0.001",
    "4294967296",
    "18446744073709551615",
    "99999999999999999999999999",
    "253402207201",
    "1900000000",
    "[]",
    "{}",
    "\"\"",
    "[\"\"]",
    "[null]",
    "\"0\"",
    "\"12.00\"",
    "\"1\"",
    "\"US\"",
    "\"EUR\"",
    "\"month\"",
    "\"offer-1\"",
    "\"P123123123_US\"",
    "\"S740060915\"",
    "\"id:E123456789_US\"",
    "\"(all)\"",
    "\"https://club.tv/a\"",
    "\"\\u0000\"",
    "\"\u{fffd}\u{1f4a9}\"",
    "\"canary-token-canary\"",
    "\"pass\"",
    "\"vod\"",
    // From here on, for YAML.
    "~",
    "no",
    "NO",
    "off",
    "yes",
    "12,00",
    "$12",
    "0x10",
    "007",
    ".5",
    "'12.00'",
    "JPY",
    "XOF",
    "US",
    "FR",
    "EUR",
    "month",
    "week",
    "pass",
    "event",
    "vod",
    "rental",
    "subscription",
    "single",
    "offer-1",
    "2027-05-30T18:00:00+02:00",
    "2027-05-30",
    "2026-12-31",
    "Europe/Oslo",
    "P123123123_US",
    "id:E123456789_US",
    "https://club.tv/a",
    "${vars.site}/a",
    "${vars.none}",
    "${",
    "30%",
    "sandbox",
    "production",
    "emulator",
    "{env: TOKEN}",
    "{file: token}",
    "{command: [pass, token]}",
    "qW3rTy-canary-qW3rTy",
    "s3://bucket/offers",
    "[US, NO]",
    "{type: whitelist, countries: [US]}",
    "{US: {currency: USD}, FR: {currency: EUR, price: 9}}",
    "[a, b]",
    "&a",
    "*a",
    "!!str x",
    "\u{85}",
    "\u{a0}x",
    "é",
    "|",
    ">-",
    "\t",
];

/// Where the values for YAML begin.
const FIRST_FOR_YAML: usize = 41;

/// Entries that are put into a mapping.
const ENTRIES: &[&str] = &[
    "price: 9.99",
    "price: \"12.0\"",
    "type: pass",
    "type: event",
    "period: month",
    "period: 48",
    "title: Another",
    "currency: EUR",
    "description: ''",
    "tags: [films]",
    "accessToTags: [\"(all)\"]",
    "freeDays: 7",
    "localizations: {US: {currency: USD}, FR: {currency: EUR}}",
    "geoRestriction: null",
    "geoRestriction: {type: blacklist, countries: [SE]}",
    "dependsOn: [offer-1]",
    "eventAssociation: [final]",
    "only: [local]",
    "ids: {local: P123123123_US}",
    "movedFrom: old",
    "lifecycle: {protect: true}",
    "lifecycle: {priceChange: {to: 4.99, reason: sale, until: 2026-12-31}}",
    "lifecycle: {removeCountries: {countries: [\"*\"], reason: x, until: 2026-12-31}}",
    "expiresAt: 2027-02-28T23:59:59+01:00",
    "entitlement: {duration: {periodUnit: day, amount: 30}}",
    "price: {amount: 12.00, rules: [{from: 1, to: 2, amount: 9, name: Early}]}",
    "externalProperties: {a: b}",
    "videoId: x",
    "timeZone: Europe/Oslo",
    "startTime: 1900000000",
    "endTime: 1900003600",
    "teaser: x",
    "token: {env: TOKEN}",
    "token: qW3rTy-canary-qW3rTy",
    "site: sandbox",
    "endpoint: http://127.0.0.1:8787",
    "api: rest",
    "vars: {site: x}",
    "state: s3://bucket/x",
    "limits: {concurrency: 4, batch: 1, timeoutSeconds: 0.5}",
    "guards: {maxDeactivations: 2, maxPriceChange: 30%, price: {USD: {min: 1, max: 2}}}",
    "confirm: true",
    "account: {publisherEmail: a@b.c, country: US, currency: USD}",
    "? x",
    "<<: *a",
    "x: &a [1]",
];

/// How many changes between tokens are tried until one fits the text.
const TRIES: usize = 8;

/// A generator of numbers, the same for the same seed (xorshift).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 8).unwrap_or(usize::MAX) % bound.max(1)
    }

    fn pick<'a, T: ?Sized>(&mut self, of: &[&'a T]) -> Option<&'a T> {
        of.get(self.below(of.len())).copied()
    }
}

/// Changes an input in place; returns how long it is now.
pub fn mutate(data: &mut [u8], size: usize, max_size: usize, seed: u32) -> usize {
    let mut numbers = Numbers(u64::from(seed).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let between_tokens = numbers.below(32) > 0;
    let text = std::str::from_utf8(&data[..size])
        .ok()
        .filter(|text| !text.is_empty());
    if between_tokens
        && let Some(text) = text
        && let Some(changed) = (0..TRIES).find_map(|_| change(text, &mut numbers))
        && changed.len() <= max_size
    {
        data[..changed.len()].copy_from_slice(changed.as_bytes());
        return changed.len();
    }
    libfuzzer_sys::fuzzer_mutate(data, size, max_size)
}

fn change(text: &str, numbers: &mut Numbers) -> Option<String> {
    let tokens = Tokens::of(text);
    // Documents that programs write are strict: what does not fit ends in their parser.
    let choice = if tokens.is_json {
        [
            0, 0, 0, 0, 0, 6, 6, 6, 6, 6, 6, 8, 8, 8, 0, 0, 0, 6, 6, 6, 8, 8, 0, 0, 6, 6, 3, 3, 9,
            14, 14, 13,
        ][numbers.below(32)]
    } else {
        [0, 0, 3, 3, 3, 3, 6, 6, 6, 9, 10, 10, 12, 13, 14, 15][numbers.below(16)]
    };
    match choice {
        0 => tokens.swap_in_alike(text, numbers),
        3 => tokens.swap_in_value(text, numbers),
        6 => tokens.touch_up(text, numbers),
        8 => tokens.swap_in_branch(text, numbers),
        9 => tokens.swap_in_key(text, numbers),
        10 => insert_entry(text, &tokens, numbers),
        12 => copy_line(text, numbers),
        13 => drop_line(text, numbers),
        14 => tokens.drop_member(text, numbers),
        _ => swap_lines(text, numbers),
    }
}

/// The words and quoted texts of YAML or JSON.
#[derive(Default)]
struct Tokens {
    keys: Vec<Range<usize>>,
    values: Vec<Range<usize>>,
    is_json: bool,
}

impl Tokens {
    fn of(text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut tokens = Self {
            is_json: text.trim_start().starts_with(['{', '[']),
            ..Self::default()
        };
        let mut place = 0;
        while place < bytes.len() {
            let start = place;
            match bytes[place] {
                quote @ (b'"' | b'\'') => {
                    place += 1;
                    while place < bytes.len() && bytes[place] != quote {
                        place += if bytes[place] == b'\\' { 2 } else { 1 };
                    }
                    place = (place + 1).min(bytes.len());
                }
                b'#' if !tokens.is_json => {
                    while place < bytes.len() && bytes[place] != b'\n' {
                        place += 1;
                    }
                    continue;
                }
                b' ' | b'\n' | b'\r' | b'\t' | b',' | b':' | b'{' | b'}' | b'[' | b']' | b'-' => {
                    place += 1;
                    // The sign of a number belongs to it.
                    if bytes[start] != b'-' || !bytes.get(place).is_some_and(u8::is_ascii_digit) {
                        continue;
                    }
                }
                _ => {}
            }
            if place == start || bytes[start] == b'-' {
                let ends = |place: usize| match bytes[place] {
                    b' ' | b'\n' | b'\r' | b',' | b'{' | b'}' | b'[' | b']' | b'"' => true,
                    b':' => !matches!(bytes.get(place + 1), Some(b'/' | b'0'..=b'9' | b'E')),
                    _ => false,
                };
                place += 1;
                while place < bytes.len() && !ends(place) {
                    place += 1;
                }
            }
            if text.get(start..place).is_none() {
                continue;
            }
            let after = bytes[place..].iter().find(|byte| **byte != b' ');
            if after == Some(&b':') {
                tokens.keys.push(start..place);
            } else {
                tokens.values.push(start..place);
            }
        }
        tokens
    }

    fn value(&self, numbers: &mut Numbers) -> Option<Range<usize>> {
        self.values.get(numbers.below(self.values.len())).cloned()
    }

    /// The key that a value stands under, itself or in a list.
    fn key_of<'t>(&self, text: &'t str, value: &Range<usize>) -> &'t str {
        let after = self.keys.partition_point(|key| key.end <= value.start);
        after
            .checked_sub(1)
            .map_or("", |index| &text[self.keys[index].clone()])
    }

    /// Another value of the text that stands under the same key.
    fn swap_in_alike(&self, text: &str, numbers: &mut Numbers) -> Option<String> {
        let place = self.value(numbers)?;
        let key = self.key_of(text, &place);
        let alike: Vec<&Range<usize>> = self
            .values
            .iter()
            .filter(|other| {
                text[(*other).clone()] != text[place.clone()] && self.key_of(text, other) == key
            })
            .collect();
        let other = numbers.pick(&alike)?;
        Some(replace(text, place, &text[other.clone()]))
    }

    /// Another object or list that stands under the same key, or both of them if they are members of lists.
    fn swap_in_branch(&self, text: &str, numbers: &mut Numbers) -> Option<String> {
        let branches: Vec<(&str, Range<usize>)> = self
            .keys
            .iter()
            .filter_map(|key| {
                let start = key.end + text[key.end..].find(|found| !matches!(found, ' ' | ':'))?;
                Some((&text[key.clone()], start..closing(text, start)?))
            })
            .collect();
        let (key, place) = branches.get(numbers.below(branches.len()))?;
        let alike: Vec<&Range<usize>> = branches
            .iter()
            .filter(|(other, range)| {
                other == key
                    && range != place
                    && text.as_bytes()[range.start] == text.as_bytes()[place.start]
            })
            .map(|(_, range)| range)
            .collect();
        let Some(other) = numbers.pick(&alike) else {
            // Nothing else is called that: one of its members comes twice.
            let start = place.start + 1;
            let first =
                start + text[start..place.end].find(|found: char| !found.is_whitespace())?;
            let end = closing(text, first)?;
            let member = format!("{},", &text[first..end]);
            return Some(replace(text, first..first, &member));
        };
        Some(replace(text, place.clone(), &text[(*other).clone()]))
    }

    fn swap_in_value(&self, text: &str, numbers: &mut Numbers) -> Option<String> {
        let place = self.value(numbers)?;
        let values = if self.is_json {
            &VALUES[..FIRST_FOR_YAML]
        } else {
            VALUES
        };
        Some(replace(text, place, numbers.pick(values)?))
    }

    fn swap_in_key(&self, text: &str, numbers: &mut Numbers) -> Option<String> {
        let place = self.keys.get(numbers.below(self.keys.len()))?.clone();
        let other = self.keys.get(numbers.below(self.keys.len()))?.clone();
        Some(replace(text, place, &text[other]))
    }

    /// Another digit or letter in a value.
    fn touch_up(&self, text: &str, numbers: &mut Numbers) -> Option<String> {
        let place = self.value(numbers)?;
        let digits: Vec<usize> = place
            .clone()
            .filter(|at| text.as_bytes()[*at].is_ascii_digit())
            .collect();
        // Words are mostly one of a few: another letter makes none of them.
        if digits.is_empty() && self.is_json && numbers.below(8) > 0 {
            return None;
        }
        let at = match digits.get(numbers.below(digits.len() + 1)) {
            Some(digit) => *digit,
            None => place.start + numbers.below(place.len()),
        };
        let (first, count) = match text.as_bytes()[at] {
            b'0'..=b'9' => (b'0', 10),
            b'a'..=b'f' => (b'a', 6),
            b'g'..=b'z' => (b'a', 26),
            b'A'..=b'Z' => (b'A', 26),
            _ => return None,
        };
        let other = char::from(first + u8::try_from(numbers.below(count)).ok()?);
        Some(replace(text, at..at + 1, other.encode_utf8(&mut [0; 4])))
    }

    /// Takes a value out, together with the comma after it.
    fn drop_member(&self, text: &str, numbers: &mut Numbers) -> Option<String> {
        let mut place = self.value(numbers)?;
        if text[place.end..].starts_with(',') {
            place.end += 1;
            let key = self.keys.iter().rev().find(|key| key.end <= place.start);
            if let Some(key) = key
                && text[key.end..place.start].trim() == ":"
            {
                place.start = key.start;
            }
        }
        Some(replace(text, place, ""))
    }
}

/// Where the object or list ends that begins here.
fn closing(text: &str, start: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    if !matches!(bytes.get(start)?, b'{' | b'[') {
        return None;
    }
    let (mut depth, mut quoted) = (0_usize, false);
    let mut place = start;
    while place < bytes.len() {
        match bytes[place] {
            b'\\' if quoted => place += 1,
            b'"' => quoted = !quoted,
            b'{' | b'[' if !quoted => depth += 1,
            b'}' | b']' if !quoted => {
                depth -= 1;
                if depth == 0 {
                    return Some(place + 1);
                }
            }
            _ => {}
        }
        place += 1;
    }
    None
}

fn replace(text: &str, place: Range<usize>, with: &str) -> String {
    [&text[..place.start], with, &text[place.end..]].concat()
}

/// Puts an entry before a key: on a line of its own, or with a comma.
fn insert_entry(text: &str, tokens: &Tokens, numbers: &mut Numbers) -> Option<String> {
    let key = tokens.keys.get(numbers.below(tokens.keys.len()))?.clone();
    let entry = if tokens.is_json {
        let value = numbers.pick(&VALUES[..FIRST_FOR_YAML])?;
        let other = tokens.keys.get(numbers.below(tokens.keys.len()))?.clone();
        format!("{}: {value}", &text[other])
    } else {
        (*numbers.pick(ENTRIES)?).to_owned()
    };
    let line = text[..key.start]
        .rfind('\n')
        .map_or(0, |newline| newline + 1);
    let before = &text[line..key.start];
    let separator = if !tokens.is_json && before.trim().is_empty() {
        format!("\n{before}")
    } else {
        ", ".to_owned()
    };
    Some(replace(text, key.start..key.start, &(entry + &separator)))
}

fn lines(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

fn copy_line(text: &str, numbers: &mut Numbers) -> Option<String> {
    let mut lines = lines(text);
    let line = *lines.get(numbers.below(lines.len()))?;
    lines.insert(numbers.below(lines.len() + 1), line);
    Some(lines.concat())
}

fn drop_line(text: &str, numbers: &mut Numbers) -> Option<String> {
    let mut lines = lines(text);
    (lines.len() > 1).then(|| lines.remove(numbers.below(lines.len())))?;
    Some(lines.concat())
}

/// Lines of the same indentation change places.
fn swap_lines(text: &str, numbers: &mut Numbers) -> Option<String> {
    let mut lines = lines(text);
    let indentation = |line: &str| line.len() - line.trim_start_matches(' ').len();
    let one = numbers.below(lines.len());
    let alike: Vec<usize> = (0..lines.len())
        .filter(|other| *other != one && indentation(lines[*other]) == indentation(lines[one]))
        .collect();
    let other = *alike.get(numbers.below(alike.len()))?;
    lines.swap(one, other);
    Some(lines.concat())
}
