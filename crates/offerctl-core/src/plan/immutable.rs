//! What no API can change of an offer that is there.

use super::change::Planner;
use crate::conflict::ConflictCode;
use crate::desired::Offer;
use crate::diff::Difference;
use crate::field::Field;
use crate::live::View;
use crate::matching::{Match, Rule};
use crate::name::Name;
use crate::offer_type::{Api, OfferType};
use crate::render::value_text;
use crate::value::Value;

impl<'a> Planner<'a> {
    /// What would have to change of a live offer and cannot, in words (API sheet §5.5).
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
                "if it is the same offer, bind it: `offerctl state adopt {name} {id}`; if not, give one of the two a \
                 title of its own"
            );
            self.conflict(name, [id], ConflictCode::AdoptImmutable, (message, help));
            return;
        }
        let reason = format!("it would have to change its {changed}, which no API can do");
        self.replace(name, offer, (found, view), reason);
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
