//! New offers that customers could not tell from another one: [`copies`].

use std::collections::BTreeMap;

use offerctl_manifest::desired::{Desired, Offer};
use offerctl_model::content::Content;
use offerctl_model::country::Country;
use offerctl_model::field::Field;
use offerctl_model::money::Currency;
use offerctl_model::name::Name;
use offerctl_model::offer_type::OfferType;
use offerctl_model::value::Value;

use super::change::Action;
use super::draft::Draft;
use crate::fold::AsRead;

/// What a customer sees of an offer, beside title, address and description: two offers alike in all of it are copies.
const SEEN: [Field; 5] = [
    Field::Price,
    Field::Period,
    Field::ExpiresAt,
    Field::StartTime,
    Field::EndTime,
];

type Seen<'a> = (
    OfferType,
    [Option<AsRead>; 2],
    [Option<&'a Value>; SEEN.len()],
    Vec<(Country, Currency, Option<&'a Value>)>,
);

fn seen(offer: &Offer) -> Seen<'_> {
    let content: &Content = &offer.content;
    let rows = content.localizations.iter().flatten();
    let prices = rows.map(|(country, row)| {
        (
            *country,
            row.currency,
            content.effective(*country, Field::Price),
        )
    });
    (
        offer.offer_type,
        [Field::Title, Field::Url].map(|field| {
            let text = content.fields.text(field)?;
            Some(AsRead::declared(field, text))
        }),
        SEEN.map(|field| content.fields.get(field)),
        prices.collect(),
    )
}

/// The offers that the plan makes although another declared one looks the same, each with that other one.
///
/// Of several new ones the first by name is the original.
pub(super) fn copies(desired: &Desired, drafts: &BTreeMap<Name, Draft>) -> BTreeMap<Name, Name> {
    let is_new = |name: &Name| {
        let draft = drafts.get(name);
        draft.is_some_and(|draft| draft.change.action == Action::Create)
    };
    if !desired.offers().keys().any(is_new) {
        return BTreeMap::new();
    }
    let mut alike: BTreeMap<Seen<'_>, Vec<&Name>> = BTreeMap::new();
    for (name, offer) in desired.offers() {
        alike.entry(seen(offer)).or_default().push(name);
    }
    let mut found = BTreeMap::new();
    for names in alike.into_values().filter(|names| names.len() > 1) {
        let there = names.iter().find(|name| !is_new(name));
        let Some(original) = there.or(names.first()) else {
            continue;
        };
        for name in names
            .iter()
            .filter(|name| is_new(name) && *name != original)
        {
            found.insert((*name).clone(), (*original).clone());
        }
    }
    found
}
