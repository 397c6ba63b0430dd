//! One HTTP exchange, and whether the request can have reached the service: [`Transport`].
//!
//! # Why nothing is sent twice
//!
//! A create that travels twice is a second offer, so no layer below this one may repeat a request
//! that can have been seen. Three layers could; what they do was read in their sources (reqwest
//! 0.13.5, hyper-util 0.1.21, hyper 1.12.0, h2 0.4) and is tested below:
//!
//! - *reqwest* repeats a request up to twice by default where HTTP/2 says that it was not
//!   processed (`REFUSED_STREAM`, or `GOAWAY` with `NO_ERROR`). That is the server's word, and the
//!   caller's to weigh: `retry::never()` switches it off.
//! - *reqwest* follows redirects by default, also with the body. `redirect::Policy::none()`
//!   switches that off; a 3xx is an answer like any other.
//! - *hyper-util* has `retry_canceled_requests`, which is on, and reqwest offers no switch for it.
//!   It sends a request again only if the connection came from the pool *and* hyper hands the
//!   whole request back. hyper does that in three places: the connection's queue refused it
//!   (`try_send`), it was still in the queue when the connection ended (`try_recv` after
//!   `close`), or the queue was dropped with it inside. Once the dispatcher has taken a request
//!   out of the queue, an error carries no request any more (`message: None`), whether or not a
//!   byte was written. So this repeats only what was provably never begun, and stays on.
//!
//! # When a request was never sent
//!
//! `is_connect()` looks for hyper-util's error kind `Connect`. That kind is made only while a
//! connection is being got: by the connector (names, TCP, TLS, a proxy's answer to `CONNECT`, the
//! connect time-out around all of them) or by the pool's checkout. A failure on a connection that
//! stood, pooled or new, is `SendRequest` or `Canceled`, and counts as "may have been sent"; so
//! does a failed HTTP/2 handshake, although nothing was sent there, and the total time-out,
//! whatever it interrupted. With a plain `http` endpoint behind a proxy, the proxy's own error is
//! an HTTP status like the service's.

use std::time::{Duration, SystemTime};

use reqwest::{
    Body, Certificate, ClientBuilder, Method, RequestBuilder, Response, Url,
    header::{CONTENT_LENGTH, CONTENT_TYPE, DATE, HeaderMap, HeaderName, RETRY_AFTER},
    redirect, retry,
};

use crate::config::{Config, ConfigError};
use crate::error::{ErrorKind, Failure, StatusError, TransportError};
use crate::excerpt::without_token;
use crate::gate::{Gate, GatedBody, is_shut};
use crate::retry_after;
use crate::token::Token;

/// How long an idle connection is kept. Shorter than a server or a proxy keeps one (a minute or
/// more, as a rule), so that a request rarely meets a connection that is just being closed: for a
/// write that would be an unknown outcome.
const IDLE_TIMEOUT: Duration = Duration::from_secs(10);

/// Most bytes of an error page that are read; an excerpt needs no more.
const MAX_ERROR_PAGE: usize = 64 * 1024;

/// Most bytes that are set aside because an answer promises to be so long.
const MAX_BELIEVED_LEN: usize = 1024 * 1024;

/// Sends requests to one address, or to paths below it.
#[derive(Clone)]
pub(crate) struct Transport {
    client: reqwest::Client,
    url: Url,
    max_answer_bytes: usize,
    gate: Option<Gate>,
}

/// An answer with a 2xx status, whole.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// An answer in whose body the token is replaced: what an offer says may be shown, and be part of an error.
    pub(crate) fn new(status: u16, headers: HeaderMap, body: Vec<u8>, token: &Token) -> Self {
        Self {
            status,
            headers,
            body: without_token(body, token),
        }
    }
}

impl Transport {
    /// Sets up the connections to an address.
    pub(crate) fn new(config: &Config, url: Url) -> Result<Self, ConfigError> {
        if url.scheme() == "http" && !is_loopback(&url) {
            tracing::warn!(
                endpoint = %url,
                "the endpoint {url} is plain HTTP: the publisher token travels unencrypted"
            );
        }
        let client = client_builder(config, &url)?
            .build()
            .map_err(|error| ConfigError::Http(TransportError::new(error)))?;
        Ok(Self {
            client,
            url,
            max_answer_bytes: config.max_answer_bytes,
            gate: config.gate.clone(),
        })
    }

    /// The same connections for what only reads: no gate is asked.
    pub(crate) fn for_reading(&self) -> Self {
        Self {
            gate: None,
            ..self.clone()
        }
    }

    pub(crate) fn url(&self) -> &Url {
        &self.url
    }

    /// Sends a JSON body to the address once and reads the answer to its end.
    pub(crate) async fn post(&self, body: Vec<u8>, token: &Token) -> Result<Answer, Failure> {
        let request = self.request(Method::POST, self.url.clone());
        self.send(self.with_json(request, body), token).await
    }

    /// Gives a request a body, which asks the gate when it is to be written.
    pub(crate) fn with_json(&self, request: RequestBuilder, body: Vec<u8>) -> RequestBuilder {
        let request = request.header(CONTENT_TYPE, "application/json");
        match &self.gate {
            None => request.body(body),
            Some(gate) => request.body(Body::wrap(GatedBody::new(body, gate.clone()))),
        }
    }

