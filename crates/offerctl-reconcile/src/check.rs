//! An independent look at a plan before it is used: [`check`].
//!
//! It shares no code with the planner and asks of the finished plan what must hold whatever the planner thought:
//! nothing is made that is there, nothing goes that is wanted, nothing comes before what it needs.

use std::collections::{BTreeMap, BTreeSet};

use offerctl_manifest::desired::{Desired, Offer};
use offerctl_model::content::{Content, FieldPath, Fields};
use offerctl_model::country::Country;
use offerctl_model::field::Field;
use offerctl_model::foreign::Foreign;
use offerctl_model::name::{Name, OfferId};
use offerctl_model::offer_type::{Api, OfferType};
use offerctl_model::value::{EventRef, Value};

use crate::live::Live;
use crate::plan::{Operation, Plan, Step, StepId};
use crate::state::{Binding, Leftover, Sent, State};

/// Something that must never be in a plan.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("step {step} ({verb} `{name}`) {problem}", step = .step.0)]
pub struct Violation {
    /// The step.
    pub step: StepId,
    /// The offer.
    pub name: Name,
    /// What the step does.
    pub verb: &'static str,
    /// What is wrong with it.
    pub problem: String,
}

/// Returns what is wrong with a plan; a plan with any violation must not be used.
pub fn check(plan: &Plan, desired: &Desired, live: &Live, state: &State) -> Vec<Violation> {
    // What does nothing can do nothing wrong.
    if plan.steps.is_empty() {
        return Vec::new();
    }
    let mut checker = Checker::new(plan, desired, live, state);
    let mut owners: BTreeMap<&str, &Name> = state
        .bindings
        .iter()
        .map(|(name, binding)| (binding.id.stem(), name))
        .collect();
    for (name, binding) in &state.bindings {
        owners.extend(binding.retiring.iter().map(|old| (old.id.stem(), name)));
    }
    for (id, step) in plan.numbered_steps() {
        checker.edges(id, step);
        checker.operation(id, step, &mut owners);
    }
    checker.hard_edges();
    checker.departures();
    checker.violations
}

struct Checker<'a> {
    plan: &'a Plan,
    desired: &'a Desired,
    live: &'a Live,
    state: &'a State,
    violations: Vec<Violation>,
    /// The steps that make offers.
    made: BTreeMap<&'a Name, StepId>,
    /// The names that have a live offer before any step that makes one.
    bound: BTreeSet<&'a Name>,
    /// Names that go on under another name.
    moved: BTreeSet<&'a Name>,
    /// Names whose earlier create is not settled.
    pending: BTreeSet<&'a Name>,
    /// Names that get no offer before a person or the evidence decides: what refers to them cannot be sent either.
    undecided: BTreeSet<&'a Name>,
    /// Active offers of nobody's, by type, title and url.
    unowned: BTreeMap<(OfferType, &'a Foreign, &'a Foreign), Vec<&'a OfferId>>,
}

impl<'a> Checker<'a> {
    fn new(plan: &'a Plan, desired: &'a Desired, live: &'a Live, state: &'a State) -> Self {
        let binds = |step: &&Step| matches!(step.operation, Operation::Bind { .. });
        let adopted = plan.steps.iter().filter(binds).map(|step| &step.name);
        let renamed = desired.offers().iter().filter(|(_, offer)| {
            let from = offer.moved_from.as_ref();
            from.is_some_and(|from| state.bindings.contains_key(from))
        });
        let touched = plan.steps.iter().filter_map(|step| step.operation.id());
        let owned: BTreeSet<&str> = state
            .bindings
            .values()
            .map(|binding| &binding.id)
            .chain(touched)
            .map(OfferId::stem)
            .collect();
        let mut unowned: BTreeMap<_, Vec<&'a OfferId>> = BTreeMap::new();
        for offer in live
            .offers()
            .filter(|offer| !owned.contains(offer.id.stem()))
        {
            let active = |offer_type| {
                offer
                    .view(offer_type)
                    .filter(|view| view.active)
                    .map(|view| (offer_type, view))
            };
            for (offer_type, row) in offer
                .types()
                .filter_map(active)
                .flat_map(|(offer_type, view)| view.rows.iter().map(move |row| (offer_type, row)))
            {
                if let (Some(title), Some(url)) =
                    (row.fields.text(Field::Title), row.fields.text(Field::Url))
                {
                    let alike = unowned.entry((offer_type, title, url)).or_default();
                    alike.push(&offer.id);
                }
            }
        }
        Self {
            plan,
            desired,
            live,
            state,
            violations: Vec::new(),
            made: BTreeMap::new(),
            bound: state
                .bindings
                .keys()
                .chain(plan.refresh.keys())
                .chain(adopted)
                .chain(renamed.map(|(name, _)| name))
                .collect(),
            moved: desired
                .offers()
                .values()
                .filter_map(|offer| offer.moved_from.as_ref())
                .collect(),
            pending: state.intents.values().map(|intent| &intent.name).collect(),
            undecided: plan
                .conflicts
                .iter()
                .map(|conflict| &conflict.name)
                .chain(plan.pending.keys())
                .collect(),
            unowned,
        }
    }

