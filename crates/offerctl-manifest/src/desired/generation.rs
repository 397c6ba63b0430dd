//! What one environment unsays because its generation of the API has no place for it: [`take_out_unsaid`].

use std::sync::Arc;

use offerctl_model::content::Fields;
use offerctl_model::field::Field;
use offerctl_model::offer_type::Api;

use crate::manifest::Manifest;

/// Takes out the fields that an environment clears and its API does not have.
///
/// So `environments: {new: {videoId: null}}` lets one manifest serve both generations. Only what stands there for this
/// environment alone is unsaid: elsewhere a field that cannot be expressed is a mistake.
pub(super) fn take_out_unsaid(there: &mut Manifest, everywhere: &Manifest, api: Api) {
    let mut at_top = unsaid(&there.content.fields, &everywhere.content.fields);
    let is_localized = there.content.is_localized();
    at_top.retain(|field| !field.fits_top(api, there.offer_type, is_localized));
    if at_top.is_empty() {
        return;
    }
    let content = Arc::make_mut(&mut there.content);
    for field in at_top {
        content.fields.remove(field);
        if field == Field::EventAssociation {
            there.events.clear();
        }
    }
}

/// The fields that one side says and the other clears.
fn unsaid(there: &Fields, everywhere: &Fields) -> Vec<Field> {
    let cleared = there.iter().filter(|(_, value)| value.is_cleared());
    let is_said = |field: &Field| {
        let said = everywhere.get(*field);
        said.is_some_and(|value| !value.is_cleared())
    };
    cleared.map(|(field, _)| field).filter(is_said).collect()
}
