//! The forms in which an answer writes a value: [`Wire`].
//!
//! The service writes the same value in several ways, and the documentation shows most of them
//! (docs/cleeng-api.md §2.0): `true`, `1`, `"1"` and `"true"` are one flag, `12`, `"12"` and `"12.00"` one
//! price, `[]` and `[""]` one empty list. Reading works on the JSON text of one value, so that a
//! number keeps its digits.

use std::borrow::Cow;

use rust_decimal::Decimal;
use serde::{
    Deserialize, Deserializer,
    de::{Error as _, MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer},
};
use serde_json::value::RawValue;

use crate::member::Member;
use crate::number;
use crate::offer_id::{MultiCurrencyOfferId, OfferId};

/// A type that can be read from every form in which the service writes it.
pub(crate) trait Wire: Sized {
    /// Reads the JSON text of one value; `Ok(None)` says that it is there and means "no value".
    fn read(json: &str) -> Result<Option<Self>, Mismatch>;
}

/// Says what a value should have been.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is not {0}")]
pub(crate) struct Mismatch(pub(crate) &'static str);

/// Reads one member of an object, and names it where that fails.
pub(crate) fn member<T: Wire, E: serde::de::Error>(
    key: &str,
    value: &RawValue,
) -> Result<Member<T>, E> {
    match T::read(value.get()) {
        Ok(Some(value)) => Ok(Member::Value(value)),
        Ok(None) => Ok(Member::Null),
        Err(mismatch) => Err(E::custom(format_args!("`{key}`: {mismatch}"))),
    }
}

/// Keeps the value where a field is written twice and only one of them has a value.
pub(crate) fn put<T>(field: &mut Member<T>, read: Member<T>) {
    if field.value().is_none() || read.value().is_some() {
        *field = read;
    }
}

/// A JSON value as far as it matters here.
pub(crate) enum Scalar<'a> {
    Null,
    Bool(bool),
    /// A number, as it is written.
    Number(&'a str),
    Text(Cow<'a, str>),
    /// An array or an object, as it is written.
    Compound(&'a str),
}

impl<'a> Scalar<'a> {
    /// Takes a value apart. `None` if a text has an escape that means nothing, such as half a
    /// surrogate pair.
    pub(crate) fn parse(json: &'a str) -> Option<Self> {
        match json.as_bytes().first()? {
            b'n' => Some(Self::Null),
            b't' => Some(Self::Bool(true)),
            b'f' => Some(Self::Bool(false)),
            b'"' => text(json).map(Self::Text),
            b'[' | b'{' => Some(Self::Compound(json)),
            _ => Some(Self::Number(json)),
        }
    }
}

/// Reads a JSON text, without a copy where nothing in it is escaped.
fn text(json: &str) -> Option<Cow<'_, str>> {
    #[derive(Deserialize)]
    struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

    let Text(text) = serde_json::from_str(json).ok()?;
    Some(text)
}

impl Wire for bool {
    fn read(json: &str) -> Result<Option<Self>, Mismatch> {
        const NEITHER: Mismatch = Mismatch("a flag");
        let flag = match Scalar::parse(json).ok_or(NEITHER)? {
            Scalar::Null => return Ok(None),
            Scalar::Bool(flag) => Some(flag),
            Scalar::Number(number) => digit(number),
            Scalar::Text(text) => word(text.trim()),
            Scalar::Compound(_) => None,
        };
        flag.map(Some).ok_or(NEITHER)
    }
}

fn digit(number: &str) -> Option<bool> {
    match number::parse_integer(number)? {
        0 => Some(false),
        1 => Some(true),
        _ => None,
    }
}

/// Reads a flag from a word; the empty one is how PHP prints `false`.
fn word(text: &str) -> Option<bool> {
    if text.is_empty() || text.eq_ignore_ascii_case("false") {
        Some(false)
    } else if text.eq_ignore_ascii_case("true") {
        Some(true)
    } else {
        digit(text)
    }
}

impl Wire for Decimal {
    fn read(json: &str) -> Result<Option<Self>, Mismatch> {
        numeric(json, Mismatch("a number"), number::parse)
    }
}

impl Wire for i64 {
    fn read(json: &str) -> Result<Option<Self>, Mismatch> {
        numeric(json, Mismatch("a whole number"), number::parse_integer)
    }
}

impl Wire for u64 {
    fn read(json: &str) -> Result<Option<Self>, Mismatch> {
        numeric(json, Mismatch("a count"), |text| {
            Self::try_from(number::parse_integer(text)?).ok()
        })
    }
}

/// Reads a number that may stand in quotes; the empty text is no number.
fn numeric<T>(
    json: &str,
    mismatch: Mismatch,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<Option<T>, Mismatch> {
    let number = match Scalar::parse(json).ok_or(mismatch)? {
        Scalar::Null => return Ok(None),
        Scalar::Number(number) => parse(number),
        Scalar::Text(text) => {
            let text = text.trim();
            if text.is_empty() {
                return Ok(None);
            }
            parse(text)
        }
        Scalar::Bool(_) | Scalar::Compound(_) => None,
    };
    number.map(Some).ok_or(mismatch)
}

impl Wire for String {
    fn read(json: &str) -> Result<Option<Self>, Mismatch> {
        const NEITHER: Mismatch = Mismatch("a text");
        match Scalar::parse(json).ok_or(NEITHER)? {
            Scalar::Null => Ok(None),
            Scalar::Text(text) => Ok(Some(text.into_owned())),
            // As it is written: an id of digits may be longer than any number type.
            Scalar::Number(number) => Ok(Some(number.to_owned())),
            Scalar::Bool(flag) => Ok(Some(flag.to_string())),
            Scalar::Compound(_) => Err(NEITHER),
        }
    }
}

impl Wire for OfferId {
    fn read(json: &str) -> Result<Option<Self>, Mismatch> {
        Ok(identifier(json)?.map(Self::from))
    }
}

impl Wire for MultiCurrencyOfferId {
    fn read(json: &str) -> Result<Option<Self>, Mismatch> {
        Ok(identifier(json)?.map(Self::from))
    }
}

/// Reads an id; the empty text is none.
fn identifier(json: &str) -> Result<Option<String>, Mismatch> {
    const NEITHER: Mismatch = Mismatch("an id");
    match Scalar::parse(json).ok_or(NEITHER)? {
        Scalar::Null => Ok(None),
        Scalar::Text(text) if text.is_empty() => Ok(None),
        Scalar::Text(text) => Ok(Some(text.into_owned())),
        Scalar::Number(number) => Ok(Some(number.to_owned())),
        Scalar::Bool(_) | Scalar::Compound(_) => Err(NEITHER),
    }
}

impl<T: From<String>> Wire for Vec<T> {
    fn read(json: &str) -> Result<Option<Self>, Mismatch> {
        const NEITHER: Mismatch = Mismatch("a list of texts");
        match Scalar::parse(json).ok_or(NEITHER)? {
            Scalar::Null => Ok(None),
            // One tag, or none, where a list would do.
            Scalar::Text(text) if text.is_empty() => Ok(Some(Self::new())),
            Scalar::Text(text) => Ok(Some(vec![T::from(text.into_owned())])),
            Scalar::Compound(json) => {
                let values: Vec<&RawValue> = serde_json::from_str(json).map_err(|_| NEITHER)?;
                let mut list = Self::with_capacity(values.len());
                for value in values {
                    match String::read(value.get()).map_err(|_| NEITHER)? {
                        // `[""]` is how the service writes a list that was set to nothing.
                        Some(text) if text.is_empty() => {}
                        Some(text) => list.push(T::from(text)),
                        None => {}
                    }
                }
                Ok(Some(list))
            }
            Scalar::Bool(_) | Scalar::Number(_) => Err(NEITHER),
        }
    }
}

/// Deserializes a type from an object only.
///
/// Derived implementations also take an array, by position. No answer is one, and garbage must not
/// pass for an offer.
pub(crate) fn object<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    struct Object<T>(std::marker::PhantomData<T>);

    impl<'de, T: Deserialize<'de>> Visitor<'de> for Object<T> {
        type Value = T;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
            T::deserialize(MapAccessDeserializer::new(map))
        }
    }

    deserializer.deserialize_map(Object(std::marker::PhantomData))
}

