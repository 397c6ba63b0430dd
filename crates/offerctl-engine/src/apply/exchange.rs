//! One request with writes, and the look at what its answers do not tell: [`exchange`].

use std::collections::BTreeMap;

use offerctl_model::foreign::Foreign;
use offerctl_model::name::OfferId;
use offerctl_model::offer_type::OfferType;
use offerctl_reconcile::live::Live;
use offerctl_reconcile::plan::StepId;
use offerctl_reconcile::state::IntentId;
use tokio::sync::watch;
use tokio::time::Instant;

use super::brake::Brake;
use super::task::Task;
use super::verify::{Asked, merge};
use crate::fetch::{Fetcher, fetch_types};
use crate::read::read_all;
use crate::remote::{
    self, Answers, GetCall, Refusal, RemoteError, RemoteWrite, ShownOffer, ShownRow, WriteCall,
};
use crate::sabotage;
use crate::store::{Hold, Probe};

/// A step on its way.
#[derive(Debug, Clone)]
pub(super) struct Sent {
    pub(super) id: StepId,
    pub(super) call: WriteCall,
    pub(super) intent: Option<IntentId>,
    /// Whether it was sent before, and nobody knows whether that was done.
    pub(super) repeated: bool,
    /// Whether it was refused by itself before it went again: what may have been made all the same is looked out for.
    pub(super) refused: bool,
}

/// What is known of a write after its request.
#[derive(Debug)]
pub(super) enum Answer {
    /// It was done; what differs from what was asked.
    Done(ShownOffer, Vec<String>),
    /// It is proven that it was not done; or it was refused, and does no harm when it is done once more.
    Refused(RemoteError),
    /// It is a create, and its request was refused as a whole: that proves nothing of one of several calls.
    PutAside(RemoteError),
    /// Nothing that was asked is there, so that it may be asked again.
    NotThere(Foreign),
    /// It was not sent: the lock was not held firmly enough when its turn came.
    Withheld,
    /// Nobody can tell.
    Unknown(Foreign),
}

/// A request that came back.
#[derive(Debug)]
pub(super) struct Returned {
    pub(super) sent: Vec<Sent>,
    /// When nothing of it was under way any more.
    pub(super) ended: Instant,
    pub(super) answers: Vec<Answer>,
}

/// What has to let a request go when its turn comes.
pub(super) struct Leave {
    pub(super) probe: Probe,
    pub(super) brake: Brake,
}

impl Leave {
    /// Whether calls may be sent now; asked after every wait, and nothing is waited for between that and the request.
    async fn lets(&self, calls: &[WriteCall]) -> bool {
        if sabotage::is("stale-updates") && !calls.iter().any(WriteCall::is_create) {
            return self.brake.lets(calls);
        }
        self.brake.lets(calls) && self.probe.confirm().await == Hold::Firm && self.brake.lets(calls)
    }
}

