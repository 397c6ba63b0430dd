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
//! at any moment leaves either the old or the new.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use offerctl_core::state::{Segment, State, StateDocument, StateError};
use tokio::time::{Instant, sleep};

use super::{
    Hold, Holder, LockError, Position, Probe, StateStore, StoreError, Stored, parse_segment,
};

/// How often a lock that somebody holds is tried again.
const TRY_AGAIN: Duration = Duration::from_millis(50);

/// How often a state is read that changes meanwhile.
const READINGS: u32 = 5;

/// A folder with the state of one environment.
#[derive(Debug, Clone)]
pub struct LocalStore {
    folder: PathBuf,
    environment: String,
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
}

impl Drop for LocalLock {
    fn drop(&mut self) {
        // Who held it is no longer true; the lock itself goes with the file.
        let _cleared = self.file.set_len(0);
    }
}

impl LocalStore {
    /// Names the folder; nothing is read or made.
    pub fn new(folder: PathBuf, environment: &str) -> Self {
        Self {
            folder,
            environment: environment.to_owned(),
        }
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
        let prefix = format!("{serial:08}-");
        let mut names = Vec::new();
        for entry in entries {
            let name = entry
                .map_err(self.medium("read"))?
                .file_name()
                .to_string_lossy()
                .into_owned();
            if name
                .strip_suffix(".json")
                .is_some_and(|stem| stem.starts_with(&prefix))
            {
                names.push(name);
            }
        }
        names.sort();
        Ok(names)
    }

    fn read_segment(&self, name: &str) -> Result<Segment, StoreError> {
        let bytes = fs::read(self.journal_folder().join(name)).map_err(self.medium("read"))?;
        parse_segment(&bytes, &self.environment).map_err(|error| self.unusable(error))
    }

    /// The bytes of the document, if there is one.
    fn read_document(&self) -> Result<Option<Vec<u8>>, StoreError> {
        match fs::read(self.document_path()) {
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
        let mut file = match File::open(self.folder.join("lock")) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(FolderLock::Free),
            Err(error) => return Err(self.medium("read the lock of")(error)),
        };
        // Shared, so that two who look do not see each other.
        match file.try_lock_shared() {
            Ok(()) => Ok(FolderLock::Free),
            Err(TryLockError::WouldBlock) => Ok(FolderLock::Held(read_holder(&mut file))),
            Err(TryLockError::Error(error)) => Err(self.medium("read the lock of")(error)),
        }
    }

    fn try_lock(&self, holder: &Holder) -> Result<LocalLock, LockError> {
        fs::create_dir_all(&self.folder).map_err(self.medium("make the folder of"))?;
        let path = self.folder.join("lock");
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)
            .map_err(self.medium("lock"))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(LockError::Held(read_holder(&mut file)));
            }
            Err(TryLockError::Error(error)) => return Err(self.medium("lock")(error).into()),
        }
        let mut lock = LocalLock { file };
        let text = serde_json::to_string(holder).unwrap_or_default();
        let write = |file: &mut File| {
            file.set_len(0)?;
            file.seek(SeekFrom::Start(0))?;
            file.write_all(text.as_bytes())
        };
        write(&mut lock.file).map_err(self.medium("lock"))?;
        Ok(lock)
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

    fn probe(&self, _lock: &LocalLock) -> Probe {
        // The operating system gives it to nobody else while this process has it.
        Probe::new(Hold::Firm)
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
        _lock: &mut LocalLock,
        at: Position,
        segment: &Segment,
    ) -> Result<(), StoreError> {
        let folder = self.journal_folder();
        fs::create_dir_all(&folder).map_err(self.medium("write"))?;
        let bytes =
            serde_json::to_vec(segment).map_err(|error| self.medium("write")(error.into()))?;
        write_durably(&folder.join(at.name()), &bytes).map_err(self.medium("write"))
    }

    async fn save(
        &self,
        _lock: &mut LocalLock,
        document: &StateDocument,
    ) -> Result<(), StoreError> {
        let before = match self.read_document()? {
            Some(bytes) => self.parse_document(&bytes)?.serial,
            None => 0,
        };
        if before + 1 != document.serial {
            return Err(StoreError::Changed {
                place: self.place(),
            });
        }
        write_durably(&self.document_path(), &document.to_bytes()).map_err(self.medium("write"))?;
        // The new document has all that is in them; what stays behind is passed over.
        for name in self.segment_names(before)? {
            let _removed = fs::remove_file(self.journal_folder().join(name));
        }
        Ok(())
    }
}

/// Who says to hold the lock.
fn read_holder(file: &mut File) -> Option<Holder> {
    let mut text = String::new();
    file.read_to_string(&mut text).ok()?;
    serde_json::from_str(&text).ok()
}

/// Writes a file so that after a kill there is either the old or the new one.
pub(crate) fn write_durably(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let beside = path.with_extension("tmp");
    let mut file = File::create(&beside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&beside, path)?;
    if let Some(folder) = path.parent() {
        sync_folder(folder)?;
    }
    Ok(())
}

#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_folder: &Path) -> io::Result<()> {
    Ok(())
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
}
