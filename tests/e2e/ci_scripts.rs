//! What `ci/` holds for GitHub and GitLab, run for real: the scripts, the action, the workflows, the template.
//!
//! The steps are those of the files themselves ([`workflow::Runner`]); only the forge is a stand-in ([`forge::Forge`]).

mod artifact;
mod expression;
mod files;
mod forge;
mod forged;
mod gitlab;
mod gitlab_forged;
mod obeyed;
mod repository;
mod tools;
mod workflow;
mod workflows;

use cleeng_emulator::{Account, Config, Token};
use forge::{BOT, Comment, Fault, Forge};
use serde_json::json;
use workflow::{Job, Runner};

use crate::support::{Run, Shop, TOKEN};

const COMMIT: &str = "5d1f0c9a7be24386a1cf0e5b9d8a7c6f4e3b2a10";

/// A project as the examples have it: one environment `production`, with a token of its own, that asks for its name.
fn project() -> Shop {
    let account = Account {
        token: Some(Token::new(TOKEN)),
        ..Account::default()
    };
    let shop = Shop::with_emulator(Config {
        account,
        ..Config::default()
    });
    let url = shop.emulator().url();
    shop.write(
        "offerctl.yaml",
        &format!(
            "version: 1\nproject: club-tv\nenvironments:\n  production:\n    endpoint: {url}\n    \
             token: {{env: CLEENG_PRODUCTION_TOKEN}}\n    limits: {{settleSeconds: 0.2}}\n    confirm: true\n"
        ),
    );
    shop
}

/// Runs a command line in such a project.
fn by_hand(shop: &Shop, line: &str) -> Run {
    let mut command = shop.command(line);
    Run::of(command.env("CLEENG_PRODUCTION_TOKEN", TOKEN), line)
}

/// What `plan --markdown-into` writes, as far as the scripts care.
fn plan(place: &str, id: &str, text: &str) -> String {
    format!("<!-- offerctl:plan:{place} -->\n<!-- offerctl:plan-id:{id} -->\n### {text}\n")
}

fn drift(place: &str, text: &str) -> String {
    format!("<!-- offerctl:drift:{place} -->\n### {text}\n")
}

/// A pull request, and what is posted to it.
struct Desk {
    shop: Shop,
    forge: Forge,
    /// Where the files of the run are.
    files: tempfile::TempDir,
    fork: bool,
    permission: &'static str,
}

impl Desk {
    fn new() -> Self {
        Self {
            shop: Shop::new(),
            forge: Forge::new(),
            files: tempfile::tempdir().unwrap(),
            fork: false,
            permission: "write",
        }
    }

    /// Writes a file of the run, outside of the checkout, and returns its path.
    fn file(&self, name: &str, text: &str) -> String {
        let path = self.files.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    }

    fn use_action(&self, with: serde_json::Value) -> Job {
        let runner = Runner::pull_request(&self.shop, &self.forge, 12);
        let mut runner = if self.fork { runner.of_fork() } else { runner };
        let permissions = json!({"pull-requests": self.permission, "issues": self.permission});
        runner.action(permissions, with)
    }

    /// Shows a plan in the pull request.
    fn comment(&self, text: &str) -> Job {
        let file = self.file("plan.md", text);
        self.use_action(json!({"command": "comment", "markdown": file}))
    }

    /// Tells of drift, or that there is none.
    fn issue(&self, text: &str, exit: &str) -> Job {
        let file = self.file("drift.md", text);
        self.use_action(json!({"command": "issue", "exit": exit, "markdown": file}))
    }

    /// Asks whether a plan was shown, after a push of the commit.
    fn shown(&self, text: &str) -> Job {
        let file = self.file("plan.md", text);
        let permissions = json!({"contents": "read", "pull-requests": "read"});
        let with = json!({"command": "shown-plan", "environment": "production", "markdown": file});
        Runner::push(&self.shop, &self.forge, COMMIT).action(permissions, with)
    }

    fn merge(&self, number: u64, branch: &str) {
        let merged = (COMMIT.to_owned(), number, branch.to_owned());
        self.forge.world().merged.push(merged);
    }

    /// How many requests changed something since the last look.
    fn writes(&self) -> usize {
        self.forge.writes().len()
    }

    fn bodies(&self) -> Vec<String> {
        let comments = self.forge.comments(12).into_iter();
        comments.map(|Comment { body, .. }| body).collect()
    }
}

