//! Files that are replaced whole or not at all: [`replace`].

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use offerctl_engine::random::random_hex;

/// Writes a file so that nobody ever reads a part of it: beside it first, then in its place.
///
/// What is no regular file, such as a pipe, is written as it is.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    match fs::metadata(path) {
        Ok(found) if !found.is_file() => fs::write(path, bytes),
        Ok(_) | Err(_) => Staged::new(path, bytes)?.put(),
    }
}

/// A file that is written and not yet in its place; it goes away if it never gets there.
#[derive(Debug)]
struct Staged {
    temporary: PathBuf,
    path: PathBuf,
}

impl Staged {
    fn new(path: &Path, bytes: &[u8]) -> io::Result<Self> {
        // A link stays a link: the file that it leads to is replaced.
        let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let name = path
            .file_name()
            .ok_or_else(|| io::Error::other("it is no name of a file"))?;
        // In the same folder, because a rename is atomic only within a file system, and with an ending that no
        // collector looks for.
        let temporary = format!(".{}.{}.tmp", name.to_string_lossy(), random_hex::<8>());
        let staged = Self {
            temporary: path.with_file_name(temporary),
            path,
        };
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&staged.temporary)?;
        file.write_all(bytes)?;
        if let Ok(found) = fs::metadata(&staged.path) {
            file.set_permissions(found.permissions())?;
        }
        file.sync_all()?;
        Ok(staged)
    }

    fn put(self) -> io::Result<()> {
        fs::rename(&self.temporary, &self.path)?;
        // The new name lasts once its folder is on the disk; not every system lets folders be opened.
        if let Some(folder) = self.path.parent()
            && let Ok(folder) = File::open(folder)
        {
            let _unsupported = folder.sync_all();
        }
        Ok(())
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        // Once it is in its place, nothing has that name any more.
        let _gone = fs::remove_file(&self.temporary);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let mut names: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_is_replaced_and_nothing_else_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.prom");
        replace(&path, b"one").unwrap();
        replace(&path, b"two").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(names(folder.path()), ["a.prom"]);
    }

    #[cfg(unix)]
    #[test]
    fn mode_and_links_stay() {
        use std::os::unix::fs::{PermissionsExt, symlink};

        let folder = tempfile::tempdir().unwrap();
        let (path, link) = (folder.path().join("a.yaml"), folder.path().join("b.yaml"));
        fs::write(&path, "one").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        symlink(&path, &link).unwrap();
        replace(&link, b"two").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert!(link.is_symlink());
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o640);
    }
}
