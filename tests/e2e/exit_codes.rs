//! Every exit code, reached in several ways, and which goes before which.

use cleeng_emulator::{Account, Config, Field, Token};

use crate::support::{Api, Draft, Run, STATE, Shop, both};

fn single(name: &str) -> Draft {
    Draft::new("single", name)
}

fn pass(name: &str) -> Draft {
    Draft::new("pass", name)
}

/// A shop with one offer applied.
fn applied(api: Api) -> Shop {
    let shop = Shop::of(api);
    shop.declare(&[single("film")]);
    let _run = shop.apply();
    shop
}

/// Expects the code of a command line, and the same with JSON, since the form of the output is no matter of the code.
#[track_caller]
fn check(shop: &Shop, line: &str, code: i32) -> Run {
    let run = shop.run(&format!("{line} --format json"));
    assert_eq!(run.code, code, "{run:?}");
    shop.run(line).exits(code)
}

both!(zero_is_success);

fn zero_is_success(api: Api) {
    let shop = applied(api);
    for line in [
        "validate",
        "plan",
        "plan --detailed-exitcode",
        "apply --auto-approve",
        "apply --dry-run",
        "drift",
        "state list",
        "state show film",
        "schema plan",
        "completions bash",
    ] {
        let _run = check(&shop, line, 0);
    }
}

#[test]
fn help_and_version_are_success() {
    let shop = Shop::new();
    for line in [
        "--help",
        "-h",
        "help",
        "help plan",
        "plan --help",
        "state adopt -h",
        "--version",
        "-V",
        "plan --version",
    ] {
        let run = shop.run(line).exits(0);
        assert!(!run.out.is_empty() && run.err.is_empty(), "{run:?}");
    }
}

both!(plan_with_changes_is_success_unless_the_code_is_to_tell);

fn plan_with_changes_is_success_unless_the_code_is_to_tell(api: Api) {
    let shop = Shop::of(api);
    shop.declare(&[single("film")]);
    let _run = check(&shop, "plan", 0);
    let _run = check(&shop, "plan --detailed-exitcode", 2);
    let _run = check(&shop, "apply --dry-run", 0);
    assert_eq!(shop.writes(), 0);
}

#[test]
fn nobody_at_the_other_end_is_an_error() {
    let shop = Shop::new();
    shop.declare(&[single("film")]).write(
        "offerctl.yaml",
        "version: 1\nenvironments: {shop: {endpoint: \"http://127.0.0.1:9\"}}\n",
    );
    // One command only: reads are tried again for a while.
    shop.run("plan").exits(1).complains("no connection");
}

both!(refused_token_is_an_error);

fn refused_token_is_an_error(api: Api) {
    let shop = Shop::of_emulator(
        api,
        Config {
            account: Account {
                token: Some(Token::new("another")),
                ..Account::default()
            },
            ..Config::default()
        },
    );
    shop.declare(&[single("film")]);
    for line in ["plan", "apply --auto-approve", "drift"] {
        let _run = check(&shop, line, 1).complains("token");
    }
}

both!(absent_token_is_an_error);

fn absent_token_is_an_error(api: Api) {
    let shop = Shop::of(api);
    shop.declare(&[single("film")]);
    for line in ["plan", "apply --auto-approve", "drift"] {
        let mut command = shop.command(line);
        command.env_remove("CLEENG_PUBLISHER_TOKEN");
        let _run = Run::of(&mut command, line)
            .exits(1)
            .complains("CLEENG_PUBLISHER_TOKEN");
    }
    assert_eq!(shop.requests().http_requests(), 0);
}

both!(all_steps_refused_is_an_error);

fn all_steps_refused_is_an_error(api: Api) {
    let shop = Shop::of(api);
    shop.declare(&[single("film"), pass("news")]);
    shop.fault(&format!("create*={}", api.refusal()));
    let _run = shop.run("apply --auto-approve").exits(1);
    assert_eq!(shop.emulator().offers().len(), 0);
}

both!(broken_state_is_an_error);

fn broken_state_is_an_error(api: Api) {
    let shop = applied(api);
    shop.write(STATE, "{");
    for line in ["plan", "apply --auto-approve", "drift", "state list"] {
        let _run = check(&shop, line, 1);
    }
}

