//! Rules 4 and 5: unbound offers that are equal, or have the same type, title and url.

use std::collections::{BTreeMap, BTreeSet};

use offerctl_manifest::desired::Offer;
use offerctl_model::field::Field;
use offerctl_model::name::{Name, OfferId};
use offerctl_model::offer_type::OfferType;
use offerctl_model::words::plural;

use super::advice::{adopt_any, adopt_or_distinct, list};
use super::alike::{differing_fields, has_same_form, has_same_title_and_url};
use super::matcher::Matcher;
use super::pair::Rule;
use crate::conflict::ConflictCode;
use crate::live::LiveOffer;
use crate::looks::{Looks, Lookup};

/// Adopts where exactly one name and one live offer claim each other, and the offer stays as it is or may be changed;
/// notes every other claim as a conflict.
pub(super) fn run(matcher: &mut Matcher<'_, '_>) {
    if matcher.open.is_empty() {
        return;
    }
    let free = matcher.free.values().copied();
    let lookup = Lookup::of(matcher.api(), free.filter(|offer| offer.is_active()));
    // Events first: whether a VOD is equal depends on which event its association means.
    for events in [true, false] {
        let of_turn = |offer_type: OfferType| (offer_type == OfferType::Event) == events;
        claim(matcher, &lookup, Rule::Equal, of_turn);
    }
    claim(matcher, &lookup, Rule::TitleAndUrl, |_| true);
}

fn claim<'l>(
    matcher: &mut Matcher<'_, 'l>,
    lookup: &Lookup<'l>,
    rule: Rule,
    of_turn: impl Fn(OfferType) -> bool,
) {
    let mut by_name: BTreeMap<&Name, Vec<&LiveOffer>> = BTreeMap::new();
    let mut by_offer: BTreeMap<&str, Vec<&Name>> = BTreeMap::new();
    let open = matcher.open.iter();
    for (name, declared) in open.filter(|(_, declared)| of_turn(declared.offer_type)) {
        let looks = Looks::of_content(&declared.content);
        let claimed: Vec<&LiveOffer> = lookup
            .same_title(declared.offer_type, &looks)
            .into_iter()
            .filter(|offer| matcher.is_candidate(declared, offer))
            .filter(|offer| !matcher.is_marked_otherwise(offer, name))
            .filter(|offer| has_same_title_and_url(matcher.api(), declared, offer))
            .filter(|offer| rule == Rule::TitleAndUrl || is_equal(matcher, declared, offer))
            .collect();
        for offer in &claimed {
            by_offer.entry(offer.id.stem()).or_default().push(name);
        }
        if !claimed.is_empty() {
            by_name.insert(name, claimed);
        }
    }
    for (name, offers) in &by_name {
        let Some(declared) = matcher.desired.get(name) else {
            continue;
        };
        let rivals: BTreeSet<&Name> = offers
            .iter()
            .filter_map(|offer| by_offer.get(offer.id.stem()))
            .flatten()
            .copied()
            .collect();
        if let ([offer], 1) = (offers.as_slice(), rivals.len()) {
            claim_alone(matcher, (name, declared), offer, rule);
        } else {
            contested(matcher, (name, declared), offers, (rule, rivals.len()));
        }
    }
}

/// A name and a live offer that claim each other, and nobody else does. What has other localizations is not the same.
fn claim_alone<'l>(
    matcher: &mut Matcher<'_, 'l>,
    (name, declared): (&Name, &Offer),
    offer: &'l LiveOffer,
    rule: Rule,
) {
    if !has_same_form(declared, offer) {
        return;
    }
    let fields = differing_fields(matcher, declared, offer).unwrap_or_default();
    if fields.is_empty() || matcher.may_adopt(name) {
        matcher.adopt(name, offer, declared.offer_type, rule);
        return;
    }
    let id = &offer.id;
    let message = format!(
        "{id} has the type, title and url of `{name}`, and adopting it would change its {}",
        field_words(&fields)
    );
    let help = adopt_or_distinct(matcher, (name, declared), &[offer]);
    matcher.conflict(name, ConflictCode::AdoptChanges, (message, help), &[id]);
}

fn contested(
    matcher: &mut Matcher<'_, '_>,
    (name, declared): (&Name, &Offer),
    offers: &[&LiveOffer],
    (rule, rivals): (Rule, usize),
) {
    let ids: Vec<OfferId> = offers.iter().map(|offer| offer.id.clone()).collect();
    let (are, have) = if rule == Rule::Equal {
        (
            "are equal to",
            "claim the same live offers, equal in every declared field:",
        )
    } else {
        (
            "have the title and url of",
            "claim the same live offers, of the same title and url:",
        )
    };
    let (message, help) = match rivals {
        1 => (
            format!(
                "{} {are} `{name}`: {}",
                plural(ids.len(), "live offer"),
                list(&ids)
            ),
            adopt_or_distinct(matcher, (name, declared), offers),
        ),
        count => (
            format!(
                "{}, `{name}` among them, {have} {}",
                plural(count, "declared offer"),
                list(&ids)
            ),
            adopt_any(matcher, name, offers),
        ),
    };
    let ids: Vec<&OfferId> = ids.iter().collect();
    matcher.conflict(name, ConflictCode::Ambiguous, (message, help), &ids);
}

fn is_equal(matcher: &Matcher<'_, '_>, declared: &Offer, offer: &LiveOffer) -> bool {
    has_same_form(declared, offer)
        && differing_fields(matcher, declared, offer).is_some_and(|fields| fields.is_empty())
}

/// Some fields in words: the first few, then how many more.
fn field_words(fields: &BTreeSet<Field>) -> String {
    const SHOWN: usize = 4;
    let mut words: Vec<String> = fields
        .iter()
        .take(SHOWN)
        .map(|field| format!("`{field}`"))
        .collect();
    if fields.len() > SHOWN {
        words.push(plural(fields.len() - SHOWN, "more field"));
    }
    match words.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
        None => String::new(),
    }
}
