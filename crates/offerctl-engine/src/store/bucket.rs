//! The state in object storage: [`BucketStore`].
//!
//! ```text
//!   s3://bucket/offers/production/
//!     lock.json                 who holds the lock, and for how long still
//!     state.json                the document
//!     journal/
//!       00000007-000001.json    the first segment after the document with serial 7
//! ```
//!
//! Every object is written by a conditional put: a segment and the first document only where nothing is, a later
//! document and the lock only in the place of the version that was read. What follows from that:
//!
//! - Two runs cannot both write the same segment or the same document.
//! - A segment counts once it is stored *and* the lock was seen to be ours after that. Who takes the lock over reads
//!   the state afterwards, and finds it.
//! - Who finds segments under the lock stores a new document at once ([`StateStore::compacts_at_open`]). From then on
//!   a former holder can store no document, as its condition fails, and what it appends belongs to a document that
//!   is no more.
//! - A reader without the lock may meet a document that is just being replaced; it looks again.

mod clock;
mod failure;
mod lock;
mod objects;
mod open;
#[cfg(test)]
mod tests;

use std::time::Duration;

use futures_util::future::try_join_all;
use offerctl_core::state::{Segment, StateDocument, StateError};

use self::lock::{Left, acquire, break_open, see};
use self::objects::{Condition, Found, Objects, Put};
use super::{
    Hold, Holder, LockError, Position, Probe, StateStore, StoreError, Stored, parse_segment,
    segment_name,
};

pub use self::lock::BucketLock;
pub use self::open::{OpenError, Settings};

/// The name of the document.
const DOCUMENT: &str = "state.json";

/// The folder of the segments.
const JOURNAL: &str = "journal";

/// How often a state is read that changes meanwhile.
const READINGS: u32 = 5;

/// How many segments are read side by side.
const SIDE_BY_SIDE: usize = 16;

/// A prefix in a bucket with the state of one environment.
#[derive(Debug)]
pub struct BucketStore {
    objects: Objects,
    environment: String,
    ttl: Duration,
    left: Left,
}

/// Who holds the lock of a bucket.
#[derive(Debug)]
pub struct Lockholder(lock::Seen);

impl Lockholder {
    /// Who it is, if the lock says.
    pub fn holder(&self) -> Option<&Holder> {
        self.0.holder.as_ref()
    }

    /// When it was last heard of, by its own clock.
    pub fn heartbeat(&self) -> Option<&str> {
        self.0.heartbeat.as_deref()
    }
}

impl BucketStore {
    fn new(objects: Objects, environment: &str, ttl: Duration) -> Self {
        Self {
            objects,
            environment: environment.to_owned(),
            ttl,
            left: Left::default(),
        }
    }

    /// Looks who holds the lock.
    pub async fn lockholder(&self) -> Result<Option<Lockholder>, StoreError> {
        // A bucket that is not there shows as such only when it is listed.
        let _names = self.objects.list(JOURNAL).await?;
        Ok(see(&self.objects).await?.map(Lockholder))
    }

    /// Takes the lock away from a holder; `false` if somebody else holds it by now, or nobody.
    pub async fn unlock(&self, holder: &Lockholder) -> Result<bool, StoreError> {
        break_open(&self.objects, self.ttl, &holder.0).await
    }

    fn unusable(&self, source: StateError) -> StoreError {
        StoreError::Unusable {
            place: self.place(),
            source,
        }
    }

    fn changed(&self) -> StoreError {
        StoreError::Changed {
            place: self.place(),
        }
    }

    fn parse_document(&self, found: &Found) -> Result<StateDocument, StoreError> {
        StateDocument::parse(&found.bytes, &self.environment).map_err(|error| self.unusable(error))
    }

