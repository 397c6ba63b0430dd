//! Lists the ids of the offers for a video: [`list`] (docs/cleeng-api.md §3).

use std::time::Instant;

use serde_json::{Map, Value};

use crate::json::Json;
use crate::json_rpc::failure::Failure;
use crate::json_rpc::shape;
use crate::kind::Kind;
use crate::service::Service;
use crate::store::Query;

/// The types whose offers name a video (docs/cleeng-api.md §2).
const KINDS: [Kind; 4] = [Kind::Single, Kind::Rental, Kind::Event, Kind::Vod];

/// Returns the ids of the active offers of all types for a video, newest first.
///
/// Client libraries have the method; no page documents it. That inactive offers are left out, as every list leaves them out
/// by default, is an assumption. A video without offers has an empty list.
pub(crate) fn list(
    service: &Service,
    params: &Map<String, Value>,
    unknown: &mut Vec<String>,
) -> Result<Json, Failure> {
    let strangers = params
        .keys()
        .filter(|name| !["publisherToken", "videoId"].contains(&name.as_str()));
    unknown.extend(strangers.cloned());
    let video_id = params
        .get("videoId")
        .and_then(shape::text)
        .filter(|video_id| !video_id.is_empty())
        .ok_or_else(|| Failure::bad_params("videoId is missing"))?;
    let query = Query {
        kinds: KINDS.map(|kind| (kind, None)).to_vec(),
        active: true,
        video_id: Some(&video_id),
        associate_email: None,
    };
    let page = service.store.page(&query, 0, usize::MAX, Instant::now());
    let ids = page.offers.iter().map(|offer| offer.id().as_str());
    Ok(Json::object([("offerIds", Json::texts(ids))]))
}
