//! Files of people, which are read with limits ([`read_regular`]), and files of our own, which only their owner may read
//! ([`replace_private`], [`create_private`]).
//!
//! A path may come from a repository that strangers write to. What is read is a regular file of a bounded length, so that
//! nothing waits for a pipe or reads a device without end; links are followed, because mounted secrets are links. What is
//! written follows no link: a new file takes the place of the link, or the command ends with an error.

use std::ffi::OsStr;
use std::fs::{self, DirBuilder, File, FileType, OpenOptions};
use std::io::{self, Read, Write};
use std::path::Path;

use tempfile::NamedTempFile;

/// How the names of files begin that are not yet in their place.
const TEMPORARY_PREFIX: &str = ".offerctl-";

/// How those names end: no collector looks for it.
const TEMPORARY_SUFFIX: &str = ".tmp";

/// Opens a regular file to read it; a link is followed. Never waits for the writer of a pipe.
pub fn open_regular(path: &Path) -> io::Result<File> {
    // Opening some devices has effects, so this comes first; what was opened is looked at as well.
    check_regular(fs::metadata(path)?.file_type())?;
    let mut options = OpenOptions::new();
    options.read(true);
    set_flags(&mut options, false);
    let file = options.open(path)?;
    check_regular(file.metadata()?.file_type())?;
    Ok(file)
}

/// Reads a regular file of at most so many bytes; a link is followed.
pub fn read_regular(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    read_to_limit(&open_regular(path)?, limit)
}

/// Reads a regular file of at most so many bytes that offerctl itself writes: a link is an error.
pub fn read_own(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let found = fs::symlink_metadata(path)?;
    check_regular(found.file_type()).map_err(|error| about(path, &error))?;
    let mut options = OpenOptions::new();
    options.read(true);
    let file = open_own(&mut options, path)?;
    read_to_limit(&file, limit).map_err(|error| about(path, &error))
}

/// Opens a file that offerctl itself writes: a link is an error, and so is what is not a regular file.
pub(crate) fn open_own(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
    refuse_link(path)?;
    if let Ok(found) = fs::symlink_metadata(path) {
        check_regular(found.file_type()).map_err(|error| about(path, &error))?;
    }
    set_flags(options, true);
    let file = options.open(path)?;
    check_regular(file.metadata()?.file_type()).map_err(|error| about(path, &error))?;
    Ok(file)
}

/// Reads what is left of a file, if that is no more than so many bytes.
pub(crate) fn read_to_limit(file: &File, limit: u64) -> io::Result<Vec<u8>> {
    let too_long = || io::Error::other(format!("it has more than the {limit} bytes allowed"));
    let length = file.metadata()?.len();
    if length > limit {
        return Err(too_long());
    }
    // One buffer of the right length: growing it would take both the old and the new one.
    let mut bytes = Vec::new();
    let _reserved = bytes.try_reserve_exact(usize::try_from(length).unwrap_or(0) + 1);
    file.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(too_long());
    }
    Ok(bytes)
}

/// Refuses a path that is a link, wherever it leads; what is not there is none.
pub fn refuse_link(path: &Path) -> io::Result<()> {
    match fs::symlink_metadata(path) {
        Ok(found) if found.file_type().is_symlink() => Err(about(
            path,
            &io::Error::other("it is a symbolic link, and offerctl writes through none"),
        )),
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(about(path, &error)),
    }
}

/// Puts a file that only its owner may read in the place of what has the path, so that after a kill there is either the
/// old or the new one. A link there is replaced and not followed.
pub fn replace_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let written = write_beside(path, bytes)?;
    written.persist(path).map_err(|error| error.error)?;
    sync_folder_of(path)
}

/// Creates a file that only its owner may read, whole or not at all; whatever has the path already stays as it is, and
/// is an error of the kind [`io::ErrorKind::AlreadyExists`].
pub fn create_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let written = write_beside(path, bytes)?;
    written
        .persist_noclobber(path)
        .map_err(|error| error.error)?;
    sync_folder_of(path)
}

/// Writes a file with a random name beside its place; it goes away if it never gets there.
fn write_beside(path: &Path, bytes: &[u8]) -> io::Result<NamedTempFile> {
    let mut file = tempfile::Builder::new()
        .prefix(TEMPORARY_PREFIX)
        .suffix(TEMPORARY_SUFFIX)
        .tempfile_in(folder_of(path))?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    Ok(file)
}

/// Whether a name is that of a file that a kill kept from its place.
pub(crate) fn is_leftover(name: &OsStr) -> bool {
    name.to_str()
        .is_some_and(|name| name.starts_with(TEMPORARY_PREFIX) && name.ends_with(TEMPORARY_SUFFIX))
}

/// Makes a folder, and those above it, for their owner alone; folders that are there stay as they are.
pub fn create_private_folder(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    builder.create(path)
}

/// The folder that a file is in.
fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        Some(_) | None => Path::new("."),
    }
}

/// A new name lasts once its folder is on the disk.
fn sync_folder_of(path: &Path) -> io::Result<()> {
    // Only there can folders be opened.
    if cfg!(unix) {
        File::open(folder_of(path))?.sync_all()?;
    }
    Ok(())
}

