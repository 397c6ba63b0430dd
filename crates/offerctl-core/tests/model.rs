//! A model of executor, state backend, second runner and service: whatever goes wrong, and in whatever order things
//! happen, nothing is made twice, and in the end everything is as declared.
//!
//! ```text
//!   service    a create takes effect, shows in the lists row by row, is refused, answered, or its answer is lost
//!   backend    a write works, fails, or fails though it is durable; who is no longer current is refused
//!   runners    lock, settle, plan, intend, send, take in, look, finish: killed, interrupted or standing still anywhere
//!   people     make an offer by hand, equal or only near
//! ```
//!
//! States, settling, matching and planning are those of the core; the executor is a copy of the engine's, step by step.
//! What is assumed of the service is a rule of the model: a look after the window sees all that was sent on
//! connections that had ended. `docs/reliability.md` has the numbers.

mod explore;
mod facts;
mod law;
mod steps;
mod walks;
mod world;

use self::explore::{Explored, explore};
use self::world::{Budget, Case, Executor, Form};

const ONE: &[u8] = &[0];
const DISTINCT: &[u8] = &[0, 1];
const EQUAL: &[u8] = &[0, 0];

const FORMS: [Form; 2] = [Form::Plain, Form::Localized];

/// Creates per request, and requests side by side.
const MODES: [(usize, usize); 3] = [(1, 1), (2, 1), (1, 2)];

/// More worlds than any of the cases has.
const MOST_WORLDS: usize = 2_000_000;

/// What may go wrong: faults, crashes, stalls, edits, and what is late.
fn budget([faults, crashes, stalls, edits, late]: [u8; 5]) -> Budget {
    Budget {
        faults,
        crashes,
        stalls,
        edits,
        late,
    }
}

fn case(names: &[u8], form: Form, numbers: [u8; 5]) -> Case {
    Case {
        names: names.to_vec(),
        form,
        runners: if numbers[2] > 0 { 2 } else { 1 },
        batch: 1,
        side_by_side: 1,
        budget: budget(numbers),
        executor: Executor::Sound,
    }
}

/// Cases of two names, in all modes.
fn two_names(forms: &[Form], budgets: &[[u8; 5]]) -> Vec<Case> {
    let mut cases = Vec::new();
    for names in [DISTINCT, EQUAL] {
        for form in forms {
            for (batch, side_by_side) in MODES {
                cases.extend(budgets.iter().map(|numbers| Case {
                    batch,
                    side_by_side,
                    ..case(names, *form, *numbers)
                }));
            }
        }
    }
    cases
}

/// Goes through all worlds of some cases, none of which may break the law; says how many there were.
#[track_caller]
#[expect(
    clippy::print_stdout,
    reason = "`docs/reliability.md` has these numbers"
)]
fn holds(cases: Vec<Case>) -> Explored {
    let mut all = Explored::default();
    let number = cases.len();
    for case in cases {
        let text = format!("{case:?}");
        let Explored {
            worlds,
            steps,
            undecided,
            twice,
            counterexample,
        } = explore(case, MOST_WORLDS);
        if let Some(counterexample) = counterexample {
            panic!("{text}\n{}", counterexample.text());
        }
        all.worlds += worlds;
        all.steps += steps;
        all.undecided += undecided;
        all.twice += twice;
    }
    println!(
        "{number} cases: {} worlds, {} steps; {} worlds undecided, {} with an offer twice",
        all.worlds, all.steps, all.undecided, all.twice
    );
    all
}

#[test]
fn one_name_holds() {
    let mut cases = Vec::new();
    for form in FORMS {
        let budgets = [[2, 1, 0, 0, 0], [1, 0, 1, 0, 0], [0, 1, 1, 0, 0]];
        cases.extend(budgets.map(|numbers| case(ONE, form, numbers)));
    }
    let budgets = [[2, 0, 1, 0, 0], [1, 1, 1, 0, 0]];
    cases.extend(budgets.map(|numbers| case(ONE, Form::Plain, numbers)));
    let found = holds(cases);
    assert_eq!((found.undecided, found.twice), (0, 0));
}

#[test]
fn two_names_hold() {
    let budgets = [
        [1, 1, 0, 0, 0],
        [2, 0, 0, 0, 0],
        [2, 1, 0, 0, 0],
        [0, 0, 1, 0, 0],
    ];
    let found = holds(two_names(&[Form::Plain], &budgets));
    assert_eq!((found.undecided, found.twice), (0, 0));
}

