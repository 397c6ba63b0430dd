//! The commands, one file each: [`run`].

mod annotate;
mod apply;
mod completions;
mod diff;
mod doctor;
mod drift;
mod emulator;
mod fmt;
mod import;
mod init;
mod man;
mod plan;
mod saved;
mod schema;
mod show;
mod state;
mod stopping;
mod validate;

use crate::args::{Args, Command, Format};
use crate::error::CliError;
use crate::exit::Exit;
use crate::ui::Ui;

/// Does what the command line says.
pub(crate) fn run(args: &Args, ui: &Ui) -> Result<Exit, CliError> {
    check_format(&args.command, args.global.format)?;
    let global = args.global.clone();
    let global = &if let Command::Diff = args.command {
        global
    } else {
        global.one_environment()?
    };
    match &args.command {
        Command::Init(init) => init::run(global, init, ui),
        Command::Validate => validate::run(global, ui),
        Command::Plan(plan) => block_on(plan::run(global, plan, None, ui)),
        Command::Apply(apply) => block_on(apply::run(global, apply, ui)),
        Command::Show(show) => show::run(global, show, ui),
        Command::Drift(drift) => block_on(drift::run(global, drift, ui)),
        Command::Import(import) => block_on(import::run(global, import, ui)),
        Command::Doctor => block_on(doctor::run(global, ui)),
        Command::Diff => block_on(diff::run(global, ui)),
        Command::Fmt(fmt) => fmt::run(global, fmt, ui),
        Command::State(state) => block_on(state::run(global, state, ui)),
        Command::Schema(schema) => Ok(schema::run(schema.kind, ui)),
        Command::Emulator(emulator) => block_on(emulator::run(emulator, ui)),
        Command::Man(man) => man::run(man, ui),
        Command::Completions(completions) => Ok(completions::run(completions.shell, ui)),
    }
}

/// Refuses a form that the command does not have, rather than to print another one.
fn check_format(command: &Command, format: Format) -> Result<(), CliError> {
    let (word, formats) = command.formats();
    if formats.contains(&format) {
        return Ok(());
    }
    let names: Vec<&str> = formats.iter().map(|format| format.as_str()).collect();
    let message = format!("`{word}` cannot print with --format {}", format.as_str());
    Err(CliError::new(Exit::Usage, message)
        .hint(format!("it can print with --format {}", names.join("|"))))
}

/// Does what waits for others, to its end; what else was begun for it is left behind, as a question that nobody answers
/// or a name that is looked up.
fn block_on(work: impl Future<Output = Result<Exit, CliError>>) -> Result<Exit, CliError> {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    builder.worker_threads(2).enable_all();
    let runtime = builder
        .build()
        .map_err(|error| CliError::new(Exit::Error, "failed to start").caused_by(error))?;
    let done = runtime.block_on(stopping::unless_interrupted(work));
    runtime.shutdown_background();
    done
}
