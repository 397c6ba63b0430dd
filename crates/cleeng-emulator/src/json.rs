//! JSON as it is answered: [`Json`], a tree that keeps the order of members and the digits of numbers.
//!
//! Answers print members in the documented order and escape texts as PHP does, neither of which `serde_json` offers.
//! Requests are read with `serde_json`: a price such as 12.34 goes through the shortest text of its number, which is
//! exact for any amount of up to fifteen digits.

use std::borrow::Cow;
use std::fmt::Write as _;

use rust_decimal::Decimal;
use serde_json::Value;

use crate::quirk::{Quirks, Slashes, Unicode};

/// A JSON value to be written.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    Integer(i64),
    /// A number with all its digits.
    Number(Decimal),
    /// A number that is neither, as it was read.
    Digits(serde_json::Number),
    Text(String),
    List(Vec<Self>),
    Object(Vec<(Cow<'static, str>, Self)>),
}

/// How texts are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Escapes {
    pub(crate) slashes: Escape,
    pub(crate) unicode: Escape,
}

/// Whether a sort of character is escaped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Escape {
    Escaped,
    Plain,
}

impl Escapes {
    /// Returns how texts of answers are escaped.
    pub(crate) fn of(quirks: &Quirks) -> Self {
        Self {
            slashes: match quirks.slashes {
                Slashes::Escaped => Escape::Escaped,
                Slashes::Plain => Escape::Plain,
            },
            unicode: match quirks.unicode {
                Unicode::Escaped => Escape::Escaped,
                Unicode::Plain => Escape::Plain,
            },
        }
    }
}

impl Json {
    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    pub(crate) fn texts<T: AsRef<str>>(texts: impl IntoIterator<Item = T>) -> Self {
        Self::List(
            texts
                .into_iter()
                .map(|text| Self::text(text.as_ref()))
                .collect(),
        )
    }

    pub(crate) fn object(members: impl IntoIterator<Item = (&'static str, Self)>) -> Self {
        Self::Object(
            members
                .into_iter()
                .map(|(name, value)| (Cow::Borrowed(name), value))
                .collect(),
        )
    }

    pub(crate) fn count(count: u64) -> Self {
        i64::try_from(count).map_or_else(|_| Self::Digits(count.into()), Self::Integer)
    }

    /// Sets a member of an object, in its place if it is there, else at the end; other values stay as they are.
    pub(crate) fn set_member(&mut self, name: &str, value: Self) {
        let Self::Object(members) = self else { return };
        match members.iter_mut().find(|(known, _)| known == name) {
            Some((_, known)) => *known = value,
            None => members.push((Cow::Owned(name.to_owned()), value)),
        }
    }

    /// Returns a member of an object, if there is one.
    pub(crate) fn member_mut(&mut self, name: &str) -> Option<&mut Self> {
        let Self::Object(members) = self else {
            return None;
        };
        members
            .iter_mut()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value)
    }

    /// Returns the value as text.
    pub(crate) fn to_string(&self, escapes: Escapes) -> String {
        let mut out = String::new();
        self.write(escapes, &mut out);
        out
    }

    fn write(&self, escapes: Escapes, out: &mut String) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Bool(flag) => out.push_str(if *flag { "true" } else { "false" }),
            Self::Integer(number) => push(out, format_args!("{number}")),
            Self::Number(number) => push(out, format_args!("{number}")),
            Self::Digits(number) => push(out, format_args!("{number}")),
            Self::Text(text) => write_text(text, escapes, out),
            Self::List(items) => {
                out.push('[');
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    item.write(escapes, out);
                }
                out.push(']');
            }
            Self::Object(members) => {
                out.push('{');
                for (index, (name, value)) in members.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    write_text(name, escapes, out);
                    out.push(':');
                    value.write(escapes, out);
                }
                out.push('}');
            }
        }
    }
}

