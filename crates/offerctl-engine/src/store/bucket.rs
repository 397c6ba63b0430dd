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
//! - A run that takes the lock stores a new document at once, whatever it finds ([`StateStore::outlives_its_lock`]), and
//!   so does a person who takes it away. From then on a former holder can store no document, as its condition fails, and
//!   what it appends belongs to a document that is no more.
//! - A reader without the lock may meet a document that is just being replaced; it looks again.

mod clock;
mod failure;
mod lock;
mod name;
mod objects;
mod open;
#[cfg(test)]
mod tests;

use std::time::Duration;

use futures_util::future::try_join_all;
use offerctl_reconcile::state::{Segment, StateDocument, StateError};

use self::lock::{Left, Seen, Times, acquire, break_open, see};
use self::name::{DOCUMENT, JOURNAL, path_of};
use self::objects::{Always, Condition, Found, Leave, Objects, Put};
use super::error::{LockError, StoreError};
use super::hold::{Holder, Probe};
use super::state_store::{Position, StateStore, Stored, parse_segment};
use crate::sabotage;

pub use self::lock::BucketLock;
pub use self::open::{OpenError, Settings};

/// How often a state is read that changes meanwhile.
const READINGS: u32 = 5;

/// How many segments are read side by side.
const SIDE_BY_SIDE: usize = 16;

/// A prefix in a bucket with the state of one environment.
#[derive(Debug)]
pub struct BucketStore {
    objects: Objects,
    environment: String,
    times: Times,
    left: Left,
}

/// Who holds the lock of a bucket.
#[derive(Debug)]
pub struct Lockholder(Seen);

impl Lockholder {
    /// Who it is.
    pub fn holder(&self) -> Option<&Holder> {
        self.0.holder()
    }

    /// When it was last heard of, by its own clock; what anybody may have written.
    pub fn heartbeat(&self) -> &str {
        self.0.heartbeat()
    }

    /// How long what it sends now may still be under way.
    pub fn quiet_after(&self) -> Duration {
        self.0.quiet_after()
    }
}

impl BucketStore {
    /// Names a place such as `s3://bucket/prefix`; nothing is read or written yet. The times are how long a lock lives without
    /// renewal, and how long a request of its holder takes at most.
    pub fn open(
        address: &str,
        environment: &str,
        settings: &Settings,
        (to_live, request): (Duration, Duration),
    ) -> Result<Self, OpenError> {
        let objects = settings.objects_at(address)?;
        let times = Times { to_live, request };
        Ok(Self::new(objects, environment, times))
    }

    fn new(objects: Objects, environment: &str, times: Times) -> Self {
        Self {
            objects,
            environment: environment.to_owned(),
            times,
            left: Left::default(),
        }
    }

    /// Looks who holds the lock.
    pub async fn lockholder(&self) -> Result<Option<Lockholder>, StoreError> {
        // A bucket that is not there shows as such only when it is listed.
        let _names = self.objects.list(JOURNAL).await?;
        Ok(see(&self.objects).await?.map(Lockholder))
    }

