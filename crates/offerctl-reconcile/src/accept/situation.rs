//! What there is to accept, and where: [`Situation`].

use offerctl_manifest::manifest::{Manifest, Part};
use offerctl_manifest::project::{Environment, Project};
use offerctl_manifest::source::Sources;
use offerctl_manifest::span::Span;
use offerctl_model::content::FieldPath;
use offerctl_model::field::Field;

use crate::drift::Drift;
use crate::live::Live;
use crate::state::State;

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

/// Where a value of a manifest stands.
pub(super) fn part(path: FieldPath) -> Part {
    match (path.country, path.field) {
        (Some(country), Field::Currency) => Part::LocalizationCurrency(country),
        _ => Part::Field(path),
    }
}

/// Where a part stands for an environment.
pub(super) fn place(manifest: &Manifest, environment: &str, part: Part) -> Span {
    let overridden = manifest.in_environment(environment);
    overridden.as_ref().unwrap_or(manifest).places.of(part)
}
