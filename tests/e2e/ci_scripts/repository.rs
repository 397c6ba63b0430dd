//! A repository of git with one commit: [`Repository`].

use std::path::Path;
use std::process::Command;

/// A repository on this machine, whose branch is `main`.
pub(crate) struct Repository {
    folder: tempfile::TempDir,
    /// Its only commit.
    pub(crate) head: String,
}

impl Repository {
    /// Commits what `fill` writes into the folder.
    pub(crate) fn new(fill: impl FnOnce(&Path)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fill(folder.path());
        let git = |line: &str| git(folder.path(), line);
        git("init --quiet");
        git("add --all");
        git("commit --quiet --allow-empty --message one");
        git("branch --force main");
        let head = git("rev-parse HEAD").trim().to_owned();
        Self { folder, head }
    }

    /// Its address.
    pub(crate) fn url(&self) -> String {
        self.folder.path().display().to_string()
    }
}

fn git(folder: &Path, line: &str) -> String {
    let mut command = Command::new("git");
    let output = command
        .args(["-c", "user.name=Test", "-c", "user.email=test@localhost"])
        .args([
            "-c",
            "init.defaultBranch=begin",
            "-c",
            "commit.gpgSign=false",
        ])
        .args(line.split(' '))
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(output.status.success(), "git {line}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}
