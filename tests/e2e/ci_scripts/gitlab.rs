//! The jobs of `ci/gitlab/offerctl.yml`, run as GitLab runs them, against the emulator and a stand-in for GitLab.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use serde_json::{Value as Json, json};

use super::artifact::{Files, packed, unpack};
use super::expression::shown;
use super::forge::Forge;
use super::repository::Repository;
use super::tools::Tools;
use super::workflow::{ci, items, members, yaml};
use super::workflows::reprice;
use super::{COMMIT, by_hand, project};
use crate::support::{Draft, Run, Shop, TOKEN};

const SECRET: &str = "glpat-canary-4411";

/// A project on GitLab, with offerctl where an image of one's own would have it.
pub(super) struct Project {
    pub(super) shop: Shop,
    pub(super) forge: Forge,
    pub(super) tools: Tools,
    pub(super) home: tempfile::TempDir,
    temporary: tempfile::TempDir,
    /// The artifacts of each job that was run.
    artifacts: RefCell<BTreeMap<String, Files>>,
}

impl Project {
    pub(super) fn new() -> Self {
        let forge = Forge::new();
        let mut world = forge.world();
        "project_7_bot".clone_into(&mut world.author);
        COMMIT.clone_into(&mut world.head);
        let api = BTreeMap::from([("api".to_owned(), "write".to_owned())]);
        world.tokens.insert(SECRET.to_owned(), api);
        drop(world);
        let home = tempfile::tempdir().unwrap();
        std::fs::create_dir(home.path().join("bin")).unwrap();
        let program = home.path().join("bin/offerctl");
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_offerctl"), program).unwrap();
        std::os::unix::fs::symlink(ci(), home.path().join("ci")).unwrap();
        Self {
            shop: project(),
            forge,
            tools: Tools::new(),
            home,
            temporary: tempfile::tempdir().unwrap(),
            artifacts: RefCell::default(),
        }
    }

    /// Runs the script of a job, with what it extends, and expects that no token shows. Its artifacts are taken out of the
    /// checkout, as the next job would have another one.
    pub(super) fn run(&self, job: &str, variables: &[(&str, &str)]) -> Run {
        let template = yaml("gitlab/offerctl.yml");
        let definition = &template[job];
        let base = &template[definition["extends"].as_str().unwrap()];
        let own = &definition["before_script"];
        let before = if own.is_null() {
            &base["before_script"]
        } else {
            own
        };
        let lines = items(before).chain(items(&definition["script"]));
        let script: String = lines.map(|line| shown(line) + "\n").collect();
        let file = self.home.path().join("job.sh");
        std::fs::write(&file, script).unwrap();
        let mut command = Command::new("bash");
        command
            .args(["-eo", "pipefail"])
            .arg(file)
            .current_dir(self.shop.path(""))
            .env_clear()
            .env("PATH", self.tools.path())
            .env("TMPDIR", self.temporary.path())
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
            .env("CI_COMMIT_REF_PROTECTED", "true")
            .env("CI_JOB_URL", "https://gitlab.com/club/offers/-/jobs/77")
            .env("OFFERCTL_RETRY_SECONDS", "0")
            .env("OFFERCTL_HOME", self.home.path())
            .env("OFFERCTL_CONFIRM", "production")
            .env("OFFERCTL_GITLAB_TOKEN", SECRET)
            .env("CLEENG_PRODUCTION_TOKEN", TOKEN)
            .envs(variables.iter().copied());
        let run = Run::of(&mut command, job);
        let files = self.take_artifacts(definition);
        let requests = format!("{:?}", self.forge.world().requests);
        let kept: Vec<_> = files
            .values()
            .map(|bytes| String::from_utf8_lossy(bytes).into_owned())
            .collect();
        for text in kept.iter().chain([&run.out, &run.err, &requests]) {
            assert!(
                !text.contains(SECRET) && !text.contains(TOKEN),
                "a token shows: {text}"
            );
        }
        self.artifacts.borrow_mut().insert(job.to_owned(), files);
        run
    }

    fn take_artifacts(&self, definition: &Json) -> Files {
        let artifacts = &definition["artifacts"];
        let reports = members(&artifacts["reports"]).map(|(_, path)| path);
        let mut taken = Files::new();
        for path in items(&artifacts["paths"]).chain(reports).map(shown) {
            for (name, bytes) in packed(&self.shop.path(""), &path) {
                let folder = Path::new(&path).parent().unwrap();
                taken.insert(folder.join(name).display().to_string(), bytes);
            }
        }
        let _left = std::fs::remove_dir_all(self.shop.path(".offerctl-run"));
        taken
    }

