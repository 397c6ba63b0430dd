//! What a commit or a branch could forge of a pipeline on GitLab. Nothing of it is shown, run or applied.

use std::os::unix::fs::symlink;
use std::process::Command;

use super::forged::{FORMS, commit};
use super::gitlab::Project;
use super::repository::Repository;
use super::tools::program;
use super::workflow::ci;
use super::workflows::reprice;
use super::{COMMIT, by_hand, plan};
use crate::support::{Draft, Run, TOKEN};

/// Where the files of a run are, or were once.
const PLACES: [&str; 2] = ["", ".offerctl-run/"];

fn forged() -> String {
    plan("club-tv/production", "0f0f0f", "Nothing to worry about")
}

fn film() -> Draft {
    Draft::new("single", "film")
}

/// The source of offerctl, as the template fetches it.
fn source() -> Repository {
    Repository::new(|folder| {
        let copied = Command::new("cp").arg("-R").arg(ci()).arg(folder).status();
        assert!(copied.unwrap().success());
    })
}

/// Runs a job for which no image brings a program.
fn run_from_source(project: &Project, job: &str, source: &Repository) -> Run {
    let url = source.url();
    let variables = [
        ("OFFERCTL_HOME", ""),
        ("OFFERCTL_SOURCE", url.as_str()),
        ("OFFERCTL_COMMIT", source.head.as_str()),
        ("CI_MERGE_REQUEST_IID", "12"),
    ];
    project.run(job, &variables)
}

#[track_caller]
fn expect_not_owned(project: &Project) {
    let owned = project.shop.path("owned");
    assert!(!owned.exists(), "a stranger's code was run");
}

#[test]
fn a_committed_plan_is_not_shown_in_place_of_none() {
    for form in FORMS {
        for place in PLACES {
            let project = Project::new();
            project.shop.declare(&[film().with("price", "many")]);
            for name in ["plan.md", "plan.json", "plan-report.json", "plan.env"] {
                commit(&project.shop, form, &format!("{place}{name}"), &forged());
            }
            project.plan_of_request().exits(65);
            let body = project.forge.only_comment(12).body;
            assert!(body.contains("There is no plan"), "{form:?}: {body}");
            let left = project.left_by(".offerctl-plan");
            assert!(!left.contains("Nothing to worry"), "{form:?}: {left}");
        }
    }
}

#[test]
fn a_committed_file_does_not_stand_in_the_way_of_a_real_one() {
    for form in FORMS {
        for place in PLACES {
            let project = Project::new();
            project.shop.declare(&[film()]);
            let run = |job: &str, names: &[&str], variables: &[(&str, &str)]| {
                for name in names {
                    commit(&project.shop, form, &format!("{place}{name}"), &forged());
                }
                project.run(job, variables).exits(0);
                let left = project.left_by(job);
                assert!(!left.contains("Nothing to worry"), "{form:?}: {left}");
            };
            run(".offerctl-validate", &["codequality.json"], &[]);
            let names = ["plan.md", "plan.json", "plan-report.json", "plan.env"];
            run(".offerctl-plan", &names, &[("CI_MERGE_REQUEST_IID", "12")]);
            assert!(project.forge.only_comment(12).body.contains("film"));
            by_hand(&project.shop, "apply -y --confirm production").exits(0);
            reprice(&project.shop, "1.00");
            run(".offerctl-drift", &["drift.md", "drift.prom"], &[]);
            let issues = project.forge.world().issues.clone();
            assert!(issues[0].body.contains("1.00"), "{form:?}: {issues:?}");
        }
    }
}

#[test]
fn a_link_in_place_of_the_folder_of_the_run_is_not_followed() {
    let project = Project::new();
    project.shop.declare(&[film().with("price", "many")]);
    project.shop.write("docs/plan.md", &forged());
    symlink("docs", project.shop.path(".offerctl-run")).unwrap();
    project.plan_of_request().exits(65);
    let left = project.left_by(".offerctl-plan");
    assert!(left.contains("There is no plan"), "{left}");
    assert_eq!(project.shop.read("docs/plan.md"), forged());
}

