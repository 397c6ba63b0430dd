//! What is imported, and into what: [`Request`].

use std::collections::BTreeSet;

use offerctl_manifest::manifest::Manifest;
use offerctl_manifest::project::{Environment, Project};

use crate::live::Live;
use crate::state::State;

/// What is imported, and into what.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The live catalogue, with the fields that [`wanted_for_import`](super::wanted_for_import) names.
    pub live: &'a Live,
    /// The state.
    pub state: &'a State,
    /// The project.
    pub project: &'a Project,
    /// The environment that is imported.
    pub environment: &'a Environment,
    /// The manifests that stay as they are: their offers are bound, and only what they do not declare is written.
    pub declared: &'a [Manifest],
    /// The other projects whose offers may be taken over.
    pub take_over_from: &'a BTreeSet<String>,
    /// Whether offers that cannot be bought are written as well.
    pub inactive: bool,
    /// The folder of the new files, relative to the project file.
    pub folder: &'a str,
    /// The paths of files that are there already: new ones get other names.
    pub taken: &'a BTreeSet<String>,
    /// The path of the schema of manifests, relative to that folder.
    pub schema: Option<&'a str>,
}
