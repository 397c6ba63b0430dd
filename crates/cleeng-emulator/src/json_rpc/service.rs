//! Carries out one call: [`execute`].

use std::time::Instant;

use serde_json::{Map, Value};

use crate::config::Profile;
use crate::fault::action::WriteFault;
use crate::id::OfferId;
use crate::json::Json;
use crate::json_rpc::envelope::Call;
use crate::json_rpc::failure::Failure;
use crate::json_rpc::method::{Method, Operation};
use crate::json_rpc::render::{Place, View};
use crate::json_rpc::shape;
use crate::json_rpc::{list, multi_currency, write};
use crate::kind::Kind;
use crate::offer::Offer;
use crate::quirk::VodDeactivate;
use crate::service::{Service, Tampering};

/// What came of a call.
#[derive(Debug)]
pub(crate) struct Execution {
    pub(crate) result: Result<Json, Failure>,
    /// The offers that it created or changed.
    pub(crate) written: Vec<OfferId>,
    /// Members of its parameters that the documentation does not have, as paths.
    pub(crate) unknown: Vec<String>,
}

/// What a write made.
#[derive(Debug)]
pub(crate) struct Written {
    pub(crate) result: Json,
    pub(crate) ids: Vec<OfferId>,
}

/// Carries out a call.
pub(crate) fn execute(service: &mut Service, call: &Call, tampering: Tampering<'_>) -> Execution {
    let mut unknown = Vec::new();
    let outcome = dispatch(service, call, tampering, &mut unknown);
    let (result, written) = match outcome {
        Ok(Written { result, ids }) => (Ok(result), ids),
        Err(failure) => (Err(failure), Vec::new()),
    };
    Execution {
        result,
        written,
        unknown,
    }
}

fn dispatch(
    service: &mut Service,
    call: &Call,
    tampering: Tampering<'_>,
    unknown: &mut Vec<String>,
) -> Result<Written, Failure> {
    let method = Method::from_name(&call.method)
        .ok_or_else(|| Failure::no_method(format!("Method {} does not exist", call.method)))?;
    if service.profile == Profile::Current && method.is_no_longer_available() {
        return Err(Failure::no_method(format!(
            "Method {method} is deprecated and no longer available"
        )));
    }
    let none = Map::new();
    let params = object(Some(&call.params), &none)
        .ok_or_else(|| Failure::bad_params("params is not an object"))?;
    if method.needs_token() {
        let token = params.get("publisherToken").and_then(Value::as_str);
        if !token.is_some_and(|token| service.account.accepts(token)) {
            return Err(Failure::bad_token());
        }
    }
    note_unknown(method, params, unknown);

    let read = |result| Written {
        result,
        ids: Vec::new(),
    };
    let faults = tampering.writes;
    let mut written = match method.operation {
        Operation::Get => get(service, method, params).map(read)?,
        Operation::List => list::list(service, method, params, tampering.lists).map(read)?,
        Operation::Create => write::create(service, method, params, (faults, unknown))?,
        Operation::Update => write::update(service, method, params, (faults, unknown))?,
        Operation::Deactivate => write::deactivate(service, method, params, faults)?,
        Operation::CreateMultiCurrency => {
            multi_currency::create(service, method, params, (faults, unknown))?
        }
        Operation::UpdateMultiCurrency => {
            multi_currency::update(service, method, params, (faults, unknown))?
        }
    };
    for fault in faults {
        if let WriteFault::Answer { member, value } = fault {
            falsify(&mut written.result, member, value);
        }
    }
    Ok(written)
}

/// Returns one offer (API sheet §2.0, "Params shapes").
fn get(service: &Service, method: Method, params: &Map<String, Value>) -> Result<Json, Failure> {
    let now = Instant::now();
    let offer = match identify(method, params)? {
        Identified::ById(id) => service
            .store
            .seen(&id, now)
            .filter(|offer| offer.kind() == method.kind)
            .ok_or_else(|| Failure::no_offer(&id))?,
        Identified::ByVideo(video_id) => service
            .store
            .seen_by_video(method.kind, &video_id, now)
            .ok_or_else(|| Failure::no_offer(&video_id))?,
    };
    Ok(answer(service, offer, Place::Alone))
}

