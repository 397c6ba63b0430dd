//! Values in the JSON of documents: written by [`json_value`], read by [`FieldValueSeed`].
//!
//! A document says `"price": "12.5"` and not what sort of thing a price is: the table of fields knows that.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a form of JSON fits a few kinds and no other"
)]

use std::fmt;

use rust_decimal::Decimal;
use serde::de::{DeserializeSeed, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Value as Json, json};

use super::event::EventRef;
use super::form::Value;
use super::geo::GeoRestriction;
use super::moment::Moment;
use crate::field::{Kind, Member};
use crate::foreign::Foreign;
use crate::money::{Amount, Currency};

/// Writes a value in the form that [`FieldValueSeed`] reads back.
pub fn json_value(value: &Value) -> Json {
    match value {
        Value::Text(text) => json!(text),
        Value::Integer(number) => json!(number),
        Value::Flag(flag) => json!(flag),
        Value::Amount(amount) => json!(amount),
        Value::Currency(currency) => json!(currency),
        Value::Time(moment) => json!(moment),
        Value::Tags(tags) => json!(tags),
        Value::Geo(restriction) => json!(restriction),
        Value::Events(events) => json!(events),
        Value::Texts(texts) => Json::Object(
            texts
                .iter()
                .map(|(key, text)| (key.raw().to_owned(), json!(text)))
                .collect(),
        ),
        Value::Record(members) => Json::Object(
            members
                .iter()
                .map(|(name, value)| ((*name).to_owned(), json_value(value)))
                .collect(),
        ),
        Value::Records(records) => Json::Array(records.iter().map(json_value).collect()),
    }
}

/// Reads the value of a field of this kind.
#[derive(Debug, Clone, Copy)]
pub struct FieldValueSeed(pub Kind);

