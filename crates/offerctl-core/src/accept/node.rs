//! What is to be written: [`Node`], and how it looks beside what stands there: [`Node::inline`].

use crate::country::Country;
use crate::money::{Amount, Currency};
use crate::value::Moment;
use crate::yaml::{Quotes, Surroundings, text_scalar, word_scalar};

/// A value in the shape of YAML.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Node {
    /// `null`.
    Null,
    /// What never needs quotes: a number, a word out of a few.
    Word(String),
    /// What needs quotes where readers could take it for something else.
    Text(String),
    /// A price.
    Price(Amount, Option<Currency>),
    /// A moment, with the time zone of the offer.
    Time(Moment, Option<Box<str>>),
    /// A set.
    List(Vec<Self>),
    /// Entries by their keys.
    Mapping(Vec<(String, Self)>),
}

/// How values look where one is to stand.
#[derive(Debug, Clone, Copy)]
pub(super) struct Look<'a> {
    /// What stood there, if that was a single value.
    pub(super) old: Option<&'a str>,
    pub(super) quotes: Quotes,
    pub(super) surroundings: Surroundings,
}

impl Look<'_> {
    /// How the values inside of brackets look.
    fn inside(self) -> Self {
        Self {
            old: None,
            surroundings: Surroundings::Flow,
            ..self
        }
    }
}

impl Node {
    /// Writes the value on one line.
    pub(super) fn inline(&self, look: Look<'_>) -> String {
        match self {
            Self::Null => "null".to_owned(),
            Self::Word(word) => word_scalar(word, look.quotes),
            Self::Text(text) => text_scalar(text, look.quotes, look.surroundings),
            Self::Price(amount, currency) => {
                word_scalar(&price_text(*amount, *currency, look.old), look.quotes)
            }
            Self::Time(moment, zone) => {
                word_scalar(&time_text(*moment, zone.as_deref(), look.old), look.quotes)
            }
            Self::List(items) => {
                let items: Vec<String> = items
                    .iter()
                    .map(|item| item.inline(look.inside()))
                    .collect();
                format!("[{}]", items.join(", "))
            }
            Self::Mapping(entries) => {
                let entries: Vec<String> = entries
                    .iter()
                    .map(|(key, value)| {
                        let look = look.inside();
                        format!(
                            "{}: {}",
                            text_scalar(key, look.quotes, look.surroundings),
                            value.inline(look)
                        )
                    })
                    .collect();
                format!("{{{}}}", entries.join(", "))
            }
        }
    }

    /// Whether it is one value, with no others in it.
    pub(super) fn is_single(&self) -> bool {
        !matches!(self, Self::List(_) | Self::Mapping(_))
    }
}

/// Countries as they are listed.
pub(super) fn countries<'a>(countries: impl IntoIterator<Item = &'a Country>) -> Node {
    let texts = countries
        .into_iter()
        .map(|country| Node::Text(country.to_string()));
    Node::List(texts.collect())
}

/// A price with the digits of its currency, or without any where the one before had none.
fn price_text(amount: Amount, currency: Option<Currency>, old: Option<&str>) -> String {
    let was_whole = old.is_some_and(|old| old.bytes().all(|byte| byte.is_ascii_digit()));
    if was_whole && amount.digits() == 0 {
        amount.to_string()
    } else {
        amount.in_digits_of(currency)
    }
}

/// A moment in the spelling of the one that stood there: unix seconds, UTC, or a local time with its offset.
fn time_text(moment: Moment, zone: Option<&str>, old: Option<&str>) -> String {
    let old = old.unwrap_or_default();
    if !old.is_empty() && old.bytes().all(|byte| byte.is_ascii_digit()) {
        return moment.unix().to_string();
    }
    if old.ends_with(['Z', 'z']) {
        return moment.to_string();
    }
    // In the zone of the offer the offset follows summer time; without one it is that of the old spelling.
    let local = zone.and_then(|zone| moment.in_zone(zone));
    local
        .or_else(|| moment.with_offset_of(old))
        .unwrap_or_else(|| moment.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn amount(text: &str, currency: &str, old: Option<&str>) -> String {
        price_text(text.parse().unwrap(), Currency::new(currency), old)
    }

    #[test]
    fn prices_have_the_digits_of_their_currency() {
        assert_eq!(amount("14", "USD", Some("12.00")), "14.00");
        assert_eq!(amount("14", "USD", Some("12")), "14");
        assert_eq!(amount("14.5", "USD", Some("12")), "14.50");
        assert_eq!(amount("14", "USD", None), "14.00");
        assert_eq!(amount("500", "XOF", None), "500");
    }

    #[test]
    fn times_keep_their_spelling() {
        let time = |zone: Option<&str>, old: &str| {
            time_text("2031-01-01T20:00:00Z".parse().unwrap(), zone, Some(old))
        };
        let oslo = Some("Europe/Oslo");
        assert_eq!(time(oslo, "1999999990"), "1925064000");
        assert_eq!(time(oslo, "2031-06-01T20:00:00Z"), "2031-01-01T20:00:00Z");
        assert_eq!(
            time(oslo, "2031-06-01T20:00:00+02:00"),
            "2031-01-01T21:00:00+01:00",
            "winter"
        );
        assert_eq!(
            time(None, "2031-06-01T20:00:00+02:00"),
            "2031-01-01T22:00:00+02:00"
        );
        assert_eq!(time(None, ""), "2031-01-01T20:00:00Z");
    }
}
