//! Why a command ended without doing what was asked: [`CliError`].

use std::error::Error;
use std::fmt;

use crate::exit::Exit;

/// An error with its exit code, its cause, and hints that come last.
#[derive(Debug)]
pub(crate) struct CliError {
    pub(crate) exit: Exit,
    message: String,
    source: Option<Box<dyn Error + Send + Sync>>,
    hints: Vec<String>,
}

impl CliError {
    pub(crate) fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self {
            exit,
            message: message.into(),
            source: None,
            hints: Vec::new(),
        }
    }

    /// Says what led to it.
    pub(crate) fn caused_by(mut self, source: impl Error + Send + Sync + 'static) -> Self {
        self.source = Some(Box::new(source));
        self
    }

    /// Says what to do about it.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// The message with all its causes, without the hints.
    pub(crate) fn chain(&self) -> String {
        let mut text = self.message.clone();
        let mut last = text.clone();
        let mut source: Option<&(dyn Error + 'static)> =
            self.source.as_ref().map(|source| &**source as _);
        while let Some(cause) = source {
            let words = cause.to_string();
            // Some libraries repeat the cause in the message.
            if !last.contains(&words) {
                text.push_str(": ");
                text.push_str(&words);
            }
            last = words;
            source = cause.source();
        }
        text
    }

    /// What to do about it.
    pub(crate) fn hints(&self) -> &[String] {
        &self.hints
    }
}

impl fmt::Display for CliError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl Error for CliError {}
