//! What was last applied: [`State`], which offers are bound to which names.
//!
//! State is a memory, not the truth: losing it is survivable, because matching finds most offers again.

mod approval;
mod binding;
mod document;
mod intent;
mod journal;
mod memory;
mod sent;

pub use self::approval::{ApprovalId, Use, UseKey};
pub use self::binding::{Binding, Gone, Last, Record, Retiring, Tombstone};
pub use self::document::{FORMAT_VERSION, StateDocument, StateError};
pub use self::intent::{Intent, IntentId, Run};
pub use self::journal::{Entry, JOURNAL_VERSION, Segment};
pub use self::memory::State;
pub use self::sent::{Leftover, Sent};
