//! Files that are written: whole or not at all ([`replace`], and several together [`replace_all`]), for their owner
//! alone ([`write_private`]), or as they are ([`write_document`]).

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use offerctl_engine::file::{open_regular, read_regular, refuse_link, replace_private};
use offerctl_engine::load::stays_inside;
use offerctl_engine::random::random_hex;
use offerctl_manifest::source::MAX_FILE_BYTES;

use crate::error::CliError;
use crate::exit::Exit;

/// A file with what it is to say, and what it says as long as it is not replaced.
#[derive(Debug)]
pub(crate) struct Replacement {
    /// The file.
    pub(crate) path: PathBuf,
    /// What it says.
    pub(crate) before: Vec<u8>,
    /// What it is to say.
    pub(crate) after: Vec<u8>,
}

/// Why files were not replaced.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReplaceError {
    /// A file cannot be written, and none was.
    #[error("`{path}` cannot be written, and nothing was")]
    Unwritten {
        /// The file.
        path: String,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// A file says something else by now, and none was written.
    #[error("`{path}` was changed in the meantime, and nothing was written")]
    Changed {
        /// The file.
        path: String,
    },
    /// A file could not be written, and one that was could not be put back.
    #[error("`{path}` cannot be written, and `{left}` could not be put back as it was")]
    Left {
        /// The file that could not be written.
        path: String,
        /// The file that says what it was to say.
        left: String,
        /// Why not.
        #[source]
        source: io::Error,
    },
}

/// Writes a file so that nobody ever reads a part of it: beside it first, then in its place.
///
/// What is no regular file, such as a pipe, is written as it is.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    match fs::metadata(path) {
        Ok(found) if !found.is_file() => fs::write(path, bytes),
        Ok(_) | Err(_) => Staged::new(path, bytes)?.put(),
    }
}

/// Writes a file that only its owner may read, such as a saved plan, whole or not at all.
///
/// A path may be that of a link which a stranger put into the repository, so no link is followed.
pub(crate) fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if is_descriptor(path) {
        return fs::write(path, bytes);
    }
    refuse_link(path)?;
    // What is there and no regular file would be replaced by one.
    match open_regular(path) {
        Err(error) if error.kind() == io::ErrorKind::Other => return Err(error),
        Ok(_) | Err(_) => {}
    }
    replace_private(path, bytes)
}

/// Writes a file that a flag names, and follows no link.
pub(crate) fn write_document(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if !is_descriptor(path) {
        refuse_link(path)?;
    }
    fs::write(path, bytes)
}

/// Whether a path stands for something that this process has open: `/dev/stdout`, or `>(…)` of a shell.
fn is_descriptor(path: &Path) -> bool {
    let folders = ["/dev/fd", "/proc/self/fd"];
    ["/dev/stdout", "/dev/stderr"]
        .iter()
        .any(|known| path == Path::new(known))
        || folders
            .iter()
            .any(|folder| path.parent() == Some(Path::new(folder)))
}

/// Replaces all files or none, as far as the disk allows: what cannot be written is found out before the first is.
pub(crate) fn replace_all(files: &[Replacement]) -> Result<(), ReplaceError> {
    let unwritten = |path: &Path, source| ReplaceError::Unwritten {
        path: path.display().to_string(),
        source,
    };
    let mut staged = Vec::new();
    for file in files {
        staged.push(
            Staged::new(&file.path, &file.after).map_err(|error| unwritten(&file.path, error))?,
        );
    }
    for file in files {
        let found = read_regular(&file.path, MAX_FILE_BYTES as u64)
            .map_err(|error| unwritten(&file.path, error))?;
        if found != file.before {
            let path = file.path.display().to_string();
            return Err(ReplaceError::Changed { path });
        }
    }
    for (index, (staged, file)) in staged.into_iter().zip(files).enumerate() {
        let Err(source) = staged.put() else { continue };
        for written in &files[..index] {
            if replace(&written.path, &written.before).is_err() {
                return Err(ReplaceError::Left {
                    path: file.path.display().to_string(),
                    left: written.path.display().to_string(),
                    source,
                });
            }
        }
        return Err(unwritten(&file.path, source));
    }
    Ok(())
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

/// Refuses to write what people know as `shown`, if a link leads out of the folder there; before anything is written.
pub(crate) fn refuse_way_out(folder: &Path, place: &Path, shown: &str) -> Result<(), CliError> {
    stays_inside(folder, place).map_err(|error| {
        let message = format!("`{shown}` cannot be written, and nothing was");
        CliError::new(Exit::Invalid, message).caused_by(error)
    })
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

    fn replacement(path: &Path, before: &str, after: &str) -> Replacement {
        Replacement {
            path: path.to_owned(),
            before: before.as_bytes().to_vec(),
            after: after.as_bytes().to_vec(),
        }
    }

    #[test]
    fn files_are_replaced_together_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let (one, two) = (folder.path().join("1"), folder.path().join("2"));
        fs::write(&one, "a").unwrap();
        fs::write(&two, "b").unwrap();
        let error = replace_all(&[replacement(&one, "a", "x"), replacement(&two, "c", "y")]);
        assert!(matches!(error, Err(ReplaceError::Changed { .. })));
        assert_eq!(fs::read(&one).unwrap(), b"a");
        assert_eq!(names(folder.path()), ["1", "2"]);
        replace_all(&[replacement(&one, "a", "x"), replacement(&two, "b", "y")]).unwrap();
        assert_eq!(
            (fs::read(&one).unwrap(), fs::read(&two).unwrap()),
            (b"x".to_vec(), b"y".to_vec())
        );
    }
}
