//! Where words go: [`Ui`]. Data to standard output, everything else to standard error.
//!
//! This is the only file that prints.

mod progress;

use std::cell::RefCell;
use std::io::{self, BufRead, IsTerminal, Write};

use offerctl_model::json::unhidden;
use offerctl_show::render::{Page, Style};

pub(crate) use self::progress::Progress;
use self::progress::{Words, beside};
use crate::args::{ColorChoice, Global};
use crate::error::CliError;

/// What the process may show, and how.
#[derive(Debug)]
pub(crate) struct Ui {
    out_style: Style,
    err_style: Style,
    width: usize,
    words: Words,
    people: People,
    /// What became of standard output.
    out: RefCell<Output>,
}

/// What became of a stream.
#[derive(Debug)]
enum Output {
    /// It is written to.
    Open,
    /// Whoever read it is gone, as `head` goes when it has enough.
    Closed,
    /// It cannot be written, as on a full disk.
    Failed(io::Error),
}

/// Whether somebody sits there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum People {
    /// Somebody who can be asked.
    Present,
    /// Nobody.
    Absent,
}

impl Ui {
    /// Looks at the flags, the environment and the terminals.
    pub(crate) fn new(global: &Global) -> Self {
        let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let (out, err, input) = (
            io::stdout().is_terminal(),
            io::stderr().is_terminal(),
            io::stdin().is_terminal(),
        );
        let style = |terminal: bool| {
            let color = match global.color {
                ColorChoice::Always => true,
                ColorChoice::Never => false,
                ColorChoice::Auto if set("NO_COLOR") => false,
                ColorChoice::Auto => (terminal && !dumb) || set("CLICOLOR_FORCE"),
            };
            if color { Style::Color } else { Style::Plain }
        };
        Self {
            out_style: style(out),
            err_style: style(err),
            width: if out { terminal_width() } else { Page::WIDTH },
            words: match (global.quiet, err && !dumb && !set("CI")) {
                (true, _) => Words::Few,
                (false, true) => Words::Moving,
                (false, false) => Words::Usual,
            },
            people: if input && err && !global.no_input && !set("CI") {
                People::Present
            } else {
                People::Absent
            },
            out: RefCell::new(Output::Open),
        }
    }

    /// How data looks.
    pub(crate) fn style(&self) -> Style {
        self.out_style
    }

    /// How pages of data look, and how wide they are.
    pub(crate) fn page(&self) -> Page {
        Page {
            style: self.out_style,
            width: self.width,
        }
    }

    /// How everything else looks.
    pub(crate) fn err_style(&self) -> Style {
        self.err_style
    }

    /// Whether people can be asked.
    pub(crate) fn is_interactive(&self) -> bool {
        self.people == People::Present
    }

    /// Prints data. A reader that went away, as `head` does, is no error; what else may be wrong is
    /// [told at the end](Self::take_output_error).
    pub(crate) fn data(&self, text: &str) {
        let mut state = self.out.borrow_mut();
        if !matches!(*state, Output::Open) {
            return;
        }
        let mut out = io::stdout().lock();
        let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
        match written {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => *state = Output::Closed,
            Err(error) => *state = Output::Failed(error),
        }
    }

    /// Why data could not be printed, if somebody still wants to know.
    pub(crate) fn take_output_error(&self) -> Option<io::Error> {
        match self.out.replace(Output::Closed) {
            Output::Failed(error) => Some(error),
            Output::Open | Output::Closed => None,
        }
    }

    /// Prints words that are no data; `-q` leaves them out.
    pub(crate) fn say(&self, text: &str) {
        if self.words != Words::Few {
            Self::to_stderr(text);
        }
    }

    /// Prints an error with its causes and hints.
    pub(crate) fn error(&self, error: &CliError) {
        let label = match self.err_style {
            Style::Plain => "error:".to_owned(),
            Style::Color => "\u{1b}[1;31merror:\u{1b}[0m".to_owned(),
        };
        Self::to_stderr(&format!("{label} {}", error.text()));
    }

    /// Prints words that even `-q` does not leave out.
    pub(crate) fn to_stderr(text: &str) {
        // Whoever closed standard error does not want to know.
        let _closed = beside(|| io::stderr().lock().write_all(text.as_bytes()));
    }

    /// Asks, and returns the answer without its line break; `None` if there is none.
    pub(crate) fn ask(question: &str) -> Option<String> {
        Self::to_stderr(question);
        let _closed = io::stderr().lock().flush();
        let mut answer = String::new();
        let read = io::stdin().lock().read_line(&mut answer).ok()?;
        (read > 0).then(|| answer.trim_end_matches(['\r', '\n']).to_owned())
    }

    /// Waits for something that may take long, and shows meanwhile what that is: `what` is said after "still".
    pub(crate) fn watch<T>(
        &self,
        what: impl Into<String>,
        work: impl Future<Output = T>,
    ) -> impl Future<Output = T> {
        let (words, what) = (self.words, what.into());
        let work = Box::pin(work);
        async move {
            Progress::new(words, what, None, Self::to_stderr)
                .watch(work)
                .await
        }
    }

    /// The same for something in parts, of which each one that is done can be noted.
    pub(crate) fn progress(&self, what: impl Into<String>, parts: usize) -> Progress {
        Progress::new(self.words, what.into(), Some(parts), Self::to_stderr)
    }
}

/// The columns of the terminal; on a very narrow or wide one, as many as can be read.
fn terminal_width() -> usize {
    terminal_size::terminal_size()
        .map_or(Page::WIDTH, |(width, _)| usize::from(width.0))
        .clamp(60, 120)
}

/// Where log lines go: standard error, beside the line that moves there.
#[derive(Debug)]
pub(crate) struct LogLines {
    /// Whether the lines are JSON, which keeps control characters out of them, and nothing else.
    pub(crate) is_json: bool,
}

impl Write for LogLines {
    /// Takes a whole line.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let line = String::from_utf8_lossy(bytes).into_owned();
        let line = if self.is_json { unhidden(line) } else { line };
        beside(|| io::stderr().lock().write_all(line.as_bytes()))?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().lock().flush()
    }
}