impl<'de> DeserializeSeed<'de> for FieldValueSeed {
    type Value = Value;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl FieldValueSeed {
    fn unexpected<E: Error>(self, found: impl fmt::Display) -> E {
        E::custom(format!("{found} is no value for {:?}", self.0))
    }
}

impl<'de> Visitor<'de> for FieldValueSeed {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "a value for {:?}", self.0)
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        match self.0 {
            Kind::GeoRestriction => Ok(Value::Geo(None)),
            _ => Err(self.unexpected("null")),
        }
    }

    fn visit_bool<E: Error>(self, flag: bool) -> Result<Value, E> {
        match self.0 {
            Kind::Flag => Ok(Value::Flag(flag)),
            _ => Err(self.unexpected(flag)),
        }
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Value, E> {
        let moment = || {
            i64::try_from(number)
                .ok()
                .and_then(Moment::from_unix)
                .map(Value::Time)
        };
        match self.0 {
            Kind::Integer { .. } => Ok(Value::Integer(number)),
            Kind::Time => moment().ok_or_else(|| self.unexpected(number)),
            _ => Err(self.unexpected(number)),
        }
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Value, E> {
        match self.0 {
            Kind::Text | Kind::Url | Kind::Choice(_) | Kind::Period | Kind::TimeZone => {
                Ok(Value::text(text))
            }
            // A live price may be one that no manifest can say: negative, or of more digits.
            Kind::Price | Kind::Rate => Decimal::from_str_exact(text)
                .map(|decimal| Value::Amount(Amount::new(decimal)))
                .map_err(E::custom),
            Kind::Currency => Currency::new(text)
                .map(Value::Currency)
                .ok_or_else(|| self.unexpected(text)),
            // A live value that could not be read as its kind is kept as the text that it was.
            Kind::Integer { .. } | Kind::GeoRestriction => Ok(Value::text(text)),
            _ => Err(self.unexpected(text)),
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        match self.0 {
            Kind::Tags => {
                let mut tags: Vec<Foreign> = Vec::new();
                while let Some(tag) = access.next_element()? {
                    tags.push(tag);
                }
                Ok(Value::tags(tags))
            }
            Kind::Events => {
                let mut events: Vec<EventRef> = Vec::new();
                while let Some(event) = access.next_element()? {
                    events.push(event);
                }
                Ok(Value::events(events))
            }
            Kind::Records(members) => {
                let mut records = Vec::new();
                while let Some(record) = access.next_element_seed(Self(Kind::Record(members)))? {
                    records.push(record);
                }
                Ok(Value::Records(records.into()))
            }
            _ => Err(self.unexpected("a list")),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        match self.0 {
            Kind::GeoRestriction => {
                let restriction = GeoRestriction::deserialize_map(access)?;
                Ok(Value::Geo(Some(Box::new(restriction))))
            }
            Kind::TextMap | Kind::Texts(_) => {
                let mut texts: Vec<(Foreign, Foreign)> = Vec::new();
                while let Some(entry) = access.next_entry()? {
                    texts.push(entry);
                }
                texts.sort();
                if texts.windows(2).any(|pair| pair[0].0 == pair[1].0) {
                    return Err(self.unexpected("a key that stands twice"));
                }
                Ok(Value::Texts(texts.into()))
            }
            Kind::Record(members) => {
                let mut found = Vec::new();
                while let Some(key) = access.next_key::<String>()? {
                    let Some(Member { name, kind, .. }) =
                        members.iter().find(|member| member.name == key)
                    else {
                        return Err(self.unexpected(key));
                    };
                    if found.iter().any(|(known, _)| known == name) {
                        return Err(self.unexpected("a member that stands twice"));
                    }
                    found.push((*name, access.next_value_seed(Self(*kind))?));
                }
                Ok(record(members, found))
            }
            _ => Err(self.unexpected("an object")),
        }
    }
}

/// Puts the members of a record into the order of the table.
pub fn record(members: &[Member], mut found: Vec<(&'static str, Value)>) -> Value {
    found.sort_by_key(|(name, _)| members.iter().position(|member| member.name == *name));
    Value::Record(found.into())
}

impl GeoRestriction {
    fn deserialize_map<'de, A: MapAccess<'de>>(access: A) -> Result<Self, A::Error> {
        serde::Deserialize::deserialize(serde::de::value::MapAccessDeserializer::new(access))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field::Field;

    #[track_caller]
    fn check(field: Field, json: &Json) {
        let value = FieldValueSeed(field.kind()).deserialize(json).unwrap();
        assert_eq!(json_value(&value), *json);
    }

    #[test]
    fn values_of_every_kind_come_back_as_they_were() {
        check(Field::Title, &json!("x"));
        check(Field::Price, &json!("12.5"));
        check(Field::Currency, &json!("EUR"));
        check(Field::FreeDays, &json!(7));
        check(Field::Giftable, &json!(true));
        check(Field::StartTime, &json!(1_999_999_990));
        check(Field::Tags, &json!(["a", "b"]));
        check(
            Field::GeoRestriction,
            &json!({"type": "whitelist", "countries": ["CA", "US"]}),
        );
        check(Field::GeoRestriction, &json!(null));
        check(Field::EventAssociation, &json!(["final", "id:E1_US"]));
        check(Field::ExternalProperties, &json!({"a": "b"}));
        check(
            Field::BillingCycle,
            &json!({"periodUnit": "month", "amount": 3}),
        );
        check(
            Field::Entitlement,
            &json!({"duration": {"periodUnit": "hour", "amount": 48}}),
        );
        check(
            Field::PriceRules,
            &json!([{"from": 1, "to": 2, "amount": "9.99", "name": "Early bird"}]),
        );
    }

    #[test]
    fn what_stands_twice_is_refused() {
        for (field, text) in [
            (
                Field::Pause,
                r#"{"maxBillingCycles": 1, "maxBillingCycles": 2}"#,
            ),
            (Field::ExternalProperties, r#"{"a": "b", "a": "c"}"#),
        ] {
            let mut json = serde_json::Deserializer::from_str(text);
            assert!(
                FieldValueSeed(field.kind()).deserialize(&mut json).is_err(),
                "{text}"
            );
        }
    }

    #[test]
    fn values_of_another_kind_are_refused() {
        for (field, json) in [
            (Field::Price, json!(12)),
            (Field::Price, json!("9,99")),
            (Field::Title, json!(null)),
            (Field::Tags, json!("a")),
            (Field::BillingCycle, json!({"unit": "month"})),
            (
                Field::GeoRestriction,
                json!({"type": "greylist", "countries": []}),
            ),
            (Field::StartTime, json!(-1)),
        ] {
            assert!(
                FieldValueSeed(field.kind()).deserialize(&json).is_err(),
                "{field} {json}"
            );
        }
    }
}
