//! The `Link` of a page to the next one: [`link`].

use crate::fault::list::{self, Link, ListFault};
use crate::quirk::{RestLink, RestPaging};
use crate::rest::page::Page;
use crate::rest::request::Request;
use crate::service::Service;

/// The parameter that tells pages apart where the service knows none that does.
const CURSOR: &str = "cursor";

/// Returns the `Link` of a page, if it has one; `is_last` tells whether the list ends with it.
pub(crate) fn link(
    service: &Service,
    request: &Request,
    (page, is_last): (&Page, bool),
    faults: &[ListFault],
) -> Option<String> {
    let address = match list::link(faults) {
        None => {
            let has_links = service.quirks.rest_link == RestLink::Next;
            (has_links && !is_last).then(|| next(service, request, page))?
        }
        Some(Link::Itself) => address(request, None),
        Some(Link::First) if is_last => first(service, request),
        Some(Link::First) => next(service, request, page),
        Some(Link::Endless) => beyond(service, request, page),
        Some(Link::To(url)) if has_path(url) => url.clone(),
        Some(Link::To(host)) => format!("{host}{}", next(service, request, page)),
    };
    Some(format!("<{address}>; rel=\"next\""))
}

/// Whether the URL names more than a host.
fn has_path(url: &str) -> bool {
    url.split_once("://")
        .is_some_and(|(_, rest)| rest.contains('/'))
}

/// Returns the relative address of the next page.
fn next(service: &Service, request: &Request, page: &Page) -> String {
    let place = match service.quirks.rest_paging {
        RestPaging::Offset => ("offset", page.offset.saturating_add(page.limit)),
        RestPaging::Whole | RestPaging::First | RestPaging::Page => {
            ("page", page.offset / page.limit.max(1) + 2)
        }
    };
    address(request, Some(place))
}

/// Returns the relative address of the first page.
fn first(service: &Service, request: &Request) -> String {
    let place = match service.quirks.rest_paging {
        RestPaging::Offset => Some(("offset", 0)),
        RestPaging::Page => Some(("page", 1)),
        RestPaging::Whole | RestPaging::First => None,
    };
    address(request, place)
}

/// Returns the relative address of a page that was not there yet.
fn beyond(service: &Service, request: &Request, page: &Page) -> String {
    match service.quirks.rest_paging {
        RestPaging::Offset | RestPaging::Page => next(service, request, page),
        RestPaging::Whole | RestPaging::First => address(
            request,
            Some((CURSOR, asked_cursor(request).saturating_add(1))),
        ),
    }
}

/// Returns the number of the page behind the end of the list, counted from 1, that is asked for by a link that the
/// service made up.
pub(crate) fn cursor(service: &Service, request: &Request, faults: &[ListFault]) -> Option<usize> {
    let is_made_up = match service.quirks.rest_paging {
        RestPaging::Offset | RestPaging::Page => false,
        RestPaging::Whole | RestPaging::First => list::link(faults) == Some(&Link::Endless),
    };
    let asked = asked_cursor(request);
    (is_made_up && asked > 0).then_some(asked)
}

fn asked_cursor(request: &Request) -> usize {
    let asked = request.parameter(CURSOR).and_then(|text| text.parse().ok());
    asked.unwrap_or(0)
}

/// Returns the relative address of a page, with the other parameters as they were sent.
fn address(request: &Request, place: Option<(&str, usize)>) -> String {
    let kept = request
        .query
        .iter()
        .filter(|(known, _)| place.is_none_or(|(name, _)| known != name))
        .map(|(name, value)| format!("{}={}", encoded(name), encoded(value)));
    let placed = place.map(|(name, value)| format!("{name}={value}"));
    let query: Vec<_> = kept.chain(placed).collect();
    if query.is_empty() {
        "/3.1/offers".to_owned()
    } else {
        format!("/3.1/offers?{}", query.join("&"))
    }
}

fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| {
            if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect()
}
