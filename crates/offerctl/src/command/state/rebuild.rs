//! `offerctl state rebuild`: binds what is declared and live and not bound.

use std::time::Duration;

use offerctl_engine::store::Store;
use offerctl_model::json::to_text;
use offerctl_model::words::plural;
use offerctl_reconcile::detail::wanted_details;
use offerctl_reconcile::live::Live;
use offerctl_reconcile::rebuild::rebuild;
use offerctl_show::document::RebuiltDocument;
use offerctl_show::render::rebuilt_text;

use crate::args::{Format, Global, RebuildArgs};
use crate::context::{Context, load_state, write_state};
use crate::error::CliError;
use crate::exit::Exit;
use crate::ui::Ui;

/// Finds the live offers of names that are not bound; binds them if that is wanted.
///
/// What stays open ends with [`Exit::Refused`]: a person has to decide it.
pub(super) async fn run(
    global: &Global,
    store: &Store,
    args: &RebuildArgs,
    ui: &Ui,
) -> Result<Exit, CliError> {
    let context = Context::of_manifests(global, ui)?;
    let desired = context.desired_with(&args.take_over, ui)?;
    let mut journal = if args.dry_run {
        None
    } else {
        Some(context.lock_state(store, Duration::ZERO, ui).await?)
    };
    let state = match &journal {
        Some(journal) => journal.state().clone(),
        None => load_state(store, ui).await?,
    };
    let wanted = |live: &Live| wanted_details(&desired, live, &state);
    let live = context.read_with_details(&state, wanted, ui).await?;
    context
        .refuse_other_account(&live, &state, Exit::Refused)
        .await?;
    let rebuilt = rebuild(&desired, &live, &state);
    let headline = context.headline(&live, &state);
    match global.format {
        Format::Json => ui.data(&to_text(&RebuiltDocument::new(&rebuilt, &headline))),
        Format::Text | Format::Markdown | Format::Github | Format::Gitlab => {
            ui.data(&rebuilt_text(&rebuilt, &headline, ui.page()));
        }
    }
    let exit = if rebuilt.open.is_empty() {
        Exit::Success
    } else {
        Exit::Refused
    };
    let Some(journal) = &mut journal else {
        return Ok(exit);
    };
    if rebuilt.found.is_empty() {
        return Ok(exit);
    }
    agree(args, rebuilt.found.len(), ui)?;
    let found = rebuilt.found.into_iter();
    let entries = state.to_bind(found.map(|(name, found)| (name, found.binding)), &live);
    write_state(journal, entries, ui).await?;
    ui.say("Written into the state.\n");
    Ok(exit)
}

/// Asks whether the bindings are right, unless the command line says so.
fn agree(args: &RebuildArgs, count: usize, ui: &Ui) -> Result<(), CliError> {
    if args.auto_approve {
        return Ok(());
    }
    if !ui.is_interactive() {
        let message = "nobody can be asked whether these bindings are right";
        return Err(
            CliError::new(Exit::Usage, message).hint("write them with -y, or look with --dry-run")
        );
    }
    let question = format!("Write {} into the state? [y/N] ", plural(count, "binding"));
    match Ui::ask(&question).as_deref() {
        Some("y" | "yes") => Ok(()),
        Some(_) | None => Err(CliError::new(Exit::Error, "nothing was written")),
    }
}
