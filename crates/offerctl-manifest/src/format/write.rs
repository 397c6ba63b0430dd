//! From entries to a text: [`write`].

use unicode_width::UnicodeWidthStr;

use super::entry::{Collection, CollectionKind, Entry, Key, Line, Page, Shape, Text, Value};
use super::scalar;
use crate::yaml::Surroundings;

/// The longest line that a collection between brackets may make; a longer one gets a line for each entry.
const WIDTH: usize = 100;

/// How much deeper a block stands than the one around it.
const INDENT: usize = 2;

/// How many entries' lines are apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Spacing {
    /// As somebody wrote them.
    AsWritten,
    /// By a blank line each: offers.
    Apart,
}

/// Writes a file.
pub(super) fn write(page: Page) -> String {
    let Page { header, mut root } = page;
    let mut writer = Writer::default();
    writer.lines(&header, 0);
    if let Some(anchor) = &root.anchor {
        writer.line(0, &["--- ", anchor].concat());
    }
    let Some(root) = root.mapping_mut() else {
        return writer.text;
    };
    for entry in &mut root.entries {
        let is_offers = entry.key.as_ref().is_some_and(|key| &*key.name == "offers");
        if is_offers {
            writer.blank();
        }
        writer.lines(&entry.lead, 0);
        let offers = entry.value.mapping_mut().filter(|_| is_offers);
        let has_offers = offers.is_some_and(|offers| {
            // A file is read from top to bottom, whatever it was made by.
            offers.flow = offers.entries.is_empty();
            !offers.flow
        });
        let spacing = if has_offers {
            Spacing::Apart
        } else {
            Spacing::AsWritten
        };
        writer.entry(entry, 0, spacing);
    }
    writer.lines(&root.tail, 0);
    writer.text
}

#[derive(Default)]
struct Writer {
    text: String,
    /// Whether a dash was written and the first entry behind it goes on in its line.
    in_line: bool,
}

impl Writer {
    /// Begins a line.
    fn begin(&mut self, indent: usize) {
        if !std::mem::take(&mut self.in_line) {
            self.text.extend(std::iter::repeat_n(' ', indent));
        }
    }

    fn line(&mut self, indent: usize, text: &str) {
        self.begin(indent);
        self.text.push_str(text);
        self.text.push('\n');
    }

    /// Leaves one line blank, unless there is nothing before it.
    fn blank(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with("\n\n") && !self.in_line {
            self.text.push('\n');
        }
    }

    fn lines(&mut self, lines: &[Line], indent: usize) {
        for line in lines {
            match line {
                Line::Blank => self.blank(),
                Line::Comment(comment) => self.line(indent, comment),
            }
        }
    }

    /// Writes the entries of a block.
    fn entries(&mut self, collection: &Collection, indent: usize, spacing: Spacing) {
        for (index, entry) in collection.entries.iter().enumerate() {
            let lead = match entry.lead.as_slice() {
                [Line::Blank, rest @ ..] if index == 0 || spacing == Spacing::Apart => rest,
                lead => lead,
            };
            if index > 0 && spacing == Spacing::Apart {
                self.blank();
            }
            self.lines(lead, indent);
            self.entry(entry, indent, Spacing::AsWritten);
        }
        self.lines(&collection.tail, indent);
    }

    /// Writes an entry, without what stands above it.
    fn entry(&mut self, entry: &Entry, indent: usize, spacing: Spacing) {
        self.begin(indent);
        let start = self.text.len();
        match &entry.key {
            Some(key) => {
                self.text.push_str(&key_text(key, Surroundings::Block));
                self.text.push(':');
            }
            None => self.text.push('-'),
        }
        if let Some(anchor) = &entry.value.anchor {
            self.text.push(' ');
            self.text.push_str(anchor);
        }
        match &entry.value.shape {
            Shape::Text(text) => self.text(text, &entry.aside, indent),
            Shape::Collection(collection) => {
                let column = indent + self.text[start..].width() + 1;
                match flat_if_it_fits(collection, column) {
                    Some(flat) => {
                        self.text.push(' ');
                        self.text.push_str(&flat);
                        let mut aside = entry.aside.clone();
                        aside.extend(remarks(collection));
                        self.aside(&aside);
                    }
                    None => self.block(entry, collection, indent, spacing),
                }
            }
        }
    }

