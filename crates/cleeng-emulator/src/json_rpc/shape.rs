//! How the value of a field is read from a request: [`Shape`].
//!
//! Clients send prices as numbers and as texts, numbers and booleans likewise (docs/cleeng-api.md §2.0), so that every
//! form that means something is taken. What means nothing is refused with a phrase that follows the field's name.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;
use serde_json::Value;

use crate::code::Country;
use crate::field::FieldValue;
use crate::json::amount;

/// What a field can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// An amount between these bounds, inclusive.
    Price { least: Decimal, most: Decimal },
    /// An amount above 0.
    PositivePrice,
    /// A text up to that length.
    Text(Length),
    /// One of these words.
    Word(&'static [&'static str]),
    /// One of these words; an empty text is as good as none.
    Term(&'static [&'static str]),
    /// A whole number from 1.
    Hours,
    /// A whole number from 0.
    Count,
    /// A whole number between these bounds, inclusive.
    Level { least: i64, most: i64 },
    /// A time in unix seconds; 0 is as good as none (docs/cleeng-api.md §2.4).
    Time,
    /// A yes or no.
    Flag,
    /// Texts; empty ones among them are dropped, `[""]` is `[]` (docs/cleeng-api.md §2.0).
    Texts,
    /// Country codes.
    Countries,
    /// The name of a time zone.
    TimeZone,
}

/// A bound on the length of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Length {
    Any,
    Characters(usize),
    Bytes(usize),
}

/// What a request says about a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    /// Nothing, as if it had been left out.
    Absent,
    /// It is to be empty.
    Clear,
    /// It is to be this.
    Set(FieldValue),
}

/// Why a value was refused, as a phrase such as "must be a whole number".
pub(crate) type Reason = String;

impl Shape {
    /// Reads a value. Null is absent: a PHP service cannot tell it from a member that is not there.
    pub(crate) fn read(self, value: &Value) -> Result<Reading, Reason> {
        if value.is_null() {
            return Ok(Reading::Absent);
        }
        let is_empty = value.as_str() == Some("") || value.as_array().is_some_and(Vec::is_empty);
        if is_empty {
            return Ok(match self {
                Self::Term(_) | Self::Time => Reading::Absent,
                Self::Price { .. }
                | Self::PositivePrice
                | Self::Text(_)
                | Self::Word(_)
                | Self::Hours
                | Self::Count
                | Self::Level { .. }
                | Self::Flag
                | Self::Texts
                | Self::Countries
                | Self::TimeZone => Reading::Clear,
            });
        }
        match self {
            Self::Price { least, most } => {
                let price = amount(value).ok_or("must be a number")?;
                if (least..=most).contains(&price) {
                    Ok(Reading::Set(price.into()))
                } else {
                    Err(format!("must be between {least} and {most}"))
                }
            }
            Self::PositivePrice => {
                let price = amount(value).ok_or("must be a number")?;
                if price > Decimal::ZERO {
                    Ok(Reading::Set(price.into()))
                } else {
                    Err("must be above 0".to_owned())
                }
            }
            Self::Text(length) => read_text(value, length),
            Self::Word(words) | Self::Term(words) => match value.as_str() {
                Some(word) if words.contains(&word) => Ok(Reading::Set(word.into())),
                _ => Err(format!("must be one of {}", words.join(", "))),
            },
            Self::Hours => read_integer(value, 1, i64::MAX),
            Self::Count => read_integer(value, 0, i64::MAX),
            Self::Level { least, most } => read_integer(value, least, most),
            Self::Time => match read_integer(value, 0, i64::MAX)? {
                Reading::Set(FieldValue::Integer(0)) => Ok(Reading::Absent),
                reading @ (Reading::Set(_) | Reading::Clear | Reading::Absent) => Ok(reading),
            },
            Self::Flag => flag(value)
                .map(|flag| Reading::Set(flag.into()))
                .ok_or_else(|| "must be true or false".to_owned()),
            Self::Texts => {
                let mut list = texts(value)?;
                list.retain(|text| !text.is_empty());
                Ok(list_or_clear(list))
            }
            Self::Countries => {
                let list = texts(value)?;
                match list.iter().find(|text| text.parse::<Country>().is_err()) {
                    Some(text) => Err(format!("holds `{text}`, which is no country code")),
                    None => Ok(list_or_clear(list)),
                }
            }
            Self::TimeZone => match value.as_str() {
                Some(name) if is_zone_name(name) => Ok(Reading::Set(name.into())),
                _ => Err("must be the name of a time zone".to_owned()),
            },
        }
    }
}

