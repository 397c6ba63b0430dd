//! What has to hold of the files in `ci/`, whatever they do: the trust boundary, the pins, the schemas.

use std::process::Command;

use serde_json::{Value as Json, json};

use super::expression::shown;
use super::workflow::{ci, items, members, yaml};

const WORKFLOWS: [&str; 3] = ["plan", "apply", "drift"];

fn file(name: &str) -> String {
    format!("github/workflows/{name}.yml")
}

/// Everything in a workflow that could give a stranger a token, or an apply a plan that nobody saw.
fn doubts(workflow: &Json) -> Vec<String> {
    let mut doubts = Vec::new();
    let mut doubt = |holds: bool, words: &str| {
        if !holds {
            doubts.push(words.to_owned());
        }
    };
    let events: Vec<&String> = members(&workflow["on"]).map(|(name, _)| name).collect();
    let known = ["pull_request", "push", "schedule", "workflow_dispatch"];
    doubt(
        events.iter().all(|event| known.contains(&event.as_str())),
        "an event with a stranger's input and our secrets",
    );
    doubt(
        workflow["permissions"] == json!({"contents": "read"}),
        "permissions of the workflow",
    );
    doubt(
        workflow["concurrency"]["group"].is_string(),
        "a concurrency group",
    );
    doubt(workflow["env"].is_null(), "variables for all jobs");
    let of_pull_requests = events.iter().any(|event| *event == "pull_request");
    doubt(
        workflow["concurrency"]["cancel-in-progress"] == of_pull_requests,
        "only runs that write nothing at Cleeng are cancelled",
    );
    for (_, job) in members(&workflow["jobs"]) {
        let text = job.to_string();
        let condition = shown(&job["if"]);
        let writes = members(&job["permissions"]).any(|(_, level)| level != "read");
        let checks_out = text.contains("actions/checkout@");
        let has_secrets = text.contains("secrets.") || !job["environment"].is_null();
        doubt(job["permissions"].is_object(), "permissions of every job");
        doubt(job["timeout-minutes"].is_u64(), "a timeout of every job");
        doubt(job["env"].is_null(), "variables for all steps");
        doubt(
            !(writes && checks_out),
            "a job that may write has no checkout",
        );
        doubt(
            !(writes && has_secrets),
            "a job that may write has no secret",
        );
        doubt(
            !text.contains("secrets.") || job["environment"].is_string(),
            "secrets belong to an environment",
        );
        if of_pull_requests && has_secrets {
            let own = "github.event.pull_request.head.repo.full_name == github.repository";
            doubt(
                condition.contains(own) && !condition.contains("||"),
                "no secret where a fork's head is checked out",
            );
        }
        if !of_pull_requests && has_secrets {
            let branch = "github.ref_name == github.event.repository.default_branch";
            let scheduled = format!("github.event_name == 'schedule' || {branch}");
            let holds = condition.contains(branch) && !condition.contains("||");
            doubt(holds || condition == scheduled, "only the default branch");
        }
        for step in items(&job["steps"]) {
            let uses = shown(&step["uses"]);
            let (action, pin) = uses.split_once('@').unwrap_or_default();
            doubt(
                carries_from_outside(action, &shown(&step["with"]["path"])),
                "files go from job to job past the checkout",
            );
            doubt(
                step["run"].is_null(),
                "everything that is run is in the action, where it is tested",
            );
            // The commit of offerctl is for the reader to choose; until then GitHub finds none.
            let pinned = pin.len() == 40 && pin.chars().all(|digit| digit.is_ascii_hexdigit());
            doubt(
                if action.starts_with("offerctl/") {
                    pin == "COMMIT"
                } else {
                    pinned
                },
                "pinned by commit",
            );
            doubt(
                action != "actions/checkout" || step["with"]["persist-credentials"] == false,
                "the checkout keeps no token",
            );
            doubt(
                !step["with"].to_string().contains("secrets."),
                "a secret is a variable and not an input",
            );
        }
    }
    doubts
}

/// Whether an action that uploads or downloads leaves out what a commit could have at its path.
fn carries_from_outside(action: &str, paths: &str) -> bool {
    let all = |begin: &str| !paths.is_empty() && paths.lines().all(|path| path.starts_with(begin));
    match action {
        "actions/upload-artifact" => all("${{ steps."),
        "actions/download-artifact" => all("${{ runner.temp }}/"),
        _ => !action.contains("cache"),
    }
}

#[test]
fn the_workflows_keep_strangers_and_tokens_apart() {
    for name in WORKFLOWS {
        assert_eq!(doubts(&yaml(&file(name))), Vec::<String>::new(), "{name}");
    }
}

