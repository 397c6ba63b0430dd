//! The lock file of a folder: [`LocalLock`].
//!
//! A lock of the operating system belongs to a file and not to its path. Somebody who deletes the lock file, or puts
//! another in its place, lets a second process lock the new one. So the holder of the lock compares the two before it
//! writes anything, here or at the service: once they differ, the lock is lost.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::future::{BoxFuture, ready};

use crate::file::{open_own, read_to_limit};
use crate::store::hold::{Hold, Holder, Loss, Probe, Watch};

/// How often a lock file is opened that somebody replaces before it is locked.
const OPENINGS: u32 = 100;

/// The longest lock file, in bytes: it names one holder.
const MAX_LOCK_BYTES: u64 = 64 * 1024;

/// What is to be seen of the lock of a folder.
#[derive(Debug)]
pub enum FolderLock {
    /// Nobody holds it.
    Free,
    /// Somebody does, and may say who.
    Held(Option<Holder>),
}

/// The lock of a folder. The operating system lets go of it when the process ends, however it ends.
#[derive(Debug)]
pub struct LocalLock {
    file: File,
    health: Arc<Health>,
}

impl Drop for LocalLock {
    fn drop(&mut self) {
        // Who held it is no longer true; the lock itself goes with the file.
        let _cleared = self.file.set_len(0);
    }
}

impl FolderLock {
    /// Looks at the lock file of a path.
    pub(super) fn at(path: &Path) -> io::Result<Self> {
        let file = match open_own(OpenOptions::new().read(true), path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::Free),
            Err(error) => return Err(error),
        };
        // Shared, so that two who look do not see each other.
        match file.try_lock_shared() {
            Ok(()) => Ok(Self::Free),
            Err(TryLockError::WouldBlock) => Ok(Self::Held(read_holder(&file))),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}

/// What came of an attempt to lock.
pub(super) enum Taken {
    /// It is ours.
    Ours(LocalLock),
    /// Somebody else holds it, and may say who.
    Held(Option<Holder>),
}

impl LocalLock {
    /// Locks the lock file of a path, and writes the holder into it.
    pub(super) fn take(path: &Path, holder: &Holder) -> io::Result<Taken> {
        for _ in 0..OPENINGS {
            let mut lock = match Self::take_once(path)? {
                Some(Taken::Ours(lock)) => lock,
                Some(held @ Taken::Held(_)) => return Ok(held),
                None => continue,
            };
            let text = serde_json::to_string(holder).unwrap_or_default();
            lock.file.set_len(0)?;
            lock.file.seek(SeekFrom::Start(0))?;
            lock.file.write_all(text.as_bytes())?;
            return Ok(Taken::Ours(lock));
        }
        Err(io::Error::other(
            "its lock file is replaced again and again",
        ))
    }

    /// Locks the file that has the path of the lock; `None` if that is another one by the time it is locked.
    fn take_once(path: &Path) -> io::Result<Option<Taken>> {
        let file = open_lock(path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(Some(Taken::Held(read_holder(&file)))),
            Err(TryLockError::Error(error)) => return Err(error),
        }
        let locked = Identity::of_file(&file)?;
        if Identity::at(path) != Some(locked) {
            return Ok(None);
        }
        // Older versions let everybody read it; only its owner can change that.
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let _not_ours = file.set_permissions(fs::Permissions::from_mode(0o600));
        }
        let health = Health {
            path: path.to_owned(),
            locked,
            lost: AtomicBool::new(false),
        };
        Ok(Some(Taken::Ours(Self {
            file,
            health: Arc::new(health),
        })))
    }

    /// How firm the hold is.
    pub(super) fn hold(&self) -> Hold {
        self.health.now()
    }

    /// Tells how firm the hold is.
    pub(super) fn probe(&self) -> Probe {
        Probe::new(Arc::clone(&self.health))
    }
}

/// Tells whether a lock file is still the one at its path.
#[derive(Debug)]
struct Health {
    path: PathBuf,
    locked: Identity,
    /// What was lost once is not had again: somebody else may have written meanwhile.
    lost: AtomicBool,
}

impl Health {
    fn now(&self) -> Hold {
        if Identity::at(&self.path) != Some(self.locked) {
            self.lost.store(true, Ordering::SeqCst);
        }
        if self.lost.load(Ordering::SeqCst) {
            Hold::Lost
        } else {
            Hold::Firm
        }
    }
}

impl Watch for Arc<Health> {
    fn hold(&self) -> Hold {
        self.now()
    }

    fn confirm(&self) -> BoxFuture<'_, Hold> {
        Box::pin(ready(self.now()))
    }

    fn loss(&self) -> Option<Loss> {
        (self.now() == Hold::Lost).then_some(Loss::Gone)
    }
}

/// Tells a file from all others that exist at the same time: the device and the inode.
#[cfg(unix)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Identity(u64, u64);

#[cfg(unix)]
impl Identity {
    fn of(found: &fs::Metadata) -> Self {
        use std::os::unix::fs::MetadataExt;
        Self(found.dev(), found.ino())
    }

    fn of_file(file: &File) -> io::Result<Self> {
        Ok(Self::of(&file.metadata()?))
    }

    /// Of what has a path now; a link is not followed, and what cannot be looked at is none.
    fn at(path: &Path) -> Option<Self> {
        fs::symlink_metadata(path)
            .ok()
            .map(|found| Self::of(&found))
    }
}

/// Windows lets nobody delete or rename a file that was opened without `FILE_SHARE_DELETE`.
#[cfg(not(unix))]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Identity;

#[cfg(not(unix))]
impl Identity {
    fn of_file(_file: &File) -> io::Result<Self> {
        Ok(Self)
    }

    fn at(_path: &Path) -> Option<Self> {
        Some(Self)
    }
}

/// Opens the lock file; makes it if there is none.
fn open_lock(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    // Others may look who holds it, and may not delete it.
    #[cfg(windows)]
    {
        use std::os::windows::fs::OpenOptionsExt;
        const FILE_SHARE_READ: u32 = 1;
        const FILE_SHARE_WRITE: u32 = 2;
        options.share_mode(FILE_SHARE_READ | FILE_SHARE_WRITE);
    }
    open_own(&mut options, path)
}

/// Who says to hold the lock.
fn read_holder(file: &File) -> Option<Holder> {
    let bytes = read_to_limit(file, MAX_LOCK_BYTES).ok()?;
    serde_json::from_slice(&bytes).ok()
}
