//! The lock object: [`BucketLock`].
//!
//! `lock.json` names its holder, and is written anew four times in its time to live for as long as the holder lives.
//! It is never deleted: a lock that nobody holds is an object without a holder. So every write of it has a condition
//! on what was there before, the release too, and its epoch only ever grows.
//!
//! # When a lock is stale
//!
//! A holder that was killed cannot let go, so that a lock has to end by itself. Whose clock says so? The holder's may
//! be wrong by hours, and so may ours. Two ways need neither:
//!
//! - the store's clock: the object was last written, by its `Last-Modified`, longer ago than its time to live,
//!   measured by the `Date` of the answer that showed it. Both are the store's own times. This judges a lock at first
//!   sight, to the second, and a second is added;
//! - our stopwatch: whoever waits and sees the object unchanged for its whole time to live has seen no heartbeat.
//!   This works without the store saying what time it is.
//!
//! The expiry in the object is for people to read, and decides nothing.
//!
//! # Why a holder that was taken over does no harm
//!
//! It measures the time since it *began* to send the last heartbeat that succeeded, on a clock that stops when the
//! machine sleeps and on one that does not, whichever says more. Past half the time to live it sends no create
//! ([`Hold::Stale`]). The other half is what a request under way has left to arrive, before anybody takes over and
//! begins to settle. And no segment counts before the lock was seen to be still ours *after* it was stored
//! ([`BucketLock::confirm`]): whoever takes over later reads the state after that, and so finds it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use object_store::UpdateVersion;
use offerctl_core::value::Moment;
use serde::{Deserialize, Serialize};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

use super::failure::Meaning;
use super::objects::{Condition, Found, Objects, Put, pause};
use crate::random::random_hex;
use crate::store::{Hold, Holder, LockError, Probe, StoreError};

/// The name of the object.
pub(super) const LOCK: &str = "lock.json";

/// The version of the format of the object.
const LOCK_VERSION: u32 = 1;

/// What is added to a time to live before a lock is stale: the store's times are whole seconds.
const SLACK: Duration = Duration::from_secs(1);

/// The longest time to live that is believed.
const MAX_TTL: Duration = Duration::from_hours(1);

/// The longest wait between two looks at a lock that somebody holds.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// How often something is tried that another write of our own may get in the way of.
const ATTEMPTS: u32 = 3;

/// What the object says.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct LockDocument {
    format_version: u32,
    epoch: Epoch,
    /// Nobody holds the lock if there is none.
    holder: Option<Holder>,
    ttl_seconds: f64,
    /// When it was last written, by the clock of the holder; for people.
    heartbeat: String,
    /// Tells this write from every other, so that it is known again.
    write: String,
}

/// Which time of holding this is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Epoch {
    number: u64,
    id: String,
}

impl LockDocument {
    /// The first write of an epoch.
    fn new(holder: Option<Holder>, number: u64, ttl: Duration) -> Self {
        let mut document = Self {
            format_version: LOCK_VERSION,
            epoch: Epoch {
                number,
                id: random_hex::<8>(),
            },
            holder,
            ttl_seconds: ttl.as_secs_f64(),
            heartbeat: String::new(),
            write: String::new(),
        };
        document.renew();
        document
    }

    /// The next write of the same epoch.
    fn renew(&mut self) {
        let now = SystemTime::now();
        self.heartbeat = moment(now);
        self.write = random_hex::<8>();
        let expiry = moment(now + Duration::from_secs_f64(self.ttl_seconds));
        if let Some(holder) = &mut self.holder {
            holder.expiry = Some(expiry);
        }
    }

    fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec_pretty(self).unwrap_or_default()
    }

    /// What an object says. One that makes no sense is held by nobody knows whom.
    fn parse(found: &Found) -> Option<Self> {
        let document: Self = serde_json::from_slice(&found.bytes).ok()?;
        (document.format_version <= LOCK_VERSION).then_some(document)
    }

    fn ttl(&self) -> Duration {
        Duration::try_from_secs_f64(self.ttl_seconds).map_or(MAX_TTL, |ttl| ttl.min(MAX_TTL))
    }
}

