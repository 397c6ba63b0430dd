//! What is sold as long as an offer is there: [`Sold`], for whoever reads that it goes.

use offerctl_model::country::Country;
use offerctl_model::field::Field;
use offerctl_model::foreign::Foreign;
use offerctl_model::money::Currency;
use offerctl_model::value::Value;
use serde::{Deserialize, Serialize};

use crate::live::{Row, View};

/// The title, the prices and the period of a live offer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Sold {
    /// Its title.
    pub title: Foreign,
    /// What it costs: once for an offer without localizations, else in each country.
    pub prices: Vec<SoldPrice>,
    /// How long it lasts, such as `month`, if it has such a period.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<Foreign>,
}

/// A price, and where it holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SoldPrice {
    /// The country, if it is that of a localization.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>"))]
    pub country: Option<Country>,
    /// The price, with as many digits as its currency has.
    pub amount: String,
    /// Its currency, if it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>"))]
    pub currency: Option<Currency>,
}

impl Sold {
    /// Returns what is sold of a live offer; where its currency is not known, the account's is taken.
    pub(super) fn of(view: &View, account: Option<Currency>) -> Self {
        let text = |field: Field| {
            let rows = view.rows.iter();
            rows.filter_map(|row| row.fields.get(field))
                .find_map(|value| {
                    let Value::Text(text) = value else {
                        return None;
                    };
                    Some(text.clone())
                })
        };
        let is_localized = view.has_localizations();
        let price = |row: &Row| match row.fields.get(Field::Price) {
            Some(Value::Amount(amount)) => {
                let currency = row.currency.or(account.filter(|_| !is_localized));
                Some(SoldPrice {
                    country: row.country.filter(|_| is_localized),
                    amount: amount.in_digits_of(currency),
                    currency,
                })
            }
            _ => None,
        };
        let mut prices: Vec<SoldPrice> = view.rows.iter().filter_map(price).collect();
        prices.sort_by_key(|price| price.country);
        Self {
            title: text(Field::Title).unwrap_or_default(),
            prices,
            period: text(Field::Period).or_else(|| text(Field::BillingCycle)),
        }
    }
}
