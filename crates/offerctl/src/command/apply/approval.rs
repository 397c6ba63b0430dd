//! Who says yes to a plan: a flag, or whoever sits there.

use crate::args::ApplyArgs;
use crate::context::Context;
use crate::error::CliError;
use crate::exit::Exit;
use crate::ui::Ui;

/// Ends the command early where nobody can be asked and no flag answers.
pub(super) fn check_approval(context: &Context, args: &ApplyArgs, ui: &Ui) -> Result<(), CliError> {
    let name = &context.environment.name;
    if let Some(confirmed) = &args.confirm {
        if confirmed != name {
            let message = format!("--confirm says `{confirmed}`, but the environment is `{name}`");
            return Err(CliError::new(Exit::Usage, message));
        }
        return Ok(());
    }
    if ui.is_interactive() || (args.auto_approve && !context.environment.confirm) {
        return Ok(());
    }
    let (message, flag) = if context.environment.confirm {
        (
            format!("the environment `{name}` has to be confirmed, and there is nobody to ask"),
            format!("--confirm {name}"),
        )
    } else {
        (
            "the plan has to be approved, and there is nobody to ask".to_owned(),
            "--auto-approve".to_owned(),
        )
    };
    Err(CliError::new(Exit::Usage, message).hint(format!("add {flag}")))
}

/// Asks whoever sits there, unless a flag has answered.
///
/// The answer is waited for beside the runtime, which goes on to listen for signals.
pub(super) async fn ask_approval(context: &Context, args: &ApplyArgs) -> Result<(), CliError> {
    let name = &context.environment.name;
    let (wanted, question) = if context.environment.confirm {
        (
            name.as_str(),
            format!("\nType the name of the environment, `{name}`, to apply: "),
        )
    } else {
        (
            "yes",
            format!("\nApply this to `{name}`? Only `yes` is taken for an answer: "),
        )
    };
    if args.confirm.is_some() || (args.auto_approve && !context.environment.confirm) {
        return Ok(());
    }
    let answer = tokio::task::spawn_blocking(move || Ui::ask(&question)).await;
    if answer.ok().flatten().as_deref() == Some(wanted) {
        return Ok(());
    }
    Err(CliError::new(
        Exit::Error,
        "not approved, and nothing was written",
    ))
}
