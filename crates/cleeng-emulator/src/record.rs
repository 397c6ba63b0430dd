//! What was asked of the emulator: [`Requests`].
//!
//! No token ever gets into it: members whose name says "token" are left out, and their values and the account's token are
//! blotted out wherever else they stand. There is one way in, `Recorder::add_calls`, which sees to that.

use std::collections::VecDeque;

use serde::Serialize;
use serde_json::Value;

use crate::account::Token;
use crate::json_rpc::method::Method;
use crate::rest::operation::Operation;

mod blot;

use blot::Blot;

/// How many HTTP requests are kept; the oldest go first. Enough for any test, and a bound for an emulator that runs for
/// weeks.
const KEPT_REQUESTS: usize = 100_000;

/// Everything that was asked since the start or the last reset.
///
/// `GET /_emulator/requests` answers with it as JSON: `httpCount`, `callCount`, `writeCount`, `peakConcurrency`, and in
/// `http` the requests.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Requests {
    http_count: u64,
    call_count: u64,
    write_count: u64,
    peak_concurrency: usize,
    http: VecDeque<RequestRecord>,
}

/// One HTTP request.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RequestRecord {
    /// Its number, counted from 0; never used again, not even after a reset.
    pub index: u64,
    /// The HTTP method.
    pub verb: String,
    /// The path, without a query.
    pub path: String,
    /// Whether the body was an array of calls.
    pub is_batch: bool,
    /// The calls in the body, in order. None, if the body held no calls or a REST request led nowhere.
    pub calls: Vec<CallRecord>,
    /// How it was answered.
    pub answer: AnswerRecord,
}

/// How an HTTP request was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum AnswerRecord {
    /// Not yet.
    Pending,
    /// With this HTTP status.
    Status(u16),
    /// With this HTTP status and a body that breaks off.
    Truncated(u16),
    /// Not at all: a fault cut the connection.
    Cut,
    /// Not at all: the client went away first.
    Abandoned,
}

/// One JSON-RPC call, or the one operation that a REST request is.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CallRecord {
    /// Its place in the batch, counted from 0.
    pub offset: usize,
    /// The method, or the word of a REST operation as fault rules have it; empty if the member of the batch was no call.
    pub method: String,
    /// The parameters, without any token. Those of a REST operation are `offerId`, `countryCode`, `seasonGroupId`, `seasonId`,
    /// `query`, `ifMatch`, `ifNoneMatch` and `body`, as far as there are any.
    pub params: Value,
    /// What came of it, whether or not the client was told.
    pub outcome: CallOutcome,
    /// Whether it created or changed anything.
    pub took_effect: bool,
    /// The ids of the offers that it created or changed, or that of the season group that it created, changed or deleted.
    pub written: Vec<String>,
    /// Members of the parameters that the documentation does not have, as paths; over REST, parameters of the query that
    /// nobody listens to.
    pub unknown_members: Vec<String>,
    /// The fault that befell it, as its rule was given.
    pub fault: Option<String>,
}

/// What came of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum CallOutcome {
    /// It succeeded.
    Succeeded,
    /// It was refused, or was answered, with this error code; over REST with this HTTP status.
    Failed(i64),
    /// It did not run, because of a fault in it or before it.
    NotRun,
}

impl CallRecord {
    /// Whether the method is one that writes.
    pub fn is_write(&self) -> bool {
        Method::from_name(&self.method).is_some_and(|method| method.operation.is_write())
            || Operation::from_word(&self.method).is_some_and(Operation::is_write)
    }

    /// Returns the record without any token.
    fn blotted(&self, blot: &Blot<'_>) -> Self {
        Self {
            offset: self.offset,
            method: blot.text(&self.method),
            params: blot.value(&self.params),
            outcome: self.outcome,
            took_effect: self.took_effect,
            written: self.written.clone(),
            unknown_members: self
                .unknown_members
                .iter()
                .map(|path| blot.text(path))
                .collect(),
            fault: self.fault.as_ref().map(|fault| blot.text(fault)),
        }
    }
}

