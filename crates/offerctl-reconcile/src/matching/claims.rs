//! Rules 4 and 5: unbound offers that are equal, or have the same type, title and url.

use std::collections::{BTreeMap, BTreeSet};

use offerctl_manifest::desired::Offer;
use offerctl_model::name::{Name, OfferId};
use offerctl_model::offer_type::OfferType;

use super::matcher::{Matcher, adopt_help, list};
use super::pair::Rule;
use super::twins::{self, Twins};
use crate::conflict::ConflictCode;
use crate::live::LiveOffer;

/// Adopts where exactly one name and one live offer claim each other; notes every other claim as a conflict.
pub(super) fn run(matcher: &mut Matcher<'_, '_>) {
    let free = matcher.free.values().copied();
    let twins = Twins::of(free.filter(|offer| offer.is_active()));
    // Events first: whether a VOD is equal depends on which event its association means.
    for events in [true, false] {
        let of_turn = |offer_type: OfferType| (offer_type == OfferType::Event) == events;
        claim(matcher, &twins, Rule::Equal, of_turn);
    }
    claim(matcher, &twins, Rule::TitleAndUrl, |_| true);
}

fn claim<'l>(
    matcher: &mut Matcher<'_, 'l>,
    twins: &Twins<'l>,
    rule: Rule,
    of_turn: impl Fn(OfferType) -> bool,
) {
    let mut by_name: BTreeMap<&Name, Vec<&LiveOffer>> = BTreeMap::new();
    let mut by_offer: BTreeMap<&str, Vec<&Name>> = BTreeMap::new();
    let open = matcher.open.iter();
    for (name, declared) in open.filter(|(_, declared)| of_turn(declared.offer_type)) {
        let claimed: Vec<&LiveOffer> = twins
            .same_title_and_url(declared)
            .into_iter()
            .filter(|offer| matcher.is_free(offer) && !matcher.is_marked_otherwise(offer, name))
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
        let rivals: BTreeSet<&Name> = offers
            .iter()
            .filter_map(|offer| by_offer.get(offer.id.stem()))
            .flatten()
            .copied()
            .collect();
        if let ([offer], 1) = (offers.as_slice(), rivals.len()) {
            let Some(declared) = matcher.desired.get(name) else {
                continue;
            };
            if twins::has_same_form(declared, offer) {
                matcher.adopt(name, offer, declared.offer_type, rule);
            }
            continue;
        }
        let ids: Vec<OfferId> = offers.iter().map(|offer| offer.id.clone()).collect();
        let like = if rule == Rule::Equal {
            "equal in every declared field"
        } else {
            "of the same title and url"
        };
        let message = match rivals.len() {
            1 => format!(
                "{} live offers are {like} to `{name}`: {}",
                ids.len(),
                list(&ids)
            ),
            count => format!(
                "{count} declared offers, `{name}` among them, are {like} to {}",
                list(&ids)
            ),
        };
        let help = adopt_help(name, &ids);
        matcher.conflict(
            name,
            ConflictCode::Ambiguous,
            (message, help),
            &ids.iter().collect::<Vec<_>>(),
        );
    }
}

fn is_equal(matcher: &Matcher<'_, '_>, declared: &Offer, offer: &LiveOffer) -> bool {
    twins::has_same_form(declared, offer)
        && twins::differing_fields(matcher, declared, offer).is_some_and(|fields| fields.is_empty())
}
