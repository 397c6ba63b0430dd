//! Reading YAML safely: a pass over parser events first, `serde_yaml` after.
//!
//! [`Tree::scan`] walks the events of a file once. It gives every value its place, notes duplicate keys (which
//! decoders keep the last of), and refuses what must never reach a decoder: alias bombs, deep nesting, tags,
//! more than one document. Only then [`Tree::decode`] hands a part of the text to `serde_yaml` and returns it as
//! [`Yaml`], every value with its place. The two parsers must agree on the shape of the text; where they do
//! not, the text is refused as ambiguous.

mod decode;
mod gap;
mod reader;
mod scalar;
mod tree;

pub(crate) use decode::{Data, Entry, Yaml};
pub(crate) use reader::{Entries, MERGE_HELP, MERGE_KEY, Reader, cut};
pub(crate) use scalar::{Quotes, Surroundings, literal, text_scalar, word_scalar};
pub use tree::scan_events;
pub(crate) use tree::{NodeId, NodeKind, Tree};
