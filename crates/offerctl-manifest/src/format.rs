//! Manifests in one order and one layout: [`format()`].
//!
//! The text is read into entries with their comments, the keys whose order is known are put into it, and all is written
//! anew. What comes out is read as the old text was, and must say the same with the same comments; otherwise it is
//! not handed out.

mod cursor;
mod entry;
mod error;
mod order;
mod proof;
mod prune;
mod read;
mod scalar;
mod write;

pub use self::error::FormatError;
pub use self::prune::prune;
use crate::diagnostic::Diagnostics;
use crate::manifest;
use crate::source::{SourceFile, offset};
use crate::yaml::Tree;

/// Returns the text of a manifest in its canonical form.
///
/// Formatting what was formatted changes nothing.
///
/// ```
/// # use offerctl_manifest::{format::format, source::SourceFile, span::FileId};
/// let text = b"version: 1\noffers:\n  news:\n    price:  12.00\n    type: pass # weekly\n    title: 'News'\n";
/// let (source, _) = SourceFile::from_bytes(FileId(0), "news.yaml".to_owned(), text.to_vec());
/// assert_eq!(
///     format(&source).unwrap(),
///     "version: 1\n\noffers:\n  news:\n    type: pass  # weekly\n    title: News\n    price: 12.00\n"
/// );
/// ```
pub fn format(source: &SourceFile) -> Result<String, FormatError> {
    let before = manifest::read(source);
    if before.diagnostics.has_errors() {
        return Err(FormatError::Invalid(before.diagnostics));
    }
    let crlf = source
        .text
        .find('\n')
        .is_some_and(|newline| source.text[..newline].ends_with('\r'));
    let text = source.text.replace("\r\n", "\n");
    if let Some(at) = text.find('\r') {
        return Err(FormatError::Layout {
            what: "a line that ends with a carriage return alone",
            at: source.with_text(text.clone()).position(offset(at)),
        });
    }
    let unix = source.with_text(text);
    let formatted = formatted(&unix)?;
    let finish = |text: &str| {
        let text = if crlf {
            text.replace('\n', "\r\n")
        } else {
            text.to_owned()
        };
        let after = source.with_text(text);
        match proof::prove((source, &before), &after) {
            Ok(()) => Ok(after.text),
            Err(difference) => Err(FormatError::Unproven(difference)),
        }
    };
    // Empty lines at the end are nothing, unless a text keeps them (`|+`).
    if formatted.ends_with("\n\n")
        && let Ok(trimmed) = finish(&[formatted.trim_end_matches('\n'), "\n"].concat())
    {
        return Ok(trimmed);
    }
    finish(&formatted)
}

fn formatted(source: &SourceFile) -> Result<String, FormatError> {
    let mut diagnostics = Diagnostics::new();
    let broken = || FormatError::Unproven("it cannot be read".to_owned());
    let tree = Tree::scan(source, &mut diagnostics).ok_or_else(broken)?;
    let mut page = read::read(&tree).map_err(|error| match error {
        cursor::ReadError::Layout { what, at } => FormatError::Layout {
            what,
            at: source.position(offset(at)),
        },
        cursor::ReadError::Undecoded => broken(),
    })?;
    // An alias must come after its anchor.
    if !tree.has_aliases() {
        order::sort(&mut page.root);
    }
    Ok(write::write(page))
}
