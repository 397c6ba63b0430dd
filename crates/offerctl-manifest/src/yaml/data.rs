//! Values of a file as they are written, each with its place: [`Yaml`].

use std::borrow::Cow;

use super::node::NodeId;

/// A decoded file, or why the decoder refuses it.
pub(super) type Whole = Result<Yaml<'static>, String>;

/// A decoded value with its place.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Yaml<'a> {
    /// The node of the tree that it was read from.
    pub(crate) node: NodeId,
    /// The value.
    pub(crate) data: Data<'a>,
}

/// An entry of a mapping: key, place of the key, value.
pub(crate) type Entry<'a> = (Cow<'a, str>, NodeId, Yaml<'a>);

/// What a value is. Scalars stay texts: what `12.00` or `NO` mean is decided by the field that they stand in.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Data<'a> {
    /// `null`, `~`, or nothing at all.
    Null,
    /// Any other single value, with quotes, escapes and folds resolved: most often just what the file says.
    Scalar(Cow<'a, str>),
    /// A list.
    Sequence(Vec<Yaml<'a>>),
    /// A mapping in the order of the text.
    Mapping(Vec<Entry<'a>>),
}

impl Yaml<'_> {
    /// The same, with texts of its own.
    pub(super) fn into_owned(self) -> Yaml<'static> {
        let data = match self.data {
            Data::Null => Data::Null,
            Data::Scalar(text) => Data::Scalar(Cow::Owned(text.into_owned())),
            Data::Sequence(items) => {
                Data::Sequence(items.into_iter().map(Yaml::into_owned).collect())
            }
            Data::Mapping(entries) => {
                let owned = entries.into_iter().map(|(key, node, value)| {
                    (Cow::Owned(key.into_owned()), node, value.into_owned())
                });
                Data::Mapping(owned.collect())
            }
        };
        Yaml {
            node: self.node,
            data,
        }
    }

    /// Finds the value of a node, which is no alias, inside this one.
    pub(super) fn find(&self, id: NodeId) -> Option<&Self> {
        if self.node == id {
            return Some(self);
        }
        match &self.data {
            Data::Null | Data::Scalar(_) => None,
            Data::Sequence(items) => items.iter().find_map(|item| item.find(id)),
            Data::Mapping(entries) => {
                // Keys are in the order of the text: the value behind the last key before the node has it.
                let behind = entries.partition_point(|(_, key, _)| *key < id);
                entries.get(behind.checked_sub(1)?)?.2.find(id)
            }
        }
    }
}
