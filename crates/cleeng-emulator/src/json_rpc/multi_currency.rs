//! Creates and updates offers with a price per country: [`create`], [`update`] (docs/cleeng-api.md §4).
//!
//! `offerData` is the base, `localizedData` the list of countries. Only the countries become offers: they share a stem. In a
//! create, the base stands for what they do not say themselves; in an update, only for what they share.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::code::{Country, Currency};
use crate::fault::action::WriteFault;
use crate::field::{Field, Fields};
use crate::json::Json;
use crate::json_rpc::answer::answer_rows;
use crate::json_rpc::change::Change;
use crate::json_rpc::failure::Failure;
use crate::json_rpc::method::Method;
use crate::json_rpc::rule::{CURRENCIES, Page, rules};
use crate::json_rpc::shape;
use crate::json_rpc::write::{Aside, applied, read, read_update};
use crate::json_rpc::zeros::without_zeros;
use crate::kind::Kind;
use crate::offer::Offer;
use crate::quirk::{BaseValues, RowValues, UpdateZeros};
use crate::service::{Service, Written};

/// The fields of a base of which each localization keeps its own value in an update. The rest, such as the period, is the same
/// for all of them, as the documented sample has it (docs/cleeng-api.md §4).
const OWN: [Field; 4] = [Field::Price, Field::Title, Field::Url, Field::Description];

/// An entry of `localizedData`.
struct Row {
    /// The currency as it was sent, if it was.
    currency: Option<String>,
    change: Change,
}

/// Creates one offer for each entry of `localizedData`, of which there must be one.
pub(crate) fn create(
    service: &mut Service,
    method: Method,
    params: &Map<String, Value>,
    (faults, unknown): Aside<'_, '_>,
) -> Result<Written<Json>, Failure> {
    let kind = method.kind;
    let base = read((kind, Page::Base), params, unknown)?;
    base.require(rules(kind, Page::Base), "offerData")?;
    let rows = read_rows(params, kind, UpdateZeros::Taken, unknown)?;
    if rows.is_empty() {
        return Err(Failure::bad_offer("localizedData is required"));
    }
    let mut offers = Vec::new();
    let stem = service.new_stem(kind.letter(false));
    for (country, row) in rows {
        let path = format!("localizedData {country}");
        if service.quirks.row_values == RowValues::Required {
            row.change.require(rules(kind, Page::Row), &path)?;
        }
        let currency = row
            .currency
            .ok_or_else(|| Failure::bad_offer(format!("{path}: currency is required")))?;
        let fields = applied(
            &base.overridden_by(&row.change),
            Fields::new(),
            kind,
            faults,
        )?;
        let currency = currency_of(&currency, &path)?;
        let mut offer = service
            .new_row((&stem, &country), kind, currency)
            .localized();
        offer.set_fields(fields);
        offers.push(offer);
    }
    Ok(finish(service, &stem, offers, faults))
}

/// Updates localizations that are there. What an entry says goes to its country. What the base says goes to all of them, but
/// for the fields of which each keeps its own value: what the base means by those is not documented, so that a switch lets
/// them go to every localization whose entry does not say them. What nobody says stays. Countries cannot be added and
/// currencies not be changed.
pub(crate) fn update(
    service: &mut Service,
    method: Method,
    params: &Map<String, Value>,
    (faults, unknown): Aside<'_, '_>,
) -> Result<Written<Json>, Failure> {
    let kind = method.kind;
    let stem = params
        .get("multiCurrencyOfferId")
        .and_then(shape::text)
        .ok_or_else(|| Failure::bad_params("multiCurrencyOfferId is missing"))?;
    let mut offers: Vec<Offer> = service
        .store
        .localized_rows(&stem)
        .into_iter()
        .filter(|offer| offer.kind() == kind)
        .cloned()
        .collect();
    if offers.is_empty() {
        return Err(Failure::no_offer(&stem));
    }
    let mut base = read_update(service, (kind, Page::Base), params, unknown)?;
    if service.quirks.base_values == BaseValues::Shared {
        for field in OWN {
            base.forget(field);
        }
    }
    let rows = read_rows(params, kind, service.quirks.update_zeros, unknown)?;
    let stranger = rows.keys().find(|country| {
        !offers
            .iter()
            .any(|offer| offer.id().country() == country.as_str())
    });
    if let Some(country) = stranger {
        return Err(Failure::bad_offer(format!(
            "localizedData {country}: offer {stem} has no such country"
        )));
    }
    for offer in &mut offers {
        let row = rows
            .iter()
            .find(|(country, _)| country.as_str() == offer.id().country());
        let change = match row {
            Some((_, row)) => base.overridden_by(&row.change),
            None => base.clone(),
        };
        let fields = applied(&change, offer.fields().clone(), kind, faults)?;
        offer.set_fields(fields);
        offer.set_updated_at(service.clock.now());
    }
    Ok(finish(service, &stem, offers, faults))
}

fn read_rows(
    params: &Map<String, Value>,
    kind: Kind,
    zeros: UpdateZeros,
    unknown: &mut Vec<String>,
) -> Result<BTreeMap<Country, Row>, Failure> {
    let entries = match params.get("localizedData") {
        None | Some(Value::Null) => return Ok(BTreeMap::new()),
        Some(Value::Array(entries)) => entries,
        Some(Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_)) => {
            return Err(Failure::bad_params("localizedData is not a list"));
        }
    };
    let mut rows = BTreeMap::new();
    for (index, entry) in entries.iter().enumerate() {
        let path = format!("localizedData[{index}]");
        let Value::Object(entry) = entry else {
            return Err(Failure::bad_params(format!("{path} is not an object")));
        };
        let mut data = entry.clone();
        let country: Country = match data.remove("country") {
            Some(Value::String(code)) => code
                .parse()
                .map_err(|error| Failure::bad_offer(format!("{path}.country: {error}")))?,
            _ => return Err(Failure::bad_offer(format!("{path}.country is required"))),
        };
        let currency = match data.remove("currency") {
            None | Some(Value::Null) => None,
            Some(Value::String(code)) => Some(code),
            Some(Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
                return Err(Failure::bad_offer(format!(
                    "{path}.currency must be a text"
                )));
            }
        };
        let data = without_zeros(zeros, &data);
        let change = Change::read((kind, Page::Row), &data, &path, unknown)?;
        let row = Row { currency, change };
        if rows.insert(country, row).is_some() {
            return Err(Failure::bad_offer(format!("{path}.country is there twice")));
        }
    }
    Ok(rows)
}

fn currency_of(code: &str, path: &str) -> Result<Currency, Failure> {
    CURRENCIES
        .contains(&code)
        .then(|| code.parse().ok())
        .flatten()
        .ok_or_else(|| {
            Failure::bad_offer(format!(
                "{path}: currency must be one of {}",
                CURRENCIES.join(", ")
            ))
        })
}

fn finish(
    service: &mut Service,
    stem: &str,
    offers: Vec<Offer>,
    faults: &[WriteFault],
) -> Written<Json> {
    let answer = answer_rows(service, stem, &offers);
    let ids = offers.iter().map(|offer| offer.id().clone()).collect();
    service.put(offers, faults);
    Written::rows(answer, ids)
}
