//! One run over the steps of a plan: [`Run`].

mod answer;
mod approval;
mod call;
mod lock;
mod settling;

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use futures_util::stream::{FuturesUnordered, StreamExt};
use offerctl_model::content::Content;
use offerctl_model::foreign::Foreign;
use offerctl_model::name::{Name, OfferId};
use offerctl_model::offer_type::{Api, OfferType};
use offerctl_reconcile::guard::{Granted, by_step};
use offerctl_reconcile::plan::{Operation, Step, StepId};
use offerctl_reconcile::report::Outcome;
use offerctl_reconcile::state::{self, Entry, Gone, Intent, IntentId, Leftover, Record};
use tokio::time::{Instant, sleep, sleep_until};

use super::brake::Brake;
use super::exchange::{Leave, Returned, Sent, exchange};
use super::lost::{Kin, Lost, Why};
use super::schedule::Schedule;
use super::task::{Event, Task};
use crate::budget::Budget;
use crate::fetch::{FetchError, Fetcher};
use crate::random::random_hex;
use crate::remote::{RemoteWrite, WriteCall};
use crate::sabotage;
use crate::settle::Evidence;
use crate::store::{Hold, Journal, Probe, StateStore, StoreError};

/// How often a write is sent that is proven not to have been done.
const ATTEMPTS: u32 = 6;

/// The wait before the second attempt; it doubles from then on.
const FIRST_WAIT: Duration = Duration::from_millis(200);

/// How soon a hold is looked at again that is not firm.
const HOLD_AGAIN: Duration = Duration::from_millis(100);

/// One run over the steps of a plan.
pub(super) struct Run<'a, 's, R, S: StateStore> {
    task: &'a Task<'a>,
    remote: &'a R,
    budget: &'a Budget,
    /// Creates whose answers were lost.
    lost: Lost,
    journal: &'a mut Journal<'s, S>,
    schedule: Schedule<'a>,
    id: String,
    /// The ids of offers that this run made or bound.
    made: BTreeMap<Name, OfferId>,
    /// How often each step was sent.
    attempts: BTreeMap<StepId, u32>,
    /// How often each create was in a request that was refused as a whole.
    put_aside: BTreeMap<StepId, u32>,
    /// Creates that go in requests of their own, so that a refusal proves something.
    alone: BTreeSet<StepId>,
    /// What is not to be sent; requests that wait for their turn know it, too.
    brake: Brake,
    /// The approvals that are used up with each step.
    approved: BTreeMap<StepId, Vec<&'a Granted>>,
    /// Writes that were sent and did not show: they may take effect late.
    doubtful: BTreeSet<StepId>,
    /// Whether the account has shown itself to be the expected one.
    is_account_known: bool,
    began: bool,
    /// Intents that were not written down in time; see [`sabotage`].
    late_intents: Vec<Entry>,
    /// How firmly the lock is held.
    probe: Probe,
}

/// Something that a run waited for.
enum Happened {
    Returned(Returned),
    Looked(Kin, Result<Evidence, FetchError>),
}

impl<'a, 's, R: RemoteWrite, S: StateStore> Run<'a, 's, R, S> {
    pub(super) fn new(
        task: &'a Task<'a>,
        remote: &'a R,
        budget: &'a Budget,
        journal: &'a mut Journal<'s, S>,
    ) -> Self {
        let probe = journal.probe();
        remote.guard(&probe);
        let emails = task.live.publisher_emails();
        let brake = Brake::default();
        Self {
            task,
            remote,
            budget,
            lost: Lost::new(Duration::from_millis(task.limits.settle_milliseconds)),
            schedule: Schedule::with_open(task.plan, journal.state(), brake.clone()),
            id: random_hex::<8>(),
            made: BTreeMap::new(),
            attempts: BTreeMap::new(),
            put_aside: BTreeMap::new(),
            alone: BTreeSet::new(),
            brake,
            approved: by_step(task.plan, task.approved),
            doubtful: BTreeSet::new(),
            is_account_known: task.plan.api == Api::Rest
                || !emails.is_empty()
                || expected_email(task, journal).is_none(),
            began: false,
            late_intents: Vec::new(),
            probe,
            journal,
        }
    }

    /// What became of the steps; `reason` is why those that were never tried were not.
    pub(super) fn into_outcomes(self, reason: &str) -> Vec<Option<Outcome>> {
        let reason = self.brake.halted().unwrap_or(reason);
        self.schedule.into_outcomes(reason)
    }

