//! Lists the offers of a type: [`list`] (docs/cleeng-api.md §3).

use std::time::Instant;

use serde_json::{Map, Value};

use crate::fault::endless::filling;
use crate::fault::list::{Cut, Deafness, ListFault, deafness, shifted, spoil};
use crate::json::Json;
use crate::json_rpc::failure::Failure;
use crate::json_rpc::method::Method;
use crate::json_rpc::parameter::object;
use crate::json_rpc::render::{Place, View};
use crate::json_rpc::shape;
use crate::kind::Kind;
use crate::quirk::{TotalForm, VodListed};
use crate::service::Service;
use crate::store::Query;

/// Items of a page if the request does not say: the default of the official client library (docs/cleeng-api.md §3).
const DEFAULT_LIMIT: usize = 20;

/// Most items of a page; documented for passes only. A higher limit is taken for this one (docs/cleeng-api.md §3).
const LIMIT_CAP: usize = 200;

/// Returns a page: `items`, newest first, and `totalItemCount`.
pub(crate) fn list(
    service: &Service,
    method: Method,
    params: &Map<String, Value>,
    faults: &[ListFault],
) -> Result<Json, Failure> {
    let none = Map::new();
    let criteria = object(params.get("criteria"), &none)
        .ok_or_else(|| Failure::bad_params("criteria is not an object"))?;
    let active = if hears(faults, criteria.get("active")) {
        active(criteria.get("active"))?
    } else {
        true
    };
    let offset = number(params, "offset", 0)?;
    let limit = number(params, "limit", DEFAULT_LIMIT)?.min(LIMIT_CAP);
    let query = Query {
        kinds: kinds(service, method.kind),
        active,
        video_id: match method.kind {
            Kind::Single | Kind::Rental => filter(params, "videoId"),
            Kind::Subscription | Kind::Pass | Kind::Event | Kind::Vod => None,
        },
        associate_email: filter(criteria, "associateEmail"),
    };
    let first = shifted(faults, offset);
    let now = Instant::now();
    let page = service.store.page(&query, first, limit, now);
    let (mut offers, total) = (page.offers, page.total);
    let cut = Cut {
        offset: first,
        limit,
        total,
    };
    let filling = filling(faults, (method.kind, active), (cut, offers.len()), service);
    offers.extend(&filling.made_up);
    if !filling.again.is_empty() {
        let all = service.store.page(&query, 0, usize::MAX, now).offers;
        offers.extend(filling.again.iter().filter_map(|place| all.get(*place)));
    }
    let claimed = spoil(faults, &mut offers, Cut { offset, ..cut });

    let view = View {
        account: &service.account,
        quirks: &service.quirks,
        place: Place::Item,
    };
    let items = offers
        .iter()
        .map(|offer| view.offer(offer, method.kind))
        .collect();
    let total = claimed.map(|claimed| match service.quirks.total {
        TotalForm::Number => Json::count(claimed),
        TotalForm::Text => Json::Text(claimed.to_string()),
    });
    let total = total.map(|total| ("totalItemCount", total));
    Ok(Json::object(
        [("items", Json::List(items))].into_iter().chain(total),
    ))
}

/// Active ones by default; inactive ones only if the criterion says so in one of its forms (docs/cleeng-api.md §3).
fn active(criterion: Option<&Value>) -> Result<bool, Failure> {
    match criterion {
        None | Some(Value::Null) => Ok(true),
        Some(Value::String(text)) if text.is_empty() => Ok(true),
        Some(value) => shape::flag(value)
            .ok_or_else(|| Failure::bad_params("criteria.active is neither true nor false")),
    }
}

/// Whether the list listens to that form of the criterion.
fn hears(faults: &[ListFault], criterion: Option<&Value>) -> bool {
    match deafness(faults) {
        None => true,
        Some(Deafness::Always) => false,
        Some(Deafness::Booleans) => !criterion.is_some_and(Value::is_boolean),
    }
}

fn number(params: &Map<String, Value>, name: &str, default: usize) -> Result<usize, Failure> {
    match params.get(name) {
        None | Some(Value::Null) => Ok(default),
        Some(Value::String(text)) if text.is_empty() => Ok(default),
        Some(value) => shape::integer(value)
            .and_then(|number| usize::try_from(number).ok())
            .ok_or_else(|| Failure::bad_params(format!("{name} is not a whole number from 0"))),
    }
}

fn filter<'a>(members: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    members
        .get(name)
        .and_then(Value::as_str)
        .filter(|text| !text.is_empty())
}

fn kinds(service: &Service, kind: Kind) -> Vec<(Kind, Option<char>)> {
    let mut kinds = vec![(kind, None)];
    if service.quirks.vod_listed == VodListed::Twice {
        match kind {
            Kind::Single => kinds.push((Kind::Vod, Some('A'))),
            Kind::Rental => kinds.push((Kind::Vod, Some('R'))),
            Kind::Subscription | Kind::Pass | Kind::Event | Kind::Vod => {}
        }
    }
    kinds
}
