//! A plan in words: [`plan_text`].

mod change;
mod field;
mod notes;
mod prices;
mod problems;
mod section;
mod steps;

pub(super) use self::change::{change_text, lost_words, reasons};
pub(super) use self::field::{direction, percent_words};
pub(super) use self::notes::{note_words, unmanaged_words};
pub(super) use self::problems::{PENDING, pending_title};
pub use self::steps::steps_text;

use offerctl_manifest::source::Sources;
use offerctl_model::words::plural;
use offerctl_reconcile::guard::Findings;
use offerctl_reconcile::headline::Headline;
use offerctl_reconcile::plan::{Action, Change, Plan};

use self::section::section;
use super::approval::approved_lines;
use super::flow::Flow;
use super::page::{Page, Tone};

/// Writes a plan for people, the summary on its last line.
pub fn plan_text(
    plan: &Plan,
    headline: &Headline,
    findings: &Findings,
    sources: &Sources,
    page: Page,
) -> String {
    let mut sections = vec![headline_text(headline, page)];
    for action in Action::ALL {
        let changes: Vec<&Change> = of_action(plan, action).collect();
        if !changes.is_empty() {
            let blocks = changes.iter().map(|change| {
                let approved = approved_lines(plan, findings, &change.name);
                change_text(change, &approved, page)
            });
            sections.push(section(&group_title(action, changes.len()), blocks, page));
        }
    }
    sections.extend(problems::sections(plan, findings, sources, page));
    sections.extend(notes::section(plan, findings, page));
    let decided =
        findings.refusals.is_empty() && plan.conflicts.is_empty() && plan.pending.is_empty();
    let mut last = String::new();
    if plan.is_empty() && decided {
        last.push_str("No changes. The live catalogue matches the manifests.\n");
    }
    // Scripts look for these two, so that they are never broken.
    for line in prices_line(plan).into_iter().chain([summary_line(plan)]) {
        last.push_str(&line);
        last.push('\n');
    }
    sections.push(last);
    sections.join("\n")
}

/// The changes of an action, by name.
pub(super) fn of_action(plan: &Plan, action: Action) -> impl Iterator<Item = &Change> {
    let changes = plan.changes.iter();
    changes.filter(move |change| change.action == action)
}

/// What stands over the changes of an action: `Create: 2 offers`.
pub(super) fn group_title(action: Action, count: usize) -> String {
    let word = match action {
        Action::Create => "Create",
        Action::Update => "Change",
        Action::Replace => "Replace",
        Action::Deactivate => "Deactivate",
        Action::Activate => "Activate",
        Action::Adopt => "Adopt",
        Action::Forget => "Forget",
    };
    format!("{word}: {}", plural(count, "offer"))
}

/// The last line of a plan.
pub(super) fn summary_line(plan: &Plan) -> String {
    let count = |action| plan.count(action);
    let mut parts = vec![
        format!("{} to create", count(Action::Create)),
        format!("{} to change", count(Action::Update)),
        format!("{} to deactivate", count(Action::Deactivate)),
    ];
    for (action, words) in [
        (Action::Replace, "to replace"),
        (Action::Activate, "to activate"),
        (Action::Adopt, "to adopt"),
        (Action::Forget, "to forget"),
    ] {
        if count(action) > 0 {
            parts.push(format!("{} {words}", count(action)));
        }
    }
    format!("Plan: {}.", parts.join(", "))
}

/// How many prices move: `Prices: 3 move, 2 up, 1 down.`
pub(super) fn prices_line(plan: &Plan) -> Option<String> {
    let moves = plan.count_price_moves();
    let verb = match moves.total() {
        0 => return None,
        1 => "moves",
        _ => "move",
    };
    Some(format!(
        "Prices: {} {verb}, {} up, {} down.",
        moves.total(),
        moves.up,
        moves.down
    ))
}

fn headline_text(headline: &Headline, page: Page) -> String {
    let Headline {
        environment,
        endpoint,
        ..
    } = headline;
    let account = headline.account_words(ToString::to_string);
    let mut flow = Flow::new();
    flow.text(Tone::Strong, environment);
    flow.text(None, &format!(" ({endpoint}, {account})"));
    flow.lay(page, 0, 4) + "\n"
}
