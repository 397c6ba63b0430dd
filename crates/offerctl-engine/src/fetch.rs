//! Reading the whole catalogue, or nothing: [`fetch`].
//!
//! What the service promises is not believed: memory grows with what has arrived, and each reading, with all its
//! repetitions, ends by the limits of the environment (`maxOffers`, `patienceSeconds`).

pub(crate) mod lists;
pub(crate) mod weight;

use std::collections::BTreeSet;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use offerctl_model::content::Content;
use offerctl_model::name::OfferId;
use offerctl_model::offer_type::OfferType;
use offerctl_model::value::Moment;
use offerctl_reconcile::live::Live;
use offerctl_reconcile::state::State;
use tokio::time::Instant;

use crate::budget::Budget;
use crate::obstacle::Obstacle;
use crate::read::read_all;
use crate::remote::{self, GetCall, Means, Purpose, RemoteRead};

pub use self::lists::ByLists;
pub use crate::remote::{Allowance, FetchError};

/// How many requests for single offers are sent before the next ones: each so many have the patience for themselves, and
/// an error ends the reading.
const DETAILS: usize = 32;

/// The wait before lists are read again that do not show yet what was just made; it doubles from then on.
const FIRST_WAIT: Duration = Duration::from_millis(100);

/// What is read, and with which means.
#[derive(Debug)]
pub struct Fetcher<'a, R> {
    /// The service.
    pub remote: &'a R,
    /// The request budget.
    pub budget: &'a Budget,
    /// Calls in a request.
    pub batch: usize,
}

// Derived, both would ask the same of the remote.
impl<R> Clone for Fetcher<'_, R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<R> Copy for Fetcher<'_, R> {}

impl<R: RemoteRead> Fetcher<'_, R> {
    /// Reads offers of some types once, with all repetitions within the patience.
    async fn read(&self, types: &[OfferType], purpose: Purpose<'_>) -> Result<Live, FetchError> {
        let allowance = Allowance::new(self.budget);
        let means = Means {
            budget: self.budget,
            batch: self.batch,
            allowance: &allowance,
        };
        let reading = self.remote.read(means, types, purpose);
        let mut live = within_patience(self.budget, reading).await?;
        live.set_read_at(now());
        Ok(live)
    }
}

/// The time of this machine.
fn now() -> Option<Moment> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).ok()?;
    Moment::from_unix(i64::try_from(since.as_secs()).ok()?)
}

/// Gives a reading up that takes longer than the patience.
async fn within_patience<T>(
    budget: &Budget,
    reading: impl Future<Output = Result<T, FetchError>>,
) -> Result<T, FetchError> {
    budget.note_trouble(None);
    let patience = budget.patience();
    if let Ok(read) = tokio::time::timeout(patience, reading).await {
        return read;
    }
    let silence = "the last request was not answered in that time".to_owned();
    let (trouble, obstacle) = budget.trouble().unwrap_or((silence, Obstacle::NoAnswer));
    Err(FetchError::OutOfPatience {
        patience,
        trouble,
        obstacle,
    })
}

/// Reads every offer of the account, active and inactive, of all types.
///
/// These offers have to be there: those that the lists do not show are read by themselves, where a list may be short.
pub async fn fetch<R: RemoteRead>(
    fetcher: Fetcher<'_, R>,
    known: &[OfferId],
) -> Result<Live, FetchError> {
    fetcher.read(&OfferType::ALL, Purpose::Plan(known)).await
}

/// Reads every offer of some types, to find out what became of a write.
pub(crate) async fn fetch_types<R: RemoteRead>(
    fetcher: Fetcher<'_, R>,
    types: &[OfferType],
) -> Result<Live, FetchError> {
    fetcher.read(types, Purpose::Evidence).await
}

/// The offers that a state binds.
pub fn bound_ids(state: &State) -> Vec<OfferId> {
    let bindings = state.bindings.values();
    bindings.map(|binding| binding.id.clone()).collect()
}

/// Reads every offer of the account, and waits for what was made so shortly before that the lists may not show it.
///
/// `since_made` is how long ago that was, as far as is known; `window` is how long it may take.
pub async fn fetch_expecting<R: RemoteRead>(
    fetcher: Fetcher<'_, R>,
    state: &State,
    (since_made, window): (Option<Duration>, Duration),
) -> Result<Live, FetchError> {
    let known = bound_ids(state);
    let until = since_made.and_then(|since| window.checked_sub(since));
    let until = until.map(|left| Instant::now() + left);
    let mut wait = FIRST_WAIT;
    loop {
        let began = Instant::now();
        let live = fetch(fetcher, &known).await?;
        match until {
            Some(until) if began < until && !shows_all(&live, state) => {
                tracing::debug!("the lists do not show yet what was just made, reading again");
                let left = until.saturating_duration_since(Instant::now());
                tokio::time::sleep(wait.min(left)).await;
                wait *= 2;
            }
            Some(_) | None => return Ok(live),
        }
    }
}

/// Whether all bound offers are listed, with all countries that they were last applied with.
fn shows_all(live: &Live, state: &State) -> bool {
    state.bindings.values().all(|binding| {
        let view = live
            .get(&binding.id)
            .and_then(|offer| offer.view(binding.offer_type));
        let mut countries = binding.applied.iter().flat_map(Content::countries);
        view.is_some_and(|view| countries.all(|country| view.row(country).is_some()))
    })
}

/// Reads offers by themselves, for fields that the lists did not carry, and puts them into what was listed.
pub async fn fetch_details<R: RemoteRead>(
    fetcher: Fetcher<'_, R>,
    live: &mut Live,
    wanted: &[(OfferType, OfferId)],
) -> Result<(), FetchError> {
    let mut seen = BTreeSet::new();
    // One answer shows all rows of an offer, or one row.
    let is_new = |(offer_type, id): &&(OfferType, OfferId)| {
        !fetcher.remote.shows_whole_offers() || seen.insert((*offer_type, id.to_stem()))
    };
    let calls: Vec<GetCall> = wanted
        .iter()
        .filter(is_new)
        .map(|(offer_type, id)| GetCall {
            offer_type: *offer_type,
            id: id.clone(),
        })
        .collect();
    if calls.is_empty() {
        return Ok(());
    }
    let send = async |calls: &[GetCall]| remote::get(fetcher.remote, calls).await;
    for calls in calls.chunks(DETAILS * fetcher.batch.max(1)) {
        let answers = within_patience(fetcher.budget, async {
            Ok(read_all(fetcher.budget, calls, fetcher.batch, send).await)
        })
        .await?;
        for (call, answer) in calls.iter().zip(answers) {
            let shown = answer.map_err(|source| FetchError::Detail {
                id: call.id.clone(),
                source,
            })?;
            for shown in &shown.rows {
                live.add_details(call.offer_type, &shown.row);
            }
        }
    }
    Ok(())
}
