//! Reading decoded YAML into types, with every mistake noted at its place: [`Reader`] and [`Entries`].

use offerctl_model::foreign::{escaped, looks_secret};
use offerctl_model::words::cut as first;

use super::data::{Data, Entry, Yaml};
use super::node::NodeId;
use super::tree::Tree;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, did_you_mean};
use crate::span::Span;

/// Notes mistakes while values are read.
pub(crate) struct Reader<'a> {
    tree: &'a Tree<'a>,
    diagnostics: &'a mut Diagnostics,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(tree: &'a Tree<'a>, diagnostics: &'a mut Diagnostics) -> Self {
        Self { tree, diagnostics }
    }

    /// The place of a node.
    pub(crate) fn span(&self, node: NodeId) -> Span {
        self.tree.span(node)
    }

    /// The number of values in a value, itself included.
    pub(crate) fn size(&self, node: NodeId) -> usize {
        self.tree.size(node)
    }

    /// Notes a mistake.
    pub(crate) fn error(&mut self, node: NodeId, code: Code, message: impl Into<String>) {
        self.diagnostics
            .push(Diagnostic::error(code, message).at(self.tree.span(node)));
    }

    /// Notes a mistake, and what to write instead.
    pub(crate) fn error_with_help(
        &mut self,
        node: NodeId,
        code: Code,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.diagnostics.push(
            Diagnostic::error(code, message)
                .at(self.tree.span(node))
                .help(help),
        );
    }

    /// Notes a mistake at a place whose text may be a secret.
    pub(crate) fn conceal_error(&mut self, node: NodeId, code: Code, message: &str, help: &str) {
        let diagnostic = Diagnostic::error(code, message)
            .at(self.tree.span(node))
            .help(help);
        self.diagnostics.push(diagnostic.concealed());
    }

    /// Notes that a value has the wrong shape.
    pub(crate) fn wrong_shape(&mut self, yaml: &Yaml<'_>, wanted: &str) {
        let found = match &yaml.data {
            Data::Null => "nothing",
            Data::Scalar(_) => "a single value",
            Data::Sequence(_) => "a list",
            Data::Mapping(_) => "a mapping",
        };
        self.error(
            yaml.node,
            Code::WrongShape,
            format!("{found} stands where {wanted} belongs"),
        );
    }

    /// Reads a single value.
    pub(crate) fn scalar<'y>(&mut self, yaml: &'y Yaml<'y>, wanted: &str) -> Option<&'y str> {
        match &yaml.data {
            Data::Scalar(text) => Some(text),
            Data::Null => {
                self.error(
                    yaml.node,
                    Code::Null,
                    format!("nothing stands where {wanted} belongs"),
                );
                None
            }
            Data::Sequence(_) | Data::Mapping(_) => {
                self.wrong_shape(yaml, wanted);
                None
            }
        }
    }

    /// Reads a list.
    pub(crate) fn list<'y>(&mut self, yaml: &'y Yaml<'y>, wanted: &str) -> Option<&'y [Yaml<'y>]> {
        if let Data::Sequence(items) = &yaml.data {
            return Some(items);
        }
        self.wrong_shape(yaml, wanted);
        None
    }

    /// Reads a mapping.
    pub(crate) fn mapping<'y>(
        &mut self,
        yaml: &'y Yaml<'y>,
        wanted: &str,
    ) -> Option<&'y [Entry<'y>]> {
        if let Data::Mapping(entries) = &yaml.data {
            return Some(entries);
        }
        self.wrong_shape(yaml, wanted);
        None
    }

    /// Reads a mapping whose keys are all known.
    pub(crate) fn entries<'y>(&mut self, yaml: &'y Yaml<'y>, wanted: &str) -> Option<Entries<'y>> {
        let entries = self.mapping(yaml, wanted)?;
        Some(Entries {
            node: yaml.node,
            all: entries,
            known: Vec::new(),
        })
    }

    /// Reads `true` or `false`.
    pub(crate) fn flag(&mut self, yaml: &Yaml<'_>) -> Option<bool> {
        match self.scalar(yaml, "true or false")? {
            "true" => Some(true),
            "false" => Some(false),
            other => {
                let message = format!("`{}` is neither true nor false", cut(other));
                self.error_with_help(yaml.node, Code::Flag, message, "write `true` or `false`");
                None
            }
        }
    }

    /// Reads a whole number within bounds, both included.
    pub(crate) fn integer(&mut self, yaml: &Yaml<'_>, min: u64, max: u64) -> Option<u64> {
        let text = self.scalar(yaml, "a whole number")?;
        // What other readers take for octal, hexadecimal or grouped digits is no number here.
        let plain = text.bytes().all(|byte| byte.is_ascii_digit())
            && (text.len() == 1 || !text.starts_with('0'));
        match text.parse::<u64>().ok().filter(|_| plain) {
            Some(number) if (min..=max).contains(&number) => Some(number),
            Some(number) => {
                let message = format!("{number} is out of bounds");
                self.error_with_help(yaml.node, Code::Integer, message, bounds(min, max));
                None
            }
            None => {
                let message = format!("`{}` is not a whole number", cut(text));
                self.error_with_help(yaml.node, Code::Integer, message, bounds(min, max));
                None
            }
        }
    }

    /// Reads one word out of a few.
    pub(crate) fn choice<'c>(
        &mut self,
        yaml: &Yaml<'_>,
        code: Code,
        choices: &[&'c str],
    ) -> Option<&'c str> {
        let text = self.scalar(yaml, "a word")?;
        let found = choices.iter().find(|choice| **choice == text);
        if found.is_none() {
            let message = format!("`{}` is not possible here", cut(text));
            let all = choices
                .iter()
                .map(|choice| format!("`{choice}`"))
                .collect::<Vec<_>>()
                .join(", ");
            let help = match did_you_mean(text, choices.iter().copied()) {
                Some(meant) => format!("did you mean `{meant}`? Possible are {all}"),
                None => format!("possible are {all}"),
            };
            self.error_with_help(yaml.node, code, message, help);
        }
        found.copied()
    }

    /// Notes a key that is not known, with what was probably meant.
    pub(crate) fn unknown_key(&mut self, node: NodeId, key: &str, known: &[&str]) {
        // Whole entries that ended up in a key may have a secret among them: `? |` does that.
        let message = if key.contains('\n') || key.contains(": ") {
            "a key with whole entries in it is not known here".to_owned()
        } else {
            format!("the key `{}` is not known here", cut(key))
        };
        let meant = did_you_mean(key, known.iter().copied());
        let help = match meant {
            Some(meant) => format!("did you mean `{meant}`?"),
            None if key == MERGE_KEY => MERGE_HELP.to_owned(),
            None => format!(
                "known are {}",
                known
                    .iter()
                    .map(|key| format!("`{key}`"))
                    .collect::<Vec<_>>()
                    .join(", ")
            ),
        };
        self.unknown_entry((node, key, meant), message, help);
    }

    /// Notes a key that is not known; its line is not shown if a secret may stand behind it.
    pub(crate) fn unknown_entry(
        &mut self,
        (node, key, meant): (NodeId, &str, Option<&str>),
        message: String,
        help: String,
    ) {
        let mut diagnostic = Diagnostic::error(Code::UnknownKey, message).at(self.tree.span(node));
        diagnostic.help = (!help.is_empty()).then_some(help);
        let secret = [Some(key), meant].into_iter().flatten().any(names_secret);
        self.diagnostics.push(if secret {
            diagnostic.concealed()
        } else {
            diagnostic
        });
    }
}

