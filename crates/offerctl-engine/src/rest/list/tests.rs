//! A list that lies, or that has a way of its own to be paged.

#![expect(
    clippy::large_futures,
    reason = "these are tests: a reading lives on the stack of its test"
)]

mod endless;
mod ways;

use std::sync::Mutex;

use cleeng_client::rest::Offer;
use offerctl_manifest::project::Limits;
use offerctl_reconcile::live::{Completeness, Live};

use crate::budget::Budget;
use crate::fetch::{FetchError, Fetcher, fetch};
use crate::remote::RemoteError;
use crate::rest::ByPages;
use crate::rest::pages::{Asked, Intake, OfferPage, Place, RemotePages, Wanted};

/// A page as a service gives it: its offers as JSON, its total, and the next page.
#[derive(Debug, Clone, Default)]
struct Page {
    offers: Vec<String>,
    total: Option<u64>,
    next: Option<String>,
    bytes: u64,
}

/// Pages that are answered as a function says. An address is what the wanted page looks like.
struct Pages<F> {
    page: F,
    wanted: Mutex<Vec<Wanted<String>>>,
}

impl<F> RemotePages for Pages<F>
where
    F: Fn(&Wanted<String>) -> Page + Send + Sync,
{
    type Link = String;

    async fn page(
        &self,
        wanted: &Wanted<String>,
        intake: &Intake<'_>,
    ) -> Result<OfferPage<String>, RemoteError> {
        self.wanted.lock().unwrap().push(wanted.clone());
        tokio::task::yield_now().await;
        let Page {
            offers,
            total,
            next,
            bytes,
        } = (self.page)(wanted);
        let offers = offers.iter().map(|json| {
            let offer: Offer = serde_json::from_str(json).unwrap();
            intake.take(offer)
        });
        let offers: Result<Vec<_>, String> = offers.collect();
        let here = match wanted {
            Wanted::Asked(asked) => format!("{asked:?}"),
            Wanted::Linked(link) => link.clone(),
        };
        Ok(OfferPage {
            offers: offers.map_err(|message| RemoteError::unsupported(&message))?,
            total,
            next,
            here,
            bytes,
        })
    }
}

/// What came of a reading.
struct Read {
    result: Result<Live, FetchError>,
    wanted: Vec<Wanted<String>>,
}

impl Read {
    #[track_caller]
    fn error(&self) -> String {
        match &self.result {
            Ok(live) => panic!("{} offers were read", live.len()),
            Err(error) => error.to_string(),
        }
    }

    /// How many offers there are, and whether these are certainly all.
    #[track_caller]
    fn found(&self) -> (usize, Completeness) {
        let live = self
            .result
            .as_ref()
            .unwrap_or_else(|error| panic!("{error}"));
        (live.len(), live.completeness())
    }
}

async fn read_within<F>(limits: Limits, page: F) -> Read
where
    F: Fn(&Wanted<String>) -> Page + Send + Sync,
{
    let wanted = Mutex::default();
    let pages = ByPages(Pages { page, wanted });
    let budget = Budget::new(&limits);
    let fetcher = Fetcher {
        remote: &pages,
        budget: &budget,
        batch: 1,
    };
    let result = fetch(fetcher, &[]).await;
    let wanted = pages.0.wanted.into_inner().unwrap();
    Read { result, wanted }
}

async fn read<F>(page: F) -> Read
where
    F: Fn(&Wanted<String>) -> Page + Send + Sync,
{
    read_within(Limits::default(), page).await
}

fn few(max_offers: usize) -> Limits {
    Limits {
        max_offers,
        ..Limits::default()
    }
}

/// Passes of these numbers, the first so many of which are active.
fn passes(numbers: impl IntoIterator<Item = u64>, active: u64) -> Vec<String> {
    let pass = |number: u64| {
        let is_active = number < active;
        format!(r#"{{"id":"P{number}","type":"pass","title":"A","active":{is_active}}}"#)
    };
    numbers.into_iter().map(pass).collect()
}

/// What is asked for; a link is to none.
fn asked(wanted: &Wanted<String>) -> Asked {
    match wanted {
        Wanted::Asked(asked) => *asked,
        Wanted::Linked(link) => panic!("there is no link {link}"),
    }
}

fn offset(asked: Asked) -> u64 {
    match asked.place {
        Place::First | Place::Number(_) => 0,
        Place::Offset(offset) => offset,
    }
}

/// All passes that a filter asks for, out of so many active and inactive ones.
fn filtered(asked: Asked, (active, inactive): (u64, u64)) -> Vec<String> {
    let all = match asked.active {
        Some(true) => 0..active,
        Some(false) => active..active + inactive,
        None => 0..active + inactive,
    };
    passes(all, active)
}

/// A part of a list.
fn part(all: Vec<String>, from: u64, count: u64) -> Vec<String> {
    let from = usize::try_from(from).unwrap_or(usize::MAX);
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    all.into_iter().skip(from).take(count).collect()
}
