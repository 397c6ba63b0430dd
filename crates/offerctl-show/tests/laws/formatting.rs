//! Laws of formatting: whatever the layout, the file says the same with all its comments at their entries, and
//! formatting it once more changes nothing.

use std::fmt::Write;
use std::sync::LazyLock;

use offerctl_manifest::format::{FormatError, format};
use proptest::prelude::*;

use super::config;
use crate::format::{corpus, source};

/// Decisions of the generator, one after the other; when they run out, the simplest are taken.
struct Choices {
    bytes: Vec<u8>,
    at: usize,
}

impl Choices {
    fn one_of(&mut self, count: usize) -> usize {
        let byte = self.bytes.get(self.at).copied().unwrap_or_default();
        self.at += 1;
        usize::from(byte) % count
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.one_of(from.len())]
    }

    fn chance(&mut self, of: usize) -> bool {
        self.one_of(of) == of - 1
    }
}

/// A value before it is laid out.
enum Data {
    Word(String),
    Text(String),
    List(Vec<Self>),
    Mapping(Vec<(String, Self)>),
}

const TEXTS: &[&str] = &[
    "Films",
    "NO",
    "1e3",
    "a: b",
    "a #b",
    "it's",
    "\"q\" and 'p'",
    "${vars.x}/a",
    "[a]",
    "a, b",
    "null",
    "🎬 — films",
    "\\",
    "x: {y}",
    "- a",
    "One\nTwo",
    "One\n\n  Two\n",
    "  One\nTwo\n\n",
    "# One\n- Two",
    "One two three four five",
    "",
    "a\u{200b}b",
    "\n\nOne",
    "One \n Two",
    "\tOne\n",
    "%a",
    "word ".trim_ascii(),
    "A longer text, which may well make the line that it stands in longer than anybody likes it",
];

const TAGS: &[&str] = &["a", "b", "NO", "(all)", "x y", "q,r", "c: d", "12", "é"];

fn word(text: &str) -> Data {
    Data::Word(text.to_owned())
}

fn text(text: &str) -> Data {
    Data::Text(text.to_owned())
}

fn offer(choices: &mut Choices) -> Data {
    let mut entries = vec![
        (
            "type",
            word(choices.pick(&["single", "single", "pass", "vod"])),
        ),
        ("title", text(choices.pick(TEXTS))),
        ("price", word(choices.pick(&["12.00", "3", "0.990"]))),
        ("description", text(choices.pick(TEXTS))),
        ("url", text("https://club.tv/a?b=c")),
        ("dependsOn", Data::List(vec![word("other")])),
        ("only", Data::List(vec![word("local"), text("production")])),
        (
            "lifecycle",
            Data::Mapping(vec![("protect".to_owned(), word("true"))]),
        ),
    ];
    let list = if matches!(&entries[0].1, Data::Word(kind) if kind == "pass") {
        "accessToTags"
    } else {
        "tags"
    };
    let start = choices.one_of(TAGS.len());
    let tags = (0..choices.one_of(4)).map(|index| text(TAGS[(start + index) % TAGS.len()]));
    entries.push((list, Data::List(tags.collect())));
    let row = |currency: &str| {
        vec![
            ("price".to_owned(), word("9.00")),
            ("currency".to_owned(), word(currency)),
        ]
    };
    let mut norway = row("NOK");
    norway.push(("title".to_owned(), text(choices.pick(TEXTS))));
    let rows = vec![
        ("NO".to_owned(), Data::Mapping(norway)),
        ("FR".to_owned(), Data::Mapping(row("EUR"))),
    ];
    entries.push(("localizations", Data::Mapping(rows)));
    let countries = ["US", "NO", "CA"].map(text).into();
    let geo = vec![
        ("countries".to_owned(), Data::List(countries)),
        ("type".to_owned(), word("blacklist")),
    ];
    entries.push(("geoRestriction", Data::Mapping(geo)));
    entries.retain(|(key, _)| *key == "type" || !choices.chance(4));
    for index in (1..entries.len()).rev() {
        entries.swap(index, choices.one_of(index + 1));
    }
    let entries = entries.into_iter();
    Data::Mapping(
        entries
            .map(|(key, value)| (key.to_owned(), value))
            .collect(),
    )
}

