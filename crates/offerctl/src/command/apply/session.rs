//! What stays open while a plan is applied: [`Session`].

use std::collections::BTreeMap;
use std::time::Duration;

use offerctl_engine::budget::Budget;
use offerctl_engine::remote::RemoteWrite;
use offerctl_engine::service::Writer;
use offerctl_engine::settle::Settled;
use offerctl_engine::store::Journal;
use offerctl_model::name::{Name, OfferId};
use offerctl_reconcile::settle::Verdict;

use super::watched::{Open, Watched};
use crate::args::ApplyArgs;
use crate::command::stopping::Stopping;
use crate::context::{Context, let_go, seconds};
use crate::error::CliError;
use crate::exit::Exit;
use crate::remote::Connection;
use crate::ui::Ui;

/// How long to try to release the lock after the second signal.
const RELEASE: Duration = Duration::from_millis(500);

/// What stays open while a plan is applied.
pub(super) struct Session {
    connection: Connection,
    budget: Budget,
    store: Watched,
    /// How long to wait for the lock.
    patience: Duration,
}

/// What is at hand while the lock is held.
pub(super) struct Held<'a> {
    pub(super) remote: (&'a Writer, &'a Budget),
    pub(super) journal: Journal<'a, Watched>,
    /// What creates of earlier applies may have made of which nobody can tell.
    pub(super) near: Near,
    pub(super) stopping: &'a Stopping,
}

/// The live offers that an unsettled create may have made, by its name.
type Near = BTreeMap<Name, Vec<OfferId>>;

impl Session {
    pub(super) async fn open(context: &Context, args: &ApplyArgs) -> Result<Self, CliError> {
        let patience = seconds("--lock-timeout", args.lock_timeout)?;
        let store = Watched::new(context.store()?);
        let connection = context.connect().await?;
        Ok(Self {
            connection,
            budget: Budget::new(&context.environment.limits),
            store,
            patience,
        })
    }

    /// Does some work with the lock held, once it is settled what became of earlier applies; lets go of everything,
    /// however it ends.
    pub(super) async fn hold(
        self,
        context: &Context,
        ui: &Ui,
        work: impl AsyncFnOnce(Held<'_>) -> Result<Exit, CliError>,
    ) -> Result<Exit, CliError> {
        let stopping = Stopping::new();
        let work = async {
            let writer = self.connection.writer()?;
            let remote = (&writer, &self.budget);
            let locked = context.lock_state(&self.store, self.patience, ui);
            let mut journal = stopping.or(locked).await?;
            let near = stopping
                .or(settle(context, remote, &mut journal, ui))
                .await?;
            work(Held {
                remote,
                journal,
                near,
                stopping: &stopping,
            })
            .await
        };
        let done = Box::pin(async {
            let result = work.await;
            let_go(&self.store, ui).await;
            result
        });
        let open = self.store.open();
        let exit = move || after_stop(&open);
        let result = match stopping.watch(done, exit, ui).await {
            Some(result) => result,
            None => self.stop(ui).await,
        };
        self.connection.close().await;
        result
    }

    /// Ends at once. The lock is released if that takes no time, so that the next apply need not wait for it to end.
    async fn stop(&self, ui: &Ui) -> Result<Exit, CliError> {
        Ui::to_stderr(
            "Stopped at once. The next apply finds out what became of what was under way.\n",
        );
        let released = let_go(&self.store, ui);
        let _in_time = tokio::time::timeout(RELEASE, released).await;
        Ok(after_stop(&self.store.open()))
    }
}

/// How an apply ends that stopped at once: whatever was sent has its intent in the state.
fn after_stop(open: &Open) -> Exit {
    if open.has_any() {
        Exit::Unknown
    } else {
        Exit::Error
    }
}

/// Finds out what became of creates of earlier runs; returns the live offers that those may have made of which
/// nobody can tell.
async fn settle<R: RemoteWrite>(
    context: &Context,
    remote: (&R, &Budget),
    journal: &mut Journal<'_, Watched>,
    ui: &Ui,
) -> Result<Near, CliError> {
    if journal.state().intents.is_empty() {
        return Ok(Near::new());
    }
    let settled = context.settle_pending(remote, journal, ui).await?;
    let mut near = Near::new();
    for Settled { name, verdict, .. } in settled {
        let became = match verdict {
            Verdict::Made(id) => format!("made {id}"),
            Verdict::NotMade => "made nothing".to_owned(),
            Verdict::Undecidable(ids) => {
                near.insert(name.clone(), ids);
                "cannot be settled".to_owned()
            }
        };
        ui.say(&format!(
            "The create of {name} by an earlier apply {became}.\n"
        ));
    }
    Ok(near)
}
