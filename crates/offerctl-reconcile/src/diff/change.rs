//! What differs, field by field: [`Difference`].

use std::collections::{BTreeMap, BTreeSet};

use offerctl_model::content::{FieldPath, Fields, Localizations};
use offerctl_model::country::Country;
use offerctl_model::field::Field;
use offerctl_model::money::Currency;
use offerctl_model::value::Value;

/// A field that is not as it should be.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldChange {
    /// Which one.
    pub path: FieldPath,
    /// The live value; the value last applied, if the live one cannot be read.
    pub before: Option<Value>,
    /// The value that git says.
    pub after: Option<Value>,
    /// What was last applied, if it is neither of the two: somebody changed it by hand, and git moved on as well.
    pub applied: Option<Value>,
    /// The currency, if the field is a price and the currency is known.
    pub currency: Option<Currency>,
    /// What led to it.
    pub cause: Cause,
    /// Whether the live value can be read back; if not, `before` is what was last applied.
    pub readable: bool,
}

/// What led to a difference.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Cause {
    /// The manifest changed since the last apply.
    Edited,
    /// The live offer changed since the last apply.
    Drifted,
    /// Both changed.
    Both,
    /// The offer was never applied from here.
    Adopted,
    /// The manifest does not say the field any more, so that it goes back to its empty value.
    Undeclared,
}

/// What differs, for people and for the update that mends it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Difference {
    /// For people: one line per field, or per field and country.
    pub fields: Vec<FieldChange>,
    /// The values to send once, for all rows.
    pub base: Fields,
    /// The values to send to each row of a localized offer.
    pub rows: BTreeMap<Country, Fields>,
    /// The countries to come and to go, where the API can do that.
    pub countries: CountryMoves,
    /// Where a value that is sent becomes live because it differs; what only travels with it is not among them.
    pub sent: BTreeSet<FieldPath>,
}

impl Difference {
    /// Lets a value be sent to a country, or with the offer itself.
    pub(super) fn set(&mut self, (country, field): (Option<Country>, Field), value: Value) {
        match country {
            Some(country) => self.rows.entry(country).or_default().set(field, value),
            None => self.base.set(field, value),
        };
        self.sent.insert(FieldPath { country, field });
    }

    /// Whether nothing differs.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty() && self.countries.is_empty()
    }

    /// Says in which currency a plain price is where its answer does not, as those of VODs (docs/cleeng-api.md §2.6).
    pub fn fill_in_currency(&mut self, currency: Option<Currency>) {
        let is_plain_price =
            |change: &&mut FieldChange| change.path == FieldPath::top(Field::Price);
        for change in self.fields.iter_mut().filter(is_plain_price) {
            change.currency = change.currency.or(currency);
        }
    }
}

/// Countries to come and to go.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CountryMoves {
    /// Those that the offer never had, with all that is said of them.
    pub added: Localizations,
    /// Those that are taken up again.
    pub revived: BTreeSet<Country>,
    /// Those that are no longer sold to.
    pub removed: BTreeSet<Country>,
}

impl CountryMoves {
    /// Whether no country comes or goes.
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.revived.is_empty() && self.removed.is_empty()
    }
}
