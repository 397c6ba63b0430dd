//! Reading the service of an environment: whatever a command awaits of it is shown while it goes on, and is told in full
//! if it fails.

use std::time::Duration;

use offerctl_engine::budget::Budget;
use offerctl_engine::fetch::{Fetcher, fetch, fetch_details, fetch_expecting};
use offerctl_engine::remote::RemoteRead;
use offerctl_engine::settle::{SettleError, Settled, preview, settle_pending};
use offerctl_engine::store::{Journal, StateStore};
use offerctl_model::name::OfferId;
use offerctl_model::offer_type::OfferType;
use offerctl_reconcile::live::Live;
use offerctl_reconcile::state::State;

use super::{Context, now, store_failed};
use crate::error::CliError;
use crate::remote::Connection;
use crate::service::Service;
use crate::ui::Ui;

impl Context {
    /// The service of the environment, for whatever has to be said of it.
    pub(crate) fn service(&self) -> Service<'_> {
        Service {
            environment: &self.environment,
            directory: &self.directory,
        }
    }

    /// Makes ready to talk to the service.
    pub(crate) async fn connect(&self) -> Result<Connection, CliError> {
        let opened = Connection::open(&self.loaded.root, &self.environment).await;
        opened.map_err(|error| self.service().about(error))
    }

    /// Means to read the catalogue with.
    fn fetcher<'a, R>(&self, (remote, budget): (&'a R, &'a Budget)) -> Fetcher<'a, R> {
        Fetcher {
            remote,
            budget,
            batch: self.environment.limits.batch,
        }
    }

    /// What is said while the lists are read.
    fn reading(&self) -> String {
        format!("reading the offers of `{}`", self.environment.name)
    }

    /// Reads the live catalogue whole, and waits for what was just made; then reads by themselves those of its offers
    /// that are wanted.
    pub(crate) async fn read_live<R: RemoteRead>(
        &self,
        remote: (&R, &Budget),
        state: &State,
        wanted: impl FnOnce(&Live) -> Vec<(OfferType, OfferId)>,
        ui: &Ui,
    ) -> Result<(Live, Vec<(OfferType, OfferId)>), CliError> {
        let fetcher = self.fetcher(remote);
        // Moments are whole seconds, so that one more may have to pass.
        let since = state.last_made.map(|made| now().unix() - made.unix() - 1);
        let since = since.map(|seconds| Duration::from_secs(u64::try_from(seconds).unwrap_or(0)));
        let read = async {
            let mut live = fetch_expecting(fetcher, state, (since, self.window())).await?;
            let wanted = wanted(&live);
            fetch_details(fetcher, &mut live, &wanted).await?;
            Ok((live, wanted))
        };
        let read = ui.watch(self.reading(), read).await;
        read.map_err(|error| self.service().unread(error))
    }

    /// The same for commands that hold no connection afterwards.
    pub(crate) async fn read_with_details(
        &self,
        state: &State,
        wanted: impl FnOnce(&Live) -> Vec<(OfferType, OfferId)>,
        ui: &Ui,
    ) -> Result<Live, CliError> {
        let connection = self.connect().await?;
        let reader = connection.reader()?;
        let budget = Budget::new(&self.environment.limits);
        let live = self
            .read_live((&reader, &budget), state, wanted, ui)
            .await
            .map(|(live, _)| live);
        connection.close().await;
        live
    }

    /// Reads the live catalogue as it is listed at the moment; these offers have to be there.
    pub(crate) async fn read_listed<R: RemoteRead>(
        &self,
        remote: (&R, &Budget),
        known: &[OfferId],
        ui: &Ui,
    ) -> Result<Live, CliError> {
        let read = fetch(self.fetcher(remote), known);
        let read = ui.watch(self.reading(), read).await;
        read.map_err(|error| self.service().unread(error))
    }

    /// The same, and then reads by themselves those of them that are wanted.
    pub(crate) async fn read_listed_with_details<R: RemoteRead>(
        &self,
        remote: (&R, &Budget),
        known: &[OfferId],
        wanted: impl FnOnce(&Live) -> Vec<(OfferType, OfferId)>,
        ui: &Ui,
    ) -> Result<Live, CliError> {
        let fetcher = self.fetcher(remote);
        let read = async {
            let mut live = fetch(fetcher, known).await?;
            let wanted = wanted(&live);
            fetch_details(fetcher, &mut live, &wanted).await?;
            Ok(live)
        };
        let read = ui.watch(self.reading(), read).await;
        read.map_err(|error| self.service().unread(error))
    }

    /// What creates of earlier runs have made, as far as the lists tell now.
    pub(crate) async fn preview_pending(
        &self,
        state: &State,
        ui: &Ui,
    ) -> Result<Vec<Settled>, CliError> {
        let connection = self.connect().await?;
        let reader = connection.reader()?;
        let budget = Budget::new(&self.environment.limits);
        let fetcher = self.fetcher((&reader, &budget));
        let look = preview(fetcher, self.environment.api, state);
        let settled = ui.watch(self.reading(), look).await;
        connection.close().await;
        settled.map_err(|error| self.service().unread(error))
    }

    /// Finds out what creates of earlier runs have made, and notes it in the state.
    pub(crate) async fn settle_pending<R: RemoteRead, S: StateStore>(
        &self,
        remote: (&R, &Budget),
        journal: &mut Journal<'_, S>,
        ui: &Ui,
    ) -> Result<Vec<Settled>, CliError> {
        let name = &self.environment.name;
        let what = format!("finding out what an earlier apply to `{name}` did");
        let by = (self.environment.api, self.window());
        let work = settle_pending(self.fetcher(remote), by, journal);
        ui.watch(what, work).await.map_err(|error| match error {
            SettleError::Fetch(error) => self.service().unread(error),
            SettleError::Store(error) => store_failed(error),
        })
    }
}
