//! The state in a folder: [`LocalStore`].
//!
//! ```text
//!   .offerctl/production/
//!     lock                      held by the operating system; says who
//!     state.json                the document
//!     journal/
//!       00000007-000001.json    the first segment after the document with serial 7
//! ```
//!
//! Every file is written beside its place, flushed to the disk, and renamed; the folder is flushed after. A kill
//! at any moment leaves either the old or the new. A segment never takes the place of another one.
//!
//! A lock of the operating system belongs to a file and not to its path. Somebody who deletes the lock file, or puts
//! another in its place, lets a second process lock the new one. So the holder of the lock compares the two before it
//! writes anything, here or at the service: once they differ, the lock is lost.
//!
//! `.offerctl/` may come from a repository that strangers write to. No file in it is read or written through a symbolic
//! link, and neither that folder nor one in it may be one: a link could lead to any folder of the user, and a file `lock` in
//! that would be emptied. The folder that `state` names may be a link, because a person who can write `offerctl.yaml` can name
//! the folder that it leads to as well.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::future::{BoxFuture, ready};
use offerctl_core::state::{Segment, State, StateDocument, StateError};
use tokio::time::{Instant, sleep};

use super::{
    Hold, Holder, LockError, Loss, Position, Probe, StateStore, StoreError, Stored, Watch,
    parse_segment,
};
use crate::file::{
    create_private, create_private_folder, is_leftover, open_own, read_own, read_to_limit,
    refuse_link, replace_private,
};

/// How often a lock that somebody holds is tried again.
const TRY_AGAIN: Duration = Duration::from_millis(50);

/// How often a state is read that changes meanwhile.
const READINGS: u32 = 5;

/// How often a lock file is opened that somebody replaces before it is locked.
const OPENINGS: u32 = 100;

/// The longest document or segment, in bytes. An offer takes about a kibibyte, so this is a million of them, five times
/// the offers that are read of an account by default. Whatever is longer is something else.
const MAX_BYTES: u64 = 1024 * 1024 * 1024;

/// The longest lock file, in bytes: it names one holder.
const MAX_LOCK_BYTES: u64 = 64 * 1024;

/// The folder of a project that its states are in, unless `state` says otherwise.
const PROJECT_FOLDER: &str = ".offerctl";

/// A folder with the state of one environment.
#[derive(Debug, Clone)]
pub struct LocalStore {
    folder: PathBuf,
    environment: String,
    /// The folders that may not be links, outermost first.
    own: Vec<PathBuf>,
}

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

impl Drop for LocalLock {
    fn drop(&mut self) {
        // Who held it is no longer true; the lock itself goes with the file.
        let _cleared = self.file.set_len(0);
    }
}

impl LocalStore {
    /// Names the folder that `state` says, which may be a link; nothing is read or made.
    pub fn new(folder: PathBuf, environment: &str) -> Self {
        Self {
            folder,
            environment: environment.to_owned(),
            own: Vec::new(),
        }
    }

    /// Names the folder `.offerctl/ENVIRONMENT` of a project, where no part may be a link; nothing is read or made.
    pub fn of_project(root: &Path, environment: &str) -> Self {
        let outer = root.join(PROJECT_FOLDER);
        let folder = outer.join(environment);
        Self {
            own: vec![outer, folder.clone()],
            ..Self::new(folder, environment)
        }
    }

    /// Refuses folders that are links where only folders of our own belong.
    fn refuse_links(&self, action: &'static str) -> Result<(), StoreError> {
        let own = self.own.iter().cloned();
        for folder in own.chain([self.journal_folder()]) {
            refuse_link(&folder).map_err(self.medium(action))?;
        }
        Ok(())
    }

    fn lock_path(&self) -> PathBuf {
        self.folder.join("lock")
    }

    fn document_path(&self) -> PathBuf {
        self.folder.join("state.json")
    }

    fn journal_folder(&self) -> PathBuf {
        self.folder.join("journal")
    }

