//! `offerctl drift`: what was changed by hand since the last apply?

use offerctl_core::detail::wanted_for_drift;
use offerctl_core::document::{DriftDocument, to_text};
use offerctl_core::drift::drift;
use offerctl_core::guard::account_mismatch;
use offerctl_core::render::drift_text;
use offerctl_engine::budget::Budget;
use offerctl_engine::fetch::{fetch, fetch_details};

use crate::args::{Format, Global};
use crate::context::{Context, fetch_failed, load_state};
use crate::error::CliError;
use crate::exit::Exit;
use crate::remote::Connection;
use crate::ui::Ui;

/// Compares the live catalogue with the state; writes nothing.
pub(crate) async fn run(global: &Global, ui: &Ui) -> Result<Exit, CliError> {
    let context = Context::of_project(global, ui)?;
    let state = load_state(&context.store()?).await?;
    let connection = Connection::open(&context.loaded.root, &context.environment).await?;
    let reader = connection.reader()?;
    let budget = Budget::new(&context.environment.limits);
    let fetcher = context.fetcher(&reader, &budget);
    let read = async {
        let _progress = ui.spinner("Reading the live catalogue");
        let mut live = fetch(fetcher).await?;
        let wanted = wanted_for_drift(&live, &state);
        fetch_details(fetcher, &mut live, &wanted).await?;
        Ok(live)
    };
    let live = read.await;
    connection.close().await;
    let live = live.map_err(fetch_failed)?;
    if let Some(problem) = account_mismatch(&live, &state, &context.environment.account) {
        return Err(CliError::new(Exit::Error, problem)
            .hint("check the token and the endpoint of the environment"));
    }
    let found = drift(context.environment.api, &live, &state);
    let headline = context.headline(&live, &state);
    let checked = state.bindings.len();
    match global.format {
        Format::Json => ui.data(&to_text(&DriftDocument::new(&found, checked, &headline))),
        Format::Text | Format::Markdown | Format::Github | Format::Gitlab => {
            ui.data(&drift_text(&found, checked, &headline, ui.style()));
        }
    }
    Ok(if found.is_empty() {
        Exit::Success
    } else {
        Exit::Changes
    })
}
