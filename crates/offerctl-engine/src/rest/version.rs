//! The versions that offers had when they were last looked at on purpose: [`Versions`].

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use cleeng_client::OfferId;
use cleeng_client::rest::Offer;

/// The versions of offers by id: as the plan saw them, or as our own writes left them.
///
/// What is read as evidence of something else is not learnt: a write must not follow a change that no plan saw.
#[derive(Debug, Clone, Default)]
pub(super) struct Versions(Arc<Mutex<BTreeMap<String, i64>>>);

impl Versions {
    /// Notes the version of an offer, if the answer says it.
    pub(super) fn learn(&self, offer: &Offer) {
        if let Some(version) = offer.version.value() {
            let mut versions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            versions.insert(offer.id.stem().to_owned(), *version);
        }
    }

    /// The version of an offer, if it is known.
    pub(super) fn of(&self, id: &OfferId) -> Option<i64> {
        let versions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        versions.get(id.stem()).copied()
    }
}
