//! What an import wrote, and what a rebuilt state knows, in words.

use offerctl_model::name::Name;
use offerctl_model::words::{plural, quoted};
use offerctl_reconcile::conflict::Conflict;
use offerctl_reconcile::headline::Headline;
use offerctl_reconcile::import::{Imported, Left, Written};
use offerctl_reconcile::rebuild::Rebuilt;

use super::flow::Flow;
use super::lookalikes::{LOOKALIKES_SHOWN, lookalike_words};
use super::page::{Page, Tone, headline_text, push_line};

/// How many offers that were left out are named before the rest is counted.
const LEFT_SHOWN: usize = 20;

/// Writes what was imported for people; the summary is on the last line.
pub fn imported_text(
    imported: &Imported,
    files: &[(&str, Written)],
    headline: &Headline,
    page: Page,
) -> String {
    let style = page.style;
    let mut text = headline_text(headline, style);
    text.push('\n');
    let width = files.iter().map(|(path, _)| path.len()).max().unwrap_or(0);
    for (path, written) in files {
        let (tone, head) = match written {
            Written::New => (Tone::Good, "+ written  "),
            Written::Planned => (Tone::Good, "+ to write "),
            Written::Unchanged => (Tone::Faint, "  unchanged"),
        };
        let file = imported.files.iter().find(|file| file.path == *path);
        let offers = file.map_or_else(String::new, |file| plural(file.offers, "offer"));
        let line = format!("{}  {path:width$}  {offers}", style.paint(tone, head));
        push_line(&mut text, format_args!("{}", line.trim_end()));
    }
    for (name, differs) in &imported.adopted {
        let more = if *differs {
            "; it is not as the manifest says, which a plan shows"
        } else {
            ""
        };
        let id = imported
            .bindings
            .get(name)
            .map_or_else(String::new, |binding| binding.id.to_string());
        let head = style.paint(Tone::Change, "→ bound");
        let mut flow = Flow::new();
        flow.solid(None, &head)
            .space()
            .text(None, &format!("{name} to {id}{more}"));
        text.push_str(&flow.lay(page, 0, 4));
        text.push('\n');
    }
    if !files.is_empty() || !imported.adopted.is_empty() {
        text.push('\n');
    }
    open(&mut text, &imported.open, page);
    left(&mut text, &imported.left, page);
    notes(&mut text, imported, page);
    let new = imported.offers.len();
    let verb = if files
        .iter()
        .any(|(_, written)| *written == Written::Planned)
    {
        "To import"
    } else {
        "Imported"
    };
    push_line(
        &mut text,
        format_args!(
            "{verb}: {} in {}, {} bound, {} left out{}.",
            plural(new, "offer"),
            plural(imported.files.len(), "file"),
            imported.bindings.len(),
            imported.left.len(),
            match imported.open.len() {
                0 => String::new(),
                open => format!(", {open} open"),
            }
        ),
    );
    text
}

/// What is worth a word without being wrong.
fn notes(text: &mut String, imported: &Imported, page: Page) {
    for (name, fields) in &imported.unsettable {
        let fields: Vec<String> = fields.iter().map(|field| format!("`{field}`")).collect();
        note(
            text,
            &format!(
                "{name} has {}, which the API cannot set: it stays as it is",
                fields.join(", ")
            ),
            page,
        );
    }
    for found in imported.lookalikes.iter().take(LOOKALIKES_SHOWN) {
        note(text, &lookalike_words(found), page);
    }
    if let Some(more) = imported
        .lookalikes
        .len()
        .checked_sub(LOOKALIKES_SHOWN)
        .filter(|more| *more > 0)
    {
        let words = format!("{} more of offers that look alike", plural(more, "group"));
        note(text, &words, page);
    }
    if !imported.absent.is_empty() {
        let shown: Vec<&str> = imported.absent.iter().take(5).map(Name::as_str).collect();
        let more = if imported.absent.len() > shown.len() {
            ", …"
        } else {
            ""
        };
        let verb = if imported.absent.len() == 1 {
            "is"
        } else {
            "are"
        };
        let words = format!(
            "{} {verb} declared and not live, so that an apply makes them: {}{more}",
            plural(imported.absent.len(), "offer"),
            shown.join(", ")
        );
        note(text, &words, page);
    }
    if imported.inactive > 0 {
        let verb = if imported.inactive == 1 {
            "cannot be bought and was"
        } else {
            "cannot be bought and were"
        };
        let words = format!(
            "{} {verb} left out; --inactive writes them, too",
            plural(imported.inactive, "offer")
        );
        note(text, &words, page);
    }
}