    /// Reads the state as it is at one moment; `None` if it changed meanwhile.
    async fn read(&self) -> Result<Option<Stored>, StoreError> {
        let found = self.objects.get(DOCUMENT).await?;
        let (mut state, serial) = match &found {
            Some(found) => {
                let document = self.parse_document(found)?;
                let serial = document.serial;
                (document.into_state(), serial)
            }
            None => Default::default(),
        };
        let mut names = self.objects.list(JOURNAL).await?;
        let prefix = format!("{serial:08}-");
        names.retain(|name| name.starts_with(&prefix));
        let mut segments = Vec::new();
        for names in names.chunks(SIDE_BY_SIDE) {
            let paths: Vec<_> = names
                .iter()
                .map(|name| format!("{JOURNAL}/{name}"))
                .collect();
            let read = paths.iter().map(|path| self.objects.get(path));
            segments.extend(try_join_all(read).await?);
        }
        // What the document says has to have held for as long as the segments were read.
        let after = self.objects.get(DOCUMENT).await?;
        let version = |found: Option<&Found>| found.map(|found| found.version.clone());
        if version(found.as_ref()) != version(after.as_ref()) {
            return Ok(None);
        }
        for ((number, name), segment) in (1..).zip(&names).zip(segments) {
            let expected = segment_name(Position { serial, number });
            let Some(segment) = segment.filter(|_| *name == expected) else {
                return Err(StoreError::Gap {
                    place: self.place(),
                    missing: expected,
                });
            };
            let segment = parse_segment(&segment.bytes, &self.environment)
                .map_err(|error| self.unusable(error))?;
            for entry in segment.entries {
                state.apply(entry);
            }
        }
        Ok(Some(Stored {
            state,
            serial,
            segments: names.len() as u64,
        }))
    }
}

impl StateStore for BucketStore {
    type Lock = BucketLock;

    fn place(&self) -> String {
        self.objects.place.clone()
    }

    async fn load(&self) -> Result<Stored, StoreError> {
        for _ in 0..READINGS {
            if let Some(stored) = self.read().await? {
                return Ok(stored);
            }
        }
        Err(self.changed())
    }

    async fn lock(&self, holder: Holder, wait: Duration) -> Result<BucketLock, LockError> {
        // A bucket that is not there shows as such only when it is listed.
        let _names = self.objects.list(JOURNAL).await?;
        acquire(&self.objects, holder, (self.ttl, wait), &self.left).await
    }

    fn probe(&self, lock: &BucketLock) -> Probe {
        lock.probe()
    }

    fn compacts_at_open(&self) -> bool {
        true
    }

    async fn let_go(&self) -> Result<(), StoreError> {
        self.left.release().await
    }

    async fn append(
        &self,
        lock: &mut BucketLock,
        at: Position,
        segment: &Segment,
    ) -> Result<(), StoreError> {
        let bytes = serde_json::to_vec(segment)
            .map_err(|error| self.unusable(StateError::Broken(error)))?;
        if lock.probe().hold() == Hold::Lost {
            return lock.confirm().await;
        }
        let name = format!("{JOURNAL}/{}", segment_name(at));
        match self.objects.put(&name, &bytes, &Condition::Absent).await? {
            Put::Done(_) => lock.confirm().await,
            Put::Refused(_) => Err(self.changed()),
        }
    }

    async fn save(
        &self,
        lock: &mut BucketLock,
        document: &StateDocument,
    ) -> Result<(), StoreError> {
        lock.confirm().await?;
        let found = self.objects.get(DOCUMENT).await?;
        let before = match &found {
            Some(found) => self.parse_document(found)?.serial,
            None => 0,
        };
        if before + 1 != document.serial {
            return Err(self.changed());
        }
        let condition = Condition::as_found(found.as_ref());
        let put = self
            .objects
            .put(DOCUMENT, &document.to_bytes(), &condition)
            .await?;
        if let Put::Refused(_) = put {
            return Err(self.changed());
        }
        // The new document has all that is in them; what stays behind is passed over.
        let Ok(mut names) = self.objects.list(JOURNAL).await else {
            return Ok(());
        };
        let current = format!("{:08}-", document.serial);
        names.retain(|name| *name < current);
        let paths: Vec<_> = names
            .iter()
            .map(|name| format!("{JOURNAL}/{name}"))
            .collect();
        self.objects.delete(&paths).await;
        Ok(())
    }
}
