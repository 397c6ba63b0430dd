//! Where the parts of a manifest stand: [`Places`].

use offerctl_model::content::FieldPath;
use offerctl_model::country::Country;
use offerctl_model::name::{Name, OfferId};

use crate::span::{FileId, Span};

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
    /// `lifecycle.distinctFrom`.
    DistinctFrom,
}

/// The place of every part of a manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places {
    file: FileId,
    /// Sorted by part; start and length in bytes, the length with [`NULL`] if the part is `null`.
    parts: Vec<(Part, u32, u32)>,
}

/// Marks the length of a part that is `null`. No file is so long that it would be needed for a length.
const NULL: u32 = 1 << 31;

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
        self.put((part, span.start, span.length));
    }

    /// Notes the place of a part that is `null`.
    pub(crate) fn set_null(&mut self, part: Part, span: Span) {
        self.put((part, span.start, span.length | NULL));
    }

    fn put(&mut self, entry: (Part, u32, u32)) {
        let part = entry.0;
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
            let (_, start, length) = self.entry(part)?;
            Some(Span {
                file: self.file,
                start,
                length: length & !NULL,
            })
        };
        find(part).or_else(|| find(Part::Name)).unwrap_or(Span {
            file: self.file,
            start: 0,
            length: 0,
        })
    }

    fn entry(&self, part: Part) -> Option<(Part, u32, u32)> {
        let found = self
            .parts
            .binary_search_by_key(&part, |(found, _, _)| *found);
        found.ok().map(|index| self.parts[index])
    }

    /// Whether the part was written.
    pub fn has(&self, part: Part) -> bool {
        self.entry(part).is_some()
    }

    /// Whether the part was written, and is `null`.
    pub fn is_null(&self, part: Part) -> bool {
        let found = self.entry(part);
        found.is_some_and(|(_, _, length)| length & NULL != 0)
    }

    /// Every part that is `null`.
    pub fn nulls(&self) -> impl Iterator<Item = Part> {
        let nulls = self
            .parts
            .iter()
            .filter(|(_, _, length)| length & NULL != 0);
        nulls.map(|(part, _, _)| *part)
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
        if !self.has(part) {
            self.copy_from(other, part);
        }
    }

    /// Notes the place that another manifest has for a part, if it has one.
    pub(crate) fn copy_from(&mut self, other: &Self, part: Part) {
        if let Some(entry) = other.entry(part) {
            self.put(entry);
        }
    }

    pub(crate) fn shrink(&mut self) {
        self.parts.shrink_to_fit();
    }
}
