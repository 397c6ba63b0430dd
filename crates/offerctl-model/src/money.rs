//! Money: an exact [`Amount`] and the [`Currency`] that it is in.

use std::fmt;
use std::str::FromStr;

use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};

use crate::offer_type::Api;

/// An exact decimal number; `12`, `12.0` and `12.00` are equal.
///
/// It never goes through a binary floating-point number, neither when it is read nor when it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Amount(Decimal);

/// Why a text is not an [`Amount`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AmountError {
    /// There is a comma in it; the suggestion is the amount that was probably meant.
    #[error("a comma is not a decimal point")]
    Comma {
        /// The same digits with a point, where that is unambiguous.
        suggestion: Option<String>,
    },
    /// It is below zero.
    #[error("an amount cannot be negative")]
    Negative,
    /// It has a currency sign or code in it.
    #[error("the currency does not belong to the amount")]
    WithCurrency,
    /// It is no decimal number, or one in a form that people misread (`1e3`, `0x10`, `007`, `1_000`, `.5`).
    #[error("not a decimal number")]
    Form,
    /// It has more digits than any price needs.
    #[error("too many digits")]
    TooLong,
}

impl Amount {
    /// Zero.
    pub const ZERO: Self = Self(Decimal::ZERO);

    /// The most characters of an amount: enough for any price, few enough to be exact.
    const MAX_LENGTH: usize = 20;

    /// Takes a decimal as it is.
    pub fn new(decimal: Decimal) -> Self {
        Self(decimal)
    }

    /// The number itself.
    pub fn decimal(self) -> Decimal {
        self.0
    }

    /// The number of digits after the point that are needed to write it, `0` for `12.00`.
    pub fn digits(self) -> u32 {
        self.0.normalize().scale()
    }

    /// Writes it with the digits of `currency`, or two where that is unknown; with more only if it has more.
    ///
    /// ```
    /// # use offerctl_model::money::{Amount, Currency};
    /// let amount: Amount = "12.5".parse()?;
    /// assert_eq!(amount.in_digits_of(Currency::new("EUR")), "12.50");
    /// # Ok::<(), offerctl_model::money::AmountError>(())
    /// ```
    pub fn in_digits_of(self, currency: Option<Currency>) -> String {
        let wanted = currency.map_or(2, Currency::digits).max(self.digits());
        format!("{:.*}", wanted as usize, self.0)
    }

    /// The same with the code of the currency after it, if that is known: `12.50 EUR`.
    pub fn with_currency(self, currency: Option<Currency>) -> String {
        let code = currency.map_or_else(String::new, |currency| format!(" {currency}"));
        format!("{}{code}", self.in_digits_of(currency))
    }
}

impl FromStr for Amount {
    type Err = AmountError;

    /// Reads the one form that cannot be misread: digits, then perhaps a point and digits.
    fn from_str(text: &str) -> Result<Self, AmountError> {
        if let Some(rest) = text.strip_prefix('-')
            && rest.starts_with(|character: char| character.is_ascii_digit() || character == '.')
        {
            return Err(AmountError::Negative);
        }
        if text.contains(',') {
            return Err(AmountError::Comma {
                suggestion: comma_suggestion(text),
            });
        }
        if text
            .chars()
            .any(|character| matches!(character, '€' | '$' | '£' | '¥' | '%'))
            || text.split(' ').any(|word| Currency::new(word).is_some())
        {
            return Err(AmountError::WithCurrency);
        }
        let (whole, fraction) = text
            .split_once('.')
            .map_or((text, None), |(whole, fraction)| (whole, Some(fraction)));
        let digits =
            |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        let leading_zero = whole.len() > 1 && whole.starts_with('0');
        if !digits(whole) || leading_zero || !fraction.is_none_or(digits) {
            return Err(AmountError::Form);
        }
        if text.len() > Self::MAX_LENGTH {
            return Err(AmountError::TooLong);
        }
        Decimal::from_str_exact(text)
            .map(Self)
            .map_err(|_| AmountError::TooLong)
    }
}

/// `9,99` was meant as `9.99`; what `1,000` was meant as, nobody knows.
fn comma_suggestion(text: &str) -> Option<String> {
    let (whole, fraction) = text.split_once(',')?;
    let suggestion = format!("{whole}.{fraction}");
    (fraction.len() != 3 && suggestion.parse::<Amount>().is_ok()).then_some(suggestion)
}

