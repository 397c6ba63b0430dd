//! How much a declared and a live offer are the same.

use std::collections::BTreeSet;

use offerctl_manifest::desired::Offer;
use offerctl_model::country::Country;
use offerctl_model::field::Field;
use offerctl_model::name::Name;
use offerctl_model::offer_type::Api;

use super::matcher::Matcher;
use crate::diff::{Comparison, Undo, difference};
use crate::fold::AsRead;
use crate::live::{LiveOffer, Row};

/// Whether title and url are the same, as people read them, in every row that both have.
pub(super) fn has_same_title_and_url(api: Api, declared: &Offer, offer: &LiveOffer) -> bool {
    let of = (api, declared.offer_type);
    let Some(view) = offer.view(declared.offer_type) else {
        return false;
    };
    let same = |country: Option<Country>, row: &Row| {
        [Field::Title, Field::Url].into_iter().all(|field| {
            let rows = declared.content.localizations.as_ref();
            let own = country.and_then(|country| rows?.get(&country)?.fields.text(field));
            let text = own.or_else(|| declared.content.fields.text(field));
            text.zip(row.fields.text(field))
                .is_some_and(|(text, shown)| {
                    text == shown
                        || AsRead::declared(field, text)
                            .is_shown_as(&AsRead::live(field, of, shown))
                })
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

/// The fields that differ, exactly; `None` if the offers are not of one type. Our marker is none of them: it says whose an
/// offer is, not what it is.
pub(super) fn differing_fields(
    matcher: &Matcher<'_, '_>,
    declared: &Offer,
    offer: &LiveOffer,
) -> Option<BTreeSet<Field>> {
    let view = offer.view(declared.offer_type)?;
    let resolve = |name: &Name| matcher.matching.id_of(name);
    let found = difference(Comparison {
        api: matcher.api(),
        offer_type: declared.offer_type,
        desired: &declared.content,
        view,
        applied: None,
        resolve: &resolve,
        undo: Undo {
            ignore: Some(&declared.lifecycle.ignore),
            ..Undo::default()
        },
        now: matcher.live.read_at(),
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
