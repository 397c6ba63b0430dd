//! The lock, and runs that end before their time: by a signal, or killed.

#![cfg(unix)]

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::{Api, Draft, Run, STATE, Shop, both};

/// Far longer than anything here takes, also on a machine that does other things as well.
const AGES: Duration = Duration::from_mins(1);

fn single(name: &str) -> Draft {
    Draft::new("single", name)
}

pub(crate) fn films(count: usize) -> Vec<Draft> {
    (0..count)
        .map(|index| single(&format!("film-{index}")))
        .collect()
}

/// A shop in which requests go out one by one, each with one call.
fn one_by_one(api: Api) -> Shop {
    let shop = Shop::of(api);
    shop.one_by_one();
    shop
}

/// A process of ours that is under way.
pub(crate) struct Going {
    child: Option<Child>,
    line: String,
}

/// Starts a command in a shop.
pub(crate) fn start(shop: &Shop, line: &str) -> Going {
    Going::of(shop.command(line), line)
}

impl Going {
    /// Starts a command.
    pub(crate) fn of(mut command: Command, line: &str) -> Self {
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        Self {
            child: Some(command.spawn().unwrap()),
            line: line.to_owned(),
        }
    }

    /// Ends it as `kill -9` does.
    pub(crate) fn kill(mut self) {
        let mut child = self.child.take().unwrap();
        child.kill().unwrap();
        let _ended = child.wait().unwrap();
    }

    pub(crate) fn signal(&self, name: &str) {
        let pid = self.child.as_ref().unwrap().id().to_string();
        let sent = Command::new("kill").args([name, &pid]).status().unwrap();
        assert!(sent.success());
    }

    /// Waits for its end.
    pub(crate) fn end(mut self) -> Run {
        let output = self.child.take().unwrap().wait_with_output().unwrap();
        Run::from_output(&output, &self.line)
    }
}

impl Drop for Going {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _killed = child.kill();
            let _ended = child.wait();
        }
    }
}