/// The key that merges mappings in YAML 1.1.
pub(crate) const MERGE_KEY: &str = "<<";

/// What to write instead of a merge key.
pub(crate) const MERGE_HELP: &str =
    "merge keys are not read: write the values out, or use `defaults`";

/// Whether a secret may stand behind a key, or behind what the key was probably meant to be.
fn names_secret(key: &str) -> bool {
    let lower = key.to_lowercase();
    let words = ["token", "secret", "password"];
    words.iter().any(|word| lower.contains(word))
        || did_you_mean(key, ["token", "publisherToken", "secret", "password"]).is_some()
}

fn bounds(min: u64, max: u64) -> String {
    if max >= u64::from(u32::MAX) {
        format!("write digits only, {min} or more")
    } else {
        format!("write a whole number from {min} to {max}")
    }
}

/// Shortens what somebody wrote to what a message can show, on one line.
pub(crate) fn cut(text: &str) -> String {
    const SHOWN: usize = 60;
    // A token in a wrong place must not end up in a log.
    if looks_secret(text) {
        return "***".to_owned();
    }
    escaped(&first(text, SHOWN))
}

/// The entries of a mapping; keys that nobody asked for are unknown.
pub(crate) struct Entries<'y> {
    node: NodeId,
    all: &'y [Entry<'y>],
    known: Vec<&'static str>,
}

impl<'y> Entries<'y> {
    /// The node of the mapping.
    pub(crate) fn node(&self) -> NodeId {
        self.node
    }

    /// Returns the value of a key; `null` counts as not there.
    pub(crate) fn get(&mut self, key: &'static str) -> Option<&'y Yaml<'y>> {
        let found = self.written(key);
        found.filter(|value| value.data != Data::Null)
    }

    /// Returns the value of a key, `null` as well.
    pub(crate) fn written(&mut self, key: &'static str) -> Option<&'y Yaml<'y>> {
        self.known.push(key);
        let found = self.all.iter().find(|(name, _, _)| **name == *key);
        found.map(|(_, _, value)| value)
    }

    /// Returns the value of a key that must be there.
    pub(crate) fn require(
        &mut self,
        reader: &mut Reader<'_>,
        key: &'static str,
    ) -> Option<&'y Yaml<'y>> {
        let found = self.get(key);
        if found.is_none() {
            reader.error(self.node, Code::MissingField, format!("`{key}` is missing"));
        }
        found
    }

    /// Notes all keys that were never asked for.
    pub(crate) fn finish(self, reader: &mut Reader<'_>) {
        for (key, node, _) in self.all {
            if !self.known.contains(&&**key) {
                reader.unknown_key(*node, key, &self.known);
            }
        }
    }
}
