//! The text of a manifest with the places of its values: [`Page`], and why it may have to stay as it is: [`Trouble`].

use std::ops::Range;

use offerctl_manifest::diagnostic::Diagnostics;
use offerctl_manifest::source::SourceFile;
use offerctl_manifest::yaml::{NodeId, NodeKind, Tree};

use super::edit::Edit;

/// Why a value cannot be written where it belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trouble {
    /// It stands behind an alias.
    Alias,
    /// Aliases stand for it in other places.
    Shared,
    /// There are comments in the middle of it.
    Comments,
    /// It is laid out in a way that is not known.
    Layout,
}

impl Trouble {
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Alias => "stands behind a YAML alias, and so elsewhere",
            Self::Shared => "has a YAML anchor, and other places would change with it",
            Self::Comments => "has comments in the middle, which would be lost",
            Self::Layout => "is laid out in a way that cannot be changed safely",
        }
    }
}

/// A file that is being changed.
pub(super) struct Page<'a> {
    pub(super) text: &'a str,
    pub(super) tree: Tree<'a>,
    comments: Vec<Range<usize>>,
}

impl<'a> Page<'a> {
    pub(super) fn new(source: &'a SourceFile) -> Result<Self, Trouble> {
        let mut diagnostics = Diagnostics::new();
        let tree = Tree::scan(source, &mut diagnostics).ok_or(Trouble::Layout)?;
        let comments = tree.comments();
        Ok(Self {
            text: &source.text,
            tree,
            comments,
        })
    }

    /// The key and the value of an entry.
    pub(super) fn entry(&self, mapping: NodeId, key: &str) -> Option<(NodeId, NodeId)> {
        let mut entries = self.tree.entries(mapping);
        entries.find(|(found, _)| self.key_text(*found).as_deref() == Some(key))
    }

    pub(super) fn key_text(&self, key: NodeId) -> Option<Box<str>> {
        self.tree.text(key, &mut Diagnostics::new())
    }

    /// Whether a list or mapping stands between brackets.
    pub(super) fn is_flow(&self, id: NodeId) -> bool {
        let start = self.tree.bytes(id).start;
        matches!(self.tree.kind(id), NodeKind::Mapping | NodeKind::Sequence)
            && self.text[start..].starts_with(['{', '['])
    }

    /// The end of the last thing that a value consists of: without what a block collection has behind it.
    pub(super) fn end(&self, id: NodeId) -> usize {
        let bytes = self.tree.bytes(id);
        match self.tree.kind(id) {
            NodeKind::Alias => bytes.end,
            NodeKind::Scalar { .. } => bytes.start + self.text[bytes.clone()].trim_end().len(),
            NodeKind::Mapping | NodeKind::Sequence if self.is_flow(id) => bytes.end,
            NodeKind::Mapping | NodeKind::Sequence => {
                let last = self.tree.children(id).last();
                last.map_or(bytes.start, |last| self.end(last))
            }
        }
    }

    pub(super) fn line_start(&self, at: usize) -> usize {
        self.text[..at].rfind('\n').map_or(0, |newline| newline + 1)
    }

    /// Where the next line begins, or the end of the text.
    pub(super) fn next_line(&self, at: usize) -> usize {
        self.text[at..]
            .find('\n')
            .map_or(self.text.len(), |newline| at + newline + 1)
    }

    /// The end of a line, in front of its line break.
    pub(super) fn line_end(&self, at: usize) -> usize {
        let next = self.next_line(at);
        let line = &self.text[at..next];
        at + line.trim_end_matches(['\n', '\r']).len()
    }

