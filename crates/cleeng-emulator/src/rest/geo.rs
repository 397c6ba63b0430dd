//! Where an offer can be bought: [`Geo`] (API sheet §5.3 and §5.6).

use serde_json::Value;

use crate::code::Country;
use crate::field::{Field, FieldValue};
use crate::json::Json;
use crate::json_rpc::change::Fields;
use crate::rest::body::{Members, invalid, items, word};
use crate::rest::failure::Failure;

/// A list of countries, and whether it allows or forbids them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Geo {
    sort: String,
    countries: Vec<String>,
}

impl Geo {
    /// Reads `geoRestriction`. Whether the list may be empty is not documented: here it may not.
    pub(crate) fn read(value: &Value, path: &str) -> Result<Option<Self>, Failure> {
        if value.is_null() {
            return Ok(None);
        }
        let mut members = Members::of(value, path)?;
        let (sort, at) = members.require("type")?;
        let sorts = [("whitelist", "whitelist"), ("blacklist", "blacklist")];
        let sort = word(sort, &at, &sorts)?.to_owned();
        let (list, at) = members.require("countries")?;
        let mut countries = Vec::new();
        for item in items(list, &at)? {
            let country = item
                .as_str()
                .filter(|code| code.parse::<Country>().is_ok())
                .ok_or_else(|| invalid(&at, "must hold codes of two upper-case letters"))?;
            countries.push(country.to_owned());
        }
        if countries.is_empty() {
            return Err(invalid(&at, "must not be empty"));
        }
        members.finish()?;
        Ok(Some(Self { sort, countries }))
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