    fn violation(&mut self, step: StepId, problem: impl Into<String>) {
        if let Some(found) = self.plan.step(step) {
            let (name, verb) = (found.name.clone(), found.operation.verb());
            self.violations.push(Violation {
                step,
                name,
                verb,
                problem: problem.into(),
            });
        }
    }

    fn edges(&mut self, id: StepId, step: &Step) {
        if step.needs.iter().any(|need| *need >= id) {
            self.violation(id, "needs a step that does not come before it");
        }
        for group in &step.after {
            let members = self
                .plan
                .groups
                .get(group.0 as usize)
                .map(|group| group.members.as_slice());
            if members.is_none_or(|members| members.iter().any(|member| *member >= id)) {
                self.violation(id, "waits for a group that does not come before it");
            }
        }
    }

    fn operation(&mut self, id: StepId, step: &'a Step, owners: &mut BTreeMap<&'a str, &'a Name>) {
        let name = &step.name;
        let declared = self.desired.get(name);
        match &step.operation {
            Operation::Create { content, .. } => self.create(id, step, content),
            Operation::Bind { id: offer } => {
                self.exists(id, offer);
                self.not_of_another_project(id, offer);
                if let Some(owner) = owners.insert(offer.stem(), name) {
                    self.violation(id, format!("binds {offer}, which belongs to `{owner}`"));
                }
                if declared.is_none() {
                    self.violation(id, "binds an offer that is not declared");
                }
            }
            Operation::Update {
                id: offer,
                base,
                rows,
                ..
            } => {
                self.exists(id, offer);
                self.owned(id, offer, owners);
                let Some(declared) = declared else {
                    self.violation(id, "changes an offer that is not declared");
                    return;
                };
                if base.is_empty() && rows.is_empty() {
                    self.violation(id, "changes nothing");
                }
                let at_home = self.home_of(offer, step.offer_type);
                for (field, value) in base.iter() {
                    let of_home = at_home.and_then(|home| declared.content.effective(home, field));
                    let said = of_home.or_else(|| declared.content.fields.get(field));
                    let stays = self.stays((offer, step.offer_type), at_home, (field, value));
                    let goes = said.is_none() && self.undoes(&step.name, None, (field, value));
                    if said != Some(value) && !stays && !goes {
                        self.violation(
                            id,
                            format!("sets `{field}` to a value that nobody declared"),
                        );
                    }
                }
                for (country, fields) in rows {
                    for (field, value) in fields.iter() {
                        let said = declared.content.effective(*country, field);
                        let goes = said.is_none()
                            && self.undoes(&step.name, Some(*country), (field, value));
                        if said != Some(value) && !goes {
                            self.violation(
                                id,
                                format!(
                                    "sets `{field}` of {country} to a value that nobody declared"
                                ),
                            );
                        }
                    }
                }
                let fields = rows.values().chain(std::iter::once(base));
                if fields
                    .flat_map(offerctl_model::content::Fields::iter)
                    .any(|(field, _)| field == Field::Currency)
                {
                    self.violation(id, "changes a currency");
                }
            }
            Operation::UpdateCountry { .. }
            | Operation::AddCountry { .. }
            | Operation::ActivateCountry { .. }
            | Operation::DeactivateCountry { .. } => self.country(id, step, owners),
            Operation::Activate { id: offer } => {
                self.exists(id, offer);
                self.owned(id, offer, owners);
                if declared.is_none() {
                    self.violation(id, "revives an offer that is not declared");
                }
            }
            Operation::Deactivate {
                id: offer,
                replaced,
            } => {
                self.exists(id, offer);
                self.owned(id, offer, owners);
                self.lower(id, step, (offer, *replaced));
            }
            Operation::Forget { id: offer } => {
                self.owned(id, offer, owners);
                if declared.is_some() {
                    self.violation(id, "forgets an offer that is declared");
                }
            }
        }
    }

