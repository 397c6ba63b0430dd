//! Laws of imports.

use std::collections::{BTreeMap, BTreeSet};

use offerctl_manifest::desired::{Desired, resolve};
use offerctl_manifest::format::format;
use offerctl_manifest::manifest::{self, Manifest};
use offerctl_manifest::source::SourceFile;
use offerctl_manifest::span::FileId;
use offerctl_model::content::Fields;
use offerctl_model::country::Country;
use offerctl_model::field::Field;
use offerctl_model::money::Currency;
use offerctl_model::name::OfferId;
use offerctl_model::offer_type::{Api, OfferType};
use offerctl_model::value::{EventRef, GeoMode, GeoRestriction, Moment, Value};
use offerctl_reconcile::import::{Imported, Request, import, wanted_for_import};
use offerctl_reconcile::live::{Live, Row};
use offerctl_reconcile::matching::match_offers;
use offerctl_reconcile::plan::plan;
use offerctl_reconcile::rebuild::rebuild;
use offerctl_reconcile::state::State;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};

use super::config;
use crate::support::desired::project;

/// Texts that YAML, git and people trip over.
const ODD: &[&str] = &[
    "News",
    "Everything, every day",
    "say \"hi\"",
    "it's",
    "key: value",
    "# no comment",
    "- item",
    "NO",
    "no",
    "1e3",
    "007",
    "12.00",
    "null",
    "~",
    "2026-01-01",
    "${vars.site} and $${x}",
    "$",
    "{a: b}",
    "[x]",
    "*alias",
    "&anchor",
    "!tag",
    "@at `tick`",
    "🎬 film 👩‍👩‍👧",
    "مباشر الآن",
    "עברית",
    "日本語のタイトル",
    " leading and trailing ",
    "two\nlines",
    "three\n\n  lines\n",
    "tab\there",
    "back\\slash",
    "%TAG",
    "|",
    ">",
    "ends with colon:",
    "<<",
];

const URLS: &[&str] = &[
    "https://club.tv/plans",
    "https://club.tv/a?b=c&d=%20#top",
    "http://club.tv/NO",
];

const COUNTRIES: &[(&str, &str)] = &[
    ("US", "USD"),
    ("DE", "EUR"),
    ("FR", "EUR"),
    ("NO", "NOK"),
    ("GB", "GBP"),
];

/// One live offer; small numbers, so that failing cases shrink.
#[derive(Debug, Clone)]
struct Drawn {
    offer_type: OfferType,
    active: bool,
    title: usize,
    url: usize,
    cents: [u16; 5],
    countries: u8,
    extras: u16,
    texts: [usize; 3],
    /// Which countries have texts of their own.
    own: u8,
}

fn drawn() -> impl Strategy<Value = Drawn> {
    let text = 0..ODD.len();
    (
        proptest::sample::select(&OfferType::ALL[..]),
        proptest::bool::weighted(0.85),
        (text.clone(), 0..URLS.len()),
        prop::array::uniform5(500..9900_u16),
        (0..32_u8, any::<u16>(), any::<u8>()),
        prop::array::uniform3(text),
    )
        .prop_map(
            |(offer_type, active, (title, url), cents, (countries, extras, own), texts)| Drawn {
                offer_type,
                active,
                title,
                url,
                cents,
                countries,
                extras,
                texts,
                own,
            },
        )
}

fn catalogue() -> impl Strategy<Value = Vec<Drawn>> {
    proptest::collection::vec(drawn(), 0..25)
}

fn price(cents: u16) -> Value {
    Value::Amount(
        format!("{}.{:02}", cents / 100, cents % 100)
            .parse()
            .unwrap(),
    )
}

impl Drawn {
    fn countries(&self) -> Vec<(&'static str, &'static str, usize)> {
        let chosen: Vec<_> = COUNTRIES
            .iter()
            .enumerate()
            .filter(|(bit, _)| self.countries & (1 << bit) != 0)
            .map(|(bit, (country, currency))| (*country, *currency, bit))
            .collect();
        if Field::Price.is_localizable(Api::JsonRpc, self.offer_type) && !chosen.is_empty() {
            chosen
        } else {
            vec![("US", "USD", 0)]
        }
    }

    fn has(&self, bit: u16) -> bool {
        self.extras & (1 << bit) != 0
    }

