//! Groups of seasons, which seasonal subscriptions follow: [`SeasonGroup`], and what is sent of a season, [`SeasonData`].

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};

use super::object::answer;
use crate::wire::{self, Mismatch, Wire};

/// The id of a group of seasons, a UUID (docs/cleeng-api.md §5.2). What is in it is the service's own affair.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SeasonGroupId(String);

impl SeasonGroupId {
    /// Returns the id as it is sent.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for SeasonGroupId {
    fn from(id: String) -> Self {
        Self(id)
    }
}

impl From<&str> for SeasonGroupId {
    fn from(id: &str) -> Self {
        Self(id.to_owned())
    }
}

/// For [`CreateOffer::season_group_id`](super::CreateOffer::season_group_id) and its counterpart of a patch.
impl From<SeasonGroupId> for String {
    fn from(SeasonGroupId(id): SeasonGroupId) -> Self {
        id
    }
}

impl fmt::Display for SeasonGroupId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Wire for SeasonGroupId {
    /// The empty text is no id.
    fn read(json: &str) -> Result<Option<Self>, Mismatch> {
        let id = String::read(json).map_err(|_| Mismatch("an id"))?;
        Ok(id.filter(|id| !id.is_empty()).map(Self))
    }
}

answer! {
    /// A group of seasons, as the service describes it (docs/cleeng-api.md §5.8).
    SeasonGroup, "a season group"
    (
        /// The id. An answer without one is an error.
        id: SeasonGroupId = "id"
    )
    {
        /// The name, at most 100 characters.
        name: String = "name",
        /// The seasons.
        seasons: Vec<Season> = "seasons",
    }
}

answer! {
    /// One season of a group (docs/cleeng-api.md §5.8).
    Season, "a season"
    (
        /// The id, which is unique within the group. A season without one is an error.
        id: i64 = "id"
    )
    {
        /// When it starts, in unix seconds.
        start_date: i64 = "startDate",
        /// When it ends, in unix seconds.
        end_date: i64 = "endDate",
    }
}

/// The dates of a season, of which both are always sent (docs/cleeng-api.md §5.8).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SeasonData {
    /// When it starts, in unix seconds.
    pub start_date: i64,
    /// When it ends, in unix seconds.
    pub end_date: i64,
}

/// All groups of an account; more than any list has are an error, before they need the memory.
pub(super) struct SeasonGroupList(pub(super) Vec<SeasonGroup>);

impl<'de> Deserialize<'de> for SeasonGroupList {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        wire::list_up_to(wire::MAX_ITEMS, deserializer).map(Self)
    }
}
