//! `offerctl apply`: carry out what the manifests say, or a saved plan.

mod approval;
mod first;
mod run_saved;
mod session;
mod watched;

use offerctl_core::document::{Headline, PlanDocument, ReportDocument, to_text};
use offerctl_core::guard::Findings;
use offerctl_core::live::Live;
use offerctl_core::plan::Plan;
use offerctl_core::render::{Page, plan_text, report_text};
use offerctl_core::report::Report;
use offerctl_core::saved::SavedPlan;
use offerctl_core::source::Sources;
use offerctl_engine::apply::{Applied, Event, Task, apply};

use self::approval::{ask_approval, check_approval};
use self::run_saved::run_saved;
use self::session::{Held, Session};
use super::plan::{self, Prepared, prepare};
use crate::args::{ApplyArgs, Format, Global, PlanArgs};
use crate::context::{Context, now, store_failed};
use crate::error::CliError;
use crate::exit::Exit;
use crate::ui::Ui;

/// Applies the manifests, or a saved plan.
pub(crate) async fn run(global: &Global, args: &ApplyArgs, ui: &Ui) -> Result<Exit, CliError> {
    if let Some(path) = &args.plan {
        return run_saved(global, args, path, ui).await;
    }
    if args.dry_run {
        let plan_args = PlanArgs::default();
        return plan::run(global, &plan_args, args.allow_deactivations, ui).await;
    }
    let context = Context::of_manifests(global, ui)?;
    let desired = context.desired(ui)?;
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
            shown.show_refusal(global, ui);
            return Ok(Exit::Refused);
        }
        if !prepared.plan.steps.is_empty() {
            stopping.or(ask_approval(&context, args)).await?;
        }
        let Prepared { plan, live, .. } = &prepared;
        let work = Work {
            plan,
            live,
            nonce: None,
        };
        carry_out(&context, held, work, (&shown, global, ui)).await
    };
    session.hold(&context, ui, under_lock).await
}

/// What is shown of a plan before it is applied.
struct Shown<'a> {
    plan: &'a Plan,
    plan_id: &'a str,
    headline: &'a Headline,
    findings: &'a Findings,
    sources: &'a Sources,
}

impl<'a> Shown<'a> {
    fn of_saved(
        saved: &'a SavedPlan,
        headline: &'a Headline,
        findings: &'a Findings,
        sources: &'a Sources,
    ) -> Self {
        Self {
            plan: &saved.plan,
            plan_id: &saved.plan_id,
            headline,
            findings,
            sources,
        }
    }

    /// With `--format json` the one document is the report, so the plan goes where people read.
    fn show(&self, global: &Global, ui: &Ui) {
        let page = if global.format == Format::Json {
            Page::new(ui.err_style())
        } else {
            ui.page()
        };
        let text = plan_text(self.plan, self.headline, self.findings, self.sources, page);
        match global.format {
            Format::Json => ui.say(&text),
            Format::Text | Format::Markdown | Format::Github | Format::Gitlab => ui.data(&text),
        }
    }

    fn show_refusal(&self, global: &Global, ui: &Ui) {
        if global.format == Format::Json {
            let document = PlanDocument::new(
                self.plan,
                self.plan_id,
                self.headline,
                self.findings,
                self.sources,
            );
            ui.data(&to_text(&ReportDocument::refused(&document)));
        } else {
            ui.say("Refused, and nothing was written.\n");
        }
    }
}

/// What is carried out.
struct Work<'a> {
    plan: &'a Plan,
    live: &'a Live,
    nonce: Option<&'a str>,
}

/// Applies a plan that nothing stands against, and prints the report.
async fn carry_out(
    context: &Context,
    held: Held<'_>,
    Work { plan, live, nonce }: Work<'_>,
    (shown, global, ui): (&Shown<'_>, &Global, &Ui),
) -> Result<Exit, CliError> {
    let Held {
        remote: (remote, budget),
        mut journal,
        near,
        stopping,
    } = held;
    let applied = {
        let what = format!("applying to `{}`", context.environment.name);
        let progress = ui.progress(what, plan.steps.len());
        let observer = |event: Event<'_>| match event {
            Event::Started(step) => {
                tracing::info!(name = %step.name, "{} {}", step.operation.verb(), step.name);
            }
            Event::Finished(step, _) => {
                progress.done(format!("{} {}", step.operation.verb(), step.name));
            }
        };
        let task = Task {
            plan,
            live,
            account: &context.environment.account,
            limits: &context.environment.limits,
            nonce,
            now,
            observer: &observer,
            stop: stopping.receiver(),
        };
        let work = apply(task, remote, budget, &mut journal);
        progress.watch(work).await
    };
    let Applied {
        mut report,
        problem,
    } = applied;
    report.add_pending(journal.state(), &near);
    // The first offer of an account shows whose it is.
    let headline = Headline {
        account: shown
            .headline
            .account
            .clone()
            .or_else(|| journal.state().account.publisher_email.clone()),
        ..shown.headline.clone()
    };
    match global.format {
        Format::Json => ui.data(&to_text(&ReportDocument::new(
            &report,
            shown.plan_id,
            &headline,
        ))),
        _ if report.outcomes.is_empty() => {}
        Format::Text | Format::Markdown | Format::Github | Format::Gitlab => {
            ui.data("\n");
            ui.data(&report_text(&report, &headline, ui.style()));
        }
    }
    let exit = exit_of(&report);
    match problem {
        None => Ok(exit),
        // The report is out; what is wrong with the state is said as well, and the worse code counts.
        Some(problem) => {
            let mut error = store_failed(problem);
            if exit != Exit::Success {
                error.exit = exit;
            } else if report.effects > 0 {
                error.exit = Exit::Partial;
            }
            Err(error)
        }
    }
}

fn exit_of(report: &Report) -> Exit {
    let summary = report.summary();
    if summary.unknown > 0 {
        Exit::Unknown
    } else if summary.failed + summary.skipped == 0 {
        Exit::Success
    } else if report.effects > 0 {
        Exit::Partial
    } else {
        Exit::Error
    }
}
