//! The example workflows for GitHub, from the pull request to the apply: their jobs and the steps of the action, run
//! with the real binary against the emulator.

use std::collections::BTreeMap;

use cleeng_emulator::Field;
use serde_json::json;

use super::forge::{BOT, Forge};
use super::workflow::{Job, Runner};
use super::{COMMIT, by_hand, project};
use crate::support::{Draft, Shop};

pub(super) const PLAN: &str = "github/workflows/plan.yml";
pub(super) const APPLY: &str = "github/workflows/apply.yml";
pub(super) const DRIFT: &str = "github/workflows/drift.yml";

pub(super) fn film(price: &str) -> Draft {
    Draft::new("single", "film").with("price", price)
}

/// A project with a film on sale, and one dearer in the manifests.
pub(super) fn dearer() -> (Shop, Forge) {
    let shop = project();
    shop.declare(&[film("10.00")]);
    by_hand(&shop, "apply -y --confirm production").exits(0);
    shop.declare(&[film("11.00")]);
    shop.requests();
    (shop, Forge::new())
}

pub(super) fn request(shop: &Shop, forge: &Forge) -> BTreeMap<String, Job> {
    Runner::pull_request(shop, forge, 12).run(PLAN)
}

pub(super) fn merge(forge: &Forge) {
    forge
        .world()
        .merged
        .push((COMMIT.to_owned(), 12, "main".to_owned()));
}

#[track_caller]
pub(super) fn expect_price(shop: &Shop, price: &str) {
    let price: rust_decimal::Decimal = price.parse().unwrap();
    let films = shop.active("Title of film");
    assert_eq!(films[0].get(Field::Price), Some(&price.into()));
}

/// Changes the price of the film by hand.
pub(super) fn reprice(shop: &Shop, price: &str) {
    let price: rust_decimal::Decimal = price.parse().unwrap();
    let _id = shop.edit("Title of film", |offer| offer.set(Field::Price, price));
}

#[test]
fn a_pull_request_shows_its_plan_in_one_comment() {
    let (shop, forge) = dearer();
    let jobs = request(&shop, &forge);
    for name in ["validate", "plan", "comment"] {
        jobs[name].ends("success");
    }
    assert!(
        jobs["plan"].summary.contains("11.00"),
        "{}",
        jobs["plan"].summary
    );
    let comment = forge.only_comment(12);
    assert!(
        comment
            .body
            .starts_with("<!-- offerctl:plan:club-tv/production -->\n<!-- offerctl:plan-id:")
    );
    assert!(comment.body.contains("11.00"), "{}", comment.body);
    forge.writes();
    request(&shop, &forge);
    assert_eq!(forge.writes().len(), 0, "the plan is the same");
    shop.declare(&[film("12.00")]);
    request(&shop, &forge);
    assert!(forge.only_comment(12).body.contains("12.00"));
    assert_eq!(shop.writes(), 0);
}

#[test]
fn a_plan_that_is_refused_is_shown_and_the_job_fails() {
    let (shop, forge) = dearer();
    shop.declare(&[film("99.00")]);
    let jobs = request(&shop, &forge);
    jobs["plan"].ends("failure").says("== exit 3");
    jobs["comment"].ends("success");
    assert!(forge.only_comment(12).body.contains("99.00"));
}

#[test]
fn where_there_is_no_plan_the_comment_says_so() {
    let (shop, forge) = dearer();
    request(&shop, &forge);
    shop.declare(&[film("many")]);
    let jobs = request(&shop, &forge);
    jobs["validate"]
        .ends("failure")
        .says("::error")
        .says("== exit 65");
    jobs["plan"].ends("failure").says("== exit 65");
    jobs["comment"].ends("success");
    let body = forge.only_comment(12).body;
    assert!(
        body.contains("There is no plan for `production`") && !body.contains("11.00"),
        "{body}"
    );
    // Nothing was shown, so nothing is applied, even if the very same manifests are merged and hold by then.
    shop.declare(&[film("11.00")]);
    merge(&forge);
    let jobs = Runner::push(&shop, &forge, COMMIT).run(APPLY);
    jobs["plan"].ends("failure").says("planning failed");
    jobs["apply"].ends("skipped");
    assert_eq!(shop.writes(), 0);
}

#[test]
fn where_there_is_no_plan_the_project_is_the_one_that_offerctl_finds() {
    for (repository, marker) in [(".git", "club-tv/production"), ("deep/.git", "production")] {
        let (shop, forge) = dearer();
        let config = shop.read("offerctl.yaml");
        let quoted = config.replace("project: club-tv", "project: \"club-tv\" # ours");
        shop.write("offerctl.yaml", &quoted);
        shop.write(&format!("{repository}/HEAD"), "");
        shop.write("deep/er/a.txt", "");
        shop.declare(&[film("many")]);
        let with = json!({
            "command": "plan", "environment": "production", "comment": "true", "directory": "deep/er",
            "path": env!("CARGO_BIN_EXE_offerctl"),
        });
        let mut runner = Runner::pull_request(&shop, &forge, 12);
        runner
            .action_with_secret(json!({"pull-requests": "write"}), with)
            .ends("failure");
        let body = forge.only_comment(12).body;
        let begin = format!("<!-- offerctl:plan:{marker} -->\n### There is no plan");
        assert!(body.starts_with(&begin), "{body}");
    }
}

