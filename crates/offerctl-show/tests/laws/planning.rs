//! Laws of plans.

use std::collections::{BTreeMap, BTreeSet};

use offerctl_manifest::source::Sources;
use offerctl_model::content::Content;
use offerctl_model::field::Field;
use offerctl_model::foreign::Foreign;
use offerctl_model::json::to_text;
use offerctl_model::name::{Name, OfferId};
use offerctl_model::offer_type::OfferType;
use offerctl_reconcile::check::check;
use offerctl_reconcile::conflict::ConflictCode;
use offerctl_reconcile::drift::drift;
use offerctl_reconcile::fingerprint::plan_id;
use offerctl_reconcile::guard::Findings;
use offerctl_reconcile::headline::Headline;
use offerctl_reconcile::live::{Live, LiveOffer, View};
use offerctl_reconcile::matching::match_offers;
use offerctl_reconcile::plan::{Action, Operation, Plan, StepId, plan};
use offerctl_reconcile::state::State;
use offerctl_show::document::PlanDocument;
use offerctl_show::render::{Page, Style, plan_text, steps_text};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use super::config;
use crate::support::catalogue::{Catalogue, Order, calm, rough};
use crate::support::service;
use crate::support::world::World;

fn headline() -> Headline {
    Headline {
        environment: "local".to_owned(),
        endpoint: "emulator".to_owned(),
        account: None,
        ..Headline::default()
    }
}

/// All that a plan comes to for people and programs; where things stand in files is left out.
fn bytes(world: &World) -> String {
    let plan = plan(&world.desired, &world.live, &world.state);
    let id = plan_id("local", &plan, &world.live);
    let sources = Sources::new(Vec::new());
    let document = PlanDocument::new(&plan, &id, &headline(), &Findings::default(), &sources);
    let text = plan_text(
        &plan,
        &headline(),
        &Findings::default(),
        &sources,
        Page::new(Style::Color),
    );
    let parts = [
        to_text(&document),
        to_text(&plan.steps),
        to_text(&plan.groups),
        to_text(&plan.refresh),
        text,
        steps_text(&plan, Page::new(Style::Plain)),
        format!("{:?} {:?} {:?}", plan.notes, plan.facts, plan.moves),
    ];
    parts.concat()
}

/// The texts that rows have in a field.
fn texts(view: &View, field: Field) -> BTreeSet<&Foreign> {
    view.rows
        .iter()
        .filter_map(|row| row.fields.text(field))
        .collect()
}

fn declared_texts(content: &Content, field: Field) -> BTreeSet<&Foreign> {
    match &content.localizations {
        None => content.fields.text(field).into_iter().collect(),
        Some(rows) => rows
            .values()
            .filter_map(|row| row.fields.text(field).or(content.fields.text(field)))
            .collect(),
    }
}

/// Whether a live offer could well be the one that is about to be made.
fn is_near(
    name: &Name,
    (content, offer_type): (&Content, OfferType),
    offer: &LiveOffer,
    (plan, world): (&Plan, &World),
) -> bool {
    let state = &world.state;
    let Some(view) = offer.view(offer_type) else {
        return false;
    };
    let shares = |field| !declared_texts(content, field).is_disjoint(&texts(view, field));
    let (title, url) = (shares(Field::Title), shares(Field::Url));
    if offer.is_active() {
        title || (url && !is_shared(name, content, offer, (plan, world)))
    } else {
        title && url && !state.tombstones.contains_key(&offer.id.to_stem())
    }
}

/// Whether the addresses that a new offer has in common with a live one are those of a third one as well: one on sale, or one
/// that is declared and not live yet.
fn is_shared(
    name: &Name,
    content: &Content,
    offer: &LiveOffer,
    (plan, world): (&Plan, &World),
) -> bool {
    let World {
        desired,
        live,
        state,
    } = world;
    let wanted: BTreeSet<&Foreign> = content
        .all_fields()
        .filter_map(|row| row.text(Field::Url))
        .collect();
    let of_offer = |offer: &LiveOffer| -> BTreeSet<Foreign> {
        let views = offer.types().filter_map(|of| offer.view(of));
        views
            .flat_map(|view| {
                texts(view, Field::Url)
                    .into_iter()
                    .cloned()
                    .collect::<Vec<_>>()
            })
            .collect()
    };
    let here = of_offer(offer);
    let common: BTreeSet<&Foreign> = wanted
        .into_iter()
        .filter(|url| here.contains(*url))
        .collect();
    let own = state.bindings.get(name).map(|binding| binding.id.stem());
    let others = live
        .offers()
        .filter(|other| other.is_active() && other.id != offer.id && Some(other.id.stem()) != own);
    let live_urls: BTreeSet<Foreign> = others.flat_map(of_offer).collect();
    let is_there = |other: &Name| {
        let moved = plan.moves.values().any(|to| to == other);
        let bound = state.bindings.contains_key(other)
            && !plan.conflicts.iter().any(|found| found.name == *other);
        let adopted = plan
            .changes
            .iter()
            .any(|change| change.name == *other && change.adopted.is_some());
        bound || moved || adopted
    };
    let open = desired
        .offers()
        .iter()
        .filter(|(other, _)| *other != name && !is_there(other));
    let open_urls: BTreeSet<&Foreign> = open
        .flat_map(|(_, declared)| {
            declared
                .content
                .all_fields()
                .filter_map(|row| row.text(Field::Url))
        })
        .collect();
    common
        .iter()
        .all(|url| live_urls.contains(*url) || open_urls.contains(*url))
}

