//! What all requests share: [`World`], the service with its faults and its data file.

use thiserror::Error;

use crate::account::Account;
use crate::config::{Config, Data};
use crate::fault::plan::FaultPlan;
use crate::file::{Catalogue, Changes, Contents, DataFileError, Journal};
use crate::id::IdSource;
use crate::offer::Offer;
use crate::season::{SeasonGroup, SeasonGroups};
use crate::service::Service;
use crate::store::Store;

/// The service, one request at a time.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) service: Service,
    pub(crate) faults: FaultPlan,
    journal: Option<Journal>,
    /// Set once the data file could not be written: from then on memory and file differ, and nothing is served.
    is_broken: bool,
}

/// The data file does not let a request be served.
#[derive(Debug, Error)]
pub(crate) enum StorageError {
    #[error(transparent)]
    File(#[from] DataFileError),
    #[error("the data file could not be written earlier")]
    Broken,
}

impl World {
    /// Returns the service with what its data file holds.
    pub(crate) fn new(config: &Config) -> Result<Self, DataFileError> {
        let mut service = Service {
            account: config.account.clone(),
            quirks: config.quirks.clone(),
            profile: config.profile,
            clock: config.clock.clone(),
            ids: IdSource::new(config.seed),
            store: Store::default(),
            season_groups: SeasonGroups::default(),
        };
        let journal = match &config.data {
            Data::Memory => None,
            Data::File(path) => {
                let (journal, contents) = Journal::open(path)?;
                load(&mut service, contents);
                Some(journal)
            }
        };
        Ok(Self {
            service,
            faults: config.faults.iter().cloned().collect(),
            journal,
            is_broken: false,
        })
    }

    /// Refuses all work once memory and file differ.
    pub(crate) fn check(&self) -> Result<(), StorageError> {
        if self.is_broken {
            Err(StorageError::Broken)
        } else {
            Ok(())
        }
    }

    /// Must come before anything is changed: makes sure that nobody else writes to the data file.
    pub(crate) fn before_write(&mut self) -> Result<(), StorageError> {
        self.check()?;
        let Some(journal) = &mut self.journal else {
            return Ok(());
        };
        if !journal.is_open() {
            let mut claim = journal.claim()?;
            if let Some(contents) = claim.newer.take() {
                load(&mut self.service, contents);
            }
            let catalogue = Catalogue {
                account: &self.service.account,
                offers: self.service.store.offers(),
                season_groups: self.service.season_groups.all(),
            };
            journal.begin(claim, catalogue)?;
        }
        Ok(())
    }

    /// Must come before a change is answered: waits until it is in the data file.
    pub(crate) fn after_writes(&mut self) -> Result<(), StorageError> {
        self.check()?;
        let changes = Changes {
            offers: self.service.store.take_touched(),
            season_groups: self.service.season_groups.take_touched(),
        };
        if let Some(journal) = &mut self.journal
            && !changes.is_empty()
        {
            let appended = journal.append(&changes);
            self.is_broken = appended.is_err();
            appended?;
        }
        Ok(())
    }

    /// Puts in offers past the API, as a dashboard would.
    pub(crate) fn put(
        &mut self,
        offers: impl IntoIterator<Item = Offer>,
    ) -> Result<(), StorageError> {
        self.before_write()?;
        self.service.put(offers.into_iter().collect(), &[]);
        self.after_writes()
    }

    /// Puts in groups of seasons past the API, as a dashboard would.
    pub(crate) fn put_season_groups(
        &mut self,
        groups: Vec<SeasonGroup>,
    ) -> Result<(), StorageError> {
        self.before_write()?;
        for group in groups {
            self.service.season_groups.put(group);
        }
        self.after_writes()
    }
}

fn load(service: &mut Service, contents: Contents) {
    if let Some(account) = contents.account {
        service.account = Account {
            token: service.account.token.take(),
            ..account
        };
    }
    service.store = contents.offers.into_iter().collect();
    service.season_groups = contents.season_groups.into_iter().collect();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::Kind;

    fn pass(id: &str) -> Offer {
        Offer::new(id.parse().unwrap(), Kind::Pass)
    }

    #[test]
    fn nothing_is_served_once_an_append_failed() {
        let folder = tempfile::tempdir().unwrap();
        let config = Config {
            data: Data::File(folder.path().join("offers.jsonl")),
            ..Config::default()
        };
        let mut world = World::new(&config).unwrap();
        world.put([pass("P111111111_US")]).unwrap();
        world.journal.as_mut().unwrap().break_appends();
        let failed = world.put([pass("P222222222_US")]).unwrap_err();
        assert!(matches!(failed, StorageError::File(_)));
        assert!(matches!(world.check(), Err(StorageError::Broken)));
        let refused = world.put([pass("P333333333_US")]).unwrap_err();
        assert!(matches!(refused, StorageError::Broken));

        drop(world);
        let world = World::new(&config).unwrap();
        assert_eq!(world.service.store.offers(), [pass("P111111111_US")]);
    }
}
