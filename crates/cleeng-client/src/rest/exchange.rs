//! From a call to bytes and back: [`Connection`].

use std::{fmt, time::Instant};

use reqwest::{
    Method, Url,
    header::{ACCEPT_ENCODING, CACHE_CONTROL, HeaderName, HeaderValue, IF_MATCH, IF_NONE_MATCH},
};
use serde::{Serialize, de::DeserializeOwned, ser::Error as _};

use super::etag::ETag;
use super::operation::Operation;
use crate::config::{Config, ConfigError};
use crate::error::{DecodeError, Error, ErrorKind, Failure, StatusError};
use crate::token::Token;
use crate::transport::{Answer, Transport};

/// The header that carries the token (docs/cleeng-api.md §5.1).
const TOKEN_HEADER: HeaderName = HeaderName::from_static("x-publisher-token");

/// What a reader and a writer share: an address, a token and the connections.
pub(super) struct Connection {
    transport: Transport,
    token: Token,
}

/// A call: an endpoint, its address, what is sent.
pub(super) struct Call {
    pub(super) operation: Operation,
    url: Url,
    body: Option<Vec<u8>>,
    condition: Option<(HeaderName, ETag)>,
}

impl Call {
    /// Binds the call to a version of the offer.
    pub(super) fn if_match(mut self, etag: Option<&ETag>) -> Self {
        self.condition = etag.map(|etag| (IF_MATCH, etag.clone()));
        self
    }

    /// Asks for the version of the offer in the answer.
    pub(super) fn with_etag(mut self) -> Self {
        self.condition = Some((IF_NONE_MATCH, ETag::none()));
        self
    }

    /// Adds the query, if there is one.
    pub(super) fn query(mut self, pairs: &[(&str, String)]) -> Self {
        if !pairs.is_empty() {
            self.url.query_pairs_mut().extend_pairs(pairs);
        }
        self
    }

    /// Returns the address that is called.
    pub(super) fn url(&self) -> &Url {
        &self.url
    }

    /// Calls another address instead.
    pub(super) fn at(mut self, url: Url) -> Self {
        self.url = url;
        self
    }

    fn is_conditional_write(&self) -> bool {
        matches!(&self.condition, Some((name, _)) if name == IF_MATCH)
    }
}

impl Connection {
    /// Sets up a connection to the REST API.
    pub(super) fn new(config: &Config) -> Result<Self, ConfigError> {
        Ok(Self {
            transport: Transport::new(config, config.endpoint.rest())?,
            token: config.token.clone(),
        })
    }

    /// The same connections for what only reads.
    pub(super) fn for_reading(&self) -> Self {
        Self {
            transport: self.transport.for_reading(),
            token: self.token.clone(),
        }
    }

    /// The token of all requests.
    pub(super) fn token(&self) -> &Token {
        &self.token
    }

    /// Returns the address to which the paths are added.
    pub(super) fn base(&self) -> &Url {
        self.transport.url()
    }

    /// Makes a call without a body.
    pub(super) fn call(&self, operation: Operation, names: &[&str]) -> Result<Call, Error> {
        match operation.url(self.base(), names) {
            Some(url) => Ok(Call {
                operation,
                url,
                body: None,
                condition: None,
            }),
            None => Err(not_sent(
                operation,
                serde_json::Error::custom("an id or a country cannot stand in a path"),
            )),
        }
    }

    /// Makes a call with a JSON body.
    pub(super) fn call_with(
        &self,
        operation: Operation,
        names: &[&str],
        body: &impl Serialize,
    ) -> Result<Call, Error> {
        let mut call = self.call(operation, names)?;
        let body = serde_json::to_vec(body).map_err(|error| not_sent(operation, error))?;
        call.body = Some(body);
        Ok(call)
    }

    /// Sends a call once and reads the answer to its end. Only the statuses 200, 201 and 204 are
    /// answers (docs/cleeng-api.md §5.1): what another 2xx would say of a write is documented nowhere.
    pub(super) async fn send(&self, call: Call) -> Result<Answer, Error> {
        let operation = call.operation;
        let is_conditional_write = call.is_conditional_write();
        let request_bytes = call.body.as_ref().map_or(0, Vec::len);
        let start = Instant::now();
        let answer = self.try_send(call).await;
        let answer = answer.and_then(|answer| match answer.status {
            200 | 201 | 204 => Ok(answer),
            status => Err(Failure {
                http_status: Some(status),
                kind: ErrorKind::Status(StatusError::new(status, None, &answer.body, &self.token)),
            }),
        });
        match answer {
            Ok(answer) => {
                let answer_bytes = answer.body.len();
                log(
                    operation,
                    Some(answer.status),
                    [request_bytes, answer_bytes],
                    start,
                );
                Ok(answer)
            }
            Err(mut failure) => {
                log(operation, failure.http_status, [request_bytes, 0], start);
                if is_conditional_write {
                    failure.kind = judge_condition(failure.kind);
                }
                Err(Error::new(operation.name(), failure))
            }
        }
    }

