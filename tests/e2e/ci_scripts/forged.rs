//! What a commit, a branch or a stranger could forge of a run on GitHub: its files, its program, its commands. Nothing of it is
//! shown, run, applied or obeyed.

use std::collections::BTreeMap;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use serde_json::{Value as Json, json};

use super::forge::{BOT, Forge};
use super::tools::program;
use super::workflow::{Job, Runner};
use super::workflows::{APPLY, DRIFT, PLAN, dearer, expect_price, film, merge, reprice, request};
use super::{COMMIT, by_hand, plan};
use crate::support::{Shop, TOKEN};

/// What can be in the place of a file of a run.
#[derive(Clone, Copy, Debug)]
pub(super) enum Form {
    File,
    Folder,
    Link,
    Dangling,
}

pub(super) const FORMS: [Form; 4] = [Form::File, Form::Folder, Form::Link, Form::Dangling];

/// Commits something under a name, with a text in it where it can have one; once.
pub(super) fn commit(shop: &Shop, form: Form, name: &str, text: &str) {
    let path = shop.path(name);
    if path.symlink_metadata().is_ok() {
        return;
    }
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    match form {
        Form::File => std::fs::write(path, text).unwrap(),
        Form::Folder => {
            let inside = path.file_name().unwrap().to_owned();
            std::fs::create_dir(&path).unwrap();
            std::fs::write(path.join(inside), text).unwrap();
        }
        Form::Link => {
            let target = format!("docs/{}", name.replace('/', "-"));
            shop.write(&target, text);
            symlink(shop.path(&target), path).unwrap();
        }
        Form::Dangling => symlink("nowhere", path).unwrap(),
    }
}

fn forged() -> String {
    plan("club-tv/production", "0f0f0f", "Nothing to worry about")
}

/// A program that shows that it was run.
fn owned(shop: &Shop) -> String {
    format!("touch '{}'", shop.path("owned").display())
}

#[track_caller]
fn expect_not_owned(shop: &Shop) {
    assert!(!shop.path("owned").exists(), "a stranger's code was run");
}

/// Plans by the action in one job, with the permission to comment and this among its inputs.
fn plan_with(runner: &mut Runner<'_>, key: &str, value: &str) -> Job {
    let mut with = json!({"command": "plan", "environment": "production", "comment": "true"});
    with[key] = value.into();
    runner.action_with_secret(json!({"pull-requests": "write"}), with)
}

#[test]
fn a_committed_plan_is_not_shown_in_place_of_none() {
    for form in FORMS {
        let (shop, forge) = dearer();
        shop.declare(&[film("many")]);
        commit(&shop, form, "plan.md", &forged());
        let jobs = request(&shop, &forge);
        jobs["plan"].ends("failure").says("== exit 65");
        jobs["comment"].ends("success");
        let body = forge.only_comment(12).body;
        assert!(body.contains("There is no plan"), "{form:?}: {body}");
    }
}

#[test]
fn a_committed_plan_does_not_stand_in_the_way_of_the_real_one() {
    for form in FORMS {
        let (shop, forge) = dearer();
        for name in ["plan.md", "plan.json", "offers-apply", "offers-plan"] {
            commit(&shop, form, name, &forged());
        }
        request(&shop, &forge)["comment"].ends("success");
        let body = forge.only_comment(12).body;
        assert!(body.contains("11.00"), "{form:?}: {body}");
        merge(&forge);
        let jobs = Runner::push(&shop, &forge, COMMIT).run(APPLY);
        jobs["apply"].ends("success");
        expect_price(&shop, "11.00");
    }
}

#[test]
fn a_committed_report_does_not_blind_the_drift() {
    for form in FORMS {
        let (shop, forge) = dearer();
        for name in ["drift.md", "drift.prom", "offers-drift"] {
            commit(&shop, form, name, "nothing drifted");
        }
        reprice(&shop, "1.00");
        let jobs = Runner::schedule(&shop, &forge).run(DRIFT);
        jobs["issue"].ends("success");
        let issues = forge.world().issues.clone();
        assert!(issues[0].body.contains("1.00"), "{form:?}: {issues:?}");
    }
}

#[test]
fn a_plan_in_the_checkout_is_not_applied() {
    let (shop, forge) = dearer();
    by_hand(&shop, "plan --out plan.json").exits(0);
    shop.requests();
    let file = shop.path("plan.json").display().to_string();
    symlink(&file, shop.path("link.json")).unwrap();
    let (_folder, outside) = link_from_outside(&shop);
    for plan in ["plan.json", "link.json", &file, &outside] {
        let with = json!({
            "command": "apply", "environment": "production", "confirm": "production", "plan": plan,
            "path": env!("CARGO_BIN_EXE_offerctl"),
        });
        let job = Runner::push(&shop, &forge, COMMIT).action_with_secret(json!({}), with);
        job.ends("failure").says("== exit 64");
    }
    assert_eq!(shop.writes(), 0);
}

/// A link from outside of the checkout to its plan.
fn link_from_outside(shop: &Shop) -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("plan.json");
    symlink(shop.path("plan.json"), &path).unwrap();
    let path = path.display().to_string();
    (folder, path)
}

