//! How documents are written: [`to_text`].

use serde::Serialize;

/// Writes a document as it is printed: indented, with a line break at the end.
///
/// # Panics
///
/// Never: documents have only texts for keys.
pub fn to_text(document: &impl Serialize) -> String {
    let mut text =
        serde_json::to_string_pretty(document).expect("a document has only texts for keys");
    text.push('\n');
    text
}
