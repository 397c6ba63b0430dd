//! What a request is answered with instead of its answer: [`another`], [`only_id`].

use serde_json::Value;

use crate::id::OfferId;
use crate::json::Json;
use crate::offer::Offer;
use crate::quirk::{RestCreateAnswers, RestCreateStatus};
use crate::rest::answer::{Answer, etag};
use crate::rest::operation::Operation;
use crate::rest::request::Request;
use crate::rest::resource::{Resource, kind_name};
use crate::service::Service;
use crate::store::another::{Which, stem_of};

/// Returns the answer that the request would have if it were about another offer: the one that is asked for, if possible
/// of the same type. None, if there is no other offer.
pub(crate) fn another(
    service: &Service,
    request: &Request,
    written: &[OfferId],
    which: &Which,
) -> Option<Answer> {
    let target = request.target.offer.as_deref();
    let asked = match written.first() {
        Some(id) => Some(id.stem().to_owned()),
        None => target.and_then(stem_of),
    };
    let kind = kind(service, request, asked.as_deref());
    let likeness = |offer: &Offer| kind.as_deref() == Some(kind_name(offer.kind()));
    let other = service.store.another(which, asked.as_deref(), likeness)?;
    let rows = service.store.rows(other.id().stem());
    let other = Resource::of(rows, &service.account.country)?;
    let quirks = &service.quirks;
    let is_create = request.target.operation == Operation::Create;
    let body = match quirks.rest_create_answers {
        RestCreateAnswers::Id if is_create => only_id(other.show(quirks)),
        RestCreateAnswers::Offer | RestCreateAnswers::Id => other.show(quirks),
    };
    let status = match quirks.rest_create_status {
        RestCreateStatus::Created if is_create => 201,
        RestCreateStatus::Created | RestCreateStatus::Ok => 200,
    };
    Some(Answer {
        status,
        headers: etag(service, &request.condition, other.version()),
        body: Some(body),
    })
}

/// Returns the type of the offer that the request is about, as REST names it.
fn kind(service: &Service, request: &Request, stem: Option<&str>) -> Option<String> {
    let stored = stem.and_then(|stem| service.store.rows(stem).first().copied());
    if let Some(offer) = stored {
        return Some(kind_name(offer.kind()).to_owned());
    }
    let body: Value = serde_json::from_slice(&request.body).ok()?;
    Some(body.get("type")?.as_str()?.to_owned())
}

/// Leaves nothing of an offer but the id.
pub(crate) fn only_id(mut offer: Json) -> Json {
    if let Json::Object(members) = &mut offer {
        members.retain(|(name, _)| name == "id");
    }
    offer
}
