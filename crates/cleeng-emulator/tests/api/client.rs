//! A client that hides nothing: HTTP/1.1 by hand, so that cut connections and broken bodies can be seen.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use cleeng_emulator::{Config, Emulator, FaultRule};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// 48 characters, as documented.
pub(crate) const TOKEN: &str = "Xlrx-SjTLVMCsaRsOf2q2hvWKOlrF57yHknDRRRMX-13Fz-x";

/// An emulator and its client.
pub(crate) struct Bench {
    pub(crate) emulator: Emulator,
    pub(crate) client: Client,
}

/// One HTTP answer, as far as it came.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
}

#[derive(Clone, Copy)]
pub(crate) struct Client {
    addr: SocketAddr,
}

impl Bench {
    pub(crate) async fn start() -> Self {
        Self::with(Config::default()).await
    }

    pub(crate) async fn with(config: Config) -> Self {
        let emulator = Emulator::start(Config {
            seed: Some(1),
            ..config
        })
        .await
        .unwrap();
        let client = Client {
            addr: emulator.addr(),
        };
        Self { emulator, client }
    }

    pub(crate) fn fault(&self, rule: &str) {
        self.emulator.add_fault(FaultRule::parse(rule).unwrap());
    }

    /// Creates an offer and returns its result.
    pub(crate) async fn create(&self, kind: &str, patch: Value) -> Value {
        let result = self
            .client
            .ok(
                &format!("create{kind}Offer"),
                json!({"offerData": data(kind, patch)}),
            )
            .await;
        unwrapped(result)
    }
}

/// Returns the least data that a create of that type takes, with other members on top; null removes one.
pub(crate) fn data(kind: &str, patch: Value) -> Value {
    let mut data = match kind {
        "Single" | "Vod" => json!({"price": 12.34, "title": "t", "url": "http://u.com"}),
        "Rental" => json!({"price": 12.34, "title": "t", "url": "http://u.com", "period": 48}),
        "Subscription" | "Pass" => {
            json!({"price": 12.34, "title": "t", "url": "http://u.com", "period": "month"})
        }
        "Event" => json!({
            "title": "t", "url": "http://u.com", "startTime": 1_999_999_990, "endTime": 1_999_999_999,
            "timeZone": "America/New_York", "price": 12.34,
        }),
        _ => panic!("no type {kind}"),
    };
    let Value::Object(patch) = patch else {
        panic!("no object {patch}")
    };
    for (name, value) in patch {
        if value.is_null() {
            data.as_object_mut().unwrap().remove(&name);
        } else {
            data[name] = value;
        }
    }
    data
}

/// Waits until something holds, for as long as a busy machine may take.
#[track_caller]
pub(crate) fn eventually(mut holds: impl AsyncFnMut() -> bool) -> impl Future<Output = ()> {
    let place = std::panic::Location::caller();
    async move {
        for _ in 0..1_000 {
            if holds().await {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("never held: {place}");
    }
}

/// Returns the offer inside `vod`, or the value itself.
pub(crate) fn unwrapped(result: Value) -> Value {
    match result.get("vod") {
        Some(vod) => vod.clone(),
        None => result,
    }
}

impl Client {
    pub(crate) fn of(emulator: &Emulator) -> Self {
        Self {
            addr: emulator.addr(),
        }
    }

    /// Sends a request, to `localhost` unless the headers say otherwise, and reads until the connection ends. No answer at
    /// all is `None`.
    pub(crate) async fn request(
        self,
        verb: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Option<Answer> {
        let mut stream = TcpStream::connect(self.addr).await.unwrap();
        let mut head = format!(
            "{verb} {path} HTTP/1.1\r\nConnection: close\r\nContent-Length: {}\r\n",
            body.len()
        );
        if !headers.iter().any(|(name, _)| *name == "Host") {
            head.push_str("Host: localhost\r\n");
        }
        for (name, value) in headers {
            head.push_str(&[name, ": ", value, "\r\n"].concat());
        }
        head.push_str("\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        // A body that is too large may be answered before it is read.
        drop(stream.write_all(body).await);
        let mut bytes = Vec::new();
        drop(stream.read_to_end(&mut bytes).await);
        parse(&bytes)
    }

    /// Posts a body as it is.
    pub(crate) async fn post(self, body: &str) -> Option<Answer> {
        self.request("POST", "/3.0/json-rpc", &[], body.as_bytes())
            .await
    }

    /// Posts a JSON body that is answered with JSON.
    pub(crate) async fn json(self, body: &Value) -> Value {
        let answer = self.post(&body.to_string()).await.unwrap();
        assert_eq!(answer.status, 200);
        answer.json()
    }

    /// Makes one call, with the token, and returns the envelope of the answer.
    pub(crate) async fn call(self, method: &str, params: Value) -> Value {
        self.json(&call(method, params)).await
    }

    /// Makes one call and returns its result.
    #[track_caller]
    pub(crate) fn ok(self, method: &str, params: Value) -> impl Future<Output = Value> + use<> {
        let method = method.to_owned();
        let place = std::panic::Location::caller();
        async move {
            let answer = self.call(&method, params).await;
            assert_eq!(answer["error"], Value::Null, "{method} at {place}");
            answer["result"].clone()
        }
    }

    /// Makes one call and returns the code of its error, 0 for none.
    pub(crate) async fn code(self, method: &str, params: Value) -> i64 {
        let answer = self.call(method, params).await;
        answer["error"]["code"].as_i64().unwrap_or(0)
    }

    /// Makes calls in one batch and returns the answers.
    pub(crate) async fn batch(self, calls: &[(&str, Value)]) -> Vec<Value> {
        self.json(&batch(calls)).await.as_array().unwrap().clone()
    }

    /// Returns the ids that a list shows, in order.
    #[track_caller]
    pub(crate) fn listed(
        self,
        method: &str,
        params: Value,
    ) -> impl Future<Output = Vec<String>> + use<> {
        let result = self.ok(method, params);
        async { ids(&result.await["items"]) }
    }
}

/// Returns one call with the token.
pub(crate) fn call(method: &str, mut params: Value) -> Value {
    params["publisherToken"] = TOKEN.into();
    json!({"method": method, "params": params, "jsonrpc": "2.0", "id": 1})
}

/// Returns a batch of calls, whose ids count from 1.
pub(crate) fn batch(calls: &[(&str, Value)]) -> Value {
    let calls = calls.iter().enumerate().map(|(index, (method, params))| {
        let mut call = call(method, params.clone());
        call["id"] = (index + 1).into();
        call
    });
    calls.collect()
}

/// Returns the ids of offers.
pub(crate) fn ids(offers: &Value) -> Vec<String> {
    let offers = offers.as_array().unwrap().iter();
    offers.map(|offer| text(&offer["id"])).collect()
}

/// Returns a text.
#[track_caller]
pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

impl Answer {
    /// Returns the body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// Returns the body as text.
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    /// Whether less came than was promised.
    pub(crate) fn is_truncated(&self) -> bool {
        let promised = &self.headers["content-length"];
        self.body.len() < promised.parse().unwrap()
    }
}

fn parse(bytes: &[u8]) -> Option<Answer> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&bytes[..end]).unwrap();
    let mut lines = head.split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().unwrap();
    let headers = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
        .collect();
    Some(Answer {
        status,
        headers,
        body: bytes[end + 4..].to_vec(),
    })
}
