//! From a text to entries with their comments: [`read`].
//!
//! A cursor goes through the text in step with the tree of places, so that every sign and every comment between two
//! values is met once and finds its entry:
//!
//! - a comment at the end of a line belongs to the entry of that line, and those below it that are aligned with it do too;
//! - a comment on a line of its own belongs to the entry that follows in the same block;
//! - behind the last entry of a block, it belongs to the end of the innermost block that is not indented deeper than it.

use std::collections::BTreeMap;

use super::cursor::{Read, ReadError, Reader};
use super::entry::{Collection, CollectionKind, Entry, Key, Line, Page, Shape, Text, Value};
use crate::diagnostic::Diagnostics;
use crate::yaml::{Data, NodeId, NodeKind, Tree, Yaml};

/// Reads a file whose outermost node is a mapping.
pub(super) fn read(tree: &Tree<'_>) -> Read<Page> {
    let mut reader = Reader {
        text: &tree.source().text,
        tree,
        at: 0,
        texts: texts(tree)?,
        anchored: tree.anchored(),
    };
    let mut lead = reader.lead();
    if reader.marker("---") {
        lead.extend(reader.lead());
    }
    let mut aside = Vec::new();
    let anchor = reader.anchor(tree.root(), &mut aside, &mut lead)?;
    lead.extend(aside.into_iter().map(Line::Comment));
    let is_flow = reader.rest().starts_with('{');
    let (header, first) = split_header(lead);
    let mut collection = if is_flow {
        reader.flow(tree.root())?
    } else {
        reader.block(tree.root(), None, Vec::new())?
    };
    if let Some(entry) = collection.entries.first_mut() {
        let own = std::mem::take(&mut entry.lead);
        entry.lead = first;
        entry.lead.extend(own);
    }
    collection.tail.extend(reader.lead());
    if reader.marker("...") {
        collection.tail.extend(reader.lead());
    }
    if reader.at < reader.text.len() {
        return Err(reader.trouble("what stands"));
    }
    let root = Value {
        anchor,
        shape: Shape::Collection(collection),
    };
    Ok(Page { header, root })
}

/// The texts of all keys, and of all single values that are not simply what stands there.
fn texts(tree: &Tree<'_>) -> Read<BTreeMap<NodeId, Box<str>>> {
    let mut texts = BTreeMap::new();
    let mut diagnostics = Diagnostics::new();
    for (key, value) in tree.entries(tree.root()) {
        let name = tree
            .text(key, &mut diagnostics)
            .ok_or(ReadError::Undecoded)?;
        let inner = &*name == "offers" && tree.kind(value) == NodeKind::Mapping;
        texts.insert(key, name);
        if !inner {
            let yaml = tree.decode(value, &mut diagnostics);
            collect(tree, yaml.ok_or(ReadError::Undecoded)?, &mut texts);
            continue;
        }
        // One by one, because a catalogue is large.
        for (key, value) in tree.entries(value) {
            let name = tree
                .text(key, &mut diagnostics)
                .ok_or(ReadError::Undecoded)?;
            texts.insert(key, name);
            let yaml = tree.decode(value, &mut diagnostics);
            collect(tree, yaml.ok_or(ReadError::Undecoded)?, &mut texts);
        }
    }
    Ok(texts)
}

fn collect(tree: &Tree<'_>, yaml: Yaml<'_>, texts: &mut BTreeMap<NodeId, Box<str>>) {
    match yaml.data {
        Data::Null => {}
        Data::Scalar(text) => {
            if *text != tree.source().text[tree.bytes(yaml.node)] {
                texts.insert(yaml.node, text.into());
            }
        }
        Data::Sequence(items) => items
            .into_iter()
            .for_each(|item| collect(tree, item, texts)),
        Data::Mapping(entries) => {
            for (name, key, value) in entries {
                texts.insert(key, name.into());
                collect(tree, value, texts);
            }
        }
    }
}

/// What stands above the first key is about the file. If that key is to move, its own comment is the paragraph right
/// above it.
fn split_header(mut lead: Vec<Line>) -> (Vec<Line>, Vec<Line>) {
    let own = lead
        .iter()
        .rposition(|line| *line == Line::Blank)
        .filter(|blank| blank + 1 < lead.len() && *blank > 0);
    let first = own.map_or_else(Vec::new, |blank| lead.split_off(blank));
    (lead, first)
}

