//! Whether a live row says of a field what it should: [`Comparison`].

use offerctl_model::content::{Content, FieldPath};
use offerctl_model::country::Country;
use offerctl_model::field::{Field, Visibility};
use offerctl_model::money::is_net_price;
use offerctl_model::name::{Name, OfferId};
use offerctl_model::offer_type::{Api, OfferType};
use offerctl_model::value::{EventRef, Moment, Value};

use super::change::{Cause, FieldChange};
use super::same::{is_same_sale, is_same_time};
use super::wanted::{Undo, Wanted};
use crate::live::{Row, View};

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
    /// What former applies sent, for what is no longer declared.
    pub undo: Undo<'a>,
    /// When the account was read: prices that held until then are over.
    pub now: Option<Moment>,
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

/// Where a value of a country is sent.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
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

    pub(super) fn place(&self, country: Country, field: Field) -> Place {
        let per_row = field.is_localizable(self.api, self.offer_type);
        match self.view.home {
            Some(home) if home == country => Place::Base,
            Some(_) if !per_row => Place::Elsewhere,
            Some(_) | None if per_row => Place::Row,
            Some(_) | None => Place::Base,
        }
    }

    /// What was last applied to a field.
    fn applied(&self, FieldPath { country, field }: FieldPath) -> Applied<'_> {
        let applied = || self.applied?.at(country, field);
        match self.known(country, field).or_else(applied) {
            Some(value) => Applied::Value(value),
            None if self.applied.is_some() => Applied::Undeclared,
            None => Applied::Never,
        }
    }

    /// Compares a value with the live one; `None` if nothing differs.
    pub(super) fn compare(
        &self,
        row: &Row,
        path: FieldPath,
        wanted: &Wanted<'_>,
    ) -> Option<FieldChange> {
        let desired = &*wanted.value;
        let applied = self.applied(path);
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
        let was_applied = |applied: &Value| applied == desired || self.says_same(applied, desired);
        let (before, cause, readable) = match reading {
            Reading::Value(live) if equal(desired, live) => return None,
            Reading::Nothing if desired.is_cleared() => return None,
            Reading::Value(live) => {
                let cause = match applied {
                    Applied::Never => Cause::Adopted,
                    Applied::Value(applied) if !equal(applied, live) && was_applied(applied) => {
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
                    Applied::Value(applied) if was_applied(applied) => Cause::Drifted,
                    Applied::Value(applied) if !applied.is_cleared() => Cause::Both,
                    Applied::Value(_) | Applied::Undeclared => Cause::Edited,
                };
                (None, cause, true)
            }
            Reading::Unreadable => match applied {
                Applied::Value(applied) if was_applied(applied) => return None,
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
        let (cause, says_applied) = if wanted.undeclared {
            let by_hand = matches!((applied, &before), (Applied::Value(applied), Some(live)) if !equal(applied, live));
            (Cause::Undeclared, by_hand)
        } else {
            (cause, cause == Cause::Both)
        };
        let applied = match applied {
            Applied::Value(applied) if says_applied => Some(applied.clone()),
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

    pub(super) fn is_equal(
        &self,
        row: &Row,
        field: Field,
        (desired, live): (&Value, &Value),
    ) -> bool {
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
                is_same_time(desired, live)
            }
            (Field::PriceRules, desired, live) => is_same_sale(desired, live, self.now),
            // Lists show an empty own id as "0" (docs/cleeng-api.md §2.0).
            (Field::ContentExternalId, Value::Text(desired), Value::Text(live)) => {
                desired.is_empty() && live.raw() == "0"
            }
            _ => false,
        }
    }

    /// Whether two statements of a manifest are one in other words: events, by name or by id.
    fn says_same(&self, one: &Value, other: &Value) -> bool {
        match (one, other) {
            (Value::Events(one), Value::Events(other)) => self.same_events(one, other),
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
    if let Some(trial) = trial_in_other_words(row, field) {
        return Reading::Value(trial);
    }
    match (row.fields.get(field), field.visibility()) {
        (_, Visibility::WriteOnly) | (None, Visibility::Detail) => Reading::Unreadable,
        (Some(value), Visibility::Listed | Visibility::Detail) => Reading::Value(value),
        (None, Visibility::Listed) => Reading::Nothing,
    }
}

/// The free trial of an offer over REST, if it is in another unit than a field says it in: no free days beside a free month are
/// not "no trial".
fn trial_in_other_words(row: &Row, field: Field) -> Option<&Value> {
    if !Field::TRIAL_UNITS.contains(&field) {
        return None;
    }
    let has = |field: Field| row.fields.get(field).filter(|value| !value.is_cleared());
    has(Field::FreeTrial).filter(|_| has(field).is_none())
}