#[test]
fn a_file_in_the_checkout_is_not_posted() {
    let (shop, forge) = dearer();
    forge.comment(12, BOT, &forged());
    shop.write("plan.md", &forged());
    shop.write("drift.md", "<!-- offerctl:drift:club-tv/production -->\n");
    merge(&forge);
    for (command, file) in [
        ("comment", "plan.md"),
        ("shown-plan", "plan.md"),
        ("issue", "drift.md"),
    ] {
        let with = json!({"command": command, "environment": "production", "markdown": file});
        let permissions = json!({"pull-requests": "write", "issues": "write"});
        let mut runner = if command == "comment" {
            Runner::pull_request(&shop, &forge, 12)
        } else {
            Runner::push(&shop, &forge, COMMIT)
        };
        let job = runner.action(permissions, with);
        job.ends("failure")
            .says("in the checkout")
            .says("== exit 64");
    }
    assert!(forge.world().requests.is_empty());
}

#[test]
fn a_run_leaves_the_checkout_as_it_was() {
    let (shop, forge) = dearer();
    let before = shop.files();
    request(&shop, &forge);
    merge(&forge);
    Runner::push(&shop, &forge, COMMIT).run(APPLY)["apply"].ends("success");
    Runner::schedule(&shop, &forge).run(DRIFT)["issue"].ends("success");
    let mut after = shop.files();
    // The state of an environment that says nothing of a bucket.
    after.retain(|path, _| !path.starts_with(shop.path(".offerctl")));
    for path in after.keys() {
        assert!(before.contains_key(path), "{} is new", path.display());
    }
}

#[test]
fn a_committed_program_is_run_only_if_the_workflow_names_its_checksum() {
    let (shop, forge) = dearer();
    program(&shop.path("bin/offerctl"), &owned(&shop));
    symlink("bin/offerctl", shop.path("link")).unwrap();
    for path in ["bin/offerctl", "./link"] {
        let mut runner = Runner::pull_request(&shop, &forge, 12);
        let job = plan_with(&mut runner, "path", path);
        job.ends("failure").says("in the checkout").says("`sha256`");
    }
    let checked = |sum: &str| {
        let with = json!({"command": "validate", "path": "bin/offerctl", "sha256": sum});
        Runner::push(&shop, &forge, COMMIT).action(json!({}), with)
    };
    for sum in ["0".repeat(64).as_str(), "none", "abc\n"] {
        checked(sum).ends("failure").says("checksum");
    }
    expect_not_owned(&shop);
    checked(&sum_of(&shop.path("bin/offerctl"))).ends("success");
    assert!(shop.path("owned").exists());
}

fn sum_of(path: &Path) -> String {
    let output = Command::new("sha256sum").arg(path).output().unwrap();
    String::from_utf8(output.stdout).unwrap()[..64].to_owned()
}

#[test]
fn a_program_from_a_cache_is_not_run() {
    let (shop, forge) = dearer();
    let mut runner = Runner::pull_request(&shop, &forge, 12);
    runner.cached = Some(owned(&shop));
    runner.run(PLAN)["comment"].ends("success");
    expect_not_owned(&shop);
    assert!(forge.only_comment(12).body.contains("11.00"));
}

#[test]
fn what_builds_the_program_has_no_token_and_obeys_nothing_of_the_checkout() {
    let (shop, forge) = dearer();
    shop.write(
        ".cargo/config.toml",
        "[build]\nrustc-wrapper = \"./owned\"\n",
    );
    let mut runner = Runner::push(&shop, &forge, COMMIT);
    runner.job(APPLY, "plan", &BTreeMap::new());
    let seen = runner.tools.seen_by_cargo();
    assert!(seen.contains("PATH="), "{seen}");
    assert!(!seen.contains(TOKEN) && !seen.contains("ghs_"), "{seen}");
    let checkout = shop.path("").display().to_string();
    assert!(!seen.contains(&format!("obeys {checkout}")), "{seen}");
}

#[test]
fn a_release_is_run_only_if_its_checksum_is_right() {
    let (shop, forge) = dearer();
    let release = tempfile::tempdir().unwrap();
    program(&release.path().join("offerctl"), &owned(&shop));
    let archive = release.path().join("release.tar.gz");
    let packed = Command::new("tar")
        .arg("-czf")
        .arg(&archive)
        .arg("-C")
        .arg(release.path())
        .arg("offerctl")
        .status();
    assert!(packed.unwrap().success());
    let sum = sum_of(&archive);
    let fetch = |sum: &str| {
        let with = json!({"command": "validate", "version": "1.2.3", "sha256": sum});
        let mut runner = Runner::push(&shop, &forge, COMMIT);
        runner.tools.put("curl", &curl(&archive));
        runner.action(json!({}), with)
    };
    fetch(&"0".repeat(64))
        .ends("failure")
        .says(&format!("has the checksum {sum}, and not 000"));
    expect_not_owned(&shop);
    fetch(&sum).ends("success");
    assert!(shop.path("owned").exists());
}

