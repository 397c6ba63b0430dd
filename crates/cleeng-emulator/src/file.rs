//! The catalogue in a file: [`Journal`].
//!
//! The file is a header line and then one JSON line for each version of an offer or of a group of seasons; the last version of
//! an id holds. Lines are appended and synced once for each HTTP request that changed something, before it is answered, so that whatever a
//! client was told outlives a kill. A kill in the middle of an append leaves a line without its end, which is dropped.
//!
//! Opening reads and does nothing else. Only the first write takes the lock (`FILE.lock`, held until the journal is
//! dropped), reads the file again if another process changed it in the meantime, and rewrites it without superseded
//! versions, by way of a temporary file and a rename.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use thiserror::Error;

use crate::account::Account;
use crate::offer::Offer;
use crate::season::{SeasonGroup, SeasonGroupVersion, SeasonGroups};

mod line;
mod season_line;

use line::{header_line, offer_line, read_header, read_offer};
use season_line::{is_season_group, read_season_group, season_group_line};

/// A data file that is being kept.
#[derive(Debug)]
pub(crate) struct Journal {
    path: PathBuf,
    state: State,
}

#[derive(Debug)]
enum State {
    /// Nothing was written yet.
    Read(Seen),
    /// Lines are being appended; the lock goes with the file.
    Open { file: File, _lock: File },
}

/// What the file looked like when it was read.
#[derive(Clone, Copy, Debug)]
struct Seen {
    /// `None` if there was no file.
    stamp: Option<Stamp>,
    /// Whether it has the current format and every line of it holds, so that it can be appended to as it is.
    is_tidy: bool,
}

/// By what a change of the file is noticed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp {
    length: u64,
    modified: Option<SystemTime>,
}

/// What a data file holds.
#[derive(Debug)]
pub(crate) struct Contents {
    /// The account of the header, which has no token; `None` if there is no file yet.
    pub(crate) account: Option<Account>,
    /// Every version of every offer, in the order in which they were written.
    pub(crate) offers: Vec<Offer>,
    /// Every version of every group of seasons, in the order in which they were written.
    pub(crate) season_groups: Vec<SeasonGroupVersion>,
}

/// All that a data file keeps.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Catalogue<'a> {
    pub(crate) account: &'a Account,
    pub(crate) offers: &'a [Offer],
    pub(crate) season_groups: &'a [SeasonGroup],
}

/// What one request changed.
#[derive(Debug, Default)]
pub(crate) struct Changes<'a> {
    pub(crate) offers: Vec<&'a Offer>,
    pub(crate) season_groups: Vec<SeasonGroupVersion>,
}

impl Changes<'_> {
    /// Whether nothing was changed.
    pub(crate) fn is_empty(&self) -> bool {
        self.offers.is_empty() && self.season_groups.is_empty()
    }

    fn lines(&self) -> String {
        let offers = self.offers.iter().map(|offer| offer_line(offer));
        let groups = self.season_groups.iter().map(season_group_line);
        offers.chain(groups).collect()
    }
}

/// The right to write, not used yet.
#[derive(Debug)]
pub(crate) struct Claim {
    lock: File,
    seen: Seen,
    /// What the file holds now, if that is no longer what was read from it.
    pub(crate) newer: Option<Contents>,
}

/// A data file could not be read or written.
#[derive(Debug, Error)]
#[error("data file `{}` is unusable", path.display())]
pub struct DataFileError {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it.
    #[source]
    pub kind: DataFileErrorKind,
}

