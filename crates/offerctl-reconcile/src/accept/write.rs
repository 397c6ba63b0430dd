//! Writing one value into the text of a manifest: [`write`].
//!
//! The text is changed at the bytes of the value and nowhere else, so that comments, order and layout stay. After each
//! change the text is read anew: places are never carried over from one change to the next.

use offerctl_manifest::source::SourceFile;
use offerctl_manifest::yaml::{NodeId, NodeKind, Quotes, Surroundings, text_scalar};
use offerctl_model::field::Field;
use offerctl_model::name::Name;
use offerctl_model::offer_type::OfferType;

use super::edit::{Edit, edited};
use super::list;
use super::page::{Page, Trouble};
use crate::notation::{Look, Node};

/// A value and where it belongs.
#[derive(Debug, Clone)]
pub(super) struct Target {
    pub(super) name: Name,
    pub(super) offer_type: OfferType,
    /// The keys from the offer to the value.
    pub(super) keys: Vec<String>,
    pub(super) node: Node,
}

impl Target {
    fn member(&self, key: &str, node: &Node) -> Self {
        let mut keys = self.keys.clone();
        keys.push(key.to_owned());
        Self {
            keys,
            node: node.clone(),
            ..self.clone()
        }
    }

    /// What stands behind the key at this depth, if nothing of it is there yet.
    fn from(&self, depth: usize) -> Node {
        let mut node = self.node.clone();
        for index in (depth + 1..self.keys.len()).rev() {
            node = Node::Mapping(vec![(self.keys[index].clone(), node)]);
        }
        node
    }
}

/// Where a value stands, or the mapping that it has to be added to.
struct Way {
    mapping: NodeId,
    /// How many keys lead to the mapping.
    depth: usize,
    entry: Option<(NodeId, NodeId)>,
    surroundings: Surroundings,
}

/// Returns the file with the value written into it.
pub(super) fn write(source: &SourceFile, target: &Target) -> Result<SourceFile, Trouble> {
    let page = Page::new(source)?;
    let way = way(&page, target)?;
    let Some((key, value)) = way.entry else {
        return Ok(changed(source, add(&page, &way, target)?));
    };
    let last = way.depth + 1 == target.keys.len();
    match (&target.node, page.tree.kind(value)) {
        (Node::Price(..), NodeKind::Mapping) if last => {
            write(source, &target.member("amount", &target.node))
        }
        (Node::Mapping(members), NodeKind::Mapping) if last && same_keys(&page, value, members) => {
            let mut source = source.clone();
            for (key, node) in members {
                source = write(&source, &target.member(key, node))?;
            }
            Ok(source)
        }
        (Node::List(items), NodeKind::Sequence) if last && items.iter().all(Node::is_single) => {
            match list::step(&page, (key, value), (items, way.surroundings))? {
                Some(edits) => write(&changed(source, edits), target),
                None => Ok(source.clone()),
            }
        }
        _ => {
            let edits = replace(
                &page,
                (key, value),
                &target.from(way.depth),
                way.surroundings,
            )?;
            Ok(changed(source, edits))
        }
    }
}

pub(super) fn changed(source: &SourceFile, edits: Vec<Edit>) -> SourceFile {
    let text = edited(&source.text, edits);
    source.with_text(text)
}

fn same_keys(page: &Page<'_>, mapping: NodeId, members: &[(String, Node)]) -> bool {
    page.tree.entries(mapping).count() == members.len()
        && members
            .iter()
            .all(|(key, _)| page.entry(mapping, key).is_some())
}

/// Goes from the top of the file to the value; refuses to go where others would be changed as well.
fn way(page: &Page<'_>, target: &Target) -> Result<Way, Trouble> {
    let tree = &page.tree;
    let mut mapping = tree.root();
    let mut surroundings = Surroundings::Block;
    let mut enter = |id: NodeId| {
        if tree.kind(id) == NodeKind::Alias {
            return Err(Trouble::Alias);
        }
        if tree.is_target(id) {
            return Err(Trouble::Shared);
        }
        if page.is_flow(id) {
            surroundings = Surroundings::Flow;
        }
        (tree.kind(id) == NodeKind::Mapping)
            .then_some(id)
            .ok_or(Trouble::Layout)
    };
    enter(mapping)?;
    for key in ["offers", target.name.as_str()] {
        let (_, value) = page.entry(mapping, key).ok_or(Trouble::Layout)?;
        mapping = enter(value)?;
    }
    for (depth, key) in target.keys.iter().enumerate() {
        let entry = page.entry(mapping, key);
        let last = depth + 1 == target.keys.len();
        match entry {
            Some((_, value))
                if !last && !matches!(tree.kind(value), NodeKind::Scalar { null: true }) =>
            {
                mapping = enter(value)?;
            }
            found => {
                if found.is_some_and(|(_, value)| tree.is_shared(value)) {
                    return Err(Trouble::Shared);
                }
                return Ok(Way {
                    mapping,
                    depth,
                    entry: found,
                    surroundings,
                });
            }
        }
    }
    Err(Trouble::Layout)
}

