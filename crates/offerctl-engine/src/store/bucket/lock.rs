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
//!
//! [`Hold::Stale`]: crate::store::Hold::Stale
//! [`Watch::confirm`]: crate::store::Watch::confirm
//! [`Watch::lets_leave`]: crate::store::Watch::lets_leave

mod document;
mod held;
mod lookout;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use self::document::{LockDocument, foreign};
use self::held::{Held, lock};
use self::lookout::{Look, Lookout};
use super::name::LOCK;
use super::objects::{Condition, Leave, Objects, Put};
use crate::store::error::{LockError, StoreError};
use crate::store::hold::{Holder, Loss, Probe};

pub(super) use self::document::Times;

/// The longest wait between two looks at a lock that somebody holds.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// How often a lock is broken open that its holder renews in between; a holder renews four times in a time to live.
const BREAK_OPEN_ATTEMPTS: u32 = 5;

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
            held: Arc::new(Held::new(objects, ttl, document)),
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

/// Takes the lock away from the holder that was seen; `false` if another one, or nobody, holds it by now.
pub(super) async fn break_open(objects: &Objects, seen: &Seen) -> Result<bool, StoreError> {
    let mut now = objects.get(LOCK).await?;
    for _ in 0..BREAK_OPEN_ATTEMPTS {
        // Another holder than the one that was seen has to be seen first.
        let Some(found) = now else {
            return Ok(false);
        };
        let document = LockDocument::parse(&found).map_err(|why| foreign(objects, why))?;
        if document.epoch != seen.document.epoch || document.holder.is_none() {
            return Ok(false);
        }
        let free = document.taken_away();
        let condition = Condition::Unchanged(found.version);
        match objects.put(LOCK, &free.to_bytes(), &condition).await? {
            Put::Done(_) => return Ok(true),
            // The same holder may have renewed it in between.
            Put::Refused(found) => now = found,
        }
    }
    Ok(false)
}