impl TryFrom<String> for Amount {
    type Error = AmountError;

    fn try_from(text: String) -> Result<Self, AmountError> {
        text.parse()
    }
}

impl From<Amount> for String {
    fn from(amount: Amount) -> Self {
        amount.to_string()
    }
}

impl fmt::Display for Amount {
    /// Writes the shortest text: `12`, `12.5`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.0.normalize().to_string())
    }
}

/// A currency by its three-letter code.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Currency([u8; 3]);

/// The text is not three ASCII capitals.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a currency code")]
pub struct CurrencyError(String);

/// The twelve currencies of the JSON-RPC generation (docs/cleeng-api.md §2.5, §4).
///
/// `TRL` is the vendor's own code for the Turkish lira, though ISO 4217 replaced it by `TRY` in 2005.
pub const JSON_RPC_CURRENCIES: [&str; 12] = [
    "USD", "EUR", "GBP", "CAD", "AUD", "NZD", "SEK", "DKK", "NOK", "TRL", "ZAR", "XOF",
];

impl Currency {
    /// Takes three ASCII capitals, whether or not a currency has that code: what the service answers is believed.
    pub fn new(code: &str) -> Option<Self> {
        let bytes: [u8; 3] = code.as_bytes().try_into().ok()?;
        bytes
            .iter()
            .all(u8::is_ascii_uppercase)
            .then_some(Self(bytes))
    }

    /// The code as text.
    ///
    /// # Panics
    ///
    /// Never: the constructor takes ASCII letters only.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("a currency code is three ASCII letters")
    }

    /// Whether a price can be in this currency in that generation of the API.
    pub fn is_known_to(self, api: Api) -> bool {
        match api {
            Api::JsonRpc => JSON_RPC_CURRENCIES.contains(&self.as_str()),
            Api::Rest => self
                .iso()
                .is_some_and(|iso| iso.is_superseded().is_none() && !iso.is_special()),
        }
    }

    /// The number of digits after the point of a price in this currency.
    ///
    /// A code that ISO 4217 does not list counts as having two: so does `TRL`, whose price bounds
    /// (docs/cleeng-api.md §2.8) have two digits.
    pub fn digits(self) -> u32 {
        self.iso()
            .and_then(iso_currency::Currency::exponent)
            .map_or(2, u32::from)
    }

    fn iso(self) -> Option<iso_currency::Currency> {
        iso_currency::Currency::from_code(self.as_str())
    }
}

impl TryFrom<String> for Currency {
    type Error = CurrencyError;

    fn try_from(text: String) -> Result<Self, CurrencyError> {
        Self::new(&text).ok_or(CurrencyError(text))
    }
}

