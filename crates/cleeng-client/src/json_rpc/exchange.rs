//! From calls to bytes and back: [`Connection`].

use std::{collections::BTreeMap, fmt, ops::Range, sync::Arc, time::Instant};

use serde::Serialize;

use super::answer::{self, Form};
use super::method::Method;
use crate::config::{Config, ConfigError};
use crate::error::{Error, ErrorKind, Failure};
use crate::token::Token;
use crate::transport::{Answer, Transport};

/// What a reader, a writer and their batches share: an address, a token and the connections.
pub(super) struct Connection {
    transport: Transport,
    token: Token,
    calls_per_request: usize,
}

/// A call whose type was forgotten: all that sending it takes.
pub(super) trait Encode: Send + Sync {
    /// The name of the method.
    fn operation(&self) -> &'static str;

    /// Appends the call as JSON.
    fn encode(&self, id: usize, token: &Token, body: &mut Vec<u8>)
    -> Result<(), serde_json::Error>;
}

impl<M: Method> Encode for M {
    fn operation(&self) -> &'static str {
        M::NAME
    }

    fn encode(
        &self,
        id: usize,
        token: &Token,
        body: &mut Vec<u8>,
    ) -> Result<(), serde_json::Error> {
        let call = Call {
            method: M::NAME,
            params: Params {
                publisher_token: M::TAKES_TOKEN.then(|| token.expose()),
                method: self,
            },
            jsonrpc: "2.0",
            id,
        };
        serde_json::to_writer(body, &call)
    }
}

/// A call as it is sent (docs/cleeng-api.md §1.1).
#[derive(Serialize)]
struct Call<'a, M> {
    method: &'static str,
    params: Params<'a, M>,
    jsonrpc: &'static str,
    id: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Params<'a, M> {
    #[serde(skip_serializing_if = "Option::is_none")]
    publisher_token: Option<&'a str>,
    #[serde(flatten)]
    method: &'a M,
}

/// The result of one call: a part of a body that other results share.
#[derive(Clone)]
pub(super) struct RawResult {
    body: Arc<String>,
    range: Range<usize>,
    http_status: u16,
}

impl RawResult {
    /// Returns how long it is, in bytes.
    pub(super) fn bytes(&self) -> usize {
        self.range.len()
    }
}

impl Connection {
    /// Sets up a connection to the JSON-RPC API.
    pub(super) fn new(config: &Config) -> Result<Self, ConfigError> {
        Ok(Self {
            transport: Transport::new(config, config.endpoint.json_rpc())?,
            token: config.token.clone(),
            calls_per_request: config.calls_per_request,
        })
    }

    /// The same connections for what only reads.
    pub(super) fn for_reading(&self) -> Self {
        Self {
            transport: self.transport.for_reading(),
            token: self.token.clone(),
            calls_per_request: self.calls_per_request,
        }
    }

    /// The token of all requests.
    pub(super) fn token(&self) -> &Token {
        &self.token
    }

    pub(super) fn calls_per_request(&self) -> usize {
        self.calls_per_request
    }

    /// Sends calls in one request and returns a result for each, in their order.
    pub(super) async fn exchange(
        &self,
        calls: &[Box<dyn Encode>],
        form: Form,
    ) -> Vec<Result<RawResult, Error>> {
        per_call(calls, self.try_exchange(calls, form).await)
    }

    /// Reads a body as the answer to calls, and returns a result for each, in their order.
    pub(super) fn read(
        &self,
        calls: &[Box<dyn Encode>],
        form: Form,
        answer: Answer,
    ) -> Vec<Result<RawResult, Error>> {
        per_call(calls, self.try_read(calls.len(), form, answer))
    }

    /// `Err` is a failure of the whole request.
    async fn try_exchange(
        &self,
        calls: &[Box<dyn Encode>],
        form: Form,
    ) -> Result<Vec<Result<RawResult, Failure>>, Failure> {
        let body = encode(calls, form, &self.token).map_err(|error| Failure {
            http_status: None,
            kind: ErrorKind::Encode(error),
        })?;
        let request_bytes = body.len();
        let start = Instant::now();
        let answer = self.transport.post(body, &self.token).await;
        let event = Exchange {
            calls,
            start,
            request_bytes,
        };
        let answer = match answer {
            Ok(answer) => {
                event.log(Some(answer.status), answer.body.len());
                answer
            }
            Err(failure) => {
                event.log(failure.http_status, 0);
                return Err(failure);
            }
        };
        self.try_read(calls.len(), form, answer)
    }

    /// `Err` is a failure of the whole answer.
    fn try_read(
        &self,
        calls: usize,
        form: Form,
        answer: Answer,
    ) -> Result<Vec<Result<RawResult, Failure>>, Failure> {
        let http_status = answer.status;
        let failed = |kind| Failure {
            http_status: Some(http_status),
            kind,
        };
        let body = String::from_utf8(answer.body).map_err(|error| {
            let text = String::from_utf8_lossy(error.as_bytes());
            failed(answer::mistaken(
                "UTF-8",
                "it is not UTF-8",
                &text,
                &self.token,
            ))
        })?;
        let assigned = answer::assign(&body, form, calls, &self.token).map_err(failed)?;
        let body = Arc::new(body);
        let results = assigned.into_iter().map(|result| match result {
            Ok(range) => Ok(RawResult {
                body: Arc::clone(&body),
                range,
                http_status,
            }),
            Err(kind) => Err(failed(kind)),
        });
        Ok(results.collect())
    }

