//! Taking what was changed by hand into the manifests.

use offerctl_manifest::desired::{Desired, resolve};
use offerctl_manifest::manifest::{self, Manifest};
use offerctl_manifest::project::{Endpoint, Environment, Project};
use offerctl_manifest::source::{SourceFile, Sources};
use offerctl_manifest::span::FileId;
use offerctl_model::content::Content;
use offerctl_model::name::Name;
use offerctl_model::offer_type::Api;
use offerctl_reconcile::accept::{AcceptError, Accepted, Situation, accept};
use offerctl_reconcile::drift::drift;
use offerctl_reconcile::live::Live;
use offerctl_reconcile::plan::plan;
use offerctl_reconcile::state::State;

use crate::support::desired::project;
use crate::support::{live, state};

/// A project of files, with what was applied of them.
pub(crate) struct Files {
    pub(crate) project: Project,
    pub(crate) sources: Sources,
    pub(crate) manifests: Vec<Manifest>,
}

impl Files {
    pub(crate) fn new(texts: &[&str]) -> Self {
        let mut project = project(Api::JsonRpc);
        let local = project.environments.get_mut("local").unwrap();
        local
            .vars
            .insert("site".to_owned(), "https://club.tv".to_owned());
        let sources = texts.iter().enumerate().map(|(index, text)| {
            let id = FileId(u32::try_from(index).unwrap());
            let path = format!("offers/{index}.yaml");
            SourceFile::from_bytes(id, path, text.as_bytes().to_vec()).0
        });
        Self::of(project, Sources::new(sources.collect()))
    }

    pub(crate) fn of(project: Project, sources: Sources) -> Self {
        let read = sources.files().iter().map(manifest::read);
        let manifests = read.flat_map(|file| {
            assert!(!file.diagnostics.has_errors(), "{:#?}", file.diagnostics);
            file.manifests
        });
        Self {
            project,
            manifests: manifests.collect(),
            sources,
        }
    }

    /// Adds another shop that is like `local`.
    pub(crate) fn add_shop(&mut self, name: &str) {
        let environments = &mut self.project.environments;
        let shop = Environment {
            name: name.to_owned(),
            endpoint: Endpoint::Url("https://club.tv/api".to_owned()),
            ..environments["local"].clone()
        };
        environments.insert(name.to_owned(), shop);
    }

    /// What the offers of an environment say.
    pub(crate) fn contents(&self, environment: &str) -> Vec<(Name, Content)> {
        let environment = &self.project.environments[environment];
        let (desired, _) = resolve(&self.manifests, &self.project, environment);
        let offers = desired.offers().iter();
        offers
            .map(|(name, offer)| (name.clone(), (*offer.content).clone()))
            .collect()
    }

    pub(crate) fn desired(&self) -> Desired {
        let local = &self.project.environments["local"];
        let (desired, diagnostics) = resolve(&self.manifests, &self.project, local);
        assert!(!diagnostics.has_errors(), "{diagnostics:#?}");
        desired
    }

    pub(crate) fn accept(
        &self,
        (live, state): (&Live, &State),
        names: &[&str],
    ) -> Result<Accepted, AcceptError> {
        let found = drift(Api::JsonRpc, live, state);
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        let situation = Situation {
            sources: &self.sources,
            manifests: &self.manifests,
            project: &self.project,
            environment: &self.project.environments["local"],
            live,
            state,
            drift: &found,
        };
        accept(situation, &names)
    }
}

const STATE: &str = "news pass P100000001_US applied";

/// The state in which the files were applied as they are.
fn applied(files: &Files, bindings: &str) -> State {
    state::state(bindings, &files.desired())
}

/// Accepts what drifted of `news`, and accepts it again, which must change nothing.
#[track_caller]
fn taken(text: &str, rows: &str, bindings: &str) -> Result<(String, Accepted), AcceptError> {
    let files = Files::new(&[text]);
    let (live, state) = (live::live(rows), applied(&files, bindings));
    let accepted = files.accept((&live, &state), &["news"])?;
    let after = Files::of(files.project.clone(), accepted.sources.clone());
    let again = after.accept((&live, &state), &["news"]).unwrap();
    assert!(
        again.changed.is_empty() && again.values.is_empty(),
        "{again:#?}"
    );
    let desired = after.desired();
    let plan = plan(&desired, &live, &state);
    let left = plan
        .changes
        .iter()
        .filter(|change| change.name.as_str() == "news")
        .count();
    assert!(left == 0 && plan.conflicts.is_empty(), "{plan:#?}");
    let text = after.sources.files()[0].text.clone();
    Ok((text, accepted))
}