/// The stems of offers that belong to a name, before the plan or by it.
fn owned(plan: &Plan, state: &State) -> BTreeSet<String> {
    let bound = state.bindings.values().flat_map(|binding| {
        let retiring = binding.retiring.iter().map(|old| &old.id);
        std::iter::once(&binding.id).chain(retiring)
    });
    let touched = plan.steps.iter().filter_map(|step| step.operation.id());
    bound
        .chain(touched)
        .map(|id| id.stem().to_owned())
        .collect()
}

/// Where each step comes in the order, and that it comes after all that it waits for.
fn is_in_order(plan: &Plan) -> bool {
    plan.numbered_steps().all(|(id, step)| {
        let groups = step
            .after
            .iter()
            .map(|group| &plan.groups[group.0 as usize]);
        let members = groups.flat_map(|group| &group.members);
        step.needs.iter().chain(members).all(|before| *before < id)
    })
}

/// The names that a person or the evidence has to decide about, and those that need one of them.
fn undecided(plan: &Plan, world: &World) -> BTreeSet<Name> {
    let conflicts = plan.conflicts.iter().map(|conflict| &conflict.name);
    let mut undecided: BTreeSet<Name> = conflicts.chain(plan.pending.keys()).cloned().collect();
    loop {
        let needing = world.desired.offers().iter().filter(|(name, offer)| {
            !undecided.contains(*name) && !offer.needs.is_disjoint(&undecided)
        });
        let needing: Vec<Name> = needing.map(|(name, _)| name.clone()).collect();
        if needing.is_empty() {
            return undecided;
        }
        undecided.extend(needing);
    }
}

/// Whether a step waits for another, at once or through others.
fn waits(plan: &Plan, step: StepId, before: StepId) -> bool {
    let needs = &plan.step(step).unwrap().needs;
    needs.contains(&before) || needs.iter().any(|need| waits(plan, *need, before))
}

fn raised(plan: &Plan) -> BTreeMap<&Name, Vec<StepId>> {
    let mut raised: BTreeMap<&Name, Vec<StepId>> = BTreeMap::new();
    for (id, step) in plan.numbered_steps() {
        let lowers = matches!(
            step.operation,
            Operation::Deactivate { .. } | Operation::Forget { .. }
        );
        if !lowers {
            raised.entry(&step.name).or_default().push(id);
        }
    }
    raised
}

fn after(catalogue: &Catalogue, world: &World) -> (Plan, World) {
    let plan = plan(&world.desired, &world.live, &world.state);
    let next = service::apply(world, &plan, catalogue.show);
    (plan, next)
}

