//! Whether a live catalogue is what the manifests say: [`judge`].

use std::collections::{BTreeMap, BTreeSet};

use cleeng_emulator::{Field, FieldValue, Offer};

use super::api::Api;
use super::shop::{OnSale, Shop};

/// The stems under which each title was known before anything went wrong.
pub(super) type Known = BTreeMap<String, BTreeSet<String>>;

/// What is wrong with a live catalogue.
#[derive(Debug, Default)]
pub(super) struct Findings {
    /// Titles that were made more than once.
    pub(super) twice: Vec<String>,
    /// All else.
    pub(super) other: Vec<String>,
}

/// The stems of the offers by title.
pub(super) fn known(offers: &[Offer]) -> Known {
    let mut known = Known::new();
    for offer in offers {
        let stems = known.entry(title(offer)).or_default();
        stems.insert(offer.id().stem().to_owned());
    }
    known
}

/// Our marker on an offer, by the row that the offer itself is.
pub(super) fn marker(row: &Offer) -> Option<&str> {
    match row.get(Field::ExternalProperties) {
        Some(FieldValue::Map(texts)) => texts.get("offerctl").map(String::as_str),
        _ => None,
    }
}

/// Compares what is on sale with what should be; offers of strangers, by their ids, are passed over.
pub(super) fn judge(
    offers: &[Offer],
    (shop, known): (&Shop, &Known),
    strangers: &BTreeSet<String>,
) -> Findings {
    let live = on_sale(offers, strangers);
    let mut findings = Findings::default();
    for (title, by_stem) in &live {
        let before = known.get(title);
        let is_new = |stem: &&String| before.is_none_or(|stems| !stems.contains(*stem));
        let made = by_stem.keys().filter(is_new).count();
        // A replacement that is half-way: the new one is made, and the old one has not gone yet.
        let is_half_way = shop.replaced.contains(title) && made <= 1 && by_stem.len() == 2;
        let problem = format!("{title}: {:?}", by_stem.keys());
        if is_half_way {
            findings.other.push(problem);
        } else if by_stem.len() > 1 {
            findings.twice.push(problem);
        }
        if !shop.expected.contains_key(title) {
            findings
                .other
                .push(format!("{title} is on sale and should not be"));
        }
        // What can be changed or put back is the same offer as before; what cannot is another.
        let same = shop.api == Api::Rest && before.is_some();
        if same && !is_half_way && (made > 0) != shop.replaced.contains(title) {
            let stems = by_stem.keys();
            let problem = format!("{title} is {stems:?}, and was {before:?}");
            findings.other.push(problem);
        }
    }
    for (title, wanted) in &shop.expected {
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

/// What is on sale, by title and stem.
fn on_sale(
    offers: &[Offer],
    strangers: &BTreeSet<String>,
) -> BTreeMap<String, BTreeMap<String, OnSale>> {
    // Over REST the row that is no localization is the offer: without it, nothing of it is sold.
    let off_sale: BTreeSet<&str> = offers
        .iter()
        .filter(|row| !row.is_localized() && !row.is_active())
        .map(|row| row.id().stem())
        .collect();
    let mut live: BTreeMap<String, BTreeMap<String, OnSale>> = BTreeMap::new();
    for row in offers {
        let stem = row.id().stem();
        if !row.is_active() || strangers.contains(stem) || off_sale.contains(stem) {
            continue;
        }
        let by_stem = live.entry(title(row)).or_default();
        let found = by_stem.entry(stem.to_owned()).or_insert_with(|| OnSale {
            kind: row.kind().name(),
            rows: BTreeSet::new(),
            period: None,
            marker: None,
        });
        let price = match row.get(Field::Price) {
            Some(FieldValue::Amount(amount)) => format!("{amount:.2}"),
            other => format!("{other:?}"),
        };
        let (country, currency) = (row.id().country().to_owned(), row.currency().to_string());
        found.rows.insert((country, price, currency));
        if row.kind().name() == "subscription" {
            found.period = row.text(Field::Period).map(str::to_owned);
        }
        if let Some(marker) = marker(row) {
            found.marker = Some(marker.to_owned());
        }
    }
    live
}

fn title(offer: &Offer) -> String {
    offer.text(Field::Title).unwrap_or_default().to_owned()
}
