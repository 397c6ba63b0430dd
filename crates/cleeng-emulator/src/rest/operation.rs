//! What can be asked of the REST API: [`Operation`], and the paths that lead to it (docs/cleeng-api.md §5.2).

/// One operation, named by a word in fault rules and records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    /// `GET /offers`.
    List,
    /// `GET /offers/{offerId}`.
    Get,
    /// `POST /offers`.
    Create,
    /// `PATCH /offers/{offerId}`.
    Patch,
    /// `POST /offers/{offerId}/activate`.
    Activate,
    /// `POST /offers/{offerId}/deactivate`.
    Deactivate,
    /// `POST /offers/{offerId}/localizations`.
    CreateLocalization,
    /// `PATCH /offers/{offerId}/localizations/{countryCode}`.
    PatchLocalization,
    /// `POST /offers/{offerId}/localizations/{countryCode}/activate`.
    ActivateLocalization,
    /// `POST /offers/{offerId}/localizations/{countryCode}/deactivate`.
    DeactivateLocalization,
    /// One on groups of seasons.
    Seasons(SeasonOperation),
}

/// What can be done with groups of seasons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SeasonOperation {
    /// `GET /offers/season-groups`.
    ListGroups,
    /// `GET /offers/season-groups/{id}`.
    GetGroup,
    /// `POST /offers/season-groups`.
    CreateGroup,
    /// `PATCH /offers/season-groups/{id}`.
    PatchGroup,
    /// `DELETE /offers/season-groups/{id}`.
    DeleteGroup,
    /// `POST /offers/season-groups/{id}/seasons`.
    CreateSeason,
    /// `PATCH /offers/season-groups/{id}/seasons/{seasonId}`.
    PatchSeason,
    /// `DELETE /offers/season-groups/{id}/seasons/{seasonId}`.
    DeleteSeason,
}

/// Every operation by its word.
const WORDS: [(&str, Operation); 18] = [
    ("listOffers", Operation::List),
    ("getOffer", Operation::Get),
    ("createOffer", Operation::Create),
    ("patchOffer", Operation::Patch),
    ("activateOffer", Operation::Activate),
    ("deactivateOffer", Operation::Deactivate),
    ("createLocalization", Operation::CreateLocalization),
    ("patchLocalization", Operation::PatchLocalization),
    ("activateLocalization", Operation::ActivateLocalization),
    ("deactivateLocalization", Operation::DeactivateLocalization),
    (
        "listSeasonGroups",
        Operation::Seasons(SeasonOperation::ListGroups),
    ),
    (
        "getSeasonGroup",
        Operation::Seasons(SeasonOperation::GetGroup),
    ),
    (
        "createSeasonGroup",
        Operation::Seasons(SeasonOperation::CreateGroup),
    ),
    (
        "patchSeasonGroup",
        Operation::Seasons(SeasonOperation::PatchGroup),
    ),
    (
        "deleteSeasonGroup",
        Operation::Seasons(SeasonOperation::DeleteGroup),
    ),
    (
        "createSeason",
        Operation::Seasons(SeasonOperation::CreateSeason),
    ),
    (
        "patchSeason",
        Operation::Seasons(SeasonOperation::PatchSeason),
    ),
    (
        "deleteSeason",
        Operation::Seasons(SeasonOperation::DeleteSeason),
    ),
];

/// Where a request leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) operation: Operation,
    /// The id in the path, as it stands there.
    pub(crate) offer: Option<String>,
    /// The country in the path, as it stands there.
    pub(crate) country: Option<String>,
    /// The id of a group of seasons in the path, as it stands there.
    pub(crate) season_group: Option<String>,
    /// The id of a season in the path, as it stands there.
    pub(crate) season: Option<String>,
}

/// Why a request leads nowhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoRoute {
    /// There is nothing under the path.
    Path,
    /// The path does not know the verb.
    Verb,
}

impl Operation {
    /// Returns the operation of that word, if there is one.
    pub(crate) fn from_word(word: &str) -> Option<Self> {
        WORDS
            .iter()
            .find(|(known, _)| *known == word)
            .map(|(_, operation)| *operation)
    }

    /// Returns the words of all operations.
    pub(crate) fn words() -> impl Iterator<Item = &'static str> {
        WORDS.iter().map(|(word, _)| *word)
    }

    /// Returns the operation's word.
    pub(crate) fn word(self) -> &'static str {
        WORDS
            .iter()
            .find(|(_, operation)| *operation == self)
            .map_or("", |(word, _)| *word)
    }

    /// Whether the operation changes something.
    pub(crate) fn is_write(self) -> bool {
        match self {
            Self::List
            | Self::Get
            | Self::Seasons(SeasonOperation::ListGroups | SeasonOperation::GetGroup) => false,
            Self::Create
            | Self::Patch
            | Self::Activate
            | Self::Deactivate
            | Self::CreateLocalization
            | Self::PatchLocalization
            | Self::ActivateLocalization
            | Self::DeactivateLocalization
            | Self::Seasons(
                SeasonOperation::CreateGroup
                | SeasonOperation::PatchGroup
                | SeasonOperation::DeleteGroup
                | SeasonOperation::CreateSeason
                | SeasonOperation::PatchSeason
                | SeasonOperation::DeleteSeason,
            ) => true,
        }
    }

    /// Whether the operation changes an offer.
    pub(crate) fn is_write_to_an_offer(self) -> bool {
        self.is_write() && !matches!(self, Self::Seasons(_))
    }
}

