//! A model of executor, state backend, second runner and service: whatever goes wrong, and in whatever order things
//! happen, nothing is made twice, and in the end everything is as declared.
//!
//! ```text
//!   service    a create takes effect, with or without its marker; shows in the lists row by row; is refused by itself
//!              or together with others; is answered, or answered with another offer; its answer is lost
//!   backend    a write works, fails, or fails though it is durable; who is no longer current is refused
//!   runners    lock, settle, plan, intend, send, take in, look, finish: killed, interrupted or standing still anywhere
//!   people     make an offer by hand: equal, similar or unrelated
//! ```
//!
//! States, settling, judging answers, matching and planning are those of the core; the executor is a copy of the
//! engine's, step by step. What is assumed of the service is a rule of the model: a look after the window sees all that
//! was sent on connections that had ended; a change of what is there takes effect before its connection ends, or never. `docs/reliability.md` has the numbers.

mod action;
mod answers;
mod catalogue;
mod executor;
mod explore;
mod facts;
mod law;
mod service;
mod steps;
mod walks;
mod world;

use self::explore::{Explored, explore};
use self::world::{Budget, Case, Executor, Form};

const ONE: &[u8] = &[0];
const DISTINCT: &[u8] = &[0, 1];
const EQUAL: &[u8] = &[0, 0];
/// With the same title and price.
const NEAR: &[u8] = &[0, 10];

/// Over JSON-RPC, where nothing is marked.
const UNMARKED: [Form; 2] = [Form::Plain, Form::Localized];
const FORMS: [Form; 3] = [Form::Plain, Form::Localized, Form::Marked];

/// Budgets in which nothing, or one thing, goes wrong.
const QUIET: [u8; 5] = [0, 0, 0, 0, 0];
const FAULT: [u8; 5] = [1, 0, 0, 0, 0];
const CRASH: [u8; 5] = [0, 1, 0, 0, 0];
const STALL: [u8; 5] = [0, 0, 1, 0, 0];

/// How the law is broken most often.
const TWICE: &str = "made more often than declared";

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
        lies: 0,
        unlocks: 0,
    }
}

/// Lets the service lie so often.
fn lying(lies: u8, cases: Vec<Case>) -> Vec<Case> {
    let cases = cases.into_iter();
    cases.map(|case| with_lies(lies, case)).collect()
}

fn with_lies(lies: u8, case: Case) -> Case {
    let budget = Budget {
        lies,
        ..case.budget
    };
    Case { budget, ..case }
}

fn case(names: &[u8], form: Form, numbers: [u8; 5]) -> Case {
    Case {
        names: names.to_vec(),
        form,
        runners: if numbers[2] > 0 { 2 } else { 1 },
        batch: 1,
        side_by_side: 1,
        budget: budget(numbers),
        changes: false,
        executor: Executor::Sound,
    }
}

/// Two runners, each of which also changes the price of an offer that is there.
fn with_changes((unlocks, case): (u8, Case)) -> Case {
    let budget = Budget {
        unlocks,
        ..case.budget
    };
    Case {
        runners: 2,
        changes: true,
        budget,
        ..case
    }
}

/// Cases of one name.
fn one_name(forms: &[Form], budgets: &[[u8; 5]]) -> Vec<Case> {
    let cases = forms.iter().flat_map(|form| {
        let cases = budgets.iter();
        cases.map(|numbers| case(ONE, *form, *numbers))
    });
    cases.collect()
}

/// Cases of two names, in all modes.
fn two_names(forms: &[Form], budgets: &[[u8; 5]]) -> Vec<Case> {
    in_all_modes(&[DISTINCT, EQUAL], forms, budgets)
}

