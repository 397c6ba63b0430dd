//! All the rest, folded: [`sections`].

use offerctl_model::foreign::escaped;
use offerctl_model::words::{plural, quoted};
use offerctl_reconcile::guard::Findings;
use offerctl_reconcile::plan::{Action, Plan, Unmanaged};

use super::escape::Fence;
use super::plan::MarkdownPlan;
use super::section::Section;
use crate::render::approval::{approved_lines, unused_words};
use crate::render::page::{Page, Style};
use crate::render::plan::{change_text, group_title, note_words, of_action, unmanaged_words};

/// As wide as a comment shows without a bar to scroll.
const PAGE: Page = Page {
    style: Style::Plain,
    width: 100,
};

/// The most bytes of one offer: one that needs more must not keep the others from being shown.
const LONGEST_OFFER: usize = 8 * 1024;

/// Returns what happens to each offer, and what is worth a note.
pub(super) fn sections(shown: &MarkdownPlan<'_>) -> Vec<Section> {
    let plan = shown.plan;
    let mut sections: Vec<Section> = Action::ALL
        .into_iter()
        .map(|action| {
            let entries: Vec<String> = of_action(plan, action)
                .map(|change| {
                    cut_lines(&change_text(
                        change,
                        &approved_lines(plan, shown.findings, &change.name),
                        PAGE,
                    )) + "\n"
                })
                .collect();
            fold(
                &group_title(action, entries.len()),
                "diff",
                entries,
                "offers",
            )
        })
        .collect();
    sections.push(notes(plan, shown.findings));
    sections.push(unmanaged(plan));
    sections.retain(|section| !section.entries.is_empty());
    sections
}

/// A block of code in a fold.
fn fold(title: &str, language: &str, entries: Vec<String>, nouns: &'static str) -> Section {
    let fence = Fence::around(&entries);
    Section {
        open: format!(
            "<details><summary>{title}</summary>\n\n{}",
            fence.open(language)
        ),
        entries,
        close: format!("{}\n</details>\n\n", fence.close()),
        nouns,
    }
}

fn notes(plan: &Plan, findings: &Findings) -> Section {
    let line = |note| escaped(&note_words(note)) + "\n";
    let unused = unused_words(plan, findings);
    let unused = unused.iter().map(|words| escaped(words) + "\n");
    let entries: Vec<String> = plan.notes.iter().map(line).chain(unused).collect();
    let title = format!("Notes: {}", plural(entries.len(), "note"));
    fold(&title, "text", entries, "notes")
}

fn unmanaged(plan: &Plan) -> Section {
    let line = |offer: &Unmanaged| {
        let Unmanaged {
            id,
            offer_type,
            title,
        } = offer;
        format!("{id} ({offer_type}) {}\n", quoted(title))
    };
    let entries = plan.unmanaged.iter().map(line).collect();
    fold(
        &unmanaged_words(plan).unwrap_or_default(),
        "text",
        entries,
        "offers",
    )
}

/// The text of an offer, cut after a line if it is very long.
fn cut_lines(text: &str) -> String {
    if text.len() <= LONGEST_OFFER {
        return text.to_owned();
    }
    let mut shown = String::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if shown.len() + line.len() > LONGEST_OFFER {
            let more = plural(lines.count() + 1, "more line");
            return format!("{shown}    … and {more}\n");
        }
        shown.extend([line, "\n"]);
    }
    shown
}
