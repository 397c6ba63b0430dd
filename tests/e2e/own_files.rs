//! Files that offerctl reads and writes: what is no regular file, links, modes, and a lock file that goes away.

#![cfg(unix)]

use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::lock::{films, start, until_written};
use crate::support::{Api, Draft, Run, STATE, Shop, both};

const LOCK: &str = ".offerctl/shop/lock";

/// Runs a command that has to end soon, whatever it reads.
#[track_caller]
fn soon(shop: &Shop, line: &str) -> Run {
    let begin = Instant::now();
    let mut command = Command::new("timeout");
    let inner = shop.command(line);
    command.env_clear().current_dir(shop.path(""));
    command.envs(
        inner
            .get_envs()
            .filter_map(|(name, value)| Some((name, value?))),
    );
    command
        .args(["-k", "1", "20"])
        .arg(inner.get_program())
        .args(inner.get_args());
    let run = Run::of(&mut command, line);
    assert!(begin.elapsed() < Duration::from_secs(15), "{run:?}");
    run
}

fn make_pipe(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

/// Makes something that has a path.
type Make = fn(&Path);

/// What a path may be other than a regular file.
const ODDITIES: [(&str, Make); 5] = [
    ("a pipe", make_pipe),
    ("a device", |path| symlink("/dev/zero", path).unwrap()),
    ("a socket", |path| drop(UnixListener::bind(path).unwrap())),
    ("a folder", |path| std::fs::create_dir(path).unwrap()),
    ("more than", |path| {
        let file = std::fs::File::create(path).unwrap();
        file.set_len(1 << 42).unwrap();
    }),
];

fn shop() -> Shop {
    let shop = Shop::new();
    shop.declare(&[Draft::new("single", "film")]);
    shop
}

#[test]
fn what_is_no_regular_file_is_no_saved_plan() {
    for (kind, make) in ODDITIES {
        let shop = shop();
        make(&shop.path("plan.json"));
        for line in [
            "show plan.json",
            "apply plan.json",
            "apply plan.json --dry-run",
        ] {
            let run = soon(&shop, line).exits(4).complains("plan.json");
            assert!(run.err.contains(kind), "no {kind:?} in {run:?}");
        }
        assert_eq!(shop.writes(), 0);
    }
}

#[test]
fn what_is_no_regular_file_is_no_token() {
    for (kind, make) in ODDITIES {
        let shop = shop();
        shop.configure("    token: {file: secret}\n");
        make(&shop.path("secret"));
        for line in ["plan", "apply -y"] {
            let run = soon(&shop, line).exits(1).complains("`secret`");
            assert!(run.err.contains(kind), "no {kind:?} in {run:?}");
        }
    }
}

#[test]
fn a_command_that_prints_without_end_gives_no_token() {
    let shop = shop();
    shop.configure("    token: {command: [\"yes\"]}\n");
    soon(&shop, "plan").exits(1).complains("65536 bytes");
}

#[test]
fn what_is_no_regular_file_is_no_state() {
    for (kind, make) in ODDITIES {
        for name in [STATE, LOCK, ".offerctl/shop/journal/00000000-000001.json"] {
            if name == LOCK && kind == "more than" {
                // It is emptied and written anew.
                continue;
            }
            let shop = shop();
            std::fs::create_dir_all(shop.path(name).parent().unwrap()).unwrap();
            make(&shop.path(name));
            let run = soon(&shop, "apply -y").exits(1).complains(".offerctl/shop");
            let words = if kind == "a device" { "link" } else { kind };
            assert!(run.err.contains(words), "no {words:?} in {run:?}");
            if name != LOCK {
                soon(&shop, "plan").exits(1);
            }
            assert_eq!(shop.writes(), 0);
        }
    }
}

#[test]
fn what_is_no_regular_file_is_no_manifest_and_no_project() {
    for (_, make) in ODDITIES {
        for name in ["offers/odd.yaml", "offerctl.yaml"] {
            let shop = shop();
            let path = shop.path(name);
            let _gone = std::fs::remove_file(&path);
            make(&path);
            if path.is_dir() && name == "offers/odd.yaml" {
                continue;
            }
            for line in ["validate", "apply -y"] {
                soon(&shop, line).exits(65).complains(name);
            }
            assert_eq!(shop.writes(), 0);
        }
    }
}

#[test]
fn links_in_the_folder_of_the_state_lead_nowhere() {
    for name in [
        ".offerctl",
        ".offerctl/shop",
        LOCK,
        STATE,
        ".offerctl/shop/journal",
    ] {
        let shop = shop();
        let outside = tempfile::tempdir().unwrap();
        let target = outside.path().join("theirs");
        if name == LOCK || name == STATE {
            std::fs::write(&target, "theirs").unwrap();
        } else {
            std::fs::create_dir_all(target.join("shop/journal")).unwrap();
            std::fs::write(target.join("lock"), "theirs").unwrap();
        }
        let path = shop.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        symlink(&target, &path).unwrap();
        let run = shop.run("apply -y").exits(1).complains(name);
        assert!(run.err.contains("symbolic link"), "{run:?}");
        assert_eq!(shop.writes(), 0);
        let kept = if target.is_dir() {
            target.join("lock")
        } else {
            target.clone()
        };
        assert_eq!(std::fs::read(kept).unwrap(), b"theirs");
        assert!(!target.join("state.json").exists());
        assert!(path.is_symlink());
    }
}

fn mode(shop: &Shop, path: &str) -> u32 {
    let found = std::fs::metadata(shop.path(path)).unwrap();
    found.permissions().mode() & 0o777
}

#[test]
fn state_and_saved_plans_are_for_their_owner_alone() {
    let shop = shop();
    std::fs::write(shop.path("plan.json"), "").unwrap();
    std::fs::set_permissions(
        shop.path("plan.json"),
        std::fs::Permissions::from_mode(0o644),
    )
    .unwrap();
    shop.run("plan --out plan.json").exits(0);
    assert_eq!(mode(&shop, "plan.json"), 0o600);
    shop.run("apply plan.json").exits(0);
    for path in [STATE, LOCK] {
        assert_eq!(mode(&shop, path), 0o600, "{path}");
    }
    for path in [".offerctl", ".offerctl/shop", ".offerctl/shop/journal"] {
        assert_eq!(mode(&shop, path), 0o700, "{path}");
    }
    for path in [STATE, LOCK] {
        let wide = std::fs::Permissions::from_mode(0o644);
        std::fs::set_permissions(shop.path(path), wide).unwrap();
    }
    shop.declare(&films(2));
    shop.run("apply -y --allow-deactivations 1").exits(0);
    for path in [STATE, LOCK] {
        assert_eq!(mode(&shop, path), 0o600, "{path}");
    }
}

#[test]
fn what_is_written_for_a_flag_goes_through_no_link() {
    for flag in ["--out", "--json-into", "--markdown-into"] {
        for there in [true, false] {
            let shop = shop();
            let outside = tempfile::tempdir().unwrap();
            let target = outside.path().join("theirs");
            if there {
                std::fs::write(&target, "theirs").unwrap();
            }
            symlink(&target, shop.path("plan.json")).unwrap();
            let run = shop.run(&format!("plan {flag} plan.json"));
            let run = run.exits(1).complains("plan.json");
            assert!(run.err.contains("symbolic link"), "{run:?}");
            assert!(shop.path("plan.json").is_symlink());
            assert_eq!(target.exists(), there);
            if there {
                assert_eq!(std::fs::read(&target).unwrap(), b"theirs");
            }
        }
    }
    let shop = shop();
    make_pipe(&shop.path("plan.json"));
    soon(&shop, "plan --out plan.json")
        .exits(1)
        .complains("a pipe");
    soon(&shop, "plan --out /dev/stdout")
        .exits(0)
        .says("formatVersion");
}

both!(a_run_whose_lock_file_is_deleted_sends_nothing_more);

fn a_run_whose_lock_file_is_deleted_sends_nothing_more(api: Api) {
    let shop = Shop::of(api);
    shop.one_by_one();
    shop.declare(&films(6));
    shop.fault("create*=delay:400,after");
    let first = start(&shop, "apply -y");
    until_written(&shop, 1);
    std::fs::remove_file(shop.path(LOCK)).unwrap();
    let second = start(&shop, "apply -y --lock-timeout 30");
    let run = first.end();
    assert!([1, 5, 6].contains(&run.code), "{run:?}");
    assert!(
        run.err.contains("lock") || run.out.contains("lock"),
        "{run:?}"
    );
    let _run = second.end();
    shop.emulator().clear_faults();
    shop.run("apply -y").exits(0);
    crate::lock::each_once(&shop, 6);
}
