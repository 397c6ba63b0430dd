//! Sequences of list pages, as readings of the catalogue get them over both generations.
//!
//! An input is a line of words and pages after it, each behind a line `---`. The words say the generation and what comes
//! when all pages were given (see [`script::Script`]). Clocks are paused, so that waits cost nothing.

mod script;
mod service;

use std::cell::RefCell;
use std::sync::LazyLock;

use cleeng_client::{Config, Endpoint, Token};
use offerctl_engine::budget::Budget;
use offerctl_engine::fetch::{ByLists, FetchError, Fetcher, fetch};
use offerctl_engine::remote::RemoteRead;
use offerctl_engine::rest::ByPages;
use offerctl_manifest::project::Limits;
use offerctl_model::offer_type::Api;
use offerctl_reconcile::live::Live;
use tokio::runtime::{Builder, Runtime};

use self::script::Script;
use self::service::Service;

/// The token of the requests; a page that echoes it must not bring it into an error.
const TOKEN: &str = "canary-token-canary";

/// The most offers of a reading: few, so that endless pages take no time.
const MAX_OFFERS: usize = 300;

/// More requests than any reading sends: three readings of twelve lists, each page tried three times, by one offer each.
const MAX_REQUESTS: usize = 20_000;

static CONFIG: LazyLock<Config> = LazyLock::new(|| {
    let endpoint: Endpoint = "http://127.0.0.1:9".parse().expect("it is an address");
    Config::new(endpoint, Token::new(TOKEN).expect("it is a token"))
});

thread_local! {
    static RUNTIME: RefCell<Runtime> = RefCell::new(
        Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .expect("a runtime can be made"),
    );
}

/// Takes an input.
pub fn run(input: &[u8]) -> bool {
    let text = String::from_utf8_lossy(input);
    let script = Script::read(&text);
    let api = script.api;
    let service = Service::new(script);
    let read = match api {
        Api::JsonRpc => {
            let remote = ByLists(service);
            let read = catalogue(&remote);
            (read, remote.0)
        }
        Api::Rest => {
            let remote = ByPages(service);
            let read = catalogue(&remote);
            (read, remote.0)
        }
    };
    let (read, service) = read;
    let requests = service.requests();
    assert!(requests <= MAX_REQUESTS, "{requests} requests");
    match read {
        Ok(live) => assert!(live.len() <= MAX_OFFERS, "{} offers", live.len()),
        Err(error) => {
            let shown = format!("{error} {error:?}");
            assert!(!shown.contains(TOKEN), "{shown}");
            assert!(shown.len() < 10_000, "{shown}");
        }
    }
    service.any_page_was_read()
}

fn catalogue<R: RemoteRead>(remote: &R) -> Result<Live, FetchError> {
    let limits = Limits {
        max_offers: MAX_OFFERS,
        patience_milliseconds: 60_000,
        batch: 5,
        ..Limits::default()
    };
    RUNTIME.with_borrow(|runtime| {
        runtime.block_on(async {
            let budget = Budget::new(&limits);
            let fetcher = Fetcher {
                remote,
                budget: &budget,
                batch: limits.batch,
            };
            fetch(fetcher, &[]).await
        })
    })
}
