//! `offerctl state adopt`: binds a live offer to a name, once it is clear what the next apply would change.

use std::time::Duration;

use offerctl_engine::budget::Budget;
use offerctl_engine::store::Store;
use offerctl_manifest::desired::{Desired, project_named_by};
use offerctl_model::foreign::{Foreign, shell_word};
use offerctl_model::name::{Name, OfferId};
use offerctl_model::offer_type::OfferType;
use offerctl_reconcile::detail::wanted_details;
use offerctl_reconcile::guard::Findings;
use offerctl_reconcile::live::{Live, LiveOffer};
use offerctl_reconcile::plan::{Plan, plan};
use offerctl_reconcile::state::{Binding, Entry, State};
use offerctl_show::render::plan_text;

use super::name::{intents_of, parse_name};
use crate::args::{AdoptArgs, Format, Global};
use crate::context::{Context, write_state};
use crate::error::CliError;
use crate::exit::Exit;
use crate::ui::Ui;

/// Shows how a live offer differs from the manifest of a name, asks, and binds it.
pub(super) async fn run(
    global: &Global,
    store: &Store,
    args: &AdoptArgs,
    ui: &Ui,
) -> Result<(), CliError> {
    let (name, id) = (parse_name(&args.name)?, OfferId::new(&args.id));
    let context = Context::of_manifests(global, ui)?;
    let desired = context.desired_with(&args.take_over, ui)?;
    let mut journal = context.lock_state(store, Duration::ZERO, ui).await?;
    let state = journal.state().clone();
    let live = read(&context, (&desired, &state), (&name, &id), ui).await?;
    context
        .refuse_other_account(&live, &state, Exit::Refused)
        .await?;
    let adopting = Adopting::find(&context, &desired, (&name, &id), (&live, &state))?;
    let plan = adopting.plan(&desired, &live, &state);
    let headline = context.headline(&live, &state);
    let findings = Findings::default();
    let text = plan_text(
        &plan,
        &headline,
        &findings,
        &context.loaded.sources,
        ui.page(),
    );
    if global.format == Format::Json {
        ui.say(&text);
    } else {
        ui.data(&text);
    }
    adopting.agree(&context, args, ui)?;
    let settled = intents_of(&state, &name)
        .into_iter()
        .map(|id| Entry::NotMade { id });
    let bound = Entry::Bound {
        name: name.clone(),
        binding: adopting.binding(),
        intent: None,
    };
    let entries = settled.chain([bound]).collect();
    write_state(&mut journal, entries, ui).await?;
    let Adopting { id, offer_type, .. } = &adopting;
    ui.say(&format!("Bound {name} to {id} ({offer_type}).\n"));
    if let Some(project) = &adopting.taken_from {
        let words = format!("apply --take-over-from {}", shell_word(project));
        ui.say(&format!(
            "It still carries the marker of the project `{}`. This replaces it:\n  {}\n",
            Foreign::from(project.as_str()),
            context.command(&words)
        ));
    }
    Ok(())
}

/// Reads the account, and all of the offer that the manifest says something about.
async fn read(
    context: &Context,
    (desired, state): (&Desired, &State),
    (name, id): (&Name, &OfferId),
    ui: &Ui,
) -> Result<Live, CliError> {
    let connection = context.connect().await?;
    let reader = connection.reader()?;
    let budget = Budget::new(&context.environment.limits);
    let known = std::slice::from_ref(id);
    let wanted = |live: &Live| {
        let found = Adopting::find(context, desired, (name, id), (live, state));
        let Ok(adopting) = found else {
            return Vec::new();
        };
        wanted_details(desired, live, &adopting.state_after(state))
    };
    let remote = (&reader, &budget);
    let live = context
        .read_listed_with_details(remote, known, wanted, ui)
        .await;
    connection.close().await;
    live
}

/// A live offer that a name may have.
struct Adopting {
    name: Name,
    id: OfferId,
    offer_type: OfferType,
    /// The other project whose marker it carries.
    taken_from: Option<String>,
}

