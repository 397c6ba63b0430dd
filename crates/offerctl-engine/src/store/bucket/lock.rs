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
//!   sight, to the second, and a second is added. Not every store has one clock for both: before a lock is taken over by
//!   it, an object is written and read, and if its two times are apart, only the stopwatch counts
//!   ([`Objects::clocks_agree`]);
//! - our stopwatch: whoever waits and sees the object unchanged for its whole time to live has seen no heartbeat.
//!   This works without the store saying what time it is.
//!
//! The expiry in the object is for people to read, and decides nothing.
//!
//! # Why a holder that was taken over does no harm
//!
//! It measures the time since it *began* to send the last heartbeat that succeeded, on a clock that stops when the
//! machine sleeps and on one that does not, whichever says more. Past half the time to live nothing is sent until the lock
//! is renewed ([`Hold::Stale`]); past the whole of it the lock is lost. The other half is what a request under way has left
//! to end, before another run takes over: a request takes no longer than half the time to live.
//!
//! Right before each request that writes, the store is asked whether the lock still is ours ([`Watch::confirm`]). An answer
//! counts from when it was asked for: one that is read after a long sleep says nothing. So whatever was sent has been
//! allowed a moment ago, also where the lock was broken open by hand. The same answer is weighed once more when the connection
//! stands and takes the request ([`Watch::lets_leave`]): getting there may have taken long, or the process was stopped.
//!
//! No segment counts before the lock was seen to be still ours *after* it was stored ([`BucketLock::check`]): another run
//! that takes over later reads the state after that, and so finds it.
//!
//! # A lock that was broken open
//!
//! Its holder may be alive, and what it has just sent may be under way. The object says that it was broken open, and how long
//! requests of the former holder may take. Until they must have ended, nobody takes the lock.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use futures_util::future::BoxFuture;
use object_store::UpdateVersion;
use offerctl_core::value::Moment;
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex as Turns;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

use super::JOURNAL;
use super::failure::Meaning;
use super::objects::{Condition, Found, Leave, Objects, Put, pause};
use crate::random::random_hex;
use crate::sabotage;
use crate::store::{Hold, Holder, LockError, Loss, Probe, StoreError, Watch};

/// The name of the object.
pub(super) const LOCK: &str = "lock.json";

/// The version of the format of the object.
const LOCK_VERSION: u32 = 1;

/// What is added to a time to live before a lock is stale: the store's times are whole seconds.
const SLACK: Duration = Duration::from_secs(1);

/// The longest that an answer of the store is taken for its last word, if the time to live is not short.
const CONFIRMED_FOR: Duration = Duration::from_secs(1);

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
    /// Whether it was broken open: what its former holder sent may be under way.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    broken_open: bool,
    ttl_seconds: f64,
    /// How long a request of the holder takes at most; `None` in what earlier programs wrote.
    #[serde(default)]
    request_seconds: Option<f64>,
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
    fn new(holder: Holder, number: u64, times: Times) -> Self {
        let mut document = Self {
            format_version: LOCK_VERSION,
            epoch: Epoch {
                number,
                id: random_hex::<8>(),
            },
            holder: Some(holder),
            broken_open: false,
            ttl_seconds: times.to_live.as_secs_f64(),
            request_seconds: Some(times.request.as_secs_f64()),
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

    /// What an object says; in words, why it is no lock.
    fn parse(found: &Found) -> Result<Self, &'static str> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Version {
            format_version: u64,
        }
        let version = serde_json::from_slice(&found.bytes);
        let version: Version = version.map_err(|_| "something else wrote it")?;
        if version.format_version > LOCK_VERSION.into() {
            return Err("a newer offerctl wrote it");
        }
        serde_json::from_slice(&found.bytes).map_err(|_| "something else wrote it")
    }

    fn ttl(&self) -> Duration {
        Duration::try_from_secs_f64(self.ttl_seconds).map_or(MAX_TTL, |ttl| ttl.min(MAX_TTL))
    }

    /// How long after it was broken open requests of its former holder may be under way.
    fn quiet_after(&self) -> Duration {
        let ttl = self.ttl();
        let request = self.request_seconds.map(Duration::try_from_secs_f64);
        let request = request.and_then(Result::ok).unwrap_or(ttl / 2).min(MAX_TTL);
        valid_for(ttl) + request
    }
}

