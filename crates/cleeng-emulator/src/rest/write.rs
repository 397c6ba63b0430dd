//! Creates, changes, activates and deactivates offers: [`create`], [`patch`], [`activate`], [`deactivate`]
//! (docs/cleeng-api.md §5.4 and §5.5).

use serde_json::{Map, Value};

use crate::fault::action::WriteFault;
use crate::field::Field;
use crate::json::Json;
use crate::kind::Kind;
use crate::offer::Offer;
use crate::quirk::{RestCreateAnswers, RestCreateStatus, RestDeactivation, RestExpirationPolicy};
use crate::rest::answer::Answer;
use crate::rest::body::{Members, integer, invalid, misplaced, nullable, text, word};
use crate::rest::change::Change;
use crate::rest::condition::Condition;
use crate::rest::content::{LONG, read_price, read_shared};
use crate::rest::event::{self, Extent};
use crate::rest::failure::Failure;
use crate::rest::localization;
use crate::rest::price::{self, NewPrice, Owner};
use crate::rest::request::Request;
use crate::rest::rows::{Terms, find, finish};
use crate::rest::season;
use crate::rest::term::{
    Entitlement, billing_cycle, entitlement, read_billing_cycle, read_entitlement,
    read_entitlement_patch,
};
use crate::service::{Service, Written};
use crate::span::SpanUnit;

/// Most characters of a title in a create (docs/cleeng-api.md §5.4); a patch takes more.
const NEW_TITLE: usize = 70;

/// The types, and what they are in the store. What is made as `vod` is a VOD there, and neither a single nor a rental.
const TYPES: [(&str, Kind); 4] = [
    ("subscription", Kind::Subscription),
    ("pass", Kind::Pass),
    ("live", Kind::Event),
    ("vod", Kind::Vod),
];

/// Members of the resource that a patch cannot change (docs/cleeng-api.md §5.5).
const FIXED: [&str; 13] = [
    "id",
    "longId",
    "type",
    "active",
    "billingCycle",
    "sessionsLimit",
    "pause",
    "hasLandingPage",
    "localizations",
    "createdAt",
    "updatedAt",
    "version",
    "country",
];

/// What the body of a create says about the offer itself.
struct New {
    kind: Kind,
    price: NewPrice,
    change: Change,
}

/// Creates an offer, with its localizations if there are any in the body.
///
/// The id begins like that of a VOD over JSON-RPC: R with a duration, A without. Which letter the service gives a `vod`
/// is not documented. `giftable`, `pause` and price rules are taken, since the resource has them; the page that would
/// list them is not known to its end.
pub(crate) fn create(
    service: &mut Service,
    request: &Request,
    faults: &[WriteFault],
) -> Result<Written<Answer>, Failure> {
    let body = request.object()?;
    let mut members = Members::of_body(&body);
    let new = read_new(service, &mut members)?;
    let localizations = localization::read_all(service, &mut members, new.kind)?;
    members.finish()?;
    season::check_group(service, &new.change)?;

    let is_rented = matches!(new.change.entitlement, Some(Entitlement::Duration(_)));
    let stem = service.new_stem(new.kind.letter(is_rented));
    let account = &service.account;
    let currency = new.price.currency.clone();
    let currency = currency.unwrap_or_else(|| account.currency.clone());
    let mut base = service.new_row((&stem, &account.country), new.kind, currency);
    new.price.set_on(&mut base);
    new.change.apply(&mut base);
    event::check(&base)?;
    let mut rows = vec![base];
    for localization in localizations {
        localization::add(service, &mut rows, &localization)?;
    }
    let status = match service.quirks.rest_create_status {
        RestCreateStatus::Created => 201,
        RestCreateStatus::Ok => 200,
    };
    // Creates are not among the requests that can be conditional (docs/cleeng-api.md §5.1).
    let condition = &Condition::default();
    let mut written = finish(service, Terms { status, condition }, (&[], rows), faults)?;
    match service.quirks.rest_create_answers {
        RestCreateAnswers::Offer => {}
        RestCreateAnswers::Id => {
            written.answer.body = Some(Json::object([("id", Json::text(stem))]));
        }
    }
    Ok(written)
}

fn read_new<'a>(service: &Service, members: &mut Members<'a>) -> Result<New, Failure> {
    let (value, at) = members.require("type")?;
    let kind = word(value, &at, &TYPES)?;
    let mut change = Change::default();
    let (value, at) = members.require("title")?;
    change.set(Field::Title, text(value, &at, 1, NEW_TITLE)?);
    let (value, at) = members.require("price")?;
    let account = &service.account.currency;
    let price = price::read_new((value, &at), Owner::Offer, account, &service.quirks)?;
    let may = |member: Option<(&Value, String)>, types: &str| match member {
        Some((_, at)) => Err(misplaced(&at, types)),
        None => Ok(()),
    };
    let must = |member: Option<(&'a Value, String)>, name: &str| {
        member.ok_or_else(|| Failure::Refused(format!("{name} is required for this type")))
    };
    match kind {
        Kind::Subscription => {
            let (value, at) = must(members.take("billingCycle"), "billingCycle")?;
            change.billing_cycle = Some(read_billing_cycle(value, &at)?);
        }
        Kind::Single | Kind::Rental | Kind::Pass | Kind::Event | Kind::Vod => {
            may(members.take("billingCycle"), "subscriptions")?;
        }
    }
    match kind {
        Kind::Pass | Kind::Vod => {
            let (value, at) = must(members.take("entitlement"), "entitlement")?;
            change.entitlement = Some(read_entitlement(value, &at)?);
        }
        Kind::Single | Kind::Rental | Kind::Subscription | Kind::Event => {
            may(members.take("entitlement"), "passes and vods")?;
        }
    }
    match kind {
        Kind::Event => {
            let (value, at) = must(members.take("event"), "event")?;
            event::read((value, &at), Extent::All, &mut change)?;
        }
        Kind::Single | Kind::Rental | Kind::Subscription | Kind::Pass | Kind::Vod => {
            may(members.take("event"), "live events")?;
        }
    }
    read_shared(members, (kind, None), &mut change)?;
    let is_seasonal = change
        .billing_cycle
        .is_some_and(|cycle| cycle.unit == SpanUnit::Season);
    if is_seasonal {
        must(members.take("seasonGroupId"), "seasonGroupId")?;
    } else {
        may(members.take("seasonGroupId"), "seasonal subscriptions")?;
    }
    if let Some((value, at)) = members.take("sessionsLimit") {
        let limit = nullable(value).map(|value| integer(value, &at, 1));
        change.set_or_clear(Field::SessionsLimit, limit.transpose()?);
    }
    if let Some((value, at)) = members.take("pause") {
        if kind != Kind::Subscription {
            return Err(misplaced(&at, "subscriptions"));
        }
        change.set_or_clear(Field::Pause, read_pause(value, &at)?);
    }
    Ok(New {
        kind,
        price,
        change,
    })
}

