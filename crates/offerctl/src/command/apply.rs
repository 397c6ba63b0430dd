//! `offerctl apply`: carry out what the manifests say, or a saved plan.

mod approval;
mod first;
mod run_saved;
mod session;
mod shown;
mod watched;
mod work;

use self::approval::{ask_approval, check_approval};
use self::run_saved::run_saved;
use self::session::{Held, Session};
use self::shown::Shown;
use self::work::{Work, carry_out};
use super::plan;
use super::plan::prepared::{Prepared, prepare};
use crate::args::{ApplyArgs, Global, PlanArgs};
use crate::context::Context;
use crate::error::CliError;
use crate::exit::Exit;
use crate::ui::Ui;

/// Applies the manifests, or a saved plan.
pub(crate) async fn run(global: &Global, args: &ApplyArgs, ui: &Ui) -> Result<Exit, CliError> {
    if let Some(path) = &args.plan {
        if !args.take_over.take_over_from.is_empty() {
            let message = "--take-over-from does not go with a saved plan, which says itself what it takes over";
            return Err(CliError::new(Exit::Usage, message).hint(
                "make the plan with it: `offerctl plan --take-over-from PROJECT --out FILE`",
            ));
        }
        return run_saved(global, args, path, ui).await;
    }
    if args.dry_run {
        let plan_args = PlanArgs {
            take_over: args.take_over.clone(),
            ..PlanArgs::default()
        };
        return plan::run(global, &plan_args, args.allow_deactivations, ui).await;
    }
    let context = Context::of_manifests(global, ui)?;
    let desired = context.desired_with(&args.take_over, ui)?;
    context.refuse_fleeting_state()?;
    check_approval(&context, args, ui)?;
    let session = Session::open(&context, args).await?;
    let under_lock = async |held: Held<'_>| {
        let Held {
            remote,
            journal,
            stopping,
            near: _,
        } = &held;
        let read = || {
            let state = journal.state();
            prepare(
                &context,
                (&desired, state),
                *remote,
                args.allow_deactivations,
                ui,
            )
        };
        let mut prepared = stopping.or(read()).await?;
        if !prepared.is_refused() && first::needs_a_second_look(journal.state(), &prepared.plan) {
            stopping.or(first::wait(&context, ui)).await?;
            prepared = stopping.or(read()).await?;
        }
        let shown = Shown {
            plan: &prepared.plan,
            plan_id: &prepared.plan_id,
            headline: &prepared.headline,
            findings: &prepared.findings,
            sources: &context.loaded.sources,
        };
        shown.show(global, ui);
        if prepared.is_refused() {
            plan::suggest_rebuild(&context, (&prepared, journal.state()), ui);
            shown.show_refusal(global, ui);
            return Ok(Exit::Refused);
        }
        if !prepared.plan.steps.is_empty() {
            stopping.or(ask_approval(&context, args)).await?;
        }
        let Prepared {
            plan,
            live,
            findings,
            ..
        } = &prepared;
        let work = Work {
            plan,
            approved: &findings.approved,
            live,
            nonce: None,
        };
        carry_out(&context, held, work, (&shown, global, ui)).await
    };
    session.hold(&context, ui, under_lock).await
}
