//! Whether the price of one country looks as if its decimal point were in the wrong place.
//!
//! A price of 99.90 beside siblings of about ten was probably meant as 9.99. Prices are compared at rough exchange
//! rates: only the power of ten counts, so a rate that is some percent or some years off changes nothing.

use std::collections::BTreeMap;

use offerctl_model::content::{Content, FieldPath};
use offerctl_model::country::Country;
use offerctl_model::field::Field;
use offerctl_model::money::{Amount, Currency};
use offerctl_model::value::Value;
use rust_decimal::Decimal;

use super::finding::GuardCode;
use super::policy::Review;
use super::price::{currently_meant, help_to_allow, was_applied};
use crate::plan::{Action, Change};

/// From this many times the price of its siblings on, or below as small a part of it, a price is looked at.
///
/// Purchasing power moves prices between countries, but seldom so far.
const FAR: Decimal = Decimal::from_parts(5, 0, 0, false, 0);

/// Prices that are at most so many times each other are near: the square root of ten.
const NEAR: Decimal = Decimal::from_parts(316, 0, 0, false, 2);

/// The powers of ten that a decimal point is misplaced by.
const SHIFTS: [i64; 3] = [10, 100, 1000];

/// What a US dollar costs in other currencies, roughly.
const ROUGH_RATES: [(&str, Decimal); 37] = [
    ("AED", rate(37, 1)),
    ("AUD", rate(15, 1)),
    ("BRL", rate(55, 1)),
    ("CAD", rate(14, 1)),
    ("CHF", rate(8, 1)),
    ("CLP", rate(950, 0)),
    ("CNY", rate(72, 1)),
    ("COP", rate(4100, 0)),
    ("CZK", rate(22, 0)),
    ("DKK", rate(65, 1)),
    ("EUR", rate(9, 1)),
    ("GBP", rate(75, 2)),
    ("HKD", rate(78, 1)),
    ("HUF", rate(350, 0)),
    ("IDR", rate(16_000, 0)),
    ("ILS", rate(35, 1)),
    ("INR", rate(86, 0)),
    ("ISK", rate(125, 0)),
    ("JPY", rate(150, 0)),
    ("KRW", rate(1400, 0)),
    ("MXN", rate(19, 0)),
    ("MYR", rate(43, 1)),
    ("NOK", rate(10, 0)),
    ("NZD", rate(17, 1)),
    ("PHP", rate(57, 0)),
    ("PLN", rate(37, 1)),
    ("RON", rate(45, 1)),
    ("SAR", rate(375, 2)),
    ("SEK", rate(10, 0)),
    ("SGD", rate(13, 1)),
    ("THB", rate(33, 0)),
    ("TRL", rate(40, 0)),
    ("TRY", rate(40, 0)),
    ("TWD", rate(31, 0)),
    ("USD", rate(1, 0)),
    ("XOF", rate(600, 0)),
    ("ZAR", rate(18, 0)),
];

const fn rate(digits: u32, scale: u32) -> Decimal {
    Decimal::from_parts(digits, 0, 0, false, scale)
}

/// The price of one country.
struct Price {
    country: Country,
    currency: Currency,
    amount: Amount,
    /// The amount in US dollars, roughly.
    dollars: Decimal,
    /// Whether this plan sets it, or moves it so far that its decimal point may have moved along.
    is_new: bool,
}

/// Notes every price of a localized offer that is far from those of its other countries.
pub(super) fn check(review: &mut Review<'_>, change: &Change, content: &Content) {
    match change.action {
        Action::Create | Action::Update | Action::Replace | Action::Activate => {}
        Action::Deactivate | Action::Adopt | Action::Forget => return,
    }
    let prices = prices(change, content, &review.policy.guards.exchange_rates);
    for (index, price) in prices.iter().enumerate() {
        if !price.is_new
            || was_applied(
                change,
                FieldPath::localized(price.country, Field::Price),
                price.amount,
            )
            || currently_meant(
                change,
                price.amount,
                Some(price.country),
                review.policy.today,
            )
        {
            continue;
        }
        if let Some(found) = misplaced(&prices, index) {
            note(review, change, price, &found);
        }
    }
}

fn prices(change: &Change, content: &Content, rates: &BTreeMap<Currency, Amount>) -> Vec<Price> {
    let rows = content.localizations.iter().flatten();
    let currencies: Vec<Currency> = rows.clone().map(|(_, row)| row.currency).collect();
    let is_one_currency = currencies.windows(2).all(|pair| pair[0] == pair[1]);
    rows.filter_map(|(country, row)| {
        let Some(Value::Amount(amount)) = content.effective(*country, Field::Price) else {
            return None;
        };
        let rate = if is_one_currency {
            Decimal::ONE
        } else {
            rate_of(row.currency, rates)?
        };
        let dollars = amount.decimal().checked_div(rate)?;
        // What costs nothing has no decimal point to misplace.
        (dollars > Decimal::ZERO).then_some(Price {
            country: *country,
            currency: row.currency,
            amount: *amount,
            dollars,
            is_new: is_new(change, *country, *amount),
        })
    })
    .collect()
}

