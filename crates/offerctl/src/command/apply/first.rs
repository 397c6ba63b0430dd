//! The first apply to an environment: offers that a lost state knew may not be listed yet.
//!
//! When a state is deleted right after an apply, or the next apply runs on another machine without it, there is nothing but
//! the lists to go by, and those may be late. So the first apply reads them twice, `settleSeconds` apart, before it makes anything.

use offerctl_reconcile::plan::Plan;
use offerctl_reconcile::state::State;

use crate::context::Context;
use crate::error::CliError;
use crate::ui::Ui;

/// Returns whether a plan makes offers, and no earlier apply is known.
pub(super) fn needs_a_second_look(state: &State, plan: &Plan) -> bool {
    let mut steps = plan.steps.iter();
    !state.knows_an_apply() && steps.any(|step| step.operation.is_create())
}

/// Waits until what an apply made a moment ago has to be listed, and says so.
pub(super) async fn wait(context: &Context, ui: &Ui) -> Result<(), CliError> {
    let window = context.window();
    let environment = &context.environment.name;
    let seconds = window.as_secs_f64();
    tracing::warn!(
        "no earlier apply to `{environment}` is known: reading its offers a second time in {seconds} s, in case one that was just made is not listed yet"
    );
    let what = format!("waiting to read the offers of `{environment}` a second time");
    ui.watch(what, tokio::time::sleep(window)).await;
    Ok(())
}
