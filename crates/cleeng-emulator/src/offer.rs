//! One stored offer, or one localization of it: [`Offer`].
//!
//! It is neutral between the generations of the API: how a field is read from a request and shown in an answer is the
//! matter of a generation's own modules.

use std::collections::BTreeMap;

use crate::code::Currency;
use crate::field::{Field, FieldValue, Fields};
use crate::id::OfferId;
use crate::kind::Kind;

/// One row of the catalogue: a plain offer, or one localization of a multi-currency offer.
///
/// What REST shows as one offer is all rows with the same stem: one that the offer's own price stands in, and one for
/// each localization.
///
/// An offer built by hand is not checked against any rule, since data put in by hand is what a dashboard or an older
/// version of the service may have left behind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    id: OfferId,
    kind: Kind,
    active: bool,
    localized: bool,
    currency: Currency,
    created_at: i64,
    updated_at: i64,
    version: u32,
    fields: Fields,
}

impl Offer {
    /// Returns an active, plain offer in US dollars without any field, created at 0.
    pub fn new(id: OfferId, kind: Kind) -> Self {
        Self {
            id,
            kind,
            active: true,
            localized: false,
            currency: Currency::us_dollar(),
            created_at: 0,
            updated_at: 0,
            version: 1,
            fields: Fields::new(),
        }
    }

    /// Returns the offer with that field set.
    #[must_use]
    pub fn with(mut self, field: Field, value: impl Into<FieldValue>) -> Self {
        self.set(field, value);
        self
    }

    /// Returns the offer in another currency.
    #[must_use]
    pub fn in_currency(mut self, currency: Currency) -> Self {
        self.currency = currency;
        self
    }

    /// Returns the offer as created and last updated at that unix second.
    #[must_use]
    pub fn made_at(mut self, seconds: i64) -> Self {
        self.created_at = seconds;
        self.updated_at = seconds;
        self
    }

    /// Returns the offer as last updated at that unix second.
    #[must_use]
    pub fn touched_at(mut self, seconds: i64) -> Self {
        self.updated_at = seconds;
        self
    }

    /// Returns the offer as inactive.
    #[must_use]
    pub fn inactive(mut self) -> Self {
        self.active = false;
        self
    }

    /// Returns the offer as one localization of a multi-currency offer (docs/cleeng-api.md §4).
    #[must_use]
    pub fn localized(mut self) -> Self {
        self.localized = true;
        self
    }

    /// Returns the offer in that version. A store numbers what it takes by itself.
    pub(crate) fn in_version(mut self, version: u32) -> Self {
        self.version = version;
        self
    }

    /// Returns the id.
    pub fn id(&self) -> &OfferId {
        &self.id
    }

    /// Returns the type.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Whether it can be bought.
    pub fn is_active(&self) -> bool {
        self.active
    }

    /// Whether it is one localization of a multi-currency offer.
    pub fn is_localized(&self) -> bool {
        self.localized
    }

    /// Returns the currency of the price.
    pub fn currency(&self) -> &Currency {
        &self.currency
    }

    /// Returns the time of creation in unix seconds.
    pub fn created_at(&self) -> i64 {
        self.created_at
    }

    /// Returns the time of the last change in unix seconds.
    pub fn updated_at(&self) -> i64 {
        self.updated_at
    }

    /// Returns the number of the version, counted from 1. A new version of one row of an offer has a higher number than
    /// any row of it had before (docs/cleeng-api.md §5.3).
    pub fn version(&self) -> u32 {
        self.version
    }

    /// Returns what the offer says in that field, if it says anything.
    pub fn get(&self, field: Field) -> Option<&FieldValue> {
        self.fields.get(&field)
    }

    /// Returns the text in that field; `None` if it is empty or not a text.
    pub fn text(&self, field: Field) -> Option<&str> {
        self.get(field)?.as_text()
    }

    /// Returns all fields that say something.
    pub fn fields(&self) -> &BTreeMap<Field, FieldValue> {
        &self.fields
    }

    /// Sets a field.
    pub fn set(&mut self, field: Field, value: impl Into<FieldValue>) {
        self.fields.insert(field, value.into());
    }

    /// Empties a field.
    pub fn clear(&mut self, field: Field) {
        self.fields.remove(&field);
    }

    /// Makes the offer active or inactive. No JSON-RPC method can make it active again; REST and a dashboard can.
    pub fn set_active(&mut self, active: bool) {
        self.active = active;
    }

    /// Changes the currency, which no method of the API can do.
    pub fn set_currency(&mut self, currency: Currency) {
        self.currency = currency;
    }

    /// Sets the time of the last change in unix seconds.
    pub fn set_updated_at(&mut self, seconds: i64) {
        self.updated_at = seconds;
    }

    /// Makes the row one of the localizations of its offer, or the one that they belong to.
    pub(crate) fn set_localized(&mut self, localized: bool) {
        self.localized = localized;
    }

    /// Replaces all fields.
    pub(crate) fn set_fields(&mut self, fields: Fields) {
        self.fields = fields;
    }
}