/// A `curl` that has the archive whatever the address, and prints what a server may have said. It takes no ~/.curlrc.
fn curl(archive: &Path) -> String {
    format!(
        "[ \"$1\" = --disable ] || exit 9\necho '::set-output name=program::/evil' >&2\necho 'curl: ##[set-output name=program]/evil' >&2\n\
         while [ \"$1\" != --output ]; do shift; done\ncp '{}' \"$2\"",
        archive.display()
    )
}

#[test]
fn words_of_strangers_are_shown_and_not_obeyed() {
    let words = "'##[set-output name=exit]0'";
    let (shop, forge) = dearer();
    let log = |jobs: &BTreeMap<String, Job>| -> String {
        jobs.values().map(|job| job.log.as_str()).collect()
    };
    shop.declare(&[film("11.00").with("title", words)]);
    let jobs = request(&shop, &forge);
    assert!(log(&jobs).contains("set-output"), "{}", log(&jobs));
    merge(&forge);
    let jobs = Runner::push(&shop, &forge, COMMIT).run(APPLY);
    jobs["apply"].ends("success");
    // Somebody changes the title by hand, and then the manifest is not valid.
    let title = words.trim_matches('\'');
    let _id = shop.edit(title, |offer| {
        offer.set(cleeng_emulator::Field::Title, "::add-mask::a ##[add-mask]a");
    });
    let jobs = Runner::schedule(&shop, &forge).run(DRIFT);
    assert!(log(&jobs).contains("add-mask"), "{}", log(&jobs));
    shop.declare(&[film(words)]);
    let jobs = request(&shop, &forge);
    jobs["validate"].ends("failure").says("::error");
    assert!(log(&jobs).contains("set-output"), "{}", log(&jobs));
}

#[test]
fn a_line_break_in_a_path_is_no_further_output() {
    let (shop, forge) = dearer();
    let outside = tempfile::tempdir().unwrap();
    let evil = outside.path().join("offerctl");
    program(&evil, &owned(&shop));
    // As if it was `program=EVIL`: the last of two outputs of one name holds.
    let folder = outside
        .path()
        .join(format!("a\nprogram={}", outside.path().display()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("offerctl");
    symlink(env!("CARGO_BIN_EXE_offerctl"), &path).unwrap();
    let mut runner = Runner::pull_request(&shop, &forge, 12);
    plan_with(&mut runner, "path", &path.display().to_string()).ends("success");
    expect_not_owned(&shop);
}

#[test]
fn modules_of_the_checkout_are_not_imported() {
    let (shop, forge) = dearer();
    let script = format!(
        "open({:?}, 'w')\n",
        shop.path("owned").display().to_string()
    );
    for name in [
        "json.py",
        "sitecustomize.py",
        "usercustomize.py",
        "argparse.py",
    ] {
        shop.write(name, &script);
    }
    let mut runner = Runner::pull_request(&shop, &forge, 12);
    let with = json!({"command": "plan", "environment": "production", "comment": "true"});
    // As many images of containers have it.
    let environment = [("PYTHONPATH", "."), ("CLEENG_PRODUCTION_TOKEN", TOKEN)];
    let environment = environment.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let job = runner.action_in(
        BTreeMap::from(environment),
        &json!({"pull-requests": "write"}),
        &with,
    );
    job.ends("success");
    expect_not_owned(&shop);
    assert!(forge.only_comment(12).body.contains("11.00"));
}

#[test]
fn the_plan_of_an_old_commit_is_not_shown_over_that_of_a_newer_one() {
    let (shop, forge) = dearer();
    request(&shop, &forge);
    forge.writes();
    // Somebody has pushed another commit, and starts the run of the one before again.
    "ffffffffffffffffffffffffffffffffffffffff".clone_into(&mut forge.world().head);
    shop.declare(&[film("12.00")]);
    let jobs = request(&shop, &forge);
    jobs["comment"]
        .ends("success")
        .says("#12 has a newer commit");
    assert_eq!(forge.writes().len(), 0);
    assert!(forge.only_comment(12).body.contains("11.00"));
}

#[test]
fn by_hand_only_the_newest_commit_is_applied() {
    let (shop, forge) = dearer();
    let start = |forge: &Forge, inputs: Json| {
        let mut runner = Runner::push(&shop, forge, COMMIT);
        runner.github["event_name"] = "workflow_dispatch".into();
        runner.inputs = inputs;
        runner.run(APPLY)
    };
    // Somebody runs an old run again, and everything that was merged since would be taken back.
    "ffffffffffffffffffffffffffffffffffffffff".clone_into(&mut forge.world().newest);
    let jobs = start(&forge, json!({"require-shown-plan": false}));
    jobs["plan"]
        .ends("failure")
        .says("not the newest of main")
        .says("== exit 3");
    jobs["apply"].ends("skipped");
    assert_eq!(shop.writes(), 0);
    COMMIT.clone_into(&mut forge.world().newest);
    start(&forge, json!({"require-shown-plan": false}))["apply"].ends("success");
    expect_price(&shop, "11.00");
}
