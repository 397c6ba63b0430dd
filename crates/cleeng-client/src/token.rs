//! The publisher token: [`Token`].

use std::fmt;
use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString, zeroize::Zeroize};

use crate::echo::Echo;

/// The publisher token, which allows everything on an account.
///
/// It cannot be shown by accident: there is no `Display` and no `Serialize`, `Debug` prints
/// `Token(***)`, and the memory is wiped when the value goes. Errors and log events of this crate
/// never contain it, even where the service echoes it back.
///
/// ```
/// use cleeng_client::Token;
///
/// let token = Token::new("canary-token\n")?; // as read from a file
/// assert_eq!(format!("{token:?}"), "Token(***)");
/// # Ok::<(), cleeng_client::TokenError>(())
/// ```
///
/// ```compile_fail,E0277
/// # use cleeng_client::Token;
/// # let token = Token::new("canary-token").unwrap();
/// println!("{token}");
/// ```
#[derive(Clone)]
pub struct Token {
    secret: SecretString,
    echo: Arc<Echo>,
}

impl Token {
    /// Takes a token, without the whitespace around it.
    ///
    /// Cleeng's tokens are 48 characters from `[A-Za-z0-9_-]` (docs/cleeng-api.md §1.1). That is not
    /// enforced, since other services that speak this API choose their own; what is refused could
    /// not travel in a header.
    ///
    /// # Errors
    ///
    /// [`TokenError`] if nothing is left, or if there is a character other than visible ASCII.
    pub fn new(text: impl Into<String>) -> Result<Self, TokenError> {
        let mut text = text.into();
        let checked = check(text.trim()).map(|secret| Self {
            secret: SecretString::from(secret),
            echo: Arc::new(Echo::new(secret)),
        });
        text.zeroize();
        checked
    }

    /// Whether a text has ten characters of the token in a row, as they are or in any usual encoding. All of a shorter token
    /// count; one of less than four characters is nowhere found.
    ///
    /// ```
    /// let token = cleeng_client::Token::new("canary-token")?;
    /// assert!(token.is_repeated_in("https://shop.example/?t=ANARY%252Dtoken"));
    /// assert!(!token.is_repeated_in("a canary"));
    /// # Ok::<(), cleeng_client::TokenError>(())
    /// ```
    pub fn is_repeated_in(&self, text: impl AsRef<[u8]>) -> bool {
        self.echo.is_in(text.as_ref())
    }

    /// The same for data, such as a body of JSON: a token of less than sixteen characters is no secret, and stands in data by
    /// chance.
    pub fn is_secret_in(&self, data: impl AsRef<[u8]>) -> bool {
        const MIN: usize = 16;
        self.expose().len() >= MIN && self.echo.is_in_body(data.as_ref())
    }

    /// Gives the token to what sends it or looks for it.
    pub(crate) fn expose(&self) -> &str {
        self.secret.expose_secret()
    }
}

fn check(text: &str) -> Result<&str, TokenError> {
    if text.is_empty() {
        return Err(TokenError::Empty);
    }
    match text.chars().position(|c| !c.is_ascii_graphic()) {
        None => Ok(text),
        Some(index) => Err(TokenError::Forbidden {
            position: index + 1,
        }),
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(***)")
    }
}

/// Why a text cannot be a token. It never contains the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TokenError {
    /// There is nothing but whitespace.
    #[error("the token is empty")]
    Empty,
    /// There is a space, a control character or a character outside ASCII.
    #[error("the token has a character at position {position} that no token can have")]
    Forbidden {
        /// Where it stands, counted in characters from 1.
        position: usize,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whitespace_around_a_token_goes() {
        assert_eq!(Token::new(" canary\r\n").unwrap().expose(), "canary");
    }

    #[test]
    fn a_token_that_cannot_travel_is_refused() {
        for (text, expect) in [
            ("", TokenError::Empty),
            (" \n", TokenError::Empty),
            ("can ary", TokenError::Forbidden { position: 4 }),
            ("canary\u{0}", TokenError::Forbidden { position: 7 }),
            ("cänary", TokenError::Forbidden { position: 2 }),
            ("can\nary", TokenError::Forbidden { position: 4 }),
        ] {
            assert_eq!(Token::new(text).unwrap_err(), expect, "{text:?}");
        }
    }

    #[test]
    fn a_refused_token_is_not_shown() {
        let error = Token::new("canary-\u{7}-canary").unwrap_err();
        assert!(!format!("{error} {error:?}").contains("canary"));
    }
}