both!(drift_is_two);

fn drift_is_two(api: Api) {
    let shop = applied(api);
    shop.edit("Title of film", |offer| offer.set(Field::Title, "By hand"));
    let _run = check(&shop, "drift", 2);
}

both!(detailed_code_of_a_plan_that_only_adopts_tells_of_changes);

fn detailed_code_of_a_plan_that_only_adopts_tells_of_changes(api: Api) {
    let shop = applied(api);
    std::fs::remove_file(shop.path(STATE)).unwrap();
    let plan = shop.plan();
    assert_eq!(plan["summary"]["adopt"], 1, "{plan:#}");
    let _run = check(&shop, "plan --detailed-exitcode", 2);
}

both!(conflict_is_three);

fn conflict_is_three(api: Api) {
    let shop = applied(api);
    shop.declare(&[single("film").with("ids", "{shop: A999999999_US}")]);
    for line in [
        "plan",
        "plan --detailed-exitcode",
        "apply --auto-approve",
        "apply --dry-run",
    ] {
        let _run = check(&shop, line, 3);
    }
    assert_eq!(shop.writes(), 1, "the create of the beginning");
}

both!(guard_is_three);

fn guard_is_three(api: Api) {
    let shop = applied(api);
    shop.declare(&[single("film").with("price", "2.00")]);
    for line in [
        "plan",
        "plan --detailed-exitcode",
        "apply --auto-approve",
        "apply --dry-run",
    ] {
        let _run = check(&shop, line, 3);
    }
}

both!(plan_that_cannot_be_read_is_four);

fn plan_that_cannot_be_read_is_four(api: Api) {
    let shop = applied(api);
    shop.write("garbage.json", "garbage")
        .write("empty.json", "");
    for line in [
        "apply missing.json",
        "apply garbage.json",
        "apply empty.json",
        "apply offers",
    ] {
        let _run = check(&shop, line, 4);
    }
}

both!(plan_applied_twice_is_four);

fn plan_applied_twice_is_four(api: Api) {
    let shop = Shop::of(api);
    shop.declare(&[single("film")]);
    shop.run("plan --out plan.json").exits(0);
    shop.run("apply plan.json").exits(0);
    let _run = check(&shop, "apply plan.json", 4);
}

both!(some_steps_refused_is_five);

fn some_steps_refused_is_five(api: Api) {
    let shop = Shop::of(api);
    shop.declare(&[single("film"), pass("news")]);
    shop.fault(&format!("create*#2={}", api.refusal()));
    shop.run("apply --auto-approve").exits(5);
}

both!(update_refused_beside_a_create_is_five);

fn update_refused_beside_a_create_is_five(api: Api) {
    let shop = applied(api);
    shop.declare(&[single("film").with("title", "New"), pass("news")]);
    shop.fault(&format!(
        "{}={}",
        api.call("updateSingleOffer"),
        api.refusal()
    ));
    shop.run("apply --auto-approve").exits(5);
}

/// A create that nobody can tell about: its answer is lost, and only one of its countries shows.
fn unsettled() -> Draft {
    Draft::new("single", "film").localized()
}

both!(create_that_nobody_can_tell_about_is_six);

fn create_that_nobody_can_tell_about_is_six(api: Api) {
    let shop = Shop::of(api);
    shop.declare(&[unsettled()]);
    shop.lose_create(1);
    shop.run("apply --auto-approve").exits(6);
    // A later apply cannot tell either.
    shop.run("apply --auto-approve").exits(6);
}

both!(lost_answers_that_are_settled_are_no_failure);

fn lost_answers_that_are_settled_are_no_failure(api: Api) {
    for fault in ["cut,after", "status:503,after", "garbage"] {
        let shop = Shop::of(api);
        shop.declare(&[single("film")]);
        shop.fault(&format!("create*#1={fault}"));
        shop.run("apply --auto-approve").exits(0);
    }
}

both!(six_goes_before_five);

