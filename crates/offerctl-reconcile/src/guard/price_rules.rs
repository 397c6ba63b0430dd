//! Whether prices that hold for a time are as far from the price itself as nobody meant.
//!
//! A winter sale with its comma in the wrong place is sold by the clock, long after anybody looks at the plan. So each rule
//! that comes or changes is held against the price beside it, as a move of that price would be.

use offerctl_model::content::Content;
use offerctl_model::country::Country;
use offerctl_model::field::Field;
use offerctl_model::money::{Amount, Currency, percent};
use offerctl_model::value::Value;

use super::allowed::{Asked, almost_words, covers_move, covers_range, live_price};
use super::finding::GuardCode;
use super::policy::Review;
use super::price::{contains, currently_meant, help_to_allow, place};
use super::wanted::Wanted;
use super::within::is_within;
use crate::diff::FieldChange;
use crate::plan::{Action, Change};

/// Refuses rules whose amounts are too far from the price, or out of range.
pub(super) fn check<'a>(review: &mut Review<'a>, change: &'a Change, content: &Content) {
    match change.action {
        Action::Create | Action::Update | Action::Replace | Action::Activate => {}
        Action::Deactivate | Action::Adopt | Action::Forget => return,
    }
    let of_rules = |field: &&FieldChange| field.path.field == Field::PriceRules;
    for field in change.fields.iter().filter(of_rules) {
        let known = amounts(field.before.as_ref());
        let mut new = amounts(field.after.as_ref());
        new.retain(|amount| !known.contains(amount));
        for (country, price, currency) in prices(content, field.path.country) {
            let currency = currency.or(review.policy.account.currency);
            let applied = applied_beside(change, (country, price));
            for amount in new.iter().filter(|amount| !applied.contains(amount)) {
                check_rule(review, (change, country), (price, *amount), currency);
            }
        }
    }
}

/// The amounts of the rules that were last applied beside this very price: a sale that somebody took away was reviewed then.
fn applied_beside(change: &Change, (country, price): (Option<Country>, Amount)) -> Vec<Amount> {
    let Some(applied) = &change.applied else {
        return Vec::new();
    };
    let same_price = applied.at(country, Field::Price) == Some(&Value::Amount(price));
    let rules = applied.at(country, Field::PriceRules);
    amounts(rules.filter(|_| same_price))
}

/// The prices that rules stand beside: that of their country, or all that take what is said at the top.
fn prices(
    content: &Content,
    country: Option<Country>,
) -> Vec<(Option<Country>, Amount, Option<Currency>)> {
    let amount = |value: Option<&Value>| match value {
        Some(Value::Amount(amount)) => Some(*amount),
        _ => None,
    };
    let of_country = |country: Country| {
        let price = amount(content.effective(country, Field::Price))?;
        let row = content.localizations.as_ref()?.get(&country);
        Some((Some(country), price, row.map(|row| row.currency)))
    };
    if let Some(country) = country {
        return of_country(country).into_iter().collect();
    }
    let rows = content.localizations.iter().flatten();
    let taking = rows.filter(|(_, row)| row.fields.get(Field::PriceRules).is_none());
    let taking: Vec<_> = taking
        .filter_map(|(country, _)| of_country(*country))
        .collect();
    let currency = match content.fields.get(Field::Currency) {
        Some(Value::Currency(currency)) => Some(*currency),
        _ => None,
    };
    let at_top = amount(content.fields.get(Field::Price)).map(|price| (None, price, currency));
    at_top.into_iter().chain(taking).collect()
}

fn check_rule<'a>(
    review: &mut Review<'a>,
    (change, country): (&'a Change, Option<Country>),
    (price, amount): (Amount, Amount),
    currency: Option<Currency>,
) {
    if currently_meant(change, amount, country, review.policy.today) {
        return;
    }
    let limit = review.policy.guards.max_price_change;
    let place = place(country);
    let help = help_to_allow(amount, country, currency);
    let name = &change.name;
    // An approval is for one move from the price that is live: a rule beside a price that moves along is held against both.
    let live = live_price(change, country);
    let befores: Vec<Amount> = [Some(price), live].into_iter().flatten().collect();
    let asked = Asked {
        change,
        country: review.country_of_use(country),
        before: Some(live.unwrap_or(price)),
        currency,
    };
    if !is_within(price, amount, limit) {
        let verdict = review.ask(asked, |what| covers_move(what, country, (&befores, amount)));
        if !verdict.is_approved() {
            let almost = almost_words(&verdict);
            let percent =
                percent(price, amount).map_or_else(String::new, |percent| format!(" ({percent})"));
            let (sale, regular) = (
                amount.with_currency(currency),
                price.with_currency(currency),
            );
            let message = format!(
                "a rule of `{name}`{place} sells for {sale} what costs {regular}{percent}, further than the {limit}% allowed{almost}"
            );
            let item = format!(
                "a rule of `{name}`{place} for {sale} instead of {regular}{percent}{almost}"
            );
            let wanted = Wanted::price_change(change, item, (country, price, amount));
            let refusal = (GuardCode::PriceChange, message, help.clone());
            review.refuse_unapproved(change, refusal, wanted);
        }
    }
    let range = currency.and_then(|currency| review.policy.guards.price.get(&currency));
    if range.is_some_and(|range| !contains(*range, amount)) {
        let verdict = review.ask(asked, |what| {
            covers_range(what, country, (amount, currency))
        });
        if !verdict.is_approved() {
            let almost = almost_words(&verdict);
            let sale = amount.with_currency(currency);
            let message = format!(
                "a rule of `{name}`{place} sells for {sale}, out of the range of its currency{almost}"
            );
            let item = format!("a rule of `{name}`{place} for {sale}{almost}");
            let wanted = Wanted::price_range(change, item, (country, currency, amount));
            let refusal = (GuardCode::PriceRange, message, help);
            review.refuse_unapproved(change, refusal, wanted);
        }
    }
}

fn amounts(rules: Option<&Value>) -> Vec<Amount> {
    let Some(Value::Records(rules)) = rules else {
        return Vec::new();
    };
    let amount = |rule: &Value| {
        let Value::Record(members) = rule else {
            return None;
        };
        let found = members.iter().find(|(name, _)| *name == "amount");
        match found {
            Some((_, Value::Amount(amount))) => Some(*amount),
            _ => None,
        }
    };
    rules.iter().filter_map(amount).collect()
}
