//! Where the state is kept: [`StateStore`], and how it changes: [`Journal`].
//!
//! A state is a document and, after it, segments: what happened since the document was stored. A run appends a
//! segment whenever something must not be lost, and stores the whole document at the end. Every store has one
//! lock per environment; only its holder writes.

#[cfg(feature = "bucket")]
mod bucket;
#[cfg(not(feature = "bucket"))]
#[path = "store/no_bucket.rs"]
mod bucket;
mod choice;
mod error;
mod hold;
mod local;
mod state_store;

use std::time::Duration;

use offerctl_model::value::Moment;
use offerctl_reconcile::state::{Entry, JOURNAL_VERSION, Segment, State, StateDocument};

use crate::sabotage;

pub use self::bucket::{BucketLock, BucketStore, Lockholder, OpenError, Settings};
pub use self::choice::{Store, StoreLock};
pub use self::error::{LockError, StoreError};
pub use self::hold::{Hold, Holder, Loss, Probe, Watch};
pub use self::local::{FolderLock, LocalLock, LocalStore};
pub use self::state_store::{Position, StateStore, Stored};

/// How often a state is opened that a former holder still changes.
const OPENINGS: u32 = 3;

/// The state of an environment while its lock is held: every change goes through here, and what others rely on is
/// durable before they do.
#[derive(Debug)]
pub struct Journal<'s, S: StateStore> {
    store: &'s S,
    lock: S::Lock,
    environment: String,
    state: State,
    serial: u64,
    segments: u64,
    /// What happened and is not durable yet.
    held: Vec<Entry>,
    /// Whether what is stored has something in it that was dropped from the state.
    expired: bool,
}

impl<'s, S: StateStore> Journal<'s, S> {
    /// Takes the lock and reads the state under it.
    pub async fn open(
        store: &'s S,
        environment: &str,
        holder: Holder,
        wait: Duration,
    ) -> Result<Self, LockError> {
        let lock = store.lock(holder, wait).await?;
        let mut journal = Self {
            store,
            lock,
            environment: environment.to_owned(),
            state: State::default(),
            serial: 0,
            segments: 0,
            held: Vec::new(),
            expired: false,
        };
        for _ in 0..OPENINGS {
            journal.reload().await?;
            if !store.outlives_its_lock() || sabotage::is("no-fence") {
                return Ok(journal);
            }
            match journal.store_whole().await {
                Ok(()) => return Ok(journal),
                // The last write of a former holder came in between.
                Err(StoreError::Changed { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(StoreError::Changed {
            place: store.place(),
        }
        .into())
    }

    async fn reload(&mut self) -> Result<(), StoreError> {
        let Stored {
            state,
            serial,
            segments,
        } = self.store.load().await?;
        self.state = state;
        self.serial = serial;
        self.segments = segments;
        Ok(())
    }

    /// Tells how firm the hold of the lock is.
    pub fn probe(&self) -> Probe {
        self.store.probe(&self.lock)
    }

    /// The state as it is now.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Drops what is no longer looked out for; what is stored loses it when it is next stored whole.
    pub fn expire(&mut self, now: Moment) {
        self.expired |= self.state.expire(now);
    }

    /// Lets entries happen, and keeps them for the next that are made durable.
    ///
    /// For what became of requests: until it is durable, their intents are, and a start after a kill would settle them.
    pub fn note(&mut self, entries: Vec<Entry>) {
        for entry in &entries {
            self.state.apply(entry.clone());
        }
        self.held.extend(entries);
    }

    /// Makes durable what was only noted.
    pub async fn flush(&mut self) -> Result<(), StoreError> {
        self.append(Vec::new()).await
    }

    /// Makes entries durable, after those that were only noted, and then lets them happen.
    pub async fn append(&mut self, entries: Vec<Entry>) -> Result<(), StoreError> {
        if entries.is_empty() && self.held.is_empty() {
            return Ok(());
        }
        let known = self.held.len();
        let mut all = self.held.clone();
        all.extend(entries);
        let entries = all;
        let at = Position {
            serial: self.serial,
            number: self.segments + 1,
        };
        let segment = Segment {
            format_version: JOURNAL_VERSION,
            environment: self.environment.clone(),
            entries,
        };
        self.store.append(&mut self.lock, at, &segment).await?;
        self.segments += 1;
        self.held.clear();
        for entry in segment.entries.into_iter().skip(known) {
            self.state.apply(entry);
        }
        Ok(())
    }

    /// Opens the journal of `local` at once, as somebody.
    #[cfg(test)]
    pub(crate) async fn of_test(store: &'s S) -> Self {
        let opened = Self::open(store, "local", Holder::of_test("me"), Duration::ZERO).await;
        opened.unwrap()
    }

    /// Stores the whole state, if anything happened since it was stored.
    pub async fn compact(&mut self) -> Result<(), StoreError> {
        if self.segments == 0 && self.held.is_empty() && !self.expired {
            return Ok(());
        }
        self.store_whole().await
    }

    async fn store_whole(&mut self) -> Result<(), StoreError> {
        self.state.tidy();
        let document = StateDocument::new(&self.environment, self.serial + 1, &self.state);
        self.store.save(&mut self.lock, &document).await?;
        self.serial += 1;
        self.segments = 0;
        self.held.clear();
        self.expired = false;
        Ok(())
    }
}
