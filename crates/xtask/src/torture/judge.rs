//! Whether a live catalogue is what the manifests say: [`judge`].

use std::collections::{BTreeMap, BTreeSet};

use cleeng_emulator::{Field, FieldValue, Offer};

use super::shop::OnSale;

/// What is wrong with a live catalogue.
#[derive(Debug, Default)]
pub(super) struct Findings {
    /// Titles that are on sale more than once.
    pub(super) twice: Vec<String>,
    /// All else.
    pub(super) other: Vec<String>,
}

/// Compares what is on sale with what should be; offers of strangers, by their ids, are passed over.
pub(super) fn judge(
    offers: &[Offer],
    expected: &BTreeMap<String, OnSale>,
    strangers: &BTreeSet<String>,
) -> Findings {
    let mut live: BTreeMap<String, BTreeMap<String, OnSale>> = BTreeMap::new();
    for offer in offers {
        if !offer.is_active() || strangers.contains(offer.id().stem()) {
            continue;
        }
        let title = offer.text(Field::Title).unwrap_or_default().to_owned();
        let by_stem = live.entry(title).or_default();
        let found = by_stem
            .entry(offer.id().stem().to_owned())
            .or_insert_with(|| OnSale {
                kind: offer.kind().name(),
                rows: BTreeSet::new(),
            });
        let price = match offer.get(Field::Price) {
            Some(FieldValue::Amount(amount)) => format!("{amount:.2}"),
            other => format!("{other:?}"),
        };
        found.rows.insert((offer.id().country().to_owned(), price));
    }
    let mut findings = Findings::default();
    for (title, by_stem) in &live {
        if by_stem.len() > 1 {
            findings
                .twice
                .push(format!("{title}: {:?}", by_stem.keys()));
        }
        if !expected.contains_key(title) {
            findings
                .other
                .push(format!("{title} is on sale and should not be"));
        }
    }
    for (title, wanted) in expected {
        match live.get(title).and_then(|by_stem| by_stem.values().next()) {
            None => findings.other.push(format!("{title} is not on sale")),
            Some(found) if found != wanted => {
                findings
                    .other
                    .push(format!("{title} is {found:?}, not {wanted:?}"));
            }
            Some(_) => {}
        }
    }
    findings
}
