//! What a person has to know when the service of an environment does not do what it should: [`Service`].
//!
//! Everything that comes from talking to a service becomes an error here, so that each command says the same of it: what
//! happened, the environment, the host, where the token comes from, and the command that tells more.

use std::path::Path;

use cleeng_client::Site as WireSite;
use offerctl_engine::fetch::FetchError;
use offerctl_engine::obstacle::Obstacle;
use offerctl_manifest::project::{Endpoint, Environment, Site};
use offerctl_model::foreign::escaped;
use offerctl_model::offer_type::Api;

use crate::error::CliError;
use crate::exit::Exit;
use crate::next::command;
use crate::remote::Unanswered;
use crate::token_place::Source;

/// The service of an environment, as people know it. Nothing of it holds the token, or anything else that is secret.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Service<'a> {
    pub(crate) environment: &'a Environment,
    /// What `-C` says.
    pub(crate) directory: &'a Path,
}

impl Service<'_> {
    /// Why the catalogue could not be read.
    pub(crate) fn unread(self, error: FetchError) -> CliError {
        let obstacle = error.obstacle();
        let failed = CliError::new(
            Exit::Error,
            "failed to read the live catalogue, and nothing was written",
        );
        self.met_with(obstacle, failed.caused_by(error))
    }

    /// Why the service brought no answer to a question.
    pub(crate) fn unanswered(self, error: Unanswered) -> CliError {
        let obstacle = error.obstacle();
        let failed = CliError::new(Exit::Error, "failed to ask the service");
        self.met_with(obstacle, failed.caused_by(error))
    }

    fn met_with(self, obstacle: Obstacle, error: CliError) -> CliError {
        let error = self.about(error).met_with(obstacle);
        match self.advice(obstacle) {
            Some(advice) => error.hint(advice),
            None => error,
        }
    }

    /// Adds to an error which service it is about, and the command that tells more.
    pub(crate) fn about(self, error: CliError) -> CliError {
        error.with_facts(self.facts()).next(self.doctor())
    }

    /// What a person should do about an obstacle; `None` if nothing is known that could help.
    pub(crate) fn advice(self, obstacle: Obstacle) -> Option<String> {
        let name = &self.environment.name;
        let limits = &self.environment.limits;
        let host = self.host();
        let advice = match obstacle {
            Obstacle::NoConnection => match self.environment.endpoint {
                Endpoint::Url(_) => format!(
                    "check that `endpoint` of `{name}` in offerctl.yaml is right, and that this machine can reach {host}"
                ),
                Endpoint::Site(_) | Endpoint::Emulator => {
                    format!("check that this machine can reach {host}: network, proxy, firewall")
                }
            },
            Obstacle::NoAnswer => format!(
                "{host} takes connections but did not answer within {} s: try again later; if it is only slow, raise \
                 `timeoutSeconds` in `limits` of `{name}` in offerctl.yaml",
                seconds(limits.timeout_milliseconds)
            ),
            Obstacle::TokenRefused => format!(
                "the service refused the token {}: check that it is the publisher token of the account on {host}, and still valid",
                self.token_source()
            ),
            Obstacle::TooManyRequests => format!(
                "the service has too many requests: try again later, or raise `patienceSeconds` in `limits` of `{name}` in \
                 offerctl.yaml (now {} s)",
                seconds(limits.patience_milliseconds)
            ),
            Obstacle::NotTheApi => {
                let key = match self.environment.endpoint {
                    Endpoint::Url(_) => "`endpoint` and `api`",
                    Endpoint::Site(_) | Endpoint::Emulator => "`site` and `api`",
                };
                format!(
                    "{host} does not answer as the API `{}` does: check {key} of `{name}` in offerctl.yaml, and that no proxy or \
                     login page stands in between",
                    self.environment.api
                )
            }
            Obstacle::Failing => {
                "the service, or something on the way to it, fails: try again in a few minutes"
                    .to_owned()
            }
            Obstacle::Incomplete => {
                "what does not add up is never used: try again once nobody changes the catalogue"
                    .to_owned()
            }
            Obstacle::Other => return None,
        };
        Some(advice)
    }

    /// The command that looks at everything that an apply needs.
    pub(crate) fn doctor(self) -> String {
        command("doctor", self.directory, &self.environment.name)
    }

    /// The environment, the host, and where the token comes from; each with its label.
    fn facts(self) -> Vec<(&'static str, String)> {
        let place = match self.environment.endpoint {
            Endpoint::Emulator => ("service", self.host()),
            Endpoint::Site(_) | Endpoint::Url(_) => ("host", self.host()),
        };
        vec![
            ("environment", self.environment.name.clone()),
            place,
            ("token", self.token_source()),
        ]
    }

    /// The same in one line.
    pub(crate) fn facts_in_short(self) -> String {
        let name = &self.environment.name;
        let host = self.host();
        match self.environment.endpoint {
            Endpoint::Emulator => format!("environment `{name}`, {host}"),
            Endpoint::Site(_) | Endpoint::Url(_) => format!(
                "environment `{name}`, host {host}, token {}",
                self.token_source()
            ),
        }
    }

    /// Where the service is: host and port, never a user or a password.
    pub(crate) fn host(self) -> String {
        let of_site = |site: &Site| {
            let site = match site {
                Site::Sandbox => WireSite::Sandbox,
                Site::Production => WireSite::Production,
            };
            match self.environment.api {
                Api::JsonRpc => site.json_rpc(),
                Api::Rest => site.rest(),
            }
        };
        match &self.environment.endpoint {
            Endpoint::Emulator => "the embedded emulator".to_owned(),
            Endpoint::Site(site) => authority(of_site(site)),
            Endpoint::Url(url) => authority(url),
        }
    }

    /// Where the token comes from, never what it is.
    pub(crate) fn token_source(self) -> String {
        if self.environment.endpoint == Endpoint::Emulator {
            return "not needed".to_owned();
        }
        format!("from {}", Source(&self.environment.token))
    }
}

