//! One REST request as it arrived: [`Request`].

use axum::body::Bytes;
use axum::http::HeaderMap;
use serde_json::{Map, Value, json};

use crate::rest::condition::Condition;
use crate::rest::failure::Failure;
use crate::rest::operation::{NoRoute, Target, route};

/// A request that leads to an operation.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) target: Target,
    /// The value of `X-Publisher-Token`.
    pub(crate) token: Option<String>,
    pub(crate) condition: Condition,
    /// The parameters of the query in order, decoded.
    pub(crate) query: Vec<(String, String)>,
    pub(crate) body: Bytes,
}

impl Request {
    /// Returns the request with that verb, path below `/3.1/`, query, headers and body, if it leads anywhere.
    pub(crate) fn read(
        (verb, path): (&str, &str),
        query: Option<&str>,
        headers: &HeaderMap,
        body: Bytes,
    ) -> Result<Self, Failure> {
        let target = route(verb, path).map_err(|lost| match lost {
            NoRoute::Path => Failure::NoPath,
            NoRoute::Verb => Failure::NoVerb,
        })?;
        let header = |name| {
            let value = headers.get(name)?.to_str().ok()?;
            Some(value.to_owned())
        };
        Ok(Self {
            target,
            token: header("x-publisher-token"),
            condition: Condition {
                if_match: header("if-match"),
                if_none_match: header("if-none-match"),
            },
            query: pairs(query.unwrap_or_default()),
            body,
        })
    }

    /// Returns the body as the JSON object that it must be.
    pub(crate) fn object(&self) -> Result<Map<String, Value>, Failure> {
        match serde_json::from_slice(&self.body) {
            Ok(Value::Object(members)) => Ok(members),
            Ok(
                Value::Null
                | Value::Bool(_)
                | Value::Number(_)
                | Value::String(_)
                | Value::Array(_),
            ) => Err(Failure::Malformed("the body is no object".to_owned())),
            Err(_) => Err(Failure::Malformed("the body is no JSON".to_owned())),
        }
    }

    /// Returns the last value of a parameter.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        self.query
            .iter()
            .rev()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// Returns the request as the record keeps it. The token is in it under a name that the record leaves out.
    pub(crate) fn params(&self) -> Value {
        let mut params = Map::new();
        let mut note = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                params.insert(name.to_owned(), value);
            }
        };
        note("publisherToken", self.token.clone().map(Value::String));
        note("offerId", self.target.offer.clone().map(Value::String));
        note(
            "countryCode",
            self.target.country.clone().map(Value::String),
        );
        let season_group = self.target.season_group.clone();
        note("seasonGroupId", season_group.map(Value::String));
        note("seasonId", self.target.season.clone().map(Value::String));
        note(
            "ifMatch",
            self.condition.if_match.clone().map(Value::String),
        );
        let if_none_match = self.condition.if_none_match.clone();
        note("ifNoneMatch", if_none_match.map(Value::String));
        if !self.query.is_empty() {
            let query: Map<_, _> = self
                .query
                .iter()
                .map(|(name, value)| (name.clone(), json!(value)))
                .collect();
            note("query", Some(query.into()));
        }
        if !self.body.is_empty() {
            let body = serde_json::from_slice(&self.body)
                .unwrap_or_else(|_| String::from_utf8_lossy(&self.body).into());
            note("body", Some(body));
        }
        params.into()
    }
}

/// Returns the parameters of a query in order.
fn pairs(text: &str) -> Vec<(String, String)> {
    text.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decoded(name), decoded(value))
        })
        .collect()
}

/// Undoes percent encoding; what is no code stays as it is.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let code = match (first, tail) {
            (b'%', [high, low, ..]) => {
                let digit = |byte: &u8| char::from(*byte).to_digit(16);
                digit(high)
                    .zip(digit(low))
                    .and_then(|(high, low)| u8::try_from(high * 16 + low).ok())
            }
            _ => None,
        };
        if let Some(code) = code {
            bytes.push(code);
            rest = &tail[2..];
        } else {
            bytes.push(if *first == b'+' { b' ' } else { *first });
            rest = tail;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_are_decoded() {
        let pairs = pairs("active=true&&a%5B%5D=x+y%2Bz&b&c=%zz%4");
        let pairs: Vec<_> = pairs
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        assert_eq!(
            pairs,
            [
                ("active", "true"),
                ("a[]", "x y+z"),
                ("b", ""),
                ("c", "%zz%4")
            ]
        );
    }
}
