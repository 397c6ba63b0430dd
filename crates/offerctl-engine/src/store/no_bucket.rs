//! The store in a bucket in a build without the feature `bucket`: none can be opened, so there is none to do anything with.

use std::collections::BTreeMap;
use std::time::Duration;

use offerctl_reconcile::state::{Segment, StateDocument};

use super::error::{LockError, StoreError};
use super::hold::{Holder, Probe};
use super::state_store::{Position, StateStore, Stored};

/// What the environment says of the clouds.
#[derive(Debug, Clone, Default)]
pub struct Settings(pub BTreeMap<String, String>);

/// Why an address cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// This build has no client of object storage.
    #[error("this offerctl was built without the feature `bucket`, so it cannot open `{0}`")]
    NotBuilt(String),
}

/// A prefix in a bucket: there is none.
#[derive(Debug)]
pub enum BucketStore {}

/// The lock of a bucket: there is none.
#[derive(Debug)]
pub enum BucketLock {}

/// Who holds the lock of a bucket: nobody.
#[derive(Debug)]
pub enum Lockholder {}

impl BucketStore {
    /// Refuses every address.
    pub fn open(
        address: &str,
        _environment: &str,
        _settings: &Settings,
        _times: (Duration, Duration),
    ) -> Result<Self, OpenError> {
        Err(OpenError::NotBuilt(address.to_owned()))
    }

    /// Looks who holds the lock.
    #[expect(clippy::unused_async, reason = "as in a build with buckets")]
    pub async fn lockholder(&self) -> Result<Option<Lockholder>, StoreError> {
        match *self {}
    }

    /// Takes the lock away from a holder.
    #[expect(clippy::unused_async, reason = "as in a build with buckets")]
    pub async fn unlock(&self, _holder: &Lockholder) -> Result<bool, StoreError> {
        match *self {}
    }
}

impl Lockholder {
    /// The run that holds it, if its name can be read.
    pub fn holder(&self) -> Option<&Holder> {
        match *self {}
    }

    /// When the lock was last renewed.
    pub fn heartbeat(&self) -> &str {
        match *self {}
    }

    /// How long after its end what was sent may take effect.
    pub fn quiet_after(&self) -> Duration {
        match *self {}
    }
}

impl StateStore for BucketStore {
    type Lock = BucketLock;

    fn place(&self) -> String {
        match *self {}
    }

    async fn load(&self) -> Result<Stored, StoreError> {
        match *self {}
    }

    async fn lock(&self, _holder: Holder, _wait: Duration) -> Result<BucketLock, LockError> {
        match *self {}
    }

    fn probe(&self, lock: &BucketLock) -> Probe {
        match *lock {}
    }

    fn outlives_its_lock(&self) -> bool {
        match *self {}
    }

    async fn let_go(&self) -> Result<(), StoreError> {
        match *self {}
    }

    async fn append(
        &self,
        lock: &mut BucketLock,
        _at: Position,
        _segment: &Segment,
    ) -> Result<(), StoreError> {
        match *lock {}
    }

    async fn save(
        &self,
        lock: &mut BucketLock,
        _document: &StateDocument,
    ) -> Result<(), StoreError> {
        match *lock {}
    }
}
