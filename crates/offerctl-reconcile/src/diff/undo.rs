//! What a manifest no longer says, and what becomes of it: [`Comparison::undone`] (the contract's "What git no longer says is undone").
//!
//! A value that an apply sent goes back to the empty value of its field, so that `git revert` undoes. What was only found
//! live stays, and so does what has no empty value.

use std::borrow::Cow;

use offerctl_model::content::FieldPath;
use offerctl_model::country::Country;
use offerctl_model::field::{Field, Visibility};
use offerctl_model::offer_type::Api;
use offerctl_model::value::Value;

use super::comparison::{Agreement, Comparison, Place};
use super::wanted::{Undo, Wanted};

impl<'a> Comparison<'a> {
    /// The value that a field is to have in a country, or of the offer itself; `None` if it is left as it is.
    pub(super) fn wanted(&self, country: Option<Country>, field: Field) -> Option<Wanted<'a>> {
        if self.undo.ignores(field) {
            return None;
        }
        if let Some(declared) = self.declared(country, field) {
            return Some(Wanted {
                value: Cow::Borrowed(declared),
                undeclared: false,
            });
        }
        if self.is_other_trial(country, field) {
            let known = self.known(country, field);
            return Some(Wanted {
                value: Cow::Owned(Value::undone(field)?),
                undeclared: known.is_some_and(|value| !value.is_cleared()),
            });
        }
        let empty = self.undone(country, field)?;
        Some(Wanted {
            value: Cow::Owned(empty),
            undeclared: true,
        })
    }

    fn declared(&self, country: Option<Country>, field: Field) -> Option<&'a Value> {
        self.desired.at(country, field)
    }

    /// The value that was last applied or sent; a row that is new in the manifest had none.
    pub(crate) fn known(&self, country: Option<Country>, field: Field) -> Option<&'a Value> {
        let applied = || {
            let applied = self.applied?;
            let Some(country) = country else {
                return applied.fields.get(field);
            };
            let had_row = self.view.home == Some(country)
                || applied.countries().any(|known| known == country);
            let value = applied.effective(country, field);
            value.filter(|_| had_row)
        };
        self.leftover(self.live_at(country, field), field)
            .or_else(applied)
    }

    /// A value that was sent besides to a place where it is live; one that may never have arrived counts only if it is live.
    fn leftover(&self, country: Option<Country>, field: Field) -> Option<&'a Value> {
        let here = self.undo.leftovers.iter().rev();
        let here = here.filter(|leftover| leftover.country == country);
        let mut values = here.filter_map(|left| Some((left.fields.get(field)?, left.doubtful)));
        let counts = |value: &Value| self.may_be_live(country, field, value);
        values
            .find(|(value, is_doubtful)| !is_doubtful || counts(value))
            .map(|(value, _)| value)
    }

    /// Whether a value is the one that is live at a place, as far as that can be read.
    pub(crate) fn may_be_live(
        &self,
        country: Option<Country>,
        field: Field,
        value: &Value,
    ) -> bool {
        let row = match country.or(self.view.home) {
            Some(country) => {
                let row = self.view.row(country);
                row.or_else(|| self.view.dormant_row(country))
            }
            None => self.view.rows.first(),
        };
        let Some(row) = row else { return false };
        match self.agreement(row, field, value) {
            Agreement::Equal => true,
            Agreement::Differs => false,
            Agreement::Unknown => value.is_cleared() || field.visibility() != Visibility::Listed,
        }
    }

    /// The country whose row a value of a country is live in; `None` if it is the offer itself.
    fn live_at(&self, country: Option<Country>, field: Field) -> Option<Country> {
        country.filter(|country| self.place(*country, field) == Place::Row)
    }

    /// Where a value of a country is live: in its row, or with the offer itself; `None` if the offer itself has it as
    /// another country.
    pub(crate) fn live_place(&self, country: Country, field: Field) -> Option<FieldPath> {
        match self.place(country, field) {
            Place::Row => Some(FieldPath::localized(country, field)),
            Place::Base => Some(FieldPath::top(field)),
            Place::Elsewhere => None,
        }
    }

    /// Whether an apply sent the value that was last applied, or another one since.
    pub(crate) fn was_sent(&self, country: Option<Country>, field: Field) -> bool {
        let country = self.live_at(country, field);
        let path = FieldPath { country, field };
        let is_left = self.leftover(country, field).is_some();
        let sent = self.undo.sent;
        is_left || sent.is_some_and(|sent| sent.includes(self.api, path))
    }

    /// The empty value that a field goes back to because it is no longer declared; `None` if it keeps what it has.
    pub(crate) fn undone(&self, country: Option<Country>, field: Field) -> Option<Value> {
        let known = self.known(country, field)?;
        if known.is_cleared() || !self.can_say(country, field) {
            return None;
        }
        if self.is_said_otherwise(country, field) {
            return None;
        }
        if !self.was_sent(country, field) {
            return None;
        }
        Value::undone(field)
    }

    /// Whether a field that is no longer declared keeps its live value, without anything else in its place.
    pub(crate) fn keeps(&self, country: Option<Country>, field: Field) -> bool {
        let is_left_alone = self.undo.ignores(field);
        let countries = match country {
            Some(country) => vec![Some(country)],
            None if self.desired.is_localized() => {
                let countries = self.desired.countries_with(self.view.home).into_iter();
                countries.map(Some).collect()
            }
            None => vec![None],
        };
        let replaced = |country: &Option<Country>| {
            self.undone(*country, field).is_some()
                || self.is_said_otherwise(*country, field)
                || self.is_other_trial(*country, field)
        };
        !is_left_alone && !countries.iter().any(replaced)
    }

    /// Whether another field of its group says what this one said.
    pub(crate) fn is_said_otherwise(&self, country: Option<Country>, field: Field) -> bool {
        let mut others = field.alternatives();
        others.any(|other| {
            let said = self.declared(country, other);
            said.is_some_and(|value| !value.is_cleared())
        })
    }

    /// Whether a manifest says the free trial in another unit. Over JSON-RPC each unit has a value of its own, and an offer has one
    /// trial: what is not declared is none (docs/cleeng-api.md §2.1).
    fn is_other_trial(&self, country: Option<Country>, field: Field) -> bool {
        let declares = |other: Field| self.declared(country, other).is_some();
        self.api == Api::JsonRpc
            && Field::TRIAL_UNITS.contains(&field)
            && field.alternatives().any(declares)
            && self.can_say(country, field)
    }

    /// Whether this generation of the API has the field at its place.
    fn can_say(&self, country: Option<Country>, field: Field) -> bool {
        match self.live_at(country, field) {
            Some(_) => field.is_localizable(self.api, self.offer_type),
            None => field.fits_top(self.api, self.offer_type, self.desired.is_localized()),
        }
    }

    /// The fields that are to be looked at in a country, or of the offer itself, in order.
    ///
    /// `remembered` says whether what was last applied is anything else than what is declared.
    pub(super) fn fields_of(&self, country: Option<Country>, remembered: bool) -> Vec<Field> {
        let fields_of = |content: &offerctl_model::content::Content| match country {
            Some(country) => content.row_fields(country),
            None => content.fields.iter().map(|(field, _)| field).collect(),
        };
        let mut fields = fields_of(self.desired);
        for field in Field::TRIAL_UNITS {
            if self.is_other_trial(country, field) && !fields.contains(&field) {
                fields.push(field);
                fields.sort_unstable();
            }
        }
        if !remembered {
            return fields;
        }
        fields.extend(self.applied.into_iter().flat_map(fields_of));
        let leftovers = self.undo.leftovers.iter();
        let here = leftovers.filter(|left| left.country.is_none() || left.country == country);
        fields.extend(here.flat_map(|left| left.fields.iter().map(|(field, _)| field)));
        fields.sort_unstable();
        fields.dedup();
        fields
    }

    /// Whether anything may have to be undone.
    pub(super) fn remembers(&self) -> bool {
        let Undo {
            sent, leftovers, ..
        } = self.undo;
        let others = self.applied.is_some_and(|applied| applied != self.desired);
        sent.is_some() && others || !leftovers.is_empty()
    }
}
