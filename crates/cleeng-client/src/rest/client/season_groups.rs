//! Groups of seasons: what a [`Reader`] reads of them, and what a [`Writer`] changes.

use serde::Serialize;

use super::{Reader, Writer};
use crate::error::Error;
use crate::rest::operation;
use crate::rest::season_group::{SeasonData, SeasonGroup, SeasonGroupId, SeasonGroupList};

/// The body of a create or a change of a group.
#[derive(Serialize)]
struct GroupData<'a> {
    name: &'a str,
}

impl Reader {
    /// Reads all groups of seasons (`GET /offers/season-groups`, docs/cleeng-api.md §5.8).
    ///
    /// # Errors
    ///
    /// See [`Error`]; [`Error::is_retryable`] says whether to try again.
    pub async fn list_season_groups(&self) -> Result<Vec<SeasonGroup>, Error> {
        let operation = operation::LIST_SEASON_GROUPS;
        let call = self.connection.call(operation, &[])?;
        let answer = self.connection.send(call).await?;
        let SeasonGroupList(groups) =
            self.connection
                .decode(operation, "an array of season groups", &answer)?;
        Ok(groups)
    }

    /// Reads one group of seasons (`GET /offers/season-groups/{id}`).
    ///
    /// # Errors
    ///
    /// See [`Error`]; [`Error::is_retryable`] says whether to try again.
    pub async fn get_season_group(&self, id: &SeasonGroupId) -> Result<SeasonGroup, Error> {
        let operation = operation::GET_SEASON_GROUP;
        let call = self.connection.call(operation, &[id.as_str()])?;
        let answer = self.connection.send(call).await?;
        self.connection.decode(operation, "SeasonGroup", &answer)
    }
}

impl Writer {
    /// Creates a group without seasons (`POST /offers/season-groups`). A name that another group has is refused.
    ///
    /// # Errors
    ///
    /// See [`Error`]; [`Error::is_proven_refused`] says whether it can have been created.
    pub async fn create_season_group(&self, name: &str) -> Result<SeasonGroup, Error> {
        let operation = operation::CREATE_SEASON_GROUP;
        let call = self
            .connection
            .call_with(operation, &[], &GroupData { name })?;
        let answer = self.connection.send(call).await?;
        self.connection.decode(operation, "SeasonGroup", &answer)
    }

    /// Renames a group (`PATCH /offers/season-groups/{id}`).
    ///
    /// # Errors
    ///
    /// See [`Error`]; [`Error::is_proven_refused`] says whether it can have taken effect.
    pub async fn rename_season_group(
        &self,
        id: &SeasonGroupId,
        name: &str,
    ) -> Result<SeasonGroup, Error> {
        let operation = operation::PATCH_SEASON_GROUP;
        let names = [id.as_str()];
        let call = self
            .connection
            .call_with(operation, &names, &GroupData { name })?;
        let answer = self.connection.send(call).await?;
        self.connection.decode(operation, "SeasonGroup", &answer)
    }

    /// Deletes a group (`DELETE /offers/season-groups/{id}`). One with active seasons is refused.
    ///
    /// # Errors
    ///
    /// See [`Error`]; [`Error::is_proven_refused`] says whether it can have been deleted.
    pub async fn delete_season_group(&self, id: &SeasonGroupId) -> Result<(), Error> {
        let call = self
            .connection
            .call(operation::DELETE_SEASON_GROUP, &[id.as_str()])?;
        self.connection.send(call).await.map(drop)
    }

    /// Adds a season to a group (`POST /offers/season-groups/{id}/seasons`), and returns the group. One that starts in less
    /// than 31 days is refused.
    ///
    /// # Errors
    ///
    /// See [`Error`]; [`Error::is_proven_refused`] says whether it can have been added.
    pub async fn create_season(
        &self,
        id: &SeasonGroupId,
        season: SeasonData,
    ) -> Result<SeasonGroup, Error> {
        let operation = operation::CREATE_SEASON;
        let call = self
            .connection
            .call_with(operation, &[id.as_str()], &season)?;
        let answer = self.connection.send(call).await?;
        self.connection.decode(operation, "SeasonGroup", &answer)
    }

    /// Moves the dates of a season (`PATCH /offers/season-groups/{id}/seasons/{seasonId}`), and returns the group. Dates that
    /// are past are refused, unless they stay as they are.
    ///
    /// # Errors
    ///
    /// See [`Error`]; [`Error::is_proven_refused`] says whether it can have taken effect.
    pub async fn patch_season(
        &self,
        id: &SeasonGroupId,
        season_id: i64,
        season: SeasonData,
    ) -> Result<SeasonGroup, Error> {
        let operation = operation::PATCH_SEASON;
        let names = [id.as_str(), &season_id.to_string()];
        let call = self.connection.call_with(operation, &names, &season)?;
        let answer = self.connection.send(call).await?;
        self.connection.decode(operation, "SeasonGroup", &answer)
    }

    /// Removes a season from a group (`DELETE /offers/season-groups/{id}/seasons/{seasonId}`), and returns the group. Only the
    /// last season can be removed.
    ///
    /// # Errors
    ///
    /// See [`Error`]; [`Error::is_proven_refused`] says whether it can have been removed.
    pub async fn delete_season(
        &self,
        id: &SeasonGroupId,
        season_id: i64,
    ) -> Result<SeasonGroup, Error> {
        let operation = operation::DELETE_SEASON;
        let names = [id.as_str(), &season_id.to_string()];
        let call = self.connection.call(operation, &names)?;
        let answer = self.connection.send(call).await?;
        self.connection.decode(operation, "SeasonGroup", &answer)
    }
}
