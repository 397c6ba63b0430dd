//! What no API can change of an offer that is there, and the new offer that takes its place.

use offerctl_manifest::desired::Offer;
use offerctl_model::field::Field;
use offerctl_model::name::Name;
use offerctl_model::offer_type::{Api, OfferType};
use offerctl_model::value::Value;
use offerctl_model::words::value_text;

use super::change::{Action, Change};
use super::draft::draft;
use super::form::HomeUnknown;
use super::planner::Planner;
use super::remembered::record_of_new;
use super::sold::Sold;
use crate::conflict::ConflictCode;
use crate::diff::{Comparison, Difference, Undo};
use crate::live::View;
use crate::matching::{Match, Rule};
use crate::state::{Retiring, Sent};

impl<'a> Planner<'a> {
    /// What would have to change of a live offer and cannot, in words (docs/cleeng-api.md §5.5).
    pub(super) fn immutable_changes(
        &self,
        offer: &Offer,
        view: &View,
        difference: &Difference,
    ) -> Vec<String> {
        let api = self.desired.api();
        let mut changed: Vec<String> = Vec::new();
        for change in &difference.fields {
            let field = change.path.field;
            if change.path.country.is_some() || !is_immutable(api, offer.offer_type, field) {
                continue;
            }
            let words = |value: &Option<Value>| {
                let words = value.as_ref().map(|value| value_text(field, value, None));
                words.unwrap_or_else(|| "nothing".to_owned())
            };
            let (before, after) = (words(&change.before), words(&change.after));
            changed.push(format!("{} from {before} to {after}", what(field)));
        }
        for (country, row) in offer.content.localizations.iter().flatten() {
            let live = view.row(*country).or_else(|| view.dormant_row(*country));
            if let Some(live) = live.and_then(|row| row.currency)
                && live != row.currency
            {
                let after = row.currency;
                changed.push(format!("currency of {country} from {live} to {after}"));
            }
        }
        changed
    }

    /// An offer that cannot be made what it should be. Over JSON-RPC a person has to decide; over REST another takes its
    /// place, if it is ours.
    pub(super) fn cannot_change(
        &mut self,
        name: &Name,
        offer: &'a Offer,
        (found, view): (&Match<'_>, &View),
        changed: &[String],
    ) {
        let id = found.id();
        let changed = changed.join(", ");
        if self.desired.api() == Api::JsonRpc {
            let message = format!("`{name}` ({id}) changes its {changed}, which no API can do");
            let help = "declare a new offer under another name, and remove this one".to_owned();
            self.conflict(name, [id], ConflictCode::CurrencyChanged, (message, help));
            return;
        }
        if matches!(found.rule, Rule::Equal | Rule::TitleAndUrl) {
            let message = format!(
                "{id} has the title and url of `{name}`, but would have to change its {changed}, which no API can do"
            );
            let help = format!(
                "if it is the same offer, bind it: `offerctl state adopt {name} {}`; if not, give one of the two a \
                 title of its own",
                id.argument()
            );
            self.conflict(name, [id], ConflictCode::AdoptImmutable, (message, help));
            return;
        }
        let reason = format!("it would have to change its {changed}, which no API can do");
        self.replace(name, offer, (found, view), reason);
    }

    /// A name that changes its type.
    pub(super) fn replaced(
        &mut self,
        name: &Name,
        offer: &'a Offer,
        found: &Match<'_>,
        view: &View,
    ) {
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
    fn replace(
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
        let resolve = self.resolver();
        let remembered = self.remembered((name, offer), found);
        // A new offer has nothing that could be undone.
        let comparison = Comparison {
            undo: Undo::default(),
            ..self.comparison((offer, remembered), view, &resolve)
        };
        let difference = self.difference(offer, comparison);
        let lost = difference.lost_countries();
        // Protection holds until a change that takes it away was applied.
        let mut lifecycle = offer.lifecycle.clone();
        if binding.is_some_and(|binding| binding.protect) {
            lifecycle.protect = Some(true);
        }
        let change = Change {
            sold: Some(Sold::of(view, self.account_currency)),
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
        let sent = Sent::everything(self.desired.api());
        let mut draft = draft(
            change,
            offer,
            Difference::default(),
            record_of_new(offer, retiring.clone(), sent),
        );
        draft.home = home;
        draft.retiring = self.still_active(&retiring);
        self.drafts.insert(name.clone(), draft);
    }
}

fn is_immutable(api: Api, offer_type: OfferType, field: Field) -> bool {
    match (api, field) {
        (_, Field::Currency) | (Api::Rest, Field::SessionsLimit | Field::Pause) => true,
        (Api::Rest, Field::Period | Field::BillingCycle) => offer_type == OfferType::Subscription,
        (Api::JsonRpc | Api::Rest, _) => false,
    }
}

fn what(field: Field) -> &'static str {
    if matches!(field, Field::Period | Field::BillingCycle) {
        "billing cycle"
    } else if field == Field::SessionsLimit {
        "limit of sessions"
    } else {
        field.name()
    }
}