impl Requests {
    /// Returns the number of HTTP requests, also of those that are no longer kept.
    pub fn http_requests(&self) -> u64 {
        self.http_count
    }

    /// Returns the number of calls, also of those that are no longer kept.
    pub fn call_count(&self) -> u64 {
        self.call_count
    }

    /// Returns the number of calls of methods that write, whether or not they took effect.
    pub fn write_calls(&self) -> u64 {
        self.write_count
    }

    /// Returns how many HTTP requests were in work at once, at most.
    pub fn peak_concurrency(&self) -> usize {
        self.peak_concurrency
    }

    /// Returns the HTTP requests in the order in which they came.
    pub fn iter(&self) -> impl Iterator<Item = &RequestRecord> {
        self.http.iter()
    }

    /// Returns the calls of all requests in order.
    pub fn calls(&self) -> impl Iterator<Item = &CallRecord> {
        self.iter().flat_map(|request| &request.calls)
    }

    /// Returns the calls of one method in order.
    pub fn calls_of<'a>(&'a self, method: &'a str) -> impl Iterator<Item = &'a CallRecord> {
        self.calls().filter(move |call| call.method == method)
    }
}

/// The record while it is being written.
#[derive(Debug, Default)]
pub(crate) struct Recorder {
    record: Requests,
    next: u64,
    in_work: usize,
    account_token: Option<Token>,
}

impl Recorder {
    /// Returns an empty record that the account's token must not get into.
    pub(crate) fn new(account_token: Option<Token>) -> Self {
        Self {
            account_token,
            ..Self::default()
        }
    }

    /// Notes the arrival of an HTTP request and returns its number.
    pub(crate) fn begin(&mut self, verb: &str, path: &str) -> u64 {
        let index = self.next;
        self.next += 1;
        self.in_work += 1;
        self.record.http_count += 1;
        self.record.peak_concurrency = self.record.peak_concurrency.max(self.in_work);
        self.record.http.push_back(RequestRecord {
            index,
            verb: verb.to_owned(),
            path: self.blot(&Value::Null).text(path),
            is_batch: false,
            calls: Vec::new(),
            answer: AnswerRecord::Pending,
        });
        if self.record.http.len() > KEPT_REQUESTS {
            self.record.http.pop_front();
        }
        index
    }

    /// Notes further calls of a request.
    pub(crate) fn add_calls(&mut self, index: u64, is_batch: bool, calls: Vec<CallRecord>) {
        let count = calls.len() as u64;
        let writes = calls.iter().filter(|call| call.is_write()).count() as u64;
        let calls: Vec<_> = calls
            .into_iter()
            .map(|call| call.blotted(&self.blot(&call.params)))
            .collect();
        if let Some(request) = self.find(index) {
            request.is_batch = is_batch;
            request.calls.extend(calls);
            self.record.call_count += count;
            self.record.write_count += writes;
        }
    }

    /// Notes how a request ended.
    pub(crate) fn end(&mut self, index: u64, answer: AnswerRecord) {
        self.in_work = self.in_work.saturating_sub(1);
        if let Some(request) = self.find(index) {
            request.answer = answer;
        }
    }

    /// Returns a copy of the record.
    pub(crate) fn snapshot(&self) -> Requests {
        self.record.clone()
    }

    /// Forgets all requests; those in work count as none, also when they end.
    pub(crate) fn reset(&mut self) {
        self.record = Requests {
            peak_concurrency: self.in_work,
            ..Requests::default()
        };
    }

    fn blot<'a>(&'a self, params: &'a Value) -> Blot<'a> {
        Blot::new(self.account_token.as_ref(), params)
    }