/// By what a call names its offer.
#[derive(Debug)]
pub(crate) enum Identified {
    ById(String),
    ByVideo(String),
}

/// Returns what a call names its offer by.
pub(crate) fn identify(method: Method, params: &Map<String, Value>) -> Result<Identified, Failure> {
    let name = method.id_parameter();
    let of = |name: &str| {
        params
            .get(name)
            .filter(|value| !value.is_null())
            .map(|value| {
                shape::text(value)
                    .ok_or_else(|| Failure::bad_params(format!("{name} is not a text")))
            })
            .transpose()
    };
    if let Some(id) = of(name)? {
        return Ok(Identified::ById(id));
    }
    if method.finds_by_video()
        && let Some(video_id) = of("videoId")?
    {
        return Ok(Identified::ByVideo(video_id));
    }
    Err(Failure::bad_params(format!("{name} is missing")))
}

/// Returns the result for one offer, inside `vod` where a VOD's is (API sheet §2.6).
pub(crate) fn answer(service: &Service, offer: &Offer, place: Place) -> Json {
    let view = View {
        account: &service.account,
        quirks: &service.quirks,
        place,
    };
    let json = view.offer(offer, offer.kind());
    let is_bare = offer.kind() != Kind::Vod
        || (place == Place::Deactivated && service.quirks.vod_deactivate == VodDeactivate::Bare);
    if is_bare {
        json
    } else {
        Json::object([("vod", json)])
    }
}

/// Returns an object that may be missing, null, or the empty list as which PHP sends an empty object; `None` if it is
/// something else.
pub(crate) fn object<'a>(
    value: Option<&'a Value>,
    none: &'a Map<String, Value>,
) -> Option<&'a Map<String, Value>> {
    match value {
        None | Some(Value::Null) => Some(none),
        Some(Value::Array(items)) if items.is_empty() => Some(none),
        Some(Value::Object(members)) => Some(members),
        Some(Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_)) => None,
    }
}

fn note_unknown(method: Method, params: &Map<String, Value>, unknown: &mut Vec<String>) {
    let known: &[&str] = match method.operation {
        Operation::Get | Operation::Deactivate => &[],
        Operation::List => &["criteria", "offset", "limit"],
        Operation::Create | Operation::Update => &["offerData"],
        Operation::CreateMultiCurrency => &["offerData", "localizedData"],
        Operation::UpdateMultiCurrency => &["multiCurrencyOfferId", "offerData", "localizedData"],
    };
    let has_id = match method.operation {
        Operation::Get | Operation::Update | Operation::Deactivate => true,
        Operation::List
        | Operation::Create
        | Operation::CreateMultiCurrency
        | Operation::UpdateMultiCurrency => false,
    };
    let has_video = method.finds_by_video()
        || (method.operation == Operation::List
            && matches!(method.kind, Kind::Single | Kind::Rental));
    let strangers = params.keys().filter(|name| {
        let is_known = *name == "publisherToken"
            || known.contains(&name.as_str())
            || (has_id && *name == method.id_parameter())
            || (has_video && *name == "videoId");
        !is_known
    });
    unknown.extend(strangers.cloned());
    if let Some(Value::Object(criteria)) = params.get("criteria")
        && method.operation == Operation::List
    {
        let strangers = criteria
            .keys()
            .filter(|name| !["active", "associateEmail"].contains(&name.as_str()));
        unknown.extend(strangers.map(|name| format!("criteria.{name}")));
    }
}

/// Makes the answer of a write say something else than what was stored.
fn falsify(result: &mut Json, member: &str, value: &Value) {
    if let Some(vod) = result.member_mut("vod") {
        vod.set_member(member, value.into());
    } else if let Some(Json::List(offers)) = result.member_mut("offers") {
        for offer in offers {
            offer.set_member(member, value.into());
        }
    } else {
        result.set_member(member, value.into());
    }
}
