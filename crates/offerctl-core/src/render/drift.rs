//! Drift in words.

use super::value::value_text;
use super::{Style, Tone, headline_text, plural, push_line};
use crate::diff::FieldChange;
use crate::document::Headline;
use crate::drift::Drift;
use crate::field::Field;
use crate::guard::price::percent;
use crate::value::Value;

/// Writes what drifted for people, the summary on its last line.
pub fn drift_text(found: &[Drift], checked: usize, headline: &Headline, style: Style) -> String {
    let mut text = headline_text(headline, style);
    text.push('\n');
    for drift in found {
        let head = style.paint(Tone::Change, &format!("~ {}", drift.kind.as_str()));
        let when = drift
            .updated_at
            .map_or_else(String::new, |moment| format!(", last changed {moment}"));
        push_line(
            &mut text,
            format_args!(
                "{head} {} ({}) {}{when}",
                drift.name, drift.offer_type, drift.id
            ),
        );
        for field in &drift.fields {
            push_line(
                &mut text,
                format_args!("    {}  {}", field.path, field_text(field)),
            );
        }
        text.push('\n');
    }
    if found.is_empty() {
        push_line(
            &mut text,
            format_args!(
                "No drift. {} as last applied.",
                if checked == 1 {
                    "1 bound offer is".to_owned()
                } else {
                    format!("{checked} bound offers are")
                }
            ),
        );
    } else {
        push_line(
            &mut text,
            format_args!(
                "Drift: {} of {checked} bound.",
                plural(found.len(), "offer")
            ),
        );
    }
    text
}

fn field_text(change: &FieldChange) -> String {
    let words = |value: &Option<Value>| {
        value.as_ref().map_or_else(
            || "nothing".to_owned(),
            |value| value_text(change.path.field, value, change.currency),
        )
    };
    let percent = match (&change.before, &change.after) {
        (Some(Value::Amount(before)), Some(Value::Amount(after)))
            if change.path.field == Field::Price =>
        {
            percent(*before, *after).map_or_else(String::new, |percent| format!(" ({percent})"))
        }
        _ => String::new(),
    };
    format!(
        "applied {}, now {}{percent}",
        words(&change.before),
        words(&change.after)
    )
}