const LIVE: &str = "pass P100000001_US title=News url=https://club.tv price=12 period=month";

/// Expects what becomes of the lines of an offer when the live row differs in some fields.
#[track_caller]
fn check(offer: &str, fields: &str, expected: &str) {
    let wrap = |offer: &str| format!("# top\nversion: 1\noffers:\n  # mine\n{offer}\n  # tail\n");
    let rows = if fields.contains("P100000001") {
        fields.to_owned()
    } else {
        format!("{LIVE} {fields}")
    };
    let bindings = if fields.contains("_FR") {
        "news pass P100000001 applied"
    } else {
        STATE
    };
    let (text, _) = taken(&wrap(offer), &rows, bindings).unwrap();
    assert_eq!(text, wrap(expected));
}

/// Expects what is said when a value cannot be taken.
#[track_caller]
fn refused(text: &str, fields: &str, expected: &[&str]) {
    let error = taken(text, &format!("{LIVE} {fields}"), STATE).unwrap_err();
    let AcceptError::Refused(refusals) = &error else {
        panic!("{error:?}")
    };
    let messages: Vec<&str> = refusals
        .iter()
        .map(|refusal| refusal.message.as_str())
        .collect();
    assert_eq!(messages, expected);
    assert!(
        refusals
            .iter()
            .all(|refusal| refusal.span.is_some() && !refusal.help.is_empty())
    );
}

const BLOCK: &str = "  news:
    type: pass
    title: News  # the name
    url: https://club.tv
    price: 12.00   # per month

    period: month";

#[test]
fn a_price_changes_in_its_place() {
    check(BLOCK, "price=14.5", &BLOCK.replace("12.00", "14.50"));
    check(
        &BLOCK.replace("12.00", "12"),
        "price=14",
        &BLOCK.replace("12.00", "14"),
    );
    check(
        &BLOCK.replace("12.00", "'12.00'"),
        "price=14",
        &BLOCK.replace("12.00", "'14.00'"),
    );
}

#[test]
fn flow_mappings_stay_flow() {
    let flow = "  news: {type: pass, title: News, url: 'https://club.tv', price: 12.00, period: month}  # one";
    check(flow, "price=9", &flow.replace("12.00", "9.00"));
    check(
        flow,
        "title=\"Films, and more\"",
        &flow.replace("title: News", "title: \"Films, and more\""),
    );
    let json = "  news: {\"type\": \"pass\", \"title\":\"News\", \"url\": \"https://club.tv\", \"price\": 12.00, \"period\": \"month\"}";
    check(json, "title=Films", &json.replace("\"News\"", "\"Films\""));
}

#[test]
fn texts_have_quotes_just_where_yaml_needs_them() {
    let with = |title: &str| BLOCK.replace("title: News ", &format!("title: {title} "));
    for (live, written) in [
        ("Films", "Films"),
        ("NO", "\"NO\""),
        ("1e3", "\"1e3\""),
        ("007", "\"007\""),
        ("\"a: b\"", "\"a: b\""),
        ("\"a #b\"", "\"a #b\""),
        ("\"a \"", "\"a \""),
        ("a\nb", "\"a\\nb\""),
        ("🎬-films", "🎬-films"),
        ("it's", "it's"),
        ("[x", "\"[x\""),
        ("${vars.site}", "$${vars.site}"),
    ] {
        let rows = format!("{LIVE} title={live}");
        // The builder of rows works line by line.
        let (live, state) = {
            let files = Files::new(&[&format!("version: 1\noffers:\n{BLOCK}\n")]);
            let mut rows = live::live(&rows.replace('\n', "¶").replace("[x", "(x"));
            let id = offerctl_model::name::OfferId::new("P100000001_US");
            let view = rows
                .get_mut(&id)
                .unwrap()
                .view_mut(offerctl_model::offer_type::OfferType::Pass)
                .unwrap();
            let title = view.rows[0]
                .fields
                .text(offerctl_model::field::Field::Title)
                .unwrap()
                .raw()
                .replace('¶', "\n")
                .replace("(x", "[x");
            view.rows[0].fields.set(
                offerctl_model::field::Field::Title,
                offerctl_model::value::Value::text(title),
            );
            (rows, applied(&files, STATE))
        };
        let files = Files::new(&[&format!("version: 1\noffers:\n{BLOCK}\n")]);
        let accepted = files.accept((&live, &state), &["news"]);
        let text = accepted.unwrap().sources.files()[0].text.clone();
        assert_eq!(text, format!("version: 1\noffers:\n{}\n", with(written)));
    }
}