/// Returns the boolean that a value stands for: a boolean, 0 or 1, or one of these as a text.
pub(crate) fn flag(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(flag) => Some(*flag),
        Value::Number(number) => match number.as_i64() {
            Some(0) => Some(false),
            Some(1) => Some(true),
            _ => None,
        },
        Value::String(text) => match text.as_str() {
            "0" | "false" => Some(false),
            "1" | "true" => Some(true),
            _ => None,
        },
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Returns the whole number that a value stands for, be it a number or a text.
pub(crate) fn integer(value: &Value) -> Option<i64> {
    let amount = amount(value)?;
    if amount.is_integer() {
        amount.to_i64()
    } else {
        None
    }
}

fn read_integer(value: &Value, least: i64, most: i64) -> Result<Reading, Reason> {
    let number = integer(value).ok_or("must be a whole number")?;
    if number < least {
        Err(format!("must be at least {least}"))
    } else if number > most {
        Err(format!("must be at most {most}"))
    } else {
        Ok(Reading::Set(number.into()))
    }
}

fn read_text(value: &Value, length: Length) -> Result<Reading, Reason> {
    let text = text(value).ok_or("must be a text")?;
    match length {
        Length::Characters(most) if text.chars().count() > most => {
            Err(format!("must be at most {most} characters long"))
        }
        Length::Bytes(most) if text.len() > most => {
            Err(format!("must be at most {most} bytes long"))
        }
        Length::Any | Length::Characters(_) | Length::Bytes(_) => Ok(Reading::Set(text.into())),
    }
}

/// Returns the text that a value stands for: a text, or a number as PHP would print it.
pub(crate) fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

fn texts(value: &Value) -> Result<Vec<String>, Reason> {
    value
        .as_array()
        .and_then(|items| items.iter().map(text).collect())
        .ok_or_else(|| "must be a list of texts".to_owned())
}

fn list_or_clear(list: Vec<String>) -> Reading {
    if list.is_empty() {
        Reading::Clear
    } else {
        Reading::Set(list.into())
    }
}

/// Whether a text has the form of an IANA name, such as `America/New_York`. Which names exist is not checked: the
/// service's own list is not documented.
fn is_zone_name(text: &str) -> bool {
    text.len() <= 64
        && text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.split('/').all(|part| {
            !part.is_empty()
                && part
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"_+-".contains(&byte))
        })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(shape: Shape, value: &Value, expected: impl Into<FieldValue>) {
        assert_eq!(shape.read(value), Ok(Reading::Set(expected.into())));
    }

    #[track_caller]
    fn check_refused(shape: Shape, values: &[Value]) {
        for value in values {
            assert!(shape.read(value).is_err(), "{value}");
        }
    }

    const PRICE: Shape = Shape::Price {
        least: Decimal::from_parts(14, 0, 0, false, 2),
        most: Decimal::from_parts(9999, 0, 0, false, 2),
    };

    #[test]
    fn prices_are_numbers_or_texts_within_inclusive_bounds() {
        check(PRICE, &json!(0.14), Decimal::new(14, 2));
        check(PRICE, &json!("99.99"), Decimal::new(9999, 2));
        check(PRICE, &json!("12"), Decimal::from(12));
        check_refused(
            PRICE,
            &[
                json!(0.13),
                json!("0"),
                json!(100),
                json!(-1),
                json!("12,50"),
                json!(true),
            ],
        );
        check(Shape::PositivePrice, &json!(1_000), Decimal::from(1_000));
        check_refused(Shape::PositivePrice, &[json!(0), json!("-1")]);
    }

    #[test]
    fn lengths_are_counted_in_characters() {
        let shape = Shape::Text(Length::Characters(3));
        check(shape, &json!("éàü"), "éàü");
        check_refused(shape, &[json!("abcd"), json!([1]), json!({}), json!(true)]);
        check_refused(Shape::Text(Length::Bytes(3)), &[json!("éà")]);
    }

    #[test]
    fn whole_numbers_may_be_texts_but_not_fractions() {
        check(Shape::Hours, &json!("360"), 360);
        check(Shape::Hours, &json!(48.0), 48);
        check_refused(
            Shape::Hours,
            &[json!(0), json!(1.5), json!("month"), json!(1e300)],
        );
        check(Shape::Level { least: 1, most: 5 }, &json!("2"), 2);
        check_refused(Shape::Level { least: 1, most: 5 }, &[json!(0), json!("6")]);
    }

    #[test]
    fn empty_values_clear_and_null_says_nothing() {
        assert_eq!(Shape::Texts.read(&json!([])), Ok(Reading::Clear));
        assert_eq!(Shape::Texts.read(&json!([""])), Ok(Reading::Clear));
        assert_eq!(PRICE.read(&json!("")), Ok(Reading::Clear));
        assert_eq!(PRICE.read(&json!(null)), Ok(Reading::Absent));
    }

    #[test]
    fn zero_time_and_empty_term_are_as_good_as_none() {
        for value in [json!(0), json!("0"), json!("")] {
            assert_eq!(Shape::Time.read(&value), Ok(Reading::Absent));
        }
        check(Shape::Time, &json!("1900000000"), 1_900_000_000);
        assert_eq!(
            Shape::Term(&["month"]).read(&json!("")),
            Ok(Reading::Absent)
        );
        check_refused(Shape::Term(&["month"]), &[json!("monthly"), json!(1)]);
    }

    #[test]
    fn booleans_have_six_forms() {
        for (value, expected) in [
            (json!(true), true),
            (json!(1), true),
            (json!("true"), true),
            (json!(false), false),
            (json!("0"), false),
        ] {
            check(Shape::Flag, &value, expected);
        }
        check_refused(Shape::Flag, &[json!(2), json!("yes"), json!([1])]);
    }

    #[test]
    fn countries_are_two_capitals_each() {
        check(Shape::Countries, &json!(["PL", "NO"]), ["PL", "NO"]);
        check_refused(
            Shape::Countries,
            &[
                json!(["pl"]),
                json!(["PL", "POL"]),
                json!([""]),
                json!("PL"),
            ],
        );
    }

    #[test]
    fn time_zones_are_checked_by_their_form() {
        for name in ["America/New_York", "UTC", "Etc/GMT+1"] {
            check(Shape::TimeZone, &json!(name), name);
        }
        check_refused(
            Shape::TimeZone,
            &[
                json!("New York"),
                json!("/Paris"),
                json!("+01:00"),
                json!(1),
                json!("a/".repeat(99)),
            ],
        );
    }
}