/// Lays out values as odd as YAML allows.
struct Scribe<'a> {
    out: String,
    choices: &'a mut Choices,
    comments: usize,
}

impl Scribe<'_> {
    fn newline(&mut self) {
        for _ in 0..self.choices.one_of(4) / 3 {
            self.out
                .push_str(["", "  ", "      "][self.choices.one_of(3)]);
            self.out.push('\n');
        }
    }

    fn comment(&mut self, about: &str) {
        self.comments += 1;
        let odd = self.choices.pick(&["", " a: [\"", " # -", "'"]);
        writeln!(self.out, "# {} {about}{odd}", self.comments).unwrap();
    }

    fn aside(&mut self, key: &str) {
        if self.choices.chance(4) {
            let gap = self.choices.pick(&[" ", "  ", "\t", "      "]);
            self.out.push_str(gap);
            self.comment(&format!("aside {key}."));
        } else {
            self.out.push_str(self.choices.pick(&["", "", " "]));
            self.out.push('\n');
        }
    }

    fn above(&mut self, indent: usize, key: &str) {
        self.newline();
        for _ in 0..self.choices.one_of(6) / 4 {
            self.out.push_str(&" ".repeat(indent));
            self.comment(&format!("above {key}."));
            self.newline();
        }
    }

    fn key(&mut self, key: &str) -> String {
        match self.choices.one_of(6) {
            4 => format!("'{key}'"),
            5 => format!("\"{key}\""),
            _ => key.to_owned(),
        }
    }

    fn mapping(&mut self, entries: &[(String, Data)], indent: usize) {
        for (key, value) in entries {
            self.above(indent, key);
            let written = self.key(key);
            write!(self.out, "{}{written}:", " ".repeat(indent)).unwrap();
            self.value(value, indent, key, false);
        }
        self.above(indent, "end");
    }

    /// Writes a value behind `key:` or `-`, and ends the line.
    fn value(&mut self, value: &Data, indent: usize, key: &str, item: bool) {
        let inner = indent + 1 + self.choices.one_of(4);
        match value {
            Data::Word(_) | Data::Text(_) => self.scalar(value, indent, key),
            Data::List(items) if !items.is_empty() && self.choices.chance(2) => {
                self.aside(if item { "item" } else { key });
                let inner = if item || self.choices.chance(2) {
                    inner
                } else {
                    indent
                };
                for item in items {
                    self.above(inner, "item");
                    let gap = " ".repeat(self.choices.one_of(3));
                    write!(self.out, "{}-{gap}", " ".repeat(inner)).unwrap();
                    self.value(item, inner, "item", true);
                }
            }
            Data::Mapping(entries) if !entries.is_empty() && !self.choices.chance(3) => {
                self.aside(key);
                self.mapping(entries, inner);
            }
            Data::List(_) | Data::Mapping(_) => {
                self.out.push(' ');
                let odd = self.choices.chance(3);
                self.flow(value, odd);
                self.aside(key);
            }
        }
    }

    fn scalar(&mut self, value: &Data, indent: usize, key: &str) {
        let text = match value {
            Data::Word(word) => {
                self.out.push_str(self.choices.pick(&[" ", "   "]));
                self.out.push_str(word);
                self.aside(key);
                return;
            }
            Data::Text(text) => text.clone(),
            Data::List(_) | Data::Mapping(_) => unreachable!("it is a single value"),
        };
        let simple = text.chars().all(|c| c.is_alphanumeric() || c == ' ') && !text.is_empty();
        match self.choices.one_of(4) {
            0 if simple => {
                let gap = format!("\n{}", " ".repeat(indent + 1 + self.choices.one_of(3)));
                let folded = text.replace(' ', &gap);
                let text = if self.choices.chance(2) { folded } else { text };
                write!(self.out, " {text}").unwrap();
                self.aside(key);
            }
            1 if !text.contains(['\n', '\t']) => {
                write!(self.out, " '{}'", text.replace('\'', "''")).unwrap();
                self.aside(key);
            }
            2 if text.contains('\n') && !text.starts_with(['\n', '\t']) => {
                let deep = text.starts_with(' ');
                let chomp = match text.len() - text.trim_end_matches('\n').len() {
                    0 => "-",
                    1 => "",
                    _ => "+",
                };
                let inner = 1 + self.choices.one_of(4);
                let sign = if deep {
                    inner.to_string()
                } else {
                    String::new()
                };
                write!(self.out, " |{sign}{chomp}").unwrap();
                self.aside(key);
                let body = text.trim_end_matches('\n');
                for line in body.split('\n') {
                    let blank = if line.is_empty() { 0 } else { indent + inner };
                    writeln!(self.out, "{}{line}", " ".repeat(blank)).unwrap();
                }
                let breaks = text.len() - body.len();
                self.out.push_str(&"\n".repeat(breaks.saturating_sub(1)));
            }
            _ => {
                let quoted = format!("{text:?}").replace("\\u{200b}", "\\u200b");
                write!(self.out, " {}", quoted.replace("\\'", "'")).unwrap();
                self.aside(key);
            }
        }
    }

    /// Writes a value between brackets.
    fn flow(&mut self, value: &Data, odd: bool) {
        let (open, close) = match value {
            Data::List(_) => ("[", "]"),
            Data::Mapping(_) => ("{", "}"),
            Data::Word(word) => {
                self.out.push_str(word);
                return;
            }
            Data::Text(text) => {
                let quoted = format!("{text:?}").replace("\\u{200b}", "\\u200b");
                self.out.push_str(&quoted.replace("\\'", "'"));
                return;
            }
        };
        self.out.push_str(open);
        self.gap(odd);
        let entries: Vec<(Option<&String>, &Data)> = match value {
            Data::List(items) => items.iter().map(|item| (None, item)).collect(),
            Data::Mapping(entries) => entries
                .iter()
                .map(|(key, data)| (Some(key), data))
                .collect(),
            Data::Word(_) | Data::Text(_) => unreachable!("it is a collection"),
        };
        for (index, (key, data)) in entries.iter().enumerate() {
            if index > 0 {
                self.gap(odd);
                self.out.push(',');
                self.gap(odd);
            }
            if let Some(key) = key {
                let key = self.key(key);
                write!(self.out, "{key}: ").unwrap();
            }
            self.flow(data, odd);
        }
        self.gap(odd);
        self.out.push_str(close);
    }

    /// Something between two signs; far to the right, so that it is deeper than any block.
    fn gap(&mut self, odd: bool) {
        if !odd {
            self.out.push_str(self.choices.pick(&[" ", "", "  "]));
            return;
        }
        match self.choices.one_of(3) {
            0 => self.out.push(' '),
            1 => write!(self.out, "\n{}", " ".repeat(40)).unwrap(),
            _ => {
                self.out.push_str("  ");
                self.comment("brackets");
                self.out.push_str(&" ".repeat(40));
            }
        }
    }
}

