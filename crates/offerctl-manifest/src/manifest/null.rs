//! What `null` says of a field: [`null`].
//!
//! A generation of the API that does not have the field of that type at all is told nothing: so
//! `environments: {new: {videoId: null}}` lets one manifest serve both. One that has it clears it, if it can be cleared.

use offerctl_model::content::FieldPath;
use offerctl_model::field::Field;
use offerctl_model::offer_type::{Api, OfferType};
use offerctl_model::value::Value;

/// What `null` says of a field in one generation of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Null {
    /// The field holds nothing.
    Clears,
    /// Nothing, since there is no such field.
    SaysNothing,
    /// What cannot be: an offer always has a value for it.
    NeverEmpty,
    /// What cannot be said here: the field has one value for all countries.
    NotPerCountry,
}

/// Returns what `null` at a place of an offer says.
pub(crate) fn null(path: FieldPath, (api, offer_type): (Api, OfferType), localized: bool) -> Null {
    let field = path.field;
    let is_here = match path.country {
        Some(_) => field.is_localizable(api, offer_type),
        None => field.fits_top(api, offer_type, localized),
    };
    if is_here && cleared(field).is_some() {
        Null::Clears
    } else if is_here {
        Null::NeverEmpty
    } else if path.country.is_some() && is_known(field, api, offer_type) {
        // What stands at the top holds there, and the line would be taken for the opposite.
        Null::NotPerCountry
    } else {
        Null::SaysNothing
    }
}

/// The value of a field that holds nothing; `None` if it always has to hold something.
pub(crate) fn cleared(field: Field) -> Option<Value> {
    Value::cleared(field.kind()).filter(|_| !field.is_essential())
}

/// Whether no generation knows what to make of `null`, so that it is a mistake wherever the offer is.
pub(crate) fn is_never_possible(path: FieldPath, offer_type: OfferType) -> bool {
    let mut apis = Api::ALL.into_iter();
    cleared(path.field).is_none() && apis.all(|api| is_known(path.field, api, offer_type))
}

fn is_known(field: Field, api: Api, offer_type: OfferType) -> bool {
    field.exists_in(api, offer_type) || field.fits_localized_offer(api, offer_type)
}
