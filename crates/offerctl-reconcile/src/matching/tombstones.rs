//! What we deactivated under a name is what the name declared again stands for, where it can be revived.

use std::collections::BTreeMap;

use offerctl_manifest::desired::Offer;
use offerctl_model::name::{Name, OfferId};
use offerctl_model::offer_type::Api;

use super::advice::{adopt_any, list};
use super::matcher::Matcher;
use super::ownership::Claim;
use super::pair::Rule;
use crate::conflict::ConflictCode;
use crate::live::LiveOffer;
use crate::state::{Gone, Tombstone};

/// Lets names have back what we deactivated when they were no longer declared. What was replaced is not among that: what
/// took its place is.
pub(super) fn run(matcher: &mut Matcher<'_, '_>) {
    if matcher.api() != Api::Rest || matcher.open.is_empty() {
        return;
    }
    let mut buried: BTreeMap<&Name, Vec<(&Tombstone, &LiveOffer)>> = BTreeMap::new();
    for (id, tombstone) in &matcher.state.tombstones {
        if let Some(offer) = matcher.live.get(id)
            && tombstone.reason == Gone::Deactivated
            && offer.view(tombstone.offer_type).is_some()
        {
            let of_name = buried.entry(&tombstone.name).or_default();
            of_name.push((tombstone, offer));
        }
    }
    for (name, declared) in matcher.open() {
        let of_name = buried.get(name).into_iter().flatten();
        let fits = |(tombstone, offer): &&(&Tombstone, &LiveOffer)| {
            tombstone.offer_type == declared.offer_type && matcher.is_candidate(declared, offer)
        };
        let fitting: Vec<(&Tombstone, &LiveOffer)> = of_name.filter(fits).copied().collect();
        revive(matcher, (name, declared), &fitting);
    }
}

fn revive<'l>(
    matcher: &mut Matcher<'_, 'l>,
    (name, declared): (&Name, &Offer),
    fitting: &[(&Tombstone, &'l LiveOffer)],
) {
    let Some(youngest) = fitting.iter().map(|(tombstone, _)| tombstone.order).max() else {
        return;
    };
    let young = fitting
        .iter()
        .filter(|(tombstone, _)| tombstone.order == youngest);
    let young: Vec<&'l LiveOffer> = young.map(|(_, offer)| *offer).collect();
    if let [offer] = young.as_slice() {
        match matcher.other_project(offer).map(str::to_owned) {
            Some(project) => {
                let id = &offer.id;
                matcher.refuse_other_project(name, (id, &project), Claim::Tombstone);
            }
            None => matcher.adopt(name, offer, declared.offer_type, Rule::Tombstone),
        }
        return;
    }
    // A state of an earlier version does not say which of them went last.
    let ids: Vec<OfferId> = young.iter().map(|offer| offer.id.clone()).collect();
    let message = format!(
        "several offers were `{name}` and can be revived: {}",
        list(&ids)
    );
    let help = adopt_any(matcher, name, &young);
    let ids: Vec<&OfferId> = ids.iter().collect();
    matcher.conflict(name, ConflictCode::Ambiguous, (message, help), &ids);
}
