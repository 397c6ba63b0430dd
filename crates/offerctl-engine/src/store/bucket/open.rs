//! From an address to a store: [`Settings`].

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use object_store::aws::AmazonS3Builder;
use object_store::azure::MicrosoftAzureBuilder;
use object_store::gcp::GoogleCloudStorageBuilder;
use object_store::path::Path;
use object_store::{ClientOptions, ObjectStore, ObjectStoreScheme, RetryConfig};
use url::Url;

use super::clock::ServerClock;
use super::failure::{Failure, Secrets};
use super::objects::Objects;

/// How long a connection may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// How long a request may take.
const TIMEOUT: Duration = Duration::from_secs(20);

/// What the environment says of the clouds, under the names that their users know, such as `AWS_REGION`.
#[derive(Clone, Default)]
pub struct Settings(pub BTreeMap<String, String>);

impl fmt::Debug for Settings {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The values have credentials among them.
        formatter.debug_set().entries(self.0.keys()).finish()
    }
}

/// Other names of settings, as the tools of the clouds have them.
const ALIASES: &[(&str, &str)] = &[
    ("AZURE_STORAGE_ACCOUNT", "AZURE_STORAGE_ACCOUNT_NAME"),
    ("AZURE_STORAGE_KEY", "AZURE_STORAGE_ACCOUNT_KEY"),
    ("AZURE_STORAGE_SAS_TOKEN", "AZURE_STORAGE_SAS_KEY"),
];

impl Settings {
    /// The settings that begin with a prefix, under the names of the library.
    fn with_prefix(&self, prefix: &str) -> impl Iterator<Item = (String, &str)> {
        self.0.iter().filter_map(move |(name, value)| {
            let alias = ALIASES.iter().find(|(alias, _)| alias == name);
            let name = alias.map_or(name.as_str(), |(_, name)| name);
            name.starts_with(prefix)
                .then(|| (name.to_ascii_lowercase(), value.as_str()))
        })
    }

    /// Whether plain HTTP without TLS is what is spoken with an endpoint of one's own.
    fn is_plain(&self) -> bool {
        const ENDPOINTS: [&str; 5] = [
            "AWS_ENDPOINT_URL_S3",
            "AWS_ENDPOINT_URL",
            "AWS_ENDPOINT",
            "AZURE_STORAGE_ENDPOINT",
            "GOOGLE_BASE_URL",
        ];
        let endpoint = ENDPOINTS.iter().find_map(|name| self.0.get(*name));
        endpoint.is_some_and(|endpoint| endpoint.starts_with("http://"))
    }

    /// What may be shown to nobody: all that has no business in a message.
    fn secrets(&self) -> Secrets {
        const SHOWN: &[&str] = &["REGION", "ENDPOINT", "PROFILE", "HTTP", "HOST", "FILE"];
        let secret = self
            .0
            .iter()
            .filter(|(name, _)| !SHOWN.iter().any(|shown| name.contains(shown)));
        Secrets::new(secret.map(|(_, value)| value.clone()))
    }
}

/// Why an address cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// It is not the address of a bucket.
    #[error("`{0}` is not the address of a bucket or container")]
    Address(String),
    /// What the environment says does not do.
    #[error("failed to set up the connection to {place}")]
    Setup {
        /// The address.
        place: String,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl Settings {
    /// Connects with a place such as `s3://bucket/prefix`; nothing is read or written yet.
    pub(super) fn objects_at(&self, address: &str) -> Result<Objects, OpenError> {
        let unknown = || OpenError::Address(address.to_owned());
        let url = Url::parse(address).map_err(|_| unknown())?;
        let (scheme, prefix) = ObjectStoreScheme::parse(&url).map_err(|_| unknown())?;
        let prefix = Path::parse(prefix.as_ref()).map_err(|_| unknown())?;
        // The TLS of this process; a program that installed one before keeps it.
        drop(rustls::crypto::ring::default_provider().install_default());
        let clock = ServerClock::default();
        let store = connect(&scheme, address, self, &clock).map_err(|error| {
            error.map_or_else(unknown, |error| OpenError::Setup {
                place: address.to_owned(),
                source: Box::new(Failure::new(&error, &self.secrets())),
            })
        })?;
        Ok(Objects {
            store,
            prefix,
            place: address.to_owned(),
            secrets: self.secrets(),
            clock,
        })
    }
}

/// Sets up the store of an address; an error without a cause says that it is the address of none.
fn connect(
    scheme: &ObjectStoreScheme,
    address: &str,
    settings: &Settings,
    clock: &ServerClock,
) -> Result<Arc<dyn ObjectStore>, Option<object_store::Error>> {
    // Nothing below this crate repeats a request: what may be repeated is decided where the outcome is known.
    let retry = RetryConfig {
        max_retries: 0,
        ..RetryConfig::default()
    };
    let options = ClientOptions::new()
        .with_connect_timeout(CONNECT_TIMEOUT)
        .with_timeout(TIMEOUT)
        // Setting up TLS fails where the system has no certificates, as in a small container.
        .with_no_system_certificates(settings.is_plain());
    // The builders of the clouds have the same methods, and no trait in common.
    macro_rules! builder {
        ($builder:ty, $prefix:literal) => {{
            let mut builder = <$builder>::new().with_client_options(options);
            for (name, value) in settings.with_prefix($prefix) {
                if let Ok(key) = name.parse() {
                    builder = builder.with_config(key, value);
                }
            }
            builder
                .with_url(address)
                .with_retry(retry)
                .with_http_connector(clock.connector())
        }};
    }
    Ok(match scheme {
        ObjectStoreScheme::AmazonS3 => {
            let builder = builder!(AmazonS3Builder, "AWS_");
            Arc::new(builder.with_disable_bulk_delete(true).build()?)
        }
        ObjectStoreScheme::GoogleCloudStorage => {
            Arc::new(builder!(GoogleCloudStorageBuilder, "GOOGLE_").build()?)
        }
        ObjectStoreScheme::MicrosoftAzure => {
            Arc::new(builder!(MicrosoftAzureBuilder, "AZURE_").build()?)
        }
        ObjectStoreScheme::Local | ObjectStoreScheme::Memory | ObjectStoreScheme::Http | _ => {
            return Err(None);
        }
    })
}
