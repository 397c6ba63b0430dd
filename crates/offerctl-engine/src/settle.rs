//! Finding out what became of creates whose answers were lost: [`settle_pending`].
//!
//! Core decides by evidence (`offerctl_reconcile::settle`); this module gathers it: it reads the lists of a type, active
//! and inactive, again and again until every create is found, or until nothing can turn up any more.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures_util::future::join_all;
use offerctl_model::name::Name;
use offerctl_model::offer_type::{Api, OfferType};
use offerctl_reconcile::live::Live;
use offerctl_reconcile::settle::{Verdict, candidates, settle};
use offerctl_reconcile::state::{Entry, Intent, IntentId, State};
use tokio::time::Instant;

use crate::fetch::{FetchError, Fetcher, fetch_details, fetch_types};
use crate::remote::RemoteRead;
use crate::sabotage;
use crate::store::{Journal, StateStore, StoreError};

#[cfg(test)]
mod tests;

/// The wait before the second reading; it doubles from then on.
const FIRST_WAIT: Duration = Duration::from_millis(50);

/// The longest wait between two readings.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// How often lists that cannot be read are tried after the window.
const LAST_READS: u32 = 3;

/// What the lists showed.
#[derive(Debug)]
pub(crate) struct Evidence {
    /// The lists of the types, with the details of what may be one of the creates.
    pub(crate) live: Live,
    /// Whether they were read after everything that took effect had to show.
    pub(crate) is_final: bool,
}

/// Reads the lists of types that may show one another's offers, until every create that is open in `state` is found
/// or a reading began at `until` or later.
pub(crate) async fn look<R: RemoteRead>(
    fetcher: Fetcher<'_, R>,
    (api, types): (Api, &[OfferType]),
    state: &State,
    until: Instant,
) -> Result<Evidence, FetchError> {
    let mut wait = FIRST_WAIT;
    let mut last_reads = 0;
    loop {
        let began = Instant::now();
        let is_final = began >= until;
        match read(fetcher, (api, types), state).await {
            Ok(live) if is_final || all_found((api, types), &live, state) => {
                return Ok(Evidence { live, is_final });
            }
            Ok(_) => {}
            Err(error) => {
                last_reads += u32::from(is_final);
                if last_reads == LAST_READS {
                    return Err(error);
                }
                tracing::debug!(%error, "the lists cannot be read, trying again");
            }
        }
        let left = until.saturating_duration_since(Instant::now());
        tokio::time::sleep(if left.is_zero() { wait } else { wait.min(left) }).await;
        wait = (wait * 2).min(LONGEST_WAIT);
    }
}

async fn read<R: RemoteRead>(
    fetcher: Fetcher<'_, R>,
    (api, types): (Api, &[OfferType]),
    state: &State,
) -> Result<Live, FetchError> {
    let mut live = fetch_types(fetcher, types).await?;
    for offer_type in types {
        let wanted = candidates(api, *offer_type, &live, state);
        fetch_details(fetcher, &mut live, &wanted).await?;
    }
    Ok(live)
}

fn all_found((api, types): (Api, &[OfferType]), live: &Live, state: &State) -> bool {
    let mut types = types.iter();
    types.all(|offer_type| all_made(&settle(api, *offer_type, live, state)))
}

/// Whether there is nothing left that could still turn up.
fn all_made(verdicts: &BTreeMap<IntentId, Verdict>) -> bool {
    verdicts
        .values()
        .all(|verdict| matches!(verdict, Verdict::Made(_)))
}

/// What the state learns from a verdict; nothing from one that is no verdict.
fn entry(id: &IntentId, intent: &Intent, verdict: &Verdict) -> Option<Entry> {
    match verdict {
        Verdict::Made(offer) => Some(Entry::Bound {
            name: intent.name.clone(),
            binding: intent.binding(offer.clone()),
            intent: Some(id.clone()),
        }),
        Verdict::NotMade => Some(Entry::NotMade { id: id.clone() }),
        Verdict::Undecidable(_) => None,
    }
}

