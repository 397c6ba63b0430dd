//! Matching under way: [`Matcher`], with what the rules have found so far.

use std::collections::{BTreeMap, BTreeSet};

use offerctl_manifest::desired::{Desired, Offer, named_by, project_named_by};
use offerctl_manifest::manifest::Part;
use offerctl_model::name::{Name, OfferId};
use offerctl_model::offer_type::{Api, OfferType};

use super::pair::{Match, Matching, Rule};
use crate::approval::adoption;
use crate::conflict::{Conflict, ConflictCode};
use crate::live::{Live, LiveOffer};
use crate::state::{Binding, State};

/// Matches rule by rule.
pub(super) struct Matcher<'a, 'l> {
    pub(super) desired: &'a Desired,
    pub(super) live: &'l Live,
    pub(super) state: &'a State,
    /// Bindings by the names that they have now.
    pub(super) bindings: BTreeMap<&'a Name, &'a Binding>,
    /// Declared names that no rule has found or blocked so far; empty until the bindings are gone through.
    pub(super) open: BTreeMap<&'a Name, &'a Offer>,
    /// Names that are found, but as another type than the one that is declared.
    pub(super) retyped: Vec<(&'a Name, &'a Offer)>,
    /// Live offers that belong to nobody, so that a name may claim them, by stem.
    pub(super) free: BTreeMap<&'l str, &'l LiveOffer>,
    pub(super) matching: Matching<'l>,
}

impl<'a, 'l> Matcher<'a, 'l> {
    pub(super) fn new(desired: &'a Desired, live: &'l Live, state: &'a State) -> Self {
        let taken = state.bindings.values().flat_map(|binding| {
            let retiring = binding.retiring.iter().map(|retiring| &retiring.id);
            std::iter::once(&binding.id).chain(retiring)
        });
        let taken: BTreeSet<&str> = taken.map(OfferId::stem).collect();
        let offers = live.offers().map(|offer| (offer.id.stem(), offer));
        Self {
            desired,
            live,
            state,
            bindings: state.bindings.iter().collect(),
            open: BTreeMap::new(),
            retyped: Vec::new(),
            free: offers.filter(|(stem, _)| !taken.contains(stem)).collect(),
            matching: Matching::default(),
        }
    }

    pub(super) fn conflict(
        &mut self,
        name: &Name,
        code: ConflictCode,
        (message, help): (String, String),
        ids: &[&OfferId],
    ) {
        let span = self.desired.get(name).map(|offer| offer.place(Part::Name));
        let ids = ids.iter().map(|id| (*id).clone()).collect();
        self.matching.conflicts.push(Conflict {
            name: name.clone(),
            code,
            message,
            help,
            ids,
            span,
        });
        if self.desired.get(name).is_some() && !self.matching.matches.contains_key(name) {
            self.matching.blocked.insert(name.clone());
            self.open.remove(name);
        }
    }

    pub(super) fn adopt(
        &mut self,
        name: &Name,
        offer: &'l LiveOffer,
        offer_type: OfferType,
        rule: Rule,
    ) {
        self.free.remove(offer.id.stem());
        self.open.remove(name);
        self.matching.matches.insert(
            name.clone(),
            Match {
                live: offer,
                offer_type,
                rule,
            },
        );
    }

    pub(super) fn open(&self) -> Vec<(&'a Name, &'a Offer)> {
        let open = self.open.iter();
        open.map(|(name, offer)| (*name, *offer)).collect()
    }

    /// The generation of the API.
    pub(super) fn api(&self) -> Api {
        self.desired.api()
    }

    /// Whether an approval of the manifests lets a name adopt a live offer that this changes (rule 5).
    pub(super) fn may_adopt(&self, name: &Name) -> bool {
        adoption(self.desired, self.state, name).is_some()
    }

    /// Whether a name may be looked for among live offers like this one: it belongs to nobody, and is not declared to be
    /// another.
    pub(super) fn is_candidate(&self, declared: &Offer, offer: &LiveOffer) -> bool {
        self.is_free(offer) && !declared.lifecycle.is_distinct_from(&offer.id)
    }

    /// Whether a live offer belongs to nobody, so that a name may claim it.
    pub(super) fn is_free(&self, offer: &LiveOffer) -> bool {
        self.free.contains_key(offer.id.stem())
    }

    /// Whether an inactive offer is one that we deactivated or gave up ourselves.
    pub(super) fn is_buried(&self, offer: &LiveOffer) -> bool {
        self.state.tombstones.contains_key(&offer.id.to_stem())
    }

    /// The name of this project that a live offer carries.
    pub(super) fn marked_name(&self, offer: &LiveOffer) -> Option<Name> {
        let project = self.desired.project.as_deref()?;
        named_by(project, offer.marker()?)
    }

    /// Whether a live offer carries the marker of another project that keeps it, or of another offer of this one.
    pub(super) fn is_marked_otherwise(&self, offer: &LiveOffer, name: &Name) -> bool {
        let Some(marker) = offer.marker().filter(|marker| !marker.is_empty()) else {
            return false;
        };
        match project_named_by(marker) {
            Some(named) if self.desired.project.as_deref() != Some(named) => {
                !self.desired.take_over_from.contains(named)
            }
            // What is no marker of any project may be the rest of one of ours.
            Some(_) | None => {
                self.desired.project.is_some() && self.marked_name(offer).as_ref() != Some(name)
            }
        }
    }

    pub(super) fn finish(mut self) -> Matching<'l> {
        let unmanaged = self.free.values().filter(|offer| offer.is_active());
        self.matching.unmanaged = unmanaged.map(|offer| offer.id.clone()).collect();
        self.matching.conflicts.sort();
        self.matching
    }
}