fn moment(time: SystemTime) -> String {
    let seconds = time
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs());
    let seconds = i64::try_from(seconds).unwrap_or_default();
    Moment::from_unix(seconds)
        .unwrap_or(Moment::EPOCH)
        .to_string()
}

/// When a heartbeat was sent.
#[derive(Debug, Clone, Copy)]
struct Beat {
    at: Instant,
    wall: SystemTime,
}

impl Beat {
    fn now() -> Self {
        Self {
            at: Instant::now(),
            wall: SystemTime::now(),
        }
    }

    /// How long ago that is; the time that the machine slept counts.
    fn age(self) -> Duration {
        self.at
            .elapsed()
            .max(self.wall.elapsed().unwrap_or_default())
    }
}

/// A lock that is or was held.
#[derive(Debug)]
struct Held {
    objects: Objects,
    ttl: Duration,
    now: Mutex<Now>,
}

#[derive(Debug)]
struct Now {
    document: LockDocument,
    version: UpdateVersion,
    beat: Beat,
    loss: Option<Loss>,
}

/// That the lock is ours no more.
#[derive(Debug, Clone)]
struct Loss {
    /// Who took it over, if anybody.
    by: Option<Box<Holder>>,
}

/// The hold of a lock; a task of its own renews it until it is dropped.
#[derive(Debug)]
pub struct BucketLock {
    held: Arc<Held>,
    renewal: JoinSet<()>,
    left: Left,
}

/// Locks that were dropped, and are still to be released.
#[derive(Debug, Clone, Default)]
pub(super) struct Left(Arc<Mutex<Vec<Arc<Held>>>>);

impl Drop for BucketLock {
    fn drop(&mut self) {
        self.renewal.abort_all();
        if self.held.now().loss.is_none() {
            lock(&self.left.0).push(Arc::clone(&self.held));
        }
    }
}

