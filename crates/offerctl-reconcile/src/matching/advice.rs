//! What a person can do about a match that cannot be decided: the commands to run and the lines to write.

use std::collections::BTreeSet;

use offerctl_manifest::desired::Offer;
use offerctl_manifest::desired::project_named_by;
use offerctl_model::foreign::shell_word;
use offerctl_model::name::{Name, OfferId};

use super::matcher::Matcher;
use crate::live::LiveOffer;

/// Some ids for a message: all of a few, the first of many.
pub(super) fn list(ids: &[OfferId]) -> String {
    const SHOWN: usize = 4;
    let mut words: Vec<String> = ids.iter().take(SHOWN).map(OfferId::to_string).collect();
    if ids.len() > SHOWN {
        words.push(format!("{} more", ids.len() - SHOWN));
    }
    words.join(", ")
}

/// Both ways out where a name and live offers may or may not be the same: to adopt one, or to say that it is another.
pub(super) fn adopt_or_distinct(
    matcher: &Matcher<'_, '_>,
    (name, declared): (&Name, &Offer),
    offers: &[&LiveOffer],
) -> String {
    let another = if offers.len() == 1 {
        "if it is another one"
    } else {
        "if it is none of them"
    };
    format!(
        "{}; {another}, write {} into `{name}`",
        adopt_any(matcher, name, offers),
        distinct_line(declared, offers)
    )
}

/// The command that binds a name to one of these offers.
pub(super) fn adopt_any(matcher: &Matcher<'_, '_>, name: &Name, offers: &[&LiveOffer]) -> String {
    if let [offer] = offers {
        let command = adopt_command(matcher, name, offer);
        return format!("if it is the same offer, bind it: `{command}`");
    }
    let ids: Vec<OfferId> = offers.iter().map(|offer| offer.id.clone()).collect();
    format!(
        "if one of them is the same offer, bind it: `offerctl state adopt {name} ID`, where ID is one of {}",
        list(&ids)
    )
}

/// The command that binds a name to a live offer.
pub(super) fn adopt_command(matcher: &Matcher<'_, '_>, name: &Name, offer: &LiveOffer) -> String {
    let command = format!("offerctl state adopt {name} {}", offer.id.argument());
    let named = offer.marker().and_then(project_named_by);
    match named.filter(|named| matcher.desired.take_over_from.contains(*named)) {
        Some(project) => format!("{command} {}", take_over(project)),
        None => command,
    }
}

/// The line that says that an offer is none of these live ones, nor of those that it is known not to be.
pub(super) fn distinct_line(declared: &Offer, offers: &[&LiveOffer]) -> String {
    let known = declared.lifecycle.distinct_from.iter().cloned();
    let ids = offers.iter().map(|offer| offer.id.to_stem());
    let ids: BTreeSet<OfferId> = known.chain(ids).collect();
    let ids: Vec<String> = ids.iter().map(OfferId::to_string).collect();
    format!("`lifecycle: {{distinctFrom: [{}]}}`", ids.join(", "))
}

/// The flag that allows to take over the offers of another project.
pub(super) fn take_over(project: &str) -> String {
    format!("--take-over-from {}", shell_word(project))
}
