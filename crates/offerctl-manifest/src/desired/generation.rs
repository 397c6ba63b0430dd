//! What is unsaid because a generation of the API has no place for it: [`without_unsaid`].

use std::sync::Arc;

use offerctl_model::content::FieldPath;
use offerctl_model::field::Field;
use offerctl_model::offer_type::Api;

use crate::manifest::null::{Null, null};
use crate::manifest::{Manifest, Part};

/// Returns the manifest without the fields that are `null` and that the API does not have; `None` if it has no such fields.
pub(super) fn without_unsaid(manifest: &Manifest, api: Api) -> Option<Manifest> {
    let mut unsaid = nulls(manifest).filter(|path| says(*path, manifest, api) == Null::SaysNothing);
    let first = unsaid.next()?;
    let mut without = manifest.clone();
    let content = Arc::make_mut(&mut without.content);
    for FieldPath { country, field } in std::iter::once(first).chain(unsaid) {
        match country {
            None => drop(content.fields.remove(field)),
            Some(country) => {
                let rows = content.localizations.as_mut();
                if let Some(row) = rows.and_then(|rows| rows.get_mut(&country)) {
                    row.fields.remove(field);
                }
            }
        }
        if field == Field::EventAssociation {
            without.events.clear();
        }
    }
    Some(without)
}

/// The fields of a manifest that are `null`.
pub(super) fn nulls(manifest: &Manifest) -> impl Iterator<Item = FieldPath> {
    manifest.places.nulls().filter_map(|part| match part {
        Part::Field(path) => Some(path),
        Part::Name
        | Part::Type
        | Part::Localization(_)
        | Part::LocalizationCurrency(_)
        | Part::DependsOn
        | Part::Only
        | Part::Ids
        | Part::MovedFrom
        | Part::Lifecycle
        | Part::DistinctFrom => None,
    })
}

/// What `null` says there.
pub(super) fn says(path: FieldPath, manifest: &Manifest, api: Api) -> Null {
    let is_localized = manifest.content.is_localized();
    null(path, (api, manifest.offer_type), is_localized)
}
