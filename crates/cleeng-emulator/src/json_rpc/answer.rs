//! What a call is answered with: [`answer`] and [`answer_rows`].

use crate::json::Json;
use crate::json_rpc::render::{Place, View};
use crate::kind::Kind;
use crate::offer::Offer;
use crate::quirk::VodDeactivate;
use crate::service::Service;

/// Returns the result for one offer, inside `vod` where a VOD's is (docs/cleeng-api.md §2.6).
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

/// Returns the result for the rows under a stem.
pub(crate) fn answer_rows<'a>(
    service: &Service,
    stem: &str,
    rows: impl IntoIterator<Item = &'a Offer>,
) -> Json {
    let view = View {
        account: &service.account,
        quirks: &service.quirks,
        place: Place::Localization,
    };
    let rows = rows.into_iter();
    let shown = rows.map(|row| view.offer(row, row.kind())).collect();
    Json::object([
        ("multiCurrencyOfferId", Json::text(stem)),
        ("offers", Json::List(shown)),
    ])
}
