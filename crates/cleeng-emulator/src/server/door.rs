//! Which requests are let in: [`Door`].
//!
//! An emulator has no secret to protect it: by default it takes any token. So a web page that somebody has open while it runs must
//! not reach it. Two checks keep pages out.
//!
//! - **Host.** A page whose own name leads to this machine (DNS rebinding) sends that name as `Host`. Only `localhost` and
//!   addresses of the loopback are served. An emulator that listens on another address also serves that address; one that
//!   listens on all of them (`0.0.0.0`, `[::]`) serves every IP address, since what names an address needs no DNS.
//! - **Origin.** Browsers send the origin of the page with every request of a page to another host that can write, also with
//!   forms and plain texts, which they send without asking first. Requests with an origin are refused unless that origin
//!   was allowed. Programs send none, whatever the content type of their requests is.

use std::net::{IpAddr, Ipv6Addr};

use axum::body::Body;
use axum::http::uri::Authority;
use axum::http::{
    HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, header,
};
use hyper::body::Incoming;
use thiserror::Error;

use super::respond::text;
use crate::origin::Origin;

/// The verbs that pages of an allowed origin may use: those of both generations of the API (docs/cleeng-api.md §1.1, §5.2).
const VERBS: HeaderValue = HeaderValue::from_static("GET, POST, PATCH, DELETE");

/// The headers of a request that the API knows (docs/cleeng-api.md §5.1).
const REQUEST_HEADERS: HeaderValue =
    HeaderValue::from_static("content-type, x-publisher-token, if-match, if-none-match");

/// The headers of an answer that mean something, beside those that pages can always read.
const ANSWER_HEADERS: HeaderValue =
    HeaderValue::from_static("etag, x-total-count, link, location, retry-after");

/// For how many seconds a browser may remember the answer to its question: ten minutes.
const MAX_AGE: HeaderValue = HeaderValue::from_static("600");

/// With these, browsers ask whether a page from elsewhere may send requests to a private network.
const PRIVATE_ASKED: HeaderName = HeaderName::from_static("access-control-request-private-network");
const PRIVATE_ALLOWED: HeaderName = HeaderName::from_static("access-control-allow-private-network");

/// What decides which requests are let in.
#[derive(Debug)]
pub(super) struct Door {
    /// The address on which the emulator listens.
    listens_on: IpAddr,
    allowed: Vec<Origin>,
}

/// A request that is let in.
#[derive(Debug)]
pub(super) enum Admitted {
    /// One that is to be served.
    Request(Sender),
    /// A browser's question whether a page may send a request, with the answer.
    Preflight(Response<Body>),
}

/// Who sent a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Sender {
    /// A program.
    Program,
    /// A page of an allowed origin.
    Page(HeaderValue),
}

/// Why a request is not served.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub(super) enum Refusal {
    #[error(
        "The request does not say to which host it goes. The emulator serves only requests to this machine: send `Host: localhost`."
    )]
    NoHost,
    #[error(
        "The emulator does not serve requests to the host `{0}`, so that web pages cannot reach it under a name of their own. \
         Use 127.0.0.1, localhost or [::1] in the URL, or the IP address that it was told to listen on."
    )]
    Host(String),
    #[error(
        "The emulator does not serve requests of web pages, and this one comes from a page of `{0}`. \
         To allow them, start it with `--allow-origin {0}`."
    )]
    Origin(String),
}

impl Door {
    /// Returns the door of an emulator that listens on this address and lets pages of these origins in.
    pub(super) fn new(listens_on: IpAddr, allowed: Vec<Origin>) -> Self {
        Self {
            listens_on,
            allowed,
        }
    }

    /// Lets a request in, or says why not.
    pub(super) fn admit(&self, request: &Request<Incoming>) -> Result<Admitted, Refusal> {
        let headers = request.headers();
        // A request to a proxy has its host in the address as well.
        if let Some(authority) = request.uri().authority() {
            self.check_host(authority.as_str())?;
        }
        if !headers.contains_key(header::HOST) {
            return Err(Refusal::NoHost);
        }
        for host in headers.get_all(header::HOST) {
            self.check_host(&shown(host))?;
        }
        let sender = self.sender(headers)?;
        let is_question = request.method() == Method::OPTIONS
            && headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
        Ok(match sender {
            Sender::Page(origin) if is_question => Admitted::Preflight(preflight(origin, headers)),
            sender @ (Sender::Page(_) | Sender::Program) => Admitted::Request(sender),
        })
    }

    fn check_host(&self, host: &str) -> Result<(), Refusal> {
        if self.serves(host) {
            Ok(())
        } else {
            Err(Refusal::Host(host.to_owned()))
        }
    }

