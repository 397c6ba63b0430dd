//! The catalogue out of the one list of REST: [`read`].
//!
//! How that list is paged, whether it tells its total and what it does with a filter is documented nowhere (
//! docs/cleeng-api.md §5.2, §9). So nothing is taken for granted: with a total, the ids have to be unique and as many; without one, the
//! pages are read until one is empty, the whole is read until two readings show the same, and the result is only assumed
//! to be whole ([`Completeness::Assumed`]). What shows in neither list and has to be there is read by itself.

mod paging;
mod repeated;
mod shelf;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use offerctl_model::offer_type::OfferType;
use offerctl_reconcile::live::Completeness;

use self::paging::Asking;
use self::shelf::{Shelf, Stop};
use super::pages::{ListedOffer, RemotePages};
use crate::obstacle::Obstacle;
use crate::remote::{FetchError, Means, READS};

/// All offers by id, and whether these are certainly all.
pub(super) struct Catalogue {
    pub(super) offers: BTreeMap<Box<str>, ListedOffer>,
    pub(super) completeness: Completeness,
}

/// Reads all offers of some types, active and inactive.
pub(super) async fn read<P: RemotePages>(
    pages: &P,
    means: Means<'_>,
    types: &[OfferType],
) -> Result<Catalogue, FetchError> {
    let mut before: Option<Ids> = None;
    let mut reason = "nothing was read".to_owned();
    for attempt in 1..=READS {
        // Of the reading before, only the ids are still there.
        means.allowance.release_all();
        match read_once(pages, means, types).await {
            Ok(found) => {
                if found.completeness == Completeness::Proven {
                    return Ok(found);
                }
                let ids = ids(&found);
                if before.as_ref() == Some(&ids) {
                    return Ok(found);
                }
                if before.is_some() {
                    "it shows other offers each time".clone_into(&mut reason);
                }
                before = Some(ids);
            }
            Err(Stop::Failed(error)) => return Err(error),
            Err(Stop::Problem(problem)) => {
                tracing::debug!(
                    attempt,
                    reason = problem,
                    "the list does not add up, reading again"
                );
                means
                    .budget
                    .note_trouble(Some((problem.clone(), Obstacle::Incomplete)));
                before = None;
                reason = problem;
            }
        }
    }
    Err(FetchError::Catalogue(format!(
        "the list is incomplete after {READS} readings: {reason}"
    )))
}

/// What two readings have in common if nothing happened in between: the offers, sorted, and whether they are sold.
type Ids = Vec<(Box<str>, Option<bool>)>;

fn ids(found: &Catalogue) -> Ids {
    let offers = found.offers.iter();
    offers
        .map(|(id, offer)| (id.clone(), offer.active))
        .collect()
}

/// Reads the active and the inactive offers once.
async fn read_once<P: RemotePages>(
    pages: &P,
    means: Means<'_>,
    types: &[OfferType],
) -> Result<Catalogue, Stop> {
    let shelf = Shelf::new(means.allowance);
    let asking = |active| Asking::new(pages, (means, types), &shelf, active);
    let (active, mut inactive) =
        tokio::try_join!(asking(Some(true)).list(), asking(Some(false)).list())?;
    // A service that does not hear the filter shows what it shows by itself, which may be the active ones alone.
    let is_deaf = !inactive.is_empty() && inactive.are_all_active();
    if is_deaf {
        inactive = asking(None).list().await?;
    }
    let heard = !is_deaf && active.are_all_active();
    let is_proven = active.is_proven() && inactive.is_proven() && heard;
    let filters = [Some(true), Some(false).filter(|_| !is_deaf)];
    for (list, filter) in [active, inactive].iter().zip(filters) {
        asking(filter).judge_page_size(list).await?;
    }
    Ok(Catalogue {
        offers: shelf.into_offers()?,
        completeness: if is_proven {
            Completeness::Proven
        } else {
            Completeness::Assumed
        },
    })
}
