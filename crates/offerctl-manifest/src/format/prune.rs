//! Taking entries out of `allow:` with their comments: [`prune`].
//!
//! Whole lines go and nothing else changes, so that `offerctl.yaml`, which is not formatted, keeps its layout.

use std::collections::BTreeSet;
use std::ops::Range;

use super::error::FormatError;
use super::proof::says_the_same;
use crate::diagnostic::Diagnostics;
use crate::manifest::{self, Approval};
use crate::project;
use crate::source::SourceFile;
use crate::span::Span;
use crate::yaml::{NodeId, NodeKind, Tree};

/// What cannot be followed.
const SHARED: &str = "an approval with an anchor that the rest of the file uses";

/// Returns the text of a file, with manifests or of the project, without the approvals at these places; without `allow` as well,
/// if nothing is left in it.
///
/// What comes out is read anew, and must say the same but for those approvals; otherwise it is not handed out.
///
/// # Errors
///
/// If the file has mistakes, or if the rest of it refers to an entry that goes.
pub fn prune(source: &SourceFile, gone: &[Span]) -> Result<String, FormatError> {
    let before = Said::of(source)?;
    if gone.is_empty() {
        return Ok(source.text.clone());
    }
    let mut diagnostics = Diagnostics::new();
    let unread = || FormatError::Unproven("it cannot be read".to_owned());
    let tree = Tree::scan(source, &mut diagnostics).ok_or_else(unread)?;
    let after = source.with_text(without(&tree, gone));
    let said = Said::of(&after).map_err(|_| FormatError::Layout {
        what: SHARED,
        at: source.position(gone[0].start),
    })?;
    before.prove(&said, gone)?;
    Ok(after.text)
}

/// The text without some entries.
fn without(tree: &Tree<'_>, gone: &[Span]) -> String {
    let text = &tree.source().text;
    let lines = Lines::of(text);
    let mut diagnostics = Diagnostics::new();
    let mut entries = tree.entries(tree.root());
    let is_allow =
        |key: NodeId, found: &mut Diagnostics| tree.text(key, found).as_deref() == Some("allow");
    let found = entries.find(|(key, _)| is_allow(*key, &mut diagnostics));
    let Some((key, list)) = found else {
        return text.clone();
    };
    let items: Vec<NodeId> = tree.children(list).collect();
    let is_list = tree.kind(list) == NodeKind::Sequence;
    let goes = |item: &NodeId| gone.contains(&tree.span(*item));
    if is_list && items.iter().all(goes) {
        let end = match items.last() {
            Some(last) => {
                lines.end_of_block(lines.at(tree.bytes(*last).start), 0, tree.bytes(list))
            }
            None => lines.at(tree.bytes(key).start) + 1,
        };
        return lines.without(&lines.with_lead(lines.at(tree.bytes(key).start)..end, 0));
    }
    let is_in_lines = |item: &NodeId| {
        let line = lines.at(tree.bytes(*item).start);
        lines.text(line)[lines.indent(line)..].starts_with('-')
    };
    if !items.iter().all(is_in_lines) {
        return without_of_flow(tree, &items, goes);
    }
    let mut removed = BTreeSet::new();
    for item in items.into_iter().filter(goes) {
        let bytes = tree.bytes(item);
        let line = lines.at(bytes.start);
        let indent = lines.indent(line);
        let end = lines.end_of_block(line, indent, bytes);
        removed.extend(lines.with_lead(line..end, indent));
    }
    lines.without(&removed)
}

/// The text without some entries of a list between brackets, of which at least one stays.
fn without_of_flow(tree: &Tree<'_>, items: &[NodeId], goes: impl Fn(&NodeId) -> bool) -> String {
    let text = &tree.source().text;
    let mut kept = String::with_capacity(text.len());
    let mut at = 0;
    for (index, item) in items.iter().enumerate().filter(|(_, item)| goes(item)) {
        let own = tree.bytes(*item);
        // With the comma behind it, or with the one before it if nothing that stays comes after it.
        let cut = match items.get(index + 1) {
            Some(next) if items[index + 1..].iter().any(|item| !goes(item)) => {
                own.start..tree.bytes(*next).start
            }
            _ => {
                let last = items[..index].iter().rfind(|item| !goes(item));
                last.map_or(own.start, |last| tree.bytes(*last).end)..own.end
            }
        };
        kept.push_str(&text[at..cut.start.max(at)]);
        at = cut.end.max(at);
    }
    kept.push_str(&text[at..]);
    kept
}

/// The lines of a text, each with its end.
struct Lines<'a> {
    text: &'a str,
    starts: Vec<usize>,
}

impl<'a> Lines<'a> {
    fn of(text: &'a str) -> Self {
        let ends = text.split_inclusive('\n').scan(0, |at, line| {
            let start = *at;
            *at += line.len();
            Some(start)
        });
        Self {
            text,
            starts: ends.collect(),
        }
    }

