//! A service that lies: [`Fake`] answers the lists of both generations as a test says, and nothing else.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};

use super::{Api, Run, TOKEN, offerctl};

/// What a list is asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked {
    /// Only active or only inactive offers.
    pub(crate) active: Option<bool>,
    /// How many offers come before the page.
    pub(crate) offset: u64,
    /// How many offers it may have.
    pub(crate) limit: u64,
    /// How many lists were asked for before.
    pub(crate) before: usize,
}

/// What a list is answered with.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shown {
    /// The numbers of its passes.
    pub(crate) passes: Vec<u64>,
    /// How many there are in all. Over JSON-RPC, the number of the passes if nothing is said.
    pub(crate) total: Option<u64>,
    /// Over REST: the path of the next page.
    pub(crate) next: Option<String>,
    /// What stands behind each text of an offer, its id among them.
    pub(crate) words: String,
    /// Whether they stand behind its id alone.
    pub(crate) only_id: bool,
}

impl Shown {
    /// Puts the words behind the texts of an offer.
    fn spoilt(&self, mut offer: Json) -> Json {
        const TEXTS: [&str; 5] = ["id", "longId", "title", "url", "publisherEmail"];
        if self.words.is_empty() {
            return offer;
        }
        for (key, value) in offer.as_object_mut().unwrap() {
            if self.only_id && !matches!(key.as_str(), "id" | "longId") {
                continue;
            }
            if TEXTS.contains(&key.as_str()) {
                *value = format!("{}{}", value.as_str().unwrap(), self.words).into();
            } else if let Some(tags) = value.as_array_mut() {
                tags.push(self.words.clone().into());
            }
        }
        offer
    }
}

/// What a request for lists gets.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    /// The lists.
    Lists(Shown),
    /// Another status, and how long to wait.
    Status(u16, u64),
    /// Nothing, for ever.
    Silence,
}

impl From<Shown> for Answer {
    fn from(shown: Shown) -> Self {
        Self::Lists(shown)
    }
}

/// A service and a project that is about it.
pub(crate) struct Fake {
    folder: tempfile::TempDir,
    lists: Arc<AtomicUsize>,
}

type Say = dyn Fn(Asked) -> Answer + Send + Sync;

impl Fake {
    /// Starts a service, with more limits for the environment `shop` of its project.
    pub(crate) fn start(
        api: Api,
        limits: &str,
        say: impl Fn(Asked) -> Answer + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let lists = Arc::new(AtomicUsize::new(0));
        let (counter, say): (_, Arc<Say>) = (Arc::clone(&lists), Arc::new(say));
        let _server = std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (counter, say) = (Arc::clone(&counter), Arc::clone(&say));
                let _connection =
                    std::thread::spawn(move || serve(&stream.unwrap(), &counter, &*say));
            }
        });
        let word = match api {
            Api::JsonRpc => "json-rpc",
            Api::Rest => "rest",
        };
        let folder = tempfile::tempdir().unwrap();
        let config = format!(
            "version: 1\nproject: test\nenvironments:\n  shop:\n    endpoint: http://{address}\n    api: {word}\n    \
             account: {{country: US, currency: USD}}\n    limits: {{settleSeconds: 0.2, {limits}}}\n"
        );
        std::fs::write(folder.path().join("offerctl.yaml"), config).unwrap();
        std::fs::create_dir(folder.path().join("offers")).unwrap();
        let offer = "version: 1\noffers:\n  a: {type: pass, title: A, price: 5.00, period: month, url: \"https://x.example/a\", accessToTags: [x]}\n";
        std::fs::write(folder.path().join("offers/a.yaml"), offer).unwrap();
        Self { folder, lists }
    }

    /// How many lists were asked for.
    pub(crate) fn lists(&self) -> usize {
        self.lists.load(Ordering::SeqCst)
    }

    /// Writes a file of the project.
    pub(crate) fn write(&self, path: &str, text: &str) {
        std::fs::write(self.folder.path().join(path), text).unwrap();
    }

    /// The text of a file of the project; empty if there is none.
    pub(crate) fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.folder.path().join(path)).unwrap_or_default()
    }

    fn command(&self, line: &str) -> Command {
        let mut command = offerctl(self.folder.path());
        command
            .env("CLEENG_PUBLISHER_TOKEN", TOKEN)
            .args(line.split_whitespace());
        command
    }

    /// Runs a command line with variables that name files of the project.
    pub(crate) fn run_with(&self, variables: &[(&str, &str)], line: &str) -> Run {
        let mut command = self.command(line);
        for (name, file) in variables {
            command.env(name, self.folder.path().join(file));
        }
        Run::of(&mut command, line)
    }

    /// Runs a command line in the project; it must be through within so many seconds.
    #[track_caller]
    pub(crate) fn run_within(&self, seconds: u64, line: &str) -> Run {
        let began = Instant::now();
        let run = Run::of(&mut self.command(line), line);
        let took = began.elapsed();
        assert!(took < Duration::from_secs(seconds), "{took:?}: {run:?}");
        run
    }
}

/// Answers the requests of a connection.
fn serve(stream: &TcpStream, counter: &AtomicUsize, say: &Say) {
    let mut incoming = BufReader::new(stream);
    let mut outgoing = stream;
    while let Some((head, body)) = read_request(&mut incoming) {
        let answer = if head.starts_with("HEAD ") {
            Some(answer(404, &[], ""))
        } else if head.starts_with("GET ") {
            rest(&head, counter, say)
        } else {
            json_rpc(&body, counter, say)
        };
        let Some(bytes) = answer else {
            std::thread::sleep(Duration::from_mins(10));
            return;
        };
        if outgoing.write_all(&bytes).is_err() {
            return;
        }
    }
}