    fn find(&mut self, index: u64) -> Option<&mut RequestRecord> {
        let first = self.record.http.front()?.index;
        let place = usize::try_from(index.checked_sub(first)?).ok()?;
        self.record.http.get_mut(place)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Records one call and returns what is kept of it.
    fn kept(account_token: Option<&str>, call: CallRecord) -> CallRecord {
        let mut recorder = Recorder::new(account_token.map(Token::new));
        let index = recorder.begin("POST", "/");
        recorder.add_calls(index, false, vec![call]);
        let record = recorder.snapshot();
        record.calls().next().unwrap().clone()
    }

    #[test]
    fn tokens_are_left_out_wherever_they_stand() {
        let kept = kept(
            None,
            CallRecord {
                params: json!({
                    "publisherToken": "SECRET",
                    "offerData": {"title": "x SECRET y", "tags": ["SECRET"], "SECRET": 1},
                    "customerToken": {"deep": "z"},
                }),
                unknown_members: vec!["offerData.SECRET".to_owned()],
                ..call("getSECRET")
            },
        );
        assert_eq!(
            kept.params,
            json!({"offerData": {"title": "x [token] y", "tags": ["[token]"], "[token]": 1}})
        );
        assert_eq!(kept.unknown_members, ["offerData.[token]"]);
        assert_eq!(kept.method, "get[token]");
    }

    #[test]
    fn token_of_the_account_is_left_out_even_where_no_name_tells() {
        let params = json!(["SECRET", {"offerId": "SECRET"}]);
        let call = CallRecord {
            params,
            ..call("getPassOffer")
        };
        let kept = kept(Some("SECRET"), call);
        assert_eq!(kept.params, json!(["[token]", {"offerId": "[token]"}]));
    }

    #[test]
    fn empty_token_blots_nothing() {
        let call = CallRecord {
            params: json!({"publisherToken": "", "offerId": "P1"}),
            ..call("getPassOffer")
        };
        assert_eq!(kept(Some(""), call).params, json!({"offerId": "P1"}));
    }

    fn call(method: &str) -> CallRecord {
        CallRecord {
            offset: 0,
            method: method.to_owned(),
            params: Value::Null,
            outcome: CallOutcome::Succeeded,
            took_effect: false,
            written: Vec::new(),
            unknown_members: Vec::new(),
            fault: None,
        }
    }

    #[test]
    fn requests_in_work_are_counted_at_their_peak() {
        let mut recorder = Recorder::default();
        let first = recorder.begin("POST", "/");
        let second = recorder.begin("POST", "/");
        recorder.end(first, AnswerRecord::Status(200));
        recorder.end(second, AnswerRecord::Cut);
        recorder.begin("POST", "/");
        let record = recorder.snapshot();
        assert_eq!(record.peak_concurrency(), 2);
        let answers: Vec<_> = record.iter().map(|request| request.answer).collect();
        assert_eq!(
            answers,
            [
                AnswerRecord::Status(200),
                AnswerRecord::Cut,
                AnswerRecord::Pending
            ]
        );
    }

    #[test]
    fn writes_are_counted_by_method() {
        let mut recorder = Recorder::default();
        let index = recorder.begin("POST", "/");
        recorder.add_calls(
            index,
            true,
            vec![
                call("createPassOffer"),
                call("listPassOffers"),
                call("nonsense"),
            ],
        );
        let record = recorder.snapshot();
        assert_eq!((record.call_count(), record.write_calls()), (3, 1));
        assert_eq!(record.calls_of("listPassOffers").count(), 1);
    }

    #[test]
    fn request_from_before_a_reset_leaves_no_trace() {
        let mut recorder = Recorder::default();
        let old = recorder.begin("POST", "/");
        recorder.reset();
        let new = recorder.begin("POST", "/");
        recorder.add_calls(old, false, vec![call("createPassOffer")]);
        recorder.end(old, AnswerRecord::Cut);
        let record = recorder.snapshot();
        assert_eq!((record.http_requests(), record.write_calls()), (1, 0));
        assert_eq!(record.iter().next().unwrap().index, new);
    }
}
