//! The version of an offer, as the service names it: [`ETag`].

use reqwest::header::{HeaderMap, HeaderValue};

/// A version of an offer, to bind a write to it (`If-Match`, docs/cleeng-api.md §5.1).
///
/// It comes with the answers to [`Reader::get_with_etag`](super::Reader::get_with_etag) and to
/// writes that had one, and goes back as it came, quotes and all. What is in it is the service's
/// own affair.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ETag(String);

impl ETag {
    /// Makes the tag that a version number presumably has: `"7"`.
    ///
    /// That the tag is the offer's [`version`](super::Offer::version) is an inference of the
    /// docs/cleeng-api.md §5.1), not documented. If it is wrong, every write with such a tag is refused with
    /// a version mismatch, and nothing is changed.
    pub fn of_version(version: i64) -> Self {
        Self(format!("\"{version}\""))
    }

    /// Takes the tag from an answer. A tag that is not visible ASCII is none.
    pub(super) fn of_answer(headers: &HeaderMap) -> Option<Self> {
        let value = headers.get(reqwest::header::ETAG)?;
        let text = value.to_str().ok()?.trim();
        (!text.is_empty()).then(|| Self(text.to_owned()))
    }

    /// Makes the tag that no version has. The service sends a tag only to who sends one
    /// (docs/cleeng-api.md §5.1), so a read that wants one asks for any version but this.
    pub(super) fn none() -> Self {
        Self::of_version(-1)
    }

    /// Returns the tag as it stands in the header: `"7"`, with the quotes.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Gives the tag to a header.
    pub(super) fn header(&self) -> HeaderValue {
        HeaderValue::from_str(&self.0).expect("a tag is visible ASCII")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(header: &[u8], expect: Option<&str>) {
        let mut headers = HeaderMap::new();
        headers.insert("etag", HeaderValue::from_bytes(header).unwrap());
        let etag = ETag::of_answer(&headers);
        assert_eq!(etag.as_ref().map(ETag::as_str), expect);
    }

    #[test]
    fn a_tag_stays_as_it_came() {
        check(b"\"7\"", Some("\"7\""));
        check(b"W/\"a-b\"", Some("W/\"a-b\""));
        check(b" 7 ", Some("7"));
        check(b"", None);
        check(b"\"\xe9\"", None);
        assert_eq!(ETag::of_answer(&HeaderMap::new()), None);
    }

    #[test]
    fn a_version_is_a_number_in_quotes() {
        assert_eq!(ETag::of_version(7).as_str(), "\"7\"");
    }
}
