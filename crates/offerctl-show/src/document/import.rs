//! What an import wrote, and what a rebuilt state knows, as documents.

use offerctl_model::foreign::Foreign;
use offerctl_model::name::{Name, OfferId};
use offerctl_model::offer_type::OfferType;
use offerctl_reconcile::conflict::Conflict;
use offerctl_reconcile::headline::Headline;
use offerctl_reconcile::import::{Imported, Written};
use offerctl_reconcile::lookalike::Lookalikes;
use offerctl_reconcile::rebuild::Rebuilt;
use serde::Serialize;

use super::version::FORMAT_VERSION;

/// What `offerctl import --format json` prints.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ImportDocument {
    /// The version of this format: 1.
    pub format_version: u32,
    /// The environment.
    pub environment: String,
    /// The e-mail address of the account, as its offers show it.
    pub account: Option<Foreign>,
    /// The files, with what became of them: `written`, `unchanged` or `planned`.
    pub files: Vec<FileDocument>,
    /// The offers in them.
    pub offers: Vec<OfferDocument>,
    /// The offers of manifests that were there before and are bound now.
    pub adopted: Vec<AdoptedOffer>,
    /// Declared names that nothing live is like: a plan makes them.
    pub absent: Vec<Name>,
    /// Offers of manifests that were there before, about which a person has to decide something.
    pub open: Vec<OpenName>,
    /// The offers that were not written, with the reasons.
    pub left: Vec<LeftDocument>,
    /// Offers that look like copies of one another.
    pub lookalikes: Vec<Lookalikes>,
    /// How many offers cannot be bought and were left out.
    pub inactive: usize,
}

/// A file of an import.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FileDocument {
    /// Its path, relative to the project file.
    pub path: String,
    /// What became of it.
    pub outcome: &'static str,
}

/// An offer that was imported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OfferDocument {
    /// Its name.
    pub name: Name,
    /// Its type.
    #[serde(rename = "type")]
    pub offer_type: OfferType,
    /// The live offer.
    pub id: OfferId,
    /// Its file.
    pub file: String,
    /// Whether it can be bought.
    pub active: bool,
}

/// A declared offer that is bound now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AdoptedOffer {
    /// Its name.
    pub name: Name,
    /// The live offer.
    pub id: OfferId,
    /// Whether it is not as the manifest says.
    pub differs: bool,
}

/// An offer that was not imported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LeftDocument {
    /// The live offer.
    pub id: OfferId,
    /// Its type.
    #[serde(rename = "type")]
    pub offer_type: OfferType,
    /// Its title.
    pub title: Foreign,
    /// Why not.
    pub reasons: Vec<String>,
}

impl ImportDocument {
    /// Returns the document of an import.
    pub fn new(imported: &Imported, files: &[(&str, Written)], headline: &Headline) -> Self {
        let files = files.iter().map(|(path, written)| FileDocument {
            path: (*path).to_owned(),
            outcome: written.as_str(),
        });
        let offers = imported.offers.iter().map(|(name, offer)| OfferDocument {
            name: name.clone(),
            offer_type: offer.offer_type,
            id: offer.id.clone(),
            file: offer.file.clone(),
            active: offer.active,
        });
        let adopted = imported.adopted.iter().filter_map(|(name, differs)| {
            Some(AdoptedOffer {
                name: name.clone(),
                id: imported.bindings.get(name)?.id.clone(),
                differs: *differs,
            })
        });
        let left = imported.left.iter().map(|left| LeftDocument {
            id: left.id.clone(),
            offer_type: left.offer_type,
            title: left.title.clone(),
            reasons: left.reasons.clone(),
        });
        Self {
            format_version: FORMAT_VERSION,
            environment: headline.environment.clone(),
            account: headline.account.clone(),
            files: files.collect(),
            offers: offers.collect(),
            adopted: adopted.collect(),
            absent: imported.absent.iter().cloned().collect(),
            open: open_names(&imported.open),
            left: left.collect(),
            lookalikes: imported.lookalikes.clone(),
            inactive: imported.inactive,
        }
    }
}

/// What `offerctl state rebuild --format json` prints.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RebuiltDocument {
    /// The version of this format: 1.
    pub format_version: u32,
    /// The environment.
    pub environment: String,
    /// Names that were bound before.
    pub known: Vec<KnownOffer>,
    /// Names whose offers were found.
    pub found: Vec<FoundOffer>,
    /// What a person has to decide.
    pub open: Vec<OpenName>,
    /// Declared names that nothing live is like.
    pub absent: Vec<Name>,
}

/// A name that was bound before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KnownOffer {
    /// The name.
    pub name: Name,
    /// The live offer.
    pub id: OfferId,
    /// Whether the account lists it.
    pub listed: bool,
}

/// A name whose offer was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FoundOffer {
    /// The name.
    pub name: Name,
    /// The live offer.
    pub id: OfferId,
    /// By what it was found.
    pub evidence: offerctl_reconcile::matching::Rule,
    /// Whether it is not as the manifest says.
    pub differs: bool,
}

/// A name that a person has to decide about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OpenName {
    /// The name.
    pub name: Name,
    /// The kind.
    pub code: &'static str,
    /// What there is to decide.
    pub message: String,
    /// The way out.
    pub help: String,
}

fn open_names(conflicts: &[Conflict]) -> Vec<OpenName> {
    let open = conflicts.iter().map(|conflict| OpenName {
        name: conflict.name.clone(),
        code: conflict.code.as_str(),
        message: conflict.message.clone(),
        help: conflict.help.clone(),
    });
    open.collect()
}

impl RebuiltDocument {
    /// Returns the document of a rebuilt state.
    pub fn new(rebuilt: &Rebuilt, headline: &Headline) -> Self {
        let known = rebuilt.known.iter().map(|(name, known)| KnownOffer {
            name: name.clone(),
            id: known.id.clone(),
            listed: known.is_listed,
        });
        let found = rebuilt.found.iter().map(|(name, found)| FoundOffer {
            name: name.clone(),
            id: found.binding.id.clone(),
            evidence: found.rule,
            differs: found.differs,
        });
        Self {
            format_version: FORMAT_VERSION,
            environment: headline.environment.clone(),
            known: known.collect(),
            found: found.collect(),
            open: open_names(&rebuilt.open),
            absent: rebuilt.absent.keys().cloned().collect(),
        }
    }
}
