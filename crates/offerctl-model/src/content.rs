//! What an offer says: its [`Fields`], and with its localizations its [`Content`].

use std::collections::BTreeSet;
use std::fmt;

use litemap::LiteMap;
use serde::de::{MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

use crate::country::Country;
use crate::field::Field;
use crate::foreign::Foreign;
use crate::money::Currency;
use crate::offer_type::{Api, OfferType};
use crate::value::{FieldValueSeed, Value, json_value};

/// Values by field, sorted; a field that is not there is not said.
///
/// Most localizations say a price and nothing else, so one value needs no memory of its own.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fields(SmallVec<[(Field, Value); 1]>);

impl Fields {
    /// Returns no fields at all.
    pub fn new() -> Self {
        Self::default()
    }

    /// The value of a field.
    pub fn get(&self, field: Field) -> Option<&Value> {
        let index = self
            .0
            .binary_search_by_key(&field, |(found, _)| *found)
            .ok()?;
        Some(&self.0[index].1)
    }

    /// Sets a field; returns the value that it had.
    pub fn set(&mut self, field: Field, value: Value) -> Option<Value> {
        match self.0.binary_search_by_key(&field, |(found, _)| *found) {
            Ok(index) => Some(std::mem::replace(&mut self.0[index].1, value)),
            Err(index) => {
                self.0.insert(index, (field, value));
                None
            }
        }
    }

    /// Removes a field.
    pub fn remove(&mut self, field: Field) -> Option<Value> {
        let index = self
            .0
            .binary_search_by_key(&field, |(found, _)| *found)
            .ok()?;
        Some(self.0.remove(index).1)
    }

    /// All fields and values, in the order of [`Field`].
    pub fn iter(&self) -> impl Iterator<Item = (Field, &Value)> {
        self.0.iter().map(|(field, value)| (*field, value))
    }

    /// Whether no field is set.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many fields are set.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Gives back memory that is not used.
    pub fn shrink(&mut self) {
        self.0.shrink_to_fit();
    }

    /// The text of a field that holds one.
    pub fn text(&self, field: Field) -> Option<&Foreign> {
        match self.get(field) {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        }
    }
}

impl FromIterator<(Field, Value)> for Fields {
    fn from_iter<I: IntoIterator<Item = (Field, Value)>>(entries: I) -> Self {
        let mut fields = Self::new();
        for (field, value) in entries {
            fields.set(field, value);
        }
        fields
    }
}

impl fmt::Debug for Fields {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_map()
            .entries(self.0.iter().map(|(field, value)| (field.name(), value)))
            .finish()
    }
}

impl Serialize for Fields {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (field, value) in &self.0 {
            map.serialize_entry(field, &json_value(value))?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct FieldsVisitor;

        impl<'de> Visitor<'de> for FieldsVisitor {
            type Value = Fields;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("fields of an offer")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Fields, A::Error> {
                let mut fields = Fields::new();
                while let Some(field) = access.next_key::<Field>()? {
                    let value = access.next_value_seed(FieldValueSeed(field.kind()))?;
                    fields.set(field, value);
                }
                Ok(fields)
            }
        }

        deserializer.deserialize_map(FieldsVisitor)
    }
}

/// What differs for one country.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Localization {
    /// The currency of the prices there.
    pub currency: Currency,
    /// The values that differ from those at the top of the offer.
    #[serde(default, skip_serializing_if = "Fields::is_empty")]
    pub fields: Fields,
}

/// What differs by country, sorted by country: a list, since a large catalogue has many, and few of them change.
pub type Localizations = LiteMap<Country, Localization>;

/// What an offer says.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Content {
    /// The values at the top: of the offer, or the defaults of its localizations.
    pub fields: Fields,
    /// The countries with values of their own; `None` if the offer is not localized.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub localizations: Option<Localizations>,
}

impl Content {
    /// Whether the offer has a price per country.
    pub fn is_localized(&self) -> bool {
        self.localizations.is_some()
    }

    /// The value that a field has in a country: the localization's own, or else the one at the top.
    pub fn effective(&self, country: Country, field: Field) -> Option<&Value> {
        let own = self
            .localizations
            .as_ref()
            .and_then(|rows| rows.get(&country))
            .and_then(|row| row.fields.get(field));
        own.or_else(|| self.fields.get(field))
    }

    /// The value that a field has in a country, or at the top if there is none.
    pub fn at(&self, country: Option<Country>, field: Field) -> Option<&Value> {
        match country {
            Some(country) => self.effective(country, field),
            None => self.fields.get(field),
        }
    }

    /// The values that all fields have in a country.
    pub fn effective_fields(&self, country: Country) -> Fields {
        let fields = self.row_fields(country).into_iter();
        let values =
            fields.filter_map(|field| Some((field, self.effective(country, field)?.clone())));
        values.collect()
    }

