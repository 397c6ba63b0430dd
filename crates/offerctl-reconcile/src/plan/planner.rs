//! Planning under way: [`Planner`], with what is decided so far.

use std::collections::BTreeMap;
use std::sync::Arc;

use offerctl_manifest::desired::{Desired, Offer};
use offerctl_manifest::manifest::Part;
use offerctl_model::content::FieldPath;
use offerctl_model::country::Country;
use offerctl_model::field::Field;
use offerctl_model::money::Currency;
use offerctl_model::name::{Name, OfferId};
use offerctl_model::offer_type::{Api, OfferType};
use offerctl_model::value::Value;

use super::change::{Action, Change};
use super::draft::Draft;
use super::note::Note;
use super::remembered::Remembered;
use crate::conflict::{Conflict, ConflictCode};
use crate::diff::{Cause, Comparison, Difference, FieldChange, Resolver, difference};
use crate::live::{Live, View};
use crate::matching::{Match, Matching, Rule};
use crate::state::{Binding, Retiring, State};

/// Plans offer by offer.
pub(super) struct Planner<'a> {
    pub(super) desired: &'a Desired,
    pub(super) live: &'a Live,
    pub(super) state: &'a State,
    pub(super) matching: &'a Matching<'a>,
    pub(super) drafts: BTreeMap<Name, Draft>,
    pub(super) conflicts: Vec<Conflict>,
    pub(super) notes: Vec<Note>,
    pub(super) refresh: BTreeMap<Name, Binding>,
    /// Offers whose replacement was sent before, with an outcome that is not settled.
    pub(super) replacing: BTreeMap<Name, OfferType>,
    pub(super) unchanged: usize,
    pub(super) account_currency: Option<Currency>,
    /// The country in which every new offer is sold over REST.
    pub(super) account_country: Option<Country>,
    /// The offers that we took off sale and that cannot be put back, the last of each name and type: those of JSON-RPC.
    pub(super) former: BTreeMap<(&'a Name, OfferType), &'a OfferId>,
}

