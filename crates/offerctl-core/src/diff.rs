//! What differs between an offer as git says it and as it is live: [`difference`].

mod countries;
mod objects;
mod same;

use std::collections::BTreeMap;

use rust_decimal::{Decimal, RoundingStrategy};

pub use self::countries::CountryMoves;
use crate::content::{Content, FieldPath, Fields};
use crate::country::Country;
use crate::field::{Field, Visibility};
use crate::live::{Row, View};
use crate::money::{Amount, Currency};
use crate::name::{Name, OfferId};
use crate::offer_type::{Api, OfferType};
use crate::value::{EventRef, Value};

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
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    serde::Serialize,
    serde::Deserialize,
    schemars::JsonSchema,
)]
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
}

impl Difference {
    /// Whether nothing differs.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty() && self.countries.is_empty()
    }

    /// Says in which currency a plain price is where its answer does not, as those of VODs (API sheet §2.6).
    pub fn fill_in_currency(&mut self, currency: Option<Currency>) {
        let is_plain_price =
            |change: &&mut FieldChange| change.path == FieldPath::top(Field::Price);
        for change in self.fields.iter_mut().filter(is_plain_price) {
            change.currency = change.currency.or(currency);
        }
    }
}

/// How to find the id behind the name of an event.
pub type Resolver<'a> = &'a dyn Fn(&Name) -> Option<OfferId>;

/// What is compared.
#[derive(Clone, Copy)]
pub struct Comparison<'a> {
    /// The generation of the API.
    pub api: Api,
    /// The type of the offer.
    pub offer_type: OfferType,
    /// What git says.
    pub desired: &'a Content,
    /// What is live.
    pub view: &'a View,
    /// What was last applied.
    pub applied: Option<&'a Content>,
    /// Finds the ids of events.
    pub resolve: Resolver<'a>,
}

impl std::fmt::Debug for Comparison<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Comparison")
            .field("desired", self.desired)
            .field("view", self.view)
            .finish()
    }
}

/// Compares every declared field with the live one, and both with what was last applied.
///
/// Fields that the manifest does not say are not looked at. Rows of countries that only one side has are not
/// compared: whoever plans decides about them.
pub fn difference(comparison: Comparison<'_>) -> Difference {
    if comparison.desired.is_localized() {
        localized_difference(comparison)
    } else {
        plain_difference(comparison)
    }
}

fn plain_difference(comparison: Comparison<'_>) -> Difference {
    let mut difference = Difference::default();
    let Some(row) = comparison.view.rows.first() else {
        return difference;
    };
    for (field, desired) in comparison.desired.fields.iter() {
        let applied = Applied::of(comparison.applied, |content| content.fields.get(field));
        if let Some(change) = comparison.compare(row, FieldPath::top(field), (desired, applied)) {
            difference.base.set(field, desired.clone());
            difference.fields.push(change);
        }
    }
    difference
}

fn localized_difference(comparison: Comparison<'_>) -> Difference {
    let mut difference = Difference::default();
    // What differs by field, with the rows that have it from the top of the manifest.
    let mut changes: BTreeMap<Field, Vec<FieldChange>> = BTreeMap::new();
    let mut rows_compared = 0;
    for country in comparison.desired.countries_with(comparison.view.home) {
        let Some(row) = comparison.view.row(country) else {
            continue;
        };
        rows_compared += 1;
        for field in comparison.desired.row_fields(country) {
            let Some(desired) = comparison.desired.effective(country, field) else {
                continue;
            };
            let place = comparison.place(country, field);
            if place == Place::Elsewhere {
                continue;
            }
            let applied = Applied::of(comparison.applied, |content| {
                content.effective(country, field)
            });
            let path = FieldPath::localized(country, field);
            if let Some(change) = comparison.compare(row, path, (desired, applied)) {
                match place {
                    Place::Row => {
                        let row = difference.rows.entry(country).or_default();
                        row.set(field, desired.clone());
                    }
                    Place::Base | Place::Elsewhere => {
                        difference.base.set(field, desired.clone());
                    }
                }
                changes.entry(field).or_default().push(change);
            }
        }
    }
    for (field, mut changes) in changes {
        let own = |country: Country| {
            let row = comparison
                .desired
                .localizations
                .as_ref()
                .and_then(|rows| rows.get(&country));
            row.is_some_and(|row| row.fields.get(field).is_some())
        };
        let of_top = |change: &FieldChange| {
            let country = change.path.country;
            country.is_some_and(|country| !own(country))
        };
        let alike = changes.len() == rows_compared
            && changes.iter().all(of_top)
            && changes.windows(2).all(|pair| {
                pair[0].before == pair[1].before
                    && pair[0].cause == pair[1].cause
                    && pair[0].applied == pair[1].applied
            });
        // What only the offer itself has is said once, in every case.
        let said_once = comparison.view.home.is_some()
            && !field.is_localizable(comparison.api, comparison.offer_type);
        if said_once || alike && field != Field::Price {
            changes.truncate(1);
            changes[0].path = FieldPath::top(field);
        } else if let Some(at_home) = changes
            .iter_mut()
            .find(|change| change.path.country == comparison.view.home && of_top(change))
        {
            at_home.path = FieldPath::top(field);
        }
        difference.fields.append(&mut changes);
    }
    difference
}

