//! Objects below a prefix, read with patience and written on conditions: [`Objects`].

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use futures_util::TryStreamExt;
use futures_util::future::BoxFuture;
use object_store::path::Path;
use object_store::{
    Error as CloudError, ObjectStore, ObjectStoreExt, PutMode, PutPayload, UpdateVersion,
};
use tokio::time::{Instant, sleep, timeout};

use super::clock::ServerClock;
use super::failure::{Failure, Meaning, Secrets};
use super::name::CLOCK;
use crate::random::fraction;
use crate::store::error::StoreError;

/// How often a request is tried.
const ATTEMPTS: u32 = 5;

/// The wait before the second attempt; it doubles from then on.
const FIRST_WAIT: Duration = Duration::from_millis(100);

/// How long one request may take, its answer included: the objects are small.
const TIMEOUT: Duration = Duration::from_secs(20);

/// How far the clocks of a store may be apart: their times are whole seconds.
const CLOCK_SLACK: Duration = Duration::from_secs(2);

/// Objects below a prefix.
#[derive(Debug, Clone)]
pub(super) struct Objects {
    pub(super) store: Arc<dyn ObjectStore>,
    pub(super) prefix: Path,
    /// The place in words.
    pub(super) place: String,
    pub(super) secrets: Secrets,
    pub(super) clock: ServerClock,
}

/// An object as it was read.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub(super) bytes: Vec<u8>,
    pub(super) version: UpdateVersion,
    /// When it was written, by the clock of the store.
    pub(super) modified: SystemTime,
}

/// What must hold for a put to take effect.
#[derive(Debug, Clone)]
pub(super) enum Condition {
    /// There is no such object.
    Absent,
    /// The object is as it was then.
    Unchanged(UpdateVersion),
}

impl Condition {
    /// That an object is as it was found, if it was.
    pub(super) fn as_found(found: Option<&Found>) -> Self {
        found.map_or(Self::Absent, |found| Self::Unchanged(found.version.clone()))
    }

    fn mode(&self) -> PutMode {
        match self {
            Self::Absent => PutMode::Create,
            Self::Unchanged(version) => PutMode::Update(version.clone()),
        }
    }

    /// Whether it still holds.
    fn holds(&self, found: Option<&Found>) -> bool {
        match (self, found) {
            (Self::Absent, None) => true,
            (Self::Unchanged(version), Some(found)) => found.version == *version,
            (Self::Absent, Some(_)) | (Self::Unchanged(_), None) => false,
        }
    }
}

/// What became of a put.
#[derive(Debug)]
pub(super) enum Put {
    /// The object is there, in this version.
    Done(UpdateVersion),
    /// The condition does not hold: this is there.
    Refused(Option<Found>),
}

/// Whether something may be written still.
pub(super) trait Leave: Sync {
    /// Fails if it may not.
    fn ask(&self) -> BoxFuture<'_, Result<(), StoreError>>;
}

/// Leave to write whatever has happened.
pub(super) struct Always;

impl Leave for Always {
    fn ask(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(std::future::ready(Ok(())))
    }
}

impl Objects {
    fn path(&self, name: &str) -> Path {
        self.prefix
            .parts()
            .chain(Path::from(name).parts())
            .map(|part| part.as_ref().to_owned())
            .collect()
    }

    pub(super) fn medium(&self, action: &'static str, failure: Failure) -> StoreError {
        StoreError::Medium {
            action,
            place: self.place.clone(),
            source: Box::new(failure),
        }
    }

    /// One request, in time.
    async fn once<T>(
        &self,
        request: impl Future<Output = Result<T, CloudError>>,
    ) -> Result<Result<T, CloudError>, Failure> {
        timeout(TIMEOUT, request).await.map_err(|_| Failure::slow())
    }

    /// Reads an object; `None` if there is none.
    pub(super) async fn get(&self, name: &str) -> Result<Option<Found>, StoreError> {
        let path = &self.path(name);
        let read = || async move {
            let got = match self.store.get(path).await {
                Err(CloudError::NotFound { .. }) => return Ok(None),
                got => got?,
            };
            let meta = got.meta.clone();
            Ok(Some(Found {
                bytes: got.bytes().await?.to_vec(),
                version: UpdateVersion {
                    e_tag: meta.e_tag,
                    version: meta.version,
                },
                modified: meta.last_modified.into(),
            }))
        };
        self.patiently("read", read).await
    }

    /// The names directly below a folder, sorted.
    pub(super) async fn list(&self, folder: &str) -> Result<Vec<String>, StoreError> {
        let path = &self.path(folder);
        let read = || async move {
            let listed: Vec<_> = self.store.list(Some(path)).try_collect().await?;
            let names = listed.iter().filter_map(|meta| {
                let mut parts = meta.location.prefix_match(path)?;
                // What lies deeper is somebody else's.
                let name = parts.next()?.as_ref().to_owned();
                parts.next().is_none().then_some(name)
            });
            let mut names: Vec<String> = names.collect();
            names.sort();
            Ok(names)
        };
        self.patiently("read", read).await
    }