    /// The text of an artifact of a job, by the end of its path.
    pub(super) fn artifact(&self, job: &str, name: &str) -> Option<String> {
        let artifacts = self.artifacts.borrow();
        let (_, bytes) = artifacts[job]
            .iter()
            .find(|(path, _)| path.ends_with(name))?;
        Some(String::from_utf8(bytes.clone()).unwrap())
    }

    /// All that a job left, as one text.
    pub(super) fn left_by(&self, job: &str) -> String {
        let artifacts = self.artifacts.borrow();
        let texts = artifacts[job].values();
        texts.map(|bytes| String::from_utf8_lossy(bytes)).collect()
    }

    pub(super) fn plan_of_request(&self) -> Run {
        self.run(".offerctl-plan", &[("CI_MERGE_REQUEST_IID", "12")])
    }

    pub(super) fn plan_of_branch(&self) -> Run {
        self.run(".offerctl-plan", &[("CI_COMMIT_BRANCH", "main")])
    }

    /// Runs the apply job with the artifacts and the variables of the plan job before it.
    pub(super) fn apply_of_plan(&self, variables: &[(&str, &str)]) -> Run {
        let plan = self.artifacts.borrow()[".offerctl-plan"].clone();
        unpack(&plan, &self.shop.path(""));
        let env = self.artifact(".offerctl-plan", "plan.env").unwrap();
        let mut all: Vec<(&str, &str)> = env
            .lines()
            .filter_map(|line| line.split_once('='))
            .collect();
        all.push(("CI_COMMIT_BRANCH", "main"));
        all.extend(variables);
        self.run(".offerctl-apply", &all)
    }

    fn apply(&self) -> Run {
        self.plan_of_branch().exits(0);
        self.apply_of_plan(&[])
    }

    fn json(&self, job: &str, name: &str) -> Json {
        serde_json::from_str(&self.artifact(job, name).unwrap()).unwrap()
    }
}

#[test]
fn a_merge_request_shows_its_plan_and_its_merge_applies_it() {
    let project = Project::new();
    project.shop.declare(&[Draft::new("single", "film")]);
    project.run(".offerctl-validate", &[]).exits(0);
    assert_eq!(
        project.json(".offerctl-validate", "codequality.json"),
        json!([])
    );
    project.plan_of_request().exits(0);
    let report = project.json(".offerctl-plan", "plan-report.json");
    assert_eq!(report["create"], 1);
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
    let repository = Repository::new(|_| ());
    let url = repository.url();
    let wanted = [
        ("OFFERCTL_REQUIRE_SHOWN_PLAN", "false"),
        ("CI_REPOSITORY_URL", url.as_str()),
        ("CI_COMMIT_SHA", repository.head.as_str()),
    ];
    project.apply_of_plan(&wanted).exits(0);
    assert_eq!(project.shop.active("Title of film").len(), 1);
    project.shop.requests();
    project.apply_of_plan(&wanted).exits(4);
    assert_eq!(project.shop.writes(), 0);
}

#[test]
fn manifests_that_are_not_valid_are_in_the_code_quality_report() {
    let project = Project::new();
    project
        .shop
        .declare(&[Draft::new("single", "film").with("price", "many")]);
    project.run(".offerctl-validate", &[]).exits(65);
    let report = project.json(".offerctl-validate", "codequality.json");
    assert_eq!(report[0]["location"]["path"], "offers/all.yaml", "{report}");
}

#[test]
fn where_there_is_no_plan_the_note_says_so() {
    let project = Project::new();
    let film = Draft::new("single", "film");
    project.shop.declare(std::slice::from_ref(&film));
    project.plan_of_request().exits(0);
    project.shop.declare(&[film.with("price", "many")]);
    project.plan_of_request().exits(65);
    let body = project.forge.only_comment(12).body;
    assert!(
        body.starts_with("<!-- offerctl:plan:club-tv/production -->\n### There is no plan")
            && body.contains("exit code 65; [the log](https://gitlab.com/club/offers/-/jobs/77)"),
        "{body}"
    );
    assert_eq!(project.artifact(".offerctl-plan", "plan.json"), None);
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
    let plan = project.artifact(".offerctl-plan", "plan.md").unwrap();
    assert!(plan.contains("film"), "{plan}");
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
