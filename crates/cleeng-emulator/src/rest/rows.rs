//! The rows of the offer that a request is about, out of the store and back into it: [`find`] and [`finish`].

use crate::fault::action::WriteFault;
use crate::field::Field;
use crate::offer::Offer;
use crate::quirk::RestLongId;
use crate::rest::answer::{Answer, etag};
use crate::rest::condition::Condition;
use crate::rest::failure::Failure;
use crate::rest::request::Request;
use crate::rest::resource::{Resource, tag_field};
use crate::service::{Service, Written};
use crate::store::another::stem_of;

/// The status of a write and the version that it expects.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Terms<'a> {
    /// The status if something changes.
    pub(crate) status: u16,
    pub(crate) condition: &'a Condition,
}

impl<'a> Terms<'a> {
    /// The terms of a request that changes what is there, or adds a localization to it.
    pub(crate) fn of_change(request: &'a Request) -> Self {
        Self {
            status: 200,
            condition: &request.condition,
        }
    }
}

/// Returns the stem of the id in the path.
pub(crate) fn stem(service: &Service, request: &Request) -> Result<String, Failure> {
    let id = request.target.offer.as_deref().unwrap_or_default();
    let takes_long = match service.quirks.rest_long_id {
        RestLongId::Gets => !request.target.operation.is_write(),
        RestLongId::Accepted => true,
        RestLongId::Refused => false,
    };
    let is_taken = takes_long || !id.contains('_');
    stem_of(id).filter(|_| is_taken).ok_or(Failure::BAD_ID)
}

/// Returns the rows of the offer that a write is about, as they truly are: the base, and then the others by country.
pub(crate) fn find(service: &Service, request: &Request) -> Result<Vec<Offer>, Failure> {
    let stem = stem(service, request)?;
    let rows = service.store.rows(&stem);
    let Resource {
        base,
        localizations,
    } = Resource::of(rows, &service.account.country)
        .ok_or_else(|| Failure::NotFound("Offer".to_owned()))?;
    Ok([base].into_iter().chain(localizations).cloned().collect())
}

/// Stores the rows that differ from what they were, unless the request expects another version, and answers with the
/// offer. If none differs, it answers that nothing was done.
pub(crate) fn finish(
    service: &mut Service,
    terms: Terms<'_>,
    (before, after): (&[Offer], Vec<Offer>),
    faults: &[WriteFault],
) -> Result<Written<Answer>, Failure> {
    let version = before.iter().map(Offer::version).max();
    if let Some(version) = version {
        terms.condition.check(version)?;
    }
    let was = |row: &Offer| before.iter().find(|known| known.id() == row.id());
    let stem = after[0].id().stem().to_owned();
    let mut rows = Vec::new();
    for mut row in after {
        let known = was(&row);
        if known == Some(&row) {
            continue;
        }
        if known.is_some() {
            row.set_updated_at(service.clock.now());
        }
        for fault in faults {
            tamper(&mut row, known, fault);
        }
        rows.push(row);
    }
    if rows.is_empty() {
        let headers = etag(service, terms.condition, version.unwrap_or(1));
        let answer = Answer {
            status: 204,
            headers,
            body: None,
        };
        return Ok(Written::nothing(answer));
    }
    let ids = rows.iter().map(|row| row.id().clone()).collect();
    service.put(rows, faults);
    let offer = Resource::of(service.store.rows(&stem), &service.account.country)
        .expect("what was just stored is there");
    let mut body = offer.show(&service.quirks);
    for fault in faults {
        if let WriteFault::Answer { member, value } = fault {
            body.set_member(member, value.into());
        }
    }
    let headers = etag(service, terms.condition, offer.version());
    let answer = Answer {
        status: terms.status,
        headers,
        body: Some(body),
    };
    Ok(Written::rows(answer, ids))
}

/// Stores another value than was asked for, if the fault says so.
fn tamper(row: &mut Offer, before: Option<&Offer>, fault: &WriteFault) {
    let tags = tag_field(row.kind());
    let own = |field| if field == Field::Tags { tags } else { field };
    match fault {
        WriteFault::Ignore(field) => {
            let field = own(*field);
            match before.and_then(|before| before.get(field)) {
                Some(value) => row.set(field, value.clone()),
                None => row.clear(field),
            }
        }
        WriteFault::Store { field, value } => {
            let field = own(*field);
            row.set(field, value.clone());
        }
        WriteFault::Late { .. } | WriteFault::Answer { .. } => {}
    }
}