impl Left {
    /// Releases the locks that were dropped.
    pub(super) async fn release(&self) -> Result<(), StoreError> {
        let left = std::mem::take(&mut *lock(&self.0));
        for held in left {
            held.release().await?;
        }
        Ok(())
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Takes the lock, waiting for it at most so long.
pub(super) async fn acquire(
    objects: &Objects,
    holder: Holder,
    (ttl, wait): (Duration, Duration),
    left: &Left,
) -> Result<BucketLock, LockError> {
    let until = Instant::now() + wait;
    let mut seen = None;
    loop {
        let found = objects.get(LOCK).await?;
        let number = match look(objects, found.as_ref(), &mut seen) {
            Look::Free { last } => last + 1,
            Look::Held(_) if Instant::now() < until => {
                let left = until.saturating_duration_since(Instant::now());
                sleep(LOOK_AGAIN.min(ttl / 8).min(left)).await;
                continue;
            }
            Look::Held(holder) => return Err(LockError::Held(holder)),
        };
        let document = LockDocument::new(Some(holder.clone()), number, ttl);
        let bytes = document.to_bytes();
        // There before the object is: whoever gives up waiting here leaves no lock behind.
        let mut taken = BucketLock {
            held: Arc::new(Held {
                objects: objects.clone(),
                ttl,
                now: Mutex::new(Now {
                    document,
                    version: UpdateVersion {
                        e_tag: None,
                        version: None,
                    },
                    beat: Beat::now(),
                    loss: None,
                }),
            }),
            renewal: JoinSet::new(),
            left: left.clone(),
        };
        match objects
            .put(LOCK, &bytes, &Condition::as_found(found.as_ref()))
            .await?
        {
            // Somebody was faster; the next look shows who.
            Put::Refused(found) => drop(taken.held.lose(found.as_ref())),
            Put::Done(version) => {
                taken.held.now().version = version;
                taken.held.prove_conditions().await?;
                let held = Arc::clone(&taken.held);
                taken.renewal.spawn(async move { held.keep_alive().await });
                return Ok(taken);
            }
        }
    }
}

/// Whether a lock can be had.
enum Look {
    Free {
        /// The last epoch.
        last: u64,
    },
    Held(Option<Holder>),
}

fn look(
    objects: &Objects,
    found: Option<&Found>,
    seen: &mut Option<(UpdateVersion, Instant)>,
) -> Look {
    let Some(found) = found else {
        return Look::Free { last: 0 };
    };
    let document = LockDocument::parse(found);
    let last = document
        .as_ref()
        .map_or(0, |document| document.epoch.number);
    let ttl = document.as_ref().map_or(MAX_TTL, LockDocument::ttl);
    if document
        .as_ref()
        .is_some_and(|document| document.holder.is_none())
    {
        return Look::Free { last };
    }
    let since = match seen {
        Some((version, since)) if *version == found.version => *since,
        _ => seen.insert((found.version.clone(), Instant::now())).1,
    };
    let age = objects
        .clock
        .now()
        .and_then(|now| now.duration_since(found.modified).ok());
    let is_stale = since.elapsed() >= ttl || age.is_some_and(|age| age >= ttl + SLACK);
    let holder = document.and_then(|document| document.holder);
    if !is_stale {
        return Look::Held(holder);
    }
    let whose = holder.map_or_else(|| "somebody".to_owned(), |holder| holder.to_string());
    tracing::warn!("taking over the lock of {whose}, who has not renewed it");
    Look::Free { last }
}

impl Held {
    fn now(&self) -> MutexGuard<'_, Now> {
        lock(&self.now)
    }

    fn hold(&self) -> Hold {
        let now = self.now();
        if now.loss.is_some() {
            Hold::Lost
        } else if now.beat.age() > self.ttl / 2 {
            Hold::Stale
        } else {
            Hold::Firm
        }
    }

    fn lose(&self, found: Option<&Found>) -> StoreError {
        let by = found
            .and_then(LockDocument::parse)
            .and_then(|document| document.holder)
            .map(Box::new);
        self.now().loss = Some(Loss { by: by.clone() });
        StoreError::LockLost {
            place: self.objects.place.clone(),
            by,
        }
    }

    /// Whether an object is the lock of this very epoch.
    fn is_ours(&self, found: &Found) -> bool {
        let id = self.now().document.epoch.id.clone();
        LockDocument::parse(found).is_some_and(|document| document.epoch.id == id)
    }

    /// Writes the lock once more.
    async fn renew(&self) -> Result<(), StoreError> {
        let beat = Beat::now();
        let (document, condition) = {
            let now = self.now();
            let mut document = now.document.clone();
            document.renew();
            (document, Condition::Unchanged(now.version.clone()))
        };
        match self
            .objects
            .put(LOCK, &document.to_bytes(), &condition)
            .await?
        {
            Put::Done(version) => {
                let mut now = self.now();
                now.document = document;
                now.version = version;
                now.beat = beat;
                Ok(())
            }
            // A heartbeat that was given up has arrived after all; the next one follows it.
            Put::Refused(Some(found)) if self.is_ours(&found) => {
                self.now().version = found.version;
                Ok(())
            }
            Put::Refused(found) => Err(self.lose(found.as_ref())),
        }
    }

    /// Renews the lock until it is lost.
    async fn keep_alive(&self) {
        loop {
            sleep(self.ttl / 4).await;
            loop {
                match timeout(self.ttl / 4, self.renew()).await {
                    Ok(Ok(())) => break,
                    Ok(Err(StoreError::LockLost { .. })) => return,
                    Ok(Err(_)) | Err(_) => {
                        tracing::warn!("the lock of the state could not be renewed, trying again");
                        sleep(self.ttl / 16).await;
                    }
                }
            }
        }
    }

    /// Shows that the store refuses what it has to: a store that ignores conditions has no locks.
    async fn prove_conditions(&self) -> Result<(), StoreError> {
        let (mut document, first) = {
            let now = self.now();
            (now.document.clone(), now.version.clone())
        };
        document.renew();
        self.expect_refusal(&document, &Condition::Absent).await?;
        self.renew().await?;
        document.renew();
        self.expect_refusal(&document, &Condition::Unchanged(first))
            .await
    }

    async fn expect_refusal(
        &self,
        document: &LockDocument,
        condition: &Condition,
    ) -> Result<(), StoreError> {
        let bytes = document.to_bytes();
        for attempt in 1..=ATTEMPTS {
            match self.objects.put_once(LOCK, &bytes, condition).await {
                Err(failure) if failure.meaning == Meaning::Conflict => return Ok(()),
                Err(failure) if failure.meaning == Meaning::Refused => {
                    return Err(self.objects.medium("lock", failure));
                }
                // It is busy: some take one write a second of an object.
                Err(_) => pause(attempt).await,
                Ok(_) => {
                    return Err(StoreError::Unconditional {
                        place: self.objects.place.clone(),
                    });
                }
            }
        }
        // It fails to answer rather than to refuse; what it did is checked against what it should have done.
        let found = self.objects.get(LOCK).await?;
        if found.is_some_and(|found| found.bytes == bytes) {
            return Err(StoreError::Unconditional {
                place: self.objects.place.clone(),
            });
        }
        Ok(())
    }

    /// Writes that nobody holds the lock, if it is still ours.
    async fn release(&self) -> Result<(), StoreError> {
        let mut document = self.now().document.clone();
        document.holder = None;
        document.renew();
        let bytes = document.to_bytes();
        // A heartbeat that was given up may still arrive in between.
        for _ in 0..ATTEMPTS {
            let found = self.objects.get(LOCK).await?;
            let Some(found) = found.filter(|found| self.is_ours(found)) else {
                return Ok(());
            };
            let condition = Condition::Unchanged(found.version);
            if let Put::Done(_) = self.objects.put(LOCK, &bytes, &condition).await? {
                return Ok(());
            }
        }
        Ok(())
    }
}

impl BucketLock {
    /// Tells how firm the hold is, as far as is known without asking the store.
    pub(super) fn probe(&self) -> Probe {
        let held = Arc::clone(&self.held);
        Probe::new(self.held.ttl, move || held.hold())
    }