impl<'a> Planner<'a> {
    /// The binding of a declared offer, looked up by the name that it had in the state.
    pub(super) fn binding(&self, name: &Name, offer: &Offer) -> Option<&'a Binding> {
        let from = offer.moved_from.as_ref();
        let moved = from.filter(|from| self.matching.moves.contains_key(*from));
        self.state.bindings.get(moved.unwrap_or(name))
    }

    /// Notes what keeps an offer from being planned; the ids are those of the live offers that it is about.
    pub(super) fn conflict<'i>(
        &mut self,
        name: &Name,
        ids: impl IntoIterator<Item = &'i OfferId>,
        code: ConflictCode,
        (message, help): (String, String),
    ) {
        let span = self.desired.get(name).map(|offer| offer.place(Part::Name));
        let ids = ids.into_iter().cloned().collect();
        self.conflicts.push(Conflict {
            name: name.clone(),
            code,
            message,
            help,
            ids,
            span,
        });
    }

    /// The currency of a plain offer's price: its own, or that of the account.
    pub(super) fn currency_of(&self, offer: &Offer) -> Option<Currency> {
        match offer.content.fields.get(Field::Currency) {
            Some(Value::Currency(currency)) => Some(*currency),
            _ => self.account_currency,
        }
    }

    /// A price such as 12.50 cannot be set where the account counts in a currency without cents.
    pub(super) fn check_price_digits(&mut self, name: &Name, offer: &Offer) {
        let (None, Some(currency)) = (&offer.content.localizations, self.currency_of(offer)) else {
            return;
        };
        let Some(Value::Amount(price)) = offer.content.fields.get(Field::Price) else {
            return;
        };
        if price.digits() > currency.digits() {
            let message = format!(
                "the price {price} of `{name}` has more digits than {currency}, the currency of the account"
            );
            let help = format!("write at most {} after the point", currency.digits());
            let span = Some(offer.place(Part::Field(FieldPath::top(Field::Price))));
            let code = ConflictCode::PriceDigits;
            self.conflicts.push(Conflict {
                name: name.clone(),
                code,
                message,
                help,
                ids: Vec::new(),
                span,
            });
        }
    }

    pub(super) fn change(
        &self,
        name: &Name,
        offer: &Offer,
        action: Action,
        found: Option<&Match<'_>>,
    ) -> Change {
        let applied = self
            .binding(name, offer)
            .and_then(|binding| binding.applied.clone())
            .map(Arc::new);
        Change {
            name: name.clone(),
            offer_type: offer.offer_type,
            action,
            adopted: found.map(|found| found.rule).filter(|rule| rule.adopts()),
            id: found.map(|found| found.id().clone()),
            fields: Vec::new(),
            reason: None,
            lifecycle: offer.lifecycle.clone(),
            applied,
            lost: Vec::new(),
            file: offer.file.clone(),
            sold: None,
            span: Some(offer.place(Part::Name)),
        }
    }

    /// What the state knows of a declared offer.
    pub(super) fn remembered(
        &self,
        (name, offer): (&Name, &Offer),
        found: &Match<'_>,
    ) -> Remembered<'a> {
        if found.rule == Rule::Tombstone {
            let tombstone = self.state.tombstones.get(&found.id().to_stem());
            return tombstone.map_or_else(Remembered::default, Remembered::of_tombstone);
        }
        let binding = self.binding(name, offer);
        binding.map_or_else(Remembered::default, Remembered::of_binding)
    }

    /// What a declared offer is compared with.
    pub(super) fn comparison<'c>(
        &self,
        (offer, remembered): (&'c Offer, Remembered<'c>),
        view: &'c View,
        resolve: Resolver<'c>,
    ) -> Comparison<'c> {
        Comparison {
            api: self.desired.api(),
            offer_type: offer.offer_type,
            desired: &offer.content,
            view,
            applied: remembered.applied,
            resolve,
            undo: remembered.undo(offer),
            now: self.live.read_at(),
        }
    }

    pub(super) fn difference(&self, offer: &Offer, comparison: Comparison<'_>) -> Difference {
        let mut difference = difference(comparison);
        if self.desired.api() == Api::Rest {
            difference.add_countries(comparison);
            difference.complete_objects(comparison);
            end_sales(offer, &mut difference);
        }
        difference.fill_in_currency(self.currency_of(offer));
        difference
    }

    /// The id behind the name of an event. One that is declared stands for what it is matched with; one that is not can only
    /// have been said by an earlier apply, and stands for what the state has of it.
    pub(super) fn resolver(&self) -> impl Fn(&Name) -> Option<OfferId> + use<'a> {
        let (desired, matching, state) = (self.desired, self.matching, self.state);
        move |name| {
            if desired.get(name).is_some() {
                matching.id_of(name)
            } else {
                state.id_behind(name)
            }
        }
    }

    /// The replaced offers that can still be bought.
    pub(super) fn still_active(&self, retiring: &[Retiring]) -> Vec<Retiring> {
        let active = |old: &&Retiring| {
            let live = self.live.get(&old.id);
            let view = live.and_then(|live| live.view(old.offer_type));
            view.is_some_and(|view| view.active)
        };
        retiring.iter().filter(active).cloned().collect()
    }
}

/// A manifest that says no `rules` of a price says that there are none; where it once did, the plan says why a sale ends.
fn end_sales(offer: &Offer, difference: &mut Difference) {
    let is_ended = |change: &&mut FieldChange| {
        let says = offer.says(Part::Field(change.path))
            || offer.says(Part::Field(FieldPath::top(Field::PriceRules)));
        change.path.field == Field::PriceRules && change.cause == Cause::Edited && !says
    };
    for change in difference.fields.iter_mut().filter(is_ended) {
        change.cause = Cause::Undeclared;
    }
}
