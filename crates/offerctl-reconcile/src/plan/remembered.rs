//! What former applies left in the state about an offer: [`Remembered`], and what this apply will leave ([`record`]).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use offerctl_manifest::desired::Offer;
use offerctl_model::content::{Content, FieldPath, Fields};
use offerctl_model::country::Country;

use crate::diff::{Comparison, Difference, Undo};
use crate::state::{Binding, Leftover, Record, Retiring, Sent, Tombstone};

/// What former applies left in the state about an offer.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Remembered<'a> {
    /// What was last applied.
    pub(super) applied: Option<&'a Content>,
    sent: Option<&'a Sent>,
    leftovers: &'a [Leftover],
}

impl<'a> Remembered<'a> {
    pub(super) fn of_binding(binding: &'a Binding) -> Self {
        Self {
            applied: binding.applied.as_ref(),
            sent: binding.sent.as_ref(),
            leftovers: &binding.leftovers,
        }
    }

    /// What an offer said when we took it out of the shop.
    pub(super) fn of_tombstone(tombstone: &'a Tombstone) -> Self {
        tombstone
            .last
            .as_deref()
            .map_or_else(Self::default, |last| Self {
                applied: Some(&last.applied),
                sent: last.sent.as_ref(),
                leftovers: &last.leftovers,
            })
    }

    /// What the state says of an offer that is bound, before anything of it is changed.
    pub(super) fn record(self, offer: &Offer) -> Record {
        Record {
            protect: offer.lifecycle.protects(),
            needs: offer.needs.clone(),
            applied: self.applied.cloned().map(Arc::new),
            sent: self.sent.cloned(),
            leftovers: self.leftovers.to_vec(),
            retiring: Vec::new(),
        }
    }

    pub(super) fn undo(self, offer: &'a Offer) -> Undo<'a> {
        Undo {
            sent: self.sent,
            leftovers: self.leftovers,
            ignore: Some(&offer.lifecycle.ignore),
        }
    }
}

/// What the state says of an offer that was created.
pub(super) fn record_of_new(offer: &Offer, retiring: Vec<Retiring>, sent: Sent) -> Record {
    Record {
        sent: Some(sent),
        ..record(offer, retiring)
    }
}

/// What the state says of an offer whose every value was only found.
pub(crate) fn record(offer: &Offer, retiring: Vec<Retiring>) -> Record {
    Record {
        protect: offer.lifecycle.protects(),
        needs: offer.needs.clone(),
        applied: Some(compared(offer)),
        sent: None,
        leftovers: Vec::new(),
        retiring,
    }
}

/// What the state says of an offer after these differences were sent.
pub(super) fn record_of_update(
    (offer, retiring): (&Offer, Vec<Retiring>),
    comparison: Comparison<'_>,
    difference: &Difference,
) -> Record {
    let applied = compared(offer);
    let is_as_before = difference.is_empty() && comparison.applied == Some(&*applied);
    let (sent, leftovers) = if is_as_before && comparison.undo.leftovers.is_empty() {
        (comparison.undo.sent.cloned(), Vec::new())
    } else {
        let all = places(&applied, comparison);
        let sent = all.iter().copied().filter(|path| {
            difference.sent.contains(path) || stays_sent(comparison, &applied, *path)
        });
        let sent = Sent::some(comparison.api, &sent.collect(), &all);
        (sent, leftovers(comparison))
    };
    Record {
        protect: offer.lifecycle.protects(),
        needs: offer.needs.clone(),
        applied: Some(applied),
        sent,
        leftovers,
        retiring,
    }
}

/// What an offer says, without the fields that are left alone after its creation.
fn compared(offer: &Offer) -> Arc<Content> {
    let ignore = &offer.lifecycle.ignore;
    if ignore.is_empty() {
        return Arc::clone(&offer.content);
    }
    let kept = |fields: &Fields| -> Fields {
        let kept = fields.iter().filter(|(field, _)| !ignore.contains(field));
        kept.map(|(field, value)| (field, value.clone())).collect()
    };
    let mut content = Content {
        fields: kept(&offer.content.fields),
        localizations: offer.content.localizations.clone(),
    };
    for (_, row) in content.localizations.iter_mut().flatten() {
        row.fields = kept(&row.fields);
    }
    Arc::new(content)
}

/// Where the values of an offer are live: each at the offer itself, or in a country.
fn places(content: &Content, comparison: Comparison<'_>) -> BTreeSet<FieldPath> {
    if !content.is_localized() {
        let fields = content.fields.iter();
        return fields.map(|(field, _)| FieldPath::top(field)).collect();
    }
    let countries = content.countries_with(comparison.view.home).into_iter();
    let places = countries.flat_map(|country| {
        let fields = content.row_fields(country).into_iter();
        fields.filter_map(move |field| comparison.live_place(country, field))
    });
    places.collect()
}

/// Whether a value that is not sent now is the one that an apply sent before, perhaps in another word for it.
fn stays_sent(comparison: Comparison<'_>, content: &Content, path: FieldPath) -> bool {
    let FieldPath { country, field } = path;
    let country = country.or(comparison.view.home.filter(|_| content.is_localized()));
    let as_before = comparison.known(country, field) == content.at(country, field);
    let in_other_words = field.alternatives().any(|other| {
        comparison.known(country, other).is_some()
            && comparison.was_sent(country, other)
            && content.at(country, other).is_none()
    });
    as_before && comparison.was_sent(country, field) || in_other_words
}

/// What was sent to countries that are not declared any more.
fn leftovers(comparison: Comparison<'_>) -> Vec<Leftover> {
    let is_declared = |country: Country| comparison.desired.countries().any(|one| one == country);
    let mut left: BTreeMap<Country, Fields> = BTreeMap::new();
    for Leftover {
        country, fields, ..
    } in comparison.undo.leftovers
    {
        if let Some(country) = country.filter(|country| !is_declared(*country)) {
            let left = left.entry(country).or_default();
            for (field, value) in fields.iter() {
                left.set(field, value.clone());
            }
        }
    }
    let Some(applied) = comparison.applied else {
        return in_order(left);
    };
    for country in applied.countries().filter(|country| !is_declared(*country)) {
        for field in applied.row_fields(country) {
            let path = FieldPath::localized(country, field);
            if comparison.live_place(country, field) == Some(path)
                && comparison.was_sent(Some(country), field)
                && let Some(value) = comparison.known(Some(country), field)
            {
                left.entry(country).or_default().set(field, value.clone());
            }
        }
    }
    in_order(left)
}

fn in_order(left: BTreeMap<Country, Fields>) -> Vec<Leftover> {
    let left = left.into_iter().map(|(country, fields)| Leftover {
        country: Some(country),
        fields,
        doubtful: false,
    });
    left.collect()
}