/// Most offers of one page. The pages that are asked for have 200 at most; a service that gives all it
/// has in one answer can have more.
pub(crate) const MAX_ITEMS: usize = 10_000;

/// Deserializes a list; a longer one is an error as soon as that shows. So a short text cannot become
/// a list that is a hundred times as large.
pub(crate) fn list_up_to<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    most: usize,
    deserializer: D,
) -> Result<Vec<T>, D::Error> {
    let mut items = Vec::new();
    deserializer.deserialize_seq(Each {
        most,
        take: |item| {
            items.push(item);
            Ok(())
        },
        item: std::marker::PhantomData,
    })?;
    Ok(items)
}

/// Hands over the items of a list one by one.
pub(crate) struct Each<T, F> {
    /// The most items.
    pub(crate) most: usize,
    /// What takes an item, or says why it does not.
    pub(crate) take: F,
    pub(crate) item: std::marker::PhantomData<fn() -> T>,
}

impl<'de, T, F> Visitor<'de> for Each<T, F>
where
    T: Deserialize<'de>,
    F: FnMut(T) -> Result<(), String>,
{
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut items: A) -> Result<(), A::Error> {
        let mut count = 0;
        while let Some(item) = items.next_element()? {
            count += 1;
            if count > self.most {
                let most = self.most;
                return Err(A::Error::custom(format_args!(
                    "it has more than {most} entries"
                )));
            }
            (self.take)(item).map_err(A::Error::custom)?;
        }
        Ok(())
    }
}

