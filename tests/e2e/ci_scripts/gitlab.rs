//! The jobs of `ci/gitlab/offerctl.yml`, run as GitLab runs them, against the emulator and a stand-in for GitLab.

use std::collections::BTreeMap;
use std::process::Command;

use serde_json::{Value as Json, json};

use super::expression::shown;
use super::forge::Forge;
use super::workflow::{ci, items, members, yaml};
use super::workflows::reprice;
use super::{COMMIT, by_hand, project};
use crate::support::{Draft, Run, Shop, TOKEN};

const SECRET: &str = "glpat-canary-4411";

/// A project on GitLab, with offerctl where an image of one's own would have it.
struct Project {
    shop: Shop,
    forge: Forge,
    home: tempfile::TempDir,
}

impl Project {
    fn new() -> Self {
        let forge = Forge::new();
        let mut world = forge.world();
        "project_7_bot".clone_into(&mut world.author);
        let api = BTreeMap::from([("api".to_owned(), "write".to_owned())]);
        world.tokens.insert(SECRET.to_owned(), api);
        drop(world);
        let home = tempfile::tempdir().unwrap();
        std::fs::create_dir(home.path().join("bin")).unwrap();
        let program = home.path().join("bin/offerctl");
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_offerctl"), program).unwrap();
        std::os::unix::fs::symlink(ci(), home.path().join("ci")).unwrap();
        let shop = project();
        Self { shop, forge, home }
    }

    /// Runs the script of a job, with what it extends, and expects that no token shows.
    fn run(&self, job: &str, variables: &[(&str, &str)]) -> Run {
        let template = yaml("gitlab/offerctl.yml");
        let definition = &template[job];
        let base = &template[definition["extends"].as_str().unwrap()];
        let lines = items(&base["before_script"]).chain(items(&definition["script"]));
        let script: String = lines.map(|line| shown(line) + "\n").collect();
        self.shop.write(".job.sh", &script);
        let mut command = Command::new("bash");
        command
            .args(["-eo", "pipefail", ".job.sh"])
            .current_dir(self.shop.path(""))
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap())
            .env("HOME", self.home.path());
        for (name, value) in members(&template["variables"]) {
            command.env(name, shown(value));
        }
        command
            .env("CI", "true")
            .env("GITLAB_CI", "true")
            .env("CI_PROJECT_ID", "7")
            .env("CI_PROJECT_DIR", self.shop.path(""))
            .env("CI_API_V4_URL", &self.forge.url)
            .env("CI_COMMIT_SHA", COMMIT)
            .env("OFFERCTL_RETRY_SECONDS", "0")
            .env("OFFERCTL_HOME", self.home.path())
            .env("OFFERCTL_CONFIRM", "production")
            .env("OFFERCTL_GITLAB_TOKEN", SECRET)
            .env("CLEENG_PRODUCTION_TOKEN", TOKEN)
            .envs(variables.iter().copied());
        let run = Run::of(&mut command, job);
        let requests = format!("{:?}", self.forge.world().requests);
        for text in [&run.out, &run.err, &requests] {
            assert!(
                !text.contains(SECRET) && !text.contains(TOKEN),
                "a token shows: {text}"
            );
        }
        run
    }

    fn plan_of_request(&self) -> Run {
        self.run(".offerctl-plan", &[("CI_MERGE_REQUEST_IID", "12")])
    }

    fn apply(&self) -> Run {
        self.run(".offerctl-plan", &[("CI_COMMIT_BRANCH", "main")])
            .exits(0);
        let changes = self.shop.read("plan.env").contains("true").to_string();
        self.run(
            ".offerctl-apply",
            &[("CI_COMMIT_BRANCH", "main"), ("OFFERCTL_CHANGES", &changes)],
        )
    }

    fn json(&self, path: &str) -> Json {
        serde_json::from_str(&self.shop.read(path)).unwrap()
    }
}

#[test]
fn a_merge_request_shows_its_plan_and_its_merge_applies_it() {
    let project = Project::new();
    project.shop.declare(&[Draft::new("single", "film")]);
    project.run(".offerctl-validate", &[]).exits(0);
    assert_eq!(project.json("codequality.json"), json!([]));
    project.plan_of_request().exits(0);
    assert_eq!(project.json("plan-report.json")["create"], 1);
    project.plan_of_request().exits(0);
    assert_eq!(project.forge.writes().len(), 1, "the second is the same");
    assert!(
        project
            .forge
            .only_comment(12)
            .body
            .starts_with("<!-- offerctl:plan:club-tv/production -->")
    );

    let merged = (COMMIT.to_owned(), 12, "main".to_owned());
    project.forge.world().merged.push(merged);
    project.apply().exits(0);
    assert_eq!(project.shop.active("Title of film").len(), 1);
    project.shop.requests();
    project.apply().exits(0);
    assert_eq!(project.shop.writes(), 0, "there is nothing left to do");
}

#[test]
fn a_plan_that_no_merge_request_showed_is_not_applied_unless_that_is_wanted() {
    let project = Project::new();
    project.shop.declare(&[Draft::new("single", "film")]);
    project.apply().exits(3).complains("nobody was shown");
    assert_eq!(project.shop.writes(), 0);
    let wanted = [
        ("CI_COMMIT_BRANCH", "main"),
        ("OFFERCTL_REQUIRE_SHOWN_PLAN", "false"),
    ];
    project.run(".offerctl-apply", &wanted).exits(0);
    assert_eq!(project.shop.active("Title of film").len(), 1);
    project.shop.requests();
    project.run(".offerctl-apply", &wanted).exits(4);
    assert_eq!(project.shop.writes(), 0);
}

#[test]
fn manifests_that_are_not_valid_are_in_the_code_quality_report() {
    let project = Project::new();
    project
        .shop
        .declare(&[Draft::new("single", "film").with("price", "many")]);
    project.run(".offerctl-validate", &[]).exits(65);
    let report = project.json("codequality.json");
    assert_eq!(report[0]["location"]["path"], "offers/all.yaml", "{report}");
    project.plan_of_request().exits(65);
    assert!(project.forge.comments(12).is_empty());
}

#[test]
fn without_a_token_for_gitlab_there_is_a_plan_and_no_note() {
    let project = Project::new();
    project.shop.declare(&[Draft::new("single", "film")]);
    let variables = [
        ("CI_MERGE_REQUEST_IID", "12"),
        ("OFFERCTL_GITLAB_TOKEN", ""),
    ];
    project.run(".offerctl-plan", &variables).exits(0);
    assert!(project.shop.path("plan.md").exists());
    assert!(project.forge.world().requests.is_empty());
}

#[test]
fn drift_is_an_issue_until_it_is_gone() {
    let project = Project::new();
    project.shop.declare(&[Draft::new("single", "film")]);
    by_hand(&project.shop, "apply -y --confirm production").exits(0);
    project.run(".offerctl-drift", &[]).exits(0);
    assert!(project.forge.world().issues.is_empty());
    reprice(&project.shop, "1.00");
    for _ in 0..2 {
        project.run(".offerctl-drift", &[]).exits(0);
        assert_eq!(project.forge.world().issues.len(), 1);
    }
    assert!(project.forge.world().issues[0].open);
    reprice(&project.shop, "10.00");
    project.run(".offerctl-drift", &[]).exits(0);
    let issues = project.forge.world().issues.clone();
    assert!(issues.len() == 1 && !issues[0].open, "{issues:?}");
}