    /// Whether the store has one clock: the `Last-Modified` of what is just written is the `Date` of the answer that shows it.
    pub(super) async fn clocks_agree(&self) -> bool {
        let began = Instant::now();
        let path = self.path(CLOCK);
        let payload = PutPayload::from_static(b"{}");
        let put = self.once(self.store.put(&path, payload)).await;
        let Ok(Ok(_)) = put else {
            return false;
        };
        let Ok(Some(found)) = self.get(CLOCK).await else {
            return false;
        };
        let Some(now) = self.clock.now() else {
            return false;
        };
        let later = now.duration_since(found.modified);
        let apart = later.unwrap_or_else(|earlier| earlier.duration());
        let agree = apart <= began.elapsed() + CLOCK_SLACK;
        if !agree {
            tracing::debug!(?apart, "the store has two clocks");
        }
        agree
    }

    /// Deletes objects, as far as that works: they are passed over anyway.
    pub(super) async fn delete(&self, names: &[String]) {
        for name in names {
            let path = self.path(name);
            let deleted = self.once(self.store.delete(&path)).await;
            if !matches!(deleted, Ok(Ok(()) | Err(CloudError::NotFound { .. }))) {
                tracing::debug!("an old segment could not be deleted");
            }
        }
    }

    /// Repeats what changes nothing.
    async fn patiently<T, F: Future<Output = Result<T, CloudError>> + Send>(
        &self,
        action: &'static str,
        request: impl Fn() -> F + Send,
    ) -> Result<T, StoreError> {
        let mut attempt = 0;
        loop {
            attempt += 1;
            let failure = match self.once(request()).await {
                Ok(Ok(done)) => return Ok(done),
                Ok(Err(error)) => Failure::new(&error, &self.secrets),
                Err(failure) => failure,
            };
            if failure.meaning != Meaning::Unknown || attempt == ATTEMPTS {
                return Err(self.medium(action, failure));
            }
            tracing::debug!(%failure, "the store failed, trying again");
            pause(attempt).await;
        }
    }

    /// Writes an object on a condition, and finds out what became of it where the answer does not tell.
    ///
    /// Any answer but a plain yes is read back: what lies there may be this very write, whose answer was lost and
    /// whose repetition was refused. For that `bytes` must be such that nobody else writes the same with another
    /// meaning. A condition lets a write take effect at most once, so that it can be repeated without harm.
    pub(super) async fn put(
        &self,
        name: &str,
        bytes: &[u8],
        condition: &Condition,
    ) -> Result<Put, StoreError> {
        self.put_while(name, bytes, condition, &Always).await
    }

    /// The same, with leave that is asked for before each further attempt: what could be written a minute ago may be the wrong
    /// thing now.
    pub(super) async fn put_while(
        &self,
        name: &str,
        bytes: &[u8],
        condition: &Condition,
        leave: &dyn Leave,
    ) -> Result<Put, StoreError> {
        let mut attempt = 0;
        loop {
            attempt += 1;
            if attempt > 1 {
                leave.ask().await?;
            }
            let failure = match self.put_once(name, bytes, condition).await {
                Ok(version) if version.e_tag.is_some() || version.version.is_some() => {
                    return Ok(Put::Done(version));
                }
                // A store that does not name the version is asked for it.
                Ok(_) => Failure::slow(),
                Err(failure) if failure.meaning == Meaning::Refused => {
                    return Err(self.medium("write", failure));
                }
                Err(failure) => failure,
            };
            // Reading it back is patient by itself.
            let found = self.get(name).await?;
            if let Some(found) = found.as_ref().filter(|found| found.bytes == bytes) {
                return Ok(Put::Done(found.version.clone()));
            }
            if !condition.holds(found.as_ref()) {
                return Ok(Put::Refused(found));
            }
            // It has not taken effect, and may still.
            if attempt == ATTEMPTS {
                return Err(self.medium("write", failure));
            }
            pause(attempt).await;
        }
    }

    /// Writes an object on a condition, once.
    pub(super) async fn put_once(
        &self,
        name: &str,
        bytes: &[u8],
        condition: &Condition,
    ) -> Result<UpdateVersion, Failure> {
        let path = self.path(name);
        let payload = PutPayload::from(bytes.to_vec());
        let put = self.store.put_opts(&path, payload, condition.mode().into());
        match self.once(put).await? {
            Ok(done) => Ok(done.into()),
            Err(error) => Err(Failure::new(&error, &self.secrets)),
        }
    }
}

/// Waits before another attempt.
pub(super) async fn pause(attempt: u32) {
    sleep((FIRST_WAIT * 2_u32.pow(attempt - 1)).mul_f64(0.5 + fraction())).await;
}
