//! From the text of a node to its [`Yaml`], as `serde_yaml` reads it: [`Tree::decode`].

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Error, MapAccess, SeqAccess, Visitor};

use super::data::{Data, Entry, Whole, Yaml};
use super::node::{NodeId, NodeKind};
use super::tree::Tree;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};

/// The most values of one part that is decoded at once: an offer with all countries and all fields has a few thousand.
const MAX_DECODED: usize = 200_000;

/// The most values of a file with aliases, which is decoded as a whole.
const MAX_WHOLE: usize = 1_000_000;

impl<'a> Tree<'a> {
    /// Decodes one node and all that is in it.
    pub(crate) fn decode(&self, id: NodeId, diagnostics: &mut Diagnostics) -> Option<Yaml<'a>> {
        if self.size(id) > MAX_DECODED {
            let message = format!("this part of the file has more than {MAX_DECODED} values");
            diagnostics.push(Diagnostic::error(Code::FileSize, message).at(self.span(id)));
            return None;
        }
        // The parser places the start of a list that is not indented behind its first dash.
        let whole = self.has_aliases() || self.kind(id) == NodeKind::Sequence;
        if whole && self.size(self.root()) > MAX_WHOLE {
            let message = format!("a file with aliases has more than {MAX_WHOLE} values");
            let diagnostic = Diagnostic::error(Code::FileSize, message).at(self.span(id));
            diagnostics.push(diagnostic.help("split it into several files"));
            return None;
        }
        let decoded = if whole {
            self.decode_whole(id)
        } else {
            self.decode_part(id).map_err(|error| without_place(&error))
        };
        match decoded {
            Ok(yaml) => Some(yaml),
            Err(error) => {
                // Both parsers accepted or one refused: either way the text means different things to different readers.
                let message = format!("YAML readers disagree on this text: {error}");
                let diagnostic = Diagnostic::error(Code::YamlSyntax, message).at(self.span(id));
                diagnostics.push(diagnostic.help("write it more simply, with quotes around texts"));
                None
            }
        }
    }

    /// Decodes values of one block mapping together: beginning to decode costs as much as a whole offer.
    ///
    /// `None` if they do not stand so plainly that they can be, or if the decoder refuses any of them: each by
    /// itself then tells which one.
    pub(crate) fn decode_together(&self, entries: &[(NodeId, NodeId)]) -> Option<Vec<Yaml<'a>>> {
        let (first, last) = (entries.first()?, entries.last()?);
        let plain = |(_, value): &(NodeId, NodeId)| {
            self.kind(*value) == NodeKind::Mapping && self.size(*value) <= MAX_DECODED
        };
        if self.has_aliases() || !entries.iter().all(plain) {
            return None;
        }
        let range = self.bytes(first.0).start..self.bytes(last.1).end;
        let part = self.part(range)?;
        let seed = EntriesSeed {
            tree: self,
            entries,
        };
        seed.deserialize(serde_yaml::Deserializer::from_str(&part))
            .ok()
    }

    /// The text of a block collection, indented as in the file; `None` if it does not begin its line.
    fn part(&self, range: std::ops::Range<usize>) -> Option<Cow<'_, str>> {
        let text = &self.source().text;
        // From the start of the line, so that the lines below the first are indented alike.
        let before = text[..range.start].trim_end_matches(' ');
        let begins_line = before.is_empty() || before.ends_with('\n');
        begins_line.then(|| Cow::Borrowed(&text[before.len()..range.end]))
    }

    /// Decodes a node from its own bytes, which keeps memory small whatever the size of the file.
    fn decode_part(&self, id: NodeId) -> Result<Yaml<'a>, serde_yaml::Error> {
        let text = &self.source().text;
        let range = self.bytes(id);
        if range.is_empty() && matches!(self.kind(id), NodeKind::Scalar { .. }) {
            return Ok(Yaml {
                node: id,
                data: Data::Null,
            });
        }
        let part = self.part(range.clone()).unwrap_or_else(|| {
            // A block mapping keeps its column, so that the lines below the first are indented alike. What has
            // brackets or quotes does not care, and may stand far behind in a long line.
            if text[range.clone()].starts_with(['{', '[', '"', '\'']) {
                return Cow::Borrowed(&text[range]);
            }
            let line_start = text[..range.start]
                .rfind('\n')
                .map_or(0, |newline| newline + 1);
            let column = text[line_start..range.start].chars().count();
            Cow::Owned(" ".repeat(column) + &text[range])
        });
        NodeSeed { tree: self, id }.deserialize(serde_yaml::Deserializer::from_str(&part))
    }

    /// Picks the node out of the whole file, decoded once: anchors may stand anywhere before their aliases.
    fn decode_whole(&self, id: NodeId) -> Whole {
        let whole = self.whole.get_or_init(|| {
            let seed = NodeSeed {
                tree: self,
                id: self.root(),
            };
            let decoded = seed.deserialize(serde_yaml::Deserializer::from_str(&self.source().text));
            decoded
                .map(Yaml::into_owned)
                .map_err(|error| without_place(&error))
        });
        let found = whole.as_ref().map_err(String::clone)?.find(self.target(id));
        found
            .cloned()
            .ok_or_else(|| "a value is not where it was".to_owned())
    }

    /// Returns the text of a scalar, or `None` if the node is something else.
    pub fn text(&self, id: NodeId, diagnostics: &mut Diagnostics) -> Option<Box<str>> {
        if self.kind(id) != (NodeKind::Scalar { null: false }) {
            return None;
        }
        let slice = &self.source().text[self.bytes(id)];
        // What is plain and on one line is its own text; anything else is for the decoder.
        if !slice.starts_with(['\'', '"', '|', '>']) && !slice.contains('\n') {
            return Some(slice.into());
        }
        match self.decode(id, diagnostics)?.data {
            Data::Scalar(text) => Some(text.into()),
            Data::Null | Data::Sequence(_) | Data::Mapping(_) => None,
        }
    }
}

