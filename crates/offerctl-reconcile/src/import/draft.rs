//! An offer on its way from the account into a file: [`Draft`].

use std::collections::BTreeSet;

use offerctl_model::content::Content;
use offerctl_model::field::Field;
use offerctl_model::foreign::Foreign;
use offerctl_model::name::{Name, OfferId};
use offerctl_model::offer_type::OfferType;
use offerctl_model::value::{EventRef, Value};

/// An offer on its way from the account into a file.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    pub(super) id: OfferId,
    pub(super) offer_type: OfferType,
    pub(super) title: Foreign,
    pub(super) active: bool,
    pub(super) content: Content,
    pub(super) name: Name,
    pub(super) unsettable: BTreeSet<Field>,
    /// Whether it could not be found again by what it says.
    pub(super) by_id: bool,
}

/// Says the events of an offer in other words.
pub(super) fn map_events(content: &mut Content, words: impl Fn(&EventRef) -> EventRef) {
    if let Some(Value::Events(events)) = content.fields.get(Field::EventAssociation) {
        let value = Value::events(events.iter().map(words));
        content.fields.set(Field::EventAssociation, value);
    }
}