#[test]
fn quotes_of_the_author_stay() {
    let with = |title: &str| BLOCK.replace("title: News ", &format!("title: {title} "));
    check(&with("\"News\""), "title=Films", &with("\"Films\""));
    check(&with("'News'"), "title=it's", &with("'it''s'"));
}

#[test]
fn blocks_of_lines_stay_blocks() {
    let described =
        |lines: &str| format!("{BLOCK}\n    description: {lines}\n    accessToTags: [a]");
    check(
        &described("|-   # why\n      One"),
        "description=Two accessToTags=a",
        &described("|-   # why\n      Two"),
    );
    check(
        &described(">-\n      One\n      more"),
        "description=Two accessToTags=a",
        &described(">-\n      Two"),
    );
    check(
        &described("|-\n      One\n\n    # about the days"),
        "description=Two accessToTags=a",
        &described("|-\n      Two\n\n    # about the days"),
    );
    check(
        &described("|2-\n       One"),
        "description=Two accessToTags=a",
        &described("Two"),
    );
}

#[test]
fn lists_change_item_by_item() {
    let flow = |items: &str| format!("{BLOCK}\n    accessToTags: {items}  # tags");
    check(&flow("[a, b, c]"), "accessToTags=a,c", &flow("[a, c]"));
    check(
        &flow("[a, b]"),
        "accessToTags=a,b,no",
        &flow("[a, b, \"no\"]"),
    );
    check(&flow("[a, b]"), "accessToTags=b,x", &flow("[x, b]"));
    check(&flow("[ a ]"), "accessToTags=", &flow("[  ]"));
    check(&flow("[a, b,]"), "accessToTags=a", &flow("[a, ]"));
    check(&flow("[]"), "accessToTags=a,b", &flow("[a, b]"));
    check(&flow("null"), "accessToTags=a,b", &flow("[a, b]"));
    let lines = |items: &str| format!("{BLOCK}\n    accessToTags:{items}");
    check(
        &lines("\n      - a   # one\n      # between\n      - b"),
        "accessToTags=a,b,c",
        &lines("\n      - a   # one\n      # between\n      - b\n      - c"),
    );
    check(
        &lines("\n    - a   # one\n    - b"),
        "accessToTags=b",
        &lines("\n    # one\n    - b"),
    );
    check(
        &lines("\n      - a   # one\n      - b"),
        "accessToTags=",
        &lines(" []\n      # one"),
    );
    check(
        &lines(" [\n      a, # one\n      b  # two\n    ]"),
        "accessToTags=a,b,c",
        &lines(" [\n      a, # one\n      b,  # two\n      c\n    ]"),
    );
    check(
        &lines(" [\n      a, # one\n      b,\n    ]"),
        "accessToTags=a",
        &lines(" [\n      a, # one\n    ]"),
    );
}

