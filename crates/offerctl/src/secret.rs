//! Where the publisher token comes from: [`token`].
//!
//! No error shows any of it. Whoever writes the token where its place belongs (`{env: TOKEN}`) has a name or a path that is
//! the token, so what does not lead to a token is not repeated either.

mod command;

use std::io;
use std::path::Path;

use cleeng_client::Token;
use offerctl_engine::file::read_regular;
use offerctl_manifest::project::{Endpoint, Environment, TokenSource};

use self::command::MAX_BYTES;
use crate::error::CliError;
use crate::exit::Exit;
use crate::token_place::Source;

/// Reads the token of an environment.
pub(crate) async fn token(root: &Path, environment: &Environment) -> Result<Token, CliError> {
    let name = &environment.name;
    let place = Source(&environment.token);
    let text = match &environment.token {
        TokenSource::Env(variable) => std::env::var(variable).map_err(|_| {
            CliError::new(
                Exit::Error,
                format!("{place} with the token of `{name}` is not set"),
            )
            .hint(format!(
                "set it, or let `token` of `{name}` in offerctl.yaml say where the token is"
            ))
        })?,
        TokenSource::File(path) => from_file(root, path).map_err(|error| {
            let message = format!("failed to read the token of `{name}` from {place}");
            CliError::new(Exit::Error, message)
                .caused_by(error)
                .hint("write `token: {file: PATH}` with the path of a file that holds nothing but the token")
        })?,
        TokenSource::Command(words) => command::output(root, name, words).await?,
    };
    let token = Token::new(text).map_err(|error| {
        CliError::new(Exit::Error, format!("the token of `{name}` cannot be used")).caused_by(error)
    })?;
    refuse_token_in_project(environment, &token)?;
    Ok(token)
}

fn from_file(root: &Path, path: &str) -> io::Result<String> {
    let bytes = read_regular(&root.join(path), MAX_BYTES)?;
    String::from_utf8(bytes).map_err(|_| io::Error::other("it is not UTF-8"))
}

/// What offerctl.yaml says is shown in many places, and is in git.
fn refuse_token_in_project(environment: &Environment, token: &Token) -> Result<(), CliError> {
    let endpoint = match &environment.endpoint {
        Endpoint::Url(url) => Some(url),
        Endpoint::Emulator | Endpoint::Site(_) => None,
    };
    let texts = endpoint
        .into_iter()
        .chain(&environment.state)
        .chain(environment.vars.values());
    let is_secret = |text: &&String| token.is_secret_in(text);
    if texts.into_iter().any(|text| is_secret(&text)) {
        let name = &environment.name;
        let message = format!(
            "the token of `{name}` stands in offerctl.yaml, in `endpoint`, `state` or `vars`"
        );
        return Err(CliError::new(Exit::Invalid, message).hint(
            "take it out, and have Cleeng replace it: whoever can read the repository has it",
        ));
    }
    Ok(())
}