#[test]
fn the_first_plan_is_a_comment_and_the_next_ones_change_it() {
    let desk = Desk::new();
    let first = plan("club-tv/production", "aaa", "one change");
    desk.comment(&first).ends("success");
    assert_eq!(desk.bodies(), [first.trim()]);
    assert_eq!(desk.writes(), 1);
    desk.comment(&first)
        .ends("success")
        .says("the same as before");
    assert_eq!(desk.writes(), 0);
    let second = plan("club-tv/production", "bbb", "two changes");
    desk.comment(&second).ends("success");
    assert_eq!(desk.bodies(), [second.trim()]);
    assert_eq!(desk.writes(), 1);
}

#[test]
fn a_forge_that_keeps_other_line_ends_makes_no_difference() {
    let desk = Desk::new();
    let text = plan("club-tv/production", "aaa", "one change");
    desk.forge.comment(12, BOT, &text.replace('\n', "\r\n"));
    desk.comment(&text).ends("success");
    assert_eq!(desk.writes(), 0);
}

#[test]
fn each_environment_has_its_comment() {
    let desk = Desk::new();
    for place in [
        "club-tv/production",
        "club-tv/sandbox",
        "production",
        "club-tv/production2",
    ] {
        desk.comment(&plan(place, "aaa", place)).ends("success");
        desk.comment(&plan(place, "bbb", place)).ends("success");
    }
    assert_eq!(desk.bodies().len(), 4);
}

#[test]
fn what_somebody_else_wrote_is_left_alone() {
    let desk = Desk::new();
    let text = plan("club-tv/production", "aaa", "one change");
    desk.forge.comment(12, "mallory", &text);
    // A word of ours about the plan is not the plan.
    desk.forge.comment(12, BOT, &format!("As I said:\n{text}"));
    desk.forge.comment(13, BOT, &text);
    desk.comment(&plan("club-tv/production", "bbb", "two changes"))
        .ends("success");
    let bodies = desk.bodies();
    assert_eq!(bodies.len(), 3);
    assert_eq!(bodies[0], text);
    assert!(bodies[2].contains("two changes"));
}

#[test]
fn a_comment_is_found_behind_many_others() {
    let desk = Desk::new();
    for number in 0..37 {
        desk.forge
            .comment(12, "somebody", &format!("Remark {number}"));
    }
    desk.forge
        .comment(12, BOT, &plan("club-tv/production", "aaa", "one change"));
    for number in 0..5 {
        desk.forge
            .comment(12, "somebody", &format!("Remark {number}"));
    }
    desk.comment(&plan("club-tv/production", "bbb", "two changes"))
        .ends("success");
    assert_eq!(desk.bodies().len(), 43);
    assert!(desk.bodies()[37].contains("two changes"));
    assert_eq!(desk.writes(), 1);
}

#[test]
fn of_several_old_comments_the_first_is_kept() {
    let desk = Desk::new();
    let first = desk
        .forge
        .comment(12, BOT, &plan("club-tv/production", "aaa", "one"));
    desk.forge
        .comment(12, BOT, &plan("club-tv/production", "bbb", "two"));
    desk.forge
        .comment(12, BOT, &plan("club-tv/sandbox", "ccc", "three"));
    desk.comment(&plan("club-tv/production", "ddd", "four"))
        .ends("success");
    let comments = desk.forge.comments(12);
    assert_eq!(comments.len(), 2, "{comments:#?}");
    assert!(comments[0].id == first && comments[0].body.contains("four"));
    assert!(comments[1].body.contains("three"));
}

#[test]
fn what_may_be_repeated_is_repeated() {
    let desk = Desk::new();
    desk.forge
        .comment(12, BOT, &plan("club-tv/production", "aaa", "one"));
    let limit = Fault::Status(403, "X-RateLimit-Remaining: 0\r\nX-RateLimit-Reset: 1");
    for (method, fault) in [
        ("GET", Fault::Status(502, "")),
        ("GET", Fault::Status(429, "Retry-After: 0")),
        ("GET", Fault::Cut),
        ("PATCH", Fault::Doubtful),
        ("PATCH", Fault::Lost),
        ("PATCH", limit),
    ] {
        desk.forge.fault(method, "/comments", fault);
    }
    desk.comment(&plan("club-tv/production", "bbb", "two"))
        .ends("success");
    assert!(desk.forge.only_comment(12).body.contains("two"));
    assert!(desk.forge.world().faults.is_empty());
}

