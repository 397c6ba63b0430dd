//! The catalogue out of the one list of REST: [`read`].
//!
//! How that list is paged, whether it tells its total and what it does with a filter is documented nowhere (API sheet
//! §5.2, §9.14). So nothing is taken for granted: with a total, the ids have to be unique and as many; without one, the
//! pages are read until one is empty, the whole is read until two readings show the same, and the result is only assumed
//! to be whole ([`Completeness::Assumed`]). What shows in neither list and has to be there is read by itself.

use std::collections::{BTreeMap, BTreeSet};

use cleeng_client::Member;
use cleeng_client::rest::{ListQuery, NextPage, Offer, Page, Reader};
use futures_util::stream::{self, StreamExt};
use offerctl_core::live::Completeness;

use crate::fetch::{FetchError, READS, SIDE_BY_SIDE};
use crate::read::read_all;
use crate::remote::{Means, RemoteError};
use crate::wire::remote_error;

/// The most offers that are asked for in a page: other lists of this API give no more (API sheet §5.7).
const PAGE: u64 = 100;

/// Lengths that pages usually have. A service that always answers with as many, whatever is asked, may have more.
const USUAL_PAGES: [usize; 9] = [10, 15, 20, 25, 30, 50, 100, 200, 250];

/// All offers by id, and whether these are certainly all.
pub(super) struct Catalogue {
    pub(super) offers: BTreeMap<String, Offer>,
    pub(super) completeness: Completeness,
}

/// Reads all offers, active and inactive.
pub(super) async fn read(reader: &Reader, means: Means<'_>) -> Result<Catalogue, FetchError> {
    let mut before: Option<Ids> = None;
    let mut reason = "nothing was read".to_owned();
    for attempt in 1..=READS {
        match read_once(reader, means).await? {
            Ok(found) => {
                let ids = ids(&found);
                if found.completeness == Completeness::Proven || before.as_ref() == Some(&ids) {
                    return Ok(found);
                }
                if before.is_some() {
                    "it shows other offers each time".clone_into(&mut reason);
                }
                before = Some(ids);
            }
            Err(problem) => {
                tracing::debug!(
                    attempt,
                    reason = problem,
                    "the list does not add up, reading again"
                );
                before = None;
                reason = problem;
            }
        }
    }
    Err(FetchError::Catalogue(format!(
        "the list is not complete: {reason}"
    )))
}

/// What two readings have in common if nothing happened in between: the offers, and whether they are sold.
type Ids = BTreeSet<(String, Option<bool>)>;

fn ids(found: &Catalogue) -> Ids {
    let of_offer = |(id, offer): (&String, &Offer)| (id.clone(), offer.active.value().copied());
    found.offers.iter().map(of_offer).collect()
}

/// Reads the active and the inactive offers once; the inner error says what does not add up.
async fn read_once(
    reader: &Reader,
    means: Means<'_>,
) -> Result<Result<Catalogue, String>, FetchError> {
    let lists = futures_util::try_join!(
        read_list(reader, means, Some(true)),
        read_list(reader, means, Some(false)),
    );
    let (mut active, mut inactive) = match lists? {
        (Ok(active), Ok(inactive)) => (active, inactive),
        (Err(problem), _) | (_, Err(problem)) => return Ok(Err(problem)),
    };
    active.say(true);
    inactive.say(false);
    // A service that does not hear the filter shows what it shows by itself, which may be the active ones alone.
    let is_deaf = !inactive.offers.is_empty() && inactive.offers.iter().all(is_active);
    if is_deaf {
        inactive = match read_list(reader, means, None).await? {
            Ok(list) => list,
            Err(problem) => return Ok(Err(problem)),
        };
    }
    let heard = !is_deaf && active.offers.iter().all(is_active);
    let proven = active.is_proven && inactive.is_proven && heard;
    let mut offers: BTreeMap<String, Offer> = BTreeMap::new();
    for offer in active.offers.into_iter().chain(inactive.offers) {
        let id = offer.id.stem().to_owned();
        if let Some(known) = offers.get(&id)
            && known.active != offer.active
        {
            return Ok(Err(format!("{id} is both active and inactive")));
        }
        offers.insert(id, offer);
    }
    let completeness = if proven {
        Completeness::Proven
    } else {
        Completeness::Assumed
    };
    Ok(Ok(Catalogue {
        offers,
        completeness,
    }))
}