/// How long a lock lives without renewal, and a request of its holder at most.
#[derive(Debug, Clone, Copy)]
pub(super) struct Times {
    pub(super) to_live: Duration,
    pub(super) request: Duration,
}

/// How long after it was asked for an answer of the store lets something be sent.
fn valid_for(ttl: Duration) -> Duration {
    ttl / 8
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
    /// Held while the lock is renewed or asked about: one at a time.
    turn: Turns<()>,
}

#[derive(Debug)]
struct Now {
    document: LockDocument,
    version: UpdateVersion,
    beat: Beat,
    /// When the store was last asked, of the times that it said that the lock is ours.
    confirmed: Option<Beat>,
    loss: Option<Loss>,
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
        // One that was not renewed may still be ours.
        if matches!(self.held.now().loss, None | Some(Loss::Expired(_))) {
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
    (times, wait): (Times, Duration),
    left: &Left,
) -> Result<BucketLock, LockError> {
    let ttl = times.to_live;
    let until = Instant::now() + wait;
    let mut lookout = Lookout::new(objects);
    loop {
        let found = objects.get(LOCK).await?;
        let number = match lookout.look(found.as_ref()).await? {
            Look::Free { last } => last + 1,
            Look::Held(_) if Instant::now() < until => {
                let left = until.saturating_duration_since(Instant::now());
                sleep(LOOK_AGAIN.min(ttl / 8).min(left)).await;
                continue;
            }
            Look::Quiet(left) => {
                sleep(LOOK_AGAIN.min(left)).await;
                continue;
            }
            Look::Held(holder) => return Err(LockError::Held(Some(holder))),
        };
        let document = LockDocument::new(holder.clone(), number, times);
        let bytes = document.to_bytes();
        // There before the object is: a run that gives up waiting here leaves no lock behind.
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
                    confirmed: None,
                    loss: None,
                }),
                turn: Turns::default(),
            }),
            renewal: JoinSet::new(),
            left: left.clone(),
        };
        match objects
            .put(LOCK, &bytes, &Condition::as_found(found.as_ref()))
            .await?
        {
            // Somebody was faster; the next look shows who.
            Put::Refused(found) => drop(taken.held.lose(Loss::of(found.as_ref()))),
            Put::Done(version) => {
                taken.held.now().version = version;
                taken.held.prove_conditions().await?;
                // What was refused may have been refused because of a lock that is another's by now.
                taken.held.check().await?;
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
    Held(Holder),
    /// It was broken open a moment ago; this long requests of its former holder may still be under way.
    Quiet(Duration),
}

/// What is seen of a lock that one waits for.
struct Lookout<'a> {
    objects: &'a Objects,
    /// The version that was seen last, and since when.
    seen: Option<(UpdateVersion, Instant)>,
    /// Whether the store has one clock, once that was found out.
    has_one_clock: Option<bool>,
    is_quiet_said: bool,
}

impl<'a> Lookout<'a> {
    fn new(objects: &'a Objects) -> Self {
        Self {
            objects,
            seen: None,
            has_one_clock: None,
            is_quiet_said: false,
        }
    }

    async fn look(&mut self, found: Option<&Found>) -> Result<Look, StoreError> {
        let Some(found) = found else {
            return Ok(Look::Free { last: 0 });
        };
        let document = LockDocument::parse(found).map_err(|why| foreign(self.objects, why))?;
        let last = document.epoch.number;
        if document.holder.is_none() && !document.broken_open {
            return Ok(Look::Free { last });
        }
        let enough = match &document.holder {
            Some(_) => document.ttl(),
            None => document.quiet_after(),
        };
        let age = self.age(found, enough).await;
        match document.holder {
            Some(holder) if age < enough => Ok(Look::Held(holder)),
            Some(holder) => {
                tracing::warn!("taking over the lock of {holder}, who has not renewed it");
                Ok(Look::Free { last })
            }
            None if age < enough => {
                let left = enough.saturating_sub(age);
                if !std::mem::replace(&mut self.is_quiet_said, true) {
                    let seconds = left.as_secs_f64().ceil();
                    tracing::warn!(
                        "the lock was taken away from its holder: waiting {seconds} s until the last requests of that holder must have ended"
                    );
                }
                Ok(Look::Quiet(left))
            }
            None => Ok(Look::Free { last }),
        }
    }

