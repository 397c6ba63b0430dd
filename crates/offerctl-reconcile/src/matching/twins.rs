//! How much a declared and a live offer look alike: [`Twins`].

use std::collections::{BTreeMap, BTreeSet};

use offerctl_manifest::desired::Offer;
use offerctl_model::content::Content;
use offerctl_model::country::Country;
use offerctl_model::field::Field;
use offerctl_model::foreign::Foreign;
use offerctl_model::offer_type::OfferType;

use super::matcher::Matcher;
use crate::diff::{Comparison, difference};
use crate::live::{LiveOffer, Row};

/// Live offers by the texts that people know them by.
pub(super) struct Twins<'a> {
    by_title: BTreeMap<(OfferType, &'a Foreign), Vec<&'a LiveOffer>>,
    by_url: BTreeMap<(OfferType, &'a Foreign), Vec<&'a LiveOffer>>,
}

impl<'a> Twins<'a> {
    pub(super) fn of(offers: impl Iterator<Item = &'a LiveOffer>) -> Self {
        let mut twins = Self {
            by_title: BTreeMap::new(),
            by_url: BTreeMap::new(),
        };
        for offer in offers {
            for offer_type in offer.types() {
                let rows = offer
                    .view(offer_type)
                    .map(|view| view.rows.as_slice())
                    .unwrap_or_default();
                let texts = |field| -> BTreeSet<&'a Foreign> {
                    rows.iter()
                        .filter_map(|row| row.fields.text(field))
                        .collect()
                };
                for title in texts(Field::Title) {
                    twins
                        .by_title
                        .entry((offer_type, title))
                        .or_default()
                        .push(offer);
                }
                for url in texts(Field::Url) {
                    twins
                        .by_url
                        .entry((offer_type, url))
                        .or_default()
                        .push(offer);
                }
            }
        }
        twins
    }

    /// The offers whose every common row has the title and the url of the declared one.
    pub(super) fn same_title_and_url(&self, declared: &Offer) -> Vec<&'a LiveOffer> {
        let mut found = self.same_title(declared);
        found.retain(|offer| has_same_title_and_url(declared, offer));
        found
    }

    /// The offers with a row that has the title of the declared one.
    pub(super) fn same_title(&self, declared: &Offer) -> Vec<&'a LiveOffer> {
        Self::find(&self.by_title, declared, Field::Title)
    }

    /// The offers with a row that has the url of the declared one.
    pub(super) fn same_url(&self, declared: &Offer) -> Vec<&'a LiveOffer> {
        Self::find(&self.by_url, declared, Field::Url)
    }

    fn find(
        index: &BTreeMap<(OfferType, &'a Foreign), Vec<&'a LiveOffer>>,
        declared: &Offer,
        field: Field,
    ) -> Vec<&'a LiveOffer> {
        let mut found: BTreeMap<&str, &'a LiveOffer> = BTreeMap::new();
        for text in texts_of(&declared.content, field) {
            for offer in index
                .get(&(declared.offer_type, text))
                .into_iter()
                .flatten()
            {
                found.insert(offer.id.stem(), offer);
            }
        }
        found.into_values().collect()
    }
}

/// The texts that a field has in the rows of an offer.
fn texts_of(content: &Content, field: Field) -> BTreeSet<&Foreign> {
    match &content.localizations {
        None => content.fields.text(field).into_iter().collect(),
        Some(rows) => rows
            .values()
            .filter_map(|row| {
                row.fields
                    .text(field)
                    .or_else(|| content.fields.text(field))
            })
            .collect(),
    }
}

/// Whether title and url are the same in every row that both have.
pub(super) fn has_same_title_and_url(declared: &Offer, offer: &LiveOffer) -> bool {
    let Some(view) = offer.view(declared.offer_type) else {
        return false;
    };
    let same = |country: Option<Country>, row: &Row| {
        [Field::Title, Field::Url].into_iter().all(|field| {
            let text = country
                .and_then(|country| {
                    declared
                        .content
                        .localizations
                        .as_ref()?
                        .get(&country)?
                        .fields
                        .text(field)
                })
                .or_else(|| declared.content.fields.text(field));
            text.is_some() && text == row.fields.text(field)
        })
    };
    let common: Vec<&Row> = match &declared.content.localizations {
        None => view.rows.iter().collect(),
        Some(rows) => view
            .rows
            .iter()
            .filter(|row| {
                row.country.is_some_and(|country| {
                    rows.contains_key(&country) || view.home == Some(country)
                })
            })
            .collect(),
    };
    let common = if common.is_empty() {
        view.rows.iter().collect()
    } else {
        common
    };
    common.iter().all(|row| same(row.country, row))
}

/// Whether the live offer has just the rows that the manifest declares.
pub(super) fn has_same_form(declared: &Offer, offer: &LiveOffer) -> bool {
    let Some(view) = offer.view(declared.offer_type) else {
        return false;
    };
    if !declared.content.is_localized() {
        return !view.has_localizations();
    }
    let declared = declared.content.countries_with(view.home);
    view.countries() == declared && view.rows.len() == declared.len()
}

/// The fields that differ; `None` if the offers are not of one type. Our marker is none of them: it says whose an offer
/// is, not what it is.
pub(super) fn differing_fields(
    matcher: &Matcher<'_, '_>,
    declared: &Offer,
    offer: &LiveOffer,
) -> Option<BTreeSet<Field>> {
    let view = offer.view(declared.offer_type)?;
    let resolve = |name: &offerctl_model::name::Name| matcher.matching.id_of(name);
    let found = difference(Comparison {
        api: matcher.desired.api(),
        offer_type: declared.offer_type,
        desired: &declared.content,
        view,
        applied: None,
        resolve: &resolve,
    });
    Some(
        found
            .fields
            .iter()
            .filter(|change| change.readable)
            .map(|change| change.path.field)
            .filter(|field| *field != Field::Marker)
            .collect(),
    )
}