    fn create(&mut self, id: StepId, step: &'a Step, content: &Content) {
        let name = &step.name;
        let Some(declared) = self.desired.get(name) else {
            self.violation(id, "makes an offer that is not declared");
            return;
        };
        if *declared.content != *content || declared.offer_type != step.offer_type {
            self.violation(id, "makes something else than what is declared");
        }
        if self.made.insert(name, id).is_some() {
            self.violation(id, "makes the offer a second time");
        }
        if self.pending.contains(name) {
            self.violation(id, "makes an offer whose earlier create is not settled");
        }
        let bound = self.state.bindings.get(name).or_else(|| {
            let from = declared.moved_from.as_ref()?;
            self.state.bindings.get(from)
        });
        let is_bound = |binding: &Binding| {
            let api = self.plan.api;
            binding.offer_type.can_become(api, declared.offer_type)
                && !self.is_fixed_otherwise(declared, binding)
        };
        if bound.is_some_and(is_bound) {
            self.violation(id, "makes an offer that is bound already");
        }
        if let Some(other) = self.look_alike(declared) {
            self.violation(
                id,
                format!("makes an offer beside {other}, which has its title and url"),
            );
        }
        for event in references(content) {
            let is_bound = self.bound.contains(event);
            let needed = |need: &StepId| {
                self.plan
                    .step(*need)
                    .is_some_and(|step| step.name == *event)
            };
            if !is_bound && !self.undecided.contains(event) && !step.needs.iter().any(needed) {
                self.violation(
                    id,
                    format!("names the event `{event}`, which no earlier step makes"),
                );
            }
        }
    }

    /// An active offer of nobody's with the title and the url of a declared plain one, which does not say that it is another.
    fn look_alike(&self, declared: &Offer) -> Option<&'a OfferId> {
        let fields = &declared.content.fields;
        let (title, url) = (fields.text(Field::Title)?, fields.text(Field::Url)?);
        if declared.content.is_localized() {
            return None;
        }
        let key = (declared.offer_type, title, url);
        let mut alike = self.unowned.get(&key).into_iter().flatten().copied();
        alike.find(|id| !declared.lifecycle.is_distinct_from(id))
    }

    fn exists(&mut self, id: StepId, offer: &OfferId) {
        if self.live.get(offer).is_none() {
            self.violation(
                id,
                format!("touches {offer}, which the account does not list"),
            );
        }
    }

    /// What another project has marked stays its own, unless it may be taken over.
    fn not_of_another_project(&mut self, id: StepId, offer: &OfferId) {
        let live = self.live.get(offer);
        let marker = live.and_then(crate::live::LiveOffer::marker);
        let project = marker.and_then(|marker| Some(marker.rsplit_once('/')?.0));
        let project = project.filter(|project| !project.is_empty());
        let ours = self.desired.project.as_deref();
        let allowed = &self.desired.take_over_from;
        if let Some(project) = project
            && ours != Some(project)
            && !allowed.contains(project)
        {
            self.violation(
                id,
                format!("binds {offer}, which another project has marked"),
            );
        }
    }

    /// The offer must belong to the name, or to the name that it had before.
    fn owned(&mut self, id: StepId, offer: &OfferId, owners: &BTreeMap<&str, &Name>) {
        let Some(step) = self.plan.step(id) else {
            return;
        };
        let owner = owners.get(offer.stem()).copied();
        let moved = self
            .desired
            .get(&step.name)
            .and_then(|declared| declared.moved_from.as_ref());
        if owner != Some(&step.name) && (owner.is_none() || owner != moved) {
            let owner = owner.map_or_else(|| "nobody".to_owned(), |owner| format!("`{owner}`"));
            self.violation(id, format!("touches {offer}, which belongs to {owner}"));
        }
    }

    fn lower(&mut self, id: StepId, step: &Step, (offer, replaced): (&OfferId, bool)) {
        let wanted = self.desired.get(&step.name).is_some() || self.moved.contains(&step.name);
        let keeps = |found: &Binding| {
            let declared = self.desired.get(&step.name);
            found.id.same_offer(offer)
                && declared.is_some_and(|declared| {
                    let api = self.plan.api;
                    found.offer_type.can_become(api, declared.offer_type)
                        && !self.is_fixed_otherwise(declared, found)
                })
        };
        let kept = self.state.bindings.get(&step.name).is_some_and(keeps);
        if kept || (wanted && !replaced) {
            self.violation(
                id,
                format!("takes {offer} out of the shop, which is declared"),
            );
        }
        if let Some(made) = self.made.get(&step.name).copied()
            && !step.needs.contains(&made)
        {
            self.violation(id, "does not wait for the offer that takes its place");
        }
    }

    /// What an offer needs and what changes in this plan comes before it.
    fn hard_edges(&mut self) {
        let raises = |step: &Step| {
            !matches!(
                step.operation,
                Operation::Deactivate { .. } | Operation::Forget { .. }
            )
        };
        let mut last: BTreeMap<&Name, StepId> = BTreeMap::new();
        for (id, step) in self.plan.numbered_steps().filter(|(_, step)| raises(step)) {
            last.insert(&step.name, id);
        }
        for (id, step) in self.plan.numbered_steps().filter(|(_, step)| raises(step)) {
            let Some(declared) = self.desired.get(&step.name) else {
                continue;
            };
            for needed in &declared.needs {
                let Some(wanted) = last.get(needed) else {
                    continue;
                };
                let through_own = |need: &StepId| {
                    self.plan
                        .step(*need)
                        .is_some_and(|other| other.name == step.name)
                };
                if !step.needs.contains(wanted) && !step.needs.iter().any(through_own) {
                    self.violation(id, format!("does not wait for `{needed}`"));
                }
            }
        }
    }
}

