//! A lock that is held, renewed and asked about: [`Held`].

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use futures_util::future::BoxFuture;
use object_store::UpdateVersion;
use tokio::sync::Mutex as Turns;
use tokio::time::{Instant, sleep, timeout};

use super::document::{LockDocument, valid_for};
use crate::sabotage;
use crate::store::bucket::failure::Meaning;
use crate::store::bucket::name::{JOURNAL, LOCK};
use crate::store::bucket::objects::{Condition, Found, Objects, Put, pause};
use crate::store::error::StoreError;
use crate::store::hold::{Hold, Loss, Watch};

/// The longest that an answer of the store is taken for its last word, if the time to live is not short.
const CONFIRMED_FOR: Duration = Duration::from_secs(1);

/// How often something is tried that another write of our own may get in the way of.
const ATTEMPTS: u32 = 3;

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
pub(super) struct Held {
    objects: Objects,
    ttl: Duration,
    now: Mutex<Now>,
    /// Held while the lock is renewed or asked about: one at a time.
    turn: Turns<()>,
}

#[derive(Debug)]
pub(super) struct Now {
    document: LockDocument,
    pub(super) version: UpdateVersion,
    beat: Beat,
    /// When the store was last asked, of the times that it said that the lock is ours.
    confirmed: Option<Beat>,
    pub(super) loss: Option<Loss>,
}

/// Locks a mutex, also if somebody panicked while it was locked.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Held {
    /// A lock that is about to be had: its version is known once it is.
    pub(super) fn new(objects: &Objects, ttl: Duration, document: LockDocument) -> Self {
        Self {
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
        }
    }

    pub(super) fn now(&self) -> MutexGuard<'_, Now> {
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

    pub(super) fn lose(&self, loss: Loss) -> StoreError {
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
    pub(super) fn refuse_lost(&self) -> Result<(), StoreError> {
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
    pub(super) async fn check(&self) -> Result<(), StoreError> {
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
    pub(super) async fn keep_alive(&self) {
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
    pub(super) async fn prove_conditions(&self) -> Result<(), StoreError> {
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
    pub(super) async fn release(&self) -> Result<(), StoreError> {
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
