//! New offers that would stand beside a live one that looks like them: a person decides first.

use std::cell::OnceCell;

use offerctl_manifest::desired::Offer;
use offerctl_model::name::{Name, OfferId};
use offerctl_model::offer_type::{Api, OfferType};

use super::addresses::Addresses;
use super::advice::{adopt_any, adopt_or_distinct, distinct_line, list};
use super::alike::{differing_fields, has_same_form, has_same_title_and_url};
use super::matcher::Matcher;
use crate::conflict::ConflictCode;
use crate::live::LiveOffer;
use crate::looks::{Looks, Lookup};

/// The live offers that a new one may stand beside.
struct Others<'a> {
    /// On sale, and nobody's.
    active: Lookup<'a>,
    /// Deactivated by hand, and nobody's.
    inactive: Lookup<'a>,
    /// Bound to names that are no longer declared.
    orphans: Lookup<'a>,
    /// The names of those.
    orphan_names: Vec<(&'a Name, &'a LiveOffer)>,
    /// Made once something has the same address.
    addresses: OnceCell<Addresses<'a>>,
}

/// Notes a conflict for every name that is to get a new offer, and that something live looks like.
pub(super) fn run<'a, 'l: 'a>(matcher: &mut Matcher<'a, 'l>) {
    if matcher.open.is_empty() && matcher.retyped.is_empty() {
        return;
    }
    let others = Others::of(matcher);
    for (name, declared) in matcher.open() {
        let looks = Looks::of_content(&declared.content);
        if let Some((old, offer)) = others.renamed(matcher, (name, declared, &looks)) {
            let id = &offer.id;
            let message = format!(
                "`{name}` is new and looks like `{old}` ({id}), which is no longer declared"
            );
            let help = format!(
                "if it was renamed, write `movedFrom: {old}` into `{name}`; if it is another offer, write {}",
                distinct_line(declared, &[offer])
            );
            matcher.conflict(name, ConflictCode::Renamed, (message, help), &[id]);
            continue;
        }
        others.refuse(matcher, (name, declared, &looks));
    }
    // A name that changes its type gets a new offer as well.
    for (name, declared) in matcher.retyped.clone() {
        let looks = Looks::of_content(&declared.content);
        if others.refuse(matcher, (name, declared, &looks)) {
            matcher.matching.matches.remove(name);
            matcher.matching.blocked.insert(name.clone());
        }
    }
}

/// A declared offer that is not live yet, with its name and its looks.
type New<'n> = (&'n Name, &'n Offer, &'n Looks);

impl<'a> Others<'a> {
    fn of<'l: 'a>(matcher: &Matcher<'a, 'l>) -> Self {
        let orphan_names: Vec<(&'a Name, &'a LiveOffer)> = matcher
            .bindings
            .iter()
            .filter(|(name, _)| matcher.matching.orphans.contains(**name))
            .filter_map(|(name, binding)| Some((*name, matcher.live.get(&binding.id)?)))
            .collect();
        let api = matcher.api();
        let free = || matcher.free.values().copied();
        let by_hand = |offer: &&LiveOffer| !offer.is_active() && !matcher.is_buried(offer);
        Self {
            active: Lookup::of(api, free().filter(|offer| offer.is_active())),
            inactive: Lookup::of(api, free().filter(by_hand)),
            orphans: Lookup::of(api, orphan_names.iter().map(|(_, offer)| *offer)),
            orphan_names,
            addresses: OnceCell::new(),
        }
    }

