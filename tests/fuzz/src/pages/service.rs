//! A service that says what its script says: [`Service`].

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use cleeng_client::rest::{NextPage, Reader};
use offerctl_engine::json_rpc::JsonRpcReader;
use offerctl_engine::remote::{
    Answers, ListCall, ListPage, Refusal, RemoteError, RemoteLists, Retry,
};
use offerctl_engine::rest::{Intake, OfferPage, RemotePages, Wanted, read_page};
use offerctl_model::offer_type::OfferType;

use super::CONFIG;
use super::script::{Page, Script};

/// Gives the pages of a script, one after the other, to whoever asks.
pub(super) struct Service {
    script: Script,
    json_rpc: JsonRpcReader,
    rest: Reader,
    given: AtomicUsize,
    requests: AtomicUsize,
    was_read: AtomicBool,
}

impl Service {
    pub(super) fn new(script: Script) -> Self {
        Self {
            script,
            json_rpc: JSON_RPC.clone(),
            rest: REST.clone(),
            given: AtomicUsize::new(0),
            requests: AtomicUsize::new(0),
            was_read: AtomicBool::new(false),
        }
    }

    /// How many requests came.
    pub(super) fn requests(&self) -> usize {
        self.requests.load(Ordering::Relaxed)
    }

    /// Whether any page of the script could be read.
    pub(super) fn any_page_was_read(&self) -> bool {
        self.was_read.load(Ordering::Relaxed)
    }

    /// The next page, for a list that gets pages of the script.
    fn next(&self, is_first_list: bool) -> (Page, bool) {
        if is_first_list || self.script.all_lists {
            let number = self.given.fetch_add(1, Ordering::Relaxed);
            (self.script.page(number), true)
        } else {
            (self.script.nothing(), false)
        }
    }

    fn note(&self, was_read: bool) {
        self.was_read.fetch_or(was_read, Ordering::Relaxed);
    }
}

static JSON_RPC: std::sync::LazyLock<JsonRpcReader> =
    std::sync::LazyLock::new(|| JsonRpcReader::new(&CONFIG).expect("nothing is sent yet"));

static REST: std::sync::LazyLock<Reader> =
    std::sync::LazyLock::new(|| Reader::new(&CONFIG).expect("nothing is sent yet"));

/// What a failure comes to; a silent service never answers.
async fn failure(page: &Page) -> Option<RemoteError> {
    let (word, wait) = page.failure.as_ref()?;
    if word == "silent" {
        std::future::pending::<()>().await;
    }
    let retry = match word.as_str() {
        "429" => Retry::WhenLessBusy,
        "long" => Retry::InParts,
        "no" => Retry::No,
        _ => Retry::Later,
    };
    Some(RemoteError {
        retry,
        retry_after: wait.map(Duration::from_secs),
        refusal: if retry == Retry::Later {
            Refusal::None
        } else {
            Refusal::Assumed
        },
        ..RemoteError::unsupported(word)
    })
}

impl RemoteLists for Service {
    async fn list(&self, calls: &[ListCall]) -> Answers<ListPage> {
        self.requests.fetch_add(1, Ordering::Relaxed);
        tokio::time::sleep(Duration::from_millis(10)).await;
        let mut body = String::from("[");
        let mut scripted = Vec::new();
        for (index, call) in calls.iter().enumerate() {
            let is_first = call.offer_type == OfferType::Pass && call.active;
            let (page, is_scripted) = self.next(is_first);
            if let Some(error) = failure(&page).await {
                return calls.iter().map(|_| Err(error.clone())).collect();
            }
            let comma = if index == 0 { "" } else { "," };
            let (id, result) = (index + 1, page.body);
            body.push_str(&format!(r#"{comma}{{"id":"{id}","result":{result}}}"#));
            scripted.push(is_scripted);
        }
        body.push(']');
        let answers = self.json_rpc.read_lists(calls, body.into_bytes());
        let mut read = answers.iter().zip(scripted);
        self.note(read.any(|(answer, is_scripted)| is_scripted && answer.is_ok()));
        answers
    }
}

impl RemotePages for Service {
    type Link = NextPage;

    async fn page(
        &self,
        wanted: &Wanted<NextPage>,
        intake: &Intake<'_>,
    ) -> Result<OfferPage<NextPage>, RemoteError> {
        self.requests.fetch_add(1, Ordering::Relaxed);
        tokio::time::sleep(Duration::from_millis(10)).await;
        let is_first = match wanted {
            Wanted::Asked(asked) => asked.active != Some(false),
            Wanted::Linked(_) => true,
        };
        let (page, is_scripted) = self.next(is_first);
        if let Some(error) = failure(&page).await {
            return Err(error);
        }
        let headers = page.headers.iter();
        let headers: Vec<_> = headers
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        let read = read_page(
            &self.rest,
            wanted,
            (&headers, page.body.into_bytes()),
            intake,
        );
        self.note(is_scripted && read.is_ok());
        read
    }
}