fn left(text: &mut String, left: &[Left], page: Page) {
    for Left {
        id,
        offer_type,
        title,
        reasons,
        project: _,
    } in left.iter().take(LEFT_SHOWN)
    {
        let head = page.style.paint(Tone::Bad, "! left out");
        push_line(
            text,
            format_args!("{head} {id} ({offer_type}) {}", quoted(title)),
        );
        for reason in reasons {
            let mut flow = Flow::new();
            flow.prose(None, reason);
            text.push_str("    ");
            text.push_str(&flow.lay(page, 4, 4));
            text.push('\n');
        }
    }
    if left.len() > LEFT_SHOWN {
        let more = left.len() - LEFT_SHOWN;
        push_line(
            text,
            format_args!("    and {more} more; --format json has all"),
        );
    }
    if !left.is_empty() {
        let words = "a manifest cannot say what these offers are, so nothing was written for them: \
                     mend them in Cleeng's dashboard and import again, or leave them unmanaged";
        note(text, words, page);
    }
}

/// What a person has to decide, with the way out of each.
fn open(text: &mut String, conflicts: &[Conflict], page: Page) {
    for conflict in conflicts {
        let head = page.style.paint(Tone::Bad, "! open");
        let mut flow = Flow::new();
        flow.solid(None, &head)
            .prose(None, &format!("{}: {}", conflict.name, conflict.message));
        text.push_str(&flow.lay(page, 0, 4));
        text.push('\n');
        let mut flow = Flow::new();
        flow.prose(None, &conflict.help);
        text.push_str("    ");
        text.push_str(&flow.lay(page, 4, 4));
        text.push('\n');
    }
}

fn note(text: &mut String, words: &str, page: Page) {
    let mut flow = Flow::new();
    flow.text(Tone::Faint, "note:").prose(None, words);
    text.push_str(&flow.lay(page, 0, 4));
    text.push('\n');
}

/// Writes what a state was told anew for people, each with its evidence.
pub fn rebuilt_text(rebuilt: &Rebuilt, headline: &Headline, page: Page) -> String {
    let style = page.style;
    let mut text = headline_text(headline, style);
    text.push('\n');
    for (name, found) in &rebuilt.found {
        let head = style.paint(Tone::Change, "→ bind");
        let binding = &found.binding;
        let more = if found.differs {
            "; it differs from the manifest"
        } else {
            ""
        };
        let mut flow = Flow::new();
        flow.solid(None, &head).space().text(
            None,
            &format!(
                "{name} to {} ({}): {}{more}",
                binding.id,
                binding.offer_type,
                found.rule.evidence()
            ),
        );
        text.push_str(&flow.lay(page, 0, 4));
        text.push('\n');
    }
    for (name, known) in rebuilt.known.iter().filter(|(_, known)| !known.is_listed) {
        let head = style.paint(Tone::Bad, "! missing");
        push_line(
            &mut text,
            format_args!(
                "{head} {name} is bound to {}, which the account does not list",
                known.id
            ),
        );
    }
    open(&mut text, &rebuilt.open, page);
    for (name, offer_type) in &rebuilt.absent {
        let head = style.paint(Tone::Faint, "  absent");
        push_line(
            &mut text,
            format_args!("{head} {name} ({offer_type}): nothing live is like it"),
        );
    }
    text.push('\n');
    push_line(
        &mut text,
        format_args!(
            "Rebuilt: {} known, {} found, {} open, {} absent.",
            rebuilt.known.len(),
            rebuilt.found.len(),
            rebuilt.open.len(),
            rebuilt.absent.len()
        ),
    );
    text
}