#[test]
fn geo_restrictions_change_in_their_parts() {
    let with = |geo: &str| format!("{BLOCK}\n    geoRestriction: {geo}");
    let live = |countries: &str| {
        format!("geoRestriction={{\"type\":\"whitelist\",\"countries\":[{countries}]}}")
    };
    check(
        &with("{type: whitelist, countries: [US, CA]}"),
        &live("\"US\",\"NO\""),
        &with("{type: whitelist, countries: [US, \"NO\"]}"),
    );
    check(
        &with("{type: blacklist, countries: [US]}"),
        &live("\"US\""),
        &with("{type: whitelist, countries: [US]}"),
    );
    check(
        &with("{type: whitelist, countries: [US]}"),
        "geoRestriction=none",
        &with("null"),
    );
    check(
        &with("null"),
        &live("\"US\",\"CA\""),
        &with("{type: whitelist, countries: [CA, US]}"),
    );
    check(
        &with("\n      # why\n      type: whitelist\n      countries: [US]   # there"),
        "geoRestriction=none",
        &with("null \n      # why\n      # there"),
    );
}

const LOCALIZED: &str = "  news:
    type: pass
    title: News
    url: https://club.tv
    price: 12.00
    period: month
    localizations:
      US: {currency: USD}
      FR: {currency: EUR, price: 9.00}   # since May
      NO:
        currency: NOK
        price: 99.00
        title: Nyheter";

/// The rows of the localized offer, each with something changed.
fn rows(us: &str, fr: &str, no: &str) -> String {
    format!(
        "pass P100000001_US title=News url=https://club.tv price=12 period=month {us}
         pass P100000001_FR title=News url=https://club.tv price=9 currency=EUR period=month {fr}
         pass P100000001_NO title=Nyheter url=https://club.tv price=99 currency=NOK period=month {no}"
    )
}

#[test]
fn prices_of_countries_change_in_their_rows() {
    check(
        LOCALIZED,
        &rows("", "price=11", "price=89"),
        &LOCALIZED
            .replace("9.00}", "11.00}")
            .replace("99.00", "89.00"),
    );
}

#[test]
fn what_only_one_country_has_from_the_top_changes_there() {
    check(
        LOCALIZED,
        &rows("price=14", "", ""),
        &LOCALIZED.replace("12.00", "14.00"),
    );
}

#[test]
fn what_others_have_from_the_top_too_is_added_to_the_row() {
    check(
        LOCALIZED,
        &rows("", "title=Nouvelles", ""),
        &LOCALIZED.replace("EUR, price: 9.00}", "EUR, title: Nouvelles, price: 9.00}"),
    );
    check(
        LOCALIZED,
        &rows("title=Report", "title=Report", ""),
        &LOCALIZED.replace("title: News", "title: Report"),
    );
}

#[test]
fn another_currency_is_taken() {
    check(
        LOCALIZED,
        &rows("", "currency=USD", ""),
        &LOCALIZED.replace("EUR", "USD"),
    );
}

#[test]
fn times_keep_their_spelling() {
    let text = "version: 1\noffers:\n  news: {type: event, title: News, url: 'https://club.tv', price: 12, startTime: 2031-06-01T20:00:00+02:00, endTime: 1938218400, timeZone: Europe/Oslo}\n";
    let rows = "event E100000001_US title=News url=https://club.tv price=12 startTime=1925064000 endTime=1938222000 timeZone=Europe/Oslo";
    let (after, _) = taken(text, rows, "news event E100000001_US applied").unwrap();
    assert_eq!(
        after,
        text.replace("2031-06-01T20:00:00+02:00", "2031-01-01T21:00:00+01:00")
            .replace("1938218400", "1938222000")
    );
}

#[test]
fn what_comes_from_defaults_is_added_to_the_offer() {
    let text = "version: 1
defaults: {price: 12.00, accessToTags: [a]}   # shared
offers:
  news:
    type: pass
    title: News
    url: https://club.tv  # ours
    # how long
    period: month
  flow: {type: pass, title: Flow, url: 'https://club.tv/f', period: month}
";
    let (after, accepted) =
        taken(text, &format!("{LIVE} price=14 accessToTags=a,b"), STATE).unwrap();
    assert_eq!(
        after,
        text.replace("# ours\n", "# ours\n    price: 14.00\n")
            .replace(
                "period: month\n  flow",
                "period: month\n    accessToTags: [a, b]\n  flow"
            )
    );
    assert_eq!(accepted.values.len(), 2);
    let line = accepted.sources.describe(accepted.values[0].span);
    assert_eq!(line, "offers/0.yaml:8:12");

    let files = Files::new(&[text]);
    let rows = live::live(
        "pass P100000001_US title=Flow url=https://club.tv/f price=14 period=month accessToTags=a",
    );
    let state = applied(&files, "flow pass P100000001_US applied");
    let accepted = files.accept((&rows, &state), &["flow"]).unwrap();
    assert_eq!(
        accepted.sources.files()[0].text,
        text.replace(
            "'https://club.tv/f', ",
            "'https://club.tv/f', price: 14.00, "
        )
    );
}