/// Adds an entry to a mapping, behind the one that it follows best, in the layout of that.
fn add(page: &Page<'_>, way: &Way, target: &Target) -> Result<Vec<Edit>, Trouble> {
    let key = &target.keys[way.depth];
    let rank = |key: &str| rank(key, target.offer_type);
    let entries: Vec<(NodeId, NodeId)> = page
        .tree
        .entries(way.mapping)
        .filter(|(_, value)| !page.tree.bytes(*value).is_empty())
        .collect();
    let ranked = entries.iter().filter_map(|(found, _)| {
        let found_rank = rank(&page.key_text(*found)?);
        (found_rank < rank(key)).then_some((found_rank, *found))
    });
    let before = ranked.max().map(|(_, found)| found);
    let sibling = entries
        .iter()
        .find(|(found, _)| Some(*found) == before)
        .or(entries.last());
    let &(sibling, value) = sibling.ok_or(Trouble::Layout)?;
    let start = page.tree.bytes(sibling).start;
    let quotes = if page.text[start..].starts_with('"') {
        Quotes::Double
    } else {
        Quotes::AsNeeded
    };
    let look = Look {
        old: None,
        quotes: Quotes::AsNeeded,
        surroundings: way.surroundings,
    };
    let written = target.from(way.depth).inline(look);
    let new = format!("{}: {written}", text_scalar(key, quotes, way.surroundings));
    let end = page.end(value);
    if page.is_flow(way.mapping) {
        let after = page
            .tree
            .entries(way.mapping)
            .map(|(key, _)| page.tree.bytes(key).start)
            .find(|start| *start >= end);
        let next = after.unwrap_or(page.tree.bytes(way.mapping).end - 1);
        return Ok(page.insert_in_flow((start, end), next, &new));
    }
    let indent = page.indent(start).ok_or(Trouble::Layout)?;
    let newline = page.newline();
    let keeps_blank_lines = page
        .block_header(sibling, value)
        .is_some_and(|header| page.text[header..page.line_end(header)].contains('+'));
    let at = if keeps_blank_lines {
        page.line_start(page.tree.bytes(value).end)
    } else {
        page.next_line(end)
    };
    let open_end = !page.text[..at].ends_with('\n');
    Ok(vec![Edit::insert(
        at,
        if open_end {
            format!("{newline}{indent}{new}")
        } else {
            format!("{indent}{new}{newline}")
        },
    )])
}

/// The place of a key among its siblings: the type, the fields in the order in which they are shown, then the rest.
fn rank(key: &str, offer_type: OfferType) -> (usize, String) {
    let rank = match key {
        "type" | "currency" => 0,
        "localizations" => 1000,
        _ => match Field::of_type(key, offer_type) {
            Some(field) => 1 + field as usize,
            // Countries among themselves; what else an offer says comes last.
            None if key.len() == 2 => 500,
            None => 2000,
        },
    };
    (
        rank,
        if rank == 500 {
            key.to_owned()
        } else {
            String::new()
        },
    )
}

/// Puts a value in the place of another one.
fn replace(
    page: &Page<'_>,
    (key, value): (NodeId, NodeId),
    node: &Node,
    surroundings: Surroundings,
) -> Result<Vec<Edit>, Trouble> {
    let bytes = page.tree.bytes(value);
    let look = Look {
        old: None,
        quotes: Quotes::AsNeeded,
        surroundings,
    };
    match page.tree.kind(value) {
        NodeKind::Alias => Ok(vec![Edit::new(bytes, node.inline(look))]),
        NodeKind::Scalar { .. } => {
            if let Some(header) = page.block_header(key, value) {
                return Ok(replace_block(page, (header, value), node));
            }
            if bytes.is_empty() {
                return fill(page, key, &node.inline(look));
            }
            let range = bytes.start..page.end(value);
            Ok(vec![Edit::new(
                range.clone(),
                node.inline(look.like(&page.text[range])),
            )])
        }
        NodeKind::Sequence | NodeKind::Mapping if page.is_flow(value) => {
            if page.comments(bytes.clone()).next().is_some() {
                return Err(Trouble::Comments);
            }
            Ok(vec![Edit::new(bytes, node.inline(look))])
        }
        NodeKind::Sequence | NodeKind::Mapping => {
            let mut edits = fill(page, key, &node.inline(look))?;
            let from = page.next_line(page.tree.bytes(key).end);
            let to = page.next_line(page.end(value));
            edits.extend(page.without_lines(from, to));
            Ok(edits)
        }
    }
}

