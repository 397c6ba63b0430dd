//! `init`: what it makes works at once, and what is there stays.

use std::path::Path;

use crate::support::{Run, offerctl};

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

fn run(folder: &Path, line: &str) -> Run {
    Run::of(offerctl(folder).args(line.split_whitespace()), line)
}

fn read(folder: &Path, path: &str) -> String {
    std::fs::read_to_string(folder.join(path)).unwrap()
}

fn write(folder: &Path, path: &str, text: &str) {
    let path = folder.join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

#[test]
fn a_new_project_works_at_once() {
    let home = folder();
    let made = run(home.path(), "-C Club.TV init").exits(0);
    for path in ["offerctl.yaml", "offers/example.yaml", ".gitignore"] {
        assert!(made.out.contains(&format!("  {path}\n")), "{made:?}");
    }
    assert!(made.out.contains("  offerctl -C Club.TV plan "), "{made:?}");
    let project = home.path().join("Club.TV");
    assert!(read(&project, "offerctl.yaml").contains("\nproject: club-tv\n"));
    assert_eq!(read(&project, ".gitignore"), ".offerctl/\n");
    let valid = run(&project, "validate").exits(0);
    assert!(
        valid
            .out
            .contains("Valid: 1 offer in 1 file, for local, production, sandbox."),
        "{valid:?}"
    );
    let plan = run(&project, "plan").exits(0);
    assert!(plan.out.contains("Plan: 1 to create"), "{plan:?}");
    let _formatted = run(&project, "fmt --check --diff").exits(0);
    let _applied = run(&project, "apply -y").exits(0);
    let plan = run(&project, "plan --detailed-exitcode").exits(0);
    assert!(plan.out.contains("No changes."), "{plan:?}");
}

#[test]
fn editors_find_the_schemas() {
    let home = folder();
    let _made = run(home.path(), "init").exits(0);
    for path in ["offerctl.yaml", "offers/example.yaml"] {
        let text = read(home.path(), path);
        let line = text.lines().next().unwrap();
        let schema = line
            .strip_prefix("# yaml-language-server: $schema=")
            .unwrap();
        let beside = home.path().join(path);
        let schema = std::fs::read_to_string(beside.parent().unwrap().join(schema)).unwrap();
        let schema: serde_json::Value = serde_json::from_str(&schema).unwrap();
        let document: serde_json::Value = serde_yaml::from_str(&text).unwrap();
        let validator = jsonschema::validator_for(&schema).unwrap();
        let errors: Vec<String> = validator
            .iter_errors(&document)
            .map(|error| error.to_string())
            .collect();
        assert_eq!(errors, Vec::<String>::new(), "{path}");
    }
}

#[test]
fn a_project_that_is_there_is_left_alone() {
    let home = folder();
    write(home.path(), "offerctl.yaml", "version: 1\n");
    write(home.path(), "deep/er/a.txt", "");
    for line in [
        "init",
        "-C deep init",
        "-C deep/er init --ci github",
        "-C deep/new init",
    ] {
        let refused = run(home.path(), line).exits(64);
        assert!(
            refused.err.contains("there is a project already"),
            "{refused:?}"
        );
    }
    assert_eq!(read(home.path(), "offerctl.yaml"), "version: 1\n");
    assert!(!home.path().join(".gitignore").exists());
    assert!(!home.path().join("deep/new").exists());
    // Another repository is another project.
    write(home.path(), "deep/er/.git/HEAD", "");
    let _made = run(home.path(), "-C deep/er init").exits(0);
    let again = run(home.path(), "-C deep/er init").exits(64);
    assert_eq!(again.out, "");
}

#[test]
fn other_files_that_are_there_are_left_alone() {
    let home = folder();
    write(home.path(), ".gitignore", "target");
    write(home.path(), ".github/workflows/offers-plan.yml", "mine\n");
    write(home.path(), "offers/mine.yaml", "version: 1\noffers: {}\n");
    let made = run(home.path(), "init --ci github").exits(0);
    assert!(
        made.out.contains(
            "Left alone, because they were there:\n  .github/workflows/offers-plan.yml\n"
        ),
        "{made:?}"
    );
    assert!(
        made.out.contains("Added a line to:\n  .gitignore\n"),
        "{made:?}"
    );
    assert_eq!(read(home.path(), ".gitignore"), "target\n.offerctl/\n");
    assert_eq!(
        read(home.path(), ".github/workflows/offers-plan.yml"),
        "mine\n"
    );
    assert!(
        !home.path().join("offers/example.yaml").exists(),
        "the catalogue has begun"
    );
    let _valid = run(home.path(), "validate").exits(0);
}

#[test]
fn a_line_of_gitignore_is_not_written_twice() {
    let home = folder();
    write(home.path(), ".gitignore", "/.offerctl\n");
    let _made = run(home.path(), "init").exits(0);
    assert_eq!(read(home.path(), ".gitignore"), "/.offerctl\n");
}

#[test]
fn pipelines_are_those_of_the_repository() {
    let home = folder();
    let _made = run(home.path(), "-C one init --ci github").exits(0);
    for (path, source) in [("plan", "plan"), ("apply", "apply"), ("drift", "drift")] {
        let found = read(
            home.path(),
            &format!("one/.github/workflows/offers-{path}.yml"),
        );
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        assert_eq!(
            found,
            read(&root, &format!("ci/github/workflows/{source}.yml"))
        );
    }
    let made = run(home.path(), "-C two init --ci gitlab").exits(0);
    assert!(made.out.contains("in place of COMMIT"), "{made:?}");
    assert!(
        read(home.path(), "two/.gitlab-ci.yml").contains("offers-apply: {extends: .offerctl-apply")
    );
}

#[test]
fn pipelines_belong_to_the_root_of_the_repository() {
    let home = folder();
    write(home.path(), ".git/HEAD", "");
    write(home.path(), "shop/a.txt", "");
    for line in ["-C shop init --ci github", "-C new init --ci gitlab"] {
        let refused = run(home.path(), line).exits(64);
        assert!(
            refused.err.contains("root of the repository"),
            "{refused:?}"
        );
    }
    assert!(!home.path().join("shop/offerctl.yaml").exists());
    assert!(!home.path().join("new").exists());
    let _made = run(home.path(), "-C shop init").exits(0);
    let home = folder();
    write(home.path(), ".git/HEAD", "");
    let _made = run(home.path(), "init --ci github").exits(0);
}

#[test]
fn the_default_environment_can_be_named() {
    let home = folder();
    let refused = run(home.path(), "-e staging init").exits(64);
    assert!(
        refused.err.contains("local, sandbox, production"),
        "{refused:?}"
    );
    let _made = run(home.path(), "-e sandbox init").exits(0);
    assert!(read(home.path(), "offerctl.yaml").contains("\ndefaultEnvironment: sandbox\n"));
}

#[cfg(unix)]
#[test]
fn what_cannot_be_written_is_named() {
    let home = folder();
    // A file where a folder should be cannot be written into by anybody, not even root.
    write(home.path(), "offers", "");
    let failed = run(home.path(), "init").exits(1);
    assert!(failed.err.contains("offers/example.yaml"), "{failed:?}");
    assert!(!home.path().join("offerctl.yaml").exists());
    let refused = run(home.path(), "-C offers init").exits(64);
    assert!(refused.err.contains("is not a folder"), "{refused:?}");
}

#[test]
fn what_stands_in_the_way_is_found_before_anything_is_made() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join(".github")).unwrap();
    std::fs::write(folder.path().join(".github/workflows"), "x").unwrap();
    let line = "init --ci github";
    let run = Run::of(offerctl(folder.path()).args(line.split(' ')), line)
        .exits(1)
        .complains("is no folder, and nothing was written")
        .complains("move it away");
    let names: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(names.len(), 1, "{run:?}");
}
