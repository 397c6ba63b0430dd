//! What a run does about creates whose outcome is not known.

use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use offerctl_reconcile::plan::StepId;
use offerctl_reconcile::report::Outcome;
use offerctl_reconcile::settle::Verdict;
use offerctl_reconcile::state::IntentId;
use tokio::time::Instant;

use super::super::exchange::stopped;
use super::super::lost::{Kin, Waiting, Why};
use super::{Happened, Run};
use crate::budget::in_seconds;
use crate::fetch::FetchError;
use crate::remote::{RemoteError, RemoteWrite};
use crate::settle::{Evidence, Settled, look, record};
use crate::store::{StateStore, StoreError};

/// How often a create is refused together with others before it goes by itself, where a refusal is proof.
const REFUSALS: u32 = 3;

impl<'a, R: RemoteWrite, S: StateStore> Run<'a, '_, R, S> {
    /// A create whose outcome is not known: nothing of its listing group is made until evidence tells.
    pub(super) fn lose(&mut self, id: StepId, intent: IntentId) {
        let step = self.schedule.step(id);
        let reason = format!(
            "nobody knows yet whether `{}` was made, so nothing of its type is",
            step.name
        );
        self.brake.freeze(step.offer_type.kin(), &reason);
        self.lost.lose(step.offer_type, (intent, id));
    }

    /// A create whose request was refused as a whole: it waits until whatever came of it has to show.
    pub(super) fn put_aside(&mut self, (id, intent): (StepId, IntentId), error: &RemoteError) {
        let times = self.put_aside.entry(id).or_default();
        *times += 1;
        if !error.is_retryable() || *times == REFUSALS {
            self.alone.insert(id);
        }
        let window = Duration::from_millis(self.task.limits.settle_milliseconds);
        if !self.lost.has_put_aside() {
            tracing::warn!(
                "a request with several creates was refused ({error}); looking in {} whether any of them was made",
                in_seconds(window)
            );
        }
        let offer_type = self.schedule.step(id).offer_type;
        self.lost.put_aside(offer_type, (intent, id));
    }

    /// Begins to find out what became of creates whose answers were lost.
    pub(super) fn look(&self, kin: Kin, until: Instant) -> LocalBoxFuture<'a, Happened> {
        // What was put aside may be made again only when the look is over.
        let reason = "nobody knows yet whether creates that were refused were made all the same";
        self.brake.freeze(kin, reason);
        let (fetcher, api) = (self.fetcher(), self.task.plan.api);
        let mut stop = self.task.stop.clone();
        let state = self.journal.state().clone();
        let looked = async move {
            let evidence = tokio::select! {
                evidence = look(fetcher, (api, kin), &state, until) => evidence,
                () = stopped(&mut stop) => Err(FetchError::Interrupted),
            };
            Happened::Looked(kin, evidence)
        };
        looked.boxed_local()
    }

    /// Decides what became of creates whose answers were lost, by what the lists showed.
    pub(super) async fn settle(
        &mut self,
        kin: Kin,
        evidence: Result<Evidence, FetchError>,
    ) -> Result<(), StoreError> {
        let evidence = match evidence {
            Ok(evidence) => evidence,
            Err(error) => {
                self.lost.looked(kin);
                let message = format!(
                    "its answer was lost, and what became of it cannot be found out: {error}"
                );
                self.leave_open(kin, &message);
                return Ok(());
            }
        };
        for offer_type in kin {
            let of_type = (self.task.plan.api, *offer_type);
            let Some(settled) = record(of_type, &evidence, self.journal).await? else {
                self.lost.look_again(kin);
                return Ok(());
            };
            for settled in settled {
                self.settled(settled);
            }
        }
        self.lost.looked(kin);
        let mut open = self.journal.state().intents.values();
        if !open.any(|intent| kin.contains(&intent.offer_type)) {
            self.brake.thaw(kin);
        }
        Ok(())
    }

    fn settled(&mut self, settled: Settled) {
        let Some(Waiting { step, why }) = self.lost.take_step(&settled.intent) else {
            return;
        };
        match settled.verdict {
            Verdict::Made(id) => {
                self.made
                    .insert(self.schedule.step(step).name.clone(), id.clone());
                self.finish(step, Outcome::Succeeded(id));
            }
            Verdict::NotMade if why == Why::PutAside || self.lost.may_go_again(step) => {
                self.schedule.put_back(step);
            }
            Verdict::NotMade => {
                let message = "it was sent twice, its answers were lost, and it was never made";
                self.finish(step, Outcome::Failed(message.into()));
            }
            Verdict::Undecidable(candidates) => {
                let message = "its answer was lost, and what the lists show does not tell whether it was made".into();
                self.finish(
                    step,
                    Outcome::Unknown {
                        message,
                        candidates,
                    },
                );
            }
        }
    }

    /// Ends the steps of some types that wait to be settled; their intents stay in the state.
    fn leave_open(&mut self, kin: Kin, message: &str) {
        let intents = &self.journal.state().intents;
        let of_kin = intents
            .iter()
            .filter(|(_, intent)| kin.contains(&intent.offer_type));
        let ids: Vec<IntentId> = of_kin.map(|(id, _)| id.clone()).collect();
        for id in ids {
            if let Some(Waiting { step, .. }) = self.lost.take_step(&id) {
                self.finish(step, Outcome::unknown(message));
            }
        }
    }
}
