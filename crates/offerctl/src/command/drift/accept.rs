//! `offerctl drift --accept NAME…`: what was changed by hand goes into the manifests.

use std::collections::BTreeSet;

use offerctl_engine::file::read_regular;
use offerctl_manifest::source::MAX_FILE_BYTES;
use offerctl_reconcile::accept::{AcceptError, Accepted, Situation, UnknownName, accept};
use offerctl_reconcile::drift::Drift;
use offerctl_reconcile::live::Live;
use offerctl_reconcile::state::State;
use offerctl_show::render::refusals_text;

use crate::context::Context;
use crate::error::CliError;
use crate::exit::Exit;
use crate::file::{Replacement, replace_all};
use crate::ui::Ui;

/// What a file may begin with, and what is no part of its text.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// Writes the live values of these offers into the manifests: all of them, or nothing.
pub(super) fn run(
    context: &Context,
    (drift, live, state): (&[Drift], &Live, &State),
    names: &[String],
    ui: &Ui,
) -> Result<Accepted, CliError> {
    let situation = Situation {
        sources: &context.loaded.sources,
        manifests: &context.loaded.manifests,
        project: &context.loaded.project,
        environment: &context.environment,
        live,
        state,
        drift,
    };
    let names: BTreeSet<String> = names.iter().cloned().collect();
    let accepted = accept(situation, &names).map_err(|error| failed(&error, context, ui))?;
    write(context, &accepted)?;
    Ok(accepted)
}

fn failed(error: &AcceptError, context: &Context, ui: &Ui) -> CliError {
    match error {
        AcceptError::Unknown(unknown) => {
            let failed = CliError::new(Exit::Usage, error.to_string());
            let meant = |UnknownName { name, meant }: &UnknownName| {
                let meant = meant.as_ref()?;
                Some(format!("did you mean `{meant}` by `{name}`?"))
            };
            let hints = unknown.iter().filter_map(meant);
            hints.fold(failed, CliError::hint)
        }
        AcceptError::Refused(refusals) => {
            Ui::to_stderr(&refusals_text(
                refusals,
                &context.loaded.sources,
                ui.err_style(),
            ));
            CliError::new(Exit::Refused, format!("{error}, and nothing was written"))
        }
        AcceptError::Unproven(_) => {
            CliError::new(Exit::Error, format!("{error}; nothing was written"))
                .hint("please report it with the lines of the offers in the manifests")
        }
    }
}

fn write(context: &Context, accepted: &Accepted) -> Result<(), CliError> {
    let failed = || CliError::new(Exit::Error, "failed to write the manifests");
    let mut files = Vec::new();
    for id in &accepted.changed {
        let before = context.loaded.sources.file(*id);
        let (Some(before), Some(after)) = (before, accepted.sources.file(*id)) else {
            continue;
        };
        let path = context.loaded.root.join(before.path.raw());
        let bytes = read_regular(&path, MAX_FILE_BYTES as u64)
            .map_err(|error| failed().caused_by(error))?;
        let mark = if bytes.starts_with(BYTE_ORDER_MARK) {
            BYTE_ORDER_MARK
        } else {
            &[]
        };
        files.push(Replacement {
            path,
            before: [mark, before.text.as_bytes()].concat(),
            after: [mark, after.text.as_bytes()].concat(),
        });
    }
    replace_all(&files).map_err(|error| failed().caused_by(error))
}
