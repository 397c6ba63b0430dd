//! What is to be done for one offer, before it is put into steps: [`Draft`].

use std::collections::BTreeSet;
use std::sync::Arc;

use offerctl_manifest::desired::Offer;
use offerctl_model::content::Content;
use offerctl_model::country::Country;
use offerctl_model::name::Name;

use super::change::Change;
use crate::diff::Difference;
use crate::state::{Record, Retiring};

/// What is to be done for one offer, before it is put into steps.
pub(super) struct Draft {
    pub(super) change: Change,
    pub(super) difference: Difference,
    /// What the offer says in the end; `None` if it goes.
    pub(super) content: Option<Arc<Content>>,
    pub(super) needs: BTreeSet<Name>,
    pub(super) record: Option<Record>,
    /// What the state says of an offer that is adopted, before it is changed.
    pub(super) bound: Option<Record>,
    pub(super) localized: bool,
    /// The country in which a new offer itself is sold, if it is localized over REST.
    pub(super) home: Option<Country>,
    /// The offers that this one replaces.
    pub(super) retiring: Vec<Retiring>,
}

pub(super) fn draft(
    change: Change,
    offer: &Offer,
    difference: Difference,
    record: Record,
) -> Draft {
    Draft {
        change,
        difference,
        content: Some(Arc::clone(&offer.content)),
        needs: offer.needs.clone(),
        record: Some(record),
        bound: None,
        localized: offer.content.is_localized(),
        home: None,
        retiring: Vec::new(),
    }
}
