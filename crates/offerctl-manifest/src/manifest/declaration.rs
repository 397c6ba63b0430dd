//! One offer as a file declares it: [`Manifest`], and what it says for some environments only: [`Overrides`].

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use offerctl_model::content::Content;
use offerctl_model::foreign::Foreign;
use offerctl_model::name::{Name, OfferId};
use offerctl_model::offer_type::OfferType;

use super::lifecycle::Lifecycle;
use super::places::{LiveId, Part, Places, Reference};
use crate::span::Span;

/// One offer, as a file declares it.
#[derive(Debug, Clone, PartialEq)]
pub struct Manifest {
    /// Its name.
    pub name: Name,
    /// Its type.
    pub offer_type: OfferType,
    /// What it says; texts may have variables in them.
    pub content: Arc<Content>,
    /// The offers that must be there before it.
    pub depends_on: Vec<Reference>,
    /// The events of the project that it names.
    pub events: Vec<Reference>,
    /// The environments that have it; all, if `None`.
    pub only: Option<BTreeSet<String>>,
    /// The live offer that it adopts, by environment.
    pub ids: BTreeMap<String, LiveId>,
    /// Its name before.
    pub moved_from: Option<Name>,
    /// What may happen to it.
    pub lifecycle: Lifecycle,
    /// What differs in some environments.
    pub overrides: Overrides,
    /// The file that declares it, relative to the project's folder.
    pub file: Arc<Foreign>,
    /// Where all of this stands.
    pub places: Arc<Places>,
}

impl Manifest {
    /// The ids of the live offers that it adopts, by environment.
    pub fn adopts(&self) -> BTreeMap<&str, &OfferId> {
        let ids = self.ids.iter();
        ids.map(|(name, found)| (name.as_str(), &found.id))
            .collect()
    }

    /// The manifest as it is for an environment that it says something else for; `None` if it does not.
    pub fn in_environment(&self, environment: &str) -> Option<Self> {
        let Override {
            content,
            events,
            lifecycle,
            places,
            span: _,
        } = self.overrides.get(environment)?;
        Some(Self {
            name: self.name.clone(),
            offer_type: self.offer_type,
            content: Arc::clone(content),
            depends_on: self.depends_on.clone(),
            events: events.clone(),
            only: self.only.clone(),
            ids: self.ids.clone(),
            moved_from: self.moved_from.clone(),
            lifecycle: lifecycle.clone(),
            overrides: Overrides::default(),
            file: Arc::clone(&self.file),
            places: Arc::clone(places),
        })
    }

    /// Whether the part stands in what the manifest says for this environment only.
    pub fn is_overridden(&self, environment: &str, part: Part) -> bool {
        let found = self.overrides.get(environment);
        let there = found.and_then(|found| found.places.get(part));
        there.is_some() && there != self.places.get(part)
    }
}

/// What differs in some environments, by their names. Nothing at all takes no memory.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Overrides(Option<Arc<BTreeMap<String, Override>>>);

/// What an offer says in one environment: its own entries, those of the offer, and those of `defaults`.
#[derive(Debug, Clone, PartialEq)]
pub struct Override {
    /// What it says there; texts may have variables in them.
    pub content: Arc<Content>,
    /// The events of the project that it names there.
    pub events: Vec<Reference>,
    /// What may happen to it there.
    pub lifecycle: Lifecycle,
    /// Where all of this stands.
    pub places: Arc<Places>,
    /// Where the name of the environment stands.
    pub span: Span,
}

impl Overrides {
    pub(super) fn new(all: BTreeMap<String, Override>) -> Self {
        Self(Some(Arc::new(all)))
    }

    /// All of them, by environment.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Override)> {
        let all = self.0.iter().flat_map(|all| all.iter());
        all.map(|(name, found)| (name.as_str(), found))
    }

    /// Whether the offer is the same everywhere.
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// What differs in an environment.
    pub fn get(&self, environment: &str) -> Option<&Override> {
        self.0.as_ref()?.get(environment)
    }
}
