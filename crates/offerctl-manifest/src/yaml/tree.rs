//! The shape of a YAML file and the place of every value in it: [`Tree`].

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use granit_parser::{Event, Options, Parser, ScalarStyle, ScanError};

use super::data::Whole;
use super::node::{NodeId, NodeKind};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::source::{MAX_FILE_BYTES, SourceFile, offset};
use crate::span::Span;

/// The deepest nesting: a geo restriction of a localization is at 6.
const MAX_DEPTH: usize = 24;

/// The most values in a file: ten thousand offers with fifty localizations have three million.
const MAX_NODES: usize = 4_000_000;

/// How many bytes a value has on average in a file full of short rows: room that is not used costs nothing.
const BYTES_OF_A_VALUE: usize = 6;

/// The most values that the aliases of a file may stand for.
const MAX_ALIASED: usize = 100_000;

/// The most bytes that the aliases of a file may stand for: as many as the file may have without them.
const MAX_ALIASED_BYTES: usize = MAX_FILE_BYTES;

/// One value: 16 bytes, because a large catalogue has millions.
#[derive(Debug, Clone, Copy)]
struct Node {
    start: u32,
    end: u32,
    /// The index after the last node inside this one; for an alias, the node that it stands for.
    next: u32,
    kind: NodeKind,
}

/// The nodes of one document in the order of the text.
#[derive(Debug)]
pub struct Tree<'a> {
    source: &'a SourceFile,
    nodes: Vec<Node>,
    has_aliases: bool,
    /// The whole file, decoded once, for files whose parts cannot be read by themselves.
    pub(super) whole: OnceCell<Whole>,
}

impl<'a> Tree<'a> {
    /// Walks the events of a file. `None` if there is nothing in it but comments, or if it cannot be read on.
    ///
    /// A key that stands twice is noted, and all the same the tree is returned, so that the other mistakes of
    /// the file are found in the same run.
    pub fn scan(source: &'a SourceFile, diagnostics: &mut Diagnostics) -> Option<Self> {
        let mut scan = Scan::new(source);
        for event in parser(&source.text) {
            let step = match event {
                Ok((event, span)) => {
                    let range = span.byte_range().unwrap_or(0..0);
                    scan.event(event, offset(range.start), offset(range.end))
                }
                Err(error) => Err(Box::new(scan.syntax(&error))),
            };
            if let Err(diagnostic) = step {
                diagnostics.append(scan.duplicates);
                diagnostics.push(*diagnostic);
                return None;
            }
        }
        diagnostics.append(scan.duplicates);
        (!scan.nodes.is_empty()).then_some(Self {
            source,
            nodes: scan.nodes,
            has_aliases: scan.aliased.values > 0,
            whole: OnceCell::new(),
        })
    }

    /// The outermost node.
    pub fn root(&self) -> NodeId {
        debug_assert!(!self.nodes.is_empty());
        NodeId(0)
    }

