//! One run over the steps of a plan: [`Run`].

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures_util::stream::{FuturesUnordered, StreamExt};
use offerctl_core::content::Content;
use offerctl_core::field::Field;
use offerctl_core::name::{Name, OfferId};
use offerctl_core::offer_type::OfferType;
use offerctl_core::plan::{Operation, Step, StepId};
use offerctl_core::project::Account;
use offerctl_core::report::Outcome;
use offerctl_core::state::{self, Entry, Gone, Intent, IntentId, Retiring};
use offerctl_core::value::{EventRef, Value};

use super::schedule::Schedule;
use super::verify::{Asked, merge, written_id};
use super::{Event, Task};
use crate::budget::Budget;
use crate::random::{fraction, random_hex};
use crate::read::read_all;
use crate::remote::{GetCall, RemoteError, RemoteWrite, ShownRow, WriteCall, Written};
use crate::store::{Journal, StateStore, StoreError};

/// How often a write is sent that is proven not to have been done.
const ATTEMPTS: u32 = 6;

/// The wait before the second attempt; it doubles from then on.
const FIRST_WAIT: Duration = Duration::from_millis(200);

/// One run over the steps of a plan.
pub(super) struct Run<'a, 's, R, S: StateStore> {
    task: &'a Task<'a>,
    remote: &'a R,
    budget: &'a Budget,
    journal: &'a mut Journal<'s, S>,
    schedule: Schedule<'a>,
    id: String,
    /// The ids of offers that this run made or bound.
    made: BTreeMap<Name, OfferId>,
    /// How often each step was sent.
    attempts: BTreeMap<StepId, u32>,
    /// Why nothing more may be sent, if that is so.
    halted: Option<String>,
    /// Whether the account has shown itself to be the expected one.
    is_account_known: bool,
    began: bool,
}

/// A step on its way.
#[derive(Debug, Clone)]
struct Sent {
    id: StepId,
    call: WriteCall,
    intent: Option<IntentId>,
}

/// A request that came back.
struct Returned {
    sent: Vec<Sent>,
    answers: Vec<Result<Written, RemoteError>>,
    /// How the answers compare with what was asked, for those that succeeded.
    mismatches: BTreeMap<StepId, Vec<String>>,
}

impl<'a, 's, R: RemoteWrite, S: StateStore> Run<'a, 's, R, S> {
    pub(super) fn new(
        task: &'a Task<'a>,
        remote: &'a R,
        budget: &'a Budget,
        journal: &'a mut Journal<'s, S>,
    ) -> Self {
        let emails = task.live.publisher_emails();
        Self {
            task,
            remote,
            budget,
            schedule: Schedule::new(task.plan),
            id: random_hex::<8>(),
            made: BTreeMap::new(),
            attempts: BTreeMap::new(),
            halted: None,
            is_account_known: !emails.is_empty() || expected_email(task, journal).is_none(),
            began: false,
            journal,
        }
    }

    /// What became of the steps; `reason` is why those that were never tried were not.
    pub(super) fn into_outcomes(self, reason: &str) -> Vec<Option<Outcome>> {
        let reason = self.halted.unwrap_or_else(|| reason.to_owned());
        self.schedule.into_outcomes(&reason)
    }

    /// Goes through all steps. An error means that the state could not be written: nothing is sent after it.
    pub(super) async fn carry_out(&mut self, stopped: &Cell<bool>) -> Result<(), StoreError> {
        self.learn().await?;
        let (remote, budget, limits) = (self.remote, self.budget, self.task.limits);
        let mut requests = FuturesUnordered::new();
        let mut stop = self.task.stop.clone();
        let mut problem = None;
        loop {
            self.carry_out_local_steps().await?;
            while problem.is_none()
                && self.halted.is_none()
                && !*stop.borrow()
                && requests.len() < self.side_by_side()
            {
                let ids = self.take_batch();
                if ids.is_empty() {
                    break;
                }
                match self.prepare(ids).await {
                    Ok(sent) if sent.is_empty() => {}
                    Ok(sent) => requests.push(exchange(
                        remote,
                        budget,
                        (self.task.plan.api, limits.batch),
                        sent,
                    )),
                    // What is under way is still waited for: its outcome is worth knowing.
                    Err(error) => problem = Some(error),
                }
            }
            tokio::select! {
                returned = requests.next() => {
                    let Some(returned) = returned else { break };
                    if let Err(error) = self.take_in(returned).await {
                        problem = Some(error);
                    }
                }
                changed = stop.changed(), if !*stop.borrow() => {
                    // A sender that is gone will never stop anything.
                    if changed.is_err() {
                        stop = tokio::sync::watch::channel(false).1;
                    }
                }
            }
            stopped.set(*stop.borrow());
        }
        problem.map_or(Ok(()), Err)
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
        let count = if self.is_account_known {
            self.task.limits.batch
        } else {
            1
        };
        self.schedule.take(count, |step| step.operation.is_sent())
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
        if !plan.steps.is_empty() {
            let emails = self.task.live.publisher_emails();
            let email = if emails.len() == 1 {
                emails.first().map(|email| (*email).to_owned())
            } else {
                None
            };
            entries.extend(self.account_entry(email));
        }
        self.journal.append(entries).await
    }

