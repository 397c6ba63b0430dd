//! All pages of some lists, read side by side and taken in as they come: [`read`].

use std::collections::HashSet;

use futures_util::stream::{FuturesUnordered, StreamExt};
use offerctl_model::offer_type::OfferType;

use super::listing::{Listing, PAGE};
use crate::read::{SIDE_BY_SIDE, read_all, read_request};
use crate::remote::{
    ActiveForm, Answers, FetchError, ListCall, ListPage, Means, RemoteError, RemoteLists,
};

/// What is listed, and with which means.
#[derive(Debug)]
pub(crate) struct Lister<'a, R> {
    pub(crate) lists: &'a R,
    pub(crate) means: Means<'a>,
}

// Derived, both would ask the same of the lists.
impl<R> Clone for Lister<'_, R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<R> Copy for Lister<'_, R> {}

/// Reads the first pages of all lists in one go, and then all others side by side, never further ahead of what has come
/// than a few requests.
///
/// The offers in `stems` are known from other lists.
pub(super) async fn read<R: RemoteLists>(
    lister: Lister<'_, R>,
    types: &[(OfferType, ActiveForm)],
    stems: HashSet<Box<str>>,
) -> Result<Vec<Listing>, FetchError> {
    let means = lister.means;
    let mut stream = Stream {
        lister,
        listings: Vec::new(),
        stems,
    };
    let first = first_calls(types);
    let send = async |calls: &[ListCall]| lister.lists.list(calls).await;
    let answers = read_all(means.budget, &first, means.batch, send).await;
    for (call, answer) in first.into_iter().zip(answers) {
        let page = answer.map_err(|source| refused(call, source))?;
        stream.listings.push(Listing::new(call, &page));
        stream.take_in(call, page)?;
    }
    stream.read_further().await?;
    Ok(stream.listings)
}

fn first_calls(types: &[(OfferType, ActiveForm)]) -> Vec<ListCall> {
    let of_type = |(offer_type, form): &(OfferType, ActiveForm)| {
        [true, false].map(|active| ListCall {
            offer_type: *offer_type,
            active,
            form: *form,
            offset: 0,
            limit: PAGE,
        })
    };
    types.iter().flat_map(of_type).collect()
}

fn refused(call: ListCall, source: RemoteError) -> FetchError {
    FetchError::Refused {
        offer_type: call.offer_type,
        source,
    }
}

/// What has come of some lists.
struct Stream<'a, R> {
    lister: Lister<'a, R>,
    listings: Vec<Listing>,
    /// The offers of all lists.
    stems: HashSet<Box<str>>,
}

impl<R: RemoteLists> Stream<'_, R> {
    /// Reads the pages after the first ones.
    async fn read_further(&mut self) -> Result<(), FetchError> {
        let spread = self.spread();
        let mut under_way = FuturesUnordered::new();
        loop {
            while under_way.len() < SIDE_BY_SIDE {
                let calls = self.next_calls(spread);
                if calls.is_empty() {
                    break;
                }
                under_way.push(request(self.lister, calls));
            }
            let Some((calls, answers)) = under_way.next().await else {
                return Ok(());
            };
            for (call, answer) in calls.into_iter().zip(answers) {
                self.take_in(call, answer.map_err(|source| refused(call, source))?)?;
            }
        }
    }

    /// How many calls a request has. Pages are large: spread over the connections they come sooner than in full batches.
    fn spread(&self) -> usize {
        let promised = self.listings.iter().map(Listing::promised);
        let promised = promised.fold(0, u64::saturating_add);
        let batch = self.lister.means.batch.max(1);
        let spread = usize::try_from(promised.div_ceil(SIDE_BY_SIDE as u64));
        spread.unwrap_or(batch).clamp(1, batch)
    }

    /// The calls of the next request; none if all pages were asked for.
    fn next_calls(&mut self, most: usize) -> Vec<ListCall> {
        let listings = self.listings.iter_mut();
        let calls = listings.flat_map(|listing| std::iter::from_fn(|| listing.next_call()));
        calls.take(most).collect()
    }

    /// Takes a page into its list.
    fn take_in(&mut self, call: ListCall, page: ListPage) -> Result<(), FetchError> {
        let allowance = self.lister.means.allowance;
        let list = (call.offer_type, call.active);
        let found = self.listings.iter_mut().find(|of| of.list() == list);
        let Some(listing) = found else { return Ok(()) };
        let known = listing.len();
        allowance.keep(listing.take_in(page))?;
        for shown in listing.rows_from(known) {
            let stem = shown.row.id.stem();
            if !self.stems.contains(stem) {
                self.stems.insert(stem.into());
            }
        }
        allowance.check_offers(self.stems.len())?;
        let bytes = self.listings.iter().map(Listing::bytes);
        allowance.check_bytes(bytes.fold(0, u64::saturating_add))
    }
}

/// Sends one request, with the calls that it answers.
async fn request<R: RemoteLists>(
    lister: Lister<'_, R>,
    calls: Vec<ListCall>,
) -> (Vec<ListCall>, Answers<ListPage>) {
    let send = async |calls: &[ListCall]| lister.lists.list(calls).await;
    let answers = read_request(lister.means.budget, &calls, &send).await;
    (calls, answers)
}
