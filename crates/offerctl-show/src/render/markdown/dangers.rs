//! What nobody may overlook: [`sections`], which are never folded.

use offerctl_manifest::source::Sources;
use offerctl_model::words::{cut, plural};
use offerctl_reconcile::plan::{Action, Change, Plan, PriceMove};
use rust_decimal::Decimal;

use super::escape::{code, prose};
use super::plan::MarkdownPlan;
use super::section::Section;
use crate::render::approval::{sold_words, uses};
use crate::render::plan::{
    PENDING, direction, group_title, lost_words, of_action, pending_title, percent_words,
    prices_line, reasons,
};
use crate::render::problem::{Problem, ProblemKind, problems};

/// The most characters of a sentence: one that names a thousand offers is not read to its end.
const LONGEST_SENTENCE: usize = 2000;

/// Returns what is dangerous, the worst first.
pub(super) fn sections(shown: &MarkdownPlan<'_>) -> Vec<Section> {
    let plan = shown.plan;
    let mut sections: Vec<Section> = ProblemKind::ALL
        .into_iter()
        .map(|kind| problem_section(shown, kind))
        .collect();
    sections.push(pending(plan));
    sections.push(approved(shown));
    for (action, nouns) in [
        (Action::Deactivate, "deactivations"),
        (Action::Replace, "replacements"),
    ] {
        sections.push(departures(plan, action, nouns));
    }
    sections.push(lost_countries(plan));
    sections.push(price_moves(plan));
    sections.retain(|section| !section.entries.is_empty());
    sections
}

fn list(title: &str, entries: Vec<String>, nouns: &'static str) -> Section {
    Section {
        open: format!("### {title}\n\n"),
        entries,
        close: "\n".to_owned(),
        nouns,
    }
}

fn problem_section(shown: &MarkdownPlan<'_>, kind: ProblemKind) -> Section {
    let found = problems(shown.plan, shown.findings, kind);
    let nouns = match kind {
        ProblemKind::Conflict => "conflicts",
        ProblemKind::Refusal => "refusals",
        ProblemKind::Warning => "warnings",
    };
    let entries = found
        .iter()
        .map(|problem| problem_entry(problem, shown.sources))
        .collect();
    list(&kind.title(found.len()), entries, nouns)
}

/// One line, so that nothing in it can begin one.
fn problem_entry(problem: &Problem, sources: &Sources) -> String {
    let sentence = |text: &str| prose(&cut(text, LONGEST_SENTENCE));
    let mut parts = vec![format!(
        "- **! {} {}**: {}",
        problem.kind.word(),
        problem.code,
        sentence(&problem.message)
    )];
    if let Some(span) = problem
        .span
        .filter(|span| sources.file(span.file).is_some())
    {
        parts.push(format!("at {}", code(&sources.describe(span))));
    }
    let help: Vec<String> = problem.help.lines().map(sentence).collect();
    parts.push(format!("help: {}", help.join("<br>")));
    parts.join("<br>") + "\n"
}

/// What would be refused and is approved in git, entry by entry.
fn approved(shown: &MarkdownPlan<'_>) -> Section {
    let uses = uses(shown.plan, shown.findings);
    let entries = uses.iter().map(|used| {
        format!(
            "- **approved** {} of {}, until {}, at {}: {}\n",
            used.approval.what.kind(),
            plural(used.offers, "offer"),
            used.approval.until,
            code(&used.approval.at()),
            code(&cut(&used.approval.reason.to_string(), LONGEST_SENTENCE)),
        )
    });
    let title = format!("Approved in git: {}", plural(uses.len(), "approval"));
    list(&title, entries.collect(), "approvals")
}

fn pending(plan: &Plan) -> Section {
    let entries = plan.pending.iter().map(|(name, offer_type)| {
        format!(
            "- **? unknown** {} ({offer_type}): {PENDING}\n",
            code(name.as_str())
        )
    });
    list(
        &pending_title(plan),
        entries.collect(),
        "creates whose outcome is unknown",
    )
}

/// An offer as an entry begins with it.
fn offer(change: &Change) -> String {
    let name = code(change.name.as_str());
    let id = change
        .id
        .as_ref()
        .map_or_else(String::new, |id| format!(" {}", code(&id.to_string())));
    format!("{name} ({}){id}", change.offer_type)
}

fn departures(plan: &Plan, action: Action, nouns: &'static str) -> Section {
    let entries = of_action(plan, action).map(|change| {
        let reasons: Vec<String> = reasons(change)
            .iter()
            .map(|reason| prose(&cut(reason, LONGEST_SENTENCE)))
            .collect();
        let head = format!(
            "- **{} {}** {}",
            action.symbol(),
            action.as_str(),
            offer(change)
        );
        let sold = change.sold.as_ref().map_or_else(String::new, |sold| {
            format!(" {}", code(&cut(&sold_words(sold), LONGEST_SENTENCE)))
        });
        format!("{head}{sold}: {}\n", reasons.join("; "))
    });
    let entries: Vec<String> = entries.collect();
    list(&group_title(action, entries.len()), entries, nouns)
}

fn lost_countries(plan: &Plan) -> Section {
    let entries = plan.changes.iter().flat_map(|change| {
        let lost = change.lost.iter();
        lost.map(|lost| format!("- {}: {}\n", offer(change), prose(&lost_words(lost))))
    });
    let entries: Vec<String> = entries.collect();
    let title = format!("Countries that go: {}", plural(entries.len(), "list"));
    list(&title, entries, "lists of countries")
}

/// A table; nothing in it was written by a stranger, so that no cell can be broken.
fn price_moves(plan: &Plan) -> Section {
    let mut moves: Vec<PriceMove<'_>> = plan.changes.iter().flat_map(Change::price_moves).collect();
    // The largest first; a move from nothing is larger than any.
    let size = |found: &PriceMove<'_>| found.ratio().map_or(Decimal::MAX, |ratio| ratio.abs());
    moves.sort_by_key(|found| std::cmp::Reverse(size(found)));
    let entries = moves.iter().map(|found| {
        let PriceMove {
            change,
            country,
            currency,
            before,
            after,
        } = found;
        let in_digits = |amount: offerctl_model::money::Amount| amount.in_digits_of(*currency);
        format!(
            "| {} | {} | {} | {} | {} | {} | {} |\n",
            code(change.name.as_str()),
            country.map_or_else(String::new, |country| country.to_string()),
            currency.map_or_else(String::new, |currency| currency.to_string()),
            in_digits(*before),
            in_digits(*after),
            percent_words(*before, *after),
            direction(*before, *after),
        )
    });
    let title = prices_line(plan).unwrap_or_default();
    Section {
        open: format!(
            "### {}\n\n| offer | country | currency | before | after | move | |\n|---|---|---|--:|--:|--:|---|\n",
            title.trim_end_matches('.')
        ),
        entries: entries.collect(),
        close: "\n".to_owned(),
        nouns: "price moves",
    }
}
