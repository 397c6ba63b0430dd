//! Values as manifests write them: [`notation`], and how one looks beside what stands there: [`Node::inline`].

use offerctl_manifest::yaml::{Quotes, Surroundings, text_scalar, word_scalar};
use offerctl_model::country::Country;
use offerctl_model::field::Kind;
use offerctl_model::money::{Amount, Currency, is_net_price};
use offerctl_model::value::{Moment, Value};
use rust_decimal::RoundingStrategy;

/// A value in the shape of YAML.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Node {
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
pub(crate) struct Look<'a> {
    /// What stood there, if that was a single value.
    pub(crate) old: Option<&'a str>,
    pub(crate) quotes: Quotes,
    pub(crate) surroundings: Surroundings,
}

impl<'a> Look<'a> {
    /// The look of a value that takes the place of another single one.
    pub(crate) fn like(self, old: &'a str) -> Self {
        let quotes = match old.chars().next() {
            Some('"') => Quotes::Double,
            Some('\'') => Quotes::Single,
            _ => Quotes::AsNeeded,
        };
        Self {
            old: Some(old.trim_matches(['"', '\''])),
            quotes,
            ..self
        }
    }

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
    pub(crate) fn inline(&self, look: Look<'_>) -> String {
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
    pub(crate) fn is_single(&self) -> bool {
        !matches!(self, Self::List(_) | Self::Mapping(_))
    }
}

/// Countries as they are listed.
pub(crate) fn countries<'a>(countries: impl IntoIterator<Item = &'a Country>) -> Node {
    let texts = countries
        .into_iter()
        .map(|country| Node::Text(country.to_string()));
    Node::List(texts.collect())
}

/// Returns a country as it is best written: other readers of YAML take a plain `NO` for `false`.
pub(crate) fn country_word(country: Country) -> String {
    if country.as_str() == "NO" {
        "\"NO\"".to_owned()
    } else {
        country.to_string()
    }
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

/// The shape of a value; `None` if it is of another kind than its field.
pub(crate) fn notation(
    kind: Kind,
    value: &Value,
    context: (Option<Currency>, Option<&str>),
) -> Option<Node> {
    let text = |text: &str| Node::Text(text.replace("${", "$${"));
    match (kind, value) {
        (
            Kind::Text | Kind::Url | Kind::Choice(_) | Kind::Period | Kind::TimeZone,
            Value::Text(value),
        ) => Some(text(value.raw())),
        (Kind::Price, Value::Amount(amount)) => Some(Node::Price(*amount, context.0)),
        (Kind::Rate, Value::Amount(amount)) => Some(Node::Word(amount.to_string())),
        (Kind::Currency, Value::Currency(currency)) => Some(Node::Word(currency.to_string())),
        (Kind::Integer { .. }, Value::Integer(number)) => Some(Node::Word(number.to_string())),
        (Kind::Flag, Value::Flag(flag)) => Some(Node::Word(flag.to_string())),
        (Kind::Time, Value::Time(moment)) => Some(Node::Time(*moment, context.1.map(Into::into))),
        (Kind::Tags, Value::Tags(tags)) => {
            Some(Node::List(tags.iter().map(|tag| text(tag.raw())).collect()))
        }
        (Kind::GeoRestriction, Value::Geo(None)) => Some(Node::Null),
        (Kind::GeoRestriction, Value::Geo(Some(restriction))) => Some(Node::Mapping(vec![
            (
                "type".to_owned(),
                Node::Word(restriction.mode.as_str().to_owned()),
            ),
            ("countries".to_owned(), countries(&restriction.countries)),
        ])),
        (Kind::Events, Value::Events(events)) => Some(Node::List(
            events
                .iter()
                .map(|event| Node::Text(event.to_string()))
                .collect(),
        )),
        (Kind::TextMap | Kind::Texts(_), Value::Texts(texts)) => Some(Node::Mapping(
            texts
                .iter()
                .map(|(key, value)| (key.raw().to_owned(), text(value.raw())))
                .collect(),
        )),
        (Kind::Record(members), Value::Record(found)) => {
            let entries = found.iter().map(|(name, value)| {
                let member = members.iter().find(|member| member.name == *name)?;
                Some(((*name).to_owned(), notation(member.kind, value, context)?))
            });
            entries.collect::<Option<_>>().map(Node::Mapping)
        }
        (Kind::Records(members), Value::Records(records)) => {
            let records = records
                .iter()
                .map(|record| notation(Kind::Record(members), record, context));
            records.collect::<Option<_>>().map(Node::List)
        }
        _ => None,
    }
}

/// The price of a VOD as a manifest says it: with the tax that the service took out. `None` if nobody can know.
pub(crate) fn price_with_tax(shown: Amount, rate: Option<Amount>) -> Option<Amount> {
    let whole_cents = shown.digits() <= 2;
    let Some(rate) = rate.filter(|rate| *rate != Amount::ZERO) else {
        return whole_cents.then_some(shown);
    };
    let factor = rust_decimal::Decimal::ONE.checked_add(rate.decimal())?;
    let price = shown.decimal().checked_mul(factor)?;
    let price =
        Amount::new(price.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero));
    match (is_net_price(price, shown, Some(rate)), whole_cents) {
        (true, false) => Some(price),
        // No price makes this one when tax is taken out of it, so it is shown as it was set.
        (false, true) => Some(shown),
        (true, true) | (false, false) => None,
    }
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

    #[test]
    fn tax_is_put_back_into_the_price_of_a_vod() {
        let gross = |shown: &str, rate: Option<&str>| {
            price_with_tax(
                shown.parse().unwrap(),
                rate.map(|rate| rate.parse().unwrap()),
            )
            .map(|amount| amount.to_string())
        };
        assert_eq!(gross("10.5691", Some("0.23")).as_deref(), Some("13"));
        assert_eq!(gross("12", None).as_deref(), Some("12"));
        assert_eq!(gross("12", Some("0")).as_deref(), Some("12"));
        assert_eq!(gross("10.5691", None), None);
        assert_eq!(gross("10.57", Some("0.23")).as_deref(), Some("10.57"));
        assert_eq!(
            gross("12", Some("0.5")),
            None,
            "12.00, or 18.00 without tax"
        );
    }
}
