//! A plan in a file: [`SavedPlan`], which is applied as it was shown or not at all.

mod document;
mod plan;

pub use self::document::{FORMAT_VERSION, SavedPlanError, SavedPlanFile};
pub use self::plan::SavedPlan;