    fn medium(&self, action: &'static str) -> impl Fn(io::Error) -> StoreError + '_ {
        move |source| StoreError::Medium {
            action,
            place: self.place(),
            source: Box::new(source),
        }
    }

    fn unusable(&self, source: StateError) -> StoreError {
        StoreError::Unusable {
            place: self.place(),
            source,
        }
    }

    /// The names of the segments after a document, sorted.
    fn segment_names(&self, serial: u64) -> Result<Vec<String>, StoreError> {
        let entries = match fs::read_dir(self.journal_folder()) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(self.medium("read")(error)),
        };
        let mut names = Vec::new();
        for entry in entries {
            let name = entry
                .map_err(self.medium("read"))?
                .file_name()
                .to_string_lossy()
                .into_owned();
            if Position::parse(&name).is_some_and(|at| at.serial == serial) {
                names.push(name);
            }
        }
        names.sort();
        Ok(names)
    }

    fn read_segment(&self, name: &str) -> Result<Segment, StoreError> {
        let path = self.journal_folder().join(name);
        let bytes = read_own(&path, MAX_BYTES).map_err(self.medium("read"))?;
        parse_segment(&bytes, &self.environment).map_err(|error| self.unusable(error))
    }

    /// The bytes of the document, if there is one.
    fn read_document(&self) -> Result<Option<Vec<u8>>, StoreError> {
        self.refuse_links("read")?;
        match read_own(&self.document_path(), MAX_BYTES) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.medium("read")(error)),
        }
    }

    fn parse_document(&self, bytes: &[u8]) -> Result<StateDocument, StoreError> {
        StateDocument::parse(bytes, &self.environment).map_err(|error| self.unusable(error))
    }

    /// Reads what came after a document; `None` if another one is in its place by now.
    fn read_after(&self, document: Option<&[u8]>) -> Result<Option<Stored>, StoreError> {
        let (state, serial) = match document {
            Some(bytes) => {
                let document = self.parse_document(bytes)?;
                let serial = document.serial;
                (document.into_state(), serial)
            }
            None => Default::default(),
        };
        let read = self.read_segments(state, serial);
        // Segments go when the next document is stored: what is missing then is no gap, and what is there not all.
        if self.read_document()?.as_deref() != document {
            return Ok(None);
        }
        read.map(Some)
    }

    fn read_segments(&self, mut state: State, serial: u64) -> Result<Stored, StoreError> {
        let names = self.segment_names(serial)?;
        for (number, name) in (1..).zip(&names) {
            let expected = Position { serial, number }.name();
            if *name != expected {
                return Err(StoreError::Gap {
                    place: self.place(),
                    missing: expected,
                });
            }
            for entry in self.read_segment(name)?.entries {
                state.apply(entry);
            }
        }
        Ok(Stored {
            state,
            serial,
            segments: names.len() as u64,
        })
    }

    /// Looks who holds the lock, without taking it.
    pub fn look_at_lock(&self) -> Result<FolderLock, StoreError> {
        self.refuse_links("read the lock of")?;
        let file = match open_own(OpenOptions::new().read(true), &self.lock_path()) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(FolderLock::Free),
            Err(error) => return Err(self.medium("read the lock of")(error)),
        };
        // Shared, so that two who look do not see each other.
        match file.try_lock_shared() {
            Ok(()) => Ok(FolderLock::Free),
            Err(TryLockError::WouldBlock) => Ok(FolderLock::Held(read_holder(&file))),
            Err(TryLockError::Error(error)) => Err(self.medium("read the lock of")(error)),
        }
    }

    fn try_lock(&self, holder: &Holder) -> Result<LocalLock, LockError> {
        self.refuse_links("lock")?;
        create_private_folder(&self.folder).map_err(self.medium("make the folder of"))?;
        for _ in 0..OPENINGS {
            if let Some(mut lock) = self.try_lock_once()? {
                let text = serde_json::to_string(holder).unwrap_or_default();
                let write = |file: &mut File| {
                    file.set_len(0)?;
                    file.seek(SeekFrom::Start(0))?;
                    file.write_all(text.as_bytes())
                };
                write(&mut lock.file).map_err(self.medium("lock"))?;
                return Ok(lock);
            }
        }
        let replaced = io::Error::other("its lock file is replaced again and again");
        Err(self.medium("lock")(replaced).into())
    }

    /// Locks the file that has the path of the lock; `None` if that is another one by the time it is locked.
    fn try_lock_once(&self) -> Result<Option<LocalLock>, LockError> {
        let path = self.lock_path();
        let file = open_lock(&path).map_err(self.medium("lock"))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(LockError::Held(read_holder(&file))),
            Err(TryLockError::Error(error)) => return Err(self.medium("lock")(error).into()),
        }
        let locked = Identity::of_file(&file).map_err(self.medium("lock"))?;
        if Identity::at(&path) != Some(locked) {
            return Ok(None);
        }
        // Older versions let everybody read it; only its owner can change that.
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let _not_ours = file.set_permissions(fs::Permissions::from_mode(0o600));
        }
        let health = Health {
            path,
            locked,
            lost: AtomicBool::new(false),
        };
        Ok(Some(LocalLock {
            file,
            health: Arc::new(health),
        }))
    }

    fn expect_held(&self, lock: &LocalLock) -> Result<(), StoreError> {
        match lock.health.now() {
            Hold::Firm | Hold::Stale => Ok(()),
            Hold::Lost => Err(StoreError::LockLost {
                place: self.place(),
                loss: Loss::Gone,
            }),
        }
    }

    /// Removes what kills kept from their place, under the lock: nobody else is writing.
    fn tidy(&self) {
        for folder in [self.folder.clone(), self.journal_folder()] {
            let Ok(entries) = fs::read_dir(folder) else {
                continue;
            };
            for entry in entries.flatten() {
                if is_leftover(&entry.file_name()) {
                    let _removed = fs::remove_file(entry.path());
                }
            }
        }
    }
}

