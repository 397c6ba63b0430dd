//! Whether a lock can be had: [`Lookout`].

use std::time::Duration;

use object_store::UpdateVersion;
use tokio::time::Instant;

use super::document::{LockDocument, foreign};
use crate::store::bucket::objects::{Found, Objects};
use crate::store::error::StoreError;
use crate::store::hold::Holder;

/// What is added to a time to live before a lock is stale: the store's times are whole seconds.
const SLACK: Duration = Duration::from_secs(1);

/// Whether a lock can be had.
pub(super) enum Look {
    Free {
        /// The last epoch.
        last: u64,
    },
    Held(Holder),
    /// It was broken open a moment ago; this long requests of its former holder may still be under way.
    Quiet(Duration),
}

/// What is seen of a lock that one waits for.
pub(super) struct Lookout<'a> {
    objects: &'a Objects,
    /// The version that was seen last, and since when.
    seen: Option<(UpdateVersion, Instant)>,
    /// Whether the store has one clock, once that was found out.
    has_one_clock: Option<bool>,
    is_quiet_said: bool,
}

impl<'a> Lookout<'a> {
    pub(super) fn new(objects: &'a Objects) -> Self {
        Self {
            objects,
            seen: None,
            has_one_clock: None,
            is_quiet_said: false,
        }
    }

    pub(super) async fn look(&mut self, found: Option<&Found>) -> Result<Look, StoreError> {
        let Some(found) = found else {
            return Ok(Look::Free { last: 0 });
        };
        let document = LockDocument::parse(found).map_err(|why| foreign(self.objects, why))?;
        let last = document.epoch.number;
        if document.holder.is_none() && !document.broken_open {
            return Ok(Look::Free { last });
        }
        let enough = match &document.holder {
            Some(_) => document.ttl(),
            None => document.quiet_after(),
        };
        let age = self.age(found, enough).await;
        match document.holder {
            Some(holder) if age < enough => Ok(Look::Held(holder)),
            Some(holder) => {
                tracing::warn!("taking over the lock of {holder}, who has not renewed it");
                Ok(Look::Free { last })
            }
            None if age < enough => {
                let left = enough.saturating_sub(age);
                if !std::mem::replace(&mut self.is_quiet_said, true) {
                    let seconds = left.as_secs_f64().ceil();
                    tracing::warn!(
                        "the lock was taken away from its holder: waiting {seconds} s until the last requests of that holder must have ended"
                    );
                }
                Ok(Look::Quiet(left))
            }
            None => Ok(Look::Free { last }),
        }
    }

    /// How long ago an object was written; not longer than is certain.
    async fn age(&mut self, found: &Found, enough: Duration) -> Duration {
        let since = match &self.seen {
            Some((version, since)) if *version == found.version => *since,
            _ => self.seen.insert((found.version.clone(), Instant::now())).1,
        };
        let by_stopwatch = since.elapsed();
        let now = self.objects.clock.now();
        let by_store = now.and_then(|now| now.duration_since(found.modified).ok());
        let by_store = by_store.unwrap_or_default().saturating_sub(SLACK);
        if by_stopwatch >= enough || by_store < enough {
            return by_stopwatch;
        }
        let has_one_clock = match self.has_one_clock {
            Some(known) => known,
            None => self.objects.clocks_agree().await,
        };
        self.has_one_clock = Some(has_one_clock);
        if has_one_clock {
            by_store
        } else {
            by_stopwatch
        }
    }
}
