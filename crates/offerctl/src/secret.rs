//! Where the publisher token comes from: [`token`].

use std::io::{self, Read};
use std::path::Path;
use std::process::{Command, Stdio};

use cleeng_client::Token;
use offerctl_engine::file::read_regular;
use offerctl_manifest::project::{Environment, TokenSource};

use crate::error::CliError;
use crate::exit::Exit;

/// The longest token, in bytes, with the white space around it: many times what a header takes.
const MAX_BYTES: u64 = 64 * 1024;

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
        TokenSource::File(path) => from_file(root, path).map_err(|error| {
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

fn from_file(root: &Path, path: &str) -> io::Result<String> {
    let bytes = read_regular(&root.join(path), MAX_BYTES)?;
    String::from_utf8(bytes).map_err(|_| io::Error::other("it is not UTF-8"))
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
    let mut child = Command::new(program)
        .args(arguments)
        .current_dir(root)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        // What it says may have the secret in it.
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| failed().caused_by(error))?;
    let mut printed = Vec::new();
    let read = child.stdout.take().map_or(Ok(0), |output| {
        output.take(MAX_BYTES + 1).read_to_end(&mut printed)
    });
    let is_too_long = printed.len() as u64 > MAX_BYTES;
    if is_too_long || read.is_err() {
        let _ended = child.kill();
    }
    let status = child.wait().map_err(|error| failed().caused_by(error))?;
    read.map_err(|error| failed().caused_by(error))?;
    if is_too_long {
        return Err(failed().hint(format!(
            "`{program}` printed more than the {MAX_BYTES} bytes that a token may have"
        )));
    }
    if !status.success() {
        return Err(failed().hint(format!("`{program}` ended with {status}")));
    }
    String::from_utf8(printed)
        .map_err(|_| failed().hint(format!("what `{program}` printed is not UTF-8")))
}
