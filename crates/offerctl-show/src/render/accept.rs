//! What was taken into the manifests, in words.

use std::fmt::Write;

use offerctl_manifest::source::Sources;
use offerctl_manifest::span::Span;
use offerctl_model::field::Field;
use offerctl_model::money::percent;
use offerctl_model::value::Value;
use offerctl_model::words::{plural, value_text, value_texts};
use offerctl_reconcile::accept::{Accepted, AcceptedValue, Refusal};

use super::page::{Style, Tone, push_line};

/// Writes what was accepted for people, one line per value, the summary on its last line.
pub fn accepted_text(accepted: &Accepted, style: Style) -> String {
    let mut text = String::new();
    let mut last = None;
    for value in &accepted.values {
        if last != Some(&value.name) {
            let head = style.paint(Tone::Change, "~ accepted");
            push_line(&mut text, format_args!("{head} {}", value.name));
            last = Some(&value.name);
        }
        push_line(
            &mut text,
            format_args!(
                "    {}: {} {}",
                place(value.span, &accepted.sources),
                value.path,
                move_text(value)
            ),
        );
    }
    for note in &accepted.notes {
        let head = style.paint(Tone::Faint, "note:");
        push_line(&mut text, format_args!("{head} {note}"));
    }
    if !accepted.values.is_empty() || !accepted.notes.is_empty() {
        text.push('\n');
    }
    if accepted.values.is_empty() {
        text.push_str("Nothing to accept: the manifests say what is live.\n");
    } else {
        push_line(
            &mut text,
            format_args!(
                "Accepted: {} in {}. The next apply records it.",
                plural(accepted.values.len(), "value"),
                plural(accepted.changed.len(), "file")
            ),
        );
    }
    text
}

/// Writes why nothing was accepted.
pub fn refusals_text(refusals: &[Refusal], sources: &Sources, style: Style) -> String {
    let mut text = String::new();
    for refusal in refusals {
        let head = style.paint(Tone::Bad, "! refused");
        push_line(
            &mut text,
            format_args!("{head} {}: {}", refusal.name, refusal.message),
        );
        if let Some(span) = refusal.span {
            push_line(&mut text, format_args!("    at {}", sources.describe(span)));
        }
        push_line(&mut text, format_args!("    help: {}", refusal.help));
        text.push('\n');
    }
    text
}

/// `path:line` of a place.
fn place(span: Span, sources: &Sources) -> String {
    sources.file(span.file).map_or_else(String::new, |file| {
        format!("{}:{}", file.path, file.position(span.start).line)
    })
}

fn move_text(value: &AcceptedValue) -> String {
    let AcceptedValue {
        path,
        before,
        after,
        currency,
        ..
    } = value;
    let words = |value: &Value| value_text(path.field, value, *currency);
    let Some(after) = after else {
        let before = before.as_ref().map_or_else(String::new, words);
        return format!("{before} → nothing");
    };
    if let (Some(Value::Amount(from)), Value::Amount(to), Field::Price) =
        (before, after, path.field)
    {
        // The currency stands once, after both amounts.
        let mut text = format!("{} → {}", from.in_digits_of(*currency), words(after));
        if let Some(percent) = percent(*from, *to) {
            write!(text, " ({percent})").expect("writing to a text never fails");
        }
        return text;
    }
    match before {
        Some(before) => value_texts(path.field, [before, after], *currency).join(" → "),
        None => format!("nothing → {}", words(after)),
    }
}
