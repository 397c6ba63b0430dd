//! What stands between values: comments, and the signs that separate.

use std::ops::Range;

use super::node::{NodeId, NodeKind};
use super::tree::Tree;

impl Tree<'_> {
    /// The bytes of all values that have no values in them, in the order of the text.
    fn leaves(&self) -> impl Iterator<Item = Range<usize>> + '_ {
        let nodes = (0..self.size(self.root())).map(Self::nth);
        let leaves =
            nodes.filter(|id| matches!(self.kind(*id), NodeKind::Scalar { .. } | NodeKind::Alias));
        leaves
            .map(|id| self.bytes(id))
            .filter(|range| !range.is_empty())
    }

    /// The bytes of all comments, each from its `#` to the end of its line.
    pub fn comments(&self) -> Vec<Range<usize>> {
        let text = &self.source().text;
        let mut comments = Vec::new();
        let mut gap_start = 0;
        let end = text.len()..text.len();
        for leaf in self.leaves().chain([end]) {
            if leaf.start > gap_start {
                comments_in(text, gap_start..leaf.start, &mut comments);
            }
            gap_start = gap_start.max(leaf.end);
        }
        comments
    }

    /// Whether an alias stands for this node, or for one inside of it.
    pub fn is_shared(&self, id: NodeId) -> bool {
        self.alias_targets().any(|target| self.holds(id, target))
    }

    /// Whether an alias stands for just this node.
    pub fn is_target(&self, id: NodeId) -> bool {
        self.alias_targets().any(|target| target == id)
    }

    fn alias_targets(&self) -> impl Iterator<Item = NodeId> + '_ {
        let all = if self.has_aliases() {
            self.size(self.root())
        } else {
            0
        };
        (0..all)
            .map(Self::nth)
            .filter(|id| self.kind(*id) == NodeKind::Alias)
            .map(|id| self.target(id))
    }
}

/// Between values, `#` begins a comment unless it is in the name of an anchor.
fn comments_in(text: &str, gap: Range<usize>, comments: &mut Vec<Range<usize>>) {
    let bytes = text.as_bytes();
    let mut at = gap.start;
    while at < gap.end {
        if bytes[at] == b'&' {
            let name = text[at..gap.end].find([' ', '\t', '\n', '\r', ',', '[', ']', '{', '}']);
            at = name.map_or(gap.end, |length| at + length);
            continue;
        }
        if bytes[at] != b'#' {
            at += 1;
            continue;
        }
        let end = text[at..]
            .find('\n')
            .map_or(text.len(), |newline| at + newline);
        let end = at + text[at..end].trim_end().len();
        comments.push(at..end);
        at = end.max(at + 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Diagnostics;
    use crate::source::SourceFile;
    use crate::span::FileId;

    #[test]
    fn comments_are_found_and_what_only_looks_like_one_is_not() {
        let text = "# one\na: 'x # no' # two\nb: a#no   # three\nc: | # four\n  # no\n\n# five\nd: [x, # six\n  y]#no\ne:   # seven\nf: &a#b g # eight\r\n  # nine\ng: {\"h\":# ten\n  i}";
        let (source, _) = SourceFile::from_bytes(
            FileId(0),
            "a".to_owned(),
            text.replace("]#no", "]").into_bytes(),
        );
        let mut diagnostics = Diagnostics::new();
        let tree = Tree::scan(&source, &mut diagnostics).unwrap();
        let found: Vec<&str> = tree
            .comments()
            .into_iter()
            .map(|range| &source.text[range])
            .collect();
        let expected = [
            "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
        ]
        .map(|word| format!("# {word}"));
        assert_eq!(found, expected);
    }
}
