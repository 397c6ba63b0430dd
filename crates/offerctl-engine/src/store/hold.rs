//! The hold of a lock: [`Hold`] and [`Holder`], and how they are found out: [`Probe`].

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use offerctl_model::foreign::escaped;
use serde::{Deserialize, Serialize};

/// Who holds a lock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Holder {
    /// The user and the command.
    pub who: String,
    /// The machine.
    pub host: String,
    /// The process.
    pub pid: u32,
    /// Since when, as RFC 3339.
    pub since: String,
    /// Until when the lock lasts if nobody renews it; `None` if the operating system lets go of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expiry: Option<String>,
}

#[cfg(test)]
impl Holder {
    pub(crate) fn of_test(who: &str) -> Self {
        Self {
            who: who.to_owned(),
            host: "here".to_owned(),
            pid: 7,
            since: "2026-01-01T00:00:00Z".to_owned(),
            expiry: None,
        }
    }
}

impl fmt::Display for Holder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { pid, .. } = self;
        let [who, host, since] = [&self.who, &self.host, &self.since].map(|word| escaped(word));
        write!(formatter, "{who} on {host} (process {pid}) since {since}")
    }
}

/// How a lock was lost.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Loss {
    /// Another run has it.
    #[error("was taken over by {0}")]
    TakenOver(Box<Holder>),
    /// It was broken open, and nobody has it.
    #[error("was taken away")]
    TakenAway,
    /// It is not there any more, or something else is in its place.
    #[error("was deleted or replaced")]
    Gone,
    /// It was not renewed for its whole time to live, so that another run may have it.
    #[error("could not be renewed for {} s", .0.as_secs_f64())]
    Expired(Duration),
}

/// How firm the hold of a lock is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hold {
    /// Nobody else can have it.
    Firm,
    /// It was not renewed for half its time to live, or the store does not say whose it is: another run may take it over
    /// soon. Nothing may be sent until it is firm again.
    Stale,
    /// Another run has it, or may have it. Nothing may be sent or written any more.
    Lost,
}

/// What is known of a hold, and how more is found out.
pub trait Watch: Send + Sync {
    /// How firm the hold is, as far as is known here.
    fn hold(&self) -> Hold;

    /// How firm the hold is, as the store says at this moment.
    fn confirm(&self) -> BoxFuture<'_, Hold>;

    /// Whether the last answer of the store still lets a request leave; for the moment before its first byte.
    fn lets_leave(&self) -> bool {
        self.hold() == Hold::Firm
    }

    /// How it was lost, if it was.
    fn loss(&self) -> Option<Loss>;
}

impl Watch for Hold {
    fn hold(&self) -> Hold {
        *self
    }

    fn confirm(&self) -> BoxFuture<'_, Hold> {
        Box::pin(std::future::ready(*self))
    }

    fn loss(&self) -> Option<Loss> {
        (*self == Self::Lost).then_some(Loss::Gone)
    }
}

/// Tells how firm the hold of a lock is.
#[derive(Clone)]
pub struct Probe(Arc<dyn Watch>);

impl Probe {
    /// Looks at a hold.
    pub fn new(watch: impl Watch + 'static) -> Self {
        Self(Arc::new(watch))
    }

    /// How firm the hold is, without asking the store: to decide what is worth preparing.
    pub fn hold(&self) -> Hold {
        self.0.hold()
    }

    /// How firm the hold is, as the store says at this moment: to be asked right before each request that writes, after
    /// every wait.
    pub async fn confirm(&self) -> Hold {
        self.0.confirm().await
    }

    /// Whether the last answer of the store still lets a request leave, without asking it again: to be asked in the moment
    /// before the request is written, since a connection may have taken its time, or this process slept.
    pub fn lets_leave(&self) -> bool {
        self.0.lets_leave()
    }

    /// How it was lost, if it was.
    pub fn loss(&self) -> Option<Loss> {
        self.0.loss()
    }
}

impl fmt::Debug for Probe {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.hold().fmt(formatter)
    }
}
