//! What a call is answered with instead of its result: [`another`], [`only_id`].

use serde_json::{Map, Value};

use crate::id::OfferId;
use crate::json::Json;
use crate::json_rpc::answer::{answer, answer_rows};
use crate::json_rpc::envelope::Call;
use crate::json_rpc::method::{Method, Operation};
use crate::json_rpc::render::Place;
use crate::offer::Offer;
use crate::service::Service;
use crate::store::another::{Which, stem_of};

/// Returns the result that the call would have if it were about another offer: the one that is asked for, if possible of
/// the same type, and localized where the method is for such offers. None, if there is no other offer.
pub(crate) fn another(
    service: &Service,
    call: &Call,
    written: &[OfferId],
    which: &Which,
) -> Option<Json> {
    let method = Method::from_name(&call.method)?;
    let asked = match written.first() {
        Some(id) => Some(id.stem().to_owned()),
        None => target(method, call.params.as_object()),
    };
    let is_localized = matches!(
        method.operation,
        Operation::CreateMultiCurrency | Operation::UpdateMultiCurrency
    );
    let likeness = |offer: &Offer| {
        (
            offer.kind() == method.kind,
            offer.is_localized() == is_localized,
        )
    };
    let other = service.store.another(which, asked.as_deref(), likeness)?;
    if is_localized {
        let stem = other.id().stem();
        let rows = service.store.rows(stem);
        return Some(answer_rows(service, stem, rows));
    }
    let place = match method.operation {
        Operation::Deactivate => Place::Deactivated,
        Operation::Get
        | Operation::List
        | Operation::Create
        | Operation::Update
        | Operation::CreateMultiCurrency
        | Operation::UpdateMultiCurrency => Place::Alone,
    };
    Some(answer(service, other, place))
}

/// Returns the stem of the offer that a call names.
fn target(method: Method, params: Option<&Map<String, Value>>) -> Option<String> {
    let params = params?;
    let names = method
        .id_parameters()
        .iter()
        .chain(&["multiCurrencyOfferId"]);
    let id = names.copied().find_map(|name| params.get(name)?.as_str())?;
    stem_of(id)
}

/// Leaves nothing of a result but the id.
pub(crate) fn only_id(result: Json) -> Json {
    let Json::Object(members) = result else {
        return result;
    };
    let kept = members.into_iter().filter_map(|(name, value)| {
        let is_id = name == "id" || name == "multiCurrencyOfferId";
        match name.as_ref() {
            "vod" => Some((name, only_id(value))),
            _ => is_id.then_some((name, value)),
        }
    });
    Json::Object(kept.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn id_is_found_in_every_form_of_a_result() {
        let id = || ("id", Json::text("A1"));
        let offer = || Json::object([("title", Json::text("t")), id()]);
        assert_eq!(only_id(offer()), Json::object([id()]));
        let vod = Json::object([("vod", offer())]);
        assert_eq!(only_id(vod), Json::object([("vod", Json::object([id()]))]));
        let stem = || ("multiCurrencyOfferId", Json::text("S1"));
        let rows = ("offers", Json::List(vec![offer()]));
        assert_eq!(
            only_id(Json::object([stem(), rows])),
            Json::object([stem()])
        );
    }
}
