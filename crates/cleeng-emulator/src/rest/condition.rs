//! Conditional requests: [`Condition`] (docs/cleeng-api.md §5.1).
//!
//! The `ETag` is the offer's version, presumably. It is taken with and without quotes and the mark of weakness; how it is
//! written is a switch.

use crate::quirk::{Quirks, RestEtag, RestEtagForm};
use crate::rest::failure::Failure;

/// What a request says about the version that it expects.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Condition {
    /// `If-Match`, as it was sent.
    pub(crate) if_match: Option<String>,
    /// `If-None-Match`, as it was sent.
    pub(crate) if_none_match: Option<String>,
}

impl Condition {
    /// Refuses a write that expects another version than this one, or any but this one.
    pub(crate) fn check(&self, version: u32) -> Result<(), Failure> {
        if self.expects_other(version) || self.is_known(version) {
            return Err(Failure::Stale);
        }
        Ok(())
    }

    /// Whether the client expects another version.
    pub(crate) fn expects_other(&self, version: u32) -> bool {
        self.if_match
            .as_deref()
            .is_some_and(|tags| !names(tags, version))
    }

    /// Whether the client says that it has this version already.
    pub(crate) fn is_known(&self, version: u32) -> bool {
        self.if_none_match
            .as_deref()
            .is_some_and(|tags| names(tags, version))
    }

    /// Returns the `ETag` of an answer about this version. By default one is only there for requests that have a condition.
    pub(crate) fn etag(&self, version: u32, quirks: &Quirks) -> Option<String> {
        let is_asked = self.if_match.is_some() || self.if_none_match.is_some();
        let is_shown = match quirks.rest_etag {
            RestEtag::Asked => is_asked,
            RestEtag::Always => true,
            RestEtag::Never => false,
        };
        is_shown.then(|| match quirks.rest_etag_form {
            RestEtagForm::Quoted => format!("\"{version}\""),
            RestEtagForm::Bare => version.to_string(),
            RestEtagForm::Weak => format!("W/\"{version}\""),
        })
    }
}

/// Whether one of the tags in a header is that of this version.
fn names(tags: &str, version: u32) -> bool {
    let version = version.to_string();
    tags.split(',').map(str::trim).any(|tag| {
        let tag = tag.strip_prefix("W/").unwrap_or(tag);
        tag == "*" || tag.trim_matches('"') == version
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_name_versions() {
        for (tags, expected) in [
            ("\"3\"", true),
            ("3", true),
            ("W/\"3\"", true),
            ("\"1\", \"3\"", true),
            ("*", true),
            ("\"33\"", false),
            ("", false),
        ] {
            assert_eq!(names(tags, 3), expected, "{tags}");
        }
    }
}
