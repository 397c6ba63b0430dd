//! What a run that is ended at once may leave open: [`Watched`].

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use offerctl_engine::store::{
    Holder, LockError, Position, Probe, StateStore, Store, StoreError, Stored,
};
use offerctl_reconcile::state::{Entry, IntentId, Segment, StateDocument};

/// The intents that may be in a stored state.
#[derive(Debug, Clone, Default)]
pub(super) struct Open(Arc<Mutex<Known>>);

#[derive(Debug, Default)]
struct Known {
    /// Those of the state as it is stored.
    stored: BTreeSet<IntentId>,
    /// Those that are being written, or of which it is not known whether they were.
    doubtful: BTreeSet<IntentId>,
}

impl Open {
    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a create may be under way, or was sent by an earlier run and is not settled.
    pub(super) fn has_any(&self) -> bool {
        let known = self.known();
        !known.stored.is_empty() || !known.doubtful.is_empty()
    }
}

/// A store that remembers which intents may be in it: a create is sent only once its intent is, so nothing has to be read
/// to know whether one may be under way.
#[derive(Debug)]
pub(super) struct Watched {
    store: Store,
    open: Open,
}

impl Watched {
    pub(super) fn new(store: Store) -> Self {
        Self {
            store,
            open: Open::default(),
        }
    }

    pub(super) fn open(&self) -> Open {
        self.open.clone()
    }
}

impl Known {
    fn begin(&mut self, entries: &[Entry]) {
        for entry in entries {
            if let Entry::Intended { id, .. } = entry {
                self.doubtful.insert(id.clone());
            }
        }
    }

    fn store(&mut self, entries: &[Entry]) {
        for entry in entries {
            match entry {
                Entry::Intended { id, .. } => {
                    self.doubtful.remove(id);
                    self.stored.insert(id.clone());
                }
                Entry::Refused { id }
                | Entry::NotMade { id }
                | Entry::Bound {
                    intent: Some(id), ..
                } => {
                    self.stored.remove(id);
                }
                Entry::Bound { intent: None, .. }
                | Entry::Consumed { .. }
                | Entry::Account { .. }
                | Entry::Moved { .. }
                | Entry::Began { .. }
                | Entry::Sent { .. }
                | Entry::Approved { .. }
                | Entry::Declared { .. }
                | Entry::Retired { .. }
                | Entry::Gone { .. } => {}
            }
        }
    }
}

impl StateStore for Watched {
    type Lock = <Store as StateStore>::Lock;

    fn place(&self) -> String {
        self.store.place()
    }

    async fn load(&self) -> Result<Stored, StoreError> {
        let stored = self.store.load().await?;
        self.open.known().stored = stored.state.intents.keys().cloned().collect();
        Ok(stored)
    }

    async fn lock(&self, holder: Holder, wait: Duration) -> Result<Self::Lock, LockError> {
        self.store.lock(holder, wait).await
    }

    fn probe(&self, lock: &Self::Lock) -> Probe {
        self.store.probe(lock)
    }

    fn outlives_its_lock(&self) -> bool {
        self.store.outlives_its_lock()
    }

    async fn let_go(&self) -> Result<(), StoreError> {
        self.store.let_go().await
    }

    async fn append(
        &self,
        lock: &mut Self::Lock,
        at: Position,
        segment: &Segment,
    ) -> Result<(), StoreError> {
        self.open.known().begin(&segment.entries);
        // What could not be stored may be stored all the same.
        self.store.append(lock, at, segment).await?;
        self.open.known().store(&segment.entries);
        Ok(())
    }

    async fn save(
        &self,
        lock: &mut Self::Lock,
        document: &StateDocument,
    ) -> Result<(), StoreError> {
        self.store.save(lock, document).await?;
        let mut known = self.open.known();
        known.stored = document.intents.keys().cloned().collect();
        known.doubtful.clear();
        Ok(())
    }
}
