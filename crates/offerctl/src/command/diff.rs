//! `offerctl diff`: what differs between two accounts?

use offerctl_manifest::desired::Desired;
use offerctl_model::json::to_text;
use offerctl_reconcile::compare::{Compared, Side, compare};
use offerctl_reconcile::detail::wanted_details;
use offerctl_reconcile::headline::Headline;
use offerctl_reconcile::live::Live;
use offerctl_reconcile::state::State;
use offerctl_show::document::DiffDocument;
use offerctl_show::render::compared_text;

use crate::args::{Format, Global};
use crate::context::{Context, choose_environment, load_state};
use crate::error::CliError;
use crate::exit::Exit;
use crate::ui::Ui;

/// What is known of one of the two environments.
struct Found {
    desired: Desired,
    live: Live,
    state: State,
    headline: Headline,
}

/// Compares the live catalogues of two environments; takes no lock and writes nothing.
pub(crate) async fn run(global: &Global, ui: &Ui) -> Result<Exit, CliError> {
    let names = global.two_environments()?;
    let mut of_first = global.clone();
    of_first.environment = Some(names[0].clone());
    let mut context = Context::of_manifests(&of_first, ui)?;
    // Both are looked at before anything is read: a wrong name needs no network.
    let environments = [
        context.environment.clone(),
        choose_environment(&context.loaded, Some(&names[1]))?,
    ];
    let mut valid = Vec::new();
    for environment in environments {
        context.environment = environment;
        valid.push((context.environment.clone(), context.desired(ui)?));
    }
    let mut found = Vec::new();
    for (environment, desired) in valid {
        context.environment = environment;
        found.push(read(&context, desired, ui).await?);
    }
    let [first, second] = found.as_slice() else {
        return Err(CliError::new(
            Exit::Usage,
            "`diff` compares two environments",
        ));
    };
    let compared = compare([first.side(), second.side()]);
    let headlines = [first.headline.clone(), second.headline.clone()];
    print(&compared, &headlines, (global.format, ui));
    Ok(Exit::Success)
}

fn print(compared: &Compared, headlines: &[Headline; 2], (format, ui): (Format, &Ui)) {
    match format {
        Format::Json => ui.data(&to_text(&DiffDocument::new(compared, headlines))),
        Format::Text | Format::Markdown | Format::Github | Format::Gitlab => {
            ui.data(&compared_text(compared, headlines, ui.page()));
        }
    }
}

impl Found {
    fn side(&self) -> Side<'_> {
        Side {
            desired: &self.desired,
            live: &self.live,
            state: &self.state,
        }
    }
}

/// Reads one account and its state, with all fields that a plan would read.
async fn read(context: &Context, desired: Desired, ui: &Ui) -> Result<Found, CliError> {
    let name = &context.environment.name;
    let in_environment = |error: CliError| error.hint(format!("this is about `{name}`"));
    let state = load_state(&context.store()?, ui)
        .await
        .map_err(in_environment)?;
    let wanted = |live: &Live| wanted_details(&desired, live, &state);
    let live = context.read_with_details(&state, wanted, ui).await;
    let live = live.map_err(in_environment)?;
    context
        .refuse_other_account(&live, &state, Exit::Error)
        .await
        .map_err(in_environment)?;
    Ok(Found {
        headline: context.headline(&live, &state),
        desired,
        live,
        state,
    })
}