/// Sends a request, if that is still allowed when its turn has come, and looks again at what its answers do not
/// tell.
pub(super) async fn exchange<R: RemoteWrite>(
    fetcher: Fetcher<'_, R>,
    (task, leave): (&Task<'_>, Leave),
    mut sent: Vec<Sent>,
) -> Returned {
    let Fetcher { remote, budget, .. } = fetcher;
    let calls: Vec<WriteCall> = sent.iter().map(|sent| sent.call.clone()).collect();
    let mut stop = task.stop.clone();
    let turn = tokio::select! {
        turn = budget.begin() => Some(turn),
        () = stopped(&mut stop) => None,
    };
    let Some(mut turn) = turn else {
        return withheld(sent);
    };
    let results = loop {
        if budget.is_closed() || !leave.lets(&calls).await {
            return withheld(sent);
        }
        let results = write(remote, &calls).await;
        for (sent, result) in sent.iter_mut().zip(&results) {
            let error = result.as_ref().err();
            let refusal = error.map(|error| error.refusal);
            sent.repeated |= refusal == Some(Refusal::Claimed);
            sent.refused |= refusal == Some(Refusal::Assumed);
        }
        if !may_be_repeated(&calls, &results) {
            turn.take_in(&results);
            break results;
        }
        let goes_again = tokio::select! {
            goes_again = turn.goes_again(&results) => goes_again,
            () = stopped(&mut stop) => false,
        };
        if !goes_again {
            break results;
        }
    };
    drop(turn);
    let ended = Instant::now();
    budget.pause_as_asked(&results);
    let asked: Vec<Asked> = calls
        .iter()
        .map(|call| Asked::of(task.plan.api, call))
        .collect();
    let found = look_again(fetcher, &asked, &results).await;
    let lost = read_back(fetcher, task.live, &sent, &asked, &results).await;
    let answers = results
        .into_iter()
        .zip(found.into_iter().zip(lost))
        .zip(calls.iter().zip(&asked))
        .map(
            |((result, (found, lost)), (call, asked))| match (result, lost) {
                (Ok(mut written), _) => {
                    merge(&mut written, found);
                    let mismatches = asked.compare(&written).mismatches;
                    Answer::Done(written, mismatches)
                }
                (Err(_), Some(answer)) => answer,
                (Err(error), None) => match error.refusal {
                    Refusal::Claimed if call.is_create() => Answer::PutAside(error),
                    Refusal::Proven | Refusal::Assumed | Refusal::Claimed => Answer::Refused(error),
                    Refusal::None => Answer::Unknown(error.message),
                },
            },
        )
        .collect();
    Returned {
        sent,
        ended,
        answers,
    }
}

/// Sends writes in one request. An answer that is about another offer than its call says nothing.
async fn write<R: RemoteWrite>(remote: &R, calls: &[WriteCall]) -> Answers<ShownOffer> {
    let answers = remote.write(calls).await.into_iter();
    let checked = answers.zip(calls).map(|(answer, call)| match call.id() {
        Some(id) => answer.and_then(|shown| shown.identified(id)),
        None => answer,
    });
    let is_believed = sabotage::is("refused-batch");
    let read = |answer: Result<ShownOffer, RemoteError>| match answer {
        Err(error) if is_believed && error.refusal == Refusal::Claimed => Err(RemoteError {
            refusal: Refusal::Proven,
            ..error
        }),
        answer => answer,
    };
    checked.map(read).collect()
}

/// Whether a request that was refused may be sent once more as it is: not if one of its creates may have been carried out.
fn may_be_repeated(calls: &[WriteCall], results: &Answers<ShownOffer>) -> bool {
    let mut all = calls.iter().zip(results);
    !all.any(|(call, result)| {
        let is_claimed = |error: &RemoteError| error.refusal == Refusal::Claimed;
        call.is_create() && result.as_ref().err().is_some_and(is_claimed)
    })
}

/// Waits until the run is to stop; for ever, if nobody can stop it.
pub(super) async fn stopped(stop: &mut watch::Receiver<bool>) {
    if stop.wait_for(|stop| *stop).await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// What comes of calls whose turn did not come.
fn withheld(sent: Vec<Sent>) -> Returned {
    Returned {
        answers: sent.iter().map(|_| Answer::Withheld).collect(),
        ended: Instant::now(),
        sent,
    }
}

/// Reads once more what an answer lacks, or has otherwise than asked.
async fn look_again<R: RemoteWrite>(
    fetcher: Fetcher<'_, R>,
    asked: &[Asked],
    results: &[Result<ShownOffer, RemoteError>],
) -> Vec<Vec<ShownRow>> {
    let mut gets: Vec<(usize, GetCall)> = Vec::new();
    for (index, result) in results.iter().enumerate() {
        if let Ok(written) = result
            && asked[index].compare(written).needs_another_look()
        {
            let ids = written.rows.iter().map(|shown| shown.row.id.clone());
            let ids = ids.take(rows_to_get(fetcher.remote));
            gets.extend(ids.map(|id| (index, get(asked[index].offer_type, id))));
        }
    }
    let mut found: Vec<Vec<ShownRow>> = asked.iter().map(|_| Vec::new()).collect();
    for (index, answer) in read(fetcher, gets).await {
        // An offer that cannot be read again is judged by the answer to its write.
        found[index].extend(answer.ok().into_iter().flat_map(|offer| offer.rows));
    }
    found
}

/// Looks what became of updates and deactivations whose answers were lost, or refused after one that was lost.
async fn read_back<R: RemoteWrite>(
    fetcher: Fetcher<'_, R>,
    live: &Live,
    sent: &[Sent],
    asked: &[Asked],
    results: &[Result<ShownOffer, RemoteError>],
) -> Vec<Option<Answer>> {
    let whole = fetcher.remote.shows_whole_offers();
    let mut gets: Vec<(usize, GetCall)> = Vec::new();
    let mut gone: Vec<(usize, OfferType, &OfferId)> = Vec::new();
    for (index, result) in results.iter().enumerate() {
        let Err(error) = result else { continue };
        let is_open =
            error.refusal == Refusal::None || (sent[index].repeated && !error.is_retryable());
        match &sent[index].call {
            call if whole => {
                // One answer tells all of an offer, and whether it is sold.
                if let Some(id) = call.id().filter(|_| is_open) {
                    gets.push((index, get(call.offer_type(), id.clone())));
                }
            }
            WriteCall::Update { offer_type, id, .. } if error.refusal == Refusal::None => {
                let rows = rows_of(live, *offer_type, id).into_iter();
                gets.extend(rows.map(|row| (index, get(*offer_type, row))));
            }
            WriteCall::Deactivate { offer_type, id } if is_open => {
                gone.push((index, *offer_type, id));
            }
            WriteCall::Create { .. }
            | WriteCall::Update { .. }
            | WriteCall::Country { .. }
            | WriteCall::Activate { .. }
            | WriteCall::Deactivate { .. } => {}
        }
    }
    let mut offers: BTreeMap<usize, Result<ShownOffer, RemoteError>> = BTreeMap::new();
    for (index, answer) in read(fetcher, gets).await {
        let all = offers
            .entry(index)
            .or_insert_with(|| Ok(ShownOffer::of_rows(Vec::new())));
        match (all.as_mut(), answer) {
            (Ok(all), Ok(shown)) => {
                all.home = shown.home;
                all.rows.extend(shown.rows);
            }
            (Ok(_), Err(error)) => *all = Err(error),
            (Err(_), _) => {}
        }
    }
    let mut answers: Vec<Option<Answer>> = results.iter().map(|_| None).collect();
    for (index, offer) in offers {
        let Err(error) = &results[index] else {
            continue;
        };
        answers[index] = Some(match offer {
            Ok(offer) if !asked[index].compare(&offer).needs_another_look() => {
                if let Some(id) = sent[index].call.id() {
                    fetcher.remote.found_done(id);
                }
                Answer::Done(offer, Vec::new())
            }
            // It was refused for good, and what was sent before it was not done either.
            Ok(_) if error.refusal != Refusal::None => continue,
            Ok(_) => Answer::NotThere(error.message.clone()),
            Err(second) => Answer::Unknown(
                format!("{}, and it cannot be read back: {second}", error.message).into(),
            ),
        });
    }
    for (index, offer_type, id) in gone {
        let Err(error) = &results[index] else {
            continue;
        };
        let listed = fetch_types(fetcher, offer_type.kin()).await;
        answers[index] = match listed {
            Ok(live) => match live.get(id).and_then(|offer| offer.view(offer_type)) {
                Some(view) if !view.active => {
                    let rows = view.rows.iter().cloned();
                    let shown = rows.map(|row| ShownRow {
                        row,
                        active: Some(false),
                    });
                    let offer = ShownOffer::of_rows(shown.collect());
                    Some(Answer::Done(offer, Vec::new()))
                }
                Some(_) if error.refusal != Refusal::None => None,
                Some(_) => Some(Answer::NotThere(error.message.clone())),
                None => Some(Answer::Unknown(
                    format!("{}, and the lists do not show it", error.message).into(),
                )),
            },
            Err(second) => Some(Answer::Unknown(
                format!("{}, and the lists cannot be read: {second}", error.message).into(),
            )),
        };
    }
    answers
}

/// How many of the rows of an offer have to be read to know them all.
fn rows_to_get<R: RemoteWrite>(remote: &R) -> usize {
    if remote.shows_whole_offers() {
        1
    } else {
        usize::MAX
    }
}

/// The ids of the rows of an offer, as they were read under the lock.
fn rows_of(live: &Live, offer_type: OfferType, id: &OfferId) -> Vec<OfferId> {
    let view = live.get(id).and_then(|offer| offer.view(offer_type));
    view.map_or_else(
        || vec![id.clone()],
        |view| view.rows.iter().map(|row| row.id.clone()).collect(),
    )
}

fn get(offer_type: OfferType, id: OfferId) -> GetCall {
    GetCall { offer_type, id }
}

async fn read<R: RemoteWrite>(
    fetcher: Fetcher<'_, R>,
    gets: Vec<(usize, GetCall)>,
) -> Vec<(usize, Result<ShownOffer, RemoteError>)> {
    let Fetcher {
        remote,
        budget,
        batch,
    } = fetcher;
    let calls: Vec<GetCall> = gets.iter().map(|(_, call)| call.clone()).collect();
    let answers = read_all(budget, &calls, batch, async |calls| {
        remote::get(remote, calls).await
    })
    .await;
    gets.into_iter()
        .map(|(index, _)| index)
        .zip(answers)
        .collect()
}