#[test]
fn localizations_of_defaults_are_added_to_the_offer() {
    let text = "version: 1
defaults:
  localizations: {US: {currency: USD}, FR: {currency: EUR, price: 9.00}}
offers:
  news:
    type: pass
    title: News
    url: https://club.tv
    price: 12.00
    period: month
  other: {type: pass, title: Other, url: 'https://club.tv/o', price: 12.00, period: month}
";
    let rows = "pass P100000001_US title=News url=https://club.tv price=12 period=month
         pass P100000001_FR title=News url=https://club.tv price=11 currency=EUR period=month";
    let (after, _) = taken(text, rows, "news pass P100000001 applied").unwrap();
    assert_eq!(
        after,
        text.replace(
            "period: month\n  other",
            "period: month\n    localizations: {FR: {price: 11.00}}\n  other"
        )
    );
}

/// A file whose defaults have three countries, and an offer with more lines.
fn of_defaults(lines: &str) -> String {
    format!(
        "version: 1
defaults:
  localizations: {{US: {{currency: USD}}, SE: {{currency: SEK, price: 79.00, title: Nyheter}}}}
offers:
  news:
    type: pass
    title: News
    url: https://club.tv
    price: 12.00
    period: month
{lines}  other: {{type: pass, title: Other, url: 'https://club.tv/o', price: 12.00, period: month}}
"
    )
}

const AMERICAN: &str = "pass P100000001_US title=News url=https://club.tv price=12 period=month\n";

fn swedish(price: &str) -> String {
    format!(
        "{AMERICAN}pass P100000001_SE title=Nyheter url=https://club.tv price={price} currency=SEK period=month"
    )
}

const STEM: &str = "news pass P100000001 applied";

#[test]
fn a_row_without_a_currency_is_edited_where_it_stands() {
    let text = of_defaults("    localizations:\n      SE: {price: 99.00}   # less\n");
    let (after, _) = taken(&text, &swedish("95"), STEM).unwrap();
    assert_eq!(after, text.replace("99.00", "95.00"));
    let titled = swedish("99").replace("Nyheter", "Allt");
    let (after, _) = taken(&text, &titled, STEM).unwrap();
    assert_eq!(
        after,
        text.replace("{price: 99.00}", "{price: 99.00, title: Allt}")
    );
    let euro = swedish("99").replace("SEK", "EUR");
    let (after, _) = taken(&text, &euro, STEM).unwrap();
    assert_eq!(
        after,
        text.replace("{price: 99.00}", "{price: 99.00, currency: EUR}")
    );
}

#[test]
fn a_country_of_the_defaults_that_is_gone_is_taken_out_of_the_offer() {
    let text = of_defaults("");
    let (after, accepted) = taken(&text, AMERICAN, STEM).unwrap();
    assert_eq!(after, of_defaults("    localizations: {SE: null}\n"));
    assert_eq!(accepted.values.len(), 1);
    assert_eq!(accepted.values[0].after, None);
    let text = of_defaults(
        "    localizations:\n      SE: {price: 99.00}   # less\n      GB: {currency: GBP}\n",
    );
    let british =
        "pass P100000001_GB title=News url=https://club.tv price=12 currency=GBP period=month";
    let (after, _) = taken(&text, &format!("{AMERICAN}{british}"), STEM).unwrap();
    assert_eq!(after, text.replace("{price: 99.00}", "null"));
    // What only the offer has, it would have to lose.
    let refused = taken(&text, &swedish("99"), STEM).unwrap_err();
    let AcceptError::Refused(refusals) = refused else {
        panic!("{refused:?}")
    };
    assert!(refusals[0].message.contains("(GB)"), "{refusals:?}");
}

