//! Why a manifest was not formatted: [`FormatError`].

use crate::diagnostic::Diagnostics;
use crate::span::Position;

/// Why a manifest was not formatted.
#[derive(Debug, thiserror::Error)]
pub enum FormatError {
    /// It has mistakes, and who guesses what was meant does harm.
    #[error("the file has mistakes")]
    Invalid(Diagnostics),
    /// It is valid, and laid out in a way that cannot be followed.
    #[error("{} at {}:{} cannot be formatted", .what, .at.line, .at.column)]
    Layout {
        /// What cannot be followed.
        what: &'static str,
        /// Where.
        at: Position,
    },
    /// The new text does not say what the old one says: a mistake of this program.
    #[error("this is a bug in offerctl: the new text does not hold up, {0}")]
    Unproven(String),
}