fn active_offers(live: &Live) -> BTreeSet<OfferId> {
    let active = live.offers().filter(|offer| offer.is_active());
    active.map(|offer| offer.id.to_stem()).collect()
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn every_plan_passes_the_checker(catalogue in prop_oneof![calm(), rough()]) {
        let World { desired, live, state } = catalogue.world();
        let plan = plan(&desired, &live, &state);
        prop_assert_eq!(check(&plan, &desired, &live, &state), []);
    }

    #[test]
    fn the_order_of_files_and_lists_changes_no_byte(catalogue in prop_oneof![calm(), rough()]) {
        let written = bytes(&catalogue.world_in(Order::Written));
        let shuffled = bytes(&catalogue.world_in(Order::Shuffled));
        prop_assert_eq!(written, shuffled);
    }

    #[test]
    fn after_an_apply_there_is_nothing_left_to_do(catalogue in calm()) {
        let world = catalogue.world();
        let (plan, next) = after(&catalogue, &world);
        prop_assume!(plan.conflicts.is_empty() && plan.pending.is_empty());
        let again = next.plan();
        prop_assert_eq!(&again.changes, &[]);
        prop_assert_eq!(&again.steps, &[]);
        prop_assert_eq!(&again.conflicts, &[]);
        prop_assert_eq!(&again.notes, &[]);
        prop_assert!(again.refresh.is_empty() && again.moves.is_empty());
        prop_assert_eq!(again.facts.unchanged, next.desired.offers().len());
        prop_assert_eq!(drift(catalogue.api, &next.live, &next.state), []);
    }

    #[test]
    fn after_an_apply_every_declared_offer_is_there_once(catalogue in calm()) {
        let world = catalogue.world();
        let (plan, next) = after(&catalogue, &world);
        prop_assume!(plan.conflicts.is_empty() && plan.pending.is_empty());
        let ids: BTreeSet<OfferId> = next
            .desired
            .offers()
            .keys()
            .map(|name| next.state.bindings[name].id.to_stem())
            .collect();
        prop_assert_eq!(ids.len(), next.desired.offers().len());
        let unmanaged: BTreeSet<OfferId> =
            plan.unmanaged.iter().map(|offer| offer.id.to_stem()).collect();
        let expected: BTreeSet<OfferId> = ids.union(&unmanaged).cloned().collect();
        prop_assert_eq!(active_offers(&next.live), expected);
    }

    #[test]
    fn what_a_plan_decides_is_done_after_one_apply(catalogue in rough()) {
        let world = catalogue.world();
        let (first, next) = after(&catalogue, &world);
        let again = plan(&next.desired, &next.live, &next.state);
        let decided: BTreeSet<&Name> = first.steps.iter().map(|step| &step.name).collect();
        let undecided = undecided(&first, &world);
        for step in &again.steps {
            let name = &step.name;
            prop_assert!(!decided.contains(name) || undecided.contains(name), "{:?}", step);
        }
    }

    #[test]
    fn nothing_is_made_beside_what_looks_like_it(catalogue in rough()) {
        let world = catalogue.world();
        let World { desired, live, state } = &world;
        let plan = plan(desired, live, state);
        let owned = owned(&plan, state);
        for step in &plan.steps {
            if let Operation::Create { content, .. } = &step.operation {
                let near = live
                    .offers()
                    .filter(|offer| !owned.contains(offer.id.stem()))
                    .find(|offer| {
                        is_near(&step.name, (content, step.offer_type), offer, (&plan, &world))
                    });
                prop_assert!(near.is_none(), "{} beside {:?}", step.name, near);
            }
        }
    }

    #[test]
    fn an_address_that_is_shared_makes_and_blocks_no_adoption(catalogue in rough()) {
        let world = catalogue.world();
        let adopted = |world: &World| -> Vec<(Name, OfferId)> {
            let matching = match_offers(&world.desired, &world.live, &world.state);
            let found = matching.matches.iter().filter(|(_, found)| found.rule.adopts());
            found.map(|(name, found)| (name.clone(), found.id().clone())).collect()
        };
        let before = adopted(&world);
        let urls: BTreeSet<Foreign> = world
            .desired
            .offers()
            .values()
            .filter_map(|offer| offer.content.fields.text(Field::Url).cloned())
            .collect();
        let mut shared = world;
        for (index, url) in urls.iter().enumerate() {
            for (number, letter, of_type) in [(1, 'P', "pass"), (2, 'S', "subscription")] {
                let line = format!(
                    "{of_type} {letter}9000{index:03}0{number}_US title=Stranger-{index}-{number} price=1 period=week url={}",
                    url.raw()
                );
                crate::support::live::add(&mut shared.live, &line);
            }
        }
        prop_assert_eq!(adopted(&shared), before);
    }

    #[test]
    fn a_live_offer_has_one_name_at_most(catalogue in rough()) {
        let World { desired, live, state } = catalogue.world();
        let matching = match_offers(&desired, &live, &state);
        let mut names: BTreeMap<String, Name> = BTreeMap::new();
        for (name, binding) in &state.bindings {
            let name = matching.moves.get(name).unwrap_or(name);
            names.insert(binding.id.stem().to_owned(), name.clone());
        }
        for (name, found) in &matching.matches {
            let other = names.insert(found.id().stem().to_owned(), name.clone());
            prop_assert!(other.is_none_or(|other| other == *name), "{}", found.id());
        }
    }

    #[test]
    fn a_bound_offer_is_never_made_again(catalogue in rough()) {
        let World { desired, live, state } = catalogue.world();
        let plan = plan(&desired, &live, &state);
        for step in plan.steps.iter().filter(|step| matches!(step.operation, Operation::Create { .. })) {
            let from = plan.moves.iter().find(|(_, to)| **to == step.name).map(|(from, _)| from);
            if let Some(binding) = state.bindings.get(from.unwrap_or(&step.name)) {
                prop_assert_ne!(binding.offer_type, step.offer_type, "{}", step.name);
            }
        }
    }

    #[test]
    fn what_is_unmanaged_is_never_touched(catalogue in rough()) {
        let World { desired, live, state } = catalogue.world();
        let plan = plan(&desired, &live, &state);
        let touched: BTreeSet<&str> = plan
            .steps
            .iter()
            .filter_map(|step| Some(step.operation.id()?.stem()))
            .collect();
        for offer in &plan.unmanaged {
            prop_assert!(!touched.contains(offer.id.stem()), "{}", offer.id);
        }
    }

    #[test]
    fn steps_come_after_what_they_need(catalogue in prop_oneof![calm(), rough()]) {
        let World { desired, live, state } = catalogue.world();
        let plan = plan(&desired, &live, &state);
        prop_assert!(is_in_order(&plan));
        let raised = raised(&plan);
        for (name, steps) in &raised {
            for needed in desired.get(name).into_iter().flat_map(|offer| &offer.needs) {
                let Some(last) = raised.get(needed).and_then(|steps| steps.last()) else {
                    continue;
                };
                for step in steps {
                    prop_assert!(waits(&plan, *step, *last), "{} and {}", name, needed);
                }
            }
        }
    }

    #[test]
    fn what_cannot_be_decided_has_no_steps(catalogue in rough()) {
        let World { desired, live, state } = catalogue.world();
        let plan = plan(&desired, &live, &state);
        let matching = match_offers(&desired, &live, &state);
        let moving: BTreeSet<&Name> = matching.matches.keys().collect();
        for step in &plan.steps {
            let name = &step.name;
            prop_assert!(!matching.blocked.contains(name), "{name}");
            prop_assert!(!plan.pending.contains_key(name), "{name}");
            let makes = matches!(step.operation, Operation::Create { .. });
            let known = moving.contains(name) || matching.orphans.contains(name);
            prop_assert!(makes || known, "{name}");
        }
    }

    #[test]
    fn the_same_offer_under_other_spellings_is_the_same_plan(catalogue in calm()) {
        let world = catalogue.world();
        let files = catalogue.files(crate::support::catalogue::Version::Declared, Order::Written);
        let spelled: Vec<String> = files.iter().map(|file| respell(file)).collect();
        let desired = crate::support::desired::of_files(catalogue.api, &spelled).0;
        let other = World { desired, live: world.live.clone(), state: world.state.clone() };
        prop_assert_eq!(bytes(&other), bytes(&world));
    }
}

