//! The one method that is about no type of offer: [`ListOfferIdsByVideoId`].

use serde::{Deserialize, Deserializer, Serialize};

use super::{Method, ReadMethod, sealed};
use crate::offer_id::OfferId;
use crate::wire;

/// Lists the ids of the offers for a video, of whatever type (`listOfferIdsByVideoId`, docs/cleeng-api.md §3).
///
/// Three SDKs have the method; no page documents it. Whether offers that are off sale are among them is not known.
///
/// ```
/// use cleeng_client::json_rpc::{ListOfferIdsByVideoId, Reader};
///
/// # async fn example(reader: Reader) -> Result<(), cleeng_client::Error> {
/// let found = reader.call(ListOfferIdsByVideoId::new("video-7777")).await?;
/// for id in &found.offer_ids {
///     println!("{id}");
/// }
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ListOfferIdsByVideoId {
    video_id: String,
}

impl ListOfferIdsByVideoId {
    /// Lists the offers for a video, by the publisher's own id of the video.
    pub fn new(video_id: impl Into<String>) -> Self {
        Self {
            video_id: video_id.into(),
        }
    }
}

impl sealed::Sealed for ListOfferIdsByVideoId {}

impl ReadMethod for ListOfferIdsByVideoId {}

impl Method for ListOfferIdsByVideoId {
    const NAME: &'static str = "listOfferIdsByVideoId";
    const TAKES_TOKEN: bool = true;
    type Output = OfferIds;
}

/// The offers for a video (docs/cleeng-api.md §3).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OfferIds {
    /// Their ids, with the country; none, if the video has no offer.
    pub offer_ids: Vec<OfferId>,
}

impl<'de> Deserialize<'de> for OfferIds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Members {
            #[serde(deserialize_with = "wire::required")]
            offer_ids: Vec<OfferId>,
        }

        let Members { offer_ids } = wire::object(deserializer)?;
        Ok(Self { offer_ids })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(json: &str, expect: Option<&[&str]>) {
        let found: Option<OfferIds> = serde_json::from_str(json).ok();
        let expect = expect.map(|ids| ids.iter().map(|id| OfferId::from(*id)).collect());
        assert_eq!(found.map(|found| found.offer_ids), expect, "{json}");
    }

    #[test]
    fn ids_are_a_list_that_may_be_empty() {
        check(
            r#"{"offerIds":["A123123123_US","R123123123_PL"],"more":1}"#,
            Some(&["A123123123_US", "R123123123_PL"]),
        );
        check(r#"{"offerIds":[]}"#, Some(&[]));
    }

    #[test]
    fn anything_else_is_no_answer() {
        for json in [
            "{}",
            r#"{"offerIds":null}"#,
            r#"{"offerIds":{}}"#,
            r#"{"offerIds":[{}]}"#,
            r#"["A123123123_US"]"#,
            "[]",
            "null",
        ] {
            check(json, None);
        }
    }
}