    /// Writes a single value behind its key or dash.
    fn text(&mut self, text: &Text, aside: &[String], indent: usize) {
        let lines = scalar::lines(text);
        let (first, rest) = lines.split_first().expect("a value has a line");
        self.text.push(' ');
        self.text.push_str(first);
        let is_block = matches!(text, Text::Block { .. }) && first.starts_with(['|', '>']);
        if is_block {
            self.aside(aside);
        }
        for (index, line) in rest.iter().enumerate() {
            if !is_block || index > 0 {
                self.text.push('\n');
            }
            if !line.is_empty() {
                self.text.extend(std::iter::repeat_n(' ', indent + INDENT));
                self.text.push_str(line);
            }
        }
        if is_block {
            self.text.push('\n');
        } else {
            self.aside(aside);
        }
    }

    /// Writes a collection in lines of its own below its key or dash.
    fn block(&mut self, entry: &Entry, collection: &Collection, indent: usize, spacing: Spacing) {
        let first = collection.entries.first();
        let bare = first.is_some_and(|first| first.lead.iter().all(|line| *line == Line::Blank));
        let is_item = entry.key.is_none() && entry.value.anchor.is_none();
        if is_item && bare && entry.aside.is_empty() {
            self.text.push(' ');
            self.in_line = true;
        } else {
            self.aside(&entry.aside);
        }
        self.entries(collection, indent + INDENT, spacing);
    }

    /// Ends a line with its comments; all but the first stand below it, aligned.
    fn aside(&mut self, comments: &[String]) {
        let Some((first, rest)) = comments.split_first() else {
            self.text.push('\n');
            return;
        };
        self.text.push_str("  ");
        let line_start = self.text.rfind('\n').map_or(0, |newline| newline + 1);
        let column = self.text[line_start..].width();
        self.text.push_str(first);
        self.text.push('\n');
        for comment in rest {
            self.line(column, comment);
        }
    }
}

fn key_text(key: &Key, surroundings: Surroundings) -> String {
    let text = scalar::one_line(&key.text, surroundings);
    match &key.anchor {
        Some(anchor) => format!("{anchor} {text}"),
        None => text,
    }
}

/// The comments in brackets with nothing else between them.
fn remarks(collection: &Collection) -> Vec<String> {
    let comment = |line: &Line| match line {
        Line::Blank => None,
        Line::Comment(comment) => Some(comment.clone()),
    };
    collection.tail.iter().filter_map(comment).collect()
}

/// A collection between brackets, if it was written so and is not too long. Comments need lines of their own.
fn flat_if_it_fits(collection: &Collection, column: usize) -> Option<String> {
    if collection.entries.is_empty() {
        return Some(flat(collection));
    }
    if !collection.flow || collection.has_comments() {
        return None;
    }
    let flat = flat(collection);
    (column + flat.width() <= WIDTH).then_some(flat)
}

fn flat(collection: &Collection) -> String {
    let (open, close) = match collection.kind {
        CollectionKind::Mapping => ('{', '}'),
        CollectionKind::List => ('[', ']'),
    };
    let entries: Vec<String> = collection.entries.iter().map(flat_entry).collect();
    format!("{open}{}{close}", entries.join(", "))
}

fn flat_entry(entry: &Entry) -> String {
    let value = flat_value(&entry.value);
    match &entry.key {
        Some(key) => format!("{}: {value}", key_text(key, Surroundings::Flow)),
        None => value,
    }
}

fn flat_value(value: &Value) -> String {
    let text = match &value.shape {
        Shape::Text(text) => scalar::one_line(text, Surroundings::Flow),
        Shape::Collection(collection) => flat(collection),
    };
    match &value.anchor {
        Some(anchor) => format!("{anchor} {text}"),
        None => text,
    }
}
