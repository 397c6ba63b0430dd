//! Carries out one request: [`execute`].

use std::time::Instant;

use crate::rest::answer::{Answer, etag};
use crate::rest::failure::Failure;
use crate::rest::operation::Operation;
use crate::rest::request::Request;
use crate::rest::resource::Resource;
use crate::rest::rows::stem;
use crate::rest::{list, localization, season, write};
use crate::service::{Service, Tampering, Written};

/// Carries out a request. Parameters of its query that nobody listens to go to `unknown`, as paths.
pub(crate) fn execute(
    service: &mut Service,
    request: &Request,
    tampering: Tampering<'_>,
    unknown: &mut Vec<String>,
) -> Result<Written<Answer>, Failure> {
    let is_accepted = request
        .token
        .as_deref()
        .is_some_and(|token| service.account.accepts(token));
    if !is_accepted {
        return Err(Failure::Unauthorized);
    }
    let Tampering { lists, writes } = tampering;
    match request.target.operation {
        Operation::List => list::list(service, request, lists, unknown).map(Written::nothing),
        Operation::Get => get(service, request).map(Written::nothing),
        Operation::Create => write::create(service, request, writes),
        Operation::Patch => write::patch(service, request, writes),
        Operation::Activate => write::activate(service, request, writes),
        Operation::Deactivate => write::deactivate(service, request, writes),
        Operation::CreateLocalization => localization::create(service, request, writes),
        Operation::PatchLocalization => localization::patch(service, request, writes),
        Operation::ActivateLocalization => localization::activate(service, request, writes),
        Operation::DeactivateLocalization => localization::deactivate(service, request, writes),
        Operation::Seasons(operation) => season::execute(service, request, operation),
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
