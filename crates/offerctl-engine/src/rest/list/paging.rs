//! How the pages of a list are read: [`Asking`].

use std::collections::BTreeSet;

use futures_util::stream::{self, FuturesUnordered, StreamExt};
use offerctl_model::offer_type::OfferType;

use super::shelf::{List, Shelf, Stop};
use crate::read::{SIDE_BY_SIDE, read_all};
use crate::remote::{Answers, FetchError, Means, RemoteError};
use crate::rest::pages::{Asked, Intake, OfferPage, Place, RemotePages, Wanted};

/// The most offers that are asked for in a page: other lists of this API give no more (docs/cleeng-api.md §5.7).
pub(super) const PAGE: u64 = 100;

/// How pages of a list are asked for.
pub(super) struct Asking<'a, P> {
    pages: &'a P,
    means: Means<'a>,
    types: &'a [OfferType],
    shelf: &'a Shelf<'a>,
    active: Option<bool>,
    limit: Option<u64>,
}

// Derived, both would ask the same of the pages.
impl<P> Clone for Asking<'_, P> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<P> Copy for Asking<'_, P> {}

/// A page of a service.
type PageOf<P> = OfferPage<<P as RemotePages>::Link>;

impl<'a, P: RemotePages> Asking<'a, P> {
    /// Asks for active offers, inactive ones, or those that the service shows by itself.
    pub(super) fn new(
        pages: &'a P,
        (means, types): (Means<'a>, &'a [OfferType]),
        shelf: &'a Shelf<'a>,
        active: Option<bool>,
    ) -> Self {
        Self {
            pages,
            means,
            types,
            shelf,
            active,
            limit: Some(PAGE),
        }
    }

    /// The same with another limit.
    pub(super) fn with_limit(self, limit: u64) -> Self {
        Self {
            limit: self.limit.map(|_| limit),
            ..self
        }
    }

    /// The same for the offers that the service shows by itself.
    pub(super) fn unfiltered(self) -> Self {
        Self {
            active: None,
            ..self
        }
    }

    pub(super) fn shelf(&self) -> &'a Shelf<'a> {
        self.shelf
    }

