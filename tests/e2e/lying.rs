//! A service whose lists lie, or that says nothing: every command ends soon, with an error that a person can act on.

use crate::support::{Answer, Api, Asked, Fake, Run, Shown, both};

/// The commands that read the catalogue.
const COMMANDS: [&str; 5] = [
    "plan",
    "apply --auto-approve",
    "drift",
    "doctor",
    "import --dry-run",
];

/// Expects of every command that it ends within so many seconds with exit 1, and says these words.
#[track_caller]
fn every_command_fails(fake: &Fake, seconds: u64, words: &[&str]) {
    these_fail(&COMMANDS, fake, seconds, words);
}

/// Expects the same of some commands.
#[track_caller]
fn these_fail(lines: &[&str], fake: &Fake, seconds: u64, words: &[&str]) {
    for line in lines {
        let run = fake.run_within(seconds, line).exits(1);
        let said = said(&run);
        for words in words {
            assert!(said.contains(words), "no {words:?} in {run:?}");
        }
    }
}

/// All that a command says, without its line breaks.
fn said(run: &Run) -> String {
    let all = format!("{}\n{}", run.out, run.err);
    all.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn only_active(asked: Asked, shown: Shown) -> Answer {
    let is_active = asked.active != Some(false);
    if is_active {
        shown.into()
    } else {
        Shown::default().into()
    }
}

both!(a_huge_total_is_an_error_with_both_numbers);

fn a_huge_total_is_an_error_with_both_numbers(api: Api) {
    for total in [1_000_000_000, 9_223_372_036_854_775_807_u64] {
        let fake = Fake::start(api, "", move |asked| {
            let passes = if asked.offset == 0 {
                vec![1, 2, 3]
            } else {
                vec![]
            };
            let total = Some(total);
            only_active(
                asked,
                Shown {
                    passes,
                    total,
                    ..Shown::default()
                },
            )
        });
        every_command_fails(&fake, 20, &["shows 3 offers", &format!("total is {total}")]);
        assert!(fake.lists() < 30 * 250, "{} lists", fake.lists());
    }
}

both!(pages_without_end_are_an_error_that_names_the_limit);

fn pages_without_end_are_an_error_that_names_the_limit(api: Api) {
    let fake = Fake::start(api, "maxOffers: 3000", |asked| {
        let passes = (asked.offset..asked.offset + asked.limit).collect();
        let total = Some(1_000_000_000);
        only_active(
            asked,
            Shown {
                passes,
                total,
                ..Shown::default()
            },
        )
    });
    every_command_fails(&fake, 20, &["more than 3000 offers", "`limits.maxOffers`"]);
}

#[test]
fn pages_without_end_and_without_a_total_are_an_error_that_names_the_limit() {
    let fake = Fake::start(Api::Rest, "maxOffers: 3000", |asked| {
        let passes = (asked.offset..asked.offset + asked.limit).collect();
        only_active(
            asked,
            Shown {
                passes,
                ..Shown::default()
            },
        )
    });
    every_command_fails(&fake, 20, &["more than 3000 offers", "`limits.maxOffers`"]);
}

#[test]
fn a_link_that_leads_back_is_an_error_that_says_so() {
    for circle in [1, 2, 5] {
        let fake = Fake::start(Api::Rest, "", move |asked| {
            let number = asked.offset;
            let next = (number + 1) % circle;
            let place = if next == 0 {
                String::new()
            } else {
                format!("&offset={next}")
            };
            let page = Shown {
                passes: vec![number + 1],
                next: Some(format!("/3.1/offers?active=true{place}&limit=100")),
                ..Shown::default()
            };
            only_active(asked, page)
        });
        every_command_fails(&fake, 20, &["leads back to a page that was read before"]);
        let most = COMMANDS.len() * 3 * (2 + usize::try_from(circle).unwrap());
        assert!(fake.lists() <= most, "{} lists", fake.lists());
    }
}

both!(a_service_that_never_answers_is_waited_for_as_long_as_said);

fn a_service_that_never_answers_is_waited_for_as_long_as_said(api: Api) {
    let fake = Fake::start(api, "patienceSeconds: 1, timeoutSeconds: 3", |_| {
        Answer::Silence
    });
    let reading = COMMANDS.map(|line| if line == "doctor" { "plan" } else { line });
    these_fail(
        &reading,
        &fake,
        15,
        &["longer than 1 s (`limits.patienceSeconds`)"],
    );
    // It asks one small question first, which is bounded by the time of a request.
    these_fail(&["doctor"], &fake, 15, &["does not answer"]);
    let run = fake.run_within(4, "plan");
    let _run = run.exits(1);
}

both!(a_wait_that_is_too_long_is_not_begun);

fn a_wait_that_is_too_long_is_not_begun(api: Api) {
    for status in [429, 503] {
        let fake = Fake::start(api, "", move |_| Answer::Status(status, 86_400));
        every_command_fails(
            &fake,
            15,
            &["asks to wait 86400 s", "patienceSeconds allows (300 s)"],
        );
        every_command_fails(&fake, 15, &[&status.to_string()]);
    }
}

both!(a_wait_is_announced_with_its_length);

fn a_wait_is_announced_with_its_length(api: Api) {
    let fake = Fake::start(api, "concurrency: 1", |asked| match asked.before {
        0 | 1 => Answer::Status(429, 1),
        2 => Answer::Status(429, 2),
        3 => Answer::Status(503, 3),
        _ => Shown::default().into(),
    });
    let run = fake.run_within(30, "plan").exits(0);
    let lines = [
        "the service has too many requests (HTTP 429); waiting 1 s as it asks",
        "the service has too many requests (HTTP 429); waiting 2 s as it asks",
        "the service is not available; waiting 3 s as it asks",
    ];
    for line in lines {
        assert_eq!(run.err.matches(line).count(), 1, "{line}: {run:?}");
    }
}

/// A REST list that shows all it has of a kind, whatever else is asked.
fn whole(active: u64, inactive: u64) -> Fake {
    Fake::start(Api::Rest, "", move |asked| {
        let numbers = match asked.active {
            Some(true) => 0..active,
            Some(false) => active..active + inactive,
            // It says of none whether it is active, and need not: only its length matters.
            None => 0..active + inactive,
        };
        let passes = numbers.collect();
        Shown {
            passes,
            ..Shown::default()
        }
        .into()
    })
}

#[test]
fn a_list_as_long_as_a_usual_page_is_read_if_another_one_is_longer() {
    for count in [10, 20, 100] {
        for (active, inactive) in [(count, 1), (count, count), (1, count)] {
            let fake = whole(active, inactive);
            for line in ["plan", "drift", "doctor", "import --dry-run --adopt"] {
                let _run = fake.run_within(20, line).exits(0);
            }
        }
    }
}

#[test]
fn a_list_as_long_as_a_usual_page_is_an_error_with_a_way_out_if_nothing_is_longer() {
    for count in [10, 20, 100] {
        let words = [
            &format!("the same {count} offers"),
            "one offer more or less",
        ];
        every_command_fails(&whole(count, 0), 20, &words);
    }
}