/// Where a value of a country is sent.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// With the values of the offer itself.
    Base,
    /// With those of the country.
    Row,
    /// With the offer itself, which is another row.
    Elsewhere,
}

/// What was last applied to a field.
#[derive(Clone, Copy)]
enum Applied<'a> {
    Value(&'a Value),
    /// The offer was applied, and its manifest did not say the field.
    Undeclared,
    /// The offer was adopted and never applied.
    Never,
}

impl<'a> Applied<'a> {
    fn of(content: Option<&'a Content>, value: impl Fn(&'a Content) -> Option<&'a Value>) -> Self {
        match content {
            Some(content) => value(content).map_or(Self::Undeclared, Self::Value),
            None => Self::Never,
        }
    }
}

/// What a live row says of a field.
enum Reading<'a> {
    Value(&'a Value),
    /// The answer does not carry it, and would if it had a value.
    Nothing,
    /// Nobody can know.
    Unreadable,
}

/// Whether a live row says of a field what it should.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Agreement {
    /// It does.
    Equal,
    /// It says something else.
    Differs,
    /// The row does not show the field.
    Unknown,
}

impl Agreement {
    pub(crate) fn of(is_equal: bool) -> Self {
        if is_equal { Self::Equal } else { Self::Differs }
    }
}

impl Comparison<'_> {
    /// Returns whether a row says of a field what it should.
    pub(crate) fn agreement(&self, row: &Row, field: Field, desired: &Value) -> Agreement {
        match read(row, field) {
            Reading::Value(live) => Agreement::of(self.is_equal(row, field, (desired, live))),
            Reading::Nothing | Reading::Unreadable => Agreement::Unknown,
        }
    }

    fn place(&self, country: Country, field: Field) -> Place {
        let per_row = field.is_localizable(self.api, self.offer_type);
        match self.view.home {
            Some(home) if home == country => Place::Base,
            Some(_) if !per_row => Place::Elsewhere,
            Some(_) | None if per_row => Place::Row,
            Some(_) | None => Place::Base,
        }
    }

    fn compare(
        &self,
        row: &Row,
        path: FieldPath,
        (desired, applied): (&Value, Applied<'_>),
    ) -> Option<FieldChange> {
        let field = path.field;
        let live_currency;
        let reading = match (field, row.currency) {
            (Field::Currency, Some(currency)) => {
                live_currency = Value::Currency(currency);
                Reading::Value(&live_currency)
            }
            (Field::Currency, None) => match read(row, field) {
                Reading::Nothing => Reading::Unreadable,
                reading @ (Reading::Value(_) | Reading::Unreadable) => reading,
            },
            _ => read(row, field),
        };
        let equal = |value: &Value, to: &Value| self.is_equal(row, field, (value, to));
        let (before, cause, readable) = match reading {
            Reading::Value(live) if equal(desired, live) => return None,
            Reading::Nothing if desired.is_cleared() => return None,
            Reading::Value(live) => {
                let cause = match applied {
                    Applied::Never => Cause::Adopted,
                    Applied::Value(applied) if !equal(applied, live) && applied == desired => {
                        Cause::Drifted
                    }
                    Applied::Value(applied) if !equal(applied, live) => Cause::Both,
                    Applied::Value(_) | Applied::Undeclared => Cause::Edited,
                };
                (Some(live.clone()), cause, true)
            }
            Reading::Nothing => {
                let cause = match applied {
                    Applied::Never => Cause::Adopted,
                    Applied::Value(applied) if applied == desired => Cause::Drifted,
                    Applied::Value(applied) if !applied.is_cleared() => Cause::Both,
                    Applied::Value(_) | Applied::Undeclared => Cause::Edited,
                };
                (None, cause, true)
            }
            Reading::Unreadable => match applied {
                Applied::Value(applied) if applied == desired => return None,
                Applied::Value(applied) => (Some(applied.clone()), Cause::Edited, false),
                // Nothing was ever sent, so there is nothing to clear; and a currency cannot be sent any more.
                Applied::Undeclared | Applied::Never
                    if desired.is_cleared() || field == Field::Currency =>
                {
                    return None;
                }
                Applied::Undeclared => (None, Cause::Edited, false),
                Applied::Never => (None, Cause::Adopted, false),
            },
        };
        let applied = match applied {
            Applied::Value(applied) if cause == Cause::Both => Some(applied.clone()),
            Applied::Value(_) | Applied::Undeclared | Applied::Never => None,
        };
        Some(FieldChange {
            path,
            before,
            after: Some(desired.clone()),
            applied,
            currency: row.currency.filter(|_| field == Field::Price),
            cause,
            readable,
        })
    }

    fn is_equal(&self, row: &Row, field: Field, (desired, live): (&Value, &Value)) -> bool {
        if desired == live {
            return true;
        }
        match (field, desired, live) {
            (Field::Price, Value::Amount(desired), Value::Amount(live)) => {
                self.api == Api::JsonRpc
                    && self.offer_type == OfferType::Vod
                    && is_net_price(*desired, *live, row.tax_rate)
            }
            (Field::EventAssociation, Value::Events(desired), Value::Events(live)) => {
                self.same_events(desired, live)
            }
            (Field::Entitlement | Field::BillingCycle, desired, live) => {
                same::is_same_time(desired, live)
            }
            // Lists show an empty own id as "0" (API sheet §2.0, "Other wire quirks").
            (Field::ContentExternalId, Value::Text(desired), Value::Text(live)) => {
                desired.is_empty() && &**live == "0"
            }
            _ => false,
        }
    }

    fn same_events(&self, left: &[EventRef], right: &[EventRef]) -> bool {
        let resolve = |events: &[EventRef]| -> Vec<EventRef> {
            let mut resolved: Vec<EventRef> = events
                .iter()
                .map(|event| resolve_event(event, self.resolve))
                .collect();
            resolved.sort();
            resolved.dedup();
            resolved
        };
        resolve(left) == resolve(right)
    }
}

