//! Carries out one call: [`execute`].

use std::time::Instant;

use serde_json::{Map, Value};

use crate::config::Profile;
use crate::fault::action::WriteFault;
use crate::json::Json;
use crate::json_rpc::answer::answer;
use crate::json_rpc::envelope::Call;
use crate::json_rpc::failure::Failure;
use crate::json_rpc::method::{Method, OFFER_IDS_BY_VIDEO, Operation};
use crate::json_rpc::parameter::{Identified, identify, object};
use crate::json_rpc::render::Place;
use crate::json_rpc::{list, multi_currency, offer_ids, write};
use crate::kind::Kind;
use crate::service::{Service, Tampering, Written};

/// Carries out a call. Members of its parameters that the documentation does not have go to `unknown`, as paths.
pub(crate) fn execute(
    service: &mut Service,
    call: &Call,
    tampering: Tampering<'_>,
    unknown: &mut Vec<String>,
) -> Result<Written<Json>, Failure> {
    let none = Map::new();
    if call.method == OFFER_IDS_BY_VIDEO {
        let params = params_of(call, &none)?;
        check_token(service, params)?;
        return offer_ids::list(service, params, unknown).map(Written::nothing);
    }
    let method = Method::from_name(&call.method)
        .ok_or_else(|| Failure::no_method(format!("Method {} does not exist", call.method)))?;
    if service.profile == Profile::Current && method.is_no_longer_available() {
        return Err(Failure::no_method(format!(
            "Method {method} is deprecated and no longer available"
        )));
    }
    let params = params_of(call, &none)?;
    if method.needs_token() {
        check_token(service, params)?;
    }
    note_unknown(method, params, unknown);

    let faults = tampering.writes;
    let mut written = match method.operation {
        Operation::Get => get(service, method, params).map(Written::nothing)?,
        Operation::List => {
            list::list(service, method, params, tampering.lists).map(Written::nothing)?
        }
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
            falsify(&mut written.answer, member, value);
        }
    }
    Ok(written)
}

fn params_of<'a>(
    call: &'a Call,
    none: &'a Map<String, Value>,
) -> Result<&'a Map<String, Value>, Failure> {
    object(Some(&call.params), none).ok_or_else(|| Failure::bad_params("params is not an object"))
}

fn check_token(service: &Service, params: &Map<String, Value>) -> Result<(), Failure> {
    let token = params.get("publisherToken").and_then(Value::as_str);
    if token.is_some_and(|token| service.account.accepts(token)) {
        Ok(())
    } else {
        Err(Failure::bad_token())
    }
}

/// Returns one offer (docs/cleeng-api.md §2.0).
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
            || (has_id && method.id_parameters().contains(&name.as_str()))
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