    /// Reads the result of a call.
    pub(super) fn decode<M: Method>(&self, result: &RawResult) -> Result<M::Output, Error> {
        let json = &result.body[result.range.clone()];
        serde_json::from_str(json).map_err(|error| {
            let expected = short_name(std::any::type_name::<M::Output>());
            let shown = from_the_offer(json, &error);
            Error::new(
                M::NAME,
                Failure {
                    http_status: Some(result.http_status),
                    kind: answer::unreadable(&expected, &error, shown, &self.token),
                },
            )
        })
    }
}

/// The part of a result that an error is about: from the id of the offer that could not be read, in a list of many.
///
/// All of it, if no second offer begins before the place of the error.
fn from_the_offer<'t>(json: &'t str, error: &serde_json::Error) -> &'t str {
    const ID: &str = "\"id\":";
    let lines = json
        .split_inclusive('\n')
        .take(error.line().saturating_sub(1));
    let place = lines.map(str::len).sum::<usize>() + error.column();
    let before = json.get(..place).unwrap_or(json);
    match (before.find(ID), before.rfind(ID)) {
        (Some(first), Some(last)) if first < last => &json[last..],
        _ => json,
    }
}

/// Gives each call its own result, or its share of a failure of all.
fn per_call(
    calls: &[Box<dyn Encode>],
    results: Result<Vec<Result<RawResult, Failure>>, Failure>,
) -> Vec<Result<RawResult, Error>> {
    match results {
        Ok(results) => calls
            .iter()
            .zip(results)
            .map(|(call, result)| result.map_err(|failure| Error::new(call.operation(), failure)))
            .collect(),
        Err(failure) => {
            let failure = Arc::new(failure);
            let is_shared = calls.len() > 1;
            calls
                .iter()
                .map(|call| Error::new(call.operation(), Arc::clone(&failure)))
                .map(|error| Err(if is_shared { error.shared() } else { error }))
                .collect()
        }
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("endpoint", &self.transport.url().as_str())
            .field("calls_per_request", &self.calls_per_request)
            .finish_non_exhaustive()
    }
}

fn encode(
    calls: &[Box<dyn Encode>],
    form: Form,
    token: &Token,
) -> Result<Vec<u8>, serde_json::Error> {
    let mut body = Vec::new();
    if form == Form::Array {
        body.push(b'[');
    }
    for (index, call) in calls.iter().enumerate() {
        if index > 0 {
            body.push(b',');
        }
        call.encode(index + 1, token, &mut body)?;
    }
    if form == Form::Array {
        body.push(b']');
    }
    Ok(body)
}

/// Returns a type's name without the paths: `Page<PassOffer>`.
fn short_name(name: &str) -> String {
    let mut short = String::new();
    let mut word = 0;
    for c in name.chars() {
        if c == ':' {
            short.truncate(word);
        } else {
            short.push(c);
            if !c.is_alphanumeric() && c != '_' {
                word = short.len();
            }
        }
    }
    short
}

/// One HTTP request, as the log tells of it: never with bodies.
struct Exchange<'a> {
    calls: &'a [Box<dyn Encode>],
    start: Instant,
    request_bytes: usize,
}

impl Exchange<'_> {
    fn log(&self, status: Option<u16>, answer_bytes: usize) {
        if !tracing::enabled!(tracing::Level::DEBUG) {
            return;
        }
        let operations = self.operations();
        let elapsed = self.start.elapsed();
        let outcome = status.map_or_else(|| "no answer".to_owned(), |status| status.to_string());
        tracing::debug!(
            rpc.operations = operations,
            rpc.calls = self.calls.len(),
            http.status = status,
            http.request_bytes = self.request_bytes,
            http.answer_bytes = answer_bytes,
            elapsed_ms = elapsed.as_secs_f64() * 1000.0,
            "{operations}: {outcome} after {elapsed:.1?}"
        );
    }

    /// Returns the methods called, with how often: `listPassOffers ×2, listVodOffers ×1`.
    fn operations(&self) -> String {
        let mut counts = BTreeMap::new();
        for call in self.calls {
            *counts.entry(call.operation()).or_insert(0) += 1;
        }
        let counts: Vec<String> = counts
            .into_iter()
            .map(|(operation, count): (_, usize)| format!("{operation} ×{count}"))
            .collect();
        counts.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_shows_the_offer_that_it_is_about() {
        let shown = |json: &str| {
            type Offers = Vec<std::collections::BTreeMap<String, String>>;
            let error = serde_json::from_str::<Offers>(json).unwrap_err();
            from_the_offer(json, &error).to_owned()
        };
        let first = r#"[{"id":"R1","period":48}]"#;
        assert_eq!(shown(first), first);
        let third = "[{\"id\":\"R1\",\"period\":\"48\"},\n {\"id\":\"R2\",\"period\":\"48\"},\n {\"id\":\"R3\",\"period\":{}},{\"id\":\"R4\"}]";
        assert!(shown(third).starts_with(r#""id":"R3","period":{}"#));
        let cut = r#"[{"id":"R1"},{"id":"R2","title":"é"#;
        assert!(shown(cut).starts_with(r#""id":"R2""#));
    }

    #[test]
    fn a_types_name_is_short() {
        assert_eq!(
            short_name("a::b::Page<a::c_d::Pass<x::Y>>"),
            "Page<Pass<Y>>"
        );
        assert_eq!(short_name("(a::B, c::D)"), "(B, D)");
        assert_eq!(short_name("u8"), "u8");
    }
}