/// A manifest with everything in it that people may write.
fn manifest(bytes: Vec<u8>) -> String {
    let mut choices = Choices { bytes, at: 0 };
    let names = ["other", "b-1", "a-2"];
    let count = 1 + choices.one_of(3);
    let offers = names[..count]
        .iter()
        .map(|name| ((*name).to_owned(), offer(&mut choices)));
    let offers = Data::Mapping(offers.collect());
    let mut entries = vec![
        ("version".to_owned(), word("1")),
        ("offers".to_owned(), offers),
        (
            "defaults".to_owned(),
            Data::Mapping(vec![("url".to_owned(), text("https://club.tv"))]),
        ),
    ];
    if choices.chance(2) {
        entries.swap(0, 2);
    }
    let mut scribe = Scribe {
        out: String::new(),
        choices: &mut choices,
        comments: 0,
    };
    scribe.mapping(&entries, 0);
    let mut out = scribe.out;
    if choices.chance(4) {
        out.truncate(out.trim_end().len());
    }
    if choices.chance(4) {
        out = out.replace('\n', "\r\n");
    }
    out
}

/// Whether every comment about an entry still stands beside it, or above it.
fn misplaced(text: &str) -> Option<String> {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let is_of = |line: &str, key: &str| {
        let line = line.trim_start_matches("- ");
        key == "item"
            || line.starts_with(&format!("{key}:"))
            || line.starts_with(&format!("\"{key}\":"))
    };
    for (index, line) in lines.iter().enumerate() {
        let about = |sign: &str| {
            let (_, rest) = line.split_once(sign)?;
            rest.split_once('.').map(|(key, _)| key.to_owned())
        };
        // Texts may end in another line than they begin in.
        let aside =
            about(" aside ").filter(|key| !["title", "description", "url"].contains(&&**key));
        if let Some(key) = aside.filter(|key| !line.starts_with('#') && !is_of(line, key)) {
            return Some(format!("{line}: {key}"));
        }
        if let Some(key) = about(" above ").filter(|key| key != "end" && line.starts_with('#')) {
            let next = lines[index..]
                .iter()
                .find(|line| !line.starts_with('#') && !line.is_empty());
            // Above the first of all it is above the file.
            let first = next.is_some_and(|next| is_of(next, "version"));
            if !first && !next.is_some_and(|next| is_of(next, &key)) {
                return Some(format!("{line}: {next:?}"));
            }
        }
    }
    None
}

