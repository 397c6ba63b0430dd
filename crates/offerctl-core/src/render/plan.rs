//! A plan in words.

use std::fmt::Write;

use similar::{ChangeTag, TextDiff};

use super::value::{escaped, quoted, value_text};
use super::{Style, Tone, headline_text, plural, push_line};
use crate::diff::{Cause, FieldChange};
use crate::document::Headline;
use crate::field::Field;
use crate::guard::{Findings, price::percent};
use crate::plan::{Action, Change, Note, Plan};
use crate::source::{Sources, Span};
use crate::value::Value;

/// Texts from this length on are shown as the words that differ.
const LONG_TEXT: usize = 40;

/// How many unmanaged offers are named.
const UNMANAGED_SHOWN: usize = 10;

/// Writes a plan for people, the summary on its last line.
pub fn plan_text(
    plan: &Plan,
    headline: &Headline,
    findings: &Findings,
    sources: &Sources,
    style: Style,
) -> String {
    let mut text = headline_text(headline, style);
    text.push('\n');
    for action in Action::ALL {
        for change in plan.changes.iter().filter(|change| change.action == action) {
            change_text(&mut text, change, style);
        }
    }
    for name in plan.pending.keys() {
        let words = "an earlier create of it was sent, and nobody knows yet whether it was made; apply settles it";
        line(
            &mut text,
            Tone::Change,
            "? unknown",
            &format!("{name}: {words}"),
            style,
        );
    }
    for conflict in &plan.conflicts {
        let head = format!("! conflict {}", conflict.code);
        problem(
            &mut text,
            &head,
            (&conflict.message, &conflict.help),
            place(conflict.span, sources).as_deref(),
            style,
        );
    }
    let refused = findings.refusals.iter().map(|found| ("refused", found));
    let warned = findings.warnings.iter().map(|found| ("warning", found));
    for (word, found) in refused.chain(warned) {
        problem(
            &mut text,
            &format!("! {word} {}", found.code),
            (&found.message, &found.help),
            place(found.span, sources).as_deref(),
            style,
        );
    }
    notes_text(&mut text, plan, style);
    let decided =
        findings.refusals.is_empty() && plan.conflicts.is_empty() && plan.pending.is_empty();
    if plan.is_empty() && decided {
        text.push_str("No changes. The live catalogue matches the manifests.\n");
    }
    text.push_str(&summary_line(plan));
    text
}

fn summary_line(plan: &Plan) -> String {
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
    format!("Plan: {}.\n", parts.join(", "))
}

fn change_text(text: &mut String, change: &Change, style: Style) {
    let tone = match change.action {
        Action::Create | Action::Activate | Action::Adopt => Tone::Good,
        Action::Update => Tone::Change,
        Action::Replace | Action::Deactivate | Action::Forget => Tone::Bad,
    };
    let id = change
        .id
        .as_ref()
        .map_or_else(String::new, |id| format!(" {id}"));
    let adopted = match change.adopted {
        Some(_) if change.action != Action::Adopt => ", adopted",
        _ => "",
    };
    let head = format!("{} {}", change.action.symbol(), change.action.as_str());
    line(
        text,
        tone,
        &head,
        &format!("{} ({}{adopted}){id}", change.name, change.offer_type),
        style,
    );
    if let Some(reason) = &change.reason {
        push_line(text, format_args!("    because {reason}"));
    }
    if change.action == Action::Replace {
        push_line(
            text,
            format_args!(
                "    the new offer is made first, then this one is deactivated; its customers stay on it"
            ),
        );
    }
    let width = change
        .fields
        .iter()
        .map(|field| field.path.to_string().chars().count())
        .max()
        .unwrap_or(0)
        .min(32);
    for field in &change.fields {
        let path = field.path.to_string();
        push_line(
            text,
            format_args!(
                "    {path:width$}  {}",
                field_text(change.action, field, style)
            ),
        );
    }
    text.push('\n');
}

fn field_text(action: Action, change: &FieldChange, style: Style) -> String {
    let field = change.path.field;
    let words = |value: &Value| value_text(field, value, change.currency);
    let Some(after) = &change.after else {
        return change.before.as_ref().map_or_else(String::new, words);
    };
    if action == Action::Create {
        return words(after);
    }
    let moved = match (&change.before, after) {
        (Some(Value::Amount(before)), Value::Amount(after)) if field == Field::Price => {
            // The currency stands once, after both amounts.
            let currency = change
                .currency
                .map_or_else(String::new, |currency| format!(" {currency}"));
            let (from, to) = (
                before.in_digits_of(change.currency),
                after.in_digits_of(change.currency),
            );
            let percent = percent(*before, *after)
                .map_or_else(String::new, |percent| format!(" ({percent})"));
            format!("{from} → {to}{currency}{percent}")
        }
        (Some(Value::Text(before)), Value::Text(after)) if is_long(before) && is_long(after) => {
            words_that_differ(before, after, style)
        }
        (Some(before), after) => format!("{} → {}", words(before), words(after)),
        (None, after) => format!("nothing → {}", words(after)),
    };
    let cause = match (change.cause, change.readable) {
        (Cause::Edited, true) => "",
        (Cause::Edited, false) => "  (last applied; cannot be read back)",
        (Cause::Drifted, _) => "  (changed by hand)",
        (Cause::Both, _) => "  (edited, and changed by hand)",
        (Cause::Adopted, _) => "  (adopted)",
    };
    format!(
        "{moved}{}",
        style
            .paint(Tone::Faint, cause)
            .trim_end_matches("\u{1b}[2m\u{1b}[0m")
    )
}