/// Milliseconds as seconds, without needless digits.
fn seconds(milliseconds: u64) -> String {
    let (seconds, rest) = (milliseconds / 1000, milliseconds % 1000);
    let digits = format!("{seconds}.{rest:03}");
    digits
        .trim_end_matches('0')
        .trim_end_matches('.')
        .to_owned()
}

/// Host and port of an address.
fn authority(url: &str) -> String {
    let rest = url.split_once("//").map_or(url, |(_, rest)| rest);
    let end = rest.find(['/', '\\', '?', '#']).unwrap_or(rest.len());
    let authority = &rest[..end];
    let host = authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host);
    escaped(host)
}

#[cfg(test)]
mod tests {
    use offerctl_manifest::project::TokenSource;

    use super::*;

    fn environment(endpoint: Endpoint) -> Environment {
        Environment::new("shop", endpoint)
    }

    fn service(environment: &Environment) -> Service<'_> {
        Service {
            environment,
            directory: Path::new("."),
        }
    }

    #[test]
    fn the_host_of_an_address_has_no_user_password_or_path() {
        for (url, expect) in [
            ("http://127.0.0.1:8787", "127.0.0.1:8787"),
            (
                "https://user:secret@cleeng.test/3.1?token=secret",
                "cleeng.test",
            ),
            (
                "https://user:se@cret@cleeng.test:444#secret",
                "cleeng.test:444",
            ),
            ("https://cleeng.test?@secret", "cleeng.test"),
            ("http://[::1]:80/base", "[::1]:80"),
            ("https://cle\u{1b}[31m\neng", "cle<U+001B>[31m\\neng"),
        ] {
            assert_eq!(authority(url), expect, "{url}");
        }
    }

    #[test]
    fn each_generation_and_site_has_its_host() {
        for (site, api, expect) in [
            (Site::Sandbox, Api::JsonRpc, "sandbox.cleeng.com"),
            (Site::Sandbox, Api::Rest, "api.sandbox.cleeng.com"),
            (Site::Production, Api::JsonRpc, "api.cleeng.com"),
            (Site::Production, Api::Rest, "api.cleeng.com"),
        ] {
            let mut environment = environment(Endpoint::Site(site));
            environment.api = api;
            assert_eq!(service(&environment).host(), expect);
        }
    }

    #[test]
    fn of_a_command_for_the_token_only_the_program_is_shown() {
        let mut environment = environment(Endpoint::Site(Site::Sandbox));
        environment.token = TokenSource::Command(vec!["echo".to_owned(), "secret".to_owned()]);
        let source = service(&environment).token_source();
        assert_eq!(source, "from the command `echo`");
    }

    #[test]
    fn the_embedded_emulator_has_neither_host_nor_token() {
        let environment = environment(Endpoint::Emulator);
        let failed = service(&environment).about(CliError::new(Exit::Error, "it failed"));
        assert_eq!(
            failed.text(),
            "it failed\n  environment: shop\n  service:     the embedded emulator\n  token:       not needed\nnext: check token, \
             network, account and state with\n  offerctl doctor -e shop\n"
        );
    }

    #[test]
    fn every_obstacle_but_one_has_its_advice() {
        let environment = environment(Endpoint::Url("http://shop.test:1/".to_owned()));
        let advice = |obstacle| service(&environment).advice(obstacle).unwrap_or_default();
        for (obstacle, words) in [
            (Obstacle::NoConnection, "can reach shop.test:1"),
            (Obstacle::NoAnswer, "did not answer within 30 s"),
            (Obstacle::NoAnswer, "`timeoutSeconds` in `limits` of `shop`"),
            (
                Obstacle::TokenRefused,
                "the token from the variable `CLEENG_PUBLISHER_TOKEN`",
            ),
            (
                Obstacle::TooManyRequests,
                "`patienceSeconds` in `limits` of `shop`",
            ),
            (Obstacle::NotTheApi, "`endpoint` and `api` of `shop`"),
            (Obstacle::Failing, "try again"),
            (Obstacle::Incomplete, "try again"),
        ] {
            let said = advice(obstacle);
            assert!(said.contains(words), "no {words:?} in {said:?}");
        }
        assert_eq!(advice(Obstacle::Other), "");
    }

    #[test]
    fn seconds_have_no_needless_digits() {
        assert_eq!(seconds(30_000), "30");
        assert_eq!(seconds(200), "0.2");
        assert_eq!(seconds(1_250), "1.25");
        assert_eq!(seconds(0), "0");
    }
}
