//! Whether `null` stands where a generation of the API always has a value.

use super::Check;
use crate::desired::generation;
use crate::diagnostic::Code;
use crate::manifest::null::{Null, cleared, is_never_possible, null};
use crate::manifest::value::{NEVER_EMPTY_HELP, never_empty};

impl Check<'_> {
    /// Checks what is `null` and could not be read as a value, in this generation of the API.
    pub(super) fn nulls(&mut self) {
        let manifest = self.manifest;
        let is_localized = self.content.is_localized();
        for path in generation::nulls(manifest) {
            if path.country.is_some() && !is_localized
                || cleared(path.field).is_some()
                || is_never_possible(path, manifest.offer_type)
            {
                continue;
            }
            match null(path, (self.api(), manifest.offer_type), is_localized) {
                Null::Clears | Null::SaysNothing => {}
                Null::NotPerCountry => {
                    self.is_expressible(path);
                }
                Null::NeverEmpty => {
                    let message = never_empty(path.field);
                    self.error(self.span(path), Code::Null, message, NEVER_EMPTY_HELP);
                }
            }
        }
    }
}
