//! How to reach the service of an environment: [`Connection`].

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use cleeng_client::{Config, Endpoint as WireEndpoint, Site as WireSite, Token};
use cleeng_client::{json_rpc, rest};
use cleeng_emulator::{Account as EmulatedAccount, Config as EmulatorConfig, Data, Emulator};
use offerctl_core::offer_type::Api;
use offerctl_core::project::{Endpoint, Environment, Site};
use offerctl_engine::service::{Reader, Writer};

use crate::error::CliError;
use crate::exit::Exit;
use crate::secret;

/// The token of the embedded emulator, which accepts any.
const EMBEDDED_TOKEN: &str = "embedded-emulator";

/// The service of an environment. The embedded emulator runs as long as this lives.
#[derive(Debug)]
pub(crate) struct Connection {
    api: Api,
    config: Config,
    emulator: Option<Emulator>,
}

impl Connection {
    /// Makes ready to talk to the service; starts the emulator if that is embedded.
    pub(crate) async fn open(root: &Path, environment: &Environment) -> Result<Self, CliError> {
        let (endpoint, token, emulator) = match &environment.endpoint {
            Endpoint::Emulator => {
                let emulator = start_emulator(root, environment).await?;
                let endpoint = parse_endpoint(&emulator.url())?;
                let token = Token::new(EMBEDDED_TOKEN)
                    .map_err(|error| unusable(&emulator.url()).caused_by(error))?;
                (endpoint, token, Some(emulator))
            }
            Endpoint::Site(site) => {
                let site = match site {
                    Site::Sandbox => WireSite::Sandbox,
                    Site::Production => WireSite::Production,
                };
                (
                    WireEndpoint::Site(site),
                    secret::token(root, environment)?,
                    None,
                )
            }
            Endpoint::Url(url) => (
                parse_endpoint(url)?,
                secret::token(root, environment)?,
                None,
            ),
        };
        let limits = &environment.limits;
        let timeout = Duration::from_millis(limits.timeout_milliseconds);
        let config = Config::new(endpoint, token)
            .timeout(timeout)
            .connect_timeout(timeout.mul_f64(0.5).min(Duration::from_secs(5)))
            .calls_per_request(limits.batch)
            .idle_connections(limits.concurrency);
        Ok(Self {
            api: environment.api,
            config,
            emulator,
        })
    }

    /// A client that cannot write.
    pub(crate) fn reader(&self) -> Result<Reader, CliError> {
        Reader::new(self.api, &self.config).map_err(|error| no_client().caused_by(error))
    }

    /// A client that can write.
    pub(crate) fn writer(&self) -> Result<Writer, CliError> {
        Writer::new(self.api, &self.config).map_err(|error| no_client().caused_by(error))
    }

    /// Asks whether the other generation of the API answers for this account, too.
    pub(crate) async fn ask_other(&self) -> (Api, Result<(), String>) {
        let asked = match self.api {
            Api::JsonRpc => {
                let reader = rest::Reader::new(&self.config).map_err(|error| error.to_string());
                match reader {
                    Ok(reader) => {
                        let page = reader.list(&rest::ListQuery::new().limit(1)).await;
                        page.map(|_| ()).map_err(|error| in_short(&error))
                    }
                    Err(problem) => Err(problem),
                }
            }
            Api::Rest => {
                let reader = json_rpc::Reader::new(&self.config).map_err(|error| error.to_string());
                match reader {
                    Ok(reader) => {
                        let list = json_rpc::List::<json_rpc::Pass>::new().limit(1);
                        let page = reader.call(list).await;
                        page.map(|_| ()).map_err(|error| in_short(&error))
                    }
                    Err(problem) => Err(problem),
                }
            }
        };
        let other = match self.api {
            Api::JsonRpc => Api::Rest,
            Api::Rest => Api::JsonRpc,
        };
        (other, asked)
    }

    /// What time it is at the service, if it says.
    pub(crate) async fn service_time(&self) -> Option<SystemTime> {
        cleeng_client::service_time(&self.config).await
    }

    /// Lets go of the service.
    pub(crate) async fn close(self) {
        if let Some(emulator) = self.emulator {
            emulator.shutdown().await;
        }
    }
}

/// Why a question got no answer, in a few words.
fn in_short(error: &cleeng_client::Error) -> String {
    match error.status_error() {
        Some(status) => format!("HTTP {}", status.status),
        None => error.to_string(),
    }
}

fn no_client() -> CliError {
    CliError::new(Exit::Error, "failed to make an HTTP client")
}

fn unusable(endpoint: &str) -> CliError {
    CliError::new(
        Exit::Invalid,
        format!("the endpoint `{endpoint}` cannot be used"),
    )
}

fn parse_endpoint(url: &str) -> Result<WireEndpoint, CliError> {
    url.parse()
        .map_err(|error: cleeng_client::ConfigError| unusable(url).caused_by(error))
}

/// The file with the catalogue of an embedded emulator.
pub(crate) fn emulator_data(root: &Path, environment: &str) -> PathBuf {
    root.join(".offerctl")
        .join(environment)
        .join("emulator.jsonl")
}

async fn start_emulator(root: &Path, environment: &Environment) -> Result<Emulator, CliError> {
    let failed = || CliError::new(Exit::Error, "failed to start the embedded emulator");
    let mut account = EmulatedAccount::default();
    let expected = &environment.account;
    if let Some(email) = &expected.publisher_email {
        account.publisher_email.clone_from(email);
    }
    if let Some(country) = expected.country {
        account.country = country
            .as_str()
            .parse()
            .map_err(|error| failed().caused_by(error))?;
    }
    if let Some(currency) = expected.currency {
        account.currency = currency
            .as_str()
            .parse()
            .map_err(|error| failed().caused_by(error))?;
    }
    let data = Data::File(emulator_data(root, &environment.name));
    let config = EmulatorConfig {
        account,
        data,
        ..EmulatorConfig::default()
    };
    Emulator::start(config)
        .await
        .map_err(|error| failed().caused_by(error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_reads_is_the_reader_that_cannot_write() {
        fn returns<T>(_of: fn(&Connection) -> Result<T, CliError>) -> &'static str {
            std::any::type_name::<T>()
        }
        // `crates/offerctl-engine/tests/reading.rs` proves of that type that it has no way to write.
        let reader = std::any::type_name::<Reader>();
        assert_eq!(returns(Connection::reader), reader);
    }
}