/// Writes a value behind a key that has none in its line.
fn fill(page: &Page<'_>, key: NodeId, new: &str) -> Result<Vec<Edit>, Trouble> {
    let Some(at) = page.behind_colon(key) else {
        let end = page.tree.bytes(key).end;
        let begins_line = page.indent(page.tree.bytes(key).start).is_some();
        // `{a, b}` has no colons; `? a` has its colon elsewhere.
        return if begins_line {
            Err(Trouble::Layout)
        } else {
            Ok(vec![Edit::insert(end, format!(": {new}"))])
        };
    };
    let rest = page.text[at..page.line_end(at)].trim_start();
    if rest.starts_with(['&', '!']) {
        return Err(Trouble::Layout);
    }
    Ok(vec![Edit::insert(at, format!(" {new}"))])
}

/// Writes the lines of a `|` or `>` block anew.
fn replace_block(page: &Page<'_>, (header, value): (usize, NodeId), node: &Node) -> Vec<Edit> {
    let header_end = page.line_end(header);
    let signs = page.text[header..header_end]
        .find([' ', '\t'])
        .map_or(header_end, |blank| header + blank);
    let bytes = page.tree.bytes(value);
    let from = page.next_line(header);
    let content_end = bytes.start + page.text[bytes.clone()].trim_end().len();
    let to = if content_end > from {
        page.next_line(content_end)
    } else {
        from
    };
    let indent = page.indent(bytes.start).filter(|_| to > from);
    let explicit = page.text[header..signs].contains(|sign: char| sign.is_ascii_digit());
    let lines = match node {
        Node::Text(text) if !explicit => indent.and_then(|indent| {
            block_lines(text, &page.text[header..signs], indent, page.newline())
        }),
        Node::Null
        | Node::Word(_)
        | Node::Text(_)
        | Node::Price(..)
        | Node::Time(..)
        | Node::List(_)
        | Node::Mapping(_) => None,
    };
    let open_end = to == page.text.len() && !page.text.ends_with('\n');
    if let Some((signs_text, mut lines)) = lines {
        if open_end {
            lines.truncate(lines.trim_end_matches(['\n', '\r']).len());
        }
        return vec![
            Edit::new(header..signs, signs_text),
            Edit::new(from..to, lines),
        ];
    }
    let look = Look {
        old: None,
        quotes: Quotes::AsNeeded,
        surroundings: Surroundings::Block,
    };
    let from = if open_end { header_end } else { from };
    vec![
        Edit::new(header..signs, node.inline(look)),
        Edit::new(from..to, ""),
    ]
}

/// The signs and lines of a block that says this text; `None` if quotes say it better.
fn block_lines(text: &str, signs: &str, indent: &str, newline: &str) -> Option<(String, String)> {
    let body = text.strip_suffix('\n').unwrap_or(text);
    let plain = |line: &str| {
        line.trim() == line
            && text_scalar(line, Quotes::AsNeeded, Surroundings::Block)
                .find("\\u")
                .is_none()
            && !line.contains(char::is_control)
    };
    if body.is_empty() || body.ends_with('\n') || !body.split('\n').all(plain) {
        return None;
    }
    // Folds are not made anew: several lines are written as they are.
    let sign = if signs.starts_with('>') && !body.contains('\n') {
        '>'
    } else {
        '|'
    };
    let chomp = if body.len() == text.len() { "-" } else { "" };
    let lines: Vec<String> = body
        .split('\n')
        .map(|line| match line {
            "" => newline.to_owned(),
            line => format!("{indent}{line}{newline}"),
        })
        .collect();
    // The first line tells the indentation.
    (!body.starts_with('\n')).then(|| (format!("{sign}{chomp}"), lines.concat()))
}
