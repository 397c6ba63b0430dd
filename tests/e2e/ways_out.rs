//! No pattern, link or target leads out of the project's folder: what a pull request links to is not shown, and nothing is
//! written where a link leads.

use std::fs;
use std::os::unix::fs::symlink;

use crate::support::{Draft, Run, Shop};

/// The first line of a file that nobody may see.
const SECRET: &str = "root:x:0:0:secret";

/// A project beside a folder with files that are none of its business.
fn project() -> (Shop, tempfile::TempDir) {
    let shop = Shop::new();
    shop.declare(&[Draft::new("single", "film")]);
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("passwd"), format!("{SECRET}\n")).unwrap();
    let manifest = format!("version: 1\noffers:\n  {SECRET}: 1\n");
    fs::write(outside.path().join("other.yaml"), manifest).unwrap();
    (shop, outside)
}

#[track_caller]
fn shows_nothing(run: &Run) {
    assert!(
        !run.out.contains("secret") && !run.err.contains("secret"),
        "{run:?}"
    );
}

#[track_caller]
fn refused(shop: &Shop, place: &str) {
    for line in [
        "validate",
        "validate --format json",
        "validate --format github",
        "plan",
        "apply -y",
        "fmt --check",
        "fmt --diff",
    ] {
        let run = shop.run(line).exits(65);
        shows_nothing(&run);
        let said = run.out.contains("leads out of the project's folder")
            || run.err.contains("leads out of the project's folder");
        assert!(said, "{run:?}");
        assert!(
            run.out.contains(place) || run.err.contains(place),
            "{run:?}"
        );
    }
}

#[test]
fn a_pattern_that_leads_out() {
    for pattern in [
        "../**/*.yaml",
        "offers/../../*/passwd",
        "..",
        "offers/..",
        "..\\\\x.yaml",
        "/etc/*.yaml",
    ] {
        let (shop, _outside) = project();
        let config = shop.read("offerctl.yaml");
        let manifests = format!("manifests: [\"{pattern}\"]\nenvironments:");
        shop.write(
            "offerctl.yaml",
            &config.replace("environments:", &manifests),
        );
        refused(&shop, "offerctl.yaml");
    }
}

#[test]
fn a_link_to_a_file_outside() {
    let (shop, outside) = project();
    symlink(
        outside.path().join("passwd"),
        shop.path("offers/linked.yaml"),
    )
    .unwrap();
    refused(&shop, "offers/linked.yaml");
}

#[test]
fn a_link_to_a_folder_outside() {
    let (shop, outside) = project();
    symlink(outside.path(), shop.path("offers/linked")).unwrap();
    refused(&shop, "offers/linked");
    // The same for the folder of all manifests.
    let (shop, outside) = project();
    fs::rename(shop.path("offers"), shop.path("before")).unwrap();
    symlink(outside.path(), shop.path("offers")).unwrap();
    refused(&shop, "offers");
}

#[test]
fn a_project_file_that_is_a_link() {
    let (shop, outside) = project();
    fs::remove_file(shop.path("offerctl.yaml")).unwrap();
    symlink(outside.path().join("passwd"), shop.path("offerctl.yaml")).unwrap();
    refused(&shop, "offerctl.yaml");
}

#[test]
fn links_within_the_project_are_followed() {
    let (shop, _outside) = project();
    fs::rename(shop.path("offers"), shop.path("kept")).unwrap();
    symlink("kept", shop.path("offers")).unwrap();
    fs::rename(shop.path("offerctl.yaml"), shop.path("project.yaml")).unwrap();
    symlink("project.yaml", shop.path("offerctl.yaml")).unwrap();
    shop.apply();
}

#[test]
fn an_import_through_a_link() {
    let (shop, outside) = project();
    shop.apply();
    symlink(outside.path(), shop.path("offers/linked")).unwrap();
    fs::remove_file(outside.path().join("other.yaml")).unwrap();
    let before = fs::read_dir(outside.path()).unwrap().count();
    for line in [
        "import --into offers/linked",
        "import --into offers/linked/new --adopt",
    ] {
        let run = shop.run(line).exits(65);
        shows_nothing(&run);
    }
    assert_eq!(fs::read_dir(outside.path()).unwrap().count(), before);
    // A link to a file that is not there yet, and one to a file.
    let shop = Shop::new();
    shop.declare(&[Draft::new("single", "film")]);
    shop.apply();
    fs::remove_dir_all(shop.path("offers")).unwrap();
    fs::create_dir(shop.path("offers")).unwrap();
    for target in ["new.yaml", "passwd"] {
        symlink(
            outside.path().join(target),
            shop.path("offers/singles.yaml"),
        )
        .unwrap();
        let run = shop.run("import --into offers");
        assert!([1, 65].contains(&run.code), "{run:?}");
        shows_nothing(&run);
        fs::remove_file(shop.path("offers/singles.yaml")).unwrap();
    }
    assert_eq!(fs::read_dir(outside.path()).unwrap().count(), before);
}

#[test]
fn an_init_through_a_link() {
    let (shop, outside) = project();
    let new = tempfile::tempdir().unwrap();
    symlink(outside.path(), new.path().join("offers")).unwrap();
    let before = fs::read_dir(outside.path()).unwrap().count();
    let mut command = shop.command("init");
    command.current_dir(new.path());
    let _run = Run::of(&mut command, "init").exits(65);
    assert_eq!(fs::read_dir(outside.path()).unwrap().count(), before);
    let made = fs::read_dir(new.path()).unwrap().count();
    assert_eq!(made, 1, "it wrote something");
    // What is not there yet is made below what is.
    for (link, line) in [
        ("schemas", "init"),
        (".github", "init --ci github"),
        (".gitignore", "init"),
    ] {
        let new = tempfile::tempdir().unwrap();
        symlink(outside.path(), new.path().join(link)).unwrap();
        let mut command = shop.command(line);
        command.current_dir(new.path());
        let _run = Run::of(&mut command, line).exits(65);
        assert_eq!(
            fs::read_dir(outside.path()).unwrap().count(),
            before,
            "{link}"
        );
        let made = fs::read_dir(new.path()).unwrap().count();
        assert_eq!(made, 1, "{link}: it wrote something");
    }
}
