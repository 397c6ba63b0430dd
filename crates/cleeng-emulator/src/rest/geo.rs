//! Where an offer can be bought: [`Geo`] (docs/cleeng-api.md §5.3 and §5.6).

use serde_json::Value;

use crate::code::Country;
use crate::field::{Field, FieldValue, Fields};
use crate::json::Json;
use crate::rest::body::{Members, incomplete, invalid, items, word};
use crate::rest::failure::Failure;

/// A list of countries, and whether it allows or forbids them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Geo {
    sort: String,
    countries: Vec<String>,
}

impl Geo {
    /// Reads `geoRestriction`. What a patch leaves out of it stays, if there was a restriction before. Whether the list
    /// may be empty is not documented: here it may not.
    pub(crate) fn read(
        value: &Value,
        path: &str,
        before: Option<&Fields>,
    ) -> Result<Option<Self>, Failure> {
        if value.is_null() {
            return Ok(None);
        }
        let mut members = Members::of(value, path)?.some()?;
        if before.is_none() {
            members.require("type")?;
            members.require("countries")?;
        }
        let sorts = [("whitelist", "whitelist"), ("blacklist", "blacklist")];
        let sort = match members.take("type") {
            Some((sort, at)) => Some(word(sort, &at, &sorts)?.to_owned()),
            None => None,
        };
        let countries = match members.take("countries") {
            Some((list, at)) => Some(read_countries(list, &at)?),
            None => None,
        };
        members.finish()?;
        let (old_sort, old_countries) = before
            .and_then(Self::of)
            .map(|geo| (geo.sort, geo.countries))
            .unzip();
        Ok(Some(Self {
            sort: sort.or(old_sort).ok_or_else(|| incomplete(path, "type"))?,
            countries: countries
                .or(old_countries)
                .ok_or_else(|| incomplete(path, "countries"))?,
        }))
    }

    /// Returns the restriction that an offer has: none unless it is switched on.
    pub(crate) fn of(fields: &Fields) -> Option<Self> {
        if fields.get(&Field::GeoRestrictionEnabled) != Some(&FieldValue::Flag(true)) {
            return None;
        }
        let sort = match fields.get(&Field::GeoRestrictionType) {
            Some(FieldValue::Text(sort)) => sort.clone(),
            _ => "whitelist".to_owned(),
        };
        let countries = match fields.get(&Field::GeoRestrictionCountries) {
            Some(FieldValue::List(countries)) => countries.clone(),
            _ => Vec::new(),
        };
        Some(Self { sort, countries })
    }

    /// Gives an offer that restriction, or none.
    pub(crate) fn set(fields: &mut Fields, geo: Option<Self>) {
        for field in [
            Field::GeoRestrictionEnabled,
            Field::GeoRestrictionType,
            Field::GeoRestrictionCountries,
        ] {
            fields.remove(&field);
        }
        if let Some(Self { sort, countries }) = geo {
            fields.insert(Field::GeoRestrictionEnabled, true.into());
            fields.insert(Field::GeoRestrictionType, sort.into());
            fields.insert(Field::GeoRestrictionCountries, countries.into());
        }
    }

    /// Shows it.
    pub(crate) fn show(&self) -> Json {
        Json::object([
            ("type", Json::text(&self.sort)),
            ("countries", Json::texts(&self.countries)),
        ])
    }
}

fn read_countries(list: &Value, path: &str) -> Result<Vec<String>, Failure> {
    let mut countries = Vec::new();
    for item in items(list, path)? {
        let country = item
            .as_str()
            .filter(|code| code.parse::<Country>().is_ok())
            .ok_or_else(|| invalid(path, "must hold codes of two upper-case letters"))?;
        countries.push(country.to_owned());
    }
    if countries.is_empty() {
        return Err(invalid(path, "must not be empty"));
    }
    Ok(countries)
}