#[test]
fn a_committed_plan_is_not_applied() {
    for place in PLACES {
        let project = Project::new();
        project.shop.declare(&[film()]);
        // It was never shown; the one beside it, which is shown as well, is harmless.
        for name in ["plan.json", "plan.md"] {
            project.shop.write(&format!("{place}{name}"), "");
        }
        by_hand(&project.shop, &format!("plan --out {place}plan.json")).exits(0);
        let harmless = forged();
        project.shop.write(&format!("{place}plan.md"), &harmless);
        project.forge.comment(12, "project_7_bot", &harmless);
        let merged = (COMMIT.to_owned(), 12, "main".to_owned());
        project.forge.world().merged.push(merged);
        project.shop.requests();
        // The job does not need the plan job, or its artifacts are gone.
        let variables = [("CI_COMMIT_BRANCH", "main")];
        project.run(".offerctl-apply", &variables).exits(64);
        assert_eq!(project.shop.writes(), 0);
        assert_eq!(project.shop.active("Title of film").len(), 0);
    }
}

#[test]
fn a_plan_that_changed_on_its_way_is_not_applied() {
    let project = Project::new();
    project.shop.declare(&[film()]);
    project.plan_of_branch().exits(0);
    let other = [
        ("OFFERCTL_PLAN_SUM", "0f0f0f"),
        ("OFFERCTL_REQUIRE_SHOWN_PLAN", "false"),
    ];
    project
        .apply_of_plan(&other)
        .exits(64)
        .complains("not the plan that the plan job");
    assert_eq!(project.shop.writes(), 0);
}

#[test]
fn a_committed_program_is_not_run() {
    let project = Project::new();
    let source = source();
    project.shop.declare(&[film()]);
    let owned = format!("touch '{}'", project.shop.path("owned").display());
    program(&project.shop.path(".offerctl-home/bin/offerctl"), &owned);
    let script = format!(
        "open({:?}, 'w')\n",
        project.shop.path("owned").display().to_string()
    );
    project.shop.write(".offerctl-home/ci/post.py", &script);
    for job in [".offerctl-validate", ".offerctl-plan", ".offerctl-drift"] {
        let _run = run_from_source(&project, job, &source);
        expect_not_owned(&project);
    }
    assert!(project.forge.only_comment(12).body.contains("film"));
    // Nor if a variable says so.
    let home = project.shop.path(".offerctl-home").display().to_string();
    for home in [home.as_str(), ".offerctl-home"] {
        let variables = [("OFFERCTL_HOME", home)];
        project
            .run(".offerctl-plan", &variables)
            .exits(64)
            .complains("in the checkout");
    }
    expect_not_owned(&project);
}

#[test]
fn what_builds_the_program_has_no_token_and_obeys_nothing_of_the_checkout() {
    let project = Project::new();
    let source = source();
    project.shop.declare(&[film()]);
    let config = "[build]\nrustc-wrapper = \"./owned\"\n";
    project.shop.write(".cargo/config.toml", config);
    run_from_source(&project, ".offerctl-plan", &source).exits(0);
    let seen = project.tools.seen_by_cargo();
    assert!(seen.contains("PATH="), "{seen}");
    assert!(!seen.contains(TOKEN) && !seen.contains("glpat"), "{seen}");
    let checkout = project.shop.path("").display().to_string();
    assert!(!seen.contains(&format!("obeys {checkout}")), "{seen}");
}

#[test]
fn only_the_program_with_the_checksum_is_run() {
    let project = Project::new();
    let other = "0".repeat(64);
    project
        .run(".offerctl-validate", &[("OFFERCTL_SHA256", &other)])
        .exits(64)
        .complains("is not OFFERCTL_SHA256");
    let output = Command::new("sha256sum")
        .arg(env!("CARGO_BIN_EXE_offerctl"))
        .output()
        .unwrap();
    let sum = String::from_utf8(output.stdout).unwrap();
    project.shop.declare(&[film()]);
    project
        .run(".offerctl-validate", &[("OFFERCTL_SHA256", &sum[..64])])
        .exits(0);
}

#[test]
fn a_commit_of_offerctl_is_forty_digits_and_nothing_else() {
    let project = Project::new();
    let source = source();
    let url = source.url();
    let evil = format!("{:40}", "--upload-pack=touch owned #");
    for commit in ["", "main", &evil, &"g".repeat(40)] {
        let variables = [
            ("OFFERCTL_HOME", ""),
            ("OFFERCTL_SOURCE", url.as_str()),
            ("OFFERCTL_COMMIT", commit),
        ];
        project
            .run(".offerctl-validate", &variables)
            .exits(64)
            .complains("OFFERCTL_COMMIT");
    }
}

