//! Which offers have to be read by themselves, because the lists did not carry a field: [`wanted_details`].

use std::collections::BTreeSet;

use offerctl_manifest::desired::{Desired, Offer};
use offerctl_model::content::Content;
use offerctl_model::field::{Field, Visibility};
use offerctl_model::name::{Name, OfferId};
use offerctl_model::offer_type::OfferType;

use crate::live::{Live, LiveOffer};
use crate::looks::{Looks, Lookup};
use crate::state::{Binding, State};

/// Returns the rows that have to be read by themselves before a plan can be made.
///
/// Bound offers are looked at with what is declared for them, or what was last applied; offers that belong to
/// nobody only if a declared one has their title, so that it may adopt them.
pub fn wanted_details(desired: &Desired, live: &Live, state: &State) -> Vec<(OfferType, OfferId)> {
    let mut wanted = BTreeSet::new();
    for (name, binding) in &state.bindings {
        let declared = desired.get(name).map(|offer| &*offer.content);
        if let Some(content) = declared.or(binding.applied.as_ref()) {
            add_missing_of(&mut wanted, live, binding, content);
        }
        // What was sent and is no longer declared may have to go.
        let has_sent = binding.sent.is_some() || !binding.leftovers.is_empty();
        if let Some(applied) = binding
            .applied
            .as_ref()
            .filter(|applied| has_sent && declared.is_some_and(|declared| declared != *applied))
        {
            add_missing_of(&mut wanted, live, binding, applied);
        }
    }
    let has_binding = |name: &Name, offer: &Offer| {
        let goes_on =
            |from: &Name| state.bindings.contains_key(from) && desired.get(from).is_none();
        state.bindings.contains_key(name) || offer.moved_from.as_ref().is_some_and(goes_on)
    };
    let declared = desired.offers().iter();
    let open: Vec<&Offer> = declared
        .filter(|(name, offer)| !has_binding(name, offer))
        .map(|(_, offer)| offer)
        .collect();
    if open.is_empty() {
        return wanted.into_iter().collect();
    }
    let bound: BTreeSet<&str> = state
        .bindings
        .values()
        .map(|binding| binding.id.stem())
        .collect();
    let free = live.offers();
    let free = free.filter(|offer| offer.is_active() && !bound.contains(offer.id.stem()));
    let lookup = Lookup::of(desired.api(), free);
    for offer in open {
        let looks = Looks::of_content(&offer.content);
        for candidate in lookup.same_title(offer.offer_type, &looks) {
            add_missing(&mut wanted, candidate, offer.offer_type, &offer.content);
        }
    }
    wanted.into_iter().collect()
}

/// Returns the rows that have to be read by themselves before drift can be told.
pub fn wanted_for_drift(live: &Live, state: &State) -> Vec<(OfferType, OfferId)> {
    let mut wanted = BTreeSet::new();
    for binding in state.bindings.values() {
        if let Some(applied) = &binding.applied {
            add_missing_of(&mut wanted, live, binding, applied);
        }
    }
    wanted.into_iter().collect()
}

fn add_missing_of(
    wanted: &mut BTreeSet<(OfferType, OfferId)>,
    live: &Live,
    binding: &Binding,
    content: &Content,
) {
    let is_detail = |(field, _): (Field, &_)| field.visibility() == Visibility::Detail;
    let says_details = content
        .all_fields()
        .any(|fields| fields.iter().any(is_detail));
    // Most offers say nothing that the lists do not show, and need not be looked for.
    if says_details && let Some(offer) = live.get(&binding.id) {
        add_missing(wanted, offer, binding.offer_type, content);
    }
}

fn add_missing(
    wanted: &mut BTreeSet<(OfferType, OfferId)>,
    offer: &LiveOffer,
    offer_type: OfferType,
    content: &Content,
) {
    let Some(view) = offer.view(offer_type) else {
        return;
    };
    for row in &view.rows {
        let lacks = |field: Field| {
            let value = row
                .country
                .and_then(|country| content.effective(country, field))
                .or(content.fields.get(field));
            field.visibility() == Visibility::Detail
                && row.fields.get(field).is_none()
                && value.is_some_and(|value| !value.is_cleared())
        };
        let declared = row
            .country
            .map_or_else(Vec::new, |country| content.row_fields(country));
        let top = content.fields.iter().map(|(field, _)| field);
        if declared.into_iter().chain(top).any(lacks) {
            wanted.insert((offer_type, row.id.clone()));
        }
    }
}