    /// The file that was walked.
    pub(crate) fn source(&self) -> &'a SourceFile {
        self.source
    }

    /// Whether any value is an alias, so that a part of the text cannot be read by itself.
    pub(crate) fn has_aliases(&self) -> bool {
        self.has_aliases
    }

    /// The kind of a node.
    pub fn kind(&self, id: NodeId) -> NodeKind {
        self.node(id).kind
    }

    /// The node itself, or the one that it is an alias of.
    pub(crate) fn target(&self, id: NodeId) -> NodeId {
        match self.kind(id) {
            NodeKind::Alias => NodeId(self.node(id).next),
            NodeKind::Scalar { .. } | NodeKind::Sequence | NodeKind::Mapping => id,
        }
    }

    /// The place of a node.
    pub(crate) fn span(&self, id: NodeId) -> Span {
        let Node {
            start, end, kind, ..
        } = *self.node(id);
        let text = &self.source.text[start as usize..end.max(start) as usize];
        // A block mapping ends where the next token begins, and a block scalar after its last line break.
        let shown = match kind {
            NodeKind::Scalar { .. } | NodeKind::Alias => text.trim_end(),
            NodeKind::Sequence | NodeKind::Mapping => {
                text.split('\n').next().unwrap_or_default().trim_end()
            }
        };
        Span {
            file: self.source.id,
            start,
            length: offset(shown.len()),
        }
    }

    /// The bytes of a node.
    pub fn bytes(&self, id: NodeId) -> std::ops::Range<usize> {
        let node = self.node(id);
        node.start as usize..node.end as usize
    }

    /// The number of nodes in a node, itself included.
    pub(crate) fn size(&self, id: NodeId) -> usize {
        (self.after(id).0 - id.0) as usize
    }

    /// The nodes directly inside a node: the items of a list, or the keys and values of a mapping in turn.
    pub fn children(&self, id: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        let end = self.after(id).0;
        let mut next = id.0 + 1;
        std::iter::from_fn(move || {
            let child = NodeId(next);
            (next < end).then(|| {
                next = self.after(child).0;
                child
            })
        })
    }

    /// The keys and values of a mapping.
    pub fn entries(&self, id: NodeId) -> impl Iterator<Item = (NodeId, NodeId)> + '_ {
        let mut children = self.children(id);
        std::iter::from_fn(move || Some((children.next()?, children.next()?)))
    }

    /// The nodes that have an anchor, whether or not an alias stands for them.
    pub(crate) fn anchored(&self) -> BTreeSet<NodeId> {
        let mut anchored = BTreeSet::new();
        if !self.source.text.contains('&') {
            return anchored;
        }
        let mut nodes = 0;
        for (event, _) in parser(&self.source.text).flatten() {
            let anchor = match event {
                Event::Scalar(_, _, anchor, _)
                | Event::SequenceStart(_, anchor, _)
                | Event::MappingStart(_, anchor, _) => anchor,
                Event::Alias(_) => 0,
                Event::StreamStart
                | Event::StreamEnd
                | Event::DocumentStart(..)
                | Event::DocumentEnd
                | Event::SequenceEnd
                | Event::MappingEnd
                | Event::Anchor(..)
                | Event::UnresolvedAlias(_)
                // What later versions of the parser may add.
                | _ => continue,
            };
            if anchor != 0 {
                anchored.insert(Self::nth(nodes));
            }
            nodes += 1;
        }
        anchored
    }

    /// Whether a node is another one, or inside of it.
    pub(crate) fn holds(&self, outer: NodeId, inner: NodeId) -> bool {
        outer <= inner && inner < self.after(outer)
    }

    /// The node at this place in the order of the text.
    pub(super) fn nth(index: usize) -> NodeId {
        NodeId(offset(index))
    }

    fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0 as usize]
    }

    fn after(&self, id: NodeId) -> NodeId {
        let node = self.node(id);
        NodeId(if node.kind == NodeKind::Alias {
            id.0 + 1
        } else {
            node.next
        })
    }
}

fn parser(text: &str) -> impl Iterator<Item = Result<(Event<'_>, granit_parser::Span), ScanError>> {
    Parser::new_from_str_with_options(text, options())
}

fn options() -> Options {
    let mut options = granit_parser::options! {
        disallow_directives: true,
        flow_nesting_limit: MAX_DEPTH,
        block_nesting_limit: MAX_DEPTH,
    };
    options.set_emit_comments(false);
    options
}

/// Counts the events of a text: the bare pass over the parser that the benchmarks compare with.
#[doc(hidden)]
pub fn scan_events(text: &str) -> usize {
    parser(text).flatten().count()
}

/// A list or mapping that is still open.
struct Frame {
    node: usize,
    /// Where the keys of this mapping begin in [`Scan::keys`]; `None` in a list.
    keys: Option<usize>,
    /// In a mapping: whether the next node is a key.
    at_key: bool,
    anchor: usize,
    aliased_before: Aliased,
}

/// What aliases stand for.
#[derive(Debug, Clone, Copy, Default)]
struct Aliased {
    values: usize,
    bytes: usize,
}

/// An anchor whose node is complete, with what an alias of it stands for.
struct Anchor {
    node: u32,
    stands_for: Aliased,
}

struct Scan<'a> {
    source: &'a SourceFile,
    nodes: Vec<Node>,
    frames: Vec<Frame>,
    /// The keys of all open mappings, innermost last.
    keys: Vec<(Cow<'a, str>, u32)>,
    anchors: BTreeMap<usize, Anchor>,
    /// What the aliases stand for in all.
    aliased: Aliased,
    documents: usize,
    duplicates: Diagnostics,
}