    /// The account, if it shows itself for the first time.
    fn account_entry(&self, email: Option<String>) -> Option<Entry> {
        let known = &self.journal.state().account;
        if known.publisher_email.is_some() || email.is_none() {
            return None;
        }
        let one = |set: BTreeSet<_>| {
            if set.len() == 1 {
                set.first().copied()
            } else {
                None
            }
        };
        let currency = one(self.task.live.account_currencies()).or(known.currency);
        Some(Entry::Account {
            account: Account {
                publisher_email: email,
                currency,
                ..known.clone()
            },
        })
    }

    /// Bindings and forgettings need no request.
    async fn carry_out_local_steps(&mut self) -> Result<(), StoreError> {
        loop {
            let ids = self
                .schedule
                .take(usize::MAX, |step| !step.operation.is_sent());
            if ids.is_empty() {
                return Ok(());
            }
            for id in ids {
                let step = self.schedule.step(id);
                let Some(offer) = step.operation.id().cloned() else {
                    continue;
                };
                let entry = match (&step.operation, &step.record) {
                    (Operation::Bind { .. }, Some(record)) => Entry::Bound {
                        name: step.name.clone(),
                        binding: record.binding(offer.clone(), step.offer_type),
                        intent: None,
                    },
                    _ => gone(step, &offer, Gone::Forgotten),
                };
                self.journal.append(vec![entry]).await?;
                self.made.insert(step.name.clone(), offer.clone());
                self.finish(id, Outcome::Succeeded(offer));
            }
        }
    }

