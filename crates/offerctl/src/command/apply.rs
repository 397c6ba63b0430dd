//! `offerctl apply`: carry out what the manifests say, or a saved plan.

use std::path::Path;

use offerctl_core::document::{Headline, PlanDocument, ReportDocument, to_text};
use offerctl_core::guard::{Policy, Refusal, review};
use offerctl_core::live::Live;
use offerctl_core::manifest::Date;
use offerctl_core::plan::Plan;
use offerctl_core::render::{plan_text, report_text};
use offerctl_core::report::Report;
use offerctl_core::saved::SavedPlan;
use offerctl_core::source::Sources;
use offerctl_core::state::State;
use offerctl_engine::apply::{Applied, Event, Task, apply};
use offerctl_engine::budget::Budget;
use offerctl_engine::fetch::{fetch, fetch_details};
use offerctl_engine::remote::{RemoteRead, RemoteWrite};
use offerctl_engine::store::{Journal, LocalStore, StateStore};
use tokio::sync::watch;

use super::plan::{Prepared, prepare};
use super::{plan, saved};
use crate::args::{ApplyArgs, Format, Global, PlanArgs};
use crate::context::{Context, fetch_failed, holder, lock_failed, now, seconds, store_failed};
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
        let plan_args = PlanArgs {
            out: None,
            json_into: None,
            detailed_exitcode: false,
            steps: false,
        };
        return plan::run(global, &plan_args, args.allow_deactivations, ui).await;
    }
    let context = Context::of_manifests(global, ui)?;
    let desired = context.desired(ui)?;
    context.refuse_fleeting_state()?;
    check_approval(&context, args, ui)?;
    let session = Session::open(&context, args).await?;
    let done = async {
        let writer = session.connection.writer()?;
        let mut journal = session.lock(&context, args).await?;
        let state = journal.state().clone();
        let prepared = prepare(
            &context,
            (&desired, &state),
            (&writer, &session.budget),
            args.allow_deactivations,
            ui,
        )
        .await?;
        let shown = Shown {
            plan: &prepared.plan,
            plan_id: &prepared.plan_id,
            headline: &prepared.headline,
            refusals: &prepared.refusals,
            sources: &context.loaded.sources,
        };
        shown.show(global, ui);
        if prepared.is_refused() {
            shown.show_refusal(global, ui);
            return Ok(Exit::Refused);
        }
        if !prepared.plan.steps.is_empty() {
            ask_approval(&context, args, ui)?;
        }
        let Prepared { plan, live, .. } = &prepared;
        carry_out(
            &context,
            (&writer, &session.budget),
            &mut journal,
            (plan, live, None),
            (&shown, global, ui),
        )
        .await
    };
    let result = done.await;
    session.connection.close().await;
    result
}

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

/// Applies a plan as it was saved, or not at all.
async fn run_saved(
    global: &Global,
    args: &ApplyArgs,
    path: &Path,
    ui: &Ui,
) -> Result<Exit, CliError> {
    let (saved, conflicts) = saved::read(path)?;
    let other = |what: String| {
        CliError::new(
            Exit::Stale,
            format!("the saved plan `{}` {what}", path.display()),
        )
        .hint("make a new one with `offerctl plan --out FILE`")
    };
    if let Some(named) = &global.environment
        && *named != saved.environment
    {
        return Err(other(format!(
            "is for the environment `{}`, not for `{named}`",
            saved.environment
        )));
    }
    let mut of_plan = global.clone();
    of_plan.environment = Some(saved.environment.clone());
    let context = match Context::of_project(&of_plan, ui) {
        Err(error) if error.exit == Exit::Usage => {
            return Err(other(format!(
                "is for the environment `{}`, which is not there",
                saved.environment
            )));
        }
        context => context?,
    };
    if saved.plan.api != context.environment.api
        || saved.endpoint != context.environment.endpoint.describe()
    {
        return Err(other(format!(
            "was made for {} over {}",
            saved.endpoint, saved.plan.api
        )));
    }
    if args.dry_run {
        return dry_run_saved(&context, args, (&saved, conflicts), (global, ui), other).await;
    }
    context.refuse_fleeting_state()?;
    if context.environment.confirm {
        check_approval(&context, args, ui)?;
    }
    let session = Session::open(&context, args).await?;
    let done = async {
        let writer = session.connection.writer()?;
        let mut journal = session.lock(&context, args).await?;
        let reach = (&writer, &session.budget);
        let live = read_for(&context, &saved, reach).await?;
        if let Some(misfit) = misfit(&saved, &live, journal.state()) {
            return Err(other(misfit));
        }
        let refusals = refusals(&context, args, &saved);
        let headline = context.headline(&live, journal.state());
        let sources = Sources::default();
        let shown = Shown::of_saved(&saved, &headline, &refusals, &sources);
        shown.show(global, ui);
        if !refusals.is_empty() || conflicts > 0 {
            shown.show_refusal(global, ui);
            return Ok(Exit::Refused);
        }
        if context.environment.confirm {
            ask_approval(&context, args, ui)?;
        }
        let task = (&saved.plan, &live, Some(saved.nonce.as_str()));
        carry_out(&context, reach, &mut journal, task, (&shown, global, ui)).await
    };
    let result = done.await;
    session.connection.close().await;
    result
}

