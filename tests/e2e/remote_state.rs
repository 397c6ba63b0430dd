//! State in a bucket: the real binary, the emulator, and a real S3-speaking server.

#![cfg(unix)]

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::process::Command;
use std::time::Duration;

use cleeng_emulator::Field;
use serde_json::Value as Json;

use crate::drift::amount;
use crate::lock::{Going, each_once, films, until, until_written};
use crate::support::{Api, Bucket, CREDENTIALS, Draft, Run, Shop, both};

pub(crate) const LOCK: &str = "offers/shop/lock.json";
const STATE: &str = "offers/shop/state.json";

/// A shop whose state is in a bucket.
pub(crate) struct Remote {
    pub(crate) shop: Shop,
    pub(crate) bucket: Bucket,
    variables: Vec<(String, String)>,
}

impl Remote {
    pub(crate) fn new() -> Self {
        Self::at(Bucket::new())
    }

    fn at(bucket: Bucket) -> Self {
        Self::of(Shop::new(), bucket)
    }

    pub(crate) fn of(shop: Shop, bucket: Bucket) -> Self {
        shop.configure(&format!("    state: s3://{}/offers/shop\n", bucket.name));
        let variables = bucket.variables();
        Self {
            shop,
            bucket,
            variables,
        }
    }

    /// One in which requests go out one by one, each with one call.
    pub(crate) fn one_by_one() -> Self {
        Self::new().going_one_by_one()
    }

    pub(crate) fn going_one_by_one(self) -> Self {
        let remote = self;
        let config = remote.shop.read("offerctl.yaml");
        let limits = "{settleSeconds: 0.2, batch: 1, concurrency: 1}";
        let config = config.replace("{settleSeconds: 0.2}", limits);
        remote.shop.write("offerctl.yaml", &config);
        remote
    }

    /// Sets how long a lock lives; a request takes at most half of that.
    pub(crate) fn lock_lives(&mut self, seconds: f64) -> &mut Self {
        let config = self.shop.read("offerctl.yaml");
        let timeout = format!("{{settleSeconds: 0.2, timeoutSeconds: {}", seconds / 2.0);
        let config = config.replace("{settleSeconds: 0.2", &timeout);
        self.shop.write("offerctl.yaml", &config);
        self.set("OFFERCTL_LOCK_TTL", &seconds.to_string())
    }

