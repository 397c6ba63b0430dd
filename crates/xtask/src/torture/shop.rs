//! The catalogue that is applied: 64 offers of all types, and what is expected to be on sale in the end.

mod turn;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use self::turn::Turn;
use super::api::Api;

/// What is on sale under a title.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct OnSale {
    /// The type, as the emulator keeps it.
    pub(super) kind: &'static str,
    /// Countries, prices and currencies.
    pub(super) rows: BTreeSet<(String, String, String)>,
    /// How long a subscription lasts.
    pub(super) period: Option<String>,
    /// Our marker, over REST.
    pub(super) marker: Option<String>,
}

/// Manifests, and what they mean.
#[derive(Debug, Clone)]
pub(super) struct Shop {
    pub(super) api: Api,
    pub(super) manifest: String,
    pub(super) expected: BTreeMap<String, OnSale>,
    /// The titles of offers that are replaced by others on the way to this catalogue.
    pub(super) replaced: BTreeSet<String>,
}

/// How far the catalogue has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// It is made in an empty account.
    Fresh,
    /// Some offers and countries are taken off sale, to be put back later; only REST can do that.
    Rested,
    /// Prices, removals, new offers; over REST also countries that come, go and come back, offers that come back, and
    /// replacements.
    Changed {
        /// How many quarters dearer every fourth offer is.
        dearer: usize,
        /// How many of [`NEW_OFFERS`] there are.
        new: usize,
    },
}

impl Stage {
    /// The change that a runner applies alone.
    pub(super) const CHANGED: Self = Self::Changed { dearer: 1, new: 12 };

    /// The same, for runners that declare the same but for prices.
    pub(super) fn prices(number: usize) -> Self {
        Self::Changed {
            dearer: number,
            new: 6,
        }
    }

    /// The change as one of several runners declares it, from 1 to 3: each has other prices, and a later one more offers, which
    /// are not localized: JSON-RPC cannot take back those that are.
    pub(super) fn edition(number: usize) -> Self {
        Self::Changed {
            dearer: number,
            new: 3 + 3 * number,
        }
    }
}

/// The types by the number of an offer.
pub(super) const KINDS: [&str; 6] = ["subscription", "pass", "single", "rental", "event", "vod"];

/// The countries of localized offers, with their currencies. The first is that of the account.
const COUNTRIES: [(&str, &str); 3] = [("US", "USD"), ("FR", "EUR"), ("NO", "NOK")];

/// A country that some offers get later.
const NEW_COUNTRY: (&str, &str) = ("SE", "SEK");

/// The offers that a change makes beside the first 64.
pub(super) const NEW_OFFERS: std::ops::Range<usize> = 70..82;

/// The title of an offer.
pub(super) fn title(number: usize) -> String {
    format!("Offer {number}")
}

/// The address of an offer.
pub(super) fn url(number: usize) -> String {
    format!("https://club.example/{number}")
}

/// What a manifest says of one offer.
struct Look {
    number: usize,
    /// How many quarters dearer than at first.
    dearer: usize,
    period: &'static str,
    /// The countries, each with its currency and how many quarters dearer it is by itself; none for a plain offer.
    countries: Vec<(&'static str, &'static str, usize)>,
    lifecycle: Option<&'static str>,
}

impl Shop {
    /// The catalogue at a stage.
    pub(super) fn at(api: Api, stage: Stage) -> Self {
        let mut shop = Self {
            api,
            manifest: "version: 1\noffers:\n".to_owned(),
            expected: BTreeMap::new(),
            replaced: BTreeSet::new(),
        };
        let (new, is_changed) = match stage {
            Stage::Changed { new, .. } => (new, true),
            Stage::Fresh | Stage::Rested => (0, false),
        };
        for number in (0..64).chain(NEW_OFFERS.take(new)) {
            if let Some(look) = Look::at(api, stage, number) {
                if is_changed && Turn::of(api, number) == Some(Turn::Replaced) {
                    shop.replaced.insert(title(number));
                }
                shop.add(&look);
            }
        }
        shop
    }