/// Shows whether a saved plan could be applied now; takes no lock and writes nothing.
async fn dry_run_saved(
    context: &Context,
    args: &ApplyArgs,
    (saved, conflicts): (&SavedPlan, usize),
    (global, ui): (&Global, &Ui),
    other: impl Fn(String) -> CliError,
) -> Result<Exit, CliError> {
    let store = context.store()?;
    let connection = Connection::open(&context.loaded.root, &context.environment).await?;
    let budget = Budget::new(&context.environment.limits);
    let done = async {
        let reader = connection.reader()?;
        let state = store.load().await.map_err(store_failed)?.state;
        let live = read_for(context, saved, (&reader, &budget)).await?;
        if let Some(misfit) = misfit(saved, &live, &state) {
            return Err(other(misfit));
        }
        let refusals = refusals(context, args, saved);
        let headline = context.headline(&live, &state);
        let sources = Sources::default();
        match global.format {
            Format::Json => {
                let mut document =
                    PlanDocument::new(&saved.plan, &saved.plan_id, &headline, &refusals, &sources);
                document.summary.conflicts = conflicts;
                ui.data(&to_text(&document));
            }
            Format::Text => Shown::of_saved(saved, &headline, &refusals, &sources).show(global, ui),
        }
        let refused = !refusals.is_empty() || conflicts > 0;
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

/// Reads the live catalogue as a saved plan saw it: what was read by itself then is read by itself now.
async fn read_for<R: RemoteRead>(
    context: &Context,
    saved: &SavedPlan,
    (remote, budget): (&R, &Budget),
) -> Result<Live, CliError> {
    let fetcher = context.fetcher(remote, budget);
    let mut live = fetch(fetcher).await.map_err(fetch_failed)?;
    let details: Vec<_> = saved.details.iter().cloned().collect();
    fetch_details(fetcher, &mut live, &details)
        .await
        .map_err(fetch_failed)?;
    Ok(live)
}

/// Runs the guards over a saved plan again, as of today.
fn refusals(context: &Context, args: &ApplyArgs, saved: &SavedPlan) -> Vec<Refusal> {
    let policy = Policy {
        guards: &context.environment.guards,
        account: &context.environment.account,
        today: Date::of(now()),
        allow_deactivations: args.allow_deactivations,
        found_manifests: None,
    };
    review(&saved.plan, &policy)
}

/// What stays open while a plan is applied.
struct Session {
    connection: Connection,
    budget: Budget,
    store: LocalStore,
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
    ) -> Result<Journal<'_, LocalStore>, CliError> {
        let wait = seconds("--lock-timeout", args.lock_timeout)?;
        Journal::open(&self.store, &context.environment.name, holder(), wait)
            .await
            .map_err(lock_failed)
    }
}

/// What is shown of a plan before it is applied.
struct Shown<'a> {
    plan: &'a Plan,
    plan_id: &'a str,
    headline: &'a Headline,
    refusals: &'a [Refusal],
    sources: &'a Sources,
}

impl<'a> Shown<'a> {
    fn of_saved(
        saved: &'a SavedPlan,
        headline: &'a Headline,
        refusals: &'a [Refusal],
        sources: &'a Sources,
    ) -> Self {
        Self {
            plan: &saved.plan,
            plan_id: &saved.plan_id,
            headline,
            refusals,
            sources,
        }
    }