#[test]
fn modules_of_the_checkout_are_not_imported() {
    let project = Project::new();
    project.shop.declare(&[film()]);
    let script = format!(
        "open({:?}, 'w')\n",
        project.shop.path("owned").display().to_string()
    );
    for name in [
        "json.py",
        "sitecustomize.py",
        "usercustomize.py",
        "argparse.py",
    ] {
        project.shop.write(name, &script);
    }
    let variables = [("CI_MERGE_REQUEST_IID", "12"), ("PYTHONPATH", ".")];
    project.run(".offerctl-plan", &variables).exits(0);
    expect_not_owned(&project);
    assert!(project.forge.only_comment(12).body.contains("film"));
}

#[test]
fn nothing_is_applied_from_a_branch_that_everybody_may_push() {
    let project = Project::new();
    project.shop.declare(&[film()]);
    project.plan_of_branch().exits(0);
    for state in ["false", ""] {
        let variables = [
            ("CI_COMMIT_REF_PROTECTED", state),
            ("OFFERCTL_REQUIRE_SHOWN_PLAN", "false"),
        ];
        project
            .apply_of_plan(&variables)
            .exits(64)
            .complains("not protected");
    }
    assert_eq!(project.shop.writes(), 0);
}

#[test]
fn what_was_not_shown_is_applied_from_the_newest_commit_only() {
    let project = Project::new();
    let repository = Repository::new(|_| ());
    let url = repository.url();
    project.shop.declare(&[film()]);
    project.plan_of_branch().exits(0);
    // Somebody runs an old pipeline again, and everything that was merged since would be taken back.
    let mut variables = [
        ("OFFERCTL_REQUIRE_SHOWN_PLAN", "false"),
        ("CI_REPOSITORY_URL", url.as_str()),
        ("CI_COMMIT_SHA", COMMIT),
    ];
    project
        .apply_of_plan(&variables)
        .exits(3)
        .complains("not the newest");
    variables[1].1 = "/nowhere";
    project.apply_of_plan(&variables).exits(64);
    assert_eq!(project.shop.writes(), 0);
    variables[1].1 = &url;
    variables[2].1 = &repository.head;
    project.apply_of_plan(&variables).exits(0);
    assert_eq!(project.shop.active("Title of film").len(), 1);
}

#[test]
fn the_plan_of_an_old_commit_is_not_shown_over_that_of_a_newer_one() {
    let project = Project::new();
    project.shop.declare(&[film()]);
    project.plan_of_request().exits(0);
    project.forge.writes();
    "ffffffffffffffffffffffffffffffffffffffff".clone_into(&mut project.forge.world().head);
    project.shop.declare(&[film().with("price", "12.00")]);
    project
        .plan_of_request()
        .exits(0)
        .complains("has a newer commit");
    assert_eq!(project.forge.writes().len(), 0);
    // A pipeline of the merged result is of a commit that nobody has pushed.
    let variables = [
        ("CI_MERGE_REQUEST_IID", "12"),
        (
            "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA",
            "ffffffffffffffffffffffffffffffffffffffff",
        ),
    ];
    project.run(".offerctl-plan", &variables).exits(0);
    assert!(project.forge.only_comment(12).body.contains("12.00"));
}

#[test]
fn words_of_a_branch_are_data_whatever_is_in_them() {
    let project = Project::new();
    project.shop.declare(&[film()]);
    let evil = "x\"; touch owned; echo \"$(touch owned)`touch owned`";
    let words = [
        "CI_COMMIT_BRANCH",
        "CI_COMMIT_REF_NAME",
        "CI_COMMIT_MESSAGE",
        "CI_MERGE_REQUEST_TITLE",
        "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME",
        "OFFERCTL_CONFIRM",
    ];
    let mut variables = words.map(|name| (name, evil)).to_vec();
    variables.push(("CI_MERGE_REQUEST_IID", "12"));
    for key in ["", "OFFERCTL_ENVIRONMENT", "OFFERCTL_DIRECTORY"] {
        variables.push((key, evil));
        for job in [".offerctl-validate", ".offerctl-plan", ".offerctl-drift"] {
            let with: Vec<_> = variables
                .iter()
                .copied()
                .filter(|(name, _)| !name.is_empty())
                .collect();
            let _run = project.run(job, &with);
        }
        variables.pop();
    }
    project.plan_of_branch().exits(0);
    let _run = project.apply_of_plan(&variables);
    expect_not_owned(&project);
}
