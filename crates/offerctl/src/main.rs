//! The command line of `offerctl`: the only crate that prints, asks, reads the environment, or ends the process.

mod args;
mod bucket;
mod command;
mod context;
mod error;
mod exit;
mod log;
mod remote;
mod secret;
mod ui;

use std::process::ExitCode;

use clap::Parser;
use clap::error::ErrorKind;

use crate::args::Args;
use crate::exit::Exit;
use crate::ui::Ui;

fn main() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => return usage(&error).into(),
    };
    log::start(&args.global);
    let ui = Ui::new(&args.global);
    match command::run(&args, &ui) {
        Ok(exit) => exit.into(),
        Err(error) => {
            ui.error(&error);
            error.exit.into()
        }
    }
}

/// Prints help, version, or what is wrong with the command line.
fn usage(error: &clap::Error) -> Exit {
    // A closed pipe is no reason to complain about a wrong flag twice.
    let _printed = error.print();
    let asked = [ErrorKind::DisplayHelp, ErrorKind::DisplayVersion];
    if asked.contains(&error.kind()) {
        Exit::Success
    } else {
        Exit::Usage
    }
}