impl From<&Value> for Json {
    fn from(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(flag) => Self::Bool(*flag),
            Value::Number(number) => number
                .as_i64()
                .map_or_else(|| Self::Digits(number.clone()), Self::Integer),
            Value::String(text) => Self::text(text),
            Value::Array(items) => Self::List(items.iter().map(Self::from).collect()),
            Value::Object(members) => Self::Object(
                members
                    .iter()
                    .map(|(name, value)| (Cow::Owned(name.clone()), Self::from(value)))
                    .collect(),
            ),
        }
    }
}

fn push(out: &mut String, arguments: std::fmt::Arguments<'_>) {
    out.write_fmt(arguments)
        .expect("writing to a string does not fail");
}

fn write_text(text: &str, escapes: Escapes, out: &mut String) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '/' if escapes.slashes == Escape::Escaped => out.push_str("\\/"),
            _ if character.is_ascii_control()
                || (!character.is_ascii() && escapes.unicode == Escape::Escaped) =>
            {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    push(out, format_args!("\\u{unit:04x}"));
                }
            }
            _ => out.push(character),
        }
    }
    out.push('"');
}

/// Returns the amount that a JSON number or a text of digits stands for; exact up to fifteen digits.
pub(crate) fn amount(value: &Value) -> Option<Decimal> {
    let text: Cow<'_, str> = match value {
        Value::Number(number) => number.to_string().into(),
        Value::String(text) => text.into(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => return None,
    };
    // `Decimal` would also read digits grouped by underscores.
    if !text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte))
    {
        return None;
    }
    Decimal::from_str_exact(&text)
        .or_else(|_| Decimal::from_scientific(&text))
        .ok()
        .map(|amount| amount.normalize())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const PLAIN: Escapes = Escapes {
        slashes: Escape::Plain,
        unicode: Escape::Plain,
    };
    const PHP: Escapes = Escapes {
        slashes: Escape::Escaped,
        unicode: Escape::Escaped,
    };

    #[test]
    fn members_keep_their_order() {
        let json = Json::object([("b", Json::Integer(1)), ("a", Json::List(vec![Json::Null]))]);
        assert_eq!(json.to_string(PLAIN), r#"{"b":1,"a":[null]}"#);
    }

    #[test]
    fn texts_are_escaped_as_php_does() {
        let text = Json::text("a/é\u{1F3AC}\"\\\n\u{1}\u{7f}");
        let escaped = r#""a\/\u00e9\ud83c\udfac\"\\\n\u0001\u007f""#;
        assert_eq!(text.to_string(PHP), escaped);
        let back: Value = serde_json::from_str(escaped).unwrap();
        assert_eq!(Json::from(&back), text);
        let plain: Value = serde_json::from_str(&text.to_string(PLAIN)).unwrap();
        assert_eq!(Json::from(&plain), text);
    }

    #[test]
    fn amounts_keep_their_digits() {
        for (value, expected) in [
            (json!(12.34), "12.34"),
            (json!("12.340"), "12.34"),
            (json!(99.99), "99.99"),
            (json!(19), "19"),
            (json!(0.14), "0.14"),
            (json!(1e2), "100"),
            (json!("0.1e1"), "1"),
        ] {
            assert_eq!(amount(&value).unwrap().to_string(), expected);
        }
    }

    #[test]
    fn other_values_are_no_amounts() {
        for value in [
            json!("12,50"),
            json!("1_000"),
            json!(""),
            json!("."),
            json!("NaN"),
            json!(" 12"),
            json!("1e99999"),
            json!(null),
            json!(true),
            json!([12]),
        ] {
            assert_eq!(amount(&value), None, "{value}");
        }
    }

    #[test]
    fn member_is_replaced_in_its_place() {
        let mut json = Json::object([("a", Json::Null), ("b", Json::Null)]);
        json.set_member("a", Json::Integer(1));
        json.set_member("c", Json::Integer(2));
        assert_eq!(json.to_string(PLAIN), r#"{"a":1,"b":null,"c":2}"#);
    }
}
