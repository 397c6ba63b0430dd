//! The publisher's account that the emulator plays: [`Account`].

use std::fmt;

use rust_decimal::Decimal;

use crate::code::{Country, Currency};

/// The one account of an emulator. New offers inherit its country and currency (docs/cleeng-api.md §2.0).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// The `publisherEmail` of every result.
    pub publisher_email: String,
    /// The suffix of the ids of new plain offers.
    pub country: Country,
    /// The currency of new offers that name none.
    pub currency: Currency,
    /// The `applicableTaxRate`, as a fraction: 0.21 is 21 %.
    pub tax_rate: Decimal,
    /// The only accepted publisher token; `None` accepts every text that is not empty.
    pub token: Option<Token>,
}

/// A publisher token. It shows in no debug output.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// Returns the token of that text. The API documents 48 characters of `[A-Za-z0-9_-]` (docs/cleeng-api.md §1.1); no form is
    /// enforced, since one documented sample has 49.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Returns the token itself, to find it where it must not stand.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Token(..)")
    }
}

impl Account {
    /// Whether a request with this token is served.
    pub(crate) fn accepts(&self, token: &str) -> bool {
        !token.is_empty()
            && self
                .token
                .as_ref()
                .is_none_or(|expected| expected.0 == token)
    }
}

impl Default for Account {
    /// Returns an American account in US dollars, without tax, that accepts every token.
    fn default() -> Self {
        Self {
            publisher_email: "publisher@example.com".to_owned(),
            country: Country::united_states(),
            currency: Currency::us_dollar(),
            tax_rate: Decimal::ZERO,
            token: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn account_without_a_token_accepts_any_but_the_empty_one() {
        let account = Account::default();
        assert!(account.accepts("TOK"));
        assert!(!account.accepts(""));
    }

    #[test]
    fn account_with_a_token_accepts_only_that() {
        let account = Account {
            token: Some(Token::new("secret")),
            ..Account::default()
        };
        assert!(account.accepts("secret"));
        assert!(!account.accepts("Secret"));
    }

    #[test]
    fn debug_output_hides_the_token() {
        let account = Account {
            token: Some(Token::new("secret")),
            ..Account::default()
        };
        assert!(!format!("{account:?}").contains("secret"));
    }
}
