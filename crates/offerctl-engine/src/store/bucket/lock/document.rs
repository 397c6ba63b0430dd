//! What the lock object says: [`LockDocument`].

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use offerctl_model::value::Moment;
use serde::{Deserialize, Serialize};

use crate::random::random_hex;
use crate::store::bucket::name::LOCK;
use crate::store::bucket::objects::{Found, Objects};
use crate::store::error::StoreError;
use crate::store::hold::{Holder, Loss};

/// The version of the format of the object.
const LOCK_VERSION: u32 = 1;

/// The longest time to live that is believed.
const MAX_TTL: Duration = Duration::from_hours(1);

/// What the object says.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct LockDocument {
    format_version: u32,
    pub(super) epoch: Epoch,
    /// Nobody holds the lock if there is none.
    pub(super) holder: Option<Holder>,
    /// Whether it was broken open: what its former holder sent may be under way.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) broken_open: bool,
    ttl_seconds: f64,
    /// How long a request of the holder takes at most; `None` in what earlier programs wrote.
    #[serde(default)]
    request_seconds: Option<f64>,
    /// When it was last written, by the clock of the holder; for people.
    pub(super) heartbeat: String,
    /// Tells this write from every other, so that it is known again.
    write: String,
}

/// Which time of holding this is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Epoch {
    pub(super) number: u64,
    pub(super) id: String,
}

impl LockDocument {
    /// The first write of an epoch.
    pub(super) fn new(holder: Holder, number: u64, times: Times) -> Self {
        let mut document = Self {
            format_version: LOCK_VERSION,
            epoch: Epoch {
                number,
                id: random_hex::<8>(),
            },
            holder: Some(holder),
            broken_open: false,
            ttl_seconds: times.to_live.as_secs_f64(),
            request_seconds: Some(times.request.as_secs_f64()),
            heartbeat: String::new(),
            write: String::new(),
        };
        document.renew();
        document
    }

    /// The next write of the same epoch.
    pub(super) fn renew(&mut self) {
        let now = SystemTime::now();
        self.heartbeat = moment(now);
        self.write = random_hex::<8>();
        let expiry = moment(now + Duration::from_secs_f64(self.ttl_seconds));
        if let Some(holder) = &mut self.holder {
            holder.expiry = Some(expiry);
        }
    }

    /// The next epoch, of which nobody is the holder, and which begins by force.
    pub(super) fn taken_away(self) -> Self {
        let mut free = self;
        free.epoch = Epoch {
            number: free.epoch.number + 1,
            id: random_hex::<8>(),
        };
        free.holder = None;
        free.broken_open = true;
        free.renew();
        free
    }

    pub(super) fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec_pretty(self).unwrap_or_default()
    }

    /// What an object says; in words, why it is no lock.
    pub(super) fn parse(found: &Found) -> Result<Self, &'static str> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Version {
            format_version: u64,
        }
        let version = serde_json::from_slice(&found.bytes);
        let version: Version = version.map_err(|_| "something else wrote it")?;
        if version.format_version > LOCK_VERSION.into() {
            return Err("a newer offerctl wrote it");
        }
        serde_json::from_slice(&found.bytes).map_err(|_| "something else wrote it")
    }

    pub(super) fn ttl(&self) -> Duration {
        Duration::try_from_secs_f64(self.ttl_seconds).map_or(MAX_TTL, |ttl| ttl.min(MAX_TTL))
    }

    /// How long after it was broken open requests of its former holder may be under way.
    pub(super) fn quiet_after(&self) -> Duration {
        let ttl = self.ttl();
        let request = self.request_seconds.map(Duration::try_from_secs_f64);
        let request = request.and_then(Result::ok).unwrap_or(ttl / 2).min(MAX_TTL);
        valid_for(ttl) + request
    }
}

/// How long a lock lives without renewal, and a request of its holder at most.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Times {
    pub(crate) to_live: Duration,
    pub(crate) request: Duration,
}

/// How long after it was asked for an answer of the store lets something be sent.
pub(super) fn valid_for(ttl: Duration) -> Duration {
    ttl / 8
}

fn moment(time: SystemTime) -> String {
    let seconds = time
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs());
    let seconds = i64::try_from(seconds).unwrap_or_default();
    Moment::from_unix(seconds)
        .unwrap_or(Moment::EPOCH)
        .to_string()
}

/// An error for an object in the place of the lock that is none.
pub(super) fn foreign(objects: &Objects, why: &'static str) -> StoreError {
    StoreError::ForeignLock {
        place: objects.place.clone(),
        name: LOCK,
        why,
    }
}

impl Loss {
    /// What an object in the place of our lock says.
    pub(super) fn of(found: Option<&Found>) -> Self {
        let document = found.and_then(|found| LockDocument::parse(found).ok());
        match document {
            None => Self::Gone,
            Some(document) => document
                .holder
                .map_or(Self::TakenAway, |holder| Self::TakenOver(Box::new(holder))),
        }
    }
}