impl Adopting {
    /// Finds the live offer of an id; refuses one that the name may not have.
    fn find(
        context: &Context,
        desired: &Desired,
        (name, id): (&Name, &OfferId),
        (live, state): (&Live, &State),
    ) -> Result<Self, CliError> {
        let refused = |message: String| CliError::new(Exit::Refused, message);
        let offer = live
            .get(id)
            .ok_or_else(|| refused(format!("the account lists no offer {id}")))?;
        if let Some(owner) = state.name_of(id).filter(|owner| *owner != name) {
            let forget = context.command(&format!("state forget {owner}"));
            return Err(
                refused(format!("{id} is bound to `{owner}`")).hint(format!("`{forget}` first"))
            );
        }
        let bound = state.bindings.get(name);
        if let Some(binding) = bound.filter(|binding| !binding.id.same_offer(id)) {
            let forget = context.command(&format!("state forget {name}"));
            return Err(refused(format!("`{name}` is bound to {}", binding.id))
                .hint(format!("`{forget}` first")));
        }
        refuse_other_project(context, desired, (name, offer))?;
        let declared = desired.get(name);
        if declared.is_some_and(|declared| declared.lifecycle.is_distinct_from(id)) {
            let message = format!("`distinctFrom` says that `{name}` is not {id}");
            return Err(refused(message).hint("take the id out of `distinctFrom` if it is"));
        }
        // The manifest says which of two types an id is that both list.
        let mut manifests = context.loaded.manifests.iter();
        let declared = manifests.find(|manifest| manifest.name == *name);
        let offer_type = declared.map_or_else(|| offer.offer_type(), |found| found.offer_type);
        if offer.view(offer_type).is_none() {
            let types: Vec<&str> = offer.types().map(OfferType::as_str).collect();
            return Err(refused(format!(
                "`{name}` is declared as {offer_type}, but {id} is of type {}",
                types.join(", ")
            )));
        }
        let named = offer.marker().and_then(project_named_by);
        let ours = context.loaded.project.name.as_deref();
        Ok(Self {
            name: name.clone(),
            id: offer.id.clone(),
            offer_type,
            taken_from: named
                .filter(|named| Some(*named) != ours)
                .map(str::to_owned),
        })
    }

    fn binding(&self) -> Binding {
        Binding {
            id: self.id.clone(),
            offer_type: self.offer_type,
            protect: false,
            needs: std::collections::BTreeSet::new(),
            applied: None,
            sent: None,
            leftovers: Vec::new(),
            retiring: Vec::new(),
        }
    }

    /// The state as it would be.
    fn state_after(&self, state: &State) -> State {
        let mut after = state.clone();
        after.bind(self.name.clone(), self.binding());
        after.intents.retain(|_, intent| intent.name != self.name);
        after
    }

    /// What the next apply would do with the offer, and nothing else.
    fn plan(&self, desired: &Desired, live: &Live, state: &State) -> Plan {
        let mut plan = plan(desired, live, &self.state_after(state));
        plan.changes.retain(|change| change.name == self.name);
        plan.conflicts.retain(|conflict| conflict.name == self.name);
        plan.pending.clear();
        plan.unmanaged.clear();
        plan.notes.clear();
        plan
    }

    /// Asks whether it is the right offer, unless the command line says so.
    fn agree(&self, context: &Context, args: &AdoptArgs, ui: &Ui) -> Result<(), CliError> {
        if args.auto_approve {
            return Ok(());
        }
        let Self { name, id, .. } = self;
        if !ui.is_interactive() {
            let message =
                format!("binding `{name}` to {id} has to be approved, and there is nobody to ask");
            let mut words = format!("state adopt {name} {} --yes", id.argument());
            for project in &args.take_over.take_over_from {
                words.push_str(" --take-over-from ");
                words.push_str(&shell_word(project));
            }
            let hint = format!(
                "if what is shown is intended, run `{}`",
                context.command(&words)
            );
            return Err(CliError::new(Exit::Usage, message).hint(hint));
        }
        let question = format!("\nBind {name} to {id}? [y/N] ");
        match Ui::ask(&question).as_deref() {
            Some("y" | "yes") => Ok(()),
            Some(_) | None => Err(CliError::new(
                Exit::Error,
                "not approved, and nothing was written",
            )),
        }
    }
}

/// What another project manages stays its own, unless it may be taken over.
fn refuse_other_project(
    context: &Context,
    desired: &Desired,
    (name, offer): (&Name, &LiveOffer),
) -> Result<(), CliError> {
    let id = &offer.id;
    let Some(project) = offer
        .marker()
        .and_then(|marker| desired.other_project(marker))
    else {
        return Ok(());
    };
    let shown = Foreign::from(project);
    let words = format!(
        "state adopt {name} {} --take-over-from {}",
        id.argument(),
        shell_word(project)
    );
    let message = format!("{id} belongs to the project `{shown}`, whose marker it carries");
    Err(CliError::new(Exit::Refused, message).hint(format!(
        "remove it from `{shown}` first; then `{}` takes it over",
        context.command(&words)
    )))
}
