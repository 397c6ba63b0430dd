//! `offerctl drift`: what was changed by hand since the last apply?

mod accept;

use std::path::Path;

use offerctl_model::json::to_text;
use offerctl_reconcile::detail::wanted_for_drift;
use offerctl_reconcile::drift::{Drift, drift};
use offerctl_reconcile::headline::Headline;
use offerctl_reconcile::live::Live;
use offerctl_reconcile::state::State;
use offerctl_show::document::{DriftDocument, DriftSummary};
use offerctl_show::render::{accepted_text, drift_markdown, drift_metrics, drift_text};

use super::plan::write_file;
use crate::args::{DriftArgs, Format, Global};
use crate::context::{Context, load_state, now};
use crate::error::CliError;
use crate::exit::Exit;
use crate::file;
use crate::ui::Ui;

/// What was looked at, and what was found.
struct Found {
    drift: Vec<Drift>,
    headline: Headline,
    bound: usize,
}

/// Compares the live catalogue with the state; writes nothing but the files that were asked for.
pub(crate) async fn run(global: &Global, args: &DriftArgs, ui: &Ui) -> Result<Exit, CliError> {
    // A broken manifest must not blind whoever looks for drift; to write into one, it has to be sound.
    let context = if args.accept.is_empty() {
        Context::of_project(global, ui)?
    } else {
        let context = Context::of_manifests(global, ui)?;
        let _sound = context.desired(ui)?;
        context
    };
    let state = load_state(&context.store()?, ui).await?;
    let live = read(&context, &state, ui).await?;
    let found = Found {
        drift: drift(context.environment.api, &live, &state),
        headline: context.headline(&live, &state),
        bound: state.bindings.len(),
    };
    if !args.accept.is_empty() {
        let accepted = accept::run(&context, (&found.drift, &live, &state), &args.accept, ui)?;
        let document = || found.document(&context).with_accepted(&accepted);
        if let Some(path) = &args.markdown_into {
            write_file(path, found.markdown(&context).as_bytes())?;
        }
        if let Some(path) = &args.json_into {
            write_file(path, to_text(&document()).as_bytes())?;
        }
        if let Some(path) = &args.metrics_into {
            write_metrics(path, &found)?;
        }
        match global.format {
            Format::Json => ui.data(&to_text(&document())),
            Format::Text | Format::Markdown | Format::Github | Format::Gitlab => {
                ui.data(&accepted_text(&accepted, ui.style()));
            }
        }
        return Ok(Exit::Success);
    }
    report(&context, &found, args, global.format, ui)?;
    Ok(if found.drift.is_empty() {
        Exit::Success
    } else {
        Exit::Changes
    })
}

impl Found {
    fn document(&self, context: &Context) -> DriftDocument {
        DriftDocument::new(
            &self.drift,
            self.bound,
            context.environment.api,
            &self.headline,
        )
    }

    fn markdown(&self, context: &Context) -> String {
        let project = context.loaded.project.name.as_deref();
        let looked_at = (self.bound, context.environment.api);
        drift_markdown(&self.drift, looked_at, project, &self.headline)
    }
}

/// Reads the live catalogue, with all that drift can be told by.
async fn read(context: &Context, state: &State, ui: &Ui) -> Result<Live, CliError> {
    let wanted = |live: &Live| wanted_for_drift(live, state);
    let live = context.read_with_details(state, wanted, ui).await?;
    context.refuse_unexpected_account(&live, state, Exit::Error)?;
    Ok(live)
}

/// Prints what was found, and writes it into files. Metrics come last: they say that all the rest went well.
fn report(
    context: &Context,
    found: &Found,
    args: &DriftArgs,
    format: Format,
    ui: &Ui,
) -> Result<(), CliError> {
    let Found {
        drift,
        headline,
        bound,
    } = found;
    let api = context.environment.api;
    let document = || to_text(&found.document(context));
    if let Some(path) = &args.json_into {
        write_file(path, document().as_bytes())?;
    }
    if let Some(path) = &args.markdown_into {
        write_file(path, found.markdown(context).as_bytes())?;
    }
    match format {
        Format::Json => ui.data(&document()),
        Format::Markdown => ui.data(&found.markdown(context)),
        Format::Text | Format::Github | Format::Gitlab => {
            ui.data(&drift_text(drift, *bound, api, headline, ui.style()));
        }
    }
    if let Some(path) = &args.metrics_into {
        write_metrics(path, found)?;
    }
    Ok(())
}

fn write_metrics(path: &Path, found: &Found) -> Result<(), CliError> {
    let summary = DriftSummary::of(&found.drift);
    let text = drift_metrics(&found.headline.environment, summary, found.bound, now());
    file::replace(path, text.as_bytes()).map_err(|error| {
        CliError::new(Exit::Error, format!("failed to write `{}`", path.display())).caused_by(error)
    })
}