fn six_goes_before_five(api: Api) {
    let shop = Shop::of(api);
    shop.declare(&[unsettled(), pass("news"), Draft::new("event", "match")]);
    // Events are made first, then singles, then passes.
    shop.lose_create(2);
    shop.fault(match api {
        Api::JsonRpc => "createPassOffer=error:8",
        Api::Rest => "createOffer#3=error:422",
    });
    let run = shop.run("apply --auto-approve --format json").exits(6);
    let summary = &run.json()["summary"];
    let counts = ["failed", "unknown", "succeeded"].map(|word| summary[word].as_u64().unwrap());
    assert_eq!(counts, [1, 1, 1], "{run:?}");
}

#[test]
fn wrong_usage_is_sixty_four_and_never_two() {
    let shop = applied(Api::JsonRpc);
    for line in [
        "",
        "bogus",
        "plan --bogus",
        "plan --dry-runn",
        "apply --dry-runn",
        "apply --target film",
        "plan extra",
        "plan --format yaml",
        "plan --color sometimes",
        "apply --allow-deactivations many",
        "apply --allow-deactivations -1",
        "apply --lock-timeout soon",
        "apply --auto-approve=yes",
        "apply a.json b.json",
        "state",
        "state adopt film",
        "schema",
        "schema nothing",
        "show",
        "completions",
        "plan -q -v",
        "--format",
    ] {
        let run = shop.run(line).exits(64);
        assert!(run.out.is_empty() && !run.err.is_empty(), "{run:?}");
    }
    assert_eq!(
        shop.requests().write_calls(),
        1,
        "the create of the beginning"
    );
}

#[test]
fn typo_in_a_flag_asks_the_service_nothing() {
    let shop = applied(Api::JsonRpc);
    shop.declare(&[single("film"), single("more")]);
    shop.requests();
    for line in [
        "apply --dry-runn",
        "apply --auto-aprove",
        "plan --ot x",
        "drift --acept film",
    ] {
        shop.run(line).exits(64);
    }
    assert_eq!(shop.requests().http_requests(), 0);
}

#[test]
fn nobody_to_ask_is_sixty_four() {
    let shop = Shop::new();
    shop.declare(&[single("film")]);
    let _run = check(&shop, "apply", 64).complains("--auto-approve");
    let _run = check(&shop, "apply --no-input", 64).complains("--auto-approve");
    assert_eq!(shop.writes(), 0);
}

#[test]
fn unknown_environment_is_sixty_four() {
    let shop = applied(Api::JsonRpc);
    for line in [
        "plan -e nowhere",
        "apply -y -e nowhere",
        "drift -e nowhere",
        "validate -e nowhere",
    ] {
        let _run = check(&shop, line, 64).complains("nowhere");
    }
}

both!(invalid_manifest_is_sixty_five);

fn invalid_manifest_is_sixty_five(api: Api) {
    let shop = applied(api);
    shop.offers("  film: {type: single}\n");
    for line in [
        "validate",
        "plan",
        "apply --auto-approve",
        "apply --dry-run",
    ] {
        let _run = check(&shop, line, 65);
    }
    assert_eq!(shop.writes(), 1, "the create of the beginning");
}

#[test]
fn invalid_config_is_sixty_five() {
    let shop = applied(Api::JsonRpc);
    shop.write("offerctl.yaml", "version: 1\nenvironment: {}\n");
    for line in [
        "validate",
        "plan",
        "apply --auto-approve",
        "drift",
        "state list",
    ] {
        let _run = check(&shop, line, 65);
    }
}

both!(drift_knows_few_codes);

fn drift_knows_few_codes(api: Api) {
    // Conflicts, refusals, pending creates and a lock are other commands' business.
    let shop = applied(api);
    shop.declare(&[
        single("film").with("price", "2.00"),
        single("twin").with("title", "Title of film"),
    ]);
    let _run = check(&shop, "drift", 0);
    shop.declare(&[]);
    let _run = check(&shop, "drift", 0);
    shop.declare(&[single("film"), unsettled().named("tour")]);
    shop.lose_create(1);
    shop.run("apply --auto-approve").exits(6);
    let _run = check(&shop, "drift", 0);
    let _run = check(&shop, "drift --bogus", 64);
    let _run = check(&shop, "drift extra", 64);
}
