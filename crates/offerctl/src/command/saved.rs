//! Saved plans, as `plan --out`, `show` and `apply` handle them.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use offerctl_core::document::Headline;
use offerctl_core::guard::Findings;
use offerctl_core::render::{COMMENT_LIMIT, MarkdownPlan, plan_markdown};
use offerctl_core::saved::{SavedPlan, SavedPlanFile};
use offerctl_core::source::Sources;
use offerctl_core::state::State;
use offerctl_engine::random::random_hex;

use super::plan::Prepared;
use crate::error::CliError;
use crate::exit::Exit;

/// The longest saved plan: a hundred thousand offers. Whatever is longer is something else.
const MAX_BYTES: u64 = 256 * 1024 * 1024;

/// The bytes of a saved plan.
pub(crate) fn to_bytes(prepared: &Prepared, state: &State) -> Vec<u8> {
    let nonce = random_hex::<16>();
    let saved = SavedPlan {
        project: prepared.project.clone(),
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
    let bytes = read_bounded(path).map_err(|error| {
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

fn read_bounded(path: &Path) -> io::Result<Vec<u8>> {
    let file = File::open(path)?;
    let too_long = || io::Error::other(format!("it has more than {MAX_BYTES} bytes"));
    let metadata = file.metadata()?;
    if metadata.len() > MAX_BYTES {
        return Err(too_long());
    }
    // What is no regular file does not tell its length. To grow a buffer takes both the old and the new one; what is
    // reserved and not written to takes nothing.
    let length = if metadata.is_file() {
        metadata.len()
    } else {
        MAX_BYTES
    };
    let mut bytes = Vec::new();
    let _reserved = bytes.try_reserve_exact(usize::try_from(length).unwrap_or(0) + 1);
    file.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(too_long());
    }
    Ok(bytes)
}
