//! `offerctl plan`: what would an apply do?

mod github;

use std::path::Path;

use offerctl_core::check::check;
use offerctl_core::desired::Desired;
use offerctl_core::detail::wanted_details;
use offerctl_core::document::{Headline, PlanDocument, TerraformReport, to_text};
use offerctl_core::fingerprint::plan_id;
use offerctl_core::guard::{Findings, Policy, review};
use offerctl_core::live::Live;
use offerctl_core::manifest::Date;
use offerctl_core::name::OfferId;
use offerctl_core::offer_type::OfferType;
use offerctl_core::plan::{Plan, plan};
use offerctl_core::render::{COMMENT_LIMIT, MarkdownPlan, plan_markdown, plan_text, steps_text};
use offerctl_core::state::State;
use offerctl_engine::budget::Budget;
use offerctl_engine::remote::RemoteRead;

use self::github::Step;
use super::saved;
use crate::args::{Format, Global, PlanArgs};
use crate::context::{Context, leave_to_the_end, load_state, now};
use crate::error::CliError;
use crate::exit::Exit;
use crate::file;
use crate::ui::Ui;

/// A plan with all that is shown of it.
#[derive(Debug)]
pub(crate) struct Prepared {
    /// The name of the project, if it has one.
    pub(crate) project: Option<String>,
    pub(crate) plan: Plan,
    pub(crate) plan_id: String,
    pub(crate) headline: Headline,
    pub(crate) findings: Findings,
    pub(crate) live: Live,
    /// The rows that were read by themselves.
    pub(crate) details: Vec<(OfferType, OfferId)>,
}

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
    let desired = context.desired(ui)?;
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

/// Reads the live catalogue and plans against it.
pub(crate) async fn prepare<R: RemoteRead>(
    context: &Context,
    (desired, state): (&Desired, &State),
    remote: (&R, &Budget),
    allow_deactivations: Option<usize>,
    ui: &Ui,
) -> Result<Prepared, CliError> {
    let wanted = |live: &Live| wanted_details(desired, live, state);
    let (live, details) = context.read_live(remote, state, wanted, ui).await?;
    let plan = plan(desired, &live, state);
    let violations = check(&plan, desired, &live, state);
    if let Some(violation) = violations.first() {
        // A plan with conflicts is never used; only one that could be must be right.
        if plan.conflicts.is_empty() {
            let message = format!(
                "this is a bug in offerctl: the plan does not hold up, {violation}; nothing was written"
            );
            return Err(CliError::new(Exit::Error, message)
                .hint("please report it with the output of `plan --steps`"));
        }
    }
    let policy = Policy {
        guards: &context.environment.guards,
        account: &context.environment.account,
        account_of_another: context.account_of_another(&live, state).await,
        today: Date::of(now()),
        allow_deactivations,
        found_manifests: Some(context.loaded.manifest_files > 0),
    };
    let findings = review(&plan, &policy);
    Ok(Prepared {
        project: context.loaded.project.name.clone(),
        plan_id: plan_id(&context.environment.name, &plan, &live),
        headline: context.headline(&live, state),
        plan,
        findings,
        live,
        details,
    })
}

impl Prepared {
    /// Whether anything keeps the plan from being applied.
    pub(crate) fn is_refused(&self) -> bool {
        !self.findings.refusals.is_empty() || !self.plan.conflicts.is_empty()
    }

    /// The plan for scripts.
    pub(crate) fn document(&self, context: &Context) -> PlanDocument {
        PlanDocument::new(
            &self.plan,
            &self.plan_id,
            &self.headline,
            &self.findings,
            &context.loaded.sources,
        )
    }

    /// The plan for a comment, before it is written.
    pub(crate) fn markdown<'a>(&'a self, context: &'a Context) -> MarkdownPlan<'a> {
        MarkdownPlan {
            plan: &self.plan,
            plan_id: &self.plan_id,
            project: self.project.as_deref(),
            headline: &self.headline,
            findings: &self.findings,
            sources: &context.loaded.sources,
            lost_conflicts: 0,
        }
    }

    /// The plan for people.
    pub(crate) fn text(&self, context: &Context, ui: &Ui) -> String {
        plan_text(
            &self.plan,
            &self.headline,
            &self.findings,
            &context.loaded.sources,
            ui.page(),
        )
    }
}

/// Writes a file that was asked for.
pub(crate) fn write_file(path: &Path, bytes: &[u8]) -> Result<(), CliError> {
    file::write_document(path, bytes).map_err(|error| unwritten(path).caused_by(error))
}

fn unwritten(path: &Path) -> CliError {
    CliError::new(Exit::Error, format!("failed to write `{}`", path.display()))
}