/// What is wrong with a data file.
#[derive(Debug, Error)]
pub enum DataFileErrorKind {
    /// It could not be read.
    #[error("it cannot be read")]
    Read(#[source] io::Error),
    /// It could not be written.
    #[error("it cannot be written")]
    Write(#[source] io::Error),
    /// Another process writes to it.
    #[error("another process is writing to it")]
    InUse,
    /// It was written by a newer version of the emulator.
    #[error("line {line} has format version {found}, the newest known is {known}")]
    TooNew {
        /// The number of the line, counted from 1.
        line: usize,
        /// The version that it has.
        found: u64,
        /// The version that this emulator writes.
        known: u64,
    },
    /// A line is not what it should be.
    #[error("line {line} {reason}")]
    Garbage {
        /// The number of the line, counted from 1.
        line: usize,
        /// What is wrong with it, as a phrase.
        reason: String,
    },
}

impl Journal {
    /// Reads a data file, which need not exist.
    pub(crate) fn open(path: &Path) -> Result<(Self, Contents), DataFileError> {
        let (seen, contents) = read(path).map_err(|kind| fail(path, kind))?;
        let journal = Self {
            path: path.to_owned(),
            state: State::Read(seen),
        };
        Ok((journal, contents))
    }

    /// Whether it was begun.
    pub(crate) fn is_open(&self) -> bool {
        match self.state {
            State::Open { .. } => true,
            State::Read(_) => false,
        }
    }

    /// Takes the lock and looks whether the file is still what was read.
    pub(crate) fn claim(&self) -> Result<Claim, DataFileError> {
        let claim = || {
            if let Some(folder) = self.path.parent() {
                fs::create_dir_all(folder).map_err(DataFileErrorKind::Write)?;
            }
            let lock = lock(&self.path)?;
            let unchanged = match &self.state {
                State::Read(seen) if stamp(&self.path)? == seen.stamp => Some(*seen),
                State::Read(_) | State::Open { .. } => None,
            };
            let (seen, newer) = if let Some(seen) = unchanged {
                (seen, None)
            } else {
                let (seen, contents) = read(&self.path)?;
                (seen, Some(contents))
            };
            Ok(Claim { lock, seen, newer })
        };
        claim().map_err(|kind| fail(&self.path, kind))
    }

    /// Opens the file for appending, rewritten with just this catalogue unless every line of it holds.
    pub(crate) fn begin(
        &mut self,
        claim: Claim,
        catalogue: Catalogue<'_>,
    ) -> Result<(), DataFileError> {
        let open = || {
            if !claim.seen.is_tidy {
                rewrite(&self.path, catalogue)?;
            }
            OpenOptions::new().append(true).open(&self.path)
        };
        let file = open().map_err(|error| fail(&self.path, DataFileErrorKind::Write(error)))?;
        self.state = State::Open {
            file,
            _lock: claim.lock,
        };
        Ok(())
    }

    /// Appends these changes and waits until they are on the disk. The journal must have been begun.
    pub(crate) fn append(&mut self, changes: &Changes<'_>) -> Result<(), DataFileError> {
        let mut append = || match &mut self.state {
            State::Read(_) => Err(io::Error::other("it was not opened for writing")),
            State::Open { file, .. } => {
                file.write_all(changes.lines().as_bytes())?;
                file.sync_data()
            }
        };
        append().map_err(|error| fail(&self.path, DataFileErrorKind::Write(error)))
    }
}

#[cfg(test)]
impl Journal {
    /// Makes every later append fail, as a full disk would.
    pub(crate) fn break_appends(&mut self) {
        if let State::Open { file, .. } = &mut self.state {
            *file = File::open(&self.path).unwrap();
        }
    }
}

fn fail(path: &Path, kind: DataFileErrorKind) -> DataFileError {
    DataFileError {
        path: path.to_owned(),
        kind,
    }
}

fn read(path: &Path) -> Result<(Seen, Contents), DataFileErrorKind> {
    let stamp = stamp(path)?;
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(DataFileErrorKind::Read(error)),
    };
    let garbage = |line, reason| DataFileErrorKind::Garbage { line, reason };
    let mut contents = Contents {
        account: None,
        offers: Vec::new(),
        season_groups: Vec::new(),
    };
    if bytes.is_empty() {
        let seen = Seen {
            stamp,
            is_tidy: false,
        };
        return Ok((seen, contents));
    }
    // What follows the last end of a line is an append that a kill broke off, unless it is all there is: the header is
    // written in one piece, by a rename.
    let end = bytes.iter().rposition(|byte| *byte == b'\n').unwrap_or(0);
    let mut lines = bytes[..end].split(|byte| *byte == b'\n');
    let header =
        read_header(lines.next().unwrap_or_default()).map_err(|reason| garbage(1, reason))?;
    if header.version > line::VERSION {
        return Err(DataFileErrorKind::TooNew {
            line: 1,
            found: header.version,
            known: line::VERSION,
        });
    }
    let is_current = header.version == line::VERSION;
    contents.account = Some(header.account().map_err(|reason| garbage(1, reason))?);
    for (index, line) in lines.enumerate() {
        let read = if is_season_group(line) {
            read_season_group(line).map(|version| contents.season_groups.push(version))
        } else {
            read_offer(line).map(|offer| contents.offers.push(offer))
        };
        read.map_err(|reason| garbage(index + 2, reason))?;
    }
    let has_superseded = has_superseded(&contents);
    let seen = Seen {
        stamp,
        is_tidy: is_current && !has_superseded && end + 1 == bytes.len(),
    };
    Ok((seen, contents))
}

/// Whether there is a line that no longer holds.
fn has_superseded(contents: &Contents) -> bool {
    let mut ids: Vec<_> = contents.offers.iter().map(Offer::id).collect();
    ids.sort_unstable();
    let groups: SeasonGroups = contents.season_groups.iter().cloned().collect();
    ids.windows(2).any(|pair| pair[0] == pair[1])
        || groups.all().len() != contents.season_groups.len()
}

fn stamp(path: &Path) -> Result<Option<Stamp>, DataFileErrorKind> {
    match fs::metadata(path) {
        Ok(metadata) => Ok(Some(Stamp {
            length: metadata.len(),
            modified: metadata.modified().ok(),
        })),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(DataFileErrorKind::Read(error)),
    }
}

fn lock(path: &Path) -> Result<File, DataFileErrorKind> {
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(with_suffix(path, ".lock"))
        .map_err(DataFileErrorKind::Write)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(DataFileErrorKind::InUse),
        Err(TryLockError::Error(error)) => Err(DataFileErrorKind::Write(error)),
    }
}

fn rewrite(path: &Path, catalogue: Catalogue<'_>) -> io::Result<()> {
    let temporary = with_suffix(path, ".tmp");
    let mut file = File::create(&temporary)?;
    let mut lines = header_line(catalogue.account);
    lines.extend(catalogue.offers.iter().map(offer_line));
    let groups = catalogue.season_groups.iter().cloned();
    lines.extend(groups.map(|group| season_group_line(&SeasonGroupVersion::Put(group))));
    file.write_all(lines.as_bytes())?;
    file.sync_all()?;
    fs::rename(&temporary, path)?;
    sync_folder(path)
}

/// Waits until a rename is on the disk, where folders can be opened like files.
fn sync_folder(path: &Path) -> io::Result<()> {
    if cfg!(unix) {
        let folder = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new(".")))?.sync_all()?;
    }
    Ok(())
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    PathBuf::from(name)
}

#[cfg(test)]
mod tests;
