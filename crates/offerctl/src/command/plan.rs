//! `offerctl plan`: what would an apply do?

mod github;
pub(super) mod prepared;

use std::path::Path;

use offerctl_engine::budget::Budget;
use offerctl_model::json::to_text;
use offerctl_model::words::plural;
use offerctl_reconcile::rebuild::matches_without_state;
use offerctl_reconcile::state::State;
use offerctl_show::document::TerraformReport;
use offerctl_show::render::{COMMENT_LIMIT, plan_markdown, steps_text};

use self::github::Step;
use self::prepared::{Prepared, prepare};
use super::saved;
use crate::args::{Format, Global, PlanArgs};
use crate::context::{Context, leave_to_the_end, load_state};
use crate::error::CliError;
use crate::exit::Exit;
use crate::file;
use crate::ui::Ui;

/// Shows the plan; writes nothing but the files that were asked for.
///
/// A dry run of `apply` may have a number of deactivations that was typed.
pub(crate) async fn run(
    global: &Global,
    args: &PlanArgs,
    allow_deactivations: Option<usize>,
    ui: &Ui,
) -> Result<Exit, CliError> {
    let step = args.github.then(Step::open).transpose()?;
    let result = show(global, args, allow_deactivations, (step.as_ref(), ui)).await;
    // Whoever looks at the outputs of the step wants to know how it ended, above all if there is no plan.
    if let Some(step) = &step {
        let exit = match &result {
            Ok(exit) => *exit,
            Err(error) => error.exit,
        };
        step.write_exit(exit)?;
    }
    result
}

async fn show(
    global: &Global,
    args: &PlanArgs,
    allow_deactivations: Option<usize>,
    (step, ui): (Option<&Step>, &Ui),
) -> Result<Exit, CliError> {
    let context = Context::of_manifests(global, ui)?;
    let desired = context.desired_with(&args.take_over, ui)?;
    let connection = context.connect().await?;
    let reader = connection.reader()?;
    let budget = Budget::new(&context.environment.limits);
    let state = load_state(&context.store()?, ui).await?;
    let prepared = prepare(
        &context,
        (&desired, &state),
        (&reader, &budget),
        allow_deactivations,
        ui,
    )
    .await;
    connection.close().await;
    let prepared = prepared?;
    if let Some(path) = &args.out {
        let bytes = saved::to_bytes(&prepared, &state);
        file::write_private(path, &bytes).map_err(|error| unwritten(path).caused_by(error))?;
    }
    let json = || to_text(&prepared.document(&context));
    if let Some(path) = &args.json_into {
        write_file(path, json().as_bytes())?;
    }
    let markdown = |limit| plan_markdown(&prepared.markdown(&context), limit);
    if let Some(path) = &args.markdown_into {
        write_file(path, markdown(COMMENT_LIMIT).as_bytes())?;
    }
    if let Some(path) = &args.gitlab_report_into {
        let report = TerraformReport::of(&prepared.plan);
        write_file(path, to_text(&report).as_bytes())?;
    }
    if let Some(step) = step {
        step.write_plan(&prepared, &context)?;
    }
    match global.format {
        Format::Json => ui.data(&json()),
        Format::Markdown => ui.data(&markdown(COMMENT_LIMIT)),
        Format::Text | Format::Github | Format::Gitlab => {
            if args.steps {
                ui.data(&steps_text(&prepared.plan, ui.page()));
                ui.data("\n");
            }
            ui.data(&prepared.text(&context, ui));
        }
    }
    suggest_rebuild(&context, (&prepared, &state), ui);
    if prepared.is_refused() {
        return Ok(Exit::Refused);
    }
    let changes = !prepared.plan.is_empty() || !prepared.plan.pending.is_empty();
    leave_to_the_end((prepared, context, desired, state));
    Ok(if args.detailed_exitcode && changes {
        Exit::Changes
    } else {
        Exit::Success
    })
}

/// Says how to go on where the state was lost.
pub(super) fn suggest_rebuild(context: &Context, (prepared, state): (&Prepared, &State), ui: &Ui) {
    let count = matches_without_state(&prepared.plan, state);
    if count > 0 {
        let verb = if count == 1 { "has" } else { "have" };
        ui.say(&format!(
            "\nThe state binds no offers, but {} {verb} a live match. If the state was lost, rebuild it first:\n  {}\n",
            plural(count, "declared offer"),
            context.command("state rebuild")
        ));
    }
}

/// Writes a file that was asked for.
pub(crate) fn write_file(path: &Path, bytes: &[u8]) -> Result<(), CliError> {
    file::write_document(path, bytes).map_err(|error| unwritten(path).caused_by(error))
}

fn unwritten(path: &Path) -> CliError {
    CliError::new(Exit::Error, format!("failed to write `{}`", path.display()))
}
