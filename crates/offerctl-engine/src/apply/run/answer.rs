//! What the answers of a request come to: outcomes of steps, and entries of the state.

use std::time::Duration;

use offerctl_reconcile::live::View;
use offerctl_reconcile::plan::{Operation, StepId};
use offerctl_reconcile::report::Outcome;
use offerctl_reconcile::settle::answer::{Answered, accept};
use offerctl_reconcile::state::{Entry, Gone, IntentId, Retiring};

use super::super::exchange::{Answer, Returned, Sent};
use super::super::verify::written_id;
use super::{ATTEMPTS, FIRST_WAIT, Run, expected_email, gone, values_of};
use crate::random::fraction;
use crate::remote::{RemoteWrite, Retry, ShownOffer, WriteCall};
use crate::sabotage;
use crate::store::StateStore;

impl<R: RemoteWrite, S: StateStore> Run<'_, '_, R, S> {
    /// Notes what became of the calls of a request.
    pub(super) fn take_in_answers(&mut self, returned: Returned) {
        let Returned {
            sent,
            ended,
            answers,
        } = returned;
        let mut entries = self.take_late_intents(&sent);
        let believed = self.believed(&sent, &answers);
        let mut outcomes = Vec::new();
        let mut wait = None;
        for ((sent, answer), is_believed) in sent.into_iter().zip(answers).zip(believed) {
            if let WriteCall::Create { offer_type, .. } = &sent.call {
                self.lost.ended(*offer_type, ended);
            }
            match answer {
                Answer::Done(written, _) if !is_believed => {
                    let shown = written.rows.first().map(|shown| &shown.row.id);
                    tracing::debug!(?shown, "the answer to a create is not what was to be made");
                    if let Some(intent) = sent.intent {
                        self.lose(sent.id, intent);
                    }
                }
                Answer::Done(written, mismatches) => {
                    self.check_account(&written, &mut entries);
                    outcomes.push(self.succeeded(&sent, &written, &mismatches, &mut entries));
                }
                Answer::Refused(error) => {
                    entries.extend(not_made(&sent));
                    let goes_again = error.is_retryable() && !self.budget.is_closed();
                    if goes_again && error.retry == Retry::WhenLessBusy {
                        // The budget has seen to the wait, and gives up in the end.
                        self.schedule.put_back(sent.id);
                        continue;
                    }
                    match self.next_wait(sent.id).filter(|_| goes_again) {
                        Some(pause) => {
                            wait = wait.max(Some(error.retry_after.unwrap_or(pause)));
                            self.schedule.put_back(sent.id);
                        }
                        None => outcomes.push((sent.id, Outcome::Failed(error.message))),
                    }
                }
                Answer::PutAside(error) => {
                    if let Some(intent) = sent.intent {
                        self.put_aside((sent.id, intent), &error);
                    }
                }
                Answer::NotThere(message) => match self.next_wait(sent.id) {
                    Some(pause) => {
                        wait = wait.max(Some(pause));
                        self.doubtful.insert(sent.id);
                        self.schedule.put_back(sent.id);
                    }
                    None => outcomes.push((sent.id, Outcome::Failed(message))),
                },
                Answer::Withheld => {
                    entries.extend(not_made(&sent));
                    self.schedule.put_back(sent.id);
                }
                Answer::Unknown(message) => match sent.intent {
                    Some(id) if sabotage::is("blind-retry") || sabotage::is("no-settling") => {
                        entries.push(Entry::NotMade { id });
                        self.schedule.put_back(sent.id);
                    }
                    Some(intent) => self.lose(sent.id, intent),
                    None => outcomes.push((sent.id, Outcome::unknown(message))),
                },
            }
        }
        if let Some(wait) = wait {
            self.budget.pause(wait);
        }
        self.journal.note(entries);
        for (id, outcome) in outcomes {
            self.finish(id, outcome);
        }
    }

