//! What people write about offers: [`Manifest`], read from a file by [`read`].
//!
//! A manifest is read once and holds for every environment: variables are still in its texts, and what an API
//! generation cannot express is not yet known. [`Desired`](crate::desired::Desired) is made of manifests for one environment.

mod defaults;
mod environments;
mod file;
mod lifecycle;
mod offer;
pub(crate) mod value;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

pub use self::environments::{Override, Overrides};
pub use self::file::{ManifestFile, read};
pub use self::lifecycle::{
    Date, DateError, EVERY_OTHER_COUNTRY, Lifecycle, OnImmutableChange, PriceChange,
    RemoveCountries,
};
use crate::content::{Content, FieldPath};
use crate::country::Country;
use crate::name::{Name, OfferId};
use crate::offer_type::OfferType;
use crate::source::{FileId, Span};

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
    /// Where all of this stands.
    pub places: Arc<Places>,
}

impl Manifest {
    /// The ids of the live offers that it adopts, by environment.
    pub(crate) fn adopts(&self) -> BTreeMap<&str, &OfferId> {
        let ids = self.ids.iter();
        ids.map(|(name, found)| (name.as_str(), &found.id))
            .collect()
    }
}

/// The name of another offer, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// The offer that is named.
    pub name: Name,
    /// Where.
    pub span: Span,
}

/// The id of a live offer, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveId {
    /// The id.
    pub id: OfferId,
    /// Where.
    pub span: Span,
}

/// A part of a manifest that a diagnostic can point to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// The name of the offer.
    Name,
    /// Its type.
    Type,
    /// The value of a field.
    Field(FieldPath),
    /// The country of a localization.
    Localization(Country),
    /// The currency of a localization.
    LocalizationCurrency(Country),
    /// `dependsOn`.
    DependsOn,
    /// `only`.
    Only,
    /// `ids`.
    Ids,
    /// `movedFrom`.
    MovedFrom,
    /// `lifecycle`.
    Lifecycle,
}

/// The place of every part of a manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places {
    file: FileId,
    /// Sorted by part; start and length in bytes.
    parts: Vec<(Part, u32, u32)>,
}

impl Places {
    /// Returns a list without any place in it.
    pub fn new(file: FileId) -> Self {
        Self {
            file,
            parts: Vec::new(),
        }
    }

    /// Returns a list without any place in it, but with room for some.
    pub(crate) fn with_capacity(file: FileId, parts: usize) -> Self {
        Self {
            file,
            parts: Vec::with_capacity(parts),
        }
    }

    /// Notes a place; the last one counts.
    pub(crate) fn set(&mut self, part: Part, span: Span) {
        let entry = (part, span.start, span.length);
        match self
            .parts
            .binary_search_by_key(&part, |(found, _, _)| *found)
        {
            Ok(index) => self.parts[index] = entry,
            Err(index) => self.parts.insert(index, entry),
        }
    }

    /// The place of a part, or of the name of the offer if the part is not there.
    pub fn of(&self, part: Part) -> Span {
        let find = |part: Part| {
            let index = self
                .parts
                .binary_search_by_key(&part, |(found, _, _)| *found)
                .ok()?;
            let (_, start, length) = self.parts[index];
            Some(Span {
                file: self.file,
                start,
                length,
            })
        };
        find(part).or_else(|| find(Part::Name)).unwrap_or(Span {
            file: self.file,
            start: 0,
            length: 0,
        })
    }

    /// Whether the part was written.
    pub fn has(&self, part: Part) -> bool {
        self.parts
            .binary_search_by_key(&part, |(found, _, _)| *found)
            .is_ok()
    }

    /// Forgets a place.
    pub(crate) fn remove(&mut self, part: Part) {
        let found = self
            .parts
            .binary_search_by_key(&part, |(found, _, _)| *found);
        if let Ok(index) = found {
            self.parts.remove(index);
        }
    }

    /// The place of a part, if it was written.
    pub(crate) fn get(&self, part: Part) -> Option<Span> {
        self.has(part).then(|| self.of(part))
    }

    /// Every part that was written.
    pub(crate) fn parts(&self) -> impl Iterator<Item = Part> {
        self.parts.iter().map(|(part, _, _)| *part)
    }

    /// All places of another manifest that this one has not, as the values of `defaults` have theirs.
    pub(crate) fn fill_from(&mut self, other: &Self, part: Part) {
        if !self.has(part) && other.has(part) {
            self.set(part, other.of(part));
        }
    }

    pub(crate) fn shrink(&mut self) {
        self.parts.shrink_to_fit();
    }
}