    /// Goes through all steps. An error means that the state could not be written: nothing is sent after it.
    pub(super) async fn carry_out(&mut self, stopped: &Cell<bool>) -> Result<(), StoreError> {
        self.learn().await?;
        let mut under_way: FuturesUnordered<LocalBoxFuture<'a, Happened>> = FuturesUnordered::new();
        let mut requests = 0;
        let mut stop = self.task.stop.clone();
        let mut problem = None;
        loop {
            if let Some(reason) = self.budget.closed() {
                self.brake.halt(&reason);
            }
            let waits_for_lock = problem.is_none() && !*stop.borrow() && self.look_at_lock();
            let may_bind = problem.is_none() && self.probe.hold() != Hold::Lost;
            // What is under way is still waited for, whatever happens here: its outcome is worth knowing.
            if may_bind && let Err(error) = self.carry_out_local_steps().await {
                problem = Some(self.halt_for(error));
            }
            if problem.is_none() && self.brake.halted().is_none() && !*stop.borrow() {
                let free = self.side_by_side().saturating_sub(requests);
                match self.prepare(free).await {
                    Ok(batches) => {
                        requests += batches.len();
                        under_way.extend(batches.into_iter().map(|sent| self.send(sent)));
                    }
                    Err(error) => problem = Some(self.halt_for(error)),
                }
            }
            if problem.is_none() && !*stop.borrow() {
                for (kin, until) in self.lost.take_ready(Instant::now()) {
                    under_way.push(self.look(kin, until));
                }
            }
            let next_look = if problem.is_none() && !*stop.borrow() {
                self.lost.next_look()
            } else {
                None
            };
            let waits = waits_for_lock || next_look.is_some();
            // What is not made durable with the intents of another request is so by itself.
            if let Err(error) = self.journal.flush().await {
                problem = Some(self.halt_for(error));
            }
            tokio::select! {
                happened = under_way.next(), if !(waits && under_way.is_empty()) => {
                    // What has come meanwhile is taken in with it, so that what follows is made durable at once.
                    let mut next = happened;
                    if next.is_none() {
                        // What could not be sent may have been all that a binding waited for.
                        if may_bind && problem.is_none() && self.schedule.is_ready(is_local) {
                            continue;
                        }
                        break;
                    }
                    while let Some(happened) = next {
                        requests -= usize::from(matches!(happened, Happened::Returned(_)));
                        if let Err(error) = self.take_in(happened).await {
                            problem = Some(self.halt_for(error));
                        }
                        next = under_way.next().now_or_never().flatten();
                    }
                }
                () = sleep(HOLD_AGAIN), if waits_for_lock => {}
                () = sleep_until(next_look.unwrap_or_else(Instant::now)), if next_look.is_some() => {}
                changed = stop.changed(), if !*stop.borrow() => {
                    // A sender that is gone will never stop anything.
                    if changed.is_err() {
                        stop = tokio::sync::watch::channel(false).1;
                    }
                }
            }
            stopped.set(*stop.borrow());
        }
        for waiting in self.lost.take_steps().into_values() {
            let message = match waiting.why {
                Why::Lost => "its answer was lost, and there was no time to find out",
                Why::PutAside => {
                    "a request with several creates was refused, which proves nothing about each of them, and there was no time to find out"
                }
            };
            self.finish(waiting.step, Outcome::unknown(message));
        }
        problem.map_or(Ok(()), Err)
    }

    /// An id for an intent of this run.
    fn new_intent(&self) -> IntentId {
        IntentId(format!("{}-{}", self.id, random_hex::<4>()))
    }

