//! `offerctl state`: look into the state, or mend it.

mod adopt;
mod name;
mod rebuild;
mod unlock;

use std::time::Duration;

use offerctl_engine::settle::Settled;
use offerctl_engine::store::{StateStore, Store};
use offerctl_model::name::Name;
use offerctl_reconcile::report::settling_commands;
use offerctl_reconcile::settle::Verdict;
use offerctl_reconcile::state::{Binding, Entry, Gone, State, StateDocument};
use offerctl_show::render::settling_lines;
use serde_json::json;

use self::name::{intents_of, parse_name};
use crate::args::{Format, Global, StateCommand};
use crate::context::{Context, let_go, load_state, store_failed, write_state};
use crate::error::CliError;
use crate::exit::Exit;
use crate::ui::Ui;

/// Does one thing with the state.
pub(crate) async fn run(
    global: &Global,
    command: &StateCommand,
    ui: &Ui,
) -> Result<Exit, CliError> {
    let context = Context::of_project(global, ui)?;
    let store = context.store()?;
    let done = carry_out(global, (&context, &store), command, ui).await;
    let_go(&store, ui).await;
    done
}

async fn carry_out(
    global: &Global,
    (context, store): (&Context, &Store),
    command: &StateCommand,
    ui: &Ui,
) -> Result<Exit, CliError> {
    match command {
        StateCommand::List => {
            let state = load_state(store, ui).await?;
            ui.data(&list(&state, global.format));
        }
        StateCommand::Show { name } => {
            let state = load_state(store, ui).await?;
            ui.data(&show(&state, &parse_name(name)?)?);
        }
        StateCommand::Adopt(args) => adopt::run(global, store, args, ui).await?,
        StateCommand::Pending => pending(global, context, store, ui).await?,
        StateCommand::Forget { name } => forget(context, store, &parse_name(name)?, ui).await?,
        StateCommand::Mv { old, new } => {
            mv(context, store, (&parse_name(old)?, &parse_name(new)?), ui).await?;
        }
        StateCommand::Rebuild(args) => {
            return rebuild::run(global, store, args, ui).await;
        }
        StateCommand::Export => {
            let what = format!("reading the state in {}", store.place());
            let stored = ui.watch(what, store.load()).await.map_err(store_failed)?;
            let environment = &context.environment.name;
            let document = StateDocument::new(environment, stored.serial, &stored.state);
            ui.data(&offerctl_model::json::to_text(&document));
        }
        StateCommand::Unlock(unlock) => {
            return unlock::run(&context.environment.name, store, unlock, ui).await;
        }
    }
    Ok(Exit::Success)
}

fn not_bound(name: &Name) -> CliError {
    CliError::new(Exit::Error, format!("`{name}` is not bound to any offer"))
        .hint("`offerctl state list` shows the names that are")
}

fn list(state: &State, format: Format) -> String {
    if format == Format::Json {
        let offers: Vec<_> = state
            .bindings
            .iter()
            .map(|(name, binding)| json!({ "name": name, "type": binding.offer_type, "id": binding.id }))
            .collect();
        let pending: Vec<_> = state
            .intents
            .values()
            .map(|intent| json!({ "name": intent.name, "type": intent.offer_type, "since": intent.since.to_string() }))
            .collect();
        return offerctl_model::json::to_text(
            &json!({ "formatVersion": 1, "offers": offers, "pending": pending }),
        );
    }
    let width = state
        .bindings
        .keys()
        .map(|name| name.as_str().len())
        .max()
        .unwrap_or(0);
    let mut text = String::new();
    for (name, binding) in &state.bindings {
        text.push_str(
            &[
                &format!("{name:width$}"),
                "  ",
                &format!("{:12}", binding.offer_type),
                "  ",
                &binding.id.to_string(),
                "\n",
            ]
            .concat(),
        );
    }
    for intent in state.intents.values() {
        text.push_str(
            &[
                "? ",
                intent.name.as_str(),
                "  ",
                intent.offer_type.as_str(),
                "  sent ",
                &intent.since.to_string(),
                ", outcome unknown\n",
            ]
            .concat(),
        );
    }
    text
}

