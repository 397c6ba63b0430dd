//! Where the service is and how it is spoken to: [`Config`].

use std::{fmt, str::FromStr, time::Duration};

use reqwest::Url;

use crate::error::TransportError;
use crate::gate::Gate;
use crate::token::Token;

/// Longest wait for a connection, TLS included. A service that is there accepts within a second;
/// the PHP SDK waits 10 seconds (docs/cleeng-api.md §1.4), which is long after a mistyped address.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Longest wait for a whole answer. A full batch of long lists is the slowest call there is; the
/// SDKs wait between 9 and 100 seconds (docs/cleeng-api.md §1.4).
const TIMEOUT: Duration = Duration::from_secs(30);

/// Most calls in one HTTP request. The service documents no limit; Cleeng's own PHP SDK splits at
/// 25, so that this much is known to work (docs/cleeng-api.md §1.2).
pub const MAX_CALLS_PER_REQUEST: usize = 25;

/// Most bytes of an answer that are read, after decompression: a batch of 25 pages of 200 offers has
/// about 5 MiB, and eight answers of this length side by side do no harm.
const MAX_ANSWER_BYTES: usize = 8 * 1024 * 1024;

/// Idle connections that are kept for the next request.
const IDLE_CONNECTIONS: usize = 8;

/// What a client needs to know. One value serves any number of clients.
///
/// ```
/// use std::time::Duration;
///
/// use cleeng_client::{Config, Endpoint, Site, Token};
///
/// let token = Token::new("the-token")?;
/// let sandbox = Config::new(Endpoint::Site(Site::Sandbox), token.clone());
/// let local = Config::new("http://127.0.0.1:8787".parse::<Endpoint>()?, token)
///     .timeout(Duration::from_secs(5));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Config {
    pub(crate) endpoint: Endpoint,
    pub(crate) token: Token,
    pub(crate) connect_timeout: Duration,
    pub(crate) timeout: Duration,
    pub(crate) calls_per_request: usize,
    pub(crate) max_answer_bytes: usize,
    pub(crate) idle_connections: usize,
    pub(crate) root_certificates: Option<Vec<u8>>,
    pub(crate) gate: Option<Gate>,
}

impl Config {
    /// Makes a configuration with the usual limits.
    pub fn new(endpoint: impl Into<Endpoint>, token: Token) -> Self {
        Self {
            endpoint: endpoint.into(),
            token,
            connect_timeout: CONNECT_TIMEOUT,
            timeout: TIMEOUT,
            calls_per_request: MAX_CALLS_PER_REQUEST,
            max_answer_bytes: MAX_ANSWER_BYTES,
            idle_connections: IDLE_CONNECTIONS,
            root_certificates: None,
            gate: None,
        }
    }

    /// Sets the longest wait for a connection, name lookup and TLS included (5 seconds).
    ///
    /// Keep it below [`Config::timeout`]: a connection that fails by this limit was proven not to
    /// carry the request, one that fails by the other was not.
    #[must_use]
    pub fn connect_timeout(mut self, limit: Duration) -> Self {
        self.connect_timeout = limit;
        self
    }

    /// Sets the longest wait for one HTTP request, from its start to the end of the answer (30 seconds).
    #[must_use]
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.timeout = limit;
        self
    }

    /// Sets the most calls that travel in one HTTP request ([`MAX_CALLS_PER_REQUEST`]).
    ///
    /// Zero means one.
    #[must_use]
    pub fn calls_per_request(mut self, limit: usize) -> Self {
        self.calls_per_request = limit.max(1);
        self
    }

    /// Sets the longest answer that is read, in bytes after decompression (8 MiB).
    #[must_use]
    pub fn max_answer_bytes(mut self, limit: usize) -> Self {
        self.max_answer_bytes = limit;
        self
    }

    /// Sets how many idle connections are kept open (8); as many as requests run side by side.
    ///
    /// It limits nothing but what is kept: this crate never holds a request back.
    #[must_use]
    pub fn idle_connections(mut self, limit: usize) -> Self {
        self.idle_connections = limit;
        self
    }

    /// Trusts only these certificates (PEM, one or more) instead of the system's, for a service
    /// behind a private authority.
    #[must_use]
    pub fn root_certificates(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.root_certificates = Some(pem.into());
        self
    }

    /// Asks a gate before each request of a writer leaves; what only reads passes always.
    #[must_use]
    pub fn gate(mut self, gate: Gate) -> Self {
        self.gate = Some(gate);
        self
    }
}

/// Where the service is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// One of Cleeng's own sites.
    Site(Site),
    /// A base to which each generation of the API adds its path.
    Base(BaseUrl),
}

impl From<Site> for Endpoint {
    fn from(site: Site) -> Self {
        Self::Site(site)
    }
}

impl From<BaseUrl> for Endpoint {
    fn from(base: BaseUrl) -> Self {
        Self::Base(base)
    }
}

impl FromStr for Endpoint {
    type Err = ConfigError;

    fn from_str(text: &str) -> Result<Self, ConfigError> {
        text.parse().map(Self::Base)
    }
}

/// One of Cleeng's sites. They share nothing: account, token and offers are separate (docs/cleeng-api.md §1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Site {
    /// Where nothing costs money.
    Sandbox,
    /// Where customers buy.
    Production,
}

