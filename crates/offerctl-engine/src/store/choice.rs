//! One of the stores there are: [`Store`].

use std::time::Duration;

use offerctl_reconcile::state::{Segment, StateDocument};

use super::bucket::{BucketLock, BucketStore};
use super::error::{LockError, StoreError};
use super::hold::{Hold, Holder, Loss, Probe};
use super::local::{LocalLock, LocalStore};
use super::state_store::{Position, StateStore, Stored};

/// One of the stores there are.
#[derive(Debug)]
pub enum Store {
    /// A folder.
    Local(LocalStore),
    /// A prefix in a bucket.
    Bucket(BucketStore),
}

/// The lock of a [`Store`].
#[derive(Debug)]
pub enum StoreLock {
    /// Of a folder.
    Local(LocalLock),
    /// Of a bucket.
    Bucket(BucketLock),
}

/// A lock that another kind of store gave is no lock of this one.
fn foreign(place: String) -> StoreError {
    let loss = Loss::Gone;
    StoreError::LockLost { place, loss }
}

impl StateStore for Store {
    type Lock = StoreLock;

    fn place(&self) -> String {
        match self {
            Self::Local(store) => store.place(),
            Self::Bucket(store) => store.place(),
        }
    }

    async fn load(&self) -> Result<Stored, StoreError> {
        match self {
            Self::Local(store) => store.load().await,
            Self::Bucket(store) => store.load().await,
        }
    }

    async fn lock(&self, holder: Holder, wait: Duration) -> Result<StoreLock, LockError> {
        Ok(match self {
            Self::Local(store) => StoreLock::Local(store.lock(holder, wait).await?),
            Self::Bucket(store) => StoreLock::Bucket(store.lock(holder, wait).await?),
        })
    }

    fn probe(&self, lock: &StoreLock) -> Probe {
        match (self, lock) {
            (Self::Local(store), StoreLock::Local(lock)) => store.probe(lock),
            (Self::Bucket(store), StoreLock::Bucket(lock)) => store.probe(lock),
            (Self::Local(_), StoreLock::Bucket(_)) | (Self::Bucket(_), StoreLock::Local(_)) => {
                Probe::new(Hold::Lost)
            }
        }
    }

    fn outlives_its_lock(&self) -> bool {
        match self {
            Self::Local(store) => store.outlives_its_lock(),
            Self::Bucket(store) => store.outlives_its_lock(),
        }
    }

    async fn let_go(&self) -> Result<(), StoreError> {
        match self {
            Self::Local(store) => store.let_go().await,
            Self::Bucket(store) => store.let_go().await,
        }
    }

    async fn append(
        &self,
        lock: &mut StoreLock,
        at: Position,
        segment: &Segment,
    ) -> Result<(), StoreError> {
        match (self, lock) {
            (Self::Local(store), StoreLock::Local(lock)) => store.append(lock, at, segment).await,
            (Self::Bucket(store), StoreLock::Bucket(lock)) => store.append(lock, at, segment).await,
            (Self::Local(_), StoreLock::Bucket(_)) | (Self::Bucket(_), StoreLock::Local(_)) => {
                Err(foreign(self.place()))
            }
        }
    }

    async fn save(&self, lock: &mut StoreLock, document: &StateDocument) -> Result<(), StoreError> {
        match (self, lock) {
            (Self::Local(store), StoreLock::Local(lock)) => store.save(lock, document).await,
            (Self::Bucket(store), StoreLock::Bucket(lock)) => store.save(lock, document).await,
            (Self::Local(_), StoreLock::Bucket(_)) | (Self::Bucket(_), StoreLock::Local(_)) => {
                Err(foreign(self.place()))
            }
        }
    }
}
