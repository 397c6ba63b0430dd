//! Carries out one request: [`execute`].

use std::time::Instant;

use crate::fault::action::WriteFault;
use crate::field::Field;
use crate::id::OfferId;
use crate::json::Json;
use crate::offer::Offer;
use crate::quirk::RestLongId;
use crate::rest::condition::Condition;
use crate::rest::failure::Failure;
use crate::rest::operation::Operation;
use crate::rest::request::Request;
use crate::rest::resource::{Resource, tag_field};
use crate::rest::{list, localization, write};
use crate::service::{Service, Tampering};

/// An answer that is no error.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    /// None with 204 and 304.
    pub(crate) body: Option<Json>,
}

/// What came of a request.
#[derive(Debug)]
pub(crate) struct Execution {
    pub(crate) result: Result<Answer, Failure>,
    /// The rows that it created or changed.
    pub(crate) written: Vec<OfferId>,
    /// Parameters of its query that nobody listens to, as paths.
    pub(crate) unknown: Vec<String>,
}

/// What a write made.
#[derive(Debug)]
pub(crate) struct Written {
    pub(crate) answer: Answer,
    pub(crate) ids: Vec<OfferId>,
}

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

/// Carries out a request.
pub(crate) fn execute(
    service: &mut Service,
    request: &Request,
    tampering: Tampering<'_>,
) -> Execution {
    let mut unknown = Vec::new();
    let (result, written) = match dispatch(service, request, tampering, &mut unknown) {
        Ok(Written { answer, ids }) => (Ok(answer), ids),
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
    request: &Request,
    tampering: Tampering<'_>,
    unknown: &mut Vec<String>,
) -> Result<Written, Failure> {
    let is_accepted = request
        .token
        .as_deref()
        .is_some_and(|token| service.account.accepts(token));
    if !is_accepted {
        return Err(Failure::Unauthorized);
    }
    let Tampering { lists, writes } = tampering;
    let read = |answer| Written {
        answer,
        ids: Vec::new(),
    };
    match request.target.operation {
        Operation::List => list::list(service, request, lists, unknown).map(read),
        Operation::Get => get(service, request).map(read),
        Operation::Create => write::create(service, request, writes),
        Operation::Patch => write::patch(service, request, writes),
        Operation::Activate => write::activate(service, request, writes),
        Operation::Deactivate => write::deactivate(service, request, writes),
        Operation::CreateLocalization => localization::create(service, request, writes),
        Operation::PatchLocalization => localization::patch(service, request, writes),
        Operation::ActivateLocalization => localization::activate(service, request, writes),
        Operation::DeactivateLocalization => localization::deactivate(service, request, writes),
    }
}

/// Returns one offer, or 304 if the client has this version.
fn get(service: &Service, request: &Request) -> Result<Answer, Failure> {
    let stem = stem(service, request)?;
    let rows = service.store.rows_seen(&stem, Instant::now());
    let offer = Resource::of(rows, &service.account.country)
        .ok_or_else(|| Failure::NotFound("Offer".to_owned()))?;
    let version = offer.version();
    let headers = etag(service, &request.condition, version);
    if request.condition.expects_other(version) {
        return Err(Failure::Stale);
    }
    if request.condition.is_known(version) {
        return Ok(Answer {
            status: 304,
            headers,
            body: None,
        });
    }
    Ok(Answer {
        status: 200,
        headers,
        body: Some(offer.show(&service.quirks)),
    })
}

/// Returns the stem of the id in the path.
fn stem(service: &Service, request: &Request) -> Result<String, Failure> {
    let id = request.target.offer.as_deref().unwrap_or_default();
    let with_country = match service.quirks.rest_long_id {
        RestLongId::Accepted if id.contains('_') => id.to_owned(),
        RestLongId::Accepted | RestLongId::Refused => format!("{id}_AA"),
    };
    with_country
        .parse()
        .map(|id: OfferId| id.stem().to_owned())
        .map_err(|_| Failure::BadId)
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
) -> Result<Written, Failure> {
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
        let ids = Vec::new();
        return Ok(Written { answer, ids });
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
    Ok(Written { answer, ids })
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

pub(crate) fn etag(
    service: &Service,
    condition: &Condition,
    version: u32,
) -> Vec<(&'static str, String)> {
    let etag = condition.etag(version, &service.quirks);
    etag.map(|etag| ("etag", etag)).into_iter().collect()
}
