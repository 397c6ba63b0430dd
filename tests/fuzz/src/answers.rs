//! Answers of the service, as every call that could get them; the rows in them become an account that is planned for.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use cleeng_client::{Config, Endpoint, Token};
use offerctl_engine::json_rpc::{JsonRpcReader, JsonRpcWriter};
use offerctl_engine::remote::{ActiveForm, GetCall, ListCall, RemoteError, ShownRow, WriteCall};
use offerctl_manifest::desired::{Desired, resolve};
use offerctl_manifest::manifest;
use offerctl_manifest::source::SourceFile;
use offerctl_manifest::span::FileId;
use offerctl_model::content::{Content, Fields, Localization};
use offerctl_model::country::Country;
use offerctl_model::money::Currency;
use offerctl_model::name::OfferId;
use offerctl_model::offer_type::{Api, OfferType};
use offerctl_reconcile::fingerprint::fingerprint;
use offerctl_reconcile::live::Live;
use offerctl_reconcile::settle::{candidates, settle};
use offerctl_reconcile::state::{Binding, Sent, State};

use crate::manifests::project;
use crate::planning;

/// The token of the requests; an answer that echoes it must not bring it into an error.
const TOKEN: &str = "canary-token-canary";

/// What a list has in it, and no other answer.
const LIST: &[u8] = b"totalItemCount";

/// What git says: an offer of each type, as the samples of the service have them.
const OFFERS: &str = "
version: 1
defaults: {url: 'https://club.tv/a', price: 12.00}
offers:
  monthly:
    type: subscription
    title: Monthly
    period: month
    freeDays: 7
    accessToTags: [sport]
    localizations: {FR: {currency: EUR, price: 9.00}, US: {currency: USD}}
  weekly: {type: pass, title: Weekly, period: week, geoRestriction: {type: whitelist, countries: [US, NO]}}
  film: {type: single, title: Film, videoId: film-1, tags: [sport]}
  loan: {type: rental, title: Loan, period: 48}
  final:
    {type: event, title: Final, startTime: 1900000000, endTime: 1900003600, timeZone: Europe/Oslo, teaser: Soon}
  replay: {type: vod, title: Replay, eventAssociation: [final], rentalPeriod: 72}
";

struct Fixtures {
    reader: JsonRpcReader,
    writer: JsonRpcWriter,
    desired: Desired,
}

static FIXTURES: LazyLock<Fixtures> = LazyLock::new(|| {
    let endpoint: Endpoint = "http://127.0.0.1:9".parse().expect("it is an address");
    let config = Config::new(endpoint, Token::new(TOKEN).expect("it is a token"));
    let bytes = OFFERS.as_bytes().to_vec();
    let (source, _) = SourceFile::from_bytes(FileId(0), "offers.yaml".to_owned(), bytes);
    let manifests = manifest::read(&source).manifests;
    let project = project(Api::JsonRpc);
    let (desired, diagnostics) = resolve(&manifests, &project, &project.environments["local"]);
    assert!(!diagnostics.has_errors());
    Fixtures {
        reader: JsonRpcReader::new(&config).expect("nothing is sent yet"),
        writer: JsonRpcWriter::new(&config).expect("nothing is sent yet"),
        desired,
    }
});

