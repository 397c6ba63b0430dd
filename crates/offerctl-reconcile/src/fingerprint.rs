//! Hashes of live offers and of plans: [`fingerprint`] and [`plan_id`].
//!
//! Both are over meaning, not over text: rebasing, reformatting, moving files and reordering lists keep them.

use std::collections::BTreeMap;

use offerctl_model::name::OfferId;
use offerctl_model::value::json_value;
use serde_json::{Value as Json, json};

pub use crate::hash::hash;
use crate::live::{Live, LiveOffer, Row};
use crate::plan::Plan;

/// Returns a hash of all that is sold about a live offer; times of changes do not count.
pub fn fingerprint(offer: &LiveOffer) -> String {
    let views: Vec<Json> = offer
        .types()
        .filter_map(|offer_type| Some((offer_type, offer.view(offer_type)?)))
        .map(|(offer_type, view)| {
            let rows: Vec<Json> = view.rows.iter().map(row).collect();
            let mut shown =
                json!({ "type": offer_type.as_str(), "active": view.active, "rows": rows });
            if !view.dormant.is_empty() {
                shown["dormant"] = view.dormant.iter().map(row).collect();
            }
            shown
        })
        .collect();
    hash(&json!(views))
}

fn row(row: &Row) -> Json {
    let fields: BTreeMap<String, Json> = row
        .fields
        .iter()
        .map(|(field, value)| (format!("{field:?}"), json_value(value)))
        .collect();
    json!({ "id": row.id.raw(), "currency": row.currency, "fields": fields })
}

/// The fingerprints of all live offers that a plan touches, by stem.
pub fn touched(plan: &Plan, live: &Live) -> BTreeMap<OfferId, String> {
    let ids = plan.steps.iter().filter_map(|step| step.operation.id());
    ids.filter_map(|id| Some((id.to_stem(), fingerprint(live.get(id)?))))
        .collect()
}

/// Returns the id of a plan: a hash of its operations and of the live offers that they touch.
pub fn plan_id(environment: &str, plan: &Plan, live: &Live) -> String {
    let operations = json!({
        "environment": environment,
        "api": plan.api,
        "steps": plan.steps,
        "moves": plan.moves,
        "refresh": plan.refresh,
        "live": touched(plan, live),
    });
    hash(&operations)
}

#[cfg(test)]
mod tests {
    use super::*;
    use offerctl_model::content::Fields;
    use offerctl_model::field::Field;
    use offerctl_model::offer_type::OfferType;
    use offerctl_model::value::{Moment, Value};

    fn offer(change: impl FnOnce(&mut Row)) -> LiveOffer {
        let mut row = Row {
            id: OfferId::new("P123456789_US"),
            country: None,
            currency: None,
            tax_rate: None,
            publisher_email: None,
            created_at: None,
            updated_at: Moment::from_unix(1),
            fields: Fields::from_iter([(Field::Title, Value::text("News"))]),
        };
        change(&mut row);
        let mut live = Live::new();
        live.add(OfferType::Pass, true, row);
        live.get(&OfferId::new("P123456789")).unwrap().clone()
    }

    #[test]
    fn a_fingerprint_is_of_what_is_sold_and_not_of_when() {
        let before = fingerprint(&offer(|_| {}));
        assert_eq!(before.len(), 64);
        assert_eq!(
            fingerprint(&offer(|row| row.updated_at = Moment::from_unix(2))),
            before
        );
        let other = offer(|row| {
            row.fields.set(Field::Title, Value::text("Newer"));
        });
        assert_ne!(fingerprint(&other), before);
    }
}
