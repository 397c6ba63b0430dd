//! What offers say for one environment only.

use std::collections::BTreeMap;
use std::fmt::Write;

use offerctl_manifest::desired::{Desired, resolve};
use offerctl_manifest::diagnostic::{Code, Diagnostics};
use offerctl_manifest::manifest::{self, Part};
use offerctl_manifest::project::{Endpoint, Environment, Project};
use offerctl_manifest::source::SourceFile;
use offerctl_manifest::span::FileId;
use offerctl_model::content::{Content, FieldPath};
use offerctl_model::country::Country;
use offerctl_model::field::Field;
use offerctl_model::name::Name;
use offerctl_model::offer_type::Api;
use proptest::prelude::*;

use crate::laws::config;

/// A text, and what it comes to in each environment.
type Read = (SourceFile, BTreeMap<String, (Desired, Diagnostics)>);

fn read_in(environments: impl IntoIterator<Item = Environment>, text: &str) -> Read {
    let environments = environments
        .into_iter()
        .map(|environment| (environment.name.clone(), environment));
    let project = Project {
        environments: environments.collect(),
        ..Project::default()
    };
    let (source, _) = SourceFile::from_bytes(FileId(0), "offers.yaml".to_owned(), text.into());
    let file = manifest::read(&source);
    let resolved = project.environments.values().map(|environment| {
        let (desired, mut found) = resolve(&file.manifests, &project, environment);
        found.append(file.diagnostics.clone());
        (environment.name.clone(), (desired, found))
    });
    let resolved = resolved.collect();
    (source, resolved)
}

fn read(text: &str) -> Read {
    let environments = ["production", "sandbox"].map(|name| {
        let mut environment = Environment::new(name, Endpoint::Emulator);
        let site = ("site".to_owned(), format!("https://{name}.club.tv"));
        environment.vars.extend([site]);
        environment
    });
    read_in(environments, text)
}

fn of_api(name: &str, api: Api) -> Environment {
    Environment {
        api,
        ..Environment::new(name, Endpoint::Emulator)
    }
}

fn name(text: &str) -> Name {
    text.parse().unwrap()
}

/// What the offer `news` of a text is in each of the two environments, as JSON.
#[track_caller]
fn news(text: &str) -> [String; 2] {
    let (_, resolved) = read(&format!("version: 1\n{text}"));
    ["production", "sandbox"].map(|environment| {
        let (desired, found) = &resolved[environment];
        assert!(!found.has_errors(), "{found:#?}");
        let content: &Content = &desired.get(&name("news")).unwrap().content;
        serde_json::to_string(content).unwrap()
    })
}

#[test]
fn what_an_api_has_no_place_for_is_unsaid_by_an_environment_that_clears_it() {
    let text = "version: 1
offers:
  film:
    type: rental
    title: Film
    price: 12.00
    url: https://club.tv/film
    period: 48
    videoId: film-1
    environments:
      sandbox: {videoId: null}
";
    let check = |api: Api, text: &str| {
        let (_, resolved) = read_in([of_api("sandbox", api)], text);
        let (desired, found) = &resolved["sandbox"];
        let film = &desired.get(&name("film")).unwrap().content;
        (film.fields.get(Field::VideoId).cloned(), found.has_errors())
    };
    let cleared = Some(offerctl_model::value::Value::text(""));
    assert_eq!(check(Api::JsonRpc, text), (cleared, false));
    assert_eq!(check(Api::Rest, text), (None, false));
    let everywhere = text.replace("videoId: film-1", "videoId: null");
    assert_eq!(check(Api::Rest, &everywhere), (None, false));
    // A value is a mistake everywhere, also an empty one.
    let empty = text.replace("videoId: null", "videoId: ''");
    assert!(check(Api::Rest, &empty).1);
    let elsewhere = text.replace("sandbox: {videoId: null}", "local: {videoId: null}");
    assert!(check(Api::Rest, &elsewhere).1);
}

