//! `offerctl apply PLAN.json`: a saved plan, as it was shown, or not at all.

use std::path::Path;

use offerctl_engine::budget::Budget;
use offerctl_engine::remote::RemoteRead;
use offerctl_manifest::manifest::Date;
use offerctl_manifest::source::Sources;
use offerctl_model::json::to_text;
use offerctl_reconcile::guard::{Findings, Policy, review};
use offerctl_reconcile::live::Live;
use offerctl_reconcile::saved::SavedPlan;
use offerctl_reconcile::state::State;
use offerctl_show::document::PlanDocument;

use super::approval::{ask_approval, check_approval};
use super::first;
use super::session::{Held, Session};
use super::shown::Shown;
use super::work::{Work, carry_out};
use crate::args::{ApplyArgs, Format, Global};
use crate::command::saved;
use crate::context::{Context, load_state, now};
use crate::error::CliError;
use crate::exit::Exit;
use crate::ui::Ui;

/// Why a saved plan cannot be applied to what is there now.
fn misfit(saved: &SavedPlan, live: &Live, state: &State) -> Option<String> {
    let misfits = saved.misfits(live, state);
    let first = misfits.first()?;
    let more = match misfits.len() {
        1 => String::new(),
        number => format!(", and {} more", number - 1),
    };
    Some(format!(
        "no longer fits: {first}{more}; nothing was written"
    ))
}

/// The saved plan cannot be applied, because of this.
fn stale(path: &Path, what: &str) -> CliError {
    CliError::new(
        Exit::Stale,
        format!("the saved plan `{}` {what}", path.display()),
    )
    .hint("make a new one with `offerctl plan --out FILE`")
}

/// The environment of a saved plan, as the project has it now.
fn context_of(
    saved: &SavedPlan,
    global: &Global,
    path: &Path,
    ui: &Ui,
) -> Result<Context, CliError> {
    if let Some(named) = &global.environment
        && *named != saved.environment
    {
        return Err(stale(
            path,
            &format!(
                "is for the environment `{}`, not for `{named}`",
                saved.environment
            ),
        ));
    }
    let mut of_plan = global.clone();
    of_plan.environment = Some(saved.environment.clone());
    let context = match Context::of_project(&of_plan, ui) {
        Err(error) if error.exit == Exit::Usage => {
            return Err(stale(
                path,
                &format!(
                    "is for the environment `{}`, which is not there",
                    saved.environment
                ),
            ));
        }
        context => context?,
    };
    if saved.plan.api != context.environment.api
        || saved.endpoint != context.environment.endpoint.describe()
    {
        return Err(stale(
            path,
            &format!("was made for {} over {}", saved.endpoint, saved.plan.api),
        ));
    }
    Ok(context)
}

/// Applies a plan as it was saved, or not at all.
pub(super) async fn run_saved(
    global: &Global,
    args: &ApplyArgs,
    path: &Path,
    ui: &Ui,
) -> Result<Exit, CliError> {
    let (saved, conflicts) = saved::read(path)?;
    let stale = |what: String| stale(path, &what);
    let context = context_of(&saved, global, path, ui)?;
    if args.dry_run {
        return dry_run_saved(&context, args, (&saved, conflicts), (global, ui), stale).await;
    }
    context.refuse_fleeting_state()?;
    if context.environment.confirm {
        check_approval(&context, args, ui)?;
    }
    let session = Session::open(&context, args).await?;
    let under_lock = async |held: Held<'_>| {
        let Held {
            remote,
            journal,
            stopping,
            near: _,
        } = &held;
        let state = journal.state();
        let read = || read_as_then(&context, *remote, (&saved, state), ui);
        let mut live = stopping.or(read()).await?;
        if misfit(&saved, &live, state).is_none() && first::needs_a_second_look(state, &saved.plan)
        {
            stopping.or(first::wait(&context, ui)).await?;
            live = stopping.or(read()).await?;
        }
        if let Some(misfit) = misfit(&saved, &live, state) {
            return Err(stale(misfit));
        }
        let findings = stopping
            .or(async { Ok(findings(&context, args, &saved, (&live, state)).await) })
            .await?;
        let headline = context.headline(&live, state);
        let sources = Sources::default();
        let shown = Shown::of_saved(&saved, &headline, &findings, &sources);
        shown.show(global, ui);
        if !findings.refusals.is_empty() || conflicts > 0 {
            shown.show_refusal(global, ui);
            return Ok(Exit::Refused);
        }
        if context.environment.confirm {
            stopping.or(ask_approval(&context, args)).await?;
        }
        let work = Work {
            plan: &saved.plan,
            approved: &findings.approved,
            live: &live,
            nonce: Some(saved.nonce.as_str()),
        };
        carry_out(&context, held, work, (&shown, global, ui)).await
    };
    session.hold(&context, ui, under_lock).await
}

/// What a saved plan was made of, as it is now.
async fn read_as_then<R: RemoteRead>(
    context: &Context,
    remote: (&R, &Budget),
    (saved, state): (&SavedPlan, &State),
    ui: &Ui,
) -> Result<Live, CliError> {
    // What was read by itself then is read by itself now, so that the same is compared.
    let details = |_: &Live| saved.details.iter().cloned().collect();
    let (live, _) = context.read_live(remote, state, details, ui).await?;
    Ok(live)
}

/// Shows whether a saved plan could be applied now; takes no lock and writes nothing.
async fn dry_run_saved(
    context: &Context,
    args: &ApplyArgs,
    (saved, conflicts): (&SavedPlan, usize),
    (global, ui): (&Global, &Ui),
    stale: impl Fn(String) -> CliError,
) -> Result<Exit, CliError> {
    let store = context.store()?;
    let connection = context.connect().await?;
    let budget = Budget::new(&context.environment.limits);
    let done = async {
        let reader = connection.reader()?;
        let state = load_state(&store, ui).await?;
        let live = read_as_then(context, (&reader, &budget), (saved, &state), ui).await?;
        if let Some(misfit) = misfit(saved, &live, &state) {
            return Err(stale(misfit));
        }
        let findings = findings(context, args, saved, (&live, &state)).await;
        let headline = context.headline(&live, &state);
        let sources = Sources::default();
        match global.format {
            Format::Json => {
                let mut document =
                    PlanDocument::new(&saved.plan, &saved.plan_id, &headline, &findings, &sources);
                document.summary.conflicts = conflicts;
                ui.data(&to_text(&document));
            }
            Format::Markdown => ui.data(&saved::to_markdown(
                saved,
                conflicts,
                (&headline, &findings),
            )),
            Format::Text | Format::Github | Format::Gitlab => {
                Shown::of_saved(saved, &headline, &findings, &sources).show(global, ui);
            }
        }
        let refused = !findings.refusals.is_empty() || conflicts > 0;
        Ok(if refused {
            Exit::Refused
        } else {
            Exit::Success
        })
    };
    let result = done.await;
    connection.close().await;
    result
}

/// Runs the guards over a saved plan again, as of today.
async fn findings(
    context: &Context,
    args: &ApplyArgs,
    saved: &SavedPlan,
    (live, state): (&Live, &State),
) -> Findings {
    let policy = Policy {
        guards: &context.environment.guards,
        account: &context.environment.account,
        account_of_another: context.account_of_another(live, state).await,
        today: Date::of(now()),
        allow_deactivations: args.allow_deactivations,
        uses: &state.approvals,
        found_manifests: None,
    };
    review(&saved.plan, &policy)
}
