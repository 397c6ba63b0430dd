//! Mistakes that people make in a catalogue, one of each class, in the example that was applied before: each is
//! stopped with its exit code, its code and its place, says the next step, and writes nothing.

use std::collections::{BTreeMap, BTreeSet};

use cleeng_emulator::{Account, Config, Offer};
use serde_json::{Value as Json, json};

use crate::support::Shop;

/// Where the mistake begins that a diagnostic points to, in the text that a [`Mistake`] puts in.
const HERE: char = '«';

/// What stops a mistake.
enum Stop {
    /// The manifests are invalid (exit 65): the code, at [`HERE`].
    Invalid(&'static str),
    /// The plan is refused (exit 3): the code, and the offer.
    Refused(&'static str, &'static str),
}

use Stop::{Invalid, Refused};

/// One edit of a file of the example.
struct Mistake {
    class: &'static str,
    file: &'static str,
    /// What stands in the file, once.
    right: &'static str,
    wrong: &'static str,
    stop: Stop,
}

const fn mistake(
    class: &'static str,
    file: &'static str,
    right: &'static str,
    wrong: &'static str,
    stop: Stop,
) -> Mistake {
    Mistake {
        class,
        file,
        right,
        wrong,
        stop,
    }
}

const ACCESS: &str = "offers/access.yaml";
const FILMS: &str = "offers/films.yaml";
const LIVE: &str = "offers/live.yaml";

#[rustfmt::skip]
const MISTAKES: &[Mistake] = &[
    // Prices, as they are written.
    mistake("comma for point", ACCESS, "price: 24.99", "price: «24,99", Invalid("price-format")),
    mistake("thousands with a comma", ACCESS, "price: 24.99", "price: «1,024.99", Invalid("price-format")),
    mistake("negative", ACCESS, "price: 24.99", "price: «-24.99", Invalid("price-format")),
    mistake("zero", ACCESS, "price: 24.99", "price: «0", Invalid("price-bounds")),
    mistake("currency sign", ACCESS, "price: 24.99", "price: «$24.99", Invalid("price-format")),
    mistake("currency beside the amount", ACCESS, "price: 24.99", "price: «24.99 USD", Invalid("price-format")),
    mistake("exponent", ACCESS, "price: 24.99", "price: «2e1", Invalid("price-format")),
    mistake("a third digit", ACCESS, "price: 24.99", "price: «24.999", Invalid("price-digits")),
    mistake("blank in quotes", ACCESS, "price: 24.99", "price: «\" 24.99\"", Invalid("price-format")),
    mistake("price left out", ACCESS, "  winter-games-pass:\n    type: pass\n    title: Winter Games 2027\n    description: All of the Winter Games, until the flame goes out.\n    price: 24.99\n",
        "  «winter-games-pass:\n    type: pass\n    title: Winter Games 2027\n", Invalid("missing-field")),
    mistake("price emptied", ACCESS, "price: 24.99", "price: «null", Invalid("null")),
    // Prices, as they move.
    mistake("times 100, out of bounds", ACCESS, "price: 89.99", "price: «8999", Invalid("price-bounds")),
    mistake("times 100", ACCESS, "price: 24.99", "price: 2499", Refused("price-change", "winter-games-pass")),
    mistake("through 100", ACCESS, "price: 24.99", "price: 0.25", Refused("price-change", "winter-games-pass")),
    mistake("times 10", FILMS, "price: 7.50", "price: 75.00", Refused("price-change", "fjord-stories")),
    mistake("through 10", FILMS, "price: 7.50", "price: 0.75", Refused("price-change", "fjord-stories")),
    mistake("prices of two countries swapped", ACCESS, "FR: {currency: EUR, price: 12.99, title: \"Tout, mois par mois\"}\n      NO: {currency: NOK, price: 99.00",
        "FR: {currency: EUR, price: 99.00, title: \"Tout, mois par mois\"}\n      NO: {currency: NOK, price: 12.99", Refused("price-change", "all-access-monthly")),
    mistake("out of the range of its currency", FILMS, "DE: {currency: EUR, price: 11.00", "DE: {currency: EUR, price: 15.50", Refused("price-range", "northern-light-keep")),
    mistake("an override that has ended", FILMS, "price: 7.50\n", "price: 75.00\n    lifecycle: {priceChange: {to: 75.00, reason: sale, until: 2020-01-01}}\n",
        Refused("override-expired", "fjord-stories")),
    mistake("an override for another price", FILMS, "price: 7.50\n", "price: 75.00\n    lifecycle: {priceChange: {to: 7.05, reason: sale, until: 2099-01-01}}\n",
        Refused("price-change", "fjord-stories")),
    mistake("times 10 in one environment", FILMS, "price: 7.50\n", "price: 7.50\n    environments: {shop: {price: 75.00}}\n", Refused("price-change", "fjord-stories")),
    // Currencies and countries.
    mistake("currency swapped", ACCESS, "NO: {currency: NOK, price: 59.00", "NO: {currency: SEK, price: 59.00", Refused("currency-changed", "weekend-pass")),
    mistake("currency unknown", ACCESS, "NO: {currency: NOK, price: 59.00", "NO: {currency: «NKR, price: 59.00", Invalid("currency")),
    mistake("country vanished", ACCESS, "      NO: {currency: NOK, price: 59.00, title: Film i en uke}\n", "", Refused("country-removed", "weekend-pass")),
    mistake("country added", ACCESS, "      GB: {currency: GBP, price: 11.99}\n", "      GB: {currency: GBP, price: 11.99}\n      SE: {currency: SEK, price: 99.00}\n",
        Refused("country-added", "all-access-monthly")),
    mistake("country that does not exist", ACCESS, "      GB: {currency: GBP, price: 11.99}\n", "      «UK: {currency: GBP, price: 11.99}\n", Invalid("country")),
    mistake("country in small letters", ACCESS, "countries: [US, CA, NO, SE, DK, FI]", "countries: [US, CA, «no, SE, DK, FI]", Invalid("country")),
    mistake("country twice", ACCESS, "      GB: {currency: GBP, price: 11.99}\n", "      GB: {currency: GBP, price: 11.99}\n      «GB: {currency: GBP, price: 12.99}\n", Invalid("duplicate-key")),
    mistake("country of a whitelist vanished", ACCESS, "countries: [US, CA, NO, SE, DK, FI]", "countries: [US, CA, SE, DK, FI]", Refused("country-lost", "winter-games-pass")),
    mistake("whitelist turned into a blacklist", ACCESS, "type: whitelist", "type: blacklist", Refused("country-lost", "winter-games-pass")),
    mistake("blacklist turned into a whitelist", LIVE, "type: blacklist", "type: whitelist", Refused("country-lost", "cup-final-2027")),
    mistake("all localizations vanished", FILMS, "    localizations:\n      US: {currency: USD}\n      DE: {currency: EUR, price: 11.00, title: Nordlicht}\n      NO: {currency: NOK, price: 89.00, title: Nordlys}\n", "",
        Refused("localizations-undeclared", "northern-light-keep")),
    // Offers that come and go.
    mistake("renamed without a word", FILMS, "  fjord-stories:\n", "  fjord-tales:\n", Refused("renamed", "fjord-tales")),
    mistake("renamed, with the old one still there", FILMS, "  northern-light-rent:\n", "  northern-light-hire:\n    type: rental\n    title: Hire\n    price: 3.99\n    period: 48\n    url: https://nordlys.example/hire\n    movedFrom: «northern-light-rent\n\n  northern-light-rent:\n",
        Invalid("moved-from")),
    mistake("block duplicated", FILMS, "  fjord-stories:\n", "  fjord-stories:\n    type: vod\n    title: Fjord Stories\n    price: 7.50\n    url: https://nordlys.example\n\n  «fjord-stories:\n", Invalid("duplicate-key")),
    mistake("name taken in another file", LIVE, "  charity-gala:\n", "  «fjord-stories:\n", Invalid("duplicate-name")),
    mistake("protected offer removed", FILMS, "  northern-light-rent:\n    type: rental\n    title: Northern Light, for two days\n    description: 48 hours from the moment you press play.\n    url: \"${vars.site}/films/northern-light/rent\"\n    price: 3.99\n    period: 48\n    videoId: film-0001\n    lifecycle: {protect: true}\n", "",
        Refused("protected", "northern-light-rent")),
    mistake("localized offer removed", ACCESS, "  weekend-pass:\n    type: pass\n    title: Films for a week\n    description: Seven days of films, without a subscription.\n    price: 5.99\n    period: week\n    accessToTags: [films]\n    localizations:\n      US: {currency: USD}\n      DE: {currency: EUR, price: 4.99, title: Filme für eine Woche}\n      NO: {currency: NOK, price: 59.00, title: Film i en uke}\n", "",
        Refused("deactivate-localized", "weekend-pass")),
    mistake("type changed", FILMS, "    type: single\n    title: The making of Northern Light\n", "    type: vod\n    title: The making of Northern Light\n", Refused("replacement", "making-of-northern-light")),
    mistake("type unknown", FILMS, "type: rental", "type: «rent", Invalid("offer-type")),
    mistake("another offer's id", FILMS, "    videoQuality: 4k\n", "    videoQuality: 4k\n    ids: {shop: R999999999_US}\n", Refused("ids-contradict-binding", "fjord-stories")),
    // YAML.
    mistake("line not indented enough", FILMS, "    videoId: film-0002\n    tags: [films, documentary]\n", "  videoId: film-0002\n    tags«: [films, documentary]\n", Invalid("yaml-syntax")),
    mistake("last line not indented enough", FILMS, "    tags: [films, documentary]\n", "  tags: «[films, documentary]\n", Invalid("wrong-shape")),
    mistake("indented too far", FILMS, "    rentalPeriod: 72\n", "      rentalPeriod«: 72\n", Invalid("yaml-syntax")),
    mistake("tab", FILMS, "    rentalPeriod: 72\n", "«\trentalPeriod: 72\n", Invalid("yaml-tab")),
    mistake("conflict of a merge left in", FILMS, "    rentalPeriod: 72\n", "«<<<<<<< HEAD\n    rentalPeriod: 72\n", Invalid("yaml-syntax")),
    mistake("second document", FILMS, "offers:\n  northern", "«---\noffers:\n  northern", Invalid("yaml-documents")),
    mistake("field misspelt", FILMS, "price: 7.50", "«pirce: 7.50", Invalid("unknown-key")),
    mistake("field of another type", FILMS, "    period: 48\n", "    period: 48\n    «freeDays: 7\n", Invalid("unknown-key")),
    mistake("variable misspelt", FILMS, "url: \"${vars.site}/films/fjord-stories\"", "url: «\"${vars.sight}/films/fjord-stories\"", Invalid("variable")),
    // Tags, texts, addresses, times.
    mistake("trailing space in a tag", LIVE, "    viewerEstimate: 4\n    tags: [football]\n", "    viewerEstimate: 4\n    tags: [«\"football \"]\n", Invalid("tag")),
    mistake("look-alike letter in a tag", LIVE, "    viewerEstimate: 4\n    tags: [football]\n", "    viewerEstimate: 4\n    tags: «[fооtball]\n", Invalid("tag-look-alike")),
    mistake("invisible letter in a tag", LIVE, "    viewerEstimate: 4\n    tags: [football]\n", "    viewerEstimate: 4\n    tags: «[foot\u{200b}ball]\n", Invalid("text-control")),
    mistake("tag twice", ACCESS, "accessToTags: [football, skiing]", "accessToTags: [football, skiing, «football]", Invalid("duplicate-entry")),
    mistake("title emptied", FILMS, "title: Fjord Stories", "title: «\"\"", Invalid("text-empty")),
    mistake("address without its scheme", FILMS, "url: \"${vars.site}/films/fjord-stories\"", "url: «www.nordlys.example/fjord-stories", Invalid("url")),
    mistake("time without an offset", ACCESS, "expiresAt: 2027-02-28T23:59:59+01:00", "expiresAt: «2027-02-28T23:59:59", Invalid("time")),
    mistake("end before the start", LIVE, "endTime: 2027-05-30T21:00:00+02:00", "endTime: «2027-05-30T12:00:00+02:00", Invalid("time-order")),
    mistake("time zone by its city alone", LIVE, "    timeZone: Europe/Oslo\n    viewerEstimate", "    timeZone: «Oslo\n    viewerEstimate", Invalid("time-zone")),
    mistake("period that does not exist", ACCESS, "period: year", "period: «yearly", Invalid("choice")),
    // References.
    mistake("reference to nothing", FILMS, "dependsOn: [northern-light-keep]", "dependsOn: [«northern-light-kept]", Invalid("dangling-reference")),
    mistake("reference to what is no event", LIVE, "eventAssociation: [cup-final-2027]", "eventAssociation: [«fjord-stories]", Invalid("reference-type")),
    mistake("waits for itself", FILMS, "dependsOn: [northern-light-keep]", "dependsOn: [«making-of-northern-light]", Invalid("cycle")),
    mistake("two that wait for one another", FILMS, "    lifecycle: {protect: true}\n\n  fjord-stories:\n    type: vod\n",
        "    dependsOn: [fjord-stories]\n\n  fjord-stories:\n    dependsOn: [«northern-light-rent]\n    type: vod\n", Invalid("cycle")),
    mistake("values of an environment that does not exist", FILMS, "    rentalPeriod: 72\n", "    rentalPeriod: 72\n    environments: {«shopp: {price: 8.50}}\n", Invalid("unknown-environment")),
    mistake("another type in one environment", FILMS, "    rentalPeriod: 72\n", "    rentalPeriod: 72\n    environments: {shop: {«type: single}}\n", Invalid("unknown-key")),
    mistake("environment that does not exist", LIVE, "only: [shop]", "only: «[shopp]", Invalid("unknown-environment")),
];

/// The example, applied to an account in which nothing is odd; one of its offers is protected besides.
fn example() -> Shop {
    example_of("shop@nordlys.example")
}

fn example_of(email: &str) -> Shop {
    let shop = Shop::with_emulator(Config {
        account: Account {
            publisher_email: email.to_owned(),
            ..Account::default()
        },
        seed: Some(1),
        ..Config::default()
    });
    shop.configure(
        "    vars: {site: \"https://nordlys.example\"}\n    guards: {price: {EUR: {max: 14.99}}}\n",
    );
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../offers.example");
    for file in [ACCESS, FILMS, LIVE] {
        let text = std::fs::read_to_string(folder.join(file)).unwrap();
        let text = for_everybody(&text)
            .replace("only: [local, local-rest, production]", "only: [shop]")
            // What is said for the other generation of the API is none of this shop's business.
            .replace("only: [local-rest]", "only: []")
            .replace("    environments:\n      local-rest: {videoId: null}\n", "")
            .replace(
                "    environments:\n      local-rest: {runtime: null, videoQuality: null, videoId: null}\n",
                "",
            )
            .replace(
                "    period: 48\n    videoId: film-0001\n",
                "    period: 48\n    videoId: film-0001\n    lifecycle: {protect: true}\n",
            );
        shop.write(file, &text);
    }
    let _run = shop.apply();
    shop.expect_no_changes();
    shop
}

/// The text without what keeps offers from the other generation of the API, and the comment that says why.
fn for_everybody(text: &str) -> String {
    let mut lines: Vec<&str> = Vec::new();
    for line in text.split_inclusive('\n') {
        if line == "    only: [local, sandbox, production]\n" {
            let comment = lines.pop().unwrap();
            assert!(comment.trim_start().starts_with('#'), "{comment}");
        } else {
            lines.push(line);
        }
    }
    lines.concat()
}

/// The text with a mistake in it, and the line and column of its [`HERE`].
#[track_caller]
fn with_mistake(text: &str, mistake: &Mistake) -> (String, Option<(u64, u64)>) {
    let class = mistake.class;
    assert_eq!(
        text.matches(mistake.right).count(),
        1,
        "{class}: {}",
        mistake.right
    );
    let marked = text.replacen(mistake.right, mistake.wrong, 1);
    let place = marked.split_once(HERE).map(|(before, _)| {
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap().chars().count() + 1;
        (line as u64, column as u64)
    });
    (marked.replacen(HERE, "", 1), place)
}

/// Expects that a problem says what is wrong and what to do about it.
#[track_caller]
fn explained(class: &str, problem: &Json) {
    for word in ["message", "help"] {
        let text = problem[word].as_str().unwrap_or_default();
        assert!(text.len() > 8, "{class}: no {word} in {problem:#}");
    }
}

/// Expects that neither `plan` nor `apply` gets past a mistake, and that nothing is written.
#[track_caller]
fn stopped(shop: &Shop, class: &str, exit: i32, before: &[Offer]) -> Json {
    let planned = shop.run("plan --format json");
    assert_eq!(planned.code, exit, "{class}: {planned:?}");
    let applied = shop.run("apply --auto-approve");
    assert_eq!(applied.code, exit, "{class}: {applied:?}");
    assert_eq!(shop.writes(), 0, "{class}");
    assert_eq!(shop.emulator().offers(), before, "{class}");
    if exit == 3 {
        planned.json()
    } else {
        Json::Null
    }
}

/// Expects that a mistake is found at its place by `validate`.
fn found_invalid(shop: &Shop, mistake: &Mistake, code: &str, (line, column): (u64, u64)) {
    let class = mistake.class;
    let document = shop.run("validate --format json").exits(65).json();
    let diagnostics = document["diagnostics"].as_array().unwrap();
    let is_it = |found: &&Json| {
        let place = (&found["file"], &found["line"], &found["column"]);
        found["code"] == code && place == (&json!(mistake.file), &json!(line), &json!(column))
    };
    let found = diagnostics.iter().find(is_it);
    let found =
        found.unwrap_or_else(|| panic!("{class}: no {code} at {line}:{column} in {document:#}"));
    assert_eq!(found["severity"], "error", "{class}");
    assert!(found["message"].as_str().unwrap().len() > 8, "{class}");
}

/// Expects that a plan names the offer that a mistake is about, its place, and the way out.
fn found_refused(
    document: &Json,
    mistake: &Mistake,
    (code, name): (&str, &str),
    is_declared: bool,
) {
    let class = mistake.class;
    let problems = ["conflicts", "refusals"].map(|list| document[list].as_array().unwrap().clone());
    let problems = problems.concat();
    for problem in &problems {
        explained(class, problem);
    }
    let is_it = |problem: &&Json| problem["code"] == code && problem["name"] == name;
    let found = problems.iter().find(is_it);
    let found = found.unwrap_or_else(|| panic!("{class}: no {code} of {name} in {document:#}"));
    // What is no longer declared has no place.
    assert_eq!(
        found["file"] == mistake.file,
        is_declared,
        "{class}: {found:#}"
    );
    assert_eq!(found["line"].is_u64(), is_declared, "{class}: {found:#}");
}

#[test]
fn every_class_of_mistakes_is_stopped() {
    let shop = example();
    let before = shop.emulator().offers();
    shop.requests();
    for mistake in MISTAKES {
        let right = shop.read(mistake.file);
        let (wrong, place) = with_mistake(&right, mistake);
        shop.write(mistake.file, &wrong);
        match mistake.stop {
            Invalid(code) => {
                stopped(&shop, mistake.class, 65, &before);
                found_invalid(&shop, mistake, code, place.unwrap());
            }
            Refused(code, name) => {
                let document = stopped(&shop, mistake.class, 3, &before);
                let is_declared = wrong.contains(&format!("  {name}:\n"));
                found_refused(&document, mistake, (code, name), is_declared);
            }
        }
        shop.write(mistake.file, &right);
    }
    shop.expect_no_changes();
}

#[test]
fn there_are_many_classes_and_each_is_one() {
    let classes: BTreeSet<&str> = MISTAKES.iter().map(|mistake| mistake.class).collect();
    assert_eq!(classes.len(), MISTAKES.len());
    let codes: BTreeMap<&str, usize> =
        MISTAKES.iter().fold(BTreeMap::new(), |mut codes, mistake| {
            let (Invalid(code) | Refused(code, _)) = mistake.stop;
            *codes.entry(code).or_default() += 1;
            codes
        });
    assert!(classes.len() >= 55 && codes.len() >= 30, "{codes:#?}");
}

/// Whether a plan is refused for a reason; nothing is written.
#[track_caller]
fn refused(shop: &Shop, code: &str) {
    let before = shop.emulator().offers();
    shop.requests();
    let document = stopped(shop, code, 3, &before);
    let refusals = document["refusals"].as_array().unwrap();
    let found = refusals.iter().find(|refusal| refusal["code"] == code);
    explained(
        code,
        found.unwrap_or_else(|| panic!("no {code} in {document:#}")),
    );
}

#[test]
fn a_file_that_was_emptied_is_stopped() {
    let shop = example();
    shop.write(FILMS, "version: 1\noffers: {}\n");
    refused(&shop, "deactivations");
    shop.write(FILMS, "");
    shop.requests();
    shop.run("apply --auto-approve").exits(65);
    assert_eq!(shop.writes(), 0);
}

#[test]
fn files_that_were_emptied_or_lost_are_stopped() {
    let shop = example();
    for file in [ACCESS, FILMS, LIVE] {
        shop.write(file, "version: 1\noffers: {}\n");
    }
    refused(&shop, "no-offers");
    std::fs::remove_dir_all(shop.path("offers")).unwrap();
    refused(&shop, "no-manifests");
}

#[test]
fn a_file_that_was_moved_changes_nothing() {
    let shop = example();
    let text = shop.read(FILMS);
    std::fs::remove_file(shop.path(FILMS)).unwrap();
    shop.write("offers/archive/2027/films.yml", &text);
    shop.configure("    vars: {site: \"https://nordlys.example\"}\n");
    shop.expect_no_changes();
}

#[test]
fn a_block_that_was_copied_under_another_name_is_stopped() {
    let shop = example();
    let text = shop.read(FILMS);
    let copy = "  fjord-stories-2:\n    type: vod\n    title: Fjord Stories\n    price: 7.50\n    url: https://nordlys.example/films/fjord-stories\n";
    shop.write(FILMS, &format!("{text}\n{copy}"));
    let warned = shop.run("plan --format json").exits(0).json();
    explained("copy", &warned["warnings"][0]);
    assert_eq!(warned["warnings"][0]["name"], "fjord-stories-2");
    let config = shop.read("offerctl.yaml");
    shop.write(
        "offerctl.yaml",
        &config.replace("guards: {", "guards: {strict: true, "),
    );
    refused(&shop, "copy");
    let meant = "    lifecycle: {copyOf: {offer: fjord-stories, reason: for partners, until: 2099-12-31}}\n";
    shop.write(FILMS, &format!("{text}\n{copy}{meant}"));
    assert_eq!(shop.plan()["refusals"], json!([]));
}

#[test]
fn the_token_of_another_account_is_stopped() {
    let shop = example();
    // Another account with the very same offers, as a sandbox copied from production has.
    let other = example_of("somebody@else.example");
    assert_eq!(
        shop.emulator().offers().len(),
        other.emulator().offers().len()
    );
    let config = shop.read("offerctl.yaml");
    let swapped = config.replace(&shop.emulator().url(), &other.emulator().url());
    shop.write("offerctl.yaml", &swapped);
    other.requests();
    let planned = shop.run("plan --format json").exits(3).json();
    let refusals = planned["refusals"].as_array().unwrap();
    let found = refusals
        .iter()
        .find(|refusal| refusal["code"] == "account-mismatch");
    explained("token", found.unwrap_or_else(|| panic!("{planned:#}")));
    shop.run("apply --auto-approve").exits(3);
    assert_eq!(other.writes(), 0);
}

#[test]
fn the_token_of_another_environment_is_stopped_before_the_first_apply() {
    let shop = example();
    let url = shop.emulator().url();
    let config = shop.read("offerctl.yaml");
    let vars = "    vars: {site: \"https://nordlys.example\"}\n";
    shop.write(
        "offerctl.yaml",
        &format!("{config}  another:\n    endpoint: {url}\n{vars}"),
    );
    let before = shop.emulator().offers();
    shop.requests();
    let planned = shop.run("plan -e another --format json").exits(3).json();
    let refusals = planned["refusals"].as_array().unwrap();
    let found = refusals
        .iter()
        .find(|refusal| refusal["code"] == "account-of-another-environment");
    explained("token", found.unwrap_or_else(|| panic!("{planned:#}")));
    shop.run("apply -e another --auto-approve").exits(3);
    assert_eq!(shop.writes(), 0);
    assert_eq!(shop.emulator().offers(), before);
}