/// Formats a text that need not be valid. Returns whether it was.
fn holds(text: &str) -> Result<bool, TestCaseError> {
    let once = match format(&source(text)) {
        Ok(once) => once,
        Err(FormatError::Unproven(why)) => {
            return Err(TestCaseError::fail(format!("{why}\n{text}")));
        }
        Err(FormatError::Layout { .. } | FormatError::Invalid(_)) => return Ok(false),
    };
    match format(&source(&once)) {
        Ok(twice) => prop_assert_eq!(&once, &twice, "of\n{}", text),
        Err(error) => return Err(TestCaseError::fail(format!("{error}\n{once}\nof\n{text}"))),
    }
    Ok(true)
}

/// What is not so long that editing it takes its time.
static CORPUS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let texts = corpus().into_iter().map(|(_, source)| source.text);
    texts.filter(|text| text.len() < 20_000).collect()
});

proptest! {
    #![proptest_config(config())]

    #[test]
    fn odd_layouts_are_formatted_and_keep_their_comments(
        bytes in proptest::collection::vec(any::<u8>(), 0..800),
    ) {
        let text = manifest(bytes);
        let once = match format(&source(&text)) {
            Ok(once) => once,
            // Some texts and layouts of the generator are no manifests.
            Err(FormatError::Invalid(_)) => return Err(TestCaseError::reject("invalid")),
            Err(error) => return Err(TestCaseError::fail(format!("{error}\n{text}"))),
        };
        prop_assert!(holds(&text)?);
        prop_assert_eq!(misplaced(&once), None, "{}\nof\n{}", once, text);
        let own = once.lines().filter(|line| line.trim_end() != *line && !line.contains('"'));
        prop_assert!(own.count() == 0 || text.contains('|'), "{}", once);
    }

    #[test]
    fn corpora_with_edits_are_formatted_or_refused(
        (file, edits) in (any::<proptest::sample::Index>(), proptest::collection::vec(
            (any::<proptest::sample::Index>(), 0..SIGNS.len(), 0..3_usize), 0..5)),
    ) {
        let mut text = file.get(&CORPUS).clone();
        for (place, sign, cut) in edits {
            let mut at = place.index(text.len() + 1);
            while !text.is_char_boundary(at) {
                at -= 1;
            }
            let end = text[at..].char_indices().nth(cut).map_or(text.len(), |(end, _)| at + end);
            text.replace_range(at..end, SIGNS[sign]);
        }
        holds(&text)?;
    }
}

const SIGNS: &[&str] = &[
    "",
    " ",
    "\n",
    "#",
    " # c\n",
    "\n# c\n",
    "\n    # c\n",
    "&a ",
    "*a",
    "|",
    ">",
    "- ",
    "? ",
    ": ",
    "{",
    "}",
    "[",
    "]",
    ",",
    "'",
    "\"",
    "\t",
    "\r\n",
    "\r",
    "---\n",
    "...\n",
    "null",
    "~",
    "\\",
    "\n\n",
    "  ",
    "!",
    "%",
    "a",
    "|+\n",
    "\u{2028}",
    "\u{85}",
    "\u{feff}",
];
