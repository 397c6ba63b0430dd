//! What a request is answered with: [`Answer`].

use crate::json::Json;
use crate::rest::condition::Condition;
use crate::service::Service;

/// An answer that is no error.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    /// None with 204 and 304.
    pub(crate) body: Option<Json>,
}

/// Returns the `ETag` of an answer about this version, if it has one.
pub(crate) fn etag(
    service: &Service,
    condition: &Condition,
    version: u32,
) -> Vec<(&'static str, String)> {
    let etag = condition.etag(version, &service.quirks);
    etag.map(|etag| ("etag", etag)).into_iter().collect()
}
