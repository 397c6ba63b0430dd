//! What is told of creates of earlier runs.

use offerctl_manifest::project::Limits;
use offerctl_model::content::{Content, Fields};
use offerctl_model::field::Field;
use offerctl_model::name::OfferId;
use offerctl_model::value::{Moment, Value};
use offerctl_reconcile::live::Row;
use offerctl_reconcile::state::Record;

use super::*;
use crate::budget::Budget;
use crate::fetch::lists::{self, Lister};
use crate::remote::{
    Answers, GetCall, ListCall, ListPage, Means, Purpose, RemoteLists, ShownOffer, ShownRow,
};
use crate::store::LocalStore;

const WINDOW: Duration = Duration::from_mins(1);

/// A service that lists one offer under some types (docs/cleeng-api.md §2.0).
struct Listed<'a>(&'a [OfferType]);

fn title() -> Fields {
    Fields::from_iter([(Field::Title, Value::text("Film"))])
}

fn shown() -> ShownRow {
    ShownRow {
        row: Row {
            id: OfferId::new("A123456789_US"),
            country: None,
            currency: None,
            tax_rate: None,
            publisher_email: None,
            created_at: None,
            updated_at: None,
            fields: title(),
        },
        active: Some(true),
    }
}

impl RemoteLists for Listed<'_> {
    async fn list(&self, calls: &[ListCall]) -> Answers<ListPage> {
        let page = |call: &ListCall| {
            let is_there = call.active && self.0.contains(&call.offer_type);
            Ok(ListPage {
                rows: is_there.then(shown).into_iter().collect(),
                total: u64::from(is_there),
                bytes: 0,
            })
        };
        calls.iter().map(page).collect()
    }
}

impl RemoteRead for Listed<'_> {
    async fn read(
        &self,
        means: Means<'_>,
        types: &[OfferType],
        _purpose: Purpose<'_>,
    ) -> Result<Live, FetchError> {
        lists::read(Lister { lists: self, means }, types).await
    }

    async fn get(&self, calls: &[GetCall]) -> Answers<ShownOffer> {
        let offer = || ShownOffer::of_rows(vec![shown()]);
        calls.iter().map(|_| Ok(offer())).collect()
    }
}

fn intended(name: &str, offer_type: OfferType) -> Entry {
    let intent = Intent {
        uses: Vec::new(),
        run: "run".to_owned(),
        name: name.parse().unwrap(),
        offer_type,
        content: Content {
            fields: title(),
            localizations: None,
        },
        record: Record::default(),
        since: Moment::EPOCH,
    };
    Entry::Intended {
        id: IntentId(name.to_owned()),
        intent,
    }
}

/// Settles creates of these types, each under the name of its type, and tells what became of them.
async fn check(sent: &[OfferType], remote: Listed<'_>, expect: &[(&str, Verdict)]) {
    let folder = tempfile::tempdir().unwrap();
    let store = LocalStore::new(folder.path().to_owned(), "local");
    let mut journal = Journal::of_test(&store).await;
    let sent = sent
        .iter()
        .map(|of_type| intended(of_type.as_str(), *of_type));
    journal.append(sent.collect()).await.unwrap();
    let limits = Limits::default();
    let budget = Budget::new(&limits);
    let fetcher = Fetcher {
        remote: &remote,
        budget: &budget,
        batch: limits.batch,
    };
    let settled = settle_pending(fetcher, (Api::JsonRpc, WINDOW), &mut journal)
        .await
        .unwrap();
    let found: Vec<(&str, Verdict)> = settled
        .iter()
        .map(|settled| (settled.name.as_str(), settled.verdict.clone()))
        .collect();
    assert_eq!(found, expect);
    assert!(journal.state().intents.is_empty());
}

fn made() -> Verdict {
    Verdict::Made(OfferId::new("A123456789_US"))
}

#[tokio::test(start_paused = true)]
async fn what_is_found_is_told_without_a_wait() {
    let began = Instant::now();
    let single = OfferType::Single;
    check(&[single], Listed(&[single]), &[("single", made())]).await;
    assert!(began.elapsed() < WINDOW);
}

#[tokio::test(start_paused = true)]
async fn what_was_settled_of_one_type_is_told_even_if_it_was_too_early_for_the_next() {
    // Both have a claim to the one offer, and whoever has the first takes it.
    let (single, vod) = (OfferType::Single, OfferType::Vod);
    check(
        &[single, vod],
        Listed(&[single, vod]),
        &[("single", made()), ("vod", Verdict::NotMade)],
    )
    .await;
}
