//! The expressions of workflows, as far as ours use them: [`evaluate`].
//!
//! Whatever else GitHub knows is refused, so that the workflows stay as simple as what is tested here.

use serde_json::Value as Json;

/// The value of an expression. `status` answers `success()` and its like.
pub(crate) fn evaluate(text: &str, context: &Json, status: &dyn Fn(&str) -> bool) -> Json {
    let tokens = tokens(text);
    let mut reader = Reader {
        text,
        tokens: &tokens,
        context,
        status,
    };
    let value = reader.either();
    assert!(reader.tokens.is_empty(), "too much in `{text}`");
    value
}

/// A text with the values of its expressions in their places.
pub(crate) fn fill(text: &str, context: &Json) -> String {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${{") {
        let (expression, after) = after.split_once("}}").unwrap();
        filled.push_str(before);
        let none = |name: &str| panic!("{name}() stands in a value");
        filled.push_str(&shown(&evaluate(expression, context, &none)));
        rest = after;
    }
    filled + rest
}

/// Whether an expression asks for the status of what ran before; if not, `success()` is meant.
pub(crate) fn asks_for_status(text: &str) -> bool {
    ["always()", "success()", "failure()", "cancelled()"]
        .iter()
        .any(|call| text.contains(call))
}

/// Whether a value counts as true.
pub(crate) fn truthy(value: &Json) -> bool {
    match value {
        Json::Null => false,
        Json::Bool(value) => *value,
        Json::String(text) => !text.is_empty(),
        Json::Number(_) | Json::Array(_) | Json::Object(_) => panic!("{value} is no condition"),
    }
}

/// A value in a text.
pub(crate) fn shown(value: &Json) -> String {
    match value {
        Json::Null => String::new(),
        Json::String(text) => text.clone(),
        Json::Bool(_) | Json::Number(_) | Json::Array(_) | Json::Object(_) => value.to_string(),
    }
}

struct Reader<'a> {
    text: &'a str,
    tokens: &'a [String],
    context: &'a Json,
    status: &'a dyn Fn(&str) -> bool,
}

impl Reader<'_> {
    fn takes(&mut self, token: &str) -> bool {
        let there = self.tokens.first().is_some_and(|found| found == token);
        if there {
            self.tokens = &self.tokens[1..];
        }
        there
    }

    fn either(&mut self) -> Json {
        let mut value = self.both();
        while self.takes("||") {
            let other = self.both();
            value = if truthy(&value) { value } else { other };
        }
        value
    }

    fn both(&mut self) -> Json {
        let mut value = self.comparison();
        while self.takes("&&") {
            let other = self.comparison();
            value = if truthy(&value) { other } else { value };
        }
        value
    }

    fn comparison(&mut self) -> Json {
        let value = self.single();
        if self.takes("==") {
            let other = self.single();
            return Json::Bool(self.equal(&value, &other));
        }
        if self.takes("!=") {
            let other = self.single();
            return Json::Bool(!self.equal(&value, &other));
        }
        value
    }

    fn equal(&self, one: &Json, other: &Json) -> bool {
        match (one, other) {
            (Json::String(one), Json::String(other)) => one.eq_ignore_ascii_case(other),
            // What is not there equals the empty text.
            (Json::Null, Json::String(text)) | (Json::String(text), Json::Null) => text.is_empty(),
            _ => panic!("`{}` compares {one} with {other}", self.text),
        }
    }

    fn single(&mut self) -> Json {
        if self.takes("!") {
            return Json::Bool(!truthy(&self.single()));
        }
        if self.takes("(") {
            let value = self.either();
            assert!(self.takes(")"), "a parenthesis in `{}`", self.text);
            return value;
        }
        let (token, rest) = self.tokens.split_first().unwrap();
        self.tokens = rest;
        if let Some(text) = token.strip_prefix('\'') {
            return Json::String(text.to_owned());
        }
        if self.takes("(") {
            assert!(
                self.takes(")"),
                "`{token}` takes nothing in `{}`",
                self.text
            );
            return Json::Bool((self.status)(token));
        }
        let mut path = token.split('.');
        let root = path.next().unwrap();
        let root = self
            .context
            .get(root)
            .unwrap_or_else(|| panic!("no `{root}` here: `{}`", self.text));
        path.fold(root, |value, key| value.get(key).unwrap_or(&Json::Null))
            .clone()
    }
}

/// Texts begin with their quotation mark, and have no other.
fn tokens(text: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    let mut rest = text.trim();
    while let Some(first) = rest.chars().next() {
        let length = if first == '\'' {
            let end = rest[1..].find('\'').unwrap();
            tokens.push(format!("'{}", &rest[1..=end]));
            end + 2
        } else if let Some(sign) = ["||", "&&", "==", "!=", "!", "(", ")"]
            .into_iter()
            .find(|sign| rest.starts_with(sign))
        {
            tokens.push(sign.to_owned());
            sign.len()
        } else {
            let end = rest
                .find(|sign: char| !(sign.is_alphanumeric() || "._-".contains(sign)))
                .unwrap_or(rest.len());
            assert!(end > 0, "`{first}` in `{text}`");
            tokens.push(rest[..end].to_owned());
            end
        };
        rest = rest[length..].trim_start();
    }
    tokens
}
