//! What comes of an import: [`Imported`], or an [`ImportError`].

use std::collections::{BTreeMap, BTreeSet};

use offerctl_model::field::Field;
use offerctl_model::foreign::Foreign;
use offerctl_model::name::{Name, OfferId};
use offerctl_model::offer_type::OfferType;

use crate::conflict::Conflict;
use crate::lookalike::Lookalikes;
use crate::state::Binding;

/// What an import writes.
#[derive(Debug, Clone, Default)]
pub struct Imported {
    /// The new files.
    pub files: Vec<ImportedFile>,
    /// The offers in them, by name.
    pub offers: BTreeMap<Name, ImportedOffer>,
    /// What the state has to learn: the new offers, and those of manifests that were there before.
    pub bindings: BTreeMap<Name, Binding>,
    /// The offers of manifests that were there before and are bound now; with `true`, if the plan changes them.
    pub adopted: BTreeMap<Name, bool>,
    /// Declared names that nothing live is like: a plan makes them.
    pub absent: BTreeSet<Name>,
    /// How many offers of manifests that were there before a plan changes.
    pub changes: usize,
    /// The offers that were not written.
    pub left: Vec<Left>,
    /// Offers of manifests that were there before, about which a person has to decide something.
    pub open: Vec<Conflict>,
    /// Fields that offers have and the API cannot set: they stay as they are.
    pub unsettable: BTreeMap<Name, BTreeSet<Field>>,
    /// Offers that look like copies of one another.
    pub lookalikes: Vec<Lookalikes>,
    /// How many offers cannot be bought and were left out.
    pub inactive: usize,
}

impl Imported {
    /// Whether any offer was left out although it is nobody else's.
    pub fn lacks_any(&self) -> bool {
        self.left.iter().any(|left| left.project.is_none())
    }

    /// Whether a plan after it has nothing to do and to ask.
    pub fn is_settled(&self) -> bool {
        self.changes == 0 && self.open.is_empty()
    }
}

/// A new file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportedFile {
    /// Its path, relative to the project file.
    pub path: String,
    /// What it says.
    pub text: String,
    /// How many offers it declares.
    pub offers: usize,
}

/// What became of a file of an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// It is new.
    New,
    /// It says this already.
    Unchanged,
    /// It would be new.
    Planned,
}

impl Written {
    /// The word in documents.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::New => "written",
            Self::Unchanged => "unchanged",
            Self::Planned => "planned",
        }
    }
}

/// An offer that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportedOffer {
    /// The live offer.
    pub id: OfferId,
    /// Its type.
    pub offer_type: OfferType,
    /// The path of its file.
    pub file: String,
    /// Whether it can be bought.
    pub active: bool,
}

/// An offer that was not written.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Left {
    /// The live offer.
    pub id: OfferId,
    /// Its type.
    pub offer_type: OfferType,
    /// Its title.
    pub title: Foreign,
    /// Why not.
    pub reasons: Vec<String>,
    /// The other project that manages it: nothing is wrong with the offer.
    pub project: Option<Foreign>,
}

/// The texts do not hold up, and nobody is told which offer it is about: a mistake of this program.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("this is a bug in offerctl: the manifests that were made do not hold up, {0}")]
pub struct ImportError(pub(super) String);
