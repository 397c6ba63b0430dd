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

use futures_util::future::BoxFuture;
use offerctl_core::render::escaped;
use offerctl_core::state::{Entry, JOURNAL_VERSION, Segment, State, StateDocument, StateError};
use offerctl_core::value::Moment;
use serde::{Deserialize, Serialize};

use crate::sabotage;

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
        let Self { pid, .. } = self;
        let [who, host, since] = [&self.who, &self.host, &self.since].map(|word| escaped(word));
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
    /// The lock is this run's no more.
    #[error("the lock of the state in {place} {loss}")]
    LockLost {
        /// Where.
        place: String,
        /// What became of it.
        loss: Loss,
    },
    /// There is something in the place of the lock that is none.
    #[error(
        "`{name}` in {place} is no lock that this program knows: {why}; nothing was written, and it was left as it is"
    )]
    ForeignLock {
        /// Where.
        place: String,
        /// The name of the object.
        name: &'static str,
        /// What it looks like.
        why: &'static str,
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

/// How a lock was lost.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Loss {
    /// Another run has it.
    #[error("was taken over by {0}")]
    TakenOver(Box<Holder>),
    /// It was broken open, and nobody has it.
    #[error("was taken away")]
    TakenAway,
    /// It is not there any more, or something else is in its place.
    #[error("was deleted or replaced")]
    Gone,
    /// It was not renewed for its whole time to live, so that another run may have it.
    #[error("could not be renewed for {} s", .0.as_secs_f64())]
    Expired(Duration),
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
    /// It was not renewed for half its time to live, or the store does not say whose it is: another run may take it over
    /// soon. Nothing may be sent until it is firm again.
    Stale,
    /// Another run has it, or may have it. Nothing may be sent or written any more.
    Lost,
}

/// What is known of a hold, and how more is found out.
pub trait Watch: Send + Sync {
    /// How firm the hold is, as far as is known here.
    fn hold(&self) -> Hold;

    /// How firm the hold is, as the store says at this moment.
    fn confirm(&self) -> BoxFuture<'_, Hold>;

    /// Whether the last answer of the store still lets a request leave; for the moment before its first byte.
    fn lets_leave(&self) -> bool {
        self.hold() == Hold::Firm
    }

    /// How it was lost, if it was.
    fn loss(&self) -> Option<Loss>;
}

impl Watch for Hold {
    fn hold(&self) -> Hold {
        *self
    }

    fn confirm(&self) -> BoxFuture<'_, Hold> {
        Box::pin(std::future::ready(*self))
    }

    fn loss(&self) -> Option<Loss> {
        (*self == Self::Lost).then_some(Loss::Gone)
    }
}

/// Tells how firm the hold of a lock is.
#[derive(Clone)]
pub struct Probe(Arc<dyn Watch>);

impl Probe {
    /// Looks at a hold.
    pub fn new(watch: impl Watch + 'static) -> Self {
        Self(Arc::new(watch))
    }

    /// How firm the hold is, without asking the store: to decide what is worth preparing.
    pub fn hold(&self) -> Hold {
        self.0.hold()
    }

    /// How firm the hold is, as the store says at this moment: to be asked right before each request that writes, after
    /// every wait.
    pub async fn confirm(&self) -> Hold {
        self.0.confirm().await
    }

    /// Whether the last answer of the store still lets a request leave, without asking it again: to be asked in the moment
    /// before the request is written, since a connection may have taken its time, or this process slept.
    pub fn lets_leave(&self) -> bool {
        self.0.lets_leave()
    }

    /// How it was lost, if it was.
    pub fn loss(&self) -> Option<Loss> {
        self.0.loss()
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

    /// Tells how firm the hold of a lock is.
    fn probe(&self, lock: &Self::Lock) -> Probe;

    /// Whether a former holder of the lock may still be alive. Then a document is stored as soon as the lock is held, whatever
    /// is found, so that the document of the former holder is refused.
    fn outlives_its_lock(&self) -> bool;

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

impl Position {
    /// The name of a segment.
    fn name(self) -> String {
        format!("{:08}-{:06}.json", self.serial, self.number)
    }

    /// The place of a segment with a name; `None` if no segment has that name.
    fn parse(name: &str) -> Option<Self> {
        let (serial, number) = name.strip_suffix(".json")?.split_once('-')?;
        let at = Self {
            serial: serial.parse().ok()?,
            number: number.parse().ok()?,
        };
        (at.name() == name).then_some(at)
    }
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
