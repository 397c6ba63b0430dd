//! The plan where teams review: Markdown for comments, files and outputs of CI, annotations beside lines.

use std::path::Path;
use std::process::Command;

use serde_json::{Value as Json, json};

use crate::support::{Draft, Run, Shop, offerctl};

fn film() -> Draft {
    Draft::new("single", "film")
}

/// A shop with a film at 10.00 that git wants at 9.00, and a new one.
fn changed() -> Shop {
    let shop = Shop::new();
    shop.declare(&[film()]);
    let _run = shop.apply();
    shop.declare(&[film().with("price", "9.00"), Draft::new("pass", "news")]);
    shop
}

/// A shop whose film falls further than the guards allow.
fn refused() -> Shop {
    let shop = changed();
    shop.declare(&[film().with("price", "2.00")]);
    shop
}

/// The command line with the files of a step of GitHub Actions.
fn in_actions(shop: &Shop, line: &str) -> Command {
    let mut command = shop.command(line);
    command
        .env("GITHUB_STEP_SUMMARY", shop.path("summary.md"))
        .env("GITHUB_OUTPUT", shop.path("output.txt"));
    command
}

#[test]
fn markdown_begins_with_markers_and_shows_every_price_move() {
    let shop = changed();
    let id = shop.plan()["planId"].as_str().unwrap().to_owned();
    let run = shop.run("plan --format markdown").exits(0);
    let begin = format!("<!-- offerctl:plan:test/shop -->\n<!-- offerctl:plan-id:{id} -->\n");
    assert!(run.out.starts_with(&begin), "{run:?}");
    let folds = run.out.find("<details>").unwrap();
    let row = "| `film` |  | USD | 10.00 | 9.00 | −10.0 % | down |";
    assert!(run.out.find(row).unwrap() < folds, "{run:?}");
    assert_eq!(run.err, "", "all of it is data");
}

#[test]
fn markdown_is_the_same_from_plan_from_its_file_and_from_a_dry_run() {
    let shop = changed();
    let printed = shop
        .run("plan --format markdown --markdown-into a.md --out plan.json")
        .exits(0)
        .out;
    assert_eq!(shop.read("a.md"), printed);
    let dry = shop.run("apply --dry-run --format markdown").exits(0);
    assert_eq!(dry.out, printed);
    let saved = shop
        .run("apply plan.json --dry-run --format markdown")
        .exits(0);
    assert_eq!(saved.out, printed);
    let shown = shop.run("show plan.json --format markdown").exits(0);
    assert_eq!(shown.out, printed);
}

#[test]
fn refused_plan_leaves_all_its_files() {
    let shop = refused();
    let line = "plan --github --out plan.json --json-into a.json --markdown-into a.md --gitlab-report-into b.json";
    let run = Run::of(&mut in_actions(&shop, line), line).exits(3);
    for file in [
        "plan.json",
        "a.json",
        "a.md",
        "b.json",
        "summary.md",
        "output.txt",
    ] {
        assert!(shop.path(file).exists(), "{file}");
    }
    let markdown = shop.read("a.md");
    assert!(markdown.contains("**Blocked: 1 refusal.**"), "{markdown}");
    assert!(markdown.contains("at `offers/all.yaml:3:3`"), "{markdown}");
    assert_eq!(shop.read("summary.md"), markdown);
    let annotation =
        "::error file=offers/all.yaml,line=3,col=3,title=price-change::the price of `film` moves";
    assert!(run.err.contains(annotation), "{run:?}");
    assert!(
        run.err.contains("%25), more than"),
        "percents are escaped: {run:?}"
    );
}

#[test]
fn github_gets_counts_and_the_exit() {
    let shop = changed();
    shop.write("output.txt", "earlier=1\n");
    let line = "plan --github --detailed-exitcode";
    let _run = Run::of(&mut in_actions(&shop, line), line).exits(2);
    let id = shop.plan()["planId"].as_str().unwrap().to_owned();
    let expected = format!(
        "earlier=1\nchanges=2\ncreates=1\nupdates=1\nreplaces=0\ndeactivations=0\nprice_changes=1\n\
         conflicts=0\nrefusals=0\nwarnings=0\nplan_id={id}\nexit=2\n"
    );
    assert_eq!(shop.read("output.txt"), expected);
}

#[test]
fn github_gets_the_exit_also_without_a_plan() {
    let shop = changed();
    shop.write("offers/broken.yaml", "version: 1\noffers: [\n");
    let line = "plan --github";
    let _run = Run::of(&mut in_actions(&shop, line), line).exits(65);
    assert_eq!(shop.read("output.txt"), "exit=65\n");
}

#[test]
fn github_without_its_variables_is_wrong_usage() {
    let shop = changed();
    shop.requests();
    shop.run("plan --github")
        .exits(64)
        .complains("`GITHUB_STEP_SUMMARY`");
    let line = "plan --github";
    let mut command = shop.command(line);
    command.env("GITHUB_STEP_SUMMARY", shop.path("summary.md"));
    Run::of(&mut command, line)
        .exits(64)
        .complains("`GITHUB_OUTPUT`");
    assert_eq!(shop.requests().calls().count(), 0, "nothing was asked");
}