    fn add(&mut self, look: &Look) {
        let number = look.number;
        let kind = KINDS[number % KINDS.len()];
        let price =
            |more: usize, dearer: usize| format!("{}.{:02}", 10 + number + more, 20 + dearer * 25);
        let own = price(0, look.dearer);
        let text = &mut self.manifest;
        let _written = write!(
            text,
            "  offer-{number}:\n    type: {kind}\n    title: {}\n    url: {}\n    price: {own}\n",
            title(number),
            url(number),
        );
        match (kind, self.api) {
            ("subscription" | "pass", _) => {
                let period = look.period;
                let _written = write!(
                    text,
                    "    period: {period}\n    accessToTags: [sport]\n"
                );
            }
            ("rental", _) => text.push_str("    period: 48\n"),
            ("event", _) => text.push_str(
                "    startTime: 2031-06-01T20:00:00Z\n    endTime: 2031-06-01T22:00:00Z\n    timeZone: Europe/Oslo\n",
            ),
            (_, Api::Rest) => {
                text.push_str("    entitlement: {duration: {periodUnit: month, amount: 1}}\n");
            }
            (_, Api::JsonRpc) => {}
        }
        if let Some((word, needed)) = needed(self.api, number) {
            let _written = writeln!(text, "    {word}: [offer-{needed}]");
        }
        if let Some(lifecycle) = look.lifecycle {
            let _written = writeln!(text, "    lifecycle: {lifecycle}");
        }
        let mut rows = BTreeSet::new();
        if look.countries.is_empty() {
            rows.insert(("US".to_owned(), own, "USD".to_owned()));
        } else {
            text.push_str("    localizations:\n");
        }
        for (index, (country, currency, dearer)) in look.countries.iter().enumerate() {
            let own = price(index, look.dearer + dearer);
            let _written = writeln!(
                text,
                "      {country}: {{currency: {currency}, price: {own}}}"
            );
            rows.insert(((*country).to_owned(), own, (*currency).to_owned()));
        }
        let kind = match (kind, self.api) {
            // REST has one type for the three.
            ("single" | "rental" | "vod", Api::Rest) => "vod",
            (kind, _) => kind,
        };
        let on_sale = OnSale {
            kind,
            rows,
            period: (kind == "subscription").then(|| look.period.to_owned()),
            marker: (self.api == Api::Rest).then(|| format!("torture/offer-{number}")),
        };
        self.expected.insert(title(number), on_sale);
    }
}

/// The offer that an offer needs, with the field that says so.
fn needed(api: Api, number: usize) -> Option<(&'static str, usize)> {
    match (KINDS[number % KINDS.len()], api) {
        // A VOD that comes with the event before it.
        ("vod", _) if number % 12 == 5 && number != 5 => {
            let word = match api {
                Api::JsonRpc => "eventAssociation",
                Api::Rest => "dependsOn",
            };
            Some((word, number - 1))
        }
        ("single", _) if number % 12 == 8 => Some(("dependsOn", number - 1)),
        // A pass that goes over to what the offer before it is replaced by.
        ("pass", Api::Rest) if number == 25 => Some(("dependsOn", number - 1)),
        _ => None,
    }
}

impl Look {
    /// What is said of an offer; `None` if it is not declared.
    fn at(api: Api, stage: Stage, number: usize) -> Option<Self> {
        let is_localizable = api == Api::Rest || number % KINDS.len() < 4;
        let is_localized = is_localizable && (number / KINDS.len()).is_multiple_of(3);
        let mut look = Self {
            number,
            dearer: 0,
            period: "month",
            countries: Vec::new(),
            lifecycle: None,
        };
        if is_localized {
            look.countries = COUNTRIES
                .map(|(country, currency)| (country, currency, 0))
                .to_vec();
        }
        let turn = Turn::of(api, number);
        if let Stage::Changed { dearer, .. } = stage
            && number < 64
            && number.is_multiple_of(4)
        {
            look.dearer = dearer;
        }
        match (stage, turn) {
            (Stage::Changed { .. }, Some(Turn::Removed)) | (Stage::Rested, Some(Turn::PutBack)) => {
                return None;
            }
            (Stage::Changed { .. }, Some(Turn::CountryAdded)) => {
                let (country, currency) = NEW_COUNTRY;
                look.countries.push((country, currency, 0));
            }
            (Stage::Changed { .. }, Some(Turn::Localized)) => {
                look.countries = COUNTRIES[..2]
                    .iter()
                    .map(|(country, currency)| (*country, *currency, 0))
                    .collect();
            }
            (Stage::Changed { .. }, Some(Turn::CountryDearer)) => look.countries[2].2 = 1,
            (Stage::Changed { .. }, Some(Turn::CountryRemoved))
            | (Stage::Rested, Some(Turn::CountryPutBack)) => {
                look.countries.truncate(2);
                look.lifecycle = Some(
                    "{removeCountries: {countries: [NO], reason: the licence ended, until: 2099-12-31}}",
                );
            }
            (Stage::Changed { .. }, Some(Turn::Replaced)) => {
                look.period = "year";
                look.lifecycle = Some("{onImmutableChange: replace}");
            }
            _ => {}
        }
        Some(look)
    }
}
