//! Taking what was changed by hand into the manifests: [`accept`].
//!
//! Only texts are made here. The values that drifted are written at their places in the files, everything else stays
//! byte for byte; then the new files are read as the old ones were, and must say just what was meant: all that was
//! accepted is as it is live, and no other offer says anything else. What cannot be written so is refused, and then
//! nothing is accepted of any offer.

mod countries;
mod edit;
mod list;
mod page;
mod proof;
mod refusal;
mod situation;
mod target;
mod write;
mod writing;

use std::collections::{BTreeMap, BTreeSet};

use offerctl_manifest::desired::resolve;
use offerctl_manifest::diagnostic::did_you_mean;
use offerctl_manifest::manifest::Manifest;
use offerctl_manifest::source::{SourceFile, Sources};
use offerctl_manifest::span::{FileId, Span};
use offerctl_model::content::FieldPath;
use offerctl_model::money::Currency;
use offerctl_model::name::Name;
use offerctl_model::value::Value;

pub use self::refusal::{AcceptError, Refusal, UnknownName};
pub use self::situation::Situation;
use self::situation::place;
use self::writing::Writing;
use crate::drift::Drift;

/// Files that say what is live.
#[derive(Debug, Clone)]
pub struct Accepted {
    /// All files of the project, those that change with their new texts.
    pub sources: Sources,
    /// The files that change.
    pub changed: BTreeSet<FileId>,
    /// What was written.
    pub values: Vec<AcceptedValue>,
    /// What else there is to know.
    pub notes: Vec<String>,
}

/// A value that was written into a manifest.
#[derive(Debug, Clone, PartialEq)]
pub struct AcceptedValue {
    /// The offer.
    pub name: Name,
    /// The value.
    pub path: FieldPath,
    /// Where it stands now, in the new files.
    pub span: Span,
    /// What the manifest said before.
    pub before: Option<Value>,
    /// What it says now; `None` if the country is gone.
    pub after: Option<Value>,
    /// The currency, if the value is a price and the currency is known.
    pub currency: Option<Currency>,
}

/// Returns the files with what drifted of these offers written into them.
///
/// An offer without drift, or whose manifest says already what is live, adds nothing.
pub fn accept(situation: Situation<'_>, names: &BTreeSet<String>) -> Result<Accepted, AcceptError> {
    let drifts = drifts_of(situation, names)?;
    let (desired, _) = resolve(
        situation.manifests,
        situation.project,
        situation.environment,
    );
    let mut refusals = Vec::new();
    let mut writings = Vec::new();
    let mut notes = Vec::new();
    for drift in &drifts {
        match target::of_offer(situation, &desired, drift) {
            Ok(found) => {
                notes.extend(found.notes);
                writings.extend(found.writings);
            }
            Err(found) => refusals.extend(found),
        }
    }
    let mut files: BTreeMap<FileId, SourceFile> = BTreeMap::new();
    for writing in &writings {
        let Some(file) = situation.sources.file(writing.file) else {
            continue;
        };
        let source = files.get(&writing.file).unwrap_or(file);
        match write::write(source, &writing.target) {
            Ok(source) => {
                files.insert(writing.file, source);
            }
            Err(trouble) => refusals.push(writing.refused(
                format!("the value of `{}` {}", writing.path, trouble.words()),
                "write the live value by hand, as `offerctl drift` shows it",
            )),
        }
    }
    if !refusals.is_empty() {
        return Err(AcceptError::Refused(refusals));
    }
    let manifests = proof::read_anew(situation, &files)?;
    proof::prove(situation, &manifests, &writings)?;
    Ok(finish(situation, &manifests, writings, (files, notes)))
}

/// The drift of the offers with these names; those without any are left out.
fn drifts_of<'a>(
    situation: Situation<'a>,
    names: &BTreeSet<String>,
) -> Result<Vec<&'a Drift>, AcceptError> {
    let mut unknown = Vec::new();
    let mut drifts = Vec::new();
    let bound = &situation.state.bindings;
    for name in names {
        let found = situation
            .drift
            .iter()
            .filter(|drift| drift.name.as_str() == name);
        let before = drifts.len();
        drifts.extend(found);
        if drifts.len() == before && !bound.contains_key(name.as_str()) {
            let known = bound.keys().map(Name::as_str);
            unknown.push(UnknownName {
                name: name.clone(),
                meant: did_you_mean(name, known).map(str::to_owned),
            });
        }
    }
    if unknown.is_empty() {
        Ok(drifts)
    } else {
        Err(AcceptError::Unknown(unknown))
    }
}

fn finish(
    situation: Situation<'_>,
    manifests: &[Manifest],
    writings: Vec<Writing>,
    (mut files, notes): (BTreeMap<FileId, SourceFile>, Vec<String>),
) -> Accepted {
    files.retain(|id, file| {
        situation
            .sources
            .file(*id)
            .is_some_and(|before| before.text != file.text)
    });
    let changed = files.keys().copied().collect();
    let sources = situation.sources.files().iter();
    let sources = sources.map(|file| files.remove(&file.id).unwrap_or_else(|| file.clone()));
    let sources = Sources::new(sources.collect());
    let values = writings.into_iter().filter_map(|writing| {
        let manifest = manifests
            .iter()
            .find(|manifest| manifest.name == writing.target.name)?;
        Some(AcceptedValue {
            span: place(manifest, &situation.environment.name, writing.part()),
            name: writing.name,
            path: writing.path,
            before: writing.before,
            after: writing.after,
            currency: writing.currency,
        })
    });
    Accepted {
        values: values.collect(),
        sources,
        changed,
        notes,
    }
}
