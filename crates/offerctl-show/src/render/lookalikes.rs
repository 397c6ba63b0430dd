//! Offers that look alike, in words: [`lookalike_words`].

use offerctl_model::words::quoted;
use offerctl_reconcile::lookalike::Lookalikes;

/// How many groups of offers that look alike are told of before the rest is counted.
pub(super) const LOOKALIKES_SHOWN: usize = 10;

/// Offers that look alike, and what to do about them.
pub(super) fn lookalike_words(found: &Lookalikes) -> String {
    let offers: Vec<String> = found
        .offers
        .iter()
        .map(|offer| match &offer.name {
            Some(name) => format!("{name} ({})", offer.id),
            None => format!("{} (unmanaged)", offer.id),
        })
        .collect();
    format!(
        "{} look alike ({}, {}): {}",
        offers.join(" and "),
        found.offer_type,
        quoted(&found.title),
        found.ways_out().join("; ")
    )
}
