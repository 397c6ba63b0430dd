//! The REST API (docs/cleeng-api.md §5), one module for each thing that is promised.

mod create;
mod data_file;
mod endless;
mod errors;
mod faults;
mod generations;
mod lies;
mod lists;
mod localizations;
mod patch;
mod samples;
mod season_groups;
mod versions;

use cleeng_emulator::SeasonGroup;
use serde_json::{Value, json};

use crate::client::{Answer, Bench, Client, TOKEN, text};

/// Returns the least body that a create of that type takes, with other members on top; null removes one.
pub(crate) fn body(kind: &str, patch: Value) -> Value {
    let mut body = json!({
        "type": kind, "title": "t", "url": "http://u.com", "price": {"amount": 12.34},
    });
    match kind {
        "subscription" => body["billingCycle"] = json!({"periodUnit": "month", "amount": 1}),
        "pass" | "vod" => body["entitlement"] = days(2),
        "live" => body["event"] = event(),
        _ => panic!("no type {kind}"),
    }
    let Value::Object(patch) = patch else {
        panic!("no object {patch}")
    };
    for (name, value) in patch {
        if value.is_null() {
            body.as_object_mut().unwrap().remove(&name);
        } else {
            body[name] = value;
        }
    }
    body
}

pub(crate) fn days(amount: u32) -> Value {
    json!({"expirationPolicy": "duration", "duration": {"periodUnit": "day", "amount": amount}})
}

pub(crate) fn event() -> Value {
    json!({"startsAt": 1_999_999_990, "endsAt": 1_999_999_999, "timezone": "America/New_York"})
}

pub(crate) fn localization(country: &str, currency: &str, amount: f64) -> Value {
    json!({
        "title": format!("t in {country}"), "countryCode": country,
        "price": {"amount": amount, "currency": currency},
    })
}

/// Puts in a group of seasons and returns its id.
pub(crate) fn season_group(bench: &Bench) -> &'static str {
    const ID: &str = "0bdb7589-762c-40bf-b501-a0f02b59d76d";
    let group = SeasonGroup {
        id: ID.parse().unwrap(),
        name: "NFL".to_owned(),
        seasons: Vec::new(),
    };
    bench.emulator.seed_season_groups(vec![group]).unwrap();
    ID
}

impl Client {
    /// Sends one request with the token.
    pub(crate) async fn rest(self, verb: &str, path: &str, body: Option<&Value>) -> Answer {
        self.rest_if(verb, path, body, &[]).await
    }

    /// Sends one request with the token and more headers.
    pub(crate) async fn rest_if(
        self,
        verb: &str,
        path: &str,
        body: Option<&Value>,
        headers: &[(&str, &str)],
    ) -> Answer {
        let body = body.map(Value::to_string).unwrap_or_default();
        let headers = [&[("X-Publisher-Token", TOKEN)], headers].concat();
        let path = format!("/3.1/{path}");
        self.request(verb, &path, &headers, body.as_bytes())
            .await
            .unwrap()
    }

    /// Sends one request that is answered with an offer.
    #[track_caller]
    pub(crate) fn offer(
        self,
        verb: &str,
        path: &str,
        body: Option<Value>,
    ) -> impl Future<Output = Value> + use<> {
        let place = std::panic::Location::caller();
        let (verb, path) = (verb.to_owned(), path.to_owned());
        async move {
            let answer = self.rest(&verb, &path, body.as_ref()).await;
            let is_fine = [200, 201].contains(&answer.status);
            assert!(is_fine, "{} at {place}", answer.text());
            answer.json()
        }
    }

    /// Sends one request and returns the status and the message.
    pub(crate) async fn refusal(self, verb: &str, path: &str, body: Value) -> (u16, String) {
        let answer = self.rest(verb, path, Some(&body)).await;
        let message = if answer.body.is_empty() {
            String::new()
        } else {
            answer.json()["message"]
                .as_str()
                .unwrap_or_default()
                .to_owned()
        };
        (answer.status, message)
    }
}

impl Bench {
    /// Creates an offer over REST and returns it.
    pub(crate) async fn create_rest(&self, kind: &str, patch: Value) -> Value {
        self.client
            .offer("POST", "offers", Some(body(kind, patch)))
            .await
    }
}

/// Returns the path of an offer.
pub(crate) fn path(offer: &Value) -> String {
    format!("offers/{}", text(&offer["id"]))
}