/// How many units of a currency a US dollar costs, as the user says or roughly.
fn rate_of(currency: Currency, rates: &BTreeMap<Currency, Amount>) -> Option<Decimal> {
    let said = rates.get(&currency).map(|rate| rate.decimal());
    said.or_else(|| {
        let found = ROUGH_RATES
            .iter()
            .find(|(code, _)| *code == currency.as_str());
        found.map(|(_, rate)| *rate)
    })
}

fn is_new(change: &Change, country: Country, after: Amount) -> bool {
    let path = FieldPath::localized(country, Field::Price);
    let moved = change.fields.iter().find(|field| field.path == path);
    moved.is_some_and(|field| match field.before {
        Some(Value::Amount(before)) => {
            times(before.decimal(), after.decimal()).is_none_or(|times| times >= NEAR)
        }
        _ => true,
    })
}

/// How many times the smaller the larger is; `None` if one is nothing.
fn times(left: Decimal, right: Decimal) -> Option<Decimal> {
    left.max(right).checked_div(left.min(right))
}

/// How a price differs from its siblings.
struct Misplaced {
    /// How many times its siblings it is, or they are it.
    times: Decimal,
    is_above: bool,
    /// What its siblings cost, in US dollars.
    usual: Decimal,
}

/// Says how far a price is from its siblings, if it is far from most of them and from their middle.
fn misplaced(prices: &[Price], index: usize) -> Option<Misplaced> {
    let price = prices.get(index)?;
    let others = || {
        let all = prices.iter().enumerate();
        all.filter(|(other, _)| *other != index)
            .map(|(_, price)| price)
    };
    // What was there before this plan was looked at by somebody; what it sets was not.
    let has_settled = others().any(|other| !other.is_new);
    let siblings: Vec<&Price> = others()
        .filter(|other| !has_settled || !other.is_new)
        .collect();
    let is_near =
        |other: &&&Price| times(price.dollars, other.dollars).is_some_and(|times| times < NEAR);
    if siblings.iter().filter(is_near).count() * 3 >= siblings.len() {
        return None;
    }
    let mut far: Vec<Decimal> = siblings
        .iter()
        .filter(|other| !is_near(other))
        .map(|other| other.dollars)
        .collect();
    far.sort_unstable();
    let usual = *far.get((far.len().checked_sub(1)?) / 2)?;
    let times = times(price.dollars, usual).filter(|times| *times >= FAR)?;
    let is_above = price.dollars > usual;
    // Of two new prices either may be the wrong one: one word is enough for both.
    let is_said_of_other = !is_above && siblings.len() == 1 && !has_settled;
    (!is_said_of_other).then_some(Misplaced {
        times,
        is_above,
        usual,
    })
}

fn note(review: &mut Review<'_>, change: &Change, price: &Price, found: &Misplaced) {
    let Price {
        country,
        currency,
        amount,
        dollars,
        is_new: _,
    } = price;
    let Misplaced {
        times,
        is_above,
        usual,
    } = found;
    let shown = |amount: Amount| amount.with_currency(Some(*currency));
    let in_its_currency = |dollars_wanted: Decimal| {
        let amount = amount
            .decimal()
            .checked_mul(dollars_wanted)?
            .checked_div(*dollars)?;
        Some(Amount::new(amount.round_dp(currency.digits())))
    };
    let usual = in_its_currency(*usual).map_or_else(String::new, |usual| {
        format!(" (about {} at rough rates)", shown(usual))
    });
    let than = if *is_above {
        "times"
    } else {
        "times less than"
    };
    let message = format!(
        "the price of `{}` in {country}, {}, is about {} {than} what its other countries pay{usual}: \
         the decimal point may be in the wrong place",
        change.name,
        shown(*amount),
        times.round(),
    );
    let shifted = shift(*amount, *times, *is_above)
        .filter(|shifted| shifted.digits() <= currency.digits())
        .map_or_else(String::new, |shifted| {
            format!("did you mean {}? ", shifted.in_digits_of(Some(*currency)))
        });
    let allow = help_to_allow(*amount, Some(*country), Some(*currency));
    review.warn_or_refuse(
        change,
        GuardCode::DecimalPoint,
        message,
        format!("{shifted}{allow}"),
    );
}

/// The price with its decimal point where it was probably meant.
fn shift(amount: Amount, times: Decimal, is_above: bool) -> Option<Amount> {
    let power = SHIFTS
        .map(Decimal::from)
        .into_iter()
        .find(|power| times < *power * NEAR)?;
    let shifted = if is_above {
        amount.decimal().checked_div(power)
    } else {
        amount.decimal().checked_mul(power)
    };
    shifted.map(Amount::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_point_moves_by_the_power_that_is_nearest() {
        let shift = |times: &str, is_above: bool| {
            let shifted = shift("90".parse().unwrap(), times.parse().unwrap(), is_above);
            shifted.map(|amount| amount.to_string())
        };
        assert_eq!(shift("31.59", true).as_deref(), Some("9"));
        assert_eq!(
            shift("31.6", true).as_deref(),
            Some("0.9"),
            "the bound itself"
        );
        assert_eq!(shift("31.6", false).as_deref(), Some("9000"));
        assert_eq!(shift("3159", true).as_deref(), Some("0.09"));
        assert_eq!(shift("3160", true), None);
    }
}