    /// The blanks before something that begins its line; `None` if it does not.
    pub(super) fn indent(&self, at: usize) -> Option<&'a str> {
        let before = &self.text[self.line_start(at)..at];
        before
            .chars()
            .all(|character| character == ' ')
            .then_some(before)
    }

    /// What ends the lines of the file.
    pub(super) fn newline(&self) -> &'static str {
        if self.text.contains("\r\n") {
            "\r\n"
        } else {
            "\n"
        }
    }

    /// The comments that begin in a range.
    pub(super) fn comments(&self, range: Range<usize>) -> impl Iterator<Item = &Range<usize>> {
        self.comments
            .iter()
            .filter(move |comment| range.contains(&comment.start))
    }

    /// The first place of a sign between values, outside of comments.
    pub(super) fn sign(&self, sign: char, range: Range<usize>) -> Option<usize> {
        let outside = |at: &usize| !self.comments.iter().any(|comment| comment.contains(at));
        let found = self.text[range.clone()].match_indices(sign);
        found.map(|(at, _)| range.start + at).find(outside)
    }

    /// Where a value begins behind its key: right after the colon. `None` if there is no colon behind the key.
    pub(super) fn behind_colon(&self, key: NodeId) -> Option<usize> {
        let end = self.tree.bytes(key).end;
        let blanks =
            self.text[end..].len() - self.text[end..].trim_start_matches([' ', '\t']).len();
        self.text[end + blanks..]
            .starts_with(':')
            .then_some(end + blanks + 1)
    }

    /// The place of `|` or `>` behind a key whose value is a block of lines.
    pub(super) fn block_header(&self, key: NodeId, value: NodeId) -> Option<usize> {
        let start = self.behind_colon(key)?;
        if !matches!(self.tree.kind(value), NodeKind::Scalar { .. }) {
            return None;
        }
        let mut at = start;
        loop {
            let rest = &self.text[at..];
            at += rest.len() - rest.trim_start_matches([' ', '\t']).len();
            match self.text[at..].chars().next()? {
                '|' | '>' => return Some(at),
                // An anchor may stand in between.
                '&' => {
                    let name = self.text[at..].find([' ', '\t', '\n', '\r'])?;
                    at += name;
                }
                _ => return None,
            }
        }
    }

    /// Takes lines away, but leaves the comments in them.
    pub(super) fn without_lines(&self, from: usize, to: usize) -> Vec<Edit> {
        let mut kept = String::new();
        let mut at = from;
        while at < to {
            let next = self.next_line(at);
            let line = &self.text[at..next];
            let begins_with_comment = line.trim_start().starts_with('#');
            if let Some(comment) = self.comments(at..next).next() {
                if begins_with_comment {
                    kept.push_str(line);
                } else {
                    let indent = line.len() - line.trim_start_matches(' ').len();
                    kept.push_str(&line[..indent]);
                    kept.push_str(&self.text[comment.start..next]);
                }
            }
            at = next;
        }
        // A file without a line break at its end stays one.
        let open_end = to == self.text.len() && !self.text.ends_with('\n');
        if open_end && kept.is_empty() && from > 0 {
            let before = self.line_end(self.line_start(from - 1));
            return vec![Edit::new(before..to, "")];
        }
        vec![Edit::new(from..to, kept)]
    }

    /// Puts something behind a member of a flow list or mapping, on a line of its own if that has one.
    pub(super) fn insert_in_flow(
        &self,
        (start, end): (usize, usize),
        next: usize,
        new: &str,
    ) -> Vec<Edit> {
        let Some(indent) = self.indent(start) else {
            return vec![Edit::insert(end, format!(", {new}"))];
        };
        let comma = self.sign(',', end..next);
        let line_end = self.next_line(comma.unwrap_or(end));
        if line_end > next && comma.is_none() {
            // The bracket closes in the same line.
            return vec![Edit::insert(
                end,
                format!(",{}{indent}{new}", self.newline()),
            )];
        }
        if line_end > next {
            return vec![Edit::insert(end, format!(", {new}"))];
        }
        let newline = self.newline();
        match comma {
            Some(_) => vec![Edit::insert(line_end, format!("{indent}{new},{newline}"))],
            None => vec![
                Edit::insert(end, ","),
                Edit::insert(line_end, format!("{indent}{new}{newline}")),
            ],
        }
    }
}
