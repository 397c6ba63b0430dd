//! Which addresses are evidence: [`Addresses`].

use std::collections::{BTreeMap, BTreeSet};

use offerctl_model::content::Content;
use offerctl_model::offer_type::Api;

use crate::fold::AsRead;
use crate::live::{Live, LiveOffer};
use crate::looks::Looks;
use crate::state::State;

/// Who has an address: many offers may share one, and then it tells nothing about any of them.
#[derive(Debug, Default)]
pub(super) struct Addresses<'a> {
    /// Addresses of offers that cannot be one of the creates.
    taken: BTreeSet<AsRead>,
    /// What the intents with an address say; those that say the same are interchangeable.
    intended: BTreeMap<AsRead, BTreeSet<&'a Content>>,
}

impl<'a> Addresses<'a> {
    /// Notes the addresses of all live offers but those that may be one of the creates, of what is bound, and of all
    /// intents.
    pub(super) fn new(
        api: Api,
        live: &Live,
        state: &'a State,
        is_candidate: impl Fn(&LiveOffer) -> bool,
    ) -> Self {
        let mut addresses = Self::default();
        for offer in live.offers().filter(|offer| !is_candidate(offer)) {
            for offer_type in offer.types() {
                let view = offer.view(offer_type);
                let looks = view.map(|view| Looks::of_view((api, offer_type), view));
                let urls = looks.iter().flat_map(Looks::urls).cloned();
                addresses.taken.extend(urls);
            }
        }
        for applied in state
            .bindings
            .values()
            .filter_map(|binding| binding.applied.as_ref())
        {
            let looks = Looks::of_content(applied);
            addresses.taken.extend(looks.urls().cloned());
        }
        for intent in state.intents.values() {
            for url in Looks::of_content(&intent.content).urls() {
                let contents = addresses.intended.entry(url.clone()).or_default();
                contents.insert(&intent.content);
            }
        }
        addresses
    }

    /// Returns whether nothing but creates of this content, and offers that may have come of them, has an address.
    pub(super) fn belongs_to(&self, url: &AsRead, content: &Content) -> bool {
        let contents = self.intended.get(url);
        !self.taken.contains(url)
            && contents.is_none_or(|contents| contents.iter().all(|other| *other == content))
    }
}
