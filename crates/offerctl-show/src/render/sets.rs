//! What comes to a list and what goes from it, in place of two long lists: [`push`].

use std::collections::{BTreeMap, BTreeSet};

use offerctl_model::foreign::Foreign;
use offerctl_model::value::Value;
use offerctl_model::words::quoted;

use super::flow::Flow;
use super::page::Tone;

/// Adds `+NO −SE` if both values are sets of the same sort that have something in common or are long; otherwise adds
/// nothing and returns whether it did.
pub(super) fn push(flow: &mut Flow, before: &Value, after: &Value) -> bool {
    match (before, after) {
        (Value::Tags(before), Value::Tags(after)) => {
            let words = |tags: &[Foreign]| tags.iter().map(word).collect();
            push_entries(flow, &words(before), &words(after))
        }
        (Value::Events(before), Value::Events(after)) => {
            let words = |events: &[_]| events.iter().map(ToString::to_string).collect();
            push_entries(flow, &words(before), &words(after))
        }
        (Value::Geo(Some(before)), Value::Geo(Some(after))) if before.mode == after.mode => {
            let words =
                |countries: &BTreeSet<_>| countries.iter().map(ToString::to_string).collect();
            flow.space().text(None, after.mode.as_str()).space();
            push_entries(flow, &words(&before.countries), &words(&after.countries))
        }
        (Value::Texts(before), Value::Texts(after)) => {
            push_texts(flow, before, after);
            true
        }
        _ => false,
    }
}

/// One entry of a list; one with blanks is told apart from two.
fn word(text: &Foreign) -> String {
    if text.raw().contains([' ', '"']) || text.is_empty() {
        quoted(text)
    } else {
        text.to_string()
    }
}

fn push_entries(flow: &mut Flow, before: &BTreeSet<String>, after: &BTreeSet<String>) -> bool {
    for entry in after.difference(before) {
        flow.space().solid(Tone::Good, &format!("+{entry}"));
    }
    for entry in before.difference(after) {
        flow.space().solid(Tone::Bad, &format!("\u{2212}{entry}"));
    }
    let stay = before.intersection(after).count();
    let words = match stay {
        0 => "(none stays)".to_owned(),
        1 => "(1 stays)".to_owned(),
        stay => format!("({stay} stay)"),
    };
    flow.space().solid(Tone::Faint, &words);
    true
}

fn push_texts(flow: &mut Flow, before: &[(Foreign, Foreign)], after: &[(Foreign, Foreign)]) {
    let map = |texts| BTreeMap::<Foreign, Foreign>::from_iter(<[_]>::to_vec(texts));
    let (before, after) = (map(before), map(after));
    for (key, text) in &after {
        match before.get(key) {
            None => {
                let words = format!("+{key}: {}", quoted(text));
                flow.space().text(Tone::Good, &words);
            }
            Some(old) if old != text => {
                let words = format!("{key}: {} → {}", quoted(old), quoted(text));
                flow.space().text(None, &words);
            }
            Some(_) => {}
        }
    }
    for key in before.keys().filter(|key| !after.contains_key(*key)) {
        flow.space().text(Tone::Bad, &format!("\u{2212}{key}"));
    }
}
