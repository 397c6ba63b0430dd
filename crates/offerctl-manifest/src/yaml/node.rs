//! What points to a value of a file: [`NodeId`], and what sort of value it is: [`NodeKind`].

/// The index of a node of a [`Tree`](super::tree::Tree).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct NodeId(pub(super) u32);

/// What a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NodeKind {
    /// A single value; `null` if it is plain and one of YAML's words for nothing.
    Scalar {
        /// Whether it stands for nothing.
        null: bool,
    },
    /// A list.
    Sequence,
    /// A mapping; its children are keys and values in turn.
    Mapping,
    /// `*name`, standing for the node of that anchor.
    Alias,
}
