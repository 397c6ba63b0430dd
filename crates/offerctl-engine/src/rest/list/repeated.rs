//! A service that shows its first page whatever is asked: is that page all there is?
//!
//! A page that is as long as pages usually are may be cut off. What disproves that: the service hears how many offers are
//! wanted, and there was room for more; it knows pages by number, and the next one is empty; or its answer about another
//! list is longer, so that its pages are not that short.

use std::collections::BTreeSet;

use super::paging::{Asking, PAGE, stems};
use super::shelf::{List, Stop};
use crate::rest::pages::{OfferPage, Place, RemotePages};

/// Lengths that pages usually have. A service that always answers with as many, whatever is asked, may have more.
const USUAL_PAGES: [usize; 9] = [10, 15, 20, 25, 30, 50, 100, 200, 250];

impl<'a, P: RemotePages> Asking<'a, P> {
    /// Goes on with a list of which the service showed the first page once more.
    pub(super) async fn repeated(
        self,
        list: List<'a>,
        first: &BTreeSet<Box<str>>,
    ) -> Result<List<'a>, Stop> {
        let step = first.len();
        if list.len() > step {
            let count = list.len();
            return Stop::problem(format!(
                "after {count} offers, the service begins again with its first page"
            ));
        }
        if step as u64 > PAGE {
            return list.ended(None);
        }
        // It may count pages instead of offers.
        let numbered = self.with_limit(PAGE);
        match numbered.look(Place::Number(2)).await {
            Some(page) if page.offers.is_empty() => return list.ended(None),
            Some(page) if !list.has_any(&page) => return numbered.by_number(list, page).await,
            Some(page) => self.shelf().discard(page),
            None => {}
        }
        // A service that hears how many are wanted gave all that there are when there was room for more.
        let hears = step > 1 && self.length_with_limit(step as u64 - 1).await == Some(step - 1);
        if hears && step as u64 == PAGE {
            return self.longer(list).await;
        }
        if hears || !USUAL_PAGES.contains(&step) {
            return list.ended(None);
        }
        Ok(list.perhaps_a_page(step))
    }

    /// Goes on with a list that fills the page that was asked for: with room for more, more may come.
    async fn longer(self, mut list: List<'a>) -> Result<List<'a>, Stop> {
        let (count, room) = (list.len(), 2 * PAGE);
        let asking = Asking::with_limit(self, room);
        let Some(mut page) = asking.look(Place::First).await else {
            return Ok(list.perhaps_a_page(count));
        };
        let length = page.offers.len();
        let new = page.offers.extract_if(.., |offer| !list.has(&offer.stem));
        let new: Vec<_> = new.collect();
        let others = std::mem::replace(&mut page.offers, new);
        let weights = others.iter().map(|offer| offer.weight);
        self.shelf().allowance().release(weights.sum());
        list.take_in(page)?;
        if length <= count {
            return Ok(list.perhaps_a_page(count));
        }
        if length as u64 >= room {
            return Stop::problem(format!(
                "it has {length} offers or more, and the service shows no further page of them"
            ));
        }
        list.ended(None)
    }

    /// Page after page by their numbers, until one is empty.
    async fn by_number(
        self,
        mut list: List<'a>,
        second: OfferPage<P::Link>,
    ) -> Result<List<'a>, Stop> {
        let mut page = second;
        let mut number = 2;
        while !page.offers.is_empty() {
            list.take_in(page)?;
            number += 1;
            page = self.page(self.at(Place::Number(number))).await?;
        }
        list.ended(None)
    }

    /// Refuses a list that may be cut off, unless something disproves that.
    pub(super) async fn judge_page_size(self, list: &List<'_>) -> Result<(), Stop> {
        let Some(size) = list.page_size() else {
            return Ok(());
        };
        if self.shelf().longest() > size {
            return Ok(());
        }
        // Without a filter there may be more of them.
        let unfiltered = self.unfiltered().length_with_limit(PAGE).await;
        if unfiltered.is_some_and(|length| length > size) {
            return Ok(());
        }
        Stop::problem(format!(
            "the service shows the same {size} offers whichever page is asked for, as if pages had {size}, so that there \
             may be more; with one offer more or less the list can be read, so create or deactivate one in the dashboard, \
             or use `api: json-rpc`"
        ))
    }

    /// How many offers the first page has with a limit, if it can be read.
    async fn length_with_limit(self, limit: u64) -> Option<usize> {
        let page = self.with_limit(limit).look(Place::First).await?;
        let length = page.offers.len();
        self.shelf().discard(page);
        Some(length)
    }

    /// A page that is only looked at; that it cannot be read says nothing.
    async fn look(self, place: Place) -> Option<OfferPage<P::Link>> {
        self.page(self.at(place)).await.ok()
    }
}

impl List<'_> {
    /// Whether it has any of the offers of a page.
    fn has_any<L>(&self, page: &OfferPage<L>) -> bool {
        stems(page).iter().any(|stem| self.has(stem))
    }
}