#[test]
fn a_comment_whose_answer_was_lost_is_looked_for_before_it_is_written_again() {
    for fault in [
        Fault::Lost,
        Fault::Doubtful,
        Fault::Cut,
        Fault::Status(503, ""),
        Fault::Status(429, "Retry-After: 0"),
    ] {
        let desk = Desk::new();
        desk.forge.fault("POST", "/comments", fault.clone());
        desk.comment(&plan("club-tv/production", "aaa", "one"))
            .ends("success");
        let sent = desk.writes();
        let was_made = matches!(fault, Fault::Lost | Fault::Doubtful);
        assert_eq!(sent, if was_made { 1 } else { 2 }, "{fault:?}");
        let _comment = desk.forge.only_comment(12);
    }
}

#[test]
fn a_forge_that_stays_down_is_an_error() {
    let desk = Desk::new();
    for _ in 0..9 {
        desk.forge.fault("GET", "/comments", Fault::Status(500, ""));
    }
    desk.comment(&plan("club-tv/production", "aaa", "one"))
        .ends("failure")
        .says("== exit 1");
    assert_eq!(desk.writes(), 0);
}

#[test]
fn a_fork_that_may_not_comment_has_the_plan_in_the_summary() {
    let mut desk = Desk::new();
    desk.fork = true;
    let job = desk.comment(&plan("club-tv/production", "aaa", "one change"));
    job.ends("success").says("::notice").says("in the summary");
    assert!(job.summary.contains("### one change"));
    assert!(desk.bodies().is_empty());
}

#[test]
fn a_job_without_the_permission_fails_and_says_which() {
    let mut desk = Desk::new();
    desk.permission = "read";
    let job = desk.comment(&plan("club-tv/production", "aaa", "one change"));
    job.ends("failure")
        .says("::error")
        .says("`permissions`")
        .says("== exit 1");
    assert!(desk.bodies().is_empty());
}

#[test]
fn a_file_that_is_no_plan_of_the_environment_is_not_shown() {
    let desk = Desk::new();
    let long = plan("club-tv/production", "aaa", &"x".repeat(70_000));
    for text in [
        "",
        "A plan",
        "\n<!-- offerctl:plan:club-tv/production -->",
        &drift("club-tv/production", "Drift"),
        &plan("club-tv/sandbox", "aaa", "one"),
        &plan("production/sandbox", "aaa", "one"),
        &long,
    ] {
        let file = desk.file("plan.md", text);
        let with = json!({"command": "comment", "environment": "production", "markdown": file});
        let job = desk.use_action(with);
        job.ends("failure").says("== exit 64");
    }
    let job = desk.use_action(json!({"command": "comment", "markdown": "nowhere.md"}));
    job.ends("failure").says("nowhere.md").says("== exit 64");
    assert_eq!(desk.writes(), 0);
}

#[test]
fn an_author_that_is_not_the_tokens_is_found_out_at_the_first_comment() {
    let desk = Desk::new();
    "club-bot[bot]".clone_into(&mut desk.forge.world().author);
    let text = plan("club-tv/production", "aaa", "one");
    desk.comment(&text)
        .ends("failure")
        .says("club-bot[bot]")
        .says("`author`");
    let file = desk.file("plan.md", &plan("club-tv/production", "bbb", "two"));
    let job =
        desk.use_action(json!({"command": "comment", "author": "club-bot[bot]", "markdown": file}));
    job.ends("success");
    assert!(desk.forge.only_comment(12).body.contains("two"));
}

#[test]
fn what_the_forge_says_is_told_without_the_token_and_no_redirect_is_followed() {
    for fault in [
        Fault::Status(422, ""),
        Fault::Status(301, "Location: http://127.0.0.1:1/elsewhere"),
    ] {
        let desk = Desk::new();
        desk.forge.fault("GET", "/comments", fault);
        let job = desk.comment(&plan("club-tv/production", "aaa", "one"));
        job.ends("failure").says("the token was ***");
    }
}

