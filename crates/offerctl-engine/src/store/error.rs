//! Why a store could not be used: [`StoreError`], and its lock not be had: [`LockError`].

use offerctl_reconcile::state::StateError;

use super::hold::{Holder, Loss};

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