    /// Asks the store whether the lock is still ours.
    pub(super) async fn confirm(&self) -> Result<(), StoreError> {
        let loss = self.held.now().loss.clone();
        if let Some(Loss { by }) = loss {
            let place = self.held.objects.place.clone();
            return Err(StoreError::LockLost { place, by });
        }
        let found = self.held.objects.get(LOCK).await?;
        match &found {
            Some(found) if self.held.is_ours(found) => Ok(()),
            _ => Err(self.held.lose(found.as_ref())),
        }
    }
}

/// Who holds a lock now, as its object says.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) holder: Option<Holder>,
    pub(super) heartbeat: Option<String>,
    found: Found,
}

/// Looks who holds the lock.
pub(super) async fn see(objects: &Objects) -> Result<Option<Seen>, StoreError> {
    let Some(found) = objects.get(LOCK).await? else {
        return Ok(None);
    };
    let document = LockDocument::parse(&found);
    if document
        .as_ref()
        .is_some_and(|document| document.holder.is_none())
    {
        return Ok(None);
    }
    let heartbeat = document.as_ref().map(|document| document.heartbeat.clone());
    Ok(Some(Seen {
        holder: document.and_then(|document| document.holder),
        heartbeat,
        found,
    }))
}

/// Takes the lock away from whoever was seen to hold it; `false` if the lock has changed since.
pub(super) async fn break_open(
    objects: &Objects,
    ttl: Duration,
    seen: &Seen,
) -> Result<bool, StoreError> {
    // A holder that is alive goes on renewing what is not there any more: whoever it is has to be seen again.
    let found = objects.get(LOCK).await?;
    let document = found.as_ref().and_then(LockDocument::parse);
    let before = LockDocument::parse(&seen.found);
    let is_same = match (&document, &before) {
        (Some(document), Some(before)) => document.epoch == before.epoch,
        (None, None) => true,
        (Some(_), None) | (None, Some(_)) => false,
    };
    if !is_same {
        return Ok(false);
    }
    let number = document.map_or(0, |document| document.epoch.number) + 1;
    let free = LockDocument::new(None, number, ttl);
    let condition = Condition::as_found(found.as_ref());
    let put = objects.put(LOCK, &free.to_bytes(), &condition).await?;
    Ok(matches!(put, Put::Done(_)))
}
