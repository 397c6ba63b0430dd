//! Beyond the small cases: worlds of more names, more faults and longer ways, at random.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::law::{EndWell, conclude, violation};
use super::steps::Model;
use super::world::{Budget, Case, Executor, Form};
use crate::laws::config;

fn case() -> impl Strategy<Value = Case> {
    let budget = (0..5_u8, 0..3_u8, 0..2_u8, 0..3_u8, 0..2_u8, 0..3_u8).prop_map(
        |(faults, crashes, stalls, edits, late, lies)| Budget {
            faults,
            crashes,
            stalls,
            edits,
            late,
            lies,
            unlocks: 0,
        },
    );
    let form = prop_oneof![Just(Form::Plain), Just(Form::Localized), Just(Form::Marked)];
    (
        proptest::collection::vec(0..4_u8, 4..7),
        form,
        (1..4_usize, 1..4_usize),
        budget,
    )
        .prop_map(|(names, form, (batch, side_by_side), budget)| Case {
            names,
            form,
            runners: 1 + budget.stalls,
            batch,
            side_by_side,
            budget,
            changes: false,
            executor: Executor::Sound,
        })
}

/// Walks, lets what is under way come to its end, and says what broke the law on the way or in the end.
fn walk(case: Case, choices: &[u16]) -> Option<String> {
    let mut model = Model::new(case);
    let mut world = model.first();
    let mut way = Vec::new();
    for choice in choices {
        let Some((action, next)) = model.one_of_next(&world, usize::from(*choice)) else {
            break;
        };
        way.push(action);
        world = next;
        if let Some(problem) = violation(&model, &world) {
            return Some(format!("{way:?}: {problem}"));
        }
    }
    let problem = conclude(&mut model, &world, &mut EndWell::new())?;
    Some(format!("{way:?}: {problem}"))
}

fn choices() -> impl Strategy<Value = Vec<u16>> {
    proptest::collection::vec(any::<u16>(), 0..120)
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn no_walk_breaks_the_law(case in case(), choices in choices()) {
        prop_assert_eq!(walk(case, &choices), None);
    }
}

#[test]
fn walks_find_what_is_broken() {
    for executor in [
        Executor::BlindRetry,
        Executor::LateIntent,
        Executor::NoSettling,
        Executor::BelievesAnswers,
        Executor::RefusedBatchIsProof,
    ] {
        let config = Config {
            max_shrink_iters: 0,
            ..config()
        };
        let found = TestRunner::new(config).run(&(case(), choices()), |(case, choices)| {
            prop_assert_eq!(walk(Case { executor, ..case }, &choices), None);
            Ok(())
        });
        assert!(found.is_err(), "{executor:?}");
    }
}
