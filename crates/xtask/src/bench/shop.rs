//! The emulator that the measurements talk to: [`Shop`].

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, ensure};
use cleeng_emulator::{AnswerRecord, Config, Emulator, Offer, Quirk, Throttle};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

/// The token that the emulator takes: it takes any.
pub(super) const TOKEN: &str = "bench";

/// The most rows of a page (docs/cleeng-api.md §3).
const PAGE: usize = 200;

/// What the ids of offers are made from: the same in every run.
const SEED: u64 = 7;

/// Lists that show all of a VOD, and a list of REST without a total: what the published figures were measured with.
const QUIRKS: [&str; 2] = ["vod-list=full", "rest-total=none"];

/// An emulator in this process, with threads of its own.
pub(super) struct Shop {
    runtime: Runtime,
    emulator: Emulator,
}

impl Shop {
    /// Starts one in which so much time passes at least before an answer.
    pub(super) fn open(latency: Duration, offers: Vec<Offer>) -> anyhow::Result<Self> {
        let config = Config {
            latency,
            seed: Some(SEED),
            ..Config::default()
        };
        Self::start(config, offers)
    }

    /// Starts one that lets only some requests through.
    pub(super) fn throttled(throttle: Throttle) -> anyhow::Result<Self> {
        let config = Config {
            throttle: Some(throttle),
            seed: Some(SEED),
            ..Config::default()
        };
        Self::start(config, Vec::new())
    }

    fn start(config: Config, offers: Vec<Offer>) -> anyhow::Result<Self> {
        let quirks = QUIRKS.map(str::parse::<Quirk>);
        let quirks: Result<_, _> = quirks.into_iter().collect();
        let config = Config {
            quirks: quirks?,
            ..config
        };
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()?;
        let emulator = runtime.block_on(Emulator::start(config))?;
        emulator.seed_offers(offers)?;
        Ok(Self { runtime, emulator })
    }

    pub(super) fn url(&self) -> String {
        self.emulator.url()
    }

    pub(super) fn offers(&self) -> Vec<Offer> {
        self.emulator.offers()
    }

    /// Returns how many HTTP requests there were, how many of them only read, and how many calls, and forgets them.
    pub(super) fn take_requests(&self) -> Traffic {
        let requests = self.emulator.requests();
        let reading = |request: &&cleeng_emulator::RequestRecord| {
            !request
                .calls
                .iter()
                .any(cleeng_emulator::CallRecord::is_write)
        };
        let reads = requests.iter().filter(reading).count() as u64;
        let refused = requests
            .iter()
            .filter(|request| request.answer == AnswerRecord::Status(429))
            .count() as u64;
        self.emulator.reset_requests();
        Traffic {
            requests: requests.http_requests(),
            reads,
            refused,
            calls: requests.call_count(),
        }
    }

    /// Writes the answers of all lists into files, one for each page; returns their size in bytes.
    pub(super) fn write_pages(&self, folder: &Path) -> anyhow::Result<u64> {
        let mut bytes = 0;
        for of_type in ["Subscription", "Pass", "Single", "Rental", "Event", "Vod"] {
            for page in 0.. {
                let body = self.page(of_type, page * PAGE)?;
                let answer: Value = serde_json::from_slice(&body)?;
                let total = answer["result"]["totalItemCount"]
                    .as_u64()
                    .context("a list has no total")?;
                bytes += body.len() as u64;
                std::fs::write(folder.join(format!("{of_type}-{page}.json")), body)?;
                if ((page + 1) * PAGE) as u64 >= total {
                    break;
                }
            }
        }
        Ok(bytes)
    }

    fn page(&self, of_type: &str, offset: usize) -> anyhow::Result<Vec<u8>> {
        let method = format!("list{of_type}Offers");
        let params = json!({
            "publisherToken": TOKEN,
            "criteria": {"active": true},
            "offset": offset,
            "limit": PAGE,
        });
        let call = json!({"jsonrpc": "2.0", "id": "1", "method": method, "params": params});
        let call = call.to_string();
        let mut stream = TcpStream::connect(self.emulator.addr())?;
        write!(
            stream,
            "POST /3.0/json-rpc HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n{call}",
            call.len()
        )?;
        let mut answer = Vec::new();
        let _read = stream.read_to_end(&mut answer)?;
        let end = answer.windows(4).position(|four| four == b"\r\n\r\n");
        let body = answer.split_off(end.context("an answer has no body")? + 4);
        ensure!(answer.starts_with(b"HTTP/1.1 200"), "a list was refused");
        Ok(body)
    }

    pub(super) fn close(self) {
        self.runtime.block_on(self.emulator.shutdown());
    }
}

/// What was asked of a shop.
#[derive(Debug, Clone, Copy)]
pub(super) struct Traffic {
    pub(super) requests: u64,
    /// Requests that write nothing.
    pub(super) reads: u64,
    /// Requests that were too many.
    pub(super) refused: u64,
    pub(super) calls: u64,
}