/// Whether an offer is sold, as far as it says.
fn is_active(offer: &Offer) -> bool {
    offer.active.value() != Some(&false)
}

/// One list.
struct List {
    offers: Vec<Offer>,
    /// Whether these are certainly all.
    is_proven: bool,
}

impl List {
    /// Lets offers that do not say whether they are sold say what was asked for.
    fn say(&mut self, active: bool) {
        for offer in &mut self.offers {
            if offer.active.value().is_none() {
                offer.active = Member::Value(active);
            }
        }
    }
}

type Listed = Result<Result<List, String>, FetchError>;

/// A page to be read.
#[derive(Clone)]
enum Wanted {
    At(u64),
    Next(NextPage),
}

/// How pages of a list are asked for.
#[derive(Clone, Copy)]
struct Asking<'a> {
    reader: &'a Reader,
    means: Means<'a>,
    active: Option<bool>,
    limit: Option<u64>,
}

async fn read_list(reader: &Reader, means: Means<'_>, active: Option<bool>) -> Listed {
    let mut asking = Asking {
        reader,
        means,
        active,
        limit: Some(PAGE),
    };
    let mut first = asking.page(Wanted::At(0)).await;
    // A service with shorter pages may refuse to be asked for long ones.
    if let Err(error) = &first
        && error.proven_refused
        && !error.is_retryable()
    {
        asking.limit = None;
        first = asking.page(Wanted::At(0)).await;
    }
    let first = first.map_err(|error| refused(&error))?;
    match (first.total, &first.next) {
        (Some(total), None) => asking.by_total(first, total).await,
        (_, Some(_)) => asking.by_links(first).await,
        (None, None) => asking.until_empty(first).await,
    }
}

fn refused(error: &RemoteError) -> FetchError {
    FetchError::Unlisted(error.clone())
}