fn read_pause(value: &Value, path: &str) -> Result<Option<i64>, Failure> {
    let Some(value) = nullable(value) else {
        return Ok(None);
    };
    let mut members = Members::of(value, path)?;
    let (cycles, at) = members.require("maxBillingCycles")?;
    let cycles = integer(cycles, &at, 1)?;
    members.finish()?;
    Ok(Some(cycles))
}

/// Changes an offer; what the request leaves out stays.
///
/// What localizations have no value of their own for follows in them, so that JSON-RPC shows it there, too.
pub(crate) fn patch(
    service: &mut Service,
    request: &Request,
    faults: &[WriteFault],
) -> Result<Written<Answer>, Failure> {
    let before = find(service, request)?;
    let body = request.object()?;
    let change = read_patch(service, &body, &before[0])?;
    season::check_group(service, &change)?;
    let shared = change.shared(&before[0]);
    let mut after = before.clone();
    for (index, row) in after.iter_mut().enumerate() {
        let change = if index == 0 { &change } else { &shared };
        change.apply(row);
    }
    event::check(&after[0])?;
    finish(service, Terms::of_change(request), (&before, after), faults)
}

fn read_patch(
    service: &Service,
    body: &Map<String, Value>,
    base: &Offer,
) -> Result<Change, Failure> {
    let kind = base.kind();
    let mut members = Members::of_body(body).some()?;
    for name in FIXED {
        if let Some((_, at)) = members.take(name) {
            return Err(invalid(&at, "cannot be changed"));
        }
    }
    let mut change = Change::default();
    read_shared(&mut members, (kind, Some(base)), &mut change)?;
    if let Some((value, at)) = members.take("title") {
        change.set(Field::Title, text(value, &at, 1, LONG)?);
    }
    if let Some((value, at)) = members.take("price") {
        read_price(value, &at, base, &mut change)?;
    }
    if let Some((value, at)) = members.take("entitlement") {
        let is_for = matches!(kind, Kind::Pass | Kind::Single | Kind::Rental | Kind::Vod);
        if !is_for {
            return Err(misplaced(&at, "passes and vods"));
        }
        let current = entitlement(kind, base.fields());
        let wanted = read_entitlement_patch(value, &at, current)?;
        let is_other_policy = match (current, wanted) {
            (Some(Entitlement::Duration(_)), Entitlement::FixedDate(_))
            | (Some(Entitlement::FixedDate(_)), Entitlement::Duration(_)) => true,
            (Some(Entitlement::Duration(_)), Entitlement::Duration(_))
            | (Some(Entitlement::FixedDate(_)), Entitlement::FixedDate(_))
            | (None, _) => false,
        };
        if is_other_policy && service.quirks.rest_expiration_policy == RestExpirationPolicy::Fixed {
            return Err(Failure::Refused(format!(
                "{at}.expirationPolicy cannot be changed"
            )));
        }
        change.entitlement = Some(wanted);
    }
    if let Some((value, at)) = members.take("event") {
        if kind != Kind::Event {
            return Err(misplaced(&at, "live events"));
        }
        event::read((value, &at), Extent::Some, &mut change)?;
    }
    let is_seasonal = kind == Kind::Subscription
        && billing_cycle(base.fields()).is_some_and(|cycle| cycle.unit == SpanUnit::Season);
    if !is_seasonal && let Some((_, at)) = members.take("seasonGroupId") {
        return Err(misplaced(&at, "seasonal subscriptions"));
    }
    members.finish()?;
    Ok(change)
}

/// Activates an offer; its localizations stay as they are.
pub(crate) fn activate(
    service: &mut Service,
    request: &Request,
    faults: &[WriteFault],
) -> Result<Written<Answer>, Failure> {
    let before = find(service, request)?;
    let mut after = before.clone();
    after[0].set_active(true);
    finish(service, Terms::of_change(request), (&before, after), faults)
}

/// Deactivates an offer, and its localizations unless the switch says otherwise.
pub(crate) fn deactivate(
    service: &mut Service,
    request: &Request,
    faults: &[WriteFault],
) -> Result<Written<Answer>, Failure> {
    let before = find(service, request)?;
    let mut after = before.clone();
    for (index, row) in after.iter_mut().enumerate() {
        if index == 0 || service.quirks.rest_deactivation == RestDeactivation::Whole {
            row.set_active(false);
        }
    }
    finish(service, Terms::of_change(request), (&before, after), faults)
}
