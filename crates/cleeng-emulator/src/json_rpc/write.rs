//! Creates, updates and deactivates one offer: [`create`], [`update`], [`deactivate`].

use serde_json::{Map, Value};

use crate::code::Currency;
use crate::fault::action::WriteFault;
use crate::field::{Field, FieldValue, Fields};
use crate::json::Json;
use crate::json_rpc::answer::answer;
use crate::json_rpc::change::{self, Change};
use crate::json_rpc::failure::Failure;
use crate::json_rpc::method::Method;
use crate::json_rpc::parameter::{Identified, identify, object};
use crate::json_rpc::render::Place;
use crate::json_rpc::rule::{Page, rules};
use crate::json_rpc::zeros::without_zeros;
use crate::kind::Kind;
use crate::offer::Offer;
use crate::service::{Service, Written};

/// Faults to carry out, and where to note members that nobody knows.
pub(crate) type Aside<'a, 'b> = (&'a [WriteFault], &'b mut Vec<String>);

/// Creates a plain offer, which inherits country and currency of the account (docs/cleeng-api.md §2.0).
pub(crate) fn create(
    service: &mut Service,
    method: Method,
    params: &Map<String, Value>,
    (faults, unknown): Aside<'_, '_>,
) -> Result<Written<Json>, Failure> {
    let kind = method.kind;
    let mut change = read((kind, Page::Plain), params, unknown)?;
    change.require(rules(kind, Page::Plain), "offerData")?;
    check_associations(service, &change)?;
    let currency = take_currency(&mut change).unwrap_or(service.account.currency.clone());
    let fields = applied(&change, Fields::new(), kind, faults)?;

    let is_rented =
        matches!(fields.get(&Field::RentalPeriod), Some(FieldValue::Integer(hours)) if *hours > 0);
    let stem = service.new_stem(kind.letter(is_rented));
    let mut offer = service.new_row((&stem, &service.account.country), kind, currency);
    offer.set_fields(fields);
    Ok(finish(service, offer, Place::Alone, faults))
}

/// Updates a plain offer, active or not; what the request leaves out stays (docs/cleeng-api.md §7).
pub(crate) fn update(
    service: &mut Service,
    method: Method,
    params: &Map<String, Value>,
    (faults, unknown): Aside<'_, '_>,
) -> Result<Written<Json>, Failure> {
    let mut offer = find_plain(service, method, params)?;
    let page = (method.kind, Page::Plain);
    let mut change = read_update(service, page, params, unknown)?;
    check_associations(service, &change)?;
    if let Some(currency) = take_currency(&mut change) {
        offer.set_currency(currency);
    }
    let fields = applied(&change, offer.fields().clone(), method.kind, faults)?;
    offer.set_fields(fields);
    offer.set_updated_at(service.clock.now());
    Ok(finish(service, offer, Place::Alone, faults))
}

/// Deactivates a plain offer; doing it again changes nothing.
pub(crate) fn deactivate(
    service: &mut Service,
    method: Method,
    params: &Map<String, Value>,
    faults: &[WriteFault],
) -> Result<Written<Json>, Failure> {
    let mut offer = find_plain(service, method, params)?;
    if offer.is_active() {
        offer.set_active(false);
        offer.set_updated_at(service.clock.now());
    }
    Ok(finish(service, offer, Place::Deactivated, faults))
}

/// Reads `offerData`, which that page describes for that type.
pub(crate) fn read(
    page: (Kind, Page),
    params: &Map<String, Value>,
    unknown: &mut Vec<String>,
) -> Result<Change, Failure> {
    let none = Map::new();
    Change::read(page, offer_data(params, &none)?, "offerData", unknown)
}

/// Reads the `offerData` of an update.
pub(crate) fn read_update(
    service: &Service,
    page: (Kind, Page),
    params: &Map<String, Value>,
    unknown: &mut Vec<String>,
) -> Result<Change, Failure> {
    let none = Map::new();
    let data = without_zeros(service.quirks.update_zeros, offer_data(params, &none)?);
    Change::read(page, &data, "offerData", unknown)
}

fn offer_data<'a>(
    params: &'a Map<String, Value>,
    none: &'a Map<String, Value>,
) -> Result<&'a Map<String, Value>, Failure> {
    object(params.get("offerData"), none)
        .ok_or_else(|| Failure::bad_params("offerData is not an object"))
}

/// Returns the offer that a write is about, unless it has localizations: those are refused (docs/cleeng-api.md §2.0).
fn find_plain(
    service: &Service,
    method: Method,
    params: &Map<String, Value>,
) -> Result<Offer, Failure> {
    let (name, offer) = match identify(method, params)? {
        Identified::ById(id) => {
            let offer = service.store.get(&id);
            (id, offer)
        }
        Identified::ByVideo(video_id) => {
            let now = std::time::Instant::now();
            let offer = service.store.seen_by_video(method.kind, &video_id, now);
            (video_id, offer)
        }
    };
    let offer = offer
        .filter(|offer| offer.kind() == method.kind)
        .ok_or_else(|| Failure::no_offer(&name))?;
    if !service.store.localized_rows(offer.id().stem()).is_empty() {
        return Err(Failure::bad_offer(
            "This API is no longer supported for offers with localized versions",
        ));
    }
    Ok(offer.clone())
}

/// Refuses a VOD that names events which do not exist (docs/cleeng-api.md §7).
fn check_associations(service: &Service, change: &Change) -> Result<(), Failure> {
    let Some(FieldValue::List(ids)) = change.value(Field::EventAssociation) else {
        return Ok(());
    };
    let is_event = |id: &str| {
        let offer = service.store.get(id);
        offer.is_some_and(|offer| offer.kind() == Kind::Event)
    };
    let stranger = ids.iter().find(|id| !is_event(id));
    match stranger {
        Some(id) => Err(Failure::bad_offer(format!(
            "offerData.eventAssociation: event {id} does not exist"
        ))),
        None => Ok(()),
    }
}

fn take_currency(change: &mut Change) -> Option<Currency> {
    change.take(Field::Currency)?.as_text()?.parse().ok()
}

/// Returns the fields with the change on them, checked, and then with what faults do to the change.
pub(crate) fn applied(
    change: &Change,
    before: Fields,
    kind: Kind,
    faults: &[WriteFault],
) -> Result<Fields, Failure> {
    let mut honest = before.clone();
    change.apply(&mut honest);
    change::check(kind, &before, &honest)?;
    let mut tampered = change.clone();
    let mut is_honest = true;
    for fault in faults {
        match fault {
            WriteFault::Ignore(field) => tampered.forget(*field),
            WriteFault::Store { field, value } => tampered.force(*field, value.clone()),
            WriteFault::Late { .. } | WriteFault::Answer { .. } => continue,
        }
        is_honest = false;
    }
    if is_honest {
        return Ok(honest);
    }
    let mut fields = before;
    tampered.apply(&mut fields);
    Ok(fields)
}

fn finish(
    service: &mut Service,
    offer: Offer,
    place: Place,
    faults: &[WriteFault],
) -> Written<Json> {
    let ids = vec![offer.id().clone()];
    let written = Written::rows(answer(service, &offer, place), ids);
    service.put(vec![offer], faults);
    written
}