fn read_request(incoming: &mut impl BufRead) -> Option<(String, Vec<u8>)> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if incoming.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    let lower = head.to_ascii_lowercase();
    let mut lengths = lower
        .lines()
        .filter_map(|line| line.strip_prefix("content-length:"));
    let length = lengths
        .next()
        .map_or(0, |length| length.trim().parse().unwrap());
    let mut body = vec![0; length];
    incoming.read_exact(&mut body).ok()?;
    Some((head, body))
}

fn answer(status: u16, headers: &[String], body: &str) -> Vec<u8> {
    let mut text = format!(
        "HTTP/1.1 {status} Fake\r\ncontent-length: {}\r\n",
        body.len()
    );
    for header in headers {
        text.push_str(header);
        text.push_str("\r\n");
    }
    text.push_str("\r\n");
    text.push_str(body);
    text.into_bytes()
}

fn refused(status: u16, wait: u64) -> Vec<u8> {
    answer(status, &[format!("retry-after: {wait}")], "")
}

fn rest(head: &str, counter: &AtomicUsize, say: &Say) -> Option<Vec<u8>> {
    let path = head.split(' ').nth(1).unwrap();
    let Some(query) = path.strip_prefix("/3.1/offers") else {
        return Some(answer(404, &[], "{}"));
    };
    if let Some(id) = query.strip_prefix("/P") {
        let number: u64 = id.parse().unwrap();
        let pass = rest_pass(number - FIRST_ID, true);
        return Some(answer(200, &[], &pass.to_string()));
    }
    let value = |name: &str| {
        let mut pairs = query.trim_start_matches('?').split('&');
        pairs.find_map(|pair| {
            pair.strip_prefix(name)?
                .strip_prefix('=')
                .map(str::to_owned)
        })
    };
    let number = |name: &str| value(name).and_then(|text| text.parse().ok());
    let asked = Asked {
        active: value("active").map(|text| text == "true"),
        offset: number("offset").unwrap_or(0),
        limit: number("limit").unwrap_or(100),
        before: counter.fetch_add(1, Ordering::SeqCst),
    };
    let shown = match say(asked) {
        Answer::Lists(shown) => shown,
        Answer::Status(status, wait) => return Some(refused(status, wait)),
        Answer::Silence => return None,
    };
    let is_active = asked.active.unwrap_or(true);
    let passes = shown.passes.iter();
    let passes = passes.map(|number| shown.spoilt(rest_pass(*number, is_active)));
    let body = Json::Array(passes.collect()).to_string();
    let mut headers = Vec::new();
    if let Some(total) = shown.total {
        headers.push(format!("x-total-count: {total}"));
    }
    if let Some(next) = &shown.next {
        headers.push(format!("link: <{next}>; rel=\"next\""));
    }
    Some(answer(200, &headers, &body))
}

/// The number in the id of the pass of number 0.
const FIRST_ID: u64 = 100_000_000;

fn rest_pass(number: u64, is_active: bool) -> Json {
    let id = FIRST_ID + number;
    json!({
        "id": format!("P{id}"), "longId": format!("P{id}_US"), "type": "pass", "active": is_active,
        "title": format!("Pass {number}"), "url": format!("https://x.example/{number}"), "tags": ["x"],
        "price": {"amount": 5, "currency": "USD"},
        "entitlement": {"expirationPolicy": "duration", "duration": {"periodUnit": "month", "amount": 1}},
    })
}

fn json_rpc(body: &[u8], counter: &AtomicUsize, say: &Say) -> Option<Vec<u8>> {
    let calls: Json = serde_json::from_slice(body).unwrap_or_default();
    let calls = match calls.as_array() {
        Some(calls) => calls.clone(),
        None => vec![calls],
    };
    let mut results = Vec::new();
    for call in calls {
        let (method, params) = (&call["method"], &call["params"]);
        let mut shown = Shown::default();
        if method == "listPassOffers" {
            let asked = Asked {
                active: params["criteria"]["active"].as_bool(),
                offset: params["offset"].as_u64().unwrap_or(0),
                limit: params["limit"].as_u64().unwrap_or(100),
                before: counter.fetch_add(1, Ordering::SeqCst),
            };
            shown = match say(asked) {
                Answer::Lists(shown) => shown,
                Answer::Status(status, wait) => return Some(refused(status, wait)),
                Answer::Silence => return None,
            };
        }
        let pass = |number: &u64| {
            shown.spoilt(json!({
                "id": format!("P{}_US", FIRST_ID + number), "title": format!("Pass {number}"), "price": "5.00",
                "period": "month", "url": format!("https://x.example/{number}"), "currency": "USD", "country": "US",
                "active": params["criteria"]["active"], "accessToTags": ["x"], "publisherEmail": "sales@x.example",
            }))
        };
        let items: Vec<Json> = shown.passes.iter().map(pass).collect();
        let total = shown.total.unwrap_or(items.len() as u64);
        let result = json!({"items": items, "totalItemCount": total});
        results.push(json!({"jsonrpc": "2.0", "id": call["id"], "result": result}));
    }
    let body = Json::Array(results).to_string();
    Some(answer(200, &[], &body))
}
