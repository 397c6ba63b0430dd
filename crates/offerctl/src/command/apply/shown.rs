//! What is shown of a plan before it is applied: [`Shown`].

use offerctl_manifest::source::Sources;
use offerctl_model::json::to_text;
use offerctl_reconcile::guard::Findings;
use offerctl_reconcile::headline::Headline;
use offerctl_reconcile::plan::Plan;
use offerctl_reconcile::saved::SavedPlan;
use offerctl_show::document::{PlanDocument, ReportDocument};
use offerctl_show::render::{Page, plan_text};

use crate::args::{Format, Global};
use crate::ui::Ui;

/// What is shown of a plan before it is applied.
pub(super) struct Shown<'a> {
    pub(super) plan: &'a Plan,
    pub(super) plan_id: &'a str,
    pub(super) headline: &'a Headline,
    pub(super) findings: &'a Findings,
    pub(super) sources: &'a Sources,
}

impl<'a> Shown<'a> {
    pub(super) fn of_saved(
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
    pub(super) fn show(&self, global: &Global, ui: &Ui) {
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

    pub(super) fn show_refusal(&self, global: &Global, ui: &Ui) {
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