type Step = Result<(), Box<Diagnostic>>;

impl<'a> Scan<'a> {
    fn new(source: &'a SourceFile) -> Self {
        Self {
            source,
            nodes: Vec::with_capacity(source.text.len() / BYTES_OF_A_VALUE),
            frames: Vec::new(),
            keys: Vec::new(),
            anchors: BTreeMap::new(),
            aliased: Aliased::default(),
            documents: 0,
            duplicates: Diagnostics::new(),
        }
    }

    fn event(&mut self, event: Event<'a>, start: u32, end: u32) -> Step {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                self.refuse_tag(tag.is_some(), start, end)?;
                // A value that is not there is reported as `~` with an empty place.
                let null = style == ScalarStyle::Plain && (start == end || is_null(&text));
                let node = self.open(NodeKind::Scalar { null }, start, end)?;
                self.key(node, Some(text))?;
                self.close_anchor(anchor, node, self.aliased);
                Ok(())
            }
            Event::Alias(anchor) => {
                let Some(&Anchor { node, stands_for }) = self.anchors.get(&anchor) else {
                    return Err(Box::new(self.problem(
                        Code::YamlAlias,
                        "an alias stands inside its own anchor",
                        start,
                        end,
                    )));
                };
                self.aliased.values += stands_for.values;
                self.aliased.bytes += stands_for.bytes;
                let problem = if self.aliased.values > MAX_ALIASED {
                    Some(format!("{MAX_ALIASED} values"))
                } else if self.aliased.bytes > MAX_ALIASED_BYTES {
                    Some(format!("{MAX_ALIASED_BYTES} bytes"))
                } else {
                    None
                };
                if let Some(most) = problem {
                    let message = format!("the aliases stand for more than {most}");
                    return Err(Box::new(self.problem(Code::YamlAlias, message, start, end)));
                }
                let alias = self.open(NodeKind::Alias, start, end)?;
                self.nodes[alias].next = node;
                self.key(alias, None)
            }
            Event::SequenceStart(_, anchor, tag) => {
                self.refuse_tag(tag.is_some(), start, end)?;
                self.open_frame(NodeKind::Sequence, start, end, anchor)
            }
            Event::MappingStart(_, anchor, tag) => {
                self.refuse_tag(tag.is_some(), start, end)?;
                self.open_frame(NodeKind::Mapping, start, end, anchor)
            }
            Event::SequenceEnd | Event::MappingEnd => {
                self.close_frame(end);
                Ok(())
            }
            Event::DocumentStart(..) => {
                self.documents += 1;
                if self.documents > 1 {
                    let help = "put the second document into a file of its own";
                    let problem = self.problem(
                        Code::YamlDocuments,
                        "a second document begins here",
                        start,
                        end,
                    );
                    return Err(Box::new(problem.help(help)));
                }
                Ok(())
            }
            Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentEnd
            | Event::Anchor(..)
            | Event::UnresolvedAlias(_)
            // What later versions of the parser may add.
            | _ => Ok(()),
        }
    }

    fn open(&mut self, kind: NodeKind, start: u32, end: u32) -> Result<usize, Box<Diagnostic>> {
        if self.nodes.len() >= MAX_NODES {
            let message = format!("the file has more than the {MAX_NODES} values allowed");
            return Err(Box::new(self.problem(Code::FileSize, message, start, end)));
        }
        let node = self.nodes.len();
        self.nodes.push(Node {
            start,
            end,
            next: offset(node + 1),
            kind,
        });
        Ok(node)
    }

    /// Notes the node if it stands where a key stands.
    fn key(&mut self, node: usize, text: Option<Cow<'a, str>>) -> Step {
        let Some(frame) = self.frames.last_mut() else {
            return Ok(());
        };
        if frame.keys.is_none() {
            return Ok(());
        }
        let at_key = frame.at_key;
        frame.at_key = !at_key;
        let Node {
            start, end, kind, ..
        } = self.nodes[node];
        match (at_key, text) {
            (false, _) => Ok(()),
            (true, Some(text)) if kind == (NodeKind::Scalar { null: false }) => {
                self.keys.push((text, offset(node)));
                Ok(())
            }
            (true, _) => {
                let problem = self.problem(Code::YamlKey, "a key must be a text", start, end);
                let help =
                    "put the key into quotes, or the whole text if it begins with `{` or `[`";
                Err(Box::new(problem.help(help)))
            }
        }
    }

    fn open_frame(&mut self, kind: NodeKind, start: u32, end: u32, anchor: usize) -> Step {
        let node = self.open(kind, start, end)?;
        self.key(node, None)?;
        let keys = (kind == NodeKind::Mapping).then_some(self.keys.len());
        self.frames.push(Frame {
            node,
            keys,
            at_key: true,
            anchor,
            aliased_before: self.aliased,
        });
        Ok(())
    }

    fn close_frame(&mut self, end: u32) {
        let Some(Frame {
            node,
            keys,
            anchor,
            aliased_before,
            ..
        }) = self.frames.pop()
        else {
            return;
        };
        self.nodes[node].next = offset(self.nodes.len());
        self.nodes[node].end = end;
        if let Some(first) = keys {
            self.report_duplicates(first);
            self.keys.truncate(first);
        }
        self.close_anchor(anchor, node, aliased_before);
    }

    /// From here on, aliases may stand for the node.
    fn close_anchor(&mut self, anchor: usize, node: usize, before: Aliased) {
        if anchor != 0 {
            let Node { start, end, .. } = self.nodes[node];
            let length = end.saturating_sub(start) as usize;
            let stands_for = Aliased {
                values: self.nodes.len() - node + (self.aliased.values - before.values),
                bytes: length + (self.aliased.bytes - before.bytes),
            };
            let node = offset(node);
            self.anchors.insert(anchor, Anchor { node, stands_for });
        }
    }

    fn report_duplicates(&mut self, first: usize) {
        let keys = &mut self.keys[first..];
        if keys.len() < 2 {
            return;
        }
        keys.sort_unstable();
        for index in first + 1..self.keys.len() {
            let (earlier, later) = (&self.keys[index - 1], &self.keys[index]);
            if earlier.0 == later.0 {
                let at = |node: u32| {
                    let Node { start, end, .. } = self.nodes[node as usize];
                    Span {
                        file: self.source.id,
                        start,
                        length: end - start,
                    }
                };
                let shown: String = later.0.chars().take(80).collect();
                let diagnostic = Diagnostic::error(
                    Code::DuplicateKey,
                    format!("the key `{shown}` stands twice here"),
                )
                .at(at(later.1))
                .related(at(earlier.1), "it stands here before")
                .help("remove one of the two, or give it another name");
                self.duplicates.push(diagnostic);
            }
        }
    }

    fn refuse_tag(&self, tagged: bool, start: u32, end: u32) -> Step {
        if !tagged {
            return Ok(());
        }
        let problem = self.problem(Code::YamlTag, "a value has a YAML tag", start, end);
        Err(Box::new(problem.help(
            "leave the tag out; put a text into quotes instead of tagging it `!!str`",
        )))
    }

    fn problem(&self, code: Code, message: impl Into<String>, start: u32, end: u32) -> Diagnostic {
        let span = Span {
            file: self.source.id,
            start,
            length: end - start,
        };
        Diagnostic::error(code, message).at(span)
    }

    fn syntax(&self, error: &ScanError) -> Diagnostic {
        let start = offset(
            error
                .marker()
                .byte_offset()
                .unwrap_or(self.source.text.len()),
        );
        let span = Span {
            file: self.source.id,
            start,
            length: 0,
        };
        let words = error.info();
        let of_a_tab = words.starts_with("tab") || words.contains("found a tab");
        let tab = if of_a_tab {
            Some(self.indenting_tab(start as usize))
        } else {
            self.tab_before(start as usize)
        };
        if let Some(tab) = tab {
            // Where lines end otherwise than by line feeds, the parser's tab may be another character.
            let marked = self.source.text[tab..].chars().next();
            let span = Span {
                start: offset(tab),
                length: offset(marked.map_or(0, char::len_utf8)),
                ..span
            };
            return Diagnostic::error(Code::YamlTab, "a tab indents this line")
                .at(span)
                .help("indent with spaces");
        }
        if words.contains("nesting") || words.contains("recursion") || words.contains("depth") {
            let message = format!("values are nested deeper than {MAX_DEPTH} levels");
            return Diagnostic::error(Code::YamlDepth, message).at(span);
        }
        let diagnostic =
            Diagnostic::error(Code::YamlSyntax, format!("not valid YAML: {words}")).at(span);
        match hint(&words) {
            Some(help) => diagnostic.help(help),
            None => diagnostic,
        }
    }

    /// A tab in the indentation of the line of `place`, whatever the parser stumbled over there.
    fn tab_before(&self, place: usize) -> Option<usize> {
        let before = &self.source.text[..place];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let indent = before[line_start..].trim_start_matches([' ', '\t']).len();
        let indent = &before[line_start..before.len() - indent];
        indent.find('\t').map(|tab| line_start + tab)
    }

    /// The tab that a message of the parser is about: it stops after the tab, or at the value of the line above.
    fn indenting_tab(&self, start: usize) -> usize {
        let text = &self.source.text;
        let mut line_start = text[..start].rfind('\n').map_or(0, |newline| newline + 1);
        for line in text[line_start..].split_inclusive('\n') {
            let indent = line.len() - line.trim_start_matches([' ', '\t']).len();
            if let Some(tab) = line[..indent].find('\t') {
                return line_start + tab;
            }
            line_start += line.len();
        }
        start
    }
}

