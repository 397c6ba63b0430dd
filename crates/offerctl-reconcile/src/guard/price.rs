//! Whether prices move further than anybody meant.

use offerctl_manifest::manifest::{Date, PriceChange};
use offerctl_manifest::project::PriceRange;
use offerctl_model::content::FieldPath;
use offerctl_model::country::Country;
use offerctl_model::field::Field;
use offerctl_model::money::{Amount, Currency, percent};
use offerctl_model::value::Value;

use super::allowed::{Asked, Verdict, almost_words, covers_move, covers_range};
use super::finding::GuardCode;
use super::policy::Review;
use super::wanted::Wanted;
use super::within::is_within;
use crate::diff::FieldChange;
use crate::plan::{Action, Change};

/// Refuses price moves that are too large, and prices out of range.
pub(super) fn check<'a>(review: &mut Review<'a>, change: &'a Change) {
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

fn check_price<'a>(review: &mut Review<'a>, change: &'a Change, field: &FieldChange) {
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
    if found.is_some_and(|found| review.policy.today <= found.until) {
        return;
    }
    let asked = Asked {
        change,
        country: review.country_of_use(country),
        before,
        currency,
    };
    let befores: Vec<Amount> = before.into_iter().collect();
    let move_verdict = too_far
        .then(|| review.verdict(asked, |what| covers_move(what, country, (&befores, after))));
    let range_verdict = out_of_range
        .then(|| review.verdict(asked, |what| covers_range(what, country, (after, currency))));
    // What is approved only in part is refused, and uses nothing up.
    let verdicts = || [&move_verdict, &range_verdict].into_iter().flatten();
    if verdicts().all(Verdict::is_approved) {
        for verdict in [move_verdict, range_verdict].into_iter().flatten() {
            if let Verdict::Approved(granted) = verdict {
                review.grant(granted);
            }
        }
        return;
    }
    let place = place(country);
    let name = &change.name;
    if let Some(found) = found {
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
        return;
    }
    let help = help_to_allow(after, country, currency);
    if let (Some(verdict), Some(before)) = (&move_verdict, before)
        && !verdict.is_approved()
    {
        let almost = almost_words(verdict);
        let percent =
            percent(before, after).map_or_else(String::new, |percent| format!(" ({percent})"));
        let moves = format!(
            "from {} to {}{percent}",
            before.with_currency(currency),
            after.with_currency(currency)
        );
        let message = format!(
            "the price of `{name}`{place} moves {moves}, more than the {limit}% allowed{almost}"
        );
        let item = format!("`{name}`{place} {moves}{almost}");
        let wanted = Wanted::price_change(change, item, (country, before, after));
        let refusal = (GuardCode::PriceChange, message, help.clone());
        review.refuse_unapproved(change, refusal, wanted);
    }
    if let (Some(verdict), Some(range)) = (&range_verdict, range)
        && !verdict.is_approved()
    {
        let almost = almost_words(verdict);
        let bound = |bound: Option<Amount>, word: &str| {
            bound.map(|bound| format!("{word} {}", bound.with_currency(currency)))
        };
        let bounds = [bound(range.min, "from"), bound(range.max, "to")];
        let bounds = bounds.into_iter().flatten().collect::<Vec<_>>().join(" ");
        let shown = after.with_currency(currency);
        let message =
            format!("the price of `{name}`{place} is {shown}, out of the range {bounds}{almost}");
        let item = format!("`{name}`{place} at {shown}, out of {bounds}{almost}");
        let wanted = Wanted::price_range(change, item, (country, currency, after));
        let refusal = (GuardCode::PriceRange, message, help);
        review.refuse_unapproved(change, refusal, wanted);
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
    applied.at(path.country, Field::Price) == Some(&Value::Amount(after))
}

pub(super) fn contains(range: PriceRange, price: Amount) -> bool {
    range.min.is_none_or(|min| min <= price) && range.max.is_none_or(|max| price <= max)
}
