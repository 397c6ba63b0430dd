//! Reading YAML safely: a pass over parser events first, `serde_yaml` after.
//!
//! [`Tree::scan`] walks the events of a file once. It gives every value its place, notes duplicate keys (which
//! decoders keep the last of), and refuses what must never reach a decoder: alias bombs, deep nesting, tags,
//! more than one document. Only then [`Tree::decode`] hands a part of the text to `serde_yaml` and returns it as
//! [`Yaml`], every value with its place. The two parsers must agree on the shape of the text; where they do
//! not, the text is refused as ambiguous.

mod data;
mod decode;
mod gap;
mod node;
mod reader;
mod scalar;
mod tree;

pub(crate) use self::data::{Data, Entry, Yaml};
pub use self::node::{NodeId, NodeKind};
pub(crate) use self::reader::{Entries, MERGE_HELP, MERGE_KEY, Reader, cut};
pub use self::scalar::{Quotes, Surroundings, literal, text_scalar, word_scalar};
pub use self::tree::{Tree, scan_events};