impl StateStore for LocalStore {
    type Lock = LocalLock;

    fn place(&self) -> String {
        self.folder.display().to_string()
    }

    async fn load(&self) -> Result<Stored, StoreError> {
        for _ in 0..READINGS {
            let document = self.read_document()?;
            if let Some(stored) = self.read_after(document.as_deref())? {
                return Ok(stored);
            }
        }
        Err(StoreError::Changed {
            place: self.place(),
        })
    }

    async fn lock(&self, holder: Holder, wait: Duration) -> Result<LocalLock, LockError> {
        let until = Instant::now() + wait;
        loop {
            match self.try_lock(&holder) {
                Err(LockError::Held(_)) if Instant::now() < until => sleep(TRY_AGAIN).await,
                done => return done,
            }
        }
    }

    fn probe(&self, lock: &LocalLock) -> Probe {
        Probe::new(Arc::clone(&lock.health))
    }

    fn outlives_its_lock(&self) -> bool {
        // A former holder is dead, or there would be no lock to have.
        false
    }

    async fn let_go(&self) -> Result<(), StoreError> {
        Ok(())
    }

    async fn append(
        &self,
        lock: &mut LocalLock,
        at: Position,
        segment: &Segment,
    ) -> Result<(), StoreError> {
        self.refuse_links("write")?;
        self.expect_held(lock)?;
        let folder = self.journal_folder();
        create_private_folder(&folder).map_err(self.medium("write"))?;
        let bytes =
            serde_json::to_vec(segment).map_err(|error| self.medium("write")(error.into()))?;
        match create_private(&folder.join(at.name()), &bytes) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                return Err(StoreError::Changed {
                    place: self.place(),
                });
            }
            Err(error) => return Err(self.medium("write")(error)),
        }
        // A run that has the lock from now on reads the segment; one that had it before may not have.
        self.expect_held(lock)
    }

    async fn save(&self, lock: &mut LocalLock, document: &StateDocument) -> Result<(), StoreError> {
        let before = match self.read_document()? {
            Some(bytes) => self.parse_document(&bytes)?.serial,
            None => 0,
        };
        if before + 1 != document.serial {
            return Err(StoreError::Changed {
                place: self.place(),
            });
        }
        self.expect_held(lock)?;
        replace_private(&self.document_path(), &document.to_bytes())
            .map_err(self.medium("write"))?;
        self.expect_held(lock)?;
        // The new document has all that is in them; what stays behind is passed over.
        for name in self.segment_names(before)? {
            let _removed = fs::remove_file(self.journal_folder().join(name));
        }
        self.tidy();
        Ok(())
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Journal;
    use offerctl_core::state::Entry;

    fn consumed(nonce: &str) -> Vec<Entry> {
        vec![Entry::Consumed {
            nonce: nonce.to_owned(),
        }]
    }

    async fn open(store: &LocalStore) -> Journal<'_, LocalStore> {
        Journal::open(store, "local", Holder::of_test("me"), Duration::ZERO)
            .await
            .unwrap()
    }

    #[tokio::test]
    async fn what_was_appended_is_there_after_a_kill() {
        let folder = tempfile::tempdir().unwrap();
        let store = LocalStore::new(folder.path().join("local"), "local");
        assert_eq!(store.load().await.unwrap(), Stored::default());
        let mut journal = open(&store).await;
        journal.append(consumed("a")).await.unwrap();
        journal.append(consumed("b")).await.unwrap();
        drop(journal);
        let stored = store.load().await.unwrap();
        assert_eq!(
            (stored.serial, stored.segments, stored.state.consumed.len()),
            (0, 2, 2)
        );
        let mut journal = open(&store).await;
        journal.compact().await.unwrap();
        journal.append(consumed("c")).await.unwrap();
        let stored = store.load().await.unwrap();
        assert_eq!(
            (stored.serial, stored.segments, stored.state.consumed.len()),
            (1, 1, 3)
        );
    }

    #[tokio::test]
    async fn only_one_holds_the_lock_and_others_learn_who() {
        let folder = tempfile::tempdir().unwrap();
        let store = LocalStore::new(folder.path().to_owned(), "local");
        let journal = open(&store).await;
        let second = Journal::open(
            &store,
            "local",
            Holder::of_test("you"),
            Duration::from_millis(120),
        )
        .await;
        let Err(LockError::Held(Some(found))) = second else {
            panic!("{second:?}")
        };
        assert_eq!(found.who, "me");
        drop(journal);
        drop(open(&store).await);
    }

    #[tokio::test]
    async fn segments_of_an_older_document_are_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        let store = LocalStore::new(folder.path().to_owned(), "local");
        let mut journal = open(&store).await;
        journal.append(consumed("a")).await.unwrap();
        let segment = fs::read(folder.path().join("journal/00000000-000001.json")).unwrap();
        journal.compact().await.unwrap();
        // As if the run had been killed after the document was stored and before the segments were dropped.
        fs::write(folder.path().join("journal/00000000-000001.json"), segment).unwrap();
        let stored = store.load().await.unwrap();
        assert_eq!((stored.serial, stored.segments), (1, 0));
    }

    #[tokio::test]
    async fn a_document_that_is_replaced_while_it_is_read_is_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let store = LocalStore::new(folder.path().to_owned(), "local");
        let mut journal = open(&store).await;
        for nonce in ["a", "b"] {
            journal.append(consumed(nonce)).await.unwrap();
            let before = store.read_document().unwrap();
            journal.compact().await.unwrap();
            // The segment is gone with the old document: this would be a state without it.
            assert_eq!(store.read_after(before.as_deref()).unwrap(), None);
        }
        assert_eq!(store.load().await.unwrap().state.consumed.len(), 2);
    }

    #[tokio::test]
    async fn damage_is_an_error_and_never_an_empty_state() {
        let folder = tempfile::tempdir().unwrap();
        let store = LocalStore::new(folder.path().to_owned(), "local");
        let mut journal = open(&store).await;
        journal.append(consumed("a")).await.unwrap();
        journal.compact().await.unwrap();
        journal.append(consumed("b")).await.unwrap();
        journal.append(consumed("c")).await.unwrap();
        let first = folder.path().join("journal/00000001-000001.json");
        let whole = fs::read(&first).unwrap();
        fs::remove_file(&first).unwrap();
        assert!(matches!(store.load().await, Err(StoreError::Gap { .. })));
        fs::write(&first, &whole[..whole.len() / 2]).unwrap();
        assert!(matches!(
            store.load().await,
            Err(StoreError::Unusable { .. })
        ));
        fs::write(&first, &whole).unwrap();
        assert!(store.load().await.is_ok());
        let document = folder.path().join("state.json");
        let whole = fs::read(&document).unwrap();
        fs::write(&document, &whole[..whole.len() / 2]).unwrap();
        assert!(matches!(
            store.load().await,
            Err(StoreError::Unusable { .. })
        ));
        fs::write(&document, b"").unwrap();
        assert!(matches!(
            store.load().await,
            Err(StoreError::Unusable { .. })
        ));
    }

    #[tokio::test]
    async fn a_document_that_somebody_replaced_is_not_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let store = LocalStore::new(folder.path().to_owned(), "local");
        let mut journal = open(&store).await;
        journal.append(consumed("a")).await.unwrap();
        let other = StateDocument::new("local", 5, &offerctl_core::state::State::default());
        fs::write(folder.path().join("state.json"), other.to_bytes()).unwrap();
        assert!(matches!(
            journal.compact().await,
            Err(StoreError::Changed { .. })
        ));
    }

    fn locked(store: &LocalStore) -> LocalLock {
        store.try_lock(&Holder::of_test("me")).unwrap()
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn a_lock_file_that_was_deleted_or_replaced_is_a_lock_that_is_lost() {
        type Harm = fn(&Path);
        let harms: [Harm; 5] = [
            |path| fs::remove_file(path).unwrap(),
            |path| {
                fs::remove_file(path).unwrap();
                fs::write(path, "").unwrap();
            },
            |path| {
                let other = path.with_extension("new");
                fs::write(&other, "").unwrap();
                fs::rename(other, path).unwrap();
            },
            |path| {
                let other = path.with_extension("old");
                fs::rename(path, &other).unwrap();
                std::os::unix::fs::symlink(other, path).unwrap();
            },
            |path| {
                let folder = path.parent().unwrap();
                fs::rename(folder, folder.with_extension("old")).unwrap();
            },
        ];
        for harm in harms {
            let folder = tempfile::tempdir().unwrap();
            let store = LocalStore::new(folder.path().join("local"), "local");
            let mut journal = open(&store).await;
            let probe = journal.probe();
            journal.append(consumed("a")).await.unwrap();
            assert_eq!(probe.hold(), Hold::Firm);
            harm(&store.lock_path());
            assert_eq!(probe.hold(), Hold::Lost);
            let appended = journal.append(consumed("b")).await;
            assert!(matches!(appended, Err(StoreError::LockLost { .. })));
            let saved = journal.compact().await;
            assert!(saved.is_err(), "{saved:?}");
            assert!(!store.document_path().exists());
        }
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn a_lock_that_was_lost_is_never_had_again() {
        let folder = tempfile::tempdir().unwrap();
        let store = LocalStore::new(folder.path().to_owned(), "local");
        let lock = locked(&store);
        let probe = store.probe(&lock);
        let (path, aside) = (store.lock_path(), folder.path().join("aside"));
        fs::rename(&path, &aside).unwrap();
        assert_eq!(probe.hold(), Hold::Lost);
        fs::rename(&aside, &path).unwrap();
        assert_eq!(probe.hold(), Hold::Lost);
    }

    #[tokio::test]
    async fn a_segment_that_is_there_is_never_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let store = LocalStore::new(folder.path().to_owned(), "local");
        let mut journal = open(&store).await;
        journal.append(consumed("a")).await.unwrap();
        let second = folder.path().join("journal/00000000-000002.json");
        fs::write(&second, "theirs").unwrap();
        let appended = journal.append(consumed("b")).await;
        assert!(matches!(appended, Err(StoreError::Changed { .. })));
        assert_eq!(fs::read(&second).unwrap(), b"theirs");
    }

    #[tokio::test]
    async fn what_a_kill_left_beside_its_place_goes_with_the_next_document() {
        let folder = tempfile::tempdir().unwrap();
        let store = LocalStore::new(folder.path().to_owned(), "local");
        let mut journal = open(&store).await;
        journal.append(consumed("a")).await.unwrap();
        let path = |name: &str| folder.path().join(name);
        for name in [".offerctl-x.tmp", "journal/.offerctl-y.tmp", "theirs.tmp"] {
            fs::write(path(name), "").unwrap();
        }
        journal.compact().await.unwrap();
        assert!(!path(".offerctl-x.tmp").exists());
        assert!(!path("journal/.offerctl-y.tmp").exists());
        assert!(path("theirs.tmp").exists());
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn no_link_is_followed_and_all_is_for_its_owner_alone() {
        use std::os::unix::fs::{PermissionsExt, symlink};

        for name in [
            "lock",
            "state.json",
            "journal",
            "journal/00000000-000001.json",
        ] {
            for target in ["theirs", "missing"] {
                let folder = tempfile::tempdir().unwrap();
                let outside = folder.path().join(target);
                if target == "theirs" && name == "journal" {
                    fs::create_dir(&outside).unwrap();
                } else if target == "theirs" {
                    fs::write(&outside, "theirs").unwrap();
                }
                let store = LocalStore::of_project(folder.path(), "local");
                let path = store.folder.join(name);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                symlink(&outside, &path).unwrap();
                let opened =
                    Journal::open(&store, "local", Holder::of_test("me"), Duration::ZERO).await;
                let error = opened.unwrap_err();
                let LockError::Store(StoreError::Medium { source, .. }) = error else {
                    panic!("{error:?}")
                };
                let text = source.to_string();
                let says = text.contains("symbolic link") && text.contains(name);
                assert!(says, "{text}");
                assert!(path.is_symlink());
                match target {
                    "missing" => assert!(!outside.exists()),
                    _ if outside.is_file() => assert_eq!(fs::read(&outside).unwrap(), b"theirs"),
                    _ => assert_eq!(fs::read_dir(&outside).unwrap().count(), 0),
                }
            }
        }
        for name in [".offerctl", ".offerctl/local"] {
            let folder = tempfile::tempdir().unwrap();
            let (outside, path) = (folder.path().join("theirs"), folder.path().join(name));
            fs::create_dir_all(outside.join("local")).unwrap();
            fs::write(outside.join("lock"), "theirs").unwrap();
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            symlink(&outside, &path).unwrap();
            let store = LocalStore::of_project(folder.path(), "local");
            assert!(store.load().await.is_err());
            assert!(store.look_at_lock().is_err());
            assert!(
                store
                    .lock(Holder::of_test("me"), Duration::ZERO)
                    .await
                    .is_err()
            );
            assert_eq!(fs::read(outside.join("lock")).unwrap(), b"theirs");
            // What `state` names may be a link.
            let store = LocalStore::new(path, "local");
            drop(open(&store).await);
        }
        let folder = tempfile::tempdir().unwrap();
        let store = LocalStore::of_project(folder.path(), "local");
        fs::create_dir_all(&store.folder).unwrap();
        for path in [store.lock_path(), store.document_path()] {
            fs::write(&path, "").unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        }
        fs::remove_file(store.document_path()).unwrap();
        let mut journal = open(&store).await;
        journal.append(consumed("a")).await.unwrap();
        let mode = |path: PathBuf| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let journal_folder = store.journal_folder();
        assert_eq!(mode(journal_folder.join("00000000-000001.json")), 0o600);
        assert_eq!(
            (mode(journal_folder), mode(store.lock_path())),
            (0o700, 0o600)
        );
        journal.compact().await.unwrap();
        let document = store.document_path();
        fs::set_permissions(&document, fs::Permissions::from_mode(0o644)).unwrap();
        journal.append(consumed("b")).await.unwrap();
        journal.compact().await.unwrap();
        assert_eq!(mode(document), 0o600);
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn a_pipe_in_the_place_of_a_file_is_an_error_and_not_waited_for() {
        for name in ["lock", "state.json", "journal/00000000-000001.json"] {
            let folder = tempfile::tempdir().unwrap();
            fs::create_dir(folder.path().join("journal")).unwrap();
            let made = std::process::Command::new("mkfifo")
                .arg(folder.path().join(name))
                .status();
            assert!(made.unwrap().success());
            let store = LocalStore::new(folder.path().to_owned(), "local");
            let opened =
                Journal::open(&store, "local", Holder::of_test("me"), Duration::ZERO).await;
            assert!(matches!(
                opened,
                Err(LockError::Store(StoreError::Medium { .. }))
            ));
        }
    }
}