    fn count(&self) -> usize {
        self.starts.len()
    }

    /// The line that a byte is in.
    fn at(&self, byte: usize) -> usize {
        self.starts.partition_point(|start| *start <= byte) - 1
    }

    fn text(&self, line: usize) -> &'a str {
        let end = self.starts.get(line + 1).copied();
        &self.text[self.starts[line]..end.unwrap_or(self.text.len())]
    }

    fn without(&self, removed: &BTreeSet<usize>) -> String {
        let kept = (0..self.count()).filter(|line| !removed.contains(line));
        kept.map(|line| self.text(line)).collect()
    }

    fn indent(&self, line: usize) -> usize {
        let text = self.text(line);
        text.len() - text.trim_start().len()
    }

    fn is_blank(&self, line: usize) -> bool {
        self.text(line).trim().is_empty()
    }

    fn is_comment(&self, line: usize) -> bool {
        self.text(line).trim_start().starts_with('#')
    }

    /// The line behind a block that begins in a line and is indented: with the comments that are indented deeper, and without
    /// the blank lines behind it.
    fn end_of_block(&self, first: usize, indent: usize, bytes: Range<usize>) -> usize {
        let last = self.at(bytes.end.saturating_sub(1).max(bytes.start));
        let mut end = first + 1;
        for line in first + 1..self.count() {
            let is_inside = self.indent(line) > indent;
            if self.is_blank(line) {
                continue;
            }
            // A list may stand as far left as its key.
            if !is_inside
                && (line > last || self.is_comment(line) || indent > 0 || !self.is_item(line))
            {
                break;
            }
            end = line + 1;
        }
        end
    }

    fn is_item(&self, line: usize) -> bool {
        self.text(line).starts_with("- ")
    }

    /// Some lines, with the comments directly above them that are not indented deeper. What stands at the top of the file is
    /// about the file. Of the blank lines around, one is left.
    fn with_lead(&self, lines: Range<usize>, indent: usize) -> BTreeSet<usize> {
        let mut first = lines.start;
        while first > 0 && self.is_comment(first - 1) && self.indent(first - 1) <= indent {
            first -= 1;
        }
        if first == 0 {
            first = lines.start;
        }
        let mut end = lines.end;
        let is_apart = first == 0
            || self.is_blank(first - 1)
            || self.text(first - 1).trim_end().ends_with(':');
        while is_apart && end < self.count() && self.is_blank(end) {
            end += 1;
        }
        (first..end).collect()
    }
}

/// All that a file says.
struct Said {
    manifests: Option<manifest::ManifestFile>,
    project: Option<project::Project>,
    approvals: Vec<Approval>,
}

impl Said {
    fn of(source: &SourceFile) -> Result<Self, FormatError> {
        if source.path.raw() == project::FILE_NAME {
            let (mut project, diagnostics) = project::read(source);
            if diagnostics.has_errors() {
                return Err(FormatError::Invalid(diagnostics));
            }
            return Ok(Self {
                approvals: std::mem::take(&mut project.approvals),
                project: Some(project),
                manifests: None,
            });
        }
        let mut file = manifest::read(source);
        if file.diagnostics.has_errors() {
            return Err(FormatError::Invalid(file.diagnostics));
        }
        Ok(Self {
            approvals: std::mem::take(&mut file.approvals),
            manifests: Some(file),
            project: None,
        })
    }

