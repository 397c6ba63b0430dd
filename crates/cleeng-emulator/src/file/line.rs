//! The lines of a data file: types made for it, apart from the domain's.

use std::collections::BTreeMap;
use std::str::FromStr;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::account::Account;
use crate::field::{Field, FieldValue, PriceRule};
use crate::kind::Kind;
use crate::offer::Offer;
use crate::span::{Span, SpanUnit};

/// The format version that is written, and the newest that is read.
///
/// Version 2 has the offers' versions and the fields that only REST has; of version 1, every offer is in its first. Version 3
/// has groups of seasons.
pub(crate) const VERSION: u64 = 3;

/// What tells a data file from any other file of JSON lines.
const FORMAT: &str = "cleeng-emulator";

/// The first line. Further members are left alone, so that a newer file is refused for its version.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Header {
    format: String,
    pub(crate) version: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    account: Option<AccountLine>,
}

/// The account without its token: a data file holds no secret.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct AccountLine {
    publisher_email: String,
    country: String,
    currency: String,
    tax_rate: String,
}

/// One version of an offer.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct OfferLine {
    id: String,
    kind: String,
    active: bool,
    localized: bool,
    currency: String,
    created_at: i64,
    updated_at: i64,
    #[serde(default = "first_version")]
    version: u32,
    fields: BTreeMap<String, ValueLine>,
}

/// A value with its sort, since JSON cannot tell an amount from a text.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum ValueLine {
    Amount(String),
    Text(String),
    Integer(i64),
    Flag(bool),
    List(Vec<String>),
    Map(BTreeMap<String, String>),
    Rules(Vec<RuleLine>),
    Span(u32, String),
}

#[derive(Debug, Serialize, Deserialize)]
struct RuleLine {
    from: i64,
    to: i64,
    amount: String,
    name: String,
}

fn first_version() -> u32 {
    1
}

impl Header {
    /// Returns the account of the header.
    pub(crate) fn account(self) -> Result<Account, String> {
        let account = self.account.ok_or("has no account")?;
        Ok(Account {
            publisher_email: account.publisher_email,
            country: parsed(&account.country)?,
            currency: parsed(&account.currency)?,
            tax_rate: parsed(&account.tax_rate)?,
            token: None,
        })
    }
}

pub(crate) fn header_line(account: &Account) -> String {
    let Account {
        publisher_email,
        country,
        currency,
        tax_rate,
        token: _,
    } = account;
    to_line(&Header {
        format: FORMAT.to_owned(),
        version: VERSION,
        account: Some(AccountLine {
            publisher_email: publisher_email.clone(),
            country: country.to_string(),
            currency: currency.to_string(),
            tax_rate: tax_rate.to_string(),
        }),
    })
}

pub(crate) fn offer_line(offer: &Offer) -> String {
    to_line(&OfferLine {
        id: offer.id().to_string(),
        kind: offer.kind().name().to_owned(),
        active: offer.is_active(),
        localized: offer.is_localized(),
        currency: offer.currency().to_string(),
        created_at: offer.created_at(),
        updated_at: offer.updated_at(),
        version: offer.version(),
        fields: offer
            .fields()
            .iter()
            .map(|(field, value)| (field.name().to_owned(), value.into()))
            .collect(),
    })
}

fn to_line(value: &impl Serialize) -> String {
    let mut line = serde_json::to_string(value).expect("maps with text keys are JSON");
    line.push('\n');
    line
}

/// Reads the first line, or says what is wrong with it, as a phrase.
pub(crate) fn read_header(line: &[u8]) -> Result<Header, String> {
    let header: Header =
        serde_json::from_slice(line).map_err(|_| "is no header of a data file".to_owned())?;
    if header.format == FORMAT {
        Ok(header)
    } else {
        Err(format!("has the format `{}`", header.format))
    }
}

/// Reads a version of an offer, or says what is wrong with it, as a phrase.
pub(crate) fn read_offer(line: &[u8]) -> Result<Offer, String> {
    let line: OfferLine =
        // The line number is that within the one line.
        serde_json::from_slice(line).map_err(|error| {
            let error = error.to_string().replace(" at line 1 column", " at column");
            format!("is no offer: {error}")
        })?;
    let kind =
        Kind::from_name(&line.kind).ok_or_else(|| format!("has no offer type `{}`", line.kind))?;
    let mut offer = Offer::new(parsed(&line.id)?, kind)
        .in_currency(parsed(&line.currency)?)
        .made_at(line.created_at)
        .touched_at(line.updated_at)
        .in_version(line.version);
    offer.set_active(line.active);
    if line.localized {
        offer = offer.localized();
    }
    for (name, value) in line.fields {
        let field = Field::from_name(&name).ok_or_else(|| format!("has no field `{name}`"))?;
        offer.set(field, value.into_field_value()?);
    }
    Ok(offer)
}