/// The message of the decoder without its line and column, which count from the part that it was given, and without
/// the text that it could not use, which may be long or a secret.
fn without_place(error: &serde_yaml::Error) -> String {
    let mut words = error.to_string();
    if let (Some(start), Some(end)) = (words.find(" \""), words.rfind('"')) {
        words.replace_range(start..=end.max(start + 1), "");
    }
    words
        .split(" at line ")
        .next()
        .unwrap_or_default()
        .to_owned()
}

/// Decodes the node `id`, in step with the tree.
#[derive(Clone, Copy)]
struct NodeSeed<'t, 'a> {
    tree: &'t Tree<'a>,
    id: NodeId,
}

impl<'de, 'a> DeserializeSeed<'de> for NodeSeed<'_, 'a> {
    type Value = Yaml<'a>;

    fn deserialize<D: serde::Deserializer<'de>>(
        self,
        deserializer: D,
    ) -> Result<Yaml<'a>, D::Error> {
        let target = Self {
            id: self.tree.target(self.id),
            ..self
        };
        let data = match self.tree.kind(target.id) {
            NodeKind::Scalar { null: true } => {
                deserializer.deserialize_option(NothingVisitor)?;
                Data::Null
            }
            NodeKind::Scalar { null: false } => {
                Data::Scalar(deserializer.deserialize_str(TextVisitor(target))?)
            }
            NodeKind::Sequence => {
                Data::Sequence(deserializer.deserialize_seq(SequenceVisitor(target))?)
            }
            NodeKind::Mapping => {
                Data::Mapping(deserializer.deserialize_map(MappingVisitor(target))?)
            }
            NodeKind::Alias => return Err(D::Error::custom("an alias of an alias")),
        };
        Ok(Yaml {
            node: target.id,
            data,
        })
    }
}

/// Decodes the values of some neighbouring entries of a mapping.
struct EntriesSeed<'t, 'a> {
    tree: &'t Tree<'a>,
    entries: &'t [(NodeId, NodeId)],
}

impl<'de, 'a> DeserializeSeed<'de> for EntriesSeed<'_, 'a> {
    type Value = Vec<Yaml<'a>>;

    fn deserialize<D: serde::Deserializer<'de>>(
        self,
        deserializer: D,
    ) -> Result<Vec<Yaml<'a>>, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de, 'a> Visitor<'de> for EntriesSeed<'_, 'a> {
    type Value = Vec<Yaml<'a>>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a mapping")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Self::Value, A::Error> {
        let entries = self.entries.iter().copied();
        let read = read_entries(self.tree, (entries, self.entries.len()), &mut access)?;
        Ok(read.into_iter().map(|(_, _, value)| value).collect())
    }
}

struct NothingVisitor;

impl Visitor<'_> for NothingVisitor {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("nothing")
    }

    fn visit_none<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}