#[test]
fn drift_opens_one_issue_changes_it_closes_it_and_opens_it_again() {
    let desk = Desk::new();
    let one = drift("club-tv/production", "One offer drifted");
    desk.issue(&one, "2").ends("success");
    let issue = desk.forge.world().issues[0].clone();
    assert_eq!(issue.title, "Drift in club-tv/production");
    assert_eq!(issue.labels, ["offerctl-drift"]);
    assert_eq!(issue.body, one.trim());
    desk.writes();

    desk.issue(&one, "2").ends("success");
    assert_eq!(desk.writes(), 0, "nothing changed");
    desk.issue(&drift("club-tv/production", "Two offers drifted"), "2")
        .ends("success");
    assert_eq!(desk.writes(), 1);
    desk.issue(&drift("club-tv/production", "No drift"), "0")
        .ends("success");
    let issue = desk.forge.world().issues[0].clone();
    assert!(!issue.open && issue.body.contains("No drift"), "{issue:?}");
    assert_eq!(desk.writes(), 1);
    desk.issue(&drift("club-tv/production", "No drift"), "0")
        .ends("success");
    assert_eq!(desk.writes(), 0, "it is closed");
    desk.issue(&one, "2").ends("success");
    assert_eq!(desk.writes(), 1);

    let issues = desk.forge.world().issues.clone();
    assert_eq!(issues.len(), 1);
    assert!(issues[0].open && issues[0].body == one.trim());
}

#[test]
fn no_drift_and_no_issue_is_nothing_to_do() {
    let desk = Desk::new();
    desk.issue(&drift("club-tv/production", "No drift"), "0")
        .ends("success");
    assert_eq!(desk.writes(), 0);
}

#[test]
fn there_are_never_two_issues() {
    for fault in [
        Fault::Lost,
        Fault::Doubtful,
        Fault::Cut,
        Fault::Status(500, ""),
    ] {
        let desk = Desk::new();
        desk.forge.fault("POST", "/labels", fault.clone());
        desk.forge.fault("POST", "/issues", fault.clone());
        desk.issue(&drift("club-tv/production", "One"), "2")
            .ends("success");
        assert_eq!(desk.forge.world().issues.len(), 1, "{fault:?}");
    }
}

#[test]
fn an_issue_is_found_behind_others_and_only_if_it_is_ours() {
    let desk = Desk::new();
    let text = drift("club-tv/production", "One");
    let label = ["offerctl-drift"];
    desk.forge.issue("mallory", &text, &label);
    let request = desk.forge.issue(BOT, &text, &label);
    for issue in &mut desk.forge.world().issues {
        issue.is_pull_request = issue.number == request;
    }
    for number in 0..25 {
        desk.forge.issue(
            BOT,
            &drift(&format!("club-tv/shop-{number}"), "One"),
            &label,
        );
    }
    let ours = desk.forge.issue(BOT, text.trim(), &label);
    desk.issue(&drift("club-tv/production", "Two"), "2")
        .ends("success");
    let issues = desk.forge.world().issues.clone();
    assert_eq!(issues.len(), 28);
    let changed: Vec<u64> = issues
        .iter()
        .filter(|issue| issue.body.contains("Two"))
        .map(|issue| issue.number)
        .collect();
    assert_eq!(changed, [ours]);
}

#[test]
fn a_plan_that_was_shown_may_be_applied() {
    let desk = Desk::new();
    desk.comment(&plan("club-tv/production", "aaa", "one"))
        .ends("success");
    desk.merge(12, "main");
    desk.writes();
    desk.shown(&plan("club-tv/production", "aaa", "said otherwise"))
        .ends("success")
        .says("#12");
    assert_eq!(desk.writes(), 0);
}

#[test]
fn a_plan_that_was_not_shown_may_not_be_applied() {
    let shown = plan("club-tv/production", "aaa", "one");
    let unplanned = "<!-- offerctl:plan:club-tv/production -->\n### There is no plan\n";
    for (author, on, branch, text, words) in [
        (
            BOT,
            12,
            "main",
            plan("club-tv/production", "bbb", "two"),
            "is not the one that was shown in #12",
        ),
        (BOT, 12, "main", unplanned.to_owned(), "planning failed"),
        ("mallory", 12, "main", shown.clone(), "shows no plan"),
        (BOT, 13, "main", shown.clone(), "shows no plan"),
        (
            BOT,
            12,
            "main",
            plan("club-tv/sandbox", "aaa", "one"),
            "shows no plan",
        ),
        (
            BOT,
            12,
            "release",
            shown.clone(),
            "came with no merged pull request",
        ),
    ] {
        let desk = Desk::new();
        desk.forge.comment(on, author, &text);
        desk.merge(12, branch);
        let job = desk.shown(&shown);
        job.ends("failure")
            .says(words)
            .says("require-shown-plan")
            .says("== exit 3");
    }
    // A push without a pull request.
    let desk = Desk::new();
    desk.forge.comment(12, BOT, &shown);
    desk.shown(&shown)
        .ends("failure")
        .says("no merged pull request")
        .says("== exit 3");
}
