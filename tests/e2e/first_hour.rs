//! The page "The first hour", typed in line by line.

use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Stdio};

const PAGE: &str = include_str!("../../docs/first-hour.md");

/// The blocks of commands of the page, in their order.
fn blocks() -> Vec<&'static str> {
    let parts = PAGE.split("```sh\n").skip(1);
    parts
        .map(|part| part.split_once("```").unwrap().0)
        .collect()
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// Runs all blocks in one shell, each line announced, up to the first that fails.
fn type_in(folder: &Path) -> (bool, String, String) {
    let port = free_port();
    let mut script = String::from("set -eu\ntrap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n");
    for (index, block) in blocks().iter().enumerate() {
        script.push_str(&["echo '### ", &index.to_string(), "'\n"].concat());
        script.push_str(&block.replace("127.0.0.1:8787", &format!("127.0.0.1:{port}")));
    }
    let program = Path::new(env!("CARGO_BIN_EXE_offerctl"));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut paths = vec![program.parent().unwrap().to_owned()];
    paths.extend(std::env::split_paths(&path));
    let output = Command::new("bash")
        .args(["-c", &script])
        .current_dir(folder)
        .env_clear()
        .env("PATH", std::env::join_paths(paths).unwrap())
        .env("HOME", folder)
        .env("GIT_AUTHOR_NAME", "A Person")
        .env("GIT_AUTHOR_EMAIL", "person@example.com")
        .env("GIT_COMMITTER_NAME", "A Person")
        .env("GIT_COMMITTER_EMAIL", "person@example.com")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (
        output.status.success(),
        text(&output.stdout),
        text(&output.stderr),
    )
}

#[test]
fn the_first_hour_works_line_by_line() {
    let folder = tempfile::tempdir().unwrap();
    let (succeeded, out, err) = type_in(folder.path());
    assert!(succeeded, "{out}\n--- stderr\n{err}");
    let sections: Vec<&str> = out.split("### ").skip(1).collect();
    assert_eq!(sections.len(), blocks().len(), "{out}");
    let section = |words: &str| -> &str {
        let index = blocks().iter().position(|block| block.contains(words));
        sections[index.unwrap()]
    };
    let says = |section: &str, words: &str| {
        assert!(section.contains(words), "no {words:?} in {section}\n{err}");
    };
    says(
        section("offerctl doctor"),
        "Doctor: 8 ok, 1 warning, 0 failed.",
    );
    let import = section("import --dry-run");
    says(
        import,
        "To import: 300 offers in 6 files, 300 bound, 0 left out.",
    );
    says(
        import,
        "Imported: 300 offers in 6 files, 300 bound, 0 left out.",
    );
    let checked = section("offerctl validate");
    says(checked, "Valid: 300 offers in 6 files");
    says(checked, "No changes.");
    let changed = section("price: 8.99");
    says(changed, "8.49 → 8.99 USD");
    says(changed, "Applied: ");
    says(changed, " 0 failed, 0 unknown, 0 skipped.");
    let renamed = section("movedFrom");
    says(renamed, "a-week-of-football goes on as football-week");
    says(renamed, "No changes.");
    let second = section("environment rehearsal");
    says(second, "1 in both, 0 only in production, 0 only in");
    says(second, "as declared");
    says(second, "Alike: 299.");
    says(second, "No changes.");
    let lost = section("state rebuild");
    says(lost, "Rebuilt: 0 known, 300 found, 0 open, 0 absent.");
    says(lost, "No changes.");
    says(section("offerctl drift"), "No drift");
    assert!(!out.contains("warning:"), "{out}");
}