/// Takes an input.
pub fn run(input: &[u8]) -> bool {
    let mut live = Live::new();
    let mut any = false;
    let list = |offer_type| ListCall {
        offer_type,
        active: true,
        form: ActiveForm::Boolean,
        offset: 0,
        limit: 100,
    };
    let get = |offer_type| GetCall {
        offer_type,
        id: OfferId::new("P123456789_US"),
    };
    let all_lists: Vec<ListCall> = OfferType::ALL.map(list).to_vec();
    let all_gets: Vec<GetCall> = OfferType::ALL.map(get).to_vec();
    // By itself, or as one of several: what belongs to which call is another question then.
    let several = input.trim_ascii_start().starts_with(b"[");
    let size = if several { OfferType::ALL.len() } else { 1 };
    let is_list = input.windows(LIST.len()).any(|part| part == LIST);
    for calls in all_lists.chunks(size).filter(|_| is_list) {
        let answers = FIXTURES.reader.read_lists(calls, input.to_vec());
        for (call, answer) in calls.iter().zip(answers) {
            any |= take(&mut live, call.offer_type, answer.map(|page| page.rows));
        }
    }
    for calls in all_gets.chunks(size).filter(|_| !is_list || several) {
        let answers = FIXTURES.reader.read_offers(calls, input.to_vec());
        for (call, answer) in calls.iter().zip(answers) {
            any |= take(&mut live, call.offer_type, answer.map(|offer| offer.rows));
        }
    }
    for call in writes() {
        let answers = FIXTURES
            .writer
            .read_writes(std::slice::from_ref(&call), input.to_vec());
        for answer in answers {
            any |= take(
                &mut live,
                OfferType::Pass,
                answer.map(|written| written.rows),
            );
        }
    }
    if any {
        use_it(&live, input.len() % 2 == 0);
    }
    any
}

fn writes() -> [WriteCall; 2] {
    let localized = Content {
        fields: Fields::new(),
        localizations: Some(
            [("FR", "EUR"), ("US", "USD")]
                .into_iter()
                .map(|(country, currency)| {
                    let country = Country::new(country).expect("it is a country");
                    let currency = Currency::new(currency).expect("it is a currency");
                    let fields = Fields::new();
                    (country, Localization { currency, fields })
                })
                .collect(),
        ),
    };
    [
        WriteCall::Deactivate {
            offer_type: OfferType::Pass,
            id: OfferId::new("P123456789_US"),
        },
        WriteCall::Create {
            offer_type: OfferType::Pass,
            content: localized,
            home: None,
        },
    ]
}

/// Takes the rows of an answer; returns whether there is any.
fn take(live: &mut Live, offer_type: OfferType, rows: Result<Vec<ShownRow>, RemoteError>) -> bool {
    match rows {
        Ok(rows) => {
            let any = !rows.is_empty();
            for ShownRow { row, active } in rows {
                let text = serde_json::to_string(&row.fields).expect("fields can be written");
                let read: Fields =
                    serde_json::from_str(&text).expect("fields that were written can be read");
                assert_eq!(read, row.fields, "{text}");
                live.add(offer_type, active.unwrap_or(true), row);
            }
            any
        }
        Err(error) => {
            let shown = format!("{error} {error:?}");
            assert!(!shown.contains(TOKEN), "{shown}");
            assert!(shown.len() < 10_000, "{shown}");
            false
        }
    }
}

/// Plans for an account that shows what was answered; if asked to, with the first offer of each type bound.
fn use_it(live: &Live, bound: bool) {
    let desired = &FIXTURES.desired;
    let mut state = State::default();
    for offer_type in OfferType::ALL.into_iter().filter(|_| bound) {
        let declared = desired
            .offers()
            .iter()
            .find(|(_, offer)| offer.offer_type == offer_type);
        let shown = live
            .offers()
            .find(|offer| offer.view(offer_type).is_some() && state.name_of(&offer.id).is_none());
        if let (Some((name, offer)), Some(shown)) = (declared, shown) {
            let binding = Binding {
                id: shown.id.clone(),
                offer_type,
                protect: false,
                needs: BTreeSet::new(),
                applied: Some((*offer.content).clone()),
                sent: Some(Sent::everything(Api::JsonRpc)),
                leftovers: Vec::new(),
                retiring: Vec::new(),
            };
            state.bind(name.clone(), binding);
        }
    }
    planning::check(desired, live, &state);
    for offer in live.offers() {
        assert_eq!(fingerprint(offer).len(), 64);
    }
    for offer_type in OfferType::ALL {
        let _ = candidates(Api::JsonRpc, offer_type, live, &state);
        assert!(settle(Api::JsonRpc, offer_type, live, &state).is_empty());
    }
}