#[test]
fn a_country_that_was_taken_out_and_came_back_gets_a_row() {
    let text = of_defaults("    localizations: {SE: null}\n");
    let row = |row: &str| text.replace("null", row);
    let (after, accepted) = taken(&text, &swedish("79"), STEM).unwrap();
    assert_eq!(after, row("{price: 79.00}"));
    assert_eq!(accepted.values[0].before, None);
    let other = swedish("89")
        .replace("Nyheter", "Allt")
        .replace("SEK", "EUR");
    let (after, _) = taken(&text, &other, STEM).unwrap();
    assert_eq!(after, row("{currency: EUR, price: 89.00, title: Allt}"));
    // What nobody ever named is for a person to write.
    let british =
        "pass P100000001_GB title=News url=https://club.tv price=12 currency=GBP period=month";
    assert!(taken(&text, &format!("{AMERICAN}{british}"), STEM).is_err());
}

#[test]
fn a_country_that_moved_in_one_shop_is_written_for_it_alone() {
    let check = |lines: &str, rows: &str, expected: &str| {
        let mut files = Files::new(&[&of_defaults(lines)]);
        files.add_shop("production");
        let before = files.contents("production");
        let (live, state) = (live::live(rows), applied(&files, STEM));
        let accepted = files.accept((&live, &state), &["news"]).unwrap();
        assert_eq!(accepted.sources.files()[0].text, of_defaults(expected));
        let after = Files::of(files.project.clone(), accepted.sources.clone());
        assert_eq!(after.contents("production"), before);
        let plan = plan(&after.desired(), &live, &state);
        let mut of_news = plan
            .changes
            .iter()
            .filter(|change| change.name.as_str() == "news");
        assert!(
            of_news.next().is_none() && plan.conflicts.is_empty(),
            "{plan:#?}"
        );
    };
    let here =
        |row: &str| format!("    environments: {{local: {{localizations: {{SE: {row}}}}}}}\n");
    check("", AMERICAN, &here("null"));
    check(&here("null"), &swedish("99"), &here("{price: 99.00}"));
    let out = "    localizations: {SE: null}\n";
    check(
        out,
        &swedish("99"),
        &format!("{out}{}", here("{price: 99.00}")),
    );
}

#[test]
fn line_ends_and_a_missing_last_one_stay() {
    let text = format!("version: 1\noffers:\n{BLOCK}\n    accessToTags:\n      - a\n      - b")
        .replace('\n', "\r\n");
    let (after, _) = taken(&text, &format!("{LIVE} price=14 accessToTags=a"), STATE).unwrap();
    let expected = text.replace("12.00", "14.00").replace("\r\n      - b", "");
    assert_eq!(after, expected);
    let (after, _) = taken(&text, &format!("{LIVE} accessToTags=a,b,c"), STATE).unwrap();
    assert_eq!(after, text.clone() + "\r\n      - c");
}

#[test]
fn a_value_with_a_variable_is_refused() {
    refused(
        "version: 1\noffers:\n  news: {type: pass, title: News, url: \"${vars.site}\", price: 12, period: month}\n",
        "url=https://other.tv",
        &["`url` is written with a variable"],
    );
}

#[test]
fn values_that_others_share_are_refused() {
    refused(
        "version: 1\noffers:\n  news: {type: pass, title: &t News, url: 'https://club.tv', price: 12, period: month}\n  other: {type: pass, title: *t, url: 'https://club.tv/o', price: 12, period: month}\n",
        "title=Films",
        &["the value of `title` has a YAML anchor, and other places would change with it"],
    );
    refused(
        "version: 1\noffers:\n  other: &o {type: pass, title: News, url: 'https://club.tv', price: 12, period: month}\n  news: *o\n",
        "title=Films",
        &["the value of `title` stands behind a YAML alias, and so elsewhere"],
    );
}

#[test]
fn an_alias_in_the_offer_gives_way_to_the_value() {
    let text = "version: 1\noffers:\n  other: {type: pass, title: &t News, url: 'https://club.tv/o', price: 12, period: month}\n  news: {type: pass, title: *t, url: 'https://club.tv', price: 12, period: month}\n";
    let (after, _) = taken(text, &format!("{LIVE} title=Films"), STATE).unwrap();
    assert_eq!(after, text.replace("*t", "Films"));
}