#[test]
fn what_would_let_strangers_in_is_found() {
    let own = "github.event.pull_request.head.repo.full_name == github.repository";
    let branch = "github.ref_name == github.event.repository.default_branch";
    for (name, from, to) in [
        ("plan", "  pull_request:", "  pull_request_target:"),
        ("plan", &format!("{own} && ") as &str, ""),
        ("plan", &format!("{own} &&"), &format!("{own} ||") as &str),
        ("plan", "contents: read", "contents: write"),
        (
            "plan",
            "persist-credentials: false",
            "persist-credentials: true",
        ),
        (
            "plan",
            "          command: comment",
            "          command: ${{ secrets.COMMAND }}",
        ),
        ("apply", &format!("if: {branch}"), "if: always()"),
        (
            "apply",
            "cancel-in-progress: false",
            "cancel-in-progress: true",
        ),
        ("apply", "\n    environment: production\n", "\n"),
        (
            "drift",
            "checkout@3d3c42e5aac5ba805825da76410c181273ba90b1",
            "checkout@v7",
        ),
        ("drift", "|| github.ref_name ==", "|| github.ref_name !="),
        ("plan", "${{ steps.plan.outputs.markdown }}", "plan.md"),
        (
            "apply",
            "\n          path: ${{ runner.temp }}/offers-apply\n",
            "\n",
        ),
        ("drift", "path: ${{ runner.temp }}/", "path: "),
        ("plan", "actions/upload-artifact@", "actions/cache/restore@"),
    ] {
        let text = std::fs::read_to_string(ci().join(file(name))).unwrap();
        let changed = text.replace(from, to);
        assert_ne!(changed, text, "{from}");
        let workflow = serde_yaml::from_str(&changed).unwrap();
        assert!(!doubts(&workflow).is_empty(), "{from} → {to}");
    }
}

#[test]
fn the_apply_takes_the_plan_that_was_shown_one_at_a_time() {
    let workflow = yaml(&file("apply"));
    assert_eq!(
        workflow["concurrency"]["queue"], "max",
        "no merge is dropped"
    );
    let steps: Vec<&Json> = items(&workflow["jobs"]["plan"]["steps"]).collect();
    let place = |command: &str| {
        steps
            .iter()
            .position(|step| step["with"]["command"] == command)
            .unwrap()
    };
    let upload = steps
        .iter()
        .position(|step| shown(&step["uses"]).starts_with("actions/upload-artifact@"));
    assert!(place("plan") < place("shown-plan") && place("shown-plan") < upload.unwrap());
    let apply = &workflow["jobs"]["apply"];
    assert_eq!(apply["needs"], "plan");
    assert!(
        !shown(&apply["if"]).contains("always()"),
        "only if the plan job went well"
    );
    assert!(apply.to_string().contains("actions/download-artifact@"));
}

#[test]
fn no_script_of_the_action_has_an_expression_in_it() {
    let action = yaml("github/action.yml");
    for step in items(&action["runs"]["steps"]) {
        assert!(step["uses"].is_null(), "it depends on nobody: {step}");
        assert_eq!(step["shell"], "bash", "{step}");
        assert!(!shown(&step["run"]).contains("${{"), "{step}");
        // The token of GitHub goes to nobody but the script that posts.
        let posts = shown(&step["run"]).contains("/post.sh\"");
        assert_eq!(
            posts,
            step["env"].to_string().contains("inputs.token"),
            "{step}"
        );
    }
    for (name, input) in members(&action["inputs"]) {
        assert!(input["description"].is_string(), "{name}");
        assert!(
            input["required"] == true || input["default"].is_string(),
            "{name}"
        );
        // A token of Cleeng has no business among the inputs.
        assert!(name == "token" || !name.contains("token"), "{name}");
    }
}

#[test]
fn the_jobs_of_gitlab_take_nothing_that_other_jobs_left() {
    let template = yaml("gitlab/offerctl.yml");
    assert_eq!(template[".offerctl"]["cache"], json!([]));
    assert_eq!(template[".offerctl"]["variables"]["GIT_STRATEGY"], "clone");
    for (name, job) in members(&template).filter(|(_, job)| !job["script"].is_null()) {
        let artifacts = &job["artifacts"];
        let reports = members(&artifacts["reports"]).map(|(_, path)| path);
        for path in items(&artifacts["paths"]).chain(reports) {
            assert!(shown(path).starts_with(".offerctl-run/"), "{name}: {path}");
        }
        // The apply needs the plan, and so does not say that it takes nothing.
        let takes_nothing = job["dependencies"] == json!([]);
        assert_eq!(takes_nothing, name != ".offerctl-apply", "{name}");
        for rule in items(&job["rules"]) {
            let rule = shown(&rule["if"]);
            let known = [
                "$CI_PIPELINE_SOURCE == \"merge_request_event\"",
                "($CI_PIPELINE_SOURCE == \"push\" || $CI_PIPELINE_SOURCE == \"web\") && $CI_COMMIT_BRANCH == ",
                "$CI_PIPELINE_SOURCE == \"schedule\" && $CI_COMMIT_BRANCH == ",
            ];
            assert!(
                known.iter().any(|begin| rule.starts_with(begin)),
                "{name}: {rule}"
            );
        }
    }
}

#[test]
fn the_files_fit_the_schemas_of_github_and_gitlab() {
    let workflows: Vec<String> = WORKFLOWS.iter().map(|name| file(name)).collect();
    let workflows: Vec<&str> = workflows.iter().map(String::as_str).collect();
    let script = ci().join("../tests/e2e/check_jsonschema/run.sh");
    for (schema, files) in [
        ("vendor.github-workflows", workflows.as_slice()),
        ("vendor.github-actions", &["github/action.yml"]),
        ("vendor.gitlab-ci", &["gitlab/offerctl.yml"]),
    ] {
        let output = Command::new("sh")
            .arg(&script)
            .arg(env!("CARGO_TARGET_TMPDIR"))
            .args(["--builtin-schema", schema])
            .args(files)
            .current_dir(ci())
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned()
            + &String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{schema}: {text}");
    }
}