    /// The offers that look like a new one: the same title, or an address that nothing else has.
    fn alike<'l: 'a>(
        &self,
        matcher: &Matcher<'a, 'l>,
        lookup: &Lookup<'a>,
        (name, declared, looks): New<'_>,
    ) -> Vec<&'a LiveOffer> {
        let offer_type: OfferType = declared.offer_type;
        let mut found = lookup.same_title(offer_type, looks);
        let by_url = lookup.same_url(offer_type, looks);
        found.extend(by_url.into_iter().filter(|offer| {
            let addresses = self.addresses.get_or_init(|| Addresses::of(matcher));
            addresses.tell(matcher, (name, looks), offer)
        }));
        found.retain(|offer| !declared.lifecycle.is_distinct_from(&offer.id));
        found.sort_by(|one, other| one.id.cmp(&other.id));
        found.dedup_by(|one, other| one.id == other.id);
        found
    }

    /// The undeclared bound offer that the new one probably was: the same title and url, or all but one field.
    fn renamed<'l: 'a>(
        &self,
        matcher: &Matcher<'a, 'l>,
        new: New<'_>,
    ) -> Option<(&'a Name, &'a LiveOffer)> {
        let (_, declared, _) = new;
        let candidates = self.alike(matcher, &self.orphans, new);
        let found = candidates.into_iter().find(|offer| {
            has_same_title_and_url(matcher.api(), declared, offer)
                || differing_fields(matcher, declared, offer)
                    .is_some_and(|fields| fields.len() <= 1)
        })?;
        let mut names = self.orphan_names.iter();
        names.find(|(_, offer)| offer.id == found.id).copied()
    }

    /// Notes a conflict if a new offer would stand beside one that looks like it; returns whether it would.
    fn refuse<'l: 'a>(&self, matcher: &mut Matcher<'a, 'l>, new: New<'_>) -> bool {
        let alike = self.alike(matcher, &self.active, new);
        if alike.is_empty() {
            return self.refuse_inactive(matcher, new);
        }
        let (name, declared, _) = new;
        let first = first_step(matcher, name);
        let like = describe(matcher.api(), &alike, (name, declared));
        // Nobody else's offer among them can be adopted.
        let (theirs, open): (Vec<&LiveOffer>, Vec<&LiveOffer>) = alike
            .into_iter()
            .partition(|offer| matcher.other_project(offer).is_some());
        if open.is_empty() {
            let project = theirs
                .first()
                .and_then(|offer| matcher.other_project(offer));
            let project = project.unwrap_or_default();
            matcher.refuse_beside_other_project(name, (&theirs, project), (&like, &first));
            return true;
        }
        let ids: Vec<OfferId> = open.iter().map(|offer| offer.id.clone()).collect();
        let message = format!("{like}: {}", list(&ids));
        let help = first + &adopt_or_distinct(matcher, (name, declared), &open);
        let ids: Vec<&OfferId> = ids.iter().collect();
        matcher.conflict(name, ConflictCode::NearMatch, (message, help), &ids);
        true
    }

    fn refuse_inactive<'l: 'a>(
        &self,
        matcher: &mut Matcher<'a, 'l>,
        (name, declared, looks): New<'_>,
    ) -> bool {
        let mut alike = self.inactive.same_title(declared.offer_type, looks);
        alike.retain(|offer| {
            has_same_title_and_url(matcher.api(), declared, offer)
                && !declared.lifecycle.is_distinct_from(&offer.id)
        });
        if alike.is_empty() {
            return false;
        }
        let ids: Vec<OfferId> = alike.iter().map(|offer| offer.id.clone()).collect();
        let message = format!(
            "an offer with the title and url of `{name}` was deactivated by hand: {}",
            list(&ids)
        );
        let line = distinct_line(declared, &alike);
        // Over JSON-RPC nothing can be sold again.
        let revive = match matcher.api() {
            Api::Rest => format!("; {}", adopt_any(matcher, name, &alike)),
            Api::JsonRpc => String::new(),
        };
        let help = format!(
            "{}to create a new one beside it, write {line} into `{name}`{revive}",
            first_step(matcher, name)
        );
        let ids: Vec<&OfferId> = ids.iter().collect();
        matcher.conflict(name, ConflictCode::InactiveTwin, (message, help), &ids);
        true
    }
}

/// What comes before everything else where the name has an offer of another type.
fn first_step(matcher: &Matcher<'_, '_>, name: &Name) -> String {
    if matcher.bindings.contains_key(name) {
        format!("drop the binding first: `offerctl state forget {name}`; then, ")
    } else {
        String::new()
    }
}

fn describe(api: Api, alike: &[&LiveOffer], (name, declared): (&Name, &Offer)) -> String {
    let is_same = |offer: &&LiveOffer| has_same_title_and_url(api, declared, offer);
    let is_same = alike.iter().any(is_same);
    match (is_same, alike) {
        (true, [offer]) if has_same_form(declared, offer) => {
            format!("a live offer has the title and url of `{name}`")
        }
        (true, [_]) => {
            format!("a live offer has the title and url of `{name}`, but not its localizations")
        }
        (true, _) => format!("several live offers have the title or url of `{name}`"),
        (false, [_]) => format!("a live offer has the title or the url of `{name}`, but not both"),
        (false, _) => {
            format!("several live offers have the title or the url of `{name}`, but not both")
        }
    }
}
