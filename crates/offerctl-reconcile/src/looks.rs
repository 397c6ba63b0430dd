//! How people would recognize an offer: [`Looks`]; and live offers by that: [`Lookup`].

use std::collections::{BTreeMap, BTreeSet};

use offerctl_model::content::{Content, Fields};
use offerctl_model::field::Field;
use offerctl_model::foreign::Foreign;
use offerctl_model::offer_type::{Api, OfferType};

use crate::fold::AsRead;
use crate::live::{LiveOffer, View};

/// The titles and addresses that the rows of an offer have, as people read them; empty ones are left out.
#[derive(Debug, Default)]
pub(crate) struct Looks {
    titles: BTreeSet<AsRead>,
    urls: BTreeSet<AsRead>,
}

impl Looks {
    /// Returns those of an offer that somebody declared.
    pub(crate) fn of_content(content: &Content) -> Self {
        Self::of_fields(content.all_fields(), AsRead::declared)
    }

    /// Returns those of a live offer, as the lists of a type show it.
    pub(crate) fn of_view(of: (Api, OfferType), view: &View) -> Self {
        let rows = view.rows.iter().map(|row| &row.fields);
        Self::of_fields(rows, |field, text| AsRead::live(field, of, text))
    }

    fn of_fields<'a>(
        rows: impl Iterator<Item = &'a Fields>,
        read: impl Fn(Field, &Foreign) -> AsRead,
    ) -> Self {
        let mut looks = Self::default();
        for fields in rows {
            let text = |field| {
                let text = fields.text(field).map(|text| read(field, text));
                // An empty text is shared by all that have none.
                text.filter(|text| !text.is_empty())
            };
            looks.titles.extend(text(Field::Title));
            looks.urls.extend(text(Field::Url));
        }
        looks
    }

    /// Returns whether a row of a live offer has the title of a row of this declared one.
    pub(crate) fn share_a_title(&self, live: &Self) -> bool {
        shared(&self.titles, &live.titles).next().is_some()
    }

    /// Returns the addresses of a declared offer that rows of a live one have.
    pub(crate) fn shared_urls<'a>(&'a self, live: &'a Self) -> impl Iterator<Item = &'a AsRead> {
        shared(&self.urls, &live.urls)
    }

    /// Returns the addresses.
    pub(crate) fn urls(&self) -> impl Iterator<Item = &AsRead> {
        self.urls.iter()
    }
}

fn shared<'a>(
    declared: &'a BTreeSet<AsRead>,
    live: &'a BTreeSet<AsRead>,
) -> impl Iterator<Item = &'a AsRead> {
    let is_shown =
        |text: &&AsRead| live.contains(*text) || live.iter().any(|shown| text.is_shown_as(shown));
    declared.iter().filter(is_shown)
}

/// Live offers by the titles and addresses that people know them by.
#[derive(Debug, Default)]
pub(crate) struct Lookup<'l> {
    titles: Texts<'l>,
    urls: Texts<'l>,
}

#[derive(Debug, Default)]
struct Texts<'l> {
    whole: BTreeMap<(OfferType, AsRead), Vec<&'l LiveOffer>>,
    /// Those of them that the service may have cut, which are few.
    cut: Vec<(OfferType, AsRead, &'l LiveOffer)>,
}

impl<'l> Lookup<'l> {
    /// Notes these offers by each type whose lists show them.
    pub(crate) fn of(api: Api, offers: impl Iterator<Item = &'l LiveOffer>) -> Self {
        let mut lookup = Self::default();
        for offer in offers {
            for offer_type in offer.types() {
                let Some(view) = offer.view(offer_type) else {
                    continue;
                };
                let Looks { titles, urls } = Looks::of_view((api, offer_type), view);
                lookup.titles.add(offer_type, titles, offer);
                lookup.urls.add(offer_type, urls, offer);
            }
        }
        lookup
    }

    /// Returns the offers with a row that has a title of a declared one of this type, by id.
    pub(crate) fn same_title(&self, offer_type: OfferType, declared: &Looks) -> Vec<&'l LiveOffer> {
        self.titles.find(offer_type, &declared.titles)
    }

    /// Returns the offers with a row that has an address of a declared one of this type, by id.
    pub(crate) fn same_url(&self, offer_type: OfferType, declared: &Looks) -> Vec<&'l LiveOffer> {
        self.urls.find(offer_type, &declared.urls)
    }
}

impl<'l> Texts<'l> {
    fn add(&mut self, offer_type: OfferType, texts: BTreeSet<AsRead>, offer: &'l LiveOffer) {
        for text in texts {
            if text.may_be_cut() {
                self.cut.push((offer_type, text.clone(), offer));
            }
            self.whole
                .entry((offer_type, text))
                .or_default()
                .push(offer);
        }
    }

    fn find(&self, offer_type: OfferType, texts: &BTreeSet<AsRead>) -> Vec<&'l LiveOffer> {
        let mut found: BTreeMap<&str, &'l LiveOffer> = BTreeMap::new();
        for text in texts {
            let whole = self.whole.get(&(offer_type, text.clone()));
            let cut = self
                .cut
                .iter()
                .filter(|(of_type, shown, _)| *of_type == offer_type && text.is_shown_as(shown));
            let offers = whole.into_iter().flatten().copied();
            for offer in offers.chain(cut.map(|(_, _, offer)| *offer)) {
                found.insert(offer.id.stem(), offer);
            }
        }
        found.into_values().collect()
    }
}
