//! Which addresses tell offers apart: [`Addresses`]. Many offers may share one, and then it tells nothing about any of them.

use std::collections::{BTreeMap, BTreeSet};

use offerctl_model::name::Name;

use super::matcher::Matcher;
use crate::fold::AsRead;
use crate::live::LiveOffer;
use crate::looks::Looks;

/// An offer that has an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Owner<'a> {
    /// A live one, by the stem of its id.
    Live(&'a str),
    /// A declared one that is not live yet.
    Declared(&'a Name),
}

/// The offers that have each address: those on sale, whoever manages them, and those that are declared and not live yet.
#[derive(Debug)]
pub(super) struct Addresses<'a> {
    owners: BTreeMap<AsRead, BTreeSet<Owner<'a>>>,
}

impl<'a> Addresses<'a> {
    pub(super) fn of<'l: 'a>(matcher: &Matcher<'a, 'l>) -> Self {
        let mut owners: BTreeMap<AsRead, BTreeSet<Owner<'a>>> = BTreeMap::new();
        let mut add = |looks: &Looks, owner: Owner<'a>| {
            for url in looks.urls() {
                owners.entry(url.clone()).or_default().insert(owner);
            }
        };
        for offer in matcher.live.offers().filter(|offer| offer.is_active()) {
            for offer_type in offer.types() {
                if let Some(view) = offer.view(offer_type) {
                    let looks = Looks::of_view((matcher.api(), offer_type), view);
                    add(&looks, Owner::Live(offer.id.stem()));
                }
            }
        }
        for (name, declared) in matcher.desired.offers() {
            if !matcher.matching.matches.contains_key(name) {
                add(&Looks::of_content(&declared.content), Owner::Declared(name));
            }
        }
        Self { owners }
    }

    /// Whether a declared and a live offer share an address that nothing else has. What is live under the name already, as
    /// another type, is not something else.
    pub(super) fn tell(
        &self,
        matcher: &Matcher<'_, '_>,
        (name, looks): (&Name, &Looks),
        offer: &LiveOffer,
    ) -> bool {
        let own = matcher.matching.matches.get(name);
        let own = own.map(|found| found.id().stem());
        let is_of_the_pair = |owner: &Owner<'_>| match owner {
            Owner::Live(stem) => *stem == offer.id.stem() || Some(*stem) == own,
            Owner::Declared(declared) => *declared == name,
        };
        let views = offer.types().filter_map(|offer_type| {
            let view = offer.view(offer_type)?;
            Some(Looks::of_view((matcher.api(), offer_type), view))
        });
        views.into_iter().any(|shown| {
            looks.shared_urls(&shown).any(|url| {
                let owners = self.owners.get(url).into_iter().flatten();
                owners.into_iter().all(is_of_the_pair)
            })
        })
    }
}
