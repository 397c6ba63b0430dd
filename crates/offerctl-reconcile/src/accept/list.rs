//! Changing a list item by item: [`step`].

use offerctl_manifest::diagnostic::Diagnostics;
use offerctl_manifest::yaml::{NodeId, NodeKind, Quotes, Surroundings};

use super::edit::Edit;
use super::page::{Page, Trouble};
use crate::notation::{Look, Node};

/// Returns the edits that bring a list one item nearer to what it should hold; `None` if it holds just that.
///
/// Items that stay are not touched, so that their order, quotes and comments stay too.
pub(super) fn step(
    page: &Page<'_>,
    (key, list): (NodeId, NodeId),
    (wanted, surroundings): (&[Node], Surroundings),
) -> Result<Option<Vec<Edit>>, Trouble> {
    let items: Vec<NodeId> = page.tree.children(list).collect();
    let mut texts = Vec::new();
    for item in &items {
        if page.tree.kind(*item) == NodeKind::Alias {
            return Err(Trouble::Alias);
        }
        let text = page.tree.text(*item, &mut Diagnostics::new());
        texts.push(text.ok_or(Trouble::Layout)?);
    }
    let words: Vec<&str> = wanted
        .iter()
        .map(word)
        .collect::<Option<_>>()
        .ok_or(Trouble::Layout)?;
    let gone = texts.iter().position(|text| !words.contains(&&**text));
    let come = words
        .iter()
        .position(|word| !texts.iter().any(|text| **text == **word));
    let flow = page.is_flow(list);
    let look = Look {
        old: None,
        quotes: Quotes::AsNeeded,
        surroundings: if flow {
            Surroundings::Flow
        } else {
            surroundings
        },
    };
    let edits = match (gone, come) {
        (None, None) => return Ok(None),
        (Some(gone), Some(come)) if !has_comment(page, (list, items[gone])) => {
            let range = page.tree.bytes(items[gone]).start..page.end(items[gone]);
            let look = look.like(&page.text[range.clone()]);
            vec![Edit::new(range, wanted[come].inline(look))]
        }
        (_, Some(come)) => append(page, (list, &items), &wanted[come].inline(look))?,
        (Some(_), None) if items.len() == 1 => clear(page, (key, list), items[0])?,
        (Some(gone), None) if flow => remove_from_flow(page, list, &items, gone),
        (Some(gone), None) => {
            let (from, to) = lines_of(page, items[gone])?;
            page.without_lines(from, to)
        }
    };
    Ok(Some(edits))
}

fn word(node: &Node) -> Option<&str> {
    match node {
        Node::Text(text) | Node::Word(text) => Some(text),
        Node::Null | Node::Price(..) | Node::Time(..) | Node::List(_) | Node::Mapping(_) => None,
    }
}

/// Whether a comment stands behind an item, and so may be about it.
fn has_comment(page: &Page<'_>, (list, item): (NodeId, NodeId)) -> bool {
    let end = page.end(item);
    let line = page.next_line(end);
    let to = if page.is_flow(list) {
        line.min(page.tree.bytes(list).end)
    } else {
        line
    };
    page.comments(end..to).next().is_some()
}

fn append(
    page: &Page<'_>,
    (list, items): (NodeId, &[NodeId]),
    new: &str,
) -> Result<Vec<Edit>, Trouble> {
    let bytes = page.tree.bytes(list);
    let Some(last) = items.last() else {
        return Ok(vec![Edit::insert(bytes.start + 1, new)]);
    };
    let (start, end) = (page.tree.bytes(*last).start, page.end(*last));
    if page.is_flow(list) {
        return Ok(page.insert_in_flow((start, end), bytes.end - 1, new));
    }
    let (from, to) = lines_of(page, *last)?;
    let dash = &page.text[from..start];
    let newline = page.newline();
    Ok(vec![Edit::insert(
        to,
        if page.text[..to].ends_with('\n') {
            format!("{dash}{new}{newline}")
        } else {
            format!("{newline}{dash}{new}")
        },
    )])
}

/// The lines of an item of a block list: only a dash stands before it.
fn lines_of(page: &Page<'_>, item: NodeId) -> Result<(usize, usize), Trouble> {
    let start = page.tree.bytes(item).start;
    let from = page.line_start(start);
    let before = page.text[from..start].trim();
    if before == "-" {
        Ok((from, page.next_line(page.end(item))))
    } else {
        Err(Trouble::Layout)
    }
}

/// Takes the only item away: an empty list has brackets.
fn clear(
    page: &Page<'_>,
    (key, list): (NodeId, NodeId),
    item: NodeId,
) -> Result<Vec<Edit>, Trouble> {
    if page.is_flow(list) {
        return Ok(remove_from_flow(page, list, &[item], 0));
    }
    let (from, to) = lines_of(page, item)?;
    let at = page.behind_colon(key).ok_or(Trouble::Layout)?;
    if page.text[at..page.line_end(at)]
        .trim_start()
        .starts_with(['&', '!'])
    {
        return Err(Trouble::Layout);
    }
    let mut edits = vec![Edit::insert(at, " []")];
    edits.extend(page.without_lines(from, to));
    Ok(edits)
}

/// Takes an item away with the comma that belongs to it; what is said beside it stays.
fn remove_from_flow(page: &Page<'_>, list: NodeId, items: &[NodeId], index: usize) -> Vec<Edit> {
    let item = items[index];
    let (start, end) = (page.tree.bytes(item).start, page.end(item));
    let next = items
        .get(index + 1)
        .map_or(page.tree.bytes(list).end - 1, |next| {
            page.tree.bytes(*next).start
        });
    let comma = page.sign(',', end..next);
    let line_from = page.line_start(start);
    let own_line = page.indent(start).is_some() && line_from > page.tree.bytes(list).start;
    if own_line {
        let after = comma.map_or(end, |comma| comma + 1);
        let line_to = page.next_line(after);
        // Only if nothing else stands in its lines.
        if line_to <= next + 1 && !page.text[after..line_to].contains(']') {
            let rest = page.text[after..line_to].trim();
            if rest.is_empty() || rest.starts_with('#') {
                return page.without_lines(line_from, line_to);
            }
        }
    }
    let previous = index
        .checked_sub(1)
        .map(|previous| page.end(items[previous]));
    match (comma, previous) {
        (Some(comma), _) => {
            // Up to the next item, unless a line or a comment ends in between.
            let gap = &page.text[comma + 1..next];
            let to = comma + 1 + (gap.len() - gap.trim_start_matches(' ').len());
            vec![Edit::new(start..end, ""), Edit::new(comma..to, "")]
        }
        (None, Some(previous)) => {
            let comma = page.sign(',', previous..start);
            let clean = page.comments(previous..start).next().is_none();
            match comma {
                Some(comma) if clean => vec![Edit::new(comma..end, "")],
                Some(_) | None => vec![Edit::new(start..end, "")],
            }
        }
        (None, None) => vec![Edit::new(start..end, "")],
    }
}
