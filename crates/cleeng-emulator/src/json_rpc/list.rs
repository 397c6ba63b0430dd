//! Lists the offers of a type: [`list`] (API sheet §3).

use std::time::Instant;

use serde_json::{Map, Value};

use crate::fault::action::{Deafness, ListFault};
use crate::fault::spoil::spoil;
use crate::json::Json;
use crate::json_rpc::failure::Failure;
use crate::json_rpc::method::Method;
use crate::json_rpc::render::{Place, View};
use crate::json_rpc::service::object;
use crate::json_rpc::shape;
use crate::kind::Kind;
use crate::quirk::{TotalForm, VodListed};
use crate::service::Service;
use crate::store::Query;

/// Items of a page if the request does not say: the default of the official client library (API sheet §3).
const DEFAULT_LIMIT: usize = 20;

/// Most items of a page; documented for passes only. A higher limit is taken for this one (API sheet §3).
const LIMIT_CAP: usize = 200;

/// Returns a page: `items`, newest first, and `totalItemCount`.
pub(crate) fn list(
    service: &Service,
    method: Method,
    params: &Map<String, Value>,
    fault: Option<&ListFault>,
) -> Result<Json, Failure> {
    let none = Map::new();
    let criteria = object(params.get("criteria"), &none)
        .ok_or_else(|| Failure::bad_params("criteria is not an object"))?;
    let is_asked = !fault.is_some_and(|fault| is_deaf(fault, criteria.get("active")));
    let active = if is_asked {
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
    let offset = match fault {
        Some(ListFault::Shifted) => offset.saturating_sub(1),
        Some(
            ListFault::Short(_)
            | ListFault::Repeated
            | ListFault::Empty
            | ListFault::Deaf(_)
            | ListFault::Total(_),
        )
        | None => offset,
    };
    let mut page = service.store.page(&query, offset, limit, Instant::now());
    if let Some(fault) = fault {
        page.total = spoil(fault, &mut page.offers, page.total);
    }

    let view = View {
        account: &service.account,
        quirks: &service.quirks,
        place: Place::Item,
    };
    let items = page
        .offers
        .iter()
        .map(|offer| view.offer(offer, method.kind))
        .collect();
    let total = match service.quirks.total {
        TotalForm::Number => Json::count(page.total),
        TotalForm::Text => Json::Text(page.total.to_string()),
    };
    Ok(Json::object([
        ("items", Json::List(items)),
        ("totalItemCount", total),
    ]))
}

/// Active ones by default; inactive ones only if the criterion says so in one of its forms (API sheet §3).
fn active(criterion: Option<&Value>) -> Result<bool, Failure> {
    match criterion {
        None | Some(Value::Null) => Ok(true),
        Some(Value::String(text)) if text.is_empty() => Ok(true),
        Some(value) => shape::flag(value)
            .ok_or_else(|| Failure::bad_params("criteria.active is neither true nor false")),
    }
}

fn is_deaf(fault: &ListFault, criterion: Option<&Value>) -> bool {
    match fault {
        ListFault::Deaf(Deafness::Always) => true,
        ListFault::Deaf(Deafness::Booleans) => criterion.is_some_and(Value::is_boolean),
        ListFault::Short(_)
        | ListFault::Shifted
        | ListFault::Repeated
        | ListFault::Empty
        | ListFault::Total(_) => false,
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