fn is_long(text: &str) -> bool {
    text.chars().count() > LONG_TEXT
}

/// A long text with what goes as `[-…-]` and what comes as `{+…+}`.
fn words_that_differ(before: &str, after: &str, style: Style) -> String {
    let diff = TextDiff::from_words(before, after);
    let mut text = String::new();
    // Runs of the same kind are put into one pair of brackets.
    let mut changes = diff.iter_all_changes().peekable();
    while let Some(change) = changes.next() {
        let tag = change.tag();
        let mut words = change.value().to_owned();
        while let Some(next) = changes.next_if(|next| next.tag() == tag) {
            words.push_str(next.value());
        }
        match tag {
            ChangeTag::Equal => text.push_str(&escaped(&words)),
            ChangeTag::Delete => {
                text.push_str(&style.paint(Tone::Bad, &format!("[-{}-]", escaped(&words))));
            }
            ChangeTag::Insert => {
                text.push_str(&style.paint(Tone::Good, &format!("{{+{}+}}", escaped(&words))));
            }
        }
    }
    text
}

fn notes_text(text: &mut String, plan: &Plan, style: Style) {
    let mut any = false;
    for note in &plan.notes {
        any = true;
        let words = match note {
            Note::Released { name, path } => {
                format!("`{path}` of {name} is no longer managed and stays as it is")
            }
            Note::Moved { from, to } => format!("{from} goes on as {to}"),
        };
        line(text, Tone::Faint, "note:", &words, style);
    }
    if !plan.unmanaged.is_empty() {
        any = true;
        let count = plan.unmanaged.len();
        let words = format!(
            "{} of the account belong to no manifest and are left alone:",
            plural(count, "offer")
        );
        line(text, Tone::Faint, "note:", &words, style);
        for offer in plan.unmanaged.iter().take(UNMANAGED_SHOWN) {
            push_line(
                text,
                format_args!(
                    "    {} ({}) {}",
                    offer.id,
                    offer.offer_type,
                    quoted(&offer.title)
                ),
            );
        }
        if count > UNMANAGED_SHOWN {
            push_line(
                text,
                format_args!("    and {} more", count - UNMANAGED_SHOWN),
            );
        }
    }
    if any {
        text.push('\n');
    }
}

fn problem(
    text: &mut String,
    head: &str,
    (message, help): (&str, &str),
    place: Option<&str>,
    style: Style,
) {
    line(text, Tone::Bad, head, message, style);
    if let Some(place) = place {
        push_line(text, format_args!("    at {place}"));
    }
    push_line(text, format_args!("    help: {help}"));
    text.push('\n');
}

fn place(span: Option<Span>, sources: &Sources) -> Option<String> {
    span.filter(|span| sources.file(span.file).is_some())
        .map(|span| sources.describe(span))
}

fn line(text: &mut String, tone: Tone, head: &str, words: &str, style: Style) {
    push_line(text, format_args!("{} {words}", style.paint(tone, head)));
}

/// Writes the steps of a plan in their order, with what each waits for.
pub fn steps_text(plan: &Plan) -> String {
    let mut text = String::from("Steps:\n");
    for (id, step) in plan.numbered_steps() {
        let target = step
            .operation
            .id()
            .map_or_else(String::new, |id| format!(" {id}"));
        let number = id.0 + 1;
        write!(
            text,
            "{number:>4}. {} {} ({}){target}",
            step.operation.verb(),
            step.name,
            step.offer_type
        )
        .expect("writing to a text never fails");
        if !step.needs.is_empty() {
            let needs: Vec<String> = step
                .needs
                .iter()
                .map(|need| (need.0 + 1).to_string())
                .collect();
            write!(text, "; needs {}", needs.join(", ")).expect("writing to a text never fails");
        }
        for group in &step.after {
            if let Some(group) = plan.groups.get(group.0 as usize) {
                write!(text, "; after all with `{}`", escaped(&group.tag))
                    .expect("writing to a text never fails");
            }
        }
        text.push('\n');
    }
    text
}
