//! The emulator as its owner holds it: [`Emulator`].

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use rust_decimal::Decimal;
use thiserror::Error;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::account::Account;
use crate::config::Config;
use crate::fault::FaultRule;
use crate::file::DataFileError;
use crate::id::OfferId;
use crate::offer::Offer;
use crate::record::Requests;
use crate::season::SeasonGroup;
use crate::server::{Server, accept};
use crate::world::{StorageError, World};

/// A running emulator. It stops soon after it is dropped; [`Emulator::shutdown`] lets answers on their way arrive first,
/// and has let go of the data file when it returns.
///
/// ```
/// use cleeng_emulator::{Config, Emulator, FaultRule};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let emulator = Emulator::start(Config::default()).await?;
/// emulator.add_fault(FaultRule::parse("createPassOffer#1=cut,after")?);
/// // ... let a client talk to emulator.url() ...
/// assert_eq!(emulator.requests().write_calls(), 0);
/// emulator.shutdown().await;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Emulator {
    addr: SocketAddr,
    server: Arc<Server>,
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
}

/// An emulator could not be started.
#[derive(Debug, Error)]
pub enum StartError {
    /// The address cannot be listened on.
    #[error("cannot listen on {addr}")]
    Listen {
        /// The address.
        addr: SocketAddr,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The data file cannot be used.
    #[error("the catalogue cannot be loaded")]
    Data(#[from] DataFileError),
    /// The account's tax rate is not between 0 and 1.
    #[error("the tax rate {0} is not between 0 and 1")]
    TaxRate(Decimal),
}

/// An offer could not be changed past the API.
#[derive(Debug, Error)]
pub enum EditError {
    /// There is no such offer.
    #[error("there is no offer {0}")]
    NotFound(OfferId),
    /// There is such an offer already.
    #[error("there already is an offer {0}")]
    Exists(OfferId),
    /// The id was changed along with the offer.
    #[error("offer {0} cannot become another one")]
    OtherOffer(OfferId),
    /// The data file cannot be written.
    #[error("the change cannot be kept")]
    Data(#[source] DataFileError),
    /// The data file could not be written earlier, so that nothing is served any more.
    #[error("the data file could not be written earlier")]
    Broken,
}

impl Emulator {
    /// Reads the data file, if there is one, and starts to listen.
    ///
    /// It must be called on a tokio runtime with time and network, which serves the emulator from then on.
    pub async fn start(config: Config) -> Result<Self, StartError> {
        let addr = config.listen;
        let world = World::new(&config)?;
        let tax_rate = world.service.account.tax_rate;
        if !(Decimal::ZERO..=Decimal::ONE).contains(&tax_rate) {
            return Err(StartError::TaxRate(tax_rate));
        }
        let listen = |source| StartError::Listen { addr, source };
        let listener = TcpListener::bind(addr).await.map_err(listen)?;
        let addr = listener.local_addr().map_err(listen)?;
        let server = Arc::new(Server::new(world, addr, &config));
        let (stop, stopped) = watch::channel(false);
        let mut tasks = JoinSet::new();
        tasks.spawn(accept(listener, Arc::clone(&server), stopped));
        Ok(Self {
            addr,
            server,
            stop,
            tasks,
        })
    }

    /// Returns the address on which it listens, with the real port.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Returns the base URL, without a path: the JSON-RPC API is below it at `/3.0/json-rpc`, the REST API at `/3.1`.
    pub fn url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// Returns the account in force, which a data file may have brought.
    pub fn account(&self) -> Account {
        self.server.world().service.account.clone()
    }

    /// Returns what was asked so far. Requests still in work are in it, but for calls that have not run.
    pub fn requests(&self) -> Requests {
        self.server.recorder().snapshot()
    }

    /// Forgets what was asked so far.
    pub fn reset_requests(&self) {
        self.server.recorder().reset();
    }

    /// Adds a fault rule after those in force. It counts calls from now on.
    pub fn add_fault(&self, rule: FaultRule) {
        self.server.world().faults.add(rule);
    }

    /// Removes all fault rules. Changes that show late stay late.
    pub fn clear_faults(&self) {
        self.server.world().faults.clear();
    }

    /// Returns every offer as it truly is, one row for each localization whatever API made it, in the order in which they came in.
    pub fn offers(&self) -> Vec<Offer> {
        self.server.world().service.store.offers().to_vec()
    }

    /// Returns one offer as it truly is.
    pub fn offer(&self, id: &OfferId) -> Option<Offer> {
        self.server.world().service.store.get(id.as_str()).cloned()
    }

    /// Changes an offer past the API and its rules, as somebody may in a dashboard, and returns the result.
    ///
    /// It is one row that is changed: an offer that has localizations has others. The time of the last change moves as
    /// well, unless `change` sets it, and the version. `change` must not call the emulator, which
    /// serves nobody in the meantime.
    pub fn edit(&self, id: &OfferId, change: impl FnOnce(&mut Offer)) -> Result<Offer, EditError> {
        let mut world = self.server.world();
        world.before_write()?;
        let mut offer = world
            .service
            .store
            .get(id.as_str())
            .cloned()
            .ok_or_else(|| EditError::NotFound(id.clone()))?;
        offer.set_updated_at(world.service.clock.now());
        change(&mut offer);
        if offer.id() != id {
            return Err(EditError::OtherOffer(id.clone()));
        }
        world.put([offer])?;
        let stored = world.service.store.get(id.as_str()).cloned();
        stored.ok_or_else(|| EditError::NotFound(id.clone()))
    }

    /// Puts in new offers past the API and its rules, as many as you like, with one write of the data file.
    pub fn seed_offers(&self, offers: Vec<Offer>) -> Result<(), EditError> {
        let mut world = self.server.world();
        world.before_write()?;
        let mut ids: Vec<_> = offers.iter().map(Offer::id).collect();
        ids.sort_unstable();
        let twice = ids
            .windows(2)
            .find(|pair| pair[0] == pair[1])
            .map(|pair| pair[0]);
        let known = ids
            .iter()
            .find(|id| world.service.store.get(id.as_str()).is_some());
        if let Some(id) = twice.or(known.copied()) {
            return Err(EditError::Exists(id.clone()));
        }
        world.put(offers)?;
        Ok(())
    }

    /// Returns every group of seasons, in the order in which they were created.
    pub fn season_groups(&self) -> Vec<SeasonGroup> {
        self.server.world().service.season_groups.all().to_vec()
    }

    /// Puts in groups of seasons past the API and its rules; one that is there is replaced.
    pub fn seed_season_groups(&self, groups: Vec<SeasonGroup>) -> Result<(), EditError> {
        self.server.world().put_season_groups(groups)?;
        Ok(())
    }

    /// Stops listening, waits a few seconds for requests in work, and ends.
    pub async fn shutdown(mut self) {
        self.stop.send_replace(true);
        while self.tasks.join_next().await.is_some() {}
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        // Requests in work hold the server, which holds them: they would outlive it.
        drop(self.server.take_work());
    }
}

impl From<StorageError> for EditError {
    fn from(error: StorageError) -> Self {
        match error {
            StorageError::File(error) => Self::Data(error),
            StorageError::Broken => Self::Broken,
        }
    }
}
