//! Lists that lie: a reading of them ends, with what has arrived in memory and nothing that was promised.

use std::sync::Mutex;
use std::time::Duration;

use offerctl_manifest::project::Limits;
use offerctl_model::content::Fields;
use offerctl_model::field::Field;
use offerctl_model::name::OfferId;
use offerctl_model::value::Value;
use offerctl_reconcile::live::Row;
use tokio::time::Instant;

use super::*;
use crate::budget::Budget;
use crate::fetch::{Fetcher, fetch};
use crate::read::SIDE_BY_SIDE;
use crate::remote::{ListCall, ListPage, Retry};

/// Lists that answer each call as a function says, and remember the calls.
struct Lists<F> {
    page: F,
    requests: Mutex<Vec<Vec<ListCall>>>,
}

impl<F> RemoteLists for Lists<F>
where
    F: Fn(&ListCall) -> Result<ListPage, RemoteError> + Send + Sync,
{
    async fn list(&self, calls: &[ListCall]) -> Answers<ListPage> {
        self.requests.lock().unwrap().push(calls.to_vec());
        tokio::time::sleep(Duration::from_millis(1)).await;
        calls.iter().map(&self.page).collect()
    }
}

/// What came of a reading.
struct Read {
    result: Result<Live, FetchError>,
    requests: Vec<Vec<ListCall>>,
}

impl Read {
    fn error(&self) -> String {
        self.result.as_ref().unwrap_err().to_string()
    }

    /// How often the first page of the active passes was read.
    fn readings(&self) -> usize {
        let calls = self.requests.iter().flatten();
        calls
            .filter(|call| is_passes(call) && call.offset == 0)
            .count()
    }
}

async fn read_within<F>(limits: Limits, page: F) -> Read
where
    F: Fn(&ListCall) -> Result<ListPage, RemoteError> + Send + Sync,
{
    let requests = Mutex::default();
    let lists = ByLists(Lists { page, requests });
    let budget = Budget::new(&limits);
    let fetcher = Fetcher {
        remote: &lists,
        budget: &budget,
        batch: limits.batch,
    };
    let result = fetch(fetcher, &[]).await;
    let requests = lists.0.requests.into_inner().unwrap();
    Read { result, requests }
}

async fn read_all<F>(page: F) -> Read
where
    F: Fn(&ListCall) -> Result<ListPage, RemoteError> + Send + Sync,
{
    read_within(Limits::default(), page).await
}

fn is_passes(call: &ListCall) -> bool {
    call.offer_type == OfferType::Pass && call.active
}

fn row(id: &str, title: &str) -> ShownRow {
    ShownRow {
        row: Row {
            id: OfferId::new(id),
            country: None,
            currency: None,
            tax_rate: None,
            publisher_email: None,
            created_at: None,
            updated_at: None,
            fields: Fields::from_iter([(Field::Title, Value::text(title))]),
        },
        active: None,
    }
}

/// A page with passes of these numbers.
fn passes(numbers: impl IntoIterator<Item = u64>, total: u64) -> ListPage {
    let rows = numbers.into_iter();
    ListPage {
        rows: rows
            .map(|number| row(&format!("P{number}_US"), "A"))
            .collect(),
        total,
        bytes: 0,
    }
}

/// The page of a list that has so many passes.
fn page_of(call: &ListCall, count: u64, total: u64) -> ListPage {
    if !is_passes(call) {
        return passes([], 0);
    }
    let offset = u64::from(call.offset);
    let end = (offset + u64::from(call.limit)).min(count);
    passes(offset..end.max(offset), total)
}

