//! From what belongs together to what changes: [`plan`].

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::copies::copies;
use super::form::HomeUnknown;
use super::{Action, Change, Facts, LostCountries, Note, Plan, Unmanaged, steps};
use crate::conflict::{Conflict, ConflictCode};
use crate::content::{Content, FieldPath};
use crate::country::Country;
use crate::desired::{Desired, Offer};
use crate::diff::{Cause, Comparison, Difference, FieldChange, difference};
use crate::field::Field;
use crate::live::{Live, View};
use crate::manifest::{Lifecycle, Part};
use crate::matching::{Match, Matching, match_offers};
use crate::money::Currency;
use crate::name::{Name, OfferId};
use crate::offer_type::{Api, OfferType};
use crate::state::{Binding, Record, Retiring, State};
use crate::value::{GeoMode, GeoRestriction, Value};

/// Decides what an apply would do.
///
/// The function is total: whatever could fail was refused when the manifests were read, and what cannot be
/// decided is a [`Conflict`] in the plan. The same inputs give the same plan, whatever the order of files or of
/// the lists of the service.
pub fn plan(desired: &Desired, live: &Live, state: &State) -> Plan {
    let matching = match_offers(desired, live, state);
    let mut planner = Planner {
        desired,
        live,
        state,
        matching: &matching,
        drafts: BTreeMap::new(),
        conflicts: matching.conflicts.clone(),
        notes: matching
            .moves
            .iter()
            .map(|(from, to)| Note::Moved {
                from: from.clone(),
                to: to.clone(),
            })
            .collect(),
        refresh: BTreeMap::new(),
        replacing: BTreeMap::new(),
        unchanged: 0,
        account_currency: live
            .account_currency(state.account.currency)
            .or(desired.currency),
        account_country: live.account_country(state.account.country.or(desired.country)),
    };
    for (name, offer) in desired.offers() {
        planner.declared(name, offer);
    }
    for name in &matching.orphans {
        planner.orphan(name);
    }
    planner.finish()
}

/// What is to be done for one offer, before it is put into steps.
pub(super) struct Draft {
    pub(super) change: Change,
    pub(super) difference: Difference,
    /// What the offer says in the end; `None` if it goes.
    pub(super) content: Option<Arc<Content>>,
    pub(super) needs: BTreeSet<Name>,
    pub(super) record: Option<Record>,
    pub(super) localized: bool,
    /// The country in which a new offer itself is sold, if it is localized over REST.
    pub(super) home: Option<Country>,
    /// The offers that this one replaces.
    pub(super) retiring: Vec<Retiring>,
}

