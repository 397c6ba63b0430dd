//! How people would recognize an offer: [`Looks`], and which of its addresses are evidence: [`Addresses`].

use std::collections::{BTreeMap, BTreeSet};

use offerctl_model::content::{Content, Fields};
use offerctl_model::field::Field;

use crate::fold::{folded, folded_url};
use crate::live::{Live, LiveOffer, View};
use crate::state::State;

/// The titles and addresses that the rows of an offer have, folded.
#[derive(Debug)]
pub(super) struct Looks {
    titles: BTreeSet<String>,
    urls: BTreeSet<String>,
}

impl Looks {
    /// Returns those of an offer that was to be made.
    pub(super) fn of_content(content: &Content) -> Self {
        Self::of_fields(content.all_fields())
    }

    /// Returns those of a live offer.
    pub(super) fn of_view(view: &View) -> Self {
        Self::of_fields(view.rows.iter().map(|row| &row.fields))
    }

    fn of_fields<'a>(rows: impl Iterator<Item = &'a Fields>) -> Self {
        let mut looks = Self {
            titles: BTreeSet::new(),
            urls: BTreeSet::new(),
        };
        for fields in rows {
            looks
                .titles
                .extend(fields.text(Field::Title).map(|title| folded(title.raw())));
            looks
                .urls
                .extend(fields.text(Field::Url).map(|url| folded_url(url.raw())));
        }
        // An empty text is shared by all that have none.
        looks.titles.remove("");
        looks.urls.remove("");
        looks
    }

    /// Returns whether any row of one has the title of any row of the other.
    pub(super) fn share_a_title(&self, other: &Self) -> bool {
        !self.titles.is_disjoint(&other.titles)
    }

    /// Returns the addresses that both have.
    pub(super) fn shared_urls<'a>(&'a self, other: &'a Self) -> impl Iterator<Item = &'a str> {
        self.urls.intersection(&other.urls).map(String::as_str)
    }
}

/// Who has an address: many offers may share one, and then it tells nothing about any of them.
#[derive(Debug, Default)]
pub(super) struct Addresses<'a> {
    /// Addresses of offers that cannot be one of the creates.
    taken: BTreeSet<String>,
    /// What the intents with an address say; those that say the same are interchangeable.
    intended: BTreeMap<String, BTreeSet<&'a Content>>,
}

impl<'a> Addresses<'a> {
    /// Notes the addresses of all live offers but those that may be one of the creates, of what is bound, and of all
    /// intents.
    pub(super) fn new(
        live: &Live,
        state: &'a State,
        is_candidate: impl Fn(&LiveOffer) -> bool,
    ) -> Self {
        let mut addresses = Self::default();
        for offer in live.offers().filter(|offer| !is_candidate(offer)) {
            for offer_type in offer.types() {
                let looks = offer.view(offer_type).map(Looks::of_view);
                addresses
                    .taken
                    .extend(looks.into_iter().flat_map(|looks| looks.urls));
            }
        }
        for applied in state
            .bindings
            .values()
            .filter_map(|binding| binding.applied.as_ref())
        {
            addresses.taken.extend(Looks::of_content(applied).urls);
        }
        for intent in state.intents.values() {
            for url in Looks::of_content(&intent.content).urls {
                let contents = addresses.intended.entry(url).or_default();
                contents.insert(&intent.content);
            }
        }
        addresses
    }

    /// Returns whether nothing but creates of this content, and offers that may have come of them, has an address.
    pub(super) fn belongs_to(&self, url: &str, content: &Content) -> bool {
        let contents = self.intended.get(url);
        !self.taken.contains(url)
            && contents.is_none_or(|contents| contents.iter().all(|other| *other == content))
    }
}
