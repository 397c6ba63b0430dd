//! Prices of an offer: bounds, digits, and prices that hold for a time only.

use offerctl_model::content::FieldPath;
use offerctl_model::field::Field;
use offerctl_model::money::{Amount, Currency};
use offerctl_model::offer_type::Api;
use offerctl_model::value::Value;

use super::Check;
use crate::desired::bounds::price_bounds;
use crate::diagnostic::Code;

impl Check<'_> {
    /// Checks each price where it counts: in the currency of its row, whether it is the row's own or the top's.
    pub(super) fn prices(&mut self) {
        let at_top = FieldPath::top(Field::Price);
        let top = amount(self.content.fields.get(Field::Price));
        if let Some(price) = top {
            self.bounds(at_top, price, self.currency_of(at_top));
        }
        let mut fits = true;
        let content = self.content;
        for (country, row) in content.localizations.iter().flatten() {
            let path = FieldPath::localized(*country, Field::Price);
            let currency = Some(row.currency);
            if let Some(price) = amount(row.fields.get(Field::Price)) {
                self.bounds(path, price, currency);
                self.digits(path, price, currency);
            } else if let Some(price) = top
                && fits
            {
                fits = self.digits(at_top, price, currency);
            }
        }
        if let Some(price) = top
            && fits
        {
            self.digits(at_top, price, self.currency_of(at_top));
        }
    }

    /// Checks the prices that hold for a time only (docs/cleeng-api.md §5.5).
    pub(super) fn price_rules(&mut self, path: FieldPath, rules: &[Value]) {
        let currency = self.currency_of(path);
        for rule in rules {
            let Value::Record(members) = rule else {
                continue;
            };
            let member = |wanted: &str| {
                let found = members.iter().find(|(name, _)| *name == wanted);
                found.map(|(_, value)| value)
            };
            if let (Some(Value::Time(from)), Some(Value::Time(to))) = (member("from"), member("to"))
                && to <= from
            {
                let message = format!("the price holds until {to}, not after it begins at {from}");
                let help = "let `to` be later than `from`";
                self.error(self.span(path), Code::TimeOrder, message, help);
            }
            if let Some(price) = amount(member("amount")) {
                if price == Amount::ZERO {
                    let message = "a price that holds for a time is 0";
                    let help = "write a price above 0";
                    self.error(self.span(path), Code::PriceBounds, message, help);
                }
                self.digits(path, price, currency);
            }
            if let Some(Value::Text(name)) = member("name") {
                self.characters(path, name.raw());
                if name.raw().trim().is_empty() {
                    let message = "a price that holds for a time has an empty `name`";
                    self.error(
                        self.span(path),
                        Code::TextEmpty,
                        message,
                        "say what it is, such as `Early bird`",
                    );
                }
            }
        }
    }

    /// The currency that a price is in; unknown at the top of a localized offer, which counts for several.
    fn currency_of(&self, path: FieldPath) -> Option<Currency> {
        if let Some(rows) = &self.content.localizations {
            let row = path.country.and_then(|country| rows.get(&country));
            return row.map(|row| row.currency);
        }
        match self.content.fields.get(Field::Currency) {
            Some(Value::Currency(currency)) => Some(*currency),
            _ => self.environment.account.currency,
        }
    }

    fn bounds(&mut self, path: FieldPath, price: Amount, currency: Option<Currency>) {
        let bounds = price_bounds(self.api(), self.offer_type(), self.content.is_localized());
        if bounds.contain(price) {
            return;
        }
        let message = format!(
            "the price {} is out of bounds",
            price.in_digits_of(currency)
        );
        let help = format!(
            "prices of a {} are {}",
            self.offer_type(),
            bounds.describe()
        );
        self.error(self.span(path), Code::PriceBounds, message, help);
    }

    /// Whether the currency has as many digits as the price; notes it if not.
    fn digits(&mut self, path: FieldPath, price: Amount, currency: Option<Currency>) -> bool {
        /// The most digits that any currency of the generation has.
        const DIGITS: fn(Api) -> u32 = |api| match api {
            Api::JsonRpc => 2,
            Api::Rest => 4,
        };
        let digits = currency.map_or_else(|| DIGITS(self.api()), Currency::digits);
        if price.digits() <= digits {
            return true;
        }
        let place = currency.map_or_else(
            || "any currency here".to_owned(),
            |currency| currency.to_string(),
        );
        let message = format!("the price {price} has more digits than {place}");
        let help = format!("write at most {digits} after the point");
        self.error(self.span(path), Code::PriceDigits, message, help);
        false
    }
}

fn amount(value: Option<&Value>) -> Option<Amount> {
    match value {
        Some(Value::Amount(amount)) => Some(*amount),
        _ => None,
    }
}