#[test]
fn what_was_edited_as_well_is_refused() {
    let before = Files::new(&[
        "version: 1\noffers:\n  news: {type: pass, title: News, url: 'https://club.tv', price: 12, period: month}\n",
    ]);
    let state = applied(&before, STATE);
    let files = Files::new(&[
        "version: 1\noffers:\n  news: {type: pass, title: Edited, url: 'https://club.tv', price: 12, period: month}\n",
    ]);
    let rows = live::live(&format!("{LIVE} title=Films price=14"));
    let error = files.accept((&rows, &state), &["news"]).unwrap_err();
    let AcceptError::Refused(refusals) = error else {
        panic!()
    };
    assert_eq!(refusals.len(), 1);
    assert_eq!(
        refusals[0].message,
        "`title` was changed by hand, and in the manifest as well"
    );
}

#[test]
fn values_that_no_manifest_may_have_are_refused() {
    refused(
        &format!("version: 1\noffers:\n{BLOCK}\n"),
        "price=0.001",
        &[
            "the live value of `price` is not valid in the environment `local`: the price 0.001 is out of bounds",
            "the live value of `price` is not valid in the environment `local`: the price 0.001 has more digits than any currency here",
        ],
    );
}

#[test]
fn all_or_nothing() {
    let text = "version: 1\noffers:\n  a: {type: pass, title: A, url: 'https://club.tv/a', price: 12, period: month}\n  b: {type: pass, title: B, url: \"${vars.site}/b\", price: 12, period: month}\n";
    let files = Files::new(&[text]);
    let state = applied(
        &files,
        "a pass P100000001_US applied\nb pass P100000002_US applied",
    );
    let rows = live::live(
        "pass P100000001_US title=X url=https://club.tv/a price=12 period=month
         pass P100000002_US title=B url=https://club.tv/x price=12 period=month",
    );
    assert!(matches!(
        files.accept((&rows, &state), &["a", "b"]),
        Err(AcceptError::Refused(_))
    ));
    assert!(files.accept((&rows, &state), &["a"]).is_ok());
}

#[test]
fn names_that_nobody_knows_are_told_with_what_was_meant() {
    let files = Files::new(&[&format!("version: 1\noffers:\n{BLOCK}\n")]);
    let state = applied(&files, STATE);
    let error = files
        .accept((&live::live(LIVE), &state), &["mews", "all"])
        .unwrap_err();
    let AcceptError::Unknown(unknown) = &error else {
        panic!()
    };
    assert_eq!(unknown[1].meant.as_deref(), Some("news"));
    assert_eq!(error.to_string(), "there is no offer `all`, `mews`");
    let accepted = files
        .accept((&live::live(LIVE), &state), &["news"])
        .unwrap();
    assert!(accepted.changed.is_empty(), "nothing drifted");
}

#[test]
fn other_environments_are_told_of() {
    let mut files = Files::new(&[&format!("version: 1\noffers:\n{BLOCK}\n")]);
    let mut other = files.project.environments["local"].clone();
    other.name = "production".to_owned();
    files
        .project
        .environments
        .insert("production".to_owned(), other);
    let state = applied(&files, STATE);
    let accepted = files
        .accept(
            (&live::live(&format!("{LIVE} price=14")), &state),
            &["news"],
        )
        .unwrap();
    assert_eq!(
        accepted.notes,
        ["news is declared for production as well, with what was accepted from now on: `price`"]
    );
}

/// Expects what becomes of an offer when the price differs in one of two shops, and that the other shop stays.
#[track_caller]
fn check_beside_production(offer: &str, fields: &str, expected: &str) {
    let wrap = |offer: &str| format!("version: 1\noffers:\n{offer}\n");
    let mut files = Files::new(&[&wrap(offer)]);
    files.add_shop("production");
    let bindings = if fields.contains("_FR") {
        "news pass P100000001 applied"
    } else {
        STATE
    };
    let state = applied(&files, bindings);
    let rows = if fields.contains("_FR") {
        fields.to_owned()
    } else {
        format!("{LIVE} {fields}")
    };
    let live = live::live(&rows);
    let accepted = files.accept((&live, &state), &["news"]).unwrap();
    assert_eq!(accepted.sources.files()[0].text, wrap(expected));
    let after = Files::of(files.project.clone(), accepted.sources.clone());
    assert_eq!(after.contents("production"), files.contents("production"));
    let again = after.accept((&live, &state), &["news"]).unwrap();
    assert!(again.changed.is_empty(), "{again:#?}");
}

