//! The table of the keys of `offerctl.yaml`, and what each holds.
//!
//! Reading and the JSON Schema go by it, so that neither knows a key, a bound or a word that the other does not.

#![cfg_attr(
    not(feature = "schema"),
    expect(dead_code, reason = "only the schema says what keys are for")
)]

use offerctl_model::money::Amount;

use super::environment::MAX_BATCH;

/// A mapping with known keys.
pub(crate) struct Section {
    /// What the schema calls it.
    pub(crate) title: &'static str,
    pub(crate) doc: &'static str,
    pub(crate) keys: &'static [Key],
}

/// A key of a section.
pub(crate) struct Key {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    doc: &'static [&'static str],
}

/// What a value is; the text beside it is what messages call it.
pub(crate) enum Kind {
    /// The number 1, which must be there.
    Version,
    /// A text that is not empty.
    Text(&'static str),
    /// Values of one kind.
    List(&'static str, &'static Self),
    /// Values of one kind by names or currencies.
    Map(&'static str, &'static Self),
    /// A whole number within bounds, both included.
    Integer {
        min: u64,
        max: u64,
    },
    /// Seconds with fractions; the bounds are in milliseconds, both included.
    Seconds {
        min: u32,
        max: u32,
    },
    /// A plain decimal number.
    Price,
    /// A number with a percent sign.
    Percent,
    /// `true` or `false`.
    Flag,
    Country,
    Currency,
    /// One of a few words.
    Choice(&'static Choice),
    Section(&'static str, &'static Section),
    /// A list of approvals, which manifests have as well.
    Approvals,
    /// A section of which just one key is given.
    OneOf(&'static Section),
}

/// A few words, each with what it stands for.
pub(crate) struct Choice {
    /// What the schema calls it.
    pub(crate) title: &'static str,
    pub(crate) doc: &'static str,
    pub(crate) words: &'static [(&'static str, &'static str)],
}

impl Section {
    /// Finds a key by its name.
    pub(super) fn key(&self, name: &str) -> Option<&Key> {
        self.keys.iter().find(|key| key.name == name)
    }
}

impl Key {
    /// Whether it must be there.
    pub(crate) fn is_required(&self) -> bool {
        matches!(self.kind, Kind::Version)
    }

    /// What it is for, in the lines of the table.
    pub(crate) fn doc(&self) -> String {
        let lines: Vec<&str> = self.doc.iter().map(|line| line.trim()).collect();
        lines.join("\n")
    }
}

/// Milliseconds as seconds, such as 0.001.
pub(crate) fn seconds(milliseconds: u32) -> Amount {
    Amount::new(rust_decimal::Decimal::new(milliseconds.into(), 3))
}

/// Makes keys from lines of the form `"name": kind`, each below the sentences on what it is for.
macro_rules! keys {
    ($($(#[doc = $doc:literal])+ $name:literal: $kind:expr,)+) => {
        &[$(Key { name: $name, kind: $kind, doc: &[$($doc),+] }),+]
    };
}

/// The whole file as a value.
pub(super) static FILE: Kind =
    Kind::Section("a mapping with `version` and `environments`", &PROJECT);

/// The keys at the top of the file.
pub(crate) static PROJECT: Section = Section {
    title: "offerctl.yaml",
    doc: "The project file of offerctl: which manifests there are, and in which accounts they are applied.",
    keys: keys! {
        /// The version of the file: 1.
        "version": Kind::Version,
        /// Name of the project, used in markers; two repositories may share an account.
        "project": Kind::Text("the name of the project"),
        /// Patterns of the files with manifests, relative to this file. By default offers/**/*.yaml and .yml.
        "manifests": Kind::List("a list of patterns such as \"offers/**/*.yaml\"", &Kind::Text("a pattern")),
        /// The environment to use when none is named.
        "defaultEnvironment": Kind::Text("the name of an environment"),
        /// The environments by name.
        "environments": Kind::Map(
            "a mapping from names to environments",
            &Kind::Section("a mapping such as {endpoint: emulator}", &ENVIRONMENT),
        ),
        /// Changes that guards would refuse and that are approved, for the offers of all files.
        "allow": Kind::Approvals,
    },
};

static ENVIRONMENT: Section = Section {
    title: "EnvironmentEntry",
    doc: "One Cleeng account, and how to work with it. Give either `site` or `endpoint`.",
    keys: keys! {
        /// One of Cleeng's sites.
        "site": Kind::Choice(&SITE),
        /// `emulator` for the one inside the program, or the base address of a service.
        "endpoint": Kind::Text("`emulator` or an address"),
        /// The generation of the API: json-rpc (3.0) or rest (Core 3.1).
        "api": Kind::Choice(&API),
        /// Where the publisher token comes from. By default the variable `CLEENG_PUBLISHER_TOKEN`.
        "token": Kind::OneOf(&TOKEN),
        /// What the account must be; what is given is verified before anything is written.
        "account": Kind::Section(
            "a mapping such as {publisherEmail: sales@club.tv, country: US, currency: USD}",
            &ACCOUNT,
        ),
        /// Texts that manifests use as `${vars.NAME}`.
        "vars": Kind::Map("a mapping from names to texts", &Kind::Text("a text")),
        /// Where the state is kept: a folder, or an address such as `s3://bucket/path`. By default .offerctl/NAME/.
        "state": Kind::Text("a folder or an address such as s3://bucket/path"),
        /// How fast to go.
        "limits": Kind::Section("a mapping such as {concurrency: 8}", &LIMITS),
        /// What to refuse.
        "guards": Kind::Section("a mapping such as {maxDeactivations: 3}", &GUARDS),
        /// Whether an apply asks for the name of the environment.
        "confirm": Kind::Flag,
        /// Whether offers carry the names of the project and of the offer in their `externalProperties`, by which they are
        /// found again whatever became of the state. By default they do. Over rest only.
        "markers": Kind::Flag,
    },
};

static SITE: Choice = Choice {
    title: "SiteWord",
    doc: "One of Cleeng's sites.",
    words: &[
        ("sandbox", "For trying out: a database of its own."),
        ("production", "Real customers."),
    ],
};

static API: Choice = Choice {
    title: "Api",
    doc: "A generation of Cleeng's API (docs/cleeng-api.md §0).",
    words: &[
        ("json-rpc", "JSON-RPC 3.0: one method per type and verb."),
        ("rest", "Core API 3.1: REST resources."),
    ],
};

static TOKEN: Section = Section {
    title: "TokenEntry",
    doc: "Where the publisher token comes from; never the token itself.",
    keys: keys! {
        /// The name of an environment variable.
        "env": Kind::Text("the name of a variable"),
        /// The path of a file, relative to this one.
        "file": Kind::Text("a path"),
        /// A program and its arguments; the token is what it prints.
        "command": Kind::List("a list of a program and its arguments", &Kind::Text("a word")),
    },
};

static ACCOUNT: Section = Section {
    title: "AccountEntry",
    doc: "What the account must be.",
    keys: keys! {
        /// The e-mail address that offers show as their publisher.
        "publisherEmail": Kind::Text("an e-mail address"),
        /// The country that new offers inherit, such as US.
        "country": Kind::Country,
        /// The currency that new offers inherit, such as USD.
        "currency": Kind::Currency,
    },
};

/// A day in milliseconds: nobody waits longer.
const DAY: u32 = 24 * 60 * 60 * 1000;

static LIMITS: Section = Section {
    title: "LimitsEntry",
    doc: "How fast to go.",
    keys: keys! {
        /// Requests under way at once. By default 8.
        "concurrency": Kind::Integer { min: 1, max: 64 },
        /// Requests begun in a second. By default unbounded.
        "requestsPerSecond": Kind::Integer { min: 1, max: 10_000 },
        /// Calls in a request, up to 25, which is the default.
        "batch": Kind::Integer { min: 1, max: MAX_BATCH as u64 },
        /// The most offers of an account that are read. By default 200000. It also limits how long the lists may be: about
        /// 1.3 KiB for each of these offers.
        // Far more than any catalogue has, and few enough to count bytes by.
        "maxOffers": Kind::Integer { min: 1, max: 100_000_000 },
        /// How long a request may take. By default 30.
        "timeoutSeconds": Kind::Seconds { min: 1, max: DAY },
        /// How long a create may take to show in the lists. By default 60 with `site`, 5 with an address.
        "settleSeconds": Kind::Seconds { min: 0, max: DAY },
        /// Seconds to wait for a service that lets nothing through, and to read the catalogue. By default 300.
        "patienceSeconds": Kind::Seconds { min: 1, max: DAY },
    },
};

static GUARDS: Section = Section {
    title: "GuardsEntry",
    doc: "What to refuse.",
    keys: keys! {
        /// The most deactivations of one plan. By default a tenth of the managed offers, but at least one.
        "maxDeactivations": Kind::Integer { min: 0, max: u32::MAX as u64 },
        /// The largest move of a price in percent of the live price, such as 30%. By default 50%.
        "maxPriceChange": Kind::Percent,
        /// The lowest and highest price by currency.
        "price": Kind::Map(
            "a mapping such as {USD: {min: 0.99, max: 199.99}}",
            &Kind::Section("a mapping such as {min: 0.99, max: 199.99}", &PRICE_RANGE),
        ),
        /// Whether what is only probably wrong is refused, too, such as a price ten times those of the other countries.
        /// By default it is a warning.
        "strict": Kind::Flag,
        /// How many units of a currency a US dollar costs, such as {EUR: 0.92}. Prices of different countries are compared
        /// by it. Rough rates of the usual currencies are known.
        "exchangeRates": Kind::Map("a mapping such as {EUR: 0.92, GBP: 0.79}", &Kind::Price),
    },
};

static PRICE_RANGE: Section = Section {
    title: "PriceRangeEntry",
    doc: "The lowest and the highest price.",
    keys: keys! {
        /// The lowest price.
        "min": Kind::Price,
        /// The highest price.
        "max": Kind::Price,
    },
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{Code, Diagnostic};
    use crate::project::read;
    use crate::source::SourceFile;
    use crate::span::FileId;

    /// A section, and what stands before and behind it in a file.
    type Place = (&'static Section, String, String);

    fn places() -> Vec<Place> {
        let mut places = vec![(&PROJECT, String::new(), String::new())];
        let mut next = 0;
        while let Some((section, before, behind)) = places.get(next).cloned() {
            for key in section.keys {
                let before = format!("{before}{{{}: ", key.name);
                let name = if key.name == "price" { "USD" } else { "local" };
                if let Kind::Section(_, inner) | Kind::OneOf(inner) = key.kind {
                    places.push((inner, before, format!("}}{behind}")));
                } else if let Kind::Map(_, Kind::Section(_, inner)) = key.kind {
                    let before = format!("{before}{{{name}: ");
                    places.push((inner, before, format!("}}}}{behind}")));
                }
            }
            next += 1;
        }
        assert_eq!(places.len(), 7, "every section has a place");
        places
    }

    fn said((_, before, behind): &Place, contents: &str) -> Vec<Diagnostic> {
        let text = format!("{before}{contents}{behind}\n");
        let source = SourceFile::new(FileId(0), "offerctl.yaml".to_owned(), text);
        read(&source).1.into_iter().collect()
    }

    #[test]
    fn every_key_is_read_and_no_other() {
        for place in places() {
            let (section, before, _) = &place;
            let says = |contents: &str, code: Code| {
                let said = said(&place, contents);
                said.iter().any(|diagnostic| diagnostic.code == code)
            };
            // What is wrong about a token is said without showing it.
            let conceals = |contents: &str| {
                let said = said(&place, contents);
                said.iter().any(|diagnostic| diagnostic.concealed)
            };
            for key in section.keys {
                // A list in a list is right nowhere, so reading it is an error.
                let wrong = format!("{{{}: [[]]}}", key.name);
                let is_read = if let Kind::OneOf(_) = key.kind {
                    conceals(&wrong)
                } else {
                    says(&wrong, Code::WrongShape)
                };
                assert!(is_read, "{before}{wrong}");
                assert!(!says(&wrong, Code::UnknownKey), "{before}{wrong}");
            }
            let other = "{keyless: 1}";
            let is_token = section.title == TOKEN.title;
            assert_eq!(says(other, Code::UnknownKey), !is_token, "{before}{other}");
            assert_eq!(conceals(other), is_token, "{before}{other}");
        }
    }

    #[test]
    fn each_bound_is_taken_and_nothing_beyond() {
        let mut checked = 0;
        for place in places() {
            let (section, before, _) = &place;
            let mistakes = |contents: &str| said(&place, contents).len();
            for key in section.keys {
                let (min, max, is_time) = if let Kind::Integer { min, max } = key.kind {
                    (min, max, false)
                } else if let Kind::Seconds { min, max } = key.kind {
                    (u64::from(min), u64::from(max), true)
                } else {
                    continue;
                };
                let below = min.checked_sub(1);
                for value in below.into_iter().chain([min, max, max + 1]) {
                    let text = if is_time {
                        seconds(u32::try_from(value).unwrap()).to_string()
                    } else {
                        value.to_string()
                    };
                    let contents = format!("{{{}: {text}}}", key.name);
                    let expected = usize::from(!(min..=max).contains(&value));
                    let found = mistakes(&contents) - mistakes("{}");
                    assert_eq!(found, expected, "{before}{contents}");
                }
                checked += 1;
            }
        }
        assert_eq!(checked, 8);
    }
}