struct TextVisitor<'t, 'a>(NodeSeed<'t, 'a>);

impl<'a> Visitor<'_> for TextVisitor<'_, 'a> {
    type Value = Cow<'a, str>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a single value")
    }

    /// Borrows what stands in the file as it is, with or without quotes: a catalogue has millions of such texts.
    fn visit_str<E>(self, text: &str) -> Result<Cow<'a, str>, E> {
        let NodeSeed { tree, id } = self.0;
        let written = &tree.source().text[tree.bytes(id)];
        let quoted = || written.get(1..written.len().saturating_sub(1));
        Ok(if written == text {
            Cow::Borrowed(written)
        } else if let Some(inner) = quoted().filter(|inner| *inner == text) {
            Cow::Borrowed(inner)
        } else {
            Cow::Owned(text.to_owned())
        })
    }
}

struct SequenceVisitor<'t, 'a>(NodeSeed<'t, 'a>);

impl<'de, 'a> Visitor<'de> for SequenceVisitor<'_, 'a> {
    type Value = Vec<Yaml<'a>>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Vec<Yaml<'a>>, A::Error> {
        let NodeSeed { tree, id } = self.0;
        let mut items = Vec::new();
        for child in tree.children(id) {
            let item = access.next_element_seed(NodeSeed { tree, id: child })?;
            items.push(item.ok_or_else(|| A::Error::custom("an item is missing"))?);
        }
        match access.next_element::<serde::de::IgnoredAny>()? {
            None => Ok(items),
            Some(_) => Err(A::Error::custom("there is one item more")),
        }
    }
}

struct MappingVisitor<'t, 'a>(NodeSeed<'t, 'a>);

impl<'de, 'a> Visitor<'de> for MappingVisitor<'_, 'a> {
    type Value = Vec<Entry<'a>>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a mapping")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Self::Value, A::Error> {
        let NodeSeed { tree, id } = self.0;
        // A catalogue has a mapping for every row: room for just what is in it is half of what would be made.
        let count = tree.entries(id).count();
        read_entries(tree, (tree.entries(id), count), &mut access)
    }
}

