//! How one field changes, and what led to it: [`push_field`].

use offerctl_model::field::Field;
use offerctl_model::money::{Amount, Currency, percent};
use offerctl_model::value::Value;
use offerctl_model::words::{value_text, value_texts};
use offerctl_reconcile::diff::{Cause, FieldChange};
use offerctl_reconcile::plan::{Action, Change};

use crate::render::flow::Flow;
use crate::render::page::Tone;
use crate::render::{sets, text_diff};

/// What led to the changes of an offer: the same for all of its fields, or something else for each.
#[derive(Debug, Clone, Copy)]
pub(super) enum Causes {
    /// Nothing that needs a word: a new offer, or one whose fields stay.
    None,
    /// The same for all fields, so that it is said once.
    Shared(Cause),
    /// It is said with each field.
    Mixed,
}

impl Causes {
    pub(super) fn of(change: &Change) -> Self {
        let mut causes = change.fields.iter().map(|field| field.cause);
        match (change.action, causes.next()) {
            (Action::Create, _) | (_, None) => Self::None,
            (_, Some(first)) if causes.all(|cause| cause == first) => Self::Shared(first),
            (_, Some(_)) => Self::Mixed,
        }
    }

    /// The one cause of all fields, if there is one.
    pub(super) fn shared(self) -> Option<Cause> {
        match self {
            Self::Shared(cause) => Some(cause),
            Self::None | Self::Mixed => None,
        }
    }

    /// A cause in words.
    pub(super) fn words(cause: Cause) -> &'static str {
        match cause {
            Cause::Edited => "edited in git",
            Cause::Drifted => "changed by hand",
            Cause::Both => "edited in git and changed by hand",
            Cause::Adopted => "adopted",
            Cause::Undeclared => "no longer declared",
        }
    }

    /// What is said of the cause beside a field; `None` if all is said already.
    pub(super) fn beside(self, field: &FieldChange) -> Option<String> {
        let mut words: Vec<String> = Vec::new();
        if matches!(self, Self::Mixed) {
            words.push(Self::words(field.cause).to_owned());
        }
        if let Some(applied) = &field.applied {
            let applied = value_text(field.path.field, applied, field.currency);
            words.push(format!("last applied: {applied}"));
        }
        if !field.readable && field.before.is_some() {
            words.push("as last applied; it cannot be read back".to_owned());
        } else if !field.readable {
            words.push("it cannot be read back".to_owned());
        }
        (!words.is_empty()).then(|| format!("({})", words.join("; ")))
    }
}

/// Adds a field: its value if the offer is new, or else what it was, what it will be, and why.
pub(super) fn push_field(flow: &mut Flow, action: Action, field: &FieldChange, causes: Causes) {
    let words = |value: &Value| value_text(field.path.field, value, field.currency);
    let Some(after) = &field.after else {
        if let Some(before) = &field.before {
            flow.text(None, &format!("{} → nothing", words(before)));
        }
        return;
    };
    if action == Action::Create {
        flow.text(None, &words(after));
        return;
    }
    match (&field.before, after) {
        (Some(Value::Amount(before)), Value::Amount(after)) if field.path.field == Field::Price => {
            push_price(flow, (*before, *after), field.currency);
        }
        (Some(Value::Text(before)), Value::Text(after)) if text_diff::is_long(before, after) => {
            text_diff::push(flow, before, after);
        }
        (Some(before), after) => {
            if !sets::push(flow, before, after) {
                let sides = value_texts(field.path.field, [before, after], field.currency);
                flow.text(None, &sides.join(" → "));
            }
        }
        (None, after) => {
            flow.text(None, &format!("nothing → {}", words(after)));
        }
    }
    if let Some(beside) = causes.beside(field) {
        flow.space().text(Tone::Faint, &beside);
    }
}

/// `12.00 → 9.00 EUR (−25.0 %)`: the currency stands once, after both amounts.
fn push_price(flow: &mut Flow, (before, after): (Amount, Amount), currency: Option<Currency>) {
    let (from, to) = (before.in_digits_of(currency), after.in_digits_of(currency));
    let code = currency.map_or_else(String::new, |currency| format!(" {currency}"));
    let tone = if after > before {
        Tone::Good
    } else {
        Tone::Bad
    };
    flow.solid(None, &format!("{from} → {to}{code}"));
    flow.space()
        .solid(tone, &format!("({})", percent_words(before, after)));
}

/// The move in percent; where it cannot be counted, its direction.
pub(crate) fn percent_words(before: Amount, after: Amount) -> String {
    percent(before, after).unwrap_or_else(|| direction(before, after).to_owned())
}

/// Where a price goes.
pub(crate) fn direction(before: Amount, after: Amount) -> &'static str {
    match after.cmp(&before) {
        std::cmp::Ordering::Greater => "up",
        std::cmp::Ordering::Less => "down",
        std::cmp::Ordering::Equal => "same",
    }
}
