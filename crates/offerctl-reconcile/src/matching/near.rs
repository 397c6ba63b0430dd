//! What is near and not equal: it blocks a create until a person decided.

use offerctl_manifest::desired::Offer;
use offerctl_model::name::{Name, OfferId};

use super::matcher::{Matcher, adopt_help, list};
use super::twins::{Twins, differing_fields, has_same_form, has_same_title_and_url};
use crate::conflict::ConflictCode;
use crate::live::LiveOffer;

/// Notes a conflict for every name that is to get a new offer, and that something live looks like.
pub(super) fn run(matcher: &mut Matcher<'_, '_>) {
    let orphans: Vec<(&Name, &LiveOffer)> = matcher
        .bindings
        .iter()
        .filter(|(name, _)| matcher.matching.orphans.contains(**name))
        .filter_map(|(name, binding)| Some((*name, matcher.live.get(&binding.id)?)))
        .collect();
    let orphan_twins = Twins::of(orphans.iter().map(|(_, offer)| *offer));
    let free = || matcher.free.values().copied();
    let active = Twins::of(free().filter(|offer| offer.is_active()));
    let inactive =
        Twins::of(free().filter(|offer| !offer.is_active() && !matcher.is_buried(offer)));
    let open = matcher.open();
    for (name, declared) in open {
        if let Some((old, id)) = renamed(matcher, declared, &orphans, &orphan_twins) {
            let message = format!(
                "`{name}` is new and looks like `{old}` ({id}), which is no longer declared"
            );
            let help = format!(
                "if it was renamed, write `movedFrom: {old}` into it; if not, remove `{old}` in a change of its own first"
            );
            matcher.conflict(name, ConflictCode::Renamed, (message, help), &[&id]);
            continue;
        }
        beside(matcher, (name, declared), &active, &inactive);
    }
    // A name that changes its type gets a new offer as well.
    for (name, declared) in matcher.retyped.clone() {
        if beside(matcher, (name, declared), &active, &inactive) {
            matcher.matching.matches.remove(name);
            matcher.matching.blocked.insert(name.clone());
        }
    }
}

/// Notes a conflict if a new offer would stand beside one that looks like it; returns whether it would.
fn beside(
    matcher: &mut Matcher<'_, '_>,
    (name, declared): (&Name, &Offer),
    active: &Twins<'_>,
    inactive: &Twins<'_>,
) -> bool {
    let first = if matcher.bindings.contains_key(name) {
        format!("drop the binding first: `offerctl state forget {name}`; then, ")
    } else {
        String::new()
    };
    let near = union(active.same_title(declared), active.same_url(declared));
    if !near.is_empty() {
        let ids: Vec<OfferId> = near.iter().map(|offer| offer.id.clone()).collect();
        let message = format!("{} as `{name}`: {}", describe(&near, declared), list(&ids));
        let help = first + &adopt_help(name, &ids);
        matcher.conflict(
            name,
            ConflictCode::NearMatch,
            (message, help),
            &ids.iter().collect::<Vec<_>>(),
        );
        return true;
    }
    let twins = inactive.same_title_and_url(declared);
    if !twins.is_empty() {
        let ids: Vec<OfferId> = twins.iter().map(|offer| offer.id.clone()).collect();
        let message = format!(
            "an offer with the title and url of `{name}` was deactivated by hand: {}",
            list(&ids)
        );
        let help = format!(
            "{first}to make a new one beside it: `offerctl state adopt {name} {}`, then `offerctl state forget {name}`",
            ids[0].argument()
        );
        matcher.conflict(
            name,
            ConflictCode::InactiveTwin,
            (message, help),
            &ids.iter().collect::<Vec<_>>(),
        );
        return true;
    }
    false
}

/// The undeclared bound offer that the new one probably was: the same title and url, or all but one field.
fn renamed<'a>(
    matcher: &Matcher<'a, '_>,
    declared: &Offer,
    orphans: &[(&'a Name, &'a LiveOffer)],
    twins: &Twins<'a>,
) -> Option<(&'a Name, OfferId)> {
    // At most one of title and url differs when only one field does.
    let candidates = union(twins.same_title(declared), twins.same_url(declared));
    let found = candidates.into_iter().find(|offer| {
        has_same_title_and_url(declared, offer)
            || differing_fields(matcher, declared, offer).is_some_and(|fields| fields.len() <= 1)
    })?;
    let (name, _) = orphans.iter().find(|(_, offer)| offer.id == found.id)?;
    Some((name, found.id.clone()))
}

fn union<'a>(mut left: Vec<&'a LiveOffer>, right: Vec<&'a LiveOffer>) -> Vec<&'a LiveOffer> {
    left.extend(right);
    left.sort_by(|one, other| one.id.cmp(&other.id));
    left.dedup_by(|one, other| one.id == other.id);
    left
}

fn describe(near: &[&LiveOffer], declared: &Offer) -> &'static str {
    let same = near
        .iter()
        .any(|offer| has_same_title_and_url(declared, offer));
    match (same, near.len()) {
        (true, 1) if has_same_form(declared, near[0]) => "a live offer has the same title and url",
        (true, 1) => "a live offer has the same title and url, but not the same localizations",
        (true, _) => "several live offers have the same title or url",
        (false, 1) => "a live offer has the same title or the same url, but not both",
        (false, _) => "several live offers have the same title or the same url, but not both",
    }
}