impl Asking<'_> {
    async fn page(self, wanted: Wanted) -> Result<Page, RemoteError> {
        let mut pages = self.pages(&[wanted]).await;
        pages
            .pop()
            .unwrap_or_else(|| Err(RemoteError::unsupported("the page was not asked for")))
    }

    /// Reads pages side by side.
    async fn pages(self, wanted: &[Wanted]) -> Vec<Result<Page, RemoteError>> {
        read_all(self.means.budget, wanted, 1, async |wanted| {
            let answers = stream::iter(wanted).then(|page| self.send(page));
            answers.collect().await
        })
        .await
    }

    async fn send(self, wanted: &Wanted) -> Result<Page, RemoteError> {
        let answer = match wanted {
            Wanted::At(offset) => {
                let mut query = ListQuery::new();
                if let Some(active) = self.active {
                    query = query.active(active);
                }
                if let Some(limit) = self.limit {
                    query = query.limit(limit);
                }
                if *offset > 0 {
                    query = query.offset(*offset);
                }
                self.reader.list(&query).await
            }
            Wanted::Next(next) => self.reader.list_next(next).await,
        };
        answer.map_err(|error| remote_error(&error))
    }

    /// All other pages at once: how many there are is known.
    async fn by_total(self, first: Page, total: u64) -> Listed {
        let step = first.items.len() as u64;
        let offsets: Vec<Wanted> = if step == 0 {
            Vec::new()
        } else {
            (1..total.div_ceil(step))
                .map(|number| Wanted::At(number * step))
                .collect()
        };
        let asking = Asking {
            limit: self.limit.map(|limit| limit.min(step.max(1))),
            ..self
        };
        let mut offers = first.items;
        for page in asking.pages(&offsets).await {
            let page = page.map_err(|error| refused(&error))?;
            if page.total != Some(total) {
                return Ok(Err("its total is not the same on all pages".to_owned()));
            }
            offers.extend(page.items);
        }
        Ok(counted(offers, Some(total)))
    }

    /// Page after page, as each names the next.
    async fn by_links(self, first: Page) -> Listed {
        let total = first.total;
        let mut offers = first.items;
        let mut next = first.next;
        while let Some(page) = next {
            let page = self
                .page(Wanted::Next(page))
                .await
                .map_err(|error| refused(&error))?;
            if page.total != total {
                return Ok(Err("its total is not the same on all pages".to_owned()));
            }
            if page.items.is_empty() && page.next.is_some() {
                return Ok(Err("an empty page names a next one".to_owned()));
            }
            offers.extend(page.items);
            next = page.next;
        }
        Ok(counted(offers, total))
    }

    /// Page after page, until one is empty; some at once, since nobody knows how many there are.
    async fn until_empty(self, first: Page) -> Listed {
        let step = first.items.len();
        let asking = Asking {
            limit: self.limit.map(|limit| limit.min(step.max(1) as u64)),
            ..self
        };
        let mut offers = first.items;
        if step == 0 {
            return Ok(counted(offers, None));
        }
        let stem = |offer: &Offer| offer.id.stem().to_owned();
        let mut known: BTreeSet<String> = offers.iter().map(stem).collect();
        if known.len() < step {
            return Ok(counted(offers, None));
        }
        // One page may be all: the first look beyond it goes alone.
        let mut at_once = 1;
        loop {
            let begin = offers.len() as u64;
            let wanted: Vec<Wanted> = (0..at_once)
                .map(|number| Wanted::At(begin + number * step as u64))
                .collect();
            let (mut is_short, mut is_over) = (false, false);
            for page in asking.pages(&wanted).await {
                let page = page.map_err(|error| refused(&error))?;
                if page.total.is_some() {
                    return Ok(Err("it has a total on some pages only".to_owned()));
                }
                if is_short && !page.items.is_empty() {
                    return Ok(Err(
                        "a page after an empty or a short one has offers".to_owned()
                    ));
                }
                if repeats(&offers[..step], &page.items) {
                    return asking.repeated(offers, step).await;
                }
                // A service that gives its first page whatever is asked never ends, if that page has changed meanwhile.
                if let Some(twice) = page.items.iter().find(|offer| !known.insert(stem(offer))) {
                    return Ok(Err(format!("{} is on it twice", twice.id.stem())));
                }
                is_short |= page.items.len() < step;
                is_over |= page.items.is_empty();
                offers.extend(page.items);
            }
            if is_over {
                return Ok(counted(offers, None));
            }
            at_once = SIDE_BY_SIDE as u64;
        }
    }

    /// The service gives its first page whatever is asked: it is all there is if it is not just a page.
    async fn repeated(self, offers: Vec<Offer>, step: usize) -> Listed {
        let offers: Vec<Offer> = offers.into_iter().take(step).collect();
        let is_longer = step as u64 > PAGE;
        if is_longer {
            return Ok(counted(offers, None));
        }
        // Whoever hears how many are wanted gave all that there are when there was room for more.
        let hears = if step > 1 {
            let asking = Asking {
                limit: Some(step as u64 - 1),
                ..self
            };
            let fewer = asking.page(Wanted::At(0)).await;
            fewer.is_ok_and(|page| page.items.len() + 1 == step)
        } else {
            false
        };
        let is_room_left = hears && (step as u64) < PAGE;
        if is_room_left || !hears && !USUAL_PAGES.contains(&step) {
            return Ok(counted(offers, None));
        }
        Ok(Err(format!(
            "the service shows the same {step} offers whichever page is asked for, and there may be more"
        )))
    }
}

/// Whether a page is the first one once more.
fn repeats(first: &[Offer], page: &[Offer]) -> bool {
    let ids = |offers: &[Offer]| -> BTreeSet<String> {
        let ids = offers.iter().map(|offer| offer.id.stem().to_owned());
        ids.collect()
    };
    !page.is_empty() && ids(first) == ids(page)
}

/// A list, if its ids are unique and as many as they should be.
fn counted(offers: Vec<Offer>, total: Option<u64>) -> Result<List, String> {
    let mut ids: BTreeSet<&str> = BTreeSet::new();
    if let Some(twice) = offers.iter().find(|offer| !ids.insert(offer.id.stem())) {
        return Err(format!("{} is on it twice", twice.id.stem()));
    }
    if let Some(total) = total
        && offers.len() as u64 != total
    {
        return Err(format!(
            "it has {} offers and says that it has {total}",
            offers.len()
        ));
    }
    Ok(List {
        offers,
        is_proven: total.is_some(),
    })
}