impl Checker<'_> {
    /// A step about one country of an offer.
    fn country(&mut self, id: StepId, step: &Step, owners: &BTreeMap<&str, &Name>) {
        let (Some(offer), Some(country)) = (step.operation.id(), step.operation.country()) else {
            return;
        };
        self.exists(id, offer);
        self.owned(id, offer, owners);
        if self.plan.api == Api::JsonRpc {
            self.violation(id, "changes one country, which JSON-RPC cannot");
        }
        let declared = self.desired.get(&step.name).map(|offer| &offer.content);
        let rows = declared.and_then(|content| content.localizations.as_ref());
        let (Some(declared), Some(rows)) = (declared, rows) else {
            self.violation(id, "changes a country that is not declared");
            return;
        };
        let view = self.live.get(offer);
        let view = view.and_then(|live| live.view(step.offer_type));
        let is_sold = view.is_some_and(|view| view.row(country).is_some());
        let is_dormant = view.is_some_and(|view| view.dormant_row(country).is_some());
        if view.and_then(|view| view.home) == Some(country) {
            self.violation(id, format!("touches {country}, which is the offer itself"));
        }
        let problem = match &step.operation {
            Operation::DeactivateCountry { .. } => {
                let wanted = rows.contains_key(&country);
                wanted.then(|| format!("takes the offer out of {country}, which is declared"))
            }
            _ if !rows.contains_key(&country) => Some(format!(
                "sells the offer in {country}, which is not declared"
            )),
            Operation::AddCountry { localization, .. } => {
                let said = |(field, value): (Field, &Value)| {
                    declared.effective(country, field) == Some(value)
                };
                let currency = rows.get(&country).map(|row| row.currency);
                if is_sold || is_dormant {
                    Some(format!("adds {country}, which the offer has"))
                } else if currency != Some(localization.currency)
                    || !localization.fields.iter().all(said)
                {
                    Some(format!("says of {country} what nobody declared"))
                } else {
                    None
                }
            }
            Operation::UpdateCountry {
                id: offer, fields, ..
            } => {
                let differs = |(field, value): &(Field, &Value)| {
                    let said = declared.effective(country, *field);
                    let goes =
                        said.is_none() && self.undoes(&step.name, Some(country), (*field, *value));
                    said != Some(*value)
                        && !goes
                        && !self.stays((offer, step.offer_type), Some(country), (*field, *value))
                };
                if !is_sold && !is_dormant {
                    Some(format!("changes {country}, which the offer does not have"))
                } else {
                    let wrong = fields.iter().find(differs);
                    wrong.map(|(field, _)| {
                        format!("sets `{field}` of {country} to a value that nobody declared")
                    })
                }
            }
            Operation::ActivateCountry { .. } => {
                (!is_dormant).then(|| format!("takes up {country}, which did not rest"))
            }
            Operation::Bind { .. }
            | Operation::Create { .. }
            | Operation::Update { .. }
            | Operation::Activate { .. }
            | Operation::Deactivate { .. }
            | Operation::Forget { .. } => None,
        };
        if let Some(problem) = problem {
            self.violation(id, problem);
        }
    }

    fn home_of(&self, offer: &OfferId, offer_type: OfferType) -> Option<Country> {
        let view = self.live.get(offer)?.view(offer_type)?;
        view.home
    }

    /// Whether a value is what the live offer says already, in one of its countries or at its top: over REST some values
    /// travel together.
    fn stays(
        &self,
        (offer, offer_type): (&OfferId, OfferType),
        country: Option<Country>,
        (field, value): (Field, &Value),
    ) -> bool {
        let view = self.live.get(offer).and_then(|live| live.view(offer_type));
        let row = view.and_then(|view| match country {
            Some(country) => view.row(country).or_else(|| view.dormant_row(country)),
            None => view.rows.first(),
        });
        let travels_with_others = matches!(
            field,
            Field::ExternalProperties
                | Field::Marker
                | Field::Price
                | Field::PriceRules
                | Field::StartTime
                | Field::EndTime
                | Field::TimeZone
        );
        self.plan.api == Api::Rest
            && travels_with_others
            && row.is_some_and(|row| row.fields.get(field) == Some(value))
    }

    /// Whether an empty value takes back what an apply sent to that place before: what was only found stays.
    fn undoes(
        &self,
        name: &Name,
        country: Option<Country>,
        (field, value): (Field, &Value),
    ) -> bool {
        let path = FieldPath { country, field };
        let declared = self.desired.get(name);
        let before = declared.and_then(|offer| offer.moved_from.as_ref());
        let names = [Some(name), before];
        let names = names.into_iter().flatten();
        let bindings = names.filter_map(|name| self.state.bindings.get(name));
        let mut known = bindings.map(|binding| {
            let Binding {
                applied,
                sent,
                leftovers,
                ..
            } = binding;
            (applied.as_ref(), sent.as_ref(), leftovers.as_slice())
        });
        let buried = self.state.tombstones.values();
        let buried = buried.filter(|tombstone| tombstone.name == *name);
        let mut buried = buried
            .filter_map(|tombstone| tombstone.last.as_deref())
            .map(|last| {
                let applied = Some(&last.applied);
                (applied, last.sent.as_ref(), last.leftovers.as_slice())
            });
        let api = self.plan.api;
        // Over JSON-RPC days and periods of a trial are two values, of which an offer has one.
        let takes_turns = api == Api::JsonRpc && Field::TRIAL_UNITS.contains(&field);
        let was_sent = |(applied, sent, left): (Option<&Content>, Option<&Sent>, &[Leftover])| {
            let said = applied.is_some_and(|content| {
                let of_country = country.and_then(|country| content.effective(country, field));
                let mut anywhere = content.all_fields();
                of_country.is_some() || anywhere.any(|fields| fields.get(field).is_some())
            });
            let is_left = left
                .iter()
                .any(|left| left.country == country && left.fields.get(field).is_some());
            let sent = sent.is_some_and(|sent| sent.includes(api, path));
            is_left || said && sent
        };
        let other_unit = || {
            let content = declared.map(|offer| &offer.content);
            let mut fields = content.into_iter().flat_map(|content| content.all_fields());
            let says = |fields: &Fields| {
                let mut words = field.alternatives().chain([field]);
                words.any(|word| fields.get(word).is_some())
            };
            takes_turns && fields.any(says)
        };
        value.is_cleared() && (other_unit() || known.any(was_sent) || buried.any(was_sent))
    }

    /// Whether a bound offer can never become what is declared, so that another has to take its place (docs/cleeng-api.md §5.5).
    fn is_fixed_otherwise(&self, declared: &Offer, binding: &Binding) -> bool {
        if self.plan.api == Api::JsonRpc {
            return false;
        }
        let live = self.live.get(&binding.id);
        let Some(view) = live.and_then(|live| live.view(declared.offer_type)) else {
            return false;
        };
        let Some(row) = view.rows.first() else {
            return false;
        };
        let content = &declared.content;
        let mut fixed = vec![Field::SessionsLimit, Field::Pause];
        if declared.offer_type == OfferType::Subscription {
            fixed.extend([Field::Period, Field::BillingCycle]);
        }
        let field_differs = fixed.into_iter().any(|field| {
            let wanted = content.fields.get(field);
            wanted.is_some_and(|wanted| row.fields.get(field) != Some(wanted))
        });
        let currency_differs = match content.fields.get(Field::Currency) {
            Some(Value::Currency(wanted)) => row.currency.is_some_and(|live| live != *wanted),
            _ => false,
        };
        let row_differs = content
            .localizations
            .iter()
            .flatten()
            .any(|(country, wanted)| {
                let live = view.row(*country).or_else(|| view.dormant_row(*country));
                live.and_then(|live| live.currency)
                    .is_some_and(|live| live != wanted.currency)
            });
        field_differs || currency_differs || row_differs
    }

    /// Nothing goes while something that is still there refers to it.
    fn departures(&mut self) {
        let goes = |(id, step): (StepId, &Step)| match &step.operation {
            Operation::Deactivate { id: offer, .. } => Some((offer.to_stem(), id)),
            Operation::Bind { .. }
            | Operation::Create { .. }
            | Operation::Update { .. }
            | Operation::UpdateCountry { .. }
            | Operation::AddCountry { .. }
            | Operation::ActivateCountry { .. }
            | Operation::DeactivateCountry { .. }
            | Operation::Activate { .. }
            | Operation::Forget { .. } => None,
        };
        let departures: BTreeMap<OfferId, StepId> =
            self.plan.numbered_steps().filter_map(goes).collect();
        let departure = |name: &Name| {
            let binding = self.state.bindings.get(name)?;
            departures.get(&binding.id.to_stem()).copied()
        };
        let mut missed: Vec<(StepId, String)> = Vec::new();
        for (dependent, binding) in &self.state.bindings {
            let Some(earlier) = departure(dependent) else {
                continue;
            };
            for needed in &binding.needs {
                // Offers that need one another in a circle have to go in some order all the same.
                if let Some(later) = departure(needed)
                    && !self.waits(later, earlier)
                    && !self.needs_through_others(needed, dependent)
                {
                    let problem = format!("goes before `{dependent}`, which needs it");
                    missed.push((later, problem));
                }
            }
        }
        for (update, step) in self.plan.numbered_steps() {
            for event in self.let_go(step) {
                if let Some(later) = departures.get(&event).copied()
                    && !self.waits(later, update)
                {
                    let problem = format!("goes before `{}` lets go of it", step.name);
                    missed.push((later, problem));
                }
            }
        }
        for (step, problem) in missed {
            self.violation(step, problem);
        }
    }

    fn waits(&self, step: StepId, for_step: StepId) -> bool {
        self.plan
            .step(step)
            .is_some_and(|step| step.needs.contains(&for_step))
    }

    /// Whether an offer needed another when both were last applied, perhaps through others.
    fn needs_through_others(&self, from: &Name, to: &Name) -> bool {
        let mut open = vec![from];
        let mut seen: BTreeSet<&Name> = BTreeSet::new();
        while let Some(name) = open.pop() {
            let needs = self.state.bindings.get(name).map(|binding| &binding.needs);
            for needed in needs.into_iter().flatten() {
                if needed == to {
                    return true;
                }
                if seen.insert(needed) {
                    open.push(needed);
                }
            }
        }
        false
    }

    /// The events, by stem, that a video has until a step changes which it has.
    fn let_go(&self, step: &Step) -> Vec<OfferId> {
        let Operation::Update { id, base, .. } = &step.operation else {
            return Vec::new();
        };
        if base.get(Field::EventAssociation).is_none() {
            return Vec::new();
        }
        let view = self.live.get(id).and_then(|live| live.view(OfferType::Vod));
        let row = view.and_then(|view| view.rows.first());
        match row.and_then(|row| row.fields.get(Field::EventAssociation)) {
            Some(Value::Events(events)) => events
                .iter()
                .filter_map(|event| match event {
                    EventRef::Id(id) => Some(id.to_stem()),
                    EventRef::Offer(_) => None,
                })
                .collect(),
            _ => Vec::new(),
        }
    }
}

fn references(content: &Content) -> Vec<&Name> {
    match content.fields.get(Field::EventAssociation) {
        Some(Value::Events(events)) => events
            .iter()
            .filter_map(|event| match event {
                EventRef::Offer(name) => Some(name),
                EventRef::Id(_) => None,
            })
            .collect(),
        _ => Vec::new(),
    }
}
