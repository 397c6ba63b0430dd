//! How a body is read: [`Members`], which refuses what its page does not list, and strict readers of values.
//!
//! Unlike JSON-RPC, which takes numbers as texts and texts as numbers, a value must be of the documented type: the only
//! machine-readable description of this API says `additionalProperties: false` (docs/cleeng-api.md §5.5).

use rust_decimal::Decimal;
use serde_json::{Map, Value};

use crate::json;
use crate::rest::failure::Failure;

/// The members of one object, of which each is asked for by name.
#[derive(Debug)]
pub(crate) struct Members<'a> {
    all: &'a Map<String, Value>,
    path: String,
    asked: Vec<&'static str>,
}

impl<'a> Members<'a> {
    /// Returns the members of a body.
    pub(crate) fn of_body(all: &'a Map<String, Value>) -> Self {
        Self {
            all,
            path: String::new(),
            asked: Vec::new(),
        }
    }

    /// Returns the members of an object inside a body.
    pub(crate) fn of(value: &'a Value, path: &str) -> Result<Self, Failure> {
        let all = value
            .as_object()
            .ok_or_else(|| invalid(path, "must be an object"))?;
        Ok(Self {
            all,
            path: format!("{path}."),
            asked: Vec::new(),
        })
    }

    /// Returns how messages call a member.
    pub(crate) fn path(&self, name: &str) -> String {
        format!("{}{name}", self.path)
    }

    /// Returns a member that may be missing, with its path.
    pub(crate) fn take(&mut self, name: &'static str) -> Option<(&'a Value, String)> {
        self.asked.push(name);
        self.all.get(name).map(|value| (value, self.path(name)))
    }

    /// Returns a member that must be there, with its path.
    pub(crate) fn require(&mut self, name: &'static str) -> Result<(&'a Value, String), Failure> {
        let missing = invalid(&self.path(name), "is required");
        self.take(name).ok_or(missing)
    }

    /// Refuses the object if it has members that nobody asked for.
    pub(crate) fn finish(self) -> Result<(), Failure> {
        let stranger = self
            .all
            .keys()
            .find(|name| !self.asked.contains(&name.as_str()));
        match stranger {
            Some(name) => Err(invalid(&self.path(name), "is not allowed")),
            None => Ok(()),
        }
    }

    /// Refuses the object if it has no members.
    pub(crate) fn some(self) -> Result<Self, Failure> {
        if self.all.is_empty() {
            let name = self.path.trim_end_matches('.');
            let name = if name.is_empty() { "the body" } else { name };
            return Err(invalid(name, "must have at least one property"));
        }
        Ok(self)
    }
}

/// Returns the refusal of one member.
pub(crate) fn invalid(path: &str, reason: &str) -> Failure {
    Failure::Invalid(format!("{path} {reason}"))
}

/// Returns the refusal of a member that other types have. That is no matter of form: all types share the same pages.
pub(crate) fn misplaced(path: &str, types: &str) -> Failure {
    Failure::Refused(format!("{path} is for {types} only"))
}

/// Returns the refusal of a patch that leaves an object without a member that it must have.
pub(crate) fn incomplete(path: &str, name: &str) -> Failure {
    Failure::Refused(format!("{path}.{name} is required"))
}

/// Returns the value unless it is null.
pub(crate) fn nullable(value: &Value) -> Option<&Value> {
    (!value.is_null()).then_some(value)
}

/// Returns a text of that many characters.
pub(crate) fn text(
    value: &Value,
    path: &str,
    least: usize,
    most: usize,
) -> Result<String, Failure> {
    let text = value
        .as_str()
        .ok_or_else(|| invalid(path, "must be a string"))?;
    let length = text.chars().count();
    if length < least {
        return Err(invalid(path, "must not be empty"));
    }
    if length > most {
        return Err(invalid(
            path,
            &format!("must be at most {most} characters long"),
        ));
    }
    Ok(text.to_owned())
}

/// Returns a whole number from `least` on.
pub(crate) fn integer(value: &Value, path: &str, least: i64) -> Result<i64, Failure> {
    let number = value
        .as_i64()
        .ok_or_else(|| invalid(path, "must be an integer"))?;
    if number < least {
        return Err(invalid(path, &format!("must be at least {least}")));
    }
    Ok(number)
}

/// Returns an amount of money, which is not negative.
pub(crate) fn amount(value: &Value, path: &str) -> Result<Decimal, Failure> {
    let amount = value
        .is_number()
        .then(|| json::amount(value))
        .flatten()
        .ok_or_else(|| invalid(path, "must be a number"))?;
    if amount < Decimal::ZERO {
        return Err(invalid(path, "must be at least 0"));
    }
    Ok(amount)
}

/// Returns a yes or no.
pub(crate) fn flag(value: &Value, path: &str) -> Result<bool, Failure> {
    value
        .as_bool()
        .ok_or_else(|| invalid(path, "must be a boolean"))
}

/// Returns the items of a list.
pub(crate) fn items<'a>(value: &'a Value, path: &str) -> Result<&'a Vec<Value>, Failure> {
    value
        .as_array()
        .ok_or_else(|| invalid(path, "must be an array"))
}

/// Returns what a word stands for.
pub(crate) fn word<T: Copy>(value: &Value, path: &str, words: &[(&str, T)]) -> Result<T, Failure> {
    let found = words
        .iter()
        .find(|(word, _)| value.as_str() == Some(word))
        .map(|(_, meaning)| *meaning);
    found.ok_or_else(|| {
        let words: Vec<_> = words.iter().map(|(word, _)| *word).collect();
        invalid(path, &format!("must be one of {}", words.join(", ")))
    })
}
