//! Our marker on live offers: who made them, and under which name ([`Markers`]).
//!
//! Over REST an offer can carry texts of its publisher (`externalProperties`, docs/cleeng-api.md §5.3). One of them says the
//! project and the name, so that an offer is found again whatever became of the state, and a create whose answer was
//! lost is told from everything else.

use std::sync::Arc;

use offerctl_model::content::Content;
use offerctl_model::field::Field;
use offerctl_model::name::Name;
use offerctl_model::offer_type::Api;
use offerctl_model::value::Value;

use crate::project::{Environment, Project};

/// The key of the marker among an offer's external properties.
pub const MARKER_KEY: &str = "offerctl";

/// Sets the markers of an environment.
pub(super) struct Markers<'a> {
    project: Option<&'a str>,
}

impl<'a> Markers<'a> {
    pub(super) fn of(project: &'a Project, environment: &Environment) -> Self {
        let has_markers = environment.api == Api::Rest && environment.markers;
        Self {
            project: project.name.as_deref().filter(|_| has_markers),
        }
    }

    /// Lets an offer say its marker, as if the manifest did.
    pub(super) fn set(&self, name: &Name, content: &mut Arc<Content>) {
        if let Some(project) = self.project {
            let marker = Value::text(format!("{project}/{name}"));
            Arc::make_mut(content).fields.set(Field::Marker, marker);
        }
    }
}

/// The name that a marker says; `None` if it is of another project, or no marker of ours at all.
pub fn named_by(project: &str, marker: &str) -> Option<Name> {
    let name = marker.strip_prefix(project)?.strip_prefix('/')?;
    name.parse().ok()
}

/// The project that a marker names; `None` if it is no marker of any.
pub fn project_named_by(marker: &str) -> Option<&str> {
    let (project, name) = marker.rsplit_once('/')?;
    (!project.is_empty() && !name.is_empty()).then_some(project)
}

/// The project whose marker an offer of this name says.
pub(super) fn project_of<'c>(name: &Name, content: &'c Content) -> Option<&'c str> {
    let marker = content.fields.text(Field::Marker)?;
    marker.raw().strip_suffix(name.as_str())?.strip_suffix('/')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_marker_names_an_offer_of_its_project_only() {
        let name = |marker: &str| named_by("club-tv", marker).map(|name| name.to_string());
        assert_eq!(name("club-tv/news"), Some("news".to_owned()));
        for foreign in [
            "club/news",
            "club-tv-2/news",
            "club-tv",
            "club-tv/",
            "club-tv/News!",
        ] {
            assert_eq!(name(foreign), None, "{foreign}");
        }
    }
}
