//! Stand-ins for the programs that fetch and build: [`Tools`].

use std::ffi::OsString;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// A folder of programs that are found before those of the machine.
pub(crate) struct Tools {
    folder: tempfile::TempDir,
}

impl Tools {
    /// Begins with a `cargo` that installs the program under test, whatever the source, and writes down what it sees.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let cargo = CARGO
            .replace("HERE", &folder.path().display().to_string())
            .replace("PROGRAM", env!("CARGO_BIN_EXE_offerctl"));
        let tools = Self { folder };
        tools.put("cargo", &cargo);
        tools
    }

    /// Puts a script there.
    pub(crate) fn put(&self, name: &str, script: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        program(&path, script);
        path
    }

    /// The value of `PATH`.
    pub(crate) fn path(&self) -> OsString {
        let mut folders = vec![self.folder.path().to_path_buf()];
        folders.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap()));
        std::env::join_paths(folders).unwrap()
    }

    /// What `cargo` saw: its environment, and the files of configuration that it obeys; nothing if it was not called.
    pub(crate) fn seen_by_cargo(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("seen")).unwrap_or_default()
    }
}

/// Makes a program.
pub(crate) fn program(path: &Path, script: &str) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, format!("#!/usr/bin/env bash\n{script}\n")).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

const CARGO: &str = r#"set -eu
{
    env
    folder=$PWD
    until [ "$folder" = / ]; do
        if [ -e "$folder/.cargo/config.toml" ]; then echo "obeys $folder/.cargo/config.toml"; fi
        folder=$(dirname "$folder")
    done
} >>HERE/seen
while [ $# -gt 0 ]; do
    if [ "$1" = --root ]; then root=$2; fi
    shift
done
mkdir -p "$root/bin"
ln -sf PROGRAM "$root/bin/offerctl""#;