#[test]
fn gitlab_counts_a_replacement_as_create_and_delete() {
    let shop = Shop::new();
    let lifecycle = "{onImmutableChange: replace}";
    shop.declare(&[
        film().with("lifecycle", lifecycle),
        Draft::new("pass", "news"),
    ]);
    let _run = shop.apply();
    shop.declare(&[
        Draft::new("rental", "film").with("lifecycle", lifecycle),
        Draft::new("pass", "news").with("price", "9.00"),
        Draft::new("pass", "more"),
    ]);
    shop.run("plan --gitlab-report-into report.json").exits(0);
    let report: Json = serde_json::from_str(&shop.read("report.json")).unwrap();
    assert_eq!(report, json!({"create": 2, "update": 1, "delete": 1}));
}

#[test]
fn forms_that_a_command_does_not_have_are_refused() {
    let shop = changed();
    for (line, form) in [
        ("plan --format github", "text|json|markdown"),
        ("plan --format gitlab", "text|json|markdown"),
        ("validate --format markdown", "text|json|github|gitlab"),
        ("apply -y --format markdown", "text|json"),
        ("state list --format markdown", "text|json"),
        ("drift --format github", "text|json"),
    ] {
        shop.run(line)
            .exits(64)
            .complains("--format")
            .complains(form);
    }
    shop.run("plan --format yaml").exits(64);
}

/// A repository with the project in a folder of its own, and a price that is none.
fn repository() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    let offers = "version: 1\noffers:\n  film:\n    type: single\n    title: Film\n    url: https://club.tv/film\n    price: 9,99\n";
    write(
        "shops/tv/offerctl.yaml",
        "version: 1\nenvironments: {local: {endpoint: emulator}}\n",
    );
    write("shops/tv/offers/all, 100%.yaml", offers);
    folder
}

fn validate(folder: &Path, line: &str, workspace: Option<&Path>) -> Run {
    let mut command = offerctl(folder);
    if let Some(workspace) = workspace {
        command.env("GITHUB_WORKSPACE", workspace);
    }
    Run::of(command.args(line.split_whitespace()), line)
}

#[test]
fn annotated_files_are_seen_from_the_root_of_the_repository() {
    let with_path = |path: &str| {
        format!(
            "::error file={path}shops/tv/offers/all%2C 100%25.yaml,line=7,col=12,title=price-format::"
        )
    };
    // Neither git nor a workspace: from where the command runs.
    let folder = repository();
    let line = "-C shops/tv validate --format github";
    validate(folder.path(), line, None)
        .exits(65)
        .says(&with_path(""));
    // The workspace of the job, wherever the command runs.
    let inner = folder.path().join("shops");
    let from_inner = "-C tv validate --format github";
    validate(&inner, from_inner, Some(folder.path()))
        .exits(65)
        .says(&with_path(""));
    // A repository goes before both; also one that was checked out below the workspace.
    std::fs::create_dir(folder.path().join(".git")).unwrap();
    validate(&inner, from_inner, None)
        .exits(65)
        .says(&with_path(""));
    let above = folder.path().parent().unwrap();
    let run = validate(&inner, from_inner, Some(above))
        .exits(65)
        .says(&with_path(""));
    assert_eq!(
        run.out.lines().count(),
        1,
        "nothing but annotations: {run:?}"
    );
    assert!(run.err.contains("Invalid"), "{run:?}");
}

#[test]
fn gitlab_gets_a_code_quality_report() {
    let folder = repository();
    std::fs::create_dir(folder.path().join(".git")).unwrap();
    let run = validate(folder.path(), "-C shops/tv validate --format gitlab", None).exits(65);
    let report = run.json();
    let issue = &report[0];
    assert_eq!(issue["check_name"], "price-format");
    assert_eq!(issue["severity"], "major");
    assert_eq!(
        issue["location"],
        json!({"path": "shops/tv/offers/all, 100%.yaml", "lines": {"begin": 7}})
    );
    assert_eq!(issue["fingerprint"].as_str().unwrap().len(), 64);
    assert!(issue["description"].as_str().unwrap().contains("9.99"));
    // What is in order is an empty list.
    let offers = folder.path().join("shops/tv/offers/all, 100%.yaml");
    let mended = std::fs::read_to_string(&offers)
        .unwrap()
        .replace("9,99", "9.99");
    std::fs::write(&offers, mended).unwrap();
    let run = validate(folder.path(), "-C shops/tv validate --format gitlab", None).exits(0);
    assert_eq!(run.json(), json!([]));
}

#[test]
fn words_of_the_account_stay_words_in_a_comment() {
    let shop = Shop::new();
    shop.declare(&[film().with("description", "Declared")]);
    let _run = shop.apply();
    shop.edit("Title of film", |offer| {
        offer.set(
            cleeng_emulator::Field::Description,
            "```\n</details>\n@root | <img src=x> /close",
        );
    });
    let run = shop.run("plan --format markdown").exits(0);
    let line = "    description  \"```\\n</details>\\n@root | <img src=x> /close\" → \"Declared\"";
    assert!(run.out.contains(line), "{run:?}");
    assert!(run.out.contains("\n````diff\n"), "a longer fence: {run:?}");
}