/// Reads just these keys, in step with the tree, and their values.
fn read_entries<'de, 'a, A: MapAccess<'de>>(
    tree: &Tree<'a>,
    (nodes, count): (impl Iterator<Item = (NodeId, NodeId)>, usize),
    access: &mut A,
) -> Result<Vec<Entry<'a>>, A::Error> {
    let mut entries = Vec::with_capacity(count);
    for (key, value) in nodes {
        let found = access.next_key_seed(NodeSeed { tree, id: key })?;
        let Some(Yaml {
            data: Data::Scalar(name),
            ..
        }) = found
        else {
            return Err(A::Error::custom("a key is missing"));
        };
        let value = access.next_value_seed(NodeSeed { tree, id: value })?;
        entries.push((name, key, value));
    }
    match access.next_key::<serde::de::IgnoredAny>()? {
        None => Ok(entries),
        Some(_) => Err(A::Error::custom("there is one key more")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::SourceFile;
    use crate::span::FileId;

    fn source(text: &str) -> SourceFile {
        SourceFile::from_bytes(FileId(0), "a.yaml".to_owned(), text.as_bytes().to_vec()).0
    }

    /// Writes a value in a compact form that shows its shape.
    fn compact(yaml: &Yaml<'_>) -> String {
        match &yaml.data {
            Data::Null => "null".to_owned(),
            Data::Scalar(text) => format!("{text:?}"),
            Data::Sequence(items) => format!(
                "[{}]",
                items.iter().map(compact).collect::<Vec<_>>().join(", ")
            ),
            Data::Mapping(entries) => {
                let entries: Vec<_> = entries
                    .iter()
                    .map(|(key, _, value)| format!("{key}: {}", compact(value)))
                    .collect();
                format!("{{{}}}", entries.join(", "))
            }
        }
    }

    /// Decodes the value of the first key, as manifests decode one offer.
    #[track_caller]
    fn check(text: &str, expected: &str) {
        let source = source(text);
        let mut diagnostics = Diagnostics::new();
        let tree = Tree::scan(&source, &mut diagnostics).expect("the text is YAML");
        let (_, value) = tree
            .entries(tree.root())
            .next()
            .expect("the text has an entry");
        let yaml = tree.decode(value, &mut diagnostics);
        assert!(diagnostics.is_empty(), "{diagnostics:?}");
        assert_eq!(compact(&yaml.unwrap()), expected);
    }

    #[test]
    fn scalars_keep_the_text_that_was_written() {
        check(
            "a: {price: 12.00, no: NO, e: 1e3, z: 007, t: true}",
            r#"{price: "12.00", no: "NO", e: "1e3", z: "007", t: "true"}"#,
        );
        check(
            "a: [null, ~, 'null', \"\", '']",
            r#"[null, null, "null", "", ""]"#,
        );
    }

    #[test]
    fn a_part_is_read_as_it_would_be_in_the_whole() {
        check(
            "a:\n  b:\n    c: |+\n      x\n\n\n  # comment\n  d: >-\n   a\n   b\nz: 1\n",
            r#"{b: {c: "x\n\n\n"}, d: "a b"}"#,
        );
        check(
            "a:\n- x\n-  y: 1\n   z: 2\nb: 1\n",
            r#"["x", {y: "1", z: "2"}]"#,
        );
        check("? a\n: k: v\n  l: w\n", r#"{k: "v", l: "w"}"#);
        check("é: {k: [1,\n 2]}\n", r#"{k: ["1", "2"]}"#);
        check("a: 'it''s'\n", r#""it's""#);
        check("a: \"\\u00e9\\n\"\n", "\"é\\n\"");
        check("a: two\n  lines\n", r#""two lines""#);
        check("a:\nb: 1\n", "null");
        check("a: # nothing\n", "null");
        check("a:\n  b: \"x\n    y\"\n", r#"{b: "x y"}"#);
    }

    #[test]
    fn aliases_stand_for_their_anchors() {
        let text = "z: {k: &x [1, 2], l: *x}\n";
        check(text, r#"{k: ["1", "2"], l: ["1", "2"]}"#);
    }

    #[test]
    fn a_value_that_is_an_alias_as_a_whole_is_the_value_of_its_anchor() {
        let source = source("a: &x {k: &y v, l: *y}\nb: *x\nc: {m: *x}\n");
        let mut diagnostics = Diagnostics::new();
        let tree = Tree::scan(&source, &mut diagnostics).unwrap();
        let decoded: Vec<String> = tree
            .entries(tree.root())
            .filter_map(|(_, value)| tree.decode(value, &mut diagnostics))
            .map(|yaml| compact(&yaml))
            .collect();
        let whole = r#"{k: "v", l: "v"}"#;
        assert_eq!(
            decoded,
            [whole, whole, r#"{m: {k: "v", l: "v"}}"#],
            "{diagnostics:?}"
        );
    }

    #[test]
    fn places_are_those_of_the_file() {
        let source = source("x: 1\na:\n  title: Hello\n");
        let mut diagnostics = Diagnostics::new();
        let tree = Tree::scan(&source, &mut diagnostics).unwrap();
        let (_, value) = tree.entries(tree.root()).nth(1).unwrap();
        let Some(Yaml {
            data: Data::Mapping(entries),
            ..
        }) = tree.decode(value, &mut diagnostics)
        else {
            panic!()
        };
        let span = tree.span(entries[0].2.node);
        assert_eq!(
            &source.text[span.start as usize..(span.start + span.length) as usize],
            "Hello"
        );
    }

    #[test]
    fn what_readers_disagree_on_is_not_repeated() {
        // One of the two takes U+0085 for a line break.
        let text = format!("\u{85}|\u{85}:{}", " secret".repeat(1000));
        let source = source(&text);
        let mut diagnostics = Diagnostics::new();
        let tree = Tree::scan(&source, &mut diagnostics).unwrap();
        assert!(tree.decode(tree.root(), &mut diagnostics).is_none());
        let message = &diagnostics.iter().next().unwrap().message;
        assert_eq!(
            message,
            "YAML readers disagree on this text: invalid type: string, expected a mapping"
        );
    }

    #[test]
    fn a_part_with_too_many_values_is_refused() {
        let source = source(&format!("a: [{}]", "x,".repeat(MAX_DECODED)));
        let mut diagnostics = Diagnostics::new();
        let tree = Tree::scan(&source, &mut diagnostics).unwrap();
        assert!(tree.decode(tree.root(), &mut diagnostics).is_none());
        assert_eq!(diagnostics.iter().next().unwrap().code, Code::FileSize);
    }
}