fn check_regular(found: FileType) -> io::Result<()> {
    if found.is_file() {
        return Ok(());
    }
    let kind = name_of(found);
    Err(io::Error::other(format!(
        "it is no regular file but {kind}"
    )))
}

/// The kind of something that is no regular file.
fn name_of(found: FileType) -> &'static str {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        if found.is_fifo() {
            return "a pipe";
        }
        if found.is_socket() {
            return "a socket";
        }
        if found.is_char_device() || found.is_block_device() {
            return "a device";
        }
    }
    if found.is_dir() {
        "a folder"
    } else if found.is_symlink() {
        "a symbolic link"
    } else {
        "something else"
    }
}

/// Names the file that an error is about; the kind stays.
fn about(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("`{}`: {error}", path.display()))
}

/// Opens without waiting, and without following a link if that is not wanted.
#[cfg(unix)]
fn set_flags(options: &mut OpenOptions, own: bool) {
    use rustix::fs::OFlags;
    use std::os::unix::fs::OpenOptionsExt;

    let mut flags = OFlags::NONBLOCK | OFlags::NOCTTY;
    if own {
        flags |= OFlags::NOFOLLOW;
        options.mode(0o600);
    }
    options.custom_flags(flags.bits().cast_signed());
}

/// Opens a link itself if following it is not wanted: it is no regular file then.
#[cfg(windows)]
fn set_flags(options: &mut OpenOptions, own: bool) {
    use std::os::windows::fs::OpenOptionsExt;

    const FILE_FLAG_OPEN_REPARSE_POINT: u32 = 0x0020_0000;
    if own {
        options.custom_flags(FILE_FLAG_OPEN_REPARSE_POINT);
    }
}

#[cfg(not(any(unix, windows)))]
fn set_flags(_options: &mut OpenOptions, _own: bool) {}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};
    use std::os::unix::net::UnixListener;

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    /// Puts one of each kind that is no regular file into a folder.
    fn oddities(folder: &Path) -> Vec<std::path::PathBuf> {
        let path = |name: &str| folder.join(name);
        let made = std::process::Command::new("mkfifo")
            .arg(path("pipe"))
            .status();
        assert!(made.unwrap().success());
        fs::create_dir(path("folder")).unwrap();
        drop(UnixListener::bind(path("socket")).unwrap());
        symlink("/dev/zero", path("zero")).unwrap();
        symlink(path("pipe"), path("to-a-pipe")).unwrap();
        ["pipe", "folder", "socket", "zero", "to-a-pipe"]
            .map(path)
            .to_vec()
    }

    #[test]
    fn what_is_no_regular_file_is_refused_at_once() {
        let folder = tempfile::tempdir().unwrap();
        for path in oddities(folder.path()) {
            for error in [read_regular(&path, 10), read_own(&path, 10)] {
                let text = error.unwrap_err().to_string();
                assert!(text.contains("no regular file"), "{text}");
            }
        }
    }

    #[test]
    fn a_link_to_a_file_is_read_unless_we_wrote_it() {
        let folder = tempfile::tempdir().unwrap();
        let (path, link) = (folder.path().join("a"), folder.path().join("b"));
        fs::write(&path, "text").unwrap();
        symlink(&path, &link).unwrap();
        assert_eq!(read_regular(&link, 4).unwrap(), b"text");
        assert_eq!(read_own(&path, 4).unwrap(), b"text");
        let text = read_own(&link, 4).unwrap_err().to_string();
        assert!(text.contains("symbolic link"), "{text}");
        let mut options = OpenOptions::new();
        let opened = open_own(options.read(true).write(true), &link);
        assert!(opened.is_err());
    }

    #[test]
    fn no_more_than_the_limit_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        fs::write(&path, "12345").unwrap();
        assert!(read_regular(&path, 5).is_ok());
        let error = read_regular(&path, 4).unwrap_err();
        assert!(error.to_string().contains("more than the 4 bytes"));
        // Sparse: it takes no room on the disk.
        File::create(&path).unwrap().set_len(1 << 40).unwrap();
        assert!(read_regular(&path, 1 << 30).is_err());
        // It says to have no bytes, and has some.
        assert!(read_regular(Path::new("/proc/self/status"), 4).is_err());
    }

    #[test]
    fn a_file_of_ours_is_for_its_owner_alone_and_takes_the_place_of_a_link() {
        let folder = tempfile::tempdir().unwrap();
        let (path, link) = (folder.path().join("a"), folder.path().join("b"));
        fs::write(&path, "theirs").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        symlink(&path, &link).unwrap();
        let found = create_private(&link, b"ours").unwrap_err();
        assert_eq!(found.kind(), io::ErrorKind::AlreadyExists);
        replace_private(&link, b"ours").unwrap();
        assert!(!link.is_symlink());
        assert_eq!(fs::read(&path).unwrap(), b"theirs");
        replace_private(&path, b"ours").unwrap();
        assert_eq!((mode(&link), mode(&path)), (0o600, 0o600));
        let inner = folder.path().join("c/d");
        create_private_folder(&inner).unwrap();
        assert_eq!(
            (mode(&inner), mode(inner.parent().unwrap())),
            (0o700, 0o700)
        );
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3);
    }
}