/// Why what an earlier run left behind could not be settled.
#[derive(Debug, thiserror::Error)]
pub enum SettleError {
    /// The lists could not be read.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// The state could not be written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What became of a create whose answer was lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    /// Its intent.
    pub intent: IntentId,
    /// The name of the offer.
    pub name: Name,
    /// Its type.
    pub offer_type: OfferType,
    /// What became of it.
    pub verdict: Verdict,
}

/// Settles what earlier runs left open, before anything is planned; the window begins now.
///
/// What cannot be decided stays in the state, and is among what is returned.
pub async fn settle_pending<R: RemoteRead, S: StateStore>(
    fetcher: Fetcher<'_, R>,
    (api, window): (Api, Duration),
    journal: &mut Journal<'_, S>,
) -> Result<Vec<Settled>, SettleError> {
    let until = Instant::now() + window;
    if sabotage::is("no-settling") {
        let ids: Vec<IntentId> = journal.state().intents.keys().cloned().collect();
        let entries = ids.into_iter().map(|id| Entry::NotMade { id });
        journal.append(entries.collect()).await?;
    }
    let state = journal.state();
    let mut kins: Vec<&'static [OfferType]> = state
        .intents
        .values()
        .map(|intent| intent.offer_type.kin())
        .collect();
    kins.sort_unstable();
    kins.dedup();
    if kins.is_empty() {
        return Ok(Vec::new());
    }
    let looking = join_all(
        kins.iter()
            .map(|kin| look(fetcher, (api, kin), state, until)),
    );
    let found = looking.await;
    let mut settled = Vec::new();
    for (kin, evidence) in kins.into_iter().zip(found) {
        let mut evidence = evidence?;
        for offer_type in kin {
            let of_type = loop {
                if let Some(of_type) = record((api, *offer_type), &evidence, journal).await? {
                    break of_type;
                }
                // A type before it took an offer that this one had a claim to as well.
                evidence = look(fetcher, (api, kin), journal.state(), until).await?;
            };
            settled.extend(of_type);
        }
    }
    Ok(settled)
}

/// Says what the lists show now of the creates that are open; nothing is written, and nothing is waited for.
pub async fn preview<R: RemoteRead>(
    fetcher: Fetcher<'_, R>,
    api: Api,
    state: &State,
) -> Result<Vec<Settled>, FetchError> {
    let mut settled = Vec::new();
    let open: BTreeSet<OfferType> = state
        .intents
        .values()
        .map(|intent| intent.offer_type)
        .collect();
    for offer_type in open {
        let live = read(fetcher, (api, offer_type.kin()), state).await?;
        settled.extend(named(
            offer_type,
            settle(api, offer_type, &live, state),
            state,
        ));
    }
    Ok(settled)
}

fn named(
    offer_type: OfferType,
    verdicts: BTreeMap<IntentId, Verdict>,
    state: &State,
) -> Vec<Settled> {
    let named = verdicts.into_iter().filter_map(|(intent, verdict)| {
        let name = state.intents.get(&intent)?.name.clone();
        Some(Settled {
            intent,
            name,
            offer_type,
            verdict,
        })
    });
    named.collect()
}

/// Lets the state learn what became of the creates of a type. `None` if it is too early to say of all of them.
pub(crate) async fn record<S: StateStore>(
    (api, offer_type): (Api, OfferType),
    evidence: &Evidence,
    journal: &mut Journal<'_, S>,
) -> Result<Option<Vec<Settled>>, StoreError> {
    let state = journal.state();
    let verdicts = settle(api, offer_type, &evidence.live, state);
    if !evidence.is_final && !all_made(&verdicts) {
        return Ok(None);
    }
    let learnt = verdicts
        .iter()
        .filter_map(|(id, verdict)| entry(id, state.intents.get(id)?, verdict));
    let learnt = learnt.collect();
    // What is settled is no longer in the state once the entries are.
    let settled = named(offer_type, verdicts, state);
    journal.append(learnt).await?;
    Ok(Some(settled))
}