impl Reader<'_> {
    /// Reads a mapping or list that stands in lines of its own.
    ///
    /// `parent` is the column of the collection around it, `lead` what stands above its first entry.
    fn block(
        &mut self,
        id: NodeId,
        parent: Option<usize>,
        mut lead: Vec<Line>,
    ) -> Read<Collection> {
        let column = self.column(self.at);
        let mut entries = Vec::new();
        let kind = if self.tree.kind(id) == NodeKind::Sequence {
            for (index, item) in self.tree.children(id).enumerate() {
                if index > 0 {
                    lead.extend(self.lead());
                }
                self.sign('-')?;
                let (aside, value) = self.value(item, column, &mut lead)?;
                let lead = std::mem::take(&mut lead);
                entries.push(Entry {
                    lead,
                    key: None,
                    aside,
                    value,
                });
            }
            CollectionKind::List
        } else {
            for (index, (key, value)) in self.tree.entries(id).enumerate() {
                if index > 0 {
                    lead.extend(self.lead());
                }
                entries.push(self.entry((key, value), column, &mut lead)?);
            }
            CollectionKind::Mapping
        };
        // What is aligned with a list that is not indented may as well belong to the mapping around it.
        let tail = self.tail(if parent == Some(column) {
            column + 1
        } else {
            column
        });
        lead.extend(tail);
        Ok(Collection {
            kind,
            flow: false,
            entries,
            tail: lead,
        })
    }

    /// Reads an entry of a block mapping.
    fn entry(
        &mut self,
        (key, value): (NodeId, NodeId),
        column: usize,
        lead: &mut Vec<Line>,
    ) -> Read<Entry> {
        let explicit = self.tree.bytes(key).start != self.at && self.passes('?');
        if explicit {
            lead.extend(self.lead());
        }
        let key = self.key(key, lead)?;
        let before = self.at;
        let mut between = if explicit {
            self.lead()
        } else {
            self.blanks();
            Vec::new()
        };
        if !self.passes(':') {
            // `? key` without a value.
            self.at = before;
            return Ok(nothing(key, std::mem::take(lead)));
        }
        lead.append(&mut between);
        let (aside, value) = self.value(value, column, lead)?;
        Ok(Entry {
            lead: std::mem::take(lead),
            key: Some(key),
            aside,
            value,
        })
    }

    fn key(&mut self, id: NodeId, lead: &mut Vec<Line>) -> Read<Key> {
        let mut aside = Vec::new();
        let anchor = self.anchor(id, &mut aside, lead)?;
        lead.extend(aside.into_iter().map(Line::Comment));
        let name = self.texts.get(&id).cloned().ok_or(ReadError::Undecoded)?;
        let written = self.leaf(id)?;
        let text = match written.chars().next() {
            Some(quote @ ('"' | '\'')) => Text::Quoted {
                text: name.clone(),
                quote,
            },
            _ if *name == *written => Text::Plain(written.to_owned()),
            _ => return Err(self.trouble("a key in several lines")),
        };
        Ok(Key { name, text, anchor })
    }

    /// Reads a value behind its colon or dash, and the comments at the end of its line.
    ///
    /// Comments between the colon and a value of one line go above the entry.
    fn value(
        &mut self,
        id: NodeId,
        column: usize,
        lead: &mut Vec<Line>,
    ) -> Read<(Vec<String>, Value)> {
        if self.is_nothing(id) && !self.anchored.contains(&id) {
            let aside = self.aside();
            return Ok((aside, plain(None, "null")));
        }
        let mut aside = self.aside();
        let mut between = self.lead();
        let anchor = self.anchor(id, &mut aside, &mut between)?;
        if self.is_nothing(id) {
            lead.extend(comments(between));
            aside.extend(self.aside());
            return Ok((aside, plain(anchor, "null")));
        }
        let shape = match self.tree.kind(id) {
            NodeKind::Sequence | NodeKind::Mapping if !self.rest().starts_with(['[', '{']) => {
                Shape::Collection(self.block(id, Some(column), between)?)
            }
            NodeKind::Sequence | NodeKind::Mapping => {
                lead.extend(comments(between));
                let collection = Shape::Collection(self.flow(id)?);
                aside.extend(self.aside());
                collection
            }
            NodeKind::Scalar { null } => {
                lead.extend(comments(between));
                let block = self.rest().starts_with(['|', '>']);
                let text = if block {
                    let (text, comment) = self.block_scalar(id)?;
                    // Below a header stand the lines of the text.
                    if let Some(comment) = comment {
                        lead.extend(aside.drain(..).map(Line::Comment));
                        aside.push(comment);
                    } else if aside.len() > 1 {
                        lead.extend(aside.drain(..aside.len() - 1).map(Line::Comment));
                    }
                    text
                } else {
                    self.scalar(id, null)?
                };
                if !block {
                    aside.extend(self.aside());
                }
                Shape::Text(text)
            }
            NodeKind::Alias => {
                lead.extend(comments(between));
                let alias = self.leaf(id)?.to_owned();
                aside.extend(self.aside());
                Shape::Text(Text::Plain(alias))
            }
        };
        Ok((aside, Value { anchor, shape }))
    }

    /// Reads a single value that is no block of lines.
    fn scalar(&mut self, id: NodeId, null: bool) -> Read<Text> {
        let written = self.leaf(id)?.trim_end();
        if null {
            return Ok(Text::Plain("null".to_owned()));
        }
        let quote = written.chars().next().filter(|sign| "\"'".contains(*sign));
        let text = self.texts.get(&id).cloned();
        Ok(match (text, quote) {
            (None, _) => Text::Plain(written.to_owned()),
            (Some(text), Some(quote)) if !written.contains('\n') => Text::Quoted { text, quote },
            (Some(text), _) => Text::Lines {
                text,
                lines: written.split('\n').map(stripped).collect(),
            },
        })
    }

    /// Reads `|` or `>` with its lines, and the comment in its first line.
    fn block_scalar(&mut self, id: NodeId) -> Read<(Text, Option<String>)> {
        let rest = self.rest();
        let sign = rest.chars().next().unwrap_or('|');
        let header = rest.split('\n').next().unwrap_or_default();
        let signs = header.find([' ', '\t']).unwrap_or(header.len());
        self.at += signs;
        let comment = self.aside_of_line();
        self.blanks();
        let body = self.at + usize::from(self.rest().starts_with('\n'));
        let bytes = self.tree.bytes(id);
        if bytes.start < self.at {
            return Err(self.trouble("what stands"));
        }
        // The text is missing where it is just what was written.
        let text = self.texts.get(&id).cloned();
        let text = text.unwrap_or_else(|| self.text[bytes.clone()].into());
        if bytes.is_empty() {
            // Blank lines and nothing else; their number is in the text.
            return Ok((Text::Quoted { text, quote: '"' }, comment));
        }
        let indent = self.column(bytes.start);
        let mut lines = Vec::new();
        let (mut end, mut at) = (body, body);
        for line in self.text[body..bytes.end].split_inclusive('\n') {
            at += line.len();
            let line = line.trim_end_matches('\n');
            let blank = line.len() - line.trim_start_matches(' ').len();
            lines.push(line[blank.min(indent)..].to_owned());
            if blank.min(indent) < line.len() {
                end = at;
            }
        }
        while lines.last().is_some_and(String::is_empty) {
            lines.pop();
        }
        // Blank lines behind the text belong to it only if it says so.
        self.at = if text.ends_with("\n\n") {
            bytes.end
        } else {
            end
        };
        Ok((Text::Block { text, sign, lines }, comment))
    }

    /// Reads a mapping or list between brackets.
    fn flow(&mut self, id: NodeId) -> Read<Collection> {
        let is_list = self.tree.kind(id) == NodeKind::Sequence;
        let (open, close) = if is_list { ('[', ']') } else { ('{', '}') };
        self.sign(open)?;
        let mut lead = comments(self.lead());
        let mut entries = Vec::new();
        if is_list {
            for item in self.tree.children(id) {
                let mut aside = Vec::new();
                let value = self.flow_value(item, &mut aside, &mut lead)?;
                let own = std::mem::take(&mut lead);
                lead = self.comma(&mut aside);
                entries.push(Entry {
                    lead: own,
                    key: None,
                    aside,
                    value,
                });
            }
        } else {
            for pair in self.tree.entries(id) {
                let mut entry = self.flow_entry(pair, std::mem::take(&mut lead))?;
                lead = self.comma(&mut entry.aside);
                entries.push(entry);
            }
        }
        self.sign(close)?;
        Ok(Collection {
            kind: if is_list {
                CollectionKind::List
            } else {
                CollectionKind::Mapping
            },
            flow: true,
            entries,
            tail: lead,
        })
    }

    /// Goes behind the comma after an entry; returns the comments above the next one.
    fn comma(&mut self, aside: &mut Vec<String>) -> Vec<Line> {
        aside.extend(self.aside());
        let mut lead = comments(self.lead());
        if self.passes(',') {
            aside.extend(self.aside());
            lead.extend(comments(self.lead()));
        }
        lead
    }

    fn flow_entry(&mut self, (key, value): (NodeId, NodeId), mut lead: Vec<Line>) -> Read<Entry> {
        if self.tree.bytes(key).start != self.at && self.passes('?') {
            lead.extend(comments(self.lead()));
        }
        let key = self.key(key, &mut lead)?;
        let before = self.at;
        let between = comments(self.lead());
        if !self.passes(':') {
            self.at = before;
            return Ok(nothing(key, lead));
        }
        lead.extend(between);
        let mut aside = Vec::new();
        let value = self.flow_value(value, &mut aside, &mut lead)?;
        Ok(Entry {
            lead,
            key: Some(key),
            aside,
            value,
        })
    }

    fn flow_value(
        &mut self,
        id: NodeId,
        aside: &mut Vec<String>,
        lead: &mut Vec<Line>,
    ) -> Read<Value> {
        if self.is_nothing(id) && !self.anchored.contains(&id) {
            return Ok(plain(None, "null"));
        }
        aside.extend(self.aside());
        lead.extend(comments(self.lead()));
        let mut behind = Vec::new();
        let anchor = self.anchor(id, aside, &mut behind)?;
        lead.extend(comments(behind));
        if self.is_nothing(id) {
            return Ok(plain(anchor, "null"));
        }
        let shape = match self.tree.kind(id) {
            NodeKind::Sequence => Shape::Collection(self.flow(id)?),
            NodeKind::Mapping if self.rest().starts_with('{') => Shape::Collection(self.flow(id)?),
            // `[key: value]`
            NodeKind::Mapping => {
                let mut entries = Vec::new();
                for pair in self.tree.entries(id) {
                    entries.push(self.flow_entry(pair, Vec::new())?);
                }
                Shape::Collection(Collection {
                    kind: CollectionKind::Mapping,
                    flow: true,
                    entries,
                    tail: Vec::new(),
                })
            }
            NodeKind::Scalar { null } => Shape::Text(self.scalar(id, null)?),
            NodeKind::Alias => Shape::Text(Text::Plain(self.leaf(id)?.to_owned())),
        };
        Ok(Value { anchor, shape })
    }
}

fn nothing(key: Key, lead: Vec<Line>) -> Entry {
    Entry {
        lead,
        key: Some(key),
        aside: Vec::new(),
        value: plain(None, "null"),
    }
}

fn plain(anchor: Option<String>, text: &str) -> Value {
    Value {
        anchor,
        shape: Shape::Text(Text::Plain(text.to_owned())),
    }
}

/// Blank lines have a meaning between the lines of a block only.
fn comments(mut lines: Vec<Line>) -> Vec<Line> {
    lines.retain(|line| *line != Line::Blank);
    lines
}

/// A line of a text in several lines, without what reading folds away.
fn stripped(line: &str) -> String {
    let inner = line.trim_start_matches([' ', '\t']);
    let short = inner.trim_end_matches([' ', '\t']);
    // A blank behind a backslash is part of the text.
    let escapes = short.len() - short.trim_end_matches('\\').len();
    let kept = short.len() + usize::from(escapes % 2 == 1 && short.len() < inner.len());
    inner[..kept].to_owned()
}