    /// How long ago an object was written; not longer than is certain.
    async fn age(&mut self, found: &Found, enough: Duration) -> Duration {
        let since = match &self.seen {
            Some((version, since)) if *version == found.version => *since,
            _ => self.seen.insert((found.version.clone(), Instant::now())).1,
        };
        let by_stopwatch = since.elapsed();
        let now = self.objects.clock.now();
        let by_store = now.and_then(|now| now.duration_since(found.modified).ok());
        let by_store = by_store.unwrap_or_default().saturating_sub(SLACK);
        if by_stopwatch >= enough || by_store < enough {
            return by_stopwatch;
        }
        let has_one_clock = match self.has_one_clock {
            Some(known) => known,
            None => self.objects.clocks_agree().await,
        };
        self.has_one_clock = Some(has_one_clock);
        if has_one_clock {
            by_store
        } else {
            by_stopwatch
        }
    }
}

fn foreign(objects: &Objects, why: &'static str) -> StoreError {
    StoreError::ForeignLock {
        place: objects.place.clone(),
        name: LOCK,
        why,
    }
}

impl Loss {
    /// What an object in the place of our lock says.
    fn of(found: Option<&Found>) -> Self {
        let document = found.and_then(|found| LockDocument::parse(found).ok());
        match document {
            None => Self::Gone,
            Some(document) => document
                .holder
                .map_or(Self::TakenAway, |holder| Self::TakenOver(Box::new(holder))),
        }
    }
}