#[test]
fn two_localized_names_hold() {
    let budgets = [[1, 1, 0, 0, 0], [2, 0, 0, 0, 0]];
    let found = holds(two_names(&[Form::Localized], &budgets));
    assert_eq!((found.undecided, found.twice), (0, 0));
}

#[test]
fn what_people_make_meanwhile_leads_to_doubt_at_worst() {
    let budgets = [[1, 0, 0, 1, 0], [0, 1, 0, 1, 0]];
    let mut cases = two_names(&[Form::Plain], &budgets);
    for form in FORMS {
        cases.extend(budgets.map(|numbers| case(ONE, form, numbers)));
        cases.push(case(ONE, form, [1, 0, 0, 2, 0]));
    }
    let found = holds(cases);
    assert!(found.undecided > 0, "the cases are too tame");
    assert_eq!(found.twice, 0);
}

#[test]
fn what_is_made_twice_beyond_the_assumption_is_said() {
    let budgets = [[1, 0, 0, 0, 1], [0, 1, 0, 0, 1], [0, 0, 1, 0, 1]];
    let mut cases = two_names(&[Form::Plain], &budgets[..2]);
    for form in FORMS {
        cases.extend(budgets.map(|numbers| case(ONE, form, numbers)));
    }
    let found = holds(cases);
    assert!(found.twice > 0, "the cases are too tame");
}

/// Finds a way to break the law in a program that is broken on purpose.
#[track_caller]
fn is_found(executor: Executor, names: &[u8], numbers: [u8; 5]) {
    for form in FORMS {
        let case = case(names, form, numbers);
        let found = explore(
            Case {
                executor,
                ..case.clone()
            },
            MOST_WORLDS,
        );
        let counterexample = found.counterexample.expect("it is broken");
        let text = counterexample.text();
        assert!(text.contains("made more often than declared"), "{text}");
        let sound = explore(case, MOST_WORLDS);
        assert!(sound.counterexample.is_none());
    }
}

#[test]
fn a_create_that_is_repeated_blindly_is_found() {
    is_found(Executor::BlindRetry, ONE, [1, 0, 0, 0, 0]);
}

#[test]
fn an_intent_that_is_written_after_the_send_is_found() {
    is_found(Executor::LateIntent, ONE, [0, 1, 0, 0, 0]);
    is_found(Executor::LateIntent, ONE, [1, 0, 0, 0, 0]);
}

#[test]
fn a_program_that_does_not_settle_is_found() {
    is_found(Executor::NoSettling, ONE, [0, 1, 0, 0, 0]);
    is_found(Executor::NoSettling, ONE, [1, 0, 0, 0, 0]);
}

/// The model found this in itself, at first.
#[test]
fn a_look_while_another_create_is_still_to_be_sent_is_found() {
    let hasty = |executor| Case {
        side_by_side: 2,
        executor,
        ..case(DISTINCT, Form::Plain, [1, 1, 0, 0, 0])
    };
    let found = explore(hasty(Executor::HastyLook), MOST_WORLDS);
    let text = found.counterexample.expect("it is broken").text();
    assert!(text.contains("made more often than declared"), "{text}");
    assert!(
        explore(hasty(Executor::Sound), MOST_WORLDS)
            .counterexample
            .is_none()
    );
}

#[test]
#[ignore = "it takes minutes: the widest cases, for `docs/reliability.md`"]
fn wide_cases_hold() {
    let mut cases = two_names(&[Form::Localized], &[[2, 1, 0, 0, 0]]);
    let budgets = [[2, 0, 1, 0, 0], [1, 1, 1, 0, 0]];
    cases.extend(budgets.map(|numbers| case(ONE, Form::Localized, numbers)));
    cases.extend(two_names(
        &[Form::Plain],
        &[[1, 0, 1, 0, 0], [0, 1, 1, 0, 0]],
    ));
    let found = holds(cases);
    assert_eq!((found.undecided, found.twice), (0, 0));
    let edited = two_names(&[Form::Localized], &[[1, 0, 0, 1, 0], [0, 1, 0, 1, 0]]);
    assert_eq!(holds(edited).twice, 0);
    holds(two_names(&[Form::Plain], &[[0, 0, 1, 0, 1]]));
}
