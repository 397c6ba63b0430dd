//! Where the state is kept: [`StateStore`].
//!
//! A state is a document and, after it, segments: what happened since the document was stored. A run appends a
//! segment whenever something must not be lost, and stores the whole document at the end. Every store has one
//! lock per environment; only its holder writes.

mod bucket;
mod choice;
mod local;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use offerctl_core::state::{Entry, JOURNAL_VERSION, Segment, State, StateDocument, StateError};
use offerctl_core::value::Moment;
use serde::{Deserialize, Serialize};

pub use self::bucket::{BucketLock, BucketStore, Lockholder, OpenError, Settings};
pub use self::choice::{Store, StoreLock};
pub use self::local::{FolderLock, LocalLock, LocalStore};

/// Who holds a lock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Holder {
    /// The user and the command.
    pub who: String,
    /// The machine.
    pub host: String,
    /// The process.
    pub pid: u32,
    /// Since when, as RFC 3339.
    pub since: String,
    /// Until when the lock lasts if nobody renews it; `None` if the operating system lets go of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expiry: Option<String>,
}

#[cfg(test)]
impl Holder {
    pub(crate) fn of_test(who: &str) -> Self {
        Self {
            who: who.to_owned(),
            host: "here".to_owned(),
            pid: 7,
            since: "2026-01-01T00:00:00Z".to_owned(),
            expiry: None,
        }
    }
}

impl fmt::Display for Holder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            who,
            host,
            pid,
            since,
            expiry: _,
        } = self;
        write!(formatter, "{who} on {host} (process {pid}) since {since}")
    }
}

/// Why a store could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The medium failed: no permission, no space, no network.
    #[error("failed to {action} the state in {place}")]
    Medium {
        /// What was tried.
        action: &'static str,
        /// Where.
        place: String,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// What is stored cannot be used.
    #[error("the state in {place} cannot be used")]
    Unusable {
        /// Where.
        place: String,
        /// Why.
        #[source]
        source: StateError,
    },
    /// A segment is missing or out of place.
    #[error("the state in {place} has a gap: {missing} is missing")]
    Gap {
        /// Where.
        place: String,
        /// What is missing.
        missing: String,
    },
    /// Somebody else wrote in between.
    #[error("the state in {place} was changed by somebody else")]
    Changed {
        /// Where.
        place: String,
    },
    /// The lock is somebody else's now, or was broken open.
    #[error("the lock of the state in {place} was taken away{}", held_by(.by.as_deref()))]
    LockLost {
        /// Where.
        place: String,
        /// Who has it, if anybody.
        by: Option<Box<Holder>>,
    },
    /// The medium takes writes that it had to refuse, so that no lock there holds.
    #[error(
        "{place} ignores the conditions of writes (If-Match, If-None-Match), so it cannot keep a state"
    )]
    Unconditional {
        /// Where.
        place: String,
    },
}

/// Why a lock could not be had.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Somebody else holds it.
    #[error("the state is locked{}", held_by(.0.as_ref()))]
    Held(Option<Holder>),
    /// The medium failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn held_by(holder: Option<&Holder>) -> String {
    holder.map_or_else(String::new, |holder| format!(" by {holder}"))
}

/// How firm the hold of a lock is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hold {
    /// Nobody else can have it.
    Firm,
    /// It was not renewed for half its time to live: somebody else may take it over soon. Nothing may be made.
    Stale,
    /// Somebody else has it. Nothing may be written any more.
    Lost,
}

/// Tells how firm the hold of a lock is, without asking the store.
#[derive(Clone)]
pub struct Probe {
    hold: Option<Arc<dyn Fn() -> Hold + Send + Sync>>,
    /// How long it makes sense to wait for a hold to become firm again.
    pub(crate) patience: Duration,
}

impl Probe {
    /// Of a hold that is firm for as long as the process lives.
    pub fn always_firm() -> Self {
        Self {
            hold: None,
            patience: Duration::ZERO,
        }
    }

    /// Of a hold that may be lost.
    pub fn new(patience: Duration, hold: impl Fn() -> Hold + Send + Sync + 'static) -> Self {
        Self {
            hold: Some(Arc::new(hold)),
            patience,
        }
    }

    /// How firm the hold is now.
    pub fn hold(&self) -> Hold {
        self.hold.as_ref().map_or(Hold::Firm, |hold| hold())
    }
}

impl fmt::Debug for Probe {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.hold().fmt(formatter)
    }
}

/// A state as it was stored.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Stored {
    /// The state, segments included.
    pub state: State,
    /// The serial of the document; 0 if there is none.
    pub serial: u64,
    /// How many segments came after the document.
    pub segments: u64,
}

/// A place for the state of one environment.
pub trait StateStore: Send + Sync {
    /// What proves that the lock is held.
    type Lock: Send;

    /// The place in words.
    fn place(&self) -> String;

    /// Reads the state; an empty one if there is none yet. Takes no lock.
    fn load(&self) -> impl Future<Output = Result<Stored, StoreError>> + Send;

    /// Takes the lock, waiting for it at most so long.
    fn lock(
        &self,
        holder: Holder,
        wait: Duration,
    ) -> impl Future<Output = Result<Self::Lock, LockError>> + Send;

    /// Tells how firm the hold of a lock is. It is looked at right before every request that writes.
    fn probe(&self, lock: &Self::Lock) -> Probe;

    /// Whether segments that are found under the lock have to become a document before anything else is written:
    /// where a former holder may still be alive, that shuts it out.
    fn compacts_at_open(&self) -> bool;

    /// Releases the locks that were dropped, where that takes more than dropping them.
    fn let_go(&self) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Stores a segment durably; `number` counts from 1 after each document.
    fn append(
        &self,
        lock: &mut Self::Lock,
        at: Position,
        segment: &Segment,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Stores a document durably in the place of the one with the serial before, and drops the segments.
    fn save(
        &self,
        lock: &mut Self::Lock,
        document: &StateDocument,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// The place of a segment: after which document, and the how manyeth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The serial of the document.
    pub serial: u64,
    /// The number of the segment, from 1.
    pub number: u64,
}

/// The name of a segment.
fn segment_name(at: Position) -> String {
    format!("{:08}-{:06}.json", at.serial, at.number)
}

/// Reads a segment; refuses one of a newer program, of another environment, or a broken one.
fn parse_segment(bytes: &[u8], environment: &str) -> Result<Segment, StateError> {
    let segment: Segment = serde_json::from_slice(bytes).map_err(StateError::Broken)?;
    if segment.format_version > JOURNAL_VERSION {
        return Err(StateError::Newer {
            found: segment.format_version.into(),
        });
    }
    if segment.environment != environment {
        return Err(StateError::OtherEnvironment {
            expected: environment.to_owned(),
            found: segment.environment,
        });
    }
    Ok(segment)
}

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
            if !store.compacts_at_open() {
                return Ok(journal);
            }
            match journal.compact().await {
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