    /// A create that was refused, and went again, may have been made by the first request all the same: that one is looked out
    /// for under an intent of its own.
    fn looked_out_for(&self, sent: &Sent) -> Vec<Entry> {
        let intents = &self.journal.state().intents;
        let intent = sent.intent.as_ref().filter(|_| sent.refused);
        let Some(intent) = intent.and_then(|id| intents.get(id)).cloned() else {
            return Vec::new();
        };
        let id = self.new_intent();
        vec![
            Entry::Intended {
                id: id.clone(),
                intent,
            },
            Entry::NotMade { id },
        ]
    }

    /// Whether each answer is the offer that its call was to make or to change; see `offerctl_reconcile::settle::answer`.
    fn believed(&self, sent: &[Sent], answers: &[Answer]) -> Vec<bool> {
        let shown = |(sent, answer): (&Sent, &Answer)| match (&sent.intent, answer) {
            (Some(intent), Answer::Done(written, _)) => Some((intent.clone(), written.view())),
            _ => None,
        };
        let shown: Vec<Option<(IntentId, View)>> = sent.iter().zip(answers).map(shown).collect();
        let answered = shown.iter().flatten();
        let answered: Vec<Answered<'_>> = answered
            .map(|(intent, view)| Answered { intent, view })
            .collect();
        let mut accepted = if sabotage::is("believed-answers") {
            vec![true; answered.len()]
        } else {
            accept(self.task.plan.api, &answered, self.journal.state())
        }
        .into_iter();
        shown
            .iter()
            .map(|shown| shown.is_none() || accepted.next().unwrap_or_default())
            .collect()
    }

    /// How long to wait before a step is sent again; `None` if it was tried often enough.
    fn next_wait(&mut self, id: StepId) -> Option<Duration> {
        let attempts = self.attempts.entry(id).or_insert(0);
        *attempts += 1;
        let pause = FIRST_WAIT * 2_u32.pow(*attempts - 1);
        (*attempts < ATTEMPTS).then(|| pause.mul_f64(0.5 + fraction()))
    }

    /// What is done is done, also where a value did not stick: the offer is ours.
    fn succeeded(
        &mut self,
        sent: &Sent,
        written: &ShownOffer,
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
                Operation::Create { .. }
                | Operation::Update { .. }
                | Operation::UpdateCountry { .. }
                | Operation::AddCountry { .. }
                | Operation::ActivateCountry { .. }
                | Operation::DeactivateCountry { .. }
                | Operation::Activate { .. },
                Some(record),
            ) if done || creates => {
                let binding = record.binding(id.clone(), step.offer_type);
                entries.extend(self.looked_out_for(sent));
                entries.push(Entry::Bound {
                    name: step.name.clone(),
                    binding,
                    intent: sent.intent.clone(),
                });
                self.made.insert(step.name.clone(), id.clone());
            }
            _ if done => entries.extend(values_of(step, false)),
            _ => {}
        }
        if done && !creates {
            entries.extend(self.used(sent.id));
        }
        if done {
            return (sent.id, Outcome::Succeeded(id));
        }
        (sent.id, Outcome::Differs(id, mismatches.join(", ").into()))
    }

    /// The first answer of an account that had no offers shows whose it is.
    fn check_account(&mut self, written: &ShownOffer, entries: &mut Vec<Entry>) {
        let email = written
            .rows
            .iter()
            .find_map(|shown| shown.row.publisher_email.clone());
        let Some(email) = email else { return };
        if let Some(expected) = expected_email(self.task, self.journal)
            && expected != email
        {
            let reason = format!("the account is {email}, not {expected}");
            self.brake.halt(&reason);
        }
        self.is_account_known = true;
        if !entries
            .iter()
            .any(|entry| matches!(entry, Entry::Account { .. }))
        {
            entries.extend(self.account_entry(Some(email)));
        }
    }
}

/// What the state learns of a create that was not made: nothing more, if that is proven; if it is assumed, it is looked out for.
fn not_made(sent: &Sent) -> Option<Entry> {
    let id = sent.intent.clone()?;
    Some(if sent.refused {
        Entry::NotMade { id }
    } else {
        Entry::Refused { id }
    })
}