impl Held {
    fn now(&self) -> MutexGuard<'_, Now> {
        lock(&self.now)
    }

    /// How firm the hold is, as far as is known here. Past the whole time to live it is lost, whatever comes later.
    fn known_hold(&self) -> Hold {
        let mut now = self.now();
        let age = if sabotage::is("stale-updates") {
            Duration::ZERO
        } else {
            now.beat.age()
        };
        if now.loss.is_none() && age >= self.ttl {
            now.loss = Some(Loss::Expired(self.ttl));
        }
        if now.loss.is_some() {
            Hold::Lost
        } else if age > self.ttl / 2 {
            Hold::Stale
        } else {
            Hold::Firm
        }
    }

    fn lose(&self, loss: Loss) -> StoreError {
        self.now().loss = Some(loss.clone());
        self.lost(loss)
    }

    fn lost(&self, loss: Loss) -> StoreError {
        StoreError::LockLost {
            place: self.objects.place.clone(),
            loss,
        }
    }

    /// Fails if the lock is known to be lost.
    fn refuse_lost(&self) -> Result<(), StoreError> {
        let _looked = self.known_hold();
        let loss = self.now().loss.clone();
        loss.map_or(Ok(()), |loss| Err(self.lost(loss)))
    }

    /// Whether an object is the lock of this very epoch.
    fn is_ours(&self, found: &Found) -> bool {
        let id = self.now().document.epoch.id.clone();
        LockDocument::parse(found).is_ok_and(|document| document.epoch.id == id)
    }

    /// Asks the store whether the lock is still ours.
    async fn check(&self) -> Result<(), StoreError> {
        self.refuse_lost()?;
        let asked = Beat::now();
        let found = self.objects.get(LOCK).await?;
        match &found {
            Some(found) if self.is_ours(found) => {
                self.now().confirmed = Some(asked);
                Ok(())
            }
            Some(found) => Err(self.lose(Loss::of(Some(found)))),
            None => {
                // With its bucket gone, it is not the lock that was lost.
                let _names = self.objects.list(JOURNAL).await?;
                Err(self.lose(Loss::Gone))
            }
        }
    }

    /// Asks the store, or renews the lock if that is overdue, unless that was done a moment ago.
    async fn ask(&self) -> Result<(), StoreError> {
        let _turn = self.turn.lock().await;
        self.refuse_lost()?;
        let recent = CONFIRMED_FOR.min(self.ttl / 16);
        let (confirmed, beat) = {
            let now = self.now();
            (now.confirmed, now.beat)
        };
        if beat.age() > self.ttl / 2 {
            return self.renew().await;
        }
        if confirmed.is_some_and(|confirmed| confirmed.age() <= recent) {
            return Ok(());
        }
        match self.check().await {
            answer @ (Ok(()) | Err(StoreError::LockLost { .. })) => answer,
            // A store that cannot be read may yet be written.
            Err(_) => self.renew().await,
        }
    }

    /// How firm the hold is, as the store says. An answer counts from when it was asked for: what happened while it was on
    /// its way, or this process slept, nobody knows.
    async fn confirmed_hold(&self) -> Hold {
        let asked = self.ask().await;
        let hold = self.known_hold();
        if hold == Hold::Firm && (asked.is_err() || !self.is_confirmed()) {
            return Hold::Stale;
        }
        hold
    }

    /// Whether the last answer of the store still counts.
    fn is_confirmed(&self) -> bool {
        let confirmed = self.now().confirmed;
        confirmed.is_some_and(|confirmed| confirmed.age() <= valid_for(self.ttl))
    }

    /// Writes the lock once more.
    async fn renew(&self) -> Result<(), StoreError> {
        self.refuse_lost()?;
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
                now.confirmed = Some(beat);
                Ok(())
            }
            // A heartbeat that was given up has arrived after all; the next one follows it.
            Put::Refused(Some(found)) if self.is_ours(&found) => {
                let mut now = self.now();
                now.version = found.version;
                now.confirmed = Some(beat);
                Ok(())
            }
            Put::Refused(found) => Err(self.lose(Loss::of(found.as_ref()))),
        }
    }

    /// Renews the lock until it is lost.
    async fn keep_alive(&self) {
        loop {
            sleep(self.ttl / 4).await;
            loop {
                let renewed = timeout(self.ttl / 4, async {
                    let _turn = self.turn.lock().await;
                    self.renew().await
                });
                match renewed.await {
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

impl Watch for Arc<Held> {
    fn hold(&self) -> Hold {
        self.known_hold()
    }

    fn confirm(&self) -> BoxFuture<'_, Hold> {
        Box::pin(self.confirmed_hold())
    }

    fn lets_leave(&self) -> bool {
        self.known_hold() == Hold::Firm && self.is_confirmed()
    }

    fn loss(&self) -> Option<Loss> {
        self.now().loss.clone()
    }
}

impl Leave for BucketLock {
    fn ask(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(self.held.check())
    }
}

impl BucketLock {
    /// Tells how firm the hold is.
    pub(super) fn probe(&self) -> Probe {
        Probe::new(Arc::clone(&self.held))
    }

    /// Asks the store whether the lock is still ours.
    pub(super) async fn check(&self) -> Result<(), StoreError> {
        self.held.check().await
    }

    /// Fails if the lock is known to be lost.
    pub(super) fn refuse_lost(&self) -> Result<(), StoreError> {
        self.held.refuse_lost()
    }
}

/// Who holds a lock now, as its object says.
#[derive(Debug)]
pub(super) struct Seen {
    document: LockDocument,
}

impl Seen {
    pub(super) fn holder(&self) -> Option<&Holder> {
        self.document.holder.as_ref()
    }

    pub(super) fn heartbeat(&self) -> &str {
        &self.document.heartbeat
    }

    /// How long what the holder sends now may be under way.
    pub(super) fn quiet_after(&self) -> Duration {
        self.document.quiet_after()
    }
}

/// Looks who holds the lock.
pub(super) async fn see(objects: &Objects) -> Result<Option<Seen>, StoreError> {
    let Some(found) = objects.get(LOCK).await? else {
        return Ok(None);
    };
    let document = LockDocument::parse(&found).map_err(|why| foreign(objects, why))?;
    Ok(document.holder.is_some().then_some(Seen { document }))
}

/// Takes the lock away from the holder that was seen; `false` if the lock has changed since.
pub(super) async fn break_open(objects: &Objects, seen: &Seen) -> Result<bool, StoreError> {
    // Another holder than the one that was seen has to be seen first.
    let Some(found) = objects.get(LOCK).await? else {
        return Ok(false);
    };
    let document = LockDocument::parse(&found).map_err(|why| foreign(objects, why))?;
    if document.epoch != seen.document.epoch || document.holder.is_none() {
        return Ok(false);
    }
    let mut free = document;
    free.epoch = Epoch {
        number: free.epoch.number + 1,
        id: random_hex::<8>(),
    };
    free.holder = None;
    free.broken_open = true;
    free.renew();
    let condition = Condition::Unchanged(found.version);
    let put = objects.put(LOCK, &free.to_bytes(), &condition).await?;
    Ok(matches!(put, Put::Done(_)))
}
