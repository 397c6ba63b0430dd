//! Files that go from job to job as GitHub's actions take them: [`packed`] and [`unpack`].

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The files of an artifact by their names in it.
pub(crate) type Files = BTreeMap<String, Vec<u8>>;

/// What `actions/upload-artifact` takes of these paths, one a line: files, whole folders, what links lead to. Names begin
/// below the folder that all paths have in common.
pub(crate) fn packed(here: &Path, paths: &str) -> Files {
    let paths = paths.lines().filter(|path| !path.trim().is_empty());
    let paths: Vec<PathBuf> = paths.map(|path| here.join(path.trim())).collect();
    let folders = paths.iter().map(|path| {
        if path.is_dir() {
            path.as_path()
        } else {
            path.parent().unwrap()
        }
    });
    let Some(root) = folders.reduce(common) else {
        return Files::new();
    };
    let mut files = Files::new();
    for path in &paths {
        pack(path, root, &mut files);
    }
    files
}

fn common<'a>(one: &'a Path, other: &Path) -> &'a Path {
    one.ancestors()
        .find(|folder| other.starts_with(folder))
        .unwrap()
}

fn pack(path: &Path, root: &Path, files: &mut Files) {
    if path.is_dir() {
        for entry in std::fs::read_dir(path).unwrap() {
            pack(&entry.unwrap().path(), root, files);
        }
    } else if let Ok(bytes) = std::fs::read(path) {
        let name = path.strip_prefix(root).unwrap().display().to_string();
        files.insert(name, bytes);
    }
}

/// Puts the files of an artifact into a folder.
pub(crate) fn unpack(files: &Files, folder: &Path) {
    for (name, bytes) in files {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
}