    fn fields(&self, (index, bit, several): (usize, usize, bool)) -> Fields {
        let own = self.own & (1 << bit) != 0;
        let shift = usize::from(own && several);
        let odd = |text: usize| ODD[(text + shift) % ODD.len()];
        let mut fields = Fields::new();
        fields.set(Field::Title, Value::text(odd(self.title)));
        fields.set(Field::Url, Value::text(URLS[self.url]));
        fields.set(Field::Price, price(self.cents[bit]));
        let description = if self.has(0) { odd(self.texts[0]) } else { "" };
        fields.set(Field::Description, Value::text(description));
        match self.offer_type {
            OfferType::Subscription | OfferType::Pass => {
                let period = if self.has(1) { "month" } else { "week" };
                fields.set(Field::Period, Value::text(period));
                let tags: &[&str] = if self.has(2) { &["sport", "film"] } else { &[] };
                fields.set(Field::AccessToTags, Value::tags(tags.iter().copied()));
            }
            OfferType::Rental => {
                fields.set(Field::RentalHours, Value::Integer(48));
            }
            OfferType::Event => {
                let time = |seconds| Value::Time(Moment::from_unix(seconds).unwrap());
                fields.set(Field::StartTime, time(1_900_000_000));
                fields.set(Field::EndTime, time(1_900_003_600));
                fields.set(Field::TimeZone, Value::text("Europe/Oslo"));
            }
            OfferType::Single | OfferType::Vod => {}
        }
        let mut extra = |bit: u16, field: Field, value: Value| {
            let fits = if several {
                field.fits_localized_offer(Api::JsonRpc, self.offer_type)
            } else {
                field.exists_in(Api::JsonRpc, self.offer_type)
            };
            if self.has(bit) && fits {
                fields.set(field, value);
            }
        };
        extra(3, Field::Tags, Value::tags(["sport", "NO", "1e3"]));
        extra(
            4,
            Field::ContentExternalId,
            Value::text(format!("c-{index}")),
        );
        extra(5, Field::VideoId, Value::text("007"));
        extra(6, Field::FreeDays, Value::Integer(7));
        extra(7, Field::RentalPeriod, Value::Integer(24));
        extra(
            8,
            Field::PlayerCode,
            Value::text("<script>\n  play(\"1\"); # go\n</script>\n"),
        );
        extra(9, Field::Teaser, Value::text(ODD[self.texts[1]]));
        let geo = GeoRestriction {
            mode: GeoMode::Whitelist,
            countries: ["NO", "SE", "US"]
                .into_iter()
                .filter_map(Country::new)
                .collect(),
        };
        extra(10, Field::GeoRestriction, Value::Geo(Some(Box::new(geo))));
        extra(11, Field::Runtime, Value::text(ODD[self.texts[2]]));
        let event = EventRef::Id(OfferId::new(&format!("E{}_US", 100_000_000 + index / 2)));
        extra(12, Field::EventAssociation, Value::events([event]));
        extra(
            13,
            Field::ContentExternalData,
            Value::text(ODD[self.texts[2]]),
        );
        fields
    }
}

/// The account with these offers; the same ones in another order are the same account.
fn live(drawn: &[Drawn]) -> Live {
    let mut live = Live::new();
    for (index, offer) in drawn.iter().enumerate() {
        let letter = offer.offer_type.id_letters(Api::JsonRpc)[0];
        let stem = format!("{letter}{}", 100_000_000 + index);
        let countries = offer.countries();
        for (country, currency, bit) in &countries {
            let row = Row {
                id: OfferId::new(&format!("{stem}_{country}")),
                country: Country::new(country),
                currency: Currency::new(currency),
                tax_rate: None,
                publisher_email: Some("sales@club.tv".into()),
                created_at: None,
                updated_at: None,
                fields: offer.fields((index, *bit, countries.len() > 1)),
            };
            live.add(offer.offer_type, offer.active, row);
        }
    }
    // What most plain offers are sold in is the home of the account.
    for number in 0..2 {
        let row = Row {
            id: OfferId::new(&format!("P90000000{number}_US")),
            country: Country::new("US"),
            currency: Currency::new("USD"),
            tax_rate: None,
            publisher_email: Some("sales@club.tv".into()),
            created_at: None,
            updated_at: None,
            fields: [
                (Field::Title, Value::text(format!("Home {number}"))),
                (Field::Url, Value::text("https://club.tv/home")),
                (Field::Price, price(999)),
                (Field::Period, Value::text("month")),
            ]
            .into_iter()
            .collect(),
        };
        live.add(OfferType::Pass, true, row);
    }
    live
}

fn imported(live: &Live, state: &State, declared: &[Manifest], inactive: bool) -> Imported {
    let project = project(Api::JsonRpc);
    let request = Request {
        take_over_from: &BTreeSet::new(),
        live,
        state,
        project: &project,
        environment: &project.environments["local"],
        declared,
        inactive,
        folder: "offers",
        taken: &BTreeSet::new(),
        schema: Some("../schemas/manifest.v1.schema.json"),
    };
    import(request).unwrap()
}

