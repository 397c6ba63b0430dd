//! What must hold in every world, and of how every world goes on.

use std::collections::BTreeSet;

use super::action::{Action, Carries, MOST_CARRIED, Told, When, Write};
use super::executor::price_of;
use super::explore::fingerprint;
use super::steps::Model;
use super::world::{Budget, CallAt, Phase, World};

/// How often the program is run again, after whatever is under way, until everything must be as declared.
const RUNS: u8 = 2;

/// More than any run of the small cases takes: a run that takes more goes round in circles.
const LONGEST_RUN: usize = 2_000;

/// What becomes of creates that are lost and on their way when nothing goes wrong any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum OnTheirWay {
    TakeEffect,
    Never,
}

/// The worlds that are known to end well.
pub(crate) type EndWell = BTreeSet<(u64, OnTheirWay, u8)>;

/// What is wrong with a world.
pub(crate) fn violation(model: &Model, world: &World) -> Option<String> {
    if !world.broken
        && let Some(content) = made_twice(model, world)
    {
        return Some(format!(
            "content {content} was made more often than declared"
        ));
    }
    if let Some(runner) = world.applied
        && model.case.changes
        && !world.broken
        && world.price != price_of(runner)
    {
        return Some(format!("what runner {runner} applied last is not on sale"));
    }
    if world.undecided && !is_excused(world) {
        return Some("nobody can tell, though nobody made anything by hand".to_owned());
    }
    let mut bound = BTreeSet::new();
    for (name, offer) in model.facts.bindings(world.stored) {
        if !bound.insert(offer) {
            return Some(format!("offer {offer} has two names"));
        }
        let offer = &world.offers[usize::from(offer)];
        let is_marked_otherwise = offer.mark.is_some_and(|mark| mark != name);
        if offer.content != model.case.names[usize::from(name)] || is_marked_otherwise {
            return Some(format!("name {name} has the offer of another name"));
        }
    }
    None
}

/// Whether more happened than a run can be expected to get right without a person.
fn is_excused(world: &World) -> bool {
    world.edited || world.unmarked || world.broken
}

/// A content of which the program made more offers than there are names for it.
pub(crate) fn made_twice(model: &Model, world: &World) -> Option<u8> {
    let declared = |content: u8| {
        let names = model.case.names.iter();
        names.map(|name| usize::from(*name == content)).sum()
    };
    let ours = || world.offers.iter().filter(|offer| offer.maker.is_us());
    let made = |content: u8| ours().filter(|offer| offer.content == content).count();
    let marked = |mark: u8| ours().filter(|offer| offer.mark == Some(mark)).count();
    let mut names = (0..).zip(model.case.names.iter().copied());
    names
        .find(|(name, content)| made(*content) > declared(*content) || marked(*name) > 1)
        .map(|(_, content)| content)
}

/// Lets a world go on without anything going wrong, and says what is wrong with its end.
pub(crate) fn conclude(model: &mut Model, world: &World, end_well: &mut EndWell) -> Option<String> {
    [OnTheirWay::TakeEffect, OnTheirWay::Never]
        .into_iter()
        .find_map(|lost| go_on(model, world, lost, end_well))
}

fn go_on(
    model: &mut Model,
    world: &World,
    lost: OnTheirWay,
    end_well: &mut EndWell,
) -> Option<String> {
    let mut world = World {
        budget: Budget::default(),
        ..world.clone()
    };
    let mut passed = Vec::new();
    let mut runs = 0;
    loop {
        let place = (fingerprint(&world), lost, runs);
        if end_well.contains(&place) {
            break;
        }
        passed.push(place);
        if passed.len() > LONGEST_RUN {
            return Some(format!("it goes round in circles: {world:#?}"));
        }
        if let Some(problem) = violation(model, &world) {
            return Some(format!("without another fault, {problem}"));
        }
        if let Some(next) = advance(model, &world, lost) {
            world = next;
        } else if runs < RUNS {
            runs += 1;
            let started = model.step(&world, Action::Start(0));
            world = started.unwrap_or_else(|| panic!("somebody still runs: {world:#?}"));
        } else if let Some(problem) = wrong_end(model, &world) {
            return Some(problem);
        } else {
            break;
        }
    }
    end_well.extend(passed);
    None
}

/// The next thing that happens where nothing goes wrong; `None` if nobody runs and nothing is on its way.
fn advance(model: &mut Model, world: &World, lost: OnTheirWay) -> Option<World> {
    let mut wanted = Vec::new();
    for (number, call) in world.calls.iter().enumerate() {
        if call.at == CallAt::Sent {
            let drops = call.request.is_none() && lost == OnTheirWay::Never;
            wanted.push(if drops {
                Action::Drop(number)
            } else {
                Action::Execute(number)
            });
        }
    }
    wanted.extend((0..world.changes.len()).map(Action::EndChange));
    for (number, offer) in world.offers.iter().enumerate() {
        let hidden = (0..2).filter(|row| model.facts.all_rows() & !offer.rows & (1 << row) != 0);
        wanted.extend(hidden.map(|row| Action::Show(number, row)));
    }
    let requests = world.calls.iter().filter_map(|call| call.request);
    wanted.extend(requests.map(|request| Action::End(request, [Told::Own; MOST_CARRIED])));
    for (number, runner) in (0..).zip(&world.runners) {
        if runner.phase == Phase::Idle {
            continue;
        }
        wanted.extend([Action::Wake(number), Action::Ask(number)]);
        let requests = runner.requests_under_way().into_iter();
        wanted.extend(requests.map(|request| Action::TakeIn(number, request, Write::Works)));
        wanted.extend(match runner.phase {
            Phase::Idle => vec![],
            Phase::Locked => vec![
                Action::Settle(number, When::Early),
                Action::Settle(number, When::AfterWindow),
            ],
            Phase::Settled => vec![Action::Plan(number)],
            Phase::Running => vec![
                Action::Send(number),
                Action::Change(number),
                Action::Prepare(number, Carries::AsManyAsFit, Write::Works),
                Action::Look(number, When::Early, Write::Works),
                Action::Look(number, When::AfterWindow, Write::Works),
                Action::Finish(number, Write::Works),
            ],
        });
    }
    wanted
        .into_iter()
        .find_map(|action| model.step(world, action))
}

/// What is wrong where everything has come to rest.
fn wrong_end(model: &mut Model, world: &World) -> Option<String> {
    let planned = model.facts.plan(world.stored, &world.offers);
    let converged = !planned.is_refused
        && planned.creates.is_empty()
        && (!planned.updates || is_excused(world))
        && planned.learned == world.stored
        && !model.facts.is_open(world.stored);
    if converged {
        if made_twice(model, world).is_some() {
            return Some(format!(
                "an offer is there twice, and nobody says so: {world:#?}"
            ));
        }
        if model.case.changes && !world.broken && world.price != price_of(0) {
            return Some(format!(
                "the price is not the one that was applied last: {world:#?}"
            ));
        }
        if model.facts.bindings(world.stored).len() < model.case.names.len() {
            return Some(format!("a name has no offer: {world:#?}"));
        }
        let by_hand = world.offers.iter().filter(|offer| !offer.maker.is_us());
        if world.offers.len() - by_hand.count() < model.case.names.len() && !world.edited {
            return Some(format!("an offer is missing: {world:#?}"));
        }
        return None;
    }
    (!is_excused(world)).then(|| format!("it does not come to an end: {world:#?}"))
}