    /// Sets a variable for all that is run from now on.
    pub(crate) fn set(&mut self, name: &str, value: &str) -> &mut Self {
        self.variables.retain(|(known, _)| known != name);
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    fn unset(&mut self, name: &str) -> &mut Self {
        self.variables.retain(|(known, _)| known != name);
        self
    }

    fn command(&self, line: &str) -> Command {
        let mut command = self.shop.command(line);
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    pub(crate) fn run(&self, line: &str) -> Run {
        let run = Run::of(&mut self.command(line), line);
        expect_secrecy(&run);
        run
    }

    pub(crate) fn start(&self, line: &str) -> Going {
        Going::of(self.command(line), line)
    }

    fn json(&self, key: &str) -> Json {
        serde_json::from_slice(&self.bucket.get(key).unwrap()).unwrap()
    }

    /// Expects that nobody holds the lock.
    #[track_caller]
    pub(crate) fn expect_free(&self) {
        assert!(self.json(LOCK)["holder"].is_null(), "{}", self.json(LOCK));
    }

    /// Expects that nothing is to be done, and that finding out wrote nothing.
    #[track_caller]
    pub(crate) fn expect_no_changes(&self) {
        let before = self.bucket.objects();
        let run = self.run("plan --detailed-exitcode").exits(0);
        assert!(run.out.contains("No changes."), "{run:?}");
        assert_eq!(self.bucket.objects(), before);
    }
}

/// Expects that no credential shows.
#[track_caller]
fn expect_secrecy(run: &Run) {
    for (name, value) in CREDENTIALS {
        let shown = run.out.contains(value) || run.err.contains(value);
        assert!(!shown, "{name} shows: {run:?}");
    }
}

#[test]
fn the_state_is_in_the_bucket_and_nowhere_else() {
    let remote = Remote::new();
    remote.shop.declare(&films(3));
    remote.run("apply -y").exits(0);
    each_once(&remote.shop, 3);
    let objects = remote.bucket.objects();
    let keys: Vec<&str> = objects.keys().map(String::as_str).collect();
    assert_eq!(keys, [LOCK, STATE]);
    let state = remote.json(STATE);
    assert_eq!(state["offers"].as_object().unwrap().len(), 3);
    assert!(!remote.shop.path(".offerctl").exists());
    remote.expect_free();
    remote.expect_no_changes();
    remote.shop.requests();
    let run = remote.run("apply -y").exits(0);
    assert!(run.out.contains("No changes."), "{run:?}");
    assert_eq!(remote.shop.writes(), 0);
    // A document is stored whenever the lock is taken; nothing but its serial differs.
    let after = remote.json(STATE);
    assert_eq!(after["offers"], state["offers"]);
    remote.expect_free();
}

#[test]
fn who_only_looks_takes_no_lock_and_writes_nothing() {
    let remote = Remote::new();
    remote.shop.declare(&films(2));
    for line in [
        "validate",
        "plan",
        "drift",
        "state list",
        "state pending",
        "apply --dry-run",
        "state unlock",
    ] {
        let run = remote.run(line);
        assert_eq!(run.code, 0, "{run:?}");
        assert!(remote.bucket.objects().is_empty(), "{run:?}");
    }
    remote.run("apply -y").exits(0);
    let before = remote.bucket.objects();
    for line in [
        "plan",
        "drift",
        "state list",
        "state show film-0",
        "state unlock",
    ] {
        remote.run(line).exits(0);
        assert_eq!(remote.bucket.objects(), before, "{line}");
    }
}

#[test]
fn of_two_applies_at_once_one_runs_and_the_other_ends_or_waits() {
    let remote = Remote::new();
    remote.shop.declare(&films(2));
    remote.shop.fault("create*=delay:4000,after");
    let first = remote.start("apply -y");
    until_written(&remote.shop, 2);
    remote.run("apply -y").exits(75).complains("tester");
    remote
        .run("state forget film-0")
        .exits(75)
        .complains("--lock-timeout");
    remote.run("plan").exits(0);
    remote.run("state list").exits(0).says("?");
    remote.run("apply -y --lock-timeout 0.5").exits(75);
    let second = remote.run("apply -y --lock-timeout 60").exits(0);
    assert!(second.out.contains("No changes."), "{second:?}");
    expect_secrecy(&first.end().exits(0));
    each_once(&remote.shop, 2);
    remote.expect_free();
}

#[test]
fn several_applies_at_once_make_everything_once() {
    let remote = Remote::one_by_one();
    remote.shop.declare(&films(4));
    remote.shop.fault("create*=delay:20");
    let all: Vec<Going> = (0..3)
        .map(|_| remote.start("apply -y --lock-timeout 60"))
        .collect();
    for going in all {
        let _run = going.end().exits(0);
    }
    each_once(&remote.shop, 4);
    assert_eq!(remote.shop.requests().write_calls(), 4);
}

#[test]
fn after_a_kill_the_lock_ends_by_itself_and_the_next_apply_settles() {
    for (fault, writes) in [("create*=delay:60,after", 1), ("create*=delay:60", 2)] {
        let mut remote = Remote::one_by_one();
        remote.lock_lives(2.0);
        remote.shop.declare(&films(4));
        remote.shop.fault(fault);
        let going = remote.start("apply -y");
        until_written(&remote.shop, writes);
        going.kill();
        remote.shop.emulator().clear_faults();
        remote.run("apply -y").exits(75);
        // Waiting, it sees with its own eyes that nobody renews the lock.
        let run = remote.run("apply -y --lock-timeout 30").exits(0);
        assert!(run.err.contains("taking over the lock"), "{run:?}");
        each_once(&remote.shop, 4);
        remote.expect_free();
        remote.expect_no_changes();
    }
}

#[test]
fn a_lock_that_was_left_long_ago_is_taken_over_at_first_sight() {
    let mut remote = Remote::one_by_one();
    remote.lock_lives(1.0);
    remote.shop.declare(&films(2));
    remote.shop.fault("create*=delay:60000");
    let going = remote.start("apply -y");
    until("it holds the lock", || remote.bucket.get(LOCK).is_some());
    going.kill();
    remote.shop.emulator().clear_faults();
    std::thread::sleep(Duration::from_millis(3500));
    remote.run("apply -y").exits(0);
    each_once(&remote.shop, 2);
}

#[test]
fn a_run_that_was_asleep_while_it_was_taken_over_makes_nothing_more() {
    let mut remote = Remote::one_by_one();
    remote.lock_lives(2.0);
    remote.shop.declare(&films(4));
    remote.shop.fault("create*=delay:300,after");
    let asleep = remote.start("apply -y");
    until_written(&remote.shop, 2);
    asleep.signal("-STOP");
    remote.run("apply -y --lock-timeout 60").exits(0);
    each_once(&remote.shop, 4);
    let before = remote.bucket.objects();
    remote.shop.requests();
    asleep.signal("-CONT");
    let run = asleep.end();
    assert!([1, 5, 6].contains(&run.code), "{run:?}");
    assert!(run.err.contains("the state"), "{run:?}");
    assert_eq!(remote.shop.writes(), 0, "{run:?}");
    each_once(&remote.shop, 4);
    // What it left behind is nowhere read.
    for key in [LOCK, STATE] {
        assert_eq!(remote.bucket.get(key).as_ref(), before.get(key), "{key}");
    }
    remote.expect_no_changes();
}

#[test]
fn unlocking_asks_and_the_former_holder_stops() {
    let mut remote = Remote::one_by_one();
    remote.lock_lives(8.0);
    remote.shop.declare(&films(12));
    remote.shop.fault("create*=delay:2500,after");
    remote.run("state unlock").exits(0).says("Nobody holds");
    let going = remote.start("apply -y --format json");
    until_written(&remote.shop, 2);
    let run = remote.run("state unlock").exits(64);
    assert!(
        run.out.contains("tester") && run.err.contains("--auto-approve"),
        "{run:?}"
    );
    assert!(!remote.json(LOCK)["holder"].is_null());
    remote
        .run("state unlock --auto-approve")
        .exits(0)
        .says("locked by tester")
        .complains("may take effect for up to 5 s");
    remote.run("state unlock -y").exits(0).says("Nobody holds");
    let run = going.end();
    assert!([5, 6].contains(&run.code), "{run:?}");
    let document = run.json();
    remote.shop.fits("report", &document);
    assert!(
        run.out.contains("the lock of the state was taken away"),
        "{run:?}"
    );
    assert!(
        document["summary"]["skipped"].as_u64().unwrap() >= 1,
        "{run:?}"
    );
    remote.shop.emulator().clear_faults();
    remote.run("apply -y").exits(0);
    each_once(&remote.shop, 12);
    remote.expect_no_changes();
}

pub(crate) fn priced(price: &str) -> Vec<Draft> {
    let films = films(6).into_iter();
    films.map(|film| film.with("price", price)).collect()
}

pub(crate) fn on_sale_for(remote: &Remote, price: &str) {
    for index in 0..6 {
        let offers = remote.shop.active(&format!("Title of film-{index}"));
        let prices: Vec<_> = offers.iter().map(|offer| offer.get(Field::Price)).collect();
        assert_eq!(prices, [Some(&amount(price))], "film-{index}");
    }
}

/// Offers for 2.00 that are declared for 2.20; each change is answered so many milliseconds late, and a lock lives for 2 s.
pub(crate) fn repricing(api: Api, milliseconds: u64) -> Remote {
    let mut remote = Remote::of(Shop::of(api), Bucket::new()).going_one_by_one();
    remote.lock_lives(2.0);
    remote.shop.declare(&priced("2.00"));
    remote.run("apply -y").exits(0);
    remote.shop.declare(&priced("2.20"));
    remote.shop.requests();
    for verb in ["update*", "patch*"] {
        remote
            .shop
            .fault(&format!("{verb}=delay:{milliseconds},after"));
    }
    remote
}

// A run that changes prices is stopped, and another run sets others meanwhile.
both!(a_run_that_was_asleep_while_it_was_taken_over_changes_nothing_more);

fn a_run_that_was_asleep_while_it_was_taken_over_changes_nothing_more(api: Api) {
    for sleeps_through in [1, 3] {
        let remote = repricing(api, 200);
        let asleep = remote.start("apply -y");
        until_written(&remote.shop, sleeps_through);
        asleep.signal("-STOP");
        remote.shop.declare(&priced("2.60"));
        remote.run("apply -y --lock-timeout 60").exits(0);
        on_sale_for(&remote, "2.60");
        remote.shop.requests();
        asleep.signal("-CONT");
        let run = asleep.end();
        assert!([1, 5].contains(&run.code), "{run:?}");
        assert!(run.out.contains("could not be renewed for 2 s"), "{run:?}");
        assert_eq!(remote.shop.writes(), 0, "{run:?}");
        on_sale_for(&remote, "2.60");
        remote.expect_no_changes();
    }
}

both!(a_create_that_waits_for_its_turn_is_not_sent_after_an_unlock);

fn a_create_that_waits_for_its_turn_is_not_sent_after_an_unlock(api: Api) {
    let mut remote = Remote::of(Shop::of(api), Bucket::new()).going_one_by_one();
    remote.lock_lives(24.0);
    remote.shop.declare(&films(2));
    remote.shop.fault("create*#1=status:429,retry-after:6");
    let waiting = remote.start("apply -y");
    until_written(&remote.shop, 1);
    remote.run("state unlock -y").exits(0);
    remote.shop.requests();
    let run = waiting.end();
    assert!([1, 5].contains(&run.code), "{run:?}");
    assert_eq!(remote.shop.writes(), 0, "{run:?}");
    let run = remote.run("apply -y").exits(0);
    assert!(run.err.contains("waiting"), "{run:?}");
    each_once(&remote.shop, 2);
    remote.expect_no_changes();
}

// What was sent a moment before an unlock takes effect late.
both!(a_create_that_was_under_way_at_an_unlock_is_not_made_again);

fn a_create_that_was_under_way_at_an_unlock_is_not_made_again(api: Api) {
    let mut remote = Remote::of(Shop::of(api), Bucket::new()).going_one_by_one();
    // Long enough that the lock is taken away while the create is under way, also on a busy machine.
    remote.lock_lives(16.0);
    remote.shop.declare(&films(2));
    remote.shop.fault("create*#1=delay:7000");
    let slow = remote.start("apply -y");
    until("it has noted what it is about to make", || {
        let objects = remote.bucket.objects();
        objects.keys().any(|key| key.contains("journal/"))
    });
    std::thread::sleep(Duration::from_millis(500));
    remote.run("state unlock -y").exits(0);
    remote.run("apply -y").exits(0);
    each_once(&remote.shop, 2);
    let run = slow.end();
    assert!([1, 5, 6].contains(&run.code), "{run:?}");
    each_once(&remote.shop, 2);
    remote.expect_no_changes();
}

#[test]
fn a_lock_of_another_tool_is_named_and_left_alone() {
    let remote = Remote::new();
    remote.shop.declare(&films(1));
    let foreign = br#"{"ID": "a", "Operation": "OperationTypeApply", "Who": "terraform"}"#;
    remote.bucket.put(LOCK, foreign);
    for line in ["apply -y", "state unlock -y"] {
        let run = remote.run(line).exits(1);
        assert!(run.err.contains("`lock.json`"), "{run:?}");
        assert!(run.err.contains("something else wrote it"), "{run:?}");
    }
    assert_eq!(remote.bucket.get(LOCK).as_deref(), Some(foreign.as_slice()));
    assert_eq!(remote.shop.writes(), 0);
}

#[test]
fn requests_that_take_longer_than_the_lock_allows_are_invalid() {
    let mut remote = Remote::new();
    remote.shop.declare(&films(1));
    remote.set("OFFERCTL_LOCK_TTL", "40");
    for line in ["validate", "plan", "apply -y", "state list"] {
        let run = remote.run(line).exits(65);
        for words in [
            "`limits.timeoutSeconds`",
            "30",
            "40 s",
            "20 or less",
            "60 or more",
        ] {
            assert!(run.err.contains(words), "{line}: {words}: {run:?}");
        }
    }
    remote.set("OFFERCTL_LOCK_TTL", "60");
    remote.run("validate").exits(0);
}

#[test]
fn a_signal_leaves_no_lock_behind() {
    for (fault, expected) in [
        ("create*=delay:300,after", [5, 5]),
        ("list*=delay:3000", [1, 1]),
    ] {
        let remote = Remote::one_by_one();
        remote.shop.declare(&films(4));
        remote.shop.fault(fault);
        let going = remote.start("apply -y");
        until("it is under way", || {
            remote.bucket.get(LOCK).is_some()
                && (fault.starts_with("list")
                    || remote.shop.emulator().requests().write_calls() >= 1)
        });
        going.signal("-INT");
        let run = going.end();
        assert!(expected.contains(&run.code), "{run:?}");
        remote.expect_free();
        remote.shop.emulator().clear_faults();
        remote.run("apply -y").exits(0);
        each_once(&remote.shop, 4);
    }
}

#[test]
fn a_second_signal_leaves_no_lock_behind_either() {
    let remote = Remote::one_by_one();
    remote.shop.declare(&films(2));
    remote.shop.fault("create*=delay:20000");
    let going = remote.start("apply -y");
    until("it has noted what it is about to make", || {
        remote
            .bucket
            .objects()
            .keys()
            .any(|key| key.contains("journal/"))
    });
    std::thread::sleep(Duration::from_millis(300));
    going.signal("-INT");
    std::thread::sleep(Duration::from_millis(300));
    going.signal("-INT");
    let run = going.end();
    assert!([5, 6].contains(&run.code), "{run:?}");
    remote.expect_free();
}

#[test]
fn a_failure_leaves_no_lock_behind() {
    let remote = Remote::new();
    remote.shop.declare(&films(2));
    remote.shop.fault("list*=status:500");
    remote.run("apply -y").exits(1);
    remote.expect_free();
    remote.shop.emulator().clear_faults();
    remote.run("apply -y").exits(0);
    remote.expect_free();
    // Refused by a guard.
    remote.shop.declare(&[]);
    remote.run("apply -y").exits(3);
    remote.expect_free();
    remote.run("state forget nobody").exits(1);
    remote.expect_free();
}

#[test]
fn a_saved_plan_is_applied_once_also_by_runners_without_a_common_disk() {
    let remote = Remote::new();
    remote.shop.declare(&films(2));
    remote.run("plan --out plan.json").exits(0);
    remote.run("apply plan.json").exits(0);
    remote.run("apply plan.json").exits(4);
    each_once(&remote.shop, 2);
}

/// Expects that a command fails with words, and that nothing was made.
#[track_caller]
fn fails(remote: &Remote, words: &str) {
    remote.shop.declare(&films(1));
    for line in [
        "plan",
        "apply -y",
        "state list",
        "state unlock",
        "apply -y -vvv --log-format json",
    ] {
        let run = remote.run(line).exits(1);
        assert!(run.err.contains(words), "no {words:?} in {run:?}");
    }
    assert_eq!(remote.shop.writes(), 0);
}

#[test]
fn a_bucket_that_is_not_there_is_said_to_be_so() {
    let remote = Remote::new();
    let config = remote.shop.read("offerctl.yaml");
    let elsewhere = config.replace("s3://offers-", "s3://elsewhere-");
    remote.shop.write("offerctl.yaml", &elsewhere);
    fails(&remote, "there is no such bucket");
}

#[test]
fn credentials_that_are_wrong_are_said_to_be_so_and_not_shown() {
    let remote = Remote::at(Bucket::forbidden());
    fails(&remote, "access was denied (Inv");
}

#[test]
fn a_server_that_is_not_there_is_said_to_be_so() {
    let mut remote = Remote::new();
    remote.set("AWS_ENDPOINT_URL", "http://127.0.0.1:1");
    fails(&remote, "refused");
}

#[test]
fn plain_http_has_to_be_allowed() {
    let mut remote = Remote::new();
    remote.unset("AWS_ALLOW_HTTP");
    fails(&remote, "failed to read the state in s3://");
}

#[test]
fn damage_in_the_bucket_is_an_error_and_nothing_is_made() {
    let remote = Remote::new();
    remote.shop.declare(&films(2));
    remote.run("apply -y").exits(0);
    remote.shop.declare(&films(3));
    remote.shop.requests();
    let whole = remote.bucket.get(STATE).unwrap();
    for cut in [0, 1, whole.len() / 2] {
        remote.bucket.put(STATE, &whole[..cut]);
        remote.run("plan").exits(1).complains("cannot be used");
        remote.run("apply -y").exits(1).complains("cannot be used");
        assert_eq!(remote.bucket.get(STATE).unwrap(), &whole[..cut]);
        remote.expect_free();
    }
    let newer = String::from_utf8(whole.clone()).unwrap();
    let newer = newer.replace("\"formatVersion\": 2", "\"formatVersion\": 99");
    remote.bucket.put(STATE, newer.as_bytes());
    remote.run("apply -y").exits(1).complains("newer offerctl");
    assert_eq!(remote.shop.writes(), 0);
    remote.bucket.put(STATE, &whole);
    remote.run("apply -y").exits(0);
    each_once(&remote.shop, 3);
}

#[test]
fn a_state_that_was_lost_is_found_again_in_the_catalogue() {
    let remote = Remote::new();
    remote.shop.declare(&films(2));
    remote.run("apply -y").exits(0);
    let config = remote.shop.read("offerctl.yaml");
    let moved = config.replace("/offers/shop", "/offers/moved");
    remote.shop.write("offerctl.yaml", &moved);
    remote.shop.requests();
    remote.run("apply -y").exits(0);
    assert_eq!(remote.shop.writes(), 0);
    each_once(&remote.shop, 2);
}

#[test]
fn keys_and_region_come_from_a_profile_if_no_variable_has_them() {
    let mut remote = Remote::new();
    remote.shop.declare(&[Draft::new("single", "film-0")]);
    let [(_, id), (_, secret), _] = CREDENTIALS;
    remote.shop.write(
        ".aws/credentials",
        &format!("[shop]\naws_access_key_id = {id}\naws_secret_access_key = {secret}\n"),
    );
    remote.shop.write(
        ".aws/config",
        "[profile shop]\nregion = us-east-1\n[profile sso]\nsso_session = corp\n",
    );
    for (name, _) in CREDENTIALS {
        remote.unset(name);
    }
    remote.unset("AWS_REGION").set("AWS_PROFILE", "shop");
    remote.run("apply -y").exits(0);
    each_once(&remote.shop, 1);
    remote.set("AWS_PROFILE", "nobody");
    remote.run("plan").exits(1).complains("no profile `nobody`");
    remote.set("AWS_PROFILE", "sso");
    remote.run("plan").exits(1).complains("`sso_session`");
}

#[test]
fn addresses_that_name_no_bucket_are_refused_where_they_stand() {
    let shop = Shop::new();
    for address in [
        "ftp://host/x",
        "s3://",
        "s3:///x",
        "s3://me:secret@host/x",
        "https://example.com/x",
        "s3://bucket/x?y",
        "s3://bucket/x#y",
        "s3://bucket/../x",
        "s3://bucket/a%2Fb",
        "s3://bucket//x",
        "s3://bucket/./x",
        "s3://bucket:443/x",
        "s3:/bucket/x",
        "S3://bucket/x",
        "\"s3://bucket/x \"",
        "https://secret@b.s3.eu-west-1.amazonaws.com/x",
        "https://a.blob.core.windows.net/c?sig=secret",
    ] {
        shop.configure(&format!("    state: {address}\n"));
        for line in [
            "validate",
            "plan",
            "apply -y",
            "state list",
            "drift",
            "doctor",
        ] {
            let run = shop.run(line).exits(65).complains("offerctl.yaml:7:12");
            assert!(!run.err.contains("secret"), "{run:?}");
        }
        let run = shop.run("validate --format json").exits(65);
        assert!(!run.out.contains("secret"), "{run:?}");
    }
    for address in [
        "s3://bucket",
        "gs://bucket/x",
        "az://container/x",
        "https://b.s3.eu-west-1.amazonaws.com/x",
    ] {
        shop.configure(&format!("    state: {address}\n"));
        shop.declare(&films(1));
        shop.run("validate").exits(0);
    }
}

/// Expects that commands that need the state end with the name of a variable, and that its value shows nowhere.
#[track_caller]
fn refuses_variable(address: &str, variables: &[(&str, &OsStr)], name: &str) {
    let shop = Shop::new();
    shop.configure(&format!("    state: {address}\n"));
    for line in ["plan", "apply -y", "state list", "state unlock"] {
        let mut command = shop.command(line);
        command.envs(variables.iter().copied());
        let run = Run::of(&mut command, line).exits(1).complains(name);
        assert!(!run.err.contains("canary"), "{run:?}");
    }
    assert_eq!(shop.writes(), 0);
}

#[test]
fn variables_that_cannot_be_used_are_named_and_not_shown() {
    for (address, names) in [
        (
            "s3://bucket/x",
            ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT"].as_slice(),
        ),
        ("az://container/x", &["AZURE_STORAGE_ENDPOINT"]),
        ("gs://bucket/x", &["GOOGLE_BASE_URL"]),
    ] {
        for name in names {
            for value in [
                "127.0.0.1:9000",
                "http://127.0.0.1:1\n",
                "http://canary:canary@127.0.0.1:1",
                "ftp://127.0.0.1",
                "http://",
            ] {
                refuses_variable(address, &[(name, value.as_ref())], name);
            }
        }
    }
    for (address, names) in [
        (
            "s3://bucket/x",
            [
                "AWS_ACCESS_KEY_ID",
                "AWS_SECRET_ACCESS_KEY",
                "AWS_SESSION_TOKEN",
                "AWS_REGION",
                "AWS_DEFAULT_REGION",
                "AWS_PROFILE",
            ]
            .as_slice(),
        ),
        (
            "az://container/x",
            &[
                "AZURE_STORAGE_ACCOUNT",
                "AZURE_STORAGE_KEY",
                "AZURE_STORAGE_SAS_TOKEN",
                "AZURE_CLIENT_SECRET",
            ],
        ),
    ] {
        for name in names {
            for value in [
                b"canary\n".as_slice(),
                b" canary",
                b"can\x01ary",
                b"canary\xff",
            ] {
                let value = OsStr::from_bytes(value);
                refuses_variable(address, &[(name, value)], name);
            }
        }
    }
    for name in ["AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONFIG_FILE"] {
        refuses_variable("s3://bucket/x", &[(name, "/dev/zero".as_ref())], name);
    }
    let name = "GOOGLE_APPLICATION_CREDENTIALS";
    refuses_variable("gs://bucket/x", &[(name, "/dev/zero".as_ref())], name);
}

#[test]
fn a_profile_that_cannot_be_used_is_named_and_not_shown() {
    for (entry, key) in [
        ("endpoint_url = 127.0.0.1:9000", "endpoint_url"),
        ("endpoint_url = http://canary@127.0.0.1", "endpoint_url"),
        ("region = eu west", "region"),
        (
            "aws_secret_access_key = can\u{1}ary",
            "aws_secret_access_key",
        ),
    ] {
        let shop = Shop::new();
        shop.configure("    state: s3://bucket/x\n");
        shop.write(
            ".aws/config",
            &format!("[profile odd]\naws_access_key_id = id\n{entry}\n"),
        );
        let mut command = shop.command("plan");
        command.env("AWS_PROFILE", "odd");
        let run = Run::of(&mut command, "plan").exits(1);
        assert!(
            run.err.contains(key) && run.err.contains("`odd`"),
            "{run:?}"
        );
        assert!(!run.err.contains("canary"), "{run:?}");
    }
}

#[test]
fn a_time_to_live_that_is_none_is_wrong_usage() {
    let mut remote = Remote::new();
    remote.shop.declare(&films(1));
    for text in ["0", "x", "-1", "99999999"] {
        remote.set("OFFERCTL_LOCK_TTL", text);
        remote
            .run("apply -y")
            .exits(64)
            .complains("OFFERCTL_LOCK_TTL");
    }
}