/// The event by its stem if it is known, or else by its name.
fn resolve_event(event: &EventRef, resolve: Resolver<'_>) -> EventRef {
    match event {
        EventRef::Id(id) => EventRef::Id(id.to_stem()),
        EventRef::Offer(name) => {
            resolve(name).map_or_else(|| event.clone(), |id| EventRef::Id(id.to_stem()))
        }
    }
}

fn read(row: &Row, field: Field) -> Reading<'_> {
    match (row.fields.get(field), field.visibility()) {
        (_, Visibility::WriteOnly) | (None, Visibility::Detail) => Reading::Unreadable,
        (Some(value), Visibility::Listed | Visibility::Detail) => Reading::Value(value),
        (None, Visibility::Listed) => Reading::Nothing,
    }
}

/// Whether the live price of a VOD is the declared one without its tax, to four decimals (API sheet §2.0, "Tax").
///
/// Where the answer does not say the rate, every rate from half a percent to thirty in steps of a half is
/// tried, but only on a live price that has parts of a cent and so is no price that anybody set.
pub(crate) fn is_net_price(gross: Amount, live: Amount, rate: Option<Amount>) -> bool {
    let net_of = |rate: Decimal| {
        let net = gross.decimal().checked_div(Decimal::ONE + rate)?;
        Some(net.round_dp_with_strategy(4, RoundingStrategy::MidpointAwayFromZero))
    };
    let live = live.decimal().normalize();
    match rate {
        Some(rate) if rate != Amount::ZERO => net_of(rate.decimal()) == Some(live),
        Some(_) | None => {
            live.scale() > 2
                && (1..=60).any(|steps| net_of(Decimal::new(5 * steps, 3)) == Some(live))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn amount(text: &str) -> Amount {
        text.parse().unwrap()
    }

    #[test]
    fn the_net_price_of_a_vod_is_recognized() {
        // The sample of the vendor: 13 with Polish VAT.
        assert!(is_net_price(
            amount("13"),
            amount("10.5691"),
            Some(amount("0.23"))
        ));
        assert!(is_net_price(amount("13"), amount("10.5691"), None));
        assert!(is_net_price(
            amount("13"),
            amount("10.5691"),
            Some(Amount::ZERO)
        ));
        assert!(!is_net_price(
            amount("13"),
            amount("10.5691"),
            Some(amount("0.19"))
        ));
        assert!(
            !is_net_price(amount("13"), amount("10.57"), None),
            "a price that somebody set"
        );
        assert!(!is_net_price(amount("14"), amount("10.5691"), None));
        assert!(!is_net_price(amount("13"), amount("12"), None));
    }
}
