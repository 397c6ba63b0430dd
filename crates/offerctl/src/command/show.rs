//! `offerctl show`: what is in a saved plan?

use offerctl_manifest::source::Sources;
use offerctl_model::json::to_text;
use offerctl_reconcile::guard::Findings;
use offerctl_reconcile::headline::Headline;
use offerctl_show::document::PlanDocument;
use offerctl_show::render::{plan_text, steps_text};

use super::saved;
use crate::args::{Format, Global, ShowArgs};
use crate::error::CliError;
use crate::exit::Exit;
use crate::ui::Ui;

/// Shows a saved plan as it was when it was saved; looks at nothing else.
pub(crate) fn run(global: &Global, args: &ShowArgs, ui: &Ui) -> Result<Exit, CliError> {
    let (saved, conflicts) = saved::read(&args.plan)?;
    let headline = Headline {
        environment: saved.environment.clone(),
        endpoint: saved.endpoint.clone(),
        account: saved.account.clone(),
        has_offers: saved.plan.facts.live > 0,
        completeness: saved.completeness,
    };
    let sources = Sources::default();
    match global.format {
        Format::Json => {
            let mut document = PlanDocument::new(
                &saved.plan,
                &saved.plan_id,
                &headline,
                &Findings::default(),
                &sources,
            );
            document.summary.conflicts = conflicts;
            ui.data(&to_text(&document));
        }
        Format::Markdown => {
            let findings = Findings::default();
            ui.data(&saved::to_markdown(
                &saved,
                conflicts,
                (&headline, &findings),
            ));
        }
        Format::Text | Format::Github | Format::Gitlab => {
            if args.steps {
                ui.data(&steps_text(&saved.plan, ui.page()));
                ui.data("\n");
            }
            if conflicts > 0 {
                ui.say("This plan has conflicts and cannot be applied.\n");
            }
            ui.data(&plan_text(
                &saved.plan,
                &headline,
                &Findings::default(),
                &sources,
                ui.page(),
            ));
        }
    }
    Ok(Exit::Success)
}
