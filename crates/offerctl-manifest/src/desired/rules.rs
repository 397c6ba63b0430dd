//! What a price without `rules` says of them: [`none_if_unsaid`].

use std::sync::Arc;

use offerctl_model::content::Content;
use offerctl_model::field::Field;
use offerctl_model::offer_type::{Api, OfferType};
use offerctl_model::value::Value;

/// Lets a declared price without `rules` say that there are none, where the API has such rules: a price that was put on
/// sale in the dashboard is drift, and taking the rules out of a manifest ends the sale.
pub(super) fn none_if_unsaid(content: &mut Arc<Content>, api: Api, offer_type: OfferType) {
    let fields = &content.fields;
    let is_unsaid = fields.get(Field::Price).is_some() && fields.get(Field::PriceRules).is_none();
    if is_unsaid
        && Field::PriceRules.exists_in(api, offer_type)
        && let Some(none) = Value::cleared(Field::PriceRules.kind())
    {
        Arc::make_mut(content).fields.set(Field::PriceRules, none);
    }
}
