//! The lines of a data file about groups of seasons: types made for it, apart from the domain's.

use serde::{Deserialize, Serialize};

use crate::season::{Season, SeasonGroup, SeasonGroupId, SeasonGroupVersion};

/// How the lines begin, by which they are told from those about offers.
const BEGINNINGS: [&[u8]; 2] = [b"{\"seasonGroup\":", b"{\"deletedSeasonGroup\":"];

/// What became of a group.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Line {
    /// It was created or changed.
    SeasonGroup(GroupLine),
    /// The group of that id was deleted.
    DeletedSeasonGroup(String),
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct GroupLine {
    id: String,
    name: String,
    seasons: Vec<SeasonLine>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct SeasonLine {
    id: u32,
    start_date: i64,
    end_date: i64,
}

/// Whether a line is about a group of seasons.
pub(crate) fn is_season_group(line: &[u8]) -> bool {
    BEGINNINGS
        .iter()
        .any(|beginning| line.starts_with(beginning))
}

pub(crate) fn season_group_line(version: &SeasonGroupVersion) -> String {
    let line = match version {
        SeasonGroupVersion::Put(group) => Line::SeasonGroup(group.into()),
        SeasonGroupVersion::Deleted(id) => Line::DeletedSeasonGroup(id.to_string()),
    };
    let mut line = serde_json::to_string(&line).expect("structs of texts and numbers are JSON");
    line.push('\n');
    line
}

/// Reads what became of a group of seasons, or says what is wrong with the line, as a phrase.
pub(crate) fn read_season_group(line: &[u8]) -> Result<SeasonGroupVersion, String> {
    let line: Line =
        serde_json::from_slice(line).map_err(|error| format!("is no season group: {error}"))?;
    let id_of = |text: &str| -> Result<SeasonGroupId, String> {
        text.parse()
            .map_err(|error| format!("is no season group: {error}"))
    };
    Ok(match line {
        Line::DeletedSeasonGroup(id) => SeasonGroupVersion::Deleted(id_of(&id)?),
        Line::SeasonGroup(GroupLine { id, name, seasons }) => {
            SeasonGroupVersion::Put(SeasonGroup {
                id: id_of(&id)?,
                name,
                seasons: seasons.into_iter().map(SeasonLine::into_season).collect(),
            })
        }
    })
}

impl From<&SeasonGroup> for GroupLine {
    fn from(group: &SeasonGroup) -> Self {
        let SeasonGroup { id, name, seasons } = group;
        Self {
            id: id.to_string(),
            name: name.clone(),
            seasons: seasons.iter().map(SeasonLine::from).collect(),
        }
    }
}

impl From<&Season> for SeasonLine {
    fn from(season: &Season) -> Self {
        let Season {
            id,
            start_date,
            end_date,
        } = *season;
        Self {
            id,
            start_date,
            end_date,
        }
    }
}

impl SeasonLine {
    fn into_season(self) -> Season {
        let Self {
            id,
            start_date,
            end_date,
        } = self;
        Season {
            id,
            start_date,
            end_date,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group() -> SeasonGroup {
        SeasonGroup {
            id: "0bdb7589-762c-40bf-b501-a0f02b59d76d".parse().unwrap(),
            name: "Première division".to_owned(),
            seasons: vec![Season {
                id: 3,
                start_date: 5,
                end_date: 7,
            }],
        }
    }

    #[test]
    fn what_became_of_a_group_comes_back_as_it_was() {
        for version in [
            SeasonGroupVersion::Put(group()),
            SeasonGroupVersion::Deleted(group().id),
        ] {
            let line = season_group_line(&version);
            assert_eq!(line.matches('\n').count(), 1);
            assert!(is_season_group(line.as_bytes()), "{line}");
            assert_eq!(read_season_group(line.trim_end().as_bytes()), Ok(version));
        }
        assert!(!is_season_group(b"{\"id\":\"P123456789_US\"}"));
    }

    #[test]
    fn wrong_lines_say_what_is_wrong() {
        let good = season_group_line(&SeasonGroupVersion::Put(group()));
        let bad = good.replace("0bdb7589", "0bdb758");
        let reason = read_season_group(bad.as_bytes()).unwrap_err();
        assert!(
            reason.starts_with("is no season group: `0bdb758-762c"),
            "{reason}"
        );
        let bad = good.replace("\"name\"", "\"title\"");
        assert!(read_season_group(bad.as_bytes()).is_err());
    }
}
