//! The localizations of an offer: [`create`], [`patch`], [`activate`], [`deactivate`] (docs/cleeng-api.md §5.2 to §5.5).
//!
//! A new one needs a title, a country, and a price with its currency. What else it does not say it takes from the offer,
//! as over JSON-RPC (docs/cleeng-api.md §4); later each has its own. It is as active as its offer is. Its title may have 255
//! characters, as two pages say, though that of a new offer may have 70 only.

use crate::code::Country;
use crate::fault::action::WriteFault;
use crate::field::Field;
use crate::kind::Kind;
use crate::offer::Offer;
use crate::rest::answer::Answer;
use crate::rest::body::{Members, invalid, items, text};
use crate::rest::change::Change;
use crate::rest::content::{LONG, read_description, read_geo, read_price, read_trial};
use crate::rest::failure::Failure;
use crate::rest::price::{self, NewPrice, Owner};
use crate::rest::request::Request;
use crate::rest::rows::{Terms, find, finish};
use crate::service::{Service, Written};

/// A localization to be made.
pub(crate) struct New {
    country: Country,
    price: NewPrice,
    change: Change,
}

/// Reads the `localizations` of a create.
pub(crate) fn read_all(
    service: &Service,
    members: &mut Members<'_>,
    kind: Kind,
) -> Result<Vec<New>, Failure> {
    let Some((list, at)) = members.take("localizations") else {
        return Ok(Vec::new());
    };
    let mut all = Vec::new();
    for (index, item) in items(list, &at)?.iter().enumerate() {
        let mut members = Members::of(item, &format!("{at}[{index}]"))?;
        all.push(read_new(service, &mut members, kind)?);
        members.finish()?;
    }
    Ok(all)
}

fn read_new(service: &Service, members: &mut Members<'_>, kind: Kind) -> Result<New, Failure> {
    let (code, at) = members.require("countryCode")?;
    let country = code
        .as_str()
        .and_then(|code| code.parse().ok())
        .ok_or_else(|| invalid(&at, "must be a code of two upper-case letters"))?;
    let (value, at) = members.require("price")?;
    let account = &service.account.currency;
    let price = price::read_new((value, &at), Owner::Localization, account, &service.quirks)?;
    members.require("title")?;
    let mut change = Change::default();
    read_own(members, (kind, None), &mut change)?;
    Ok(New {
        country,
        price,
        change,
    })
}

/// Reads what creates and patches of localizations have in common, beside the price.
fn read_own(
    members: &mut Members<'_>,
    (kind, before): (Kind, Option<&Offer>),
    change: &mut Change,
) -> Result<(), Failure> {
    if let Some((value, at)) = members.take("title") {
        change.set(Field::Title, text(value, &at, 1, LONG)?);
    }
    read_description(members, change)?;
    read_geo(members, before, change)?;
    read_trial(members, (kind, before), change)
}

/// Adds a localization to the rows of an offer, of which the first is the base.
pub(crate) fn add(service: &Service, rows: &mut Vec<Offer>, new: &New) -> Result<(), Failure> {
    let code = new.country.as_str();
    // The base stands for its country already; its id would be that of the localization.
    if rows.iter().any(|row| row.id().country() == code) {
        return Err(Failure::Refused(format!(
            "Localization for country '{code}' already exists"
        )));
    }
    let base = &rows[0];
    let mut fields = base.fields().clone();
    for field in [Field::Price, Field::PriceRules, Field::TaxIncluded] {
        fields.remove(&field);
    }
    let currency = new.price.currency.clone();
    let currency = currency.unwrap_or_else(|| base.currency().clone());
    let mut row = service
        .new_row((base.id().stem(), &new.country), base.kind(), currency)
        .localized();
    row.set_active(base.is_active());
    row.set_fields(fields);
    new.price.set_on(&mut row);
    new.change.apply(&mut row);
    rows.push(row);
    Ok(())
}

/// Adds a localization; the answer is the whole offer, with 200 (docs/cleeng-api.md §5.1).
pub(crate) fn create(
    service: &mut Service,
    request: &Request,
    faults: &[WriteFault],
) -> Result<Written<Answer>, Failure> {
    let before = find(service, request)?;
    let body = request.object()?;
    let mut members = Members::of_body(&body);
    let new = read_new(service, &mut members, before[0].kind())?;
    members.finish()?;
    let mut after = before.clone();
    // An offer made by JSON-RPC has no base yet: the row that stood for it is it from now on.
    after[0].set_localized(false);
    add(service, &mut after, &new)?;
    finish(service, Terms::of_change(request), (&before, after), faults)
}

/// Changes a localization. Country and currency cannot be changed.
pub(crate) fn patch(
    service: &mut Service,
    request: &Request,
    faults: &[WriteFault],
) -> Result<Written<Answer>, Failure> {
    let before = find(service, request)?;
    let place = place(&before, request)?;
    let body = request.object()?;
    let mut members = Members::of_body(&body).some()?;
    for name in ["id", "active", "countryCode"] {
        if let Some((_, at)) = members.take(name) {
            return Err(invalid(&at, "cannot be changed"));
        }
    }
    let mut change = Change::default();
    let row = &before[place];
    read_own(&mut members, (row.kind(), Some(row)), &mut change)?;
    if let Some((value, at)) = members.take("price") {
        read_price(value, &at, row, &mut change)?;
    }
    members.finish()?;
    let mut after = before.clone();
    change.apply(&mut after[place]);
    finish(service, Terms::of_change(request), (&before, after), faults)
}

/// Activates a localization, unless its offer is inactive (docs/cleeng-api.md §5.2).
pub(crate) fn activate(
    service: &mut Service,
    request: &Request,
    faults: &[WriteFault],
) -> Result<Written<Answer>, Failure> {
    let before = find(service, request)?;
    let place = place(&before, request)?;
    if !before[0].is_active() {
        return Err(Failure::Refused(
            "Cannot activate localization of an inactive offer".to_owned(),
        ));
    }
    let mut after = before.clone();
    after[place].set_active(true);
    finish(service, Terms::of_change(request), (&before, after), faults)
}

/// Deactivates a localization.
pub(crate) fn deactivate(
    service: &mut Service,
    request: &Request,
    faults: &[WriteFault],
) -> Result<Written<Answer>, Failure> {
    let before = find(service, request)?;
    let place = place(&before, request)?;
    let mut after = before.clone();
    after[place].set_active(false);
    finish(service, Terms::of_change(request), (&before, after), faults)
}

/// Returns which row the country in the path leads to. The base is no localization.
fn place(rows: &[Offer], request: &Request) -> Result<usize, Failure> {
    let country = request.target.country.as_deref().unwrap_or_default();
    rows.iter()
        .skip(1)
        .position(|row| row.id().country() == country)
        .map(|index| index + 1)
        .ok_or_else(|| Failure::NotFound("Localization".to_owned()))
}
