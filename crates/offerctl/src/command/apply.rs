//! `offerctl apply`: carry out what the manifests say, or a saved plan.

mod approval;
mod run_saved;

use std::collections::BTreeMap;

use offerctl_core::document::{Headline, PlanDocument, ReportDocument, to_text};
use offerctl_core::guard::Findings;
use offerctl_core::live::Live;
use offerctl_core::name::{Name, OfferId};
use offerctl_core::plan::Plan;
use offerctl_core::render::{Page, plan_text, report_text};
use offerctl_core::report::Report;
use offerctl_core::saved::SavedPlan;
use offerctl_core::settle::Verdict;
use offerctl_core::source::Sources;
use offerctl_engine::apply::{Applied, Event, Task, apply};
use offerctl_engine::budget::Budget;
use offerctl_engine::remote::RemoteWrite;
use offerctl_engine::settle::{SettleError, Settled, settle_pending};
use offerctl_engine::store::{Journal, StateStore, Store};
use tokio::sync::watch;

use self::approval::{ask_approval, check_approval};
use self::run_saved::run_saved;
use super::plan::{self, Prepared, prepare};
use super::stopping::Stopping;
use crate::args::{ApplyArgs, Format, Global, PlanArgs};
use crate::context::{
    Context, fetch_failed, holder, let_go, lock_failed, now, seconds, store_failed,
};
use crate::error::CliError;
use crate::exit::Exit;
use crate::remote::Connection;
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
    let stopping = Stopping::new();
    let done = Box::pin(async {
        let writer = session.connection.writer()?;
        let mut journal = stopping.or(session.lock(&context, args)).await?;
        let near = stopping
            .or(settle(
                &context,
                (&writer, &session.budget),
                &mut journal,
                ui,
            ))
            .await?;
        let mut state = journal.state().clone();
        state.expire(now());
        let prepared = stopping
            .or(prepare(
                &context,
                (&desired, &state),
                (&writer, &session.budget),
                args.allow_deactivations,
                ui,
            ))
            .await?;
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
            ask_approval(&context, args)?;
        }
        let Prepared { plan, live, .. } = &prepared;
        let task = Work {
            plan,
            live,
            nonce: None,
            near: &near,
            stop: stopping.receiver(),
        };
        let remote = (&writer, &session.budget);
        carry_out(&context, remote, &mut journal, task, (&shown, global, ui)).await
    });
    let result = match stopping.watch(done, ui).await {
        Some(result) => result,
        None => session.after_stop().await,
    };
    session.close().await;
    result
}

/// What stays open while a plan is applied.
struct Session {
    connection: Connection,
    budget: Budget,
    store: Store,
}

impl Session {
    async fn open(context: &Context, args: &ApplyArgs) -> Result<Self, CliError> {
        seconds("--lock-timeout", args.lock_timeout)?;
        let store = context.store()?;
        let connection = Connection::open(&context.loaded.root, &context.environment).await?;
        Ok(Self {
            connection,
            budget: Budget::new(&context.environment.limits),
            store,
        })
    }

    async fn lock(
        &self,
        context: &Context,
        args: &ApplyArgs,
    ) -> Result<Journal<'_, Store>, CliError> {
        let wait = seconds("--lock-timeout", args.lock_timeout)?;
        Journal::open(&self.store, &context.environment.name, holder(), wait)
            .await
            .map_err(lock_failed)
    }

    /// Lets go of everything.
    async fn close(self) {
        let Self {
            connection,
            budget: _,
            store,
        } = self;
        let_go(&store).await;
        connection.close().await;
    }

    /// What is left after an apply that stopped at once: whatever was sent has its intent in the state.
    async fn after_stop(&self) -> Result<Exit, CliError> {
        Ui::to_stderr(
            "Stopped at once. The next apply finds out what became of what was under way.\n",
        );
        let stored = self.store.load().await.map_err(store_failed)?;
        Ok(if stored.state.intents.is_empty() {
            Exit::Partial
        } else {
            Exit::Unknown
        })
    }
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

/// Finds out what became of creates of earlier runs; returns the live offers that those may have made of which
/// nobody can tell.
async fn settle<R: RemoteWrite>(
    context: &Context,
    (remote, budget): (&R, &Budget),
    journal: &mut Journal<'_, Store>,
    ui: &Ui,
) -> Result<Near, CliError> {
    if journal.state().intents.is_empty() {
        return Ok(Near::new());
    }
    let settled = {
        let _progress = ui.spinner("Finding out what became of an earlier apply");
        let fetcher = context.fetcher(remote, budget);
        settle_pending(
            fetcher,
            (context.environment.api, context.window()),
            journal,
        )
        .await
    };
    let settled = settled.map_err(|error| match error {
        SettleError::Fetch(error) => fetch_failed(error),
        SettleError::Store(error) => store_failed(error),
    })?;
    let mut near = Near::new();
    for Settled { name, verdict, .. } in settled {
        let became = match verdict {
            Verdict::Made(id) => format!("made {id}"),
            Verdict::NotMade => "made nothing".to_owned(),
            Verdict::Undecidable(ids) => {
                near.insert(name.clone(), ids);
                "cannot be settled".to_owned()
            }
        };
        ui.say(&format!(
            "The create of {name} by an earlier apply {became}.\n"
        ));
    }
    Ok(near)
}

/// The live offers that an unsettled create may have made, by its name.
type Near = BTreeMap<Name, Vec<OfferId>>;

/// What is carried out.
struct Work<'a> {
    plan: &'a Plan,
    live: &'a Live,
    nonce: Option<&'a str>,
    near: &'a Near,
    stop: watch::Receiver<bool>,
}

/// Applies a plan that nothing stands against, and prints the report.
async fn carry_out<R: RemoteWrite>(
    context: &Context,
    (remote, budget): (&R, &Budget),
    journal: &mut Journal<'_, Store>,
    work: Work<'_>,
    (shown, global, ui): (&Shown<'_>, &Global, &Ui),
) -> Result<Exit, CliError> {
    let Work {
        plan,
        live,
        nonce,
        near,
        stop,
    } = work;
    let applied = {
        let progress = ui.progress(plan.steps.len());
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
            stop,
        };
        apply(task, remote, budget, journal).await
    };
    let Applied {
        mut report,
        problem,
    } = applied;
    report.add_pending(journal.state(), near);
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
