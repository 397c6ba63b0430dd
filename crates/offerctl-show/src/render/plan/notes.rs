//! What is worth a word without being a change: [`section`].

use offerctl_model::words::{plural, quoted};
use offerctl_reconcile::guard::Findings;
use offerctl_reconcile::plan::{Note, Plan, Unmanaged};

use crate::render::approval::unused_words;
use crate::render::flow::Flow;
use crate::render::lookalikes::{LOOKALIKES_SHOWN, lookalike_words};
use crate::render::page::{Page, Tone};

/// How many unmanaged offers are named.
const UNMANAGED_SHOWN: usize = 10;

/// Writes the notes, if there are any.
pub(super) fn section(plan: &Plan, findings: &Findings, page: Page) -> Option<String> {
    let mut text = String::new();
    let mut push = |tone: Option<Tone>, head: &str, words: &str| {
        let mut flow = Flow::new();
        flow.text(tone, head).space().text(None, words);
        let indent = if tone.is_some() { 0 } else { 4 };
        text.push_str(&" ".repeat(indent));
        text.push_str(&flow.lay(page, indent, indent + 4));
        text.push('\n');
    };
    let mut alike = 0;
    for note in &plan.notes {
        alike += usize::from(matches!(note, Note::Lookalikes(_)));
        if alike <= LOOKALIKES_SHOWN || !matches!(note, Note::Lookalikes(_)) {
            push(Some(Tone::Faint), "note:", &note_words(note));
        }
    }
    if alike > LOOKALIKES_SHOWN {
        let more = plural(alike - LOOKALIKES_SHOWN, "group");
        let words = format!("{more} more of offers that look alike; --format json has all");
        push(Some(Tone::Faint), "note:", &words);
    }
    for words in unused_words(plan, findings) {
        push(Some(Tone::Faint), "note:", &words);
    }
    if let Some(words) = unmanaged_words(plan) {
        push(Some(Tone::Faint), "note:", &format!("{words}:"));
        for offer in plan.unmanaged.iter().take(UNMANAGED_SHOWN) {
            let Unmanaged {
                id,
                offer_type,
                title,
            } = offer;
            let words = format!("({offer_type}) {}", quoted(title));
            push(None, &id.to_string(), &words);
        }
        if plan.unmanaged.len() > UNMANAGED_SHOWN {
            let more = plan.unmanaged.len() - UNMANAGED_SHOWN;
            push(None, "and", &format!("{more} more"));
        }
    }
    (!text.is_empty()).then_some(text)
}

/// A note in words.
pub(crate) fn note_words(note: &Note) -> String {
    match note {
        Note::Released { name, path } => {
            format!("`{path}` of {name} is no longer managed and stays as it is")
        }
        Note::Moved { from, to } => format!("{from} goes on as {to}"),
        Note::Lookalikes(found) => lookalike_words(found),
    }
}

/// How many offers belong to nobody.
pub(crate) fn unmanaged_words(plan: &Plan) -> Option<String> {
    let verb = match plan.unmanaged.len() {
        0 => return None,
        1 => "belongs to no manifest and is left alone",
        _ => "belong to no manifest and are left alone",
    };
    let count = plural(plan.unmanaged.len(), "offer");
    Some(format!("{count} of the account {verb}"))
}
