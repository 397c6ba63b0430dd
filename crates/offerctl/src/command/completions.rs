//! `offerctl completions`: scripts that complete the command line.

use clap::CommandFactory;
use clap_complete::Shell;

use crate::args::Args;
use crate::exit::Exit;
use crate::ui::Ui;

/// Prints the script for a shell.
pub(crate) fn run(shell: Shell, ui: &Ui) -> Exit {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Args::command(), "offerctl", &mut script);
    ui.data(&String::from_utf8_lossy(&script));
    Exit::Success
}
