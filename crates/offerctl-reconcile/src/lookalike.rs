//! Live offers that customers cannot tell from one another: [`lookalikes`].

use std::collections::{BTreeMap, BTreeSet};

use offerctl_manifest::desired::Desired;
use offerctl_model::country::Country;
use offerctl_model::field::Field;
use offerctl_model::foreign::Foreign;
use offerctl_model::money::Currency;
use offerctl_model::name::{Name, OfferId};
use offerctl_model::offer_type::OfferType;
use offerctl_model::value::Value;
use serde::{Deserialize, Serialize};

use crate::fold::AsRead;
use crate::live::{Live, View};
use crate::state::State;

/// Offers on sale with the same type, title, countries and prices: probably one of them was made by mistake.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Lookalikes {
    /// Their type.
    #[serde(rename = "type")]
    pub offer_type: OfferType,
    /// Their title.
    pub title: Foreign,
    /// The offers, two at least, by id.
    pub offers: Vec<Lookalike>,
}

/// One of several offers that look alike.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Lookalike {
    /// Its id.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub id: OfferId,
    /// Its name, if it has one.
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>"))]
    pub name: Option<Name>,
}

/// What a customer sees.
type Seen<'a> = (
    OfferType,
    AsRead,
    Vec<(Option<Country>, Option<Currency>, Option<&'a Value>)>,
);

/// Returns the groups of offers on sale that look alike.
///
/// `names` tells the names of offers by the stems of their ids; it is asked only if there are such groups. What
/// `lifecycle.copyOf` or `lifecycle.distinctFrom` declares to be another offer is left out.
pub fn lookalikes<'a>(
    (desired, state): (&Desired, &State),
    live: &'a Live,
    names: impl FnOnce() -> BTreeMap<&'a str, &'a Name>,
) -> Vec<Lookalikes> {
    let retiring: BTreeSet<&str> = state
        .bindings
        .values()
        .flat_map(|binding| &binding.retiring)
        .map(|old| old.id.stem())
        .collect();
    let on_sale = live.offers().filter_map(|offer| {
        let offer_type = offer.offer_type();
        // What was replaced is on its way out of the shop.
        let view = offer
            .view(offer_type)
            .filter(|view| view.active && !retiring.contains(offer.id.stem()))?;
        Some((seen(offer_type, view), &offer.id))
    });
    let mut on_sale: Vec<(Seen<'a>, &'a OfferId)> = on_sale.collect();
    // Those that look alike stay in the order of the account.
    on_sale.sort_by(|(one, _), (other, _)| one.cmp(other));
    let groups = on_sale.chunk_by(|(one, _), (other, _)| one == other);
    let groups: Vec<_> = groups.filter(|group| group.len() > 1).collect();
    if groups.is_empty() {
        return Vec::new();
    }
    let names = names();
    let groups = groups.into_iter().filter_map(|group| {
        let offer_type = group.first()?.0.0;
        let ids: Vec<&OfferId> = group.iter().map(|(_, id)| *id).collect();
        let named = |id: &&OfferId| names.get(id.stem()).copied();
        let group: BTreeSet<&Name> = ids.iter().filter_map(named).collect();
        let is_meant = |name: &Name| {
            let lifecycle = desired.get(name).map(|offer| &offer.lifecycle);
            lifecycle.is_some_and(|lifecycle| {
                let copy_of = lifecycle.copy_of.as_ref();
                copy_of.is_some_and(|copy_of| group.contains(&copy_of.offer))
                    || ids.iter().any(|id| lifecycle.is_distinct_from(id))
            })
        };
        let unmeant = ids.iter().filter(|id| !named(id).is_some_and(is_meant));
        if unmeant.count() < 2 {
            return None;
        }
        let offers = ids.iter().map(|id| Lookalike {
            id: (*id).clone(),
            name: named(id).cloned(),
        });
        Some(Lookalikes {
            offer_type,
            title: live.get(ids.first()?)?.title(),
            offers: offers.collect(),
        })
    });
    groups.collect()
}

fn seen(offer_type: OfferType, view: &View) -> Seen<'_> {
    let title = view
        .rows
        .first()
        .and_then(|row| row.fields.text(Field::Title))
        .cloned()
        .unwrap_or_default();
    let rows = view
        .rows
        .iter()
        .map(|row| (row.country, row.currency, row.fields.get(Field::Price)));
    let mut rows: Vec<_> = rows.collect();
    rows.sort();
    (offer_type, AsRead::declared(Field::Title, &title), rows)
}

impl Lookalikes {
    /// What to do about it, in the words of a next step each.
    pub fn ways_out(&self) -> Vec<String> {
        let unmanaged: Vec<String> = self
            .offers
            .iter()
            .filter(|offer| offer.name.is_none())
            .map(|offer| offer.id.to_string())
            .collect();
        let named: Vec<&Name> = self
            .offers
            .iter()
            .filter_map(|offer| offer.name.as_ref())
            .collect();
        let mut ways = Vec::new();
        if !unmanaged.is_empty() {
            ways.push(format!(
                "deactivate {} in Cleeng's dashboard if that is left over",
                unmanaged.join(" or ")
            ));
        }
        if let [first, others @ ..] = named.as_slice()
            && !others.is_empty()
        {
            let others: Vec<String> = others.iter().map(|name| format!("`{name}`")).collect();
            let others = others.join(", ");
            ways.push(format!(
                "remove {others} from the manifests and apply, if that is left over"
            ));
            ways.push(format!(
                "let `lifecycle.copyOf` of {others} name `{first}` if they are meant"
            ));
        }
        ways
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Offers under these names; those without one are unmanaged.
    fn ways(names: &[Option<&str>]) -> Vec<String> {
        let offers = names.iter().zip(1..).map(|(name, number)| Lookalike {
            id: OfferId::new(&format!("P10000000{number}_US")),
            name: name.map(|name| name.parse().unwrap()),
        });
        let found = Lookalikes {
            offer_type: OfferType::Pass,
            title: "News".into(),
            offers: offers.collect(),
        };
        found.ways_out()
    }

    #[test]
    fn unmanaged_offers_go_in_the_dashboard_and_declared_ones_in_git() {
        assert_eq!(
            ways(&[None, None]),
            [
                "deactivate P100000001_US or P100000002_US in Cleeng's dashboard if that is left over"
            ]
        );
        assert_eq!(
            ways(&[Some("news"), None]),
            ["deactivate P100000002_US in Cleeng's dashboard if that is left over"]
        );
        assert_eq!(
            ways(&[Some("news"), Some("more")]),
            [
                "remove `more` from the manifests and apply, if that is left over",
                "let `lifecycle.copyOf` of `more` name `news` if they are meant",
            ]
        );
    }
}