#[tokio::test(start_paused = true)]
async fn a_list_is_read_whole_whatever_its_length() {
    for count in [0, 1, 199, 200, 201, 1_000, 1_234] {
        let read = read_all(|call| Ok(page_of(call, count, count))).await;
        assert_eq!(read.result.unwrap().len() as u64, count);
        assert!(read.requests.len() <= 1 + SIDE_BY_SIDE, "{count}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_huge_total_costs_no_more_than_what_arrives() {
    for total in [
        1_234_567_890,
        u64::from(u32::MAX) + 1,
        u64::MAX / 2,
        u64::MAX,
    ] {
        for count in [0, 1, 3, 200, 450] {
            let read = read_all(|call| Ok(page_of(call, count, total))).await;
            let error = read.error();
            let both = [format!("{count} offers"), format!("total is {total}")];
            assert!(both.iter().all(|number| error.contains(number)), "{error}");
            assert_eq!(read.readings(), READS);
            // Three pages, and a few that were asked for before one was found empty.
            let calls: usize = read.requests.iter().map(Vec::len).sum();
            assert!(calls < READS * (15 + 25 * SIDE_BY_SIDE), "{calls} calls");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn endless_pages_end_by_the_number_of_offers() {
    for total in [u64::MAX, 1_000_000_000] {
        let limits = Limits {
            max_offers: 5_000,
            ..Limits::default()
        };
        let read = read_within(limits, |call| Ok(page_of(call, u64::MAX, total))).await;
        let error = read.error();
        assert!(error.contains("more than 5000 offers"), "{error}");
        assert!(error.contains("limits.maxOffers"), "{error}");
        let calls: usize = read.requests.iter().map(Vec::len).sum();
        assert!(calls < 12 + 25 + 25 * (SIDE_BY_SIDE + 1), "{calls} calls");
    }
}

#[tokio::test(start_paused = true)]
async fn offers_are_counted_over_all_lists_and_not_their_countries() {
    let limits = Limits {
        max_offers: 1_000,
        ..Limits::default()
    };
    let few = Limits {
        max_offers: 1,
        ..limits
    };
    let of_each = |call: &ListCall, count: u64| {
        let mut page = page_of(
            &ListCall {
                offer_type: OfferType::Pass,
                active: true,
                ..*call
            },
            count,
            count,
        );
        for shown in &mut page.rows {
            let letter = call.offer_type.as_str();
            let id = format!("{letter}{}{}", call.active, shown.row.id);
            shown.row.id = OfferId::new(&id);
        }
        page
    };
    let read = read_within(limits, |call| Ok(of_each(call, 84))).await;
    assert!(
        read.error().contains("more than 1000 offers"),
        "12 times 84 are more"
    );
    let read = read_within(limits, |call| Ok(of_each(call, 83))).await;
    assert_eq!(read.result.unwrap().len(), 996);
    let countries = |call: &ListCall| {
        let mut page = page_of(call, 256, 256);
        for (index, shown) in page.rows.iter_mut().enumerate() {
            let row = u64::from(call.offset) + index as u64;
            shown.row.id = OfferId::new(&format!("P1_{row:02x}"));
        }
        page
    };
    let read = read_within(few, |call| Ok(countries(call))).await;
    assert_eq!(read.result.unwrap().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_endless_list_that_repeats_itself_ends_at_once() {
    let read = read_all(|call| {
        Ok(if is_passes(call) {
            passes(0..200, 1_000_000_000)
        } else {
            passes([], 0)
        })
    })
    .await;
    let error = read.error();
    assert!(error.contains("P0_US is on it twice"), "{error}");
    assert!(read.requests.len() <= READS * (1 + SIDE_BY_SIDE + 1));
}

#[tokio::test(start_paused = true)]
async fn long_rows_end_by_their_bytes() {
    let limits = Limits {
        max_offers: 20_000,
        ..Limits::default()
    };
    let long = "x".repeat(100_000);
    // A page of 25 such rows has 2.5 MB; about 270 of them are allowed.
    let read = read_within(limits, |call| {
        let mut page = page_of(call, u64::MAX, u64::MAX);
        page.rows.truncate(25);
        for shown in &mut page.rows {
            *shown = row(shown.row.id.raw(), &long);
        }
        Ok(page)
    })
    .await;
    let error = read.error();
    assert!(
        error.contains("25 MiB") && error.contains("limits.maxOffers: 20000"),
        "{error}"
    );
    let calls: usize = read.requests.iter().map(Vec::len).sum();
    assert!(calls < 12 + 25 * (SIDE_BY_SIDE + 1), "{calls} calls");
}

#[tokio::test(start_paused = true)]
async fn long_answers_of_which_nothing_is_kept_end_by_their_bytes() {
    let read = read_all(|call| {
        let mut page = page_of(call, u64::MAX, u64::MAX);
        page.rows.truncate(1);
        page.bytes = 8 * 1024 * 1024;
        Ok(page)
    })
    .await;
    let error = read.error();
    assert!(error.contains("longer than 255 MiB"), "{error}");
    let calls: usize = read.requests.iter().map(Vec::len).sum();
    assert!(calls < 12 + 25 * (SIDE_BY_SIDE + 2), "{calls} calls");
}

#[tokio::test(start_paused = true)]
async fn what_was_read_in_vain_counts_no_more() {
    // Each reading of this list is about two thirds of what is allowed.
    let limits = Limits {
        max_offers: 1_000,
        ..Limits::default()
    };
    let text = "x".repeat(16 * 1024 * 1024 / 300);
    let calls = Mutex::new(0);
    let read = read_within(limits, |call| {
        let mut page = page_of(call, 200, 200);
        if is_passes(call) {
            let mut calls = calls.lock().unwrap();
            *calls += usize::from(call.offset == 0);
            if *calls < READS {
                page.total = 201;
            }
            if let Some(first) = page.rows.first_mut() {
                *first = row(first.row.id.raw(), &text.repeat(200));
            }
        }
        Ok(page)
    })
    .await;
    assert_eq!(read.result.as_ref().unwrap().len(), 200);
    assert_eq!(read.readings(), READS);
}

/// A service that never answers.
struct Silent;

impl RemoteLists for Silent {
    async fn list(&self, _calls: &[ListCall]) -> Answers<ListPage> {
        std::future::pending().await
    }
}

#[tokio::test(start_paused = true)]
async fn a_service_that_never_answers_is_waited_for_as_long_as_said() {
    for patience in [1_000, 20_000] {
        let limits = Limits {
            patience_milliseconds: patience,
            ..Limits::default()
        };
        let budget = Budget::new(&limits);
        let fetcher = Fetcher {
            remote: &ByLists(Silent),
            budget: &budget,
            batch: limits.batch,
        };
        let start = Instant::now();
        let error = fetch(fetcher, &[]).await.unwrap_err().to_string();
        assert_eq!(start.elapsed(), Duration::from_millis(patience));
        let seconds = format!(
            "longer than {} s (`limits.patienceSeconds`)",
            patience / 1_000
        );
        assert!(error.contains(&seconds), "{error}");
    }
}

fn too_long() -> RemoteError {
    RemoteError {
        retry: Retry::InParts,
        ..RemoteError::unsupported("the answer is longer than 8388608 bytes")
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_too_long_is_read_in_parts() {
    struct Short;
    impl RemoteLists for Short {
        async fn list(&self, calls: &[ListCall]) -> Answers<ListPage> {
            if calls.len() > 3 {
                return calls.iter().map(|_| Err(too_long())).collect();
            }
            let page = |call: &ListCall| Ok(page_of(call, 9_999, 9_999));
            calls.iter().map(page).collect()
        }
    }
    let limits = Limits::default();
    let budget = Budget::new(&limits);
    let fetcher = Fetcher {
        remote: &ByLists(Short),
        budget: &budget,
        batch: limits.batch,
    };
    assert_eq!(fetch(fetcher, &[]).await.unwrap().len(), 9_999);
    let read = read_all(|_| Err(too_long())).await;
    assert!(read.error().contains("8388608 bytes"), "{}", read.error());
    assert_eq!(
        read.requests.len(),
        23,
        "halved until each call is by itself"
    );
}

#[tokio::test(start_paused = true)]
async fn a_total_that_changes_is_told_with_both_numbers() {
    let read = read_all(|call| {
        let total = if call.offset == 0 { 450 } else { 451 };
        Ok(page_of(call, 450, total))
    })
    .await;
    let error = read.error();
    assert!(
        error.contains("450 on one page and 451 on another"),
        "{error}"
    );
}
