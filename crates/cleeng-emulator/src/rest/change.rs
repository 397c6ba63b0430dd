//! What a request wants to say about an offer or a localization: [`Change`].

use std::collections::BTreeMap;

use crate::field::{Field, FieldValue, Fields};
use crate::kind::Kind;
use crate::offer::Offer;
use crate::rest::geo::Geo;
use crate::rest::term::{
    Entitlement, billing_cycle, entitlement, set_billing_cycle, set_entitlement,
};
use crate::rest::trial::Trial;
use crate::span::Span;

/// What is to be set; what is not in it stays.
///
/// Some members of this generation are several fields of the store. Those are only written if what REST shows of them
/// would change, so that a request that changes nothing to be seen changes nothing at all.
#[derive(Clone, Debug, Default)]
pub(crate) struct Change {
    /// Fields to set, or to empty where the value is `None`.
    fields: BTreeMap<Field, Option<FieldValue>>,
    pub(crate) geo: Wish<Geo>,
    pub(crate) trial: Wish<Trial>,
    pub(crate) entitlement: Option<Entitlement>,
    pub(crate) billing_cycle: Option<Span>,
}

/// What is wanted of something that an offer can have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Wish<T> {
    /// It stays as it is.
    #[default]
    Keep,
    /// It is to be this, or nothing.
    Be(Option<T>),
}

/// The fields that each localization has for itself, beside its geo restriction and trial (docs/cleeng-api.md §5.3).
const OWN: [Field; 5] = [
    Field::Title,
    Field::Description,
    Field::Price,
    Field::PriceRules,
    Field::TaxIncluded,
];

impl Change {
    /// Sets a field.
    pub(crate) fn set(&mut self, field: Field, value: impl Into<FieldValue>) {
        self.fields.insert(field, Some(value.into()));
    }

    /// Sets a field, or empties it.
    pub(crate) fn set_or_clear(&mut self, field: Field, value: Option<impl Into<FieldValue>>) {
        self.fields.insert(field, value.map(Into::into));
    }

    /// Returns the text that a field is to have.
    pub(crate) fn text(&self, field: Field) -> Option<&str> {
        self.fields.get(&field)?.as_ref()?.as_text()
    }

    /// Makes the change in one row.
    pub(crate) fn apply(&self, row: &mut Offer) {
        let kind = row.kind();
        let mut fields = row.fields().clone();
        self.apply_to(kind, &mut fields);
        row.set_fields(fields);
    }

    fn apply_to(&self, kind: Kind, fields: &mut Fields) {
        let Self {
            fields: plain,
            geo,
            trial,
            entitlement: term,
            billing_cycle: cycle,
        } = self;
        for (field, value) in plain {
            match value {
                Some(value) => drop(fields.insert(*field, value.clone())),
                None => drop(fields.remove(field)),
            }
        }
        if let Wish::Be(geo) = geo
            && *geo != Geo::of(fields)
        {
            Geo::set(fields, geo.clone());
        }
        if let Wish::Be(trial) = trial
            && *trial != Trial::of(fields)
        {
            Trial::set(fields, *trial);
        }
        if let Some(term) = term
            && Some(*term) != entitlement(kind, fields)
        {
            set_entitlement(kind, fields, *term);
        }
        if let Some(cycle) = cycle
            && Some(*cycle) != billing_cycle(fields)
        {
            set_billing_cycle(fields, *cycle);
        }
    }

    /// Returns the part that every localization follows: what is new in it for this row, and is not a localization's own.
    ///
    /// JSON-RPC can give each localization a url, a period and tags of its own, REST cannot. They last until the offer's
    /// own value moves.
    pub(crate) fn shared(&self, base: &Offer) -> Self {
        let fields = self
            .fields
            .iter()
            .filter(|(field, value)| !OWN.contains(field) && base.get(**field) != value.as_ref())
            .map(|(field, value)| (*field, value.clone()))
            .collect();
        let before = base.fields();
        Self {
            fields,
            geo: Wish::Keep,
            trial: Wish::Keep,
            entitlement: self
                .entitlement
                .filter(|term| Some(*term) != entitlement(base.kind(), before)),
            billing_cycle: self
                .billing_cycle
                .filter(|cycle| Some(*cycle) != billing_cycle(before)),
        }
    }
}
