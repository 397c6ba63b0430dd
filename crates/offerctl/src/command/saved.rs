//! Saved plans, as `plan --out`, `show` and `apply` handle them.

use std::path::Path;

use offerctl_engine::file::read_regular;
use offerctl_engine::random::random_hex;
use offerctl_manifest::source::Sources;
use offerctl_reconcile::guard::Findings;
use offerctl_reconcile::headline::Headline;
use offerctl_reconcile::saved::{SavedPlan, SavedPlanFile};
use offerctl_reconcile::state::State;
use offerctl_show::render::{COMMENT_LIMIT, MarkdownPlan, plan_markdown};

use super::plan::prepared::Prepared;
use crate::error::CliError;
use crate::exit::Exit;

/// The longest saved plan: a hundred thousand offers. Whatever is longer is something else.
const MAX_BYTES: u64 = 256 * 1024 * 1024;

/// The bytes of a saved plan.
pub(crate) fn to_bytes(prepared: &Prepared, state: &State) -> Vec<u8> {
    let nonce = random_hex::<16>();
    let saved = SavedPlan {
        project: prepared.project.clone(),
        take_over_from: prepared.take_over_from.clone(),
        ..SavedPlan::new(
            nonce,
            &prepared.headline,
            prepared.plan.clone(),
            (&prepared.live, state),
            &prepared.details,
        )
    };
    SavedPlanFile::new(&saved).to_bytes()
}

/// A saved plan for a comment; of conflicts it knows only the count.
pub(crate) fn to_markdown(
    saved: &SavedPlan,
    conflicts: usize,
    (headline, findings): (&Headline, &Findings),
) -> String {
    let shown = MarkdownPlan {
        plan: &saved.plan,
        plan_id: &saved.plan_id,
        project: saved.project.as_deref(),
        headline,
        findings,
        sources: &Sources::default(),
        lost_conflicts: conflicts,
    };
    plan_markdown(&shown, COMMENT_LIMIT)
}

/// Reads a saved plan; whatever is wrong with the file, the plan cannot be applied.
pub(crate) fn read(path: &Path) -> Result<(SavedPlan, usize), CliError> {
    let shown = path.display();
    let bytes = read_regular(path, MAX_BYTES).map_err(|error| {
        let message = format!("failed to read the saved plan `{shown}`");
        let failed = CliError::new(Exit::Stale, message).caused_by(error);
        if path.metadata().is_ok_and(|found| !found.is_file()) {
            failed.hint("save the plan in a regular file, and name that")
        } else {
            failed
        }
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
