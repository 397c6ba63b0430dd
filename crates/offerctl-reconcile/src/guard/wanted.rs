//! What an entry of `allow` would have to say for a refused change to pass: [`Wanted`], and [`advice`] that is ready to paste.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use offerctl_manifest::manifest::EVERY_OTHER_COUNTRY;
use offerctl_manifest::project::FILE_NAME;
use offerctl_model::country::Country;
use offerctl_model::field::Field;
use offerctl_model::foreign::Foreign;
use offerctl_model::money::{Amount, Currency};
use offerctl_model::name::Name;
use rust_decimal::Decimal;

use crate::notation::country_word;
use crate::plan::Change;

/// How many offers an entry names at most, so that its line can be shown in one piece everywhere. More get more entries.
const OFFERS_IN_ENTRY: usize = 25;

/// What an entry of `allow` would have to say for a refused change to pass.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Wanted {
    /// The change in a few words, for a list of many.
    pub item: String,
    /// The offers that it is about.
    offers: BTreeSet<Name>,
    /// The files that declare them; `None` for an offer of which that is not known.
    files: BTreeSet<Option<Arc<Foreign>>>,
    what: What,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum What {
    PriceChange {
        country: Option<Country>,
        percent: Decimal,
        is_up: bool,
    },
    PriceRange {
        country: Option<Country>,
        currency: Currency,
        price: Amount,
    },
    Countries {
        countries: BTreeSet<Country>,
        every_other: bool,
    },
    Deactivations,
    Replacements,
    Clears {
        field: Field,
    },
}

impl Wanted {
    fn new(change: &Change, item: String, what: What) -> Self {
        Self {
            item,
            offers: BTreeSet::from([change.name.clone()]),
            files: BTreeSet::from([change.file.clone()]),
            what,
        }
    }

    /// A price that moves too far; `None` from or to nothing, which no percentage approves.
    pub(super) fn price_change(
        change: &Change,
        item: String,
        (country, before, after): (Option<Country>, Amount, Amount),
    ) -> Option<Self> {
        if before == Amount::ZERO || after == Amount::ZERO {
            return None;
        }
        let moved = (after.decimal() - before.decimal()).abs();
        let moved = moved.checked_mul(Decimal::ONE_HUNDRED)?;
        // Division may round down, and what is shown must cover the move.
        let mut percent = moved.checked_div(before.decimal())?.ceil();
        if before.decimal().checked_mul(percent)? < moved {
            percent = percent.checked_add(Decimal::ONE)?;
        }
        let is_up = after > before;
        let what = What::PriceChange {
            country,
            percent,
            is_up,
        };
        Some(Self::new(change, item, what))
    }

    /// A price out of range; `None` if nobody knows its currency.
    pub(super) fn price_range(
        change: &Change,
        item: String,
        (country, currency, price): (Option<Country>, Option<Currency>, Amount),
    ) -> Option<Self> {
        let what = What::PriceRange {
            country,
            currency: currency?,
            price,
        };
        Some(Self::new(change, item, what))
    }

    /// Countries that go.
    pub(super) fn countries(
        change: &Change,
        (item, countries, every_other): (String, BTreeSet<Country>, bool),
    ) -> Self {
        let what = What::Countries {
            countries,
            every_other,
        };
        Self::new(change, item, what)
    }

    /// An offer that is replaced.
    pub(super) fn replacement(change: &Change) -> Self {
        Self::new(change, format!("`{}`", change.name), What::Replacements)
    }

    /// Offers that go.
    pub(super) fn deactivations<'c>(changes: impl Iterator<Item = &'c Change>) -> Self {
        Self::of_many(changes, What::Deactivations)
    }

    /// Offers that lose the value of a field.
    pub(super) fn clears<'c>(changes: impl Iterator<Item = &'c Change>, field: Field) -> Self {
        Self::of_many(changes, What::Clears { field })
    }

    fn of_many<'c>(changes: impl Iterator<Item = &'c Change>, what: What) -> Self {
        let (mut offers, mut files) = (BTreeSet::new(), BTreeSet::new());
        for change in changes {
            offers.insert(change.name.clone());
            files.insert(change.file.clone());
        }
        Self {
            item: String::new(),
            offers,
            files,
            what,
        }
    }
}