/// What usually leads to a message of the parser.
fn hint(words: &str) -> Option<&'static str> {
    if words.contains("mapping values are not allowed") {
        Some("put a text with `: ` in it into quotes, and indent the keys of one mapping alike")
    } else if words.contains("multiline quoted scalar") {
        Some("close the quote that was opened above")
    } else if words.contains("unclosed") || words.contains("unexpected end") {
        Some("close the quote or bracket that was opened here")
    } else if words.contains("unknown escape") {
        Some("write `\\\\` for a backslash, or use single quotes")
    } else if words.contains("unknown anchor") {
        Some("put a text that begins with `*` into quotes")
    } else {
        None
    }
}

/// YAML's words for nothing, when they stand without quotes.
fn is_null(text: &str) -> bool {
    matches!(text, "" | "~" | "null" | "Null" | "NULL")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::span::FileId;

    type Scanned = (Option<Vec<NodeKind>>, Vec<(Code, usize, usize)>);

    fn scan(text: &str) -> Scanned {
        let (source, none) =
            SourceFile::from_bytes(FileId(0), "a.yaml".to_owned(), text.as_bytes().to_vec());
        assert!(none.is_none());
        let mut diagnostics = Diagnostics::new();
        let kinds = Tree::scan(&source, &mut diagnostics)
            .map(|tree| tree.nodes.iter().map(|node| node.kind).collect());
        let found = diagnostics.iter().map(|diagnostic| {
            let position =
                source.position(diagnostic.span.expect("every problem has a place").start);
            (diagnostic.code, position.line, position.column)
        });
        (kinds, found.collect())
    }

    #[track_caller]
    fn refused(text: &str, code: Code, line: usize, column: usize) {
        let (tree, found) = scan(text);
        assert!(tree.is_none());
        assert_eq!(found, [(code, line, column)]);
    }

    #[track_caller]
    fn noted(text: &str, code: Code, line: usize, column: usize) {
        let (tree, found) = scan(text);
        assert!(tree.is_some(), "the file is read on");
        assert_eq!(found, [(code, line, column)]);
    }

    #[test]
    fn every_value_has_a_node_in_the_order_of_the_text() {
        let (kinds, found) = scan("a: [1, ~]\nb:\nc: 'null'\n");
        let (text, nothing) = (
            NodeKind::Scalar { null: false },
            NodeKind::Scalar { null: true },
        );
        assert_eq!(found, []);
        assert_eq!(
            kinds.unwrap(),
            [
                NodeKind::Mapping,
                text,
                NodeKind::Sequence,
                text,
                nothing,
                text,
                nothing,
                text,
                text
            ]
        );
    }

    #[test]
    fn nothing_but_comments_has_no_tree_and_no_problem() {
        assert_eq!(scan("# only a comment\n"), (None, vec![]));
        assert_eq!(scan(""), (None, vec![]));
    }

    #[test]
    fn a_key_that_stands_twice_is_noted_at_the_second_place() {
        noted("a: 1\nb: 2\na: 3\n", Code::DuplicateKey, 3, 1);
        noted("x: {\"a\": 1, a: 2}\n", Code::DuplicateKey, 1, 13);
    }

    #[test]
    fn all_duplicate_keys_are_reported() {
        let (_, found) = scan("a: {k: 1, k: 2}\nb: {k: 1, k: 2, k: 3}\n");
        assert_eq!(found.len(), 3);
        let (tree, found) = scan("a: {k: 1, k: 2}\nb: [\n");
        assert!(tree.is_none());
        assert_eq!(found[0].0, Code::DuplicateKey, "before the text ends early");
        assert_eq!(found[1].0, Code::YamlSyntax);
    }

    #[test]
    fn keys_that_are_no_texts_are_refused() {
        refused("? [a]\n: b\n", Code::YamlKey, 1, 3);
        refused("~: b\n", Code::YamlKey, 1, 1);
        refused("a: &x k\n*x : b\n", Code::YamlKey, 2, 1);
    }

    #[test]
    fn what_is_marked_for_a_tab_is_a_whole_character() {
        let text = "- ##\r \r\t \t \u{e9} \t \r - ##";
        let id = crate::span::FileId(0);
        let (source, _) = SourceFile::from_bytes(id, "a.yaml".to_owned(), text.into());
        let mut diagnostics = Diagnostics::new();
        assert!(Tree::scan(&source, &mut diagnostics).is_none());
        for diagnostic in diagnostics.iter() {
            let span = diagnostic.span.unwrap();
            let end = (span.start + span.length) as usize;
            assert!(source.text.is_char_boundary(end), "{diagnostic:?}");
        }
    }

    #[test]
    fn tabs_tags_directives_and_second_documents_are_refused() {
        refused("a:\n\tb: 1\n", Code::YamlTab, 2, 1);
        refused("a: b\n\tc: 1\n", Code::YamlTab, 2, 1);
        refused("a: b\n  \tc: 1\n", Code::YamlTab, 2, 3);
        refused("a: !!str 1\n", Code::YamlTag, 1, 10);
        refused("%YAML 1.2\n---\na: 1\n", Code::YamlSyntax, 1, 1);
        refused("a: 1\n---\nb: 2\n", Code::YamlDocuments, 2, 1);
    }

    #[test]
    fn deep_nesting_is_refused_at_once() {
        refused(&"[".repeat(200_000), Code::YamlDepth, 1, MAX_DEPTH + 1);
        let lines: Vec<String> = (0..100)
            .map(|depth| format!("{}a:", " ".repeat(depth)))
            .collect();
        let deep = lines.join(
            "
",
        );
        let (tree, found) = scan(&deep);
        assert!(tree.is_none());
        assert_eq!(found[0].0, Code::YamlDepth);
        for hostile in ["- ".repeat(100_000), "{a: ".repeat(100_000)] {
            assert_eq!(scan(&hostile).1[0].0, Code::YamlDepth);
        }
        assert_eq!(scan(&"? ".repeat(100_000)).1[0].0, Code::YamlKey);
    }

    #[test]
    fn alias_bombs_are_refused_and_plain_aliases_are_not() {
        assert!(scan("a: &x [1, 2]\nb: *x\n").0.is_some());
        let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..12 {
            let line = format!(
                "a{level}: &a{level} [{}]\n",
                vec![format!("*a{}", level - 1); 10].join(", ")
            );
            bomb.push_str(&line);
        }
        assert_eq!(scan(&bomb).1[0].0, Code::YamlAlias);
        let long = format!(
            "a: &a [{}]\nb: [{}]\n",
            vec!["x"; 20_000].join(","),
            vec!["*a"; 20_000].join(",")
        );
        assert_eq!(scan(&long).1[0].0, Code::YamlAlias);
        let heavy = format!(
            "a: &a {}\nb: [{}]\n",
            "x".repeat(100_000),
            vec!["*a"; 200].join(",")
        );
        assert_eq!(scan(&heavy).1[0].0, Code::YamlAlias);
        assert_eq!(scan("a: &a [*a]\n").1[0].0, Code::YamlAlias);
        assert_eq!(scan("a: *b\n").1[0].0, Code::YamlSyntax);
    }

    #[test]
    fn too_many_values_are_refused() {
        refused(
            &format!("[{}]", "a,".repeat(MAX_NODES)),
            Code::FileSize,
            1,
            2 * MAX_NODES,
        );
    }
}
