//! Where web pages come from: [`Origin`].

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// The origin of web pages, as browsers send it: scheme, host and, unless it is the usual one, port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin(String);

/// The text is not an origin.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{0}` is not an origin such as `https://app.example` or `http://localhost:3000`")]
pub struct ParseOriginError(pub String);

impl Origin {
    /// Returns the origin as browsers send it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Origin {
    type Err = ParseOriginError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let origin = text.to_ascii_lowercase();
        let (scheme, address) = origin
            .split_once("://")
            .filter(|(scheme, address)| is_scheme(scheme) && is_address(address))
            .ok_or_else(|| ParseOriginError(text.to_owned()))?;
        let usual_port = match scheme {
            "http" => ":80",
            "https" => ":443",
            _ => "",
        };
        let address = address.strip_suffix(usual_port).unwrap_or(address);
        Ok(Self(format!("{scheme}://{address}")))
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
}

/// Whether a text is a host with or without a port, and nothing more: no user, no path, no blank.
fn is_address(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && !b"/?#@\\*,\"".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_written_as_browsers_send_them() {
        for (text, origin) in [
            ("https://app.example", "https://app.example"),
            ("HTTPS://App.Example:443", "https://app.example"),
            ("http://localhost:3000", "http://localhost:3000"),
            ("http://localhost:80", "http://localhost"),
            ("http://[::1]:5173", "http://[::1]:5173"),
            ("https://app.example:80", "https://app.example:80"),
            ("chrome-extension://abc", "chrome-extension://abc"),
        ] {
            assert_eq!(text.parse::<Origin>().unwrap().as_str(), origin);
        }
    }

    #[test]
    fn what_no_browser_sends_is_no_origin() {
        for text in [
            "",
            "*",
            "null",
            "app.example",
            "://app.example",
            "https://",
            "https://app.example/",
            "https://app.example/path",
            "https://*.example",
            "https://me@app.example",
            "https://a.example https://b.example",
        ] {
            assert!(text.parse::<Origin>().is_err(), "{text}");
        }
    }
}
