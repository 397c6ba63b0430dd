//! What an offer costs: readers of `price` (docs/cleeng-api.md §5.3 to §5.5).
//!
//! The minimum above 0 is not published, so that every positive amount is taken. That an amount has no more digits than
//! its currency is a rule of this emulator; how the service rounds is not documented.

use rust_decimal::Decimal;
use serde_json::Value;

use crate::code::Currency;
use crate::field::{Field, FieldValue, PriceRule};
use crate::json::Json;
use crate::offer::Offer;
use crate::quirk::{Quirks, RestCreateCurrency};
use crate::rest::body::{Members, amount, flag, integer, invalid, items, text};
use crate::rest::currency::digits;
use crate::rest::failure::Failure;

/// The price of a new offer or localization.
#[derive(Clone, Debug)]
pub(crate) struct NewPrice {
    pub(crate) amount: Decimal,
    /// `None` for the account's.
    pub(crate) currency: Option<Currency>,
    pub(crate) is_tax_included: bool,
    pub(crate) rules: Vec<PriceRule>,
}

impl NewPrice {
    /// Gives a new row its price.
    pub(crate) fn set_on(&self, row: &mut Offer) {
        row.set(Field::Price, self.amount);
        if !self.is_tax_included {
            row.set(Field::TaxIncluded, false);
        }
        if !self.rules.is_empty() {
            row.set(Field::PriceRules, self.rules.clone());
        }
    }
}

/// A change of a price.
#[derive(Clone, Debug)]
pub(crate) struct PricePatch {
    pub(crate) amount: Option<Decimal>,
    pub(crate) rules: Option<Vec<PriceRule>>,
}

/// Whose price is created.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Owner {
    /// An offer. Whether its price has a currency is a switch.
    Offer,
    /// A localization. Its price must have a currency (docs/cleeng-api.md §5.4).
    Localization,
}

/// Reads the `price` of a create. Rules may come with it, since the resource has them.
pub(crate) fn read_new(
    (value, path): (&Value, &str),
    owner: Owner,
    account: &Currency,
    quirks: &Quirks,
) -> Result<NewPrice, Failure> {
    let mut members = Members::of(value, path)?;
    let (number, at) = members.require("amount")?;
    let amount = amount(number, &at)?;
    let form = match owner {
        Owner::Offer => quirks.rest_create_currency,
        Owner::Localization => RestCreateCurrency::Required,
    };
    let mut currency = None;
    if form == RestCreateCurrency::Required {
        members.require("currency")?;
    }
    let mut is_tax_included = true;
    if form != RestCreateCurrency::Refused {
        if let Some((code, at)) = members.take("currency") {
            currency = Some(read_currency(code, &at)?);
        }
        if let Some((value, at)) = members.take("taxIncluded") {
            is_tax_included = flag(value, &at)?;
        }
    }
    let in_force = currency.as_ref().unwrap_or(account);
    check_digits(amount, in_force, &at)?;
    let rules = match members.take("rules") {
        Some((rules, at)) => read_rules(rules, &at, in_force)?,
        None => Vec::new(),
    };
    members.finish()?;
    Ok(NewPrice {
        amount,
        currency,
        is_tax_included,
        rules,
    })
}

/// Reads the `price` of a patch: the amount, the rules, or both. The currency cannot be changed.
pub(crate) fn read_patch(
    value: &Value,
    path: &str,
    currency: &Currency,
) -> Result<PricePatch, Failure> {
    let mut members = Members::of(value, path)?.some()?;
    let amount = match members.take("amount") {
        Some((number, at)) => {
            let amount = amount(number, &at)?;
            check_digits(amount, currency, &at)?;
            Some(amount)
        }
        None => None,
    };
    let rules = match members.take("rules") {
        Some((rules, at)) => Some(read_rules(rules, &at, currency)?),
        None => None,
    };
    members.finish()?;
    Ok(PricePatch { amount, rules })
}

fn read_currency(value: &Value, path: &str) -> Result<Currency, Failure> {
    value
        .as_str()
        .filter(|code| digits(code).is_some())
        .and_then(|code| code.parse().ok())
        .ok_or_else(|| invalid(path, "must be a currency of ISO 4217"))
}

fn read_rules(value: &Value, path: &str, currency: &Currency) -> Result<Vec<PriceRule>, Failure> {
    let mut rules = Vec::new();
    for (index, item) in items(value, path)?.iter().enumerate() {
        let mut members = Members::of(item, &format!("{path}[{index}]"))?;
        let (from, at) = members.require("from")?;
        let from = integer(from, &at, 0)?;
        let (to, at) = members.require("to")?;
        let to = integer(to, &at, 0)?;
        if to <= from {
            return Err(Failure::Refused(format!(
                "{at} must be after the beginning"
            )));
        }
        let (number, at) = members.require("amount")?;
        let amount = amount(number, &at)?;
        if amount.is_zero() {
            return Err(invalid(&at, "must be above 0"));
        }
        check_digits(amount, currency, &at)?;
        let (name, at) = members.require("name")?;
        let name = text(name, &at, 1, 255)?;
        members.finish()?;
        rules.push(PriceRule {
            from,
            to,
            amount,
            name,
        });
    }
    Ok(rules)
}

fn check_digits(amount: Decimal, currency: &Currency, path: &str) -> Result<(), Failure> {
    let most = digits(currency.as_str()).unwrap_or(2);
    if amount.normalize().scale() > most {
        return Err(Failure::Refused(format!(
            "{path} has more than the {most} decimals of {currency}"
        )));
    }
    Ok(())
}

/// Shows the price of an offer or a localization.
pub(crate) fn show(offer: &Offer) -> Json {
    let amount = match offer.get(Field::Price) {
        Some(FieldValue::Amount(amount)) => Json::Number(amount.normalize()),
        _ => Json::Null,
    };
    let rules = match offer.get(Field::PriceRules) {
        Some(FieldValue::Rules(rules)) => rules.iter().map(show_rule).collect(),
        _ => Vec::new(),
    };
    let is_tax_included = offer.get(Field::TaxIncluded) != Some(&FieldValue::Flag(false));
    Json::object([
        ("amount", amount),
        ("currency", Json::text(offer.currency().as_str())),
        ("taxIncluded", Json::Bool(is_tax_included)),
        ("rules", Json::List(rules)),
    ])
}

fn show_rule(rule: &PriceRule) -> Json {
    Json::object([
        ("from", Json::Integer(rule.from)),
        ("to", Json::Integer(rule.to)),
        ("amount", Json::Number(rule.amount.normalize())),
        ("name", Json::text(&rule.name)),
    ])
}
