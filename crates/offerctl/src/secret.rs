//! Where the publisher token comes from: [`token`].

use std::path::Path;
use std::process::{Command, Stdio};

use cleeng_client::Token;
use offerctl_core::project::{Environment, TokenSource};

use crate::error::CliError;
use crate::exit::Exit;

/// Reads the token of an environment. No error shows any of it.
pub(crate) fn token(root: &Path, environment: &Environment) -> Result<Token, CliError> {
    let name = &environment.name;
    let text = match &environment.token {
        TokenSource::Env(variable) => std::env::var(variable).map_err(|_| {
            CliError::new(
                Exit::Error,
                format!("the variable `{variable}` with the token of `{name}` is not set"),
            )
            .hint(format!(
                "set it, or let `token` of `{name}` in offerctl.yaml say where the token is"
            ))
        })?,
        TokenSource::File(path) => std::fs::read_to_string(root.join(path)).map_err(|error| {
            CliError::new(
                Exit::Error,
                format!("failed to read the token of `{name}` from `{path}`"),
            )
            .caused_by(error)
        })?,
        TokenSource::Command(words) => from_command(root, name, words)?,
    };
    Token::new(text).map_err(|error| {
        CliError::new(Exit::Error, format!("the token of `{name}` cannot be used")).caused_by(error)
    })
}

fn from_command(root: &Path, name: &str, words: &[String]) -> Result<String, CliError> {
    let failed = || {
        CliError::new(
            Exit::Error,
            format!("the command for the token of `{name}` failed"),
        )
    };
    let Some((program, arguments)) = words.split_first() else {
        return Err(failed());
    };
    let output = Command::new(program)
        .args(arguments)
        .current_dir(root)
        .stdin(Stdio::null())
        // What it says may have the secret in it.
        .stderr(Stdio::null())
        .output()
        .map_err(|error| failed().caused_by(error))?;
    if !output.status.success() {
        return Err(failed().hint(format!("`{program}` ended with {}", output.status)));
    }
    String::from_utf8(output.stdout)
        .map_err(|_| failed().hint(format!("what `{program}` printed is not UTF-8")))
}