impl From<Currency> for String {
    fn from(currency: Currency) -> Self {
        currency.as_str().to_owned()
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// Whether the live price of a VOD is the declared one without its tax, to four decimals (docs/cleeng-api.md §2.0).
///
/// Where the answer does not say the rate, every rate from half a percent to thirty in steps of a half is
/// tried, but only on a live price that has parts of a cent and so is no price that anybody set.
pub fn is_net_price(gross: Amount, live: Amount, rate: Option<Amount>) -> bool {
    let net_of = |rate: Decimal| {
        let net = gross.decimal().checked_div(Decimal::ONE + rate)?;
        Some(net.round_dp_with_strategy(4, RoundingStrategy::MidpointAwayFromZero))
    };
    let live = live.decimal().normalize();
    match rate {
        Some(rate) if rate != Amount::ZERO => net_of(rate.decimal()) == Some(live),
        Some(_) | None => {
            live.scale() > 2
                && (1..=60).any(|steps| net_of(Decimal::new(5 * steps, 3)) == Some(live))
        }
    }
}

/// The move in percent of the price before, with its sign and one digit: `+8.3 %`, `−25.0 %`.
pub fn percent(before: Amount, after: Amount) -> Option<String> {
    if before == Amount::ZERO {
        return None;
    }
    let moved = after.decimal().checked_sub(before.decimal())?;
    let percent = moved
        .checked_mul(Decimal::ONE_HUNDRED)?
        .checked_div(before.decimal())?
        .round_dp(1);
    let sign = if moved.is_sign_negative() {
        '\u{2212}'
    } else {
        '+'
    };
    Some(format!("{sign}{:.1} %", percent.abs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn amount(text: &str) -> Amount {
        text.parse().unwrap()
    }

    fn error(text: &str) -> AmountError {
        text.parse::<Amount>().unwrap_err()
    }

    #[test]
    fn one_amount_has_many_spellings() {
        let twelve: Amount = "12".parse().unwrap();
        for spelling in ["12.0", "12.00", "12.0000"] {
            assert_eq!(spelling.parse::<Amount>().unwrap(), twelve);
        }
        assert_eq!(twelve.to_string(), "12");
        assert_eq!(twelve.in_digits_of(Currency::new("EUR")), "12.00");
        assert_eq!(twelve.in_digits_of(Currency::new("XOF")), "12");
        assert_eq!(twelve.with_currency(Currency::new("EUR")), "12.00 EUR");
        assert_eq!(twelve.with_currency(None), "12.00");
        assert_eq!(
            "10.5691".parse::<Amount>().unwrap().in_digits_of(None),
            "10.5691"
        );
    }

    #[test]
    fn what_can_be_misread_is_refused_with_its_reason() {
        assert_eq!(
            error("9,99"),
            AmountError::Comma {
                suggestion: Some("9.99".to_owned())
            }
        );
        assert_eq!(error("1,000"), AmountError::Comma { suggestion: None });
        assert_eq!(error("1,000.50"), AmountError::Comma { suggestion: None });
        assert_eq!(error("-1"), AmountError::Negative);
        assert_eq!(error("€12"), AmountError::WithCurrency);
        assert_eq!(error("12 EUR"), AmountError::WithCurrency);
        for text in [
            "1e3", "0x10", "007", "1_000", ".5", "5.", "", " 12", "12 ", "NaN", ".inf", "+1",
            "１２", "1.2.3",
        ] {
            assert_eq!(error(text), AmountError::Form, "{text}");
        }
        assert_eq!(error("123456789012345678901"), AmountError::TooLong);
    }

    #[test]
    fn json_rpc_knows_the_twelve_currencies_of_the_vendor() {
        for code in JSON_RPC_CURRENCIES {
            let currency = Currency::new(code).unwrap();
            assert!(currency.is_known_to(Api::JsonRpc));
            assert_eq!(
                currency.digits(),
                if code == "XOF" { 0 } else { 2 },
                "{code}"
            );
        }
        assert!(!Currency::new("PLN").unwrap().is_known_to(Api::JsonRpc));
        assert!(Currency::new("PLN").unwrap().is_known_to(Api::Rest));
        assert!(!Currency::new("TRL").unwrap().is_known_to(Api::Rest));
        assert!(
            !Currency::new("HRK").unwrap().is_known_to(Api::Rest),
            "superseded by the euro"
        );
        assert!(!Currency::new("XXX").unwrap().is_known_to(Api::Rest));
    }

    #[test]
    fn the_net_price_of_a_vod_is_recognized() {
        // The sample of the vendor: 13 with Polish VAT.
        assert!(is_net_price(
            amount("13"),
            amount("10.5691"),
            Some(amount("0.23"))
        ));
        assert!(is_net_price(amount("13"), amount("10.5691"), None));
        assert!(is_net_price(
            amount("13"),
            amount("10.5691"),
            Some(Amount::ZERO)
        ));
        assert!(!is_net_price(
            amount("13"),
            amount("10.5691"),
            Some(amount("0.19"))
        ));
        assert!(
            !is_net_price(amount("13"), amount("10.57"), None),
            "a price that somebody set"
        );
        assert!(!is_net_price(amount("14"), amount("10.5691"), None));
        assert!(!is_net_price(amount("13"), amount("12"), None));
    }

    #[test]
    fn percents_have_a_sign_and_one_digit() {
        assert_eq!(percent(amount("12"), amount("9")).unwrap(), "−25.0 %");
        assert_eq!(percent(amount("12"), amount("13")).unwrap(), "+8.3 %");
        assert_eq!(percent(amount("0"), amount("13")), None);
    }
}