#[test]
fn what_only_localized_offers_have_is_cleared_and_not_unsaid() {
    let text = "version: 1
offers:
  film:
    type: rental
    title: Film
    price: 12.00
    url: https://club.tv/film
    period: 48
    geoRestriction: {type: whitelist, countries: [DE]}
    localizations: {DE: {currency: EUR}}
    environments:
      sandbox: {geoRestriction: null}
";
    let (_, resolved) = read(text);
    let (desired, found) = &resolved["sandbox"];
    assert!(!found.has_errors(), "{found:?}");
    let film = &desired.get(&name("film")).unwrap().content;
    assert!(film.fields.get(Field::GeoRestriction).unwrap().is_cleared());
}

#[test]
fn each_id_is_held_against_the_letters_of_its_own_environment() {
    let text = "version: 1
offers:
  film:
    type: rental
    title: Film
    price: 12.00
    url: https://club.tv/film
    period: 48
    ids: {rest: A123456789_US, json-rpc: A223456789_US}
";
    let environments = Api::ALL.map(|api| of_api(api.as_str(), api));
    let (_, resolved) = read_in(environments, text);
    for (environment, (_, found)) in &resolved {
        let places = found.iter().map(|found| {
            let span = found.span.unwrap();
            (
                found.code,
                &text[span.start as usize..][..span.length as usize],
            )
        });
        let wrong = [(Code::OfferId, "A223456789_US")];
        assert!(places.eq(wrong), "{environment}: {found:?}");
    }
}

const NEWS: &str = "offers:
  news:
    type: pass
    title: News
    price: 12.00
    url: https://club.tv/news
    period: month
";

