//! Groups of seasons, which seasonal subscriptions follow: [`execute`], and the check of an offer that names one,
//! [`check_group`] (docs/cleeng-api.md §5.8).
//!
//! The messages are the documented ones. Where the description is silent: a season is active until it has ended; the last
//! season is the one that starts last; seasons may overlap; and the ids of seasons count from 1 within their group.

use serde_json::{Map, Value};

use crate::field::Field;
use crate::json::Json;
use crate::rest::answer::Answer;
use crate::rest::body::{Members, integer, text};
use crate::rest::change::Change;
use crate::rest::failure::{Failure, message};
use crate::rest::operation::SeasonOperation;
use crate::rest::request::Request;
use crate::season::{Season, SeasonGroup, SeasonGroupId};
use crate::service::{Service, Written};

/// Most characters of a name (docs/cleeng-api.md §5.2).
const LONGEST_NAME: usize = 100;

/// How long before its start a season must be added, in seconds: 31 days (docs/cleeng-api.md §5.1).
const LEAD: i64 = 31 * 24 * 60 * 60;

/// Carries out a request. Nothing of it is conditional: no group has a version.
pub(crate) fn execute(
    service: &mut Service,
    request: &Request,
    operation: SeasonOperation,
) -> Result<Written<Answer>, Failure> {
    match operation {
        SeasonOperation::ListGroups => {
            let groups = service.season_groups.all().iter().map(show);
            Ok(Written::nothing(answer(Json::List(groups.collect()))))
        }
        SeasonOperation::GetGroup => {
            find(service, request).map(|group| Written::nothing(answer(show(&group))))
        }
        SeasonOperation::CreateGroup => create_group(service, request),
        SeasonOperation::PatchGroup => patch_group(service, request),
        SeasonOperation::DeleteGroup => delete_group(service, request),
        SeasonOperation::CreateSeason => create_season(service, request),
        SeasonOperation::PatchSeason => patch_season(service, request),
        SeasonOperation::DeleteSeason => delete_season(service, request),
    }
}

/// Refuses an offer that names a group which does not exist.
pub(crate) fn check_group(service: &Service, change: &Change) -> Result<(), Failure> {
    let Some(named) = change.text(Field::SeasonGroupId) else {
        return Ok(());
    };
    let id: Option<SeasonGroupId> = named.parse().ok();
    match id.and_then(|id| service.season_groups.get(&id)) {
        Some(_) => Ok(()),
        None => Err(Failure::Refused("Season group not found".to_owned())),
    }
}

fn create_group(service: &mut Service, request: &Request) -> Result<Written<Answer>, Failure> {
    let name = read_name(&request.object()?)?;
    let groups = &service.season_groups;
    let id = service.ids.season_group(|id| groups.get(id).is_some());
    let group = SeasonGroup {
        id,
        name,
        seasons: Vec::new(),
    };
    refuse_taken_name(service, &group)?;
    Ok(store(service, group))
}

fn patch_group(service: &mut Service, request: &Request) -> Result<Written<Answer>, Failure> {
    let mut group = find(service, request)?;
    group.name = read_name(&request.object()?)?;
    refuse_taken_name(service, &group)?;
    Ok(store(service, group))
}

fn delete_group(service: &mut Service, request: &Request) -> Result<Written<Answer>, Failure> {
    let group = find(service, request)?;
    let now = service.clock.now();
    if group.seasons.iter().any(|season| season.end_date > now) {
        let reason = "Cannot delete season group with active seasons";
        return Err(Failure::Refused(reason.to_owned()));
    }
    service.season_groups.delete(&group.id);
    Ok(Written {
        season_group: Some(group.id),
        ..Written::nothing(answer(message("Season group deleted")))
    })
}

fn create_season(service: &mut Service, request: &Request) -> Result<Written<Answer>, Failure> {
    let mut group = find(service, request)?;
    let (start_date, end_date) = read_dates(&request.object()?)?;
    if start_date < service.clock.now().saturating_add(LEAD) {
        let reason = "Upcoming season can't start in less than 31 days";
        return Err(Failure::Refused(reason.to_owned()));
    }
    let newest = group.seasons.iter().map(|season| season.id).max();
    group.seasons.push(Season {
        id: newest.unwrap_or(0).saturating_add(1),
        start_date,
        end_date,
    });
    Ok(store(service, group))
}

