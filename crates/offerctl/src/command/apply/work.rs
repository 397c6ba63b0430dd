//! What is carried out, and what is said of it: [`Work`].

use offerctl_engine::apply::{Applied, Event, Task, apply};
use offerctl_model::json::to_text;
use offerctl_reconcile::guard::Granted;
use offerctl_reconcile::headline::Headline;
use offerctl_reconcile::live::Live;
use offerctl_reconcile::plan::Plan;
use offerctl_reconcile::report::Report;
use offerctl_show::document::ReportDocument;
use offerctl_show::render::report_text;

use super::session::Held;
use super::shown::Shown;
use crate::args::{Format, Global};
use crate::context::{Context, now, store_failed};
use crate::error::CliError;
use crate::exit::Exit;
use crate::ui::Ui;

/// What is carried out.
pub(super) struct Work<'a> {
    pub(super) plan: &'a Plan,
    /// What is approved of it in git.
    pub(super) approved: &'a [Granted],
    pub(super) live: &'a Live,
    pub(super) nonce: Option<&'a str>,
}

/// Applies a plan that nothing stands against, and prints the report.
pub(super) async fn carry_out(
    context: &Context,
    held: Held<'_>,
    Work {
        plan,
        approved,
        live,
        nonce,
    }: Work<'_>,
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
            approved,
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