/// Waits until something is so.
#[track_caller]
pub(crate) fn until(what: &str, holds: impl Fn() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < AGES, "waited in vain until {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Waits until so many calls that write have arrived.
#[track_caller]
pub(crate) fn until_written(shop: &Shop, count: u64) {
    until("it writes", || {
        shop.emulator().requests().write_calls() >= count
    });
}

/// Expects that each title is on sale just once.
#[track_caller]
pub(crate) fn each_once(shop: &Shop, count: usize) {
    for index in 0..count {
        let title = format!("Title of film-{index}");
        assert_eq!(shop.active(&title).len(), 1, "{title}");
    }
    assert_eq!(shop.emulator().offers().len(), count);
}

#[track_caller]
fn none_twice(shop: &Shop, count: usize) {
    for index in 0..count {
        let title = format!("Title of film-{index}");
        assert!(shop.active(&title).len() <= 1, "{title}");
    }
}

both!(a_lock_that_is_held_ends_the_command_at_once_and_says_who_holds_it);

fn a_lock_that_is_held_ends_the_command_at_once_and_says_who_holds_it(api: Api) {
    let shop = Shop::of(api);
    shop.declare(&films(2));
    shop.fault("create*=delay:4000,after");
    let first = start(&shop, "apply --auto-approve");
    until_written(&shop, 2);
    let pid = first.child.as_ref().unwrap().id();
    for line in [
        "apply --auto-approve",
        "apply --auto-approve --format json",
        "state adopt film-0 A123456789_US",
        "state forget film-0",
    ] {
        let run = shop.run(line).exits(75);
        assert!(
            run.err.contains(&pid.to_string()) && run.err.contains("tester"),
            "{run:?}"
        );
    }
    shop.run("apply -y").complains("--lock-timeout");
    // Whoever only looks needs no lock, and sees what is not decided.
    for line in ["plan", "drift", "state list", "validate"] {
        let run = shop.run(line);
        assert_eq!(run.code, 0, "{run:?}");
    }
    shop.run("state list").exits(0).says("?");
    shop.run("apply --dry-run").exits(0);
    let _run = first.end().exits(0);
    each_once(&shop, 2);
}

both!(a_lock_is_waited_for_as_long_as_was_said);

fn a_lock_is_waited_for_as_long_as_was_said(api: Api) {
    let shop = Shop::of(api);
    shop.declare(&films(2));
    shop.fault("create*=delay:2000,after");
    let first = start(&shop, "apply --auto-approve");
    until_written(&shop, 2);
    shop.run("apply --auto-approve --lock-timeout 0.1")
        .exits(75);
    let second = shop.run("apply --auto-approve --lock-timeout 60").exits(0);
    assert!(second.out.contains("No changes."), "{second:?}");
    let _run = first.end().exits(0);
    each_once(&shop, 2);
}

both!(unlocking_a_folder_says_who_holds_it_and_that_it_ends_with_that_process);

fn unlocking_a_folder_says_who_holds_it_and_that_it_ends_with_that_process(api: Api) {
    let shop = Shop::of(api);
    shop.declare(&films(1));
    shop.run("state unlock").exits(0).says("Nobody holds");
    shop.fault("create*=delay:4000,after");
    let first = start(&shop, "apply --auto-approve");
    until_written(&shop, 1);
    let pid = first.child.as_ref().unwrap().id();
    for line in ["state unlock", "state unlock --yes"] {
        let run = shop.run(line).exits(75).complains("ends with the process");
        assert!(run.err.contains(&pid.to_string()), "{run:?}");
    }
    let _run = first.end().exits(0);
    shop.run("state unlock").exits(0).says("Nobody holds");
}

both!(several_applies_at_once_make_everything_once);

fn several_applies_at_once_make_everything_once(api: Api) {
    let shop = one_by_one(api);
    shop.declare(&films(6));
    shop.fault("create*=delay:20");
    let all: Vec<Going> = (0..4)
        .map(|_| start(&shop, "apply --auto-approve --lock-timeout 60"))
        .collect();
    for going in all {
        let _run = going.end().exits(0);
    }
    each_once(&shop, 6);
    assert_eq!(shop.requests().write_calls(), 6);
}

both!(several_applies_at_once_without_patience_make_everything_once);

fn several_applies_at_once_without_patience_make_everything_once(api: Api) {
    let shop = one_by_one(api);
    shop.declare(&films(4));
    shop.fault("create*=delay:100");
    let all: Vec<Going> = (0..4).map(|_| start(&shop, "apply -y")).collect();
    let codes: Vec<i32> = all.into_iter().map(|going| going.end().code).collect();
    assert!(
        codes.iter().all(|code| [0, 75].contains(code)) && codes.contains(&0),
        "{codes:?}"
    );
    each_once(&shop, 4);
}

both!(whoever_looks_while_another_run_writes_sees_a_whole_state);

fn whoever_looks_while_another_run_writes_sees_a_whole_state(api: Api) {
    let count = 40;
    let shop = one_by_one(api);
    shop.declare(&films(count));
    // Several short runs, since the document is stored at the end of each.
    for made in [10, 20, 30, count] {
        shop.declare(&films(made));
        let going = start(&shop, "apply --auto-approve");
        for _ in 0..6 {
            let run = shop.run("state list --format json").exits(0);
            let bound = run.json()["offers"].as_array().unwrap().len();
            assert!((made - 10..=made).contains(&bound), "{bound} of {made}");
        }
        let _run = going.end().exits(0);
    }
    each_once(&shop, count);
}

both!(locks_of_two_environments_are_two);

fn locks_of_two_environments_are_two(api: Api) {
    let shop = Shop::of(api);
    let url = shop.emulator().url();
    let lines = api.lines("");
    shop.configure(&format!("  other:\n    endpoint: \"{url}\"\n{lines}"));
    shop.declare(&films(1));
    shop.fault("create*=delay:3000,after");
    let first = start(&shop, "apply -y -e shop");
    until_written(&shop, 1);
    shop.run("plan -e other").exits(0);
    // Nothing to adopt there: the lock is had all the same.
    shop.run("state adopt film-0 A123456789_US -e other")
        .exits(3);
    let _run = first.end().exits(0);
}

both!(the_lock_of_a_process_that_was_killed_is_free);

fn the_lock_of_a_process_that_was_killed_is_free(api: Api) {
    let shop = one_by_one(api);
    shop.declare(&films(3));
    shop.fault("create*=delay:4000");
    let mut first = start(&shop, "apply --auto-approve");
    until_written(&shop, 0);
    until("it holds the lock", || {
        shop.path(".offerctl/shop/lock").is_file()
    });
    let mut child = first.child.take().unwrap();
    child.kill().unwrap();
    let _ended = child.wait().unwrap();
    shop.emulator().clear_faults();
    let run = shop.run("apply --auto-approve");
    assert!([0, 5, 6].contains(&run.code), "{run:?}");
    none_twice(&shop, 3);
}

/// Kills an apply when so many writes have arrived, and applies again.
#[track_caller]
fn killed_after(api: Api, writes: u64, fault: &str) {
    let count = 6;
    let shop = one_by_one(api);
    shop.declare(&films(count));
    shop.fault(fault);
    let mut going = start(&shop, "apply --auto-approve");
    until_written(&shop, writes);
    let mut child = going.child.take().unwrap();
    child.kill().unwrap();
    let _ended = child.wait().unwrap();
    shop.emulator().clear_faults();
    // What was on its way when the process died arrives, or not.
    std::thread::sleep(Duration::from_millis(50));
    let mut codes = Vec::new();
    for _ in 0..3 {
        let run = shop.run("apply --auto-approve");
        assert!([0, 5, 6].contains(&run.code), "{codes:?} {run:?}");
        none_twice(&shop, count);
        codes.push(run.code);
        if run.code == 0 {
            each_once(&shop, count);
            shop.expect_no_changes();
            break;
        }
    }
}

both!(nothing_is_made_twice_when_a_run_is_killed_while_it_waits_for_an_answer);

fn nothing_is_made_twice_when_a_run_is_killed_while_it_waits_for_an_answer(api: Api) {
    for writes in [1, 3, 6] {
        killed_after(api, writes, "create*=delay:30,after");
    }
}

both!(nothing_is_made_twice_when_a_run_is_killed_before_its_request_took_effect);

fn nothing_is_made_twice_when_a_run_is_killed_before_its_request_took_effect(api: Api) {
    for writes in [1, 2, 5] {
        killed_after(api, writes, "create*=delay:30");
    }
}

both!(nothing_is_made_twice_when_a_run_is_killed_at_any_time);

fn nothing_is_made_twice_when_a_run_is_killed_at_any_time(api: Api) {
    let count = 5;
    for delay in [1, 5, 9, 14, 20, 27, 35, 50] {
        let shop = one_by_one(api);
        shop.declare(&films(count));
        shop.fault("create*=delay:4,after");
        let mut going = start(&shop, "apply --auto-approve");
        std::thread::sleep(Duration::from_millis(delay));
        let mut child = going.child.take().unwrap();
        child.kill().unwrap();
        let _ended = child.wait().unwrap();
        std::thread::sleep(Duration::from_millis(20));
        for _ in 0..3 {
            let run = shop.run("apply --auto-approve");
            assert!([0, 5, 6].contains(&run.code), "{delay} ms: {run:?}");
            none_twice(&shop, count);
            if run.code == 0 {
                each_once(&shop, count);
                break;
            }
        }
    }
}

both!(the_next_apply_settles_what_a_killed_run_left_and_goes_on);

fn the_next_apply_settles_what_a_killed_run_left_and_goes_on(api: Api) {
    for fault in ["create*=delay:30,after", "create*=delay:30"] {
        for writes in [1, 3] {
            let shop = one_by_one(api);
            shop.declare(&films(4));
            shop.fault(fault);
            let mut going = start(&shop, "apply --auto-approve");
            until_written(&shop, writes);
            let mut child = going.child.take().unwrap();
            child.kill().unwrap();
            let _ended = child.wait().unwrap();
            shop.emulator().clear_faults();
            std::thread::sleep(Duration::from_millis(100));
            shop.run("apply --auto-approve").exits(0);
            each_once(&shop, 4);
            shop.expect_no_changes();
        }
    }
}

both!(a_signal_lets_what_is_under_way_finish_and_the_report_says_the_rest);

fn a_signal_lets_what_is_under_way_finish_and_the_report_says_the_rest(api: Api) {
    for signal in ["-INT", "-TERM"] {
        let shop = one_by_one(api);
        shop.declare(&films(6));
        shop.fault("create*=delay:300,after");
        let going = start(&shop, "apply --auto-approve --format json");
        until_written(&shop, 2);
        going.signal(signal);
        let run = going.end().exits(5);
        let document = run.json();
        shop.fits("report", &document);
        assert_eq!(document["interrupted"], true, "{run:?}");
        let summary = &document["summary"];
        let made = usize::try_from(summary["succeeded"].as_u64().unwrap()).unwrap();
        assert!((1..6).contains(&made), "{run:?}");
        assert_eq!(summary["unknown"], 0, "{run:?}");
        assert_eq!(shop.emulator().offers().len(), made, "{run:?}");
        assert_eq!(shop.state()["offers"].as_object().unwrap().len(), made);
        shop.emulator().clear_faults();
        let _run = shop.apply();
        each_once(&shop, 6);
    }
}

both!(a_second_signal_ends_the_run_at_once);

fn a_second_signal_ends_the_run_at_once(api: Api) {
    let shop = one_by_one(api);
    shop.declare(&films(3));
    shop.fault("create*=delay:4000");
    let going = start(&shop, "apply --auto-approve");
    // The intent of a create is there before it leaves.
    until("it sends", || {
        std::fs::read_dir(shop.path(".offerctl/shop/journal"))
            .is_ok_and(|mut entries| entries.next().is_some())
    });
    std::thread::sleep(Duration::from_millis(200));
    going.signal("-INT");
    std::thread::sleep(Duration::from_millis(300));
    going.signal("-TERM");
    let run = going.end();
    assert!([5, 6].contains(&run.code), "{run:?}");
    assert!(run.err.contains("nterrupt"), "{run:?}");
    shop.emulator().clear_faults();
    let run = shop.run("apply --auto-approve");
    assert!([0, 5, 6].contains(&run.code), "{run:?}");
    none_twice(&shop, 3);
}

both!(a_signal_while_the_catalogue_is_read_ends_the_run_with_nothing_written);

fn a_signal_while_the_catalogue_is_read_ends_the_run_with_nothing_written(api: Api) {
    let shop = Shop::of(api);
    shop.declare(&films(2));
    shop.fault("list*=delay:4000");
    let going = start(&shop, "apply --auto-approve");
    until("it reads", || {
        shop.emulator().requests().http_requests() >= 1
    });
    going.signal("-INT");
    let run = going.end();
    assert_ne!(run.code, 0, "{run:?}");
    assert_eq!(shop.writes(), 0);
    assert!(!shop.path(STATE).exists());
    shop.emulator().clear_faults();
    let _run = shop.apply();
    each_once(&shop, 2);
}