#[test]
fn another_shop_does_not_change_with_what_is_accepted() {
    check_beside_production(
        BLOCK,
        "price=14",
        &format!("{BLOCK}\n    environments: {{local: {{price: 14.00}}}}"),
    );
    check_beside_production(
        "  news: {type: pass, title: News, url: https://club.tv, price: 12, period: month}",
        "price=14",
        "  news: {type: pass, title: News, url: https://club.tv, price: 12, period: month, environments: {local: {price: 14.00}}}",
    );
    check_beside_production(
        &format!("{BLOCK}\n    only: [local]"),
        "price=14",
        &format!("{BLOCK}\n    only: [local]").replace("price: 12.00", "price: 14.00"),
    );
}

#[test]
fn a_value_of_this_environment_is_written_there() {
    let overridden = |price: &str| {
        format!(
            "{BLOCK}\n    environments:\n      local:\n        price: {price} # ours\n      production: {{price: 3.00}}"
        )
    };
    let live = "price=14";
    let (text, accepted) = {
        let files = Files::new(&[&format!("version: 1\noffers:\n{}\n", overridden("12.00"))
            .replace("      production: {price: 3.00}", "")]);
        let state = applied(&files, STATE);
        let live = live::live(&format!("{LIVE} {live}"));
        let accepted = files.accept((&live, &state), &["news"]).unwrap();
        (accepted.sources.files()[0].text.clone(), accepted)
    };
    assert!(text.contains("        price: 14.00 # ours\n"), "{text}");
    assert!(accepted.notes.is_empty(), "{:?}", accepted.notes);
    check_beside_production(&overridden("12.00"), live, &overridden("14.00"));
    // The other shop has a price of its own, so the one at the top is free.
    check_beside_production(
        &format!("{BLOCK}\n    environments: {{production: {{price: 3.00}}}}"),
        live,
        &format!("{BLOCK}\n    environments: {{production: {{price: 3.00}}}}")
            .replace("price: 12.00", "price: 14.00"),
    );
}

#[test]
fn a_price_of_a_country_is_accepted_for_one_shop() {
    let offer = format!(
        "{BLOCK}\n    localizations:\n      FR: {{currency: EUR, price: 9.00}}\n      GB: {{currency: GBP}}"
    );
    check_beside_production(
        &offer,
        "pass P100000001_FR title=News url=https://club.tv price=8 currency=EUR period=month
         pass P100000001_GB title=News url=https://club.tv price=12 currency=GBP period=month",
        &format!(
            "{offer}\n    environments: {{local: {{localizations: {{FR: {{price: 8.00}}}}}}}}"
        ),
    );
}

#[test]
fn what_is_no_value_is_refused() {
    let files = Files::new(&[
        "version: 1\noffers:\n  a: {type: pass, title: A, url: 'https://club.tv/a', price: 12, period: month}\n  b: {type: pass, title: B, url: 'https://club.tv/b', price: 12, period: month}\n",
    ]);
    let state = applied(
        &files,
        "a pass P100000001_US applied\nb pass P100000002_US applied\ndeactivated c pass P100000003_US",
    );
    let rows = live::live(
        "pass P100000001_US inactive title=A url=https://club.tv/a price=12 period=month
         pass P100000003_US title=C",
    );
    let error = files.accept((&rows, &state), &["a", "b", "c"]).unwrap_err();
    let AcceptError::Refused(refusals) = error else {
        panic!()
    };
    let messages: Vec<&str> = refusals
        .iter()
        .map(|refusal| refusal.message.as_str())
        .collect();
    assert_eq!(
        messages,
        [
            "it was deactivated by hand, which is no value",
            "the account does not list it any more",
            "it was deactivated here and is on sale again",
        ]
    );
    assert!(refusals[0].help.contains("remove a from the manifests"));
}