    /// Takes the lock away from a holder, and stores a document, so that the holder can store none; `false` if somebody else
    /// holds it by now, or nobody.
    pub async fn unlock(&self, holder: &Lockholder) -> Result<bool, StoreError> {
        let is_free = break_open(&self.objects, &holder.0).await?;
        if is_free && !sabotage::is("no-fence") {
            self.shut_out().await?;
        }
        Ok(is_free)
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
        let names = self.objects.list(JOURNAL).await?;
        let listed = names.iter().filter_map(|name| Position::parse(name));
        let listed = listed.filter(|at| at.serial == serial).map(|at| at.number);
        let last = listed.max().unwrap_or_default();
        let mut segments = Vec::new();
        let numbers: Vec<u64> = (1..=last).collect();
        for numbers in numbers.chunks(SIDE_BY_SIDE) {
            let places = numbers.iter().map(|number| Position {
                serial,
                number: *number,
            });
            let read = places.map(async |at| {
                let found = self.objects.get(&path_of(at)).await?;
                found.ok_or_else(|| self.gap(at))
            });
            match try_join_all(read).await {
                Ok(read) => segments.extend(read),
                // A document in the place of this one takes its segments with it.
                Err(StoreError::Gap { .. }) if self.is_replaced(found.as_ref()).await? => {
                    return Ok(None);
                }
                Err(error) => return Err(error),
            }
        }
        // A list may lack what was just stored: the next one is asked for by its name.
        loop {
            let number = segments.len() as u64 + 1;
            let name = path_of(Position { serial, number });
            let Some(next) = self.objects.get(&name).await? else {
                break;
            };
            segments.push(next);
        }
        // What the document says has to have held for as long as the segments were read.
        if self.is_replaced(found.as_ref()).await? {
            return Ok(None);
        }
        let count = segments.len() as u64;
        for segment in segments {
            let segment = parse_segment(&segment.bytes, &self.environment)
                .map_err(|error| self.unusable(error))?;
            for entry in segment.entries {
                state.apply(entry);
            }
        }
        Ok(Some(Stored {
            state,
            serial,
            segments: count,
        }))
    }

    fn gap(&self, at: Position) -> StoreError {
        StoreError::Gap {
            place: self.place(),
            missing: at.name(),
        }
    }

    /// Whether another document is in the place of one that was read.
    async fn is_replaced(&self, found: Option<&Found>) -> Result<bool, StoreError> {
        let now = self.objects.get(DOCUMENT).await?;
        let version = |found: Option<&Found>| found.map(|found| found.version.clone());
        Ok(version(found) != version(now.as_ref()))
    }

    /// Stores a document in the place of the one with the serial before.
    async fn store(&self, document: &StateDocument, leave: &dyn Leave) -> Result<(), StoreError> {
        let found = self.objects.get(DOCUMENT).await?;
        let before = match &found {
            Some(found) => self.parse_document(found)?.serial,
            None => 0,
        };
        if before + 1 != document.serial {
            return Err(self.changed());
        }
        let condition = Condition::as_found(found.as_ref());
        let bytes = document.to_bytes();
        let put = self.objects.put_while(DOCUMENT, &bytes, &condition, leave);
        if let Put::Refused(_) = put.await? {
            return Err(self.changed());
        }
        // The new document has all that is in them; what stays behind is passed over.
        let Ok(mut names) = self.objects.list(JOURNAL).await else {
            return Ok(());
        };
        names.retain(|name| Position::parse(name).is_some_and(|at| at.serial < document.serial));
        let paths: Vec<_> = names
            .iter()
            .map(|name| format!("{JOURNAL}/{name}"))
            .collect();
        self.objects.delete(&paths).await;
        Ok(())
    }

    /// Stores what is there as a new document, so that the next document of a former holder is refused.
    async fn shut_out(&self) -> Result<(), StoreError> {
        for _ in 0..READINGS {
            let Stored { state, serial, .. } = self.load().await?;
            let document = StateDocument::new(&self.environment, serial + 1, &state);
            match self.store(&document, &Always).await {
                Err(StoreError::Changed { .. }) => {}
                stored => return stored,
            }
        }
        Err(self.changed())
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
        acquire(&self.objects, holder, (self.times, wait), &self.left).await
    }

    fn probe(&self, lock: &BucketLock) -> Probe {
        lock.probe()
    }

    fn outlives_its_lock(&self) -> bool {
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
        let name = path_of(at);
        lock.refuse_lost()?;
        let put = self
            .objects
            .put_while(&name, &bytes, &Condition::Absent, lock);
        match put.await? {
            Put::Done(_) => lock.check().await,
            Put::Refused(_) => Err(self.changed()),
        }
    }

    async fn save(
        &self,
        lock: &mut BucketLock,
        document: &StateDocument,
    ) -> Result<(), StoreError> {
        lock.check().await?;
        self.store(document, lock).await
    }
}
