//! What becomes of each offer, declared or not: [`Planner::declared`] and [`Planner::orphan`].

use std::sync::Arc;

use offerctl_manifest::desired::Offer;
use offerctl_manifest::manifest::Lifecycle;
use offerctl_model::content::{Content, FieldPath};
use offerctl_model::country::Country;
use offerctl_model::field::Field;
use offerctl_model::money::Currency;
use offerctl_model::name::Name;
use offerctl_model::offer_type::Api;
use offerctl_model::value::Value;

use super::change::{Action, Change};
use super::draft::{Draft, draft};
use super::form::HomeUnknown;
use super::note::Note;
use super::planner::Planner;
use super::remembered::{record_of_new, record_of_update};
use super::sold::Sold;
use crate::conflict::{Conflict, ConflictCode};
use crate::diff::{Cause, Comparison, Difference, FieldChange};
use crate::live::View;
use crate::matching::Match;
use crate::state::{Binding, Record, Retiring, Sent};

impl<'a> Planner<'a> {
    pub(super) fn declared(&mut self, name: &Name, offer: &'a Offer) {
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
        let former = self.former.get(&(name, offer.offer_type));
        let reason = former
            .map(|id| format!("{id} was deactivated, and JSON-RPC cannot put it back on sale"));
        let change = Change {
            fields,
            reason,
            ..change
        };
        self.check_price_digits(name, offer);
        let sent = Sent::everything(self.desired.api());
        let record = record_of_new(offer, Vec::new(), sent);
        let mut draft = draft(change, offer, Difference::default(), record);
        draft.home = home;
        self.drafts.insert(name.clone(), draft);
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
        let resolve = self.resolver();
        let remembered = self.remembered((name, offer), found);
        let comparison = self.comparison((offer, remembered), view, &resolve);
        let difference = self.difference(offer, comparison);
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
        let released = released(name, comparison);
        let retiring = binding
            .map(|binding| binding.retiring.clone())
            .unwrap_or_default();
        let record = record_of_update((offer, retiring.clone()), comparison, &difference);
        self.notes.extend(released);
        if let Some(action) = action {
            let lost = difference.lost_countries();
            let fields = difference.fields.clone();
            let change = Change {
                fields,
                lost,
                ..self.change(name, offer, action, Some(found))
            };
            let mut draft = draft(change, offer, difference, record);
            draft.bound = Some(remembered.record(offer));
            self.drafts.insert(name.clone(), draft);
        } else {
            self.unchanged += 1;
            self.remember(name, binding, (found, &record));
        }
        self.retire(name, offer, &retiring);
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
        let mut draft = draft(change, offer, Difference::default(), Record::default());
        draft.retiring = open;
        self.drafts.insert(name.clone(), draft);
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

    /// A bound offer that is no longer declared goes.
    pub(super) fn orphan(&mut self, name: &Name) {
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
        // A conflict may have found that the orphan goes on under a new name, or in another project, or may do so.
        let goes_on = |conflict: &Conflict| {
            matches!(
                conflict.code,
                ConflictCode::Renamed | ConflictCode::MovedTwice | ConflictCode::OtherProject
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
            file: self.state.files.get(name).cloned(),
            sold: Some(Sold::of(view, self.account_currency)),
            span: None,
        };
        let draft = Draft {
            change,
            difference: Difference::default(),
            content: None,
            needs: binding.needs.clone(),
            record: None,
            bound: None,
            localized: view.has_localizations(),
            home: None,
            retiring: self.still_active(&binding.retiring),
        };
        self.drafts.insert(name.clone(), draft);
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
        // A price without rules needs no word about them.
        if field == Field::PriceRules && value.is_cleared() {
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

/// The fields that were applied once, are no longer declared, and keep their live value all the same.
fn released(name: &Name, comparison: Comparison<'_>) -> Vec<Note> {
    let Some(applied) = comparison.applied else {
        return Vec::new();
    };
    let note = |path: FieldPath| Note::Released {
        name: name.clone(),
        path,
    };
    let at_top = applied.fields.iter().map(|(field, _)| field);
    let at_top = at_top.filter(|field| {
        comparison.desired.fields.get(*field).is_none() && comparison.keeps(None, *field)
    });
    let rows = applied.localizations.iter().flatten();
    let in_rows = rows.flat_map(|(country, row)| {
        let still_there = comparison.desired.countries().any(|one| one == *country);
        let fields = row.fields.iter().map(|(field, _)| field);
        let gone = fields.filter(move |field| {
            let effective = comparison.desired.effective(*country, *field);
            still_there && effective.is_none() && comparison.keeps(Some(*country), *field)
        });
        gone.map(|field| FieldPath::localized(*country, field))
    });
    let paths = at_top.map(FieldPath::top).chain(in_rows);
    paths.map(note).collect()
}
