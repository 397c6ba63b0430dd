//! Manifests that are edited: [`Files`].

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use crate::support::Api;

/// The manifests of a project.
#[derive(Clone, Debug)]
pub(super) struct Files {
    pub(super) api: Api,
    pub(super) by_name: BTreeMap<String, File>,
    /// Names that were ever given, so that each is given once.
    pub(super) names: u32,
    /// Offers whose description git or a default ever said.
    pub(super) described: BTreeSet<String>,
}

/// One manifest file.
#[derive(Clone, Debug, Default)]
pub(super) struct File {
    pub(super) defaults: BTreeMap<String, String>,
    pub(super) offers: BTreeMap<String, Offer>,
}

/// One offer of a file.
#[derive(Clone, Debug)]
pub(super) struct Offer {
    /// What it is known by whatever its name is.
    pub(super) key: String,
    pub(super) kind: &'static str,
    pub(super) moved_from: Option<String>,
    pub(super) fields: BTreeMap<String, String>,
    /// What it says for its environment only.
    pub(super) here: BTreeMap<String, String>,
    /// The countries with their currencies and values.
    pub(super) rows: BTreeMap<&'static str, BTreeMap<String, String>>,
}

/// The countries that an offer may have, with their currencies.
pub(super) const COUNTRIES: [(&str, &str); 4] =
    [("FR", "EUR"), ("DE", "EUR"), ("SE", "SEK"), ("GB", "GBP")];

/// The address that an offer is known by.
pub(super) fn url(key: &str) -> String {
    format!("https://club.tv/{key}")
}

impl Offer {
    pub(super) fn new(api: Api, key: &str, kind: &'static str) -> Self {
        let mut fields: BTreeMap<String, String> = BTreeMap::new();
        let mut set = |field: &str, value: &str| fields.insert(field.to_owned(), value.to_owned());
        set("title", &format!("Title of {key}"));
        set("url", &url(key));
        set("price", "10.00");
        match kind {
            "subscription" | "pass" => {
                set("period", "month");
            }
            "rental" => {
                set("period", "48");
            }
            "event" => {
                set("startTime", "2031-06-01T20:00:00+02:00");
                set("endTime", "2031-06-01T22:00:00+02:00");
                set("timeZone", "Europe/Oslo");
            }
            _ if api == Api::Rest => {
                set("entitlement", "{duration: {periodUnit: year, amount: 1}}");
            }
            _ => {}
        }
        Self {
            key: key.to_owned(),
            kind,
            moved_from: None,
            fields,
            here: BTreeMap::new(),
            rows: BTreeMap::new(),
        }
    }

    pub(super) fn localized(mut self) -> Self {
        for (country, currency) in &COUNTRIES[..2] {
            self.add_row(country, currency);
        }
        self
    }

    pub(super) fn add_row(&mut self, country: &'static str, currency: &str) {
        let row = [
            ("currency".to_owned(), currency.to_owned()),
            ("price".to_owned(), "9.00".to_owned()),
        ];
        self.rows.insert(country, row.into());
    }

    fn write(&self, name: &str, text: &mut String) {
        let kind = self.kind;
        write!(text, "  {name}:\n    type: {kind}\n").unwrap();
        if let Some(from) = &self.moved_from {
            writeln!(text, "    movedFrom: {from}").unwrap();
        }
        for (field, value) in &self.fields {
            writeln!(text, "    {field}: {value}").unwrap();
        }
        if !self.rows.is_empty() {
            text.push_str("    localizations:\n");
            for (country, row) in &self.rows {
                writeln!(text, "      {country}: {}", flow(row)).unwrap();
            }
        }
        if !self.here.is_empty() {
            writeln!(text, "    environments:\n      shop: {}", flow(&self.here)).unwrap();
        }
    }
}

fn flow(entries: &BTreeMap<String, String>) -> String {
    let entries = entries.iter().map(|(key, value)| format!("{key}: {value}"));
    format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
}

impl Files {
    /// A project with an offer of each type, some of them localized.
    pub(super) fn new(api: Api) -> Self {
        let mut files = Self {
            api,
            by_name: BTreeMap::new(),
            names: 0,
            described: BTreeSet::new(),
        };
        for (file, kinds) in [
            ("access.yaml", ["subscription", "pass", "subscription"]),
            ("content.yaml", ["event", "vod", "single"]),
        ] {
            let entry = files.by_name.entry(file.to_owned()).or_default();
            for kind in kinds {
                files.names += 1;
                let key = format!("k{}", files.names);
                let offer = Offer::new(api, &key, kind);
                let offer = if files.names == 3 {
                    offer.localized()
                } else {
                    offer
                };
                entry.offers.insert(format!("offer-{}", files.names), offer);
            }
        }
        files
    }

    /// The files with their texts.
    pub(super) fn texts(&self) -> impl Iterator<Item = (&str, String)> {
        let files = self
            .by_name
            .iter()
            .filter(|(_, file)| !file.offers.is_empty());
        files.map(|(name, file)| {
            let mut text = "version: 1\n".to_owned();
            if !file.defaults.is_empty() {
                writeln!(text, "defaults: {}", flow(&file.defaults)).unwrap();
            }
            text.push_str("offers:\n");
            for (name, offer) in &file.offers {
                offer.write(name, &mut text);
            }
            (name.as_str(), text)
        })
    }

    /// The plain offers whose description git never said.
    pub(super) fn never_described(&self) -> Vec<String> {
        let offers = self.by_name.values().flat_map(|file| file.offers.values());
        let open =
            offers.filter(|offer| offer.rows.is_empty() && !self.described.contains(&offer.key));
        open.map(|offer| offer.key.clone()).collect()
    }

    /// Remembers whose description git says by now.
    pub(super) fn note_descriptions(&mut self) {
        let says = |fields: &BTreeMap<String, String>| fields.contains_key("description");
        for file in self.by_name.values() {
            let by_default = says(&file.defaults);
            for offer in file.offers.values() {
                if by_default || says(&offer.fields) || says(&offer.here) {
                    self.described.insert(offer.key.clone());
                }
            }
        }
    }

    /// The addresses of the offers that say something of a field, be it that there is nothing.
    pub(super) fn speaking_of(&self, field: &str) -> BTreeSet<String> {
        let files = self.by_name.values();
        let offers = files.flat_map(|file| {
            let by_default = file.defaults.contains_key(field);
            let offers = file.offers.values();
            offers.filter(move |offer| {
                by_default || offer.fields.contains_key(field) || offer.here.contains_key(field)
            })
        });
        offers.map(|offer| url(&offer.key)).collect()
    }
}
