//! The names of the objects of a state: [`DOCUMENT`], [`LOCK`], [`CLOCK`], and [`path_of`] a segment.

use crate::store::state_store::Position;

/// The name of the document.
pub(super) const DOCUMENT: &str = "state.json";

/// The name of the lock.
pub(super) const LOCK: &str = "lock.json";

/// The name of the object that shows the clocks of the store.
pub(super) const CLOCK: &str = "clock.json";

/// The folder of the segments.
pub(super) const JOURNAL: &str = "journal";

/// The name of a segment, with its folder.
pub(super) fn path_of(at: Position) -> String {
    format!("{JOURNAL}/{}", at.name())
}
