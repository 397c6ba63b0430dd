//! What keeps a plan from being applied, what it warns of, and what nobody knows yet: [`sections`].

use offerctl_manifest::source::Sources;
use offerctl_model::words::plural;
use offerctl_reconcile::guard::Findings;
use offerctl_reconcile::plan::Plan;

use super::section::section;
use crate::render::flow::Flow;
use crate::render::page::{Page, Tone};
use crate::render::problem::{Problem, ProblemKind, problems};

/// What is said of a create whose outcome nobody knows.
pub(crate) const PENDING: &str =
    "an earlier create of it was sent, and nobody knows yet whether it was made; apply settles it";

/// The columns that everything below the first line is indented by.
const INDENT: usize = 4;

/// Writes what has to be looked at, the worst first.
pub(super) fn sections(
    plan: &Plan,
    findings: &Findings,
    sources: &Sources,
    page: Page,
) -> Vec<String> {
    let mut sections = Vec::new();
    if !plan.pending.is_empty() {
        let blocks = plan.pending.keys().map(|name| {
            let mut flow = Flow::new();
            flow.text(Tone::Change, "? unknown");
            flow.text(None, &format!(" {name}:")).prose(None, PENDING);
            flow.lay(page, 0, INDENT) + "\n"
        });
        sections.push(section(&pending_title(plan), blocks, page));
    }
    for kind in ProblemKind::ALL {
        let found = problems(plan, findings, kind);
        if !found.is_empty() {
            let blocks = found.iter().map(|problem| text(problem, sources, page));
            sections.push(section(&kind.title(found.len()), blocks, page));
        }
    }
    sections
}

/// What stands over the creates whose outcome nobody knows.
pub(crate) fn pending_title(plan: &Plan) -> String {
    format!("Unknown: {}", plural(plan.pending.len(), "create"))
}

fn text(problem: &Problem, sources: &Sources, page: Page) -> String {
    let mut head = Flow::new();
    let tone = match problem.kind {
        ProblemKind::Conflict | ProblemKind::Refusal => Tone::Bad,
        ProblemKind::Warning => Tone::Change,
    };
    head.text(
        tone,
        &format!("! {} {}:", problem.kind.word(), problem.code),
    );
    head.prose(None, &problem.message);
    let mut text = head.lay(page, 0, INDENT) + "\n";
    let place = problem
        .span
        .filter(|span| sources.file(span.file).is_some())
        .map(|span| sources.describe(span));
    if let Some(place) = place {
        let mut flow = Flow::new();
        flow.text(None, "at ").solid(None, &place);
        push(&mut text, &flow, page);
    }
    for (index, line) in problem.help.lines().enumerate() {
        let mut flow = Flow::new();
        if index == 0 {
            flow.text(None, "help:").prose(None, line);
            push(&mut text, &flow, page);
            continue;
        }
        flow.prose(None, line);
        text.push_str(&" ".repeat(2 * INDENT));
        text.push_str(&flow.lay(page, 2 * INDENT, INDENT + "help: ".len()));
        text.push('\n');
    }
    text
}

fn push(text: &mut String, flow: &Flow, page: Page) {
    text.push_str(&" ".repeat(INDENT));
    text.push_str(&flow.lay(page, INDENT, INDENT + "help: ".len()));
    text.push('\n');
}
