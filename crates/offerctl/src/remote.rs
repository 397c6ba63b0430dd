//! How to reach the service of an environment: [`Connection`].

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use cleeng_client::{Config, Endpoint as WireEndpoint, Site as WireSite, Token};
use cleeng_client::{json_rpc, rest};
use cleeng_emulator::{Account as EmulatedAccount, Config as EmulatorConfig, Data, Emulator};
use offerctl_engine::obstacle::Obstacle;
use offerctl_engine::service::{Reader, Writer};
use offerctl_manifest::project::{Endpoint, Environment, Site};
use offerctl_model::offer_type::Api;

use crate::error::CliError;
use crate::exit::Exit;
use crate::secret;

/// The token of the embedded emulator, which accepts any. No text repeats it by chance.
const EMBEDDED_TOKEN: &str = "no-secret-4Xw9";

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
                    secret::token(root, environment).await?,
                    None,
                )
            }
            Endpoint::Url(url) => (
                parse_endpoint(url)?,
                secret::token(root, environment).await?,
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

    /// Asks whether a generation of the API answers for this account: once, for as little as it has.
    pub(crate) async fn ask(&self, api: Api) -> Result<(), Unanswered> {
        match api {
            Api::JsonRpc => {
                let reader = json_rpc::Reader::new(&self.config)?;
                let list = json_rpc::List::<json_rpc::Pass>::new().limit(1);
                let _page = reader.call(list).await?;
            }
            Api::Rest => {
                let reader = rest::Reader::new(&self.config)?;
                let _page = reader.list(&rest::ListQuery::new().limit(1)).await?;
            }
        }
        Ok(())
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

/// Why a question got no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unanswered {
    /// It could not be asked.
    #[error("failed to make an HTTP client")]
    Client(#[from] cleeng_client::ConfigError),
    /// It was asked in vain.
    #[error("{0}")]
    Call(#[from] cleeng_client::Error),
}

impl Unanswered {
    /// What the question met with.
    pub(crate) fn obstacle(&self) -> Obstacle {
        match self {
            Self::Client(_) => Obstacle::Other,
            Self::Call(error) => Obstacle::of(error),
        }
    }

    /// The same in a few words.
    pub(crate) fn in_short(&self) -> String {
        match self {
            Self::Client(error) => error.to_string(),
            Self::Call(error) => match error.status_error() {
                Some(status) => format!("HTTP {}", status.status),
                None => error.to_string(),
            },
        }
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
        email.raw().clone_into(&mut account.publisher_email);
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
        // The examples of that type prove that it has no way to write: they do not compile.
        let reader = std::any::type_name::<Reader>();
        assert_eq!(returns(Connection::reader), reader);
    }
}
