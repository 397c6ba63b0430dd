//! What a project file gives where the table of keys says what belongs: [`Given`], and [`Contents`] of sections.

use offerctl_model::money::Amount;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::table::{FILE, Kind, Section, seconds};
use crate::diagnostic::Code;
use crate::yaml::{Data, Entry, NodeId, Reader, Yaml, cut};

/// A value, and what it should be. It reads as nothing if it is asked for as another kind.
#[derive(Clone, Copy)]
pub(super) struct Given<'y> {
    pub(super) yaml: &'y Yaml<'y>,
    kind: &'static Kind,
}

impl<'y> Given<'y> {
    /// The whole file.
    pub(super) fn file(yaml: &'y Yaml<'y>) -> Self {
        Self { yaml, kind: &FILE }
    }

    /// Reads a text that is not empty.
    pub(super) fn text(self, reader: &mut Reader<'_>) -> Option<String> {
        let Kind::Text(wanted) = self.kind else {
            return None;
        };
        let text = reader.scalar(self.yaml, wanted)?;
        if text.trim().is_empty() {
            let message = format!("an empty text stands where {wanted} belongs");
            reader.error(self.yaml.node, Code::Config, message);
            return None;
        }
        Some(text.to_owned())
    }

    /// Reads a list.
    pub(super) fn list(self, reader: &mut Reader<'_>) -> Vec<Self> {
        let Kind::List(wanted, kind) = self.kind else {
            return Vec::new();
        };
        let items = reader.list(self.yaml, wanted).unwrap_or_default();
        items.iter().map(|yaml| Self { yaml, kind }).collect()
    }

    /// Reads a mapping from names to values; each with the place of its name.
    pub(super) fn map(self, reader: &mut Reader<'_>) -> Vec<(&'y str, NodeId, Self)> {
        let Kind::Map(wanted, kind) = self.kind else {
            return Vec::new();
        };
        let entries = reader.mapping(self.yaml, wanted).unwrap_or_default();
        entries
            .iter()
            .map(|(name, node, yaml)| (&**name, *node, Self { yaml, kind }))
            .collect()
    }

    /// Reads a section.
    pub(super) fn contents(self, reader: &mut Reader<'_>) -> Option<Contents<'y>> {
        let Kind::Section(wanted, section) = self.kind else {
            return None;
        };
        let contents = Contents {
            node: self.yaml.node,
            section,
            entries: reader.mapping(self.yaml, wanted)?,
        };
        for key in section.keys {
            if key.is_required() && contents.get(key.name).is_none() {
                let message = format!("`{}` is missing", key.name);
                reader.error(contents.node, Code::MissingField, message);
            }
        }
        Some(contents)
    }

    /// Returns the name and the value of the only key that is given.
    pub(super) fn only(self) -> Option<(&'static str, Self)> {
        let (Kind::OneOf(section), Data::Mapping(entries)) = (self.kind, &self.yaml.data) else {
            return None;
        };
        let [(name, _, yaml)] = entries.as_slice() else {
            return None;
        };
        let key = section.key(name)?;
        let kind = &key.kind;
        Some((key.name, Self { yaml, kind }))
    }

    /// Reads a whole number.
    pub(super) fn integer(self, reader: &mut Reader<'_>) -> Option<usize> {
        let Kind::Integer { min, max } = *self.kind else {
            return None;
        };
        let number = reader.integer(self.yaml, min, max)?;
        usize::try_from(number).ok()
    }

    /// Reads seconds, fractions allowed, as milliseconds.
    pub(super) fn milliseconds(self, reader: &mut Reader<'_>) -> Option<u64> {
        let Kind::Seconds { min, max } = *self.kind else {
            return None;
        };
        let text = reader.scalar(self.yaml, "a number of seconds")?;
        let milliseconds = text
            .parse::<Amount>()
            .ok()
            .and_then(|amount| (amount.decimal() * Decimal::from(1000)).to_u64());
        let found = milliseconds
            .filter(|milliseconds| (u64::from(min)..=u64::from(max)).contains(milliseconds));
        if found.is_none() {
            let message = format!("`{}` is not a number of seconds", cut(text));
            let (min, max) = (seconds(min), seconds(max));
            let help = format!("write a number from {min} to {max}, such as `60` or `0.5`");
            reader.error_with_help(self.yaml.node, Code::Config, message, help);
        }
        found
    }

    /// Reads one of a few words.
    pub(super) fn choice(self, reader: &mut Reader<'_>) -> Option<&'static str> {
        let Kind::Choice(choice) = self.kind else {
            return None;
        };
        let words: Vec<&str> = choice.words.iter().map(|(word, _)| *word).collect();
        reader.choice(self.yaml, Code::Config, &words)
    }
}

/// What stands in a section.
pub(super) struct Contents<'y> {
    pub(super) node: NodeId,
    section: &'static Section,
    entries: &'y [Entry<'y>],
}

impl<'y> Contents<'y> {
    /// Returns the value of a key of the table; `null` counts as not there.
    pub(super) fn get(&self, name: &str) -> Option<Given<'y>> {
        let kind = &self.section.key(name)?.kind;
        let (_, _, yaml) = self.entries.iter().find(|(key, _, _)| *key == name)?;
        (yaml.data != Data::Null).then_some(Given { yaml, kind })
    }

    /// Notes all keys that the table does not have.
    pub(super) fn finish(self, reader: &mut Reader<'_>) {
        let known: Vec<&str> = self.section.keys.iter().map(|key| key.name).collect();
        for (key, node, _) in self.entries {
            if !known.contains(&&**key) {
                reader.unknown_key(*node, key, &known);
            }
        }
    }
}
