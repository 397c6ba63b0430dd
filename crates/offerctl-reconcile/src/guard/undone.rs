//! What git no longer says, where going back to the empty value may be the accident: [`check`].

use std::collections::{BTreeMap, BTreeSet};

use offerctl_manifest::manifest::Approved;
use offerctl_model::field::{Field, Removal, Visibility};

use super::allowed::Asked;
use super::finding::GuardCode;
use super::policy::Review;
use super::wanted::{self, Wanted};
use crate::diff::Cause;
use crate::plan::Change;

/// How many offers are named one by one.
const SHOWN: usize = 10;

/// Refuses fields whose removal needs a word, and fields that are cleared on many offers at once.
pub(super) fn check(review: &mut Review<'_>) {
    let plan = review.plan;
    let mut cleared: BTreeMap<Field, Vec<&Change>> = BTreeMap::new();
    for change in &plan.changes {
        for field in undeclared(change) {
            if field.removal() == Removal::Refused {
                refuse(review, change, field);
            } else {
                cleared.entry(field).or_default().push(change);
            }
        }
    }
    for (field, changes) in cleared {
        many(review, field, changes);
    }
}

/// Refuses a field that is cleared on many offers at once, as far as nothing approves it.
fn many<'a>(review: &mut Review<'a>, field: Field, mut changes: Vec<&'a Change>) {
    let managed = review.plan.facts.managed;
    let limit = (managed / 10).max(1);
    let names_it = |what: &Approved| matches!(what, Approved::Clears { field: named } if named.name() == field.name());
    let almost = review.keep_unapproved(&mut changes, |review, change| {
        review.ask(Asked::about(change, None), names_it)
    });
    if changes.len() <= limit {
        return;
    }
    let names: Vec<&str> = changes.iter().map(|change| change.name.as_str()).collect();
    let shown: Vec<&str> = names.iter().take(SHOWN).copied().collect();
    let listed = match names.len().saturating_sub(SHOWN) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    };
    let message = format!(
        "`{field}` is no longer declared and would be cleared on {} of {managed} managed offers, more than the {limit} \
         allowed{almost}: {listed}",
        names.len()
    );
    let wanted = Wanted::clears(changes.iter().copied(), field);
    let help = format!(
        "if a line of `defaults` was lost, restore it; {}",
        wanted::advice([&wanted])
    );
    review.refuse(GuardCode::Clears, message, help);
}

/// The fields of an offer that go back to their empty values. An end of a sale is none: `price` owns its rules.
fn undeclared(change: &Change) -> BTreeSet<Field> {
    let fields = change.fields.iter();
    let gone = fields.filter(|field| field.cause == Cause::Undeclared);
    let gone = gone.map(|field| field.path.field);
    gone.filter(|field| *field != Field::PriceRules).collect()
}

fn refuse(review: &mut Review<'_>, change: &Change, field: Field) {
    let name = &change.name;
    let message = format!(
        "`{field}` of `{name}` is no longer declared, and {}",
        consequence(field)
    );
    let null = if field.visibility() == Visibility::WriteOnly {
        format!("write `{field}: null` to clear it")
    } else {
        format!("write `{field}: null` if that is intended")
    };
    let help = format!(
        "{null}, declare another value, or leave the live one alone: `lifecycle: {{ignore: [{field}]}}`"
    );
    review.refuse_change(change, GuardCode::FieldRemoved, message, help);
}

/// What the empty values of some fields mean for customers.
const CONSEQUENCES: [(Field, &str); 5] = [
    (
        Field::GeoRestriction,
        "without it the offer is sold in every country",
    ),
    (
        Field::Tags,
        "without it no subscription or pass opens the content",
    ),
    (
        Field::AccessToTags,
        "without it customers lose access to all content",
    ),
    (
        Field::AppStoreProductIds,
        "without it purchases in app stores no longer belong to the offer",
    ),
    (
        Field::ExternalProperties,
        "without it other systems no longer find what they stored there",
    ),
];

fn consequence(field: Field) -> &'static str {
    let mut known = CONSEQUENCES.iter();
    let found = known.find(|(known, _)| *known == field);
    found.map_or(
        "its live value cannot be read, so nobody sees what is cleared",
        |(_, words)| *words,
    )
}
