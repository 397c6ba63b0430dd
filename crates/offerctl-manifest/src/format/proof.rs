//! Whether a new text says what the old one says: [`prove`].

use offerctl_model::name::Name;

use crate::diagnostic::Diagnostics;
use crate::manifest::{self, Manifest, ManifestFile, Reference};
use crate::source::SourceFile;
use crate::yaml::{Data, Entry, NodeId, NodeKind, Tree, Yaml};

/// Reads the new text as if it came from disk, and compares all that it says: offers, values, and
/// comments. What differs comes back in words.
pub(super) fn prove(
    (source, before): (&SourceFile, &ManifestFile),
    after: &SourceFile,
) -> Result<(), String> {
    let unproven = |words: &str| Err(words.to_owned());
    let read = manifest::read(after);
    if let Some(wrong) = read
        .diagnostics
        .iter()
        .next()
        .filter(|_| read.diagnostics.has_errors())
    {
        return unproven(&format!("it has a mistake: {}", wrong.message));
    }
    if read.diagnostics.len() != before.diagnostics.len() {
        return unproven("it has other warnings");
    }
    if before.manifests.len() != read.manifests.len() {
        return unproven("offers came or went");
    }
    let pairs = before.manifests.iter().zip(&read.manifests);
    if let Some((wrong, _)) = pairs
        .into_iter()
        .find(|(old, new)| !says_the_same(old, new))
    {
        return unproven(&format!("`{}` says something else", wrong.name));
    }
    let (mut old, mut new) = (Diagnostics::new(), Diagnostics::new());
    let (Some(old), Some(new)) = (Tree::scan(source, &mut old), Tree::scan(after, &mut new)) else {
        return unproven("it cannot be read");
    };
    if comments(&old) != comments(&new) {
        return unproven("a comment came or went");
    }
    if same_file(&old, &new) != Some(true) {
        return unproven("a value came or went");
    }
    Ok(())
}

/// Whether two manifests differ in nothing but their places.
pub(super) fn says_the_same(before: &Manifest, after: &Manifest) -> bool {
    let Manifest {
        name,
        offer_type,
        content,
        depends_on,
        events,
        only,
        ids: _,
        moved_from,
        lifecycle,
        overrides,
        file: _,
        places: _,
    } = before;
    let elsewhere = |one: &Manifest, other: &Manifest| {
        let mut environments = one.overrides.iter().map(|(environment, _)| environment);
        environments.all(|environment| {
            match (
                one.in_environment(environment),
                other.in_environment(environment),
            ) {
                (Some(one), Some(other)) => says_the_same(&one, &other),
                (None, Some(_)) | (_, None) => false,
            }
        })
    };
    let names = |references: &[Reference]| -> Vec<Name> {
        references.iter().map(|found| found.name.clone()).collect()
    };
    *name == after.name
        && *offer_type == after.offer_type
        && *content == after.content
        && names(depends_on) == names(&after.depends_on)
        && names(events) == names(&after.events)
        && *only == after.only
        && before.adopts() == after.adopts()
        && *moved_from == after.moved_from
        && *lifecycle == after.lifecycle
        && overrides.iter().count() == after.overrides.iter().count()
        && elsewhere(before, after)
}

/// All comments, sorted: entries may have taken theirs along.
fn comments<'a>(tree: &Tree<'a>) -> Vec<&'a str> {
    let text: &'a str = &tree.source().text;
    let ranges = tree.comments().into_iter();
    let mut comments: Vec<&str> = ranges.map(|range| &text[range]).collect();
    comments.sort_unstable();
    comments
}

/// Whether two files hold the same data, whatever becomes of it; `None` if one cannot be decoded.
fn same_file(old: &Tree<'_>, new: &Tree<'_>) -> Option<bool> {
    let (old_root, new_root) = (entries(old, old.root())?, entries(new, new.root())?);
    if old_root.len() != new_root.len() {
        return Some(false);
    }
    for ((old_key, old_value), (new_key, new_value)) in old_root.into_iter().zip(new_root) {
        if old_key != new_key {
            return Some(false);
        }
        let mappings = [(old, old_value), (new, new_value)]
            .iter()
            .all(|(tree, value)| tree.kind(*value) == NodeKind::Mapping);
        if *old_key != *"offers" || !mappings {
            if !same(&decoded(old, old_value)?, &decoded(new, new_value)?) {
                return Some(false);
            }
            continue;
        }
        // One by one, because a catalogue is large.
        let (old_offers, new_offers) = (entries(old, old_value)?, entries(new, new_value)?);
        if old_offers.len() != new_offers.len() {
            return Some(false);
        }
        for ((old_key, old_value), (new_key, new_value)) in old_offers.into_iter().zip(new_offers) {
            if old_key != new_key || !same(&decoded(old, old_value)?, &decoded(new, new_value)?) {
                return Some(false);
            }
        }
    }
    Some(true)
}

/// The entries of a mapping, sorted by their keys.
fn entries(tree: &Tree<'_>, mapping: NodeId) -> Option<Vec<(Box<str>, NodeId)>> {
    let mut diagnostics = Diagnostics::new();
    let found = tree.entries(mapping);
    let mut found = found
        .map(|(key, value)| Some((tree.text(key, &mut diagnostics)?, value)))
        .collect::<Option<Vec<_>>>()?;
    found.sort_unstable();
    Some(found)
}

fn decoded<'a>(tree: &Tree<'a>, node: NodeId) -> Option<Yaml<'a>> {
    tree.decode(node, &mut Diagnostics::new())
}

/// Whether two values are the same, with the keys of mappings in any order.
fn same(old: &Yaml<'_>, new: &Yaml<'_>) -> bool {
    match (&old.data, &new.data) {
        (Data::Null, Data::Null) => true,
        (Data::Scalar(old), Data::Scalar(new)) => old == new,
        (Data::Sequence(old), Data::Sequence(new)) => {
            old.len() == new.len() && old.iter().zip(new).all(|(old, new)| same(old, new))
        }
        (Data::Mapping(old), Data::Mapping(new)) => {
            let sorted = |entries: &[Entry<'_>]| -> Vec<usize> {
                let mut order: Vec<usize> = (0..entries.len()).collect();
                order.sort_by(|one, two| entries[*one].0.cmp(&entries[*two].0));
                order
            };
            old.len() == new.len()
                && sorted(old)
                    .into_iter()
                    .zip(sorted(new))
                    .all(|(one, two)| old[one].0 == new[two].0 && same(&old[one].2, &new[two].2))
        }
        (Data::Null | Data::Scalar(_) | Data::Sequence(_) | Data::Mapping(_), _) => false,
    }
}