impl Site {
    /// Returns the address of the JSON-RPC API, 3.0 (documentation page "Getting started with
    /// JSON-RPC", the PHP and C# SDKs; docs/cleeng-api.md §1.1).
    pub fn json_rpc(self) -> &'static str {
        match self {
            Self::Sandbox => "https://sandbox.cleeng.com/api/3.0/json-rpc",
            Self::Production => "https://api.cleeng.com/3.0/json-rpc",
        }
    }

    /// Returns the address of the REST API, Core 3.1, to which the paths are added (documentation
    /// page "API 3.1"; docs/cleeng-api.md §5.1).
    pub fn rest(self) -> &'static str {
        match self {
            Self::Sandbox => "https://api.sandbox.cleeng.com/3.1",
            Self::Production => "https://api.cleeng.com/3.1",
        }
    }
}

/// An `http` or `https` address that a path can be added to.
#[derive(Clone, PartialEq, Eq)]
pub struct BaseUrl(Url);

impl BaseUrl {
    /// Returns the address with a path added, unless it ends with that path already.
    fn with_path(&self, path: &str) -> Url {
        let mut url = self.0.clone();
        let base = url.path().trim_end_matches('/').to_owned();
        if base.ends_with(path) {
            url.set_path(&base);
        } else {
            url.set_path(&format!("{base}{path}"));
        }
        url
    }
}

impl FromStr for BaseUrl {
    type Err = ConfigError;

    fn from_str(text: &str) -> Result<Self, ConfigError> {
        let refused = |reason| ConfigError::Endpoint { reason };
        let url = Url::parse(text.trim()).map_err(|_| refused("it is not a URL"))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(refused("it does not begin with `http://` or `https://`"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(refused("it contains a user name or a password"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(refused(
                "it has a `?` or a `#`, so that no path can be added",
            ));
        }
        Ok(Self(url))
    }
}

impl fmt::Debug for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("BaseUrl").field(&self.0.as_str()).finish()
    }
}

impl Endpoint {
    /// Returns the address of the JSON-RPC API: the site's own, or the base with `/3.0/json-rpc`.
    pub(crate) fn json_rpc(&self) -> Url {
        match self {
            Self::Site(site) => {
                Url::parse(site.json_rpc()).expect("the addresses of the sites are URLs")
            }
            Self::Base(base) => base.with_path("/3.0/json-rpc"),
        }
    }

    /// Returns the address of the REST API: the site's own, or the base with `/3.1`. It never
    /// ends with a slash.
    pub(crate) fn rest(&self) -> Url {
        match self {
            Self::Site(site) => {
                Url::parse(site.rest()).expect("the addresses of the sites are URLs")
            }
            Self::Base(base) => base.with_path("/3.1"),
        }
    }
}

/// Why no client can be made of a configuration. It never contains the endpoint or the token.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The endpoint is not an address that the client can use.
    #[error("the endpoint cannot be used: {reason}")]
    Endpoint {
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The certificates cannot be read, or the system has none.
    #[error("the HTTP client could not be set up")]
    Http(#[source] TransportError),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(base: &str, expect: &str) {
        let endpoint: Endpoint = base.parse().unwrap();
        assert_eq!(endpoint.json_rpc().as_str(), expect);
    }

    fn check_rest(base: &str, expect: &str) {
        let endpoint: Endpoint = base.parse().unwrap();
        assert_eq!(endpoint.rest().as_str(), expect);
    }

    fn check_refused(base: &str, expect: &str) {
        let error = base.parse::<Endpoint>().unwrap_err().to_string();
        assert!(error.contains(expect), "{error}");
        assert!(!error.contains("canary"), "{error}");
    }

    #[test]
    fn the_path_is_added() {
        check(
            "http://127.0.0.1:8787",
            "http://127.0.0.1:8787/3.0/json-rpc",
        );
        check("https://host/api/", "https://host/api/3.0/json-rpc");
    }

    #[test]
    fn a_path_that_is_there_is_not_added_again() {
        check(
            "https://host/api/3.0/json-rpc",
            "https://host/api/3.0/json-rpc",
        );
        check("https://host/3.0/json-rpc/", "https://host/3.0/json-rpc");
    }

    #[test]
    fn each_generation_has_its_path() {
        check_rest("http://127.0.0.1:8787", "http://127.0.0.1:8787/3.1");
        check_rest("http://127.0.0.1:8787/", "http://127.0.0.1:8787/3.1");
        check_rest("https://host/api/", "https://host/api/3.1");
        check_rest("https://host/3.1", "https://host/3.1");
        check_rest("https://host/api/3.1/", "https://host/api/3.1");
        check_rest("https://host/v3.1", "https://host/v3.1/3.1");
    }

    #[test]
    fn what_is_no_base_is_refused() {
        check_refused("localhost", "not a URL");
        check_refused("ftp://host", "http://");
        check_refused("https://user:canary@host", "password");
        check_refused("https://host/?token=canary", "`?`");
        check_refused("https://host/#canary", "`#`");
    }

    #[test]
    fn sites_have_the_documented_addresses() {
        for site in [Site::Sandbox, Site::Production] {
            let url = Endpoint::from(site).json_rpc();
            assert_eq!(url.as_str(), site.json_rpc());
            let url = Endpoint::from(site).rest();
            assert_eq!(url.as_str(), site.rest());
        }
    }
}
