//! Why a command ended without doing what was asked: [`CliError`].

use std::error::Error;
use std::fmt;

use offerctl_engine::obstacle::Obstacle;
use offerctl_model::foreign::escaped;

use crate::exit::Exit;

/// An error with its exit code, its cause, what it is about, hints, and a command that comes last.
#[derive(Debug)]
pub(crate) struct CliError {
    pub(crate) exit: Exit,
    message: String,
    source: Option<Box<dyn Error + Send + Sync>>,
    hints: Vec<String>,
    /// What a person wants to know of the place where it happened, each with its label.
    facts: Vec<(&'static str, String)>,
    next: Option<String>,
    obstacle: Option<Obstacle>,
}

impl CliError {
    pub(crate) fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self {
            exit,
            message: message.into(),
            source: None,
            hints: Vec::new(),
            facts: Vec::new(),
            next: None,
            obstacle: None,
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

    /// Says where it happened.
    pub(crate) fn with_facts(mut self, facts: Vec<(&'static str, String)>) -> Self {
        self.facts = facts;
        self
    }

    /// Says what a service could not be asked for.
    pub(crate) fn met_with(mut self, obstacle: Obstacle) -> Self {
        self.obstacle = Some(obstacle);
        self
    }

    /// Whether the host said nothing at all.
    pub(crate) fn is_silence(&self) -> bool {
        self.obstacle.is_some_and(Obstacle::is_silence)
    }

    /// Says which command tells more.
    pub(crate) fn next(mut self, command: impl Into<String>) -> Self {
        self.next = Some(command.into());
        self
    }

    /// The whole for people, in which whatever a stranger wrote stays on its line: the causes, the facts and hints on lines of their own, and the command on one of its own.
    pub(crate) fn text(&self) -> String {
        let mut lines = vec![self.chain()];
        let width = self.facts.iter().map(|(label, _)| label.len()).max();
        let width = width.unwrap_or(0) + 1;
        for (label, fact) in &self.facts {
            let label = format!("{label}:");
            lines.push(format!("  {label:width$} {}", escaped(fact)));
        }
        lines.extend(
            self.hints
                .iter()
                .map(|hint| format!("hint: {}", escaped(hint))),
        );
        if let Some(command) = &self.next {
            lines.push("next: check token, network, account and state with".to_owned());
            lines.push(format!("  {}", escaped(command)));
        }
        lines.push(String::new());
        lines.join("\n")
    }

    /// The message with all its causes, without the hints.
    pub(crate) fn chain(&self) -> String {
        let mut text = escaped(&self.message);
        let mut last = self.message.clone();
        let mut source: Option<&(dyn Error + 'static)> =
            self.source.as_ref().map(|source| &**source as _);
        while let Some(cause) = source {
            let words = cause.to_string();
            // Some libraries repeat the cause in the message.
            if !last.contains(&words) {
                text.push_str(": ");
                text.push_str(&escaped(&words));
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
