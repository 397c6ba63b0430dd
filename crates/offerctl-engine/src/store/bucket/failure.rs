//! Why an object store failed, in words that show no secret: [`Failure`].
//!
//! What the clouds answer may repeat what was sent: S3 prints the access key, and what it signed with the session
//! token in it. So nothing of a body is shown but its error code, nothing of an address but the place, and known
//! secrets are taken out of what is left.

use std::error::Error;
use std::fmt;

/// Longest cause that is shown.
const MAX_WORDS: usize = 200;

/// Where a machine in a cloud gets its credentials; asked when nothing else has any.
const METADATA: [&str; 3] = [
    "169.254.169.254",
    "169.254.170.2",
    "metadata.google.internal",
];

/// Texts that nobody may see: keys, tokens, passwords.
#[derive(Clone, Default)]
pub(super) struct Secrets(Vec<String>);

impl Secrets {
    pub(super) fn new(secrets: impl IntoIterator<Item = String>) -> Self {
        // What is shorter is no secret, and stands in words by chance.
        Self(secrets.into_iter().filter(|text| text.len() >= 8).collect())
    }

    fn hide(&self, text: &str) -> String {
        let hidden = self.0.iter().fold(text.to_owned(), |text, secret| {
            text.replace(secret.as_str(), "(secret)")
        });
        hidden
            .chars()
            .filter(|char| !char.is_control())
            .take(MAX_WORDS)
            .collect()
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secrets")
    }
}

/// What a failure says of the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    /// It was refused, and will be again.
    Refused,
    /// Its condition does not hold, or another write was just going on.
    Conflict,
    /// Nobody knows whether it took effect; another attempt may go better.
    Unknown,
}

/// Why an object store failed.
#[derive(Debug, thiserror::Error)]
#[error("{words}")]
pub(super) struct Failure {
    pub(super) meaning: Meaning,
    words: String,
}

impl Failure {
    /// A request that took too long.
    pub(super) fn slow() -> Self {
        Self {
            meaning: Meaning::Unknown,
            words: "no answer in time".to_owned(),
        }
    }

    pub(super) fn new(error: &object_store::Error, secrets: &Secrets) -> Self {
        use object_store::Error as Cloud;
        let text = error.to_string();
        let code = code(&text).map_or_else(String::new, |code| format!(" ({code})"));
        let refused = |words: String| Self {
            meaning: Meaning::Refused,
            words,
        };
        let missing = || {
            refused(format!(
                "there is no such bucket, container or object{code}"
            ))
        };
        let denied = || {
            refused(format!(
                "access was denied{code}: wrong credentials, or none that may do this"
            ))
        };
        match error {
            Cloud::NotFound { .. } => missing(),
            Cloud::PermissionDenied { .. } | Cloud::Unauthenticated { .. } => denied(),
            Cloud::AlreadyExists { .. } | Cloud::Precondition { .. } => Self {
                meaning: Meaning::Conflict,
                words: format!("somebody else wrote there{code}"),
            },
            Cloud::NotImplemented { .. } | Cloud::NotSupported { .. } => {
                refused("this store cannot write on a condition".to_owned())
            }
            // Lists have no errors of their own but `Generic`.
            Cloud::Generic { .. }
            | Cloud::InvalidPath { .. }
            | Cloud::JoinError { .. }
            | Cloud::NotModified { .. }
            | Cloud::UnknownConfigurationKey { .. }
            | _ => match status(&text) {
                Some(404) => missing(),
                Some(401 | 403) => denied(),
                Some(status @ (408 | 429 | 500..)) => Self {
                    meaning: Meaning::Unknown,
                    words: format!("the store answered with HTTP {status}{code}"),
                },
                Some(status) => refused(format!("the store answered with HTTP {status}{code}")),
                None if METADATA.iter().any(|host| text.contains(host)) => Self {
                    meaning: Meaning::Unknown,
                    words: "there are no credentials: the environment has none, and no machine gives any"
                        .to_owned(),
                },
                None => Self {
                    meaning: Meaning::Unknown,
                    words: secrets.hide(&deepest(error)),
                },
            },
        }
    }
}

/// The innermost cause; what stands around it has addresses and bodies in it.
fn deepest(error: &dyn Error) -> String {
    let mut cause: &dyn Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    let text = cause.to_string();
    let is_body = text.contains(['<', '{']) || text.contains("://");
    if is_body {
        "an answer that makes no sense".to_owned()
    } else {
        text
    }
}

/// The code in a body such as `<Error><Code>NoSuchBucket</Code>…`.
fn code(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once("<Code>")?;
    let (code, _) = rest.split_once("</Code>")?;
    let is_code = code.len() <= 60 && code.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_code.then_some(code)
}

/// The HTTP status that an error of the library speaks of.
fn status(text: &str) -> Option<u16> {
    let (_, rest) = text.split_once("non-2xx status code: ")?;
    rest.get(..3)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn generic(text: &str) -> object_store::Error {
        object_store::Error::Generic {
            store: "S3",
            source: text.to_owned().into(),
        }
    }

    #[track_caller]
    fn check(error: &object_store::Error, meaning: Meaning, words: &str) {
        let secrets = Secrets::new(["topsecretkey".to_owned()]);
        let failure = Failure::new(error, &secrets);
        assert_eq!((failure.meaning, failure.words.as_str()), (meaning, words));
    }

    #[test]
    fn of_a_body_only_its_code_is_shown() {
        let body = "Server returned non-2xx status code: 403 Forbidden: <Error><Code>SignatureDoesNotMatch</Code><AWSAccessKeyId>AKIA1</AWSAccessKeyId></Error>";
        let error = object_store::Error::PermissionDenied {
            path: "x".to_owned(),
            source: body.into(),
        };
        check(
            &error,
            Meaning::Refused,
            "access was denied (SignatureDoesNotMatch): wrong credentials, or none that may do this",
        );
    }

    #[test]
    fn a_status_says_whether_to_try_again() {
        let error = |status: &str| {
            generic(&format!(
                "Error performing PUT http://h/x?sig=abc in 1ms - Server returned non-2xx status code: {status}: body"
            ))
        };
        let say = |status: u16| format!("the store answered with HTTP {status}");
        check(&error("503 Busy"), Meaning::Unknown, &say(503));
        check(&error("429 Slow"), Meaning::Unknown, &say(429));
        check(&error("400 Bad"), Meaning::Refused, &say(400));
    }

    #[test]
    fn a_machine_without_credentials_is_said_to_have_none() {
        check(
            &generic(
                "Error performing PUT http://169.254.169.254/latest/api/token in 1s - timed out",
            ),
            Meaning::Unknown,
            "there are no credentials: the environment has none, and no machine gives any",
        );
    }

    #[test]
    fn known_secrets_and_addresses_are_left_out() {
        check(
            &generic("bad key topsecretkey"),
            Meaning::Unknown,
            "bad key (secret)",
        );
        check(
            &generic("got <html>"),
            Meaning::Unknown,
            "an answer that makes no sense",
        );
        check(
            &generic("http://h/?sig=1"),
            Meaning::Unknown,
            "an answer that makes no sense",
        );
    }
}