/// Returns where a verb and the part of a path below `/3.1/` lead.
pub(crate) fn route(verb: &str, path: &str) -> Result<Target, NoRoute> {
    use Operation::{
        Activate, ActivateLocalization, Create, CreateLocalization, Deactivate,
        DeactivateLocalization, Get, List, Patch, PatchLocalization,
    };
    let segments: Vec<_> = path.split('/').collect();
    if let ["offers", "season-groups", rest @ ..] = segments.as_slice() {
        return season_route(verb, rest);
    }
    let (routes, offer, country): (&[(&str, Operation)], _, _) = match segments.as_slice() {
        ["offers"] => (&[("GET", List), ("POST", Create)], None, None),
        ["offers", id] => (&[("GET", Get), ("PATCH", Patch)], Some(id), None),
        ["offers", id, "activate"] => (&[("POST", Activate)], Some(id), None),
        ["offers", id, "deactivate"] => (&[("POST", Deactivate)], Some(id), None),
        ["offers", id, "localizations"] => (&[("POST", CreateLocalization)], Some(id), None),
        ["offers", id, "localizations", country] => {
            (&[("PATCH", PatchLocalization)], Some(id), Some(country))
        }
        ["offers", id, "localizations", country, "activate"] => {
            (&[("POST", ActivateLocalization)], Some(id), Some(country))
        }
        ["offers", id, "localizations", country, "deactivate"] => {
            (&[("POST", DeactivateLocalization)], Some(id), Some(country))
        }
        _ => return Err(NoRoute::Path),
    };
    Ok(Target {
        operation: of_verb(verb, routes)?,
        offer: offer.map(|id| (*id).to_owned()),
        country: country.map(|code| (*code).to_owned()),
        season_group: None,
        season: None,
    })
}

/// Returns where a verb and the part of a path below `/3.1/offers/season-groups` lead.
fn season_route(verb: &str, segments: &[&str]) -> Result<Target, NoRoute> {
    use SeasonOperation::{
        CreateGroup, CreateSeason, DeleteGroup, DeleteSeason, GetGroup, ListGroups, PatchGroup,
        PatchSeason,
    };
    let (routes, group, season): (&[(&str, SeasonOperation)], _, _) = match segments {
        [] => (&[("GET", ListGroups), ("POST", CreateGroup)], None, None),
        [id] => (
            &[
                ("GET", GetGroup),
                ("PATCH", PatchGroup),
                ("DELETE", DeleteGroup),
            ],
            Some(id),
            None,
        ),
        [id, "seasons"] => (&[("POST", CreateSeason)], Some(id), None),
        [id, "seasons", season] => (
            &[("PATCH", PatchSeason), ("DELETE", DeleteSeason)],
            Some(id),
            Some(season),
        ),
        _ => return Err(NoRoute::Path),
    };
    Ok(Target {
        operation: Operation::Seasons(of_verb(verb, routes)?),
        offer: None,
        country: None,
        season_group: group.map(|id| (*id).to_owned()),
        season: season.map(|id| (*id).to_owned()),
    })
}

fn of_verb<T: Copy>(verb: &str, routes: &[(&str, T)]) -> Result<T, NoRoute> {
    let found = routes.iter().find(|(known, _)| *known == verb);
    found.map(|(_, operation)| *operation).ok_or(NoRoute::Verb)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_lead_back_to_their_operation() {
        for word in Operation::words() {
            assert_eq!(Operation::from_word(word).unwrap().word(), word);
        }
        assert_eq!(Operation::from_word("deleteOffer"), None);
    }

    #[test]
    fn paths_lead_to_operations() {
        for (verb, path, word) in [
            ("GET", "offers", "listOffers"),
            ("PATCH", "offers/S1", "patchOffer"),
            ("POST", "offers/S1/localizations", "createLocalization"),
            (
                "POST",
                "offers/S1/localizations/FR/deactivate",
                "deactivateLocalization",
            ),
        ] {
            assert_eq!(route(verb, path).unwrap().operation.word(), word);
        }
        let target = route("PATCH", "offers/S1/localizations/FR").unwrap();
        assert_eq!(
            (target.offer.as_deref(), target.country.as_deref()),
            (Some("S1"), Some("FR"))
        );
    }

    #[test]
    fn season_groups_have_paths_of_their_own() {
        for (verb, path, word) in [
            ("GET", "", "listSeasonGroups"),
            ("POST", "", "createSeasonGroup"),
            ("GET", "/x", "getSeasonGroup"),
            ("PATCH", "/x", "patchSeasonGroup"),
            ("DELETE", "/x", "deleteSeasonGroup"),
            ("POST", "/x/seasons", "createSeason"),
            ("PATCH", "/x/seasons/3", "patchSeason"),
            ("DELETE", "/x/seasons/3", "deleteSeason"),
        ] {
            let target = route(verb, &format!("offers/season-groups{path}")).unwrap();
            assert_eq!(target.operation.word(), word);
            assert_eq!(target.offer, None);
        }
        let target = route("DELETE", "offers/season-groups/x/seasons/3").unwrap();
        assert_eq!(
            (target.season_group.as_deref(), target.season.as_deref()),
            (Some("x"), Some("3"))
        );
    }

    #[test]
    fn other_paths_and_verbs_lead_nowhere() {
        for (verb, path, error) in [
            ("GET", "", NoRoute::Path),
            ("GET", "campaigns", NoRoute::Path),
            ("GET", "offers/S1/tags", NoRoute::Path),
            ("DELETE", "offers/S1", NoRoute::Verb),
            ("PUT", "offers/S1", NoRoute::Verb),
            ("GET", "offers/S1/localizations", NoRoute::Verb),
            ("DELETE", "offers/season-groups", NoRoute::Verb),
            ("GET", "offers/season-groups/x/seasons", NoRoute::Verb),
            ("POST", "offers/season-groups/x/activate", NoRoute::Path),
        ] {
            assert_eq!(route(verb, path), Err(error), "{verb} {path}");
        }
    }
}