    /// Checks that only some approvals went.
    fn prove(&self, after: &Self, gone: &[Span]) -> Result<(), FormatError> {
        let unproven = |words: &str| Err(FormatError::Unproven(words.to_owned()));
        let kept: Vec<&Approval> = self
            .approvals
            .iter()
            .filter(|approval| !gone.contains(&approval.place))
            .collect();
        let same = |(old, new): (&&Approval, &Approval)| old.says_the_same(new);
        if kept.len() != after.approvals.len() || !kept.iter().zip(&after.approvals).all(same) {
            return unproven("it approves something else");
        }
        if self.project != after.project {
            return unproven("the project is another");
        }
        let (Some(old), Some(new)) = (&self.manifests, &after.manifests) else {
            return Ok(());
        };
        let pairs = old.manifests.iter().zip(&new.manifests);
        let same = old.manifests.len() == new.manifests.len()
            && pairs.into_iter().all(|(old, new)| says_the_same(old, new));
        if same {
            Ok(())
        } else {
            unproven("an offer says something else")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::Approved;
    use crate::span::FileId;

    /// Takes out the entries whose reason is `gone`.
    #[track_caller]
    fn pruned(path: &str, text: &str) -> String {
        let source = SourceFile::new(FileId(0), path.to_owned(), text.to_owned());
        let approvals = Said::of(&source).ok().unwrap().approvals;
        let gone = approvals
            .iter()
            .filter(|found| found.reason.raw() == "gone");
        let gone: Vec<Span> = gone.map(|found| found.place).collect();
        prune(&source, &gone).unwrap()
    }

    const ENTRIES: &str = "\
version: 1
# all of these were asked for
allow:
  # the first
  - adopt: {offers: [a]}
    reason: gone  # aside
    until: 2026-12-31
    # below the first

  # the second
  - deactivations:
      offers: [b]
    reason: kept
    until: 2026-12-31
  - replacements: {offers: [c]}
    reason: >-
      gone
    until: 2026-12-31

# the offers
offers: {}
";

    #[test]
    fn entries_go_with_their_comments() {
        let expected = "\
version: 1
# all of these were asked for
allow:
  # the second
  - deactivations:
      offers: [b]
    reason: kept
    until: 2026-12-31

# the offers
offers: {}
";
        let windows = pruned("a.yaml", &ENTRIES.replace('\n', "\r\n"));
        assert_eq!(windows, expected.replace('\n', "\r\n"));
        assert_eq!(pruned("a.yaml", ENTRIES), expected);
    }

    #[test]
    fn a_list_without_entries_goes_as_well() {
        let text = ENTRIES.replace("kept", "gone");
        assert_eq!(
            pruned("a.yaml", &text),
            "version: 1\n\n# the offers\noffers: {}\n"
        );
        let left = "# header\nallow:\n- adopt: {offers: [a]}\n  reason: gone\n  until: 2026-12-31\n\nversion: 1\noffers: {}\n";
        assert_eq!(
            pruned("a.yaml", left),
            "# header\n\nversion: 1\noffers: {}\n"
        );
        let flow = "version: 1\nallow: [{adopt: {offers: [a]}, reason: gone, until: 2026-12-31}]\noffers: {}\n";
        assert_eq!(pruned("a.yaml", flow), "version: 1\noffers: {}\n");
    }

    #[test]
    fn the_file_of_the_project_keeps_its_layout() {
        let text = "version:   1\nallow:\n  - {adopt: {offers: [a]}, reason: gone, until: 2026-12-31}\n  - {adopt: {offers: [b]}, reason: kept, until: 2026-12-31}\nenvironments: {local:   {endpoint: emulator}}\n";
        let expected = text.replace(
            "  - {adopt: {offers: [a]}, reason: gone, until: 2026-12-31}\n",
            "",
        );
        assert_eq!(pruned("offerctl.yaml", text), expected);
    }

    #[test]
    fn entries_between_brackets_go_with_their_commas() {
        // `a-gone` is an entry about `a` whose reason is `gone`.
        let entry = |what: &str| {
            let (offer, reason) = what.split_once('-').unwrap();
            format!("{{adopt: {{offers: [{offer}]}}, reason: {reason}, until: 2026-12-31}}")
        };
        let list = |entries: &[&str]| {
            let entries: Vec<String> = entries.iter().map(|what| entry(what)).collect();
            format!(
                "version: 1\nallow: [{}]  # so far\noffers: {{}}\n",
                entries.join(", ")
            )
        };
        for (before, after) in [
            (&["a-gone", "b-kept"][..], &["b-kept"][..]),
            (&["a-kept", "b-gone"], &["a-kept"]),
            (&["a-kept", "b-gone", "c-gone"], &["a-kept"]),
            (
                &["a-gone", "b-kept", "c-gone", "d-more"],
                &["b-kept", "d-more"],
            ),
        ] {
            assert_eq!(pruned("a.yaml", &list(before)), list(after), "{before:?}");
        }
        let apart = "version: 1\nallow:\n  [\n    GONE,\n    KEPT,\n  ]\noffers: {}\n";
        let apart = apart.replace("KEPT", &entry("b-kept"));
        assert_eq!(
            pruned("a.yaml", &apart.replace("GONE", &entry("a-gone"))),
            apart.replace("GONE,\n    ", "")
        );
    }

    #[test]
    fn an_entry_that_the_rest_of_the_file_refers_to_stays() {
        let text = "version: 1\nallow:\n  - adopt: {offers: &all [a]}\n    reason: gone\n    until: 2026-12-31\n  - replacements: {offers: *all}\n    reason: kept\n    until: 2026-12-31\noffers: {}\n";
        let source = SourceFile::new(FileId(0), "a.yaml".to_owned(), text.to_owned());
        let approvals = Said::of(&source).ok().unwrap().approvals;
        assert_eq!(approvals[0].what, Approved::Adopt);
        let error = prune(&source, &[approvals[0].place]).unwrap_err();
        assert!(
            matches!(error, FormatError::Layout { what: SHARED, at } if at.line == 3),
            "{error}"
        );
    }
}
