//! Values and counts in words: [`value_text`], [`plural`].

use crate::field::Field;
use crate::foreign::{Foreign, escaped, told_apart};
use crate::money::Currency;
use crate::value::{GeoRestriction, Value};

/// The most characters of a text that one line shows.
const SHOWN: usize = 72;

/// Writes a value for people: prices with their currency, texts in quotes.
pub fn value_text(field: Field, value: &Value, currency: Option<Currency>) -> String {
    match value {
        Value::Text(text) => quoted(text),
        Value::Integer(number) => number.to_string(),
        Value::Flag(flag) => flag.to_string(),
        Value::Amount(amount) if field == Field::Price => amount.with_currency(currency),
        Value::Amount(amount) => amount.to_string(),
        Value::Currency(currency) => currency.to_string(),
        Value::Time(moment) => moment.to_string(),
        Value::Tags(tags) => list(tags.iter().map(ToString::to_string)),
        Value::Geo(None) => "sold everywhere".to_owned(),
        Value::Geo(Some(restriction)) => {
            let GeoRestriction { mode, countries } = &**restriction;
            format!(
                "{} {}",
                mode.as_str(),
                list(countries.iter().map(ToString::to_string))
            )
        }
        Value::Events(events) => list(events.iter().map(ToString::to_string)),
        Value::Texts(texts) => list(
            texts
                .iter()
                .map(|(key, text)| format!("{key}: {}", quoted(text))),
        ),
        Value::Record(members) => {
            let members = members
                .iter()
                .map(|(name, value)| format!("{name} {}", value_text(field, value, currency)));
            members.collect::<Vec<_>>().join(", ")
        }
        Value::Records(records) => list(
            records
                .iter()
                .map(|record| value_text(field, record, currency)),
        ),
    }
}

/// Writes the two sides of a change for people, so that they can be told apart.
pub fn value_texts(field: Field, sides: [&Value; 2], currency: Option<Currency>) -> [String; 2] {
    match sides {
        [Value::Text(before), Value::Text(after)] => {
            told_apart(&cut(before.raw(), SHOWN), &cut(after.raw(), SHOWN))
                .map(|text| format!("\"{text}\""))
        }
        sides => sides.map(|value| value_text(field, value, currency)),
    }
}

fn list(items: impl Iterator<Item = String>) -> String {
    format!("[{}]", items.collect::<Vec<_>>().join(", "))
}

/// A text in quotes, on one line, shortened if it is long.
pub fn quoted(text: &Foreign) -> String {
    format!("\"{}\"", escaped(&cut(text.raw(), SHOWN)))
}

/// A text, shortened if it has more characters.
pub fn cut(text: &str, length: usize) -> String {
    let mut shown: String = text.chars().take(length).collect();
    if text.chars().nth(length).is_some() {
        shown.push('…');
    }
    shown
}

/// A count with its noun: `1 offer`, `2 offers`.
pub fn plural(count: usize, noun: &str) -> String {
    if count == 1 {
        format!("1 {noun}")
    } else {
        format!("{count} {noun}s")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_cannot_drive_the_terminal() {
        assert_eq!(
            quoted(&Foreign::from("a\u{1b}[31mb\nc\u{202e}d")),
            "\"a<U+001B>[31mb\\nc<U+202E>d\""
        );
        assert_eq!(
            quoted(&Foreign::from("é".repeat(80))),
            format!("\"{}…\"", "é".repeat(72))
        );
    }

    #[test]
    fn one_is_singular() {
        assert_eq!(plural(0, "offer"), "0 offers");
        assert_eq!(plural(1, "offer"), "1 offer");
        assert_eq!(plural(2, "offer"), "2 offers");
    }

    #[test]
    fn prices_have_their_currency() {
        let price = Value::Amount("9".parse().unwrap());
        assert_eq!(
            value_text(Field::Price, &price, Currency::new("EUR")),
            "9.00 EUR"
        );
        assert_eq!(
            value_text(Field::Price, &price, Currency::new("XOF")),
            "9 XOF"
        );
        assert_eq!(value_text(Field::Price, &price, None), "9.00");
    }
}
