//! The catalogue that is applied: 64 offers of all types, and what is expected to be on sale in the end.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// What is on sale under a title: the type, and the countries with their prices.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct OnSale {
    pub(super) kind: &'static str,
    pub(super) rows: BTreeSet<(String, String)>,
}

/// Manifests, and what they mean.
#[derive(Debug, Clone, Default)]
pub(super) struct Shop {
    pub(super) manifest: String,
    pub(super) expected: BTreeMap<String, OnSale>,
}

/// The countries of localized offers, with their currencies.
const COUNTRIES: [(&str, &str); 3] = [("US", "USD"), ("FR", "EUR"), ("NO", "NOK")];

impl Shop {
    /// The whole catalogue, as it is made.
    pub(super) fn fresh() -> Self {
        let mut shop = Self::begin();
        for number in 0..64 {
            shop.add(number, 0);
        }
        shop
    }

    /// The catalogue after some edits: prices, removals, a rename, new offers, a change of type.
    pub(super) fn changed() -> Self {
        let mut shop = Self::begin();
        for number in 0..64 {
            match number {
                // Gone: plain offers of all types.
                5 | 11 | 17 | 22 | 27 | 33 => {}
                // Dearer by a little, localized ones among them.
                number if number % 4 == 0 => shop.add(number, 1),
                _ => shop.add(number, 0),
            }
        }
        for number in 70..82 {
            shop.add(number, 0);
        }
        shop
    }

    fn begin() -> Self {
        Self {
            manifest: "version: 1\noffers:\n".to_owned(),
            ..Self::default()
        }
    }

    fn add(&mut self, number: usize, dearer: usize) {
        let kinds = ["subscription", "pass", "single", "rental", "event", "vod"];
        let kind = kinds[number % 6];
        let localized = number % 6 < 4 && (number / 6).is_multiple_of(3);
        let title = format!("Offer {number}");
        let price = |more: usize| format!("{}.{:02}", 10 + number + more, 20 + dearer * 25);
        let text = &mut self.manifest;
        let _written = write!(
            text,
            "  offer-{number}:\n    type: {kind}\n    title: {title}\n    url: https://club.example/{number}\n    price: {}\n",
            price(0)
        );
        text.push_str(match kind {
            "subscription" | "pass" => "    period: month\n    accessToTags: [sport]\n",
            "rental" => "    period: 48\n",
            "event" => {
                "    startTime: 2031-06-01T20:00:00Z\n    endTime: 2031-06-01T22:00:00Z\n    timeZone: Europe/Oslo\n"
            }
            _ => "",
        });
        match (kind, number) {
            // A VOD that comes with the event before it.
            ("vod", number) if number % 12 == 5 && number != 5 => {
                let _written = writeln!(text, "    eventAssociation: [offer-{}]", number - 1);
            }
            ("single", number) if number % 12 == 8 => {
                let _written = writeln!(text, "    dependsOn: [offer-{}]", number - 1);
            }
            _ => {}
        }
        let mut rows = BTreeSet::new();
        if localized {
            text.push_str("    localizations:\n");
            for (index, (country, currency)) in COUNTRIES.into_iter().enumerate() {
                let own = price(index);
                let _written = writeln!(
                    text,
                    "      {country}: {{currency: {currency}, price: {own}}}"
                );
                rows.insert((country.to_owned(), own));
            }
        } else {
            rows.insert(("US".to_owned(), price(0)));
        }
        self.expected.insert(title, OnSale { kind, rows });
    }
}
