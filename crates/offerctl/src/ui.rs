//! Where words go: [`Ui`]. Data to standard output, everything else to standard error.
//!
//! This is the only file that prints.

use std::cell::RefCell;
use std::io::{self, BufRead, IsTerminal, Write};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use offerctl_core::render::{Page, Style};

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

/// How much is said beside data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Words {
    /// Errors only.
    Few,
    /// Also what goes on.
    Usual,
    /// Also a bar that moves, because there is a terminal to move it on.
    Moving,
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
        let mut text = format!("{label} {}\n", error.chain());
        for hint in error.hints() {
            text.push_str("hint: ");
            text.push_str(hint);
            text.push('\n');
        }
        Self::to_stderr(&text);
    }

    /// Prints words that even `-q` does not leave out.
    pub(crate) fn to_stderr(text: &str) {
        // Whoever closed standard error does not want to know.
        let _closed = io::stderr().lock().write_all(text.as_bytes());
    }

    /// Asks, and returns the answer without its line break; `None` if there is none.
    pub(crate) fn ask(question: &str) -> Option<String> {
        Self::to_stderr(question);
        let _closed = io::stderr().lock().flush();
        let mut answer = String::new();
        let read = io::stdin().lock().read_line(&mut answer).ok()?;
        (read > 0).then(|| answer.trim_end_matches(['\r', '\n']).to_owned())
    }

    /// Shows that something of unknown length goes on; only on a terminal.
    pub(crate) fn spinner(&self, words: &'static str) -> Progress {
        let bar = ProgressBar::with_draw_target(None, self.draw_target());
        // A bar would show how much of nothing is done.
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}") {
            bar.set_style(style);
        }
        bar.set_message(words);
        bar.enable_steady_tick(Duration::from_millis(100));
        Progress(bar)
    }

    /// Shows how much of something is done; only on a terminal.
    pub(crate) fn progress(&self, length: usize) -> Progress {
        let bar = ProgressBar::with_draw_target(Some(length as u64), self.draw_target());
        let style = ProgressStyle::with_template("{bar:30} {pos}/{len} {wide_msg}")
            .unwrap_or_else(|_| ProgressStyle::default_bar());
        bar.set_style(style);
        Progress(bar)
    }

    fn draw_target(&self) -> ProgressDrawTarget {
        if self.words == Words::Moving {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        }
    }
}

/// The columns of the terminal; on a very narrow or wide one, as many as can be read.
fn terminal_width() -> usize {
    terminal_size::terminal_size()
        .map_or(Page::WIDTH, |(width, _)| usize::from(width.0))
        .clamp(60, 120)
}

/// A bar that goes away when it is dropped.
#[derive(Debug)]
pub(crate) struct Progress(ProgressBar);

impl Progress {
    /// One more is done.
    pub(crate) fn done(&self, words: String) {
        self.0.set_message(words);
        self.0.inc(1);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