    /// With `--format json` the one document is the report, so the plan goes where people read.
    fn show(&self, global: &Global, ui: &Ui) {
        let style = if global.format == Format::Json {
            ui.err_style()
        } else {
            ui.style()
        };
        let text = plan_text(self.plan, self.headline, self.refusals, self.sources, style);
        match global.format {
            Format::Json => ui.say(&text),
            Format::Text => ui.data(&text),
        }
    }

    fn show_refusal(&self, global: &Global, ui: &Ui) {
        if global.format == Format::Json {
            let document = PlanDocument::new(
                self.plan,
                self.plan_id,
                self.headline,
                self.refusals,
                self.sources,
            );
            ui.data(&to_text(&ReportDocument::refused(&document)));
        } else {
            ui.say("Refused, and nothing was written.\n");
        }
    }
}

/// Ends the command early where nobody can be asked and no flag answers.
fn check_approval(context: &Context, args: &ApplyArgs, ui: &Ui) -> Result<(), CliError> {
    let name = &context.environment.name;
    if let Some(confirmed) = &args.confirm {
        if confirmed != name {
            let message = format!("--confirm says `{confirmed}`, but the environment is `{name}`");
            return Err(CliError::new(Exit::Usage, message));
        }
        return Ok(());
    }
    if ui.is_interactive() || (args.auto_approve && !context.environment.confirm) {
        return Ok(());
    }
    let (message, flag) = if context.environment.confirm {
        (
            format!("the environment `{name}` has to be confirmed, and there is nobody to ask"),
            format!("--confirm {name}"),
        )
    } else {
        (
            "the plan has to be approved, and there is nobody to ask".to_owned(),
            "--auto-approve".to_owned(),
        )
    };
    Err(CliError::new(Exit::Usage, message).hint(format!("add {flag}")))
}

/// Asks whoever sits there, unless a flag has answered.
fn ask_approval(context: &Context, args: &ApplyArgs, _ui: &Ui) -> Result<(), CliError> {
    let name = &context.environment.name;
    let (wanted, question) = if context.environment.confirm {
        (
            name.as_str(),
            format!("\nType the name of the environment, `{name}`, to apply: "),
        )
    } else {
        (
            "yes",
            format!("\nApply this to `{name}`? Only `yes` is taken for an answer: "),
        )
    };
    if args.confirm.is_some() || (args.auto_approve && !context.environment.confirm) {
        return Ok(());
    }
    if Ui::ask(&question).as_deref() == Some(wanted) {
        return Ok(());
    }
    Err(CliError::new(
        Exit::Error,
        "not approved, and nothing was written",
    ))
}

/// Applies a plan that nothing stands against, and prints the report.
async fn carry_out<R: RemoteWrite>(
    context: &Context,
    (remote, budget): (&R, &Budget),
    journal: &mut Journal<'_, LocalStore>,
    (plan, live, nonce): (&Plan, &Live, Option<&str>),
    (shown, global, ui): (&Shown<'_>, &Global, &Ui),
) -> Result<Exit, CliError> {
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
        let (stop_sender, stop) = watch::channel(false);
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
        tokio::select! {
            applied = apply(task, remote, budget, journal) => Some(applied),
            () = stop_on_signal(&stop_sender, ui) => None,
        }
    };
    let Some(applied) = applied else {
        // Whatever was sent has its intent in the state: the next apply looks it up.
        Ui::to_stderr(
            "Stopped at once. The next apply finds out what became of what was under way.\n",
        );
        return Ok(if journal.state().intents.is_empty() {
            Exit::Partial
        } else {
            Exit::Unknown
        });
    };
    let Applied {
        mut report,
        problem,
    } = applied;
    report.add_pending(plan);
    match global.format {
        Format::Json => ui.data(&to_text(&ReportDocument::new(
            &report,
            shown.plan_id,
            shown.headline,
        ))),
        Format::Text if report.outcomes.is_empty() => {}
        Format::Text => {
            ui.data("\n");
            ui.data(&report_text(&report, shown.headline, ui.style()));
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

/// The first signal lets what is under way finish; this returns at the second.
async fn stop_on_signal(stop: &watch::Sender<bool>, ui: &Ui) {
    wait_for_signal().await;
    stop.send_replace(true);
    ui.say("\nInterrupted: finishing what is under way. Interrupt again to stop at once.\n");
    wait_for_signal().await;
}

/// Waits for an interrupt, or for being asked to end.
pub(super) async fn wait_for_signal() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    let _signal = tokio::signal::ctrl_c().await;
}