fn parsed<T: FromStr<Err: ToString>>(text: &str) -> Result<T, String> {
    text.parse()
        .map_err(|error: T::Err| format!("is wrong: {}", error.to_string()))
}

impl From<&FieldValue> for ValueLine {
    fn from(value: &FieldValue) -> Self {
        match value {
            FieldValue::Amount(amount) => Self::Amount(amount.to_string()),
            FieldValue::Text(text) => Self::Text(text.clone()),
            FieldValue::Integer(number) => Self::Integer(*number),
            FieldValue::Flag(flag) => Self::Flag(*flag),
            FieldValue::List(list) => Self::List(list.clone()),
            FieldValue::Map(map) => Self::Map(map.clone()),
            FieldValue::Rules(rules) => Self::Rules(rules.iter().map(RuleLine::from).collect()),
            FieldValue::Span(span) => Self::Span(span.amount, span.unit.name().to_owned()),
        }
    }
}

impl ValueLine {
    fn into_field_value(self) -> Result<FieldValue, String> {
        Ok(match self {
            Self::Amount(amount) => FieldValue::Amount(parsed::<Decimal>(&amount)?),
            Self::Text(text) => FieldValue::Text(text),
            Self::Integer(number) => FieldValue::Integer(number),
            Self::Flag(flag) => FieldValue::Flag(flag),
            Self::List(list) => FieldValue::List(list),
            Self::Map(map) => FieldValue::Map(map),
            Self::Rules(rules) => FieldValue::Rules(
                rules
                    .into_iter()
                    .map(RuleLine::into_rule)
                    .collect::<Result<_, _>>()?,
            ),
            Self::Span(amount, unit) => {
                let unit = SpanUnit::from_name(&unit)
                    .ok_or_else(|| format!("has no unit of time `{unit}`"))?;
                FieldValue::Span(Span::new(amount, unit))
            }
        })
    }
}

impl RuleLine {
    fn into_rule(self) -> Result<PriceRule, String> {
        Ok(PriceRule {
            from: self.from,
            to: self.to,
            amount: parsed::<Decimal>(&self.amount)?,
            name: self.name,
        })
    }
}

impl From<&PriceRule> for RuleLine {
    fn from(rule: &PriceRule) -> Self {
        let PriceRule {
            from,
            to,
            amount,
            name,
        } = rule;
        Self {
            from: *from,
            to: *to,
            amount: amount.to_string(),
            name: name.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offer() -> Offer {
        Offer::new("P123456789_US".parse().unwrap(), Kind::Pass)
            .with(Field::Price, Decimal::new(1234, 2))
            .with(Field::Title, "Tous les matchs à l’été")
            .with(Field::ExpiresAt, 1_900_000_000)
            .with(Field::GeoRestrictionEnabled, true)
            .with(Field::AccessToTags, ["a", "b"])
            .in_currency("EUR".parse().unwrap())
            .made_at(5)
            .touched_at(7)
            .localized()
            .inactive()
    }

    #[test]
    fn offer_comes_back_as_it_was() {
        let line = offer_line(&offer());
        assert_eq!(line.matches('\n').count(), 1);
        assert_eq!(read_offer(line.trim_end().as_bytes()), Ok(offer()));
    }

    #[test]
    fn account_comes_back_without_its_token() {
        let account = Account {
            tax_rate: Decimal::new(21, 2),
            token: Some(crate::account::Token::new("SECRET")),
            ..Account::default()
        };
        let line = header_line(&account);
        assert!(!line.contains("SECRET"));
        let back = read_header(line.as_bytes()).unwrap().account().unwrap();
        assert_eq!(
            back,
            Account {
                token: None,
                ..account
            }
        );
    }

    #[test]
    fn wrong_lines_say_what_is_wrong() {
        let good = offer_line(&offer());
        for (from, to, reason) in [
            ("\"pass\"", "\"bundle\"", "has no offer type `bundle`"),
            ("\"title\"", "\"tittle\"", "has no field `tittle`"),
            (
                "P123456789_US",
                "P1",
                "is wrong: `P1` is not an offer id such as `S740060915_FR`",
            ),
        ] {
            let bad = good.replace(from, to);
            assert_eq!(read_offer(bad.as_bytes()), Err(reason.to_owned()));
        }
        assert!(read_offer(b"{}").unwrap_err().starts_with("is no offer: "));
        assert!(read_offer(b"\xff").is_err());
    }
}
