//! What stays open while a plan is applied: [`Session`].

use std::collections::BTreeMap;
use std::time::Duration;

use offerctl_core::name::{Name, OfferId};
use offerctl_core::settle::Verdict;
use offerctl_engine::budget::Budget;
use offerctl_engine::remote::RemoteWrite;
use offerctl_engine::service::Writer;
use offerctl_engine::settle::Settled;
use offerctl_engine::store::{Journal, Store};

use crate::args::ApplyArgs;
use crate::command::stopping::Stopping;
use crate::context::{Context, let_go, load_state, seconds};
use crate::error::CliError;
use crate::exit::Exit;
use crate::remote::Connection;
use crate::ui::Ui;

/// What stays open while a plan is applied.
pub(super) struct Session {
    connection: Connection,
    budget: Budget,
    store: Store,
    /// How long to wait for the lock.
    patience: Duration,
}

/// What is at hand while the lock is held.
pub(super) struct Held<'a> {
    pub(super) remote: (&'a Writer, &'a Budget),
    pub(super) journal: Journal<'a, Store>,
    /// What creates of earlier applies may have made of which nobody can tell.
    pub(super) near: Near,
    pub(super) stopping: &'a Stopping,
}

/// The live offers that an unsettled create may have made, by its name.
type Near = BTreeMap<Name, Vec<OfferId>>;

impl Session {
    pub(super) async fn open(context: &Context, args: &ApplyArgs) -> Result<Self, CliError> {
        let patience = seconds("--lock-timeout", args.lock_timeout)?;
        let store = context.store()?;
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
        let done = Box::pin(async {
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
        });
        let result = match stopping.watch(done, ui).await {
            Some(result) => result,
            None => self.after_stop(ui).await,
        };
        self.close(ui).await;
        result
    }

    /// Lets go of everything.
    async fn close(self, ui: &Ui) {
        let Self {
            connection,
            budget: _,
            store,
            patience: _,
        } = self;
        let_go(&store, ui).await;
        connection.close().await;
    }

    /// What is left after an apply that stopped at once: whatever was sent has its intent in the state.
    async fn after_stop(&self, ui: &Ui) -> Result<Exit, CliError> {
        Ui::to_stderr(
            "Stopped at once. The next apply finds out what became of what was under way.\n",
        );
        let state = load_state(&self.store, ui).await?;
        Ok(if state.intents.is_empty() {
            Exit::Partial
        } else {
            Exit::Unknown
        })
    }
}

/// Finds out what became of creates of earlier runs; returns the live offers that those may have made of which
/// nobody can tell.
async fn settle<R: RemoteWrite>(
    context: &Context,
    remote: (&R, &Budget),
    journal: &mut Journal<'_, Store>,
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