fn in_all_modes(names: &[&[u8]], forms: &[Form], budgets: &[[u8; 5]]) -> Vec<Case> {
    let mut cases = Vec::new();
    for names in names {
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

/// Cases of three names, two of which go together: while they wait, the third one goes on.
fn three_names(budgets: &[[u8; 5]]) -> Vec<Case> {
    let names: [&[u8]; 3] = [&[0, 1, 2], &[0, 1, 0], &[0, 0, 0]];
    let cases = names.iter().flat_map(|names| {
        budgets.iter().flat_map(|numbers| {
            [1, 2].map(|side_by_side| Case {
                batch: 2,
                side_by_side,
                ..case(names, Form::Plain, *numbers)
            })
        })
    });
    cases.collect()
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
    let budgets = [[2, 1, 0, 0, 0], [1, 0, 1, 0, 0], [0, 1, 1, 0, 0]];
    let mut cases = one_name(&UNMARKED, &budgets);
    let budgets = [[2, 0, 1, 0, 0], [1, 1, 1, 0, 0]];
    cases.extend(one_name(&[Form::Plain], &budgets));
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
    cases.extend(one_name(&FORMS, &budgets));
    cases.extend(one_name(&FORMS, &[[1, 0, 0, 2, 0]]));
    cases.extend(lying(1, one_name(&FORMS, &[[0, 0, 0, 1, 0]])));
    let found = holds(cases);
    assert!(found.undecided > 0, "the cases are too tame");
    assert_eq!(found.twice, 0);
}

#[test]
fn what_is_made_twice_beyond_the_assumption_is_said() {
    let budgets = [[1, 0, 0, 0, 1], [0, 1, 0, 0, 1], [0, 0, 1, 0, 1]];
    let mut cases = two_names(&[Form::Plain], &[[0, 0, 0, 0, 1]]);
    cases.extend(one_name(&FORMS, &budgets));
    let found = holds(cases);
    assert!(found.twice > 0, "the cases are too tame");
}

#[test]
fn refusals_and_answers_that_prove_nothing_hold() {
    let plain = |numbers: &[[u8; 5]]| two_names(&[Form::Plain], numbers);
    let mut cases = lying(1, one_name(&UNMARKED, &[FAULT, CRASH, STALL]));
    cases.extend(lying(2, one_name(&UNMARKED, &[QUIET])));
    cases.extend(lying(1, plain(&[FAULT, CRASH])));
    cases.extend(lying(2, plain(&[QUIET])));
    cases.extend(lying(1, two_names(&[Form::Localized], &[QUIET])));
    cases.extend(lying(1, in_all_modes(&[NEAR], &UNMARKED, &[QUIET])));
    cases.extend(lying(1, three_names(&[QUIET])));
    let found = holds(cases);
    assert_eq!((found.undecided, found.twice), (0, 0));
}

#[test]
fn markers_hold_and_lead_to_doubt_where_they_are_not_kept() {
    let budgets = [FAULT, CRASH];
    let mut cases = two_names(&[Form::Marked], &budgets);
    cases.extend(one_name(&[Form::Marked], &budgets));
    let found = holds(cases.clone());
    assert_eq!((found.undecided, found.twice), (0, 0));
    let found = holds(lying(1, cases));
    assert!(found.undecided > 0, "the cases are too tame");
    assert_eq!(found.twice, 0);
}

/// Finds a way to break the law in a program that is broken on purpose, and none in the one that is not.
#[track_caller]
fn breaks(executor: Executor, case: Case, expect: &str) {
    let broken = Case {
        executor,
        ..case.clone()
    };
    let found = explore(broken, MOST_WORLDS);
    let text = found.counterexample.expect("it is broken").text();
    assert!(text.contains(expect), "{text}");
    assert!(explore(case, MOST_WORLDS).counterexample.is_none());
}

#[track_caller]
fn is_found(executor: Executor, names: &[u8], numbers: [u8; 5]) {
    for form in FORMS {
        breaks(executor, case(names, form, numbers), TWICE);
    }
}

/// Finds what only a service that lies once shows, with two creates in a request or two requests side by side.
#[track_caller]
fn is_found_by_a_lie(
    executor: Executor,
    (names, form): (&[u8], Form),
    (batch, side_by_side): (usize, usize),
    expect: &str,
) {
    let case = Case {
        batch,
        side_by_side,
        ..case(names, form, QUIET)
    };
    breaks(executor, with_lies(1, case), expect);
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
    let case = Case {
        side_by_side: 2,
        ..case(DISTINCT, Form::Plain, [1, 1, 0, 0, 0])
    };
    breaks(Executor::HastyLook, case, "round in circles");
}

#[test]
fn a_program_that_believes_every_answer_is_found() {
    let other = "has the offer of another name";
    for form in FORMS {
        is_found_by_a_lie(Executor::BelievesAnswers, (ONE, form), (1, 1), other);
        for mode in MODES {
            is_found_by_a_lie(Executor::BelievesAnswers, (DISTINCT, form), mode, other);
            is_found_by_a_lie(Executor::BelievesAnswers, (EQUAL, form), mode, "name");
        }
    }
}

#[test]
fn a_program_that_takes_a_refused_batch_for_proof_is_found() {
    for form in FORMS {
        for names in [DISTINCT, EQUAL] {
            is_found_by_a_lie(Executor::RefusedBatchIsProof, (names, form), (2, 1), TWICE);
        }
    }
}

/// The model found this in the rules: an answer that is accepted may show the offer of another create with equal
/// contents, while its own create may still take effect.
#[test]
fn a_window_that_does_not_begin_with_the_last_create_that_ended_is_found() {
    is_found_by_a_lie(Executor::ShortWindow, (EQUAL, Form::Plain), (1, 2), TWICE);
}

#[test]
fn a_refused_create_that_is_not_looked_out_for_is_found() {
    for form in FORMS {
        let case = case(ONE, form, [0, 0, 0, 0, 1]);
        breaks(Executor::ForgetsRefused, case, "nobody says so");
    }
}

#[test]
fn two_runners_that_make_and_change_hold_whoever_sleeps_or_is_unlocked() {
    let mut cases = Vec::new();
    for form in UNMARKED {
        for (unlocks, numbers) in [
            (0, QUIET),
            (0, STALL),
            (1, QUIET),
            (1, STALL),
            (1, CRASH),
            (0, [0, 1, 1, 0, 0]),
        ] {
            cases.push(with_changes((unlocks, case(ONE, form, numbers))));
        }
    }
    cases.push(with_changes((0, case(DISTINCT, Form::Plain, STALL))));
    cases.push(with_changes((1, case(DISTINCT, Form::Plain, QUIET))));
    let found = holds(cases);
    assert_eq!((found.undecided, found.twice), (0, 0));
}

/// Finds a mistake of a holder that sleeps, or whose lock is taken away.
#[track_caller]
fn is_found_in_a_race(executor: Executor, (unlocks, numbers): (u8, [u8; 5]), expect: &str) {
    let case = with_changes((unlocks, case(ONE, Form::Plain, numbers)));
    breaks(executor, case, expect);
}

const NOT_ON_SALE: &str = "is not on sale";

#[test]
fn a_holder_that_sleeps_between_being_asked_and_sending_is_found() {
    is_found_in_a_race(Executor::AsksOnce, (0, STALL), TWICE);
    let case = case(ONE, Form::Plain, STALL);
    breaks(Executor::AsksOnce, case, TWICE);
}

#[test]
fn a_holder_that_changes_what_is_on_sale_without_its_lock_is_found() {
    is_found_in_a_race(Executor::StaleChanges, (0, STALL), NOT_ON_SALE);
    is_found_in_a_race(Executor::StaleChanges, (1, QUIET), NOT_ON_SALE);
}

#[test]
fn a_lock_that_is_taken_at_once_after_an_unlock_is_found() {
    is_found_in_a_race(Executor::NoQuiet, (1, QUIET), NOT_ON_SALE);
}

#[test]
fn a_document_of_a_former_holder_that_hides_what_the_next_intends_is_found() {
    let case = with_changes((0, case(DISTINCT, Form::Plain, [0, 1, 1, 0, 0])));
    breaks(Executor::NoFence, case, TWICE);
}

#[test]
#[ignore = "it takes minutes: the widest cases, for `docs/reliability.md`"]
fn wide_cases_hold() {
    let mut cases = two_names(&[Form::Localized], &[[2, 1, 0, 0, 0]]);
    let budgets = [[2, 0, 1, 0, 0], [1, 1, 1, 0, 0]];
    cases.extend(one_name(&[Form::Localized], &budgets));
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

#[test]
#[ignore = "it takes minutes: the widest cases of a service that lies, for `docs/reliability.md`"]
fn wide_cases_with_lies_hold() {
    let mut cases = lying(1, two_names(&[Form::Plain], &[[1, 1, 0, 0, 0], STALL]));
    cases.extend(lying(2, two_names(&[Form::Plain], &[FAULT, CRASH])));
    let localized = |budgets: &[[u8; 5]]| two_names(&[Form::Localized], budgets);
    cases.extend(lying(1, localized(&[FAULT, CRASH])));
    cases.extend(lying(2, localized(&[QUIET])));
    cases.extend(lying(1, three_names(&[FAULT, CRASH])));
    cases.extend(lying(
        1,
        in_all_modes(&[NEAR], &[Form::Plain], &[FAULT, CRASH]),
    ));
    let found = holds(cases);
    assert_eq!((found.undecided, found.twice), (0, 0));
    let edited = [[0, 0, 0, 1, 0], [1, 0, 0, 1, 0], [0, 1, 0, 1, 0]];
    assert_eq!(holds(lying(1, two_names(&[Form::Plain], &edited))).twice, 0);
    let late = [[1, 0, 0, 0, 1], [0, 1, 0, 0, 1]];
    holds(two_names(&[Form::Plain], &late));
    holds(lying(1, two_names(&[Form::Plain], &[[0, 0, 0, 0, 1]])));
    let marked = two_names(&[Form::Marked], &[QUIET, FAULT, CRASH]);
    assert_eq!(holds(lying(2, marked)).twice, 0);
}
