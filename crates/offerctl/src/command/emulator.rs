//! `offerctl emulator`: a Cleeng to try things on.

mod demo;

use std::time::Duration;

use cleeng_emulator::{
    Account, Config, Data, Emulator, FaultRule, Origin, ParseQuirkError, ParseThrottleError, Quirk,
    Quirks, Token,
};

use super::stopping::Signals;
use crate::args::EmulatorArgs;
use crate::error::CliError;
use crate::exit::Exit;
use crate::ui::Ui;

/// Runs until it is interrupted. The first line on standard output says where it listens.
pub(crate) async fn run(args: &EmulatorArgs, ui: &Ui) -> Result<Exit, CliError> {
    let config = config(args)?;
    let emulator = Emulator::start(config).await.map_err(|error| {
        CliError::new(Exit::Error, "failed to start the emulator").caused_by(error)
    })?;
    if let Some(count) = args.demo {
        // A data file that has offers already stays as it is.
        if emulator.offers().is_empty() {
            emulator.seed_offers(demo::offers(count)).map_err(|error| {
                CliError::new(Exit::Error, "failed to fill the emulator").caused_by(error)
            })?;
        }
    }
    let mut signals = Signals::new();
    ui.data(&format!("listening on {}\n", emulator.url()));
    signals.next().await;
    emulator.shutdown().await;
    Ok(Exit::Success)
}

fn config(args: &EmulatorArgs) -> Result<Config, CliError> {
    let usage = |flag: &str, error: Box<dyn std::error::Error + Send + Sync>| {
        CliError::new(Exit::Usage, format!("{flag} cannot be used: {error}"))
    };
    let mut account = Account::default();
    if let Some(email) = &args.publisher_email {
        account.publisher_email.clone_from(email);
    }
    if let Some(country) = &args.country {
        account.country = country
            .parse()
            .map_err(|error| usage("--country", Box::new(error)))?;
    }
    if let Some(currency) = &args.currency {
        account.currency = currency
            .parse()
            .map_err(|error| usage("--currency", Box::new(error)))?;
    }
    if let Some(rate) = args.tax_rate {
        account.tax_rate = rate;
    }
    account.token = args.token.as_ref().map(|token| Token::new(token.clone()));
    let faults: Result<Vec<FaultRule>, CliError> = args
        .fault
        .iter()
        .map(|rule| {
            FaultRule::parse(rule)
                .map_err(|error| usage(&format!("--fault {rule}"), Box::new(error)))
        })
        .collect();
    let origins: Result<Vec<Origin>, CliError> = args
        .allow_origin
        .iter()
        .map(|origin| {
            origin
                .parse()
                .map_err(|error| usage("--allow-origin", Box::new(error)))
        })
        .collect();
    let quirks: Result<Quirks, ParseQuirkError> =
        args.quirk.iter().map(|quirk| Quirk::parse(quirk)).collect();
    let throttle = args.throttle.as_ref().map(|throttle| throttle.parse());
    Ok(Config {
        listen: args.listen,
        allowed_origins: origins?,
        account,
        data: args.data.clone().map_or(Data::Memory, Data::File),
        profile: args
            .profile
            .parse()
            .map_err(|error| usage("--profile", Box::new(error)))?,
        faults: faults?,
        quirks: quirks.map_err(|error| usage("--quirk", Box::new(error)))?,
        latency: Duration::from_millis(args.latency),
        throttle: throttle
            .transpose()
            .map_err(|error: ParseThrottleError| usage("--throttle", Box::new(error)))?,
        seed: args.seed,
        ..Config::default()
    })
}