#[test]
fn the_catalogues_have_everything_in_them() {
    let mut runner = TestRunner::new(config());
    let mut actions: BTreeMap<&str, usize> = BTreeMap::new();
    let mut codes: BTreeSet<ConflictCode> = BTreeSet::new();
    let mut decided = 0;
    for case in 0..600 {
        let catalogue = if case % 2 == 0 {
            calm().new_tree(&mut runner).unwrap().current()
        } else {
            rough().new_tree(&mut runner).unwrap().current()
        };
        let World {
            desired,
            live,
            state,
        } = catalogue.world();
        let plan = plan(&desired, &live, &state);
        decided += usize::from(plan.conflicts.is_empty() && plan.steps.len() > 2);
        codes.extend(plan.conflicts.iter().map(|conflict| conflict.code));
        for change in &plan.changes {
            *actions.entry(change.action.as_str()).or_default() += 1;
        }
    }
    for action in Action::ALL {
        let count = actions.get(action.as_str()).copied().unwrap_or_default();
        assert!(count > 5, "{count} times {}", action.as_str());
    }
    assert!(
        decided > 100,
        "{decided} plans with several steps and without a conflict"
    );
    assert!(codes.len() >= 8, "{codes:?}");
}

/// Writes every price with a third digit or in quotes; both mean the same.
fn respell(file: &str) -> String {
    let mut quoted = false;
    let words = file.split_inclusive(' ').map(|word| {
        let number = word.trim_end_matches([',', '}', ' ', '\n']);
        let price = number.split_once('.').is_some_and(|(whole, cents)| {
            cents.len() == 2
                && [whole, cents]
                    .iter()
                    .all(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))
        });
        if !price {
            return word.to_owned();
        }
        quoted = !quoted;
        let rest = &word[number.len()..];
        if quoted {
            format!("\"{number}\"{rest}")
        } else {
            format!(
                "{}{rest}",
                number.trim_end_matches('0').trim_end_matches('.')
            )
        }
    });
    words.collect()
}
