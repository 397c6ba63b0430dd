//! Keeps tokens out of the record: [`Blot`].

use serde_json::{Map, Value};

use crate::account::Token;

/// What stands where a token stood.
const BLOTTED: &str = "[token]";

/// What must not get into the record.
pub(super) struct Blot<'a>(Vec<&'a str>);

impl<'a> Blot<'a> {
    /// Returns the account's token and all values of members whose name says "token".
    pub(super) fn new(account_token: Option<&'a Token>, params: &'a Value) -> Self {
        let mut tokens: Vec<_> = account_token.into_iter().map(Token::expose).collect();
        tokens.retain(|token| !token.is_empty());
        collect_tokens(params, &mut tokens);
        Self(tokens)
    }

    /// Returns a value without any token, and without the members whose name says "token".
    pub(super) fn value(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.text(text)),
            Value::Array(items) => items.iter().map(|item| self.value(item)).collect(),
            Value::Object(members) => members
                .iter()
                .filter(|(name, _)| !is_token(name))
                .map(|(name, value)| (self.text(name), self.value(value)))
                .collect::<Map<_, _>>()
                .into(),
            Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
        }
    }

    /// Returns a text without any token.
    pub(super) fn text(&self, text: &str) -> String {
        self.0
            .iter()
            .fold(text.to_owned(), |text, token| text.replace(token, BLOTTED))
    }
}

fn is_token(name: &str) -> bool {
    name.to_ascii_lowercase().contains("token")
}

fn collect_tokens<'a>(value: &'a Value, tokens: &mut Vec<&'a str>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                match value.as_str() {
                    Some(token) if is_token(name) && !token.is_empty() => tokens.push(token),
                    _ => collect_tokens(value, tokens),
                }
            }
        }
        Value::Array(items) => {
            for item in items {
                collect_tokens(item, tokens);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