    fn fetcher(&self) -> Fetcher<'a, R> {
        Fetcher {
            remote: self.remote,
            budget: self.budget,
            batch: self.task.limits.batch,
        }
    }

    /// How many requests may be under way: one, until the account has shown itself.
    fn side_by_side(&self) -> usize {
        if self.is_account_known {
            self.task.limits.concurrency
        } else {
            1
        }
    }

    fn take_batch(&mut self) -> Vec<StepId> {
        if self.probe.hold() != Hold::Firm {
            return Vec::new();
        }
        let count = if self.is_account_known {
            self.task.limits.batch
        } else {
            1
        };
        let alone = &self.alone;
        let goes = |step: &Step| step.operation.is_sent();
        let together = self
            .schedule
            .take(count, |id, step| goes(step) && !alone.contains(&id));
        if together.is_empty() {
            self.schedule.take(1, |_, step| goes(step))
        } else {
            together
        }
    }

    /// Lets the state learn what needs no request, before anything is sent.
    async fn learn(&mut self) -> Result<(), StoreError> {
        let plan = self.task.plan;
        let mut entries: Vec<Entry> = Vec::new();
        if let Some(nonce) = self.task.nonce {
            entries.push(Entry::Consumed {
                nonce: nonce.to_owned(),
            });
        }
        entries.extend(plan.moves.iter().map(|(from, to)| Entry::Moved {
            from: from.clone(),
            to: to.clone(),
        }));
        entries.extend(plan.refresh.iter().map(|(name, binding)| Entry::Bound {
            name: name.clone(),
            binding: binding.clone(),
            intent: None,
        }));
        // What goes with the first creates costs no write of its own.
        if !plan.steps.iter().any(|step| step.operation.is_create()) {
            entries.extend(self.declared());
        }
        if !plan.steps.is_empty() {
            let email = self.task.live.publisher_email().cloned();
            entries.extend(self.account_entry(email));
        }
        self.journal.append(entries).await
    }

    /// The files that declare the offers, if the state does not know them yet.
    fn declared(&self) -> Option<Entry> {
        let files = self.task.plan.files.clone();
        (!files.is_empty()).then_some(Entry::Declared { files })
    }

    /// The account, if it shows itself for the first time.
    fn account_entry(&self, email: Option<Foreign>) -> Option<Entry> {
        let state = self.journal.state();
        let account = state.account_shown(email, self.task.live)?;
        Some(Entry::Account { account })
    }

    /// Bindings and forgettings need no request.
    async fn carry_out_local_steps(&mut self) -> Result<(), StoreError> {
        loop {
            let ids = self.schedule.take(usize::MAX, |_, step| is_local(step));
            if ids.is_empty() {
                return Ok(());
            }
            let mut entries = Vec::new();
            let mut done = Vec::new();
            for id in ids {
                let step = self.schedule.step(id);
                let Some(offer) = step.operation.id().cloned() else {
                    continue;
                };
                entries.push(match (&step.operation, &step.record) {
                    (Operation::Bind { .. }, Some(record)) => Entry::Bound {
                        name: step.name.clone(),
                        binding: record.binding(offer.clone(), step.offer_type),
                        intent: None,
                    },
                    _ => gone(step, &offer, Gone::Forgotten),
                });
                entries.extend(self.used(id));
                self.made.insert(step.name.clone(), offer.clone());
                done.push((id, offer));
            }
            self.journal.append(entries).await?;
            for (id, offer) in done {
                self.finish(id, Outcome::Succeeded(offer));
            }
        }
    }

    async fn take_in(&mut self, happened: Happened) -> Result<(), StoreError> {
        match happened {
            Happened::Returned(returned) => {
                self.take_in_answers(returned);
                Ok(())
            }
            Happened::Looked(kin, evidence) => self.settle(kin, evidence).await,
        }
    }

    fn send(&self, sent: Vec<Sent>) -> LocalBoxFuture<'a, Happened> {
        let (fetcher, task) = (self.fetcher(), self.task);
        let leave = Leave {
            probe: self.probe.clone(),
            brake: self.brake.clone(),
        };
        async move { Happened::Returned(exchange(fetcher, (task, leave), sent).await) }
            .boxed_local()
    }

    /// Writes the calls of as many requests as may go now, and makes the intents of all their creates durable at once.
    async fn prepare(&mut self, free: usize) -> Result<Vec<Vec<Sent>>, StoreError> {
        let mut batches = Vec::new();
        let mut intents = Vec::new();
        while batches.len() < free {
            let ids = self.take_batch();
            if ids.is_empty() {
                break;
            }
            let sent = self.write_calls(ids, &mut intents);
            if !sent.is_empty() {
                batches.push(sent);
            }
        }
        self.intend(intents).await?;
        for sent in batches.iter().flatten() {
            if let WriteCall::Create { offer_type, .. } = &sent.call {
                self.lost.sent(*offer_type);
            }
            (self.task.observer)(Event::Started(self.schedule.step(sent.id)));
        }
        Ok(batches)
    }

    /// Writes the calls of a request, and notes down the intents of its creates.
    fn write_calls(&mut self, ids: Vec<StepId>, intents: &mut Vec<Entry>) -> Vec<Sent> {
        let mut sent = Vec::new();
        for id in ids {
            let step = self.schedule.step(id);
            if let Some(needed) = self.missing(step) {
                let reason = format!("`{needed}`, which it needs, is not known to be there");
                self.finish(id, Outcome::Skipped(reason));
                continue;
            }
            let call = match self.call(step) {
                Ok(call) => call,
                Err(problem) => {
                    self.finish(id, Outcome::Failed(problem.into()));
                    continue;
                }
            };
            let intent = match &call {
                WriteCall::Create {
                    offer_type,
                    content,
                    ..
                } => {
                    let intent_id = self.new_intent();
                    let intent = Intent {
                        run: self.id.clone(),
                        name: step.name.clone(),
                        offer_type: *offer_type,
                        content: content.clone(),
                        record: record_beside(step, content),
                        uses: self.uses(id, false),
                        since: (self.task.now)(),
                    };
                    intents.push(Entry::Intended {
                        id: intent_id.clone(),
                        intent,
                    });
                    Some(intent_id)
                }
                WriteCall::Update { .. }
                | WriteCall::Country { .. }
                | WriteCall::Activate { .. }
                | WriteCall::Deactivate { .. } => {
                    intents.extend(self.about_to_use(id));
                    intents.extend(values_of(step, true));
                    None
                }
            };
            let repeated = self.doubtful.contains(&id);
            sent.push(Sent {
                id,
                call,
                intent,
                repeated,
                refused: false,
            });
        }
        sent
    }

    /// Makes intents durable; nothing of theirs is sent before.
    async fn intend(&mut self, mut intents: Vec<Entry>) -> Result<(), StoreError> {
        let is_create = |entry: &Entry| matches!(entry, Entry::Intended { .. });
        let begins = intents.iter().any(is_create) && !self.began;
        if begins {
            intents.insert(0, self.began_entry());
            intents.extend(self.declared());
        }
        if sabotage::is("late-intent") {
            self.late_intents.append(&mut intents);
        }
        self.journal.append(intents).await?;
        self.began |= begins;
        Ok(())
    }

    /// The ids that were there before this run made anything.
    fn began_entry(&self) -> Entry {
        let mut baseline: BTreeMap<OfferType, BTreeSet<OfferId>> = BTreeMap::new();
        for offer in self.task.live.offers() {
            for offer_type in offer.types() {
                baseline
                    .entry(offer_type)
                    .or_default()
                    .insert(offer.id.to_stem());
            }
        }
        let found = state::Run {
            since: (self.task.now)(),
            baseline,
        };
        Entry::Began {
            run: self.id.clone(),
            found,
        }
    }

    /// The intents of a request that were not written down in time; see [`sabotage`].
    fn take_late_intents(&mut self, sent: &[Sent]) -> Vec<Entry> {
        let of_another = |entry: &mut Entry| {
            let Entry::Intended { id, .. } = entry else {
                return false;
            };
            !sent.iter().any(|sent| sent.intent.as_ref() == Some(id))
        };
        let others: Vec<Entry> = self.late_intents.extract_if(.., of_another).collect();
        std::mem::replace(&mut self.late_intents, others)
    }

    fn finish(&mut self, id: StepId, outcome: Outcome) {
        (self.task.observer)(Event::Finished(self.schedule.step(id), &outcome));
        self.schedule.finish(id, outcome);
    }
}

/// Whether a step needs no request.
fn is_local(step: &Step) -> bool {
    !step.operation.is_sent()
}

/// The e-mail address that the account must have.
fn expected_email<S: StateStore>(task: &Task<'_>, journal: &Journal<'_, S>) -> Option<Foreign> {
    let remembered = journal.state().account.publisher_email.clone();
    task.account.publisher_email.clone().or(remembered)
}

fn gone(step: &Step, id: &OfferId, reason: Gone) -> Entry {
    Entry::Gone {
        name: step.name.clone(),
        id: id.clone(),
        offer_type: step.offer_type,
        reason,
    }
}

/// What the state learns of the values of a step: before they are sent they are doubtful, so that what a kill leaves of them
/// can be undone.
fn values_of(step: &Step, doubtful: bool) -> impl Iterator<Item = Entry> {
    step.leaves.iter().map(move |values| Entry::Sent {
        name: step.name.clone(),
        values: Leftover {
            doubtful,
            ..values.clone()
        },
    })
}

/// What the state says of an offer beside what was sent to make it.
fn record_beside(step: &Step, sent: &Content) -> Record {
    let mut record = step.record.clone().unwrap_or_default();
    record.applied = record.applied.filter(|applied| **applied != *sent);
    record
}
