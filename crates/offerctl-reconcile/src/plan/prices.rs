//! How prices move: [`PriceMove`], for whoever reads a plan.

use offerctl_model::country::Country;
use offerctl_model::field::Field;
use offerctl_model::money::{Amount, Currency};
use offerctl_model::value::Value;
use rust_decimal::Decimal;

use super::change::{Action, Change};
use crate::diff::FieldChange;

/// A price that is there before and after, and is not the same.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PriceMove<'a> {
    /// The offer.
    pub change: &'a Change,
    /// The country, if the price is that of a localization.
    pub country: Option<Country>,
    /// The currency, if it is known.
    pub currency: Option<Currency>,
    /// The live price.
    pub before: Amount,
    /// The price that git says.
    pub after: Amount,
}

/// How many prices move, and where to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PriceMoves {
    /// Those that rise.
    pub up: usize,
    /// Those that fall.
    pub down: usize,
}

impl<'a> PriceMove<'a> {
    /// The move of one field; `None` if it is no price, or one that only comes or goes.
    pub fn of(change: &'a Change, field: &FieldChange) -> Option<Self> {
        match change.action {
            Action::Update | Action::Replace | Action::Activate => {}
            Action::Create | Action::Deactivate | Action::Adopt | Action::Forget => return None,
        }
        let (Field::Price, Some(Value::Amount(before)), Some(Value::Amount(after))) =
            (field.path.field, &field.before, &field.after)
        else {
            return None;
        };
        (before != after).then_some(Self {
            change,
            country: field.path.country,
            currency: field.currency,
            before: *before,
            after: *after,
        })
    }

    /// Whether the price rises.
    pub fn is_up(&self) -> bool {
        self.after > self.before
    }

    /// The move as a part of the price before; `None` if that was nothing, or if the part cannot be counted.
    pub fn ratio(&self) -> Option<Decimal> {
        let moved = self.after.decimal().checked_sub(self.before.decimal())?;
        moved.checked_div(self.before.decimal())
    }
}

impl PriceMoves {
    /// All of them.
    pub fn total(self) -> usize {
        self.up + self.down
    }
}

impl Change {
    /// The prices of the offer that move.
    pub fn price_moves(&self) -> impl Iterator<Item = PriceMove<'_>> {
        self.fields
            .iter()
            .filter_map(|field| PriceMove::of(self, field))
    }
}