    /// Writes the calls of a batch, and makes the intents of its creates durable.
    async fn prepare(&mut self, ids: Vec<StepId>) -> Result<Vec<Sent>, StoreError> {
        let mut sent = Vec::new();
        let mut entries = Vec::new();
        for id in ids {
            let step = self.schedule.step(id);
            let call = match self.call(step) {
                Ok(call) => call,
                Err(problem) => {
                    self.finish(id, Outcome::Failed(problem));
                    continue;
                }
            };
            let intent = match &call {
                WriteCall::Create {
                    offer_type,
                    content,
                } => {
                    let intent_id = IntentId(format!("{}-{}", self.id, random_hex::<4>()));
                    let intent = Intent {
                        run: self.id.clone(),
                        name: step.name.clone(),
                        offer_type: *offer_type,
                        content: content.clone(),
                        since: (self.task.now)(),
                    };
                    entries.push(Entry::Intended {
                        id: intent_id.clone(),
                        intent,
                    });
                    Some(intent_id)
                }
                WriteCall::Update { .. } | WriteCall::Deactivate { .. } => None,
            };
            sent.push(Sent { id, call, intent });
        }
        if !entries.is_empty() && !self.began {
            entries.insert(0, self.began_entry());
        }
        let begins = !entries.is_empty();
        if let Err(error) = self.journal.append(entries).await {
            self.halted = Some("the state could not be written".to_owned());
            return Err(error);
        }
        self.began |= begins;
        for sent in &sent {
            (self.task.observer)(Event::Started(self.schedule.step(sent.id)));
        }
        Ok(sent)
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

    fn call(&self, step: &Step) -> Result<WriteCall, String> {
        let offer_type = step.offer_type;
        match &step.operation {
            Operation::Create { content } => {
                let mut content = Content::clone(content);
                self.fill_in_events(&mut content.fields)?;
                Ok(WriteCall::Create {
                    offer_type,
                    content,
                })
            }
            Operation::Update {
                id,
                localized,
                base,
                rows,
            } => {
                let mut base = base.clone();
                self.fill_in_events(&mut base)?;
                Ok(WriteCall::Update {
                    offer_type,
                    id: id.clone(),
                    localized: *localized,
                    base,
                    rows: rows.clone(),
                })
            }
            Operation::Deactivate { id, .. } => Ok(WriteCall::Deactivate {
                offer_type,
                id: id.clone(),
            }),
            Operation::Activate { .. } => Err("JSON-RPC cannot revive an offer".to_owned()),
            Operation::Bind { .. } | Operation::Forget { .. } => {
                Err("this step sends nothing".to_owned())
            }
        }
    }

    /// Puts the ids of events in the place of their names.
    fn fill_in_events(&self, fields: &mut offerctl_core::content::Fields) -> Result<(), String> {
        let Some(Value::Events(events)) = fields.get(Field::EventAssociation) else {
            return Ok(());
        };
        let resolved: Result<Vec<EventRef>, String> = events
            .iter()
            .map(|event| match event {
                EventRef::Id(id) => Ok(EventRef::Id(id.clone())),
                EventRef::Offer(name) => self
                    .made
                    .get(name)
                    .or_else(|| {
                        self.journal
                            .state()
                            .bindings
                            .get(name)
                            .map(|binding| &binding.id)
                    })
                    .map(|id| EventRef::Id(id.clone()))
                    .ok_or_else(|| format!("the event `{name}` has no id yet")),
            })
            .collect();
        fields.set(Field::EventAssociation, Value::events(resolved?));
        Ok(())
    }

    /// Notes what became of the calls of a request.
    async fn take_in(&mut self, returned: Returned) -> Result<(), StoreError> {
        let Returned {
            sent,
            answers,
            mut mismatches,
        } = returned;
        let mut entries = Vec::new();
        let mut outcomes = Vec::new();
        let mut wait = None;
        for (sent, answer) in sent.into_iter().zip(answers) {
            match answer {
                Ok(written) => {
                    let mismatches = mismatches.remove(&sent.id).unwrap_or_default();
                    self.check_account(&written, &mut entries);
                    outcomes.push(self.succeeded(&sent, &written, &mismatches, &mut entries));
                }
                Err(error) if error.proven_refused => {
                    if let Some(intent) = sent.intent {
                        entries.push(Entry::Refused { id: intent });
                    }
                    let attempts = self.attempts.entry(sent.id).or_insert(0);
                    *attempts += 1;
                    if error.retryable && *attempts < ATTEMPTS {
                        let pause = FIRST_WAIT * 2_u32.pow(*attempts - 1);
                        wait = wait.max(Some(
                            error.retry_after.unwrap_or(pause.mul_f64(0.5 + fraction())),
                        ));
                        self.schedule.put_back(sent.id);
                    } else {
                        outcomes.push((sent.id, Outcome::Failed(error.message)));
                    }
                }
                Err(error) => outcomes.push((sent.id, self.unknown(&sent, &error))),
            }
        }
        if let Some(wait) = wait {
            self.budget.pause(wait);
        }
        let written = self.journal.append(entries).await;
        if written.is_err() {
            self.halted = Some("the state could not be written".to_owned());
        }
        for (id, outcome) in outcomes {
            self.finish(id, outcome);
        }
        written
    }

    /// What is done is done, also where a value did not stick: the offer is ours.
    fn succeeded(
        &mut self,
        sent: &Sent,
        written: &Written,
        mismatches: &[String],
        entries: &mut Vec<Entry>,
    ) -> (StepId, Outcome) {
        let step = self.schedule.step(sent.id);
        let creates = sent.intent.is_some();
        let id = if creates {
            written_id(&sent.call, written)
        } else {
            step.operation
                .id()
                .cloned()
                .unwrap_or_else(|| written_id(&sent.call, written))
        };
        let done = mismatches.is_empty();
        match (&step.operation, &step.record) {
            (Operation::Deactivate { replaced: true, .. }, _) if done => {
                let old = Retiring {
                    id: id.clone(),
                    offer_type: step.offer_type,
                };
                entries.push(Entry::Retired {
                    name: step.name.clone(),
                    old,
                });
            }
            (Operation::Deactivate { .. }, _) if done => {
                entries.push(gone(step, &id, Gone::Deactivated));
            }
            (
                Operation::Create { .. } | Operation::Update { .. } | Operation::Activate { .. },
                Some(record),
            ) if done || creates => {
                let binding = record.binding(id.clone(), step.offer_type);
                entries.push(Entry::Bound {
                    name: step.name.clone(),
                    binding,
                    intent: sent.intent.clone(),
                });
                self.made.insert(step.name.clone(), id.clone());
            }
            _ => {}
        }
        if done {
            return (sent.id, Outcome::Succeeded(id));
        }
        (sent.id, Outcome::Differs(id, mismatches.join(", ")))
    }

    /// A create whose outcome is not known stops everything of its type; the intent stays in the state.
    fn unknown(&mut self, sent: &Sent, error: &RemoteError) -> Outcome {
        let step = self.schedule.step(sent.id);
        if sent.intent.is_some() {
            let reason = format!(
                "nobody knows yet whether `{}` was made, so nothing of its type is",
                step.name
            );
            self.schedule.freeze(step.offer_type, reason);
        }
        Outcome::Unknown(error.message.clone())
    }

    /// The first answer of an account that had no offers shows whose it is.
    fn check_account(&mut self, written: &Written, entries: &mut Vec<Entry>) {
        let email = written
            .rows
            .iter()
            .find_map(|shown| shown.row.publisher_email.clone());
        let Some(email) = email else { return };
        if let Some(expected) = expected_email(self.task, self.journal)
            && expected != email
        {
            self.halted = Some(format!("the account is {email}, not {expected}"));
        }
        self.is_account_known = true;
        if !entries
            .iter()
            .any(|entry| matches!(entry, Entry::Account { .. }))
        {
            entries.extend(self.account_entry(Some(email)));
        }
    }

    fn finish(&mut self, id: StepId, outcome: Outcome) {
        (self.task.observer)(Event::Finished(self.schedule.step(id), &outcome));
        self.schedule.finish(id, outcome);
    }
}

/// The e-mail address that the account must have.
fn expected_email<S: StateStore>(task: &Task<'_>, journal: &Journal<'_, S>) -> Option<String> {
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

/// Sends a request, and looks again at what its answers do not tell.
async fn exchange<R: RemoteWrite>(
    remote: &R,
    budget: &Budget,
    (api, batch): (offerctl_core::offer_type::Api, usize),
    sent: Vec<Sent>,
) -> Returned {
    let calls: Vec<WriteCall> = sent.iter().map(|sent| sent.call.clone()).collect();
    let mut answers = {
        let _permit = budget.begin().await;
        remote.write(&calls).await
    };
    if let Some(asked) = answers
        .iter()
        .filter_map(|answer| answer.as_ref().err()?.retry_after)
        .max()
    {
        budget.pause(asked);
    }
    let asked: Vec<Asked> = calls.iter().map(|call| Asked::of(api, call)).collect();
    let mut gets: Vec<(usize, GetCall)> = Vec::new();
    for (index, answer) in answers.iter().enumerate() {
        if let Ok(written) = answer
            && asked[index].compare(&written.rows).needs_another_look()
        {
            let offer_type = asked[index].offer_type;
            gets.extend(written.rows.iter().map(|shown| {
                (
                    index,
                    GetCall {
                        offer_type,
                        id: shown.row.id.clone(),
                    },
                )
            }));
        }
    }
    let to_read: Vec<GetCall> = gets.iter().map(|(_, call)| call.clone()).collect();
    let read = read_all(budget, &to_read, batch, async |calls| {
        remote.get(calls).await
    })
    .await;
    let mut found: BTreeMap<usize, Vec<ShownRow>> = BTreeMap::new();
    for ((index, _), answer) in gets.into_iter().zip(read) {
        // An offer that cannot be read again is judged by the answer to its write.
        found.entry(index).or_default().extend(answer.ok());
    }
    let mut mismatches = BTreeMap::new();
    for (index, answer) in answers.iter_mut().enumerate() {
        let Ok(written) = answer else { continue };
        merge(written, found.remove(&index).unwrap_or_default());
        let finding = asked[index].compare(&written.rows);
        if !finding.mismatches.is_empty() {
            mismatches.insert(sent[index].id, finding.mismatches);
        }
    }
    Returned {
        sent,
        answers,
        mismatches,
    }
}