    /// Reads the list.
    pub(super) async fn list(mut self) -> Result<List<'a>, Stop> {
        let mut first = self.ask(self.at(Place::First)).await;
        // A service with shorter pages may refuse to be asked for long ones.
        if let Err(Refused::ByService(error)) = &first
            && error.is_proven_refused()
            && !error.is_retryable()
        {
            self.limit = None;
            first = self.ask(self.at(Place::First)).await;
        }
        let first = first?;
        let mut list = List::new(self.shelf);
        let _first = list.visit(&first.here);
        match (first.total, &first.next) {
            (Some(total), None) => self.by_total(list, first, total).await,
            (_, Some(_)) => self.by_links(list, first).await,
            (None, None) => self.until_empty(list, first).await,
        }
    }

    /// Reads a page.
    pub(super) async fn page(self, wanted: Wanted<P::Link>) -> Result<PageOf<P>, FetchError> {
        Ok(self.ask(wanted).await?)
    }

    pub(super) fn at(&self, place: Place) -> Wanted<P::Link> {
        Wanted::Asked(Asked {
            active: self.active,
            place,
            limit: self.limit,
        })
    }

    async fn ask(self, wanted: Wanted<P::Link>) -> Result<PageOf<P>, Refused> {
        let mut pages = self.ask_all(&[wanted]).await;
        pages.pop().unwrap_or_else(|| {
            let error = RemoteError::unsupported("the page was not asked for");
            Err(Refused::ByService(error))
        })
    }

    /// Reads a few pages side by side.
    async fn ask_all(self, wanted: &[Wanted<P::Link>]) -> Vec<Result<PageOf<P>, Refused>> {
        let refusal = std::cell::OnceCell::new();
        let send = async |wanted: &[Wanted<P::Link>]| -> Answers<PageOf<P>> {
            let pages = stream::iter(wanted).then(async |wanted| {
                let intake = Intake::new(self.types, self.active, self.shelf.allowance());
                let page = self.pages.page(wanted, &intake).await;
                let error = match page {
                    Ok(page) => {
                        self.shelf.note_length(page.offers.len());
                        return Ok(page);
                    }
                    Err(error) => error,
                };
                // What is too much for us is not asked for again.
                Err(match intake.give_up() {
                    Some(reason) => {
                        let message = RemoteError::unsupported(&reason.to_string());
                        let _first = refusal.set(reason);
                        message
                    }
                    None => error,
                })
            });
            pages.collect().await
        };
        let pages = read_all(self.means.budget, wanted, 1, send).await;
        let judge = |page: Result<PageOf<P>, RemoteError>| {
            page.map_err(|error| match refusal.get() {
                Some(reason) => Refused::ByUs(reason.clone()),
                None => Refused::ByService(error),
            })
        };
        pages.into_iter().map(judge).collect()
    }

    /// Pages side by side, as far as the total says, and as far as there are any.
    async fn by_total(
        self,
        mut list: List<'a>,
        first: PageOf<P>,
        total: u64,
    ) -> Result<List<'a>, Stop> {
        let step = first.offers.len() as u64;
        let asking = self.with_limit(PAGE.min(step.max(1)));
        list.take_in(first)?;
        let mut next = (step > 0).then_some(step);
        let mut under_way = FuturesUnordered::new();
        loop {
            while under_way.len() < SIDE_BY_SIDE
                && let Some(offset) = next.filter(|offset| *offset < total)
            {
                under_way.push(asking.page(asking.at(Place::Offset(offset))));
                next = offset.checked_add(step);
            }
            let Some(page) = under_way.next().await else {
                return list.ended(Some(total));
            };
            let page = page?;
            same_total(Some(total), page.total)?;
            if page.offers.is_empty() {
                // Nothing comes after an empty page, whatever the total is.
                next = None;
            }
            list.take_in(page)?;
            if list.len() as u64 > total {
                next = None;
            }
        }
    }

    /// Page after page, as each names the next.
    async fn by_links(self, mut list: List<'a>, first: PageOf<P>) -> Result<List<'a>, Stop> {
        let total = first.total;
        let mut page = first;
        for number in 1_u64.. {
            let next = page.next.take();
            // This is looked at first: it says more than that the page before shows the same offers.
            if next.as_ref().is_some_and(|next| !list.visit(next)) {
                return Stop::problem(format!(
                    "the link to the next page on page {number} leads back to a page that was read before"
                ));
            }
            list.take_in(page)?;
            let Some(next) = next else { break };
            page = self.page(Wanted::Linked(next)).await?;
            same_total(total, page.total)?;
            if page.offers.is_empty() && page.next.is_some() {
                return Stop::problem("an empty page names a next one");
            }
        }
        list.ended(total)
    }

    /// Page after page, until one is empty; some at once, since nobody knows how many there are.
    async fn until_empty(self, mut list: List<'a>, first: PageOf<P>) -> Result<List<'a>, Stop> {
        let step = first.offers.len();
        let shown = stems(&first);
        list.take_in(first)?;
        if step == 0 {
            return list.ended(None);
        }
        let asking = self.with_limit(PAGE.min(step as u64));
        // One page may be all: the first look beyond it goes alone.
        let mut at_once = 1;
        loop {
            let begin = list.len() as u64;
            let places = (0..at_once).map(|number| Place::Offset(begin + number * step as u64));
            let wanted: Vec<_> = places.map(|place| asking.at(place)).collect();
            let (mut is_short, mut is_over) = (false, false);
            for page in asking.ask_all(&wanted).await {
                let page = page?;
                if page.total.is_some() {
                    return Stop::problem("it has a total on some pages only");
                }
                if is_short && !page.offers.is_empty() {
                    return Stop::problem("a page after an empty or a short one has offers");
                }
                if !page.offers.is_empty() && stems(&page) == shown {
                    self.shelf.discard(page);
                    return asking.repeated(list, &shown).await;
                }
                // A service that gives its first page whatever is asked never ends, if that page has changed meanwhile:
                // then an offer is there twice.
                is_short |= page.offers.len() < step;
                is_over |= page.offers.is_empty();
                list.take_in(page)?;
            }
            if is_over {
                return list.ended(None);
            }
            at_once = SIDE_BY_SIDE as u64;
        }
    }
}

/// The offers of a page.
pub(super) fn stems<L>(page: &OfferPage<L>) -> BTreeSet<Box<str>> {
    page.offers.iter().map(|offer| offer.stem.clone()).collect()
}

fn same_total(total: Option<u64>, other: Option<u64>) -> Result<(), Stop> {
    if total == other {
        return Ok(());
    }
    let word = |total: Option<u64>| total.map_or_else(|| "missing".to_owned(), |it| it.to_string());
    let (total, other) = (word(total), word(other));
    Stop::problem(format!(
        "its total is {total} on one page and {other} on another"
    ))
}

/// Why there is no page.
pub(super) enum Refused {
    /// The service did not give it, or gave what cannot be read.
    ByService(RemoteError),
    /// It is more than is read.
    ByUs(FetchError),
}

impl From<Refused> for FetchError {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::ByService(error) => Self::Unlisted(error),
            Refused::ByUs(reason) => reason,
        }
    }
}

impl From<Refused> for Stop {
    fn from(refused: Refused) -> Self {
        Self::Failed(refused.into())
    }
}
