//! How far a run goes while its lock is not held firmly, and after its state could not be written.

use super::Run;
use crate::remote::RemoteWrite;
use crate::store::{Hold, StateStore, StoreError};

impl<R: RemoteWrite, S: StateStore> Run<'_, '_, R, S> {
    /// Looks how firmly the lock is held: nothing goes on without it. Returns whether something waits for it.
    pub(super) fn look_at_lock(&mut self) -> bool {
        match self.probe.hold() {
            Hold::Firm => false,
            // It ends by itself: the lock is renewed, or lost once its time to live is over.
            Hold::Stale => self.schedule.is_ready(|step| step.operation.is_sent()),
            Hold::Lost => {
                self.brake.halt(&self.lost());
                false
            }
        }
    }

    /// Why nothing is sent any more by a run that does not hold the lock.
    fn lost(&self) -> String {
        let how = self
            .probe
            .loss()
            .map_or_else(|| "was lost".to_owned(), |loss| loss.to_string());
        format!("the lock of the state {how}")
    }

    /// The state could not be written, so nothing more may be sent.
    pub(super) fn halt_for(&self, error: StoreError) -> StoreError {
        let lost = self.lost();
        self.brake.halt(match &error {
            StoreError::LockLost { .. } => &lost,
            StoreError::Medium { .. }
            | StoreError::Unusable { .. }
            | StoreError::Gap { .. }
            | StoreError::Changed { .. }
            | StoreError::Unconditional { .. }
            | StoreError::ForeignLock { .. } => "the state could not be written",
        });
        error
    }
}
