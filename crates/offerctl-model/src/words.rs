//! Values and counts in words: [`value_text`], [`plural`].

use crate::field::Field;
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
        Value::Tags(tags) => list(tags.iter().map(|tag| escaped(tag))),
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
                .map(|(key, text)| format!("{}: {}", escaped(key), quoted(text))),
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

fn list(items: impl Iterator<Item = String>) -> String {
    format!("[{}]", items.collect::<Vec<_>>().join(", "))
}

/// A text in quotes, on one line, shortened if it is long.
pub fn quoted(text: &str) -> String {
    format!("\"{}\"", escaped(&cut(text, SHOWN)))
}

/// A text, shortened if it has more characters.
pub fn cut(text: &str, length: usize) -> String {
    let mut shown: String = text.chars().take(length).collect();
    if text.chars().nth(length).is_some() {
        shown.push('…');
    }
    shown
}

/// A text without line breaks and without characters that could drive a terminal.
pub fn escaped(text: &str) -> String {
    text.chars()
        .flat_map(|character| {
            let escape = character.is_control() || is_bidirectional(character);
            let escaped: Box<dyn Iterator<Item = char>> = if escape {
                Box::new(character.escape_default())
            } else {
                Box::new(std::iter::once(character))
            };
            escaped
        })
        .collect()
}

/// Characters that turn the direction of what follows, so that a line reads otherwise than it is.
fn is_bidirectional(character: char) -> bool {
    matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
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
            quoted("a\u{1b}[31mb\nc\u{202e}d"),
            "\"a\\u{1b}[31mb\\nc\\u{202e}d\""
        );
        assert_eq!(quoted(&"é".repeat(80)), format!("\"{}…\"", "é".repeat(72)));
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