/// Deserializes a member that must be there and must have a value.
pub(crate) fn required<'de, D: Deserializer<'de>, T: Wire>(deserializer: D) -> Result<T, D::Error> {
    let value = <&RawValue>::deserialize(deserializer)?;
    match T::read(value.get()) {
        Ok(Some(value)) => Ok(value),
        Ok(None) => Err(D::Error::custom("a value is missing")),
        Err(mismatch) => Err(D::Error::custom(mismatch)),
    }
}

/// The name of a member, without a copy where nothing in it is escaped.
#[derive(Deserialize)]
pub(crate) struct Key<'a>(#[serde(borrow)] pub(crate) Cow<'a, str>);

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(
        clippy::needless_pass_by_value,
        reason = "reads better where it is called"
    )]
    fn check<T: Wire + PartialEq + std::fmt::Debug>(forms: &[&str], expect: Option<T>) {
        for form in forms {
            assert_eq!(T::read(form).unwrap(), expect, "{form}");
        }
    }

    fn check_mismatch<T: Wire + std::fmt::Debug>(forms: &[&str]) {
        for form in forms {
            assert!(T::read(form).is_err(), "{form}: {:?}", T::read(form));
        }
    }

    #[test]
    fn flags_have_many_forms() {
        check(
            &[
                "true", "1", "\"1\"", "\"true\"", "\"TRUE\"", "1.0", "\" 1 \"",
            ],
            Some(true),
        );
        check(
            &[
                "false",
                "0",
                "\"0\"",
                "\"false\"",
                "\"\"",
                "\"False\"",
                "-0",
            ],
            Some(false),
        );
        check::<bool>(&["null"], None);
        check_mismatch::<bool>(&["2", "\"yes\"", "[]", "{}", "0.5", "\"2\""]);
    }

    #[test]
    fn prices_have_many_forms() {
        let price = |text: &str| Some(number::parse(text).unwrap());
        check(&["12", "\"12\"", "12.0", "\"12.00\"", "1.2e1"], price("12"));
        check(&["\"10.5691\""], price("10.5691"));
        check(&["0", "\"0.00\""], price("0"));
        check::<Decimal>(&["null", "\"\"", "\" \""], None);
        check_mismatch::<Decimal>(&["true", "[]", "\"12,50\"", "\"free\"", "1e400"]);
    }

    #[test]
    fn a_price_keeps_its_decimals() {
        let price = Decimal::read("\"12.00\"").unwrap().unwrap();
        assert_eq!(price.to_string(), "12.00");
        let price = Decimal::read("9.9900000000000002").unwrap().unwrap();
        assert_eq!(price.to_string(), "9.9900000000000002");
    }

    #[test]
    fn whole_numbers_have_many_forms() {
        check(&["360", "\"360\"", "360.0", "3.6e2"], Some(360_i64));
        check::<i64>(&["null", "\"\""], None);
        check_mismatch::<i64>(&["0.5", "false", "[]", "\"2015-05-05\"", "1e30"]);
    }

    #[test]
    fn texts_may_be_numbers() {
        check(&["\"7\"", "7"], Some("7".to_owned()));
        check(
            &["123456789012345678901234567890"],
            Some("123456789012345678901234567890".to_owned()),
        );
        check(&["\"\""], Some(String::new()));
        check(
            &["\"http:\\/\\/a\\/\\u00e9\"", "\"http://a/é\""],
            Some("http://a/é".to_owned()),
        );
        check(&["true"], Some("true".to_owned()));
        check::<String>(&["null"], None);
        check_mismatch::<String>(&["[]", "{}", "\"\\ud800\""]);
    }

    #[test]
    fn an_empty_tag_is_no_tag() {
        check(
            &["[]", "[\"\"]", "\"\"", "[null]"],
            Some(Vec::<String>::new()),
        );
        check(
            &["[\"a\", \"b\"]", "[\"a\",\"\",\"b\"]"],
            Some(vec!["a".to_owned(), "b".to_owned()]),
        );
        check(&["\"a\""], Some(vec!["a".to_owned()]));
        check(&["[2024]"], Some(vec!["2024".to_owned()]));
        check::<Vec<String>>(&["null"], None);
        check_mismatch::<Vec<String>>(&["{}", "1", "true", "[[]]", "[{}]"]);
    }

    #[test]
    fn an_empty_id_is_no_id() {
        check(&["\"P1_US\""], Some(OfferId::from("P1_US")));
        check::<OfferId>(&["\"\"", "null"], None);
    }
}
