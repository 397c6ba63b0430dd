//! What a live offer says, as a manifest says it: [`read_back`].

use std::collections::{BTreeMap, BTreeSet};

use offerctl_manifest::project::Account;
use offerctl_model::content::{Content, Fields, Localization};
use offerctl_model::country::Country;
use offerctl_model::field::{Field, Visibility};
use offerctl_model::money::Currency;
use offerctl_model::offer_type::{Api, OfferType};
use offerctl_model::value::Value;

use crate::live::{Row, View};
use crate::notation::{notation, price_with_tax};

/// What an offer says, and what of it a manifest cannot say.
#[derive(Debug, Default)]
pub(super) struct ReadBack {
    pub(super) content: Content,
    /// Why the offer cannot be written; none of it is then.
    pub(super) problems: Vec<String>,
    /// Fields that the live offer has and the API cannot set, so that nobody manages them.
    pub(super) unsettable: BTreeSet<Field>,
}

/// Reads an offer back from its rows.
///
/// Values that say nothing are left out, because a new offer has them anyway.
pub(super) fn read_back(
    (api, offer_type): (Api, OfferType),
    view: &View,
    account: &Account,
) -> ReadBack {
    let mut reading = Reading {
        api,
        offer_type,
        account,
        found: ReadBack::default(),
    };
    match view.rows.as_slice() {
        [] => reading.problem("the lists show no row of it".to_owned()),
        [row] if !reading.is_localized(row) => reading.plain(row),
        rows => reading.localized(rows),
    }
    reading.found
}

struct Reading<'a> {
    api: Api,
    offer_type: OfferType,
    account: &'a Account,
    found: ReadBack,
}

/// The fields of one country.
type OwnFields = BTreeMap<Country, Fields>;