    /// The values of a country that its localization is sent: its own, and those that it takes from the top.
    ///
    /// All are sent, so that nothing depends on what the service takes for the default of a localization.
    pub fn localized_fields(&self, country: Country, api: Api, offer_type: OfferType) -> Fields {
        let fields = self.effective_fields(country);
        let own = fields.0.into_iter();
        own.filter(|(field, _)| field.is_localizable(api, offer_type))
            .collect()
    }

    /// All fields that a row has a value for, its own and those of the top.
    pub fn row_fields(&self, country: Country) -> Vec<Field> {
        let mut fields: Vec<Field> = self.fields.iter().map(|(field, _)| field).collect();
        if let Some(row) = self
            .localizations
            .as_ref()
            .and_then(|rows| rows.get(&country))
        {
            fields.extend(row.fields.iter().map(|(field, _)| field));
        }
        fields.sort_unstable();
        fields.dedup();
        fields
    }

    /// The countries whose values the content says, in order: those of the localizations, and the one where the offer
    /// itself is sold if that is known and there are any.
    pub fn countries_with(&self, home: Option<Country>) -> BTreeSet<Country> {
        let mut countries: BTreeSet<Country> = self.countries().collect();
        countries.extend(home.filter(|_| self.is_localized()));
        countries
    }

    /// The values at the top, and those of each localization.
    pub fn all_fields(&self) -> impl Iterator<Item = &Fields> {
        let rows = self.localizations.iter().flat_map(Localizations::values);
        std::iter::once(&self.fields).chain(rows.map(|row| &row.fields))
    }

    /// The countries of the localizations, in order.
    pub fn countries(&self) -> impl Iterator<Item = Country> {
        self.localizations
            .iter()
            .flat_map(|rows| rows.keys().copied())
    }
}

/// The place of a value inside an offer: a field, perhaps in one country.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FieldPath {
    /// The country, if the value is that of a localization.
    pub country: Option<Country>,
    /// The field.
    pub field: Field,
}

impl FieldPath {
    /// The path of a field at the top of an offer.
    pub fn top(field: Field) -> Self {
        Self {
            country: None,
            field,
        }
    }

    /// The path of a field in a localization.
    pub fn localized(country: Country, field: Field) -> Self {
        Self {
            country: Some(country),
            field,
        }
    }
}

impl fmt::Display for FieldPath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.country {
            None => formatter.pad(self.field.name()),
            Some(country) => formatter.pad(&format!("localizations.{country}.{}", self.field)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn country(code: &str) -> Country {
        Country::new(code).unwrap()
    }

    fn content() -> Content {
        let fields = |price: &str| {
            Fields::from_iter([(Field::Price, Value::Amount(price.parse().unwrap()))])
        };
        let row = |currency: &str, fields: Fields| Localization {
            currency: Currency::new(currency).unwrap(),
            fields,
        };
        Content {
            fields: fields("12"),
            localizations: Some(Localizations::from_iter([
                (country("FR"), row("EUR", fields("9.5"))),
                (country("US"), row("USD", Fields::new())),
            ])),
        }
    }

    #[test]
    fn a_localization_goes_before_the_top() {
        let content = content();
        let price = |code: &str| content.effective(country(code), Field::Price).cloned();
        assert_eq!(price("FR"), Some(Value::Amount("9.50".parse().unwrap())));
        assert_eq!(price("US"), Some(Value::Amount("12".parse().unwrap())));
        assert_eq!(content.effective(country("US"), Field::Title), None);
    }

    #[test]
    fn a_localization_is_sent_its_own_values_and_those_that_it_takes_from_the_top() {
        let mut content = content();
        content.fields.set(Field::Title, Value::text("News"));
        let url = Value::text("https://club.tv/news");
        content.fields.set(Field::Url, url.clone());
        let sent = |code: &str| {
            let offer_type = OfferType::Subscription;
            content.localized_fields(country(code), Api::Rest, offer_type)
        };
        let price = |text: &str| Value::Amount(text.parse().unwrap());
        let expected = |price: Value| {
            Fields::from_iter([(Field::Title, Value::text("News")), (Field::Price, price)])
        };
        assert_eq!(sent("FR"), expected(price("9.5")));
        assert_eq!(sent("US"), expected(price("12")));
        let mut effective = expected(price("9.5"));
        effective.set(Field::Url, url);
        assert_eq!(content.effective_fields(country("FR")), effective);
    }

    #[test]
    fn content_survives_json() {
        let text = serde_json::to_string(&content()).unwrap();
        assert_eq!(
            text,
            r#"{"fields":{"price":"12"},"localizations":{"FR":{"currency":"EUR","fields":{"price":"9.5"}},"US":{"currency":"USD"}}}"#
        );
        assert_eq!(serde_json::from_str::<Content>(&text).unwrap(), content());
    }

    #[test]
    fn paths_read_like_the_manifest() {
        assert_eq!(FieldPath::top(Field::Price).to_string(), "price");
        assert_eq!(
            FieldPath::localized(country("FR"), Field::RentalHours).to_string(),
            "localizations.FR.period"
        );
    }
}
