//! The versions that offers had when they were last looked at on purpose: [`Versions`].

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use cleeng_client::OfferId;
use cleeng_client::rest::Offer;

/// The versions of offers by id: as the plan saw them, or as our own writes left them.
///
/// What is read as evidence of something else is not learnt: a write must not follow a change that no plan saw. So a
/// look at what became of a write is only a look, and counts once it has shown that the write was done, and that
/// nobody else changed the offer since the plan saw it: then its version is the next one.
#[derive(Debug, Clone, Default)]
pub(super) struct Versions(Arc<Mutex<BTreeMap<String, Seen>>>);

/// What is known of the versions of an offer.
#[derive(Debug, Clone, Copy, Default)]
struct Seen {
    /// The version that writes are bound to.
    by_plan: Option<i64>,
    /// The version that was last looked at.
    by_look: Option<i64>,
}

impl Versions {
    /// Notes the version of an offer that a plan sees, or that a write of ours made, if the answer says it.
    pub(super) fn learn(&self, offer: &Offer) {
        self.learn_version(offer.id.stem(), offer.version.value().copied());
    }

    /// Notes the version of an offer that a plan sees in a list, if the list says it.
    pub(super) fn learn_version(&self, stem: &str, version: Option<i64>) {
        if let Some(version) = version {
            self.set(stem, version);
        }
    }

    fn set(&self, stem: &str, version: i64) {
        let (by_plan, by_look) = (Some(version), Some(version));
        let seen = Seen { by_plan, by_look };
        self.lock().insert(stem.to_owned(), seen);
    }

    /// Notes the version of an offer that was only looked at.
    pub(super) fn look(&self, offer: &Offer) {
        self.set_look(offer.id.stem(), offer.version.value().copied());
    }

    fn set_look(&self, stem: &str, version: Option<i64>) {
        let mut versions = self.lock();
        versions.entry(stem.to_owned()).or_default().by_look = version;
    }

    /// What was last looked at was made by a write of ours, and by nothing else.
    pub(super) fn confirm(&self, id: &OfferId) {
        let mut versions = self.lock();
        let Some(seen) = versions.get_mut(id.stem()) else {
            return;
        };
        let next = seen.by_plan.and_then(|version| version.checked_add(1));
        if next.is_some() && next == seen.by_look {
            seen.by_plan = next;
        }
    }

    /// The version of an offer that a write is bound to, if it is known.
    pub(super) fn of(&self, id: &OfferId) -> Option<i64> {
        self.lock().get(id.stem())?.by_plan
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Seen>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The version that writes are bound to after a plan saw version 3, a look showed another, and a write was found
    /// to be done or was not.
    fn bound(looked_at: i64, done: bool) -> Option<i64> {
        let versions = Versions::default();
        let id = OfferId::from("S100000001_US");
        versions.set(id.stem(), 3);
        versions.set_look(id.stem(), Some(looked_at));
        if done {
            versions.confirm(&id);
        }
        versions.of(&id)
    }

    #[test]
    fn a_look_alone_binds_no_write() {
        assert_eq!(bound(4, false), Some(3));
    }

    #[test]
    fn a_write_that_was_done_is_built_on_unless_somebody_else_changed_the_offer() {
        assert_eq!(bound(4, true), Some(4));
        assert_eq!(bound(3, true), Some(3));
        assert_eq!(bound(5, true), Some(3));
    }
}
