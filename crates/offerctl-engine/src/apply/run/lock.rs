//! How far a run goes while its lock is not held firmly, and after its state could not be written.

use offerctl_core::offer_type::OfferType;
use tokio::time::Instant;

use super::Run;
use crate::remote::RemoteWrite;
use crate::store::{Hold, StateStore, StoreError};

/// Why nothing is sent any more by a run that somebody else has taken the lock from.
pub(super) const LOST: &str = "the lock of the state was taken away";

impl<R: RemoteWrite, S: StateStore> Run<'_, '_, R, S> {
    /// Looks how firmly the lock is held: nothing goes on without it. Returns whether creates wait for it.
    pub(super) fn look_at_lock(&mut self) -> bool {
        match self.probe.hold() {
            Hold::Firm => {
                self.stale_since = None;
                false
            }
            Hold::Stale => {
                let since = *self.stale_since.get_or_insert_with(Instant::now);
                let waits = self.schedule.is_ready(|step| step.operation.is_create());
                if waits && since.elapsed() >= self.probe.patience {
                    let reason =
                        "the lock of the state could not be renewed, so nothing may be made";
                    self.brake.freeze(&OfferType::ALL, reason);
                    return false;
                }
                waits
            }
            Hold::Lost => {
                self.brake.halt(LOST);
                false
            }
        }
    }

    /// The state could not be written, so nothing more may be sent.
    pub(super) fn halt_for(&self, error: StoreError) -> StoreError {
        self.brake.halt(match &error {
            StoreError::LockLost { .. } => LOST,
            StoreError::Medium { .. }
            | StoreError::Unusable { .. }
            | StoreError::Gap { .. }
            | StoreError::Changed { .. }
            | StoreError::Unconditional { .. } => "the state could not be written",
        });
        error
    }
}
