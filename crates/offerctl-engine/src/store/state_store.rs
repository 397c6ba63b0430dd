//! What every store does: [`StateStore`], and what it keeps: a document ([`Stored`]), and segments after it ([`Position`]).

use std::time::Duration;

use offerctl_reconcile::state::{JOURNAL_VERSION, Segment, State, StateDocument, StateError};

use super::error::{LockError, StoreError};
use super::hold::{Holder, Probe};

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
    pub(super) fn name(self) -> String {
        format!("{:08}-{:06}.json", self.serial, self.number)
    }

    /// The place of a segment with a name; `None` if no segment has that name.
    pub(super) fn parse(name: &str) -> Option<Self> {
        let (serial, number) = name.strip_suffix(".json")?.split_once('-')?;
        let at = Self {
            serial: serial.parse().ok()?,
            number: number.parse().ok()?,
        };
        (at.name() == name).then_some(at)
    }
}

/// Reads a segment; refuses one of a newer program, of another environment, or a broken one.
pub(super) fn parse_segment(bytes: &[u8], environment: &str) -> Result<Segment, StateError> {
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