    /// Lets a request without a body go, if the gate is open.
    pub(crate) fn without_body(&self, request: RequestBuilder) -> Result<RequestBuilder, Failure> {
        if self.gate.as_ref().is_some_and(|gate| !gate.is_open()) {
            return Err(Failure {
                http_status: None,
                kind: ErrorKind::Withheld,
            });
        }
        // hyper leaves it out where there is no body, and some servers insist on it (411).
        Ok(request.header(CONTENT_LENGTH, 0))
    }

    /// Begins a request. The URL must be the transport's own, or lie below it.
    pub(crate) fn request(&self, method: Method, url: Url) -> RequestBuilder {
        self.client.request(method, url)
    }

    /// Sends a request of [`Transport::request`] once and reads the answer to its end.
    pub(crate) async fn send(
        &self,
        request: RequestBuilder,
        token: &Token,
    ) -> Result<Answer, Failure> {
        let mut response = request.send().await.map_err(|error| Failure {
            http_status: None,
            kind: sending_failed(error),
        })?;
        let status = response.status();
        let failed = |kind| Failure {
            http_status: Some(status.as_u16()),
            kind,
        };
        if status.is_success() {
            let headers = std::mem::take(response.headers_mut());
            return match read(response, self.max_answer_bytes).await {
                Ok(body) => Ok(Answer::new(status.as_u16(), headers, body, token)),
                Err(kind) => Err(failed(kind)),
            };
        }
        let header = |name: HeaderName| response.headers().get(name)?.to_str().ok();
        let retry_after = retry_after::parse(header(RETRY_AFTER), header(DATE), SystemTime::now());
        // The status says it all; a page that breaks off or is too long adds nothing to it.
        let page = read(response, MAX_ERROR_PAGE).await.unwrap_or_default();
        Err(failed(ErrorKind::Status(StatusError::new(
            status.as_u16(),
            retry_after,
            &page,
            token,
        ))))
    }
}

/// Sets up reqwest: the one place that does.
pub(crate) fn client_builder(config: &Config, url: &Url) -> Result<ClientBuilder, ConfigError> {
    let http = |error| ConfigError::Http(TransportError::new(error));
    // reqwest takes the process's provider and has none of its own; a program that installed one
    // before keeps it, and the error says only that.
    drop(rustls::crypto::ring::default_provider().install_default());
    let mut builder = reqwest::Client::builder()
        .user_agent(concat!("cleeng-client/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(config.connect_timeout)
        .timeout(config.timeout)
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .referer(false)
        .pool_max_idle_per_host(config.idle_connections)
        .pool_idle_timeout(IDLE_TIMEOUT);
    if is_loopback(url) {
        // A proxy cannot reach this machine's own services, whatever the environment says.
        builder = builder.no_proxy();
    }
    if config.gate.is_some() {
        builder = builder.http1_only();
    }
    if let Some(pem) = &config.root_certificates {
        let certificates = Certificate::from_pem_bundle(pem).map_err(http)?;
        builder = builder.tls_certs_only(certificates);
    } else if url.scheme() == "http" {
        // Setting up TLS fails where the system has no certificates, as in a small container.
        // Without TLS none are needed. (An `https` proxy in front of an `http` endpoint would
        // need them, and is refused.)
        builder = builder.tls_certs_only([]);
    }
    Ok(builder)
}

/// Returns whether an address is on this machine.
fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let host = host.trim_start_matches('[').trim_end_matches(']');
    match host.parse::<std::net::IpAddr>() {
        Ok(address) => address.to_canonical().is_loopback(),
        Err(_) => host == "localhost" || host.ends_with(".localhost"),
    }
}

/// Tells a request that was never sent from one that may have been.
fn sending_failed(error: reqwest::Error) -> ErrorKind {
    if is_shut(&error) {
        return ErrorKind::Withheld;
    }
    let (is_connect, is_timeout) = (error.is_connect(), error.is_timeout());
    let error = TransportError::new(error);
    if is_connect {
        ErrorKind::Connect(error)
    } else if is_timeout {
        ErrorKind::Timeout(error)
    } else {
        ErrorKind::Interrupted(error)
    }
}

/// Reads a body to its end, or to the limit.
async fn read(mut response: Response, limit: usize) -> Result<Vec<u8>, ErrorKind> {
    // The promised length is not believed any further than this: it saves growing, nothing else.
    let promised = response.content_length().unwrap_or_default();
    let believed = usize::try_from(promised)
        .unwrap_or(usize::MAX)
        .min(MAX_BELIEVED_LEN);
    let mut body = Vec::with_capacity(believed);
    loop {
        match response.chunk().await {
            Ok(None) => return Ok(body),
            Ok(Some(chunk)) if body.len() + chunk.len() > limit => {
                return Err(ErrorKind::TooLong { limit });
            }
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Err(error) => {
                let is_timeout = error.is_timeout();
                let error = TransportError::new(error);
                return Err(if is_timeout {
                    ErrorKind::Timeout(error)
                } else {
                    ErrorKind::Interrupted(error)
                });
            }
        }
    }
}

#[cfg(test)]
mod gate_tests;
#[cfg(test)]
mod resend_tests;
