//! Goes through all worlds that can be reached: [`explore`].
//!
//! This is breadth first with a set of what was seen, so that what it finds first is among the shortest. Why not a
//! crate: a world holds states that the core made, which have no hash; what every world must come to is not the
//! "eventually" of model checkers, which loses counterexamples where paths meet again; and a web server comes
//! with the one that would fit.

use std::collections::{BTreeMap, VecDeque};
use std::fmt::Write;
use std::hash::{DefaultHasher, Hash, Hasher};

use super::action::Action;
use super::law::{EndWell, conclude, made_twice, violation};
use super::steps::Model;
use super::world::{Case, World};

/// What was found.
#[derive(Debug, Default)]
pub(crate) struct Explored {
    /// How many different worlds there are.
    pub(crate) worlds: usize,
    /// How many times something happened in one of them.
    pub(crate) steps: usize,
    /// In how many of the worlds somebody said that nobody can tell.
    pub(crate) undecided: usize,
    /// In how many of the worlds an offer is there twice.
    pub(crate) twice: usize,
    /// The shortest way to a world that breaks the law, and how it does.
    pub(crate) counterexample: Option<Counterexample>,
}

#[derive(Debug)]
pub(crate) struct Counterexample {
    pub(crate) actions: Vec<Action>,
    pub(crate) problem: String,
}

/// Goes through all worlds of a case, at most so many, until one breaks the law.
pub(crate) fn explore(case: Case, at_most: usize) -> Explored {
    let mut model = Model::new(case);
    let first = model.first();
    let mut seen: BTreeMap<u64, Option<(u64, Action)>> =
        BTreeMap::from([(fingerprint(&first), None)]);
    let mut open = VecDeque::from([first]);
    let mut end_well = EndWell::new();
    let mut explored = Explored {
        worlds: 1,
        steps: 0,
        undecided: 0,
        twice: 0,
        counterexample: None,
    };
    while let Some(world) = open.pop_front() {
        let here = fingerprint(&world);
        let problem =
            violation(&model, &world).or_else(|| conclude(&mut model, &world, &mut end_well));
        if let Some(problem) = problem {
            explored.counterexample = Some(Counterexample {
                actions: way_to(here, &seen),
                problem,
            });
            return explored;
        }
        explored.undecided += usize::from(world.undecided);
        explored.twice += usize::from(made_twice(&model, &world).is_some());
        for (action, next) in model.next(&world) {
            explored.steps += 1;
            let place = fingerprint(&next);
            if seen.contains_key(&place) {
                continue;
            }
            assert!(seen.len() < at_most, "there are more than {at_most} worlds");
            explored.worlds += 1;
            seen.insert(place, Some((here, action)));
            open.push_back(next);
        }
    }
    explored
}

impl Counterexample {
    /// One action per line, and what is wrong in the end.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        for action in &self.actions {
            writeln!(text, "{action:?}").unwrap();
        }
        text + &self.problem
    }
}

fn way_to(place: u64, seen: &BTreeMap<u64, Option<(u64, Action)>>) -> Vec<Action> {
    let mut actions = Vec::new();
    let mut place = place;
    while let Some((before, action)) = seen[&place] {
        actions.push(action);
        place = before;
    }
    actions.reverse();
    actions
}

/// A number that stands for a world: among a million worlds, two share one with a chance of one in ten million.
pub(crate) fn fingerprint(world: &World) -> u64 {
    let mut hasher = DefaultHasher::new();
    world.hash(&mut hasher);
    hasher.finish()
}