fn patch_season(service: &mut Service, request: &Request) -> Result<Written<Answer>, Failure> {
    let id = season_id(request)?;
    let mut group = find(service, request)?;
    let now = service.clock.now();
    let season = group
        .seasons
        .iter_mut()
        .find(|season| season.id == id)
        .ok_or(Failure::NoSeason(id))?;
    let (start_date, end_date) = read_dates(&request.object()?)?;
    let moves = [(season.start_date, start_date), (season.end_date, end_date)];
    let is_past = |(before, after): &(i64, i64)| before != after && *before.min(after) <= now;
    if moves.iter().any(is_past) {
        let reason = "Only dates in future can be edited";
        return Err(Failure::Refused(reason.to_owned()));
    }
    season.start_date = start_date;
    season.end_date = end_date;
    Ok(store(service, group))
}

fn delete_season(service: &mut Service, request: &Request) -> Result<Written<Answer>, Failure> {
    let id = season_id(request)?;
    let mut group = find(service, request)?;
    if group.seasons.iter().all(|season| season.id != id) {
        return Err(Failure::NoSeason(id));
    }
    let last = group
        .seasons
        .iter()
        .max_by_key(|season| (season.start_date, season.id));
    if last.is_some_and(|last| last.id != id) {
        let reason = "Only last season can be removed";
        return Err(Failure::Refused(reason.to_owned()));
    }
    group.seasons.retain(|season| season.id != id);
    Ok(store(service, group))
}

/// Returns the group that the path names.
fn find(service: &Service, request: &Request) -> Result<SeasonGroup, Failure> {
    let id = request.target.season_group.as_deref().unwrap_or_default();
    let id: SeasonGroupId = id.parse().map_err(|_| Failure::BAD_ID)?;
    let group = service.season_groups.get(&id).cloned();
    group.ok_or_else(|| Failure::NotFound("Season group".to_owned()))
}

/// Returns the id of the season that the path names.
fn season_id(request: &Request) -> Result<u32, Failure> {
    let id = request.target.season.as_deref().unwrap_or_default();
    let id = id.parse().ok().filter(|id| *id >= 1);
    id.ok_or(Failure::BadParameter("seasonId"))
}

fn read_name(body: &Map<String, Value>) -> Result<String, Failure> {
    let mut members = Members::of_body(body);
    let (value, at) = members.require("name")?;
    let name = text(value, &at, 1, LONGEST_NAME)?;
    members.finish()?;
    Ok(name)
}

/// Returns the start and the end, which comes after it.
fn read_dates(body: &Map<String, Value>) -> Result<(i64, i64), Failure> {
    let mut members = Members::of_body(body);
    let (value, at) = members.require("startDate")?;
    let start_date = integer(value, &at, 0)?;
    let (value, at) = members.require("endDate")?;
    let end_date = integer(value, &at, 0)?;
    members.finish()?;
    if end_date <= start_date {
        return Err(Failure::Refused(format!("{at} must be after startDate")));
    }
    Ok((start_date, end_date))
}

fn refuse_taken_name(service: &Service, group: &SeasonGroup) -> Result<(), Failure> {
    let name = &group.name;
    let groups = service.season_groups.all().iter();
    let mut others = groups.filter(|other| other.id != group.id);
    if others.any(|other| other.name == *name) {
        return Err(Failure::Refused(format!(
            "Season group '{name}' already exists"
        )));
    }
    Ok(())
}

/// Keeps a group, and answers with it.
fn store(service: &mut Service, group: SeasonGroup) -> Written<Answer> {
    let written = Written {
        season_group: Some(group.id.clone()),
        ..Written::nothing(answer(show(&group)))
    };
    service.season_groups.put(group);
    written
}

/// Every answer that is no error has the status 200, also that to a create.
fn answer(body: Json) -> Answer {
    Answer {
        status: 200,
        headers: Vec::new(),
        body: Some(body),
    }
}

fn show(group: &SeasonGroup) -> Json {
    let seasons = group.seasons.iter().map(|season| {
        Json::object([
            ("id", Json::Integer(season.id.into())),
            ("startDate", Json::Integer(season.start_date)),
            ("endDate", Json::Integer(season.end_date)),
        ])
    });
    Json::object([
        ("id", Json::text(group.id.as_str())),
        ("name", Json::text(&group.name)),
        ("seasons", Json::List(seasons.collect())),
    ])
}