pub(super) struct Planner<'a> {
    pub(super) desired: &'a Desired,
    pub(super) live: &'a Live,
    state: &'a State,
    matching: &'a Matching<'a>,
    pub(super) drafts: BTreeMap<Name, Draft>,
    pub(super) conflicts: Vec<Conflict>,
    notes: Vec<Note>,
    refresh: BTreeMap<Name, Binding>,
    /// Offers whose replacement was sent before, with an outcome that is not settled.
    replacing: BTreeMap<Name, OfferType>,
    unchanged: usize,
    account_currency: Option<Currency>,
    /// The country in which every new offer is sold over REST.
    pub(super) account_country: Option<Country>,
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

    fn declared(&mut self, name: &Name, offer: &'a Offer) {
        if let Some(found) = self.matching.matches.get(name) {
            let Some(view) = found.view() else {
                return;
            };
            if found.offer_type == offer.offer_type {
                self.matched(name, offer, found, view);
            } else {
                self.replaced(name, offer, found, view);
            }
            return;
        }
        let undecided = [&self.matching.blocked, &self.matching.pending]
            .iter()
            .any(|names| names.contains(name));
        if !undecided {
            self.created(name, offer);
        }
    }

    fn created(&mut self, name: &Name, offer: &'a Offer) {
        let home = match self.home_of_new(name, offer) {
            Ok(home) => home,
            Err(HomeUnknown) => return,
        };
        let change = self.change(name, offer, Action::Create, None);
        let fields = created_fields(&offer.content, (home, self.currency_of(offer)));
        let change = Change { fields, ..change };
        self.check_price_digits(name, offer);
        let mut draft = draft(
            change,
            offer,
            Difference::default(),
            record(offer, Vec::new()),
        );
        draft.home = home;
        self.drafts.insert(name.clone(), draft);
    }

    /// The currency of a plain offer's price: its own, or that of the account.
    fn currency_of(&self, offer: &Offer) -> Option<Currency> {
        match offer.content.fields.get(Field::Currency) {
            Some(Value::Currency(currency)) => Some(*currency),
            _ => self.account_currency,
        }
    }

    /// A price such as 12.50 cannot be set where the account counts in a currency without cents.
    fn check_price_digits(&mut self, name: &Name, offer: &Offer) {
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
            span: Some(offer.place(Part::Name)),
        }
    }

    pub(super) fn difference(
        &self,
        (offer, binding): (&Offer, Option<&Binding>),
        view: &View,
    ) -> Difference {
        let comparison = Comparison {
            api: self.desired.api(),
            offer_type: offer.offer_type,
            desired: &offer.content,
            view,
            applied: binding.and_then(|binding| binding.applied.as_ref()),
            resolve: &|name| self.matching.id_of(name),
        };
        let mut difference = difference(comparison);
        if self.desired.api() == Api::Rest {
            difference.add_countries(comparison);
            difference.complete_objects(comparison);
        }
        difference.fill_in_currency(self.currency_of(offer));
        difference
    }

    fn matched(&mut self, name: &Name, offer: &'a Offer, found: &Match<'_>, view: &View) {
        if !view.active && self.desired.api() == Api::JsonRpc {
            let id = found.id();
            let message =
                format!("`{name}` ({id}) was deactivated by hand, which JSON-RPC cannot undo");
            let help = format!(
                "to sell it again as a new offer: `offerctl state forget {name}`, then apply; to let it be: remove it from the manifests"
            );
            self.conflict(name, [id], ConflictCode::DeactivatedByHand, (message, help));
            return;
        }
        if self.contradicts_form(name, offer, found, view) {
            return;
        }
        let binding = self.binding(name, offer);
        let difference = self.difference((offer, binding), view);
        let fixed = self.immutable_changes(offer, view, &difference);
        if !fixed.is_empty() {
            self.cannot_change(name, offer, (found, view), &fixed);
            return;
        }
        self.check_price_digits(name, offer);
        let action = match (difference.is_empty(), found.rule.adopts()) {
            (false, _) => Some(Action::Update),
            (true, true) => Some(Action::Adopt),
            (true, false) => None,
        };
        let action = if view.active {
            action
        } else {
            Some(Action::Activate)
        };
        self.release(name, offer, binding);
        let retiring = binding
            .map(|binding| binding.retiring.clone())
            .unwrap_or_default();
        let record = record(offer, retiring.clone());
        if let Some(action) = action {
            let lost = difference.lost_countries();
            let fields = difference.fields.clone();
            let change = Change {
                fields,
                lost,
                ..self.change(name, offer, action, Some(found))
            };
            self.drafts
                .insert(name.clone(), draft(change, offer, difference, record));
        } else {
            self.unchanged += 1;
            self.remember(name, binding, (found, &record));
        }
        self.retire(name, offer, &retiring);
    }

    /// The replaced offers that can still be bought.
    fn still_active(&self, retiring: &[Retiring]) -> Vec<Retiring> {
        let active = |old: &&Retiring| {
            let live = self.live.get(&old.id);
            let view = live.and_then(|live| live.view(old.offer_type));
            view.is_some_and(|view| view.active)
        };
        retiring.iter().filter(active).cloned().collect()
    }

    /// Offers that were replaced in a run that did not get to deactivate them.
    fn retire(&mut self, name: &Name, offer: &'a Offer, retiring: &[Retiring]) {
        let open = self.still_active(retiring);
        if open.is_empty() {
            return;
        }
        if let Some(draft) = self.drafts.get_mut(name) {
            draft.retiring = open;
            return;
        }
        let change = Change {
            id: open.first().map(|old| old.id.clone()),
            offer_type: open.first().map_or(offer.offer_type, |old| old.offer_type),
            reason: Some("it was replaced before and is still active".to_owned()),
            ..self.change(name, offer, Action::Deactivate, None)
        };
        self.unchanged = self.unchanged.saturating_sub(1);
        let mut draft = draft(
            change,
            offer,
            Difference::default(),
            record(offer, Vec::new()),
        );
        draft.retiring = open;
        self.drafts.insert(name.clone(), draft);
    }

    /// Notes fields that were applied once and are no longer declared.
    fn release(&mut self, name: &Name, offer: &Offer, binding: Option<&Binding>) {
        let Some(applied) = binding.and_then(|binding| binding.applied.as_ref()) else {
            return;
        };
        for (field, _) in applied.fields.iter() {
            if offer.content.fields.get(field).is_none() {
                self.notes.push(Note::Released {
                    name: name.clone(),
                    path: FieldPath::top(field),
                });
            }
        }
        for (country, row) in applied.localizations.iter().flatten() {
            let declared = offer
                .content
                .localizations
                .as_ref()
                .and_then(|rows| rows.get(country));
            for (field, _) in row.fields.iter() {
                if declared.is_some() && offer.content.effective(*country, field).is_none() {
                    let path = FieldPath::localized(*country, field);
                    self.notes.push(Note::Released {
                        name: name.clone(),
                        path,
                    });
                }
            }
        }
    }

    /// Lets the state learn what an unchanged offer now says, if that is news.
    fn remember(
        &mut self,
        name: &Name,
        known: Option<&Binding>,
        (found, record): (&Match<'_>, &Record),
    ) {
        let binding = record.binding(found.id().clone(), found.offer_type);
        if known.is_some_and(|known| *known != binding) {
            self.refresh.insert(name.clone(), binding);
        }
    }

    /// A name that changes its type.
    fn replaced(&mut self, name: &Name, offer: &'a Offer, found: &Match<'_>, view: &View) {
        if view.has_localizations() && self.desired.api() == Api::JsonRpc {
            self.cannot_deactivate(name, found.id());
            return;
        }
        let reason = format!(
            "the type changes from {} to {}, which no API can do",
            found.offer_type, offer.offer_type
        );
        self.replace(name, offer, (found, view), reason);
    }

    /// Whether a create of this name, or of the one that it had, is not settled.
    fn is_unsettled(&self, name: &Name, offer: &Offer) -> bool {
        let names = [Some(name), offer.moved_from.as_ref()];
        let mut intents = self.state.intents.values();
        intents.any(|intent| names.contains(&Some(&intent.name)))
    }

    /// The new offer first, then the old one goes.
    pub(super) fn replace(
        &mut self,
        name: &Name,
        offer: &'a Offer,
        (found, view): (&Match<'_>, &View),
        reason: String,
    ) {
        if self.is_unsettled(name, offer) {
            self.replacing.insert(name.clone(), offer.offer_type);
            return;
        }
        let home = match self.home_of_new(name, offer) {
            Ok(home) => home,
            Err(HomeUnknown) => return,
        };
        self.check_price_digits(name, offer);
        // What both have is compared, so that a price that moves along is seen.
        let binding = self.binding(name, offer);
        let difference = self.difference((offer, binding), view);
        let lost = difference.lost_countries();
        // Protection holds until a change that takes it away was applied.
        let mut lifecycle = offer.lifecycle.clone();
        if binding.is_some_and(|binding| binding.protect) {
            lifecycle.protect = Some(true);
        }
        let change = Change {
            fields: difference.fields,
            lost,
            lifecycle,
            reason: Some(reason),
            ..self.change(name, offer, Action::Replace, Some(found))
        };
        let mut retiring = binding
            .map(|binding| binding.retiring.clone())
            .unwrap_or_default();
        retiring.push(Retiring {
            id: found.id().clone(),
            offer_type: found.offer_type,
        });
        let mut draft = draft(
            change,
            offer,
            Difference::default(),
            record(offer, retiring.clone()),
        );
        draft.home = home;
        draft.retiring = self.still_active(&retiring);
        self.drafts.insert(name.clone(), draft);
    }

    /// A bound offer that is no longer declared goes.
    fn orphan(&mut self, name: &Name) {
        let Some(binding) = self.state.bindings.get(name) else {
            return;
        };
        let id = &binding.id;
        let Some(view) = self
            .live
            .get(id)
            .and_then(|live| live.view(binding.offer_type))
        else {
            return;
        };
        // A conflict may have found that the orphan goes on under a new name, or may do so.
        let goes_on = |conflict: &Conflict| {
            matches!(
                conflict.code,
                ConflictCode::Renamed | ConflictCode::MovedTwice
            ) && conflict.ids.contains(id)
        };
        if self.conflicts.iter().any(goes_on) {
            return;
        }
        let action = if view.active {
            Action::Deactivate
        } else {
            Action::Forget
        };
        if view.active && view.has_localizations() && self.desired.api() == Api::JsonRpc {
            self.cannot_deactivate(name, id);
            return;
        }
        let lifecycle = Lifecycle {
            protect: Some(binding.protect),
            ..Lifecycle::default()
        };
        let change = Change {
            name: name.clone(),
            offer_type: binding.offer_type,
            action,
            adopted: None,
            id: Some(id.clone()),
            fields: Vec::new(),
            reason: None,
            lifecycle,
            applied: binding.applied.clone().map(Arc::new),
            lost: Vec::new(),
            span: None,
        };
        let draft = Draft {
            change,
            difference: Difference::default(),
            content: None,
            needs: binding.needs.clone(),
            record: None,
            localized: view.has_localizations(),
            home: None,
            retiring: self.still_active(&binding.retiring),
        };
        self.drafts.insert(name.clone(), draft);
    }

    fn finish(self) -> Plan {
        let Self {
            desired,
            live,
            state,
            matching,
            drafts,
            mut conflicts,
            mut notes,
            refresh,
            mut replacing,
            unchanged,
            account_currency: _,
            account_country: _,
        } = self;
        let mut pending = pending(desired, matching);
        pending.append(&mut replacing);
        let copies = copies(desired, &drafts);
        let (steps, groups) = steps::build(desired.api(), &drafts, state);
        conflicts.sort();
        notes.extend(lookalikes(desired, live, (state, matching)));
        notes.sort();
        let unmanaged = matching.unmanaged.iter().filter_map(|id| {
            let offer = live.get(id)?;
            Some(Unmanaged {
                id: id.clone(),
                offer_type: offer.offer_type(),
                title: offer.title().to_owned(),
            })
        });
        Plan {
            api: desired.api(),
            changes: drafts.into_values().map(|draft| draft.change).collect(),
            steps,
            groups,
            conflicts,
            pending,
            unmanaged: unmanaged.collect(),
            notes,
            moves: matching.moves.clone(),
            refresh,
            facts: Facts {
                copies,
                ..facts(desired, live, (state, matching), unchanged)
            },
        }
    }
}

/// Offers on sale that look alike, by the names that they have now.
fn lookalikes(
    desired: &Desired,
    live: &Live,
    (state, matching): (&State, &Matching<'_>),
) -> Vec<Note> {
    let names = || {
        let matched = matching.matches.iter();
        let matched = matched.map(|(name, found)| (found.id().stem(), name));
        let orphans = matching.orphans.iter().filter_map(|name| {
            let binding = state.bindings.get(name)?;
            Some((binding.id.stem(), name))
        });
        orphans.chain(matched).collect()
    };
    let found = crate::lookalike::lookalikes((desired, state), live, names);
    found.into_iter().map(Note::Lookalikes).collect()
}

fn pending(desired: &Desired, matching: &Matching<'_>) -> BTreeMap<Name, OfferType> {
    let offer_type = |name: &Name| {
        desired
            .get(name)
            .map(|offer| (name.clone(), offer.offer_type))
    };
    matching.pending.iter().filter_map(offer_type).collect()
}

fn facts(
    desired: &Desired,
    live: &Live,
    (state, matching): (&State, &Matching<'_>),
    unchanged: usize,
) -> Facts {
    let is_missing = |conflict: &&Conflict| conflict.code == ConflictCode::BoundMissing;
    let missing = matching.conflicts.iter().filter(is_missing).count();
    Facts {
        declared: desired.offers().len(),
        managed: state.bindings.len(),
        found: state.bindings.len() - missing,
        live: live.len(),
        unchanged,
        publisher_emails: live
            .publisher_emails()
            .into_iter()
            .map(str::to_owned)
            .collect(),
        remembered_email: state.account.publisher_email.clone(),
        currencies: live.account_currencies(),
        countries: live.account_countries(),
        copies: BTreeMap::new(),
    }
}

pub(super) fn record(offer: &Offer, retiring: Vec<Retiring>) -> Record {
    Record {
        protect: offer.lifecycle.protects(),
        needs: offer.needs.clone(),
        applied: Some(Arc::clone(&offer.content)),
        retiring,
    }
}

pub(super) fn draft(
    change: Change,
    offer: &Offer,
    difference: Difference,
    record: Record,
) -> Draft {
    Draft {
        change,
        difference,
        content: Some(Arc::clone(&offer.content)),
        needs: offer.needs.clone(),
        record: Some(record),
        localized: offer.content.is_localized(),
        home: None,
        retiring: Vec::new(),
    }
}

/// All that a new offer says, as changes from nothing.
fn created_fields(
    content: &Content,
    (home, currency): (Option<Country>, Option<Currency>),
) -> Vec<FieldChange> {
    let change = |path: FieldPath, value: &Value, currency| FieldChange {
        path,
        before: None,
        after: Some(value.clone()),
        applied: None,
        currency: if path.field == Field::Price {
            currency
        } else {
            None
        },
        cause: Cause::Edited,
        readable: true,
    };
    let mut fields = Vec::new();
    for (field, value) in content.fields.iter() {
        // The price at the top of a localized offer is shown with each row that takes it; the offer itself may be one.
        let sold_at_home = home.is_some_and(|home| !content.countries().any(|one| one == home));
        if content.is_localized() && field == Field::Price && !sold_at_home {
            continue;
        }
        fields.push(change(FieldPath::top(field), value, currency));
    }
    for (country, row) in content.localizations.iter().flatten() {
        if let Some(price) = content.effective(*country, Field::Price) {
            fields.push(change(
                FieldPath::localized(*country, Field::Price),
                price,
                Some(row.currency),
            ));
        }
        for (field, value) in row
            .fields
            .iter()
            .filter(|(field, _)| *field != Field::Price)
        {
            fields.push(change(
                FieldPath::localized(*country, field),
                value,
                Some(row.currency),
            ));
        }
    }
    fields
}

impl Difference {
    /// The countries that are no longer sold to: those that go, and those that geo restrictions close.
    fn lost_countries(&self) -> Vec<LostCountries> {
        let gone = &self.countries.removed;
        let gone = (!gone.is_empty()).then(|| LostCountries {
            row: None,
            countries: gone.clone(),
            every_other: false,
        });
        gone.into_iter()
            .chain(closed_countries(&self.fields))
            .collect()
    }
}

/// The countries that geo restrictions close.
fn closed_countries(fields: &[FieldChange]) -> Vec<LostCountries> {
    let lost = |change: &FieldChange| {
        let restriction = |value: &Option<Value>| match value {
            Some(Value::Geo(Some(restriction))) => Some(GeoRestriction::clone(restriction)),
            _ => None,
        };
        let (before, after) = (restriction(&change.before), restriction(&change.after)?);
        let (countries, every_other) = closed(before.as_ref(), &after);
        let any = every_other || !countries.is_empty();
        any.then_some(LostCountries {
            row: change.path.country,
            countries,
            every_other,
        })
    };
    fields
        .iter()
        .filter(|change| change.path.field == Field::GeoRestriction)
        .filter_map(lost)
        .collect()
}

/// The countries that were open before and are closed after; whether all that nobody names are among them.
fn closed(before: Option<&GeoRestriction>, after: &GeoRestriction) -> (BTreeSet<Country>, bool) {
    let named = |one: &BTreeSet<Country>, other: &BTreeSet<Country>| {
        one.difference(other).copied().collect()
    };
    match (
        before.map(|before| (before.mode, &before.countries)),
        after.mode,
    ) {
        (Some((GeoMode::Whitelist, open)), GeoMode::Whitelist) => {
            (named(open, &after.countries), false)
        }
        (Some((GeoMode::Whitelist, open)), GeoMode::Blacklist) => (
            open.intersection(&after.countries).copied().collect(),
            false,
        ),
        (Some((GeoMode::Blacklist, shut)), GeoMode::Blacklist) => {
            (named(&after.countries, shut), false)
        }
        (None, GeoMode::Blacklist) => (after.countries.clone(), false),
        (Some((GeoMode::Blacklist, _)) | None, GeoMode::Whitelist) => (BTreeSet::new(), true),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn restriction(mode: GeoMode, countries: &str) -> GeoRestriction {
        GeoRestriction {
            mode,
            countries: set(countries),
        }
    }

    fn set(countries: &str) -> BTreeSet<Country> {
        countries
            .split_whitespace()
            .filter_map(Country::new)
            .collect()
    }

    #[test]
    fn the_countries_that_a_new_restriction_closes() {
        use GeoMode::{Blacklist, Whitelist};
        let check = |before: Option<(GeoMode, &str)>,
                     after: (GeoMode, &str),
                     lost: &str,
                     every_other: bool| {
            let before = before.map(|(mode, countries)| restriction(mode, countries));
            let found = closed(before.as_ref(), &restriction(after.0, after.1));
            assert_eq!(found, (set(lost), every_other), "{before:?} to {after:?}");
        };
        check(
            Some((Whitelist, "US NO")),
            (Whitelist, "US CA"),
            "NO",
            false,
        );
        check(
            Some((Whitelist, "US NO")),
            (Blacklist, "NO SE"),
            "NO",
            false,
        );
        check(Some((Blacklist, "SE")), (Blacklist, "NO"), "NO", false);
        check(None, (Blacklist, "NO"), "NO", false);
        check(None, (Whitelist, "US"), "", true);
        check(Some((Blacklist, "SE")), (Whitelist, "US"), "", true);
        check(Some((Whitelist, "US")), (Whitelist, "US CA"), "", false);
    }
}
