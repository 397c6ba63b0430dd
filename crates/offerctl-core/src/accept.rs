//! Taking what was changed by hand into the manifests: [`accept`].
//!
//! Only texts are made here. The values that drifted are written at their places in the files, everything else stays
//! byte for byte; then the new files are read as the old ones were, and must say just what was meant: all that was
//! accepted is as it is live, and no other offer says anything else. What cannot be written so is refused, and then
//! nothing is accepted of any offer.

mod edit;
mod list;
mod page;
mod proof;
mod target;
mod write;

use std::collections::{BTreeMap, BTreeSet};

use crate::content::FieldPath;
use crate::desired::resolve;
use crate::diagnostic::did_you_mean;
use crate::drift::{Drift, DriftKind, ways_out};
use crate::live::Live;
use crate::manifest::{Manifest, Part};
use crate::money::Currency;
use crate::name::Name;
use crate::project::{Environment, Project};
use crate::source::{FileId, SourceFile, Sources, Span};
use crate::state::State;
use crate::value::Value;

/// What there is to accept, and where.
#[derive(Debug, Clone, Copy)]
pub struct Situation<'a> {
    /// The files of the project.
    pub sources: &'a Sources,
    /// The offers in them, which must be valid for the environment.
    pub manifests: &'a [Manifest],
    /// The project.
    pub project: &'a Project,
    /// The environment that drifted.
    pub environment: &'a Environment,
    /// Its live catalogue.
    pub live: &'a Live,
    /// Its state.
    pub state: &'a State,
    /// What drifted, by [`drift`](crate::drift::drift).
    pub drift: &'a [Drift],
}

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
    /// What it says now.
    pub after: Value,
    /// The currency, if the value is a price and the currency is known.
    pub currency: Option<Currency>,
}

/// Why nothing was accepted.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum AcceptError {
    /// Names that nothing is bound to.
    #[error("there is no offer {}", .0.iter().map(|unknown| format!("`{}`", unknown.name)).collect::<Vec<_>>().join(", "))]
    Unknown(Vec<UnknownName>),
    /// What cannot be written, or should not be.
    #[error("{} cannot be accepted", crate::render::plural(.0.len(), "value"))]
    Refused(Vec<Refusal>),
    /// The new files do not say what was meant: a mistake of this program.
    #[error("this is a bug in offerctl: the new manifests do not hold up, {0}")]
    Unproven(String),
}

/// A name that nothing is bound to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownName {
    /// What was asked for.
    pub name: String,
    /// What was probably meant.
    pub meant: Option<String>,
}

/// Why a value is not accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The offer.
    pub name: Name,
    /// What is wrong.
    pub message: String,
    /// The way out.
    pub help: String,
    /// The place in the manifests, if the offer is declared.
    pub span: Option<Span>,
}

/// Why a value cannot be written where it belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trouble {
    /// It stands behind an alias.
    Alias,
    /// Aliases stand for it in other places.
    Shared,
    /// There are comments in the middle of it.
    Comments,
    /// It is laid out in a way that is not known.
    Layout,
}

impl Trouble {
    fn words(self) -> &'static str {
        match self {
            Self::Alias => "stands behind a YAML alias, and so elsewhere",
            Self::Shared => "has a YAML anchor, and other places would change with it",
            Self::Comments => "has comments in the middle, which would be lost",
            Self::Layout => "is laid out in a way that cannot be changed safely",
        }
    }
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

/// Why the drift of an offer as a whole is nothing that a manifest could say.
fn refuse_kind(situation: Situation<'_>, drift: &Drift) -> Option<(String, String)> {
    let words = match drift.kind {
        DriftKind::Changed if drift.moved_countries.is_empty() => return None,
        DriftKind::Changed => {
            let countries: Vec<String> = drift
                .moved_countries
                .iter()
                .map(ToString::to_string)
                .collect();
            format!(
                "its countries changed by hand ({}): a localization is neither made nor removed by itself",
                countries.join(", ")
            )
        }
        DriftKind::Deactivated => "it was deactivated by hand, which is no value".to_owned(),
        DriftKind::Missing => "the account does not list it any more".to_owned(),
        DriftKind::Revived => "it was deactivated here and is on sale again".to_owned(),
    };
    let ways: Vec<String> = ways_out(drift, situation.environment.api)
        .iter()
        .map(|way| format!("to {}: {}", way.purpose, way.action_for(drift)))
        .collect();
    Some((words, ways.join("; ")))
}

/// Where a value of a manifest stands.
fn part(path: FieldPath) -> Part {
    match (path.country, path.field) {
        (Some(country), crate::field::Field::Currency) => Part::LocalizationCurrency(country),
        _ => Part::Field(path),
    }
}

/// Where a value stands for an environment.
fn place(manifest: &Manifest, environment: &str, path: FieldPath) -> Span {
    let overridden = manifest.in_environment(environment);
    overridden
        .as_ref()
        .unwrap_or(manifest)
        .places
        .of(part(path))
}

fn finish(
    situation: Situation<'_>,
    manifests: &[Manifest],
    writings: Vec<target::Writing>,
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
            span: place(manifest, &situation.environment.name, writing.path),
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