#[test]
fn a_fork_gets_nothing_but_validate() {
    let (shop, forge) = dearer();
    let jobs = Runner::pull_request(&shop, &forge, 12).of_fork().run(PLAN);
    jobs["validate"].ends("success");
    jobs["plan"].ends("skipped");
    jobs["comment"].ends("skipped");
    assert_eq!(shop.requests().http_requests(), 0);
    assert!(forge.world().requests.is_empty());
    // So does Dependabot, which has no secrets either.
    let mut runner = Runner::pull_request(&shop, &forge, 12);
    runner.github["actor"] = "dependabot[bot]".into();
    runner.run(PLAN)["plan"].ends("skipped");
}

#[test]
fn what_was_shown_is_applied_on_merge() {
    let (shop, forge) = dearer();
    request(&shop, &forge);
    merge(&forge);
    let jobs = Runner::push(&shop, &forge, COMMIT).run(APPLY);
    jobs["plan"].ends("success").says("shown in #12");
    jobs["apply"].ends("success");
    assert!(
        jobs["apply"].summary.contains("exit code 0"),
        "{}",
        jobs["apply"].summary
    );
    expect_price(&shop, "11.00");
    shop.requests();
    let jobs = Runner::push(&shop, &forge, COMMIT).run(APPLY);
    jobs["plan"].ends("success");
    jobs["apply"].ends("skipped");
    assert_eq!(shop.writes(), 0, "there is nothing left to do");
}

#[test]
fn what_was_not_shown_is_not_applied_unless_somebody_wants_it() {
    let (shop, forge) = dearer();
    request(&shop, &forge);
    merge(&forge);
    // Somebody was at the dashboard between the review and the merge.
    reprice(&shop, "9.00");
    shop.requests();
    let jobs = Runner::push(&shop, &forge, COMMIT).run(APPLY);
    jobs["plan"]
        .ends("failure")
        .says("is not the one that was shown in #12")
        .says("== exit 3");
    jobs["apply"].ends("skipped");
    assert_eq!(shop.writes(), 0);

    let mut runner = Runner::push(&shop, &forge, COMMIT);
    runner.github["event_name"] = "workflow_dispatch".into();
    runner.inputs = json!({"require-shown-plan": true});
    runner.run(APPLY)["plan"].ends("failure");
    assert_eq!(shop.writes(), 0);
    runner.inputs = json!({"require-shown-plan": false});
    COMMIT.clone_into(&mut forge.world().newest);
    let jobs = runner.run(APPLY);
    jobs["apply"].ends("success");
    expect_price(&shop, "11.00");
}

#[test]
fn a_push_without_a_pull_request_and_other_branches_apply_nothing() {
    let (shop, forge) = dearer();
    let jobs = Runner::push(&shop, &forge, COMMIT).run(APPLY);
    jobs["plan"].ends("failure").says("no merged pull request");
    for (key, value) in [("ref_name", "release"), ("ref_type", "tag")] {
        let mut runner = Runner::push(&shop, &forge, COMMIT);
        runner.github[key] = value.into();
        let jobs = runner.run(APPLY);
        jobs["plan"].ends("skipped");
        jobs["apply"].ends("skipped");
    }
    let mut runner = Runner::push(&shop, &forge, COMMIT);
    runner.github["ref_name"] = "release".into();
    runner.run(DRIFT)["drift"].ends("skipped");
    assert_eq!(shop.writes(), 0);
}

#[test]
fn a_plan_is_applied_once_and_only_to_what_it_was_made_for() {
    let (shop, forge) = dearer();
    request(&shop, &forge);
    merge(&forge);
    let mut runner = Runner::push(&shop, &forge, COMMIT);
    let plan = runner.job(APPLY, "plan", &BTreeMap::new());
    plan.ends("success");
    let before = BTreeMap::from([("plan".to_owned(), plan)]);
    reprice(&shop, "9.00");
    shop.requests();
    runner
        .job(APPLY, "apply", &before)
        .ends("failure")
        .says("== exit 4");
    assert_eq!(shop.writes(), 0);
    reprice(&shop, "10.00");
    runner.job(APPLY, "apply", &before).ends("success");
    expect_price(&shop, "11.00");
    shop.requests();
    // As somebody does with "Re-run failed jobs".
    runner
        .job(APPLY, "apply", &before)
        .ends("failure")
        .says("== exit 4");
    assert_eq!(shop.writes(), 0);
}

