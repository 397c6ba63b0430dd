//! Which offers have to be read by themselves, because the lists did not carry a field: [`wanted_details`].

use std::collections::{BTreeMap, BTreeSet};

use crate::content::Content;
use crate::desired::Desired;
use crate::field::{Field, Visibility};
use crate::live::{Live, LiveOffer};
use crate::name::{Name, OfferId};
use crate::offer_type::OfferType;
use crate::state::State;

/// Returns the rows that have to be read by themselves before a plan can be made.
///
/// Bound offers are looked at with what is declared for them, or what was last applied; offers that belong to
/// nobody only if a declared one has their title or url, so that it may adopt them.
pub fn wanted_details(desired: &Desired, live: &Live, state: &State) -> Vec<(OfferType, OfferId)> {
    let mut wanted = BTreeSet::new();
    let mut bound: BTreeSet<&str> = BTreeSet::new();
    let mut has_binding: BTreeSet<&Name> = BTreeSet::new();
    let moved_to: BTreeMap<&Name, &Name> = desired
        .offers()
        .iter()
        .filter_map(|(name, offer)| Some((offer.moved_from.as_ref()?, name)))
        .collect();
    for (name, binding) in &state.bindings {
        bound.insert(binding.id.stem());
        let name = if desired.get(name).is_some() {
            name
        } else {
            moved_to.get(name).copied().unwrap_or(name)
        };
        has_binding.insert(name);
        let declared = desired.get(name).map(|offer| &*offer.content);
        if let (Some(content), Some(offer)) =
            (declared.or(binding.applied.as_ref()), live.get(&binding.id))
        {
            add_missing(&mut wanted, offer, binding.offer_type, content);
        }
    }
    let mut by_text: BTreeMap<(OfferType, &str), Vec<&LiveOffer>> = BTreeMap::new();
    for offer in live
        .offers()
        .filter(|offer| offer.is_active() && !bound.contains(offer.id.stem()))
    {
        for offer_type in offer.types() {
            let rows = offer
                .view(offer_type)
                .map(|view| view.rows.as_slice())
                .unwrap_or_default();
            let texts: BTreeSet<&str> = rows
                .iter()
                .flat_map(|row| [Field::Title, Field::Url].map(|field| row.fields.text(field)))
                .flatten()
                .collect();
            for text in texts {
                by_text.entry((offer_type, text)).or_default().push(offer);
            }
        }
    }
    for (_, offer) in desired
        .offers()
        .iter()
        .filter(|(name, _)| !has_binding.contains(name))
    {
        let texts = [Field::Title, Field::Url].map(|field| offer.content.fields.text(field));
        for text in texts.into_iter().flatten() {
            for candidate in by_text.get(&(offer.offer_type, text)).into_iter().flatten() {
                add_missing(&mut wanted, candidate, offer.offer_type, &offer.content);
            }
        }
    }
    wanted.into_iter().collect()
}

/// Returns the rows that have to be read by themselves before drift can be told.
pub fn wanted_for_drift(live: &Live, state: &State) -> Vec<(OfferType, OfferId)> {
    let mut wanted = BTreeSet::new();
    for binding in state.bindings.values() {
        if let (Some(applied), Some(offer)) = (&binding.applied, live.get(&binding.id)) {
            add_missing(&mut wanted, offer, binding.offer_type, applied);
        }
    }
    wanted.into_iter().collect()
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
