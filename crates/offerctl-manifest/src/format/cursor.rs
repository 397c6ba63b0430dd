//! A cursor that goes through the text of a manifest, and knows signs, comments and anchors: [`Reader`].

use std::collections::{BTreeMap, BTreeSet};

use super::entry::Line;
use crate::yaml::{NodeId, NodeKind, Tree};

/// Why a text cannot be followed.
#[derive(Debug)]
pub(super) enum ReadError {
    /// Something else stands where a sign of YAML belongs.
    Layout { what: &'static str, at: usize },
    /// A value could not be decoded, though it could before.
    Undecoded,
}

pub(super) type Read<T> = Result<T, ReadError>;

/// A cursor in a text, with what is known of its values.
pub(super) struct Reader<'t> {
    pub(super) text: &'t str,
    pub(super) tree: &'t Tree<'t>,
    /// How far the text was read.
    pub(super) at: usize,
    pub(super) texts: BTreeMap<NodeId, Box<str>>,
    pub(super) anchored: BTreeSet<NodeId>,
}

impl<'t> Reader<'t> {
    pub(super) fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    pub(super) fn trouble(&self, what: &'static str) -> ReadError {
        ReadError::Layout { what, at: self.at }
    }

    /// Goes behind a sign that must stand here.
    pub(super) fn sign(&mut self, sign: char) -> Read<()> {
        if !self.passes(sign) {
            return Err(self.trouble("what stands"));
        }
        Ok(())
    }

    /// Goes behind a sign if it stands here.
    pub(super) fn passes(&mut self, sign: char) -> bool {
        let found = self.rest().starts_with(sign);
        if found {
            self.at += sign.len_utf8();
        }
        found
    }

    /// Goes behind `---` or `...` if it stands here.
    pub(super) fn marker(&mut self, marker: &str) -> bool {
        let found = self
            .rest()
            .strip_prefix(marker)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\n']));
        if found {
            self.at += marker.len();
        }
        found
    }

    /// Goes behind a value that must stand here.
    pub(super) fn leaf(&mut self, id: NodeId) -> Read<&'t str> {
        let bytes = self.tree.bytes(id);
        if bytes.start != self.at {
            return Err(self.trouble("what stands"));
        }
        self.at = bytes.end.max(bytes.start);
        Ok(&self.text[bytes.start..self.at])
    }

    pub(super) fn column(&self, at: usize) -> usize {
        let line_start = self.text[..at].rfind('\n').map_or(0, |newline| newline + 1);
        self.text[line_start..at].chars().count()
    }

    pub(super) fn blanks(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches([' ', '\t']).len();
    }

    /// Reads a comment that stands here, to the end of its line.
    pub(super) fn comment(&mut self) -> Option<String> {
        let rest = self.rest();
        if !rest.starts_with('#') {
            return None;
        }
        let line = rest.split('\n').next().unwrap_or_default();
        self.at += line.len();
        Some(line.trim_end().to_owned())
    }

    /// Reads all up to the next sign or value: comments and blank lines.
    pub(super) fn lead(&mut self) -> Vec<Line> {
        let mut lines = Vec::new();
        loop {
            if self.passes_blank_line() {
                lines.push(Line::Blank);
            }
            match self.comment() {
                Some(comment) => lines.push(Line::Comment(comment)),
                None => return lines,
            }
        }
    }

    /// Goes to the next thing; tells whether there was a blank line before it.
    pub(super) fn passes_blank_line(&mut self) -> bool {
        let fresh = self.at == 0 || self.text[..self.at].ends_with('\n');
        let rest = self.rest();
        let gap = &rest[..rest.len() - rest.trim_start_matches([' ', '\t', '\n']).len()];
        self.at += gap.len();
        let breaks = gap.matches('\n').count();
        breaks >= if fresh { 1 } else { 2 }
    }

    /// Reads the comment at the end of this line, and those below it that are aligned with it.
    pub(super) fn aside(&mut self) -> Vec<String> {
        let mut found: Vec<String> = self.aside_of_line().into_iter().collect();
        if found.is_empty() {
            return found;
        }
        let line_start = self.text[..self.at]
            .rfind('\n')
            .map_or(0, |newline| newline + 1);
        let Some(sign) = self.text[line_start..self.at]
            .rfind(found[0].as_str())
            .map(|sign| line_start + sign)
        else {
            return found;
        };
        let column = self.column(sign);
        let end = self.at;
        while let Some(below) = self.rest().strip_prefix('\n') {
            let indent = below.len() - below.trim_start_matches(' ').len();
            if indent != column || !below[indent..].starts_with('#') {
                break;
            }
            self.at += 1 + indent;
            found.extend(self.comment());
        }
        // What is aligned with the entry below it as well belongs to that.
        let below = self.at;
        self.lead();
        let is_lead = self.column(self.at) == column;
        self.at = below;
        if is_lead {
            self.at = end;
            found.truncate(1);
        }
        found
    }

    /// Reads the comment at the end of this line.
    pub(super) fn aside_of_line(&mut self) -> Option<String> {
        let start = self.at;
        self.blanks();
        let comment = self.comment();
        if comment.is_none() {
            self.at = start;
        }
        comment
    }

    /// Reads the comments behind the last entry of a block that begins in this column.
    pub(super) fn tail(&mut self, column: usize) -> Vec<Line> {
        let mut lines = Vec::new();
        loop {
            let start = self.at;
            let blank = self.passes_blank_line();
            if !self.rest().starts_with('#') || self.column(self.at) < column {
                self.at = start;
                return lines;
            }
            if blank {
                lines.push(Line::Blank);
            }
            lines.extend(self.comment().map(Line::Comment));
        }
    }

    /// Reads `&name` if the node has an anchor, with what stands behind it.
    pub(super) fn anchor(
        &mut self,
        id: NodeId,
        aside: &mut Vec<String>,
        lead: &mut Vec<Line>,
    ) -> Read<Option<String>> {
        if !self.anchored.contains(&id) {
            return Ok(None);
        }
        let rest = self.rest();
        let end = rest
            .find([' ', '\t', '\n', ',', '[', ']', '{', '}'])
            .unwrap_or(rest.len());
        if !rest.starts_with('&') {
            return Err(self.trouble("an anchor that does not stand"));
        }
        self.at += end;
        // Nothing stands behind the anchor of nothing, and what follows is not its own.
        if !self.is_nothing(id) {
            aside.extend(self.aside());
            lead.extend(self.lead());
        }
        Ok(Some(rest[..end].to_owned()))
    }

    /// Whether no value was written.
    pub(super) fn is_nothing(&self, id: NodeId) -> bool {
        self.tree.kind(id) == (NodeKind::Scalar { null: true }) && self.tree.bytes(id).is_empty()
    }
}
