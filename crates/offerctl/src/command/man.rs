//! `offerctl man`: the manual.

use std::fs;

use clap::CommandFactory;
use clap_mangen::Man;

use crate::args::{Args, ManArgs};
use crate::error::CliError;
use crate::exit::Exit;
use crate::ui::Ui;

/// Prints the page of the program, or writes those of all commands into a folder.
pub(crate) fn run(args: &ManArgs, ui: &Ui) -> Result<Exit, CliError> {
    let Some(folder) = &args.into else {
        let mut page = Vec::new();
        Man::new(Args::command())
            .render(&mut page)
            .map_err(|error| {
                CliError::new(Exit::Error, "failed to write the manual").caused_by(error)
            })?;
        ui.data(&String::from_utf8_lossy(&page));
        return Ok(Exit::Success);
    };
    let written =
        fs::create_dir_all(folder).and_then(|()| clap_mangen::generate_to(Args::command(), folder));
    written.map_err(|error| {
        let message = format!("failed to write the manual into `{}`", folder.display());
        CliError::new(Exit::Error, message).caused_by(error)
    })?;
    Ok(Exit::Success)
}