#[test]
fn a_value_of_one_environment_holds_there_only() {
    let [production, sandbox] = news(&format!(
        "{NEWS}    environments:\n      production: {{price: 14.00}}\n      sandbox: {{title: 'Test: news', url: '${{vars.site}}/news'}}\n"
    ));
    assert!(production.contains(r#""price":"14""#) && production.contains(r#""News""#));
    assert!(sandbox.contains(r#""price":"12""#) && sandbox.contains(r#""Test: news""#));
    assert!(sandbox.contains("https://sandbox.club.tv/news"));
}

#[test]
fn a_field_takes_the_place_of_another_of_its_group() {
    let [production, sandbox] = news(&format!(
        "{NEWS}    environments:\n      production: {{expiresAt: 1900000000}}\n"
    ));
    assert!(production.contains("expiresAt") && !production.contains("period"));
    assert!(sandbox.contains("period") && !sandbox.contains("expiresAt"));
}

#[test]
fn an_environment_goes_before_the_offer_and_the_offer_before_the_defaults() {
    let [production, sandbox] = news(&format!(
        "defaults: {{price: 1.00, localizations: {{FR: {{currency: EUR, price: 1.00, title: Un}}}}}}
{NEWS}    localizations: {{FR: {{currency: EUR, price: 2.00}}}}
    environments:
      production: {{price: 3.00, localizations: {{FR: {{price: 3.00}}, SE: {{currency: SEK}}}}}}
"
    ));
    assert!(production.contains(
        r#""FR":{"currency":"EUR","fields":{"title":"Un","price":"3"}},"SE":{"currency":"SEK"}"#
    ));
    assert!(production.contains(r#""price":"3""#));
    assert!(sandbox.contains(r#"{"FR":{"currency":"EUR","fields":{"title":"Un","price":"2"}}}"#));
}

#[test]
fn an_environment_can_have_fewer_countries_or_none() {
    let [production, sandbox] = news(&format!(
        "defaults: {{localizations: {{SE: {{currency: SEK}}}}}}
{NEWS}    localizations: {{FR: {{currency: EUR}}, GB: {{currency: GBP}}}}
    environments:
      production: {{localizations: null}}
      sandbox: {{localizations: {{SE: null, FR: null}}}}
"
    ));
    assert!(!production.contains("localizations"));
    assert!(sandbox.contains(r#""localizations":{"GB":{"currency":"GBP"}}"#));
}

#[test]
fn an_offer_can_leave_out_countries_of_the_defaults_and_keeps_the_currencies_of_the_others() {
    let [production, sandbox] = news(&format!(
        "defaults:
  localizations:
    DK: {{currency: DKK, price: 99.00}}
    SE: {{currency: SEK, price: 109.00, title: Nyheter}}
    FR: {{currency: EUR, price: 9.00}}
{NEWS}    localizations: {{DK: null, SE: {{price: 99.00}}}}
    environments:
      production: {{localizations: {{DK: {{price: 89.00}}, FR: null, SE: {{title: Allt}}}}}}
      sandbox: {{localizations: {{DK: null, SE: null}}}}
"
    ));
    let rows = |text: &str| text[text.find("localizations").unwrap()..].to_owned();
    assert_eq!(
        rows(&production),
        r#"localizations":{"DK":{"currency":"DKK","fields":{"price":"89"}},"SE":{"currency":"SEK","fields":{"title":"Allt","price":"99"}}}}"#
    );
    assert_eq!(
        rows(&sandbox),
        r#"localizations":{"FR":{"currency":"EUR","fields":{"price":"9"}}}}"#
    );
}

#[test]
fn the_lifecycle_is_merged_member_by_member() {
    let (_, resolved) = read(&format!(
        "version: 1\n{NEWS}    lifecycle: {{protect: true, onImmutableChange: replace}}\n    environments:\n      production: {{lifecycle: {{protect: false}}}}\n      sandbox: {{lifecycle: null}}\n"
    ));
    let lifecycle = |environment: &str| {
        let lifecycle = &resolved[environment].0.offers()[&name("news")].lifecycle;
        (lifecycle.protects(), lifecycle.replaces())
    };
    assert_eq!(lifecycle("production"), (false, true));
    assert_eq!(lifecycle("sandbox"), (false, false));
}

#[test]
fn places_are_those_of_the_values_that_count() {
    let (source, resolved) = read(&format!(
        "version: 1\n{NEWS}    localizations: {{FR: {{currency: EUR, price: 9.00}}}}\n    environments:\n      production: {{price: 14.00, localizations: {{FR: {{price: 8.00}}}}}}\n"
    ));
    let line = |environment: &str, path| {
        let offer = &resolved[environment].0.offers()[&name("news")];
        source.position(offer.place(Part::Field(path)).start).line
    };
    let price = FieldPath::top(Field::Price);
    let french = FieldPath::localized(Country::new("FR").unwrap(), Field::Price);
    assert_eq!(
        [line("production", price), line("production", french)],
        [11, 11]
    );
    assert_eq!([line("sandbox", price), line("sandbox", french)], [6, 9]);
}

#[test]
fn events_of_one_environment_are_needed_there_only() {
    let (_, resolved) = read(
        "version: 1
defaults: {price: 12.00, url: 'https://club.tv'}
offers:
  match: {type: event, title: Match, startTime: 1900000000, endTime: 1900003600, timeZone: Europe/Oslo}
  film:
    type: vod
    title: Film
    environments: {production: {eventAssociation: [match]}}
",
    );
    let needs = |environment: &str| resolved[environment].0.offers()[&name("film")].needs.len();
    assert_eq!([needs("production"), needs("sandbox")], [1, 0]);
}

/// Entries of an offer, of its defaults, or of an environment: a value or none by key, and by country and key.
#[derive(Debug, Clone, Default)]
struct Entries {
    top: BTreeMap<&'static str, Option<u8>>,
    /// `None` for a country that is `null`.
    rows: Option<BTreeMap<&'static str, Option<Row>>>,
    /// `localizations: null`.
    no_rows: bool,
}

/// Values by key; a row may say its currency or not.
type Row = BTreeMap<&'static str, u8>;

const TOP: [&str; 4] = ["title", "price", "period", "expiresAt"];
const GROUP: [&str; 2] = ["period", "expiresAt"];

fn value(key: &str, number: u8) -> String {
    match key {
        "title" => format!("Title {number}"),
        "price" => format!("{}.50", number + 1),
        "period" => ["month", "week", "year"][usize::from(number) % 3].to_owned(),
        "expiresAt" => format!("19000000{number}"),
        "currency" => ["EUR", "USD", "GBP"][usize::from(number) % 3].to_owned(),
        _ => format!("{number}"),
    }
}

impl Entries {
    fn text(&self) -> String {
        let mut text = String::new();
        for (key, number) in &self.top {
            let value = number.map_or("null".to_owned(), |number| value(key, number));
            write!(text, "{key}: {value}, ").unwrap();
        }
        if self.no_rows {
            text.push_str("localizations: null, ");
        } else if let Some(rows) = self.rows.as_ref().filter(|rows| !rows.is_empty()) {
            text.push_str("localizations: {");
            for (country, row) in rows {
                let Some(row) = row else {
                    write!(text, "{country}: null, ").unwrap();
                    continue;
                };
                write!(text, "{country}: {{").unwrap();
                for (key, number) in row {
                    write!(text, "{key}: {}, ", value(key, *number)).unwrap();
                }
                text.push_str("}, ");
            }
            text.push_str("}, ");
        }
        text
    }

    /// What is said of a country: `Some(None)` for `null`.
    #[expect(clippy::option_option, reason = "nothing and `null` are two things")]
    fn row(&self, country: &str) -> Option<Option<&Row>> {
        let row = self.rows.as_ref()?.get(country)?;
        Some(row.as_ref())
    }

    fn has(&self, country: &str) -> bool {
        self.row(country).is_some_and(|row| row.is_some())
    }

    /// The same offer with the entries of an environment written into it.
    fn written_out(&self, over: &Self, defaults: &Self) -> Self {
        let mut all = self.clone();
        for (key, number) in &over.top {
            if GROUP.contains(key) && number.is_some() {
                all.top.retain(|other, _| !GROUP.contains(other));
            }
            all.top.insert(key, *number);
        }
        // Both of a group, if the environment says both.
        all.top.extend(&over.top);
        if over.no_rows {
            (all.rows, all.no_rows) = (None, true);
        } else if let Some(rows) = &over.rows {
            let own = all.rows.get_or_insert_default();
            for (country, row) in rows {
                match (row, own.get_mut(country)) {
                    (Some(row), Some(Some(own))) => own.extend(row),
                    (Some(row), _) => drop(own.insert(country, Some(row.clone()))),
                    (None, _) if defaults.has(country) => drop(own.insert(country, None)),
                    (None, _) => drop(own.remove(country)),
                }
            }
        }
        all
    }

    /// What is wrong with the countries of an offer over defaults and under an environment, in the words of the messages.
    fn wrong_rows(&self, over: &Self, defaults: &Self) -> Vec<String> {
        let mut wrong = Vec::new();
        for country in COUNTRIES {
            let (of_offer, of_over) = (self.row(country), over.row(country));
            let no_currency = format!("`{country}` has no `currency`");
            let taken_out = format!("`{country}` is taken out, but the offer does not have it");
            let under = defaults.has(country);
            let says = |row: &Row| row.contains_key("currency");
            match of_offer {
                Some(None) if !under => wrong.push(taken_out.clone()),
                Some(Some(row)) if !under && !says(row) => wrong.push(no_currency.clone()),
                Some(_) | None => {}
            }
            match of_over {
                Some(None) if of_offer.is_none() && !under => wrong.push(taken_out),
                Some(Some(row)) if !self.has(country) && !under && !says(row) => {
                    wrong.push(no_currency);
                }
                Some(_) | None => {}
            }
        }
        wrong.sort();
        wrong
    }
}

const COUNTRIES: [&str; 3] = ["FR", "SE", "GB"];

/// A row; under an offer and an environment there may be others, which it changes or takes out.
fn row(is_lowest: bool) -> impl Strategy<Value = Option<Row>> {
    let fields =
        prop::collection::btree_map(prop::sample::select(&["title", "price"]), 0..9u8, 0..3);
    let says = (prop::bool::ANY, 0..3u8, prop::bool::weighted(0.7));
    (fields, says).prop_map(move |(mut row, (says_currency, currency, is_there))| {
        if is_lowest || says_currency {
            row.insert("currency", currency);
        }
        (is_lowest || is_there).then_some(row)
    })
}

/// What stands in the defaults (0), in an offer (1), or in an environment (2).
fn entries(layer: u8) -> impl Strategy<Value = Entries> {
    let number = prop_oneof![9 => (0..9u8).prop_map(Some), 1 => Just(None)];
    let top = prop::collection::btree_map(prop::sample::select(&TOP), number, 0..4);
    let countries = prop::sample::select(&COUNTRIES);
    let rows = prop::collection::btree_map(countries, row(layer == 0), 1..4);
    let no_rows = prop::bool::weighted(if layer == 2 { 0.1 } else { 0.0 });
    (top, prop::option::weighted(0.7, rows), no_rows).prop_map(|(mut top, rows, no_rows)| {
        // Only what something else can stand in for is `null`.
        top.retain(|key, number| number.is_some() || GROUP.contains(key));
        let rows = rows.filter(|_| !no_rows);
        Entries { top, rows, no_rows }
    })
}

/// What an offer comes to in production, and what is wrong with it, without places.
fn outcome(text: &str) -> (String, Vec<String>) {
    let (_, resolved) = read(text);
    let (desired, found) = &resolved["production"];
    let offer = desired.get(&name("news"));
    let content = offer.map(|offer| serde_json::to_string(&*offer.content).unwrap());
    let mut found: Vec<String> = found.iter().map(|found| found.message.clone()).collect();
    found.sort();
    (content.unwrap_or_default(), found)
}

/// Whether there is a country that should not be, or should.
fn is_wrong_row(message: &str) -> bool {
    message.contains("has no `currency`") || message.contains("is taken out")
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn an_override_is_the_same_as_the_offer_written_out(
        defaults in entries(0),
        offer in entries(1),
        over in entries(2),
    ) {
        let head = format!("version: 1\ndefaults: {{url: 'https://club.tv', {}}}\noffers:\n  news: {{type: pass, ", defaults.text());
        let (offer_text, over_text) = (offer.text(), over.text());
        let short = format!("{head}{offer_text}environments: {{production: {{{over_text}}}}}}}\n");
        let written_out = offer.written_out(&over, &defaults);
        let long = format!("{head}{}}}\n", written_out.text());
        let (short_content, short_found) = outcome(&short);
        let (long_content, long_found) = outcome(&long);

        let wrong: Vec<String> = short_found.iter().filter(|found| is_wrong_row(found)).cloned().collect();
        prop_assert_eq!(&wrong, &offer.wrong_rows(&over, &defaults), "{}", short);
        // What is wrong with countries is reported at another place, and nothing of it is read.
        let none_left = |found: &[String]| found.iter().any(|found| found.contains("no country is left"));
        let is_emptied = written_out.rows.as_ref().is_some_and(BTreeMap::is_empty);
        if wrong.is_empty() && is_emptied && defaults.rows.is_none() {
            prop_assert!(none_left(&short_found), "{}", short);
        } else if wrong.is_empty() && !none_left(&short_found) {
            prop_assert_eq!(short_content, long_content, "{}\n{}", short, long);
            prop_assert_eq!(short_found, long_found, "{}\n{}", short, long);
        }
    }
}