impl Reading<'_> {
    fn problem(&mut self, words: String) {
        self.found.problems.push(words);
    }

    /// Whether a single row is that of an offer with a price for one country.
    ///
    /// Plain offers inherit country and currency from the account. One that has others must have been made with
    /// localizations.
    fn is_localized(&self, row: &Row) -> bool {
        let Account {
            country, currency, ..
        } = self.account;
        let other_country =
            matches!((row.country, country), (Some(shown), Some(own)) if shown != *own);
        let other_currency =
            matches!((row.currency, currency), (Some(shown), Some(own)) if shown != *own);
        Field::Price.is_localizable(self.api, self.offer_type)
            && !Field::Currency.exists_in(self.api, self.offer_type)
            && row.country.is_some()
            && row.currency.is_some()
            && (other_country || other_currency)
    }

    fn plain(&mut self, row: &Row) {
        let (api, offer_type) = (self.api, self.offer_type);
        let exists = |field: Field| field.exists_in(api, offer_type);
        let fields = self.values(row, exists);
        self.found.content.fields = fields;
        let of_account = self.account.currency;
        if Field::Currency.exists_in(self.api, self.offer_type)
            && let Some(currency) = row.currency
            && of_account != Some(currency)
        {
            let value = Value::Currency(currency);
            self.found.content.fields.set(Field::Currency, value);
        }
    }

    /// The values of a row that say something and can be written.
    fn values(&mut self, row: &Row, exists: impl Fn(Field) -> bool) -> Fields {
        let mut fields = Fields::new();
        for (field, value) in row.fields.iter() {
            if matches!(field, Field::Currency | Field::Marker)
                || self.is_said_otherwise(row, field)
                || value.is_cleared() && field != Field::Price
                || field.visibility() == Visibility::WriteOnly
            {
                continue;
            }
            if !exists(field) {
                self.found.unsettable.insert(field);
                continue;
            }
            match self.value(row, field, value) {
                Ok(Some(value)) => {
                    fields.set(field, value);
                }
                Ok(None) => {}
                Err(problem) => self.problem(problem),
            }
        }
        fields
    }

    /// Whether another field says the same: over REST a length of time has up to two forms here. The one that both
    /// generations have goes first.
    fn is_said_otherwise(&self, row: &Row, field: Field) -> bool {
        if self.api == Api::JsonRpc {
            return false;
        }
        let has_word = match row.fields.get(Field::Period) {
            Some(Value::Text(word)) => Field::periods(self.offer_type, false).contains(&word.raw()),
            _ => false,
        };
        let has_hours = matches!(
            row.fields.get(Field::RentalPeriod),
            Some(Value::Integer(1..))
        );
        match (field, self.offer_type) {
            (Field::FreeTrial, _) => true,
            (Field::Period, _) => !has_word,
            (Field::BillingCycle, _) => has_word,
            (Field::Entitlement, OfferType::Pass) => {
                has_word || row.fields.get(Field::ExpiresAt).is_some()
            }
            (Field::Entitlement, OfferType::Vod) => has_hours,
            (Field::RentalPeriod, _) => !has_hours,
            _ => false,
        }
    }

    /// A live value as a manifest says it; `None` if it says nothing.
    fn value(&self, row: &Row, field: Field, value: &Value) -> Result<Option<Value>, String> {
        let value = match (field, value) {
            (Field::Price, Value::Amount(shown))
                if self.offer_type == OfferType::Vod && self.api == Api::JsonRpc =>
            {
                let price = price_with_tax(*shown, row.tax_rate).ok_or_else(|| {
                    format!("its price {shown} does not tell whether tax is in it")
                })?;
                Value::Amount(price)
            }
            // Lists show an empty own id as "0" (docs/cleeng-api.md §2.0).
            (Field::ContentExternalId, Value::Text(text)) if text.raw() == "0" => return Ok(None),
            (_, value) => value.clone(),
        };
        match notation(field.kind(), &value, (None, None)) {
            Some(_) => Ok(Some(value)),
            None => Err(format!(
                "the value of `{field}` is of another kind than the field"
            )),
        }
    }

    fn localized(&mut self, rows: &[Row]) {
        let (api, offer_type) = (self.api, self.offer_type);
        let fits = |field: Field| field.fits_localized_offer(api, offer_type);
        let mut own: OwnFields = BTreeMap::new();
        let mut currencies: BTreeMap<Country, Currency> = BTreeMap::new();
        for row in rows {
            let (Some(country), Some(currency)) = (row.country, row.currency) else {
                self.problem(format!("{} shows no country or no currency", row.id));
                continue;
            };
            let fields = self.values(row, fits);
            currencies.insert(country, currency);
            own.insert(country, fields);
        }
        if !self.found.problems.is_empty() {
            return;
        }
        let fields: BTreeSet<Field> = own
            .values()
            .flat_map(|fields| fields.iter().map(|(field, _)| field))
            .collect();
        for field in fields {
            if field.is_localizable(api, offer_type) {
                self.share(field, &mut own, &currencies);
            } else {
                self.lift(field, &mut own);
            }
        }
        let rows = own.into_iter().filter_map(|(country, fields)| {
            let currency = *currencies.get(&country)?;
            Some((country, Localization { currency, fields }))
        });
        self.found.content.localizations = Some(rows.collect());
    }

    /// Puts a value to the top that all countries have to share.
    fn lift(&mut self, field: Field, own: &mut OwnFields) {
        let mut values = own.values_mut().map(|fields| fields.remove(field));
        let first = values.next().flatten();
        let alike = values.all(|value| value == first);
        match first {
            Some(value) if alike => {
                self.found.content.fields.set(field, value);
            }
            Some(_) | None => self.problem(format!(
                "`{field}` differs per country, which {} cannot set",
                self.api
            )),
        }
    }

    /// Puts the value that most countries have to the top, and leaves the others in their places.
    fn share(
        &mut self,
        field: Field,
        own: &mut OwnFields,
        currencies: &BTreeMap<Country, Currency>,
    ) {
        let home = self.account.country;
        let mut counts: BTreeMap<Option<&Value>, usize> = BTreeMap::new();
        for fields in own.values() {
            *counts.entry(fields.get(field)).or_default() += 1;
        }
        let at_home = home.and_then(|home| own.get(&home)?.get(field));
        let most = counts.values().copied().max().unwrap_or_default();
        let mut frequent = counts.iter().filter(|(_, count)| **count == most);
        let first_of_most = || {
            let in_order = own.values().map(|fields| fields.get(field));
            in_order
                .into_iter()
                .find(|value| counts.get(value) == Some(&most))
                .flatten()
        };
        // Amounts in several currencies have nothing in common: the price at home is the one that people know.
        let base = if field == Field::Price {
            at_home.or_else(first_of_most)
        } else if frequent.any(|(value, _)| *value == at_home) && at_home.is_some() {
            at_home
        } else {
            first_of_most()
        };
        let base = match base {
            Some(base) => base.clone(),
            None if field.is_essential() => match own.values().find_map(|row| row.get(field)) {
                Some(value) => value.clone(),
                None => return,
            },
            // Most countries say nothing: the others say it for themselves.
            None => return,
        };
        let counts_in = own
            .iter()
            .find(|(_, fields)| fields.get(field) == Some(&base))
            .and_then(|(country, _)| currencies.get(country))
            .copied();
        let counts_in = home
            .filter(|home| {
                own.get(home)
                    .is_some_and(|row| row.get(field) == Some(&base))
            })
            .and_then(|home| currencies.get(&home).copied())
            .or(counts_in);
        for (country, fields) in own.iter_mut() {
            match fields.get(field) {
                Some(value) if *value == base => {
                    // A price that only looks the same is said again.
                    let same_money =
                        field != Field::Price || currencies.get(country).copied() == counts_in;
                    if same_money {
                        fields.remove(field);
                    }
                }
                Some(_) => {}
                None => match Value::cleared(field.kind()).filter(|_| !field.is_essential()) {
                    Some(nothing) => {
                        fields.set(field, nothing);
                    }
                    None => self
                        .found
                        .problems
                        .push(format!("`{field}` is missing in {country}")),
                },
            }
        }
        self.found.content.fields.set(field, base);
    }
}
