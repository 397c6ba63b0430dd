//! Whether prices move further than anybody meant.

use offerctl_manifest::manifest::{Date, PriceChange};
use offerctl_manifest::project::PriceRange;
use offerctl_model::content::FieldPath;
use offerctl_model::country::Country;
use offerctl_model::field::Field;
use offerctl_model::money::{Amount, Currency, percent};
use offerctl_model::value::Value;
use rust_decimal::Decimal;

use super::finding::GuardCode;
use super::policy::Review;
use crate::diff::FieldChange;
use crate::plan::{Action, Change};

/// Refuses price moves that are too large, and prices out of range.
pub(super) fn check(review: &mut Review<'_>, change: &Change) {
    match change.action {
        Action::Create | Action::Update | Action::Replace | Action::Activate => {}
        Action::Deactivate | Action::Adopt | Action::Forget => return,
    }
    for field in change
        .fields
        .iter()
        .filter(|field| field.path.field == Field::Price)
    {
        check_price(review, change, field);
    }
}

fn check_price(review: &mut Review<'_>, change: &Change, field: &FieldChange) {
    let amount = |value: &Option<Value>| match value {
        Some(Value::Amount(amount)) => Some(*amount),
        _ => None,
    };
    let Some(after) = amount(&field.after) else {
        return;
    };
    let before = amount(&field.before);
    if was_applied(change, field.path, after) {
        return;
    }
    let currency = currency_of(review, field);
    let limit = review.policy.guards.max_price_change;
    let too_far = before.is_some_and(|before| !is_within(before, after, limit));
    let range = currency
        .and_then(|currency| review.policy.guards.price.get(&currency))
        .copied();
    let out_of_range = range.is_some_and(|range| !contains(range, after));
    if !too_far && !out_of_range {
        return;
    }
    let country = field.path.country;
    let found = meant(change, after, country);
    let place = place(country);
    let name = &change.name;
    if let Some(found) = found {
        if review.policy.today > found.until {
            let message = format!(
                "the price of `{name}`{place} moves to {}; its `priceChange` was meant until {}",
                after.with_currency(currency),
                found.until
            );
            review.refuse_change(
                change,
                GuardCode::OverrideExpired,
                message,
                "if it is still meant, set a later `until`",
            );
        }
        return;
    }
    let help = help_to_allow(after, country, currency);
    if too_far && let Some(before) = before {
        let percent =
            percent(before, after).map_or_else(String::new, |percent| format!(" ({percent})"));
        let message = format!(
            "the price of `{name}`{place} moves from {} to {}{percent}, more than the {limit}% allowed",
            before.with_currency(currency),
            after.with_currency(currency)
        );
        review.refuse_change(change, GuardCode::PriceChange, message, help.clone());
    }
    if let (true, Some(range)) = (out_of_range, range) {
        let bound = |bound: Option<Amount>, word: &str| {
            bound.map(|bound| format!("{word} {}", bound.with_currency(currency)))
        };
        let bounds = [bound(range.min, "from"), bound(range.max, "to")];
        let bounds = bounds.into_iter().flatten().collect::<Vec<_>>().join(" ");
        let message = format!(
            "the price of `{name}`{place} is {}, out of the range {bounds}",
            after.with_currency(currency)
        );
        review.refuse_change(change, GuardCode::PriceRange, message, help);
    }
}

/// The currency of a price: that of its row, or else that of the account, as it shows itself or as it is declared.
fn currency_of(review: &Review<'_>, field: &FieldChange) -> Option<Currency> {
    let shown = &review.plan.facts.currencies;
    let of_account = if shown.len() == 1 {
        shown.first().copied()
    } else {
        review.policy.account.currency
    };
    let plain = field.path.country.is_none();
    field.currency.or(of_account.filter(|_| plain))
}

/// Where a price holds, as part of a sentence: ` in FR`, or nothing for that of the offer itself.
pub(super) fn place(country: Option<Country>) -> String {
    country.map_or_else(String::new, |country| format!(" in {country}"))
}

/// How to say in git that a price is meant.
pub(super) fn help_to_allow(
    after: Amount,
    country: Option<Country>,
    currency: Option<Currency>,
) -> String {
    let country = country.map_or_else(String::new, |country| format!(", country: {country}"));
    format!(
        "if that is meant, write into its `lifecycle`: \
         priceChange: {{to: {}{country}, reason: …, until: YYYY-MM-DD}}",
        after.in_digits_of(currency)
    )
}

/// The override that names the very price; of several, the one that holds longest counts.
fn meant(change: &Change, after: Amount, country: Option<Country>) -> Option<&PriceChange> {
    let overrides = change.lifecycle.price_change.iter();
    overrides
        .filter(|found| found.to == after && found.country == country)
        .max_by_key(|found| found.until)
}

/// Whether an override names the very price, and its last day has not passed.
pub(super) fn currently_meant(
    change: &Change,
    after: Amount,
    country: Option<Country>,
    today: Date,
) -> bool {
    meant(change, after, country).is_some_and(|found| today <= found.until)
}

/// A move back to what was last applied was reviewed then.
pub(super) fn was_applied(change: &Change, path: FieldPath, after: Amount) -> bool {
    let Some(applied) = &change.applied else {
        return false;
    };
    let value = match path.country {
        Some(country) => applied.effective(country, Field::Price),
        None => applied.fields.get(Field::Price),
    };
    value == Some(&Value::Amount(after))
}

pub(super) fn contains(range: PriceRange, price: Amount) -> bool {
    range.min.is_none_or(|min| min <= price) && range.max.is_none_or(|max| price <= max)
}

/// Whether the move is at most so many percent of the price before; a move from or to nothing never is.
pub(super) fn is_within(before: Amount, after: Amount, percent: Amount) -> bool {
    if before == Amount::ZERO || after == Amount::ZERO {
        return before == after;
    }
    let moved = (after.decimal() - before.decimal()).abs();
    match (
        moved.checked_mul(Decimal::ONE_HUNDRED),
        before.decimal().checked_mul(percent.decimal()),
    ) {
        (Some(moved), Some(allowed)) => moved <= allowed,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn amount(text: &str) -> Amount {
        text.parse().unwrap()
    }

    #[test]
    fn exactly_the_limit_passes_and_a_cent_more_does_not() {
        let within =
            |before: &str, after: &str| is_within(amount(before), amount(after), amount("50"));
        assert!(within("10", "15"));
        assert!(within("10", "5"));
        assert!(!within("10", "15.01"));
        assert!(!within("10", "4.99"));
        assert!(!within("0", "1"));
        assert!(!within("1", "0"));
        assert!(within("0", "0"));
        assert!(
            within("99999999999999999999", "99999999999999999998"),
            "nothing overflows"
        );
    }
}