/// Lists what is open, as far as the lists tell now.
async fn pending(
    global: &Global,
    context: &Context,
    store: &Store,
    ui: &Ui,
) -> Result<(), CliError> {
    let state = load_state(store, ui).await?;
    let settled = if state.intents.is_empty() {
        Vec::new()
    } else {
        context.preview_pending(&state, ui).await?
    };
    if global.format == Format::Json {
        let pending: Vec<_> = settled.iter().map(pending_json).collect();
        ui.data(&offerctl_model::json::to_text(
            &json!({ "formatVersion": 1, "pending": pending }),
        ));
    } else if settled.is_empty() {
        ui.data("No create is open.\n");
    } else {
        for settled in &settled {
            ui.data(&pending_text(settled));
        }
    }
    Ok(())
}

fn pending_json(settled: &Settled) -> serde_json::Value {
    let Settled {
        intent: _,
        name,
        offer_type,
        verdict,
    } = settled;
    let (word, ids) = match verdict {
        Verdict::Made(id) => ("made", vec![id.clone()]),
        Verdict::NotMade => ("notListed", Vec::new()),
        Verdict::Undecidable(ids) => ("undecidable", ids.clone()),
    };
    json!({ "name": name, "type": offer_type, "evidence": word, "ids": ids })
}

fn pending_text(settled: &Settled) -> String {
    let Settled {
        intent: _,
        name,
        offer_type,
        verdict,
    } = settled;
    let mut lines = vec![format!("? {name} ({offer_type})")];
    match verdict {
        Verdict::Made(id) => lines.push(format!(
            "    made {id}, by all that is listed: the next `offerctl apply` binds it"
        )),
        Verdict::NotMade => lines.push(
            "    nothing like it is listed: the next `offerctl apply` waits, and makes it if it stays so"
                .to_owned(),
        ),
        Verdict::Undecidable(ids) => {
            let commands = settling_lines(&settling_commands(name, ids));
            lines.extend(commands.iter().map(|line| format!("    {line}")));
        }
    }
    lines.push(String::new());
    lines.join("\n")
}

fn show(state: &State, name: &Name) -> Result<String, CliError> {
    let binding = state.bindings.get(name).ok_or_else(|| not_bound(name))?;
    Ok(offerctl_model::json::to_text(binding))
}

async fn forget(context: &Context, store: &Store, name: &Name, ui: &Ui) -> Result<(), CliError> {
    let mut journal = context.lock_state(store, Duration::ZERO, ui).await?;
    let binding = journal.state().bindings.get(name).cloned();
    let intents = intents_of(journal.state(), name);
    if binding.is_none() && intents.is_empty() {
        return Err(not_bound(name));
    }
    let mut entries: Vec<Entry> = intents
        .into_iter()
        .map(|id| Entry::NotMade { id })
        .collect();
    let said = match binding {
        Some(Binding { id, offer_type, .. }) => {
            let said = format!("Forgot {name}; the offer {id} stays as it is.\n");
            entries.push(Entry::Gone {
                name: name.clone(),
                id,
                offer_type,
                reason: Gone::Forgotten,
            });
            said
        }
        None => format!(
            "Forgot the unknown create of {name}. If it was made, the offer stays in the shop.\n"
        ),
    };
    write_state(&mut journal, entries, ui).await?;
    ui.say(&said);
    Ok(())
}

/// Lets what is remembered of a name go on under another one.
async fn mv(
    context: &Context,
    store: &Store,
    (old, new): (&Name, &Name),
    ui: &Ui,
) -> Result<(), CliError> {
    if old == new {
        let message = format!("`{old}` is the name that it has");
        return Err(CliError::new(Exit::Usage, message));
    }
    let mut journal = context.lock_state(store, Duration::ZERO, ui).await?;
    let state = journal.state();
    if !state.bindings.contains_key(old) && intents_of(state, old).is_empty() {
        return Err(not_bound(old));
    }
    if let Some(binding) = state.bindings.get(new) {
        let message = format!("`{new}` is bound to {}", binding.id);
        return Err(CliError::new(Exit::Refused, message)
            .hint(format!("`offerctl state forget {new}` first")));
    }
    if !intents_of(state, new).is_empty() {
        let message =
            format!("a create of `{new}` is open, and nobody knows yet whether it was made");
        return Err(CliError::new(Exit::Refused, message)
            .hint("`offerctl state pending` shows what settles it"));
    }
    let entry = Entry::Moved {
        from: old.clone(),
        to: new.clone(),
    };
    write_state(&mut journal, vec![entry], ui).await?;
    ui.say(&format!("{old} goes on as {new}.\n"));
    Ok(())
}