/// Returns what to write into which file so that all of it passes: entries that are ready to paste.
pub(super) fn advice<'w>(wanted: impl IntoIterator<Item = &'w Wanted>) -> String {
    let mut files: BTreeSet<Option<Arc<Foreign>>> = BTreeSet::new();
    let mut by_currency: BTreeMap<Option<Currency>, Needed> = BTreeMap::new();
    for one in wanted {
        files.extend(one.files.iter().cloned());
        let currency = match &one.what {
            What::PriceRange { currency, .. } => Some(*currency),
            What::PriceChange { .. }
            | What::Countries { .. }
            | What::Deactivations
            | What::Replacements
            | What::Clears { .. } => None,
        };
        by_currency.entry(currency).or_default().add(one);
    }
    let file = match Vec::from_iter(files).as_slice() {
        [Some(file)] => file.to_string(),
        _ => FILE_NAME.to_owned(),
    };
    let mut lines = vec![format!("if intended, add this under `allow:` in `{file}`:")];
    for (currency, needed) in &by_currency {
        let offers: Vec<&str> = needed.offers.iter().map(Name::as_str).collect();
        for offers in offers.chunks(OFFERS_IN_ENTRY) {
            let what = needed.words(currency.as_ref());
            lines.push(format!(
                "- {{{}: {{offers: [{}]{what}}}, reason: …, until: YYYY-MM-DD}}",
                needed.kind,
                offers.join(", ")
            ));
        }
    }
    lines.join("\n")
}

/// What one entry has to cover.
#[derive(Default)]
struct Needed {
    kind: &'static str,
    offers: BTreeSet<Name>,
    /// The countries; `None` among them for what is about no country.
    countries: BTreeSet<Option<Country>>,
    every_other: bool,
    percent: Decimal,
    /// Whether prices rise, and whether they fall.
    directions: BTreeSet<bool>,
    prices: BTreeSet<Amount>,
    field: Option<Field>,
}

impl Needed {
    fn add(&mut self, wanted: &Wanted) {
        self.offers.extend(wanted.offers.iter().cloned());
        match &wanted.what {
            What::PriceChange {
                country,
                percent,
                is_up,
            } => {
                self.kind = "priceChange";
                self.countries.insert(*country);
                self.percent = self.percent.max(*percent);
                self.directions.insert(*is_up);
            }
            What::PriceRange {
                country,
                currency: _,
                price,
            } => {
                self.kind = "priceRange";
                self.countries.insert(*country);
                self.prices.insert(*price);
            }
            What::Countries {
                countries,
                every_other,
            } => {
                self.kind = "removeCountries";
                self.countries.extend(countries.iter().copied().map(Some));
                self.every_other |= every_other;
            }
            What::Deactivations => self.kind = "deactivations",
            What::Replacements => self.kind = "replacements",
            What::Clears { field } => {
                self.kind = "clears";
                self.field = Some(*field);
            }
        }
    }

    /// What stands behind the offers.
    fn words(&self, currency: Option<&Currency>) -> String {
        let mut words: Vec<String> = Vec::new();
        if self.kind == "priceChange" {
            words.push(format!(", max: {}%", self.percent.normalize()));
            if let [is_up] = Vec::from_iter(&self.directions).as_slice() {
                let direction = if **is_up { "up" } else { "down" };
                words.push(format!(", direction: {direction}"));
            }
        }
        if let Some(field) = self.field {
            words.push(format!(", field: {field}"));
        }
        if let Some(currency) = currency {
            words.push(format!(", currency: {currency}"));
            let bounds = [("min", self.prices.first()), ("max", self.prices.last())];
            for (key, bound) in bounds {
                let bound = bound.map(|bound| bound.in_digits_of(Some(*currency)));
                words.push(format!(", {key}: {}", bound.unwrap_or_default()));
            }
        }
        // The price of the offer itself is named by no country.
        let named: Option<Vec<String>> = self
            .countries
            .iter()
            .map(|country| Some(country_word((*country)?)))
            .collect();
        let mut named = named.unwrap_or_default();
        if self.every_other {
            named.push(format!("\"{EVERY_OTHER_COUNTRY}\""));
        }
        if !named.is_empty() {
            words.push(format!(", countries: [{}]", named.join(", ")));
        }
        words.concat()
    }
}