fn read(imported: &Imported) -> (Vec<Manifest>, Desired) {
    let mut manifests = Vec::new();
    for (index, file) in imported.files.iter().enumerate() {
        let id = FileId(u32::try_from(index).unwrap());
        let bytes = file.text.clone().into_bytes();
        let (source, problem) = SourceFile::from_bytes(id, file.path.clone(), bytes);
        assert!(problem.is_none());
        let found = manifest::read(&source);
        assert!(
            !found.diagnostics.has_errors(),
            "{:?}\n{}",
            found.diagnostics,
            file.text
        );
        manifests.extend(found.manifests);
    }
    let project = project(Api::JsonRpc);
    let (desired, diagnostics) = resolve(&manifests, &project, &project.environments["local"]);
    assert!(!diagnostics.has_errors(), "{diagnostics:?}");
    (manifests, desired)
}

fn learned(state: &State, imported: &Imported) -> State {
    let mut state = state.clone();
    for (name, binding) in &imported.bindings {
        state.bind(name.clone(), binding.clone());
    }
    state
}

fn texts(imported: &Imported) -> BTreeMap<&str, &str> {
    let files = imported.files.iter();
    files.map(|file| (&*file.path, &*file.text)).collect()
}

/// All laws at once, because each import is the beginning of the next.
fn holds(drawn: &[Drawn], inactive: bool) {
    let live = live(drawn);
    let first = imported(&live, &State::default(), &[], inactive);
    assert_eq!(first.left, [], "all of it can be said");
    assert_eq!(
        first.left.len() + first.offers.len() + first.inactive,
        live.len()
    );
    assert!(!inactive || first.inactive == 0);

    for file in &first.files {
        let bytes = file.text.clone().into_bytes();
        let (source, _) = SourceFile::from_bytes(FileId(0), file.path.clone(), bytes);
        assert_eq!(format(&source).unwrap(), file.text, "it is formatted");
    }
    let (manifests, desired) = read(&first);
    let state = learned(&State::default(), &first);
    let plan = plan(&desired, &live, &state);
    assert!(plan.changes.is_empty(), "{:?}", plan.changes);
    assert!(plan.conflicts.is_empty(), "{:?}", plan.conflicts);
    assert!(plan.steps.is_empty() && plan.refresh.is_empty());

    let second = imported(&live, &state, &[], inactive);
    assert_eq!(texts(&second), texts(&first));
    assert_eq!(second.bindings, first.bindings);

    let beside = imported(&live, &state, &manifests, inactive);
    assert!(beside.files.is_empty(), "{:?}", beside.files);
    assert!(beside.bindings.is_empty() && beside.adopted.is_empty());

    // The state is lost: every name finds its offer again.
    let found = match_offers(&desired, &live, &State::default());
    for name in desired.offers().keys() {
        let id = &first.offers[name].id;
        assert!(
            found.id_of(name).is_some_and(|found| found.same_offer(id)),
            "{name}: {:?}",
            found.conflicts
        );
    }
    let rebuilt = rebuild(&desired, &live, &State::default());
    let found = rebuilt.found.into_iter();
    let found: BTreeMap<_, _> = found.map(|(name, found)| (name, found.binding)).collect();
    assert_eq!(found, first.bindings);
    assert!(rebuilt.open.is_empty() && rebuilt.absent.is_empty());
    let adopting = imported(&live, &State::default(), &manifests, inactive);
    assert_eq!(adopting.bindings, first.bindings);
    assert!(adopting.adopted.values().all(|differs| !differs));
}

proptest! {
    #![proptest_config(Config { cases: 96, ..config() })]

    #[test]
    fn an_import_says_what_is_live_and_nothing_else(drawn in catalogue(), inactive: bool) {
        holds(&drawn, inactive);
    }
}

#[test]
fn a_large_catalogue_is_imported_like_a_small_one() {
    let mut runner = TestRunner::new(config());
    let strategy = proptest::collection::vec(drawn(), 10_000);
    let drawn = strategy.new_tree(&mut runner).unwrap().current();
    let live = live(&drawn);
    assert!(!wanted_for_import(&live, (Api::JsonRpc, &State::default()), false).is_empty());
    let first = imported(&live, &State::default(), &[], false);
    let (_, desired) = read(&first);
    assert!(desired.offers().len() > 8_000);
    let state = learned(&State::default(), &first);
    let plan = plan(&desired, &live, &state);
    assert!(plan.changes.is_empty() && plan.conflicts.is_empty());
    let second = imported(&live, &state, &[], false);
    assert_eq!(texts(&second), texts(&first));
}