    /// Whether requests to a host are served, with or without a port behind it.
    fn serves(&self, host: &str) -> bool {
        let Some(authority) = host
            .parse::<Authority>()
            .ok()
            .filter(|_| !host.contains('@'))
        else {
            return false;
        };
        let name = authority.host();
        // What stands behind the name is a port or nothing.
        let behind = host.strip_prefix(name).unwrap_or(":");
        if !behind.is_empty()
            && authority
                .port_u16()
                .is_none_or(|port| behind != format!(":{port}"))
        {
            return false;
        }
        name.eq_ignore_ascii_case("localhost")
            || address(name).is_some_and(|address| {
                let address = address.to_canonical();
                address.is_loopback()
                    || self.listens_on.is_unspecified()
                    || self.listens_on.to_canonical() == address
            })
    }

    fn sender(&self, headers: &HeaderMap) -> Result<Sender, Refusal> {
        let mut origins = headers.get_all(header::ORIGIN).iter();
        let Some(origin) = origins.next() else {
            return Ok(Sender::Program);
        };
        let is_allowed = |allowed: &Origin| *origin == *allowed.as_str();
        if origins.next().is_none() && self.allowed.iter().any(is_allowed) {
            Ok(Sender::Page(origin.clone()))
        } else {
            Err(Refusal::Origin(shown(origin)))
        }
    }
}

/// Returns the IP address that a host is, if it is one; IPv6 has brackets around it there.
fn address(host: &str) -> Option<IpAddr> {
    match host.strip_prefix('[') {
        Some(rest) => {
            let address: Ipv6Addr = rest.strip_suffix(']')?.parse().ok()?;
            Some(address.into())
        }
        None => host.parse().ok(),
    }
}

/// Returns a header as it can be shown.
fn shown(value: &HeaderValue) -> String {
    String::from_utf8_lossy(value.as_bytes()).into_owned()
}

/// Returns the answer to a browser's question whether a page may send a request.
fn preflight(origin: HeaderValue, question: &HeaderMap) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, VERBS);
    headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, REQUEST_HEADERS);
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, MAX_AGE);
    if question.contains_key(PRIVATE_ASKED) {
        headers.insert(PRIVATE_ALLOWED, HeaderValue::from_static("true"));
    }
    Sender::Page(origin).let_read(&mut response);
    response
}

impl Sender {
    /// Lets whoever sent the request read the answer.
    pub(super) fn let_read(self, response: &mut Response<Body>) {
        let Self::Page(origin) = self else { return };
        let headers = response.headers_mut();
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, ANSWER_HEADERS);
        headers.insert(header::VARY, HeaderValue::from_static("origin"));
    }
}

impl Refusal {
    /// Returns the answer that says it.
    pub(super) fn response(&self) -> Response<Body> {
        let status = match self {
            Self::NoHost => StatusCode::BAD_REQUEST,
            Self::Host(_) => StatusCode::MISDIRECTED_REQUEST,
            Self::Origin(_) => StatusCode::FORBIDDEN,
        };
        text(status, &self.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(listens_on: &str, served: &[&str], refused: &[&str]) {
        let door = Door::new(listens_on.parse().unwrap(), Vec::new());
        for host in served {
            assert!(door.serves(host), "{host} on {listens_on}");
        }
        for host in refused {
            assert!(!door.serves(host), "{host} on {listens_on}");
        }
    }

    const LOOPBACK: [&str; 8] = [
        "127.0.0.1",
        "127.0.0.1:8787",
        "localhost",
        "LocalHost:1",
        "[::1]",
        "[::1]:65535",
        "127.1.2.3:8787",
        "[::ffff:127.0.0.1]",
    ];

    const NAMES: [&str; 9] = [
        "evil.example",
        "evil.example:8787",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "localhost.",
        "me@localhost",
        "",
        "::1",
        "127.0.0.1:8787:8787",
    ];

    #[test]
    fn loopback_is_served_whatever_the_emulator_listens_on() {
        for listens_on in ["127.0.0.1", "::1", "192.168.0.7", "0.0.0.0", "::"] {
            check(listens_on, &LOOPBACK, &NAMES);
        }
    }

    #[test]
    fn address_that_it_listens_on_is_served_too() {
        let near = "192.168.0.7:8787";
        check("127.0.0.1", &[], &[near, "8.8.8.8", "[2001:db8::1]"]);
        check("192.168.0.7", &[near], &["192.168.0.8:8787"]);
        check("2001:db8::1", &["[2001:db8::1]:8787"], &[near]);
        check("0.0.0.0", &[near, "8.8.8.8"], &[]);
        check("::", &[near, "[2001:db8::1]"], &[]);
    }
}