    async fn try_send(&self, call: Call) -> Result<Answer, Failure> {
        let method = call.operation.method();
        let is_read = method == Method::GET;
        let mut request = self.transport.request(method, call.url);
        request = request.header(TOKEN_HEADER, token_header(&self.token));
        if let Some((name, etag)) = call.condition {
            // Proxies that compress an answer change its tag, and the service would not know it
            // again. An offer is small.
            request = request
                .header(name, etag.header())
                .header(ACCEPT_ENCODING, "identity");
        }
        if let Some(body) = call.body {
            request = self.transport.with_json(request, body);
        } else if is_read {
            // The token's header tells a cache nothing, so it might keep an answer. An old list
            // would hide the offer that a lost answer has to be looked for in.
            request = request.header(CACHE_CONTROL, "no-cache");
        } else {
            request = self.transport.without_body(request)?;
        }
        self.transport.send(request, &self.token).await
    }

    /// Reads the body of an answer.
    pub(super) fn decode<T: DeserializeOwned>(
        &self,
        operation: Operation,
        expected: &str,
        answer: &Answer,
    ) -> Result<T, Error> {
        let body = self.text(operation, answer)?;
        serde_json::from_str(body)
            .map_err(|error| self.unreadable(operation, answer, expected, &error.to_string()))
    }

    /// Returns the body of an answer as text.
    pub(super) fn text<'a>(
        &self,
        operation: Operation,
        answer: &'a Answer,
    ) -> Result<&'a str, Error> {
        std::str::from_utf8(&answer.body)
            .map_err(|_| self.unreadable(operation, answer, "UTF-8", "it is not UTF-8"))
    }

    /// Makes the error for an answer that is not what it should be.
    pub(super) fn unreadable(
        &self,
        operation: Operation,
        answer: &Answer,
        expected: &str,
        detail: &str,
    ) -> Error {
        let text = String::from_utf8_lossy(&answer.body);
        let decode = DecodeError::new(expected, detail, &text, &self.token);
        Error::new(
            operation.name(),
            Failure {
                http_status: Some(answer.status),
                kind: ErrorKind::Unreadable(decode),
            },
        )
    }
}

/// Makes the value of the token's header, which shows itself to nobody: `Debug` writes
/// `Sensitive`, and HTTP/2 keeps it out of the tables that connections share.
fn token_header(token: &Token) -> HeaderValue {
    let mut value = HeaderValue::from_str(token.expose())
        .expect("a token is visible ASCII, which can stand in a header");
    value.set_sensitive(true);
    value
}

/// Tells a condition that failed from other statuses.
fn judge_condition(kind: ErrorKind) -> ErrorKind {
    if let ErrorKind::Status(error) = kind {
        if error.status == 412 {
            ErrorKind::VersionMismatch(error)
        } else {
            ErrorKind::Status(error)
        }
    } else {
        kind
    }
}

/// Makes the error for a call that cannot be written.
pub(super) fn not_sent(operation: Operation, error: serde_json::Error) -> Error {
    Error::new(
        operation.name(),
        Failure {
            http_status: None,
            kind: ErrorKind::Encode(error),
        },
    )
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("endpoint", &self.base().as_str())
            .finish_non_exhaustive()
    }
}

/// Tells of one HTTP request: never of what is in it, nor whose offer it is about.
fn log(operation: Operation, status: Option<u16>, bytes: [usize; 2], start: Instant) {
    let operation = operation.name();
    let [request_bytes, answer_bytes] = bytes;
    let elapsed = start.elapsed();
    let outcome = status.map_or_else(|| "no answer".to_owned(), |status| status.to_string());
    tracing::debug!(
        rest.operation = operation,
        http.status = status,
        http.request_bytes = request_bytes,
        http.answer_bytes = answer_bytes,
        elapsed_ms = elapsed.as_secs_f64() * 1000.0,
        "{operation}: {outcome} after {elapsed:.1?}"
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tokens_header_does_not_show_it() {
        let value = token_header(&Token::new("canary-token").unwrap());
        assert!(value.is_sensitive());
        assert_eq!(format!("{value:?}"), "Sensitive");
    }
}