#[test]
fn an_apply_without_a_plan_is_wrong_usage() {
    let (shop, forge) = dearer();
    let job = Runner::push(&shop, &forge, COMMIT).action(
        json!({}),
        json!({"command": "apply", "path": env!("CARGO_BIN_EXE_offerctl")}),
    );
    job.ends("failure")
        .says("applies nothing that was not planned")
        .says("== exit 64");
    assert_eq!(shop.requests().http_requests(), 0);
}

#[test]
fn a_command_that_is_none_is_wrong_usage() {
    let (shop, forge) = dearer();
    for command in ["destroy", "apply; reboot", "$(reboot)"] {
        let with = json!({"command": command, "path": env!("CARGO_BIN_EXE_offerctl")});
        Runner::push(&shop, &forge, COMMIT)
            .action(json!({}), with)
            .ends("failure")
            .says("== exit 64");
    }
}

#[test]
fn inputs_are_data_whatever_is_in_them() {
    let (shop, forge) = dearer();
    let evil = "x\"; touch owned; echo \"$(touch owned)`touch owned`";
    let all = [
        "environment",
        "plan",
        "markdown",
        "confirm",
        "label",
        "author",
    ];
    let cases: [(&[&str], &[&str]); 3] = [
        (
            &["plan", "apply", "drift", "comment", "issue", "shown-plan"],
            &all,
        ),
        (&["validate", "plan"], &["directory"]),
        (&["validate"], &["version", "sha256", "releases"]),
    ];
    for (commands, keys) in cases {
        for command in commands {
            let mut with = json!({"command": command, "path": env!("CARGO_BIN_EXE_offerctl")});
            for key in keys {
                with[key] = evil.into();
            }
            let mut runner = Runner::pull_request(&shop, &forge, 12);
            let _job = runner.action(json!({"pull-requests": "read"}), with);
        }
    }
    assert!(!shop.path("owned").exists());
}

#[test]
fn a_release_is_taken_only_by_its_version() {
    let (shop, forge) = dearer();
    for version in ["latest", "../1.2.3", "1.2.3/../../x"] {
        let with = json!({"command": "validate", "version": version});
        let job = Runner::push(&shop, &forge, COMMIT).action(json!({}), with);
        job.ends("failure")
            .says("is not a version")
            .says("== exit 64");
    }
    let with = json!({"command": "validate", "path": "nowhere"});
    let job = Runner::push(&shop, &forge, COMMIT).action(json!({}), with);
    job.ends("failure").says("no program at nowhere");
}

#[test]
fn drift_is_one_issue_from_the_first_run_to_the_last() {
    let (shop, forge) = dearer();
    let run = |words: &str, open: bool, issues: usize| {
        let jobs = Runner::schedule(&shop, &forge).run(DRIFT);
        jobs["drift"].ends("success");
        jobs["issue"].ends("success");
        let found = forge.world().issues.clone();
        assert_eq!(found.len(), issues);
        if let Some(issue) = found.first() {
            assert!(
                issue.open == open && issue.body.contains(words) && issue.author == BOT,
                "{issue:#?}"
            );
        }
        jobs
    };
    run("", false, 0);
    reprice(&shop, "1.00");
    let jobs = run("1.00", true, 1);
    assert!(jobs["drift"].summary.contains("1.00"));
    reprice(&shop, "2.00");
    run("2.00", true, 1);
    forge.writes();
    run("2.00", true, 1);
    assert_eq!(forge.writes().len(), 0, "it is the same drift");
    reprice(&shop, "10.00");
    run("", false, 1);
    reprice(&shop, "3.00");
    run("3.00", true, 1);
    assert_eq!(shop.writes(), 0);
}

#[test]
fn a_drift_that_could_not_be_read_leaves_the_issue_as_it_is() {
    let (shop, forge) = dearer();
    reprice(&shop, "1.00");
    Runner::schedule(&shop, &forge).run(DRIFT);
    forge.writes();
    shop.fault("*=status:401");
    let jobs = Runner::schedule(&shop, &forge).run(DRIFT);
    jobs["drift"].ends("failure").says("== exit 1");
    jobs["issue"].ends("skipped");
    assert_eq!(forge.writes().len(), 0);
    assert!(forge.world().issues[0].open);
}

#[test]
fn a_single_job_may_plan_and_comment() {
    let (shop, forge) = dearer();
    let with = json!({
        "command": "plan", "environment": "production", "comment": "true", "path": env!("CARGO_BIN_EXE_offerctl"),
    });
    let mut runner = Runner::pull_request(&shop, &forge, 12);
    let job = runner.action_with_secret(json!({"pull-requests": "write"}), with);
    job.ends("success");
    assert!(forge.only_comment(12).body.contains("11.00"));
    let outputs = &job.outputs;
    assert_eq!(outputs["exit"], "2");
    assert_eq!(outputs["changes"], "1");
    assert_eq!(outputs["updates"], "1");
    assert_eq!(outputs["price_changes"], "1");
    let id = outputs["plan_id"].as_str().unwrap();
    assert!(forge.only_comment(12).body.contains(id), "{outputs}");
}
