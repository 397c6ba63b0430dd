//! Saved plans, as `plan --out`, `show` and `apply` handle them.

use std::path::Path;

use offerctl_core::saved::{SavedPlan, SavedPlanFile};
use offerctl_core::state::State;
use offerctl_engine::random::random_hex;

use super::plan::Prepared;
use crate::error::CliError;
use crate::exit::Exit;

/// The bytes of a saved plan.
pub(crate) fn to_bytes(prepared: &Prepared, state: &State) -> Vec<u8> {
    let nonce = random_hex::<16>();
    let saved = SavedPlan::new(
        nonce,
        &prepared.headline,
        prepared.plan.clone(),
        (&prepared.live, state),
        &prepared.details,
    );
    SavedPlanFile::new(&saved).to_bytes()
}

/// Reads a saved plan; whatever is wrong with the file, the plan cannot be applied.
pub(crate) fn read(path: &Path) -> Result<(SavedPlan, usize), CliError> {
    let shown = path.display();
    let bytes = std::fs::read(path).map_err(|error| {
        CliError::new(
            Exit::Stale,
            format!("failed to read the saved plan `{shown}`"),
        )
        .caused_by(error)
    })?;
    let unusable = |error| {
        CliError::new(
            Exit::Stale,
            format!("the saved plan `{shown}` cannot be used"),
        )
        .caused_by(error)
        .hint("make a new one with `offerctl plan --out FILE`")
    };
    let file = SavedPlanFile::parse(&bytes).map_err(unusable)?;
    let conflicts = file.conflicts();
    Ok((file.into_saved().map_err(unusable)?, conflicts))
}
