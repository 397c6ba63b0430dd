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
//! `.offerctl/` may come from a repository that strangers write to. No file in it is read or written through a symbolic
//! link, and neither that folder nor one in it may be one: a link could lead to any folder of the user, and a file `lock` in
//! that would be emptied. The folder that `state` names may be a link, because a person who can write `offerctl.yaml` can name
//! the folder that it leads to as well.

mod lock;
#[cfg(test)]
mod tests;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use offerctl_reconcile::state::{Segment, State, StateDocument, StateError};
use tokio::time::{Instant, sleep};

use self::lock::Taken;
use super::error::{LockError, StoreError};
use super::hold::{Hold, Holder, Loss, Probe};
use super::state_store::{Position, StateStore, Stored, parse_segment};
use crate::file::{
    create_private, create_private_folder, is_leftover, read_own, refuse_link, replace_private,
};

pub use self::lock::{FolderLock, LocalLock};

/// How often a lock that somebody holds is tried again.
const TRY_AGAIN: Duration = Duration::from_millis(50);

/// How often a state is read that changes meanwhile.
const READINGS: u32 = 5;

/// The longest document or segment, in bytes. An offer takes about a kibibyte, so this is a million of them, five times
/// the offers that are read of an account by default. Whatever is longer is something else.
const MAX_BYTES: u64 = 1024 * 1024 * 1024;

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
        FolderLock::at(&self.lock_path()).map_err(self.medium("read the lock of"))
    }

    fn try_lock(&self, holder: &Holder) -> Result<LocalLock, LockError> {
        self.refuse_links("lock")?;
        create_private_folder(&self.folder).map_err(self.medium("make the folder of"))?;
        match LocalLock::take(&self.lock_path(), holder) {
            Ok(Taken::Ours(lock)) => Ok(lock),
            Ok(Taken::Held(other)) => Err(LockError::Held(other)),
            Err(error) => Err(self.medium("lock")(error).into()),
        }
    }

    fn expect_held(&self, lock: &LocalLock) -> Result<(), StoreError> {
        match lock.hold() {
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
        lock.probe()
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
